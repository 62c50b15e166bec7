"""What is drawn and what comes out: `Plan`, `Sample`, `Batch`, and the arrays they hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

FloatImages: TypeAlias = NDArray[np.float32]
ByteImages: TypeAlias = NDArray[np.uint8]
Integers: TypeAlias = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Every choice behind a batch of pictures with the same labels: rendering it needs no chance.

    The transforms draw their values while rendering, from (seed, index) alone, so the two numbers
    stand for them.

    Attributes:
        labels: the labels from left to right, the same for each sample; n of them.
        glyph_indices: int64, shape (batch, n): which image of the data set each glyph is.
        gaps: int64, shape (batch, n + 1), pixels of paper before, between and after the glyphs.
        fitted: whether the strip is resized to `image_width`; if not, it has that width already.
        image_width: pixels.
        seed: the seed that the choices were drawn from.
        indices: int64, shape (batch,): the samples' indices under that seed.
    """

    labels: tuple[int, ...]
    glyph_indices: NDArray[np.int64]
    gaps: NDArray[np.int64]
    fitted: bool
    image_width: int
    seed: int
    indices: NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture and what is known about it.

    Attributes:
        image: float32, shape (height, width), 0.0 black ink … 1.0 white paper.
        labels: the labels from left to right.
        glyph_indices: int64, shape (n,): which image of the data set each glyph is.
        gaps: int64, shape (n + 1,), whole pixels as drawn, before any resizing.
        seed: with `index` and the same arguments it makes the sample again.
        index: the sample's number under its seed.
    """

    image: FloatImages
    labels: tuple[int, ...]
    glyph_indices: NDArray[np.int64]
    gaps: NDArray[np.int64]
    seed: int
    index: int


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Pictures and the plan they were rendered from; `batch[k]` is a `Sample`.

    Attributes:
        images: float32, shape (batch, height, width), 0.0 black ink … 1.0 white paper.
        plan: the choices, row k for image k.
    """

    images: FloatImages
    plan: Plan

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, position: int) -> Sample:
        return Sample(
            image=self.images[position],
            labels=self.plan.labels,
            glyph_indices=self.plan.glyph_indices[position],
            gaps=self.plan.gaps[position],
            seed=self.plan.seed,
            index=int(self.plan.indices[position]),
        )

    def __iter__(self) -> Iterator[Sample]:
        return (self[position] for position in range(len(self)))
