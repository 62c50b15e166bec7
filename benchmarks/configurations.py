"""The eight configurations: how long a picture takes in each, in four ways."""

from collections.abc import Mapping, Sequence
from itertools import product

from benchmarks.ways import (
    BATCH,
    BATCH_SIZE,
    DIGIT_COUNT,
    IMAGE_WIDTHS,
    ONE_CALL,
    WAYS,
    actions,
    case_of,
    pixel_difference,
)
from image_sequence.benchmarks.figures import Figure, Section, rounded, table
from image_sequence.benchmarks.timing import Seconds, interleaved, median, ratio
from image_sequence.benchmarks.ways import COPY, NAIVE
from image_sequence.config import Configuration

_RATIOS = ((NAIVE, ONE_CALL), (NAIVE, BATCH), (BATCH, COPY))
_NOTE = (
    f"*one call*: `generate_numbers_sequence`, again and again. *batch*: {BATCH_SIZE} samples "
    f"through `batch`, both drawn by NumPy. *naive*: the classic algorithm, "
    f"`image_sequence/benchmarks/naive.py`. *copy*: copying a finished float32 batch of the same "
    f"shape into memory that is there. The ways take turns; medians, and for the ratios, taken "
    f"turn by turn, their quartiles too."
)


def measured(*, quick: bool) -> Section:
    """Microseconds a picture and ratios of them, and whether the naive way makes the same."""
    seconds = {each: _seconds(each, quick=quick) for each in _configurations()}
    times = {each: _times(each, by_way) for each, by_way in seconds.items()}
    ratios = {each: _ratios(each, by_way) for each, by_way in seconds.items()}
    same = [pixel_difference(case_of(each, rounds=1)) for each in seconds if not each.transform]
    widths = ", ".join(f"{width} px {name}" for name, width in IMAGE_WIDTHS.items())
    return Section(
        part="configurations",
        title=f"{DIGIT_COUNT} digits, {widths}",
        figures=[*same, *(figure for row in (*times.values(), *ratios.values()) for figure in row)],
        tables=(_time_table(times), _ratio_table(ratios)),
        notes=(_NOTE, _sameness(same)),
    )


def _configurations() -> list[Configuration]:
    choices = product((False, True), ("fixed", "variable"), ("edge", "between"))
    return [Configuration(*choice) for choice in choices]


def _seconds(configuration: Configuration, *, quick: bool) -> dict[str, Seconds]:
    rounds = (3 if quick else 15) if configuration.transform else (7 if quick else 41)
    case = case_of(configuration, rounds=rounds)
    return interleaved(actions(case), rounds=rounds, title=_name(configuration))


def _times(configuration: Configuration, seconds: Mapping[str, Seconds]) -> list[Figure]:
    return [
        median(f"{_name(configuration)}: {way}", seconds[way], unit="µs", scale=1e6) for way in WAYS
    ]


def _ratios(configuration: Configuration, seconds: Mapping[str, Seconds]) -> list[Figure]:
    return [
        ratio(f"{_name(configuration)}: {above} ÷ {below}", seconds[above], seconds[below])
        for above, below in _RATIOS
    ]


def _sameness(same: Sequence[Figure]) -> str:
    largest = max(figure.value for figure in same)
    return (
        f"Largest difference of a pixel between the naive way and ours for the same plan, without "
        f"transform: {rounded(largest)} of 255 levels."
    )


def _time_table(times: Mapping[Configuration, Sequence[Figure]]) -> str:
    heads = (*_HEADS, *(f"{way}, µs" for way in WAYS), *(f"{way}, images/s" for way in WAYS))
    rows = [
        (
            *_cells(configuration),
            *(rounded(figure.value) for figure in row),
            *(rounded(1e6 / figure.value) for figure in row),
        )
        for configuration, row in times.items()
    ]
    return table(heads, rows)


def _ratio_table(ratios: Mapping[Configuration, Sequence[Figure]]) -> str:
    heads = (*_HEADS, *(f"{above} ÷ {below}" for above, below in _RATIOS))
    rows = [
        (
            *_cells(configuration),
            *(f"{rounded(figure.value)} ({figure.spread})" for figure in row),
        )
        for configuration, row in ratios.items()
    ]
    return table(heads, rows)


_HEADS = ("transform", "type", "subtype")


def _cells(configuration: Configuration) -> tuple[str, str, str]:
    transform = "on" if configuration.transform else "off"
    return transform, configuration.spacing_type, configuration.spacing_subtype


def _name(configuration: Configuration) -> str:
    return f"transform {', '.join(_cells(configuration))}"
