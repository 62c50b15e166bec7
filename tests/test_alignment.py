"""Alignments and intervals: which label was read as what, and how exact shares are."""

from functools import lru_cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_sequence.inspecting import alignment as module
from image_sequence.inspecting.alignment import align
from image_sequence.inspecting.intervals import Z, rate_over_samples, share, wilson
from image_sequence.inspecting.rows import Rows
from image_sequence.inspecting.units import Units, in_order

digits = st.lists(st.integers(0, 2), max_size=7)
rows = st.lists(st.tuples(digits.filter(bool), digits), min_size=1, max_size=6)


def aligned(truth: str, read: str) -> list[tuple[str, str]]:
    """Labels beside what they were read as; "-" for nothing."""
    pairs = align(Rows.of([[*map(ord, truth)]]), Rows.of([[*map(ord, read)]])).pairs(0)
    return [tuple("-" if one == -1 else chr(one) for one in pair) for pair in pairs]


def by_hand(truth: list[int], read: list[int]) -> tuple[int, list[int]]:
    """The distance, and each label's partner, by the definition: no table, no NumPy."""

    @lru_cache(None)
    def distance(n: int, m: int) -> int:
        if not n or not m:
            return n + m
        paired = distance(n - 1, m - 1) + (truth[n - 1] != read[m - 1])
        return min(paired, distance(n - 1, m) + 1, distance(n, m - 1) + 1)

    n, m, partners = len(truth), len(read), [-1] * len(truth)
    while n or m:
        here = distance(n, m)
        if n and m and here == distance(n - 1, m - 1) + (truth[n - 1] != read[m - 1]):
            n, m = n - 1, m - 1
            partners[n] = m
        elif n and here == distance(n - 1, m) + 1:
            n -= 1
        else:
            m -= 1
    return distance(len(truth), len(read)), partners


@given(rows)
def test_alignments_are_those_of_the_definition(pairs: list[tuple[list[int], list[int]]]) -> None:
    truths, reads = Rows.of([one for one, _ in pairs]), Rows.of([other for _, other in pairs])
    found = align(truths, reads)
    for row, (truth, read) in enumerate(pairs):
        distance, partners = by_hand(truth, read)
        assert found.distances[row] == distance
        start = reads.span(row).start
        own = [int(found.partners[place]) for place in truths.span(row)]
        assert own == [partner if partner == -1 else start + partner for partner in partners]


@given(rows)
def test_the_error_rate_is_that_of_jiwer(pairs: list[tuple[list[int], list[int]]]) -> None:
    jiwer = pytest.importorskip("jiwer")
    texts = [["".join(map(str, one)) for one in column] for column in zip(*pairs, strict=True)]
    found = align(Rows.of([one for one, _ in pairs]), Rows.of([other for _, other in pairs]))
    rate = rate_over_samples(found.distances, found.truths.lengths)
    assert rate.value == pytest.approx(jiwer.cer(*texts), abs=1e-12)


@given(rows)
def test_pairs_hold_all_labels_and_all_that_was_read(
    pairs: list[tuple[list[int], list[int]]],
) -> None:
    found = align(Rows.of([one for one, _ in pairs]), Rows.of([other for _, other in pairs]))
    for row, (truth, read) in enumerate(pairs):
        shown = found.pairs(row)
        assert [label for label, _ in shown if label != -1] == truth
        assert [other for _, other in shown if other != -1] == read
        assert sum(label != other for label, other in shown) == found.distances[row]


@pytest.mark.parametrize(
    ("truth", "read", "pairs"),
    [
        ("11", "1", [("1", "-"), ("1", "1")]),
        ("1", "11", [("-", "1"), ("1", "1")]),
        ("703", "", [("7", "-"), ("0", "-"), ("3", "-")]),
        ("703", "73", [("7", "7"), ("0", "-"), ("3", "3")]),
        ("703", "7103", [("7", "7"), ("-", "1"), ("0", "0"), ("3", "3")]),
        ("703", "763", [("7", "7"), ("0", "6"), ("3", "3")]),
        ("703", "7034", [("7", "7"), ("0", "0"), ("3", "3"), ("-", "4")]),
        ("12", "21", [("1", "2"), ("2", "1")]),
    ],
)
def test_of_equal_alignments_one_is_taken_by_a_rule(
    truth: str, read: str, pairs: list[tuple[str, str]]
) -> None:
    assert aligned(truth, read) == pairs


