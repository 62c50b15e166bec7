"""Scattering: what needs a random number for every pixel."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import FloatImages
from image_sequence.steps.filters import smoothed
from image_sequence.steps.kinds import Noise, Points, Size, Values
from image_sequence.steps.warping import Map, sampled

_ROUNDS = 30  # Where neighbours are not folded over each other a round at least halves the error.


def noise(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Images with normal noise of the deviation `deviation` on every pixel and channel."""
    changed = noise.normal(*images.shape[1:])
    return images + changed * _per_image(values["deviation"])


def dropout(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Images of which a `share` of the pixels has become paper, all channels of a pixel together.

    Each pixel drops out on its own, so the share is that of many pixels, not of each image.
    """
    kept = noise.uniform(*images.shape[1:3], 1) >= _per_image(values["share"])
    return np.where(kept, images, np.float32(0))


def elastic(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Images whose pixels come from places shifted at random.

    Simard, Steinkraus and Platt, "Best practices for convolutional neural networks applied to
    visual document analysis" (2003): a shift in x and one in y for each pixel, uniform between
    -1 and 1, smoothed by a Gaussian of `sigma` pixels, times `alpha` pixels. Interpolated
    bicubically, with paper outside. A sigma below 1/8 smooths nothing: every pixel jitters alone.
    """
    height, width = images.shape[1:3]
    shifts = _shifts(values, noise, (height, width))

    def fill(chosen: slice, xs: Map, ys: Map) -> None:
        np.add(shifts[chosen, 0], np.arange(width, dtype=np.float32), out=xs)
        np.add(shifts[chosen, 1], np.arange(height, dtype=np.float32)[:, None], out=ys)

    return sampled(images, fill, cubic=True)


def displaced(points: Points, values: Values, noise: Noise, size: Size) -> Points:
    """Where `elastic` takes points.

    The changed image has at q what the unchanged one has at q + d(q), with the shifts d. So a
    point p goes to the q with q + d(q) = p, found by repeating q = p - d(q). Between the middles
    of pixels d is interpolated bilinearly, beyond the outermost ones it is theirs.

    Args:
        points: float64, shape (count, m, 2), pixels.
        values: `alpha` and `sigma`.
        noise: the same random numbers that the images got.
        size: the images' height and width, pixels.

    Returns:
        float64, of the same shape. Where shifts fold an image over itself a point shows in
        several places or in none; what comes back then is a place near them.
    """
    shifts = _shifts(values, noise, size).astype(np.float64)
    moved = points
    # Always as many rounds: when to stop must not depend on the other images' points.
    for _ in range(_ROUNDS):
        moved = points - _between_pixels(shifts, moved)
    return moved


def _shifts(values: Values, noise: Noise, size: Size) -> NDArray[np.float32]:
    """The shifts in x and in y of each pixel: float32, shape (count, 2, height, width), pixels."""
    height, width = size
    fields = noise.uniform(2, height, width) * np.float32(2) - np.float32(1)
    both = fields.reshape(-1, height, width, 1)
    shifts = smoothed(both, np.repeat(values["sigma"], 2)).reshape(fields.shape)
    shifts *= _per_image(values["alpha"])
    return shifts


def _between_pixels(fields: NDArray[np.float64], points: Points) -> Points:
    """Fields at points between the middles of pixels, bilinearly.

    Args:
        fields: float64, shape (count, 2, height, width).
        points: float64, shape (count, m, 2).

    Returns:
        float64, shape (count, m, 2): both fields at each point.
    """
    last = np.array(fields.shape[:1:-1]) - 1
    places = np.clip(points - 0.5, 0, last)
    before = np.minimum(places.astype(np.int64), np.maximum(last - 1, 0))
    after = np.minimum(before + 1, last)
    share = places - before
    image = np.arange(len(fields))[:, None]
    total = np.zeros(points.shape)
    for x, x_share in ((before, 1 - share), (after, share)):
        for y, y_share in ((before, 1 - share), (after, share)):
            weight = x_share[..., :1] * y_share[..., 1:]
            total += weight * fields[image, :, y[..., 1], x[..., 0]]
    return total


def _per_image(numbers: NDArray[np.float64]) -> FloatImages:
    return numbers.astype(np.float32)[:, None, None, None]
