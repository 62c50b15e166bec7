"""What a recipe would take: bytes and time, from a few samples made for a trial."""

from dataclasses import dataclass
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from image_sequence.datasets.feasibility import checked_maker
from image_sequence.datasets.making import Maker
from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.runners.known import runner_of
from image_sequence.datasets.shards import WHOLE, Part, Shard, Shards
from image_sequence.datasets.sums import measured

_TRIED = 1_024


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a recipe would take here.

    Attributes:
        sample_count: how many samples this call would make,
        shard_count: and how many shards.
        tried_count: how many samples were made to tell the rest.
        bytes_a_sample: of the shards' files.
        seconds_a_sample: of one worker.
        workers: how many there would be.
    """

    sample_count: int
    shard_count: int
    tried_count: int
    bytes_a_sample: float
    seconds_a_sample: float
    workers: int

    @property
    def size(self) -> int:
        """Bytes of all shards."""
        return round(self.bytes_a_sample * self.sample_count)

    @property
    def seconds(self) -> float:
        """How long it would take, if workers do not wait for each other, nor for the disk."""
        at_once = max(1, min(self.workers, cpu_count() or 1, self.shard_count))
        return self.seconds_a_sample * self.sample_count / at_once

    def to_dict(self) -> dict[str, Any]:
        """All of it in plain JSON values."""
        return {
            "samples": self.sample_count,
            "shards": self.shard_count,
            "tried_samples": self.tried_count,
            "bytes": self.size,
            "bytes_a_sample": round(self.bytes_a_sample, 1),
            "images_a_second_and_worker": round(1 / self.seconds_a_sample),
            "seconds": round(self.seconds, 1),
            "workers": self.workers,
        }


def estimate(recipe: Recipe, *, workers: int = 1, part: Part = WHOLE) -> Estimate:
    """What a recipe would take; nothing is left on the disk.

    Args:
        recipe: what would be made.
        workers: how many processes would make it.
        part: which shards.

    Raises:
        As `check_feasible`.
    """
    runner_of(None, workers=workers, address=None)  # It says how many there can be.
    maker = checked_maker(recipe)
    shards = recipe.shards
    numbers = part.numbers(len(shards))
    count = min(shards[0].count, _TRIED)
    trial = Shard(0, shards[0].name, shards[0].first, count)
    with TemporaryDirectory(prefix="image-sequence-") as folder:
        # The first time, libraries are loaded and memory is asked for.
        _seconds(maker, trial, Path(folder, "warm"))
        path = Path(folder, "trial")
        seconds = _seconds(maker, trial, path)
        size, _ = measured(path)
    return Estimate(
        sample_count=_sample_count(shards, numbers),
        shard_count=len(numbers),
        tried_count=count,
        bytes_a_sample=size / count,
        seconds_a_sample=seconds / count,
        workers=workers,
    )


def _sample_count(shards: Shards, numbers: range) -> int:
    """Of so many shards: all are of one size but the last."""
    if not numbers:
        return 0
    last = len(shards) - 1
    return len(numbers) * shards.size - (shards.size - shards[last].count) * (last in numbers)


def _seconds(maker: Maker, shard: Shard, path: Path) -> float:
    begun = perf_counter()
    maker.write(shard, path, lambda _: None)
    measured(path)
    return perf_counter() - begun
