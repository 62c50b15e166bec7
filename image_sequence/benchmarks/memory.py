"""Whether a stream keeps anything of the batches that are done with."""

import os
import sys
from itertools import islice
from pathlib import Path

import numpy as np

from image_sequence.benchmarks.figures import Figure
from image_sequence.generator import DigitSequence

_SEED = 20_263
_GROWTH_MEGABYTES = 20.0
_WARM_BATCHES = 8  # By then what is made once is made, such as weights for each width of strip.
_STATM = Path("/proc/self/statm")


def stream_growth(*, renderer: str, sample_count: int, batch_size: int) -> Figure | None:
    """How much memory a stream of so many samples takes beyond its first batches.

    Returns:
        The figure, or None where the system does not tell how much is resident.
    """
    from tqdm import tqdm

    batch_count = max(-(-sample_count // batch_size), _WARM_BATCHES)
    batches = DigitSequence(seed=_SEED, renderer=renderer).stream(
        lambda rng: rng.integers(0, 9, 5), (0, 10), 160, batch_size=batch_size, dtype=np.uint8
    )
    sizes = [
        resident_bytes()
        for _ in tqdm(
            islice(batches, batch_count),
            desc=f"stream, {renderer}",
            total=batch_count,
            unit="batch",
            leave=False,
            disable=None,
        )
    ]
    first, last = sizes[_WARM_BATCHES - 1], sizes[-1]
    if first is None or last is None:
        return None
    return Figure(
        name=f"growth of memory over a stream of {batch_count * batch_size:,} samples, {renderer}",
        value=(last - first) / 1e6,
        unit="MB",
        at_most=_GROWTH_MEGABYTES,
    )


def resident_bytes() -> int | None:
    """This process's memory in use; where there is no /proc, the most there ever was, if known."""
    if _STATM.exists():
        return int(_STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:  # Windows.
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
