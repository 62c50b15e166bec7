"""Heat maps: tables of numbers, the darker the larger."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.axes import LETTER, NOTHING, WIDTH, Names, brief, drawn_chart
from image_sequence.inspecting.pages import escaped

_TALLEST_CELL = 30.0
_CELL_LETTER = 5.2
_PALEST = 0.05


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    values: NDArray[Any],
    *,
    title: str,
    odd: NDArray[np.bool_] | None = None,
) -> str:
    """A grid of cells, the darker the larger; with their numbers where there is room.

    Args:
        rows: names, from the top.
        columns: names, from the left.
        values: shape (len(rows), len(columns)), 0 and more; NaN stays empty.
        title: what the chart shows, for who does not see it.
        odd: bool, of the same shape: cells that are outlined.
    """
    if not rows or not columns:
        return NOTHING
    beside = Names.of(rows, WIDTH)
    left = beside.longest * LETTER + 6
    above = Names.of(columns, (WIDTH - left - 2) / len(columns))
    height = min(above.step, _TALLEST_CELL)
    cells = _Cells(np.asarray(values, np.float64), left, above.height, above.step, height)
    drawn = [above.drawn(left, 0), beside.drawn_beside(left - 5, above.height, height)]
    for y, row in enumerate(rows):
        for x, column in enumerate(columns):
            drawn.append(cells.drawn(y, x, f"{row}, {column}"))
    if odd is not None:
        drawn += [cells.outline(int(y), int(x)) for y, x in np.argwhere(odd)]
    return drawn_chart(title, above.height + len(rows) * height + 2, "".join(drawn))


@dataclass(frozen=True, eq=False)
class _Cells:
    """The cells of a heat map."""

    values: NDArray[np.float64]
    left: float
    top: float
    width: float
    height: float

    def drawn(self, y: int, x: int, name: str) -> str:
        """A cell, with its number where all numbers have room."""
        value = float(self.values[y, x])
        share = value / self._most if math.isfinite(value) else 0.0
        opacity = _PALEST + (1 - _PALEST) * share
        cell = (
            f'<rect class="heat" {self._place(y, x)} fill-opacity="{opacity:.2f}">'
            f"<title>{escaped(name)}: {value:,.6g}</title></rect>"
        )
        text = self._text(value)
        if not text or self._longest * _CELL_LETTER > self.width - 2:
            return cell
        kind = "on-heat" if share > 0.5 else "inside"
        left, top = self.left + (x + 0.5) * self.width, self.top + (y + 0.5) * self.height
        return f'{cell}<text class="{kind}" x="{left:.1f}" y="{top + 3:.1f}">{text}</text>'

    def outline(self, y: int, x: int) -> str:
        """A frame around a cell."""
        return f'<rect class="outline" {self._place(y, x)}/>'

    def _place(self, y: int, x: int) -> str:
        return (
            f'x="{self.left + x * self.width:.2f}" y="{self.top + y * self.height:.2f}" '
            f'width="{self.width - 0.6:.2f}" height="{self.height - 0.6:.2f}"'
        )

    @cached_property
    def _most(self) -> float:
        return float(np.nanmax(self.values, initial=0.0)) or 1.0

    @cached_property
    def _longest(self) -> int:
        return max(len(self._text(value)) for value in self.values.flat)

    @staticmethod
    def _text(value: float) -> str:
        return brief(value) if math.isfinite(value) and value != 0 else ""
