"""Spacing strategies: how wide the gaps between glyphs are.

A strategy is a function of a `SpacingRequest` and `Draws`. It returns the gaps of a whole batch, or
a `Spacing` where it has more to say. Pass one to `DigitSequence(spacing=…)`, or give it a name with
`register_spacing` or the entry-point group `image_sequence.spacing` and use that in configurations.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.request import WIDEST
from image_sequence.draws import Draws
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ConfigurationTypeError,
    NoGapError,
    PluginError,
    shown,
)
from image_sequence.plan import Integers

ENTRY_POINT_GROUP = "image_sequence.spacing"


@dataclass(frozen=True, slots=True)
class SpacingRequest:
    """What a strategy is told.

    Attributes:
        glyph_count: n; a strategy returns n + 1 gaps: `| glyph | glyph | … |`.
        glyph_width: pixels of each glyph; where they differ, of the widest there is.
        minimum: pixels, the smallest gap asked for; below 0 where glyphs may overlap.
        maximum: pixels, the largest gap asked for, itself included.
        image_width: pixels of the final picture.
        edges: whether the two outer gaps are asked for; if not, they are 0.
        widest_strip: pixels that glyphs and gaps may take together: `WIDEST`, or the image_width
            where the strip is not to be resized.
        glyph_widths: int64, shape (batch, n), pixels of each glyph of each sample; None where all
            have the `glyph_width`.
    """

    glyph_count: int
    glyph_width: int
    minimum: int
    maximum: int
    image_width: int
    edges: bool
    widest_strip: int = WIDEST
    glyph_widths: NDArray[np.int64] | None = None

    @property
    def glyphs_width(self) -> int:
        """Pixels that the glyphs take together, or at most, where their widths differ."""
        return self.glyph_count * self.glyph_width

    @property
    def gap_count(self) -> int:
        """How many gaps are open to choice: n + 1 with edges, n - 1 between the glyphs.

        Raises:
            NoGapError: none.
        """
        count = self.glyph_count + 1 if self.edges else self.glyph_count - 1
        if count == 0:
            raise NoGapError(
                "one digit has no gap between digits; "
                "use at least two digits, or the spacing subtype 'edge'"
            )
        return count

    @property
    def least(self) -> NDArray[np.int64]:
        """The smallest that each gap open to choice may be: int64, shape (gap_count,), pixels.

        The outer gaps are never negative: what would lie beyond the strip would be lost.
        """
        return self._of_gaps(self.minimum)

    @property
    def most(self) -> NDArray[np.int64]:
        """The largest that each gap open to choice may be: int64, shape (gap_count,), pixels."""
        return self._of_gaps(self.maximum)

    def _of_gaps(self, pixels: int) -> NDArray[np.int64]:
        gaps = np.full(self.gap_count, pixels, np.int64)
        if self.edges:
            gaps[[0, -1]] = max(0, pixels)
        return gaps

    def with_edges(self, chosen: Integers) -> NDArray[np.int64]:
        """All n + 1 gaps from the chosen ones: the outer two are 0 where they are not asked for.

        Args:
            chosen: whole numbers, shape (batch, gap_count).

        Returns:
            int64, shape (batch, n + 1).
        """
        if self.edges:
            return chosen.astype(np.int64)
        gaps = np.zeros((len(chosen), self.glyph_count + 1), np.int64)
        gaps[:, 1:-1] = chosen
        return gaps


@dataclass(frozen=True, slots=True, eq=False)
class Spacing:
    """What a strategy decided.

    Attributes:
        gaps: whole numbers, shape (batch, n + 1), pixels.
        fitted: whether the strip is to be resized to the width of the picture; if not, it has that
            width already.
    """

    gaps: Integers
    fitted: bool = True


class SpacingStrategy(Protocol):
    """Any function of this form is a strategy.

    >>> def alternating(request, rng):
    ...     '''Wide, narrow, wide, …'''
    ...     wide = np.arange(request.glyph_count + 1) % 2 == 0
    ...     gaps = np.where(wide, request.maximum, request.minimum)
    ...     return np.broadcast_to(gaps, (rng.batch_size, gaps.size))
    """

    def __call__(self, request: SpacingRequest, rng: Draws, /) -> Integers | Spacing:
        """The gaps of each sample of the batch: whole numbers, shape (rng.batch_size, n + 1)."""
        ...


def variable(request: SpacingRequest, rng: Draws) -> Spacing:
    """Each gap on its own, uniform over minimum … maximum; the strip is resized to the width.

    Raises:
        ArgumentValueError: such a strip could be wider than may be.
        NoGapError: one glyph and no edges.
    """
    check_width(request)
    # A range of two numbers, as nearly always, is drawn in less time than one of two arrays.
    if request.minimum >= 0:
        chosen = rng.integers(request.minimum, request.maximum, request.gap_count)
    else:
        chosen = rng.integers(request.least, request.most, request.gap_count)
    return Spacing(request.with_edges(chosen))


def check_width(request: SpacingRequest) -> None:
    """Check that a strip with the widest gaps is not wider than it may be.

    Raises:
        ArgumentValueError: it could be.
        NoGapError: one glyph and no edges.
    """
    needed = request.glyphs_width + request.gap_count * request.maximum
    if request.maximum < 0:
        needed = request.glyphs_width + int(request.most.sum())
    if needed > request.widest_strip:
        raise ArgumentValueError(_too_wide(request, needed))


def _too_wide(request: SpacingRequest, needed: int) -> str:
    digits = f"{request.glyph_count} digits with gaps of up to {request.maximum} pixels"
    if request.widest_strip < WIDEST and needed <= WIDEST:
        return (
            f"{digits} can take {needed} pixels, more than the image_width of "
            f"{request.image_width}; use an image_width of {needed} or more, or fit 'resize'"
        )
    largest = (WIDEST - request.glyphs_width) // request.gap_count
    return (
        f"{digits} could be wider than {WIDEST} pixels; use a maximum spacing of {largest} or less"
    )


def fixed(request: SpacingRequest, rng: Draws) -> Spacing:
    """Equal gaps that fill the width exactly; nothing is resized.

    Raises:
        ArgumentValueError: the glyphs do not fit, the free pixels do not divide, or the gap lies
            outside minimum … maximum. The message names the nearest widths that work. Or the glyphs
            of some samples are wider together than those of others.
        NoGapError: one glyph and no edges.
    """
    gap_count, glyphs_width = request.gap_count, _common_glyphs_width(request)
    free = request.image_width - glyphs_width
    gap, remainder = divmod(free, gap_count)
    if free < 0 and request.minimum >= 0:
        fault = (
            f"{request.glyph_count} digits take {glyphs_width} pixels, "
            f"more than the image_width of {request.image_width}"
        )
    elif remainder:
        fault = f"{free} free pixels do not divide into {gap_count} equal gaps"
    elif not request.minimum <= gap <= request.maximum:
        fault = (
            f"{free} free pixels make {gap_count} gaps of {gap}, outside the range "
            f"{request.minimum} to {request.maximum}"
        )
    else:
        if gap < 0 and request.edges:
            raise ArgumentValueError(
                f"equal gaps of {gap} pixels would cut the outer digits; use the spacing subtype "
                f"'between', or an image_width of {glyphs_width} or more"
            )
        gaps = np.full((rng.batch_size, gap_count), gap)
        return Spacing(request.with_edges(gaps), fitted=False)
    raise ArgumentValueError(f"{fault}; {_working_widths(request, glyphs_width, gap)}")


def _common_glyphs_width(request: SpacingRequest) -> int:
    if request.glyph_widths is None:
        return request.glyphs_width
    totals = np.unique(request.glyph_widths.sum(axis=1))
    if len(totals) > 1:
        raise ArgumentValueError(
            f"fixed spacing needs glyphs of one width, and the {request.glyph_count} of these "
            f"samples take from {totals[0]} to {totals[-1]} pixels together; give the source a "
            f"width=, which makes them alike, or use the spacing 'variable'"
        )
    return int(totals[0])


def _working_widths(request: SpacingRequest, glyphs_width: int, gap: int) -> str:
    nearest = {min(max(near, request.minimum), request.maximum) for near in (gap, gap + 1)}
    widths = [glyphs_width + request.gap_count * near for near in sorted(nearest)]
    possible = [str(width) for width in widths if width <= WIDEST]
    if not possible:
        return f"no image_width up to {WIDEST} works, use fewer digits or a smaller minimum"
    return f"use an image_width of {' or '.join(possible)}"


SPACINGS: dict[str, SpacingStrategy] = {"fixed": fixed, "variable": variable}


def register_spacing(name: str, strategy: SpacingStrategy) -> None:
    """Make a strategy known by a name, for `DigitSequence(spacing=name)` and configurations.

    Raises:
        ArgumentTypeError: the name is not a string, or the strategy cannot be called.
        ArgumentValueError: the name stands for another strategy.
    """
    if not isinstance(name, str) or not name:
        raise ArgumentTypeError(f"a spacing type has a name, not {shown(name)}")
    if not callable(strategy):
        raise ArgumentTypeError(
            f"a spacing strategy is a function of (request, rng), not {shown(strategy)}"
        )
    if SPACINGS.setdefault(name, strategy) is not strategy:
        raise ArgumentValueError(
            f"the spacing type {name!r} is taken by {shown(SPACINGS[name])}; choose another name"
        )


def find_spacing(name: object) -> SpacingStrategy:
    """The strategy of a name: built in, registered, or offered by an installed package.

    Raises:
        ConfigurationTypeError: no strategy has that name; the message lists those there are.
        PluginError: an installed package offers it, but it does not load.
    """
    if isinstance(name, str) and name in SPACINGS:
        return SPACINGS[name]
    from importlib.metadata import entry_points

    offered = {offer.name: offer for offer in entry_points(group=ENTRY_POINT_GROUP)}
    if not isinstance(name, str) or name not in offered:
        known = ", ".join(repr(known) for known in sorted({*SPACINGS, *offered}))
        raise ConfigurationTypeError(f"there is no spacing type {shown(name)}; there are {known}")
    try:
        strategy: SpacingStrategy = offered[name].load()
    except (ImportError, AttributeError) as error:
        raise PluginError(
            f"the spacing type {name!r} is offered as {offered[name].value}, "
            f"which does not load: {error}"
        ) from error
    return strategy
