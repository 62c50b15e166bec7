"""Whether gaps are uniform over minimum … maximum, both included, and each on its own."""

import math

import numpy as np
from numpy.typing import NDArray

from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest
from image_sequence.composing.spacing import find_spacing
from image_sequence.glyphs.sources import BundledDigits

_SEED = 20_260
_SAMPLE_COUNT = 10_000
_DIGITS = (*range(10), 0)  # 11 digits have 10 gaps between them.
_MINIMUM, _MAXIMUM = 0, 20
_IMAGE_WIDTH = 408


def measured(*, quick: bool) -> Section:  # noqa: ARG001  # 20 ms: quick enough as it is
    """Tests of 100,000 gaps that the composer planned."""
    gaps = _planned()
    return Section(
        part="gaps",
        title=f"{gaps.size:,} gaps from ({_MINIMUM}, {_MAXIMUM}), planned with seed {_SEED}",
        figures=[
            Figure(name="p of chi-square against uniform", value=_p_value(gaps), at_least=0.001),
            _exactly("smallest gap drawn", gaps.min(), _MINIMUM),
            _exactly("largest gap drawn", gaps.max(), _MAXIMUM),
            _correlation("neighbouring gaps of a sample", gaps[:, :-1], gaps[:, 1:]),
            _correlation("the same gap of successive samples", gaps[:-1], gaps[1:]),
        ],
    )


def _planned() -> NDArray[np.int64]:
    composer = Composer(
        bank=BundledDigits().load(),
        spacing=find_spacing("variable"),
        edges=False,
        transform=None,
        seed=_SEED,
    )
    request = SequenceRequest.checked(_DIGITS, (_MINIMUM, _MAXIMUM), _IMAGE_WIDTH)
    plan = composer.plan(request, np.arange(_SAMPLE_COUNT))
    return plan.gaps[:, 1:-1]  # The two at the edges are 0.


def _p_value(gaps: NDArray[np.int64]) -> float:
    from scipy.stats import chisquare

    counts = np.bincount(gaps.ravel() - _MINIMUM, minlength=_MAXIMUM - _MINIMUM + 1)
    return float(chisquare(counts).pvalue)


def _exactly(name: str, value: np.int64, expected: int) -> Figure:
    return Figure(name=name, value=int(value), unit="px", at_least=expected, at_most=expected)


def _correlation(name: str, first: NDArray[np.int64], second: NDArray[np.int64]) -> Figure:
    # Of n uncorrelated pairs the coefficient scatters around 0 by 1 / sqrt(n); four times that is
    # left once in 16,000 draws.
    bound = 4 / math.sqrt(first.size)
    coefficient = float(np.corrcoef(first.ravel(), second.ravel())[0, 1])
    return Figure(name=f"correlation of {name}", value=coefficient, at_least=-bound, at_most=bound)
