"""The eight configurations: how long a picture takes in each, in four ways."""

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure, Section, rounded, table
from benchmarks.timing import Seconds, interleaved, median, ratio
from benchmarks.ways import (
    BATCH,
    BATCH_SIZE,
    COPY,
    DIGITS,
    IMAGE_WIDTHS,
    NAIVE,
    ONE_CALL,
    WAYS,
    actions,
    naive_difference,
)
from image_sequence.config import Configuration

_RATIOS = ((NAIVE, ONE_CALL), (NAIVE, BATCH), (BATCH, COPY))
_SAME_PIXELS = 1e-6
_NOTE = (
    f"*one call*: `generate_numbers_sequence`, again and again. *batch*: {BATCH_SIZE} samples "
    f"through `Composer.plan` and `render`. *naive*: the classic algorithm, `benchmarks/naive.py`. "
    f"*copy*: copying a finished float32 batch of the same shape into memory that is there. "
    f"The ways take turns; medians, and for the ratios, taken turn by turn, their quartiles too."
)


def measured(*, quick: bool) -> Section:
    """Microseconds a picture and ratios of them, and whether the naive way makes the same."""
    seconds = {each: _seconds(each, quick=quick) for each in _configurations()}
    times = {each: _times(each, by_way) for each, by_way in seconds.items()}
    ratios = {each: _ratios(each, by_way) for each, by_way in seconds.items()}
    same = [_same_pixels(each) for each in seconds if not each.transform]
    widths = ", ".join(f"{width} px {name}" for name, width in IMAGE_WIDTHS.items())
    return Section(
        part="configurations",
        title=f"{len(DIGITS)} digits, {widths}",
        figures=[*same, *(figure for row in (*times.values(), *ratios.values()) for figure in row)],
        tables=(_time_table(times), _ratio_table(ratios)),
        notes=(_NOTE, _sameness(same)),
    )


def _configurations() -> list[Configuration]:
    choices = product((False, True), ("fixed", "variable"), ("edge", "between"))
    return [Configuration(*choice) for choice in choices]


def _seconds(configuration: Configuration, *, quick: bool) -> dict[str, Seconds]:
    rounds = (3 if quick else 15) if configuration.transform else (7 if quick else 41)
    with TemporaryDirectory() as folder:
        return interleaved(
            actions(configuration, Path(folder)), rounds=rounds, title=_name(configuration)
        )


def _times(configuration: Configuration, seconds: Mapping[str, Seconds]) -> list[Figure]:
    return [
        median(f"{_name(configuration)}: {way}", seconds[way], unit="µs", scale=1e6) for way in WAYS
    ]


def _ratios(configuration: Configuration, seconds: Mapping[str, Seconds]) -> list[Figure]:
    return [
        ratio(f"{_name(configuration)}: {above} ÷ {below}", seconds[above], seconds[below])
        for above, below in _RATIOS
    ]


def _same_pixels(configuration: Configuration) -> Figure:
    # Ratios mean something only if both make the same pictures.
    return Figure(
        name=f"{_name(configuration)}: largest difference of naive and ours, same plan",
        value=naive_difference(configuration),
        at_most=_SAME_PIXELS,
    )


def _sameness(same: Sequence[Figure]) -> str:
    largest = max(figure.value for figure in same)
    return (
        f"Largest difference of a pixel, 0 … 1, between the naive way and ours for the same plan, "
        f"without transform: {rounded(largest)}."
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
