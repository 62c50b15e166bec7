"""Shards one after the other, in this process."""

from collections.abc import Sequence
from dataclasses import dataclass

from image_sequence.datasets.making import Job, make_shard
from image_sequence.datasets.runners.kinds import Made, Tell


@dataclass(frozen=True, slots=True)
class Serial:
    """Makes shards here; see `Runner`."""

    def __call__(self, job: Job, numbers: Sequence[int], tell: Tell) -> None:
        """Make the shards."""
        for number in numbers:
            tell(make_shard(job, number, lambda count: tell(Made(count))))
