"""What a label policy is, and what it draws from: the labels there are images of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.rows import filled
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, shown
from image_sequence.plan import ABSENT

LONGEST = 10_000
"""The most labels that a policy puts on one picture."""

_NAMED_IN_ERRORS = 12


@dataclass(frozen=True, eq=False)
class Alphabet:
    """The labels there are images of.

    Attributes:
        numbers: int64, shape (count,), at least one, distinct, none of them -1.
        texts: what each is as text, distinct.

    Raises:
        ArgumentValueError: labels that cannot be.

    >>> alphabet = Alphabet.of({0: "a", 4: "b"})
    >>> alphabet.numbers_of(["ab", "b"]).tolist()
    [[0, 4], [4, -1]]
    """

    numbers: NDArray[np.int64]
    texts: tuple[str, ...]

    def __post_init__(self) -> None:
        numbers = np.array(self.numbers, np.int64)
        numbers.flags.writeable = False
        object.__setattr__(self, "numbers", numbers)
        if not len(self.texts) == numbers.size > 0:
            raise ArgumentValueError(
                f"an alphabet has a label or more, and a text for each; there are {numbers.size} "
                f"numbers and {len(self.texts)} texts"
            )
        if not all(self.texts):
            raise ArgumentValueError(
                f"label {numbers[self.texts.index('')]} has an empty text; give it another one"
            )
        if (numbers == ABSENT).any():
            raise ArgumentValueError(
                f"a label of {ABSENT} cannot be drawn: it fills the rows of short sequences; give "
                f"the labels other numbers"
            )
        for name, values in (("number", numbers.tolist()), ("text", list(self.texts))):
            if len(set(values)) < len(values):
                twice = next(value for value in values if values.count(value) > 1)
                raise ArgumentValueError(
                    f"two labels have the {name} {shown(twice)}; each has its own"
                )

    @classmethod
    def of(cls, classes: Mapping[int, str]) -> Self:
        """The labels of a mapping from numbers to texts, in its order."""
        return cls(np.array(list(classes), np.int64), tuple(classes.values()))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Alphabet):
            return NotImplemented
        same = self.texts == other.texts and bool((self.numbers == other.numbers).all())
        return self is other or same

    def __hash__(self) -> int:
        return hash(self.texts)

    def __getstate__(self) -> dict[str, Any]:
        return {"numbers": self.numbers, "texts": self.texts}

    @property
    def listed(self) -> str:
        """The texts as an error lists them: the first dozen, and how many more there are."""
        more = len(self.texts) - _NAMED_IN_ERRORS
        names = ", ".join(map(repr, self.texts[:_NAMED_IN_ERRORS]))
        return f"{names} and {more} more" if more > 0 else names

    def chosen(self, texts: Sequence[str] | None) -> Self:
        """Only the labels of these texts, in their order; all of them for None.

        Raises:
            ArgumentValueError: there is no image of one of them.
        """
        if texts is None:
            return self
        known = dict(zip(self.texts, self.numbers.tolist(), strict=True))
        self._check_none_missing([text for text in texts if text not in known])
        return type(self)(np.array([known[text] for text in texts], np.int64), tuple(texts))

    def numbers_of(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """The labels of texts whose every character is a label.

        Returns:
            int64, shape (count, longest), shorter rows filled with -1.

        Raises:
            ArgumentValueError: a character has no image, or a text is empty.
        """
        return filled(*self.flat_numbers(texts))

    def flat_numbers(self, texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The same, one text after the other: int64 (sum of the lengths,), and the lengths.

        A few long texts among many short ones take no memory for rows that are filled up.
        """
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        if not lengths.all():
            number = int(np.flatnonzero(lengths == 0)[0])
            raise ArgumentValueError(f"text {number} is empty; a picture shows one label or more")
        codes = code_points("".join(texts))
        known, numbers = self._characters
        places = np.minimum(np.searchsorted(known, codes), max(known.size - 1, 0))
        missing = known[places] != codes if known.size else np.ones(codes.size, np.bool_)
        if missing.any():
            self._check_none_missing([chr(code) for code in np.unique(codes[missing]).tolist()])
        return numbers[places], lengths

    def texts_of(self, labels: NDArray[np.int64]) -> list[str]:
        """What rows of labels read: the texts of each one's labels, one after the other."""
        if not len(labels):
            return []
        known = dict(zip(self.numbers.tolist(), self.texts, strict=True)) | {ABSENT: ""}
        return ["".join([known[label] for label in row]) for row in labels.tolist()]

    def digits(self) -> NDArray[np.int64]:
        """The labels of "0" … "9": int64, shape (10,).

        Raises:
            ArgumentValueError: there is no image of one of them.
        """
        return self.chosen("0123456789").numbers

    @cached_property
    def _characters(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The code points of the labels of one character, ascending, and the labels' numbers."""
        single = [place for place, text in enumerate(self.texts) if len(text) == 1]
        codes = np.array([ord(self.texts[place]) for place in single], np.int64)
        order = np.argsort(codes)
        return codes[order], self.numbers[np.array(single, np.int64)[order]]

    def _check_none_missing(self, texts: list[str]) -> None:
        if not texts:
            return
        more = len(texts) - _NAMED_IN_ERRORS
        names = ", ".join(map(repr, texts[:_NAMED_IN_ERRORS]))
        raise ArgumentValueError(
            f"there is no image of {names}{f' and {more} more' if more > 0 else ''}; there are "
            f"images of {self.listed}"
        )


class LabelPolicy(Protocol):
    """Decides what is written on the pictures. `partial(policy, alphabet)` is what streams take."""

    @property
    def repeats(self) -> bool:
        """Whether another stream of random numbers may give a sample another sequence."""
        ...

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """The labels of a batch: those of sample i are a function of (seed, stream, i) alone.

        Returns:
            int64, shape (batch, longest), -1 behind the last label of a row.

        Raises:
            ArgumentValueError: it cannot work with these labels.
        """
        ...

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """Every number of labels that a sequence may have, ascending.

        Raises:
            ArgumentValueError: it cannot work with these labels; what `__call__` would find out.
        """
        ...

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values, of which `policy_of` makes it again."""
        ...


def code_points(text: str) -> NDArray[np.int64]:
    """The code points of a text: int64, shape (length,)."""
    encoded = text.encode("utf-32-le", "surrogatepass")
    return np.frombuffer(encoded, "<u4").astype(np.int64)
