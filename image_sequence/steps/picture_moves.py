"""Whole pictures moved: where points go, by matrices, about the middle of the picture."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.steps.kinds import Matrices, Size, Values


def rotate(values: Values, size: Size) -> Matrices:
    """A turn about the centre by `angle` degrees, clockwise as seen."""
    angle = np.radians(values["angle"])
    return turned(np.cos(angle), np.sin(angle), size)


def turned(cosine: NDArray[np.float64], sine: NDArray[np.float64], size: Size) -> Matrices:
    """A turn about the centre: y grows downwards, so a positive angle is clockwise as seen."""
    matrices = _identities(len(cosine))
    matrices[:, 0, 0] = matrices[:, 1, 1] = cosine
    matrices[:, 0, 1], matrices[:, 1, 0] = -sine, sine
    return about_centre(matrices, size)


def shear(values: Values, size: Size) -> Matrices:
    """A slant by `angle` degrees from upright: positive ones lean to the right, as italics do."""
    return slanted(np.tan(np.radians(values["angle"])), size)


def slanted(lean: NDArray[np.float64], size: Size) -> Matrices:
    """A slant by `lean` pixels to the right for each pixel upwards."""
    matrices = _identities(len(lean))
    matrices[:, 0, 1] = -lean
    return about_centre(matrices, size)


def zoom(values: Values, size: Size) -> Matrices:
    """An enlargement `factor` times; below 1 the picture shrinks."""
    matrices = _identities(len(values["factor"]))
    matrices[:, 0, 0] = matrices[:, 1, 1] = values["factor"]
    return about_centre(matrices, size)


def translate(values: Values, _size: Size) -> Matrices:
    """A shift by `x` pixels to the right and `y` pixels down."""
    matrices = _identities(len(values["x"]))
    matrices[:, 0, 2], matrices[:, 1, 2] = values["x"], values["y"]
    return matrices


def perspective(values: Values, size: Size) -> Matrices:
    """A view from the side: the centre stays, the right edge is 1 + `tilt_x` times as far away.

    So is the lower edge for `tilt_y`; negative tilts bring these edges nearer and push the
    opposite ones away.
    """
    height, width = size
    matrices = _identities(len(values["tilt_x"]))
    matrices[:, 2, 0] = values["tilt_x"] / (width / 2)
    matrices[:, 2, 1] = values["tilt_y"] / (height / 2)
    return about_centre(matrices, size)


def about_centre(matrices: Matrices, size: Size) -> Matrices:
    """The same moves with the picture's centre, (width / 2, height / 2), in place of (0, 0)."""
    height, width = size
    x, y = width / 2, height / 2
    moved = matrices.copy()
    moved[:, 0] += x * matrices[:, 2]
    moved[:, 1] += y * matrices[:, 2]
    moved[:, :, 2] -= x * moved[:, :, 0] + y * moved[:, :, 1]
    return moved


def _identities(count: int) -> Matrices:
    return np.tile(np.eye(3), (count, 1, 1))
