"""What a caller asks for, checked before anything is drawn."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.plan import ABSENT
from image_sequence.whole_numbers import checked_pixels, is_whole_number

WIDEST = 1_000_000
"""The widest strip or picture, in pixels: 112 MB as float32 at a height of 28."""

MOST_SEQUENCES = 10_000_000
"""How many sequences a batch may have: an endless iterable ends in an error, not without memory."""

_NO_SEQUENCES = "there are no sequences; a batch has at least one: [[7]]"


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
    def checked(
        cls, digits: object, spacing_range: object, image_width: object, *, overlap: bool = False
    ) -> Self:
        """The request, if each of its parts makes sense.

        Args:
            digits: whole numbers.
            spacing_range: a pair of them.
            image_width: one of them.
            overlap: whether spacing may be negative.

        Raises:
            ArgumentTypeError: digits that are not whole numbers, a spacing range that is not a pair
                of them, or a width that is not one.
            ArgumentValueError: no digits, minimum > maximum, negative spacing without `overlap`, a
                width below 1, or anything above `WIDEST`.
        """
        labels = checked_labels(digits)
        minimum, maximum = _checked_range(spacing_range, overlap=overlap)
        return cls(labels, minimum, maximum, _checked_width(image_width))

    def for_samples(self, count: int) -> "BatchRequest":
        """The same sequence again and again."""
        sequences = Sequences.of([self.labels]).repeated(count)
        return BatchRequest(sequences, self.minimum, self.maximum, self.image_width)


@dataclass(frozen=True, slots=True, eq=False)
class Sequences:
    """Label sequences of one or of mixed lengths, as arrays.

    Attributes:
        labels: int64, shape (count, longest), shorter rows filled with -1.
        lengths: int64, shape (count,).

    >>> sequences = Sequences.checked([[7], [2, 0]])
    >>> sequences.labels.tolist(), sequences.lengths.tolist()
    ([[7, -1], [2, 0]], [1, 2])
    """

    labels: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @property
    def present(self) -> NDArray[np.bool_]:
        """Where there is a label: bool, shape (count, longest)."""
        return np.arange(self.labels.shape[1]) < self.lengths[:, None]

    @classmethod
    def checked(cls, sequences: object) -> Self:
        """The sequences, if each is one.

        Args:
            sequences: sequences of whole numbers; or an array of whole numbers, shape (count,
                longest), whose shorter rows are filled with -1, such as `Batch.labels`.

        Raises:
            ArgumentTypeError: something else.
            ArgumentValueError: none, an empty one, or more than `MOST_SEQUENCES`.
        """
        if isinstance(sequences, np.ndarray) and sequences.ndim == 2:
            return cls._of_array(sequences)
        is_text = isinstance(sequences, (str, bytes))
        rows = None if is_text else _elements(sequences, MOST_SEQUENCES + 1)
        if rows is None:
            raise ArgumentTypeError(
                f"sequences are lists of digits such as [[0, 1], [7]], not {shown(sequences)}"
            )
        if not rows:
            raise ArgumentValueError(_NO_SEQUENCES)
        if len(rows) > MOST_SEQUENCES:
            raise ArgumentValueError(
                f"there are more than {MOST_SEQUENCES} sequences; use fewer, or a stream of batches"
            )
        return cls.of(_checked_rows(rows))

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Self:
        """The sequences of rows that are checked already."""
        lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        try:
            flat = np.fromiter(chain.from_iterable(rows), np.int64, lengths.sum())
        except OverflowError as error:
            raise ArgumentValueError("labels lie from -2**63 to 2**63 - 1") from error
        if (lengths == lengths[0]).all():
            return cls(flat.reshape(len(rows), -1), lengths)
        labels = np.full((len(rows), lengths.max()), ABSENT)
        labels[np.arange(labels.shape[1]) < lengths[:, None]] = flat
        return cls(labels, lengths)

    @classmethod
    def _of_array(cls, array: NDArray[Any]) -> Self:
        if array.dtype.kind not in "iu":
            raise ArgumentTypeError(
                f"an array of digits holds whole numbers, not {array.dtype}; "
                f"array.astype(int) makes such"
            )
        if array.size and array.max() > np.iinfo(np.int64).max:
            raise ArgumentValueError(f"labels lie below 2**63, {array.max()} does not")
        if not len(array):
            raise ArgumentValueError(_NO_SEQUENCES)
        labels = array.astype(np.int64)
        present = labels != ABSENT
        lengths = present.sum(axis=1)
        if lengths.min() == 0:
            raise ArgumentValueError("there are no digits in a row; a sequence has at least one")
        if (present != (np.arange(labels.shape[1]) < lengths[:, None])).any():
            raise ArgumentValueError("-1 stands behind the last digit of a row, and nowhere else")
        return cls(labels, lengths)

    def __len__(self) -> int:
        return len(self.lengths)

    @property
    def are_mixed(self) -> bool:
        """Whether there are sequences of several lengths."""
        return bool(self.lengths.min() != self.labels.shape[1])

    def repeated(self, count: int) -> Self:
        """The only sequence, `count` times."""
        return type(self)(np.repeat(self.labels, count, 0), np.repeat(self.lengths, count))

    def replaced(self, rows: NDArray[np.int64], others: Self) -> Self:
        """With others in place of some, in the order of `rows`."""
        longest = max(self.labels.shape[1], others.labels.shape[1])
        labels = np.full((len(self), longest), ABSENT)
        labels[:, : self.labels.shape[1]] = self.labels
        labels[rows] = ABSENT
        labels[rows, : others.labels.shape[1]] = others.labels
        lengths = self.lengths.copy()
        lengths[rows] = others.lengths
        return type(self)(labels[:, : lengths.max()], lengths)

    def taken(self, rows: NDArray[np.int64]) -> Self:
        """Some of the sequences, in the order of `rows`."""
        return type(self)(self.labels[rows], self.lengths[rows])


@dataclass(frozen=True, slots=True, eq=False)
class BatchRequest:
    """Many sequences; the other attributes are those of `SequenceRequest`."""

    sequences: Sequences
    minimum: int
    maximum: int
    image_width: int

    @classmethod
    def checked(
        cls, sequences: object, spacing_range: object, image_width: object, *, overlap: bool = False
    ) -> Self:
        """The request, if each of its parts makes sense.

        Raises:
            ArgumentTypeError, ArgumentValueError: as `Sequences.checked` and
                `SequenceRequest.checked`.
        """
        minimum, maximum = _checked_range(spacing_range, overlap=overlap)
        width = _checked_width(image_width)
        return cls(Sequences.checked(sequences), minimum, maximum, width)

    def for_samples(self, count: int) -> Self:
        """Itself: there is a sequence for each of so many samples already."""
        if count != len(self.sequences):
            raise ArgumentValueError(f"{len(self.sequences)} sequences are no {count} samples")
        return self


def _checked_rows(rows: Sequence[object]) -> Sequence[Sequence[int]]:
    # One pass in C over all elements tells whether they are plain ints: nearly always they are.
    if all(map(_is_plain, rows)):
        plain: Any = rows
        if set(map(type, chain.from_iterable(plain))) <= {int} and all(plain):
            return plain  # type: ignore[no-any-return]  # plain rows of plain ints
    return [checked_labels(row) for row in rows]


def _is_plain(row: object) -> bool:
    return isinstance(row, (list, tuple, range))


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
    if set(map(type, labels)) == {int}:  # As nearly always: one pass in C.
        return labels  # type: ignore[return-value]  # they are ints
    return tuple(_checked_label(label) for label in labels)


def _checked_label(label: object) -> int:
    if not is_whole_number(label):
        raise ArgumentTypeError(
            f"digits are whole numbers such as 0 or 7, not {shown(label)} ({type(label).__name__})"
        )
    return int(label)


def _checked_range(spacing_range: object, *, overlap: bool) -> tuple[int, int]:
    unordered = isinstance(spacing_range, (AbstractSet, Mapping))
    ends = () if unordered else _elements(spacing_range, 3) or ()
    whole = [int(end) for end in ends if is_whole_number(end)]
    if len(ends) != 2 or len(whole) != 2:
        raise ArgumentTypeError(
            f"a spacing range is a pair of whole numbers such as (0, 20), "
            f"not {shown(spacing_range)}"
        )
    minimum, maximum = whole
    least = -WIDEST if overlap else 0
    if minimum < least or maximum > WIDEST:
        allowed = "" if overlap else "; with spacing.overlap it may be negative"
        raise ArgumentValueError(
            f"spacing lies from {least} to {WIDEST} pixels, "
            f"the range from {shown(minimum)} to {shown(maximum)} does not"
            + (allowed if minimum < 0 else "")
        )
    if minimum > maximum:
        raise ArgumentValueError(
            f"the minimum spacing {shown(minimum)} is above the maximum {maximum}; "
            f"the smaller number comes first"
        )
    return minimum, maximum


def _checked_width(image_width: object) -> int:
    return checked_pixels("an image_width", image_width, WIDEST, 86)


def _elements(values: object, most: int) -> tuple[object, ...] | None:
    """The first `most` elements; or None for something that has none to iterate over."""
    try:
        return tuple(islice(iter(values), most))  # type: ignore[call-overload]  # that is the question
    except TypeError:
        return None


def checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The dtype of pixels: float32 for 0.0 to 1.0, or uint8 for 0 to 255.

    Raises:
        ArgumentTypeError: no dtype at all.
        ArgumentValueError: another one.
    """
    try:
        checked = np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"a dtype is float32 or uint8, not {shown(dtype)}") from error
    if checked not in (np.float32, np.uint8):
        raise ArgumentValueError(f"pictures are float32 or uint8, not {checked}")
    return checked
