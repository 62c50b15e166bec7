"""Where glyphs come from: which data set, whose hand, which very picture."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import ABSENT, Integers


@dataclass(frozen=True, slots=True)
class Source:
    """A data set, or a part of it.

    Attributes:
        name: the data set.
        split: the part of it that `glyph_indices` count in.
        part: "train", "val" or "test", if the glyphs or the sequences are only those of a part.
        split_by: what the parts share none of: "glyph", "writer", "sequence", or several of them.
    """

    name: str
    split: str
    part: str | None = None
    split_by: tuple[str, ...] = ()


class Glyphs(Protocol):
    """What is known of images by their positions: a `GlyphBank`, or `KnownGlyphs`."""

    @property
    def writers(self) -> Integers | None:
        """Who wrote each, -1 where nobody knows; None if nobody knows of any."""
        ...

    def digests(self, positions: Integers) -> list[str]:
        """Names that depend on the pixels alone."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class KnownGlyphs:
    """What is known of a few images, without the images."""

    names: tuple[str, ...]
    writers: Integers | None

    def digests(self, positions: Integers) -> list[str]:
        """The names."""
        return [self.names[position] for position in positions.tolist()]


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """Where the glyphs of a batch come from. It pickles without the data set.

    Attributes:
        source: the data set.
        glyphs: what is known of its images.
        texts: what its labels are as text, or None for the numbers themselves.
        positions: int64, shape (batch, n): which images; -1 where a sample has fewer.
    """

    source: Source
    glyphs: Glyphs = field(repr=False)
    texts: Mapping[int, str] | None
    positions: NDArray[np.int64] = field(repr=False)

    def row(self, row: int) -> Self:
        """The origin of one sample, still as a batch of one."""
        return replace(self, positions=self.positions[row : row + 1])

    def digests(self) -> list[str]:
        """What the pixels of each glyph of a batch of one are named."""
        return self.glyphs.digests(self.positions[self.positions != ABSENT])

    def digests_of_rows(self) -> list[list[str]]:
        """What the pixels of the glyphs of each sample are named, filled up with any name."""
        names = self.glyphs.digests(np.maximum(self.positions, 0).reshape(-1))
        longest = self.positions.shape[1]
        return [names[first : first + longest] for first in range(0, len(names), longest)]

    def writers(self) -> NDArray[np.int64]:
        """Who wrote each glyph: int64, shape (batch, n), -1 for nobody or nobody known."""
        if self.glyphs.writers is None:
            return np.full(self.positions.shape, ABSENT)
        writers = self.glyphs.writers[np.maximum(self.positions, 0)].astype(np.int64)
        return np.where(self.positions == ABSENT, ABSENT, writers)

    def labels(self, numbers: NDArray[np.int64]) -> tuple[int, ...] | tuple[str, ...]:
        """Labels as they were asked for: as text, if they have any."""
        if self.texts is None:
            return tuple(numbers.tolist())
        return tuple(self.texts[number] for number in numbers.tolist())

    def labels_of_rows(
        self, numbers: NDArray[np.int64], lengths: NDArray[np.int64]
    ) -> list[tuple[int, ...]] | list[tuple[str, ...]]:
        """The same of every sample: of int64, shape (batch, n), the first `lengths` of each row."""
        rows = zip(numbers.tolist(), lengths.tolist(), strict=True)
        if self.texts is None:
            return [tuple(row[:length]) for row, length in rows]
        texts = self.texts
        return [tuple([texts[number] for number in row[:length]]) for row, length in rows]

    def texts_of_rows(self, numbers: NDArray[np.int64], lengths: NDArray[np.int64]) -> list[str]:
        """What each sample shows, as one text: of int64, shape (batch, n), -1 behind the last."""
        if self.texts is None and numbers.min() >= ABSENT and numbers.max() <= 9:
            # A character is four bytes, and a text of NumPy's ends before those that are 0.
            codes = np.where(numbers == ABSENT, 0, numbers + ord("0")).astype(np.uint32)
            texts: list[str] = codes.view(f"U{numbers.shape[1]}")[:, 0].tolist()
            return texts
        return ["".join(map(str, labels)) for labels in self.labels_of_rows(numbers, lengths)]

    def __reduce__(self) -> tuple[Any, ...]:
        used, places = np.unique(self.positions, return_inverse=True)
        kept = used[used != ABSENT]
        writers = None if self.glyphs.writers is None else self.glyphs.writers[kept]
        known = KnownGlyphs(tuple(self.glyphs.digests(kept)), writers)
        positions = places.reshape(self.positions.shape) - (used.size - kept.size)
        return type(self), (self.source, known, self.texts, positions)
