"""Which samples an epoch has, in which order, and which of them a rank gets at each step."""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

_AT_A_TIME = 1 << 16


def epoch_seed(seed: int, epoch: int) -> int:
    """The seed that an epoch's samples have; that of the first, 0, is the recipe's own.

    >>> epoch_seed(7, 0), epoch_seed(7, 1), epoch_seed(6, 2)
    (7, 9996394280186014546, 6196813943716390734)
    """
    if epoch == 0:
        return seed
    digest = blake2b(f"epoch/{seed}/{epoch}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True, slots=True)
class Schedule:
    """Who gets which places of an epoch: each place once, and every rank as many batches.

    A step is one batch for each rank; together they are consecutive places. The last step has what
    is left. If that is less than a sample for each rank, it takes some of those of the step before,
    so that no rank waits for a batch that another one does not have.

    Attributes:
        count: samples of an epoch, at least one for each rank.
        batch_size: the most samples that a rank gets at a step.
        ranks: how many processes share the epoch.

    Raises:
        ArgumentTypeError: one of them is no whole number.
        ArgumentValueError: less than 1, fewer samples than ranks, or batches of one that the ranks
            cannot share evenly.

    >>> schedule = Schedule(10, batch_size=2, ranks=2)
    >>> [[schedule.places(step, rank) for rank in (0, 1)] for step in range(len(schedule))]
    [[(0, 2), (2, 4)], [(4, 6), (6, 8)], [(8, 9), (9, 10)]]
    """

    count: int
    batch_size: int
    ranks: int = 1

    def __post_init__(self) -> None:
        for name in ("count", "batch_size", "ranks"):
            value = getattr(self, name)
            if not is_whole_number(value):
                raise ArgumentTypeError(f"{name} is a whole number such as 2, not {shown(value)}")
            if value < 1:
                raise ArgumentValueError(f"{name} is at least 1, {value} is not")
            object.__setattr__(self, name, int(value))
        if self.count < self.ranks:
            raise ArgumentValueError(
                f"{self.count} samples are fewer than {self.ranks} ranks, of which each needs one; "
                f"use a count of {self.ranks} or more"
            )
        if self.batch_size == 1 and self.count % self.ranks:
            raise ArgumentValueError(
                f"{self.count} samples one at a time leave some of {self.ranks} ranks without one "
                f"at the last step; use a count that {self.ranks} divides, or a larger batch_size"
            )

    def __len__(self) -> int:
        return (self.count + self._whole_step - 1) // self._whole_step

    def places(self, step: int, rank: int) -> tuple[int, int]:
        """The first place that a rank gets at a step, and the one after the last."""
        first, stop = self._start(step), self._start(step + 1)
        share, more = divmod(stop - first, self.ranks)
        start = first + rank * share + min(rank, more)
        return start, start + share + (rank < more)

    @property
    def _whole_step(self) -> int:
        return self.batch_size * self.ranks

    def _start(self, step: int) -> int:
        """The first place of a step."""
        if step >= len(self):
            return self.count
        whole = step * self._whole_step
        is_last = step == len(self) - 1
        return min(whole, self.count - self.ranks) if is_last else whole


@dataclass(frozen=True, slots=True)
class Order:
    """In which order an epoch shows its samples.

    Attributes:
        start: the index of the first sample.
        count: how many there are.
        shuffled: whether the order is drawn, anew for each epoch, or that of the indices.
    """

    start: int
    count: int
    shuffled: bool = False

    def of_epoch(self, seed: int, epoch: int) -> NDArray[np.int64]:
        """The samples' indices in the order of their places: int64, shape (count,)."""
        numbers = np.arange(self.start, self.start + self.count)
        if not self.shuffled:
            return numbers
        words = [
            Draws(seed, f"order/{epoch}", numbers[first : first + _AT_A_TIME]).raw(1)[:, 0]
            for first in range(0, self.count, _AT_A_TIME)
        ]
        # A random word for each, and the order of the words: no two epochs are alike.
        return numbers[np.argsort(np.concatenate(words), kind="stable")]
