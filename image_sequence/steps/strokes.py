"""Strokes: what makes them wider or thinner."""

import math

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import FloatImages
from image_sequence.steps.kinds import Noise, Values

_NUMBERS_AT_ONCE = 2**16  # So many stay in the cache, whatever is done to them.

# Growing by a cross moves an upright edge by a pixel and a diagonal one by 1 / √2; growing by a
# square moves them by 1 and √2. With this share of the square a diagonal edge moves by a pixel too.
_SQUARE_SHARE = np.float32(math.sqrt(2) - 1)


def stroke(images: FloatImages, values: Values, _: Noise) -> FloatImages:
    """Images whose strokes are wider by `width` pixels, thinner where it is negative.

    Half of it is added on each side, a pixel at a time and in the end a share of one: grey-scale
    dilation, or erosion, of which the last one is blended in. So the ink of a straight stroke
    with soft edges grows by `width` times its length, as long as the stroke has a full core.
    """
    radii = values["width"] / 2
    for way, sign in (("wider", 1), ("thinner", -1)):
        chosen = np.flatnonzero(sign * radii > 0)
        for first in range(0, len(chosen), _at_once(images)):
            some = chosen[first : first + _at_once(images)]
            images[some] = _changed(images[some], np.abs(radii[some]), way)
    return images


def _at_once(images: FloatImages) -> int:
    """How many images are worked on at a time."""
    return max(1, _NUMBERS_AT_ONCE // math.prod(images.shape[1:]))


def _changed(images: FloatImages, radii: NDArray[np.float64], way: str) -> FloatImages:
    """Images whose ink has grown or shrunk by radii in pixels, float64, shape (count,).

    They become one long row of numbers, with a pixel of paper after each row and a row of paper
    after each image, so that a neighbour is a fixed number of places away.
    """
    count, height, width, channels = images.shape
    ink = np.zeros((count + 2, height + 1, width + 1, channels), np.float32)
    # Adding 0.0 makes 0.0 of -0.0: which of them is the larger one depends on its place in the row.
    np.add(images, np.float32(0), out=ink[1:-1, :height, :width])
    for done in range(math.ceil(radii.max())):
        share = np.clip(radii - done, 0, 1).astype(np.float32)[:, None, None, None]
        if done:  # The paper has got ink from beside it.
            ink[:, height:] = 0
            ink[:, :, width:] = 0
        grown = _a_pixel(ink, np.maximum if way == "wider" else np.minimum)
        _blend(ink[1:-1], grown[1:-1], share)
    return ink[1:-1, :height, :width]


def _a_pixel(ink: FloatImages, extreme: np.ufunc) -> FloatImages:
    """Ink that has grown or shrunk by a pixel on every side, but for the first and last image."""
    pitch, channels = math.prod(ink.shape[2:]), ink.shape[3]
    row = ink.reshape(-1)
    upright = _of_three(row, pitch, extreme)
    cross: FloatImages = extreme(_of_three(row, channels, extreme), upright)
    square = _of_three(upright, channels, extreme)
    _blend(cross, square, _SQUARE_SHARE)
    return cross.reshape(ink.shape)


def _of_three(row: NDArray[np.float32], step: int, extreme: np.ufunc) -> NDArray[np.float32]:
    """The extreme of each number and those `step` before and after it; 0.0 at both ends."""
    three = np.empty_like(row)
    three[:step] = three[-step:] = 0
    inner = three[step:-step]
    extreme(row[: -2 * step], row[2 * step :], out=inner)
    extreme(inner, row[step:-step], out=inner)
    return three


def _blend(
    one: NDArray[np.float32], other: NDArray[np.float32], share: FloatImages | np.float32
) -> None:
    """Replace a share of the one by the other, both in place: all or nothing of it exactly so."""
    one *= np.float32(1) - share
    other *= share
    one += other
