"""Locks on a data set's folder: the system lets go of them when their process ends, however."""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from image_sequence.datasets.shards import Part
from image_sequence.errors import TakenError

_LOCK = "lock"
_MOMENT = "lock-moment"
_TAKEN = BlockingIOError if os.name != "nt" else PermissionError
_LOCKLESS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


@contextmanager
def locked(workspace: Path, part: Part) -> Iterator[None]:
    """Keep other processes off a data set, or off a part of it.

    Whoever makes the whole is alone; the makers of different parts are not in each other's way.

    Raises:
        TakenError: somebody else is at it.
        OSError: the lock cannot be made.
    """
    with ExitStack() as held:
        held.enter_context(_locked_file(workspace / _LOCK, shared=not part.is_whole))
        if not part.is_whole:
            own = workspace / f"{_LOCK}-{part.index}-of-{part.count}"
            held.enter_context(_locked_file(own, shared=False))
            _check_others(workspace, part)
        yield


def _check_others(workspace: Path, part: Part) -> None:
    """Check that nobody makes parts of another number: the same shard would be in two of them."""
    for path in workspace.glob(f"{_LOCK}-*-of-*"):
        if not path.name.endswith(f"-of-{part.count}"):
            _locked_file(path, shared=False).close()


@contextmanager
def alone(workspace: Path) -> Iterator[None]:
    """Wait until no other process does the same, for what takes a moment."""
    with _locked_file(workspace / _MOMENT, shared=False, waits=True):
        yield


def _locked_file(path: Path, *, shared: bool, waits: bool = False) -> IO[bytes]:
    """The locked file, open: closing it lets go of it."""
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("ab")
        try:
            _lock(file, shared=shared, waits=waits)
            if _is_at(path, file):
                return file
        except _TAKEN as error:
            file.close()
            raise TakenError(
                f"another process is making the data set in {str(path.parent.parent)!r}; let it "
                f"end, or make parts of it with --shard-index and --num-shards"
            ) from error
        except BaseException:
            file.close()
            raise
        # Whoever had it has finished, and taken the lock away with all that is not needed any more.
        file.close()


def _lock(file: IO[bytes], *, shared: bool, waits: bool) -> None:
    if os.name == "nt":
        import msvcrt

        # Windows knows no shared ones: there, parts are kept apart by their own lock alone.
        if not shared:
            way = msvcrt.LK_LOCK if waits else msvcrt.LK_NBLCK  # type: ignore[attr-defined]
            msvcrt.locking(file.fileno(), way, 1)  # type: ignore[attr-defined]
        return
    import fcntl

    try:
        way = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        fcntl.flock(file, way if waits else way | fcntl.LOCK_NB)
    except OSError as error:
        # A file system that knows none: two processes do the work twice, and make the same bytes.
        if error.errno not in _LOCKLESS:
            raise


def _is_at(path: Path, file: IO[bytes]) -> bool:
    """Whether the open file is the one of that name."""
    with suppress(FileNotFoundError):
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    return False
