"""From labels as people write them to labels as numbers."""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.whole_numbers import is_whole_number

_NAMED_IN_ERRORS = 12


class Spelling:
    """The texts of a bank's labels, and the way back.

    Attributes:
        bank: one whose labels have names.
    """

    def __init__(self, bank: GlyphBank) -> None:
        self.bank = bank
        names = bank.names or {}
        self._numbers: dict[Any, int] = {text: number for number, text in names.items()}

    @property
    def classes(self) -> tuple[str, ...]:
        """The texts of all labels that may be drawn, in the order of their numbers."""
        return tuple(self.bank.text(label) for label in self.bank.classes.tolist())

    def numbers(self, labels: object, most: int) -> tuple[int, ...]:
        """The numbers of a sequence of labels.

        Args:
            labels: texts, or whole numbers, which are kept; or one text of one-character labels.
            most: how many are read at most, so that an endless sequence comes to an end.

        Raises:
            ArgumentTypeError: not a sequence, or a label is neither.
            ArgumentValueError: no label has that text.
        """
        if not isinstance(labels, Iterable):
            raise ArgumentTypeError(
                f"labels are a sequence such as ['a', 'b'], not {shown(labels)}"
            )
        known = self._numbers
        sequence = tuple(islice(labels, most))
        try:
            return tuple([known[label] for label in sequence])
        except (KeyError, TypeError):
            return tuple([self._number(label, labels) for label in sequence])

    def _number(self, label: object, labels: object) -> int:
        if is_whole_number(label):
            return int(label)
        if not isinstance(label, str):
            raise ArgumentTypeError(
                f"a label is a text such as {self.classes[0]!r}, or its number, not {shown(label)}"
            )
        if label in self._numbers:
            return self._numbers[label]
        advice = ""
        if isinstance(labels, str) and labels in self._numbers:
            advice = f"; [{shown(labels)}] is a sequence of that one label"
        raise ArgumentValueError(
            f"{self.bank.name} ({self.bank.part or self.bank.split}) has no label {shown(label)}; "
            f"it has {self._listed()}{advice}"
        )

    def _listed(self) -> str:
        classes = self.classes
        listed = ", ".join(map(repr, classes[:_NAMED_IN_ERRORS]))
        more = len(classes) - _NAMED_IN_ERRORS
        return f"{listed} and {more} more" if more > 0 else listed
