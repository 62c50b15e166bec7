"""`Plan`: what is drawn for a batch, and names for the kinds of arrays."""

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatImages: TypeAlias = NDArray[np.float32]
ByteImages: TypeAlias = NDArray[np.uint8]
Images: TypeAlias = NDArray[np.float32] | NDArray[np.uint8]
Boxes: TypeAlias = NDArray[np.float32]
Integers: TypeAlias = NDArray[np.integer[Any]]

ABSENT = -1
"""What fills the rows of samples that are shorter than the longest one of their batch."""


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Every choice behind a batch of pictures: rendering it needs no chance.

    The transforms draw their values while rendering, from (seed, index) alone, so the two numbers
    stand for them. n is the length of the longest sequence; shorter rows are filled with -1.

    Attributes:
        labels: int64, shape (batch, n), from left to right.
        lengths: int64, shape (batch,): how many labels each sample has.
        glyph_indices: int64, shape (batch, n): which image of the data set each glyph is.
        gaps: int64, shape (batch, n + 1), pixels of paper before, between and after the glyphs.
        offsets: int64, shape (batch,), pixels of paper left of the strip, where it is padded.
        image_width: pixels.
        seed: the seed that the choices were drawn from.
        indices: int64, shape (batch,): the samples' indices under that seed.
    """

    labels: NDArray[np.int64]
    lengths: NDArray[np.int64]
    glyph_indices: NDArray[np.int64]
    gaps: NDArray[np.int64]
    offsets: NDArray[np.int64]
    image_width: int
    seed: int
    indices: NDArray[np.int64]
