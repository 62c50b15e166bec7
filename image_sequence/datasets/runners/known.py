"""Runners by name."""

from image_sequence.datasets.runners import ENGINES
from image_sequence.datasets.runners.kinds import Runner
from image_sequence.datasets.runners.processes import Processes
from image_sequence.datasets.runners.serial import Serial
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

_MOST_WORKERS = 4_096


def runner_of(engine: str | None, *, workers: int, address: str | None) -> Runner:
    """The runner of a name.

    Args:
        engine: one of `ENGINES`; None for "serial" with one worker and "processes" with more.
        workers: how many; of "ray", how many shards at a time, as many as there are processors if
            it is 1.
        address: where a Ray cluster is.

    Raises:
        ArgumentTypeError, ArgumentValueError: there is none such.
    """
    if not is_whole_number(workers):
        raise ArgumentTypeError(f"workers are a whole number such as 2, not {shown(workers)}")
    if not 1 <= workers <= _MOST_WORKERS:
        raise ArgumentValueError(f"there are 1 to {_MOST_WORKERS} workers, not {shown(workers)}")
    name = engine or ("serial" if workers == 1 else "processes")
    if address is not None and name != "ray":
        raise ArgumentValueError("an address is that of a Ray cluster: --engine ray goes with it")
    if name == "serial" and workers == 1:
        return Serial()
    if name == "processes":
        return Processes(workers)
    if name == "ray":
        from image_sequence.datasets.runners.ray import OnRay, check_cluster

        check_cluster(address)
        return OnRay(address, workers)
    if name == "serial":
        raise ArgumentValueError(f"the engine 'serial' has one worker, not {workers}")
    known = ", ".join(map(repr, ENGINES))
    raise ArgumentValueError(f"an engine is one of {known}, not {shown(engine)}")
