"""Glyphs onto paper: laying out a strip and fitting it to a width. No chance here."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.sample import FloatImages, Integers

_WHITE = np.float32(1.0)


def lay_out(glyphs: FloatImages, gaps: Integers) -> tuple[FloatImages, NDArray[np.int64]]:
    """Place n glyphs a sample on white paper, a gap before, between and after them.

    Args:
        glyphs: float32, shape (batch, n, height, width), 0.0 paper … 1.0 ink.
        gaps: whole numbers, shape (batch, n + 1), pixels, none below 0.

    Returns:
        The strips, float32, shape (batch, height, widest), 0.0 black ink … 1.0 white paper; and
        their widths, int64, shape (batch,), pixels. What lies right of a strip's width is paper.

    >>> strips, widths = lay_out(np.ones((1, 2, 28, 28), np.float32), np.array([[0, 4, 0]]))
    >>> strips.shape, widths.tolist(), strips[0, 0, 26:34].tolist()
    ((1, 28, 60), [60], [0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])
    """
    batch_size, glyph_count, height, width = glyphs.shape
    starts = np.cumsum(gaps[:, :-1], axis=1) + width * np.arange(glyph_count)
    strip_widths = gaps.sum(axis=1, dtype=np.int64) + width * glyph_count
    # Columns first, so that a glyph's column is one run of memory.
    columns = np.full((batch_size, strip_widths.max(initial=0), height), _WHITE, np.float32)
    samples = np.arange(batch_size)[:, None, None]
    places = starts[:, :, None] + np.arange(width)
    columns[samples, places] = _WHITE - glyphs.transpose(0, 1, 3, 2)
    return columns.transpose(0, 2, 1), strip_widths


def fit_to_width(strips: FloatImages, strip_widths: Integers, image_width: int) -> FloatImages:
    """Resize each strip to one width by Pillow's bicubic filter; the height stays.

    Args:
        strips: float32, shape (batch, height, widest), 0.0 … 1.0.
        strip_widths: whole numbers, shape (batch,), pixels: the part of each strip to resize.
        image_width: pixels.

    Returns:
        float32, shape (batch, height, image_width), clipped to 0.0 … 1.0.
    """
    from PIL import Image

    batch_size, height, _ = strips.shape
    images = np.empty((batch_size, height, image_width), np.float32)
    for strip_width in sorted(set(strip_widths.tolist())):
        rows = np.flatnonzero(strip_widths == strip_width)
        # Only the width changes, so strips of one width can stand on top of each other in one call.
        stack = np.ascontiguousarray(strips[rows, :, :strip_width]).reshape(-1, strip_width)
        resized = Image.fromarray(stack).resize((image_width, len(stack)), Image.Resampling.BICUBIC)
        images[rows] = np.asarray(resized).reshape(-1, height, image_width)
    # Bicubic rings past black and white, and a picture's pixels lie inside [0, 1].
    return np.clip(images, 0.0, 1.0, out=images)
