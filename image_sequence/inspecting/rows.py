"""Rows of whole numbers of different lengths, without a Python list for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import Integers


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of whole numbers, end to end.

    Attributes:
        values: int64, shape (total,): all rows, one after the other.
        lengths: int64, shape (count,): how many values each row has; 0 works.

    >>> rows = Rows.of([[7, 0], [], [3]])
    >>> rows.values.tolist(), rows.row_numbers().tolist(), rows.places().tolist()
    ([7, 0, 3], [0, 0, 2], [0, 1, 0])
    """

    values: NDArray[np.int64] = field(repr=False)
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Self:
        """The rows of lists."""
        kept = list(rows)
        values = np.array([value for row in kept for value in row], np.int64)
        return cls(values, np.array([len(row) for row in kept], np.int64))

    def __len__(self) -> int:
        return self.lengths.size

    def span(self, row: int) -> range:
        """Where in `values` a row is."""
        first = int(self.starts[row])
        return range(first, first + int(self.lengths[row]))

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where in `values` each row begins: int64, shape (count,)."""
        return np.cumsum(self.lengths) - self.lengths

    def row_numbers(self) -> NDArray[np.int64]:
        """The row of each value: int64, shape (total,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    def places(self) -> NDArray[np.int64]:
        """The place of each value in its row, from 0: int64, shape (total,)."""
        return np.arange(self.values.size) - np.repeat(self.starts, self.lengths)

    def positions(self, rows: Integers) -> NDArray[np.int64]:
        """Where in `values` rows of one length are: int64, shape (row count, length).

        Args:
            rows: whole numbers, shape (row count,), at least one: rows of the same length.
        """
        return self.starts[rows][:, None] + np.arange(self.lengths[rows[0]])

    def sums(self, of_values: NDArray[np.bool_]) -> NDArray[np.int64]:
        """How many of each row's values are marked: int64, shape (count,).

        Args:
            of_values: bool, shape (total,).
        """
        return np.bincount(self.row_numbers()[of_values], minlength=len(self))
