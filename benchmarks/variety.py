"""Variety: what steps, lines, overlaps and pages cost, and whether they do what they say.

The times are those of one core. All else depends on seeds alone: whether drawn values follow their
laws, whether ink touches where it should, and how far the truth is from the pixels.
"""

from dataclasses import dataclass

from benchmarks.variety_laws import SEED, law_figures
from benchmarks.variety_times import time_ratios, time_table, times_by_kind
from benchmarks.variety_truth import touching_figures, truth_figures
from image_sequence.benchmarks.figures import Section, figure_table
from image_sequence.benchmarks.timing import one_core


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured.

    Attributes:
        batch_size: how many pictures a turn makes.
        imgaug_batch_size: the same where imgaug takes milliseconds a picture.
        rounds: how many turns ours and imgaug have.
        times_rounds: how many turns each kind of variety has.
        drawn: how many values each law is tested with.
        touching: how many pictures are looked at for ink that touches.
        configurations: how many random ones the truth is checked in.
    """

    batch_size: int
    imgaug_batch_size: int
    rounds: int
    times_rounds: int
    drawn: int
    touching: int
    configurations: int


FULL = Sizes(
    batch_size=256,
    imgaug_batch_size=64,
    rounds=41,
    times_rounds=11,
    drawn=100_000,
    touching=10_000,
    configurations=2_000,
)
QUICK = Sizes(
    batch_size=64,
    imgaug_batch_size=16,
    rounds=5,
    times_rounds=3,
    drawn=20_000,
    touching=500,
    configurations=100,
)


def measured(*, quick: bool) -> Section:
    """Ratios and times on one core, tests of laws, counts of touching ink, distances of truth."""
    sizes = QUICK if quick else FULL
    with one_core() as is_one_core:
        ratios = time_ratios(
            batch_size=sizes.batch_size,
            imgaug_batch_size=sizes.imgaug_batch_size,
            rounds=sizes.rounds,
        )
        times = times_by_kind(batch_size=sizes.batch_size, rounds=sizes.times_rounds)
    checked = [
        *ratios,
        *law_figures(sizes.drawn),
        *touching_figures(sizes.touching),
        *truth_figures(sizes.configurations),
    ]
    where = "on one core" if is_one_core else "on all cores, since this system binds none"
    return Section(
        part="variety",
        title=f"10 digits to 390 px, float32, batches of {sizes.batch_size}, {where}; "
        f"{sizes.drawn:,} values for each law, seed {SEED}",
        figures=[*checked, *(figure for row in times.values() for figure in row)],
        tables=(figure_table(checked), time_table(times)),
        notes=_NOTES,
    )


_NOTES = (
    (
        "*naive* is the classic transform by imgaug, one picture and one digit at a time "
        "(`image_sequence/benchmarks/naive.py`); *imgaug in batches* is `transform=True`."
    ),
    (
        "Of a family of tests the smallest p is shown, and in brackets what was tested; the bound "
        "holds for each single test. Gaps and whole numbers are tested by chi-square, other values "
        "by Kolmogorov and Smirnov, whether steps take place by the binomial distribution."
    ),
)
