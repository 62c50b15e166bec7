"""Pages: whole HTML documents that call nobody, and the pieces that they are put together from."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from numbers import Real

import numpy as np

from image_sequence.datasets.encoding import pngs
from image_sequence.inspecting.looks import STYLE
from image_sequence.plan import ByteImages

_PNG_LEVEL = 9
# A label's height as a share of the picture's width: a figure has much the same width everywhere.
_LABEL_SHARE, _LEAST_LABEL_SHARE = 1 / 20, 1 / 60
_HEIGHT_OF_LETTER = 1.5  # Times its width.
_AT_RIGHT = ' class="number"'


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page.

    Attributes:
        title: plain text.
        html: what stands under it.
    """

    title: str
    html: str


def page(title: str, sections: Sequence[Section], *, summary: str = "") -> str:
    """A whole HTML document: its looks are in it, it fits a phone, and it is light or dark.

    Args:
        title: plain text.
        sections: what is on it, listed at its top where there are several.
        summary: HTML between the title and the list.
    """
    parts = [
        f'<section id="part-{number}"><h2>{escaped(section.title)}</h2>\n{section.html}</section>'
        for number, section in enumerate(sections, 1)
    ]
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            # Without an icon of its own a browser asks a server for one.
            '<link rel="icon" href="data:,">',
            f"<title>{escaped(title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>",
            f"<header><h1>{escaped(title)}</h1>\n{summary}</header>",
            _contents(sections),
            "<main>",
            *parts,
            "</main>\n</body>\n</html>\n",
        ]
    )


def _contents(sections: Sequence[Section]) -> str:
    if len(sections) < 2:  # A list of one leads nowhere.
        return ""
    links = "".join(
        f'<li><a href="#part-{number}">{escaped(section.title)}</a></li>'
        for number, section in enumerate(sections, 1)
    )
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>'


def escaped(text: object) -> str:
    """A value as text that is no markup, in an attribute as well.

    >>> escaped('<a href="b">')
    '&lt;a href=&quot;b&quot;&gt;'
    """
    # Half a surrogate pair, which JSON may hold, cannot be written.
    return escape(str(text).encode(errors="replace").decode())


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; it scrolls by itself where it is wider than the window.

    Numbers stand at the right: whole ones with commas, others with four digits that matter. So do
    texts that end in a per cent sign, if the whole column is such.
    """
    listed = [tuple(row) for row in rows]
    numeric = [
        bool(listed) and all(_is_number(row[column]) for row in listed)
        for column in range(len(header))
    ]
    top = _row("th", header, numeric)
    body = "\n".join(_row("td", row, numeric) for row in listed)
    # A place that scrolls can be reached by keys if it has a tabindex and a name.
    return (
        f'<div class="scrolls" role="region" aria-label="Table: {escaped(", ".join(header))}" '
        f'tabindex="0"><table>\n<thead>{top}</thead>\n<tbody>\n{body}\n</tbody>\n'
        f"</table></div>\n"
    )


def _is_number(value: object) -> bool:
    if isinstance(value, str):
        return value == "" or (value[0].isdigit() and value.endswith("%"))
    return isinstance(value, (Real, np.integer)) and not isinstance(value, bool)


def _row(tag: str, values: Sequence[object], numeric: Sequence[bool]) -> str:
    cells = "".join(
        f"<{tag}{_AT_RIGHT if at_right else ''}>{escaped(_text(value))}</{tag}>"
        for value, at_right in zip(values, numeric, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _text(value: object) -> str:
    return number(value) if isinstance(value, (Real, np.integer)) else str(value)


def number(value: object) -> str:
    """A number as one reads it.

    >>> number(1234567), number(0.123456), number(True)
    ('1,234,567', '0.1235', 'yes')
    """
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (int, np.integer)):
        return f"{value:,}"
    return f"{value:,.4g}"


def figure(html: str, caption: str, *, wide: bool = False) -> str:
    """Something with words under it; the words are plain text.

    Args:
        html: what is shown.
        caption: the words.
        wide: whether it takes a whole row of a grid, and scrolls by itself on a phone.
    """
    look = f' class="wide" tabindex="0" role="group" aria-label="{escaped(caption)}"' * wide
    return f"<figure{look}>{html}<figcaption>{escaped(caption)}</figcaption></figure>\n"


def grid(items: Iterable[str]) -> str:
    """Pieces side by side: as many as there is room for."""
    return f'<div class="grid">\n{"".join(items)}</div>\n'


def picture(
    pixels: ByteImages,
    *,
    alt: str,
    boxes: Sequence[Sequence[float]] = (),
    labels: Sequence[str] = (),
) -> str:
    """A picture, pixel by pixel, with boxes drawn on it: an SVG.

    Its coordinates are pixels of the picture, so the boxes lie where they say, however large it is
    shown.

    Args:
        pixels: uint8, shape (height, width), or in colour (height, width, 3).
        alt: what the picture shows, for who does not see it.
        boxes: left, top, right, bottom; right and bottom excluded.
        labels: what stands above the boxes, one for each; or none.
    """
    height, width = pixels.shape[:2]
    size = _label_size(width, boxes, labels) if labels else 0
    data = base64.b64encode(pngs(pixels[None], level=_PNG_LEVEL)[0]).decode()
    marks = [_mark(box) for box in boxes]
    if labels:
        marks += [_above(text, box, size) for text, box in zip(labels, boxes, strict=True)]
    return (
        f'<svg class="picture" role="img" aria-label="{escaped(alt)}" '
        f'viewBox="0 {-1.3 * size:g} {width} {height + 1.3 * size:g}"><title>{escaped(alt)}</title>'
        f'<image href="data:image/png;base64,{data}" width="{width}" height="{height}"/>'
        f"{''.join(marks)}</svg>"
    )


def _label_size(width: int, boxes: Sequence[Sequence[float]], labels: Sequence[str]) -> float:
    """How tall labels are, pixels: so that they are read, and stand beside each other."""
    middles = sorted((box[0] + box[2]) / 2 for box in boxes)
    between = [right - left for left, right in pairwise(middles)]
    room = min(between, default=width) / max(map(len, labels)) * _HEIGHT_OF_LETTER
    return round(min(width * _LABEL_SHARE, max(room, width * _LEAST_LABEL_SHARE)), 2)


def _mark(box: Sequence[float]) -> str:
    left, top, right, bottom = box
    return (
        f'<rect class="box" x="{left:g}" y="{top:g}" width="{right - left:g}" '
        f'height="{bottom - top:g}"/>'
    )


def _above(text: str, box: Sequence[float], size: float) -> str:
    return (
        f'<text class="label" x="{(box[0] + box[2]) / 2:g}" y="{-0.3 * size:g}" '
        f'font-size="{size:g}">{escaped(text)}</text>'
    )
