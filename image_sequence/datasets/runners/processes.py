"""Shards by several processes of this machine.

A worker is a program of its own that is told what to make through a pipe. So it works in notebooks,
in scripts without a main guard and under every system's rules for new processes, and it ends when
its pipe does: with its parent, however that ends.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import IO, Any, TypeAlias

from image_sequence.datasets.making import Job, make_shard
from image_sequence.datasets.receipts import Receipt
from image_sequence.datasets.runners.failures import raised
from image_sequence.datasets.runners.kinds import MOST_ATTEMPTS, Event, Made, Tell
from image_sequence.errors import WorkerError

# The same modules from the same places as here, whatever this program did to its path.
_PROGRAM = """\
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from image_sequence.datasets.runners.worker import main
main()
"""
_LISTENS = 1.0  # Seconds, after which a wait hears of an interrupt where the system does not tell.

Told: TypeAlias = Event | Exception | None


@dataclass(frozen=True, slots=True)
class Processes:
    """Has shards made by this process and by others beside it; see `Runner`.

    Attributes:
        count: how many, this one included: it need not be started first.
    """

    count: int

    def __call__(self, job: Job, numbers: Sequence[int], tell: Tell) -> None:
        """Have the shards made."""
        waiting: SimpleQueue[int] = SimpleQueue()
        for number in numbers:
            waiting.put(number)
        crew = _Crew(job, waiting, tell, min(self.count, len(numbers)) - 1)
        try:
            crew.start()
            with suppress(Empty):
                while True:
                    tell(make_shard(job, waiting.get_nowait(), crew.made_here))
            crew.wait()
        finally:
            crew.stop()


class _Crew:
    """The other processes, and what they tell."""

    def __init__(self, job: Job, waiting: "SimpleQueue[int]", tell: Tell, count: int) -> None:
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._tell = tell
        self._hands = [_Hand(job, waiting, self._told) for _ in range(count)]
        self._working = count

    def start(self) -> None:
        """Begin the work."""
        for hand in self._hands:
            hand.start()

    def made_here(self, count: int) -> None:
        """Tell of samples that this process has made, and of what others have told meanwhile."""
        self._tell(Made(count))
        with suppress(Empty):
            while True:
                self._hear(self._told.get_nowait())

    def wait(self) -> None:
        """Tell what the others tell, until they have no more to do."""
        while self._working > 0:
            with suppress(Empty):
                self._hear(self._told.get(timeout=_LISTENS))

    def stop(self) -> None:
        """End the others, whatever they do."""
        for hand in self._hands:
            hand.stop()

    def _hear(self, event: Told) -> None:
        if isinstance(event, Exception):
            raise event
        if event is None:
            self._working -= 1
        else:
            self._tell(event)


class _Hand(threading.Thread):
    """A thread that hands shards to a worker of its own, and a new one if that dies."""

    def __init__(self, job: Job, waiting: "SimpleQueue[int]", told: "SimpleQueue[Told]") -> None:
        super().__init__(daemon=True)
        self._job = job
        self._waiting = waiting
        self._told = told
        self._worker: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._stopped = False

    def run(self) -> None:
        """Hand over one shard after the other."""
        try:
            with suppress(Empty):
                while not self._stopped:
                    self._make(self._waiting.get_nowait())
            self._told.put(None)
        except Exception as error:  # noqa: BLE001  # it is raised where the work was asked for
            self._told.put(error)

    def stop(self) -> None:
        """End the worker, whatever it does."""
        with self._lock:
            self._stopped = True
            if self._worker is not None:
                _end(self._worker)

    def _make(self, number: int) -> None:
        for _ in range(MOST_ATTEMPTS):
            worker = self._running()
            if self._stopped or self._is_made(number, worker):
                return
        raise WorkerError(
            f"shard {number} was begun {MOST_ATTEMPTS} times, and each time its worker died; "
            f"there may be too little memory for so many workers"
        )

    def _is_made(self, number: int, worker: "subprocess.Popen[str]") -> bool:
        """Whether the worker lived to make the shard."""
        made = 0
        for kind, content in _answers(worker, number):
            if kind == "made":
                made += content
                self._told.put(Made(content))
            elif kind == "error":
                raise raised(content)
            else:
                self._told.put(Receipt.from_json(content, "a worker's answer"))
                return True
        self._told.put(Made(-made))
        # It has said its last word, but the system may not have noticed yet.
        _end(worker)
        return False

    def _running(self) -> "subprocess.Popen[str]":
        with self._lock:
            if self._worker is not None and self._worker.poll() is None:
                return self._worker
            if self._worker is not None:
                _end(self._worker)
            if self._stopped:
                raise WorkerError("the work was stopped")
            self._worker = _started(self._job)
            return self._worker


def _started(job: Job) -> "subprocess.Popen[str]":
    worker = subprocess.Popen(  # noqa: S603  # ourselves
        [sys.executable, "-c", _PROGRAM, json.dumps(sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        bufsize=1,
        # A Ctrl-C at the terminal is for us, even before a worker can say that it ignores it.
        start_new_session=True,
    )
    with suppress(BrokenPipeError):
        _pipe(worker.stdin).write(json.dumps(job.to_dict()) + "\n")
    return worker


def _answers(worker: "subprocess.Popen[str]", number: int) -> Iterator[tuple[str, Any]]:
    """What a worker says of a shard; it ends early if the worker does."""
    with suppress(BrokenPipeError, ValueError):  # ValueError: closed, or half a line of JSON.
        _pipe(worker.stdin).write(f"{number}\n")
        for line in _pipe(worker.stdout):
            yield from json.loads(line).items()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    if pipe is None:
        raise WorkerError("a worker has no pipe")
    return pipe


def _end(worker: "subprocess.Popen[str]") -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        with suppress(OSError, ValueError):
            if pipe is not None:
                pipe.close()
