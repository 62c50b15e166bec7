"""Requests: what is asked for, checked before anything is drawn."""

from collections.abc import Iterator
from itertools import count, repeat

import numpy as np
import pytest

from image_sequence.composing import request as request_module
from image_sequence.composing.request import (
    WIDEST,
    SequenceRequest,
    Sequences,
    checked_labels,
)
from image_sequence.errors import ArgumentTypeError, ArgumentValueError


def test_a_sound_request_is_kept_as_python_numbers() -> None:
    request = SequenceRequest.checked(np.array([2, 0]), np.array([0, 20]), np.int16(86))
    assert request == SequenceRequest((2, 0), 0, 20, 86)
    assert [type(label) for label in request.labels] == [int, int]


@pytest.mark.parametrize("digits", [[1, 2], (1, 2), range(1, 3), iter([1, 2]), np.array([1, 2])])
def test_any_iterable_of_whole_numbers_is_a_sequence(digits: object) -> None:
    assert checked_labels(digits) == (1, 2)


@pytest.mark.parametrize("digits", [7, None, np.array(7), list])
def test_what_cannot_be_iterated_over_is_no_sequence(digits: object) -> None:
    with pytest.raises(ArgumentTypeError, match=r"sequence of whole numbers such as \[0, 1\]"):
        checked_labels(digits)


@pytest.mark.parametrize("label", [True, np.True_, 1.0, np.float32(1), "1", None, [1]])
def test_digits_are_whole_numbers_and_nothing_else(label: object) -> None:
    with pytest.raises(ArgumentTypeError, match="digits are whole numbers such as 0 or 7, not"):
        checked_labels([0, label])


def test_there_must_be_digits() -> None:
    with pytest.raises(ArgumentValueError, match="there are no digits"):
        checked_labels([])


def test_endless_digits_come_to_an_end() -> None:
    with pytest.raises(ArgumentValueError, match=f"more than {WIDEST} digits"):
        checked_labels(count())


def test_an_error_within_the_users_iterable_is_the_users() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise RuntimeError("the user's own")

    with pytest.raises(RuntimeError, match="the user's own"):
        checked_labels(broken())


@pytest.mark.parametrize(
    "spacing_range",
    [5, None, (0,), (0, 1, 2), (0.0, 20), (0, "20"), (True, 20), "12", {0, 20}, {0: 1, 20: 1}],
)
def test_a_spacing_range_is_a_pair_of_whole_numbers(spacing_range: object) -> None:
    with pytest.raises(ArgumentTypeError, match=r"a pair of whole numbers such as \(0, 20\)"):
        SequenceRequest.checked([1], spacing_range, 86)


@pytest.mark.parametrize(
    ("spacing_range", "message"),
    [
        ((-1, 20), "spacing lies from 0 to 1000000 pixels, the range from -1 to 20 does not"),
        ((0, WIDEST + 1), "spacing lies from 0"),
        pytest.param((0, 10**5000), "to an int too long to show does not", id="5,001 digits"),
        ((20, 10), "the minimum spacing 20 is above the maximum 10; the smaller number comes"),
    ],
)
def test_a_range_that_cannot_work_is_refused(spacing_range: object, message: str) -> None:
    with pytest.raises(ArgumentValueError, match=message):
        SequenceRequest.checked([1], spacing_range, 86)


@pytest.mark.parametrize("image_width", [86.0, "86", None, True, [86]])
def test_a_width_is_a_whole_number(image_width: object) -> None:
    with pytest.raises(ArgumentTypeError, match="an image_width is a whole number of pixels"):
        SequenceRequest.checked([1], (0, 20), image_width)


@pytest.mark.parametrize("image_width", [0, -5, WIDEST + 1])
def test_a_width_that_cannot_be_made_is_refused(image_width: int) -> None:
    with pytest.raises(ArgumentValueError, match=f"from 1 to 1000000 pixels, {image_width} does"):
        SequenceRequest.checked([1], (0, 20), image_width)


@pytest.mark.parametrize("sequences", [[], (), np.zeros((0, 3), np.int64), iter(())])
def test_there_must_be_sequences(sequences: object) -> None:
    with pytest.raises(ArgumentValueError, match="there are no sequences"):
        Sequences.checked(sequences)


def test_endless_sequences_come_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_module, "MOST_SEQUENCES", 1_000)
    assert len(Sequences.checked(repeat([7], 1_000))) == 1_000
    with pytest.raises(ArgumentValueError, match="more than 1000 sequences; use fewer, or a str"):
        Sequences.checked(repeat([7]))


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        ([[8], [9]], [[8], [2, 3], [9]]),
        ([[8, 8, 8, 8], [9]], [[8, 8, 8, 8], [2, 3], [9]]),
        ([[5, 5], [6, 6]], [[5, 5], [2, 3], [6, 6]]),
    ],
)
def test_nothing_is_left_of_a_sequence_that_is_replaced(
    others: list[list[int]], expected: list[list[int]]
) -> None:
    before = Sequences.checked([[1, 1, 1], [2, 3], [4]])
    after = before.replaced(np.array([0, 2]), Sequences.checked(others))
    there = Sequences.checked(expected)
    assert after.labels.tolist() == there.labels.tolist()
    assert after.lengths.tolist() == there.lengths.tolist()
