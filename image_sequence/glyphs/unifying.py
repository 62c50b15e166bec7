"""Pictures of many sizes as one array of glyphs of one height."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentValueError, shown
from image_sequence.glyphs.levels import as_levels, grey_if_it_is, levels_of
from image_sequence.plan import ByteImages
from image_sequence.whole_numbers import checked_pixels

WAYS = ("resize", "pad")
PAPERS = ("white", "black")

_T = TypeVar("_T")
_Sizes: TypeAlias = Sequence[tuple[int, int]]

_LARGEST_SIDE = 65_536
_MOST_BYTES = 8 << 30
_COLOURS = 3
_MANY = 2_000  # From here on it takes seconds.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Unified:
    """What every source of pictures may be told: how its pictures become glyphs of one height.

    Pictures that are of one size already stay as they are, if neither height nor width is given. A
    data set is in colour if any of its pictures is; one whose red, green and blue are the same
    everywhere is grey.

    Attributes:
        height: pixels, 1 … 65,536; None for the tallest picture's.
        width: pixels, 1 … 65,536; None to let the widths differ.
        unify: "resize" scales each picture to the height by Pillow's bicubic filter, keeps its
            proportions, and stretches it to the width if there is one. "pad" keeps each picture's
            pixels and puts paper above and below, and at both sides if there is a width; where an
            odd number of pixels is missing, the one more goes below and to the right.
        paper: "white" for dark ink on white paper, "black" for bright ink on black, which is how
            MNIST's arrays are. None decides it for the whole data set: pictures in colour are on
            white paper, so that they come out as they are in their files; grey ones are on white
            if the mean of the outermost pixels of all pictures is at least 127.5. What is
            transparent in a picture shows the paper, white if it is None.

    Raises:
        ArgumentTypeError: a height or a width that is not a whole number.
        ArgumentValueError: one out of range, or another way or paper.
    """

    height: int | None = None
    width: int | None = None
    unify: str = "resize"
    paper: str | None = None

    def __post_init__(self) -> None:
        for name in ("height", "width"):
            side = getattr(self, name)
            if side is not None:
                checked = checked_pixels(f"a {name} of pictures", side, _LARGEST_SIDE, 32)
                object.__setattr__(self, name, checked)
        if not isinstance(self.unify, str) or self.unify not in WAYS:
            raise ArgumentValueError(
                f"pictures are unified by {' or '.join(WAYS)}, not {shown(self.unify)}"
            )
        if self.paper is not None and (not isinstance(self.paper, str) or self.paper not in PAPERS):
            raise ArgumentValueError(
                f"paper is {' or '.join(PAPERS)}, or None to tell by the pictures, "
                f"not {shown(self.paper)}"
            )

    @property
    def backing(self) -> str:
        """What shows where a picture is transparent: "white" or "black"."""
        return self.paper or "white"


def unify(
    pictures: Iterable[object], sizes: _Sizes, settings: Unified
) -> tuple[ByteImages, NDArray[np.int64] | None]:
    """Pictures as the images and the widths of a `GlyphBank`.

    Args:
        pictures: what `levels_of` takes, asked for one after another, so they may be loaded so.
        sizes: the height and the width of each, in pixels, at least one.
        settings: how.

    Returns:
        uint8, shape (count, height, width), or (count, height, width, 3) if a picture has colour:
        0 paper … 255 ink. And int64, shape (count,): the widths in pixels, right of which there is
        0; None if all are as wide as the array.

    Raises:
        ArgumentTypeError: not a picture.
        ArgumentValueError: a picture that is too large to be padded, that has another size than
            announced, or more than 8 GiB in all.

    >>> pictures = [np.zeros((2, 2), np.uint8), np.zeros((4, 2), np.uint8)]
    >>> images, widths = unify(pictures, [(2, 2), (4, 2)], Unified(paper="white"))
    >>> images.shape, widths.tolist()
    ((2, 4, 4), [4, 2])
    """
    places = _Places.of(np.array(sizes, np.int64), settings)
    levels, border = _filled(pictures, places, settings)
    if _is_white(levels, border, settings.paper):
        for index in range(len(levels)):
            place = places.part(levels, index)
            np.subtract(255, place, out=place)
    return levels, places.glyph_widths


def unify_stack(
    values: NDArray[Any], settings: Unified
) -> tuple[ByteImages, NDArray[np.int64] | None]:
    """`unify` for pictures that are of one size and in one array, all of them at once.

    Args:
        values: what `as_levels` takes, shape (count, height, width), (count, height, width, 1) or
            (count, height, width, 3).
        settings: how.

    Returns:
        As `unify`. The images are `values` themselves if nothing is to be done.
    """
    height, width = values.shape[1:3]
    if settings.height not in (None, height) or settings.width not in (None, width):
        return unify(values, [(height, width)] * len(values), settings)
    levels = as_levels(values)
    if levels.ndim == 4:
        levels = levels[..., 0] if levels.shape[3] == 1 else grey_if_it_is(levels)
    is_white = _is_white(levels, _border(levels, 1), settings.paper)
    return 255 - levels if is_white else levels, None


def shown_progress(items: Iterable[_T], count: int, doing: str) -> Iterable[_T]:
    """The items, with a bar on a terminal if there are many."""
    from tqdm import tqdm

    bar: Iterable[_T] = tqdm(
        items,
        desc=doing,
        total=count,
        unit="picture",
        leave=False,
        disable=None if count > _MANY else True,
    )
    return bar


@dataclass(frozen=True, slots=True, eq=False)
class _Places:
    """Where each picture goes in its image: int64, shape (count,), pixels."""

    sizes: NDArray[np.int64]
    heights: NDArray[np.int64]
    widths: NDArray[np.int64]
    tops: NDArray[np.int64]
    lefts: NDArray[np.int64]
    height: int
    width: int
    glyph_widths: NDArray[np.int64] | None

    @classmethod
    def of(cls, sizes: NDArray[np.int64], settings: Unified) -> "_Places":
        height = settings.height or int(sizes[:, 0].max())
        if settings.unify == "resize":
            heights = np.full(len(sizes), height)
            widths = _scaled_widths(sizes, height, settings.width)
        else:
            heights, widths = sizes.T
            _refuse_larger("height", heights, height)
        width = settings.width or int(widths.max())
        if settings.width is not None:
            _refuse_larger("width", widths, width)
        lefts = (width - widths) // 2 if settings.width is not None else np.zeros_like(widths)
        is_even = settings.width is not None or (widths == width).all()
        return cls(
            sizes,
            heights,
            widths,
            tops=(height - heights) // 2,
            lefts=lefts,
            height=height,
            width=width,
            glyph_widths=None if is_even else widths,
        )

    def part(self, images: ByteImages, index: int) -> ByteImages:
        """The part of an image that its picture takes."""
        top, left = self.tops[index], self.lefts[index]
        rows = slice(top, top + self.heights[index])
        return images[index, rows, left : left + self.widths[index]]

    def empty(self, channel_shape: tuple[int, ...], settings: Unified) -> ByteImages:
        """Images for all pictures, 0 everywhere.

        Raises:
            ArgumentValueError: more than 8 GiB.
        """
        byte_count = len(self.sizes) * self.height * self.width * int(np.prod(channel_shape))
        if byte_count > _MOST_BYTES:
            raise ArgumentValueError(
                f"{len(self.sizes)} pictures of {self.height} x {self.width} pixels take "
                f"{byte_count / 2**30:.1f} GiB, more than {_MOST_BYTES / 2**30:g}; "
                + _smaller_height(self.sizes, self.height, channel_shape, settings)
            )
        return np.zeros((len(self.sizes), self.height, self.width, *channel_shape), np.uint8)


def _filled(
    pictures: Iterable[object], places: _Places, settings: Unified
) -> tuple[ByteImages, tuple[int, int]]:
    """The levels of all pictures in their places, and the sum and the count of border pixels."""
    images = places.empty((), settings)
    total, count = 0, 0
    bar = shown_progress(pictures, len(images), "reading pictures")
    for index, (picture, size) in enumerate(zip(bar, places.sizes.tolist(), strict=True)):
        levels = levels_of(picture, settings.backing)
        if levels.shape[:2] != tuple(size):
            raise ArgumentValueError(
                f"picture {index} was {size[0]} x {size[1]} pixels when it was looked at and "
                f"{levels.shape[0]} x {levels.shape[1]} when it was read; a source of pictures "
                f"gives the same ones each time"
            )
        if levels.ndim > images.ndim - 1:
            colours = places.empty((_COLOURS,), settings)
            colours[:index] = images[:index, ..., None]
            images = colours
        if levels.ndim == 2:
            border = _border(levels)
            total, count = total + border[0], count + border[1]
        part = places.part(images, index)
        levels = _resized(levels, part.shape[0], part.shape[1])
        part[...] = levels if levels.ndim == part.ndim else levels[..., None]
    return images, (total, count)


def _resized(levels: ByteImages, height: int, width: int) -> ByteImages:
    from PIL import Image

    if levels.shape[:2] == (height, width):
        return levels
    image = Image.fromarray(np.ascontiguousarray(levels))
    return np.asarray(image.resize((width, height), Image.Resampling.BICUBIC))


def _is_white(levels: ByteImages, border: tuple[int, int], paper: str | None) -> bool:
    if paper is not None:
        return paper == "white"
    total, count = border
    return levels.ndim == 4 or 2 * total >= 255 * count


def _border(levels: ByteImages, first_axis: int = 0) -> tuple[int, int]:
    """The sum and the count of the outermost pixels; rows are an array's `first_axis`."""
    inner = levels[(slice(None),) * first_axis + (slice(1, -1), slice(1, -1))]
    total = int(levels.sum(dtype=np.int64)) - int(inner.sum(dtype=np.int64))
    return total, levels.size - inner.size


