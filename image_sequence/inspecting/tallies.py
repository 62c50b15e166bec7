"""Tallies: how often each whole number was met, and how measured values are spread."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import Integers


@dataclass(slots=True)
class Tally:
    """How often each whole number was met; it takes memory for the distinct ones.

    Attributes:
        counts: by number.
    """

    counts: Counter[int] = field(default_factory=Counter)

    def add(self, numbers: Integers) -> None:
        """Count more of them."""
        met, counts = np.unique(numbers, return_counts=True)
        for number, count in zip(met.tolist(), counts.tolist(), strict=True):
            self.counts[number] += count

    @property
    def total(self) -> int:
        """How many numbers were counted."""
        return self.counts.total()

    def of(self, numbers: Integers) -> NDArray[np.int64]:
        """The counts of some numbers: int64, of their shape."""
        flat = [self.counts.get(number, 0) for number in np.ravel(numbers).tolist()]
        return np.array(flat, np.int64).reshape(np.shape(numbers))


@dataclass(slots=True)
class Spread:
    """How values are spread: counted in bins of one width, so that any number of them is no load.

    Attributes:
        bin_width: of the bins, the first of which begins at 0.
    """

    bin_width: float
    _tally: Tally = field(default_factory=Tally)
    _sum: float = 0.0
    _sum_of_squares: float = 0.0
    _ends: tuple[float, float] = (np.inf, -np.inf)

    def add(self, values: NDArray[np.float64]) -> None:
        """Count more values; those that are not finite are left out."""
        finite = values[np.isfinite(values)]
        if not finite.size:
            return
        # Whole values that are worked out in floats must not fall on either side of an edge.
        self._tally.add(np.floor(finite / self.bin_width + 1e-3).astype(np.int64))
        self._sum += float(finite.sum())
        self._sum_of_squares += float((finite**2).sum())
        low, high = self._ends
        self._ends = min(low, float(finite.min())), max(high, float(finite.max()))

    @property
    def count(self) -> int:
        """How many values were counted."""
        return self._tally.total

    @property
    def mean(self) -> float:
        """Their mean; NaN without any."""
        return self._sum / self.count if self.count else np.nan

    @property
    def deviation(self) -> float:
        """Their standard deviation; NaN without any."""
        if not self.count:
            return np.nan
        return float(np.sqrt(max(0.0, self._sum_of_squares / self.count - self.mean**2)))

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest."""
        return self._ends

    def histogram(self, most: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Counts and edges as `numpy.histogram` returns them, with so many bars at the most.

        Each bar has as many bins: 1, 2, 5 times a power of ten.
        """
        numbers = np.array(sorted(self._tally.counts), np.int64)
        if not numbers.size:
            return np.zeros(0, np.int64), np.zeros(1)
        step = next(
            nice * 10**power
            for power in range(19)
            for nice in (1, 2, 5)
            if numbers[-1] // (nice * 10**power) - numbers[0] // (nice * 10**power) < most
        )
        bars = numbers // step
        counts = np.zeros(int(bars[-1] - bars[0]) + 1, np.int64)
        np.add.at(counts, bars - bars[0], self._tally.of(numbers))
        return counts, np.arange(bars[0], bars[-1] + 2) * step * self.bin_width

    def to_dict(self) -> dict[str, Any]:
        """The figures in plain JSON values."""
        if not self.count:
            return {"count": 0}
        return {
            "count": self.count,
            "mean": self.mean,
            "deviation": self.deviation,
            "least": self.ends[0],
            "most": self.ends[1],
        }
