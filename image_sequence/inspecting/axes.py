"""Axes: where a value stands on a chart, and what is written beside it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from image_sequence.inspecting.pages import escaped

WIDTH = 360.0
"""Units of every chart: on a phone one is about a CSS pixel."""

PLOT_HEIGHT = 130.0
TOP = 22.0
LETTER = 6.4
"""The width of a digit at the style sheet's 11 pixels."""

NOTHING = '<p class="note">nothing to show</p>'
"""Stands for a chart without values."""

_LEAST_SPAN = 1e-200
_RIGHT = 6.0
_BELOW = 18.0
_LONGEST_NAME = 24
_SHORT = 5


@dataclass(frozen=True, slots=True)
class Axis:
    """The vertical axis of a chart.

    Attributes:
        ticks: values that are written beside it, ascending; it reaches from the first to the last.
        left: units, where the plot begins.
    """

    ticks: tuple[float, ...]
    left: float

    @classmethod
    def over(cls, values: Sequence[float]) -> "Axis":
        """The axis that holds 0 and some values."""
        ticks = nice_ticks(min(0.0, *values), max(0.0, *values))
        widest = max(len(brief(tick)) for tick in ticks)
        return cls(ticks, widest * LETTER + 6)

    @property
    def width(self) -> float:
        """Units that the plot is wide."""
        return WIDTH - self.left - _RIGHT

    def y(self, value: float) -> float:
        """Where a value stands, units from the top."""
        low, high = self.ticks[0], self.ticks[-1]
        return TOP + PLOT_HEIGHT * (high - value) / (high - low)

    def drawn(self, unit: str) -> str:
        """Its lines, its numbers and its unit."""
        lines = [
            f'<line class="axis" x1="{self.left:.1f}" x2="{WIDTH - _RIGHT:.1f}" '
            f'y1="{self.y(tick):.1f}" y2="{self.y(tick):.1f}"/><text text-anchor="end" '
            f'x="{self.left - 4:.1f}" y="{self.y(tick) + 3.5:.1f}">{brief(tick)}</text>'
            for tick in self.ticks
        ]
        if unit:
            lines.append(f'<text x="0" y="9">{escaped(unit)}</text>')
        return "".join(lines)


@dataclass(frozen=True, slots=True)
class Names:
    """What stands under the bars, or beside the rows, of a chart.

    Attributes:
        texts: all of them.
        step: units from one to the next.
    """

    texts: tuple[str, ...]
    step: float

    @classmethod
    def of(cls, texts: Sequence[str], step: float) -> "Names":
        """The names, none of them too long."""
        return cls(tuple(shortened(text) for text in texts), step)

    @property
    def longest(self) -> int:
        """Characters of the longest one."""
        return max(map(len, self.texts))

    @property
    def are_upright(self) -> bool:
        """Whether they stand upright, as long ones do that have no room beside each other."""
        return self.longest > _SHORT and (self.longest + 1) * LETTER > self.step

    @property
    def height(self) -> float:
        """Units that they take."""
        return self.longest * LETTER + 10 if self.are_upright else _BELOW

    @property
    def shown_every(self) -> int:
        """Every how manyth has room: 1 for all."""
        needed = 2 * LETTER if self.are_upright else (self.longest + 1) * LETTER
        return max(1, math.ceil(needed / self.step))

    def drawn(self, left: float, top: float) -> str:
        """Those that have room, under the middles of their bars."""
        return "".join(
            self._drawn(text, left + (place + 0.5) * self.step, top)
            for place, text in enumerate(self.texts)
            if place % self.shown_every == 0
        )

    def drawn_beside(self, right: float, top: float, height: float) -> str:
        """Those that have room, each at the left of a row of a height."""
        every = max(1, math.ceil(2 * LETTER / height))
        return "".join(
            f'<text text-anchor="end" x="{right:.1f}" y="{top + (place + 0.5) * height + 4:.1f}">'
            f"{escaped(text)}</text>"
            for place, text in enumerate(self.texts)
            if place % every == 0
        )

    def _drawn(self, text: str, x: float, top: float) -> str:
        if not self.are_upright:
            place = f'text-anchor="middle" x="{x:.1f}" y="{top + 13:.1f}"'
            return f"<text {place}>{escaped(text)}</text>"
        move = f"translate({x + 3.5:.1f} {top + 6:.1f}) rotate(-90)"
        return f'<text text-anchor="end" transform="{move}">{escaped(text)}</text>'


def nice_ticks(low: float, high: float) -> tuple[float, ...]:
    """Round values from `low` or below to `high` or above, three to seven of them.

    After Heckbert, "Nice Numbers for Graph Labels", Graphics Gems (1990).

    >>> nice_ticks(0, 870), nice_ticks(-0.1, 0.3)
    ((0.0, 250.0, 500.0, 750.0, 1000.0), (-0.1, 0.0, 0.1, 0.2, 0.3))
    """
    span = high - low if high - low > _LEAST_SPAN else 1.0
    power = 10.0 ** math.floor(math.log10(span / 4))
    step = next(nice * power for nice in (1, 2, 2.5, 5, 10) if span / (nice * power) <= 4.0001)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(float(f"{place * step:.12g}") for place in range(first, max(last, first + 1) + 1))


def brief(value: float) -> str:
    """A number in few characters.

    >>> brief(0.25), brief(9000), brief(12500), brief(3e6)
    ('0.25', '9,000', '12.5k', '3M')
    """
    for least, divisor, letter in ((1e6, 1e6, "M"), (1e4, 1e3, "k")):
        if abs(value) >= least:
            return f"{value / divisor:.4g}{letter}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"


def shortened(text: str) -> str:
    """A name that is not longer than a chart has room for."""
    return text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"


def drawn_chart(title: str, height: float, drawn: str) -> str:
    """A chart of what is drawn on it; as wide as there is room.

    Args:
        title: for who does not see it.
        height: units.
        drawn: SVG.
    """
    return (
        f'<svg class="chart" role="img" aria-label="{escaped(title)}" '
        f'viewBox="0 0 {WIDTH:g} {height:.1f}"><title>{escaped(title)}</title>{drawn}</svg>'
    )
