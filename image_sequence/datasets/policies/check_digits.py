"""The digits at the end of numbers by which slips of the pen are found."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

CheckDigit: TypeAlias = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.int64]]


def luhn(digits: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The check digits of card numbers: ISO/IEC 7812-1, Annex B.

    From the right every other digit, beginning with the last, is doubled, and 9 is taken from what
    has two digits then; the check digit makes the sum a multiple of ten.

    Args:
        digits: int64, shape (batch, longest), 0 … 9; what stands behind a row's end is not read.
        lengths: int64, shape (batch,): how many digits each row has without its check digit.

    Returns:
        int64, shape (batch,), 0 … 9.

    >>> luhn(np.array([[7, 9, 9, 2, 7, 3, 9, 8, 7, 1]]), np.array([10])).tolist()
    [3]
    """
    doubled = 2 * digits - 9 * (digits > 4)
    from_right = _from_right(digits, lengths)
    values = np.where(from_right % 2 == 0, doubled, digits)
    return _missing_to_ten(values, from_right)


def ean(digits: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """The check digits of EAN, UPC and other GTIN: GS1 General Specifications, 7.9.1.

    From the right the digits count 3, 1, 3, 1, … times; the check digit makes the sum a multiple of
    ten. Arguments and result are those of `luhn`.

    >>> ean(np.array([[4, 0, 0, 6, 3, 8, 1, 3, 3, 3, 9, 3]]), np.array([12])).tolist()
    [1]
    """
    from_right = _from_right(digits, lengths)
    values = np.where(from_right % 2 == 0, 3 * digits, digits)
    return _missing_to_ten(values, from_right)


CHECK_DIGITS: Mapping[str, CheckDigit] = {"luhn": luhn, "ean": ean}


def _from_right(digits: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which digit it is from the right, from 0; negative behind the row's end."""
    return lengths[:, None] - 1 - np.arange(digits.shape[1])


def _missing_to_ten(values: NDArray[np.int64], from_right: NDArray[np.int64]) -> NDArray[np.int64]:
    sums: NDArray[np.int64] = np.where(from_right >= 0, values, 0).sum(axis=1)
    return -sums % 10
