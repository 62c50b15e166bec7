"""What mistakes are counted in: a data set's labels, and texts taken apart into them."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property

from image_sequence.plan import ABSENT


class Units:
    """Labels as numbers, and whatever else was predicted.

    Where each label is one character, a prediction is its characters, spaces too. Else it is read
    from the left: wherever a label begins, the longest such label; white space between labels means
    nothing; any other character is a unit of its own. So "catdog" and "cat dog" are the same, and
    where "1", "2" and "12" are labels, "12" is one label and "1 2" are two.

    >>> units = Units(["cat", "dog"])
    >>> units.split("dogcat cat?"), units.numbers("cow")
    (['dog', 'cat', 'cat', '?'], [2, 3, 4])
    """

    def __init__(self, labels: Iterable[str]) -> None:
        self._numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
        self._labels = tuple(self._numbers)

    @property
    def texts(self) -> tuple[str, ...]:
        """All units that were met, by their numbers; the labels first."""
        return tuple(self._numbers)

    @cached_property
    def are_characters(self) -> bool:
        """Whether each label is one character."""
        return all(len(label) == 1 for label in self._labels)

    def split(self, text: str) -> list[str]:
        """The units of a prediction, from the left."""
        return list(text) if self.are_characters else self._pattern.findall(text)

    def numbers(self, text: str) -> list[int]:
        """The same as numbers; what is no label gets the next one."""
        known = self._numbers
        return [known.setdefault(unit, len(known)) for unit in self.split(text)]

    @cached_property
    def _pattern(self) -> "re.Pattern[str]":
        longest_first = sorted(self._labels, key=len, reverse=True)
        return re.compile("|".join([*map(re.escape, longest_first), r"\S"]))


def text_of(number: int, texts: Sequence[str]) -> str:
    """The text of a unit; "" of -1, which stands for nothing."""
    return "" if number == ABSENT else texts[number]


def in_order(labels: Iterable[str]) -> list[str]:
    """Labels as one looks them up: whole numbers by their values, then other texts.

    >>> in_order(["b", "10", "9", "a"])
    ['9', '10', 'a', 'b']
    """
    return sorted(labels, key=_key)


def _key(label: str) -> tuple[bool, int, str]:
    is_number = label.isdecimal() and label.isascii() and len(label) < 20  # 2**64
    return not is_number, int(label) if is_number else 0, label
