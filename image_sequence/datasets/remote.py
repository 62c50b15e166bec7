"""Where a data set lies, if that is no folder of this machine: an object store, through fsspec."""

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from image_sequence.errors import ArgumentValueError, LibraryError, shown
from image_sequence.files import remove

# What errors without a number are passed on as.
_KINDS = (FileNotFoundError, FileExistsError, PermissionError, TimeoutError, ConnectionError)


def checked_name(name: str) -> str:
    """The name, if it cannot lead out of the data set's folder: it may come from a manifest.

    Raises:
        ArgumentValueError: it can, or is empty.

    >>> checked_name("train-000000/metadata.jsonl")
    'train-000000/metadata.jsonl'
    """
    path = PurePosixPath(name)
    if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name:
        raise ArgumentValueError(f"{shown(name)} is no name of a file in a data set")
    return name


@dataclass(frozen=True, slots=True)
class RemoteFolder:
    """A folder that fsspec reaches; see `Storage`.

    Object stores show an object when all of it is there. Others, such as SFTP, may show a half one
    after an interruption; uploading it again replaces it.

    Attributes:
        name: its address: "s3://bucket/name".
    """

    name: str

    @property
    def path(self) -> None:
        """The folder on this machine: there is none."""
        return

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine: it is not."""
        return False

    def check(self) -> None:
        """Check that the address is of a kind that fsspec knows; nothing is asked of the network.

        Raises:
            ArgumentValueError: it is not.
            LibraryError: a library is missing.
        """
        self._opened()

    def exists(self, name: str) -> bool:
        """Whether there is a file or a folder of that name."""
        system, path = self._at(name)
        with self._told(name):
            return _is_there(system, path)

    def size(self, name: str) -> int:
        """The bytes of a file, or of all files in a folder."""
        system, path = self._at(name)
        with self._told(name):
            system.invalidate_cache()
            found = system.find(path, detail=True)
            if not found:
                raise FileNotFoundError("there is no such file or folder")
            return sum(int(about["size"]) for about in found.values())

    def names(self, folder: str = "") -> list[str]:
        """What lies at the top, or in a folder, sorted."""
        system, path = self._at(folder) if folder else self._opened()
        with self._told(folder):
            system.invalidate_cache()
            try:
                found = system.ls(path, detail=False)
            except FileNotFoundError:
                return []
        # Some stores keep an object for the folder itself, and list it.
        own = path.strip("/")
        inside = {entry.strip("/") for entry in found} - {own}
        return sorted(entry.rsplit("/", 1)[-1] for entry in inside)

    def read_bytes(self, name: str) -> bytes:
        """A file's content."""
        system, path = self._at(name)
        with self._told(name):
            return bytes(system.cat_file(path))

    def read_text(self, name: str) -> str:
        """The content of a file in UTF-8."""
        return self.read_bytes(name).decode()

    def write_text(self, name: str, text: str) -> None:
        """Write a file in UTF-8, in one go."""
        system, path = self._at(name)
        with self._told(name):
            _with_folder(system, path, lambda: system.pipe_file(path, text.encode()))

    def put(self, local: Path, name: str) -> None:
        """Upload a finished file or folder, replacing what is there, and take it away here."""
        system, path = self._at(name)
        with self._told(name):
            if local.is_dir() or system.isdir(path):
                _remove(system, path)
            if local.is_dir():
                files = sorted(file for file in local.rglob("*") if file.is_file())
                for file in files:
                    _upload(system, file, f"{path}/{file.relative_to(local).as_posix()}")
            else:
                _upload(system, local, path)
        remove(local)

    def remove(self, name: str) -> None:
        """Take away a file, or a folder and all that is in it, if there is one."""
        system, path = self._at(name)
        with self._told(name):
            _remove(system, path)

    def workspace(self) -> Path:
        """A new folder of this machine for temporary files; the caller removes it."""
        return Path(tempfile.mkdtemp(prefix="image-sequence-"))

    def fetch(self, name: str, folder: Path) -> Path:
        """Download a file or folder, and say where it is."""
        system, path = self._at(name)
        target = folder / name
        with self._told(name):
            system.invalidate_cache()
            found = system.find(path)
            if not found:
                raise FileNotFoundError("there is no such file or folder")
            for file in found:
                inside = file.strip("/").removeprefix(path.strip("/")).strip("/")
                place = target / checked_name(inside) if inside else target
                place.parent.mkdir(parents=True, exist_ok=True)
                system.get_file(file, str(place))
        return target

    def _at(self, name: str) -> tuple[Any, str]:
        system, top = self._opened()
        return system, f"{top}/{checked_name(name)}"

    def _opened(self) -> tuple[Any, str]:
        """The file system, and where in it the folder is; fsspec keeps it open between calls."""
        try:
            from fsspec.core import url_to_fs
        except ImportError as error:
            raise LibraryError(
                f"{shown(self.name)} is reached through fsspec, which does not load: {error}; "
                f'pip install "image-sequence[cloud]"'
            ) from error
        try:
            system, top = url_to_fs(self.name)
        except ImportError as error:
            raise LibraryError(
                f"{shown(self.name)} needs another library beside fsspec: {error}"
            ) from error
        except ValueError as error:
            raise ArgumentValueError(
                f"{shown(self.name)} is no address that fsspec can use: {error}"
            ) from error
        return system, top.rstrip("/")

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Turn errors of whatever kind into errors of the system that name the file."""
        where = f"{self.name.rstrip('/')}/{name}"
        try:
            yield
        except OSError as error:
            if error.errno is not None:
                error.filename = error.filename or where
                raise
            kind = next((kind for kind in _KINDS if isinstance(error, kind)), OSError)
            raise kind(f"{where}: {error}") from error
        except Exception as error:
            # Libraries of object stores have kinds of their own, for missing credentials say.
            raise OSError(f"{where}: {type(error).__name__}: {error}") from error


def _is_there(system: Any, path: str) -> bool:
    system.invalidate_cache()  # Other machines write there, too.
    try:
        system.info(path)  # `exists` takes a failing network for absence.
    except FileNotFoundError:
        return False
    return True


def _remove(system: Any, path: str) -> None:
    if _is_there(system, path):
        system.rm(path, recursive=True)


def _upload(system: Any, file: Path, path: str) -> None:
    _with_folder(system, path, lambda: system.put_file(os.fspath(file), path))


def _with_folder(system: Any, path: str, act: Callable[[], None]) -> None:
    """Do it; if it turns out that the folder must be made first, make the folder, and do it then.

    The first part of a path must be there: an object store's bucket is never made.
    """
    try:
        act()
    except FileNotFoundError:
        top = re.match(r"/*[^/]*", path)
        if top is None or not _is_there(system, top[0]):
            raise
        system.makedirs(path.rpartition("/")[0], exist_ok=True)
        act()
