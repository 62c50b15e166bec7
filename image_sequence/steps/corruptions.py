"""Fifteen corruptions at five severities, after MNIST-C.

What they are follows Mu and Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision" (2019,
arXiv 1906.02337); how they are made and how strong they are is this package's own, so results are
not to be compared with those on MNIST-C. Lengths are shares of the picture's height: a line of 64
pixels looks like one of 28. What moves goes one way, since a move has no noise to choose by.

Changes take and return float32, shape (count, height, width, channels), 0.0 black … 1.0 white, and
may write into what they are given.
"""

import numpy as np
from numpy.typing import NDArray

from image_sequence.opencv import import_opencv
from image_sequence.picture import to_bytes
from image_sequence.plan import FloatImages
from image_sequence.steps import picture_moves, picture_steps
from image_sequence.steps.kinds import Matrices, Noise, Size, Values
from image_sequence.steps.paper import covered, smooth_grains, smooth_noise
from image_sequence.steps.picture_steps import blurred, brightness_of, per_picture, smeared

SEVERITIES = (1, 2, 3, 4, 5)

TABLE: dict[str, tuple[float, float, float, float, float]] = {
    "shot_noise": (60, 30, 15, 9, 5),  # photons where it is white
    "impulse_noise": (0.02, 0.05, 0.09, 0.14, 0.20),  # share of pixels
    "glass_blur": (0.030, 0.045, 0.060, 0.070, 0.080),  # heights a pixel strays at most
    "motion_blur": (0.10, 0.14, 0.18, 0.22, 0.27),  # heights
    "shear": (0.10, 0.20, 0.30, 0.40, 0.50),  # pixels to the right for each upwards
    "scale": (0.93, 0.86, 0.78, 0.70, 0.62),  # factor
    "rotate": (0.05, 0.09, 0.13, 0.17, 0.22),  # heights that the ends move up or down
    "brightness": (0.10, 0.20, 0.30, 0.40, 0.50),  # levels
    "translate": (0.06, 0.10, 0.14, 0.18, 0.22),  # heights to the right, half as much down
    "stripe": (0.10, 0.16, 0.22, 0.28, 0.35),  # share of the width that is inverted
    "fog": (0.25, 0.35, 0.45, 0.55, 0.65),  # share of the light that comes from the fog
    "spatter": (2.30, 2.00, 1.75, 1.50, 1.30),  # deviations above which it is wet: 1 … 10 %
    "dotted_lines": (1, 1, 2, 2, 3),  # count
    "dotted_line": (0.05, 0.07, 0.07, 0.09, 0.09),  # heights a dot is wide
    "zigzag": (0.030, 0.045, 0.060, 0.075, 0.090),  # heights the line is wide
    "canny_edges": (0.2, 0.4, 0.6, 0.8, 1.0),  # share of the edges in the mixture
}

_STRIPE_PERIOD = 1.3  # Heights: MNIST's digits, one height wide, would all get the same part.
_GLASS_SIGMA = 0.015  # Heights.
_STEEPEST_SMEAR = 45.0  # Degrees: smeared upright, a line of digits would lose least.
_FOG_CELLS = (2, 1, 0.5, 0.25, 0.125)  # Heights; each weighs as much as it is wide.
_THINNEST_FOG = np.float32(0.5)
_DROP_SIGMA = 0.05  # Heights.
_DROP_EDGE = np.float32(6)  # How steep drops are: levels for each deviation.
_MUD = np.float32(0.3)
_DOT_GAP = 3.0  # Dots' widths from one middle to the next.
_TOOTH = (0.3, 1.2)  # Heights that a zigzag goes up and down, and from one tooth to the next.
_CANNY_LEVELS = (80, 160)  # Of 255: an edge this steep goes on, one that steep begins.


