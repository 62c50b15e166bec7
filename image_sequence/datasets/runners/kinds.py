"""What a runner is: it has shards made, and tells what happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from image_sequence.datasets.making import Job
from image_sequence.datasets.receipts import Receipt
from image_sequence.datasets.recipe import Recipe

MOST_ATTEMPTS = 3
"""How often a shard is begun whose worker dies of something that no error tells about."""


@dataclass(frozen=True, slots=True)
class Start:
    """What whoever watches is told first.

    Attributes:
        recipe: what is made.
        sample_count: how many samples are made by this call, if nothing happens to it,
        found_count: and how many were there already.
        shard_count: how many shards are made by this call.
    """

    recipe: Recipe
    sample_count: int
    found_count: int
    shard_count: int


@dataclass(frozen=True, slots=True)
class Made:
    """So many samples more are made; fewer, if a worker died over them.

    Attributes:
        count: how many.
    """

    count: int


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more is told; whether all went well, the call itself says."""


Event: TypeAlias = Made | Receipt | End
Tell: TypeAlias = Callable[[Event], None]


class Runner(Protocol):
    """Has shards made, anywhere, in any order."""

    def __call__(self, job: Job, numbers: Sequence[int], tell: Tell) -> None:
        """Have the shards made; an exception in `tell`, or an interrupt, stops the work at once.

        Args:
            job: what workers are told.
            numbers: of the shards to make.
            tell: is told of samples every now and then, and of each shard that is in its place.

        Raises:
            Whatever a worker raises; WorkerError, if one dies too often.
        """
        ...
