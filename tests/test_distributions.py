"""Spacing by named distributions: what is drawn follows the law, and is the same everywhere."""

import json
import math
import pickle
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from image_sequence import DigitSequence
from image_sequence.composing.distributions import (
    DISTRIBUTIONS,
    Distribution,
    Exponential,
    Histogram,
    Mixture,
    Normal,
    Poisson,
    _table,
    from_settings,
)
from image_sequence.composing.request import WIDEST
from image_sequence.composing.spacing import SpacingRequest
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, NoGapError
from image_sequence.glyphs.bank import GlyphBank

BETWEEN = SpacingRequest(
    glyph_count=11, glyph_width=28, minimum=0, maximum=20, image_width=500, edges=False
)
EDGES = replace(BETWEEN, glyph_count=10, edges=True)
TIGHT = replace(EDGES, minimum=-8, maximum=12)

COUNTS = {0: 5, 1: 9, 4: 0, 7: 2.5, 30: 100}
MIXTURE = Mixture((Normal(2, 1), Exponential(8), Histogram({15: 1})), (3, 1, 0.5))


def gaps_of(law: Distribution, request: SpacingRequest, count: int = 10_000) -> NDArray[np.int64]:
    """The open gaps of so many samples."""
    gaps = law(request, Draws(7, "spacing", range(count)))
    return np.asarray(gaps if request.edges else gaps[:, 1:-1])


def normal(mean: float, deviation: float, gaps: NDArray[np.int64]) -> NDArray[np.float64]:
    law = stats.norm(mean, deviation)
    return np.asarray(law.cdf(gaps + 0.5) - law.cdf(gaps - 0.5))


