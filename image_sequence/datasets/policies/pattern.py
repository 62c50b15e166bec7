"""The policy "pattern": texts of a form, such as dates and number plates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.policies.pattern_nodes import Node
from image_sequence.datasets.policies.pattern_text import read_pattern
from image_sequence.datasets.policies.rows import moved_left
from image_sequence.datasets.policies.settings import check_keys
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, shown
from image_sequence.plan import ABSENT

_KEYS = ("pattern",)


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""Texts of a form, which is written in a small part of the grammar of Python's `re`.

    A character stands for itself; `\d` is a digit; `[0-9A-F]` is one of a class of characters;
    `(one|two)` is one of its alternatives; `?` after a part says that it may be missing, `{n}` that
    it stands n times, `{m,n}` that it stands m to n times. A backslash before one of
    ``\ [ ] ( ) { } | ? * + . ^ $`` makes it an ordinary character. Characters of a class,
    alternatives and counts are each as likely as the others.

    Attributes:
        pattern: the form.

    Raises:
        ArgumentTypeError: it is not a text.
        ArgumentValueError: it is no pattern; the message says where.

    >>> alphabet = Alphabet.of({number: str(number) for number in range(10)} | {10: "/"})
    >>> labels = Pattern(r"[0-3]\d/(1|3)/\d{4}")(alphabet, Draws(7, "labels", [0]))
    >>> "".join(alphabet.texts[label] for label in labels[0].tolist())
    '08/3/6839'
    """

    pattern: str
    _node: Node = field(init=False, repr=False, compare=False)
    _characters: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _tops: NDArray[np.int64] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.pattern, str):
            raise ArgumentTypeError(
                rf"a pattern is a text such as '\\d{{2}}/\\d{{2}}', not {shown(self.pattern)}"
            )
        node, characters = read_pattern(self.pattern)
        tops = np.fromiter(node.tops(), np.int64, node.choice_count)
        for name, value in (("_node", node), ("_characters", characters), ("_tops", tops)):
            object.__setattr__(self, name, value)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The policy from what JSON says beside its name."""
        check_keys(settings, "the policy 'pattern'", _KEYS, _KEYS)
        return cls(settings["pattern"])

    @property
    def repeats(self) -> bool:
        """True: another stream gives other texts."""
        return True

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """See `LabelPolicy`."""
        alphabet.numbers_of(self._characters)
        bits = self._node.lengths
        return tuple(length for length in range(bits.bit_length()) if bits >> length & 1)

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """See `LabelPolicy`."""
        numbers = alphabet.numbers_of(self._characters)[:, 0]
        if self._tops.size:
            choices = rng.integers(0, self._tops, self._tops.size)
        else:
            choices = np.empty((rng.batch_size, 0), np.int64)
        places = self._node.columns(choices)
        # A place of -1 takes what stands last.
        return moved_left(np.append(numbers, ABSENT)[places])

    def to_dict(self) -> dict[str, Any]:
        """See `LabelPolicy`."""
        return {"policy": "pattern", "pattern": self.pattern}
