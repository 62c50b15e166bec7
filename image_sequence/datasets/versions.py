"""What made a data set: the releases that its bytes depend on."""

import platform
import zlib
from importlib.metadata import PackageNotFoundError, version

from image_sequence.datasets.formats.kinds import Format

_ALWAYS = ("numpy", "Pillow")
PACKAGE = "image-sequence"


def versions(kept_as: Format) -> dict[str, str]:
    """The releases of this package and of what it makes shards with, by name."""
    libraries = {name: _version(name) for name in (*_ALWAYS, *kept_as.libraries)}
    return {
        PACKAGE: _version(PACKAGE),
        "python": platform.python_version(),
        "zlib": zlib.ZLIB_RUNTIME_VERSION,
        **libraries,
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
