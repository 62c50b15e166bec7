"""Whether train and test share anything, by the records of many generated samples."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.places import FULL_MNIST, WRITER_TABLES
from image_sequence import DigitSequence, Draws, GlyphBank, IdxFolder
from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.glyphs.sources import Loaded
from image_sequence.sharing import Contents, Sharing

_SEED = 20_260
_BATCH_SIZE = 1_000
_SAMPLE_COUNT = 200_000
_SINGLE_HAND_COUNT = 100_000
_QUICK_PART = 20  # A quick run takes this part of them.


def measured(*, quick: bool) -> Section:
    """What 200,000 samples of each side share, with and without a leak planted by hand."""
    part = "leaks"
    if not FULL_MNIST.is_dir() or not WRITER_TABLES.is_dir():
        note = f"Nothing was measured: {FULL_MNIST} or {WRITER_TABLES} is not there."
        return Section(part=part, title="train and test", figures=[], notes=[note])
    count, hands_count = (
        full // (_QUICK_PART if quick else 1) for full in (_SAMPLE_COUNT, _SINGLE_HAND_COUNT)
    )
    source = IdxFolder(FULL_MNIST, writers=WRITER_TABLES)
    train, test = (_contents(_generator(source, side), side, count) for side in ("train", "test"))
    sharing = Sharing.between(train, test)
    leaking = Sharing.between(train, _contents(_leaking(source), "test", _BATCH_SIZE))
    return Section(
        part=part,
        title=f"MNIST by writer, {count:,} samples of five digits a side, their records compared",
        figures=[
            _exactly("glyphs that train and test share", len(sharing.shared("glyph")), 0),
            _exactly("writers that they share", len(sharing.shared("writer")), 0),
            Figure(name="glyphs in train", value=len(train.found["glyph"])),
            Figure(name="glyphs in test", value=len(test.found["glyph"])),
            Figure(name="writers in train", value=len(train.found["writer"])),
            Figure(name="writers in test", value=len(test.found["writer"])),
            _exactly(
                "glyphs shared when one of train's is planted in test",
                len(leaking.shared("glyph")),
                1,
            ),
            _exactly(
                f"samples of {hands_count:,} by one writer, hand 'single'",
                _by_one_writer(source, hands_count),
                hands_count,
            ),
        ],
    )


def five_digits(rng: Draws) -> NDArray[np.int64]:
    """Five digits a sample."""
    return rng.integers(0, 9, 5)


def _generator(source: IdxFolder, part: str) -> DigitSequence:
    return DigitSequence(source=source, seed=_SEED, split=part, split_by="writer")


def _batches(generator: DigitSequence, title: str, count: int) -> Iterator[Any]:
    stream = generator.stream(five_digits, (0, 20), 160, batch_size=_BATCH_SIZE, dtype=np.uint8)
    batches = islice(stream, count // _BATCH_SIZE)
    return iter(tqdm(batches, total=count // _BATCH_SIZE, desc=title, leave=False, disable=None))


def _contents(generator: DigitSequence, part: str, count: int) -> Contents:
    batches = _batches(generator, part, count)
    return Contents.of(part, (sample.to_dict() for batch in batches for sample in batch))


def _leaking(source: IdxFolder) -> DigitSequence:
    """The test side, with an image that training shows in place of all its zeros."""
    train, test = (_generator(source, part) for part in ("train", "test"))
    shown = next(_batches(train, "a leak", _BATCH_SIZE)).glyph_indices[0, 0]
    images = test.images.copy()
    images[test.labels == 0] = train.images[shown]
    return DigitSequence(source=Loaded(GlyphBank(images, test.labels, "leaking")), seed=_SEED)


def _by_one_writer(source: IdxFolder, count: int) -> int:
    generator = DigitSequence(source=source, seed=_SEED, hand="single")
    return sum(
        int((batch.writers == batch.writers[:, :1]).all(axis=1).sum())
        for batch in _batches(generator, "hands", count)
    )


def _exactly(name: str, value: int, expected: int) -> Figure:
    return Figure(name=name, value=value, at_least=expected, at_most=expected)
