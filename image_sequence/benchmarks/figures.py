"""Figures, the bounds they are held to, and how they are shown."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured value.

    Attributes:
        name: what was measured.
        value: the result, a median where it was measured more than once.
        unit: of the value, its quartiles and its bounds; empty for a plain number.
        quartiles: the first and the third, or None for what was measured once.
        at_least: the least value that is accepted, or None.
        at_most: the largest value that is accepted, or None.
    """

    name: str
    value: float
    unit: str = ""
    quartiles: tuple[float, float] | None = None
    at_least: float | None = None
    at_most: float | None = None

    @property
    def is_checked(self) -> bool:
        """Whether there is a bound."""
        return self.at_least is not None or self.at_most is not None

    @property
    def is_missed(self) -> bool:
        """Whether the value lies outside its bound. NaN lies outside every bound."""
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        return self.is_checked and not low <= self.value <= high

    @property
    def spread(self) -> str:
        """The quartiles, as a table shows them."""
        return "" if self.quartiles is None else " to ".join(map(rounded, self.quartiles))

    @property
    def bound(self) -> str:
        """The bound, as a table shows it."""
        ends = {"at least": self.at_least, "at most": self.at_most}
        if self.is_checked and self.at_least == self.at_most:
            ends = {"exactly": self.at_least}
        return ", ".join(f"{word} {rounded(end)}" for word, end in ends.items() if end is not None)

    @property
    def measured(self) -> str:
        """The value and its unit, as a table shows them."""
        return f"{rounded(self.value)} {self.unit}".rstrip()

    @property
    def verdict(self) -> str:
        """How the value stands to its bound, as a table shows it."""
        return ("missed" if self.is_missed else "met") if self.is_checked else ""

    def to_dict(self) -> dict[str, Any]:
        """The figure as JSON holds it."""
        return asdict(self) | {"missed": self.is_missed}

    def described(self) -> str:
        """Name, value and bound in one line."""
        return f"{self.name}: {self.measured}, the bound is {self.bound}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What one part measured.

    Attributes:
        part: its name.
        title: one line that says how it was measured.
        figures: all of them.
        tables: Markdown tables in place of the one of all figures.
        notes: sentences to print behind the tables.
    """

    part: str
    title: str
    figures: Sequence[Figure]
    tables: Sequence[str] = ()
    notes: Sequence[str] = ()

    def described(self) -> str:
        """The section in Markdown."""
        tables = self.tables or (figure_table(self.figures),)
        return "\n\n".join([f"### {self.part}: {self.title}", *tables, *self.notes])

    def to_dict(self) -> dict[str, Any]:
        """The section as JSON holds it."""
        figures = [figure.to_dict() for figure in self.figures]
        return {"title": self.title, "figures": figures, "notes": list(self.notes)}


def figure_table(figures: Iterable[Figure]) -> str:
    """One row a figure."""
    rows = [
        (figure.name, figure.measured, figure.spread, figure.bound, figure.verdict)
        for figure in figures
    ]
    return table(("figure", "measured", "quartiles", "bound", ""), rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *rows))


def rounded(value: float) -> str:
    """A number with three figures that matter, large ones whole.

    >>> rounded(0.012345), rounded(2.0), rounded(123456.7)
    ('0.0123', '2', '123,457')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
