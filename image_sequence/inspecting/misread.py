"""Samples that are misread: what is there beside what was read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from image_sequence.inspecting.alignment import Alignment
from image_sequence.inspecting.truths import Truths
from image_sequence.inspecting.units import text_of


@dataclass(frozen=True, slots=True)
class Misread:
    """A sample that was not read as what it shows.

    Attributes:
        index: the sample's number.
        file_name: its picture's.
        prediction: what was read, as it was given.
        mistakes: how many.
        aligned: each label beside what it was read as, from the left; "" for nothing.
    """

    index: int
    file_name: str
    prediction: str
    mistakes: int
    aligned: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """What it shows."""
        return "".join(label for label, _ in self.aligned)

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values."""
        return {
            "index": self.index,
            "file_name": self.file_name,
            "text": self.text,
            "prediction": self.prediction,
            "mistakes": self.mistakes,
            "aligned": [list(pair) for pair in self.aligned],
        }


def most_wrong(
    truths: Truths, alignment: Alignment, texts: Sequence[str], count: int
) -> tuple[Misread, ...]:
    """The samples with most mistakes, those first; of equals the longest first, then in order.

    Args:
        truths: what there is.
        alignment: how it was read.
        texts: the labels' texts, by number.
        count: how many at the most.
    """
    distances = alignment.distances
    order = np.lexsort((-truths.labels.lengths, -distances))
    rows = order[: np.count_nonzero(distances)][:count].tolist()
    return tuple(_misread(row, truths, alignment, texts) for row in rows)


def _misread(row: int, truths: Truths, alignment: Alignment, texts: Sequence[str]) -> Misread:
    pairs = alignment.pairs(row)
    return Misread(
        index=int(truths.indices[row]),
        file_name=truths.file_names[row],
        prediction=truths.predictions[row],
        mistakes=int(alignment.distances[row]),
        aligned=tuple((text_of(one, texts), text_of(other, texts)) for one, other in pairs),
    )
