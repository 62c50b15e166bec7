"""Labelled pictures of sequences of handwritten digits.

>>> from image_sequence import DigitSequence
>>> DigitSequence(seed=7).generate_numbers_sequence([0, 1], (0, 30), 86).shape
(28, 86)
"""

from image_sequence.composing.spacing import Spacing, SpacingRequest, register_spacing
from image_sequence.composing.transforms import PerSample
from image_sequence.draws import Draws
from image_sequence.errors import ImageSequenceError
from image_sequence.generator import DigitSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import BundledDigits, IdxFolder
from image_sequence.sample import Batch, Sample

__version__ = "0.1.0"

__all__ = [
    "Batch",
    "BundledDigits",
    "DigitSequence",
    "Draws",
    "GlyphBank",
    "IdxFolder",
    "ImageSequenceError",
    "PerSample",
    "Sample",
    "Spacing",
    "SpacingRequest",
    "register_spacing",
]
