"""The parts that a data set came in: train, val and test, whatever they are called there."""

from collections.abc import Iterable
from typing import Any

from image_sequence.errors import ArgumentValueError, SourceNotFoundError, shown

WHOLE = "all"
"""What a data set is called that did not come in parts."""

_PARTS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
SPELLINGS = tuple(_PARTS)


def part_called(name: str) -> str | None:
    """Our name of a part, or None.

    >>> part_called("Validation"), part_called("cat")
    ('val', None)
    """
    return _PARTS.get(name.lower())


def check_part(split: Any) -> None:
    """Raise ArgumentValueError if this cannot be the name of a part."""
    if split is not None and (not isinstance(split, str) or not split):
        raise ArgumentValueError(f"a split is train, val or test, not {shown(split)}")


def chosen_part(split: str | None, parts: Iterable[str], where: str) -> str:
    """Which of the parts there are is meant: without a split the whole, else train.

    Raises:
        SourceNotFoundError: there is no such part, or several and no telling which.
    """
    there = list(parts)
    wanted = [WHOLE, "train", *(there if len(there) == 1 else [])] if split is None else [split]
    for name in wanted:
        if name in there:
            return name
    if there == [WHOLE]:
        raise SourceNotFoundError(f"{where} did not come in parts, so it has no {split!r}")
    missing = "is in several parts" if split is None else f"has no part {split!r}"
    raise SourceNotFoundError(f"{where} {missing}; a split of it is {' or '.join(there)}")
