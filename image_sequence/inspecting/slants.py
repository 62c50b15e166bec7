"""How far glyphs lean: the slant of their strokes."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import ByteImages

_AT_A_TIME = 4096  # 25 MB of float64 for glyphs of 28 x 28 pixels.


def slants(glyphs: ByteImages) -> NDArray[np.float64]:
    """How far each glyph leans to the right, by the moments of its ink.

    atan(-mu11 / mu02) with the central moments mu11 = sum (x - mean x) (y - mean y) ink and
    mu02 = sum (y - mean y)^2 ink: the line of x over y that fits the ink best, as handwriting is
    deslanted ("Teh and Chin, On image analysis by the methods of moments", IEEE PAMI 10, 1988,
    has the moments). y counts downwards, so a stroke such as "/" has a mu11 below 0.

    Args:
        glyphs: uint8, shape (count, height, width), 0 paper … 255 ink; or with a further axis for
            colours, whose mean counts.

    Returns:
        float64, shape (count,), degrees, above 0 to the right; nan where ink fills less than two
        rows, or there is none.

    >>> slants(np.eye(5, dtype=np.uint8)[None, ::-1]).round(6).tolist()
    [45.0]
    """
    runs = [glyphs[first : first + _AT_A_TIME] for first in range(0, len(glyphs), _AT_A_TIME)]
    return np.concatenate([np.empty(0), *map(_slants, runs)])


def _slants(glyphs: ByteImages) -> NDArray[np.float64]:
    ink = glyphs.astype(np.float64) if glyphs.ndim == 3 else glyphs.mean(axis=3)  # no colours
    x, y = np.arange(ink.shape[2]), np.arange(ink.shape[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        total = ink.sum(axis=(1, 2))
        columns, rows = ink.sum(axis=1), ink.sum(axis=2)
        mean_x, mean_y = columns @ x / total, rows @ y / total
        mu11 = ink @ x @ y - total * mean_x * mean_y
        mu02 = rows @ y**2 - total * mean_y**2
        # A single row has a mu02 of 0 but for rounding.
        return np.where(mu02 > 1e-6 * total, np.degrees(np.arctan(-mu11 / mu02)), np.nan)
