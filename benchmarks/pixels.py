"""Whether saved pictures hold what was made, without specks.

A speck is a pixel from the wrong end of the grey scale. Bicubic resizing rings: beside a stroke it
makes paper of 1.06 and ink of -0.06. The classic program turned such values into uint8 as they
were, and 1.06 * 255 = 270 wraps around to 14: a black pixel on white paper. Clipped before it is
rounded, it is 255. So each picture is compared with a resize done here, apart from the package's
own, and clipped: a sound pixel differs by a rounding, a speck by nearly the whole scale.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from tqdm import tqdm

from image_sequence import DigitSequence
from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.benchmarks.naive import on_paper, resized, side_by_side
from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest
from image_sequence.composing.spacing import find_spacing
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import ByteImages, FloatImages

_SEED = 20_261
_PICTURE_COUNT = 1_000
_DIGITS = tuple(range(10))
_SPACING_RANGE = (0, 20)
_IMAGE_WIDTH = 390
_SPECK_LEVELS = 64  # A quarter of the scale: far above rounding, far below wrapping.


def measured(*, quick: bool) -> Section:  # noqa: ARG001  # 2 s: quick enough as it is
    """Comparisons of 1,000 saved default pictures with what they should hold."""
    with TemporaryDirectory() as folder:
        images, saved = _made_and_saved(Path(folder))
    unclipped = _unclipped()
    asked = np.round(255 * images).astype(np.int64)
    reference = np.clip(unclipped, 0.0, 255.0)
    wrapped = np.rint(unclipped).astype(np.int64).astype(np.uint8)
    return Section(
        part="pixels",
        title=f"{_PICTURE_COUNT:,} default pictures, {_IMAGE_WIDTH} px wide, saved as PNG",
        figures=[
            _levels("saved and round(255 * image)", np.abs(saved - asked), at_most=1),
            _levels("saved and an own clipped bicubic resize", np.abs(saved - reference)),
            Figure(name="pictures with specks", value=_specked(saved, reference), at_most=0),
            Figure(
                name="the same pictures with specks, had they not been clipped",
                value=_specked(wrapped, reference),
                at_least=1,  # Otherwise the check above would not see a speck.
            ),
        ],
    )


def _made_and_saved(folder: Path) -> tuple[FloatImages, ByteImages]:
    generator = DigitSequence(seed=_SEED)
    images, saved = [], []
    for _ in tqdm(range(_PICTURE_COUNT), desc="pixels", leave=False, disable=None):
        image = generator.generate_numbers_sequence(_DIGITS, _SPACING_RANGE, _IMAGE_WIDTH)
        with Image.open(generator.save_image(image, _DIGITS, folder)) as picture:
            saved.append(np.asarray(picture))
        images.append(image)
    return np.stack(images), np.stack(saved)


def _unclipped() -> NDArray[np.float64]:
    """What resizing makes of the same glyphs and gaps: levels, beyond 0 and 255 where it rings."""
    bank = BundledDigits().load()
    composer = Composer(
        bank=bank, spacing=find_spacing("variable"), edges=False, transform=None, seed=_SEED
    )
    request = SequenceRequest.checked(_DIGITS, _SPACING_RANGE, _IMAGE_WIDTH)
    plan = composer.plan(request, np.arange(_PICTURE_COUNT))
    strips = (
        side_by_side(map(on_paper, bank.images[glyphs]), gaps)
        for glyphs, gaps in zip(plan.glyph_indices, plan.gaps.tolist(), strict=True)
    )
    return 255.0 * np.stack([resized(strip, _IMAGE_WIDTH) for strip in strips]).astype(np.float64)


def _levels(name: str, differences: NDArray[np.float64], *, at_most: float | None = None) -> Figure:
    return Figure(
        name=f"largest difference of {name}",
        value=float(differences.max()),
        unit="levels",
        at_most=at_most,
    )


def _specked(pictures: ByteImages, reference: NDArray[np.float64]) -> int:
    specks = np.abs(pictures - reference) > _SPECK_LEVELS
    return int(specks.any(axis=(1, 2)).sum())
