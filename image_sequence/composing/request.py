"""What a caller asks for, checked before anything is drawn."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import islice
from typing import Self

from image_sequence.draws import is_whole_number
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown

WIDEST = 1_000_000
"""The widest strip or picture, in pixels: 112 MB as float32 at a height of 28."""


@dataclass(frozen=True, slots=True)
class SequenceRequest:
    """One sequence: its labels, the range its gaps come from, and the width of its picture.

    Attributes:
        labels: whole numbers from left to right, at least one.
        minimum: pixels, the smallest gap.
        maximum: pixels, the largest gap, itself included.
        image_width: pixels, 1 … `WIDEST`.
    """

    labels: tuple[int, ...]
    minimum: int
    maximum: int
    image_width: int

    @classmethod
    def checked(cls, digits: object, spacing_range: object, image_width: object) -> Self:
        """The request, if each of its parts makes sense.

        Raises:
            ArgumentTypeError: digits that are not whole numbers, a spacing range that is not a pair
                of them, or a width that is not one.
            ArgumentValueError: no digits, minimum > maximum, negative spacing, a width below 1, or
                anything above `WIDEST`.
        """
        labels = checked_labels(digits)
        minimum, maximum = _checked_range(spacing_range)
        return cls(labels, minimum, maximum, _checked_width(image_width))


def checked_labels(digits: object) -> tuple[int, ...]:
    """The labels as Python ints.

    Raises:
        ArgumentTypeError: not iterable, or an element is not a whole number.
        ArgumentValueError: none, or more than `WIDEST`.

    >>> checked_labels(range(2, 4))
    (2, 3)
    """
    labels = _elements(digits, WIDEST + 1)
    if labels is None:
        raise ArgumentTypeError(
            f"digits are a sequence of whole numbers such as [0, 1], not {shown(digits)}"
        )
    if not labels:
        raise ArgumentValueError("there are no digits; a sequence has at least one, such as [7]")
    if len(labels) > WIDEST:
        raise ArgumentValueError(f"there are more than {WIDEST} digits; use fewer")
    return tuple(_checked_label(label) for label in labels)


def _checked_label(label: object) -> int:
    if not is_whole_number(label):
        raise ArgumentTypeError(
            f"digits are whole numbers such as 0 or 7, not {shown(label)} ({type(label).__name__})"
        )
    return int(label)


def _checked_range(spacing_range: object) -> tuple[int, int]:
    unordered = isinstance(spacing_range, (AbstractSet, Mapping))
    ends = () if unordered else _elements(spacing_range, 3) or ()
    whole = [int(end) for end in ends if is_whole_number(end)]
    if len(ends) != 2 or len(whole) != 2:
        raise ArgumentTypeError(
            f"a spacing range is a pair of whole numbers such as (0, 20), "
            f"not {shown(spacing_range)}"
        )
    minimum, maximum = whole
    if minimum < 0 or maximum > WIDEST:
        raise ArgumentValueError(
            f"spacing lies from 0 to {WIDEST} pixels, "
            f"the range from {shown(minimum)} to {shown(maximum)} does not"
        )
    if minimum > maximum:
        raise ArgumentValueError(
            f"the minimum spacing {shown(minimum)} is above the maximum {maximum}; "
            f"the smaller number comes first"
        )
    return minimum, maximum


def _checked_width(image_width: object) -> int:
    if not is_whole_number(image_width):
        raise ArgumentTypeError(
            f"an image_width is a whole number of pixels such as 86, not {shown(image_width)}"
        )
    if not 1 <= image_width <= WIDEST:
        raise ArgumentValueError(
            f"an image_width lies from 1 to {WIDEST} pixels, {shown(image_width)} does not"
        )
    return int(image_width)


def _elements(values: object, most: int) -> tuple[object, ...] | None:
    """The first `most` elements, or None for something that has none to iterate over."""
    try:
        return tuple(islice(iter(values), most))  # type: ignore[call-overload]  # that is the question
    except TypeError:
        return None
