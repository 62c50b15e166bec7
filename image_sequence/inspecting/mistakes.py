"""A page about what a model reads wrongly."""

from collections.abc import Iterable, Sequence

from image_sequence.datasets.viewing import Viewed
from image_sequence.inspecting.evaluation import WORST, Evaluation
from image_sequence.inspecting.evaluation_text import headline, rates, spelt
from image_sequence.inspecting.misread import Misread
from image_sequence.inspecting.mistake_charts import (
    INTERVAL,
    LEFT_OUT,
    NOT_THERE,
    confusions,
    places,
    shown_rate,
)
from image_sequence.inspecting.pages import Section, escaped, figure, grid, page, picture, table
from image_sequence.inspecting.source_glyphs import SourceGlyph
from image_sequence.plan import ByteImages

_MINUS = "\N{MINUS SIGN}"
_MARKS = {"≠": "read as another", _MINUS: LEFT_OUT, "+": NOT_THERE}
_ABBREVIATION = '<abbr title="{}" style="text-decoration:none">{}</abbr>'
_MOST_SHOWN = 200  # Labels of a picture: a model may go on and on.
_INTERVALS = """\
<p>Intervals hold the true value of 95 % of all test sets. Of pictures, and of groups of labels,
they are Wilson's score intervals; those of groups take labels of one picture as independent. Of
error rates they take mistakes in the same picture together. Where intervals overlap widely,
there may be no difference.</p>
"""


def mistakes_page(
    evaluation: Evaluation, samples: Iterable[Viewed], *, name: str, worst: int = WORST
) -> str:
    """The HTML document.

    Args:
        evaluation: of a data set.
        samples: those of `evaluation.worst(worst)`, in any order, for their pictures.
        name: the data set.
        worst: how many of the worst pictures and glyphs are shown at the most.
    """
    sections = [
        Section("The worst pictures", _pictures(evaluation, samples, worst)),
        Section("What is read as what", confusions(evaluation)),
        Section("Where mistakes are", places(evaluation)),
        Section("Glyphs that are misread", _glyphs(evaluation, worst)),
        Section("How exact the figures are", _INTERVALS),
    ]
    return page(f"Mistakes in {name}", sections, summary=_summary(evaluation))


def _summary(evaluation: Evaluation) -> str:
    rows = [(name, *shown_rate(rate), rate.count, rate.total) for name, rate in rates(evaluation)]
    return f"<p>{escaped(headline(evaluation))}.</p>" + table(
        ("", "rate", INTERVAL, "count", "of"), rows
    )


def _pictures(evaluation: Evaluation, samples: Iterable[Viewed], count: int) -> str:
    if evaluation.exact.count == evaluation.exact.total:
        return "<p>There is none: every picture is read as what it shows.</p>"
    found = {sample.file_name: sample for sample in samples}
    legend = ", ".join(f"<b>{mark}</b> {told}" for mark, told in _MARKS.items())
    return f"<p>Most mistakes first. Under a picture: {legend}.</p>\n" + grid(
        _picture(one, found[one.file_name])
        for one in evaluation.worst(count)
        if one.file_name in found
    )


def _picture(misread: Misread, sample: Viewed) -> str:
    read = misread.prediction[:_MOST_SHOWN] or "nothing"
    alt = f"{misread.text[:_MOST_SHOWN]}, read as {read}"
    shown = picture(sample.pixels(), alt=alt, boxes=sample.record["boxes"])
    plural = "" if misread.mistakes == 1 else "s"
    return figure(
        shown + _aligned(misread.aligned[:_MOST_SHOWN]),
        f"{misread.mistakes:,} mistake{plural} in {sample.file_name}, index {misread.index}"
        + f"; the first {_MOST_SHOWN} labels" * (len(misread.aligned) > _MOST_SHOWN),
    )


def _aligned(pairs: Sequence[tuple[str, str]]) -> str:
    """A table of three rows: what is there, what was read, and what kind of mistake that is."""
    marks = [_mark(label, read) for label, read in pairs]
    there = "".join(f"<td>{_cell(label)}</td>" for label, _ in pairs)
    read = "".join(
        f"<td><strong>{_cell(read)}</strong></td>" if mark else f"<td>{_cell(read)}</td>"
        for (_, read), mark in zip(pairs, marks, strict=True)
    )
    told = "".join(
        f"<td>{_ABBREVIATION.format(_MARKS[mark], mark) if mark else ''}</td>" for mark in marks
    )
    return (
        '<div class="scrolls" role="region" aria-label="What is there and what was read" '
        f'tabindex="0"><table><tr><th scope="row">there</th>{there}</tr>\n'
        f'<tr><th scope="row">read</th>{read}</tr>\n'
        f'<tr><th scope="row">mistake</th>{told}</tr></table></div>'
    )


def _cell(unit: str) -> str:
    return escaped(spelt(unit, ""))


def _mark(label: str, read: str) -> str:
    if label == read:
        return ""
    if not read:
        return _MINUS
    return "≠" if label else "+"


def _glyphs(evaluation: Evaluation, count: int) -> str:
    glyphs = evaluation.glyphs(count)
    if not glyphs:
        return "<p>There is none to show.</p>"
    told = (
        "<p>The single pictures that sequences are made of, those most surely misread first: by "
        "the lower ends of their intervals.</p>\n"
    )
    if evaluation.generator is not None:
        images = evaluation.generator.images
        told += _side_by_side(_glyph(one, images[one.index]) for one in glyphs)
    header = ("glyph", "label", "shown", "misread", LEFT_OUT, "rate", INTERVAL, "read as")
    return told + table(header, (_glyph_row(one) for one in glyphs))


def _glyph(glyph: SourceGlyph, image: ByteImages) -> str:
    """Dark on light, as most data sets show it."""
    shown = picture(255 - image, alt=f"{glyph.label}, glyph {glyph.index}")
    wrong = glyph.group.substitutions + glyph.group.deletions
    return figure(
        shown, f"{glyph.label}: {wrong} of {glyph.group.labels} wrong, as {_reads(glyph)}"
    )


def _glyph_row(glyph: SourceGlyph) -> tuple[object, ...]:
    group = glyph.group
    counts = (group.labels, group.substitutions, group.deletions)
    return (str(glyph.index), glyph.label, *counts, *shown_rate(group), _reads(glyph))


def _reads(glyph: SourceGlyph) -> str:
    return ", ".join(f"{spelt(read)} ({count})" for read, count in glyph.read_as.items())


def _side_by_side(items: Iterable[str]) -> str:
    """Small pieces, several in a row on a phone as well."""
    columns = "repeat(auto-fill,minmax(7.5rem,1fr))"
    return f'<div class="grid" style="grid-template-columns:{columns}">\n{"".join(items)}</div>\n'
