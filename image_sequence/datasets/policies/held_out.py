"""Texts that are never shown, so that nobody learns them by heart."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import Alphabet, LabelPolicy, code_points
from image_sequence.datasets.policies.rows import replaced
from image_sequence.datasets.policies.strings import Strings
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError
from image_sequence.plan import ABSENT

_MOST_DRAWN = 1_000  # For one sample; if half of all texts are held out, it takes 2 on average.
_BASE = np.uint64(0x9E3779B97F4A7C15)  # Odd: its powers are never 0.


@dataclass(frozen=True)
class HeldOut:
    """A policy without some texts: a sample that would show one of them draws again.

    Attributes:
        policy: one that repeats.
        strings: the texts. A picture shows one when its labels' texts, one after the other, are it.

    Raises:
        ArgumentValueError: the policy does not repeat.
    """

    policy: LabelPolicy
    strings: Strings

    def __post_init__(self) -> None:
        if not self.policy.repeats:
            raise ArgumentValueError(
                f"nothing can be held out of the policy {self.policy.to_dict()['policy']!r}: it "
                f"shows what is next, and draws nothing again; leave held_out out, or use the "
                f"policy 'digits'"
            )

    @property
    def repeats(self) -> bool:
        """True: the policy repeats."""
        return True

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """Those of the policy; also those of which every text is held out."""
        _ = self.strings.lines
        return self.policy.lengths(alphabet)

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """See `LabelPolicy`.

        Raises:
            ArgumentValueError: all that was drawn for a sample is held out.
        """
        labels = self.policy(alphabet, rng)
        held = np.flatnonzero(self.holds(alphabet, labels))
        for attempt in range(1, _MOST_DRAWN):
            if not held.size:
                return labels
            # Each attempt has a stream of its own, so a sample's do not depend on the others.
            again = Draws(rng.seed, f"{rng.stream}/again/{attempt}", rng.indices[held])
            others = self.policy(alphabet, again)
            labels = replaced(labels, held, others)
            held = held[self.holds(alphabet, others)]
        if not held.size:
            return labels
        raise ArgumentValueError(
            f"{_MOST_DRAWN} texts were drawn for sample {rng.indices[held[0]]}, and each of them "
            f"is held out; hold out fewer of the {len(self.strings.lines)}, or draw from more"
        )

    def holds(self, alphabet: Alphabet, labels: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether each row is held out: bool, shape (batch,)."""
        hashes, known = _row_hashes(alphabet, labels), self._known[1]
        places = np.minimum(np.searchsorted(known, hashes), known.size - 1)
        found: NDArray[np.bool_] = known[places] == hashes
        # Two texts may have one hash; of those that are shown, few come here.
        candidates = np.flatnonzero(found)
        found[candidates] = [
            text in self._known[0] for text in alphabet.texts_of(labels[candidates])
        ]
        return found

    def to_dict(self) -> dict[str, Any]:
        """See `LabelPolicy`. A file is read for its SHA-256."""
        return {**self.policy.to_dict(), "held_out": self.strings.to_json()}

    def __getstate__(self) -> dict[str, Any]:
        return {"policy": self.policy, "strings": self.strings}

    @cached_property
    def _known(self) -> tuple[frozenset[str], NDArray[np.uint64]]:
        """The texts, and their hashes ascending."""
        texts = self.strings.lines
        return frozenset(texts), np.unique(_text_hashes(texts))


def _text_hashes(texts: tuple[str, ...]) -> NDArray[np.uint64]:
    """The sum of (code point + 1) * base**place, modulo 2**64: uint64, shape (count,)."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    starts = np.cumsum(lengths) - lengths
    places = np.arange(lengths.sum()) - np.repeat(starts, lengths)
    codes = code_points("".join(texts)).astype(np.uint64) + np.uint64(1)
    return np.add.reduceat(codes * _powers(int(lengths.max()))[places], starts)


def _row_hashes(alphabet: Alphabet, labels: NDArray[np.int64]) -> NDArray[np.uint64]:
    """The hashes of the rows' texts: uint64, shape (batch,)."""
    order = np.argsort(alphabet.numbers)
    sizes = np.array([len(text) for text in alphabet.texts], np.int64)[order]
    hashes = _text_hashes(alphabet.texts)[order]
    present = labels != ABSENT
    known = np.where(present, labels, alphabet.numbers[0])
    places = np.searchsorted(alphabet.numbers[order], known)
    widths = np.where(present, sizes[places], 0)
    starts = np.cumsum(widths, axis=1) - widths
    powers = _powers(int(starts.max(initial=0)) + 1)
    parts = np.where(present, hashes[places] * powers[starts], np.uint64(0))
    sums: NDArray[np.uint64] = parts.sum(axis=1)
    return sums


def _powers(count: int) -> NDArray[np.uint64]:
    powers = np.full(count, _BASE, np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)
