"""Pairs of neighbours: how often each label stands at the left of each other."""

from dataclasses import dataclass, field
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.frequencies import OUTSIDE, Fit, fit_of
from image_sequence.inspecting.label_counts import LabelCounts
from image_sequence.inspecting.laws import Laws

MOST_LABELS = 40
"""So many labels, the most frequent ones, have their pairs counted."""

_LEAST_EXPECTED = 5.0


@dataclass(frozen=True, eq=False)
class PairCounts:
    """How often pairs of neighbours are.

    Attributes:
        names: labels.
        counts: int64, shape (len(names), len(names)): of left and right label.
        apart: the same of pairs that share no label.
        triple_count: how many three neighbours there are.
        label_count: how many labels are each as likely, whatever is beside them; None where no law
            says so.
    """

    names: tuple[str, ...]
    counts: NDArray[np.int64] = field(repr=False)
    apart: NDArray[np.int64] = field(repr=False)
    triple_count: int
    label_count: int | None

    @classmethod
    def of(cls, labels: LabelCounts, laws: Laws) -> "PairCounts":
        """The pairs of the most frequent labels."""
        kept = labels.label_frequencies(laws).first(MOST_LABELS)
        names = list(kept.names)
        follows_law = laws.labels is not None and set(names) == set(laws.labels)
        return cls(
            tuple(names),
            labels.pair_counts(names),
            labels.pair_counts(names, apart=True),
            labels.triple_count,
            len(names) if follows_law else None,
        )

    @property
    def total(self) -> int:
        """How many pairs there are."""
        return int(self.counts.sum())

    @property
    def expected(self) -> float | None:
        """How many of each pair; None where no law says so."""
        return None if self.label_count is None else self.total / self.label_count**2

    @cached_property
    def fit(self) -> Fit | None:
        """How well pairs that share no label agree with the law.

        All pairs would not do: neighbouring ones share a label, so their chi-square has another
        distribution: Good, "The Serial Test for Sampling Numbers" (1953).
        """
        if self.label_count is None:
            return None
        return fit_of(self.apart.ravel(), np.full(self.apart.size, 1 / self.apart.size))

    @property
    def deviations(self) -> NDArray[np.float64] | None:
        """How far chance moves counts: standard deviations, float64, as `counts`; None without law.

        With p = 1 / labels**2 the variance is pairs p (1 - p) + 2 triples (q - p**2), where q, the
        chance that a pair is there twice in three labels, is p / labels for a label beside itself
        and 0 for others.
        """
        if self.label_count is None:
            return None
        p = 1 / self.label_count**2
        twice = np.eye(self.label_count) * p / self.label_count
        variance = self.total * p * (1 - p) + 2 * self.triple_count * (twice - p**2)
        return np.sqrt(variance)

    @property
    def odd(self) -> NDArray[np.bool_] | None:
        """The pairs that chance hardly makes as frequent: bool, as `counts`; None without a law.

        By the normal distribution, and by Bonferroni such that 99 of 100 data sets have none; where
        fewer than 5 of each are expected, nobody can tell.
        """
        if self.deviations is None or not self.expected or self.expected < _LEAST_EXPECTED:
            return None
        bound = NormalDist().inv_cdf(1 - OUTSIDE / 2 / self.counts.size)
        far: NDArray[np.bool_] = np.abs(self.counts - self.expected) > bound * self.deviations
        return far

    @property
    def is_odd(self) -> bool:
        """Whether the pairs are hardly what chance makes of the law."""
        return self.fit is not None and self.fit.is_odd

    def to_dict(self) -> dict[str, Any]:
        """The figures in plain JSON values."""
        told: dict[str, Any] = {
            "labels": list(self.names),
            "counts": self.counts.tolist(),
        }
        if self.expected is not None:
            told["expected_of_each"] = self.expected
        if self.fit is not None:
            told |= self.fit.to_dict()
        return told
