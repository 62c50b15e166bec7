"""Where data sets lie."""

import os
from pathlib import Path

from image_sequence.errors import LibraryError, SourceNotFoundError
from image_sequence.glyphs.catalogue import DataSet, known

VARIABLE = "IMAGE_SEQUENCE_DATA"


def data_folder() -> Path:
    """The folder that holds a folder for each data set; it need not exist.

    `IMAGE_SEQUENCE_DATA` if that is set, else where the platform keeps what can be got again.

    Raises:
        LibraryError: the variable is not set, and platformdirs is not installed.
    """
    given = os.environ.get(VARIABLE)
    if given:
        return Path(given).expanduser()
    try:
        from platformdirs import user_cache_path
    except ImportError as error:
        raise LibraryError(
            f"platformdirs, which knows where this platform keeps data, is not installed; "
            f'pip install "image-sequence[data]" installs it, and without it {VARIABLE} can be '
            f"set to a folder, or image-sequence download be told one by --to DIR"
        ) from error
    return user_cache_path("image-sequence")


def folder_of(name: str) -> Path:
    """Where a known data set belongs; it need not be there.

    Raises:
        ArgumentValueError: no such data set is known.
        LibraryError: as of `data_folder`.
    """
    data_set = known(name)
    return data_folder() / data_set.folder


def find_folder(name: str) -> Path:
    """The folder that a known data set lies in: in the data folder, or from the system's packages.

    The files that it cannot be read without are there; nobody has looked into them.

    Raises:
        ArgumentValueError: no such data set is known.
        SourceNotFoundError: it is not there; the message says how to get it.
        LibraryError: as of `data_folder`.
    """
    data_set = known(name)
    try:
        own = folder_of(name)
    except LibraryError:
        system = _system_folder(data_set)
        if system is None:
            raise
        return system
    folder = own if data_set.is_readable(own) else _system_folder(data_set)
    if folder is None:
        raise SourceNotFoundError(_advice(data_set, own))
    return folder


def _system_folder(data_set: DataSet) -> Path | None:
    return next(filter(data_set.is_readable, data_set.system_folders), None)


def _advice(data_set: DataSet, folder: Path) -> str:
    names = ", ".join(file.name for file in data_set.lacking(folder) if not file.is_optional)
    return (
        f"the data set {data_set.name} is not there; image-sequence download {data_set.name} gets "
        f"it, or put {names} into {str(folder)!r}"
    )
