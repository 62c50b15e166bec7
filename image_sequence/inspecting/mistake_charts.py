"""Charts of mistakes: what is read as what, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple

import numpy as np

from image_sequence.inspecting.breakdowns import Group, SampleGroup
from image_sequence.inspecting.charts import bars, heat_map
from image_sequence.inspecting.evaluation import Evaluation
from image_sequence.inspecting.evaluation_text import (
    TITLES,
    frequent_confusions,
    spelt,
    worst_groups,
)
from image_sequence.inspecting.intervals import Rate
from image_sequence.inspecting.pages import figure, grid, table
from image_sequence.inspecting.units import in_order

LEFT_OUT, NOT_THERE = "left out", "not there"
INTERVAL = "95% interval"

_FEWEST = 20  # Labels of a group that has a bar: the intervals of smaller ones hide all others.
_MOST_LABELS = 30  # In the map of confusions.
_MOST_CONFUSIONS = 12


def shown_rate(rate: Rate | Group) -> tuple[str, str]:
    """A rate and its interval, in per cent."""
    value = "" if rate.value is None else f"{rate.value:.2%}"
    return value, f"{rate.low:.2%} to {rate.high:.2%}"


def confusions(evaluation: Evaluation) -> str:
    """A map of what is read as what, and the most frequent mistakes: HTML."""
    frequent = frequent_confusions(evaluation)
    if not frequent:
        return "<p>Nothing is read as anything else.</p>"
    rows = [(spelt(label), spelt(read), count) for label, read, count in frequent]
    listed = table(("label", "read as", "times"), rows[:_MOST_CONFUSIONS])
    return grid(
        [_map(evaluation.confusion, frequent), f"<div><h3>The most frequent</h3>\n{listed}</div>\n"]
    )


def _map(
    confusion: Mapping[str, Mapping[str, int]], frequent: Sequence[tuple[str, str, int]]
) -> str:
    """Mistakes alone: beside what is read rightly they would all be pale."""
    wrong = [unit for label, read, _ in frequent for unit in (label, read)]
    units = [unit for unit in dict.fromkeys([*wrong, *confusion]) if unit]
    shown = in_order(units[:_MOST_LABELS])
    labels, reads = [*(unit for unit in shown if unit in confusion), ""], [*shown, ""]
    counts = np.array(
        [
            [confusion.get(label, {}).get(read, 0) * (label != read) for read in reads]
            for label in labels
        ]
    )
    drawn = heat_map(
        [spelt(label, NOT_THERE) for label in labels],
        [spelt(read, LEFT_OUT) for read in reads],
        counts,
        title="How often each label, a row, is read as another one, a column",
    )
    hidden = len(units) - len(shown)
    others = f" {hidden:,} units with fewer mistakes have no room here." if hidden else ""
    caption = (
        f"How often a label, a row, is read as another one, a column. In the last column it is "
        f"left out; in the last row something is read that is not there.{others}"
    )
    return figure(drawn, caption)


def places(evaluation: Evaluation) -> str:
    """How exactly pictures are read by their lengths, and mistakes by all groups: HTML."""
    charts = [_lengths(evaluation.by_length)] if len(evaluation.by_length) > 1 else []
    charts += [_groups(TITLES[by], groups) for by, groups in evaluation.by.items() if groups[1:]]
    return grid(charts) if charts else "<p>All labels are of one group.</p>"


def _lengths(groups: Sequence[SampleGroup]) -> str:
    header = ("length", "pictures", "exact", "rate", INTERVAL)
    rows = [(one.name, one.exact.total, one.exact.count, *shown_rate(one.exact)) for one in groups]
    ends = {one.name: one.exact for one in groups if one.exact.total >= _FEWEST}
    return _chart("Pictures read exactly, by length", ends, table(header, rows), len(groups))


def _groups(title: str, groups: Sequence[Group]) -> str:
    header = (title, "labels", "misread", LEFT_OUT, "rate", INTERVAL)
    shown, hidden = worst_groups(groups)
    numbers = table(header, ((*astuple(one)[:4], *shown_rate(one)) for one in shown))
    if hidden:
        numbers += f"<p>and {hidden:,} more</p>"
    ends = {one.name: one for one in shown if one.labels >= _FEWEST}
    return _chart(f"Mistakes by {title}", ends, numbers, len(groups))


def _chart(title: str, ends: Mapping[str, Rate | Group], numbers: str, count: int) -> str:
    """Bars with their intervals, in per cent, and the numbers of all groups folded up below."""
    drawn = bars(
        {name: float(f"{100 * (one.value or 0):.3g}") for name, one in ends.items()},
        ranges={name: (100 * one.low, 100 * one.high) for name, one in ends.items()},
        title=title,
        unit="%",
    )
    hidden = count - len(ends)
    note = f"; small groups ({hidden:,}) are in the numbers alone" if hidden else ""
    return (
        f"<div>{figure(drawn, title + note)}"
        f"<details><summary>Numbers</summary>{numbers}</details></div>\n"
    )
