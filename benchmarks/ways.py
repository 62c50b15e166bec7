"""Four ways to the same pictures: ours one by one and in batches, the naive way, a bare copy."""

import json
from collections.abc import Callable
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.naive import NaiveSequence, on_paper, resized, side_by_side
from benchmarks.timing import timed
from image_sequence import DigitSequence
from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest
from image_sequence.composing.spacing import find_spacing
from image_sequence.composing.transforms import classic
from image_sequence.config import Configuration
from image_sequence.glyphs.sources import BundledDigits

_SEED = 20_262
_SPACING_RANGE = (0, 20)
DIGITS = tuple(range(10))
# 379 = 280 + 9 * 11 = 280 + 11 * 9: equal gaps with edges and without.
IMAGE_WIDTHS = {"fixed": 379, "variable": 390}
BATCH_SIZE = 256

ONE_CALL, BATCH, NAIVE, COPY = WAYS = ("one call", "batch", "naive", "copy")


def actions(configuration: Configuration, folder: Path) -> dict[str, Callable[[], float]]:
    """For each way a function that makes pictures and returns the seconds of one picture.

    Args:
        configuration: what all of them follow.
        folder: where the configuration's file may be written.
    """
    width = IMAGE_WIDTHS[configuration.spacing_type]
    generator = DigitSequence(_config_file(configuration, folder), seed=_SEED)
    naive = NaiveSequence(BundledDigits().load(), configuration, _SEED)
    # imgaug takes milliseconds a picture, so a few of them are enough to time.
    one_call_count, naive_count = (32, 16) if configuration.transform else (256, 256)
    return {
        ONE_CALL: timed(
            lambda: generator.generate_numbers_sequence(DIGITS, _SPACING_RANGE, width),
            repeats=one_call_count,
        ),
        BATCH: _batches(configuration),
        NAIVE: timed(lambda: naive.picture(DIGITS, _SPACING_RANGE, width), repeats=naive_count),
        COPY: _copies(width),
    }


def naive_difference(configuration: Configuration) -> float:
    """The largest difference between our pixels and the naive way's for the same plan, 0 … 1."""
    bank, composer, request = (
        BundledDigits().load(),
        _composer(configuration),
        _request(configuration),
    )
    batch = composer.render(composer.plan(request, np.arange(BATCH_SIZE)))
    differences = []
    for sample in batch:
        strip = side_by_side(map(on_paper, bank.images[sample.glyph_indices]), sample.gaps.tolist())
        picture = np.clip(resized(strip, request.image_width), 0.0, 1.0)
        differences.append(np.abs(picture - sample.image).max())
    return float(max(differences))


def _batches(configuration: Configuration) -> Callable[[], float]:
    composer, request = _composer(configuration), _request(configuration)
    first_indices = count(0, BATCH_SIZE)  # Each batch is a new one, with other glyphs and gaps.

    def make() -> None:
        first = next(first_indices)
        composer.render(composer.plan(request, np.arange(first, first + BATCH_SIZE)))

    return _each(timed(make))


def _copies(image_width: int) -> Callable[[], float]:
    finished = np.ones((BATCH_SIZE, 28, image_width), np.float32)
    target = np.zeros_like(finished)
    return _each(timed(lambda: np.copyto(target, finished), repeats=4))


def _each(action: Callable[[], float]) -> Callable[[], float]:
    return lambda: action() / BATCH_SIZE


def _composer(configuration: Configuration) -> Composer:
    return Composer(
        bank=BundledDigits().load(),
        spacing=find_spacing(configuration.spacing_type),
        edges=configuration.edges,
        transform=classic if configuration.transform else None,
        seed=_SEED,
    )


def _request(configuration: Configuration) -> SequenceRequest:
    width = IMAGE_WIDTHS[configuration.spacing_type]
    return SequenceRequest.checked(DIGITS, _SPACING_RANGE, width)


def _config_file(configuration: Configuration, folder: Path) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(configuration.to_dict()), "utf-8")
    return path
