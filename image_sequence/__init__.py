"""Labelled pictures of sequences of handwritten digits, or of any labelled images.

>>> from image_sequence import DigitSequence
>>> DigitSequence(seed=7).generate_numbers_sequence([0, 1], (0, 30), 86).shape
(28, 86)
"""

from image_sequence.composing.spacing import Spacing, SpacingRequest, register_spacing
from image_sequence.composing.transforms import PerSample
from image_sequence.draws import Draws
from image_sequence.errors import ImageSequenceError
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.arrays import Arrays, NpzFile
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.finding import known_data
from image_sequence.glyphs.pairs import HuggingFace, Pairs
from image_sequence.glyphs.pictures import ImageFolder
from image_sequence.glyphs.sources import BundledDigits, GlyphSource, IdxFolder
from image_sequence.glyphs.splitting import Split
from image_sequence.sample import Batch, Sample

__version__ = "0.1.0"

__all__ = [
    "Arrays",
    "Batch",
    "BundledDigits",
    "DigitSequence",
    "Draws",
    "GlyphBank",
    "GlyphSource",
    "HuggingFace",
    "IdxFolder",
    "ImageFolder",
    "ImageSequence",
    "ImageSequenceError",
    "NpzFile",
    "Pairs",
    "PerSample",
    "Sample",
    "Spacing",
    "SpacingRequest",
    "Split",
    "known_data",
    "register_spacing",
]