def test_small_blocks_make_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    read = [[1, 3, 2], [2, 3, 1], [4, 4, 4], [3, 2, 1], [3, 2, 1]]
    truths, reads = Rows.of([[1, 2, 3]] * 5), Rows.of(read)
    whole = align(truths, reads).partners.tolist()
    for row, one in enumerate(read):
        alone = align(Rows.of([[1, 2, 3]]), Rows.of([one])).partners
        own = np.array(whole[3 * row : 3 * row + 3])
        assert (np.where(own == -1, -1, own - 3 * row) == alone).all()
    monkeypatch.setattr(module, "_CELLS_AT_A_TIME", 33)
    assert align(truths, reads).partners.tolist() == whole


# Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17
# (1998), table I, method 3.
@pytest.mark.parametrize(
    ("count", "total", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_s_intervals_are_those_in_print(
    count: int, total: int, low: float, high: float
) -> None:
    rate = share(count, total)
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)
    mirrored = share(total - count, total)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - rate.high, 1 - rate.low))


def test_of_nothing_a_share_may_be_anything() -> None:
    low, high = wilson([0, 3], [0, 3])
    assert (low[0], high[0], high[1]) == (0, 1, 1)
    assert share(0, 0).value is None


def test_many_mistakes_have_the_interval_of_the_delta_method() -> None:
    lengths = np.resize([1, 2, 3, 9], 40_000)
    mistakes = np.resize([0, 0, 0, 0, 1, 4, 0], 40_000)
    rate = rate_over_samples(mistakes, lengths)
    value = mistakes.sum() / lengths.sum()
    error = np.std(mistakes - value * lengths, ddof=1) * np.sqrt(40_000) / lengths.sum()
    assert rate.value == value
    assert (rate.high - rate.low) / 2 == pytest.approx(Z * error, rel=1e-3)
    assert (rate.high + rate.low) / 2 == pytest.approx(value, rel=1e-3)


def test_mistakes_in_one_picture_are_less_sure_than_mistakes_all_over() -> None:
    lengths = np.full(100, 5)
    scattered, together = np.zeros((2, 100), np.int64)
    scattered[:10], together[:2] = 1, 5
    first, second = rate_over_samples(scattered, lengths), rate_over_samples(together, lengths)
    assert first.value == second.value == 0.02
    assert second.high - second.low > 1.8 * (first.high - first.low)


def test_an_interval_without_a_mistake_has_a_width() -> None:
    rate = rate_over_samples(np.zeros(100, np.int64), np.full(100, 5))
    assert rate.low == 0
    assert rate.high == pytest.approx(Z**2 / 500)


def test_a_single_sample_has_an_interval() -> None:
    rate = rate_over_samples(np.array([2]), np.array([5]))
    assert 0 < rate.low < 0.4 < rate.high


def test_a_prediction_of_characters_is_its_characters() -> None:
    units = Units(["7", "0"])
    assert units.are_characters
    assert units.split("007 x") == ["0", "0", "7", " ", "x"]
    assert units.numbers("0?7?") == [1, 2, 0, 2]
    assert units.texts == ("7", "0", "?")


def test_a_prediction_of_longer_labels_is_taken_apart_by_the_longest() -> None:
    units = Units(["1", "12", "Ankle boot"])
    assert not units.are_characters
    assert units.split("112 1 2Ankle  bootAnkle boot") == [
        *("1", "12", "1", "2"),
        *"Ankleboot",
        "Ankle boot",
    ]


def test_labels_are_in_the_order_in_which_one_looks_for_them() -> None:
    assert in_order(["10", "b", "9", "", "A"]) == ["9", "10", "", "A", "b"]
