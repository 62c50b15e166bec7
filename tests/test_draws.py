"""Draws: random numbers that belong to a sample, whatever else is in its batch."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.stats import chisquare

from image_sequence.draws import Draws, checked_seed, fresh_seed
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, ImageSequenceError

GOLDEN_WORDS = [
    [
        "df258f28523fa817",
        "4ddb6a7946d6d893",
        "c7d43496900ea003",
        "a4bd49083b7e70ad",
        "ab6132bd0e17d823",
    ],
    [
        "adc888a24bc234df",
        "11fbf913560960c1",
        "40d699cf747f37e4",
        "afc5196324de3706",
        "e0fa89799201b85e",
    ],
    [
        "7c3a45aab2120f47",
        "a243f6cdd9d913b0",
        "98e23b9bddbe4086",
        "bc6e3cac73eae24b",
        "d03182f5309afa98",
    ],
]
GOLDEN_FIRST_CALL = [[16, 7, 0, 14, 8], [16, 20, 18, 1, 17], [9, 13, 8, 7, 13]]
GOLDEN_SECOND_CALL = [[283, 100], [297, 100], [416, 100]]

seeds = st.integers(0, 2**64 - 1)
index_lists = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=8)


def test_raw_words_are_the_golden_ones() -> None:
    # Philox's bits are promised by NumPy; that they are reached the same way is promised here.
    words = Draws(7, "spacing", [0, 1, 2**40]).raw(5)
    assert [[f"{word:016x}" for word in row] for row in words.tolist()] == GOLDEN_WORDS


def test_whole_numbers_are_the_golden_ones() -> None:
    rng = Draws(7, "glyphs", [0, 1, 2**40])
    assert rng.integers(0, 20, 5).tolist() == GOLDEN_FIRST_CALL
    assert rng.integers([0, 100], [499, 100], 2).tolist() == GOLDEN_SECOND_CALL


@given(seeds, index_lists, st.integers(1, 11))
def test_a_batch_draws_what_its_samples_draw_alone(
    seed: int, indices: list[int], count: int
) -> None:
    together = Draws(seed, "any", indices).raw(count)
    alone = [Draws(seed, "any", [index]).raw(count)[0] for index in indices]
    assert (together == np.array(alone)).all()


@given(seeds, index_lists, st.integers(1, 11), st.integers(0, 9))
def test_drawing_more_keeps_what_was_drawn(
    seed: int, indices: list[int], count: int, more: int
) -> None:
    few = Draws(seed, "any", indices).raw(count)
    many = Draws(seed, "any", indices).raw(count + more)
    assert (many[:, :count] == few).all()


def test_successive_calls_seeds_streams_and_samples_share_no_word() -> None:
    words: list[int] = []
    for seed in (0, 1):
        for stream in ("spacing", "glyphs"):
            rng = Draws(seed, stream, range(16))
            words += [*rng.raw(9).ravel().tolist(), *rng.raw(9).ravel().tolist()]
    assert len(set(words)) == len(words) == 2 * 2 * 2 * 16 * 9


def test_seed_and_index_are_not_added() -> None:
    assert (Draws(0, "any", [1]).raw(4) != Draws(1, "any", [0]).raw(4)).all()


def test_whole_numbers_include_both_ends_and_nothing_else() -> None:
    drawn = Draws(7, "any", range(1000)).integers(3, 5, 4)
    assert drawn.dtype == np.int64
    assert set(drawn.ravel().tolist()) == {3, 4, 5}


def test_a_range_of_one_value_gives_that_value() -> None:
    assert Draws(7, "any", [0]).integers(4, 4, 3).tolist() == [[4, 4, 4]]


def test_bounds_may_differ_from_number_to_number() -> None:
    drawn = Draws(7, "any", range(500)).integers([0, 10], [1, 10], 2)
    assert set(drawn[:, 0].tolist()) == {0, 1}
    assert set(drawn[:, 1].tolist()) == {10}


@given(words=st.lists(st.integers(0, 2**64 - 1), min_size=1), span=st.integers(1, 2**32))
@example(words=[0x5555555555555556], span=3)  # just carried over from the low half
def test_scaling_is_the_high_half_of_the_128_bit_product(words: list[int], span: int) -> None:
    from image_sequence.draws import _scaled

    scaled = _scaled(np.array(words, np.uint64), np.array(span, np.uint64))
    assert scaled.tolist() == [word * span >> 64 for word in words]


def test_whole_numbers_are_uniform() -> None:
    drawn = Draws(7, "any", range(25_000)).integers(0, 20, 4)
    assert chisquare(np.bincount(drawn.ravel(), minlength=21)).pvalue > 0.001


def test_uniform_numbers_fill_their_range() -> None:
    drawn = Draws(7, "any", range(10_000)).uniform(-1.0, 3.0, 2)
    assert drawn.shape == (10_000, 2)
    assert -1.0 <= drawn.min() < -0.999
    assert 2.999 < drawn.max() < 3.0
    assert abs(drawn.mean() - 1.0) < 4 * (4 / 12**0.5) / 20_000**0.5


@pytest.mark.parametrize(("low", "high"), [(1, 0), (0, 2**32)])
def test_a_range_that_cannot_be_drawn_from_is_refused(low: int, high: int) -> None:
    rng = Draws(7, "any", [0])
    with pytest.raises(ArgumentValueError, match=r"at most 2\*\*32 values work"):
        rng.integers(low, high, 1)


def test_each_sample_has_a_generator_of_its_own() -> None:
    together = [rng.random() for rng in Draws(7, "any", [3, 9]).generators()]
    alone = [rng.random() for rng in Draws(7, "any", [9]).generators()]
    assert together[1] == alone[0] != together[0]


def test_generators_share_nothing_with_each_other_other_calls_and_raw_words() -> None:
    rng = Draws(7, "any", [3, 4])
    words = rng.raw(8).ravel().tolist()
    for _ in range(2):
        for generator in rng.generators():
            words += generator.bit_generator.random_raw(8).tolist()
    assert len(set(words)) == len(words) == 2 * 8 + 2 * 2 * 8


def test_drawing_leaves_the_global_state_alone() -> None:
    before = np.random.get_state(legacy=False)["state"]["key"].copy()  # noqa: NPY002
    rng = Draws(7, "any", [0])
    rng.integers(0, 20, 5)
    list(rng.generators())
    assert (np.random.get_state(legacy=False)["state"]["key"] == before).all()  # noqa: NPY002


@pytest.mark.parametrize("seed", [0, 2**64 - 1, np.uint64(2**64 - 1), np.int8(5)])
def test_seeds_are_whole_numbers_below_2_to_the_64(seed: int) -> None:
    assert checked_seed(seed) == int(seed)
    assert type(checked_seed(seed)) is int


@pytest.mark.parametrize(
    ("seed", "kind"),
    [
        (-1, ArgumentValueError),
        (2**64, ArgumentValueError),
        pytest.param(10**5000, ArgumentValueError, id="5,001 digits"),
        (1.0, ArgumentTypeError),
        (True, ArgumentTypeError),
        ("7", ArgumentTypeError),
    ],
)
def test_other_seeds_are_refused(seed: object, kind: type[ImageSequenceError]) -> None:
    with pytest.raises(kind, match=r"a seed (is a whole number|lies from 0)"):
        checked_seed(seed)


def test_fresh_seeds_differ() -> None:
    assert fresh_seed() != fresh_seed()
