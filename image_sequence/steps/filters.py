"""Filters: what makes images softer, fainter or stronger and leaves everything in its place."""

import math

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import FloatImages
from image_sequence.steps.kinds import Noise, Values

# In sigmas; what is left out is 6e-5 of the whole. SciPy's gaussian_filter has it too.
_REACH = 4.0
_NUMBERS_AT_ONCE = 2**16  # So many stay in the cache, whatever is done to them.


def blur(images: FloatImages, values: Values, _: Noise) -> FloatImages:
    """Images blurred by a Gaussian, each by its own `sigma` in pixels: see `smoothed`."""
    return smoothed(images, values["sigma"])


def smoothed(images: FloatImages, sigmas: NDArray[np.float64]) -> FloatImages:
    """Images convolved with Gaussians, with 0.0 outside.

    A Gaussian is taken at whole pixels up to 4 sigmas away, rounded, and sums to 1: that of
    `scipy.ndimage.gaussian_filter(…, mode="constant")`. Below a sigma of 1/8 that is nothing but
    the pixel itself, and the image stays as it is.

    Args:
        images: float32, shape (count, height, width, channels). They are changed in place.
        sigmas: float64, shape (count,), pixels, at least 0.

    Returns:
        float32, of the same shape.
    """
    radii = (_REACH * sigmas + 0.5).astype(np.int64)
    for radius in np.unique(radii[radii > 0]).tolist():
        alike = np.flatnonzero(radii == radius)
        step = max(1, _NUMBERS_AT_ONCE // images[0].size)
        for first in range(0, len(alike), step):
            chosen = alike[first : first + step]
            images[chosen] = _smoothed_alike(images[chosen], sigmas[chosen], radius)
    return images


def _smoothed_alike(images: FloatImages, sigmas: NDArray[np.float64], radius: int) -> FloatImages:
    """The same for sigmas of one radius."""
    count, height, width, channels = images.shape
    ratios, middle = _ratios(sigmas, radius)
    across = _convolved(images, ratios, middle)
    whole_rows = across.reshape(count, 1, height, width * channels)
    return _convolved(whole_rows, ratios, middle).reshape(images.shape)


def _ratios(
    sigmas: NDArray[np.float64], radius: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Each weight of the Gaussians over the one before, from the middle outwards; and the middle.

    exp(-k² / 2 sigma²) over exp(-(k - 1)² / 2 sigma²) is exp(-(2k - 1) / 2 sigma²).

    Returns:
        float32, shapes (radius, count, 1) and (count, 1).
    """
    odd = np.arange(1, 2 * radius, 2, dtype=np.float64)[:, None]
    ratios = np.exp(-odd / (2 * sigmas * sigmas))
    weights = ratios.copy()
    total = 1 + 2 * weights[0]
    for number in range(1, radius):
        weights[number] *= weights[number - 1]
        total += 2 * weights[number]
    return ratios.astype(np.float32)[:, :, None], (1 / total).astype(np.float32)[:, None]


def _convolved(
    images: FloatImages, ratios: NDArray[np.float32], middle: NDArray[np.float32]
) -> FloatImages:
    """Images, float32, shape (count, a, b, c), with weighted sums along their b.

    They become one long row of numbers with paper after each b, as far as the weights reach. So
    neighbours are c numbers away, and all arithmetic is elementwise on one long row an image,
    which is fast and cannot depend on the other images.
    """
    count, a, b, c = images.shape
    reach = min(len(ratios), b - 1)
    padded = np.zeros((count + 2, a, b + reach, c), np.float32)
    padded[1:-1, :, :b] = images
    length = a * (b + reach) * c
    row = padded.reshape(-1)

    def neighbours(number: int) -> NDArray[np.float32]:
        start = length + number * c
        return row[start : start + count * length].reshape(count, length)

    # From the outermost ones, which are weighted by all the ratios, to the middle.
    sums = np.zeros_like(neighbours(0))
    if reach:
        np.add(neighbours(-reach), neighbours(reach), out=sums)
    for number in range(reach - 1, 0, -1):
        sums *= ratios[number]
        sums += neighbours(-number)
        sums += neighbours(number)
    sums *= ratios[0]
    sums += neighbours(0)
    sums *= middle
    return sums.reshape(count, a, b + reach, c)[:, :, :b]


def contrast(images: FloatImages, values: Values, _: Noise) -> FloatImages:
    """Images of ink `strength` · ink ^ `gamma`: paper stays 0.0, what is below 0.0 becomes 0.0."""
    images = np.where(images > 0, images, np.float32(0))
    gammas = values["gamma"]
    bent = np.flatnonzero(gammas != 1)
    if bent.size:
        images[bent] **= _per_image(gammas[bent])
    images *= _per_image(values["strength"])
    return images


def stretch(images: FloatImages, _: Values, __: Noise) -> FloatImages:
    """Images stretched so that the palest pixel is 0.0 and the darkest 1.0, over all channels.

    An image of one single value has nothing to stretch and stays as it is.
    """
    flat = images.reshape(len(images), math.prod(images.shape[1:]))
    lowest = flat.min(axis=1, keepdims=True)
    span = flat.max(axis=1, keepdims=True) - lowest
    flat_ones = span == 0
    span[flat_ones], lowest[flat_ones] = 1, 0
    flat -= lowest
    flat /= span
    return flat.reshape(images.shape)


def _per_image(numbers: NDArray[np.float64]) -> FloatImages:
    return numbers.astype(np.float32)[:, None, None, None]
