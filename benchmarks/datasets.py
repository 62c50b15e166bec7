"""How fast data sets are written, beside the naive way, and what memory that takes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
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
from image_sequence.benchmarks.timing import Seconds, interleaved, median, one_core, ratio
from image_sequence.config import Configuration
from image_sequence.datasets import write_dataset
from image_sequence.datasets.formats.known import FORMATS, find_format
from image_sequence.errors import LibraryError

_DIGIT_COUNT, _WIDTH, _SPACING = 5, 160, (0, 20)
_SEED = 20264
_SHARD_SIZE = 1_000
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
    "worker has one core. Two workers are compared with one at ten times as many pictures, their "
    "starts included."
)


def measured(*, quick: bool) -> Section:
    """Images a second of data sets and of the naive way, and peaks of memory."""
    count, rounds = (4_000, 3) if quick else (20_000, 7)
    with TemporaryDirectory() as name:
        folder = Path(name)
        with one_core():
            alone = interleaved(_alone(folder, count), rounds=rounds, title="datasets")
            formats = _formats(folder, 1_000 if quick else 5_000)
        shared = interleaved(_shared(folder, 10 * count), rounds=3, title="workers")
        memory = _memory(folder, 100_000 if quick else 1_000_000)
    figures = [*_speeds(alone, shared), *memory]
    return Section(
        part="datasets",
        title=f"{count:,} pictures of five digits, 160 px, in shards of {_SHARD_SIZE:,}",
        figures=figures,
        tables=[figure_table(figures), formats],
        notes=[_NOTE],
    )


def _alone(folder: Path, count: int) -> dict[str, Callable[[], float]]:
    naive = count // 10
    actions = {
        "webdataset": _writing(folder, _recipe(count)),
        "npz": _writing(folder, _recipe(count, format="npz")),
        "naive": _naive(folder, naive, saved=True),
        "naive, encoded": _naive(folder, naive, saved=False),
    }
    if _is_there("parquet"):
        recipe = _recipe(count, format="parquet", encoding="raw")
        actions["parquet, raw"] = _writing(folder, recipe)
    return actions


def _shared(folder: Path, count: int) -> dict[str, Callable[[], float]]:
    return {str(workers): _writing(folder, _recipe(count), workers) for workers in (1, 2)}


def _speeds(alone: dict[str, Seconds], shared: dict[str, Seconds]) -> list[Figure]:
    images = {name: 1 / seconds for name, seconds in alone.items()}
    raw = [name for name in ("npz", "parquet, raw") if name in images]
    return [
        median("PNG in WebDataset shards, one worker", images["webdataset"], unit="images/s"),
        ratio("naive ÷ ours", alone["naive"], alone["webdataset"], at_least=5),
        ratio("naive, encoded ÷ ours", alone["naive, encoded"], alone["webdataset"]),
        *(median(name, images[name], unit="images/s", at_least=30_000) for name in raw),
        median("PNG in WebDataset shards, two workers", 1 / shared["2"], unit="images/s"),
        ratio("one worker ÷ two", shared["1"], shared["2"], at_least=1.7),
    ]


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
