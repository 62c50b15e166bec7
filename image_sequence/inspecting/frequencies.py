"""Frequencies: how often things are, how often they should be, and whether it may be chance."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.laws import Law
from image_sequence.inspecting.tallies import Tally

Shares: TypeAlias = NDArray[np.float64]

ODD = 0.001
"""Below this p-value something is called odd: one data set in a thousand by chance."""

OUTSIDE = 0.01
"""How often, by chance, any bar of a chart lies outside of its band."""

_LEAST_EXPECTED = 5.0
_MOST_IN_JSON = 1_000
_HARDLY = 0.01  # Expected of a bar that is left out.


@dataclass(frozen=True, slots=True)
class Fit:
    """How well counts agree with a law: Pearson's chi-square (1900).

    Attributes:
        chi_square: the sum of (count - expected)**2 / expected.
        degrees: of freedom.
        p_value: how often chance alone makes a chi-square at least as large; the survival function
            of the chi-square distribution, Q(degrees / 2, chi_square / 2), Abramowitz and Stegun
            (1964), 26.4.19.
    """

    chi_square: float
    degrees: int
    p_value: float

    @classmethod
    def of(cls, chi_square: float, degrees: int) -> "Fit":
        """The fit with its p-value."""
        from scipy.special import chdtrc

        return cls(chi_square, degrees, float(chdtrc(degrees, chi_square)))

    @property
    def is_odd(self) -> bool:
        """Whether it is hardly chance."""
        return self.p_value < ODD

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        return {
            "chi_square": self.chi_square,
            "degrees_of_freedom": self.degrees,
            "p_value": self.p_value,
            "odd": self.is_odd,
        }

    def __str__(self) -> str:
        return (
            f"chi-square {self.chi_square:,.1f} at {self.degrees:,} degrees of freedom, "
            f"p = {self.p_value:.2g}"
        )


def fit_of(counts: NDArray[Any], shares: Shares) -> Fit | None:
    """The fit of counts to a law; None where there is too little to tell.

    Neighbours are taken together until at least 5 are expected of each group: Cochran, "Some
    Methods for Strengthening the Common chi-square Tests" (1954).

    Args:
        counts: whole numbers, shape (cells,); what a law rules out is left out.
        shares: float64, of the same shape, with the sum 1.

    >>> fit_of(np.array([18, 22, 20]), np.array([1, 1, 1]) / 3)
    Fit(chi_square=0.4, degrees=2, p_value=0.8187307530779818)
    """
    possible = shares > 0
    counts = counts[possible].astype(np.float64)
    expected = shares[possible] * counts.sum()
    starts = _groups(expected)
    if len(starts) < 2:
        return None
    counts, expected = np.add.reduceat(counts, starts), np.add.reduceat(expected, starts)
    chi_square = float(((counts - expected) ** 2 / expected).sum())
    return Fit.of(round(chi_square, 12), len(starts) - 1)


def _groups(expected: Shares) -> list[int]:
    """Where groups begin of which each expects enough; the last one takes what is left."""
    starts, inside = [0], 0.0
    for place, value in enumerate(expected.tolist()):
        if inside >= _LEAST_EXPECTED:
            starts.append(place)
            inside = 0.0
        inside += value
    if inside < _LEAST_EXPECTED:
        starts.pop()
    return starts


@dataclass(frozen=True, eq=False)
class Frequencies:
    """How often each of some things is.

    Attributes:
        names: of the things, in their order.
        counts: int64, shape (len(names),).
        shares: float64, of the same shape, with the sum 1: how often each should be; None where no
            law says so.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64] = field(repr=False)
    shares: Shares | None = field(default=None, repr=False)

    @property
    def total(self) -> int:
        """How many there are of all together."""
        return int(self.counts.sum())

    @cached_property
    def expected(self) -> Shares | None:
        """What the law makes of the total: float64, shape (len(names),)."""
        return None if self.shares is None else self.shares * self.total

    @cached_property
    def fit(self) -> Fit | None:
        """How well the counts agree with the law; None where nobody can tell."""
        return None if self.shares is None else fit_of(self.counts, self.shares)

    @property
    def impossible_count(self) -> int:
        """How many there are of what the law rules out."""
        return 0 if self.shares is None else int(self.counts[self.shares <= 0].sum())

    @property
    def is_odd(self) -> bool:
        """Whether the counts are hardly what chance makes of the law."""
        return self.impossible_count > 0 or (self.fit is not None and self.fit.is_odd)

    @cached_property
    def bands(self) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """The least and the largest count of each that chance would make: float64.

        Quantiles of the binomial distribution, by Bonferroni such that in 99 of 100 data sets none
        of the counts lies outside.
        """
        if self.shares is None or not self.names:
            return None
        from scipy.stats import binom

        tail = OUTSIDE / 2 / len(self.names)
        low, high = (binom.ppf(q, self.total, self.shares) for q in (tail, 1 - tail))
        return np.maximum(low, 0), high

    def trimmed(self) -> "Frequencies":
        """The same without those at either end that are not there, nor to be expected."""
        counts = self.counts > 0
        there = counts if self.expected is None else counts | (self.expected >= _HARDLY)
        if not there.any():
            return self
        first, last = int(there.argmax()), len(there) - int(there[::-1].argmax())
        shares = None if self.shares is None else self.shares[first:last]
        return Frequencies(self.names[first:last], self.counts[first:last], shares)

    def grouped(self, most: int) -> "Frequencies":
        """The same with neighbours taken together, so that there are so many bars at the most."""
        size = -(-len(self.names) // most)
        if size <= 1:
            return self
        starts = list(range(0, len(self.names), size))
        ends = [*starts[1:], len(self.names)]
        names = tuple(_span(self.names[start:end]) for start, end in zip(starts, ends, strict=True))
        shares = None if self.shares is None else np.add.reduceat(self.shares, starts)
        return Frequencies(names, np.add.reduceat(self.counts, starts), shares)

    def first(self, most: int) -> "Frequencies":
        """The same of the most frequent ones, in their order, where there are more."""
        if len(self.names) <= most:
            return self
        kept = np.sort(np.argsort(-self.counts, kind="stable")[:most])
        return Frequencies(tuple(self.names[place] for place in kept.tolist()), self.counts[kept])

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        pairs = zip(self.names, self.counts.tolist(), strict=True)
        told: dict[str, Any] = {"counts": {name: count for name, count in pairs if count}}
        if self.expected is not None and len(self.names) <= _MOST_IN_JSON:
            told["expected"] = dict(zip(self.names, self.expected.tolist(), strict=True))
        if self.fit is not None:
            told |= self.fit.to_dict()
        if self.shares is not None:
            told |= {"impossible": self.impossible_count, "odd": self.is_odd}
        return told


def _span(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]}–{names[-1]}"  # noqa: RUF001  # a range


def beside(law: Law | None, tally: Tally) -> Frequencies:
    """How often each whole number is that was met, or that a law knows, and all between them."""
    ends = [*tally.counts, *((law.first, law.stop - 1) if law is not None else ())]
    if not ends:
        return Frequencies((), np.zeros(0, np.int64))
    numbers = np.arange(min(ends), max(ends) + 1)
    shares = None
    if law is not None:
        shares = np.zeros(len(numbers))
        shares[law.first - numbers[0] : law.stop - numbers[0]] = law.shares
    return Frequencies(tuple(map(str, numbers.tolist())), tally.of(numbers), shares)
