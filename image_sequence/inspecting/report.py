"""A report on a data set: one HTML file that tells what is in it."""

from collections.abc import Iterable, Iterator
from os import PathLike, fspath
from pathlib import Path, PurePosixPath

from image_sequence.errors import ArgumentValueError
from image_sequence.files import written_whole
from image_sequence.inspecting.census import Shown
from image_sequence.inspecting.pages import Section, escaped, figure, grid, page, picture
from image_sequence.inspecting.sections import (
    glyphs_section,
    ink_section,
    labels_section,
    recipe_section,
    repeats_section,
    splits_section,
    widths_section,
)
from image_sequence.inspecting.summary import Summary

_MOST_PICTURES = 2_500_000  # Characters: the page stays well below 5 MB.
_MOST_LABELLED = 12
_WIDE = 14  # Times its height: then a picture takes a whole row.


def report_path(where: str | PathLike[str], out: str | PathLike[str] | None = None) -> Path:
    """Where the report on a data set is written: `<its name>-report.html` in this folder.

    Args:
        where: the data set.
        out: another file, if one is meant.

    Raises:
        ArgumentValueError: the file would lie in the data set's folder, as if it belonged to it; or
            there is a folder of its name.

    >>> [str(report_path(where)) for where in ("sets/digits", "s3://store/digits.v2/")]
    ['digits-report.html', 'digits.v2-report.html']
    """
    folder = Path(where).resolve()
    name = folder.stem if folder.is_file() else folder.name
    path = Path(f"{name}-report.html") if out is None else Path(out)
    if path.is_dir():
        raise ArgumentValueError(
            f"{fspath(path)!r} is a folder; use --out {path / f'{name}-report.html'}"
        )
    if folder.is_dir() and path.resolve().is_relative_to(folder):
        raise ArgumentValueError(
            f"{fspath(path)!r} would lie in the data set {fspath(where)!r}, where nothing else "
            f"belongs; use --out {folder.parent / f'{name}-report.html'}"
        )
    return path


def write_report(summary: Summary, path: Path) -> None:
    """Write the report, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    with written_whole(path) as partial:
        partial.write_text(report_page(summary), encoding="utf-8", newline="\n")


def report_page(summary: Summary) -> str:
    """The report as HTML."""
    name = PurePosixPath(summary.name).name or summary.name
    sections = [
        _samples_section(summary),
        labels_section(summary),
        widths_section(summary),
        ink_section(summary),
        glyphs_section(summary),
        repeats_section(summary),
        splits_section(summary),
        recipe_section(summary),
    ]
    return page(f"Data set {name}", sections, summary=_in_short(summary))


def _in_short(summary: Summary) -> str:
    sizes = summary.census.pixels.sizes
    size = ", ".join(
        f"{width} x {height} pixels{'' if channels == 1 else ' in colour'}"
        for width, height, channels in list(sizes)[:3]
    )
    more = f" and {len(sizes) - 3:,} more sizes" * (len(sizes) > 3)
    kept = "" if summary.recipe is None else f", kept as {summary.recipe.format}"
    what = f"{summary.census.sample_count:,} pictures of {size}{more}{kept}."
    html = f"<p>{escaped(what)}</p>"
    if not summary.findings:
        return f"{html}\n<p>Nothing odd was found.</p>"
    items = "".join(f"<li>{escaped(finding)}</li>" for finding in summary.findings)
    return f'{html}\n<div class="warning"><p>What one should know:</p><ul>{items}</ul></div>'


def _samples_section(summary: Summary) -> Section:
    census = summary.census
    extremes = [
        ("the least ink", census.ink.least),
        ("the most ink", census.ink.most),
    ]
    if census.squeezes.differ:
        extremes += [
            ("squeezed most", census.squeezes.least),
            ("squeezed least", census.squeezes.most),
        ]
    told = [(shown, words) for words, shown in extremes if shown is not None]
    figures = list(_few_enough([*told, *((shown, "") for shown in census.shown)]))
    first, rest = figures[: len(told)], figures[len(told) :]
    return Section(
        "Samples",
        f"<p>Evenly spaced, with the boxes of their cells.</p>\n{grid(rest)}<h3>Extreme ones</h3>\n"
        f"{grid(first)}",
    )


def _few_enough(shown: Iterable[tuple[Shown, str]]) -> Iterator[str]:
    """Figures, as long as the page does not grow too large."""
    left = _MOST_PICTURES
    for one, words in shown:
        html = _figure(one, words)
        left -= len(html)
        if left < 0:
            return
        yield html


def _figure(shown: Shown, words: str) -> str:
    record = shown.sample.record
    labels = [str(label) for label in record["labels"]]
    html = picture(
        shown.pixels,
        alt=f"sample {record['index']}, it shows {record['text']}",
        boxes=record["boxes"],
        labels=labels if len(labels) <= _MOST_LABELLED else (),
    )
    height, width = shown.pixels.shape[:2]
    caption = f"{record['index']:,}: {record['text']}" + f", {words}" * bool(words)
    return figure(html, caption, wide=width > _WIDE * height)
