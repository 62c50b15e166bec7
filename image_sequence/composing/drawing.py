"""What a renderer is told: which glyph goes where, and how the strip becomes the picture."""

from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from image_sequence.composing.resampling import WEIGHT_SUM
from image_sequence.plan import ABSENT, Images

Levels: TypeAlias = NDArray[np.uint8] | NDArray[np.int16]

FULL_LEVEL = 255
FULL_SUM = FULL_LEVEL * WEIGHT_SUM
"""What the weighted levels of one output pixel add up to where all is ink (or all is paper)."""


@dataclass(frozen=True, slots=True, eq=False)
class Drawing:
    """A batch of pictures, fully decided: every renderer makes the same pixels of it.

    Each sample has a strip, as high as the picture. Glyph k of it covers the columns from
    `starts[k]` and the rows from `top`; all else is paper. A row of the strip is then resized to
    `width` by the weights of `resample`; a strip of that width stays as it is. All of that is
    done in whole numbers. A sum s of weighted levels becomes the pixel s / `FULL_SUM`, correctly
    rounded to float32 and clipped to 0.0 … 1.0, or the uint8 nearest to 255 times that.

    Attributes:
        glyphs: uint8, shape (count, glyph height, glyph width), 0 paper … 255 ink; or int16, which
            may overshoot, up to 650 either way: then sums are still exact in float32. In colour
            there is a last axis, 3, for the ink of red, green and blue.
        indices: int64, shape (batch, n): which of `glyphs`; -1 where a sample has fewer than n.
        starts: int64, shape (batch, n), pixels of the strip, ascending. What absent glyphs have
            means nothing. Renderers of pictures want glyphs that do not overlap; see `joined`.
        strip_widths: int64, shape (batch,), pixels.
        width: pixels of the pictures.
        height: pixels of the pictures and strips; at least `top` + glyph height.
        top: the first row of the glyphs.
        resample: a filter of `resampling.RESAMPLES`.
        light: whether ink is 1.0 on paper 0.0, or ink 0.0 on paper 1.0.
        widths: int64, shape (count,): how many columns of each of `glyphs`, from the left, are the
            glyph's; the rest is 0, and what stands there is drawn as if it were not. None, if all
            are.
    """

    glyphs: Levels
    indices: NDArray[np.int64]
    starts: NDArray[np.int64]
    strip_widths: NDArray[np.int64]
    width: int
    height: int
    top: int
    resample: str
    light: bool
    widths: NDArray[np.int64] | None = None

    def rows(self, rows: slice) -> Self:
        """The drawing of some of the samples."""
        return replace(
            self,
            indices=self.indices[rows],
            starts=self.starts[rows],
            strip_widths=self.strip_widths[rows],
        )

    def channels(self) -> tuple[Self, ...]:
        """The drawings of the single colours; or this one, where glyphs are grey."""
        if self.glyphs.ndim == 3:
            return (self,)
        trimmed, _ = self.trimmed()
        planes = np.ascontiguousarray(np.moveaxis(trimmed.glyphs, 3, 0))
        return tuple(replace(trimmed, glyphs=plane) for plane in planes)

    def trimmed(self) -> tuple[Self, NDArray[np.int64]]:
        """The same with no more glyphs than it needs, and which of `glyphs` those are."""
        used, places = np.unique(self.indices, return_inverse=True)
        kept = used[used != ABSENT]
        trimmed = replace(
            self,
            glyphs=self.glyphs[kept],
            indices=places.reshape(self.indices.shape) - (used.size - kept.size),
            widths=None if self.widths is None else self.widths[kept],
        )
        return trimmed, kept

    def alone(self) -> Self:
        """A light picture for each glyph of each sample, in order, with that glyph alone."""
        return replace(
            self,
            indices=self.indices.reshape(-1, 1),
            starts=self.starts.reshape(-1, 1),
            strip_widths=np.repeat(self.strip_widths, self.indices.shape[1]),
            light=True,
        )

    @property
    def overlaps(self) -> bool:
        """Whether glyphs of a sample overlap."""
        widths = self.glyphs.shape[2] if self.widths is None else self.widths[self.indices]
        ends = self.starts + widths
        return bool(((self.starts[:, 1:] < ends[:, :-1]) & (self.indices[:, 1:] >= 0)).any())

    def joined(self) -> Self:
        """The same with all glyphs of a sample joined to one, the darkest ink on top.

        A pixel has the most ink, of each colour, that any of its glyphs has there.
        """
        _, height, width, *colours = self.glyphs.shape
        widest = int(self.strip_widths.max())
        # As wide as to take any glyph's image whole; beyond its own columns there is no ink.
        shape = (len(self.indices), height, widest + width, *colours)
        strips = np.zeros(shape, self.glyphs.dtype)
        windows = sliding_window_view(strips, width, axis=2, writeable=True)
        chosen: Any = np.asarray(self.glyphs)
        for glyphs, starts in zip(self.indices.T, self.starts.T, strict=True):
            rows = np.flatnonzero(glyphs >= 0)
            at = rows, slice(None), starts[rows]
            # Beyond its own columns a glyph has no ink.
            windows[at] = np.maximum(windows[at], np.moveaxis(chosen[glyphs[rows]], 2, -1))
        return replace(
            self,
            glyphs=strips,
            indices=np.arange(len(strips))[:, None],
            starts=np.zeros((len(strips), 1), np.int64),
            widths=self.strip_widths,
        )

    @property
    def paper(self) -> int:
        """The level of paper in the picture: 255, or 0 where ink is light."""
        return 0 if self.light else FULL_LEVEL

    def empty(self, dtype: np.dtype[np.generic]) -> Images:
        """Memory for the pictures: shape (batch, height, width), in colour with a last axis, 3."""
        colours = self.glyphs.shape[3:]
        return np.empty((len(self.indices), self.height, self.width, *colours), dtype)
