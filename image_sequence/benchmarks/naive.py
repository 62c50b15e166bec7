"""The classic algorithm in our own words: one picture at a time, one digit at a time.

Written as one would write it without much thought, and without malice: the positions of each digit
are looked up once, and random numbers are drawn in the quickest way NumPy has for one at a time.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.random import default_rng

from image_sequence.composing.imgaug_adapter import import_imgaug
from image_sequence.config import Configuration
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.plan import ByteImages, FloatImages


class NaiveSequence:
    """Makes pictures from a bank of glyphs, as a configuration says."""

    def __init__(self, bank: GlyphBank, configuration: Configuration, seed: int) -> None:
        self._images = bank.images
        self._places = {
            digit: np.flatnonzero(bank.labels == digit) for digit in np.unique(bank.labels).tolist()
        }
        self._configuration = configuration
        self._rng = default_rng(seed)
        self._augmenter = _augmenter(seed) if configuration.transform else None

    def picture(
        self, digits: Sequence[int], spacing_range: tuple[int, int], image_width: int
    ) -> FloatImages:
        """A picture: float32, shape (28, image_width), 0.0 black … 1.0 white."""
        glyphs = [self._glyph(digit) for digit in digits]
        if self._configuration.spacing_type == "fixed":
            return side_by_side(glyphs, self._equal_gaps(len(digits), image_width))
        strip = side_by_side(glyphs, self._drawn_gaps(len(digits), spacing_range))
        return np.clip(resized(strip, image_width), 0.0, 1.0)

    def _glyph(self, digit: int) -> FloatImages:
        places = self._places[digit]
        image = self._images[places[self._rng.integers(len(places))]]
        if self._augmenter is None:
            return on_paper(image)
        augmented = self._augmenter.augment_image((image.astype(np.float32) / 255)[..., None])
        ink: FloatImages = np.clip(augmented[..., 0], 0.0, 1.0)
        ink -= ink.min()
        ink /= ink.max() or 1
        return 1 - ink

    def _drawn_gaps(self, digit_count: int, spacing_range: tuple[int, int]) -> list[int]:
        count = digit_count + 1 if self._configuration.edges else digit_count - 1
        gaps: list[int] = self._rng.integers(*spacing_range, size=count, endpoint=True).tolist()
        return gaps if self._configuration.edges else [0, *gaps, 0]

    def _equal_gaps(self, digit_count: int, image_width: int) -> list[int]:
        free = image_width - 28 * digit_count
        if self._configuration.edges:
            return [free // (digit_count + 1)] * (digit_count + 1)
        return [0, *[free // (digit_count - 1)] * (digit_count - 1), 0]


def on_paper(image: ByteImages) -> FloatImages:
    """A glyph of the data set as black ink on white paper: float32, 0.0 black … 1.0 white."""
    return 1 - image.astype(np.float32) / np.float32(255)


def side_by_side(glyphs: Iterable[FloatImages], gaps: Sequence[int]) -> FloatImages:
    """A strip: glyphs from left to right, a block of paper before, between and after them."""
    blocks = [_paper(gaps[0])]
    for glyph, gap in zip(glyphs, gaps[1:], strict=True):
        blocks += [glyph, _paper(gap)]
    return np.concatenate(blocks, axis=1)


def resized(strip: FloatImages, image_width: int) -> FloatImages:
    """The strip fitted to a width by Pillow's bicubic filter, not clipped."""
    from PIL import Image

    image = Image.fromarray(strip).resize((image_width, len(strip)), Image.Resampling.BICUBIC)
    return np.asarray(image, np.float32)


def as_levels(picture: FloatImages) -> ByteImages:
    """A picture of 0.0 … 1.0 as uint8."""
    return np.rint(255 * picture).astype(np.uint8)


def _paper(width: int) -> FloatImages:
    return np.ones((28, width), np.float32)


def _augmenter(seed: int) -> Any:
    imgaug: Any = import_imgaug()
    steps: Any = imgaug.augmenters
    likely: list[tuple[float, Any]] = [
        (0.1, steps.GaussianBlur(sigma=(0.0, 0.05), seed=seed)),
        (0.15, steps.ElasticTransformation(alpha=(0.5, 0.6), sigma=0.15, seed=seed + 1)),
        (0.3, steps.Dropout(p=0.1, seed=seed + 2)),
        (0.3, steps.Crop(percent=(0.0, 0.25), seed=seed + 3)),
    ]
    return steps.Sequential(
        [steps.Sometimes(p, step, seed=seed + 4 + n) for n, (p, step) in enumerate(likely)],
        random_order=True,
        seed=seed + 8,
    )
