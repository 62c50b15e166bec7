"""Squeezes: by what the resize of a strip to its picture multiplied widths, told by the records."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.blocks import Block

_TOLERANCE = 0.01  # Pixels: records hold float32.


def known_squeezes(
    block: Block, glyph_widths: NDArray[np.int64] | None, *, by_ink: bool | None
) -> NDArray[np.float64]:
    """The squeezes of samples: float64, shape (count,); NaN where nobody can tell.

    Gaps between cells tell it, as drawn and as they stand in the picture. Where there are none, or
    gaps are between ink, the cells do, if they are upright.

    Args:
        block: the samples.
        glyph_widths: int64, pixels of each image of the source; None where nobody knows.
        by_ink: whether gaps are between ink; None where nobody knows.
    """
    of_cells = _by_cells(block, glyph_widths, may_be_cut=by_ink is not False)
    if by_ink:
        return of_cells
    of_gaps = _by_gaps(block)
    return np.where(np.isnan(of_gaps), of_cells, of_gaps)


def _by_gaps(block: Block) -> NDArray[np.float64]:
    is_inner, rows = block.inner_gaps, block.gaps.row_numbers()
    drawn = np.bincount(rows, np.abs(block.gaps.values) * is_inner)
    fitted = np.bincount(rows, np.abs(block.fitted_gaps) * is_inner)
    told = (drawn > 0) & (fitted > 0)
    squeezes = np.divide(fitted, drawn, out=np.full(len(drawn), np.nan), where=told)
    # Gaps between ink are not what stands between the cells.
    off = np.abs(block.fitted_gaps - block.gaps.values * squeezes[rows]) > _TOLERANCE
    tells = (np.bincount(rows, off & is_inner) == 0) & (squeezes > 0)
    return np.where(tells, squeezes, np.nan)


def _by_cells(
    block: Block, glyph_widths: NDArray[np.int64] | None, *, may_be_cut: bool
) -> NDArray[np.float64]:
    """The largest ratio of a cell's width in the picture to its own."""
    squeezes = np.full(len(block.lengths), np.nan)
    if glyph_widths is None:
        return squeezes
    rows = np.repeat(np.arange(len(block.lengths)), block.lengths)
    left, right = block.boxes[:, 0], block.boxes[:, 2]
    ratios = (right - left) / (glyph_widths[block.glyph_indices] * block.sizes)
    whole = ~block.is_moved[rows]
    if may_be_cut:  # The paper of an outer cell may stick out of a picture that begins with ink.
        whole &= (left > 0) & (right < block.widths[rows])
    np.fmax.at(squeezes, rows[whole], ratios[whole])
    return squeezes


def unpadded_widths(
    block: Block, squeezes: NDArray[np.float64], *, by_ink: bool | None
) -> NDArray[np.float64]:
    """How wide strips were before the resize: float64, shape (count,), pixels; NaN for unknown.

    Args:
        block: the samples.
        squeezes: theirs.
        by_ink: whether gaps are between ink; then a strip that is padded and not resized, whose
            squeeze is 1, cannot be told from its paper.
    """
    if by_ink:
        own: NDArray[np.float64] = block.widths / squeezes
        own[np.abs(squeezes - 1) < _TOLERANCE] = np.nan
    else:
        # Paper beyond the outer gaps as drawn is what pads the strip.
        rows = block.gaps.row_numbers()
        beyond = block.fitted_gaps - block.gaps.values * squeezes[rows]
        padding = np.bincount(rows, np.where(block.inner_gaps, 0, beyond))
        own = (block.widths - padding) / squeezes
    # Whole pixels, but for what float32 made of them.
    return np.round(own, 2)
