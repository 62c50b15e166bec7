"""Where mistakes are: labels in groups, each group with its size and its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.alignment import Alignment
from image_sequence.inspecting.intervals import Rate, rate_over_samples, share, wilson
from image_sequence.inspecting.rows import Rows
from image_sequence.plan import Integers

_MOST_STEPS = 20
_STEPS_OF_TEN = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Group:
    """Labels that have something in common. Labels that are not there belong to no group.

    Attributes:
        name: what they have in common.
        labels: how many they are.
        substitutions: how many of them were read as something else.
        deletions: how many were left out.
        low: the lower end of the interval of the share of mistakes, as `wilson` has it.
        high: the upper end.
    """

    name: str
    labels: int
    substitutions: int
    deletions: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share of mistakes."""
        return (self.substitutions + self.deletions) / self.labels

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        return {
            "group": self.name,
            "labels": self.labels,
            "substitutions": self.substitutions,
            "deletions": self.deletions,
            "rate": self.value,
            "low": self.low,
            "high": self.high,
        }


@dataclass(frozen=True, slots=True)
class SampleGroup:
    """Samples that have something in common.

    Attributes:
        name: what it is.
        exact: how many were read without a mistake.
        mistakes: of how many labels.
    """

    name: str
    exact: Rate
    mistakes: Rate

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        return {
            "group": self.name,
            "exact": self.exact.to_dict(),
            "mistakes": self.mistakes.to_dict(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Classes:
    """Which group each thing belongs to.

    Attributes:
        numbers: int64, one for each thing: a place in `names`; -1 for no group.
        names: of the groups.
    """

    numbers: NDArray[np.int64]
    names: Sequence[str]


def groups_of(classes: Classes, alignment: Alignment) -> tuple[Group, ...]:
    """The groups that labels are in, in order, without empty ones.

    Args:
        classes: of `alignment.truths.values`.
        alignment: how they were read.
    """
    numbers, count = classes.numbers, len(classes.names)
    labels = np.bincount(numbers[numbers >= 0], minlength=count)
    substituted = np.bincount(numbers[alignment.substituted & (numbers >= 0)], minlength=count)
    deleted = np.bincount(numbers[alignment.deleted & (numbers >= 0)], minlength=count)
    low, high = wilson(substituted + deleted, labels)
    columns = (labels.tolist(), substituted.tolist(), deleted.tolist(), low.tolist(), high.tolist())
    rows = zip(classes.names, *columns, strict=True)
    return tuple(Group(*row) for row in rows if row[1])


def sample_groups(classes: Classes, alignment: Alignment) -> tuple[SampleGroup, ...]:
    """The groups that samples are in, in order, without empty ones.

    Args:
        classes: of the rows of `alignment.truths`.
        alignment: how they were read.
    """
    distances, lengths = alignment.distances, alignment.truths.lengths
    groups = []
    for number, name in enumerate(classes.names):
        rows = np.flatnonzero(classes.numbers == number)
        if rows.size:
            exact = share(int((distances[rows] == 0).sum()), rows.size)
            groups.append(
                SampleGroup(name, exact, rate_over_samples(distances[rows], lengths[rows]))
            )
    return tuple(groups)


def in_steps(values: Integers, *, origin: int, known: NDArray[np.bool_] | None = None) -> Classes:
    """Whole numbers in at most twenty groups or so, as wide as each other.

    A group begins at `origin`, so that with 0 overlaps and gaps are never in one.

    Args:
        values: shape (count,).
        origin: where a group begins.
        known: bool, which of them are in a group; None for all.

    >>> in_steps(np.array([-3, 0, 41]), origin=0).names
    ['-5 to -1', '0 to 4', '5 to 9', '10 to 14', '15 to 19', '20 to 24', '25 to 29', '30 to 34', \
'35 to 39', '40 to 44']
    """
    known = np.ones(values.size, np.bool_) if known is None else known
    if not known.any():
        return Classes(np.full(values.size, -1), [])
    step = _step(int(values[known].max()) - int(values[known].min()))
    numbers = (values.astype(np.int64) - origin) // step
    least, most = int(numbers[known].min()), int(numbers[known].max())
    ends = [(origin + number * step, step - 1) for number in range(least, most + 1)]
    names = [f"{low} to {low + more}" if more else str(low) for low, more in ends]
    return Classes(np.where(known, numbers - least, -1), names)


def _step(span: int) -> int:
    power = 1
    while True:
        for step in _STEPS_OF_TEN:
            if span < _MOST_STEPS * step * power:
                return step * power
        power *= 10


def narrowest_gaps(gaps: Rows, labels: Rows) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The narrower of the gaps between each label and its neighbours.

    Args:
        gaps: n + 1 for each sample, pixels; the first and the last are before and after all labels.
        labels: n for each.

    Returns:
        int64, one for each label, pixels as drawn; and bool: whether it has a neighbour.
    """
    places = labels.places()
    lengths = np.repeat(labels.lengths, labels.lengths)
    left = np.repeat(gaps.starts, labels.lengths) + places
    none = np.iinfo(np.int64).max
    before = np.where(places > 0, gaps.values[left], none)
    after = np.where(places < lengths - 1, gaps.values[left + 1], none)
    return np.minimum(before, after), lengths > 1


def beside_equals(labels: Rows) -> NDArray[np.bool_]:
    """Which labels stand next to an equal one: bool, one for each."""
    values = labels.values
    equal = np.zeros(values.size + 1, np.bool_)
    equal[1:-1] = (values[1:] == values[:-1]) & (labels.places()[1:] > 0)
    return equal[1:] | equal[:-1]
