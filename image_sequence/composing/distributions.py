"""Spacing strategies that draw each gap from a named distribution.

A gap is a whole number of pixels in the range asked for, both ends included: the distribution is
cut off there, and what is left of it is scaled up to 1. Where the range reaches below 0, the gaps
before the first and after the last glyph come from the part of it from 0 on, since a glyph may
overlap another but not stick out of the picture. What is not said of a distribution is made of the
range; for those two gaps, of theirs.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from os import PathLike
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.counts import (
    LARGEST_WEIGHT,
    checked_counts,
    checked_number,
    known_settings,
    listed,
    measured_gaps,
    numbered,
    read_counts,
)
from image_sequence.composing.request import WIDEST
from image_sequence.composing.spacing import SpacingRequest, check_width, register_spacing
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.plan import Integers

Masses: TypeAlias = NDArray[np.float64]

_WORD_BITS = 32
_LEAST_WIDTH = 0.001  # Pixels: what is narrower falls on one gap, or on two, all the same.


class Distribution(ABC):
    """A spacing strategy that draws each gap on its own from one law.

    A subclass can be hashed: what it draws from is worked out once for each range.
    """

    __slots__ = ()

    @abstractmethod
    def masses(self, least: int, most: int) -> Masses:
        """How likely the gaps least … most are, before the range cuts off the rest.

        Returns:
            float64, shape (most - least + 1,), at least 0.0.
        """

    @abstractmethod
    def usual_range(self, least: int, most: int) -> tuple[int, int]:
        """Pixels, the ends of a range in which gaps of this law are likely: one that works."""

    @classmethod
    def of_settings(cls, settings: Mapping[str, object]) -> Self:
        """The distribution that a section of a configuration describes: its fields by name.

        Raises:
            ArgumentTypeError, ArgumentValueError: as `from_settings`.
        """
        keys = [field.name for field in fields(cls)]  # type: ignore[arg-type]  # the subclasses are
        construct: Callable[..., Self] = cls
        return construct(**known_settings(settings, f"a distribution {cls.__name__}", keys))

    def __call__(self, request: SpacingRequest, rng: Draws, /) -> Integers:
        """The gaps of a batch: int64, shape (rng.batch_size, n + 1), pixels.

        One raw word makes one gap, by the inverse of the distribution function: Devroye,
        "Non-Uniform Random Variate Generation" (1986), III.2. Its upper 32 bits are used, so each
        gap is as likely as it should be within 2**-32.

        Raises:
            ArgumentValueError: the range holds none of the distribution, or such a strip could be
                wider than may be.
            NoGapError: one glyph and no edges.
        """
        check_width(request)
        least, most = request.least, request.most
        words = (rng.raw(request.gap_count) >> np.uint64(_WORD_BITS)).astype(np.uint32)
        chosen = np.empty(words.shape, np.int64)
        for low, high in sorted(set(zip(least.tolist(), most.tolist(), strict=True))):
            columns = (least == low) & (most == high)
            chosen[:, columns] = _table(self, low, high).gaps(words[:, columns])
        return request.with_edges(chosen)


@dataclass(frozen=True, slots=True)
class Normal(Distribution):
    """Gaps about a mean: the normal distribution, rounded to whole pixels.

    P(g) is proportional to Phi((g + 0.5 - mean) / deviation) - Phi((g - 0.5 - mean) / deviation):
    Roy, "The Discrete Normal Distribution" (2003), with the cells about the whole numbers.

    Attributes:
        mean: pixels, -1,000,000 … 1,000,000, before the range cuts off the rest; None for the
            middle of the range.
        deviation: pixels, 0.001 … 1,000,000; None for a sixth of the range's length, 0.5 or more.

    >>> request = SpacingRequest(4, 28, minimum=0, maximum=20, image_width=160, edges=False)
    >>> Normal(6, 2)(request, Draws(seed=7, stream="spacing", indices=[0, 1])).tolist()
    [[0, 8, 5, 8, 0], [0, 7, 3, 5, 0]]
    """

    mean: float | None = None
    deviation: float | None = None

    def __post_init__(self) -> None:
        _check_field(self, "mean", -WIDEST, WIDEST)
        _check_field(self, "deviation", _LEAST_WIDTH, WIDEST)

    def masses(self, least: int, most: int) -> Masses:
        """As for every distribution."""
        mean, deviation = self._said(least, most)
        # Seen from the mean outwards nothing cancels: a far tail keeps all its digits.
        distances = np.abs(np.arange(least, most + 1) - mean)
        scale = deviation * math.sqrt(2)
        return 0.5 * (_erfc((distances - 0.5) / scale) - _erfc((distances + 0.5) / scale))

    def usual_range(self, least: int, most: int) -> tuple[int, int]:
        """As for every distribution."""
        mean, deviation = self._said(least, most)
        return round(mean - 4 * deviation), round(mean + 4 * deviation)

    def _said(self, least: int, most: int) -> tuple[float, float]:
        mean = (least + most) / 2 if self.mean is None else self.mean
        usual = max(0.5, (most - least) / 6)
        return mean, usual if self.deviation is None else self.deviation


@dataclass(frozen=True, slots=True)
class Poisson(Distribution):
    """Gaps like counts of rare events: P(g) is proportional to mean**g / g! for g of 0 and more.

    Attributes:
        mean: pixels, 0 … 1,000,000, before the range cuts off the rest; None for the middle of the
            range, which must not lie below 0 then.
    """

    mean: float | None = None

    def __post_init__(self) -> None:
        _check_field(self, "mean", 0, WIDEST)

    def masses(self, least: int, most: int) -> Masses:
        """As for every distribution.

        By the recurrence P(g + 1) = P(g) mean / (g + 1): Johnson, Kemp and Kotz, "Univariate
        Discrete Distributions" (2005), chapter 4. It starts at the likeliest gap, and needs neither
        logarithms nor factorials, which differ from platform to platform.
        """
        mean = self._said(least, most)
        mode = int(mean)
        # Beyond that there is less than a float64 holds, by Bernstein's inequality.
        reach = math.ceil(40 * math.sqrt(mean)) + 600
        first = max(0, mode - reach)
        above = np.cumprod(mean / np.arange(mode + 1, mode + reach + 1))
        below = np.cumprod(np.arange(mode, first, -1) / mean)
        whole = np.concatenate([below[::-1], [1.0], above])
        return _placed(whole / whole.sum(), first, least, most)

    def usual_range(self, least: int, most: int) -> tuple[int, int]:
        """As for every distribution."""
        mean = self._said(least, most)
        reach = 4 * math.sqrt(mean)
        return max(0, round(mean - reach)), round(mean + reach)

    def _said(self, least: int, most: int) -> float:
        if self.mean is not None:
            return self.mean
        if least + most < 0:
            raise ArgumentValueError(
                f"the middle of the range from {least} to {most} is below 0, no mean for a Poisson "
                f"distribution; give it one, such as Poisson(3), or use a range of 0 and more"
            )
        return (least + most) / 2


@dataclass(frozen=True, slots=True)
class Exponential(Distribution):
    """Mostly narrow gaps, now and then a wide one: P(g) is proportional to exp(-g / mean).

    The exponential distribution, counted from the range's minimum and rounded down to whole pixels:
    the geometric one of ratio exp(-1 / mean). See Devroye (1986), X.2.

    Attributes:
        mean: pixels above the minimum, 0.001 … 1,000,000: that of the exponential distribution
            before it is rounded and before the range cuts off the rest; None for a quarter of the
            range's length, 0.5 or more.
    """

    mean: float | None = None

    def __post_init__(self) -> None:
        _check_field(self, "mean", _LEAST_WIDTH, WIDEST)

    def masses(self, least: int, most: int) -> Masses:
        """As for every distribution."""
        mean = max(0.5, (most - least) / 4) if self.mean is None else self.mean
        return -math.expm1(-1 / mean) * np.exp(-np.arange(most - least + 1) / mean)

    def usual_range(self, least: int, most: int) -> tuple[int, int]:
        """As for every distribution."""
        return least, most


@dataclass(frozen=True, slots=True)
class Histogram(Distribution):
    """Gaps as often as they were counted: P(g) is proportional to the weight of g.

    Attributes:
        counts: the weight of each gap, by the gap, or pairs of both; gaps are whole pixels,
            -1,000,000 … 1,000,000, weights 0 … 1e15, not all 0. Kept as pairs in order.

    >>> Histogram({4: 1, 0: 2}), Histogram.of([4, 0, 0]) == Histogram({4: 1, 0: 2})
    (Histogram(counts=((0, 2.0), (4, 1.0))), True)
    """

    counts: Mapping[int, float] | Iterable[tuple[int, float]]

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", checked_counts(self.counts))

    @classmethod
    def of(cls, gaps: Iterable[int] | Iterable[NDArray[Any]] | NDArray[Any]) -> Self:
        """The histogram of measured gaps.

        Args:
            gaps: whole numbers, or arrays of them of any shape, such as `Sample.gaps`; the -1 that
                fills the shorter rows of `Batch.gaps` would count as a gap.

        Raises:
            ArgumentTypeError: something else.
            ArgumentValueError: no gap, or one that lies beyond a million pixels.
        """
        measured, counts = np.unique(measured_gaps(gaps), return_counts=True)
        return cls(zip(measured.tolist(), counts.tolist(), strict=True))

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """The histogram in a JSON file in UTF-8: an object such as {"0": 5, "12": 1}.

        Raises:
            ArgumentTypeError, ArgumentValueError: there is no such file, or it holds something
                else.
        """
        return cls(numbered(read_counts(path)))

    @classmethod
    def of_settings(cls, settings: Mapping[str, object]) -> Self:
        """As for every distribution; {"counts": {"0": 5}}, or {"file": path} of a JSON file."""
        known = known_settings(settings, "a distribution Histogram", ["counts", "file"])
        if len(known) != 1:
            raise ArgumentValueError(
                f"a distribution Histogram has either the key 'counts' or 'file', "
                f"not {shown(dict(known))}"
            )
        if "file" in known:
            return cls.from_file(known["file"])
        if not isinstance(known["counts"], Mapping):
            raise ArgumentTypeError(
                f"counts are an object such as {{'0': 5, '9': 1}}, not {shown(known['counts'])}"
            )
        return cls(numbered(known["counts"].items()))

    def masses(self, least: int, most: int) -> Masses:
        """As for every distribution."""
        gaps, weights = (np.array(column) for column in zip(*self._kept, strict=True))
        inside = (gaps >= least) & (gaps <= most)
        masses = np.zeros(most - least + 1)
        masses[gaps[inside] - least] = weights[inside] / weights.sum()
        return masses

    def usual_range(self, least: int, most: int) -> tuple[int, int]:  # noqa: ARG002  # as the others
        """As for every distribution."""
        gaps = [gap for gap, _ in self._kept]
        return min(gaps), max(gaps)

    @property
    def _kept(self) -> tuple[tuple[int, float], ...]:
        return self.counts  # type: ignore[return-value]  # since they are checked


@dataclass(frozen=True, slots=True)
class Mixture(Distribution):
    """Each gap from one of several distributions: P(g) is the weighted mean of their P(g).

    The weights are those before the range cuts anything off: a part that lies mostly outside the
    range is rarer in it.

    Attributes:
        parts: distributions, at least one, none of them a mixture.
        weights: how often each is meant, above 0 and up to 1e15; only their ratios matter.
    """

    parts: Sequence[Distribution]
    weights: Sequence[float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", _checked_parts(self.parts))
        object.__setattr__(self, "weights", _checked_weights(self.weights, len(self.parts)))

    @classmethod
    def of_settings(cls, settings: Mapping[str, object]) -> Self:
        """As for every distribution; {"parts": [{"type": "normal", "weight": 3, …}, …]}.

        A part without a weight has the weight 1.
        """
        listed = known_settings(settings, "a distribution Mixture", ["parts"]).get("parts")
        if not isinstance(listed, (list, tuple)):
            raise ArgumentTypeError(
                f"the parts of a mixture are a list such as [{{'type': 'normal', 'weight': 1}}], "
                f"not {shown(listed)}"
            )
        parts = [_part(number, part) for number, part in enumerate(listed, 1)]
        weights = [part.get("weight", 1) for part in listed]
        return cls(parts, weights)

    def masses(self, least: int, most: int) -> Masses:
        """As for every distribution."""
        whole = math.fsum(self.weights)
        masses = np.zeros(most - least + 1)
        for part, weight in zip(self.parts, self.weights, strict=True):
            masses += weight / whole * part.masses(least, most)
        return masses

    def usual_range(self, least: int, most: int) -> tuple[int, int]:
        """As for every distribution."""
        ranges = [part.usual_range(least, most) for part in self.parts]
        return min(low for low, _ in ranges), max(high for _, high in ranges)


DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "normal": Normal,
    "poisson": Poisson,
    "exponential": Exponential,
    "mixture": Mixture,
    "histogram": Histogram,
}


def from_settings(name: str, settings: Mapping[str, object]) -> Distribution:
    """The distribution that a section of a configuration describes.

    Args:
        name: one of `DISTRIBUTIONS`.
        settings: what else the section says.

    Raises:
        ArgumentTypeError: a name or a value of the wrong kind.
        ArgumentValueError: an unknown name or key, or a value that cannot work.

    >>> from_settings("normal", {"mean": 6, "deviation": 2})
    Normal(mean=6.0, deviation=2.0)
    """
    if not isinstance(name, str):
        raise ArgumentTypeError(f"a distribution has a name such as 'normal', not {shown(name)}")
    if name not in DISTRIBUTIONS:
        raise ArgumentValueError(
            f"there is no distribution {shown(name)}; there are {listed(DISTRIBUTIONS)}"
        )
    return DISTRIBUTIONS[name].of_settings(settings)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """How words become gaps.

    Attributes:
        first: pixels, the smallest gap that can be drawn.
        thresholds: uint32, ascending: where the words of each gap but the first begin.
    """

    first: int
    thresholds: NDArray[np.uint32]

    def gaps(self, words: NDArray[np.uint32]) -> NDArray[np.int64]:
        """The gaps of words, any shape."""
        return self.first + np.searchsorted(self.thresholds, words, side="right").astype(np.int64)


# A table of the widest range takes 4 MB.
@lru_cache(maxsize=32)
def _table(law: Distribution, least: int, most: int) -> _Table:
    shares = np.cumsum(law.masses(least, most))
    if shares[-1] == 0:
        raise ArgumentValueError(_nothing_inside(law, least, most))
    # Whole thresholds make one plan of what differs in its last digits between platforms.
    thresholds = np.rint(shares / shares[-1] * 2.0**_WORD_BITS)
    unreached = int((thresholds == 0).sum())
    inner = thresholds[unreached : np.searchsorted(thresholds, 2.0**_WORD_BITS)]
    return _Table(least + unreached, inner.astype(np.uint32))


def _nothing_inside(law: Distribution, least: int, most: int) -> str:
    low, high = law.usual_range(least, most)
    advice = f"use a range such as ({max(low, -WIDEST)}, {min(high, WIDEST)})"
    if least == 0 and low < 0:
        advice += ", and the spacing subtype 'between', since outer gaps are never negative"
    return f"the range from {least} to {most} holds nothing of {shown(law)}; {advice}"


def _erfc(values: Masses) -> Masses:
    return np.fromiter(map(math.erfc, values.tolist()), np.float64, values.size)


def _placed(masses: Masses, first: int, least: int, most: int) -> Masses:
    """The masses of least … most, where those of `first` and the following gaps are given."""
    placed = np.zeros(most - least + 1)
    low, high = max(first, least), min(first + len(masses), most + 1)
    if low < high:
        placed[low - least : high - least] = masses[low - first : high - first]
    return placed


def _check_field(law: Distribution, field: str, least: float, most: float) -> None:
    """Check a number and keep it as a float; None stays."""
    value = getattr(law, field)
    if value is not None:
        name = f"the {field} of a distribution {type(law).__name__}"
        object.__setattr__(law, field, checked_number(value, name, least, most))


def _checked_parts(parts: object) -> tuple[Distribution, ...]:
    if not isinstance(parts, (list, tuple)):
        raise ArgumentTypeError(
            f"the parts of a mixture are distributions such as (Normal(2), Poisson(8)), "
            f"not {shown(parts)}"
        )
    for part in parts:
        if not isinstance(part, Distribution) or isinstance(part, Mixture):
            raise ArgumentTypeError(
                f"a part of a mixture is a distribution such as Normal(2), and no mixture, "
                f"not {shown(part)}"
            )
    if not parts:
        raise ArgumentValueError("a mixture has at least one part, such as Normal(2)")
    return tuple(parts)


def _checked_weights(weights: object, count: int) -> tuple[float, ...]:
    if not isinstance(weights, (list, tuple)):
        raise ArgumentTypeError(
            f"the weights of a mixture are numbers such as (3, 1), not {shown(weights)}"
        )
    if len(weights) != count:
        raise ArgumentValueError(
            f"a mixture of {count} parts has as many weights, not {len(weights)}"
        )
    name = "the weight of a part"
    checked = tuple(checked_number(weight, name, 0, LARGEST_WEIGHT) for weight in weights)
    if 0.0 in checked:
        raise ArgumentValueError(
            f"the weight of a part is above 0, and {shown(weights)} has a 0; leave that part out"
        )
    return checked


def _part(number: int, settings: object) -> Distribution:
    """Part `number` of a mixture, counted from 1."""
    if not isinstance(settings, Mapping) or settings.get("type") in (None, "mixture"):
        raise ArgumentTypeError(
            f"part {number} of a mixture is an object such as {{'type': 'normal', 'weight': 1}}, "
            f"and no mixture itself, not {shown(settings)}"
        )
    own = {key: value for key, value in settings.items() if key not in {"type", "weight"}}
    try:
        return from_settings(settings["type"], own)
    except (ArgumentTypeError, ArgumentValueError) as error:
        raise type(error)(f"in part {number} of a mixture, {error}") from error


# The range alone tells what these need, so their names will do.
for _name in ("normal", "poisson", "exponential"):
    register_spacing(_name, DISTRIBUTIONS[_name]())
