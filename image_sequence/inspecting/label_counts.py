"""Label counts: which labels stand on pictures, how many, where, and beside which others."""

from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.blocks import Block
from image_sequence.inspecting.frequencies import Frequencies, beside
from image_sequence.inspecting.laws import Laws
from image_sequence.inspecting.rows import Rows
from image_sequence.inspecting.tallies import Tally
from image_sequence.inspecting.units import in_order
from image_sequence.plan import Integers

_HALF = 1 << 32  # Two whole numbers below it make one.


@dataclass(slots=True)
class LabelCounts:
    """How often labels are met; they have numbers in the order in which they were.

    Attributes:
        labels: by number.
        lengths: how many labels samples have.
        places: of each place, counted from 0, and the label there.
        pairs: of each two neighbours.
        apart: of the first and second label, the third and fourth and so on: pairs of neighbours
            that share no label, so that each is a draw of its own.
        triple_count: how many three neighbours there are.
    """

    labels: Tally = field(default_factory=Tally)
    lengths: Tally = field(default_factory=Tally)
    places: Tally = field(default_factory=Tally)
    pairs: Tally = field(default_factory=Tally)
    apart: Tally = field(default_factory=Tally)
    triple_count: int = 0
    _numbers: dict[str, int] = field(default_factory=dict)

    def add(self, block: Block) -> None:
        """Count the labels of more samples."""
        texts = list(chain.from_iterable(block.labels))
        for text in dict.fromkeys(texts):
            self._numbers.setdefault(text, len(self._numbers))
        numbers = np.fromiter(map(self._numbers.__getitem__, texts), np.int64, len(texts))
        places = Rows(numbers, block.lengths).places()
        self.labels.add(numbers)
        self.lengths.add(block.lengths)
        self.places.add(_two(places, numbers))
        # A label at a place above 0 has a neighbour at its left.
        right = np.flatnonzero(places > 0)
        pairs = _two(numbers[right - 1], numbers[right])
        self.pairs.add(pairs)
        self.apart.add(pairs[places[right] % 2 == 1])
        self.triple_count += int(np.maximum(block.lengths - 2, 0).sum())

    @property
    def names(self) -> list[str]:
        """All labels that were met, as one looks them up."""
        return in_order(self._numbers)

    def label_frequencies(self, laws: Laws) -> Frequencies:
        """How often each label is, those that should be there and are not included."""
        names = in_order({*self._numbers, *(laws.labels or ())})
        counts = self.labels.of(self._known(names))
        shares = None
        if laws.labels is not None:
            shares = np.isin(names, laws.labels) / len(laws.labels)
        return Frequencies(tuple(names), counts, shares)

    def length_frequencies(self, laws: Laws) -> Frequencies:
        """How often each length is."""
        return beside(laws.lengths, self.lengths)

    def at_places(self, names: list[str], most: int) -> NDArray[np.int64]:
        """How often each label is at each of the first places: int64, (len(names), place count)."""
        places = np.arange(min(most, max(self.lengths.counts)))
        return self.places.of(_two(places, self._known(names)[:, None]))

    def pair_counts(self, names: list[str], *, apart: bool = False) -> NDArray[np.int64]:
        """How often each label has each other at its right: int64, (len(names), len(names))."""
        numbers = self._known(names)
        pairs = self.apart if apart else self.pairs
        return pairs.of(_two(numbers[:, None], numbers))

    def _known(self, names: list[str]) -> NDArray[np.int64]:
        """The labels' numbers; for those that were not met a number that no label has."""
        missing = len(self._numbers)
        return np.array([self._numbers.get(name, missing) for name in names], np.int64)


def _two(first: Integers, second: Integers) -> NDArray[np.int64]:
    both: NDArray[np.int64] = first * _HALF + second
    return both
