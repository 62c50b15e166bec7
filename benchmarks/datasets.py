"""How fast data sets are written, beside the naive way, and what memory that takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import chain
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.processes import run_python
from image_sequence import BundledDigits, DigitSequence
from image_sequence.benchmarks.figures import Figure, Section, figure_table, table
from image_sequence.benchmarks.naive import NaiveSequence, as_levels
from image_sequence.benchmarks.timing import (
    Seconds,
    interleaved,
    median,
    one_core,
    ratio,
    timed,
)
from image_sequence.config import Configuration
from image_sequence.datasets import write_dataset
from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.formats.known import FORMATS, find_format
from image_sequence.errors import LibraryError

_DIGIT_COUNT, _WIDTH, _SPACING = 5, 160, (0, 20)
_SEED = 20264
_SHARD_SIZE = 10_000
_SHARED_SIZE = 1_000  # Of the shards that two share.
_LEVELS = {
    "png": (0, 1, 6, 9),
    "webp": (0, 1, 4),
    "jpeg": (75, 95),
    "raw": (None,),
}
_MEMORY_CODE = """
import sys
from image_sequence.datasets import write_dataset
count, kept_as, folder = int(sys.argv[1]), sys.argv[2], sys.argv[3]
recipe = {"count": count, "width": 160, "seed": 1, "format": kept_as}
write_dataset(recipe, folder, watch=None)
"""
_NOTE = (
    "*naive*: the classic algorithm, one picture at a time, each saved with `save_image`; *naive, "
    "encoded*: the same encoded by Pillow in memory, so that no file system is measured. One "
    "worker has one core. With two workers a second process is started, and that is measured, too."
)


def measured(*, quick: bool) -> Section:
    """Images a second of data sets and of the naive way, and peaks of memory."""
    count, rounds = 20_000, 3 if quick else 9
    with TemporaryDirectory() as name:
        folder = Path(name)
        with one_core():
            actions = _alone(folder, count, naive_count=500 if quick else 2_000)
            alone = interleaved(actions, rounds=rounds, title="datasets")
            formats = _formats(folder, 1_000 if quick else 5_000)
            encodings = _encodings(64 if quick else 512)
        shared = interleaved(_shared(folder, count, 1 if quick else 10), rounds=3, title="workers")
        memory = _memory(folder, 30_000 if quick else 1_000_000)
    figures = [*_speeds(alone, shared), *memory]
    return Section(
        part="datasets",
        title=f"{count:,} pictures of five digits, 160 px, in shards of {_SHARD_SIZE:,}",
        figures=figures,
        tables=[figure_table(figures), formats, encodings],
        notes=[_NOTE],
    )


def _alone(folder: Path, count: int, *, naive_count: int) -> dict[str, Callable[[], float]]:
    actions = {
        "webdataset": _writing(folder, _recipe(count)),
        "npz": _writing(folder, _recipe(count, format="npz")),
        "naive": _naive(folder, naive_count, saved=True),
        "naive, encoded": _naive(folder, naive_count, saved=False),
    }
    if _is_there("parquet"):
        recipe = _recipe(count, format="parquet", encoding="raw")
        actions["parquet, raw"] = _writing(folder, recipe)
    return actions


def _shared(folder: Path, count: int, times: int) -> dict[str, Callable[[], float]]:
    """One and two workers, for so many pictures and for so many times more."""
    return {
        f"{workers}, {factor}": _writing(
            folder, _recipe(factor * count, shard_size=_SHARED_SIZE), workers
        )
        for factor in sorted({1, times})
        for workers in (1, 2)
    }


def _speeds(alone: dict[str, Seconds], shared: dict[str, Seconds]) -> list[Figure]:
    images = {name: 1 / seconds for name, seconds in alone.items()}
    figures = [
        median("PNG in WebDataset shards, one worker", images["webdataset"], unit="images/s"),
        ratio("naive ÷ ours", alone["naive"], alone["webdataset"], at_least=5),
        ratio("naive, encoded ÷ ours", alone["naive, encoded"], alone["webdataset"]),
        median("npz", images["npz"], unit="images/s", at_least=30_000),
    ]
    if "parquet, raw" in images:
        figures.append(median("parquet, raw", images["parquet, raw"], unit="images/s"))
    for name in (name for name in shared if name.startswith("2")):
        factor = int(name.rpartition(" ")[2])
        what = "" if factor == 1 else f", {factor} times as many pictures"
        speed = 1 / shared[name]
        figures += [
            median(f"PNG in WebDataset shards, two workers{what}", speed, unit="images/s"),
            ratio(f"one worker ÷ two{what}", shared[f"1, {factor}"], shared[name], at_least=1.7),
        ]
    return figures


def _recipe(count: int, **more: Any) -> dict[str, Any]:
    labels = {"policy": "digits", "length": _DIGIT_COUNT}
    own = {"count": count, "labels": labels, "width": _WIDTH, "spacing": list(_SPACING)}
    return own | {"seed": _SEED, "shard_size": _SHARD_SIZE} | more


def _writing(folder: Path, recipe: dict[str, Any], workers: int = 1) -> Callable[[], float]:
    """An action: the seconds a picture takes in a data set, which is then taken away."""

    def measure() -> float:
        with _taken_away(folder / "digits") as place:
            begun = perf_counter()
            write_dataset(recipe, place, workers=workers, watch=None)
            return (perf_counter() - begun) / int(recipe["count"])

    return measure


def _naive(folder: Path, count: int, *, saved: bool) -> Callable[[], float]:
    """An action: the seconds a picture takes in the naive way."""
    naive = NaiveSequence(BundledDigits().load(), Configuration(), _SEED)
    saving = DigitSequence(seed=_SEED)
    rows = np.random.default_rng(_SEED).integers(0, 10, (count, _DIGIT_COUNT)).tolist()

    def measure() -> float:
        with _taken_away(folder / "naive") as place:
            begun = perf_counter()
            for digits in rows:
                picture = naive.picture(digits, _SPACING, _WIDTH)
                if saved:
                    saving.save_image(picture, digits, place)
                else:
                    Image.fromarray(as_levels(picture)).save(BytesIO(), "PNG")
            return (perf_counter() - begun) / count

    return measure


@contextmanager
def _taken_away(place: Path) -> Iterator[Path]:
    try:
        yield place
    finally:
        rmtree(place, ignore_errors=True)


def _formats(folder: Path, count: int) -> str:
    """Images a second and bytes of every format whose library is there, measured once."""
    rows = []
    for name in filter(_is_there, FORMATS):
        with _taken_away(folder / "digits") as place:
            begun = perf_counter()
            summary = write_dataset(_recipe(count, format=name), place, watch=None)
            speed = count / (perf_counter() - begun)
        encoding = summary.recipe.encoding.name
        rows.append((f"`{name}`", encoding, f"{speed:,.0f}", f"{summary.size / count:,.0f}"))
    return table(("format", "encoding", "images/s", "bytes a sample"), rows)


def _encodings(count: int) -> str:
    """Microseconds and bytes a picture of every encoding at several levels, grey and in colour."""
    rows = np.random.default_rng(_SEED).integers(0, 10, (count, _DIGIT_COUNT))
    batches = [
        DigitSequence(seed=_SEED, preset=preset).batch(rows, _SPACING, _WIDTH, dtype=np.uint8)
        for preset in ("classic", "colour")
    ]
    told = []
    for name, levels in _LEVELS.items():
        for level in levels:
            cells = chain.from_iterable(
                _encoding(Encoding(name, level), batch.images) for batch in batches
            )
            told.append((f"`{name}`", "" if level is None else str(level), *cells))
    return table(("encoding", "level", "grey", "", "preset `colour`", ""), told)


def _encoding(encoding: Encoding, images: Any) -> tuple[str, str]:
    seconds = timed(lambda: encoding.encoded(images))
    size = sum(map(len, encoding.encoded(images))) / len(images)
    fastest = min(seconds() for _ in range(3)) / len(images)
    return f"{fastest * 1e6:,.0f} µs", f"{size:,.0f} bytes"


def _is_there(name: str) -> bool:
    try:
        find_format(name).check()
    except LibraryError:
        return False
    return True


def _memory(folder: Path, count: int) -> list[Figure]:
    figures = []
    for kept_as in ("webdataset", "npz"):
        few, many = (_peak(folder, samples, kept_as) for samples in (10_000, count))
        what = f"peak memory of one worker over {count:,} samples, {kept_as}"
        figures += [
            Figure(name=what, value=many / 1e6, unit="MB", at_most=250),
            Figure(
                name=f"its growth from 10,000 samples, {kept_as}",
                value=(many - few) / 1e6,
                unit="MB",
                at_most=30,
            ),
        ]
    return figures


def _peak(folder: Path, count: int, kept_as: str) -> int:
    with _taken_away(folder / "digits") as place:
        command = ("-c", _MEMORY_CODE, str(count), kept_as, str(place))
        return run_python(*command, folder=folder).peak_bytes
