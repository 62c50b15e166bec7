"""Drawings to pixels, by the renderer that takes the least time; all make the same pixels."""

import operator
import warnings
from functools import cache, reduce
from importlib.util import find_spec
from math import prod
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from image_sequence.composing import blocks, compiled
from image_sequence.composing.drawing import Drawing
from image_sequence.composing.recycling import empty
from image_sequence.plan import Images

RENDERERS = ("auto", "numpy", "numba")

_PIXELS_WORTH_COMPILING = 20_000_000  # Who draws so many, two batches of 1,024, draws more.


class _Drawn:
    """How many pixels this process has drawn with NumPy where the choice was ours."""

    pixels = 0


def render(drawing: Drawing, dtype: DTypeLike, renderer: str) -> Images:
    """The pictures: shape (batch, height, width), in colour (batch, height, width, 3).

    Args:
        drawing: what to draw.
        dtype: float32 for 0.0 … 1.0, or uint8.
        renderer: one of `RENDERERS`. "auto" is numba, if it is installed and this process draws
            so much that compiling pays; else NumPy.

    Raises:
        LibraryError: the renderer is "numba", and numba does not load.
    """
    colours = drawing.glyphs.shape[3:]
    out: Any = empty((len(drawing.indices), drawing.height, drawing.width, *colours), dtype)
    module = compiled if _is_compiled(renderer, out.size) else blocks
    planes = np.moveaxis(out, 3, 0) if colours else (out,)
    for channel, plane in zip(drawing.channels(), planes, strict=True):
        module.draw(channel, plane)
    return out  # type: ignore[no-any-return]  # float32 or uint8, as asked for


def render_masks(drawing: Drawing, renderer: str) -> NDArray[np.bool_]:
    """The pixels of each glyph: bool, shape (batch, n, height, width).

    A pixel belongs to a glyph if it would differ from paper in a uint8 picture of that glyph alone
    at its place, in any colour. So glyphs share the pixels where their strokes meet.

    Raises:
        LibraryError: as `render`.
    """
    shape = (*drawing.indices.shape, drawing.height, drawing.width)
    module = compiled if _is_compiled(renderer, prod(shape)) else blocks

    def marked(channel: Drawing) -> NDArray[np.bool_]:
        masks = np.zeros(shape, np.bool_)
        module.draw_masks(channel, masks)
        return masks

    return reduce(operator.ior, map(marked, drawing.channels()))


def _is_compiled(renderer: str, pixels: int) -> bool:
    if renderer != "auto":
        return renderer == "numba"
    if _Drawn.pixels + pixels < _PIXELS_WORTH_COMPILING:
        _Drawn.pixels += pixels
        return False
    return _numba_loads()


@cache
def _numba_loads() -> bool:
    if find_spec("numba") is None:
        return False
    try:
        import numba  # noqa: F401  # whether it loads is the question
    except (ImportError, OSError) as error:  # OSError: a library of llvmlite's is missing.
        warnings.warn(f"numba is installed but does not load: {error}", stacklevel=2)
        return False
    return True
