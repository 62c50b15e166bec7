"""The policy "digits": labels at random, with or without a check digit."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.check_digits import CHECK_DIGITS
from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.policies.lengths import LengthLaw
from image_sequence.datasets.policies.rows import cut
from image_sequence.datasets.policies.settings import check_keys, flag, labels_of, one_of
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, shown

_KEYS = ("length", "of", "leading_zeros", "check")
_ALL = tuple("0123456789")


@dataclass(frozen=True, slots=True)
class Digits:
    """Labels at random, each as likely as any other. They may be letters, if there are images.

    Attributes:
        length: how many labels a sequence has, its check digit included.
        of: the texts of the labels that are drawn; None for all there are images of.
        leading_zeros: whether a sequence of two or more may begin with "0".
        check: "luhn" or "ean": the last digit is a check digit; None for none.

    Raises:
        ArgumentValueError: a check digit and nothing else, or what must be digits and is not.

    >>> digits = Alphabet.of({number: str(number) for number in range(10)})
    >>> Digits(LengthLaw.of([1, 3]))(digits, Draws(7, "labels", range(3))).tolist()
    [[7, -1], [0, 5], [3, 5]]
    """

    length: LengthLaw
    of: tuple[str, ...] | None = None
    leading_zeros: bool = True
    check: str | None = None

    def __post_init__(self) -> None:
        if self.check is not None and self.length.lengths[0] < 2:
            raise ArgumentValueError(
                f"the length counts the {self.check} digit, so it is at least 2, not "
                f"{self.length.lengths[0]}"
            )
        if self.of is not None:
            self._check_labels(self.of)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The policy from what JSON says beside its name."""
        check_keys(settings, "the policy 'digits'", _KEYS, ("length",))
        of, check = settings.get("of"), settings.get("check")
        return cls(
            LengthLaw.of(settings["length"]),
            None if of is None else labels_of(of),
            flag(settings.get("leading_zeros", True), "leading_zeros"),
            None if check is None else one_of(check, "check", tuple(CHECK_DIGITS)),
        )

    @property
    def repeats(self) -> bool:
        """True: another stream gives other labels."""
        return True

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """See `LabelPolicy`."""
        self._chosen(alphabet)
        return self.length.lengths

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """See `LabelPolicy`."""
        chosen = self._chosen(alphabet)
        lengths = self.length.drawn(rng)
        places = rng.integers(0, len(chosen.texts) - 1, int(lengths.max(initial=1)))
        if not self.leading_zeros and "0" in chosen.texts and len(chosen.texts) > 1:
            # The last label is not "0"; where the drawn place is not below it, it stands for it.
            above_zero = rng.integers(0, len(chosen.texts) - 2, 1)[:, 0]
            above_zero += above_zero >= chosen.texts.index("0")
            places[:, 0] = np.where(lengths > 1, above_zero, places[:, 0])
        if self.check is None:
            return cut(chosen.numbers[places], lengths)
        return cut(alphabet.digits()[self._with_check_digits(chosen, places, lengths)], lengths)

    def to_dict(self) -> dict[str, Any]:
        """See `LabelPolicy`."""
        of = {} if self.of is None else {"of": list(self.of)}
        zeros = {} if self.leading_zeros else {"leading_zeros": False}
        check = {} if self.check is None else {"check": self.check}
        return {"policy": "digits", "length": self.length.to_json(), **of, **zeros, **check}

    def _with_check_digits(
        self, chosen: Alphabet, places: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """What digits they are, 0 … 9, the last one of each row right for the others."""
        digits = np.array([int(text) for text in chosen.texts], np.int64)[places]
        last = CHECK_DIGITS[str(self.check)](digits, lengths - 1)
        digits[np.arange(len(digits)), lengths - 1] = last
        return digits

    def _chosen(self, alphabet: Alphabet) -> Alphabet:
        chosen = alphabet.chosen(self.of)
        self._check_labels(chosen.texts)
        if self.check is not None:
            alphabet.digits()
        return chosen

    def _check_labels(self, texts: tuple[str, ...]) -> None:
        if self.leading_zeros and self.check is None:
            return
        reason = "leading_zeros: false" if self.check is None else f'check: "{self.check}"'
        others = [text for text in texts if text not in _ALL]
        if others:
            raise ArgumentValueError(
                f"{reason} goes with digits alone, and {shown(others[0])} is none; "
                f'"of": ["0", "1", …] draws digits only'
            )
        if texts == ("0",) and not self.leading_zeros and self.length.longest > 1:
            raise ArgumentValueError(
                "leading_zeros: false leaves nothing to begin with, for only '0' is drawn; name "
                "another digit in of, or a length of 1"
            )
