"""Figures of a report: a chart each, and words under it."""

from typing import TypeVar

import numpy as np

from image_sequence.inspecting.axes import brief
from image_sequence.inspecting.charts import bars, heat_map, histogram
from image_sequence.inspecting.frequencies import Frequencies
from image_sequence.inspecting.glyph_use import GlyphUse
from image_sequence.inspecting.label_counts import LabelCounts
from image_sequence.inspecting.pages import figure
from image_sequence.inspecting.pairs import MOST_LABELS, PairCounts
from image_sequence.inspecting.tallies import Spread

_MOST_BARS = 60
_MOST_PLACES = 16
_BINS = 40

Value = TypeVar("Value")


def chart_figure(counted: Frequencies, title: str, words: str, *, ordered: bool = True) -> str:
    """Counts beside their law.

    Args:
        counted: the counts.
        title: for who does not see the chart.
        words: what is counted.
        ordered: whether neighbours may be taken together where there are many; else the most
            frequent are shown.
    """
    shown = counted.trimmed().grouped(_MOST_BARS) if ordered else counted.first(_MOST_BARS)
    html = bars(
        dict(zip(shown.names, shown.counts.tolist(), strict=True)),
        title=title,
        unit="count",
        expected=None if shown.expected is None else _named(shown, shown.expected.tolist()),
        bands=None if shown.bands is None else _named(shown, list(zip(*shown.bands, strict=True))),
    )
    if not ordered and len(shown.names) < len(counted.names):
        words += f", the {len(shown.names)} most frequent of {len(counted.names):,}"
    return figure(html, f"{words}. {_verdict(counted)}")


def _named(shown: Frequencies, values: list[Value]) -> dict[str, Value]:
    return dict(zip(shown.names, values, strict=True))


def _verdict(counted: Frequencies) -> str:
    if counted.shares is None:
        return "No law is known of it."
    if counted.fit is None:
        return "As it must be." if not counted.impossible_count else "Not as asked for."
    return f"{str(counted.fit).capitalize()}."


def places_figure(labels: LabelCounts, counted: Frequencies) -> str:
    """How often labels are at each place."""
    names = list(counted.first(MOST_LABELS).names)
    counts = labels.at_places(names, _MOST_PLACES)
    shares = np.round(100 * counts / np.maximum(1, counts.sum(axis=0)), 1)
    places = [str(place + 1) for place in range(counts.shape[1])]
    html = heat_map(names, places, shares, title="Labels by place")
    return figure(html, "Per cent of the labels at each place, counted from the left.")


def pairs_figure(pairs: PairCounts) -> str:
    """How often pairs of neighbours are; nothing where no label has one."""
    if not pairs.total:
        return ""
    html = heat_map(pairs.names, pairs.names, pairs.counts, title="Pairs of labels", odd=pairs.odd)
    words = "How often a label (row) has another (column) at its right."
    if pairs.expected is not None:
        words += f" Expected of each: {brief(round(pairs.expected, 1))}; odd ones are framed."
    if pairs.fit is not None:
        words += f" Of pairs without a common label, {pairs.fit}."
    return figure(html, words)


def spread_figure(values: Spread, title: str, words: str) -> str:
    """A histogram of measured values; nothing without any."""
    if not values.count:
        return ""
    counts, edges = values.histogram(_BINS)
    html = histogram(counts.tolist(), edges.tolist(), title=title, unit="count")
    low, high = values.ends
    figures = (
        f"mean {values.mean:,.4g}, standard deviation {values.deviation:,.3g}, "
        f"from {low:,.4g} to {high:,.4g}"
    )
    return figure(html, f"{words}: {figures}.")


def writers_figure(uses: list[int], by_one_hand: int) -> str:
    """How many writers are shown how often."""
    spread = Spread(1.0)
    spread.add(np.array(uses, np.float64))
    counts, edges = spread.histogram(_BINS)
    html = histogram(counts.tolist(), edges.tolist(), title="Writers by use", unit="writers")
    return figure(
        html,
        f"How many of {len(uses):,} writers have so many glyphs shown, from {min(uses):,} to "
        f"{max(uses):,}. {by_one_hand:,} samples are by one hand.",
    )


def use_figure(use: GlyphUse) -> str:
    """How many glyphs are shown how often."""
    names, shown, expected = use.histogram(_MOST_BARS)
    html = bars(
        dict(zip(names, shown.tolist(), strict=True)),
        expected=dict(zip(names, expected.tolist(), strict=True)) if expected.size else None,
        title="How many glyphs are shown how often",
        unit="glyphs",
    )
    return figure(
        html, "How many glyphs are shown so and so often." + f" {use.fit}." * bool(use.fit)
    )
