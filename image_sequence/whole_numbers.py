"""What counts as a whole number, and as a number of pixels."""

from typing import TypeGuard

import numpy as np

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown


def is_whole_number(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number: Python's or NumPy's, but no bool and no float."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def checked_pixels(name: str, value: object, most: int, example: int) -> int:
    """The number of pixels as a Python int, 1 … `most`.

    Args:
        name: what an error calls it, such as "an image_width".
        value: the number.
        most: the largest that works.
        example: one that works, for the error.

    Raises:
        ArgumentTypeError: it is not a whole number.
        ArgumentValueError: it is below 1 or above `most`.
    """
    if not is_whole_number(value):
        raise ArgumentTypeError(
            f"{name} is a whole number of pixels such as {example}, not {shown(value)}"
        )
    if not 1 <= value <= most:
        raise ArgumentValueError(f"{name} lies from 1 to {most} pixels, {shown(value)} does not")
    return int(value)
