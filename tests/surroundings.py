"""What tests put a program in: little memory, a full disk, a terminal."""

import contextlib
import os
import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass

import pytest


@contextlib.contextmanager
def memory_below(byte_count: int) -> Iterator[None]:
    """What Python and NumPy allocate in here stays below so many bytes."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < byte_count


@contextlib.contextmanager
def files_of_at_most(byte_count: int) -> Iterator[None]:
    """As if the disk were full: a file cannot grow beyond so many bytes."""
    resource = pytest.importorskip("resource", reason="only POSIX limits the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@dataclass(slots=True)
class Terminal:
    """A terminal of 24 lines.

    Attributes:
        end: the file descriptor that a program writes to.
        shown: what it wrote, once the terminal is closed.
    """

    end: int
    shown: str = ""


@contextlib.contextmanager
def terminal(columns: int) -> Iterator[Terminal]:
    """A terminal for a program that shows at most a few kilobytes."""
    pty = pytest.importorskip("pty", reason="only POSIX has pseudo-terminals")
    termios = pytest.importorskip("termios", reason="only POSIX has pseudo-terminals")
    ours, theirs = pty.openpty()
    shown = Terminal(theirs)
    try:
        termios.tcsetwinsize(theirs, (24, columns))
        yield shown
    finally:
        os.close(theirs)
        with contextlib.suppress(OSError):  # The other end is closed, and nothing was written.
            shown.shown = os.read(ours, 100_000).decode()
        os.close(ours)