def _scaled_widths(sizes: NDArray[np.int64], height: int, width: int | None) -> NDArray[np.int64]:
    if width is not None:
        return np.full(len(sizes), width)
    heights, widths = sizes.T
    scaled: NDArray[np.int64] = (2 * widths * height + heights) // (2 * heights)
    return np.maximum(scaled, 1)


def _refuse_larger(side: str, pixels: NDArray[np.int64], limit: int) -> None:
    largest = int(pixels.max())
    if largest > limit:
        raise ArgumentValueError(
            f"picture {int(pixels.argmax())} has a {side} of {largest} pixels and cannot be padded "
            f"to {limit}; use a {side} of {largest} or unify='resize'"
        )


def _smaller_height(
    sizes: NDArray[np.int64], height: int, channel_shape: tuple[int, ...], settings: Unified
) -> str:
    def byte_count(height: int) -> int:
        width = int(_scaled_widths(sizes, height, settings.width).max())
        return len(sizes) * height * width * int(np.prod(channel_shape))

    fitting = bisect_right(range(1, height + 1), _MOST_BYTES, key=byte_count)
    if not fitting:
        return "use fewer pictures, or a smaller width"
    also = "unify='resize' and " if settings.unify == "pad" else ""
    return f"use {also}a height of at most {fitting}"
