"""The canvas: how strips become pictures of one size, and where everything then stands."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.resampling import RESAMPLES
from image_sequence.errors import ArgumentValueError, shown
from image_sequence.plan import ABSENT, Boxes, Integers, Plan
from image_sequence.whole_numbers import checked_pixels

TALLEST = 10_000
"""The tallest picture, in pixels."""

_CHOICES = {
    "fit": ("resize", "pad"),
    "align": ("left", "centre", "right", "drawn"),
    "resample": RESAMPLES,
    "ink": ("dark", "light"),
}


@dataclass(frozen=True, slots=True)
class Canvas:
    """What pictures are like.

    Attributes:
        fit: "resize": the strip is resized to the picture; "pad": the digits keep their size, and
            the rest of the picture is paper.
        align: where a padded strip stands: "left", "centre", "right", or "drawn" for each sample.
        image_height: pixels, 1 … `TALLEST`; or None for the glyphs' own height. When padded, the
            digits stand in the middle of it.
        resample: Pillow's name of a resize filter, such as "bicubic" or "lanczos", in any case.
        ink: "dark" on light paper, or "light" on dark paper, as MNIST keeps its images.

    Raises:
        ArgumentTypeError: a height that is not a whole number.
        ArgumentValueError: another word, or a height out of range.
    """

    fit: str = "resize"
    align: str = "left"
    image_height: int | None = None
    resample: str = "bicubic"
    ink: str = "dark"

    def __post_init__(self) -> None:
        if isinstance(self.resample, str):
            object.__setattr__(self, "resample", self.resample.lower())
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in choices:
                known = ", ".join(map(repr, choices))
                raise ArgumentValueError(f"{name} is one of {known}, not {shown(value)}")
        if self.image_height is not None:
            height = checked_pixels("an image_height", self.image_height, TALLEST, 32)
            object.__setattr__(self, "image_height", height)

    @property
    def pads(self) -> bool:
        """Whether strips keep their size."""
        return self.fit == "pad"

    def height(self, glyph_height: int) -> int:
        """The height of the pictures, in pixels.

        Raises:
            ArgumentValueError: glyphs that keep their size are taller.
        """
        height = glyph_height if self.image_height is None else self.image_height
        if self.pads and height < glyph_height:
            raise ArgumentValueError(
                f"digits of {glyph_height} pixels do not fit into an image_height of {height}; "
                f"with fit 'pad' use {glyph_height} or more"
            )
        return height


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Where the cells of a batch stand: a cell is a glyph's own rectangle, paper included.

    n is the length of the longest sequence; shorter rows are filled with -1.

    Attributes:
        starts: int64, shape (batch, n), pixels of the strip: the left edges of the cells.
        gaps: int64, shape (batch, n + 1), pixels of the strip, with what pads it; below 0 where
            cells overlap.
        lengths: int64, shape (batch,): how many cells there are.
        strip_widths: int64, shape (batch,), pixels.
        cell_size: height and width of the cells in the strip, or the width of the widest there
            is, pixels, before any resize.
        image_size: height and width of the pictures, pixels.
        top: pixels of paper above the cells, where they keep their size.
        fits_height: whether the cells are resized to the height of the picture.
        cell_widths: int64, shape (batch, n), pixels of the strip, 0 for what a shorter sample
            lacks; or None, if all are as wide as `cell_size` says.
        cells: float64, shape (batch, n, 4): left, top, right, bottom of the glyphs' own rectangles
            in pixels of the cell; or None, if they fill the cells.
    """

    starts: NDArray[np.int64]
    gaps: NDArray[np.int64]
    lengths: NDArray[np.int64]
    strip_widths: NDArray[np.int64]
    cell_size: tuple[int, int]
    image_size: tuple[int, int]
    top: int
    fits_height: bool
    cell_widths: NDArray[np.int64] | None = None
    cells: NDArray[np.float64] | None = None

    @classmethod
    def of(
        cls,
        plan: Plan,
        cell_size: tuple[int, int],
        canvas: Canvas,
        cell_widths: NDArray[np.int64] | None = None,
        cells: NDArray[np.float64] | None = None,
    ) -> Self:
        """The layout of a plan.

        Args:
            plan: the choices; its gaps are those between cells.
            cell_size: height and width of the cells, pixels.
            canvas: what the pictures are like.
            cell_widths: where cells differ, int64, shape (batch, n), 0 where there is none.
            cells: the glyphs' own rectangles in the cells, if they do not fill them.

        Raises:
            ArgumentValueError: glyphs that keep their size are taller than the picture.
        """
        cell_height, cell_width = cell_size
        height = canvas.height(cell_height)
        own_widths = cell_width if cell_widths is None else cell_widths
        gaps = plan.gaps
        starts, widths = placed_cells(gaps, plan.lengths, own_widths)
        if canvas.pads:
            gaps = _padded(plan, plan.image_width - plan.offsets - widths)
            starts[starts != ABSENT] += np.repeat(plan.offsets, plan.lengths)
            widths = np.full_like(widths, plan.image_width)
        return cls(
            starts=starts,
            gaps=gaps,
            lengths=plan.lengths,
            strip_widths=widths,
            cell_size=cell_size,
            image_size=(height, plan.image_width),
            top=(height - cell_height) // 2 if canvas.pads else 0,
            fits_height=not canvas.pads,
            cell_widths=cell_widths,
            cells=cells,
        )

    def rows(self, rows: slice) -> Self:
        """The layout of some of the samples."""
        return replace(
            self,
            starts=self.starts[rows],
            gaps=self.gaps[rows],
            lengths=self.lengths[rows],
            strip_widths=self.strip_widths[rows],
            cell_widths=None if self.cell_widths is None else self.cell_widths[rows],
            cells=None if self.cells is None else self.cells[rows],
        )

    def boxes(self) -> Boxes:
        """The cells in the pictures: float32, shape (batch, n, 4), left, top, right, bottom.

        Paper of a cell that lies beyond the picture is left out.
        """
        placed = self.placed_cells()
        return placed if self.cells is None else self._inside(placed)

    def placed_cells(self) -> Boxes:
        """The same with what lies beyond the picture."""
        height, width = self.cell_size
        if self.cells is not None:
            return self.placed(self.cells, whole=self.starts != ABSENT)
        if self.cell_widths is None:
            return self.placed(np.array([0, 0, width, height]))
        extents = np.zeros((*self.starts.shape, 4), np.int64)
        extents[..., 2], extents[..., 3] = self.cell_widths, height
        return self.placed(extents)

    def _inside(self, boxes: Boxes) -> Boxes:
        height, width = self.image_size
        sides = np.array([width, height, width, height], np.float32)
        there = (self.starts != ABSENT)[..., None]
        return np.where(there, np.clip(boxes, 0, sides), boxes)

    def placed(
        self,
        extents: Integers | NDArray[np.float64],
        whole: NDArray[np.bool_] | None = None,
    ) -> Boxes:
        """Rectangles of the cells, as they stand in the pictures.

        Args:
            extents: numbers, broadcasting to (batch, n, 4): left, top, right, bottom in pixels of
                the cell, right and bottom excluded; -1 for nothing.
            whole: bool, shape (batch, n): which of them are something; None for those that do not
                begin with -1.

        Returns:
            float32, shape (batch, n, 4): left, top, right, bottom in pixels of the picture, right
            and bottom excluded; -1 for nothing.
        """
        sides: Any = np.broadcast_to(extents, (*self.starts.shape, 4))
        across = (self.starts[..., None] + sides[..., ::2]) * self.image_size[1]
        down = sides[..., 1::2]
        boxes = np.empty(sides.shape, np.float32)
        boxes[..., ::2] = across / self.strip_widths[:, None, None]
        boxes[..., 1::2] = (
            down * self.image_size[0] / self.cell_size[0] if self.fits_height else down + self.top
        )
        something = sides[..., 0] != ABSENT if whole is None else whole
        boxes[(self.starts == ABSENT) | ~something] = ABSENT
        return boxes

    def fitted_gaps(self) -> NDArray[np.float32]:
        """The paper around the cells in the pictures: float32, shape (batch, n + 1), pixels."""
        fitted = (self.gaps * self.image_size[1] / self.strip_widths[:, None]).astype(np.float32)
        there = np.arange(self.gaps.shape[1]) <= self.lengths[:, None]
        return np.where(there, fitted, np.float32(ABSENT))


