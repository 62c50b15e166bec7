"""What is true of the pictures: boxes, gaps and masks, worked out when they are asked for."""

from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.canvas import Layout
from image_sequence.composing.drawing import Drawing
from image_sequence.composing.rendering import render_masks
from image_sequence.plan import Boxes


class Inked(Protocol):
    """Whatever knows where the ink of the drawn glyphs is: a `GlyphBank`, or `Extents`."""

    def ink_extents(self) -> NDArray[np.int16]:
        """The rectangle around each glyph's ink: int16, shape (count, 4), pixels of the glyph."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Extents:
    """Rectangles that are known already."""

    extents: NDArray[np.int16]

    def ink_extents(self) -> NDArray[np.int16]:
        """The rectangles themselves."""
        return self.extents


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The truth about a batch. It pickles with the glyphs it needs, not with the whole data set.

    Attributes:
        layout: where the cells stand.
        drawing: what was rendered.
        inked: where the ink of `drawing.glyphs` is, in pixels of the glyphs' own size.
        renderer: what draws the masks.
    """

    layout: Layout
    drawing: Drawing
    inked: Inked
    renderer: str

    def row(self, row: int) -> Self:
        """The truth about one sample, still as a batch of one."""
        rows = slice(row, row + 1)
        return replace(self, layout=self.layout.rows(rows), drawing=self.drawing.rows(rows))

    def boxes(self) -> Boxes:
        """The cells: float32, shape (batch, n, 4)."""
        return self.layout.boxes()

    def ink_boxes(self) -> Boxes:
        """The ink: float32, shape (batch, n, 4)."""
        indices = self.drawing.indices
        extents = np.take(self.inked.ink_extents(), np.maximum(indices, 0), axis=0)
        return self.layout.placed(extents.astype(np.int64))

    def masks(self) -> NDArray[np.bool_]:
        """The pixels of each glyph: bool, shape (batch, n, height, width)."""
        return render_masks(self.drawing, self.renderer)

    def __reduce__(self) -> tuple[Any, ...]:
        drawing, kept = self.drawing.trimmed()
        inked = Extents(self.inked.ink_extents()[kept])
        return type(self), (self.layout, drawing, inked, self.renderer)