def poisson(mean: float, gaps: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(stats.poisson(mean).pmf(gaps))


def exponential(mean: float, gaps: NDArray[np.int64]) -> NDArray[np.float64]:
    law = stats.expon(scale=mean)
    above = gaps - gaps[0]
    return np.asarray(law.cdf(above + 1) - law.cdf(above))


def histogram(counts: Mapping[int, float], gaps: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.array([counts.get(gap, 0) for gap in gaps.tolist()], float)


def mixed(weight: float, gaps: NDArray[np.int64]) -> NDArray[np.float64]:
    parts = (normal(2, 1, gaps), exponential(8, gaps), histogram({15: 1}, gaps))
    return np.asarray(weight * parts[0] + parts[1] + 0.5 * parts[2])


def bin_starts(expected: NDArray[np.float64]) -> list[int]:
    """Where bins begin that each expect 5 or more, the least that Pearson's test works with."""
    starts, inside = [0], 0.0
    for index, count in enumerate(expected.tolist()):
        if inside >= 5:
            starts.append(index)
            inside = 0.0
        inside += count
    return starts if inside >= 5 else starts[:-1]


def fit(drawn: NDArray[np.int64], least: int, masses: NDArray[np.float64]) -> float:
    """The p-value of Pearson's test, small bins pooled with their neighbours."""
    counted = np.bincount(drawn.ravel() - least, minlength=len(masses))
    assert len(counted) == len(masses), "a gap lies outside the range"
    assert not counted[masses == 0].any(), "an impossible gap"
    expected = masses / masses.sum() * drawn.size
    starts = bin_starts(expected)
    observed, pooled = np.add.reduceat(counted, starts), np.add.reduceat(expected, starts)
    return float(stats.chisquare(observed, pooled).pvalue)


GAPS = np.arange(0, 21)
NEGATIVE = replace(BETWEEN, minimum=-8, maximum=12)
CASES = [
    (Normal(6, 2), BETWEEN, normal(6, 2, GAPS), normal(6, 1.95, GAPS)),
    (Normal(6, 2), BETWEEN, normal(6, 2, GAPS), normal(6.05, 2, GAPS)),
    (Normal(-3, 4), BETWEEN, normal(-3, 4, GAPS), normal(-3, 4.2, GAPS)),
    (Normal(7.3, 40), BETWEEN, normal(7.3, 40, GAPS), normal(7.3, 20, GAPS)),
    (Normal(), BETWEEN, normal(10, 20 / 6, GAPS), normal(10, 3.4, GAPS)),
    (Normal(-2.5, 3), NEGATIVE, normal(-2.5, 3, GAPS - 8), normal(-2.5, 3.1, GAPS - 8)),
    (Poisson(4), BETWEEN, poisson(4, GAPS), poisson(4.1, GAPS)),
    (Poisson(0.4), BETWEEN, poisson(0.4, GAPS), poisson(0.42, GAPS)),
    (Poisson(), BETWEEN, poisson(10, GAPS), poisson(10.1, GAPS)),
    (Poisson(3), NEGATIVE, poisson(3, GAPS - 8), poisson(3.15, GAPS - 8)),
    (Exponential(5), BETWEEN, exponential(5, GAPS), exponential(5.25, GAPS)),
    (Exponential(), BETWEEN, exponential(5, GAPS), exponential(5.25, GAPS)),
    (Exponential(0.7), NEGATIVE, exponential(0.7, GAPS - 8), exponential(0.73, GAPS - 8)),
    (Histogram(COUNTS), BETWEEN, histogram(COUNTS, GAPS), histogram({**COUNTS, 1: 9.3}, GAPS)),
    (MIXTURE, BETWEEN, mixed(3, GAPS), mixed(3.2, GAPS)),
]


@pytest.mark.parametrize(("law", "request_", "right", "wrong"), CASES)
def test_gaps_follow_the_law_and_not_one_close_to_it(
    law: Distribution,
    request_: SpacingRequest,
    right: NDArray[np.float64],
    wrong: NDArray[np.float64],
) -> None:
    drawn = gaps_of(law, request_)
    assert drawn.size == 100_000
    assert fit(drawn, request_.minimum, right) > 0.001
    assert fit(drawn, request_.minimum, wrong) < 0.001


@pytest.mark.parametrize("law", [Normal(6, 2), Exponential(3), MIXTURE])
def test_each_gap_is_drawn_on_its_own(law: Distribution) -> None:
    correlations = np.corrcoef(gaps_of(law, BETWEEN), rowvar=False)[np.triu_indices(10, 1)]
    assert abs(correlations).max() < 5 / 10_000**0.5


def test_a_cut_off_law_keeps_the_ratios_of_what_is_left() -> None:
    masses = normal(6, 2, np.array([8, 9]))
    drawn = gaps_of(Normal(6, 2), replace(BETWEEN, minimum=8, maximum=9))
    assert fit(drawn, 8, masses) > 0.001
    assert fit(drawn, 8, masses * [1, 1.05]) < 0.001


def test_a_far_tail_is_as_exact_as_the_middle() -> None:
    # Phi(-19.5) is 5e-85: a difference of two distribution functions near 1 would be 0.
    left = stats.norm.sf([19.5, 20.5, 21.5, 22.5])
    shares = (left[0] - left[1:]) / (left[0] - left[3])
    thresholds = _table(Normal(0, 1), 20, 22).thresholds
    expected = np.rint(shares[:2] * 2.0**32)
    assert abs(thresholds - expected[expected < 2.0**32]).max() <= 1
    mirrored = _table(Normal(0, 1), -22, -20)
    assert mirrored.gaps(np.array([2**32 - 1], np.uint32)).tolist() == [-20]


def test_thresholds_are_the_nearest_whole_numbers() -> None:
    powers = [Fraction(5, 2) ** gap / math.factorial(gap) for gap in range(7)]
    shares = [sum(powers[: gap + 1]) / sum(powers) for gap in range(6)]
    expected = [round(share * 2**32) for share in shares]
    assert _table(Poisson(2.5), 0, 6).thresholds.tolist() == expected


@pytest.mark.parametrize("law", [Normal(6, 2), Poisson(6), Exponential(6), MIXTURE])
def test_last_digits_that_differ_between_platforms_make_the_same_plan(law: Distribution) -> None:
    class OfAnotherPlatform(Distribution):
        def masses(self, least: int, most: int) -> NDArray[np.float64]:
            masses = law.masses(least, most)
            return masses * (1 + 1e-15 * (np.arange(len(masses)) % 5 - 2))

        def usual_range(self, least: int, most: int) -> tuple[int, int]:
            return law.usual_range(least, most)

    ours, theirs = _table(law, 0, 20), _table(OfAnotherPlatform(), 0, 20)
    assert law.masses(0, 20).tolist() != OfAnotherPlatform().masses(0, 20).tolist()
    assert ours.first == theirs.first
    assert ours.thresholds.tolist() == theirs.thresholds.tolist()


def test_the_smallest_and_the_largest_word_make_gaps_that_can_be() -> None:
    table = _table(Histogram({2: 1, 5: 1}), 0, 9)
    words = np.array([0, 2**31 - 1, 2**31, 2**32 - 1], np.uint32)
    assert table.gaps(words).tolist() == [2, 2, 5, 5]


@pytest.mark.parametrize("law", [Normal(1.5, 1), Poisson(2), Exponential(2), Normal()])
def test_both_ends_of_the_range_are_drawn(law: Distribution) -> None:
    drawn = gaps_of(law, replace(BETWEEN, maximum=3), 1000)
    assert set(drawn.ravel().tolist()) == {0, 1, 2, 3}


@pytest.mark.parametrize("law", [Normal(9, 2), Exponential(3), Normal(), Poisson(7), Poisson()])
def test_a_range_of_one_gap_leaves_no_choice(law: Distribution) -> None:
    assert set(gaps_of(law, replace(BETWEEN, minimum=7, maximum=7), 9).ravel().tolist()) == {7}


def test_a_poisson_law_of_mean_0_is_always_0() -> None:
    assert not gaps_of(Poisson(), replace(BETWEEN, maximum=0), 9).any()
    assert not gaps_of(Poisson(0), BETWEEN, 9).any()


def test_outer_gaps_are_drawn_from_what_is_not_negative() -> None:
    drawn = gaps_of(Normal(1, 3), TIGHT, 50_000)
    outer, inner = drawn[:, [0, -1]], drawn[:, 1:-1]
    assert fit(outer, 0, normal(1, 3, np.arange(13))) > 0.001
    assert fit(outer, 0, normal(1, 3.1, np.arange(13))) < 0.001
    assert fit(inner, -8, normal(1, 3, np.arange(-8, 13))) > 0.001
    assert inner.min() < -4


def test_inner_gaps_may_all_be_negative_where_the_outer_ones_are_0() -> None:
    drawn = gaps_of(Exponential(2), replace(TIGHT, minimum=-8, maximum=-3), 1000)
    assert not drawn[:, [0, -1]].any()
    assert set(drawn[:, 1:-1].ravel().tolist()) == set(range(-8, -2))


def test_gaps_that_are_not_asked_for_are_0() -> None:
    gaps = Normal(6, 2)(replace(BETWEEN, minimum=1), Draws(7, "spacing", range(50)))
    assert gaps.shape == (50, 12)
    assert gaps.dtype == np.int64
    assert not gaps[:, [0, -1]].any()
    assert gaps[:, 1:-1].all()


@pytest.mark.parametrize(
    ("law", "gaps"),
    [
        (Normal(6, 2), [[8, 5, 8], [7, 3, 5]]),
        (Poisson(4), [[6, 3, 5], [5, 1, 3]]),
        (Exponential(5), [[9, 1, 7], [5, 0, 1]]),
        (Histogram(COUNTS), [[7, 1, 1], [1, 0, 0]]),
        (MIXTURE, [[15, 2, 5], [3, 1, 1]]),
    ],
)
def test_the_same_seed_draws_these_gaps_on_every_platform(
    law: Distribution, gaps: list[list[int]]
) -> None:
    request = replace(BETWEEN, glyph_count=4)
    drawn = law(request, Draws(7, "spacing", [0, 1]))
    assert drawn[:, 1:-1].tolist() == gaps


laws = st.sampled_from([Normal(), Normal(6, 2), Poisson(4), Exponential(), MIXTURE])


@given(
    laws, st.lists(st.integers(0, 500), min_size=1, max_size=40), st.sampled_from([EDGES, TIGHT])
)
def test_a_batch_is_its_samples_one_by_one(
    law: Distribution, indices: list[int], request: SpacingRequest
) -> None:
    batch = law(request, Draws(7, "spacing", indices))
    singles = [law(request, Draws(7, "spacing", [index]))[0].tolist() for index in indices]
    assert batch.tolist() == singles


def test_the_widest_range_works_without_overflow() -> None:
    request = replace(BETWEEN, glyph_count=2, glyph_width=0, minimum=-WIDEST, maximum=WIDEST)
    assert gaps_of(Poisson(400_000), request).mean() == pytest.approx(400_000, abs=40)
    assert gaps_of(Poisson(400_000), request).std() == pytest.approx(632, rel=0.05)
    assert gaps_of(Normal(), request).std() == pytest.approx(2e6 / 6, rel=0.05)
    assert gaps_of(Normal(5, 0.001), request).tolist() == [[5]] * 10_000
    assert gaps_of(Exponential(0.001), request).tolist() == [[-WIDEST]] * 10_000
    assert gaps_of(Exponential(1e5), request).mean() == pytest.approx(1e5 - 1e6, abs=5000)


def test_what_is_not_said_is_made_of_the_range() -> None:
    request = replace(BETWEEN, minimum=2, maximum=32)
    said = {Normal(): Normal(17, 5), Poisson(): Poisson(17), Exponential(): Exponential(7.5)}
    for unsaid, same in said.items():
        assert (gaps_of(unsaid, request, 500) == gaps_of(same, request, 500)).all()
    narrow = replace(BETWEEN, minimum=2, maximum=4)
    assert (gaps_of(Normal(), narrow, 500) == gaps_of(Normal(3, 0.5), narrow, 500)).all()
    narrow = replace(BETWEEN, minimum=2, maximum=3)
    assert (gaps_of(Exponential(), narrow, 500) == gaps_of(Exponential(0.5), narrow, 500)).all()


def test_weights_of_a_mixture_are_those_before_the_range_cuts_off() -> None:
    # Half of the normal part lies in the range, all of the other: one to two.
    law = Mixture((Normal(-0.5, 0.2), Histogram({5: 1})), (1, 1))
    shares = np.bincount(gaps_of(law, BETWEEN).ravel()) / 100_000
    assert shares[[0, 5]] == pytest.approx([1 / 3, 2 / 3], abs=0.006)


@pytest.mark.parametrize(
    ("law", "minimum", "maximum", "message"),
    [
        (
            Histogram({5: 1, 9: 1}),
            0,
            3,
            r"the range from 0 to 3 holds nothing of Histogram\(.*; use a range such as \(5, 9\)",
        ),
        (Poisson(4), -9, -1, r"nothing of Poisson\(mean=4.0\); use a range such as \(0, 12\)"),
        (Normal(6, 0.1), 30, 31, r"nothing of Normal\(.*\); use a range such as \(6, 6\)"),
        (Poisson(), -9, 3, r"the middle of the range from -9 to 3 is below 0"),
        (Mixture((Histogram({9: 1}), Poisson(50)), (1, 1)), -9, -5, r"such as \(9, 78\)"),
    ],
)
def test_a_range_without_any_of_the_law_is_refused_with_one_that_works(
    law: Distribution, minimum: int, maximum: int, message: str
) -> None:
    request = replace(BETWEEN, minimum=minimum, maximum=maximum)
    rng = Draws(7, "spacing", [0])
    with pytest.raises(ArgumentValueError, match=message):
        law(request, rng)


def test_a_law_below_0_asks_for_no_outer_gaps() -> None:
    law, request = Histogram({-3: 1}), replace(TIGHT, minimum=-5, maximum=2)
    rng = Draws(7, "spacing", [0])
    with pytest.raises(ArgumentValueError, match=r"use .* and the spacing subtype 'between'"):
        law(request, rng)


@given(
    st.one_of(
        st.builds(Normal, st.floats(-5000, 5000), st.floats(0.001, 100)),
        st.builds(Poisson, st.floats(0, 5000)),
        st.builds(Histogram, st.dictionaries(st.integers(-99, 99), st.floats(0.1, 9), min_size=1)),
    )
)
def test_the_range_that_a_message_names_works(law: Distribution) -> None:
    low, high = law.usual_range(0, 0)
    assert law.masses(low, high).sum() > 0.4


def test_gaps_that_could_be_too_wide_to_make_are_refused() -> None:
    request = replace(BETWEEN, maximum=WIDEST)
    rng = Draws(7, "spacing", [0])
    with pytest.raises(ArgumentValueError, match="use a maximum spacing of 99969 or less"):
        Normal(6, 2)(request, rng)
    assert Normal(6, 2)(replace(request, maximum=99_969), rng).max() < 20


def test_outer_gaps_that_are_not_negative_count_for_the_width() -> None:
    request = replace(TIGHT, minimum=-8, maximum=-3, widest_strip=280 - 9 * 3)
    assert Normal()(request, Draws(7, "spacing", [0])).sum() <= -27
    rng = Draws(7, "spacing", [0])
    with pytest.raises(ArgumentValueError, match="more than the image_width"):
        Normal()(replace(request, widest_strip=280 - 9 * 3 - 1), rng)


def test_one_digit_has_no_gap_between_digits() -> None:
    rng = Draws(7, "spacing", [0])
    with pytest.raises(NoGapError, match="use at least two digits"):
        Normal(6, 2)(replace(BETWEEN, glyph_count=1), rng)


def test_a_generator_draws_its_gaps_from_a_distribution(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, spacing=Normal(6, 2))
    batch = generator.batch([[1, 2, 3, 4, 5, 6]] * 4000, (0, 20), 200)
    assert fit(batch.gaps[:, 1:-1], 0, normal(6, 2, GAPS)) > 0.001
    assert fit(batch.gaps[:, 1:-1], 0, normal(6, 2.2, GAPS)) < 0.001
    alone = generator.sample([1, 2, 3, 4, 5, 6], (0, 20), 200, index=9)
    assert alone.gaps.tolist() == batch.gaps[9].tolist()
    assert (alone.image == batch.images[9]).all()


def test_a_histogram_of_measured_gaps_counts_them() -> None:
    counted = Histogram({-2: 1, 3: 2, 4: 1})
    assert Histogram.of([3, -2, 4, 3]) == counted
    assert Histogram.of(np.array([[3, -2], [4, 3]])) == counted
    assert Histogram.of([np.array([3, -2, 4], np.int16), np.array(3, np.uint8)]) == counted
    assert Histogram([(4, 1), (-2, 1), (3, 2), (9, 0)]) == counted


def test_a_file_holds_a_histogram(tmp_path: Path) -> None:
    path = tmp_path / "gaps.json"
    path.write_text('{"12": 1.5, "-3": 5}')
    assert Histogram.from_file(path) == Histogram({-3: 5, 12: 1.5})
    assert from_settings("histogram", {"file": str(path)}) == Histogram({-3: 5, 12: 1.5})


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read: .*; a JSON file that holds"),
        ("\xff", "cannot be read"),
        ('{"5": 1, "5": 2}', "the gap 5 is counted twice"),
        ('{"5": 1, "05": 2}', "the gap 5 is counted twice"),
        ("[3, 4]", r"holds \[3, 4\]; an object"),
        ("{}", "at least one gap"),
        ('{"five": 1}', "a gap is a whole number of pixels such as 3, not 'five'"),
        ('{"5.0": 1}', "not '5.0'"),
        ('{"5": NaN}', "the weight of the gap 5 lies from 0 to 1e[+]15, nan does not"),
        ('{"5": {"6": 1}}', "the weight of the gap 5 is a number such as 6, not"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "gaps.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises((ArgumentTypeError, ArgumentValueError), match=message):
        Histogram.from_file(path)


@pytest.mark.parametrize("path", ["nowhere.json", "\0", ".", 3, None])
def test_a_file_that_is_not_there_is_named(path: object) -> None:
    with pytest.raises((ArgumentTypeError, ArgumentValueError), match="the file of a histogram"):
        Histogram.from_file(path)  # type: ignore[arg-type]  # the wrong kinds on purpose


def test_configurations_describe_each_distribution() -> None:
    parts = [
        {"type": "normal", "mean": 2, "weight": 3},
        {"type": "exponential", "mean": 8},
        {"type": "histogram", "counts": {"15": 1}, "weight": 0.5},
    ]
    described = {
        "normal": ({"mean": 6, "deviation": None}, Normal(6)),
        "poisson": ({}, Poisson()),
        "exponential": ({"mean": 2.5}, Exponential(2.5)),
        "histogram": ({"counts": {"0": 5, "1": 9}}, Histogram({0: 5, 1: 9})),
        "mixture": (
            {"parts": parts},
            Mixture((Normal(2), Exponential(8), Histogram({15: 1})), (3, 1, 0.5)),
        ),
    }
    assert described.keys() == DISTRIBUTIONS.keys()
    for name, (settings, law) in described.items():
        assert from_settings(name, json.loads(json.dumps(settings))) == law


@pytest.mark.parametrize("law", [Normal(6, 2), Histogram({1: 1}), MIXTURE])
def test_a_strategy_travels_to_workers_and_is_equal_there(law: Distribution) -> None:
    arrived = pickle.loads(pickle.dumps(law))  # noqa: S301  # our own
    assert arrived == law
    assert hash(arrived) == hash(law)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("gauss", {}, "there is no distribution 'gauss'; there are 'normal', 'poisson'"),
        ("normal", {"sigma": 2}, "'sigma', which means nothing; its keys are 'mean', 'deviation'"),
        ("normal", {"deviation": -2}, "the deviation of .* lies from 0.001 to 1000000, -2 does"),
        ("normal", {"deviation": 0}, "0.001 to 1000000, 0 does not"),
        (
            "normal",
            {"mean": math.nan},
            "the mean of .* lies from -1000000 to 1000000, nan does not",
        ),
        ("normal", {"mean": math.inf}, "inf does not"),
        ("normal", {"mean": 10**400}, "0… does not"),
        ("poisson", {"mean": -1}, "lies from 0 to 1000000, -1 does not"),
        ("exponential", {"mean": 0}, "lies from 0.001 to 1000000, 0 does not"),
        ("histogram", {}, "either the key 'counts' or 'file', not {}"),
        ("histogram", {"counts": {"1": 1}, "file": "x"}, "either the key 'counts' or 'file'"),
        ("histogram", {"counts": {}}, "at least one gap of a weight above 0"),
        ("histogram", {"counts": {"1": 0}}, "at least one gap of a weight above 0"),
        ("histogram", {"counts": {"1": -1}}, "the weight of the gap 1 lies from 0"),
        ("histogram", {"counts": {"1000001": 1}}, "gaps lie from -1000000 to 1000000 pixels"),
        ("mixture", {"parts": []}, "at least one part"),
        (
            "mixture",
            {"parts": [{"type": "poisson"}, {"type": "poisson", "mean": -3}]},
            "in part 2 of a mixture, the mean",
        ),
        ("mixture", {"parts": [{"type": "poisson", "weight": 0}]}, "the weight of a part is above"),
        ("mixture", {"parts": [{"type": "cauchy"}]}, "in part 1 .*no distribution 'cauchy'"),
    ],
)
def test_settings_that_cannot_work_are_named(
    name: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ArgumentValueError, match=message):
        from_settings(name, settings)


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        (3, {}, "a name such as 'normal', not 3"),
        ("normal", [6, 2], r"described by the keys 'mean', 'deviation', not by \[6, 2\]"),
        ("normal", {"mean": True}, "the mean of a distribution Normal is a number such as 6, not"),
        ("normal", {"mean": "6"}, "not '6'"),
        ("normal", {"deviation": [2]}, r"the deviation .* not \[2\]"),
        ("histogram", {"counts": [1, 2]}, r"counts are an object .* not \[1, 2\]"),
        ("histogram", {"counts": {"a": 1}}, "a gap is a whole number of pixels such as 3, not 'a'"),
        ("histogram", {"counts": {"1": True}}, "the weight of the gap 1 is a number"),
        ("histogram", {"file": 3}, "the file of a histogram is a path, not 3"),
        ("mixture", {}, "the parts of a mixture are a list .* not None"),
        ("mixture", {"parts": ["normal"]}, "part 1 of a mixture is an object .* not 'normal'"),
        ("mixture", {"parts": [{"mean": 2}]}, "part 1 of a mixture is an object"),
        ("mixture", {"parts": [{"type": "mixture", "parts": []}]}, "and no mixture itself"),
        ("mixture", {"parts": [{"type": ["normal"]}]}, "in part 1 .* a name such as 'normal'"),
        ("mixture", {"parts": [{"type": "poisson", "weight": "1"}]}, "the weight of a part is a"),
    ],
)
def test_settings_of_the_wrong_kind_are_named(name: object, settings: object, message: str) -> None:
    with pytest.raises(ArgumentTypeError, match=message):
        from_settings(name, settings)  # type: ignore[arg-type]  # the wrong kinds on purpose


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({True: 1}, "a gap is a whole number .* not True"),
        ({1.5: 1}, "not 1.5"),
        ([1, 2], r"weights by gap such as .* not \[1, 2\]"),
        ("12", "not '12'"),
        (None, "not None"),
    ],
)
def test_counts_of_the_wrong_kind_are_named(counts: object, message: str) -> None:
    with pytest.raises(ArgumentTypeError, match=message):
        Histogram(counts)  # type: ignore[arg-type]  # the wrong kinds on purpose


