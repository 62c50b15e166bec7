"""The line that glyphs stand on: how large each is, and how far below the line it stands."""

from dataclasses import dataclass, fields
from math import ceil, radians, tan
from typing import Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.steps.kinds import Kind, Parameter, unchanged
from image_sequence.steps.pipeline import Step
from image_sequence.steps.settings import step_of
from image_sequence.whole_numbers import is_whole_number

_MOST_ROOM = 1_000
_SHARE_OF_ROOM = 4  # Slope and drift have a fourth of a glyph's height, above and below.
SIZE = Parameter("size", "factor", 0.2, 3, (1, 1))
BASELINE = Parameter("baseline", "pixels", -100, 100, (0, 0))
DRIFT = Parameter("drift", "pixels", -100, 100, (0, 0))
SLOPE = Parameter("slope", "degrees", -45, 45, (0, 0))


@dataclass(frozen=True, slots=True)
class Line:
    """How glyphs stand on their line.

    All but `room` are ranges that are drawn from uniformly, both ends alike for one value.

    Attributes:
        size: factor: how large each glyph is; its ink stays on the line.
        baseline: pixels below the line, for each glyph on its own.
        drift: pixels from glyph to glyph, which add up: the line wanders.
        slope: degrees by which the line rises to the right, one value for each picture.
        per: for `size`, "glyph" or "sequence", as for steps.
        spread: for `size` per "sequence": how far glyphs differ, as a share of the range.
        room: pixels of paper above and below for glyphs off the line; None for as many as
            `baseline` needs, and a fourth of a glyph's height more if there is drift or slope. A
            line that would leave its room is flattened until it fits.

    Raises:
        ArgumentTypeError, ArgumentValueError: something that cannot be used.
    """

    size: tuple[float, float] = (1.0, 1.0)
    baseline: tuple[float, float] = (0.0, 0.0)
    drift: tuple[float, float] = (0.0, 0.0)
    slope: tuple[float, float] = (0.0, 0.0)
    per: str = "glyph"
    spread: float = 0.0
    room: int | None = None

    @classmethod
    def from_settings(cls, settings: object) -> Self:
        """From what a configuration's section says.

        Raises:
            ArgumentTypeError, ArgumentValueError: it cannot be used.
        """
        if not isinstance(settings, dict):
            raise ArgumentTypeError(f"layout is an object, not {shown(settings)}")
        known = [field.name for field in fields(cls)]
        unknown = [key for key in settings if key not in known]
        if unknown:
            raise ArgumentValueError(
                f"layout has {shown(unknown[0])}, which means nothing; it has {', '.join(known)}"
            )
        room = _checked_room(settings.get("room"))
        choices = {key: value for key, value in settings.items() if key != "room"}
        size_kind = Kind("layout", "", (SIZE, BASELINE, DRIFT, SLOPE), unchanged)
        step = step_of(choices, size_kind, "layout")
        return cls(**step.ranges, per=step.per, spread=step.spread, room=room)

    @property
    def is_plain(self) -> bool:
        """Whether all glyphs stand on a straight line in their own size."""
        return self == STRAIGHT

    @property
    def has_sizes(self) -> bool:
        """Whether glyphs are resized."""
        return self.size != (1.0, 1.0)

    def rooms(self, glyph_height: int) -> tuple[int, int]:
        """Pixels of paper above and below a glyph's cell that the line needs."""
        taller = max(0, ceil(glyph_height * (self.size[1] - 1)))
        if self.room is not None:
            return taller + self.room, self.room
        room = ceil(max(map(abs, self.baseline)))
        if self.drift != (0.0, 0.0) or self.slope != (0.0, 0.0):
            room += ceil(glyph_height / _SHARE_OF_ROOM)
        return taller + room, room

    def sizes(
        self, seed: int, indices: NDArray[np.int64], count: int
    ) -> NDArray[np.float64] | None:
        """How large glyphs are: float64, shape (batch, count); None where all are as they are."""
        if not self.has_sizes:
            return None
        kind = Kind("layout", "", (SIZE,), unchanged)
        step = Step(kind, {"size": self.size}, per=self.per, spread=self.spread)
        return step.drawn(Draws(seed, "layout", indices), count).values["size"]

    def shifts(
        self, seed: int, indices: NDArray[np.int64], middles: NDArray[np.float64], room: int
    ) -> NDArray[np.int64]:
        """How far below the line glyphs stand: int64, shape (batch, n), whole pixels.

        Args:
            seed: the generator's.
            indices: int64, shape (batch,): the samples.
            middles: float64, shape (batch, n), pixels: how far right of the middle of the strip
                each glyph stands; NaN where there is none.
            room: pixels: how far a glyph may leave the line.
        """
        count = middles.shape[1]

        def drawn(name: str, ends: tuple[float, float], number: int) -> NDArray[np.float64]:
            return Draws(seed, f"layout/{name}", indices).uniform(*ends, number)

        drifts = drawn("drift", self.drift, count)
        drifts[:, 0] = 0
        slope = np.array([tan(radians(angle)) for angle in drawn("slope", self.slope, 1)[:, 0]])
        below = drawn("baseline", self.baseline, count) + np.cumsum(drifts, axis=1)
        below -= slope[:, None] * middles
        below[np.isnan(middles)] = 0
        furthest = np.abs(below).max(axis=1, keepdims=True)
        fitting = np.where(furthest > room, room / np.maximum(furthest, 1), 1)
        return np.rint(below * fitting).astype(np.int64)


def _checked_room(room: object) -> int | None:
    if room is None:
        return None
    if not is_whole_number(room):
        raise ArgumentTypeError(
            f"layout.room is a whole number of pixels such as 4, not {shown(room)}"
        )
    if not 0 <= room <= _MOST_ROOM:
        raise ArgumentValueError(
            f"layout.room lies from 0 to {_MOST_ROOM} pixels, {shown(room)} does not"
        )
    return int(room)


STRAIGHT = Line()
"""The line of classic pictures."""
