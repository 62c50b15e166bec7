"""The renderer that needs nothing but NumPy: a resize is a product of small matrices.

The output columns are cut into blocks; a block depends on a short window of input columns, so it is
the product of that window and a small matrix of weights. Samples are worked on a cacheful at a
time. Those with strips of one width share a product; all other steps are taken for all at once.

All numbers are whole and below 2**24, so float32 products are exact, in whatever order and with
whatever instructions the linear algebra behind NumPy sums them up.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from math import isqrt, prod
from threading import local
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from image_sequence.chunks import CHUNK_NUMBERS
from image_sequence.composing.drawing import FULL_LEVEL, FULL_SUM, Drawing
from image_sequence.composing.resampling import WEIGHT_SUM, resize_weights
from image_sequence.plan import ABSENT, FloatImages, Images

Rows: TypeAlias = slice | NDArray[np.int64]

_BLOCK_WIDTH = 16  # Output columns. Wider blocks are mostly zeros, narrower ones mostly overhead.
_KEPT_BYTES = range(1 << 16, 8 * CHUNK_NUMBERS)  # Sizes of arrays that are worth keeping.
_CACHED_WIDTH = 2_048  # Up to here products take 0.3 MB at most, the usual ones a tenth of that.
_INK_SUM = (WEIGHT_SUM + 1) // 2  # From here on the uint8 pixel differs from paper.


def draw(drawing: Drawing, out: Images) -> None:
    """Draw the pictures into `out`.

    Args:
        drawing: what is drawn: grey glyphs.
        out: float32 or uint8, shape (batch, height, width).
    """
    if _fits(drawing):
        for rows in _chunks(drawing, drawing.height):
            _copy(drawing, rows, out[rows])
        return
    glyph_height = drawing.glyphs.shape[1]
    bottom = drawing.top + glyph_height
    if glyph_height < drawing.height:
        paper = drawing.paper if out.dtype == np.uint8 else drawing.paper / FULL_LEVEL
        out[:, : drawing.top] = out[:, bottom:] = paper
    for rows in _chunks(drawing, glyph_height):
        _resize(drawing, rows, out[:, drawing.top : bottom])


def draw_masks(drawing: Drawing, out: NDArray[np.bool_]) -> None:
    """Mark the pixels of each glyph: those that are not paper in its uint8 picture without others.

    Args:
        drawing: what is drawn: grey glyphs.
        out: bool, shape (batch, n, height, width), all False, contiguous.
    """
    if _fits(drawing):
        for rows in _chunks(drawing, drawing.glyphs.shape[1]):
            _copy_masks(drawing, rows, out[rows])
    elif out.size:
        _resize_masks(drawing, out)


def _fits(drawing: Drawing) -> bool:
    """Whether nothing is resized. Beside wider strips, one that fits is: to itself, bit for bit."""
    return not np.count_nonzero(drawing.strip_widths != drawing.width)


def _chunks(drawing: Drawing, height: int) -> Iterator[Rows]:
    """The widest strips first, so many at a time that `height` lines of each stay in the cache.

    Where all are equally wide, these are slices, so that `out[rows]` can be written to in place.
    """
    widths = drawing.strip_widths
    equal = not np.count_nonzero(widths != widths[:1])
    order = None if equal else np.argsort(-widths, kind="stable")
    first = 0
    while first < len(widths):
        widest = int(widths[first if order is None else order[first]])
        area = height * max(widest, drawing.width)
        rows = slice(first, first + max(1, CHUNK_NUMBERS // area))
        yield rows if order is None else order[rows]
        first = rows.stop


def _glyphs(
    drawing: Drawing, rows: Rows
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.int64], Any]]:
    """The glyphs of some samples, by width: their places in (rows, n), starts and ink."""
    indices = drawing.indices[rows].reshape(-1)
    cells = (indices >= 0).nonzero()[0]
    indices, starts = indices[cells], drawing.starts[rows].reshape(-1)[cells]
    glyphs = np.asarray(drawing.glyphs)
    if drawing.widths is None:
        yield cells, starts, glyphs[indices]
        return
    widths = drawing.widths[indices]
    for width in np.unique(widths).tolist():
        alike = (widths == width).nonzero()[0]
        yield cells[alike], starts[alike], glyphs[:, :, :width][indices[alike]]


def _lay_out(
    drawing: Drawing, rows: Rows, canvas: NDArray[Any], *, first: int, area: int, line: int
) -> None:
    """Draw strips of `area` pixels, in lines of `line`; pixel `first` is where glyphs may begin."""
    canvas.fill(drawing.paper)
    for cells, starts, levels in _glyphs(drawing, rows):
        if not drawing.light:
            np.subtract(FULL_LEVEL, levels, out=levels)
        corners = cells // drawing.indices.shape[1] * area + (starts + first)
        _rectangles(canvas, levels.shape[1:], line)[corners] = levels


class _Memory(local):
    """A thread's arrays for what lies between glyphs and pictures, used again by the next chunk.

    The C library can give memory of such sizes back to the system each time; to get it anew, page
    by page and cleared, takes longer than drawing.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, NDArray[np.uint8]] = {}

    def empty(self, use: str, shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
        """An array like that of `np.empty`, where the last one for this use was."""
        size = prod(shape) * np.dtype(dtype).itemsize
        if size not in _KEPT_BYTES:
            return np.empty(shape, dtype)
        if use not in self._blocks:
            self._blocks[use] = np.empty(_KEPT_BYTES.stop, np.uint8)
        return np.ndarray(shape, dtype, self._blocks[use])


_memory = _Memory()


def _rectangles(canvas: NDArray[Any], shape: tuple[int, ...], line: int) -> NDArray[Any]:
    """Item k is the rectangle whose upper left pixel is pixel k of a contiguous canvas."""
    height, width = shape
    count = canvas.size - (height - 1) * line - width + 1
    strides = (canvas.itemsize, line * canvas.itemsize, canvas.itemsize)
    return np.ndarray((max(0, count), height, width), canvas.dtype, canvas, strides=strides)


def _copy(drawing: Drawing, rows: Rows, out: Images) -> None:
    in_place = out.dtype == drawing.glyphs.dtype and out.flags.c_contiguous
    strips: Any = out if in_place else _memory.empty("levels", out.shape, drawing.glyphs.dtype)
    line = drawing.width
    first, area = drawing.top * line, drawing.height * line
    _lay_out(drawing, rows, strips, first=first, area=area, line=line)
    if in_place:
        return
    out[...] = strips if strips.dtype == np.uint8 else np.clip(strips, 0, FULL_LEVEL)
    if out.dtype != np.uint8:
        np.divide(out, np.float32(FULL_LEVEL), out=out)


def _copy_masks(drawing: Drawing, rows: Rows, out: NDArray[np.bool_]) -> None:
    for cells, starts, ink in _glyphs(drawing, rows):
        corners = (cells * drawing.height + drawing.top) * drawing.width + starts
        _rectangles(out, ink.shape[1:], drawing.width)[corners] = ink > 0


def _resize(drawing: Drawing, rows: Rows, out: Images) -> None:
    sums = _sums(drawing, rows)
    sums.clip(0, FULL_SUM, out=sums)
    in_place = isinstance(rows, slice)
    shape = (*sums.shape[:2], drawing.width)
    pixels = out[rows] if in_place else _memory.empty("pixels", shape, out.dtype)
    sums = sums[:, :, : drawing.width]
    if out.dtype == np.uint8:
        np.rint(np.multiply(sums, np.float32(1 / WEIGHT_SUM), out=sums), out=sums)
        np.copyto(pixels, sums, casting="unsafe")
    else:
        np.divide(sums, np.float32(FULL_SUM), out=pixels)
    if not in_place:
        out[rows] = pixels


def _sums(drawing: Drawing, rows: Rows) -> FloatImages:
    """The weighted levels of the glyphs' lines: shape (rows, glyph height, columns of blocks)."""
    widths = drawing.strip_widths[rows]
    changes = (widths[1:] != widths[:-1]).nonzero()[0] + 1
    firsts = [0, *changes.tolist(), len(widths)]
    products = [
        block_product(int(widths[first]), drawing.width, drawing.resample) for first in firsts[:-1]
    ]
    margin = max(product.margin for product in products)
    height, line = drawing.glyphs.shape[1], int(widths[0])
    size = margin + len(widths) * height * line + margin
    levels = _memory.empty("levels", (size,), drawing.glyphs.dtype)
    _lay_out(drawing, rows, levels, first=margin, area=height * line, line=line)
    floats = _memory.empty("floats", (size,), np.float32)
    np.copyto(floats, levels)
    sums = _memory.empty("sums", (len(widths), height, products[0].columns), np.float32)
    for product, (first, stop) in zip(products, pairwise(firsts), strict=True):
        product.apply(floats, margin + first * height * line, line, sums[first:stop])
    return sums


def _resize_masks(drawing: Drawing, out: NDArray[np.bool_]) -> None:
    """Resize glyphs alone, or with others of their sample that are too far away to matter."""
    lefts, reach = _windows(drawing)
    count = drawing.indices.shape[1]
    apart = next(step for step in range(1, count + 1) if _apart(drawing, lefts, reach, step))
    dealt = _dealt(drawing, apart)
    lefts = lefts.repeat(apart, axis=0)
    masks = np.arange(drawing.indices.size).reshape(-1, count).repeat(apart, axis=0)
    for rows in _chunks(dealt, dealt.glyphs.shape[1]):
        inked = _sums(dealt, rows) >= _INK_SUM
        _, height, line = inked.shape
        there = dealt.indices[rows] >= 0
        left = lefts[rows][there]
        sources = there.nonzero()[0] * (height * line) + left
        targets = (masks[rows][there] * drawing.height + drawing.top) * drawing.width + left
        found = _rectangles(inked, (height, reach), line)[sources]
        _rectangles(out, (height, reach), drawing.width)[targets] = found


def _windows(drawing: Drawing) -> tuple[NDArray[np.int64], int]:
    """Columns that hold all of a glyph's ink: the first ones, shape (batch, n), and how many."""
    scales = drawing.strip_widths[:, None] / drawing.width
    widest = int(drawing.strip_widths.max())
    # An output lies amid its taps, so it has none further away than this, with room for rounding.
    around = resize_weights(widest, drawing.width, drawing.resample).weights.shape[1] + 1
    lefts = np.floor((drawing.starts - around) / scales).astype(np.int64) - 1
    reach = int((drawing.glyphs.shape[2] + 2 * around) / float(scales.min())) + 4
    reach = min(reach, drawing.width)
    return lefts.clip(0, drawing.width - reach), reach


def _apart(drawing: Drawing, lefts: NDArray[np.int64], reach: int, step: int) -> bool:
    """Whether no window of a glyph overlaps that of the glyph `step` places on, or of any later."""
    there = drawing.indices >= 0
    stops = np.maximum.accumulate(np.where(there, lefts + reach, 0), axis=1)
    return bool((~there[:, step:] | (stops[:, :-step] <= lefts[:, step:])).all())


def _dealt(drawing: Drawing, count: int) -> Drawing:
    """So many strips for each sample, glyph k on number k % `count`; paper adds nothing to sums."""
    place = np.arange(drawing.indices.shape[1])
    own = np.arange(count)[:, None] == place % count
    return replace(
        drawing,
        indices=np.where(own, drawing.indices[:, None], ABSENT).reshape(-1, len(place)),
        starts=drawing.starts.repeat(count, axis=0),
        strip_widths=drawing.strip_widths.repeat(count),
        light=True,
    )


@dataclass(frozen=True, slots=True, eq=False)
class BlockProduct:
    """A resize from one width to another, in groups of runs of blocks.

    The windows of a run begin at equal steps, so do the runs of a group, and so do the groups: such
    windows go into a matrix product as they lie in memory. They are somewhat wider than needed,
    because the steps are whole.

    Attributes:
        start: the first input column of the first window; below 0 for columns before the strip.
        steps: input columns from group to group, from run to run and from block to block.
        margin: columns that windows reach out before or behind the strip; their weights are 0.
        matrices: float32, shape (groups, runs, blocks, window, _BLOCK_WIDTH).
    """

    start: int
    steps: tuple[int, int, int]
    margin: int
    matrices: FloatImages

    @property
    def columns(self) -> int:
        """Output columns of all blocks, those behind the picture included."""
        return prod(self.matrices.shape[:3]) * _BLOCK_WIDTH

    def apply(self, levels: FloatImages, first: int, line: int, sums: FloatImages) -> None:
        """Sum up.

        Args:
            levels: float32, lines of `line` pixels; windows that reach out of a line see the next
                one's pixels, or those before and behind all lines, and weigh them with 0.
            first: the first pixel of the first line.
            line: pixels.
            sums: float32, shape (strips, height, columns): what is filled.
        """
        *shape, window, _ = self.matrices.shape
        count = sums.shape[0] * sums.shape[1]
        item = levels.itemsize
        windows: FloatImages = np.ndarray(
            (*shape, count, window),
            np.float32,
            levels,
            (first + self.start) * item,
            tuple([step * item for step in (*self.steps, line, 1)]),
        )
        target = sums.reshape(count, *shape, _BLOCK_WIDTH).transpose(1, 2, 3, 0, 4)
        np.matmul(windows, self.matrices, out=target)


def block_product(source: int, target: int, resample: str) -> BlockProduct:
    """The blocks of a resize."""
    cached = max(source, target) <= _CACHED_WIDTH
    return (_cached_product if cached else _block_product)(source, target, resample)


def _block_product(source: int, target: int, resample: str) -> BlockProduct:
    weights = resize_weights(source, target, resample)
    outputs, taps = weights.weights.nonzero()
    number, lane = np.divmod(outputs, _BLOCK_WIDTH)
    shape = _runs(int(number[-1]) + 1)
    _, runs, blocks = shape
    group, run, block = np.unravel_index(number, shape)
    step = _BLOCK_WIDTH * source / target
    steps = round(runs * blocks * step), round(blocks * step), round(step)
    begins = group * steps[0] + run * steps[1] + block * steps[2]
    places = weights.first[outputs] + taps - begins
    start, window = int(places.min()), int(np.ptp(places)) + 1
    matrices = np.zeros((*shape, window, _BLOCK_WIDTH), np.float32)
    matrices[group, run, block, places - start, lane] = weights.weights[outputs, taps]
    last = start + sum(step * (count - 1) for step, count in zip(steps, shape, strict=True))
    return BlockProduct(start, steps, max(0, -start, last + window - source), matrices)


_cached_product = lru_cache(maxsize=512)(_block_product)


@lru_cache
def _runs(count: int) -> tuple[int, int, int]:
    """Groups, runs and blocks: few more than `count`, in steps that drift little by rounding."""

    def cost(shape: tuple[int, int, int]) -> float:
        # In columns: a window has some 24, a block takes the time of 16 more, and each step makes
        # windows wider by a quarter, what is lost on average by rounding it.
        return prod(shape) * (24 + 16 + sum(shape) / 4)

    few = range(1, isqrt(count) + 2)
    return min(((-(-count // (b * a)), b, a) for a in few for b in few), key=cost)
