"""Pictures with what is known of them drawn on: cells, ink, polygons and masks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import RecordError, shown
from image_sequence.plan import ByteImages

Colour: TypeAlias = tuple[int, int, int]
Masks: TypeAlias = NDArray[np.bool_]

# Colours that most colour-blind people tell apart: Okabe and Ito, "Color Universal Design" (2008).
BLUE, ORANGE, PURPLE = (0, 114, 178), (213, 94, 0), (204, 121, 167)
TINTS: tuple[Colour, ...] = (
    (230, 159, 0),
    (86, 180, 233),
    (0, 158, 115),
    PURPLE,
    BLUE,
    ORANGE,
)
"""What masks are tinted with, from the left to the right, and then again from the first."""

_COLOURS = 3
_FARTHEST = 100_000.0  # Pixels: corners of polygons may be anywhere, and lines to there take time.


@dataclass(frozen=True, slots=True)
class Marks:
    """What is drawn on pictures.

    Attributes:
        boxes: the glyphs' cells; with their polygons, where records have them.
        ink_boxes: the rectangles around their ink.
        masks: each glyph's pixels, tinted in a colour of its own.
    """

    boxes: bool = False
    ink_boxes: bool = False
    masks: bool = False

    def legend(self, *, polygons: bool) -> tuple[tuple[str, Colour], ...]:
        """What the colours of lines mean.

        Args:
            polygons: whether any record has polygons.
        """
        entries = (
            (self.boxes, "cell", BLUE),
            (self.ink_boxes, "ink", ORANGE),
            (self.boxes and polygons, "polygon of the cell", PURPLE),
        )
        return tuple((name, colour) for is_there, name, colour in entries if is_there)


def marked(
    pixels: ByteImages,
    record: Mapping[str, Any],
    *,
    marks: Marks,
    masks: Callable[[], Masks],
    scale: int,
) -> ByteImages:
    """A picture, each pixel as a square, with marks on it.

    Args:
        pixels: uint8, shape (height, width) or (height, width, 3).
        record: `Sample.to_dict()` of it.
        marks: what is drawn.
        masks: makes the glyphs' masks: bool, shape (n, height, width); asked only if they are
            drawn.
        scale: how many pixels a square's side has.

    Returns:
        uint8, shape (height * scale, width * scale, 3); as it was, where nothing is drawn.

    Raises:
        RecordError: the record has no boxes, or none that can be drawn.
    """
    picture = in_colour(pixels)
    if marks.masks:
        picture = tinted(picture, masks())
    picture = picture.repeat(scale, axis=0).repeat(scale, axis=1)
    for is_drawn, name, colour in (
        (marks.boxes, "boxes", BLUE),
        (marks.ink_boxes, "ink_boxes", ORANGE),
    ):
        if is_drawn:
            _outline(picture, boxes_in(record, name) * scale, colour, max(1, scale // 2))
    if marks.boxes and record.get("polygons") is not None:
        picture = _with_polygons(picture, _numbers(record, "polygons", (4, 2)) * scale)
    return picture


def in_colour(pixels: ByteImages) -> ByteImages:
    """A picture in red, green and blue: uint8, shape (height, width, 3)."""
    return pixels if pixels.ndim == _COLOURS else np.repeat(pixels[..., None], _COLOURS, axis=2)


def tinted(picture: ByteImages, masks: Masks) -> ByteImages:
    """The picture half covered with colours where masks are; where they meet, with their mean.

    Args:
        picture: uint8, shape (height, width, 3).
        masks: bool, shape (n, height, width).

    >>> tinted(np.zeros((1, 2, 3), np.uint8), np.array([[[True, False]]])).tolist()
    [[[115, 80, 0], [0, 0, 0]]]
    """
    total, count = np.zeros(picture.shape, np.int64), np.zeros(picture.shape[:2], np.int64)
    for number, mask in enumerate(masks):
        total[mask] += TINTS[number % len(TINTS)]
        count += mask
    out = picture.copy()
    there = count > 0
    covers = total[there] / count[there, None]
    out[there] = np.rint((picture[there] + covers) / 2)
    return out


def boxes_in(record: Mapping[str, Any], name: str) -> NDArray[np.float64]:
    """The boxes of a record but those that are null: float64, shape (n, 4), pixels.

    Raises:
        RecordError: there are none of the name, or they are no boxes.
    """
    listed = record.get(name)
    there = [box for box in listed if box is not None] if isinstance(listed, list) else listed
    return _numbers({**record, name: there}, name, (4,))


def _numbers(record: Mapping[str, Any], name: str, shape: tuple[int, ...]) -> NDArray[np.float64]:
    try:
        numbers = np.asarray(record.get(name), np.float64).reshape(-1, *shape)
    except (TypeError, ValueError):
        numbers = np.full((1, *shape), np.nan)
    if not np.isfinite(numbers).all():
        raise RecordError(
            f"the record of sample {shown(record.get('index'))} has no {name} that can be drawn: "
            f"{shown(record.get(name))}"
        )
    return numbers


def _outline(
    picture: ByteImages, boxes: NDArray[np.float64], colour: Colour, thickness: int
) -> None:
    """Draw boxes, their outermost pixels the lines."""
    height, width = picture.shape[:2]
    most = (width, height, width, height)
    for left, top, right, bottom in np.clip(np.rint(boxes), 0, most).astype(int).tolist():
        rows = slice(top + thickness, max(top, bottom - thickness))
        columns = slice(left + thickness, max(left, right - thickness))
        kept = picture[rows, columns].copy()
        picture[top:bottom, left:right] = colour
        picture[rows, columns] = kept


def _with_polygons(picture: ByteImages, polygons: NDArray[np.float64]) -> ByteImages:
    from PIL import Image, ImageDraw

    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    for corners in np.clip(polygons, -_FARTHEST, _FARTHEST):
        # An edge at x = 28 is that of the pixel 27: the line lies inside, as those of boxes.
        middle = corners.mean(axis=0)
        inside = np.rint(corners - (corners > middle)).astype(int)
        draw.line([*map(tuple, inside.tolist()), tuple(inside[0].tolist())], fill=PURPLE)
    return np.asarray(image)
