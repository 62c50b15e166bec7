"""Timing: actions take turns, so that a slow minute of the machine hits each of them alike."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.benchmarks.figures import Figure

Seconds: TypeAlias = NDArray[np.float64]


def interleaved(
    actions: Mapping[str, Callable[[], float]], *, rounds: int, title: str
) -> dict[str, Seconds]:
    """The seconds of each action, A, B, A, B, …, after one round to warm up.

    Args:
        actions: functions that do something once and return the seconds it took.
        rounds: how often each is measured.
        title: what the progress bar says.

    Returns:
        float64, shape (rounds,), for each name.
    """
    from tqdm import tqdm

    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for turn in tqdm(range(rounds + 1), desc=title, unit="round", leave=False, disable=None):
        for name, action in actions.items():
            elapsed = action()
            if turn > 0:
                seconds[name].append(elapsed)
    return {name: np.array(values) for name, values in seconds.items()}


@contextmanager
def one_core() -> Iterator[bool]:
    """Keep this thread on one of its cores meanwhile. Yields whether the system lets us.

    Threads that begin meanwhile, such as OpenCV's, share that core. The linear algebra behind NumPy
    has threads already; it leaves products as small as the renderer's to the thread that asks.
    """
    if not hasattr(os, "sched_setaffinity"):  # Linux has it; macOS and Windows have not.
        yield False
        return
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield True
    finally:
        os.sched_setaffinity(0, cores)


def timed(function: Callable[[], object], *, repeats: int = 1) -> Callable[[], float]:
    """An action: the mean seconds of one call among `repeats` of them."""

    def measure() -> float:
        start = perf_counter()
        for _ in range(repeats):
            function()
        return (perf_counter() - start) / repeats

    return measure


def median(
    name: str,
    values: Seconds,
    *,
    unit: str = "",
    scale: float = 1.0,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """The median of values measured again and again, times `scale`."""
    return Figure(
        name=name,
        value=float(np.median(values)) * scale,
        unit=unit,
        quartiles=_quartiles(values * scale),
        at_least=at_least,
        at_most=at_most,
    )


def ratio(
    name: str,
    above: Seconds,
    below: Seconds,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """The median of the ratios round by round."""
    return median(name, above / below, at_least=at_least, at_most=at_most)


def ratio_of_medians(
    name: str, above: Seconds, below: Seconds, *, at_most: float | None = None
) -> Figure:
    """The ratio of the medians; its quartiles are those of the ratios round by round."""
    return Figure(
        name=name,
        value=float(np.median(above) / np.median(below)),
        quartiles=_quartiles(above / below),
        at_most=at_most,
    )


def difference(name: str, whole: Seconds, part: Seconds, *, at_most: float | None = None) -> Figure:
    """The difference of the medians; its quartiles are those of the differences round by round."""
    return Figure(
        name=name,
        value=float(np.median(whole) - np.median(part)),
        unit="s",
        quartiles=_quartiles(whole - part),
        at_most=at_most,
    )


def _quartiles(values: Seconds) -> tuple[float, float]:
    first, third = np.quantile(values, (0.25, 0.75)).tolist()
    return first, third
