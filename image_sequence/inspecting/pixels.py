"""Pixels: how dark pictures are, how much of them is ink, and how large they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.tallies import Spread
from image_sequence.plan import ByteImages

_MIDDLE = 128
_LEVELS = 255
_HALF = 0.5


@dataclass(slots=True)
class Pixels:
    """What pictures look like on the whole.

    Attributes:
        ink_is_dark: which side of the middle grey is ink; None for the one that the first pictures
            have less of.
        ink: the share of pixels that are ink: on the ink's side of the middle between black and
            white, 0 … 1; of colours their mean counts.
        grey: the mean level, 0 black … 255 white.
        sizes: how many pictures have each width, height and number of channels.
    """

    ink_is_dark: bool | None = None
    ink: Spread = field(default_factory=lambda: Spread(0.002))
    grey: Spread = field(default_factory=lambda: Spread(0.5))
    sizes: Counter[tuple[int, int, int]] = field(default_factory=Counter)

    def add(self, pictures: Sequence[ByteImages]) -> NDArray[np.float64]:
        """Measure more pictures.

        Returns:
            The share of ink of each: float64, shape (count,).
        """
        for picture in pictures:
            height, width = picture.shape[:2]
            self.sizes[width, height, 1 if picture.ndim == 2 else picture.shape[2]] += 1
        dark, grey = _measured(pictures)
        if self.ink_is_dark is None:
            self.ink_is_dark = bool(dark.mean() <= _HALF)
        ink = dark if self.ink_is_dark else 1 - dark
        self.ink.add(ink)
        self.grey.add(grey)
        return ink


def _measured(pictures: Sequence[ByteImages]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each picture the share of dark pixels and the mean level: float64, shape (count,)."""
    if len({picture.shape for picture in pictures}) > 1:
        parts = [_measured([picture]) for picture in pictures]
        return tuple(np.concatenate(column) for column in zip(*parts, strict=True))  # type: ignore[return-value]  # two
    stack = np.stack(pictures)
    grey = stack.reshape(len(stack), -1).mean(axis=1)
    levels = stack if stack.ndim == 3 else stack.mean(axis=-1)
    return (levels < _MIDDLE).reshape(len(stack), -1).mean(axis=1), grey
