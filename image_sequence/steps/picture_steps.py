"""What happens to finished pictures: the faults of cameras and scanners.

Changes take and return float32, shape (count, height, width, channels),
0.0 black … 1.0 white, and may write into what they are given. Nothing here sums over a picture: the
order of such a sum, and so its last bit, would depend on the batch.
"""

from io import BytesIO
from math import ceil, cos, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentValueError
from image_sequence.opencv import import_opencv
from image_sequence.picture import JPEG_LARGEST_SIDE, to_bytes
from image_sequence.plan import FloatImages
from image_sequence.steps.kinds import Noise, Values

BLACK, WHITE = np.float32(0), np.float32(1)

# How bright red, green and blue look: ITU-R BT.601, as in Pillow's mode "L".
_LUMA = (np.float32(0.299), np.float32(0.587), np.float32(0.114))
_MID_GREY = np.float32(0.5)
_BELL_REACH = 3  # In deviations; what lies beyond is 0.3 % of a normal distribution.


def blur(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Out of focus: a bell of the deviation `sigma` pixels."""
    for picture, sigma in zip(images, values["sigma"].tolist(), strict=True):
        picture[:] = blurred(picture, sigma)
    return images


def motion_blur(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Moved while it was taken: `length` pixels at `angle` degrees, clockwise from the right."""
    pairs = zip(values["length"].tolist(), values["angle"].tolist(), strict=True)
    for picture, (length, angle) in zip(images, pairs, strict=True):
        picture[:] = smeared(picture, length, angle)
    return images


def noise(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Normal noise of `deviation` levels, of each pixel and channel on its own."""
    grain = noise.normal(*images.shape[1:])
    grain *= per_picture(values["deviation"])
    images += grain
    return images


def shot_noise(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """Light that comes in whole photons: on average `photons` a pixel where it is white."""
    return counted_photons(images, per_picture(values["photons"]), noise)


def counted_photons(images: FloatImages, photons: FloatImages, noise: Noise) -> FloatImages:
    """Whole photons, nearly as Poisson has them: m on average, with variance and skewness.

    m + sqrt(m) z + (z^2 - 1) / 6 for a normal z are the first terms of Cornish and Fisher,
    "Moments and cumulants in the specification of distributions" (1938), for the cumulants of a
    Poisson distribution, which are all m. Where m < 1 the last term fades: black stays black.
    """
    z = noise.normal(*images.shape[1:])
    images *= photons
    skew = np.minimum(images, np.float32(1))
    skew *= z * z - np.float32(1)
    skew *= np.float32(1 / 6)
    z *= np.sqrt(images)
    images += z
    images += skew
    np.rint(images, out=images)
    images /= photons
    return images


def salt_and_pepper(images: FloatImages, values: Values, noise: Noise) -> FloatImages:
    """A `share` of all pixels turned black or white, as many one as the other."""
    return with_lost_pixels(images, per_picture(values["share"]), noise)


def with_lost_pixels(images: FloatImages, share: FloatImages, noise: Noise) -> FloatImages:
    """A share of all pixels turned black or white; share: float32, shape (count, 1, 1, 1)."""
    chance = noise.uniform(*images.shape[1:3], 1)
    half = share * np.float32(0.5)
    np.copyto(images, BLACK, where=chance < half)
    np.copyto(images, WHITE, where=chance > 1 - half)
    return images


def brightness(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Lighter by `shift` levels; darker where it is negative."""
    images += per_picture(values["shift"])
    return images


def contrast(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """`factor` times as far from mid grey, 0.5."""
    images -= _MID_GREY
    images *= per_picture(values["factor"])
    images += _MID_GREY
    return images


def gamma(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Levels to the power of `exponent`: above 1 darker, below 1 lighter."""
    np.power(images, per_picture(values["exponent"]), out=images)
    return images


def jpeg(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Kept as JPEG of the `quality` 1 … 100, with Pillow's libjpeg, and read again."""
    for picture, quality in zip(images, values["quality"].tolist(), strict=True):
        picture[:] = _through_jpeg(picture, int(quality))
    return images


def posterise(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Only `levels` different levels from black to white, evenly spaced; the nearest is taken."""
    steps = per_picture(values["levels"]) - np.float32(1)
    images *= steps
    np.rint(images, out=images)
    images /= steps
    return images


def pixelate(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Squares of `side` pixels, each of its mean; at the right and lower edge they are cut off."""
    for side in np.unique(values["side"]).astype(int).tolist():
        which = np.flatnonzero(values["side"] == side)
        images[which] = _in_squares(images[which], side)
    return images


def vignette(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Darker to the corners: there by the share `strength`, else as the square of the distance."""
    height, width = images.shape[1:3]
    rows = np.square(_offsets(height) / height)[:, None, None]
    columns = np.square(_offsets(width) / width)[:, None]
    # At an edge's middle the square of the offset is 1/4: 1/2 at a corner.
    distance = ((rows + columns) * 2).astype(np.float32)
    images *= np.float32(1) - per_picture(values["strength"]) * distance
    return images


def threshold(images: FloatImages, values: Values, _noise: Noise) -> FloatImages:
    """Black and white only: white where it is at least `level` bright."""
    images[...] = brightness_of(images) >= per_picture(values["level"])
    return images


def invert(images: FloatImages, _values: Values, _noise: Noise) -> FloatImages:
    """White for black."""
    np.subtract(np.float32(1), images, out=images)
    return images


def per_picture(values: NDArray[np.float64]) -> FloatImages:
    """One value for each picture, ready to be combined with them: float32, (count, 1, 1, 1)."""
    return values.astype(np.float32)[:, None, None, None]


def brightness_of(images: FloatImages) -> FloatImages:
    """How bright pixels look: float32, shape (count, height, width, 1)."""
    if images.shape[3] == 1:
        return images
    red, green, blue = (images[..., channel, None] * _LUMA[channel] for channel in range(3))
    brightness: FloatImages = red + green + blue
    return brightness


def blurred(picture: FloatImages, sigma: float) -> FloatImages:
    """One picture, (height, width, channels), blurred by a bell; its edge pixels go on beyond it.

    Not cv2.GaussianBlur: what that makes of a picture may depend on Intel's IPP being there.
    """
    cv2 = import_opencv("a step")
    kernel = bell(sigma)
    smooth = cv2.sepFilter2D(picture, -1, kernel, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, np.float32).reshape(picture.shape)


def bell(sigma: float) -> NDArray[np.float32]:
    """The weights of a normal distribution of `sigma` pixels: float32, shape (2 n + 1,), sum 1."""
    reach = max(ceil(_BELL_REACH * sigma), 1)
    places = np.arange(-reach, reach + 1)
    # Below a tenth of a pixel a neighbour weighs 1e-22; 0 would divide by 0.
    weights = np.exp(-0.5 * np.square(places / max(sigma, 0.1)))
    kernel: NDArray[np.float32] = (weights / weights.sum()).astype(np.float32)
    return kernel


def smeared(picture: FloatImages, length: float, angle: float) -> FloatImages:
    """One picture, (height, width, channels), smeared over `length` pixels at `angle` degrees."""
    cv2 = import_opencv("a step")
    kernel = _stroke(length, angle)
    smooth = cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, np.float32).reshape(picture.shape)


def _stroke(length: float, angle: float) -> NDArray[np.float32]:
    """The weights of a line through the middle: float32, odd height and width, sum 1.

    Along the axis that the line is nearer to, a pixel weighs what the line covers of it; across,
    that is shared between the two nearest pixels. A line of at most a pixel smears nothing.
    """
    across, down = cos(radians(angle)), sin(radians(angle))
    is_flat = abs(across) >= abs(down)
    along, aside = (across, down) if is_flat else (down, across)
    half = max(length * abs(along), 1.0) / 2
    reach = ceil(half - 0.5)
    places = np.arange(-reach, reach + 1)
    covered = np.minimum(places + 0.5, half) - np.maximum(places - 0.5, -half)
    asides = places * (aside / along)
    # Trimmed, since OpenCV transforms large kernels, which takes ten times as long.
    widest = int(np.floor(np.abs(asides).max() + 1 - 1e-9))
    nearness = 1 - np.abs(asides[:, None] - np.arange(-widest, widest + 1))
    kernel = np.maximum(nearness, 0) * (covered / (2 * half))[:, None]
    return np.ascontiguousarray(kernel.T if is_flat else kernel, np.float32)


def _through_jpeg(picture: FloatImages, quality: int) -> FloatImages:
    from PIL import Image

    if max(picture.shape) > JPEG_LARGEST_SIDE:
        raise ArgumentValueError(
            f"JPEG holds at most {JPEG_LARGEST_SIDE} pixels a side, the picture has "
            f"{max(picture.shape)}; use narrower pictures, or leave out the step jpeg"
        )
    levels = to_bytes(picture[..., 0] if picture.shape[2] == 1 else picture)
    file = BytesIO()
    Image.fromarray(levels).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        decoded: NDArray[Any] = np.asarray(image)
    return (decoded.astype(np.float32) / np.float32(255)).reshape(picture.shape)


def _in_squares(images: FloatImages, side: int) -> FloatImages:
    """Means of squares, those that are cut off filled up with the last row or column."""
    height, width = images.shape[1:3]
    missing = ((0, 0), (0, -height % side), (0, -width % side), (0, 0))
    whole = np.pad(images, missing, mode="edge")
    # Square by square pixel, not a reduction: its order might depend on the batch.
    mean = np.zeros_like(whole[:, ::side, ::side])
    for row in range(side):
        for column in range(side):
            mean += whole[:, row::side, column::side]
    mean /= np.float32(side * side)
    return mean.repeat(side, axis=1).repeat(side, axis=2)[:, :height, :width]


def _offsets(length: int) -> NDArray[np.float64]:
    """How far the middles of pixels lie from the middle of all: float64, shape (length,)."""
    return np.arange(length, dtype=np.float64) + (1 - length) / 2
