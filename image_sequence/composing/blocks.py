"""The renderer that needs nothing but NumPy: a resize is a product of small matrices.

Strips of one width are resized together. The output columns are cut into blocks; a block depends on
a short window of input columns, so it is the product of that window and a small matrix of weights.
All numbers are whole and below 2**24, so float32 products are exact, in whatever order and with
whatever instructions the linear algebra behind NumPy sums them up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from image_sequence.composing.drawing import FULL_LEVEL, FULL_SUM, Drawing, Levels
from image_sequence.composing.resampling import WEIGHT_SUM, resize_weights
from image_sequence.sample import FloatImages, Images

_BLOCK_WIDTH = 16  # Output columns: as many float32 as the widest registers hold.
_BLOCKS_A_RUN = 8  # More drift further from equal steps, and windows must be wider.
_CHUNK_PIXELS = 1 << 17  # What is worked on at a time stays in a core's own cache.


def draw(drawing: Drawing, out: Images) -> None:
    """Draw the pictures into `out`: float32 or uint8, shape (batch, height, width)."""
    for strip_width, rows in _by_strip_width(drawing):
        if strip_width == drawing.width:
            _copy(drawing, rows, out)
        else:
            _resize(drawing, rows, out)


def _by_strip_width(drawing: Drawing) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Samples with strips of one width, at most so many at a time that they stay in the cache."""
    order = np.argsort(drawing.strip_widths, kind="stable")
    widths, firsts = np.unique(drawing.strip_widths[order], return_index=True)
    for width, rows in zip(widths.tolist(), np.split(order, firsts[1:]), strict=True):
        step = max(1, _CHUNK_PIXELS // (drawing.height * max(width, drawing.width)))
        for first in range(0, len(rows), step):
            yield width, rows[first : first + step]


def _lay_out(drawing: Drawing, rows: NDArray[np.int64], left: int, width: int) -> Levels:
    """The strips of some samples, `left` columns of paper before them: (rows, height, width)."""
    strips = np.full((len(rows), drawing.height, width), drawing.paper, drawing.glyphs.dtype)
    glyph_height, glyph_width = drawing.glyphs.shape[1:]
    samples, places = np.nonzero(drawing.indices[rows] >= 0)
    chosen = rows[samples]
    lines = np.arange(glyph_height)
    tops = (samples * drawing.height + drawing.top) * width + left
    targets = (tops + drawing.starts[chosen, places])[:, None] + lines * width
    sources = drawing.indices[chosen, places][:, None] * glyph_height + lines
    # A line of a glyph moves as one item: gathering and scattering cost per item, not per pixel.
    line = np.dtype((np.void, glyph_width * strips.itemsize))
    ink = np.ascontiguousarray(drawing.glyphs).reshape(-1, glyph_width).view(line)[:, 0]
    moved = ink[sources]
    if not drawing.light:
        levels = moved.view(strips.dtype)
        np.subtract(FULL_LEVEL, levels, out=levels)
    _lines_from_each_pixel(strips, line)[targets] = moved
    return strips


def _lines_from_each_pixel(strips: Levels, line: np.dtype[np.void]) -> NDArray[np.void]:
    """Item k is the line that begins at pixel k."""
    count = strips.size - line.itemsize // strips.itemsize + 1
    first = strips.reshape(-1)[: line.itemsize // strips.itemsize].view(line)
    return as_strided(first, shape=(count,), strides=(strips.itemsize,))


def _copy(drawing: Drawing, rows: NDArray[np.int64], out: Images) -> None:
    strips = np.clip(_lay_out(drawing, rows, 0, drawing.width), 0, FULL_LEVEL)
    out[rows] = strips if out.dtype == np.uint8 else strips / np.float32(FULL_LEVEL)


def _resize(drawing: Drawing, rows: NDArray[np.int64], out: Images) -> None:
    strip_width = int(drawing.strip_widths[rows[0]])
    product = block_product(strip_width, drawing.width, drawing.resample)
    strips = _lay_out(drawing, rows, product.left, product.left + strip_width + product.right)
    sums = product.applied(strips.reshape(-1, strips.shape[-1]).astype(np.float32))
    np.clip(sums, 0, FULL_SUM, out=sums)
    if out.dtype == np.uint8:
        np.rint(np.multiply(sums, np.float32(1 / WEIGHT_SUM), out=sums), out=sums)
    else:
        np.divide(sums, np.float32(FULL_SUM), out=sums)
    out[rows] = sums.reshape(len(rows), drawing.height, -1)[:, :, : drawing.width]


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """Blocks whose windows begin at equal steps.

    Attributes:
        start: the first input column of the first window; below 0 for columns before the strip.
        step: from window to window.
        matrices: float32, shape (blocks, window, _BLOCK_WIDTH).
    """

    start: int
    step: int
    matrices: FloatImages

    @property
    def stop(self) -> int:
        """Behind the last input column of the last window."""
        blocks, window, _ = self.matrices.shape
        return self.start + (blocks - 1) * self.step + window


@dataclass(frozen=True, slots=True, eq=False)
class BlockProduct:
    """A resize from one width to another.

    Attributes:
        left: columns that windows reach out before the strip.
        right: columns that they reach out behind it.
        runs: the blocks.
    """

    left: int
    right: int
    runs: tuple[_Run, ...]

    def applied(self, lines: FloatImages) -> FloatImages:
        """The sums, shape (lines, blocks * _BLOCK_WIDTH), of shape (lines, left + strip + right)."""
        block_count = sum(len(run.matrices) for run in self.runs)
        sums = np.empty((len(lines), block_count, _BLOCK_WIDTH), np.float32)
        done = 0
        for run in self.runs:
            count, window, _ = run.matrices.shape
            windows = as_strided(
                lines[:, self.left + run.start :],
                shape=(count, len(lines), window),
                strides=(run.step * lines.itemsize, *lines.strides),
            )
            target = sums[:, done : done + count].transpose(1, 0, 2)
            np.matmul(windows, run.matrices, out=target)
            done += count
        return sums.reshape(len(lines), -1)


@lru_cache(maxsize=512)
def block_product(source: int, target: int, resample: str) -> BlockProduct:
    """The blocks of a resize."""
    weights = resize_weights(source, target, resample)
    taps = weights.weights.shape[1]
    inputs = weights.first[:, None] + np.arange(taps)
    runs = []
    run_width = _BLOCKS_A_RUN * _BLOCK_WIDTH
    for first in range(0, target, run_width):
        part = slice(first, first + run_width)
        runs.append(_run(inputs[part], weights.weights[part]))
    left = max(0, *(-run.start for run in runs)) if runs else 0
    right = max(0, *(run.stop - source for run in runs))
    return BlockProduct(left, right, tuple(runs))


def _run(inputs: NDArray[np.int64], weights: NDArray[np.int32]) -> _Run:
    outputs, taps = np.nonzero(weights)
    blocks = outputs // _BLOCK_WIDTH
    needed = inputs[outputs, taps]
    block_count = int(blocks[-1]) + 1
    lowest = np.full(block_count, np.iinfo(np.int64).max)
    highest = np.full(block_count, -1)
    np.minimum.at(lowest, blocks, needed)
    np.maximum.at(highest, blocks, needed)
    numbers = np.arange(block_count)
    step = round((lowest[-1] - lowest[0]) / max(block_count - 1, 1))
    start = int((lowest - numbers * step).min())
    window = int((highest - numbers * step).max()) + 1 - start
    matrices = np.zeros((block_count, window, _BLOCK_WIDTH), np.float32)
    places = needed - start - blocks * step
    matrices[blocks, places, outputs % _BLOCK_WIDTH] = weights[outputs, taps]
    return _Run(start, step, matrices)
