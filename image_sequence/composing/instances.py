"""The glyphs of a batch as they are drawn: transformed, on their line, perhaps cut to their ink."""

from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.chunks import chunks
from image_sequence.composing.plugins import plugin_kind, plugin_name
from image_sequence.composing.transforms import TRANSFORM_STREAM, Transform
from image_sequence.composing.truth import Extents, Inked
from image_sequence.draws import Draws
from image_sequence.errors import PluginError
from image_sequence.glyphs.bank import GlyphBank, ink_extents
from image_sequence.plan import ABSENT, ByteImages, FloatImages, Plan
from image_sequence.steps.line import Line
from image_sequence.steps.pipeline import Pipeline

Widths: TypeAlias = NDArray[np.int64] | None
"""Pixels of each glyph: shape (batch, n), 0 where there is none; None if all are alike."""

_FULL_INK = np.float32(255)
_NO_INK = 1 << 20  # Further than any glyph reaches.


@dataclass(frozen=True, slots=True, eq=False)
class Instances:
    """The glyphs of a batch.

    Attributes:
        images: uint8, shape (count, height, width), 0 paper … 255 ink; in colour with a last axis.
        indices: int64, shape (batch, n): which of them stands where; -1 for none.
        widths: int64, shape (count,), pixels: how many columns of each are its own; None for all.
        cells: float64, shape (count, 4): the rectangle of the data set's image, as it is
            placed, in pixels of `images`; None where that is all of them, or of their widths.
        inked: where the ink of `images` is.
    """

    images: ByteImages
    indices: NDArray[np.int64]
    widths: Widths
    cells: NDArray[np.float64] | None
    inked: Inked

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the images, pixels."""
        return self.images.shape[1], self.images.shape[2]

    def widths_of(self, indices: NDArray[np.int64]) -> Widths:
        """The widths by place: int64, shape (batch, n), 0 where there is none; None if alike."""
        if self.widths is None:
            return None
        return np.where(indices == ABSENT, 0, np.take(self.widths, np.maximum(indices, 0)))

    def cells_by_place(self) -> NDArray[np.float64] | None:
        """The cells: float64, shape (batch, n, 4)."""
        return None if self.cells is None else self.cells[np.maximum(self.indices, 0)]

    def cut_to_ink(self) -> Self:
        """The same with every image beginning at its first column of ink, as wide as its ink."""
        extents = self.inked.ink_extents().astype(np.int64)
        lefts = np.maximum(extents[:, 0], 0)
        images = np.zeros_like(self.images)
        for left in np.unique(lefts).tolist():
            same = lefts == left
            images[same, :, : images.shape[2] - left] = self.images[same, :, left:]
        cells = self._whole_cells() if self.cells is None else self.cells.copy()
        cells[:, ::2] -= lefts[:, None]
        moved = extents.copy()
        moved[:, ::2] -= lefts[:, None]
        return replace(
            self,
            images=images,
            widths=np.where(extents[:, 0] == ABSENT, 1, extents[:, 2] - lefts),
            cells=cells,
            inked=Extents(moved.astype(np.int16)),
        )

    def _whole_cells(self) -> NDArray[np.float64]:
        height, width = self.size
        cells = np.zeros((len(self.images), 4))
        cells[:, 2], cells[:, 3] = width if self.widths is None else self.widths, height
        return cells

    def nearness(self) -> NDArray[np.int64]:
        """How much nearer glyphs come when their ink, not its columns, is to touch its neighbour.

        Ink counts from half the darkest of its glyph on: what is paler does not look like touching.

        Returns:
            int64, shape (batch, n), pixels: of a glyph and the one before it.
        """
        lefts, rights = _margins(self)
        before, there = self.indices[:, :-1], self.indices[:, 1:]
        apart = (rights[before] + lefts[there]).min(axis=2)
        nearness = np.zeros(self.indices.shape, np.int64)
        nearness[:, 1:] = np.where((there == ABSENT) | (apart >= _NO_INK), 0, apart)
        return nearness


def _margins(instances: Instances) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Paper left and right of the ink in each line: int64, shape (count, height), pixels."""
    images = instances.images if instances.images.ndim == 3 else instances.images.max(axis=3)
    darkest = images.max(axis=(1, 2), keepdims=True)
    inked = images >= np.maximum(1, (darkest.astype(np.int64) + 1) // 2)
    none = ~inked.any(axis=2)
    lefts = inked.argmax(axis=2)
    behind = inked[:, :, ::-1].argmax(axis=2)
    own = instances.size[1] if instances.widths is None else instances.widths[:, None]
    rights = behind - (instances.size[1] - own)
    lefts[none] = _NO_INK
    return lefts, np.where(none, _NO_INK, rights)


def instances_of(plan: Plan, bank: GlyphBank, transform: Transform | None, line: Line) -> Instances:
    """The glyphs of a plan.

    Raises:
        LibraryError: the transform needs a library that does not load.
        PluginError: the transform returned something that cannot be used.
    """
    bank_widths = None if bank.widths is None else bank.widths.astype(np.int64, copy=False)
    of_bank = Instances(bank.images, plan.glyph_indices, bank_widths, None, bank)
    if transform is None and line.is_plain:
        return of_bank
    images, indices = _transformed(plan, of_bank, transform)
    present = plan.glyph_indices != ABSENT
    widths = None if bank_widths is None else bank_widths[plan.glyph_indices[present]]
    if widths is not None:
        images = _cut(images, widths)
    if line.is_plain:
        return Instances(images, indices, widths, None, Extents(ink_extents(images)))
    return _on_line(images, indices, widths, plan, line)


def sized_widths(widths: NDArray[np.int64], sizes: NDArray[np.float64] | None) -> NDArray[np.int64]:
    """How wide glyphs of a size are: int64, pixels, of the shape of `widths`.

    Args:
        widths: int64, pixels.
        sizes: factors of the same shape, or None for 1.0.
    """
    return widths if sizes is None else np.ceil(sizes * widths).astype(np.int64)


def _transformed(
    plan: Plan, glyphs: Instances, transform: Transform | None
) -> tuple[ByteImages, NDArray[np.int64]]:
    """An image for each glyph of a plan, and which of them stands where."""
    present = plan.glyph_indices != ABSENT
    indices = np.where(present, np.cumsum(present).reshape(present.shape) - 1, ABSENT)
    if transform is None:
        return glyphs.images[plan.glyph_indices[present]], indices
    images = np.empty((np.count_nonzero(present), *glyphs.images.shape[1:]), np.uint8)
    if isinstance(transform, Pipeline):
        for rows in chunks(len(present), present.shape[1] * glyphs.images[0].size):
            part = present[rows]
            images[indices[rows][part]] = _by_pipeline(plan, glyphs, transform, rows)
        return images, indices
    widths = glyphs.widths_of(plan.glyph_indices)
    for length in np.unique(plan.lengths).tolist():
        same = np.flatnonzero(plan.lengths == length)
        rng = Draws(plan.seed, TRANSFORM_STREAM, plan.indices[same])
        chosen = glyphs.images[plan.glyph_indices[same, :length]]
        own = None if widths is None else widths[same, :length]
        result = _checked_glyphs(transform, chosen.astype(np.float32) / _FULL_INK, own, rng)
        images[indices[same, :length]] = np.rint(np.clip(result, 0.0, 1.0) * _FULL_INK)
    return images, indices


def _by_pipeline(
    plan: Plan, glyphs: Instances, pipeline: Pipeline, rows: slice
) -> NDArray[np.float32]:
    glyph_indices = plan.glyph_indices[rows]
    present = glyph_indices != ABSENT
    widths = glyphs.widths_of(glyph_indices)
    drawn = [step.taken(rows) for step in plan.glyph_steps]
    rng = Draws(plan.seed, TRANSFORM_STREAM, plan.indices[rows])

    def changed(chosen: NDArray[np.bool_], width: int | None) -> NDArray[np.float32]:
        levels = glyphs.images[glyph_indices[chosen]][:, :, :width]
        images = as_channels(levels).astype(np.float32)
        images *= np.float32(1 / 255)
        images = pipeline.changed(images, drawn, chosen, rng)
        np.rint(np.multiply(images, _FULL_INK, out=images), out=images)
        return images.reshape(levels.shape)

    if widths is None:
        return changed(present, None)
    # To a step, a glyph's image is as wide as the glyph: it is turned about its own middle.
    whole = np.zeros((np.count_nonzero(present), *glyphs.images.shape[1:]), np.float32)
    for width in np.unique(widths[present]).tolist():
        same = present & (widths == width)
        whole[same[present], :, :width] = changed(same, width)
    return whole


def as_channels(images: NDArray[Any]) -> NDArray[Any]:
    """The images with a last axis for colours: shape (count, height, width, 1 or 3)."""
    return images[..., None] if images.ndim == 3 else images


def _cut(glyphs: ByteImages, widths: NDArray[np.int64]) -> ByteImages:
    """The glyphs, with paper to the right of their widths."""
    beyond = np.arange(glyphs.shape[2]) >= widths[:, None]
    np.moveaxis(glyphs, 2, 1)[beyond] = 0
    return glyphs


def _on_line(
    images: ByteImages, indices: NDArray[np.int64], widths: Widths, plan: Plan, line: Line
) -> Instances:
    from image_sequence.steps.warping import warp

    count, height, width, *colours = images.shape
    above, below = line.rooms(height)
    present = indices != ABSENT
    shifts = np.zeros(count, np.int64) if plan.shifts is None else plan.shifts[present]
    sizes = np.ones(count) if plan.sizes is None else plan.sizes[present]
    own = widths
    if plan.sizes is not None:
        own = sized_widths(np.full(count, width) if widths is None else widths, sizes)
    extents = ink_extents(images)
    feet = np.where(extents[:, 3] == ABSENT, height, extents[:, 3]).astype(np.float64)
    wide = max(width, int(np.ceil(line.size[1] * width)))
    canvases = np.zeros((count, above + height + below, wide, *colours), np.uint8)
    if plan.sizes is None:
        for shift in np.unique(shifts).tolist():
            same = shifts == shift
            canvases[same, above + shift : above + shift + height, :width] = images[same]
    else:
        canvases[:, above : above + height, :width] = images
        matrices = _growths(sizes, above + feet, shifts)
        for rows in chunks(count, canvases[0].size):
            floats = as_channels(canvases[rows]).astype(np.float32)
            warped = warp(floats, matrices[rows], border="paper")
            canvases[rows] = np.rint(warped).reshape(canvases[rows].shape)
        canvases = _cut(canvases, np.asarray(own))
    cells = np.zeros((count, 4))
    cells[:, 2] = sizes * (width if widths is None else widths)
    cells[:, 1] = above + shifts + feet - sizes * feet
    cells[:, 3] = cells[:, 1] + sizes * height
    return Instances(canvases, indices, own, cells, Extents(ink_extents(canvases)))


def _growths(
    sizes: NDArray[np.float64], feet: NDArray[np.float64], shifts: NDArray[np.int64]
) -> NDArray[np.float64]:
    """What makes glyphs larger by a factor, from the left edge and the foot of their ink."""
    matrices = np.zeros((len(sizes), 3, 3))
    matrices[:, 0, 0] = matrices[:, 1, 1] = sizes
    matrices[:, 1, 2] = feet - sizes * feet + shifts
    matrices[:, 2, 2] = 1
    return matrices


def _checked_glyphs(
    transform: Transform, glyphs: FloatImages, widths: Widths, rng: Draws
) -> NDArray[np.floating]:
    shape = glyphs.shape
    result = transform(glyphs, rng, **_asked_for(transform, widths))
    if not isinstance(result, np.ndarray) or result.dtype.kind != "f":
        raise PluginError(
            f"the transform {plugin_name(transform)} returned {plugin_kind(result)}; "
            f"an array of floats works"
        )
    if result.shape != shape:
        raise PluginError(
            f"the transform {plugin_name(transform)} returned the shape {result.shape}; "
            f"that of the glyphs, {shape}, works"
        )
    if not np.isfinite(result).all():
        raise PluginError(
            f"the transform {plugin_name(transform)} returned NaN or infinity; "
            f"values from 0 to 1 work"
        )
    return result


def _asked_for(transform: Transform, widths: Widths) -> dict[str, Any]:
    """What a transform is handed beyond the glyphs."""
    if widths is None:
        return {}
    try:
        parameters = signature(transform).parameters
    except ValueError:  # A function of a compiled module may have none.
        return {}
    return {"widths": widths} if "widths" in parameters else {}
