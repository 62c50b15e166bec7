"""Shards: a data set's samples in runs, each written, and written again, on its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

_DIGITS = 6  # Of a shard's number in its name.


@dataclass(frozen=True, slots=True)
class Shard:
    """A run of samples.

    Attributes:
        number: its place among the data set's shards, from 0.
        name: what it is called, without a suffix: "train-000003".
        first: the index of its first sample.
        count: how many samples it has, at least 1.
    """

    number: int
    name: str
    first: int
    count: int

    @property
    def stop(self) -> int:
        """The index after its last sample."""
        return self.first + self.count


@dataclass(frozen=True, slots=True)
class Shards:
    """All shards of a data set, without a list of them: there may be millions.

    Attributes:
        prefix: what their names begin with.
        start: the index of the first sample.
        count: how many samples there are.
        size: how many a shard has; the last one has the rest.

    >>> [(shard.name, shard.first, shard.count) for shard in Shards("train", 0, 5, 3)]
    [('train-000000', 0, 3), ('train-000001', 3, 2)]
    """

    prefix: str
    start: int
    count: int
    size: int

    def __len__(self) -> int:
        return (self.count + self.size - 1) // self.size

    def __iter__(self) -> Iterator[Shard]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Shard:
        if not 0 <= number < len(self):
            raise IndexError(number)
        first = number * self.size
        count = min(self.size, self.count - first)
        return Shard(number, f"{self.prefix}-{number:0{_DIGITS}}", self.start + first, count)


@dataclass(frozen=True, slots=True)
class Part:
    """A machine's part of the work: every `count`-th shard, beginning with number `index`.

    Attributes:
        index: which part, 0 … count - 1.
        count: how many parts there are.

    Raises:
        ArgumentTypeError: one of them is not a whole number.
        ArgumentValueError: there is no such part.

    >>> Part(1, 3).numbers(8)
    range(1, 8, 3)
    """

    index: int = 0
    count: int = 1

    def __post_init__(self) -> None:
        for name in ("index", "count"):
            value = getattr(self, name)
            if not is_whole_number(value):
                raise ArgumentTypeError(
                    f"the {name} of a part is a whole number, not {shown(value)}"
                )
        if not 0 <= self.index < self.count:
            raise ArgumentValueError(
                f"there is no part {shown(self.index)} of {shown(self.count)}; the parts are "
                f"numbered from 0 to the number of parts less 1"
            )

    @classmethod
    def of(cls, index: int | None, count: int | None) -> Self:
        """The part, if both numbers are said; the whole, if neither is.

        Raises:
            ArgumentValueError: one is said without the other.
        """
        if (index is None) != (count is None):
            raise ArgumentValueError(
                "a shard index and a number of shards go together: --shard-index 0 --num-shards 4"
            )
        return cls() if index is None or count is None else cls(index, count)

    @property
    def is_whole(self) -> bool:
        """Whether nobody else has a part."""
        return self.count == 1

    def numbers(self, shard_count: int) -> range:
        """The numbers of the part's shards."""
        return range(self.index, shard_count, self.count)


WHOLE = Part()
"""All of the work."""