def placed_cells(
    gaps: Integers, lengths: Integers, cell_widths: int | NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where cells begin, int64, shape (batch, n), and how wide strips are, shape (batch,): pixels.

    Args:
        gaps: whole numbers, shape (batch, n + 1), below 0 where cells overlap.
        lengths: whole numbers, shape (batch,): how many cells each strip has.
        cell_widths: pixels of each cell; or where they differ whole numbers, shape (batch, n), 0
            where there is none.
    """
    starts = np.cumsum(gaps[:, :-1], axis=1, dtype=np.int64)
    if isinstance(cell_widths, int):
        starts += cell_widths * np.arange(starts.shape[1])
        if lengths.min() == starts.shape[1]:  # As nearly always, and then the last one ends last.
            return starts, starts[:, -1] + cell_widths + gaps[:, -1]
    else:
        starts[:, 1:] += np.cumsum(cell_widths[:, :-1], axis=1)
    there = np.arange(starts.shape[1]) < lengths[:, None]
    starts = np.where(there, starts, ABSENT)
    # A narrow cell may overlap so far that the one before it ends further right.
    ends = np.where(there, starts + cell_widths, 0).max(axis=1)
    return starts, ends + np.take_along_axis(gaps, lengths[:, None], axis=1)[:, 0]


def _padded(plan: Plan, right: NDArray[np.int64]) -> NDArray[np.int64]:
    gaps = plan.gaps.copy()
    gaps[:, 0] += plan.offsets
    gaps[np.arange(len(gaps)), plan.lengths] += right
    return gaps
