"""The policy "texts": those of a list or a file, at random or in turn."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.policies.rows import filled
from image_sequence.datasets.policies.settings import check_keys, one_of, texts_of
from image_sequence.datasets.policies.strings import Strings
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError

_KEYS = ("texts", "file", "sha256", "order")
_ORDERS = ("random", "turn")


@dataclass(frozen=True, slots=True, eq=False)
class _Encoded:
    """Texts as labels of an alphabet, one after the other: those of text k begin at `starts[k]`."""

    alphabet: Alphabet
    flat: NDArray[np.int64]
    lengths: NDArray[np.int64]
    starts: NDArray[np.int64]


@dataclass(frozen=True)
class Texts:
    """Texts whose every character is a label.

    Attributes:
        strings: the texts.
        order: "random": each is as likely as any other for each sample; "turn": sample i shows
            text i, and after the last one the first again.
        held_out: those of the texts that are never shown; None for none.

    >>> digits = Alphabet.of({number: str(number) for number in range(10)})
    >>> Texts(Strings(("12", "7")), "turn")(digits, Draws(7, "labels", range(3))).tolist()
    [[1, 2], [7, -1], [1, 2]]
    """

    strings: Strings
    order: str = "random"
    held_out: Strings | None = None

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The policy from what JSON says beside its name."""
        check_keys(settings, "the policy 'texts'", _KEYS)
        order = one_of(settings.get("order", "random"), "order", _ORDERS)
        texts = settings.get("texts")
        listed = None if texts is None else texts_of(texts, "texts")
        return cls(Strings(listed, settings.get("file"), settings.get("sha256")), order)

    def without(self, held_out: Strings) -> Self:
        """The same policy without some of its texts."""
        return replace(self, held_out=held_out)

    @property
    def repeats(self) -> bool:
        """Whether the texts come at random: in turn, nothing is drawn."""
        return self.order == "random"

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """See `LabelPolicy`."""
        return tuple(np.unique(self._encoded(alphabet).lengths).tolist())

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """See `LabelPolicy`."""
        encoded = self._encoded(alphabet)
        count = len(encoded.lengths)
        in_turn = self.order == "turn"
        chosen = rng.indices % count if in_turn else rng.integers(0, count - 1, 1)[:, 0]
        lengths, starts = encoded.lengths[chosen], encoded.starts[chosen]
        within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return filled(encoded.flat[np.repeat(starts, lengths) + within], lengths)

    def to_dict(self) -> dict[str, Any]:
        """See `LabelPolicy`. A file is read for its SHA-256."""
        given = self.strings.to_json()
        texts = given if isinstance(given, dict) else {"texts": given}
        held_out = {} if self.held_out is None else {"held_out": self.held_out.to_json()}
        return {"policy": "texts", **texts, "order": self.order, **held_out}

    def __getstate__(self) -> dict[str, Any]:
        # Another process encodes, and reads, for itself.
        return {name: getattr(self, name) for name in ("strings", "order", "held_out")}

    def _encoded(self, alphabet: Alphabet) -> _Encoded:
        last: _Encoded | None = self.__dict__.get("_last")
        if last is None or last.alphabet != alphabet:
            flat, lengths = alphabet.flat_numbers(self._shown())
            last = _Encoded(alphabet, flat, lengths, np.cumsum(lengths) - lengths)
            self.__dict__["_last"] = last
        return last

    def _shown(self) -> tuple[str, ...]:
        if self.held_out is None:
            return self.strings.lines
        never = set(self.held_out.lines)
        shown = tuple(line for line in self.strings.lines if line not in never)
        if not shown:
            raise ArgumentValueError(
                f"each of the {len(self.strings.lines)} texts is held out, so nothing is left to "
                f"show; hold out fewer"
            )
        return shown
