"""Shards as core tasks on a Ray cluster: a running one, or one on this machine."""

import json
import os
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from image_sequence.datasets.making import Job, make_shard
from image_sequence.datasets.receipts import Receipt
from image_sequence.datasets.runners.failures import described, raised
from image_sequence.datasets.runners.kinds import MOST_ATTEMPTS, Made, Tell
from image_sequence.errors import ArgumentValueError, LibraryError, WorkerError

_WAITING = 2  # Tasks for each processor: the next one is there when one ends, and no more.
_ANSWERS = 10.0  # Seconds.
_LISTENS = 1.0  # Seconds, after which processors that have joined the cluster get work as well.


@dataclass(frozen=True, slots=True)
class OnRay:
    """Has shards made by a Ray cluster; see `Runner`.

    Ray begins a task again whose worker or machine has died.

    Attributes:
        address: the cluster's; None for a running one that Ray finds, or else one of this machine.
        workers: how many shards at a time; 1 for as many as there are processors.
    """

    address: str | None = None
    workers: int = 1

    def __call__(self, job: Job, numbers: Sequence[int], tell: Tell) -> None:
        """Have the shards made."""
        if not numbers:
            return
        with _cluster(self.address) as ray:
            task = ray.remote(num_cpus=1, max_retries=MOST_ATTEMPTS - 1)(_shard)
            told = ray.put(job.to_dict())
            self._run(ray, lambda number: task.remote(told, number), numbers, tell)

    def _run(self, ray: Any, begin: Any, numbers: Sequence[int], tell: Tell) -> None:
        pending: dict[Any, int] = {}
        waiting = iter(numbers)
        try:
            while True:
                # Never all at once: a data set may have a hundred thousand shards.
                for _, number in zip(range(self._room(ray) - len(pending)), waiting, strict=False):
                    pending[begin(number)] = number
                if not pending:
                    return
                done, _ = ray.wait(list(pending), num_returns=1, timeout=_LISTENS)
                for one in done:
                    receipt = _receipt(ray, one, pending.pop(one))
                    tell(Made(receipt.count))
                    tell(receipt)
        finally:
            for one in pending:
                ray.cancel(one, force=True)

    def _room(self, ray: Any) -> int:
        if self.workers > 1:
            return self.workers
        return _WAITING * max(1, int(ray.cluster_resources().get("CPU", 1)))


def _shard(job: dict[str, Any], number: int) -> str:
    """What a worker answers, in JSON."""
    try:
        return json.dumps({"receipt": make_shard(Job(**job), number).to_json()})
    except Exception as error:  # noqa: BLE001  # whatever it is, the driver is to raise it
        return json.dumps({"error": described(error)})


def _receipt(ray: Any, reference: Any, number: int) -> Receipt:
    try:
        told = json.loads(ray.get(reference))
    except ray.exceptions.RayError as error:
        raise WorkerError(
            f"shard {number} was begun {MOST_ATTEMPTS} times on the cluster and never finished: "
            f"{error}"
        ) from error
    if "error" in told:
        raise raised(told["error"])
    return Receipt.from_json(told["receipt"], "a worker's answer")


@contextmanager
def _cluster(address: str | None) -> Iterator[Any]:
    """Ray, connected; what is connected here is disconnected, what is started here ended."""
    # A cluster of our own tells nobody about itself.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    ray = _imported()
    if ray.is_initialized():
        yield ray
        return
    _connect(ray, address)
    try:
        yield ray
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str | None) -> None:
    quiet = {"log_to_driver": False, "logging_level": "error"}
    if address is not None:
        ray.init(address=address, **quiet)
        return
    try:
        ray.init(address="auto", **quiet)
    except ConnectionError:
        ray.init(include_dashboard=False, **quiet)


def check_cluster(address: str | None) -> None:
    """Check that Ray is there, and that something answers at the address.

    Raises:
        LibraryError: Ray is not installed.
        ArgumentValueError: nothing answers; Ray itself would try for minutes.
    """
    _imported()
    found = re.fullmatch(r"(?:\w+://)?(.+):(\d{1,5})", address or "")
    if not found:
        return
    try:
        socket.create_connection((found[1], int(found[2])), timeout=_ANSWERS).close()
    except (OSError, OverflowError) as error:
        raise ArgumentValueError(
            f"there is no Ray cluster at {address!r}: {error}; ray status tells where one is"
        ) from error


def _imported() -> Any:
    try:
        import ray
    except ImportError as error:
        raise LibraryError(
            'the engine "ray" needs Ray: pip install "image-sequence[ray]"'
        ) from error
    return ray
