"""Sheets: pictures in columns on grey paper, with their texts below, as one picture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from image_sequence.errors import ArgumentValueError
from image_sequence.inspecting.lettering import fitted, font_of
from image_sequence.inspecting.marking import Colour
from image_sequence.plan import ByteImages

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

MOST_PIXELS = 50_000_000
"""More are refused: that is 150 MB of memory, twice."""

_WIDTH = 1600  # Pixels; columns are as many as fit.
_MARGIN, _GAP = 24, 20
_LEAST_COLUMN = 88  # Room for a short text and a number.
_LEAST_WITH_LEGEND, _LEAST_WITH_TITLES = 330, 720  # Of a sheet: there is text to hold.
_TEXT, _SMALL = 15, 12  # Heights of letters.
_CAPTION, _TITLE, _LEGEND = 24, 32, 30
_PAPER, _FRAME = (238, 237, 233), (196, 194, 188)
_INK, _GREY = (34, 34, 34), (102, 100, 94)
_SWATCH = 12


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """A picture on a sheet.

    Attributes:
        pixels: uint8, shape (height, width, 3), as they are to be seen.
        caption: the text below it.
        note: a small text to the right of that.
    """

    pixels: ByteImages = field(repr=False)
    caption: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Pictures that belong together, below a title if they have one.

    Attributes:
        tiles: the pictures.
        title: a text above them.
        note: a small text behind it.
    """

    tiles: Sequence[Tile]
    title: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet.

    Attributes:
        pixels: uint8, shape (height, width, 3).
        corners: left and top of each picture on it, in the order of groups and tiles.
    """

    pixels: ByteImages = field(repr=False)
    corners: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """A line of text: where it begins, and how much room it has."""

    text: str
    left: int
    top: int
    width: float
    size: int = _TEXT
    colour: Colour = _INK
    is_right: bool = False


@dataclass(frozen=True, slots=True)
class _Grid:
    """Columns of one width."""

    columns: int
    column_width: int
    width: int

    def left(self, column: int) -> int:
        return _MARGIN + column * (self.column_width + _GAP)


def sheet_of(
    groups: Sequence[Group],
    *,
    columns: int | None = None,
    legend: Sequence[tuple[str, Colour]] = (),
) -> Sheet:
    """A sheet with all the groups, one below the other.

    Args:
        groups: with one tile at least.
        columns: how many pictures stand side by side; as many as fit, if it is None.
        legend: what colours mean, at the end.

    Raises:
        ArgumentValueError: it would be larger than `MOST_PIXELS`.
    """
    least = _LEAST_WITH_LEGEND if legend else 0
    grid = _grid(groups, columns, least=least)
    corners, height = _corners(groups, grid)
    height += _LEGEND if legend else 0
    check_size(grid.width * height)
    canvas = np.full((height, grid.width, 3), _PAPER, np.uint8)
    tiles = [tile for group in groups for tile in group.tiles]
    for tile, (left, top) in zip(tiles, corners, strict=True):
        bottom, right = top + tile.pixels.shape[0], left + tile.pixels.shape[1]
        canvas[top - 1 : bottom + 1, left - 1 : right + 1] = _FRAME
        canvas[top:bottom, left:right] = tile.pixels
    words = [*_titles(groups, corners, grid), *_captions(tiles, corners)]
    return Sheet(_lettered(canvas, words, legend), tuple(corners))


def check_size(pixel_count: int) -> None:
    """Check that a sheet of so many pixels can be made.

    Raises:
        ArgumentValueError: it is larger than `MOST_PIXELS`.
    """
    if pixel_count > MOST_PIXELS:
        raise ArgumentValueError(
            f"the sheet would have {pixel_count:,} pixels or more, and {MOST_PIXELS:,} are the "
            f"most; use a smaller --scale, or show less"
        )


def _grid(groups: Sequence[Group], columns: int | None, *, least: int) -> _Grid:
    widths = [tile.pixels.shape[1] for group in groups for tile in group.tiles]
    column_width = max(_LEAST_COLUMN, *widths)
    fitting = max(1, (_WIDTH - 2 * _MARGIN + _GAP) // (column_width + _GAP))
    longest = max(len(group.tiles) for group in groups)
    # Lines that are filled alike: 24 pictures of which 7 fit stand in 4 lines of 6.
    lines = -(-longest // fitting)
    count = -(-longest // lines) if columns is None else min(longest, columns)
    width = 2 * _MARGIN + count * (column_width + _GAP) - _GAP
    has_titles = any(group.title for group in groups)
    return _Grid(count, column_width, max(width, least, _LEAST_WITH_TITLES if has_titles else 0))


def _corners(groups: Sequence[Group], grid: _Grid) -> tuple[list[tuple[int, int]], int]:
    """Where all pictures stand, and how high the sheet is."""
    corners = []
    top = _MARGIN
    for group in groups:
        top += _TITLE if group.title else 0
        for first in range(0, len(group.tiles), grid.columns):
            line = group.tiles[first : first + grid.columns]
            corners += [(grid.left(column), top) for column in range(len(line))]
            top += max(tile.pixels.shape[0] for tile in line) + _GAP // 2
            top += _CAPTION if any(tile.caption or tile.note for tile in line) else 0
        top += _GAP // 2 if group.title else 0
    return corners, top + _MARGIN - _GAP // 2


def _titles(
    groups: Sequence[Group], corners: Sequence[tuple[int, int]], grid: _Grid
) -> Iterator[_Words]:
    font = font_of(_TEXT)
    number = 0
    for group in groups:
        if group.title:
            top, room = corners[number][1] - _TITLE + 6, grid.width - 2 * _MARGIN
            title = fitted(group.title, font, room)
            yield _Words(title, _MARGIN, top, room)
            begun = int(font.getlength(title)) + _GAP
            left, rest = _MARGIN + begun, room - begun
            yield _Words(group.note, left, top + _TEXT - _SMALL, rest, _SMALL, _GREY)
        number += len(group.tiles)


def _captions(tiles: Sequence[Tile], corners: Sequence[tuple[int, int]]) -> Iterator[_Words]:
    small = font_of(_SMALL)
    for tile, (left, corner) in zip(tiles, corners, strict=True):
        top = corner + tile.pixels.shape[0] + 4
        room = max(tile.pixels.shape[1], _LEAST_COLUMN)
        taken = small.getlength(tile.note) + _GAP / 2 if tile.note else 0
        yield _Words(tile.caption, left, top, room - taken)
        yield _Words(tile.note, left, top + 2, room, _SMALL, _GREY, is_right=True)


def _lettered(
    canvas: ByteImages, words: Sequence[_Words], legend: Sequence[tuple[str, Colour]]
) -> ByteImages:
    from PIL import Image, ImageDraw

    image = Image.fromarray(canvas)
    draw = ImageDraw.Draw(image)
    fonts = {size: font_of(size) for size in (_TEXT, _SMALL)}
    for one in words:
        font = fonts[one.size]
        text = fitted(one.text, font, one.width)
        left = one.left + (one.width - font.getlength(text) if one.is_right else 0)
        draw.text((int(left), one.top), text, fill=one.colour, font=font)
    _draw_legend(draw, legend, image.height - _LEGEND - _MARGIN // 2)
    return np.asarray(image)


def _draw_legend(draw: "ImageDraw", legend: Sequence[tuple[str, Colour]], top: int) -> None:
    font, left = font_of(_TEXT), _MARGIN
    for text, colour in legend:
        draw.rectangle((left, top + 4, left + _SWATCH, top + 4 + _SWATCH), outline=colour, width=2)
        draw.text((left + _SWATCH + 8, top), text, fill=_INK, font=font)
        left += _SWATCH + 8 + int(font.getlength(text)) + _GAP
