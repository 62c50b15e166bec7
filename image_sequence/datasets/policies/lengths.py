"""How many labels a picture has: one number, a range, or lengths with weights."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import fsum
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import LONGEST
from image_sequence.datasets.policies.settings import whole_number, whole_pair
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.steps.settings import is_number
from image_sequence.whole_numbers import is_whole_number

_HEAVIEST = 1e300  # Weights are floats, and so are their shares.


@dataclass(frozen=True, slots=True)
class LengthLaw:
    """How likely each length is.

    Attributes:
        lengths: those there are, ascending, at least one, 1 … `LONGEST`.
        weights: how often each is drawn, in proportion to each other; none if all are alike, and
            then there is no length left out between the first and the last.

    >>> LengthLaw.of([3, 5]).lengths
    (3, 4, 5)
    """

    lengths: tuple[int, ...]
    weights: tuple[float, ...] = ()

    @classmethod
    def of(cls, settings: object) -> Self:
        """The law that JSON describes.

        Args:
            settings: a whole number; `[low, high]`, both included, each as likely as the other; or
                an object of weights, `{"3": 0.5, "8": 0.5}`, whose sum need not be 1.

        Raises:
            ArgumentTypeError: something else.
            ArgumentValueError: lengths outside 1 … `LONGEST`, or a weight that is not above 0.
        """
        if is_whole_number(settings):
            return cls((whole_number(settings, "length", 1, LONGEST),))
        if isinstance(settings, (list, tuple)):
            low, high = whole_pair(settings, "length", 1, LONGEST)
            return cls(tuple(range(low, high + 1)))
        if isinstance(settings, Mapping):
            weights = dict(sorted(_weight(*item) for item in settings.items()))
            if not weights:
                raise ArgumentValueError('length has no weights; {"3": 0.5, "8": 0.5} has')
            return cls(tuple(weights), tuple(weights.values()))
        raise ArgumentTypeError(
            f"length is a whole number, a range such as [3, 8], or an object of weights such as "
            f'{{"3": 0.5, "8": 0.5}}, not {shown(settings)}'
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The law that a command line says: "5", or "3-8" for a range.

        Raises:
            ArgumentValueError: another text, or as `of`.

        >>> LengthLaw.from_text("3-5") == LengthLaw.of([3, 5])
        True
        """
        found = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text)
        if not found:
            raise ArgumentValueError(f"a length is a number such as 5, or 3-8, not {shown(text)}")
        low, high = found.groups()
        return cls.of(int(low) if high is None else [int(low), int(high)])

    @property
    def longest(self) -> int:
        """The largest length."""
        return self.lengths[-1]

    def drawn(self, rng: Draws) -> NDArray[np.int64]:
        """A length for each sample: int64, shape (batch,). One call of `rng`, whatever the law."""
        if not self.weights:
            return rng.integers(self.lengths[0], self.lengths[-1], 1)[:, 0]
        total = fsum(self.weights)
        bounds = [fsum(self.weights[:place]) / total for place in range(1, len(self.weights))]
        places = np.searchsorted(bounds, rng.uniform(0, 1, 1)[:, 0], side="right")
        return np.array(self.lengths, np.int64)[places]

    def to_json(self) -> Any:
        """The same in plain JSON values, of which `of` makes it again."""
        if self.weights:
            pairs = zip(self.lengths, self.weights, strict=True)
            return {str(length): weight for length, weight in pairs}
        if len(self.lengths) == 1:
            return self.lengths[0]
        return [self.lengths[0], self.lengths[-1]]


def _weight(key: object, weight: object) -> tuple[int, float]:
    text = key if isinstance(key, str) else str(key) if is_whole_number(key) else ""
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise ArgumentValueError(
            f'a length with a weight is a whole number such as "3", not {shown(key)}'
        )
    length = whole_number(int(text), "length", 1, LONGEST)
    if not is_number(weight):
        raise ArgumentTypeError(f"the weight of length {text} is a number, not {shown(weight)}")
    if not 0 < weight <= _HEAVIEST:  # type: ignore[operator]  # it is a number
        raise ArgumentValueError(
            f"the weight of length {text} lies above 0 and up to {_HEAVIEST:g}, {shown(weight)} "
            f"does not; a length that is not named is never drawn"
        )
    return length, float(weight)  # type: ignore[arg-type]  # it is a number
