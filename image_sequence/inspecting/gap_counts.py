"""Gap counts: how wide gaps, cells and strips are, and how far strips were squeezed."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.blocks import Block
from image_sequence.inspecting.squeezes import known_squeezes, unpadded_widths
from image_sequence.inspecting.tallies import Spread, Tally


@dataclass(slots=True)
class GapCounts:
    """What is known of widths.

    Attributes:
        glyph_widths: int64, shape (glyph count,), pixels of each image of the source; None where
            nobody knows.
        by_ink: whether gaps are between ink; None where nobody knows.
        inner: gaps between labels, pixels as drawn.
        outer: gaps before the first label and after the last one.
        unequal_count: samples whose inner gaps are not all the same.
        cells: how wide glyphs' cells are in the pictures, pixels.
        strips: how wide glyphs and gaps were before the resize, pixels.
        squeezes: by what the resize multiplied widths: below 1 for what became narrower.
    """

    glyph_widths: NDArray[np.int64] | None = None
    by_ink: bool | None = None
    inner: Tally = field(default_factory=Tally)
    outer: Tally = field(default_factory=Tally)
    unequal_count: int = 0
    cells: Spread = field(default_factory=lambda: Spread(0.25))
    strips: Spread = field(default_factory=lambda: Spread(1.0))
    squeezes: Spread = field(default_factory=lambda: Spread(0.01))

    def add(self, block: Block) -> NDArray[np.float64]:
        """Count what is known of more samples.

        Returns:
            Their squeezes: float64, shape (count,); NaN for those that nobody knows.
        """
        is_inner = block.inner_gaps
        self.inner.add(block.gaps.values[is_inner])
        self.outer.add(block.gaps.values[~is_inner])
        self.unequal_count += _unequal(block, is_inner)
        self.cells.add(block.boxes[:, 2] - block.boxes[:, 0])
        squeezes = known_squeezes(block, self.glyph_widths, by_ink=self.by_ink)
        self.squeezes.add(squeezes)
        self.strips.add(unpadded_widths(block, squeezes, by_ink=self.by_ink))
        return squeezes


def _unequal(block: Block, is_inner: NDArray[np.bool_]) -> int:
    """How many samples have inner gaps of several widths."""
    gaps = block.gaps.values
    # Beside another inner gap of the same sample, and not as wide.
    second = np.flatnonzero(is_inner[1:] & is_inner[:-1]) + 1
    changes = second[gaps[second] != gaps[second - 1]]
    return len(np.unique(block.gaps.row_numbers()[changes]))
