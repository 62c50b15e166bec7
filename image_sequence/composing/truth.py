"""What is true of the pictures: boxes, gaps and masks, worked out when they are asked for."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from math import prod
from operator import ior
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.chunks import chunks
from image_sequence.composing.canvas import Layout
from image_sequence.composing.drawing import Drawing
from image_sequence.composing.rendering import render, render_masks
from image_sequence.composing.transforms import TRANSFORM_STREAM
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError
from image_sequence.plan import ABSENT, Boxes, DrawnStep, FloatImages
from image_sequence.steps.kinds import Points, Size
from image_sequence.steps.pipeline import Pipeline, carried

if TYPE_CHECKING:
    from image_sequence.composing.page import Page

_LEAST_INK = np.float32(0.5 / 255)  # From here on a pixel is not paper in uint8.
_MASK_PIXELS = 1 << 22  # So many pixels of single glyphs are made at a time: 16 MB.


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
class Moves:
    """What moves ink before and after it is laid out.

    Attributes:
        transform: the steps of the glyphs; None if there are none.
        function: the name of a function that transforms glyphs, nobody knows how; or None.
        page: what happens to whole pictures; None if nothing does.
        glyph_steps: what the steps of the glyphs were drawn with.
        picture_steps: what those of the pictures were drawn with.
        seed: what noise is drawn from,
        indices: and for which samples: int64, shape (batch,).
        glyph_size: height and width of the data set's images, pixels.
        glyph_widths: int64, shape (batch, n), pixels of each glyph; None if all are as wide as
            their images.
    """

    transform: Pipeline | None
    function: str | None
    page: "Page | None"
    glyph_steps: tuple[DrawnStep, ...]
    picture_steps: tuple[DrawnStep, ...]
    seed: int
    indices: NDArray[np.int64]
    glyph_size: Size
    glyph_widths: NDArray[np.int64] | None

    def rows(self, rows: slice) -> Self:
        """The same of some of the samples."""
        return replace(
            self,
            glyph_steps=tuple(step.taken(rows) for step in self.glyph_steps),
            picture_steps=tuple(step.taken(rows) for step in self.picture_steps),
            indices=self.indices[rows],
            glyph_widths=None if self.glyph_widths is None else self.glyph_widths[rows],
        )

    @property
    def of_pictures(self) -> "Page | None":
        """The page, if it moves anything."""
        return self.page if self.page is not None and self.page.moves else None


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The truth about a batch. It pickles with the glyphs it needs, not with the whole data set.

    Attributes:
        layout: where the cells stand.
        drawing: what was rendered, each glyph on its own.
        inked: where the ink of `drawing.glyphs` is, in pixels of the glyphs' own size.
        renderer: what draws the masks.
        moves: what moves ink besides.
        boxes_of_masks: whether ink boxes are the tight rectangles around masks; else they are
            those around the glyphs' ink, as the resize moves them.
    """

    layout: Layout
    drawing: Drawing
    inked: Inked
    renderer: str
    moves: Moves
    boxes_of_masks: bool = False

    def row(self, row: int) -> Self:
        """The truth about one sample, still as a batch of one."""
        return self._some(slice(row, row + 1))

    def _some(self, rows: slice) -> Self:
        return replace(
            self,
            layout=self.layout.rows(rows),
            drawing=self.drawing.rows(rows),
            moves=self.moves.rows(rows),
        )

    def boxes(self) -> Boxes:
        """The cells: float32, shape (batch, n, 4)."""
        polygons = self.polygons()
        if polygons is None:
            return self.layout.boxes()
        height, width = self.layout.image_size
        sides = np.array([width, height], np.float32)
        corners = [polygons.min(axis=2), polygons.max(axis=2)]
        boxes = np.concatenate([np.clip(corner, 0, sides) for corner in corners], axis=2)
        boxes[self.layout.starts == ABSENT] = ABSENT
        return boxes

    def polygons(self) -> FloatImages | None:
        """The corners of the cells: float32, shape (batch, n, 4, 2); None where boxes tell all."""
        page = self.moves.of_pictures
        if page is None:
            return None
        boxes = self.layout.placed_cells()
        corners = boxes[..., [[0, 1], [2, 1], [2, 3], [0, 3]]].astype(np.float64)
        matrices = page.matrices(self.moves.picture_steps, self.layout.image_size)
        flat = corners.reshape(len(corners), -1, 2)
        moved = carried(flat, matrices).reshape(corners.shape)
        moved[self.layout.starts == ABSENT] = ABSENT
        return moved.astype(np.float32)

    def ink_boxes(self) -> Boxes:
        """The ink: float32, shape (batch, n, 4)."""
        if self.boxes_of_masks:
            return self._mask_boxes()
        indices = self.drawing.indices
        extents = np.take(self.inked.ink_extents(), np.maximum(indices, 0), axis=0)
        return self.layout.placed(extents.astype(np.int64))

    def _mask_boxes(self) -> Boxes:
        # A few samples at a time: the masks of a large batch take much memory.
        return np.concatenate([_bounds(self._some(rows).masks()) for rows in self._chunks()])

    def masks(self) -> NDArray[np.bool_]:
        """The pixels of each glyph: bool, shape (batch, n, height, width)."""
        page = self.moves.of_pictures
        if page is None:
            return render_masks(self.drawing, self.renderer)
        matrices = page.matrices(self.moves.picture_steps, self.layout.image_size)
        masks = np.empty((*self.drawing.indices.shape, *self.layout.image_size), np.bool_)
        for rows in self._chunks():
            masks[rows] = _moved_masks(self.drawing.rows(rows), matrices[rows], self.renderer)
        return masks

    def _chunks(self) -> Iterator[slice]:
        count, glyph_count = self.drawing.indices.shape
        return chunks(count, glyph_count * prod(self.layout.image_size), _MASK_PIXELS)

    def mapped(self, points: Points) -> Points:
        """Where points of the glyphs are in the picture: float64, shape (n, m, 2), x and y.

        Args:
            points: float64, shape (n, m, 2): m points of each glyph of a batch of one, in pixels of
                the data set's images.

        Raises:
            ArgumentValueError: a function transformed the glyphs, nobody knows how.
        """
        moves, layout = self.moves, self.layout
        height, width = moves.glyph_size
        widths = np.full(len(points), width)
        if moves.glyph_widths is not None:
            widths = moves.glyph_widths[0, : len(points)]
        if moves.function is not None:
            raise ArgumentValueError(
                f"the transform {moves.function} is a function, which does not tell where it moves "
                f"ink; a transform made of steps does"
            )
        if moves.transform is not None:
            rng = Draws(moves.seed, TRANSFORM_STREAM, moves.indices)
            sizes = moves.glyph_size[0], widths
            # Of the longest sample of the batch; this one may have fewer glyphs.
            own = slice(None), slice(len(points))
            steps = [step.taken(own) for step in moves.glyph_steps]
            points = moves.transform.moved(points, steps, sizes, rng)
        boxes = layout.placed_cells()[0, : len(points), None].astype(np.float64)
        sides = np.stack([widths, np.full_like(widths, height)], axis=-1)
        shares = points / sides[:, None]
        points = boxes[..., :2] + shares * (boxes[..., 2:] - boxes[..., :2])
        if moves.of_pictures is None:
            return points
        matrices = moves.of_pictures.matrices(moves.picture_steps, layout.image_size)
        return carried(points.reshape(1, -1, 2), matrices).reshape(points.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        drawing, kept = self.drawing.trimmed()
        inked = Extents(self.inked.ink_extents()[kept])
        content = self.layout, drawing, inked, self.renderer, self.moves, self.boxes_of_masks
        return type(self), content


def _moved_masks(
    drawing: Drawing, matrices: NDArray[np.float64], renderer: str
) -> NDArray[np.bool_]:
    """The pixels of each glyph in pictures that move: bool, shape (batch, n, height, width)."""
    from image_sequence.steps.warping import warp

    count = drawing.indices.shape[1]
    of_glyphs = np.repeat(matrices, count, axis=0)

    def marked(channel: Drawing) -> NDArray[np.bool_]:
        ink: Any = render(channel, np.float32, renderer)
        moved: Any = warp(ink[..., None], of_glyphs, border="paper")
        is_ink: NDArray[np.bool_] = moved >= _LEAST_INK
        return is_ink.reshape(-1, count, drawing.height, drawing.width)

    return reduce(ior, map(marked, drawing.alone().channels()))


def _bounds(masks: NDArray[np.bool_]) -> Boxes:
    """The tight rectangles around masks: float32, shape (batch, n, 4); -1 for empty ones."""
    across: Any = masks.any(axis=2)
    down: Any = masks.any(axis=3)
    width, height = across.shape[-1], down.shape[-1]
    boxes = np.stack(
        [
            across.argmax(axis=-1),
            down.argmax(axis=-1),
            width - across[..., ::-1].argmax(axis=-1),
            height - down[..., ::-1].argmax(axis=-1),
        ],
        axis=-1,
    ).astype(np.float32)
    boxes[~across.any(axis=-1)] = ABSENT
    return boxes