@pytest.mark.parametrize(
    ("gaps", "message"),
    [
        ([1.5], "whole numbers that int64 holds, not float64"),
        ([True], "not bool"),
        (np.array([1], np.uint64), "not uint64"),
        (["3"], "whole numbers"),
        (7, "not 7"),
        ("12", "not '12'"),
    ],
)
def test_measured_gaps_are_whole_numbers(gaps: object, message: str) -> None:
    with pytest.raises(ArgumentTypeError, match=message):
        Histogram.of(gaps)  # type: ignore[arg-type]  # the wrong kinds on purpose


@pytest.mark.parametrize("gaps", [[], np.empty((0, 3), int), [np.empty(0, int)]])
def test_no_measured_gap_is_no_histogram(gaps: list[int]) -> None:
    with pytest.raises(ArgumentValueError, match="no measured gaps"):
        Histogram.of(gaps)


@pytest.mark.parametrize(
    ("parts", "weights", "message"),
    [
        ((Normal(2), Normal(3)), (1,), "a mixture of 2 parts has as many weights, not 1"),
        ((Mixture((Normal(2),), (1,)),), (1,), "and no mixture, not Mixture"),
        ((3,), (1,), "such as .*, not 3"),
        (Normal(2), (1,), "the parts of a mixture are distributions"),
        ((Normal(2),), 1, r"numbers such as \(3, 1\), not 1"),
        ((Normal(2),), (math.nan,), "nan does not"),
    ],
)
def test_a_mixture_has_parts_with_weights(parts: object, weights: object, message: str) -> None:
    with pytest.raises((ArgumentTypeError, ArgumentValueError), match=message):
        Mixture(parts, weights)  # type: ignore[arg-type]  # the wrong kinds on purpose


def test_the_name_alone_will_do_where_the_range_tells_all() -> None:
    for name, law in (("normal", Normal()), ("poisson", Poisson()), ("exponential", Exponential())):
        one, other = (
            DigitSequence(seed=7, spacing=spacing).sample([1, 2, 3], (0, 9), 90, index=0)
            for spacing in (name, law)
        )
        assert one.gaps.tolist() == other.gaps.tolist()


@pytest.mark.parametrize("name", ["mixture", "histogram"])
def test_the_name_alone_will_not_do_where_it_does_not(name: str) -> None:
    with pytest.raises(ArgumentValueError, match=f"pass a {name.capitalize()} of image_sequence"):
        DigitSequence(spacing=name)
