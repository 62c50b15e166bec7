"""What a pattern is made of: a tree that turns drawn numbers into columns of places.

A place is the number of a character in the pattern's list of characters. Each part takes a fixed
number of drawn numbers, whatever they are, and gives a fixed number of columns, -1 where a row has
nothing. All of it works on arrays with any number of axes in front, so a batch is drawn at once,
and so is everything that is repeated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import ABSENT


class Node(Protocol):
    """A part of a pattern."""

    @property
    def longest(self) -> int:
        """The most characters that it may become, at least 1: so many columns it gives."""
        ...

    @property
    def choice_count(self) -> int:
        """How many drawn numbers it takes."""
        ...

    @property
    def lengths(self) -> int:
        """How many characters it may become: bit k is set where k can be."""
        ...

    def tops(self) -> Iterator[int]:
        """The largest value of each number it takes; the least is 0."""
        ...

    def columns(self, choices: NDArray[np.int64]) -> NDArray[np.int64]:
        """What it becomes: choices (…, choice_count) give places (…, longest)."""
        ...


@dataclass(frozen=True, slots=True)
class OneOf:
    """One character of some, each as likely as the others; of one, that one.

    Attributes:
        places: those of the characters, distinct.
    """

    places: tuple[int, ...]

    @property
    def longest(self) -> int:
        """One."""
        return 1

    @property
    def choice_count(self) -> int:
        """None where there is nothing to choose."""
        return int(len(self.places) > 1)

    @property
    def lengths(self) -> int:
        """One character."""
        return 0b10

    def tops(self) -> Iterator[int]:
        """See `Node`."""
        if len(self.places) > 1:
            yield len(self.places) - 1

    def columns(self, choices: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `Node`."""
        if len(self.places) > 1:
            return np.array(self.places, np.int64)[choices]
        return np.full((*choices.shape[:-1], 1), self.places[0], np.int64)


@dataclass(frozen=True, slots=True)
class Row:
    """Parts one after the other."""

    parts: tuple[Node, ...]

    @property
    def longest(self) -> int:
        """That of all parts together."""
        return sum(part.longest for part in self.parts)

    @property
    def choice_count(self) -> int:
        """Those of all parts."""
        return sum(part.choice_count for part in self.parts)

    @property
    def lengths(self) -> int:
        """All sums of lengths."""
        lengths = 1
        for part in self.parts:
            lengths = _sums(lengths, part.lengths)
        return lengths

    def tops(self) -> Iterator[int]:
        """See `Node`."""
        for part in self.parts:
            yield from part.tops()

    def columns(self, choices: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `Node`."""
        ends = accumulate((part.choice_count for part in self.parts), initial=0)
        return np.concatenate(
            [
                part.columns(choices[..., start:end])
                for part, (start, end) in zip(self.parts, pairwise(ends), strict=True)
            ],
            axis=-1,
        )


@dataclass(frozen=True, slots=True)
class Either:
    """One of several alternatives, each as likely as the others."""

    alternatives: tuple[Node, ...]

    @property
    def longest(self) -> int:
        """That of the longest alternative."""
        return max(one.longest for one in self.alternatives)

    @property
    def choice_count(self) -> int:
        """One, and those of all alternatives."""
        return 1 + sum(one.choice_count for one in self.alternatives)

    @property
    def lengths(self) -> int:
        """Those of any alternative."""
        lengths = 0
        for one in self.alternatives:
            lengths |= one.lengths
        return lengths

    def tops(self) -> Iterator[int]:
        """See `Node`."""
        yield len(self.alternatives) - 1
        for one in self.alternatives:
            yield from one.tops()

    def columns(self, choices: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `Node`."""
        which, start = choices[..., :1], 1
        columns = np.full((*choices.shape[:-1], self.longest), ABSENT, np.int64)
        for number, one in enumerate(self.alternatives):
            its = one.columns(choices[..., start : start + one.choice_count])
            np.copyto(columns[..., : one.longest], its, where=which == number)
            start += one.choice_count
        return columns


@dataclass(frozen=True, slots=True)
class Repeated:
    """A part several times, each time drawn anew; each count is as likely as the others.

    Attributes:
        node: the part.
        least: how often at least.
        most: how often at most, at least 1.
    """

    node: Node
    least: int
    most: int

    @property
    def longest(self) -> int:
        """That of the part as often as it may stand."""
        return self.node.longest * self.most

    @property
    def choice_count(self) -> int:
        """Those of each time, and one where the count is open."""
        return int(self.least < self.most) + self.node.choice_count * self.most

    @property
    def lengths(self) -> int:
        """All sums of as many lengths as there may be times."""
        sums, lengths = 1, 0
        for count in range(self.most + 1):
            lengths |= sums if count >= self.least else 0
            sums = _sums(sums, self.node.lengths)
        return lengths

    def tops(self) -> Iterator[int]:
        """See `Node`."""
        if self.least < self.most:
            yield self.most - self.least
        for _ in range(self.most):
            yield from self.node.tops()

    def columns(self, choices: NDArray[np.int64]) -> NDArray[np.int64]:
        """See `Node`."""
        is_open = self.least < self.most
        shape = choices.shape[:-1]
        own = choices[..., is_open:].reshape(*shape, self.most, self.node.choice_count)
        times = self.node.columns(own)
        if is_open:
            counts = self.least + choices[..., 0]
            there = np.arange(self.most) < counts[..., None]
            times = np.where(there[..., None], times, ABSENT)
        return times.reshape(*shape, self.longest)


def _sums(one: int, other: int) -> int:
    """The sums of a length of one and a length of the other, as bits."""
    few, many = sorted((one, other), key=int.bit_length)
    sums, bit = 0, 0
    while few >> bit:
        sums |= many << bit if few >> bit & 1 else 0
        bit += 1
    return sums
