"""Charts: SVG that stands in a page, takes its colours from the page and needs no script."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from image_sequence.inspecting.axes import (
    LETTER,
    NOTHING,
    PLOT_HEIGHT,
    TOP,
    Axis,
    Names,
    brief,
    drawn_chart,
)
from image_sequence.inspecting.heat_maps import heat_map
from image_sequence.inspecting.pages import escaped

__all__ = ["bars", "heat_map", "histogram"]

Range: TypeAlias = tuple[float, float]

_BAR_SHARE = 0.8  # Of a bar's place that the bar takes.


def bars(
    values: Mapping[str, float],
    *,
    title: str,
    expected: Mapping[str, float] | None = None,
    unit: str = "",
    ranges: Mapping[str, Range] | None = None,
    bands: Mapping[str, Range] | None = None,
) -> str:
    """Bars of named values, in their order.

    Args:
        values: those that are not finite have a place and no bar.
        title: what the chart shows, for who does not see it; `pages.figure` has captions.
        expected: drawn as a line across the place of a bar.
        unit: of the values, written above their axis.
        ranges: low and high, drawn as whiskers: how exact a value is.
        bands: low and high, drawn as an area: where chance would leave a value. Bars that end
            outside of theirs have another colour.
    """
    if not values:
        return NOTHING
    expected, ranges, bands = expected or {}, ranges or {}, bands or {}
    listed = [
        _Bar(name, value, expected.get(name), ranges.get(name), bands.get(name))
        for name, value in values.items()
    ]
    axis = Axis.over([end for bar in listed for end in bar.ends])
    names = Names.of(tuple(values), axis.width / len(values))
    has_room = names.step >= LETTER * max(len(brief(bar.value)) for bar in listed) + 5
    drawn = [
        bar.drawn(axis, axis.left + place * names.step, names.step, says_value=has_room)
        for place, bar in enumerate(listed)
    ]
    below = names.drawn(axis.left, TOP + PLOT_HEIGHT)
    return drawn_chart(
        title, TOP + PLOT_HEIGHT + names.height, "".join([axis.drawn(unit), *drawn, below])
    )


def histogram(
    counts: Sequence[float], edges: Sequence[float], *, title: str, unit: str = ""
) -> str:
    """Bars of counts, each named by where it begins.

    Args:
        counts: as `numpy.histogram` returns them.
        edges: the same, one more.
        title: what the chart shows, for who does not see it.
        unit: of the counts.
    """
    names = [brief(edge) for edge in edges[:-1]]
    if len(set(names)) < len(names):
        names = [f"{edge:.8g}" for edge in edges[:-1]]
    return bars(dict(zip(names, counts, strict=True)), title=title, unit=unit)


@dataclass(frozen=True, slots=True)
class _Bar:
    """A value, and what is known about it."""

    name: str
    value: float
    expected: float | None
    range: Range | None
    band: Range | None

    @property
    def ends(self) -> Iterator[float]:
        """All values that need a place on the axis."""
        known = (self.value, self.expected, *(self.range or ()), *(self.band or ()))
        return (value for value in known if value is not None and math.isfinite(value))

    @property
    def is_odd(self) -> bool:
        """Whether it ends where chance would not leave it."""
        return self.band is not None and not self.band[0] <= self.value <= self.band[1]

    @property
    def told(self) -> str:
        """All of it in words."""
        words = [f"{self.name}: {self.value:,.6g}"]
        if self.range is not None:
            words.append(f"{self.range[0]:,.6g} to {self.range[1]:,.6g}")
        if self.expected is not None:
            words.append(f"expected {self.expected:,.6g}")
        if self.band is not None:
            words.append(f"by chance {self.band[0]:,.6g} to {self.band[1]:,.6g}")
        return ", ".join(words)

    def drawn(self, axis: Axis, left: float, step: float, *, says_value: bool) -> str:
        """All of it in its place."""
        low, high = axis.ticks[0], axis.ticks[-1]
        middle, bar_width = left + step / 2, step * _BAR_SHARE
        # An empty area to point at: a bar may be low, or none.
        parts = [
            _area("hit", axis, left, step, (low, high)),
            f"<title>{escaped(self.told)}</title>",
        ]
        if math.isfinite(self.value):
            kind = "odd" if self.is_odd else "bar"
            ends = min(0.0, self.value), max(0.0, self.value)
            parts.append(_area(kind, axis, middle - bar_width / 2, bar_width, ends))
        if self.band is not None:
            parts.append(_area("band", axis, left, step, self.band))
        if self.expected is not None:
            parts.append(_line("expected", axis, (left, left + step), (self.expected,) * 2))
        if self.range is not None:
            parts.append(self._whisker(axis, middle, min(4.0, step / 4)))
        if says_value and math.isfinite(self.value):
            parts.append(self._said(axis, middle))
        return f"<g>{''.join(parts)}</g>"

    def _whisker(self, axis: Axis, middle: float, half: float) -> str:
        low, high = self.range or (0.0, 0.0)
        return (
            _line("range", axis, (middle, middle), (low, high))
            + _line("range", axis, (middle - half, middle + half), (low, low))
            + _line("range", axis, (middle - half, middle + half), (high, high))
        )

    def _said(self, axis: Axis, middle: float) -> str:
        top = axis.y(max([*self.ends, 0.0])) - 4
        return (
            f'<text text-anchor="middle" x="{middle:.1f}" y="{top:.1f}">{brief(self.value)}</text>'
        )


def _area(kind: str, axis: Axis, left: float, width: float, ends: Range) -> str:
    top, bottom = axis.y(ends[1]), axis.y(ends[0])
    return (
        f'<rect class="{kind}" x="{left:.2f}" y="{top:.2f}" width="{width:.2f}" '
        f'height="{bottom - top:.2f}"/>'
    )


def _line(kind: str, axis: Axis, x: Range, values: Range) -> str:
    return (
        f'<line class="{kind}" x1="{x[0]:.2f}" x2="{x[1]:.2f}" y1="{axis.y(values[0]):.2f}" '
        f'y2="{axis.y(values[1]):.2f}"/>'
    )
