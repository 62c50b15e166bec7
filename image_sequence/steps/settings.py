"""Steps from a configuration: what JSON says, checked, with errors that name step and place."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from math import inf
from typing import Any, NoReturn

import numpy as np

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.steps.kinds import Kind, Parameter
from image_sequence.steps.pipeline import PER, Pipeline, Step

RANDOM_ORDER = "random_order"
_OPTIONS = ("p", "per", "spread")
_NEAR = 0.75  # How alike names are, from 0 to 1, where one may be meant by the other.


def pipeline_of(settings: object, kinds: Mapping[str, Kind], where: str) -> Pipeline:
    """The pipeline that a list of steps describes.

    Args:
        settings: a list; each element is the name of a step, `{"name": {"parameter": [low, high]}}`
            with "p", "per" and "spread" beside the parameters, or `{"random_order": [steps]}`.
        kinds: the steps there are, by name.
        where: what errors call the list, such as "image.transform".

    Raises:
        ArgumentTypeError, ArgumentValueError: it cannot be used.
    """
    steps: list[Step] = []
    shuffled = []
    for number, item in enumerate(_listed(settings, kinds, where)):
        place = f"{where}[{number}]"
        name, choices = _named(item, kinds, place)
        if name == RANDOM_ORDER:
            group = _shuffled_steps(choices, kinds, f"{place}.{RANDOM_ORDER}")
            shuffled.append((len(steps), len(steps) + len(group)))
            steps += group
        else:
            steps.append(step_of(choices, kinds[name], f"{place}.{name}"))
    return Pipeline(tuple(steps), tuple(shuffled))


def _shuffled_steps(settings: object, kinds: Mapping[str, Kind], where: str) -> list[Step]:
    steps = []
    for number, item in enumerate(_listed(settings, kinds, where)):
        place = f"{where}[{number}]"
        name, choices = _named(item, kinds, place)
        if name == RANDOM_ORDER:
            raise ArgumentValueError(f"{place}: a {RANDOM_ORDER} holds no other {RANDOM_ORDER}")
        steps.append(step_of(choices, kinds[name], f"{place}.{name}"))
    if not steps:
        raise ArgumentValueError(f"{where} is empty; it holds one step or more")
    return steps


def _listed(settings: object, kinds: Mapping[str, Kind], where: str) -> Sequence[object]:
    if isinstance(settings, (list, tuple)):
        return settings
    raise ArgumentTypeError(
        f'{where} is a list of steps such as [{{"{next(iter(kinds))}": {{}}}}], '
        f"not {shown(settings)}"
    )


def step_of(settings: object, kind: Kind, where: str) -> Step:
    """One step; see `pipeline_of`.

    Raises:
        ArgumentTypeError, ArgumentValueError: it cannot be used.
    """
    if not isinstance(settings, dict):
        raise ArgumentTypeError(f"{where} is an object of parameters, not {shown(settings)}")
    names = [parameter.name for parameter in kind.parameters]
    unknown = [key for key in settings if key not in (*names, *_OPTIONS)]
    if unknown:
        raise ArgumentValueError(
            f"{where} has no parameter {shown(unknown[0])}; it has {', '.join([*names, *_OPTIONS])}"
        )
    ranges = {
        parameter.name: checked_range(
            settings.get(parameter.name, parameter.usual), parameter, f"{where}.{parameter.name}"
        )
        for parameter in kind.parameters
    }
    p = _share(settings.get("p", 1.0), f"{where}.p")
    per = settings.get("per", "glyph")
    if not isinstance(per, str) or per not in PER:
        raise ArgumentValueError(f"{where}.per is 'glyph' or 'sequence', not {shown(per)}")
    if "spread" in settings and per == "glyph":
        raise ArgumentValueError(
            f'{where}.spread goes with "per": "sequence"; per glyph each has its own value'
        )
    return Step(kind, ranges, p, per, _share(settings.get("spread", 0.0), f"{where}.spread"))


def checked_range(value: object, parameter: Parameter, where: str) -> tuple[float, float]:
    """A range from a number, or from the least and the largest value.

    Raises:
        ArgumentTypeError: something else.
        ArgumentValueError: beyond the parameter's limits, or the larger number first.
    """
    ends = value if isinstance(value, (list, tuple)) else (value, value)
    if len(ends) != 2 or not all(map(is_number, ends)):
        raise ArgumentTypeError(
            f"{where} is a number or a pair of numbers, [least, largest], not {shown(value)}"
        )
    low, high = ends
    if not parameter.least <= low <= high <= parameter.most:
        raise ArgumentValueError(
            f"{where} lies from {parameter.least:g} to {parameter.most:g} {parameter.unit}, "
            f"the smaller number first; {shown(value)} does not"
        )
    if parameter.whole and not (low == int(low) and high == int(high)):
        raise ArgumentTypeError(f"{where} is a whole number, or two, not {shown(value)}")
    return float(low), float(high)


def is_number(value: object) -> bool:
    """Whether it is a finite number, Python's or NumPy's, and no boolean."""
    is_real = isinstance(value, (int, float, np.integer, np.floating))
    # Not isfinite, which fails for whole numbers that no float can hold.
    return is_real and not isinstance(value, bool) and -inf < value < inf  # type: ignore[operator]  # it is a number


def plain(settings: Any) -> Any:
    """A copy in plain JSON values: tuples become lists, NumPy's numbers Python's."""
    if isinstance(settings, np.generic):
        return settings.item()
    if isinstance(settings, Mapping):
        return {key: plain(value) for key, value in settings.items()}
    if isinstance(settings, (list, tuple)):
        return [plain(value) for value in settings]
    return settings


def _share(value: object, where: str) -> float:
    if not is_number(value):
        raise ArgumentTypeError(f"{where} is a number from 0 to 1, not {shown(value)}")
    share = float(value)  # type: ignore[arg-type]  # it is a number
    if not 0 <= share <= 1:
        raise ArgumentValueError(f"{where} lies from 0 to 1, {shown(value)} does not")
    return share


def _named(item: object, kinds: Mapping[str, Kind], place: str) -> tuple[str, object]:
    if isinstance(item, str):
        item = {item: {}}
    if not isinstance(item, dict) or len(item) != 1:
        example = next(iter(kinds))
        raise ArgumentTypeError(
            f'{place} is a step such as {{"{example}": {{}}}}, one name and its parameters, '
            f"not {shown(item)}"
        )
    [(name, choices)] = item.items()
    if name not in kinds and name != RANDOM_ORDER:
        _unknown(name, kinds, place)
    return name, choices


def _unknown(name: object, kinds: Mapping[str, Kind], place: str) -> NoReturn:
    known = ", ".join(sorted([*kinds, RANDOM_ORDER]))
    raise ArgumentValueError(
        f"{place}: there is no step {shown(name)}; there are {known}{_hint(str(name), kinds)}"
    )


def _hint(name: str, kinds: Mapping[str, Kind]) -> str:
    """Which step may be meant: one of nearly that name, or with a parameter of nearly that name."""
    owners = {parameter.name: kind.name for kind in kinds.values() for parameter in kind.parameters}
    near = get_close_matches(name, [*kinds, RANDOM_ORDER], 1, _NEAR) or [
        owners[found] for found in get_close_matches(name, owners, 1, _NEAR)
    ]
    return f"; did you mean {near[0]!r}?" if near else ""
