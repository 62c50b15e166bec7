"""Where a data set lies: a folder of this machine, or a `RemoteFolder`."""

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from image_sequence.datasets.remote import RemoteFolder, checked_name
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown

WORKSPACE = ".image-sequence"
"""The folder for temporary files, in a data set's folder."""

# A scheme has two letters at least: "C://" is a drive. "simplecache::s3://" is two of them.
_ADDRESS = re.compile(r"[A-Za-z][\w+.-]+(::[A-Za-z][\w+.-]+)*://")
_FLATTENED = re.compile(r"[A-Za-z][\w+.-]+:[/\\]")  # An address that was made a Path.


class Storage(Protocol):
    """Where a data set lies: files and folders by name, of which "/" divides the parts.

    Its objects are small when pickled. All that reads or writes raises an OSError that names what
    it could not read or write.
    """

    @property
    def name(self) -> str:
        """What it was asked for by."""
        ...

    @property
    def path(self) -> Path | None:
        """The folder, absolute; None if it is no folder of this machine."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        ...

    def exists(self, name: str) -> bool:
        """Whether there is a file or a folder of that name."""
        ...

    def size(self, name: str) -> int:
        """The bytes of a file, or of all files in a folder."""
        ...

    def names(self, folder: str = "") -> list[str]:
        """What lies at the top, or in a folder, sorted; nothing if there is no such folder."""
        ...

    def read_bytes(self, name: str) -> bytes:
        """A file's content."""
        ...

    def read_text(self, name: str) -> str:
        """The content of a file in UTF-8."""
        ...

    def write_text(self, name: str, text: str) -> None:
        """Write a file in UTF-8, whole or not at all; missing folders are made."""
        ...

    def put(self, local: Path, name: str) -> None:
        """Move a finished file or folder of the workspace to its name, replacing what is there."""
        ...

    def remove(self, name: str) -> None:
        """Take away a file, or a folder and all that is in it, if there is one."""
        ...

    def workspace(self) -> Path:
        """A folder of this machine for temporary files; the caller removes it.

        That of a `LocalFolder` is always the same one, that of a `RemoteFolder` new every time.
        """
        ...

    def fetch(self, name: str, folder: Path) -> Path:
        """Where a file or folder can be read: where it lies, or in `folder` if it is elsewhere."""
        ...


def open_storage(where: str | os.PathLike[str]) -> Storage:
    """The place that a path or an address means; nothing is made there yet.

    Args:
        where: a folder's path or `file://` address; or an address that fsspec knows, `s3://…`.

    Raises:
        ArgumentTypeError: neither text nor a path.
        ArgumentValueError: an empty text, or an address of a kind that nobody knows.
        LibraryError: a library that the address needs is missing.
    """
    if not isinstance(where, str | os.PathLike) or not isinstance(os.fspath(where), str):
        raise ArgumentTypeError(
            f"a data set lies at a path or an address such as 's3://bucket/name', "
            f"not at {shown(where)}"
        )
    name = os.fspath(where)
    if not name:
        raise ArgumentValueError("the path of a data set is empty; '.' is the folder you are in")
    if not isinstance(where, str) and _FLATTENED.match(name):
        raise ArgumentValueError(f"an address is given as text, not as the path {shown(name)}")
    if not _ADDRESS.match(name):
        return LocalFolder(name, Path(name).absolute())
    if urlsplit(name).scheme == "file":
        return LocalFolder(name, _path_of(name))
    storage = RemoteFolder(name)
    storage.check()
    return storage


def _path_of(address: str) -> Path:
    """The path of a `file://` address, as RFC 8089 has it."""
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise ArgumentValueError(
            f"{shown(address)} names the machine {parts.netloc!r}; the address of a folder of this "
            f"one has three slashes: 'file:///{parts.netloc}{parts.path}'"
        )
    path = unquote(parts.path)
    is_on_drive = re.match(r"/[A-Za-z]:", path) and os.name == "nt"
    return Path(path[1:] if is_on_drive else path).absolute()


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A folder of this machine; see `Storage`.

    Attributes:
        name: what it was asked for by.
        path: the folder, absolute.
    """

    name: str
    path: Path

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine: it is."""
        return True

    def exists(self, name: str) -> bool:
        """Whether there is a file or a folder of that name."""
        return self._at(name).exists()

    def size(self, name: str) -> int:
        """The bytes of a file, or of all files in a folder."""
        path = self._at(name)
        files = path.rglob("*") if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files if not file.is_dir())

    def names(self, folder: str = "") -> list[str]:
        """What lies at the top, or in a folder, sorted."""
        path = self._at(folder) if folder else self.path
        try:
            return sorted(entry.name for entry in path.iterdir())
        except FileNotFoundError:
            return []

    def read_bytes(self, name: str) -> bytes:
        """A file's content."""
        return self._at(name).read_bytes()

    def read_text(self, name: str) -> str:
        """The content of a file in UTF-8."""
        return self.read_bytes(name).decode()

    def write_text(self, name: str, text: str) -> None:
        """Write a file in UTF-8, whole or not at all, and on the disk when this returns."""
        path = self._at(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        # What a killed process leaves in the workspace goes away with all that is temporary.
        workspace = self.path / WORKSPACE
        if workspace.is_dir():
            with suppress(FileNotFoundError):  # Another process takes it away: all is finished.
                _write_whole(path, text, workspace)
                return
        _write_whole(path, text, path.parent)

    def put(self, local: Path, name: str) -> None:
        """Move a finished file or folder to its name, replacing what is there.

        A file is on the disk when this returns; a folder's files are when the system sees fit.
        """
        path = self._at(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not local.is_dir():
            with _named(local), local.open("rb+") as file:
                os.fsync(file.fileno())
        if not local.exists():
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(local))
        if local.is_dir() or path.is_dir():
            self.remove(name)  # A rename replaces a file by a file alone.
        local.replace(path)

    def remove(self, name: str) -> None:
        """Take away a file, or a folder and all that is in it, if there is one."""
        path = self._at(name)
        if not path.is_dir() or path.is_symlink():
            path.unlink(missing_ok=True)
        while path.is_dir():
            with suppress(FileNotFoundError):  # Another process is removing it, too.
                shutil.rmtree(path)

    def workspace(self) -> Path:
        """The folder `.image-sequence` in the data set's; it is made if it is not there."""
        folder = self.path / WORKSPACE
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def fetch(self, name: str, folder: Path) -> Path:  # noqa: ARG002
        """Where a file or folder lies: it is read there."""
        return self._at(name)

    def _at(self, name: str) -> Path:
        return self.path / checked_name(name)


def _write_whole(path: Path, text: str, folder: Path) -> None:
    """Write a file by way of a temporary one in `folder`."""
    partial = folder / f".{secrets.token_hex(8)}.part"
    try:
        with _named(path), partial.open("xb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of the block that name no file name this one: a full disk does not say what for."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise
