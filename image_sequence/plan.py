"""`Plan`: what is drawn for a batch, and names for the kinds of arrays."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

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
class DrawnStep:
    """What a step of a transform was drawn with.

    Shapes are (batch, n), a value for each glyph, or (batch, 1), one for each picture. What glyphs
    that are absent have means nothing.

    Attributes:
        name: the kind of step.
        applied: bool: whether it takes place.
        values: by a parameter's name float64: its value, whether or not the step takes place.
        places: int64: which place the step has among those it is shuffled with, from 0; or None
            where steps take place in the order in which they stand.
    """

    name: str
    applied: NDArray[np.bool_]
    values: Mapping[str, NDArray[np.float64]]
    places: NDArray[np.int64] | None = None

    def taken(self, rows: Any) -> Self:
        """The same of some samples: `rows` is what NumPy takes for an index."""
        return type(self)(
            self.name,
            self.applied[rows],
            {name: value[rows] for name, value in self.values.items()},
            None if self.places is None else self.places[rows],
        )

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        values = {name: value.tolist() for name, value in self.values.items()}
        record = {"step": self.name, "applied": self.applied.tolist(), "values": values}
        return record if self.places is None else record | {"places": self.places.tolist()}


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Every choice behind a batch of pictures: rendering it needs no chance.

    Noise for single pixels, and what transforms draw that are functions, is drawn while rendering,
    from (seed, index) alone, so the two numbers stand for it. n is the length of the longest
    sequence; shorter rows are filled with -1.

    Attributes:
        labels: int64, shape (batch, n), from left to right.
        lengths: int64, shape (batch,): how many labels each sample has.
        glyph_indices: int64, shape (batch, n): which image of the data set each glyph is.
        gaps: int64, shape (batch, n + 1), pixels of paper before, between and after the glyphs.
        offsets: int64, shape (batch,), pixels of paper left of the strip, where it is padded.
        image_width: pixels.
        seed: the seed that the choices were drawn from.
        indices: int64, shape (batch,): the samples' indices under that seed.
        glyph_steps: what the steps of the glyphs' transform were drawn with.
        sizes: float64, shape (batch, n), how large each glyph is, 1.0 as in the data set; or None.
        shifts: int64, shape (batch, n), pixels each glyph stands below the line; or None.
        picture_steps: what the paper and the steps of whole pictures were drawn with.
    """

    labels: NDArray[np.int64]
    lengths: NDArray[np.int64]
    glyph_indices: NDArray[np.int64]
    gaps: NDArray[np.int64]
    offsets: NDArray[np.int64]
    image_width: int
    seed: int
    indices: NDArray[np.int64]
    glyph_steps: tuple[DrawnStep, ...] = ()
    sizes: NDArray[np.float64] | None = None
    shifts: NDArray[np.int64] | None = None
    picture_steps: tuple[DrawnStep, ...] = ()
