"""Shares and rates, with how far chance may have moved them."""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.plan import Integers

CONFIDENCE = 0.95
"""How often, over many test sets, the true value lies in its interval."""

Z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
"""So many standard errors lie on either side: 1.96."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of how many, and the interval.

    Attributes:
        count: what happened.
        total: what it is counted against; where that is 0, nothing is known.
        low: the lower end of the interval.
        high: the upper end; above 1 if there may be more mistakes than labels.
    """

    count: int
    total: int
    low: float
    high: float

    @property
    def value(self) -> float | None:
        """The quotient; None of 0."""
        return self.count / self.total if self.total else None

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        return {
            "count": self.count,
            "of": self.total,
            "rate": self.value,
            "low": self.low,
            "high": self.high,
        }

    def __str__(self) -> str:
        if self.value is None:
            return "-"
        return f"{self.value:.2%} ({self.low:.2%} to {self.high:.2%})"


def share(count: int, total: int) -> Rate:
    """A share of things that are independent of each other, with Wilson's interval."""
    low, high = wilson(count, total)
    return Rate(count, total, float(low), float(high))


def wilson(counts: ArrayLike, totals: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The score interval of shares.

    Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
    American Statistical Association 22 (1927): the shares p for which the count is at most Z
    standard errors, sqrt(p (1 - p) / n), away. Unlike the textbook's it is never of no width and
    holds for few things too.

    Args:
        counts: whole numbers, each at most its total.
        totals: of the same shape.

    Returns:
        The lower and the upper ends, float64, of that shape; 0 and 1 where a total is 0.

    >>> low, high = wilson(0, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0, 0.2775)
    """
    n = np.asarray(totals, np.float64)
    successes = np.asarray(counts, np.float64)
    centre = (successes + Z**2 / 2) / (n + Z**2)
    spread = Z / (n + Z**2) * np.sqrt(successes * (1 - successes / np.maximum(n, 1)) + Z**2 / 4)
    # Exactly so at the ends, where rounding would leave 1e-17.
    low = np.where(successes == 0, 0.0, centre - spread)
    high = np.where(successes == n, 1.0, centre + spread)
    return low, high


def rate_over_samples(counts: Integers, totals: Integers) -> Rate:
    """A rate of events that come in clusters: mistakes to a label, where mistakes share pictures.

    The variance is that of a ratio estimator over samples (Cochran, "Sampling Techniques", 3rd ed.
    1977, section 6.4): n / (n - 1) sum((events - rate * labels)^2) / labels^2. Its quotient by the
    variance of independent events, the design effect f, goes into the score interval of a Poisson
    rate: the rates r for which the events are at most Z standard errors, sqrt(f r / labels), away
    (Rao and Scott, "A simple method for analysing overdispersion in clustered Poisson data",
    Statistics in Medicine 18, 1999). For many events that is the delta method's interval; it
    never lies below 0, and is of some width where there was no mistake. f is taken as 1 if it is
    less, so that few samples do not look exact by chance.

    Args:
        counts: whole numbers, shape (sample count,): events of each sample.
        totals: whole numbers, shape (sample count,): its labels.

    >>> print(rate_over_samples(np.array([0, 0, 1, 0]), np.array([5, 5, 5, 5])))
    5.00% (0.88% to 28.32%)
    """
    events, total, n = int(counts.sum()), int(totals.sum()), counts.size
    if not total:
        return Rate(events, total, 0.0, 1.0)
    residuals = counts - events / total * totals
    effect = 1.0
    if events and n > 1:
        effect = max(1.0, float(residuals @ residuals) * n / (n - 1) / events)
    centre = events + Z**2 * effect / 2
    spread = Z * math.sqrt(effect * events + (Z * effect / 2) ** 2)
    low = max(0.0, centre - spread) if events else 0.0
    return Rate(events, total, low / total, (centre + spread) / total)
