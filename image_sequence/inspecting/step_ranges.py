"""Ranges that steps are shown over: those of a configuration, or what is usual."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np

from image_sequence.steps.kinds import Kind, Parameter
from image_sequence.steps.pipeline import Pipeline, Step

Range: TypeAlias = tuple[float, float]

_OF_LIMITS = 1 / 6  # How far a range reaches towards its limits where one value is usual.
_FACTORS = ("factor", "exponent")  # Units in which 1/2 and 2 are alike far from 1.


@dataclass(frozen=True, slots=True)
class Ranged:
    """A step and the ranges that it is shown over.

    Attributes:
        kind: what it does.
        ranges: by a parameter's name; both ends alike for a value that stays.
        held: the value of each parameter while another one varies.
        note: what else is known of it.
        number: which of the steps of its list it is, from 1; None where there is no list.
    """

    kind: Kind
    ranges: Mapping[str, Range]
    held: Mapping[str, float]
    note: str = ""
    number: int | None = None

    @classmethod
    def of_step(cls, step: Step, number: int | None = None) -> Self:
        """A step of a configuration, over its own ranges."""
        ranges = step.ranges
        held = {one.name: _middle(one, ranges[one.name]) for one in step.kind.parameters}
        return cls(step.kind, ranges, held, f"p {step.p:g}" if step.p < 1 else "", number)

    @classmethod
    def of_kind(cls, kind: Kind) -> Self:
        """A kind of step, over what is usual, or over what lies around that."""
        ranges = {one.name: widened(one) for one in kind.parameters}
        held = {one.name: _middle(one, one.usual) for one in kind.parameters}
        return cls(kind, ranges, held, kind.summary)

    @classmethod
    def of_pipeline(cls, pipeline: Pipeline) -> list[Self]:
        """All steps of a list."""
        return [cls.of_step(step, number) for number, step in enumerate(pipeline.steps, 1)]

    @property
    def varying(self) -> list[Parameter]:
        """The parameters whose ranges have two ends."""
        return [one for one in self.kind.parameters if len(set(self.ranges[one.name])) > 1]

    def settings(self, count: int) -> list[tuple[Parameter, list[dict[str, float]]]]:
        """For each parameter that varies, all values of the step, from its low end to its high one.

        Args:
            count: how many there are of each range, at least 2.
        """
        return [
            (one, [{**self.held, one.name: value} for value in self._values(one, count)])
            for one in self.varying
        ]

    def _values(self, parameter: Parameter, count: int) -> list[float]:
        return values_of(parameter, self.ranges[parameter.name], count)

    def described(self, varied: Parameter | None = None) -> str:
        """What is to be known beside its name: the range, what is held, and the note."""
        held = ", ".join(
            f"{name} {value:.4g}"
            for name, value in self.held.items()
            if varied is None or name != varied.name
        )
        span = ""
        if varied is not None:
            low, high = self.ranges[varied.name]
            limits = f"limits {varied.least:g} and {varied.most:g}"
            span = f"{low:.4g} to {high:.4g} {varied.unit}, {limits}"
        return "; ".join(filter(None, [span, held, self.note]))


def widened(parameter: Parameter) -> Range:
    """The range that is usual; where that is one value, a range around it.

    Factors go from the half to the double, all else a sixth of the way to the limits.

    >>> widened(Parameter("rotate", "degrees", -180, 180, (0, 0)))
    (-30.0, 30.0)
    >>> widened(Parameter("scale", "factor", 0.6, 10, (1, 1)))
    (0.6, 2.0)
    """
    low, high = map(float, parameter.usual)
    if low < high:
        return low, high
    least, most = parameter.least, parameter.most
    if parameter.unit in _FACTORS and low > 0:
        return max(least, low / 2), min(most, low * 2)
    return low - (low - least) * _OF_LIMITS, low + (most - low) * _OF_LIMITS


def values_of(parameter: Parameter, ends: Range, count: int) -> list[float]:
    """Evenly spaced values from one end to the other, both included; whole ones once each.

    >>> severity = Parameter("severity", "severity", 1, 5, (1, 5), whole=True)
    >>> values_of(severity, (1, 3), 5), values_of(severity, (2, 2), 5)
    ([1.0, 2.0, 3.0], [2.0])
    """
    values = np.linspace(*ends, count)
    found: list[float] = np.unique(np.rint(values) if parameter.whole else values).tolist()
    return found


def _middle(parameter: Parameter, ends: Range) -> float:
    middle = sum(ends) / 2
    return float(round(middle)) if parameter.whole else middle
