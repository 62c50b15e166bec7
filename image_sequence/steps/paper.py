"""What bare paper looks like before there is ink on it: light, lines, grain and dirt.

Everything takes and returns float32, shape (count, height, width, channels), 0.0 black … 1.0
white, and may write into what it is given.
"""

from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from image_sequence.opencv import import_opencv
from image_sequence.plan import FloatImages
from image_sequence.steps.kinds import Noise, Size, Values
from image_sequence.steps.picture_steps import bell, blurred, per_picture

MOST_STAINS = 8
"""A fixed number of places is drawn for them, so that no stain depends on how many there are."""

_OUTLINE_CELL = 8  # Pixels: how large the bays of a stain's outline are.
_OUTLINE_DEPTH = 0.7  # Of a stain's radius, from the deepest bay to the furthest cape.
_RIM = 0.5  # How much darker than its middle a dried stain's rim is, as a share.
_SOFT_PIXELS = 1.5  # Over which a stain fades out beyond its rim.


def gradient(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Light from one side: a ramp from -`strength` / 2 to +`strength` / 2 towards `direction`.

    The direction is in degrees, clockwise from the right: at 90 the lower edge is the lightest.
    The ends are the middles of the outermost pixels.
    """
    rows, columns = _ramp(values["direction"], images.shape[1:3])
    strength = per_picture(values["strength"])
    images += rows * strength
    images += columns * strength
    return images


def shadow(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """A shadow that lies on the edge towards `direction` and fades out over the share `extent`.

    At that edge, or corner, it takes away the share `strength` of the light.
    """
    rows, columns = _ramp(values["direction"], images.shape[1:3])
    away = np.float32(0.5) - (rows + columns)
    away /= per_picture(values["extent"])
    np.clip(away, 0, 1, out=away)
    images *= np.float32(1) - per_picture(values["strength"]) * (np.float32(1) - eased(away))
    return images


def lines(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Ruled lines, `width` pixels wide and `distance` pixels apart, `darkness` levels darker.

    The first lies `phase` of a distance from the middle of the upper edge; they fall to the right
    by `angle` degrees. Pixels that are covered in part darken in part.
    """
    height, width = images.shape[1:3]
    angle = np.radians(values["angle"])[:, None]
    x, y = np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5
    down = y * np.cos(angle) - (values["phase"] * values["distance"])[:, None]
    across = x * -np.sin(angle)
    distance = per_picture(values["distance"])
    away = _down(down) + _across(across)
    away -= distance * np.rint(away / distance)
    ink = covered(np.abs(away, out=away), per_picture(values["width"]))
    images -= ink * per_picture(values["darkness"])
    return images


def speckle(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Grains of dirt, one to three pixels, on a `share` of all pixels: `darkness` levels darker.

    A pixel is bare if no grain begins there, and none reaches it from the left or from above.
    Where these three have probabilities (1 - share) to the powers 1/2, 1/4 and 1/4, bare pixels
    have the probability 1 - share.
    """
    half_bare = np.sqrt(1 - values["share"])
    begins, reaches = per_picture(1 - half_bare), per_picture(1 - np.sqrt(half_bare))
    chance = noise.uniform(*images.shape[1:3], 1)
    dirty = chance < begins
    dirty |= np.roll(chance < reaches, 1, axis=2)
    dirty |= np.roll((chance < begins) & (chance >= begins - reaches), 1, axis=1)
    images -= dirty * per_picture(values["darkness"])
    return images


def texture(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """The grain of paper: smooth normal noise of deviation `strength`, `scale` pixels coarse."""
    grains = smooth_grains(noise, images.shape[1:3], values["scale"])
    grains *= per_picture(values["strength"])
    images += grains
    return images


def stains(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """`count` dried drops of about `size` pixels across, at their rims `darkness` levels darker."""
    outlines = smooth_noise(noise, images.shape[1:3], _OUTLINE_CELL)
    outlines -= np.float32(0.5)
    outlines *= np.float32(_OUTLINE_DEPTH)
    chances = noise.uniform(MOST_STAINS, 5).astype(np.float64)
    counts = values["count"].astype(np.int64).tolist()
    looks = zip(values["size"].tolist(), values["darkness"].tolist(), strict=True)
    for number, (size, darkness) in enumerate(looks):
        for own in chances[number, : counts[number]].tolist():
            _stain(images[number], outlines[number], own, size=size, darkness=darkness)
    return images


def smooth_grains(noise: Noise, size: Size, sigmas: NDArray[np.float64]) -> FloatImages:
    """Normal noise blurred by bells of `sigmas` pixels: float32, (count, height, width, 1).

    Its mean is 0 and its deviation 1 everywhere, since it goes round: one edge continues the other.
    Bells that are wider than the picture, six deviations, reach round it and make that more.
    """
    cv2 = import_opencv("a step")
    grains = noise.normal(*size, 1)
    for grain, sigma in zip(grains, sigmas.tolist(), strict=True):
        kernel = bell(sigma)
        reach = len(kernel) // 2
        wider = cv2.copyMakeBorder(grain, reach, reach, reach, reach, cv2.BORDER_WRAP)
        smooth = blurred(wider[..., None], sigma)[reach:-reach, reach:-reach]
        # A sum with weights k of independent numbers has the deviation sqrt(sum k^2), and the
        # weights of a blur down and across are the products of two k.
        np.divide(smooth, np.square(kernel).sum(dtype=np.float32), out=grain)
    return grains


def smooth_noise(noise: Noise, size: Size, cell: int) -> FloatImages:
    """Noise that varies over `cell` pixels: float32, shape (count, height, width, 1), 0 … 1.

    Value noise: a number for each corner of a grid of cells, eased from one to the next.
    """
    (above, down), (left, across) = (_knots(length, cell) for length in size)
    knots = noise.uniform(int(above[-1]) + 2, int(left[-1]) + 2)
    upper, lower = knots[:, above], knots[:, above + 1]
    rows = upper + (lower - upper) * down[:, None]
    first, second = rows[:, :, left], rows[:, :, left + 1]
    field: FloatImages = (first + (second - first) * across)[..., None]
    return field


def covered(away: FloatImages, width: FloatImages) -> FloatImages:
    """How much of a pixel a straight line covers: float32, 0 … 1.

    Args:
        away: from the line's middle to the pixel's, in pixels, at least 0. It is overwritten.
        width: of the line, pixels.
    """
    np.subtract((width + np.float32(1)) * np.float32(0.5), away, out=away)
    np.maximum(away, 0, out=away)
    return np.minimum(away, np.minimum(width, np.float32(1)), out=away)


def eased(shares: FloatImages) -> FloatImages:
    """3 s^2 - 2 s^3: from 0 to 1 as the shares s, but level at both ends."""
    return shares * shares * (np.float32(3) - np.float32(2) * shares)


def _ramp(direction: NDArray[np.float64], size: Size) -> tuple[FloatImages, FloatImages]:
    """A ramp from -1/2 to 1/2 towards a direction, as the sum of one down and one across."""
    height, width = size
    angle = np.radians(direction)[:, None]
    down = np.sin(angle) * (np.arange(height) - (height - 1) / 2)
    across = np.cos(angle) * (np.arange(width) - (width - 1) / 2)
    length = np.abs(np.sin(angle)) * (height - 1) + np.abs(np.cos(angle)) * (width - 1)
    length = np.maximum(length, 1)  # A single pixel has no slope.
    return _down(down / length), _across(across / length)


def _stain(
    picture: FloatImages,
    outline: FloatImages,
    chances: list[float],
    *,
    size: float,
    darkness: float,
) -> None:
    """One stain on a picture: an ellipse with an uneven outline."""
    height, width = picture.shape[:2]
    longer = size / 2 * (0.5 + 0.5 * chances[2])
    shorter = longer * (0.6 + 0.4 * chances[3])
    reach = longer * (1 + _OUTLINE_DEPTH / 2) + _SOFT_PIXELS
    rows, y = _near(height * chances[0], reach, height)
    columns, x = _near(width * chances[1], reach, width)
    cosine, sine = cos(pi * chances[4]), sin(pi * chances[4])
    along = (y[:, None] * sine + x * cosine) / longer
    aside = (y[:, None] * cosine - x * sine) / shorter
    away = np.sqrt(along * along + aside * aside)[..., None] + outline[rows, columns]
    wet = np.clip(1 + (1 - away) * (longer / _SOFT_PIXELS), 0, 1)
    rim = 1 - _RIM + _RIM * np.clip(away, 0, 1)
    picture[rows, columns] -= wet * rim * darkness


def _near(middle: float, reach: float, length: int) -> tuple[slice, NDArray[np.float32]]:
    """The pixels of a side at most so far from a place on it, and how far each one's middle is."""
    first, end = max(int(middle - reach), 0), min(int(middle + reach) + 1, length)
    return slice(first, end), (np.arange(first, end) + 0.5 - middle).astype(np.float32)


def _knots(length: int, cell: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each pixel the knot before it, and how far it is to the next, eased: 0 … 1."""
    places = (np.arange(length) + 0.5) / cell
    before = places.astype(np.int64)
    return before, eased((places - before).astype(np.float32))


def _down(values: NDArray[np.float64]) -> FloatImages:
    """A number for each row of each picture, (count, height), ready to be combined with them."""
    return values.astype(np.float32)[:, :, None, None]


def _across(values: NDArray[np.float64]) -> FloatImages:
    """A number for each column of each picture, (count, width), the same."""
    return values.astype(np.float32)[:, None, :, None]
