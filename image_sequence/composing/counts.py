"""Numbers and counts of gaps that describe a distribution, checked; and a file of counts."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.request import WIDEST
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

LARGEST_WEIGHT = 1e15
"""Whole counts up to it are exact as float64."""


def checked_number(value: object, name: str, least: float, most: float) -> float:
    """The number as a float.

    Args:
        value: the number.
        name: what an error calls it.
        least: the smallest that works.
        most: the largest that works.

    Raises:
        ArgumentTypeError: it is no number.
        ArgumentValueError: it lies outside.
    """
    if not _is_number(value):
        raise ArgumentTypeError(f"{name} is a number such as 6, not {shown(value)}")
    if not least <= value <= most:  # So is NaN outside.
        raise ArgumentValueError(
            f"{name} lies from {least:.7g} to {most:.7g}, {shown(value)} does not"
        )
    return float(value)


def _is_number(value: object) -> TypeGuard[float]:
    is_real = isinstance(value, (int, float, np.integer, np.floating))
    return is_real and not isinstance(value, bool)


def checked_counts(counts: object) -> tuple[tuple[int, float], ...]:
    """Pairs of gaps and weights above 0, in the order of the gaps."""
    weights: dict[int, float] = {}
    for gap, weight in _pairs(counts):
        if not is_whole_number(gap):
            raise ArgumentTypeError(
                f"a gap is a whole number of pixels such as 3, not {shown(gap)}"
            )
        if not -WIDEST <= gap <= WIDEST:
            raise ArgumentValueError(
                f"gaps lie from -{WIDEST} to {WIDEST} pixels, {shown(gap)} does not"
            )
        if gap in weights:
            raise ArgumentValueError(f"the gap {gap} is counted twice; give it one weight")
        name = f"the weight of the gap {gap}"
        weights[int(gap)] = checked_number(weight, name, 0, LARGEST_WEIGHT)
    kept = tuple(sorted((gap, weight) for gap, weight in weights.items() if weight))
    if not kept:
        raise ArgumentValueError(
            "a histogram has at least one gap of a weight above 0, such as {0: 5}"
        )
    return kept


def _pairs(counts: object) -> Iterator[tuple[object, object]]:
    fault = ArgumentTypeError(
        f"counts are weights by gap such as {{0: 5, 9: 1}}, or pairs of both, not {shown(counts)}"
    )
    listed = counts.items() if isinstance(counts, Mapping) else counts
    if isinstance(listed, (str, bytes)) or not isinstance(listed, Iterable):
        raise fault
    for pair in listed:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise fault
        yield pair[0], pair[1]


def measured_gaps(gaps: object) -> NDArray[np.int64]:
    """Measured gaps, one after the other: int64, shape (count,)."""
    if isinstance(gaps, (str, bytes)) or not isinstance(gaps, Iterable):
        raise ArgumentTypeError(f"measured gaps are whole numbers or arrays, not {shown(gaps)}")
    arrays = [gaps] if isinstance(gaps, np.ndarray) else [np.asarray(part) for part in gaps]
    for array in arrays:
        if array.dtype.kind not in "iu" or not np.can_cast(array.dtype, np.int64):
            raise ArgumentTypeError(
                f"measured gaps are whole numbers that int64 holds, not {array.dtype}: "
                f"{shown(array)}"
            )
    if not sum(array.size for array in arrays):
        raise ArgumentValueError("there are no measured gaps; a histogram has at least one")
    return np.concatenate([array.ravel().astype(np.int64) for array in arrays])


def known_settings(settings: object, name: str, keys: Sequence[str]) -> dict[str, Any]:
    """The settings, if each of their keys means something."""
    if not isinstance(settings, Mapping):
        raise ArgumentTypeError(
            f"{name} is described by the keys {listed(keys)}, not by {shown(settings)}"
        )
    unknown = [key for key in settings if key not in keys]
    if unknown:
        raise ArgumentValueError(
            f"{name} has {listed(unknown)}, which means nothing; its keys are {listed(keys)}"
        )
    return dict(settings)


def listed(keys: Iterable[object]) -> str:
    """Keys as an error lists them."""
    return ", ".join(map(shown, keys))


def numbered(pairs: Iterable[tuple[object, object]]) -> Iterator[tuple[Any, Any]]:
    """Pairs whose texts are gaps, as in a JSON object, with numbers in their place."""
    for key, weight in pairs:
        is_gap = isinstance(key, str) and re.fullmatch("-?[0-9]{1,7}", key)
        yield int(str(key)) if is_gap else key, weight


def read_counts(path: object) -> tuple[tuple[object, object], ...]:
    """The keys and values of the object in a JSON file."""
    if not isinstance(path, (str, PathLike)):
        raise ArgumentTypeError(f"the file of a histogram is a path, not {shown(path)}")
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
        # As pairs, a key that is there twice is not lost.
        counts: object = json.loads(text, object_pairs_hook=tuple)
    except (OSError, ValueError, RecursionError) as error:
        raise ArgumentValueError(
            f"the file of a histogram, {fspath(path)!r}, cannot be read: {error}; "
            f'a JSON file that holds an object such as {{"0": 5, "9": 1}} works'
        ) from error
    if not isinstance(counts, tuple):
        raise ArgumentTypeError(
            f"the file of a histogram, {fspath(path)!r}, holds {shown(counts)}; "
            f'an object such as {{"0": 5, "9": 1}} works'
        )
    return counts
