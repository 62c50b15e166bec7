"""Files that are there whole or not at all."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def written_whole(path: Path, *, overwrite: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside `path`; what is written there gets the name `path` at the end.

    If the block fails or is interrupted, no file stays behind. Missing folders are made.

    Raises:
        FileExistsError: `overwrite` is false and `path` exists; it is left as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not derived from the name: a name of 255 bytes, the most there is, must work too.
    partial = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        yield partial
        if overwrite:
            partial.replace(path)
        else:
            _rename_to_new(partial, path)
    finally:
        with suppress(FileNotFoundError):
            partial.unlink()


def remove(path: Path) -> None:
    """Take away a file, or a folder and all that is in it; nothing is said if it stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()


def _rename_to_new(partial: Path, path: Path) -> None:
    if os.name == "nt":
        partial.rename(path)  # Windows never renames onto an existing file.
        return
    try:
        os.link(partial, path)  # Unlike a rename, refuses an existing name, even in a race.
    except FileExistsError:
        raise
    except OSError:  # A file system without hard links.
        _rename_to_reserved(partial, path)


def _rename_to_reserved(partial: Path, path: Path) -> None:
    path.open("xb").close()
    try:
        partial.replace(path)
    except BaseException:
        path.unlink()
        raise
