"""The policy "numbers": whole numbers of a range, with or without zeros in front."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.policies.rows import cut
from image_sequence.datasets.policies.settings import check_keys, whole_number, whole_pair
from image_sequence.draws import Draws, wide_product

_KEYS = ("range", "digits")
_MOST_DIGITS = 18
_LARGEST = 10**_MOST_DIGITS - 1
_POWERS = 10 ** np.arange(_MOST_DIGITS, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers, each of the range as likely as any other.

    Attributes:
        low: the smallest, at least 0.
        high: the largest, itself included, of 18 digits at most.
        digits: numbers of fewer digits get zeros in front, up to so many; None for no zeros.

    >>> digits = Alphabet.of({number: str(number) for number in range(10)})
    >>> Numbers(0, 120, digits=3)(digits, Draws(7, "labels", range(3))).tolist()
    [[0, 1, 3], [0, 4, 1], [0, 7, 4]]
    """

    low: int
    high: int
    digits: int | None = None

    def __post_init__(self) -> None:
        whole_pair((self.low, self.high), "range", 0, _LARGEST)
        if self.digits is not None:
            whole_number(self.digits, "digits", 1, _MOST_DIGITS)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The policy from what JSON says beside its name."""
        check_keys(settings, "the policy 'numbers'", _KEYS, ("range",))
        low, high = whole_pair(settings["range"], "range", 0, _LARGEST)
        digits = settings.get("digits")
        padded = None if digits is None else whole_number(digits, "digits", 1, _MOST_DIGITS)
        return cls(low, high, padded)

    @property
    def repeats(self) -> bool:
        """True: another stream gives other numbers."""
        return True

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """See `LabelPolicy`."""
        alphabet.digits()
        least = self.digits or 1
        shortest, longest = (max(len(str(end)), least) for end in (self.low, self.high))
        return tuple(range(shortest, longest + 1))

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """See `LabelPolicy`."""
        numbers = self._drawn(rng)
        # How many powers of ten are not above a number is how many digits it has; 0 has one.
        lengths = np.searchsorted(_POWERS, np.maximum(numbers, 1), side="right")
        lengths = np.maximum(lengths, self.digits or 1)
        places = lengths[:, None] - 1 - np.arange(int(lengths.max(initial=0)))
        digits = numbers[:, None] // _POWERS[np.maximum(places, 0)] % 10
        return cut(alphabet.digits()[digits], lengths)

    def to_dict(self) -> dict[str, Any]:
        """See `LabelPolicy`."""
        digits = {} if self.digits is None else {"digits": self.digits}
        return {"policy": "numbers", "range": [self.low, self.high], **digits}

    def _drawn(self, rng: Draws) -> NDArray[np.int64]:
        """The numbers of a batch: int64, shape (batch,).

        `word * span >> 128` of a word of 128 bits: no number is likelier than another by more than
        span / 2**128 of its share. One word of 64 bits would make some of 10**18 numbers likelier
        than others by a twentieth.
        """
        words, span = rng.raw(2), np.uint64(self.high - self.low + 1)
        high, low = wide_product(words[:, 0], span)
        carry = low > ~wide_product(words[:, 1], span)[0]
        return self.low + (high + carry).astype(np.int64)
