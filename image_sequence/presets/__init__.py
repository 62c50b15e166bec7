"""Configurations that come with the package: a JSON file each, to use, to print and to change."""

from importlib.resources import files

from image_sequence.config import Configuration
from image_sequence.errors import ArgumentValueError, shown

_FILES = files(__name__)

PRESETS = tuple(
    sorted(path.name[: -len(".json")] for path in _FILES.iterdir() if path.name.endswith(".json"))
)
"""The names of all presets."""


def preset_text(name: str) -> str:
    """A preset as the JSON that it is.

    Raises:
        ArgumentValueError: there is none of that name.
    """
    if name not in PRESETS:
        raise ArgumentValueError(
            f"there is no preset {shown(name)}; there are {', '.join(map(repr, PRESETS))}"
        )
    return (_FILES / f"{name}.json").read_text("utf-8")


def preset_configuration(name: str) -> Configuration:
    """A preset as a configuration.

    Raises:
        ArgumentValueError: there is none of that name.

    >>> preset_configuration("classic") == Configuration()
    True
    """
    return Configuration.from_text(preset_text(name), f"preset {name}")
