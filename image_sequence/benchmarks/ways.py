"""Ways to the same pictures: ours, the naive one, and bare copies of what is finished."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import count, cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.benchmarks.cases import Case
from image_sequence.benchmarks.figures import Figure
from image_sequence.benchmarks.naive import (
    NaiveSequence,
    as_levels,
    on_paper,
    resized,
    side_by_side,
)
from image_sequence.benchmarks.timing import timed
from image_sequence.config import Configuration
from image_sequence.generator import DigitSequence
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import ByteImages, Images
from image_sequence.sample import Batch

NAIVE, COPY, FRESH_COPY = "naive", "copy", "fresh copy"

_SEED = 20_262
_SAME_LEVELS = 1.0
_COPIES = 4  # A copy is over so soon that several are timed.

Action = Callable[[], float]


def generator_of(configuration: Configuration, renderer: str) -> DigitSequence:
    """A fresh generator that follows a configuration; all have the same seed."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "config.json")
        path.write_text(json.dumps(configuration.to_dict()), "utf-8")
        return DigitSequence(path, seed=_SEED, renderer=renderer)


def actions(case: Case) -> dict[str, Action]:
    """For each way a function that takes its turn and returns the seconds of one picture.

    Ours are named by their renderers; the others are `NAIVE`, `COPY` and `FRESH_COPY`.
    """
    by_ours = {renderer: ours(case, renderer) for renderer in case.renderers}
    return {**by_ours, NAIVE: naively(case), **copies(case)}


def ours(case: Case, renderer: str) -> Action:
    """Our own way: each turn makes new pictures, and lets go of them."""
    generator = generator_of(case.configuration, renderer)
    if case.one_call:
        turns = cycle(case.sequences)
        return timed(
            lambda: generator.generate_numbers_sequence(
                next(turns), case.spacing_range, case.image_width
            ),
            repeats=case.batch_size,
        )
    starts = count(0, case.batch_size)
    return _each(timed(lambda: _batch_arrays(case, generator, next(starts))), case.batch_size)


def naively(case: Case) -> Action:
    """The naive way: images alone, one at a time, each let go of."""
    naive = NaiveSequence(BundledDigits().load(), case.configuration, _SEED)
    turns = cycle(case.sequences)

    def make() -> Images:
        picture = naive.picture(next(turns), case.spacing_range, case.image_width)
        return as_levels(picture) if case.dtype == "uint8" else picture

    return timed(make, repeats=case.batch_size)


def copies(case: Case) -> dict[str, Action]:
    """Copies of finished images, and masks if we make some: to memory that is there, and to new."""
    finished, picture_count = _finished(case)
    targets = [np.empty_like(array) for array in finished]

    def copy() -> None:
        for array, target in zip(finished, targets, strict=True):
            np.copyto(target, array)

    def copy_afresh() -> None:
        for array in finished:
            array.copy()

    repeats = case.batch_size if case.one_call else _COPIES
    ways = {COPY: copy, FRESH_COPY: copy_afresh}
    return {way: _each(_warmed(make, repeats), picture_count) for way, make in ways.items()}


def pixel_difference(case: Case, renderer: str, picture_count: int) -> Figure:
    """How far our pixels are from the naive way's for the same plan. Not for augmented pictures."""
    batch = _batch(case, generator_of(case.configuration, renderer), 0, picture_count)
    images = batch.images
    if case.one_call:
        generator = generator_of(case.configuration, renderer)
        calls = [
            generator.generate_numbers_sequence(digits, case.spacing_range, case.image_width)
            for digits in islice(cycle(case.sequences), picture_count)
        ]
        images = np.stack(calls)
    return Figure(
        name=f"{case.name}, {renderer}: largest difference of a pixel from the naive way's",
        value=naive_difference(replace(batch, images=images), BundledDigits().load().images),
        unit="levels",
        at_most=_SAME_LEVELS,
    )


def naive_difference(batch: Batch, glyphs: ByteImages) -> float:
    """The largest difference of a pixel from the naive way's for the same plan, in levels of 255.

    Args:
        batch: our pictures.
        glyphs: the data set's images that its `glyph_indices` mean.
    """
    return max(
        float(np.abs(_in_levels(sample.image) - _in_levels(naive)).max())
        for sample, naive in zip(batch, _naive_images(batch, glyphs), strict=True)
    )


def _naive_images(batch: Batch, glyphs: ByteImages) -> Iterable[Images]:
    is_bytes = batch.images.dtype == np.uint8
    for sample in batch:
        strip = side_by_side(map(on_paper, glyphs[sample.glyph_indices]), sample.gaps.tolist())
        picture = np.clip(resized(strip, batch.images.shape[2]), 0.0, 1.0)
        yield as_levels(picture) if is_bytes else picture


def _in_levels(image: Images) -> NDArray[np.float64]:
    return image.astype(np.float64) * (1 if image.dtype == np.uint8 else 255)


def _batch(case: Case, generator: DigitSequence, start: int, batch_size: int) -> Batch:
    sequences = np.resize(case.sequences, (batch_size, case.digit_count))
    return generator.batch(
        sequences, case.spacing_range, case.image_width, start=start, dtype=case.dtype
    )


def _batch_arrays(case: Case, generator: DigitSequence, start: int) -> list[NDArray[Any]]:
    batch = _batch(case, generator, start, case.batch_size)
    return [batch.images, *([batch.masks, batch.boxes, batch.ink_boxes] if case.truth else [])]


def _finished(case: Case) -> tuple[list[NDArray[Any]], int]:
    """What is copied, and how many pictures it is."""
    generator = generator_of(case.configuration, case.renderers[0])
    if case.one_call:
        image = generator.generate_numbers_sequence(
            case.sequences[0], case.spacing_range, case.image_width
        )
        return [image], 1
    return _batch_arrays(case, generator, 0)[:2], case.batch_size


def _warmed(function: Callable[[], None], repeats: int) -> Action:
    # Else whichever copy comes first pays for fetching what is copied into the caches.
    action = timed(function, repeats=repeats)

    def measure() -> float:
        function()
        return action()

    return measure


def _each(action: Action, picture_count: int) -> Action:
    return lambda: action() / picture_count
