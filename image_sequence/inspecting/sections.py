"""Sections of a report on a data set: its numbers as charts and tables."""

from collections.abc import Sequence

from image_sequence.inspecting.figures import (
    chart_figure,
    pairs_figure,
    places_figure,
    spread_figure,
    use_figure,
    writers_figure,
)
from image_sequence.inspecting.pages import Section, escaped, grid, table
from image_sequence.inspecting.summary import NAMED, Summary

_MOST_NAMED = 8

LEGEND = (
    "A line across a bar is what the recipe makes one expect, the grey band where chance leaves "
    "it: in 99 of 100 data sets all bars of a chart end inside. One that does not has another "
    "colour. p is how often chance alone is at least as far from the law; below 0.001 it is called "
    "odd."
)


def labels_section(summary: Summary) -> Section:
    """Which labels there are, how many, where, and beside which others."""
    counted, labels = summary.frequencies, summary.census.labels
    parts = [
        chart_figure(counted["labels"], "Labels", "How often each label is", ordered=False),
        chart_figure(counted["lengths"], "Lengths", "How many labels a picture has"),
        places_figure(labels, counted["labels"]),
        pairs_figure(summary.pairs),
    ]
    return Section("Labels", f"<p>{LEGEND}</p>\n{grid(parts)}")


def widths_section(summary: Summary) -> Section:
    """Gaps against their law, cells, strips and squeezes."""
    counted, gaps = summary.frequencies, summary.census.gaps
    parts = [
        chart_figure(counted["gaps between labels"], "Gaps between labels", _inner_words(summary))
    ]
    if "outer gaps" in counted:
        words = "Pixels before the first label and after the last one, as drawn"
        parts.append(chart_figure(counted["outer gaps"], "Outer gaps", words))
    parts += [
        spread_figure(
            gaps.cells, "Widths of cells", "Pixels that a glyph's cell takes in the picture"
        ),
        spread_figure(
            gaps.strips, "Widths of strips", "Pixels of glyphs and gaps before any resize"
        ),
        spread_figure(
            gaps.squeezes,
            "Squeezes",
            "By what the resize multiplies widths: 1 changes nothing, less is narrower",
        ),
    ]
    unknown = summary.census.sample_count - gaps.squeezes.count
    note = f"<p>Of {unknown:,} samples nobody can tell how they were squeezed.</p>\n"
    return Section("Gaps and widths", (note if unknown else "") + grid(parts))


def ink_section(summary: Summary) -> Section:
    """How much ink there is, and how dark pictures are."""
    pixels = summary.census.pixels
    side = "darker" if pixels.ink_is_dark else "lighter"
    words = f"Share of the pixels that are {side} than the middle between black and white"
    parts = [
        spread_figure(pixels.ink, "Ink", words),
        spread_figure(pixels.grey, "Mean level", "Mean of all pixels, 0 black to 255 white"),
    ]
    return Section("Ink", grid(parts))


def glyphs_section(summary: Summary) -> Section:
    """How often each image of the source is shown, and whose hands."""
    use, counts = summary.glyph_use, summary.census.glyphs
    parts = [use_figure(use)]
    writers = list(counts.writer_counts.values())
    if writers:
        parts.append(writers_figure(writers, counts.by_one_hand))
    return Section("Glyphs and writers", f"<p>{_use_in_words(summary)}</p>\n{grid(parts)}")


def repeats_section(summary: Summary) -> Section:
    """What is there more than once."""
    census = summary.census
    distinct, expected = census.sequences.distinct_count, summary.distinct_expected
    law = "" if expected is None else f"; by chance {expected:,.1f} on the average"
    html = (
        f"<p>{census.pictures.repeated_count:,} of {census.sample_count:,} pictures are the same "
        f"as an earlier one, pixel by pixel. There are {distinct:,} different sequences of labels"
        f"{law}.</p>\n"
    )
    rows = [
        (kind, len(group), _some(group))
        for kind, digests in (("picture", census.pictures), ("sequence", census.sequences))
        for group in digests.groups(NAMED)
    ]
    if rows:
        html += table(["the same", "samples", "their indices"], rows)
    return Section("Repeats", html)


def splits_section(summary: Summary) -> Section:
    """What the records say of splits, and what is shared with other data sets."""
    rows = [
        (name, split, part or "the whole", by or "nothing", count)
        for (name, split, part, by), count in summary.census.sources.items()
    ]
    html = table(["glyphs of", "its half", "part", "parts share no", "samples"], rows)
    for sharing in summary.sharings:
        html += f"<h3>Beside {escaped(sharing.second.name)}</h3>\n"
        html += table(
            ["what", "here", "there", "shared", "verdict", "such as"],
            [
                (
                    f"{kind}s",
                    len(sharing.first.found[kind]),
                    len(sharing.second.found[kind]),
                    len(shared),
                    _verdict_on(len(shared), forbidden=kind in sharing.must_not),
                    _some(shared),
                )
                for kind in sharing.first.found
                for shared in [sharing.shared(kind)]
            ],
        )
    if not summary.sharings:
        html += '<p class="note">--against DIR names what another data set shares with it.</p>\n'
    return Section("Splits", html)


def recipe_section(summary: Summary) -> Section:
    """What makes the data set again."""
    if summary.recipe is None:
        return Section("Recipe", "<p>Nobody knows what made these pictures.</p>\n")
    return Section(
        "Recipe",
        "<p>From a file with this, image-sequence dataset FILE.json --out DIR makes the same again."
        "</p>\n"
        f'<pre tabindex="0" aria-label="The recipe">{escaped(summary.recipe.to_json())}</pre>\n',
    )


def _inner_words(summary: Summary) -> str:
    words = "Pixels between two labels, as drawn"
    if not summary.laws.gaps_are_equal:
        return words
    unequal = summary.census.gaps.unequal_count
    return f"{words}; all of a picture are equal" + f", but for {unequal:,} samples" * bool(unequal)


def _use_in_words(summary: Summary) -> str:
    use = summary.glyph_use
    shown = len(use.uses) - use.never_count
    if summary.bank is None or summary.glyphs_changed:
        return f"{shown:,} different glyphs are shown; nobody knows how many there are."
    law = "" if use.never_expected is None else f" (by chance {use.never_expected:,.1f})"
    return (
        f"{shown:,} of the {len(use.uses):,} glyphs that may be drawn are shown, "
        f"{use.never_count:,} never{law}; one of them {int(use.uses.max(initial=0)):,} times."
    )


def _verdict_on(shared_count: int, *, forbidden: bool) -> str:
    if not shared_count:
        return "fine"
    return "a leak" if forbidden else "not forbidden"


def _some(values: Sequence[object]) -> str:
    more = len(values) - _MOST_NAMED
    return ", ".join(map(str, values[:_MOST_NAMED])) + f" and {more:,} more" * (more > 0)
