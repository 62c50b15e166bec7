"""Four ways to the same pictures: ours one by one and in batches, the naive way, a bare copy."""

from dataclasses import replace

from image_sequence.benchmarks import ways
from image_sequence.benchmarks.cases import Case
from image_sequence.benchmarks.figures import Figure
from image_sequence.benchmarks.ways import COPY, NAIVE, Action
from image_sequence.config import Configuration

# 379 = 280 + 9 * 11 = 280 + 11 * 9: equal gaps with edges and without.
IMAGE_WIDTHS = {"fixed": 379, "variable": 390}
DIGIT_COUNT = 10
BATCH_SIZE = 256

ONE_CALL, BATCH = "one call", "batch"
WAYS = (ONE_CALL, BATCH, NAIVE, COPY)

_RENDERER = "numpy"  # "auto" would compile in the middle of it.


def case_of(configuration: Configuration, *, rounds: int) -> Case:
    """The pictures to make of a configuration."""
    return Case(
        configuration=configuration,
        digit_count=DIGIT_COUNT,
        spacing_range=(0, 20),
        image_width=IMAGE_WIDTHS[configuration.spacing_type],
        dtype="float32",
        batch_size=BATCH_SIZE,
        rounds=rounds,
        renderers=(_RENDERER,),
    )


def actions(case: Case) -> dict[str, Action]:
    """For each way a function that makes pictures and returns the seconds of one picture."""
    # imgaug takes milliseconds a picture, so a few of them are enough to time.
    one_call_count, naive_count = (32, 16) if case.configuration.transform else (256, 256)
    return {
        ONE_CALL: ways.ours(replace(case, one_call=True, batch_size=one_call_count), _RENDERER),
        BATCH: ways.ours(case, _RENDERER),
        NAIVE: ways.naively(replace(case, batch_size=naive_count)),
        COPY: ways.copies(case)[COPY],
    }


def pixel_difference(case: Case) -> Figure:
    """How far our pixels are from the naive way's for the same plan."""
    return ways.pixel_difference(case, _RENDERER, BATCH_SIZE)
