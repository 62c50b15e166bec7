"""Where the time of a batch goes: NumPy's renderer, function by function."""

import cProfile
import pstats
from pathlib import Path

from image_sequence.benchmarks.cases import FULL, all_cases
from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.benchmarks.ways import ours

_BATCHES = 10
_LEAST_SHARE = 0.02  # Of the whole; what is less is not worth a line.


def measured(*, quick: bool) -> Section:
    """Microseconds a picture that each function takes itself, without those it calls."""
    case = all_cases(FULL)[0]
    make = ours(case, "numpy")
    make()  # Weights and glyphs are made once.
    profile = cProfile.Profile()
    count = 2 if quick else _BATCHES
    for _ in range(count):
        profile.runcall(make)
    return Section(
        part="stages",
        title=f"{case.name}, batches of {case.batch_size:,} by NumPy, under Python's profiler",
        figures=_figures(pstats.Stats(profile), count * case.batch_size),
        notes=(
            (
                "`apply` is the matrix products, `_resize` the division and storing, `_lay_out` "
                "moves glyphs to their places, `_glyphs` gathers them, `_clip` is NumPy's."
            ),
        ),
    )


def _figures(stats: pstats.Stats, picture_count: int) -> list[Figure]:
    own = {place: times[2] for place, times in stats.stats.items()}
    least = _LEAST_SHARE * sum(own.values())
    return [
        Figure(name=_name(*place), value=1e6 * seconds / picture_count, unit="µs")
        for place, seconds in sorted(own.items(), key=lambda item: -item[1])
        if seconds > least
    ]


def _name(path: str, _line: int, function: str) -> str:
    return function if path == "~" else f"{Path(path).stem}: {function}"
