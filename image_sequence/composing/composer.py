"""The composer: draws a plan for a batch of samples, and renders it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from image_sequence.composing.canvas import Canvas, Layout, placed_cells
from image_sequence.composing.drawing import Drawing
from image_sequence.composing.gaps import decided_gaps
from image_sequence.composing.instances import (
    Instances,
    Widths,
    instances_of,
    sized_widths,
)
from image_sequence.composing.plugins import plugin_name
from image_sequence.composing.rendering import render
from image_sequence.composing.request import WIDEST, BatchRequest, SequenceRequest, Sequences
from image_sequence.composing.resampling import resize_rows
from image_sequence.composing.spacing import SpacingRequest, SpacingStrategy
from image_sequence.composing.transforms import TRANSFORM_STREAM, Transform
from image_sequence.composing.truth import Extents, Moves, Truth
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.hands import Hands
from image_sequence.glyphs.splitting import Split
from image_sequence.origin import Origin, Source
from image_sequence.plan import ABSENT, DrawnStep, Images, Plan
from image_sequence.sample import Batch
from image_sequence.steps.line import STRAIGHT, Line
from image_sequence.steps.pipeline import Pipeline

if TYPE_CHECKING:
    from image_sequence.composing.page import Page

MEASURES = ("cell", "ink")


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
        line: how large glyphs are, and how they stand on their line.
        measure: "cell": gaps are between the glyphs' cells; "ink": between their ink.
        page: paper and ink, and what happens to whole pictures; None for black on white.
        overlap: whether gaps may be negative.
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
    line: Line = STRAIGHT
    measure: str = "cell"
    page: "Page | None" = None
    overlap: bool = False

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
        indices, lengths, longest = rng.indices, batch.sequences.lengths, glyph_indices.shape[1]
        sizes = self.line.sizes(self.seed, indices, longest)
        widths = self._widths(glyph_indices, sizes)
        gaps = self._gaps(batch, widths, indices)
        return Plan(
            labels=batch.sequences.labels,
            lengths=lengths,
            glyph_indices=glyph_indices,
            gaps=gaps,
            offsets=self._offsets(gaps, lengths, widths, batch.image_width, indices),
            image_width=batch.image_width,
            seed=self.seed,
            indices=indices,
            glyph_steps=self._glyph_steps(indices, longest),
            sizes=sizes,
            shifts=self._shifts(gaps, lengths, widths, indices),
            picture_steps=() if self.page is None else self.page.drawn(self.seed, indices),
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
        instances = instances_of(plan, self.bank, self.transform, self.line)
        placed = plan
        if self.measure == "ink":
            instances = instances.cut_to_ink()
            placed = self._measured_by_ink(plan, instances)
        layout = Layout.of(
            placed,
            instances.size,
            self.canvas,
            instances.widths_of(instances.indices),
            instances.cells_by_place(),
        )
        alone = self._drawing(instances, layout)
        drawing, kept = self._of_height(alone, layout)
        inked = instances.inked if kept is None else Extents(instances.inked.ink_extents()[kept])
        joined = drawing
        if placed.gaps.min() < 0 and alone.overlaps:
            joined, _ = self._of_height(alone.joined(), layout)
        return Batch(
            images=self._pictures(joined, plan, np.dtype(dtype)),
            plan=plan,
            _truth=Truth(layout, drawing, inked, self.renderer, self._moves(plan), self._is_varied),
            _origin=Origin(self._source, self.bank, self.bank.names, plan.glyph_indices),
        )

    @property
    def _is_varied(self) -> bool:
        """Whether anything differs from classic pictures but gaps, size, polarity and functions."""
        by_steps = isinstance(self.transform, Pipeline)
        by_ink = self.measure == "ink"
        return by_steps or by_ink or self.overlap or self.page is not None or not self.line.is_plain

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

    def _widths(
        self, glyph_indices: NDArray[np.int64], sizes: NDArray[np.float64] | None
    ) -> Widths:
        """The widths of cells by place: int64, shape (batch, n), 0 where there is none."""
        if self.bank.widths is None and sizes is None:
            return None
        widths = np.full(glyph_indices.shape, self.bank.width)
        if self.bank.widths is not None:
            widths = np.take(self.bank.widths, np.maximum(glyph_indices, 0)).astype(np.int64)
        return np.where(glyph_indices == ABSENT, 0, sized_widths(widths, sizes))

    @property
    def _widest(self) -> int:
        """Pixels of the widest cell there can be."""
        return int(np.ceil(self.bank.width * self.line.size[1]))

    def _glyph_steps(self, indices: NDArray[np.int64], longest: int) -> tuple[DrawnStep, ...]:
        if not isinstance(self.transform, Pipeline):
            return ()
        return self.transform.drawn(Draws(self.seed, TRANSFORM_STREAM, indices), longest)

    def _shifts(
        self,
        gaps: NDArray[np.int64],
        lengths: NDArray[np.int64],
        widths: Widths,
        indices: NDArray[np.int64],
    ) -> NDArray[np.int64] | None:
        if self.line.is_plain:
            return None
        own = self.bank.width if widths is None else widths
        starts, strip_widths = placed_cells(gaps, lengths, own)
        middles = starts + np.asarray(own) / 2 - strip_widths[:, None] / 2
        middles[starts == ABSENT] = np.nan
        _, room = self.line.rooms(self.bank.height)
        return self.line.shifts(self.seed, indices, middles, room)

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
        request = self._spacing_request(batch, length, widths)
        return decided_gaps(self.spacing, request, rng, by_ink=self.measure == "ink")

    def _offsets(
        self,
        gaps: NDArray[np.int64],
        lengths: NDArray[np.int64],
        widths: Widths,
        image_width: int,
        indices: NDArray[np.int64],
    ) -> NDArray[np.int64]:
        if not self.canvas.pads or self.canvas.align == "left":
            return np.zeros(len(gaps), np.int64)
        cell_widths = self.bank.width if widths is None else widths
        _, strip_widths = placed_cells(gaps, lengths, cell_widths)
        free = image_width - strip_widths
        if self.canvas.align == "drawn":
            return Draws(self.seed, "align", indices).integers(0, free[:, None], 1)[:, 0]
        return free if self.canvas.align == "right" else free // 2

    def _measured_by_ink(self, plan: Plan, instances: Instances) -> Plan:
        """The plan with gaps between the columns of ink that make the gaps between ink its own."""
        widths = instances.widths_of(instances.indices)
        gaps = plan.gaps.copy()
        touching = -instances.nearness()[:, 1:]
        # However far they overlap, a glyph begins at least a pixel right of the one before it,
        # unless its ink would not reach that of the other.
        least = np.minimum(touching, 1 - np.asarray(widths)[:, :-1])
        there = instances.indices[:, 1:] != ABSENT
        between = np.maximum(gaps[:, 1:-1] + touching, least)
        # The gap after the last glyph of a shorter sequence stands there as well, and stays.
        gaps[:, 1:-1] = np.where(there, between, gaps[:, 1:-1])
        starts, _ = placed_cells(gaps, plan.lengths, np.asarray(widths))
        # What reaches out above a small first glyph is inside the strip as well.
        gaps[:, 0] -= np.where(instances.indices == ABSENT, 0, starts - gaps[:, :1]).min(axis=1)
        self._check_ink_fits(gaps, plan, np.asarray(widths))
        offsets = self._offsets(gaps, plan.lengths, widths, plan.image_width, plan.indices)
        return replace(plan, gaps=gaps, offsets=offsets)

    def _check_ink_fits(
        self, gaps: NDArray[np.int64], plan: Plan, widths: NDArray[np.int64]
    ) -> None:
        """Check that a strip of ink that reaches far out beside its neighbours can be padded."""
        needed = int(placed_cells(gaps, plan.lengths, widths)[1].max())
        if self.canvas.pads and needed > plan.image_width:
            raise ArgumentValueError(
                f"the ink of a strip takes {needed} pixels, more than the image_width of "
                f"{plan.image_width}; use an image_width of {needed} or more, or fit 'resize'"
            )

    def _drawing(self, instances: Instances, layout: Layout) -> Drawing:
        return Drawing(
            glyphs=instances.images,
            indices=instances.indices,
            starts=layout.starts,
            strip_widths=layout.strip_widths,
            width=layout.image_size[1],
            height=layout.cell_size[0] if layout.fits_height else layout.image_size[0],
            top=layout.top,
            resample=self.canvas.resample,
            light=self.canvas.ink == "light",
            widths=instances.widths,
        )

    def _of_height(
        self, drawing: Drawing, layout: Layout
    ) -> tuple[Drawing, NDArray[np.int64] | None]:
        """The drawing with its glyphs as tall as the picture, and which of them; None for all.

        Only those that the drawing needs are resized.
        """
        height = layout.image_size[0]
        if drawing.height == height:
            return drawing, None
        trimmed, kept = drawing.trimmed()
        glyphs = resize_rows(trimmed.glyphs, height, drawing.resample)
        return replace(trimmed, glyphs=glyphs, height=height), kept

    def _pictures(self, drawing: Drawing, plan: Plan, dtype: np.dtype[Any]) -> Images:
        if self.page is None:
            return render(drawing, dtype, self.renderer)
        coverage: Any = render(replace(drawing, light=True), np.float32, self.renderer)
        return self.page.pictures_of(coverage, plan, dtype, light=self.canvas.ink == "light")

    def _moves(self, plan: Plan) -> Moves:
        pipeline = self.transform if isinstance(self.transform, Pipeline) else None
        is_function = pipeline is None and self.transform is not None
        return Moves(
            transform=pipeline,
            function=plugin_name(self.transform) if is_function else None,
            page=self.page,
            glyph_steps=plan.glyph_steps,
            picture_steps=plan.picture_steps,
            seed=plan.seed,
            indices=plan.indices,
            glyph_size=(self.bank.height, self.bank.width),
            glyph_widths=self._widths(plan.glyph_indices, None),
        )

    def _check_overlap(self, minimum: int) -> None:
        narrowest = self.bank.width if self.bank.widths is None else int(self.bank.widths.min())
        narrowest = int(np.ceil(narrowest * self.line.size[0]))
        if minimum <= -narrowest:
            raise ArgumentValueError(
                f"a gap of {minimum} pixels would hide a digit of {narrowest} behind its "
                f"neighbour; use a minimum spacing of {1 - narrowest} or more"
            )

    def _spacing_request(self, batch: BatchRequest, length: int, widths: Widths) -> SpacingRequest:
        self._check_overlap(batch.minimum)
        spacing_request = SpacingRequest(
            glyph_count=length,
            glyph_width=self._widest,
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
                f"more than {WIDEST}; use at most {WIDEST // self._widest} digits"
            )
        return spacing_request