def shot_noise(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Light in single photons."""
    return picture_steps.counted_photons(images, per_picture(_of("shot_noise", values)), noise)


def impulse_noise(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Pixels that are black or white for no reason."""
    return picture_steps.with_lost_pixels(images, per_picture(_of("impulse_noise", values)), noise)


def glass_blur(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Seen through frosted glass: each pixel is one from nearby, and then a bit blurred."""
    count, height, width, channels = images.shape
    reach = per_picture(_of("glass_blur", values) * height)
    strays = np.rint((noise.uniform(height, width, 2) * np.float32(2) - np.float32(1)) * reach)
    strays = strays.astype(np.int64)
    rows = np.clip(strays[..., 0] + np.arange(height)[:, None], 0, height - 1)
    columns = np.clip(strays[..., 1] + np.arange(width), 0, width - 1)
    places = (rows * width + columns).reshape(count, -1, 1)
    images = np.take_along_axis(images.reshape(count, -1, channels), places, axis=1)
    images = images.reshape(count, height, width, channels)
    for picture in images:
        picture[:] = blurred(picture, _GLASS_SIGMA * height)
    return images


def motion_blur(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Moved while it was taken, more to the side than upwards."""
    lengths = _of("motion_blur", values) * images.shape[1]
    angles = (noise.uniform(1).astype(np.float64)[:, 0] * 2 - 1) * _STEEPEST_SMEAR
    pairs = zip(lengths.tolist(), angles.tolist(), strict=True)
    for picture, (length, angle) in zip(images, pairs, strict=True):
        picture[:] = smeared(picture, length, angle)
    return images


def shear(values: Values, size: Size) -> Matrices:
    """Leaning to the right."""
    return picture_moves.slanted(_of("shear", values), size)


def scale(values: Values, size: Size) -> Matrices:
    """Smaller."""
    return picture_moves.zoom({"factor": _of("scale", values)}, size)


def rotate(values: Values, size: Size) -> Matrices:
    """Turned clockwise, the less the longer the picture is, or its ends would leave it."""
    height, width = size
    tangent = _of("rotate", values) * height / (max(height, width) / 2)
    cosine = 1 / np.sqrt(1 + tangent * tangent)
    return picture_moves.turned(cosine, tangent * cosine, size)


def translate(values: Values, size: Size) -> Matrices:
    """Shifted to the right and half as far down."""
    shift = _of("translate", values) * size[0]
    return picture_moves.translate({"x": shift, "y": shift / 2}, size)


def brightness(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Overexposed."""
    return picture_steps.brightness(images, {"shift": _of("brightness", values)}, noise)


def stripe(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Upright stripes in which black is white."""
    height, width = images.shape[1:3]
    places = np.arange(width)[:, None] / (_STRIPE_PERIOD * height) + noise.uniform(1, 1, 1).astype(
        np.float64
    )
    stripes = places - np.floor(places) < _of("stripe", values)[:, None, None, None]
    return np.where(stripes, np.float32(1) - images, images)


def fog(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Clouds in front of it, as thick in one place as thin in another."""
    height, width = images.shape[1:3]
    clouds = np.zeros((len(images), height, width, 1), np.float32)
    for cell in _FOG_CELLS:
        octave = smooth_noise(noise, (height, width), max(round(cell * height), 1))
        clouds += octave * np.float32(cell / sum(_FOG_CELLS))
    clouds *= np.float32(1) - _THINNEST_FOG
    clouds += _THINNEST_FOG
    thickness = per_picture(_of("fog", values))
    images *= np.float32(1) - thickness
    images += clouds * thickness
    return images


def spatter(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Drops of mud."""
    height, width = images.shape[1:3]
    sigmas = np.full(len(images), _DROP_SIGMA * height)
    wet = smooth_grains(noise, (height, width), sigmas) - per_picture(_of("spatter", values))
    return _inked(images, np.clip(wet * _DROP_EDGE + np.float32(0.5), 0, 1), _MUD)


def dotted_line(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Lines of round dots from the left edge to the right one."""
    height, width = images.shape[1:3]
    most = int(max(TABLE["dotted_lines"]))
    ends = noise.uniform(most, 3).astype(np.float64)
    dot = _of("dotted_line", values)[:, None] * height
    x, y = np.arange(width) + 0.5, np.arange(height, dtype=np.float32)[:, None, None]
    for number in range(most):
        first, last, phase = (ends[:, number, part, None] for part in range(3))
        gap = _DOT_GAP * dot
        middles = gap * (np.rint(x / gap - phase) + phase)
        heights = height * (first + (last - first) * middles / width) - 0.5
        square = np.square((x - middles).astype(np.float32))[:, None, :, None]
        square = square + np.square(y - heights.astype(np.float32)[:, None, :, None])
        is_there = per_picture(np.clip(_of("dotted_lines", values) - number, 0, 1))
        reach = per_picture(dot[:, 0] / 2 + 0.5)
        images = _inked(images, np.clip(reach - np.sqrt(square), 0, 1) * is_there)
    return images


def zigzag(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """A line up and down like the teeth of a saw, from the left edge to the right one."""
    height, width = images.shape[1:3]
    depth, period = _TOOTH
    chances = noise.uniform(2).astype(np.float64)
    places = (np.arange(width) + 0.5) / (period * height) + chances[:, :1]
    tooth = np.abs(places - np.rint(places)) * 4 - 1  # From -1 to 1 and back.
    middle = 0.5 + (chances[:, 1:] - 0.5) * (1 - 2 * depth)
    line = ((middle + depth * tooth) * height).astype(np.float32)
    away = np.abs(np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5) - line[:, None])
    # From a line of slope s the distance is 1 / sqrt(1 + s^2) of that straight up.
    away *= np.float32(1 / np.sqrt(1 + (4 * depth / period) ** 2))
    return _inked(images, covered(away[..., None], per_picture(_of("zigzag", values) * height)))


def canny_edges(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Outlines in place of strokes, as Canny's detector finds them: black on white."""
    cv2 = import_opencv("a step")
    share = per_picture(_of("canny_edges", values))
    edges = np.empty((*images.shape[:3], 1), np.float32)
    for picture, grey in zip(edges, brightness_of(images), strict=True):
        picture[..., 0] = cv2.Canny(to_bytes(grey[..., 0]), *_CANNY_LEVELS) == 0
    images *= np.float32(1) - share
    images += edges * share
    return images


def _of(name: str, values: Values) -> NDArray[np.float64]:
    """A row of the table at each picture's severity: float64, shape (count,)."""
    return np.take(np.array(TABLE[name], np.float64), values["severity"].astype(np.int64) - 1)


def _inked(
    images: FloatImages, ink: FloatImages, level: np.float32 = picture_steps.BLACK
) -> FloatImages:
    """The pictures with something opaque of a level on them; ink: how much covers each pixel."""
    images *= np.float32(1) - ink
    images += ink * level
    return images
