"""How long a million glyphs in a plain IDX file take to open, and what memory."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.processes import run_python
from image_sequence.benchmarks.figures import Section
from image_sequence.benchmarks.timing import median

_COUNT = 1_000_000
_SIDE = 28
_CODE = """
import json, resource, sys, time
import image_sequence
unit = 1 if sys.platform == "darwin" else 1024
start = time.perf_counter()
bank = image_sequence.IdxFolder("million").load()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
generator = image_sequence.DigitSequence(source=bank, seed=1)
image = generator.generate_numbers_sequence(range(10), (0, 20), 390)
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(json.dumps([seconds, peak, used]))
"""


def measured(*, quick: bool) -> Section:
    """Times and peaks of fresh processes that open the same made-up file."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder / "million")
        rows = np.array(
            [
                json.loads(run_python("-c", _CODE, folder=folder).output)
                for _ in range(4 if quick else 10)
            ][1:]
        )
    return Section(
        part="million",
        title=f"{_COUNT:,} made-up glyphs of 28 x 28 in a plain IDX file, in fresh processes",
        figures=[
            median("from disk to a GlyphBank", rows[:, 0], unit="s", at_most=2),
            median("peak resident memory then", rows[:, 1], unit="MB", scale=1e-6, at_most=150),
            median("peak after a first picture", rows[:, 2], unit="MB", scale=1e-6),
        ],
    )


def _write(folder: Path) -> None:
    """Without holding all of it: a process's peak is handed down to those it starts."""
    folder.mkdir()
    rng = np.random.Generator(np.random.Philox(1))
    with (folder / "train-images-idx3-ubyte").open("wb") as file:
        file.write(bytes([0, 0, 8, 3]) + np.array([_COUNT, _SIDE, _SIDE], ">u4").tobytes())
        for _ in range(100):
            file.write(rng.bytes(_COUNT // 100 * _SIDE * _SIDE))
    with (folder / "train-labels-idx1-ubyte").open("wb") as file:
        file.write(bytes([0, 0, 8, 1]) + np.array([_COUNT], ">u4").tobytes())
        file.write(rng.integers(0, 10, _COUNT, np.uint8).tobytes())
