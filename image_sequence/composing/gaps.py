"""Gaps from a spacing strategy, whoever wrote it: checked before anything is laid out by them."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.canvas import placed_cells
from image_sequence.composing.plugins import plugin_kind, plugin_name
from image_sequence.composing.request import WIDEST
from image_sequence.composing.spacing import Spacing, SpacingRequest, SpacingStrategy
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, PluginError
from image_sequence.plan import Integers


def decided_gaps(
    strategy: SpacingStrategy, request: SpacingRequest, rng: Draws, *, by_ink: bool
) -> NDArray[np.int64]:
    """The gaps of a batch: int64, shape (batch, n + 1), pixels.

    Args:
        strategy: what decides them.
        request: what it is told.
        rng: what it draws from.
        by_ink: whether gaps are between ink.

    Raises:
        ArgumentValueError: the strategy cannot do what is asked for.
        PluginError: it returned something that cannot be used.
    """
    result = strategy(request, rng)
    spacing = result if isinstance(result, Spacing) else Spacing(result)
    if by_ink and not spacing.fitted:
        raise ArgumentValueError(
            f"the spacing {plugin_name(strategy)} fills the width exactly, which it can do "
            f"with cells only; use measure 'cell', or the spacing 'variable'"
        )
    _check_gaps(spacing, request, rng.batch_size, plugin_name(strategy))
    return spacing.gaps.astype(np.int64)


def _check_gaps(spacing: Spacing, request: SpacingRequest, batch_size: int, name: str) -> None:
    gaps: object = spacing.gaps
    shape = (batch_size, request.glyph_count + 1)
    if not isinstance(gaps, np.ndarray) or gaps.dtype.kind not in "iu" or gaps.shape != shape:
        raise PluginError(
            f"the spacing strategy {name} returned {plugin_kind(gaps)}; an array of whole numbers "
            f"of the shape {shape} works: a gap before, between and after the glyphs of each sample"
        )
    least, smallest, largest = min(0, request.minimum), gaps.min(), gaps.max()
    cuts_off = least < 0 and gaps[:, [0, -1]].min() < 0
    if smallest < least or largest > WIDEST or cuts_off:
        outer = "; the outer ones are never negative" if least else ""
        raise PluginError(
            f"the spacing strategy {name} returned gaps from {smallest} to {largest}; "
            f"whole pixels from {least} to {WIDEST} work{outer}"
        )
    widths = _strip_widths(gaps, request)
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


def _strip_widths(gaps: Integers, request: SpacingRequest) -> NDArray[np.int64]:
    own = request.glyph_width if request.glyph_widths is None else request.glyph_widths
    if request.minimum < 0:
        return placed_cells(gaps, np.full(len(gaps), request.glyph_count), own)[1]
    total = request.glyphs_width if isinstance(own, int) else own.sum(axis=1)
    widths: NDArray[np.int64] = gaps.sum(axis=1, dtype=np.int64) + total
    return widths
