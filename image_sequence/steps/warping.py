"""Warping: images seen through a map of where each pixel comes from.

A point's x and y are in pixels from the upper left corner; the middle of the first pixel is
(0.5, 0.5). Matrices take points of the unchanged image to points of the changed one.
"""

import cmath
import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentValueError
from image_sequence.opencv import import_opencv
from image_sequence.plan import FloatImages
from image_sequence.steps.kinds import Matrices, Noise, Size, Values

Map: TypeAlias = NDArray[np.float32]
"""A coordinate of the place each pixel's value comes from, in pixels, 0.0 the middle of the first
row or column: float32, shape (count, height, width)."""

FillMaps: TypeAlias = Callable[[slice, Map, Map], None]
"""Fills the maps of x and of y of some of the images: it is handed which, and both maps."""

Border: TypeAlias = Literal["paper", "mirror"]

_PIXELS_AT_ONCE = 2**16  # Images and maps of so many stay in the cache.
_ROWS_AT_ONCE = 2**15 - 2  # OpenCV counts rows, and columns, in 16 bits.

# OpenCV divides wider maps into blocks, by the number of rows, and rounds otherwise at their edges.
_COLUMNS_AT_ONCE = 128

# OpenCV rounds places to 1/32 pixel. At this number float32 is that coarse, so that adding and
# subtracting it rounds the same way before an image's first row is added: where an image stands
# among the others does not change how it is rounded.
_TO_32NDS = 1.5 * 2**18

_NEAREST_HORIZON = 1e-3  # What divides a point's x and y is at least this.


def warp(images: FloatImages, matrices: Matrices, *, border: Border = "paper") -> FloatImages:
    """Images whose points have moved by a matrix, interpolated bilinearly.

    Args:
        images: float32, shape (count, height, width, 1 or 3). They may be changed in place.
        matrices: float64, shape (count, 3, 3). Each has an inverse, whose w has the same sign over
            the whole changed image.
        border: what is outside the image: "paper" is 0.0, "mirror" the image itself, mirrored.

    Returns:
        float32, of the same shape. Places are rounded to 1/32 pixel; a matrix that moves nothing
        changes nothing.

    >>> dot = np.float32([[0, 1, 0]]).reshape(1, 1, 3, 1)
    >>> warp(dot, np.array([[[1, 0, 0.5], [0, 1, 0], [0, 0, 1]]])).ravel().tolist()
    [0.0, 0.5, 0.5]
    """
    return sampled(images, _maps(matrices, images.shape[1:3]), border=border)


