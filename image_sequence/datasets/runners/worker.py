"""A worker process: reads what to make from its input, tells what happens on its output.

The input is JSON, a line each: the job, then numbers of shards. Its end means that nobody wants
anything any more: the parent may be dead, and the worker ends at once, in the middle of whatever it
does. No pipe, no port and no file needs cleaning up after it.
"""

import json
import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import IO

from image_sequence.datasets.making import Job, make_shard
from image_sequence.datasets.runners.failures import described


def main() -> None:
    """Work until the input ends."""
    # Whoever presses Ctrl-C means the parent, which ends the input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = _own_output()
    lines: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_read, args=(sys.stdin, lines), daemon=True).start()
    job = Job(**json.loads(lines.get()))
    while True:
        _make(job, int(lines.get()), answers)


def _own_output() -> IO[str]:
    """The output, for answers alone: what libraries print goes where errors go."""
    own = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return own


def _read(input_: IO[str], lines: "SimpleQueue[str]") -> None:
    for line in input_:
        lines.put(line)
    os._exit(0)


def _make(job: Job, number: int, answers: IO[str]) -> None:
    def tell(kind: str, content: object) -> None:
        answers.write(json.dumps({kind: content}) + "\n")

    try:
        receipt = make_shard(job, number, lambda count: tell("made", count))
    except Exception as error:  # noqa: BLE001  # whatever it is, the parent is to raise it
        tell("error", described(error))
    else:
        tell("receipt", receipt.to_json())


if __name__ == "__main__":
    main()
