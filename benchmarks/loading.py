"""How long the digits take to load in a fresh process, and what that costs in memory."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tqdm import trange

from benchmarks.places import FULL_MNIST
from benchmarks.processes import run_python
from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.benchmarks.timing import Seconds, median

_CODE = """
import json, resource, sys, time
import image_sequence
unit = 1 if sys.platform == "darwin" else 1024
peak_before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.perf_counter()
bank = {source}.load()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
kept = bank.images.nbytes + bank.labels.nbytes
print(json.dumps([seconds, (peak - peak_before) * unit, kept, len(bank.images)]))
"""


def measured(*, quick: bool) -> Section:
    """Load times of the bundled digits and, where they lie beside the checkout, of all of MNIST."""
    with TemporaryDirectory() as name:
        figures = _bundled(Path(name), rounds=9 if quick else 41)
        notes = []
        if FULL_MNIST.is_dir():
            figures += _full(Path(name), rounds=3 if quick else 11)
        else:
            notes.append(f"The full data set was not measured: {FULL_MNIST} is not there.")
    return Section(
        part="loading",
        title="from disk to a GlyphBank, each time in a fresh process, files cached by the system",
        figures=figures,
        notes=notes,
    )


def _bundled(folder: Path, *, rounds: int) -> list[Figure]:
    loads = _loads("image_sequence.BundledDigits()", folder, rounds)
    return [
        median(
            f"the bundled digits, {loads[0, 3]:,.0f} from gzip",
            loads[:, 0],
            unit="ms",
            scale=1e3,
            at_most=60,
        )
    ]


def _full(folder: Path, *, rounds: int) -> list[Figure]:
    loads = _loads(f"image_sequence.IdxFolder({str(FULL_MNIST)!r})", folder, rounds)
    return [
        median(
            f"MNIST's training half, {loads[0, 3]:,.0f} from gzip",
            loads[:, 0],
            unit="s",
            at_most=1,
        ),
        Figure(
            name="growth of its peak memory beyond its arrays",
            value=float((loads[:, 1] - loads[:, 2]).max()) / 1e6,
            unit="MB",
            at_most=60,
        ),
    ]


def _loads(source: str, folder: Path, rounds: int) -> Seconds:
    """A row a process: seconds, growth of the peak in bytes, bytes kept, glyph count."""
    rows = [
        json.loads(run_python("-c", _CODE.format(source=source), folder=folder).output)
        for _ in trange(rounds + 1, desc="loading", unit="process", leave=False, disable=None)
    ]
    # The first process finds files that the system may not have cached.
    return np.array(rows[1:], np.float64)