def sampled(
    images: FloatImages, fill: FillMaps, *, border: Border = "paper", cubic: bool = False
) -> FloatImages:
    """Each pixel's value from another place of its image.

    Args:
        images: float32, shape (count, height, width, 1 or 3). They may be changed in place.
        fill: fills the maps.
        border: what is outside the image: "paper" is 0.0, "mirror" the image itself, mirrored.
        cubic: bicubic interpolation (with -0.75, as OpenCV has it), not bilinear.

    Returns:
        float32, of the same shape. Bicubic values may lie outside 0.0 … 1.0.

    Raises:
        ArgumentValueError: images that are too wide for OpenCV.
    """
    changed: FloatImages = np.require(images, np.float32, ["C", "W"])
    count, height, width, channels = changed.shape
    if width > _ROWS_AT_ONCE:
        raise ArgumentValueError(
            f"a step that moves ink takes images of up to {_ROWS_AT_ONCE} pixels, not of {width}; "
            f"use narrower ones, or other steps"
        )
    reach = 2 if cubic else 1
    # Between images that stand below each other: all that interpolation sees of the outside.
    paper = 0 if border == "mirror" else 2 * reach - 1
    step = max(1, min(_PIXELS_AT_ONCE // (height * width), _ROWS_AT_ONCE // (height + paper) - 1))
    step = min(step, count)
    # OpenCV rounds otherwise where it reaches beyond what it is handed: no row's place may do so.
    margin = 2 * reach
    tower = np.zeros((margin + step * (height + paper) + margin, width, channels), np.float32)
    floors = tower[margin:-margin].reshape(step, height + paper, width, channels)
    all_xs, all_ys = np.empty((2, step, height, width), np.float32)
    for first in range(0, count, max(step, 1)):
        some = changed[first : first + step]
        xs, ys = all_xs[: len(some)], all_ys[: len(some)]
        # Adding 0.0 makes 0.0 of -0.0, to which 0 times a neighbour would give its sign.
        np.add(some, np.float32(0), out=floors[: len(some), :height])
        fill(slice(first, first + step), xs, ys)
        if border == "mirror":
            _fold(xs, width)
            _fold(ys, height)
        _stand_below_each_other(ys, margin=margin, paper=paper, reach=reach)
        _remap(tower, xs, ys, some, is_inside=border == "mirror", cubic=cubic)
    return changed


def _fold(places: Map, length: int) -> None:
    """Mirror the places outside at the outermost pixels, in place; those far out stay there."""
    last = np.float32(length - 1)
    np.abs(places, out=places)
    np.subtract(last, places, out=places)
    np.abs(places, out=places)
    np.subtract(last, places, out=places)
    np.clip(places, np.float32(0), last, out=places)


def _stand_below_each_other(ys: Map, *, margin: int, paper: int, reach: int) -> None:
    """Make rows of single images rows of the tower that they form, in place.

    What is out of interpolation's reach becomes the nearest row that is all outside, or with no
    paper the outermost row.
    """
    count, height, _ = ys.shape
    beyond = reach if paper else 0
    np.clip(ys, np.float32(-beyond), np.float32(height - 1 + beyond), out=ys)
    ys += np.float32(_TO_32NDS)
    first_rows = margin + np.arange(count, dtype=np.float32) * np.float32(height + paper)
    flat = ys.reshape(count, -1)
    flat -= (np.float32(_TO_32NDS) - first_rows)[:, None]


def _remap(
    tower: FloatImages, xs: Map, ys: Map, changed: FloatImages, *, is_inside: bool, cubic: bool
) -> None:
    """Fill `changed` with what the tower of images has at the places; outside it is paper."""
    cv2 = import_opencv("a step")
    width, channels = changed.shape[2:]
    rows = changed.reshape(-1, width, channels)
    for left in range(0, width, _COLUMNS_AT_ONCE):
        columns = slice(left, left + _COLUMNS_AT_ONCE)
        cv2.remap(
            tower,
            xs.reshape(-1, width)[:, columns],
            ys.reshape(-1, width)[:, columns],
            cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR,
            dst=rows[:, columns],
            # A last column's place has a neighbour to its right, of no weight.
            borderMode=cv2.BORDER_REPLICATE if is_inside else cv2.BORDER_CONSTANT,
            borderValue=0,
        )


def _maps(matrices: Matrices, size: Size) -> FillMaps:
    """What fills the maps of images whose points move by matrices."""
    inverses = _between_middles(_inverses(matrices)).astype(np.float32)
    rows, columns = np.indices(size, np.float32).reshape(2, -1)
    straight = bool((inverses[:, 2] == (0, 0, 1)).all())

    def fill(chosen: slice, xs: Map, ys: Map) -> None:
        count = len(xs)
        spare = np.empty((count, rows.size), np.float32)
        flat = (xs.reshape(count, -1), ys.reshape(count, -1))
        for axis, target in enumerate(flat):
            _fill_linear(target, inverses[chosen, axis], columns, rows, spare)
        if not straight:  # Dividing by 1 would change nothing.
            w = np.empty_like(spare)
            _fill_linear(w, inverses[chosen, 2], columns, rows, spare)
            np.maximum(w, np.float32(_NEAREST_HORIZON), out=w)
            for target in flat:
                np.divide(target, w, out=target)

    return fill


def _fill_linear(
    target: NDArray[np.float32],
    row: NDArray[np.float32],
    columns: NDArray[np.float32],
    rows: NDArray[np.float32],
    spare: NDArray[np.float32],
) -> None:
    """Fill `target` with what a row of each matrix makes of columns and rows of pixels."""
    np.multiply(row[:, 0, None], columns, out=target)
    target += np.multiply(row[:, 1, None], rows, out=spare)
    target += row[:, 2, None]


def _inverses(matrices: Matrices) -> Matrices:
    """The inverse matrices but for a positive factor, those of affine ones with a last row 0, 0, 1.

    By cofactors, elementwise, so that no other matrix of the batch has a say in the rounding.
    """
    (a, b, c), (d, e, f), (g, h, i) = np.moveaxis(matrices, 0, -1)
    adjugate = np.array(
        [
            [e * i - f * h, c * h - b * i, b * f - c * e],
            [f * g - d * i, a * i - c * g, c * d - a * f],
            [d * h - e * g, b * g - a * h, a * e - b * d],
        ]
    )
    last = adjugate[2, 2]
    inverses: Matrices = np.moveaxis(adjugate / np.where(last == 0, 1, last), -1, 0)
    return inverses


def _between_middles(matrices: Matrices) -> Matrices:
    """The same between coordinates that are 0.0 in the middle of the first pixel, not 0.5."""
    moved = matrices.copy()
    moved[:, :, 2] += (matrices[:, :, 0] + matrices[:, :, 1]) / 2
    moved[:, :2] -= moved[:, 2:] / 2
    return moved


def affine(images: FloatImages, values: Values, _: Noise) -> FloatImages:
    """Images rotated, slanted, scaled and shifted: see `affine_move`."""
    return warp(images, affine_move(values, images.shape[1:3]))


def affine_move(values: Values, size: Size) -> Matrices:
    """Where points go: about the image's centre scaled, then slanted, then rotated, then shifted.

    Args:
        values: `scale`, a factor; `stretch`, of width to height, at the same area; `shear`, the
            angle in degrees by which what stood upright leans to the right; `rotate`, degrees,
            clockwise as seen; `shift_x` and `shift_y`, pixels to the right and down.
        size: the images' height and width, pixels.

    Returns:
        float64, shape (count, 3, 3).
    """
    # NumPy's sines differ between its releases, and there is one a glyph.
    turns = np.array([cmath.rect(1, angle) for angle in np.radians(values["rotate"]).tolist()])
    slant = np.array([math.tan(angle) for angle in np.radians(values["shear"]).tolist()])
    cosine, sine = turns.real, turns.imag
    root = np.sqrt(values["stretch"])
    wide, high = values["scale"] * root, values["scale"] / root
    matrices = _identities(len(sine))
    matrices[:, 0, 0], matrices[:, 0, 1] = cosine * wide, -(cosine * slant + sine) * high
    matrices[:, 1, 0], matrices[:, 1, 1] = sine * wide, (cosine - sine * slant) * high
    centre = np.array([size[1] / 2, size[0] / 2])
    shift = np.stack([values["shift_x"], values["shift_y"]], axis=1)
    moved_x, moved_y = (
        matrices[:, row, 0] * centre[0] + matrices[:, row, 1] * centre[1] for row in range(2)
    )
    matrices[:, :2, 2] = centre + shift - np.stack([moved_x, moved_y], axis=1)
    return matrices


def perspective(images: FloatImages, values: Values, _: Noise) -> FloatImages:
    """Images seen from an angle: see `perspective_move`."""
    return warp(images, perspective_move(values, images.shape[1:3]))


def perspective_move(values: Values, size: Size) -> Matrices:
    """Where points go in images whose right or lower side is farther away; the centre stays.

    From the centre a point at (u, v) goes to (u, v) / (1 + g u + h v). At the sides, half a width
    away, the factors are 1 / (1 ± g width / 2), and their ratio is 1 - tilt for g width / 2 =
    tilt / (2 - tilt). The same holds for h and the height.

    Args:
        values: `tilt_x` and `tilt_y`: the share by which the right side is shorter than the left
            one, and the lower side shorter than the upper one; negative values the other way round.
        size: the images' height and width, pixels.

    Returns:
        float64, shape (count, 3, 3).
    """
    x, y = size[1] / 2, size[0] / 2
    g = values["tilt_x"] / (2 - np.abs(values["tilt_x"])) / x
    h = values["tilt_y"] / (2 - np.abs(values["tilt_y"])) / y
    w = 1 - g * x - h * y
    matrices = _identities(len(g))
    matrices[:, 2, 0], matrices[:, 2, 1], matrices[:, 2, 2] = g, h, w
    # From (u, v) back to (x, y): the centre times the last row is added.
    matrices[:, 0, 0], matrices[:, 0, 1], matrices[:, 0, 2] = 1 + x * g, x * h, x * (w - 1)
    matrices[:, 1, 0], matrices[:, 1, 1], matrices[:, 1, 2] = y * g, 1 + y * h, y * (w - 1)
    return matrices


def crop(images: FloatImages, values: Values, _: Noise) -> FloatImages:
    """What is left of images when their sides are cut off, scaled to the whole: see `crop_move`.

    Interpolated bicubically. Just at a cut the pixels beyond it, up to two, still have a say.
    """
    size = images.shape[1:3]
    return sampled(images, _maps(crop_move(values, size), size), cubic=True)


def crop_move(values: Values, size: Size) -> Matrices:
    """Where points go when sides are cut off and the rest is scaled to the whole image.

    Args:
        values: `left`, `top`, `right` and `bottom`: the share of the side that is cut off.
        size: the images' height and width, pixels.

    Returns:
        float64, shape (count, 3, 3).
    """
    matrices = _identities(len(values["left"]))
    for axis, (before, after) in enumerate((("left", "right"), ("top", "bottom"))):
        left_over = 1 - values[before] - values[after]
        matrices[:, axis, axis] = 1 / left_over
        matrices[:, axis, 2] = -values[before] * size[1 - axis] / left_over
    return matrices


def _identities(count: int) -> Matrices:
    return np.tile(np.eye(3), (count, 1, 1))
