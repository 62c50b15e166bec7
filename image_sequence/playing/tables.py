"""What the page makes its controls of: the kinds of steps with their ranges, and the presets."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import floor, log10
from typing import Any

from image_sequence.composing.pipelines import PIPELINES, TRANSFORMS
from image_sequence.composing.resampling import RESAMPLES
from image_sequence.composing.spacing import SPACINGS
from image_sequence.playing.playground import Playground
from image_sequence.playing.wishes import LARGEST_WIDTH
from image_sequence.presets import PRESETS, preset_configuration
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.kinds import Kind, Parameter
from image_sequence.steps.line import BASELINE, DRIFT, SIZE, SLOPE
from image_sequence.steps.picture_kinds import MNIST_C, PAPER_KINDS, PICTURE_KINDS

_LEVELS = (Parameter("paper", "level", 0, 1, (1, 1)), Parameter("ink", "level", 0, 1, (0, 0)))
_FIRST_PRESET = "classic"
_FIRST_LABELS = 4
_TIMES_THE_USUAL = 3  # So far beyond the usual range a slider goes, in lengths of that range.
_SHARE_OF_LIMITS = 1 / 3  # So far a slider goes where nothing tells what is usual.
_POSITIONS = 200  # Of a slider, at most about twice as many.


def tables_of(playground: Playground) -> dict[str, Any]:
    """The tables as plain JSON values."""
    return {
        "labels": _first_labels(playground),
        "classes": list(playground.classes),
        "first": _FIRST_PRESET,
        "presets": {name: preset_configuration(name).to_dict() for name in PRESETS},
        "transforms": sorted([*TRANSFORMS, *PIPELINES]),
        "pipelines": PIPELINES,
        "spacings": list(SPACINGS),
        "resamples": list(RESAMPLES),
        "largest_width": LARGEST_WIDTH,
        "layout": [_parameter(parameter) for parameter in (SIZE, BASELINE, DRIFT, SLOPE)],
        "page": [_parameter(parameter) for parameter in _LEVELS],
        "panels": [
            _panel("Each glyph", ("image", "transform"), GLYPH_KINDS.values()),
            _panel("Bare paper", ("page", "paper_steps"), PAPER_KINDS.values()),
            _panel("The whole picture", ("page", "transform"), _picture_kinds(is_mnist_c=False)),
            _panel("As in MNIST-C", ("page", "transform"), _picture_kinds(is_mnist_c=True)),
        ],
    }


def _first_labels(playground: Playground) -> str:
    if playground.where is None:
        return "2026"
    first = playground.classes[:_FIRST_LABELS]
    return ("" if all(len(label) == 1 for label in first) else ", ").join(first)


def _picture_kinds(*, is_mnist_c: bool) -> list[Kind]:
    return [kind for kind in PICTURE_KINDS.values() if kind.name.startswith(MNIST_C) is is_mnist_c]


def _panel(title: str, path: tuple[str, str], kinds: Iterable[Kind]) -> dict[str, Any]:
    return {"title": title, "path": path, "kinds": [_kind(kind) for kind in kinds]}


def _kind(kind: Kind) -> dict[str, Any]:
    return {
        "name": kind.name,
        "summary": kind.summary,
        "moves": kind.move is not None,
        "parameters": [_parameter(parameter) for parameter in kind.parameters],
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    low, high, step = slider_of(parameter)
    return {
        "name": parameter.name,
        "unit": parameter.unit,
        "usual": parameter.usual,
        "low": low,
        "high": high,
        "step": step,
    }


def slider_of(parameter: Parameter) -> tuple[float, float, float]:
    """The ends of a slider on which the values that make sense can be told apart, and its step.

    Limits are far wider: up to 10,000 pixels. What lies beyond the slider can be typed.

    >>> slider_of(Parameter("quality", "quality", 1, 100, (15, 75), whole=True))
    (1.0, 100.0, 1.0)
    >>> slider_of(Parameter("distance", "pixels", 2, 10_000, (7, 14)))
    (2.0, 35.0, 0.1)
    """
    low, high = _reach(parameter)
    step = Decimal(1) if parameter.whole else _round_step((high - low) / _POSITIONS)
    # Sliders count their steps from their low end: a whole number of steps keeps values round.
    return float(_stepped(low, step, ROUND_CEILING)), float(_stepped(high, step)), float(step)


def _stepped(value: float, step: Decimal, rounding: str = ROUND_FLOOR) -> Decimal:
    return (Decimal(str(value)) / step).to_integral_value(rounding) * step


def _reach(parameter: Parameter) -> tuple[float, float]:
    low, high = parameter.usual
    beyond = _TIMES_THE_USUAL * (high - low)
    if low < high:
        return max(parameter.least, low - beyond), min(parameter.most, high + beyond)
    if low != 0:
        return parameter.least, min(parameter.most, low + _TIMES_THE_USUAL * abs(low))
    # Zero changes nothing, so the limits are all that tells the scale.
    is_level = parameter.least == 0
    share = 1 if is_level else _SHARE_OF_LIMITS
    return parameter.least * share, parameter.most * share


def _round_step(step: float) -> Decimal:
    """The nearest of 1, 2 and 5, times a power of ten, that is not above."""
    power = floor(log10(step))
    digit = max(digit for digit in (1, 2, 5) if digit <= step / 10**power + 1e-9)
    return Decimal(digit).scaleb(power)
