"""Labels of any text as numbers with names."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

Names: TypeAlias = Mapping[int, str] | Sequence[str]


def numbered(
    labels: Any, names: Names | None = None
) -> tuple[NDArray[np.int64], dict[int, str] | None]:
    """Labels as numbers, and what each number is as text.

    Args:
        labels: whole numbers or texts, shape (count,) or (count, 1): an array, a tensor or a list.
        names: the texts of the numbers, in a mapping, or in a list from 0 on; None for those there
            are: texts are then numbered in the order of their code points, numbers have no names.

    Returns:
        int64, shape (count,); and the names, or None.

    Raises:
        ArgumentTypeError: labels of another kind, or of both kinds.
        ArgumentValueError: another shape, a text that is not in `names`, or a number beyond int64.

    >>> numbers, names = numbered(["cat", "あ", "cat"])
    >>> numbers.tolist(), names
    ([0, 1, 0], {0: 'cat', 1: 'あ'})
    """
    texts = None if names is None else named(names)
    plain = _plain(labels)
    if isinstance(plain, np.ndarray):
        return plain, texts
    if texts is None:
        texts = dict(enumerate(sorted(set(plain))))
    numbers = {text: number for number, text in texts.items()}
    unknown = set(plain) - numbers.keys()
    if unknown:
        raise ArgumentValueError(
            f"the label {min(unknown)!r} is none of the names {shown(list(texts.values()))}"
        )
    return np.array([numbers[text] for text in plain], np.int64), texts


def named(names: Names) -> dict[int, str]:
    """Names as a mapping from numbers.

    Raises:
        ArgumentTypeError: neither a mapping from whole numbers nor a list.
    """
    if isinstance(names, str) or not isinstance(names, (Mapping, Sequence, np.ndarray)):
        raise ArgumentTypeError(
            f"names are a mapping such as {{0: 'cat'}} or a list such as ['cat'], "
            f"not {shown(names)}"
        )
    pairs = names.items() if isinstance(names, Mapping) else enumerate(names)
    texts = {number: _item(text) for number, text in pairs}
    for number in texts:
        if not is_whole_number(number):
            raise ArgumentTypeError(f"names belong to whole numbers, not to {shown(number)}")
    return {int(number): text for number, text in texts.items()}


def _plain(labels: Any) -> NDArray[np.int64] | list[str]:
    values = labels.numpy() if hasattr(labels, "numpy") else labels
    if isinstance(values, np.ndarray):
        if values.shape[1:] not in ((), (1,)) or values.ndim == 0:
            raise ArgumentValueError(f"labels have the shape (count,), not {values.shape}")
        values = values.reshape(len(values))
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iu":
        values = [_item(label) for label in values]
        if values and all(isinstance(label, str) for label in values):
            return list(values)
        _check_numbers(values)
    try:
        # By way of lists, because NumPy lets uint64 wrap.
        numbers = values.tolist() if isinstance(values, np.ndarray) else values
        return np.array(numbers, np.int64)
    except OverflowError as error:
        raise ArgumentValueError("the numbers of labels lie from -2**63 to 2**63 - 1") from error


def _check_numbers(labels: list[Any]) -> None:
    wanted = str if labels and isinstance(labels[0], str) else int
    for place, label in enumerate(labels):
        if (wanted is str and not isinstance(label, str)) or (
            wanted is int and not is_whole_number(label)
        ):
            raise ArgumentTypeError(
                f"labels are whole numbers or texts, all of one kind; "
                f"label {place} is {shown(label)}"
            )


def _item(value: Any) -> Any:
    """A Python value, where it is NumPy's or a tensor's."""
    if isinstance(value, np.ndarray) and value.size != 1:
        return value
    return value.item() if hasattr(value, "item") else value
