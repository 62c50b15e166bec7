"""What variety costs: ratios to imgaug's times, and the time of each kind by each renderer."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from image_sequence.benchmarks.cases import Case
from image_sequence.benchmarks.figures import Figure, rounded, table
from image_sequence.benchmarks.timing import Seconds, interleaved, median, ratio
from image_sequence.benchmarks.ways import NAIVE, naively, ours
from image_sequence.config import Configuration
from image_sequence.presets import PRESETS, preset_configuration

STEPS: list[Any] = [
    {"affine": {"rotate": [-10, 10], "shear": [-15, 15], "scale": [0.85, 1.1]}},
    {"stroke": {"width": [-1, 1]}},
    {"blur": {"sigma": [0, 0.8]}},
]
LINE = {"size": [0.7, 1.2], "baseline": [-2, 2], "drift": [-1, 1], "slope": [-3, 3]}

_IMGAUG = "imgaug in batches"
_NAIVE_AT_LEAST = {"affine, stroke, blur": 12, "classic-native": 8}


def renderers() -> tuple[str, ...]:
    """The renderers that are timed: numba's where it is installed."""
    return ("numpy", "numba") if find_spec("numba") else ("numpy",)


def _case(configuration: Configuration, batch_size: int) -> Case:
    # Ten digits and gaps of 12 at most: what is padded to 390 pixels fits as well.
    spacing_range = (-10, 10) if configuration.overlap else (0, 20)
    if configuration.canvas.fit == "pad":
        spacing_range = spacing_range[0], 10
    return Case(
        configuration=configuration,
        digit_count=10,
        spacing_range=spacing_range,
        image_width=390,
        dtype="float32",
        batch_size=batch_size,
        rounds=1,
    )


def time_ratios(*, batch_size: int, imgaug_batch_size: int, rounds: int) -> list[Figure]:
    """The time of the naive way and of imgaug in batches, by ours, in so many rounds."""
    own: dict[str, Any] = {"affine, stroke, blur": STEPS, "classic-native": "classic-native"}
    imgaug = _case(Configuration(transform=True), imgaug_batch_size)
    actions = {NAIVE: naively(imgaug), _IMGAUG: ours(imgaug, "numpy")}
    for renderer in renderers():
        for name, transform in own.items():
            case = _case(Configuration(transform=transform), batch_size)
            actions[f"{name}, {renderer}"] = ours(case, renderer)
    seconds = interleaved(actions, rounds=rounds, title="variety, transforms")
    return [
        ratio(f"time of {above} ÷ of {name}", seconds[above], seconds[name], at_least=bound)
        for name in list(actions)[2:]
        for above, bound in ((NAIVE, _NAIVE_AT_LEAST[name.rpartition(", ")[0]]), (_IMGAUG, None))
    ]


def _varieties() -> dict[str, Configuration]:
    return {
        "nothing but gaps": Configuration(),
        "overlap": Configuration(overlap=True),
        "measure ink": Configuration(measure="ink"),
        "layout": Configuration(layout=LINE),
        "page of noisy-scan": Configuration(page=preset_configuration("noisy-scan").page),
        "affine, stroke, blur": Configuration(transform=STEPS),
        **{f"preset {name}": preset_configuration(name) for name in PRESETS},
    }


def times_by_kind(*, batch_size: int, rounds: int) -> dict[str, list[Figure]]:
    """Microseconds a picture of each kind of variety, by each renderer."""
    actions = {
        f"{name}, {renderer}": ours(_case(configuration, batch_size), renderer)
        for name, configuration in _varieties().items()
        for renderer in renderers()
    }
    seconds = interleaved(actions, rounds=rounds, title="variety, kinds")
    return {
        name: [_microseconds(f"{name}, {r}", seconds) for r in renderers()] for name in _varieties()
    }


def _microseconds(name: str, seconds: Mapping[str, Seconds]) -> Figure:
    return median(name, seconds[name], unit="µs", scale=1e6)


def time_table(times: Mapping[str, list[Figure]]) -> str:
    """What `times_by_kind` found, as Markdown: a row a kind, a column a renderer."""
    heads = ("what varies", *(f"{renderer}, µs a picture" for renderer in renderers()))
    rows = [
        (name, *(f"{rounded(figure.value)} ({figure.spread})" for figure in row))
        for name, row in times.items()
    ]
    return table(heads, rows)
