"""The composer: draws a plan for a batch of samples, and renders it."""

from dataclasses import dataclass, replace
from inspect import signature
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from image_sequence.composing.canvas import Canvas, Layout, strip_widths
from image_sequence.composing.drawing import Drawing
from image_sequence.composing.rendering import render
from image_sequence.composing.request import WIDEST, BatchRequest, SequenceRequest, Sequences
from image_sequence.composing.resampling import resize_rows
from image_sequence.composing.spacing import Spacing, SpacingRequest, SpacingStrategy
from image_sequence.composing.transforms import Transform
from image_sequence.composing.truth import Extents, Inked, Truth
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, PluginError, shown
from image_sequence.glyphs.bank import GlyphBank, ink_extents
from image_sequence.glyphs.hands import Hands
from image_sequence.glyphs.splitting import Split
from image_sequence.origin import Origin, Source
from image_sequence.plan import ABSENT, ByteImages, FloatImages, Plan
from image_sequence.sample import Batch

Widths: TypeAlias = NDArray[np.int64] | None
"""Pixels of each glyph: shape (batch, n), 0 where there is none; None if all are alike."""

_FULL_INK = np.float32(255)


@dataclass(frozen=True, slots=True, eq=False)
class Composer:
    """Makes batches of pictures: `render(plan(request, indices))`.

    Which glyphs, whose hand, which gaps, how the transform goes and where a padded strip stands are
    drawn from separate streams of the seed, so changing the spacing keeps the handwriting, and
    changing the transform keeps both.

    Attributes:
        bank: the glyphs.
        spacing: the strategy that decides the gaps.
        edges: whether the strategy is asked for gaps before the first and after the last glyph.
        transform: what happens to each glyph's own image, or None for nothing.
        seed: whole number, 0 … 2**64 - 1.
        canvas: what the pictures are like.
        renderer: what draws them, see `rendering.RENDERERS`.
        hands: the glyphs by writer, if all of a sample are to be by one; None if they need not.
        split: the part of a data set that the glyphs, or the sequences, are of; None for the whole.
    """

    bank: GlyphBank
    spacing: SpacingStrategy
    edges: bool
    transform: Transform | None
    seed: int
    canvas: Canvas = Canvas()
    renderer: str = "auto"
    hands: Hands | None = None
    split: Split | None = None

    def plan(self, request: SequenceRequest | BatchRequest, indices: ArrayLike) -> Plan:
        """Every choice for the samples of the given indices, one sequence for each or for all.

        Raises:
            ArgumentValueError: the bank has no image of a label, a sequence is held out or by no
                writer, or the spacing cannot be had.
            NoGapError: one glyph, and no gap to choose.
            PluginError: the spacing strategy returned something that cannot be used.
        """
        rng = Draws(self.seed, "glyphs", indices)
        batch = request.for_samples(rng.batch_size)
        self._check_held(batch.sequences)
        glyph_indices = self._glyph_indices(batch.sequences, rng)
        widths = self._widths(glyph_indices)
        gaps = self._gaps(batch, widths, rng.indices)
        return Plan(
            labels=batch.sequences.labels,
            lengths=batch.sequences.lengths,
            glyph_indices=glyph_indices,
            gaps=gaps,
            offsets=self._offsets(batch, widths, gaps, rng.indices),
            image_width=batch.image_width,
            seed=self.seed,
            indices=rng.indices,
        )

    def render(self, plan: Plan, dtype: DTypeLike = np.float32) -> Batch:
        """The pictures of a plan, and the truth about them.

        Args:
            plan: the choices.
            dtype: float32 for pixels from 0.0 to 1.0, or uint8 for `round(255 * pixel)`.

        Raises:
            ArgumentValueError: the glyphs are taller than the picture and are not resized.
            LibraryError: the transform or the renderer needs a library that does not load.
            PluginError: the transform returned something that cannot be used.
        """
        cell_size = self.bank.height, self.bank.width
        layout = Layout.of(plan, cell_size, self.canvas, self._widths(plan.glyph_indices))
        drawing, inked = self._drawing(plan, layout)
        return Batch(
            images=render(drawing, dtype, self.renderer),
            plan=plan,
            _truth=Truth(layout, drawing, inked, self.renderer),
            _origin=Origin(self._source, self.bank, self.bank.names, plan.glyph_indices),
        )

    @property
    def _source(self) -> Source:
        if self.split is None:
            return Source(self.bank.name, self.bank.split)
        return Source(self.bank.name, self.bank.split, self.split.part, self.split.by)

    def _glyph_indices(self, sequences: Sequences, rng: Draws) -> NDArray[np.int64]:
        if not sequences.are_mixed:
            return self._drawn(sequences.labels, rng)
        present = sequences.present
        # A first label is always there, and what is drawn for the absent ones is thrown away.
        known = np.where(present, sequences.labels, sequences.labels[:, :1])
        return np.where(present, self._drawn(known, rng), ABSENT)

    def holds(self, sequences: Sequences) -> NDArray[np.bool_]:
        """Whether each of the sequences may be shown: bool, shape (count,)."""
        if self.split is None:
            return np.ones(len(sequences), np.bool_)
        return self.split.holds(sequences.labels, self.bank.names)

    def _check_held(self, sequences: Sequences) -> None:
        if self.split is None or "sequence" not in self.split.by:
            return
        held_out = np.flatnonzero(~self.holds(sequences))
        if held_out.size:
            one = sequences.taken(held_out[:1])
            text = "".join(map(self.bank.text, one.labels[0, : one.lengths[0]].tolist()))
            part = self.split.parts(one.labels, self.bank.names)[0]
            raise ArgumentValueError(
                f"the sequence {shown(text)} is held out for the split {str(part)!r}, so the split "
                f"{self.split.part!r} does not show it; a stream leaves such sequences out, and "
                f"Split.holds tells which they are"
            )

    def _drawn(self, labels: NDArray[np.int64], rng: Draws) -> NDArray[np.int64]:
        if self.hands is None:
            return self.bank.drawn(labels, rng)
        return self.hands.drawn(labels, Draws(self.seed, "hand", rng.indices), rng)

    def _widths(self, glyph_indices: NDArray[np.int64]) -> Widths:
        if self.bank.widths is None:
            return None
        widths = np.take(self.bank.widths, np.maximum(glyph_indices, 0)).astype(np.int64)
        return np.where(glyph_indices == ABSENT, 0, widths)

    def _gaps(
        self, batch: BatchRequest, widths: Widths, indices: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        lengths, longest = batch.sequences.lengths, batch.sequences.labels.shape[1]
        if not batch.sequences.are_mixed:
            return self._gaps_of_one_length(batch, longest, widths, indices)
        gaps = np.full((len(lengths), longest + 1), ABSENT)
        for length in np.unique(lengths).tolist():
            rows = np.flatnonzero(lengths == length)
            own = None if widths is None else widths[rows, :length]
            gaps[rows, : length + 1] = self._gaps_of_one_length(batch, length, own, indices[rows])
        return gaps

    def _gaps_of_one_length(
        self, batch: BatchRequest, length: int, widths: Widths, indices: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        rng = Draws(self.seed, "spacing", indices)
        spacing = self._checked_spacing(self._spacing_request(batch, length, widths), rng)
        return spacing.gaps.astype(np.int64)

    def _offsets(
        self,
        batch: BatchRequest,
        widths: Widths,
        gaps: NDArray[np.int64],
        indices: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        if not self.canvas.pads or self.canvas.align == "left":
            return np.zeros(len(gaps), np.int64)
        cell_widths = self.bank.width if widths is None else widths
        free = batch.image_width - strip_widths(gaps, batch.sequences.lengths, cell_widths)
        if self.canvas.align == "drawn":
            return Draws(self.seed, "align", indices).integers(0, free[:, None], 1)[:, 0]
        return free if self.canvas.align == "right" else free // 2

    def _drawing(self, plan: Plan, layout: Layout) -> tuple[Drawing, Inked]:
        drawing = Drawing(
            glyphs=self.bank.images,
            indices=plan.glyph_indices,
            starts=layout.starts,
            strip_widths=layout.strip_widths,
            width=layout.image_size[1],
            height=layout.image_size[0],
            top=layout.top,
            resample=self.canvas.resample,
            light=self.canvas.ink == "light",
            widths=None if self.bank.widths is None else np.asarray(self.bank.widths, np.int64),
        )
        inked: Inked = self.bank
        if self.transform is not None:
            glyphs, indices, widths = self._transformed(plan, self.transform)
            drawing = replace(drawing, glyphs=glyphs, indices=indices, widths=widths)
            inked = Extents(ink_extents(glyphs))
        if layout.fits_height and layout.image_size[0] != self.bank.height:
            drawing, inked = _of_height(drawing, inked)
        return drawing, inked

    def _transformed(
        self, plan: Plan, transform: Transform
    ) -> tuple[ByteImages, NDArray[np.int64], Widths]:
        """The glyphs of a plan, transformed; which of them stands where; and their widths."""
        present = plan.glyph_indices != ABSENT
        indices = np.where(present, np.cumsum(present).reshape(present.shape) - 1, ABSENT)
        glyphs = np.empty((np.count_nonzero(present), *self.bank.images.shape[1:]), np.uint8)
        widths = self._widths(plan.glyph_indices)
        for length in np.unique(plan.lengths).tolist():
            rows = np.flatnonzero(plan.lengths == length)
            rng = Draws(plan.seed, "transform", plan.indices[rows])
            chosen = self.bank.images[plan.glyph_indices[rows, :length]]
            own = None if widths is None else widths[rows, :length]
            result = _checked_glyphs(transform, chosen.astype(np.float32) / _FULL_INK, own, rng)
            glyphs[indices[rows, :length]] = np.rint(np.clip(result, 0.0, 1.0) * _FULL_INK)
        if widths is None:
            return glyphs, indices, None
        return _cut(glyphs, widths[present]), indices, widths[present]

    def _spacing_request(self, batch: BatchRequest, length: int, widths: Widths) -> SpacingRequest:
        spacing_request = SpacingRequest(
            glyph_count=length,
            glyph_width=self.bank.width,
            minimum=batch.minimum,
            maximum=batch.maximum,
            image_width=batch.image_width,
            edges=self.edges,
            widest_strip=batch.image_width if self.canvas.pads else WIDEST,
            glyph_widths=widths,
        )
        if spacing_request.glyphs_width > WIDEST:
            raise ArgumentValueError(
                f"{spacing_request.glyph_count} digits take {spacing_request.glyphs_width} pixels, "
                f"more than {WIDEST}; use at most {WIDEST // self.bank.width} digits"
            )
        return spacing_request

    def _checked_spacing(self, request: SpacingRequest, rng: Draws) -> Spacing:
        result = self.spacing(request, rng)
        spacing = result if isinstance(result, Spacing) else Spacing(result)
        _check_gaps(spacing, request, rng.batch_size, _name(self.spacing))
        return spacing


def _of_height(drawing: Drawing, inked: Inked) -> tuple[Drawing, Inked]:
    """The drawing with its glyphs as tall as the picture; only those it needs are resized."""
    trimmed, kept = drawing.trimmed()
    glyphs = resize_rows(trimmed.glyphs, drawing.height, drawing.resample)
    return replace(trimmed, glyphs=glyphs), Extents(inked.ink_extents()[kept])


def _cut(glyphs: ByteImages, widths: NDArray[np.int64]) -> ByteImages:
    """The glyphs, with paper to the right of their widths."""
    beyond = np.arange(glyphs.shape[2]) >= widths[:, None]
    np.moveaxis(glyphs, 2, 1)[beyond] = 0
    return glyphs


def _checked_glyphs(
    transform: Transform, glyphs: FloatImages, widths: Widths, rng: Draws
) -> NDArray[np.floating]:
    shape = glyphs.shape
    result = transform(glyphs, rng, **_asked_for(transform, widths))
    if not isinstance(result, np.ndarray) or result.dtype.kind != "f":
        raise PluginError(
            f"the transform {_name(transform)} returned {_kind(result)}; an array of floats works"
        )
    if result.shape != shape:
        raise PluginError(
            f"the transform {_name(transform)} returned the shape {result.shape}; "
            f"that of the glyphs, {shape}, works"
        )
    if not np.isfinite(result).all():
        raise PluginError(
            f"the transform {_name(transform)} returned NaN or infinity; values from 0 to 1 work"
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


def _check_gaps(spacing: Spacing, request: SpacingRequest, batch_size: int, name: str) -> None:
    gaps: object = spacing.gaps
    shape = (batch_size, request.glyph_count + 1)
    if not isinstance(gaps, np.ndarray) or gaps.dtype.kind not in "iu" or gaps.shape != shape:
        raise PluginError(
            f"the spacing strategy {name} returned {_kind(gaps)}; an array of whole numbers of the "
            f"shape {shape} works: a gap before, between and after the glyphs of each sample"
        )
    if gaps.min() < 0 or gaps.max() > WIDEST:
        raise PluginError(
            f"the spacing strategy {name} returned gaps from {gaps.min()} to {gaps.max()}; "
            f"whole pixels from 0 to {WIDEST} work"
        )
    own = request.glyph_widths
    glyphs_widths = request.glyphs_width if own is None else own.sum(axis=1)
    widths = gaps.sum(axis=1, dtype=np.int64) + glyphs_widths
    if widths.max() > request.widest_strip:
        raise PluginError(
            f"the spacing strategy {name} makes a strip of {widths.max()} pixels; "
            f"at most {request.widest_strip} work"
            + ("" if request.widest_strip == WIDEST else " here: the strip is not resized")
        )
    if not spacing.fitted and (widths != request.image_width).any():
        raise PluginError(
            f"the spacing strategy {name} makes strips of {widths.min()} to "
            f"{widths.max()} pixels that are not to be fitted; "
            f"they must have the image_width of {request.image_width}"
        )


def _name(plugin: object) -> str:
    return str(getattr(plugin, "__name__", shown(plugin)))


def _kind(result: object) -> str:
    if isinstance(result, np.ndarray):
        return f"an array of {result.dtype} of the shape {result.shape}"
    return shown(result)
