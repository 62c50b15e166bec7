"""What one writer a sample costs, and whether each image is as likely as any other."""

from collections.abc import Callable

import numpy as np

from benchmarks.leaks import five_digits
from benchmarks.places import FULL_MNIST, WRITER_TABLES
from image_sequence import BundledDigits, DigitSequence, Draws, GlyphBank, IdxFolder
from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.benchmarks.timing import interleaved, one_core, ratio, timed

_SEED = 20_260
_BATCH_SIZE = 1_024
_DRAWS = 1_000_000


def measured(*, quick: bool) -> Section:
    """Times of mixed and of single hands, and chi-square tests of a million draws."""
    figures, notes = [*_balance("the bundled digits, 500 of each", BundledDigits().load())], []
    if FULL_MNIST.is_dir() and WRITER_TABLES.is_dir():
        source = IdxFolder(FULL_MNIST, writers=WRITER_TABLES)
        figures += _balance("MNIST, 5,421 to 6,742 of each", source.load())
        with one_core():
            for renderer in ("numpy", "numba"):
                figures += _cost(source, renderer, rounds=11 if quick else 41)
    else:
        notes = [f"Hands were not measured: {FULL_MNIST} or {WRITER_TABLES} is not there."]
    return Section(
        part="hands",
        title=f"five digits to 160 pixels, uint8, batches of {_BATCH_SIZE:,}; {_DRAWS:,} draws",
        figures=figures,
        notes=notes,
    )


def _cost(source: IdxFolder, renderer: str, *, rounds: int) -> list[Figure]:
    ways = {hand: _way(source, hand, renderer) for hand in ("mixed", "single")}
    seconds = interleaved(ways, rounds=rounds, title=f"hands, {renderer}")
    name = f"time of single hands ÷ of mixed ones, {renderer}"
    return [ratio(name, seconds["single"], seconds["mixed"], at_most=1.5)]


def _way(source: IdxFolder, hand: str, renderer: str) -> Callable[[], float]:
    generator = DigitSequence(source=source, seed=_SEED, hand=hand, renderer=renderer)
    stream = generator.stream(five_digits, (0, 5), 160, batch_size=_BATCH_SIZE, dtype=np.uint8)
    return timed(lambda: next(stream))


def _balance(name: str, bank: GlyphBank) -> list[Figure]:
    from scipy.stats import chisquare

    labels = np.resize(bank.classes, (_DRAWS // len(bank.classes), len(bank.classes)))
    glyphs = bank.drawn(labels, Draws(_SEED, "glyphs", np.arange(len(labels))))
    counts = np.bincount(glyphs.ravel(), minlength=len(bank.images))
    # Each label is drawn equally often, so an image of a rarer one is drawn more often.
    expected = len(labels) / bank.instance_counts(bank.labels)
    test = chisquare(counts, expected, ddof=len(bank.classes) - 1)
    return [Figure(name=f"p of chi-square, {name}", value=float(test.pvalue), at_least=0.001)]
