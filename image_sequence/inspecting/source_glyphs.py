"""Source glyphs: which pictures of a single label are misread, in whatever sequence they stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.alignment import Alignment
from image_sequence.inspecting.breakdowns import Classes, Group, groups_of
from image_sequence.inspecting.truths import Truths
from image_sequence.inspecting.units import text_of


@dataclass(frozen=True, slots=True)
class SourceGlyph:
    """A picture of a single label, and how it was read.

    Attributes:
        index: which image of its data set it is.
        label: what it is.
        group: how often it was shown and misread; its name is the glyph's digest.
        read_as: what it was misread as, the most frequent first: "" where it was left out.
    """

    index: int
    label: str
    group: Group
    read_as: Mapping[str, int] = field(hash=False)

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        named = {"glyph_digest": self.group.name, "glyph_index": self.index, "label": self.label}
        rest = self.group.to_dict()
        del rest["group"]
        return named | rest | {"read_as": dict(self.read_as)}


def most_misread(
    truths: Truths, alignment: Alignment, texts: Sequence[str], count: int
) -> tuple[SourceGlyph, ...]:
    """The glyphs with the highest lower ends of their intervals of mistakes, the highest first.

    So a glyph misread 9 times of 10 stands before one misread the only time it was shown. The same
    pixels are the same glyph.

    Args:
        truths: which glyphs there are.
        alignment: how they were read.
        texts: the labels' texts, by number.
        count: how many at the most.
    """
    wrong = alignment.substituted | alignment.deleted
    misread = np.unique(truths.digests[wrong])
    # Only those are counted that were misread once: mostly a small part.
    places = np.searchsorted(misread, truths.digests).clip(max=max(0, misread.size - 1))
    shown = misread[places] == truths.digests if misread.size else np.zeros(places.size, np.bool_)
    numbers = np.where(shown, places, -1)
    groups = groups_of(Classes(numbers, [f"{name:016x}" for name in misread.tolist()]), alignment)
    order = sorted(range(len(groups)), key=lambda place: (-groups[place].low, place))[:count]
    return tuple(
        SourceGlyph(
            index=int(truths.glyph_indices[numbers == place][0]),
            label=texts[int(truths.labels.values[numbers == place][0])],
            group=groups[place],
            read_as=_counted(alignment.read_as[wrong & (numbers == place)], texts),
        )
        for place in order
    )


def _counted(reads: NDArray[np.int64], texts: Sequence[str]) -> dict[str, int]:
    """How often each was read, the most frequent first."""
    units, counts = np.unique(reads, return_counts=True)
    order = np.argsort(-counts, kind="stable").tolist()
    return {text_of(int(units[place]), texts): int(counts[place]) for place in order}
