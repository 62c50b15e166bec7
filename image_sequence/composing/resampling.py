"""Resize filters as whole-number weights, so that every way to apply them gives the same sums."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Distances: TypeAlias = NDArray[np.float64]

WEIGHT_SUM = 16_383
"""What the weights of one output pixel add up to.

Odd, so that no sum of weighted grey levels lies halfway between two levels; and so small that
float32, with its relative error of 2**-24, keeps each sum on its side: `round(255 * image)` of the
float picture *is* the uint8 picture. Such a sum stays below 2**24 and is exact in float32.
"""

_IMAGES_AT_A_TIME = 256  # As float32 they stay in a core's own cache.
_CACHED_WIDTH = 4_096  # Weights of wider rows take memory: they are made anew.


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """How each output pixel of a row is made from the input pixels.

    Attributes:
        first: int64, shape (target,): the first input pixel that counts for each output pixel.
        weights: int32, shape (target, taps): of `first` and the pixels after it. Each row adds up
            to `WEIGHT_SUM`; where fewer inputs matter, zeros follow.
    """

    first: NDArray[np.int64]
    weights: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class _Filter:
    support: float
    value: Callable[[Distances], Distances]


def _box(x: Distances) -> Distances:
    return np.where((x > -0.5) & (x <= 0.5), 1.0, 0.0)


def _bilinear(x: Distances) -> Distances:
    return np.maximum(1.0 - np.abs(x), 0.0)


def _hamming(x: Distances) -> Distances:
    return np.where(np.abs(x) < 1, np.sinc(x) * (0.54 + 0.46 * np.cos(np.pi * x)), 0.0)


def _bicubic(x: Distances) -> Distances:
    # Keys, "Cubic Convolution Interpolation for Digital Image Processing" (1981), with a = -1/2.
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1.0
    far = ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0
    return np.where(x < 1, near, np.where(x < 2, far, 0.0))


def _lanczos(x: Distances) -> Distances:
    return np.where((x >= -3) & (x < 3), np.sinc(x) * np.sinc(x / 3), 0.0)


_FILTERS = {
    "box": _Filter(0.5, _box),
    "bilinear": _Filter(1.0, _bilinear),
    "hamming": _Filter(1.0, _hamming),
    "bicubic": _Filter(2.0, _bicubic),
    "lanczos": _Filter(3.0, _lanczos),
}
RESAMPLES = ("nearest", *_FILTERS)


def resize_weights(source: int, target: int, resample: str) -> Weights:
    """The weights that resize a row of `source` pixels to `target` pixels as Pillow does.

    The filter is stretched when the row shrinks, so that every input pixel counts (Pillow,
    `src/libImaging/Resample.c`); the weights are rounded to multiples of 1 / `WEIGHT_SUM`, which
    moves a pixel by less than a tenth of a grey level.

    Args:
        source: pixels, at least 1.
        target: pixels, at least 1.
        resample: one of `RESAMPLES`.

    >>> weights = resize_weights(4, 2, "box")
    >>> weights.first.tolist(), weights.weights.tolist()
    ([0, 2], [[8192, 8191], [8192, 8191]])
    """
    cached = max(source, target) <= _CACHED_WIDTH
    return (_cached_weights if cached else _weights)(source, target, resample)


def resize_rows(images: NDArray[np.integer[Any]], height: int, resample: str) -> NDArray[np.int16]:
    """Images of another height, their levels rounded but not clipped: overshoot may cancel later.

    Args:
        images: whole numbers, 0 … 255, shape (count, old height, width), or with a further axis
            for colours.
        height: pixels, at least 1.
        resample: one of `RESAMPLES`.

    Returns:
        int16, shape (count, height, width), or with the further axis; about -100 … 355.
    """
    # To a resize of rows, colours are columns more.
    lines = images.reshape(*images.shape[:2], prod(images.shape[2:]))
    weights = resize_weights(images.shape[1], height, resample)
    matrix = np.zeros((height, images.shape[1] + weights.weights.shape[1]), np.float32)
    columns = weights.first[:, None] + np.arange(weights.weights.shape[1])
    matrix[np.arange(height)[:, None], columns] = weights.weights
    matrix = matrix[:, : images.shape[1]]  # Beyond the image there are zeros only.
    resized = np.empty((len(images), height, lines.shape[2]), np.int16)
    for first in range(0, len(images), _IMAGES_AT_A_TIME):
        part = slice(first, first + _IMAGES_AT_A_TIME)
        # Whole numbers below 2**24: the product is exact.
        sums = np.matmul(matrix, lines[part].astype(np.float32))
        resized[part] = np.rint(sums / np.float32(WEIGHT_SUM))
    return resized.reshape(len(images), height, *images.shape[2:])


def _weights(source: int, target: int, resample: str) -> Weights:
    scale = source / target
    if resample == "nearest":
        # Summed up step by step, because Pillow does: at a pixel's edge the last bit decides.
        steps = np.cumsum(np.concatenate([[0.5 * scale], np.full(target - 1, scale)]))
        first = np.minimum(steps.astype(np.int64), source - 1)
        return Weights(first, np.full((target, 1), WEIGHT_SUM, np.int32))
    centres = (np.arange(target) + 0.5) * scale
    filter_scale = max(scale, 1.0)
    support = _FILTERS[resample].support * filter_scale
    first = np.maximum((centres - support + 0.5).astype(np.int64), 0)
    stop = np.minimum((centres + support + 0.5).astype(np.int64), source)
    offsets = np.arange((stop - first).max())
    inputs = first[:, None] + offsets
    values = _FILTERS[resample].value((inputs + 0.5 - centres[:, None]) / filter_scale)
    values *= inputs < stop[:, None]
    return Weights(first, _whole(values / values.sum(axis=1, keepdims=True)))


_cached_weights = lru_cache(maxsize=1_024)(_weights)


def _whole(shares: Distances) -> NDArray[np.int32]:
    # Rounding the running sum, not each weight, makes the whole exact and lets no error pile up.
    sums = np.rint(np.cumsum(shares, axis=1) * WEIGHT_SUM).astype(np.int32)
    return np.diff(sums, axis=1, prepend=np.int32(0))
