"""The composer: draws a plan for a batch of samples, and renders it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from image_sequence.composing.canvas import fit_to_width, lay_out
from image_sequence.composing.request import WIDEST, SequenceRequest
from image_sequence.composing.spacing import Spacing, SpacingRequest, SpacingStrategy
from image_sequence.composing.transforms import Transform
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, PluginError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.sample import Batch, FloatImages, Plan

_FULL_INK = np.float32(255)


@dataclass(frozen=True, slots=True, eq=False)
class Composer:
    """Makes batches of pictures: `render(plan(request, indices))`.

    Which glyphs, which gaps and how the transform goes are drawn from three streams of the seed, so
    changing the spacing keeps the handwriting, and changing the transform keeps both.

    Attributes:
        bank: the glyphs.
        spacing: the strategy that decides the gaps.
        edges: whether the strategy is asked for gaps before the first and after the last glyph.
        transform: what happens to each glyph's own image, or None for nothing.
        seed: whole number, 0 … 2**64 - 1.
    """

    bank: GlyphBank
    spacing: SpacingStrategy
    edges: bool
    transform: Transform | None
    seed: int

    def plan(self, request: SequenceRequest, indices: ArrayLike) -> Plan:
        """Every choice for the samples of the given indices.

        Raises:
            ArgumentValueError: the bank has no image of a label, or the spacing cannot be had.
            NoGapError: one glyph, and no gap to choose.
            PluginError: the spacing strategy returned something that cannot be used.
        """
        counts = self.bank.instance_counts(request.labels)
        spacing_request = self._spacing_request(request)
        rng = Draws(self.seed, "glyphs", indices)
        ordinals = rng.integers(0, counts - 1, counts.size)
        spacing = self._checked_spacing(spacing_request, Draws(self.seed, "spacing", indices))
        return Plan(
            labels=request.labels,
            glyph_indices=self.bank.instances(request.labels, ordinals),
            gaps=spacing.gaps.astype(np.int64),
            fitted=spacing.fitted,
            image_width=request.image_width,
            seed=self.seed,
            indices=rng.indices,
        )

    def render(self, plan: Plan) -> Batch:
        """The pictures of a plan: float32, shape (batch, height, image_width), 0.0 … 1.0.

        Raises:
            LibraryError: the transform needs a library that does not load.
            PluginError: the transform returned something that cannot be used.
        """
        glyphs = self.bank.images[plan.glyph_indices].astype(np.float32) / _FULL_INK
        if self.transform is not None:
            glyphs = _transformed(
                self.transform, glyphs, Draws(plan.seed, "transform", plan.indices)
            )
        strips, strip_widths = lay_out(glyphs, plan.gaps)
        if not plan.fitted:
            return Batch(np.ascontiguousarray(strips), plan)
        return Batch(fit_to_width(strips, strip_widths, plan.image_width), plan)

    def _spacing_request(self, request: SequenceRequest) -> SpacingRequest:
        spacing_request = SpacingRequest(
            glyph_count=len(request.labels),
            glyph_width=self.bank.width,
            minimum=request.minimum,
            maximum=request.maximum,
            image_width=request.image_width,
            edges=self.edges,
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


def _transformed(transform: Transform, glyphs: FloatImages, rng: Draws) -> FloatImages:
    result = transform(glyphs, rng)
    if not isinstance(result, np.ndarray) or result.dtype.kind != "f":
        raise PluginError(
            f"the transform {_name(transform)} returned {_kind(result)}; an array of floats works"
        )
    if result.shape != glyphs.shape:
        raise PluginError(
            f"the transform {_name(transform)} returned the shape {result.shape}; "
            f"that of the glyphs, {glyphs.shape}, works"
        )
    if not np.isfinite(result).all():
        raise PluginError(
            f"the transform {_name(transform)} returned NaN or infinity; values from 0 to 1 work"
        )
    return np.clip(result, 0.0, 1.0).astype(np.float32, copy=False)


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
    strip_widths = gaps.sum(axis=1, dtype=np.int64) + request.glyphs_width
    if strip_widths.max() > WIDEST:
        raise PluginError(
            f"the spacing strategy {name} makes a strip of {strip_widths.max()} pixels; "
            f"at most {WIDEST} work"
        )
    if not spacing.fitted and (strip_widths != request.image_width).any():
        raise PluginError(
            f"the spacing strategy {name} makes strips of {strip_widths.min()} to "
            f"{strip_widths.max()} pixels that are not to be fitted; "
            f"they must have the image_width of {request.image_width}"
        )


def _name(plugin: object) -> str:
    return str(getattr(plugin, "__name__", shown(plugin)))


def _kind(result: object) -> str:
    if isinstance(result, np.ndarray):
        return f"an array of {result.dtype} of the shape {result.shape}"
    return shown(result)
