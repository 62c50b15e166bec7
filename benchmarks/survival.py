"""Whether data sets are the same however they are made: sizes, workers, kills."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.datasets import verify_dataset, write_dataset
from image_sequence.datasets.reading import records_of

_SEED = 20265
_COUNT = 30_000
_SHARD_SIZES = (100, 1_000, 7_777)
_WORKERS = (1, 2, 4)
_MOST_RUNS = 400
_LONGEST_LIFE = 1.0  # Seconds; a run takes some three, its start half a one.


def measured(*, quick: bool) -> Section:
    """Data sets made in all those ways, compared file by file and record by record."""
    count, kill_count = (4_000, 4) if quick else (_COUNT, 30)
    with TemporaryDirectory() as name:
        folder = Path(name)
        figures = [*_same(folder, count), *_killed(folder, kill_count)]
    return Section(
        part="survival",
        title=f"{count:,} samples of three to eight digits, made in many ways",
        figures=figures,
    )


def _recipe(count: int, shard_size: int) -> dict[str, Any]:
    labels = {"policy": "digits", "length": [3, 8]}
    own = {"count": count, "labels": labels, "width": 256, "seed": _SEED}
    return own | {"shard_size": shard_size}


def _same(folder: Path, count: int) -> Iterator[Figure]:
    """How many other data sets there are of each shard size, and of samples in all."""
    samples = set()
    for shard_size in _SHARD_SIZES:
        files = set()
        for workers in _WORKERS:
            place = folder / f"{shard_size}-{workers}"
            write_dataset(_recipe(count, shard_size), place, workers=workers, watch=None)
            files.add(_digest_of_files(place))
            samples.add(_digest_of_records(place))
        name = f"different data sets in shards of {shard_size:,} by 1, 2 and 4 workers"
        yield Figure(name=name, value=len(files), at_least=1, at_most=1)
    name = "different sets of records among all of these"
    yield Figure(name=name, value=len(samples), at_least=1, at_most=1)


def _killed(folder: Path, kill_count: int) -> Iterator[Figure]:
    """What a data set lacks whose making was killed again and again, by SIGKILL."""
    recipe = folder / "recipe.json"
    recipe.write_text(json.dumps(_recipe(_COUNT, 250)))
    place = folder / "killed"
    kills = _kill_again_and_again(recipe, place, kill_count)
    undisturbed = folder / "undisturbed"
    write_dataset(recipe, undisturbed, watch=None)
    report = verify_dataset(place, remade=250)
    texts = [record["index"] for record in records_of(place) or ()]
    yield Figure(name="kills at random moments", value=kills, at_least=kill_count)
    yield Figure(name="samples lost", value=_COUNT - len(set(texts)), at_most=0)
    yield Figure(name="samples doubled", value=len(texts) - len(set(texts)), at_most=0)
    yield Figure(name="samples changed", value=len(report.problems), at_most=0)
    same = _digest_of_files(place) == _digest_of_files(undisturbed)
    yield Figure(
        name="files or bytes that differ from an undisturbed run", value=not same, at_most=0
    )


def _kill_again_and_again(recipe: Path, place: Path, kill_count: int) -> int:
    rng, kills = random.Random(_SEED), 0  # noqa: S311  # moments, no secrets
    for _ in range(_MOST_RUNS):
        command = [sys.executable, "-m", "image_sequence", "dataset", str(recipe)]
        workers = str(rng.choice((1, 2)))
        run = subprocess.Popen(  # noqa: S603  # ourselves
            [*command, "--out", str(place), "--workers", workers],
            stdout=subprocess.DEVNULL,
        )
        with suppress(subprocess.TimeoutExpired):
            run.wait(rng.uniform(0.0, _LONGEST_LIFE) if kills < kill_count else None)
        kills += run.poll() is None
        run.kill()
        if run.wait() == 0:
            return kills
        if not list(place.glob("*.tar")) or kills >= kill_count:
            continue
        # What would be lost if the last run were the last one.
        if verify_dataset(place).problems:
            raise RuntimeError("a killed run left a shard that is not sound")
    raise RuntimeError(f"{_MOST_RUNS} runs did not finish the data set")


def _digest_of_files(place: Path) -> str:
    digest = sha256()
    for path in sorted(path for path in place.rglob("*") if path.is_file()):
        digest.update(path.relative_to(place).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _digest_of_records(place: Path) -> str:
    digest = sha256()
    for record in records_of(place) or ():
        digest.update(json.dumps(record).encode())
    return digest.hexdigest()
