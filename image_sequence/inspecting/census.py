"""A census: all that a report says of a data set, counted while it is read once."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.viewing import Viewed
from image_sequence.inspecting.blocks import Block, blocks
from image_sequence.inspecting.digests import Digests
from image_sequence.inspecting.gap_counts import GapCounts
from image_sequence.inspecting.glyph_use import GlyphCounts
from image_sequence.inspecting.label_counts import LabelCounts
from image_sequence.inspecting.pixels import Pixels
from image_sequence.plan import ByteImages

_SAME = 1e-4

SourceName: TypeAlias = tuple[str, str, str, str]
"""Name, split, part and what was split by, as records say them; "" for nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A sample that a page shows."""

    sample: Viewed
    pixels: ByteImages = field(repr=False)


@dataclass(slots=True)
class Extremes:
    """The samples with the smallest and the largest value of something.

    Attributes:
        least: the first one that has it; None while there is none.
        most: the same.
    """

    least: Shown | None = None
    most: Shown | None = None
    _ends: tuple[float, float] = (np.inf, -np.inf)

    @property
    def differ(self) -> bool:
        """Whether the two values are not the same, but for what float32 makes of them."""
        return self._ends[1] - self._ends[0] > _SAME

    def add(self, values: NDArray[np.float64], block: Block) -> None:
        """Look at more samples: float64, shape (count,); NaN where nothing is known."""
        if np.isnan(values).all():
            return
        low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
        if values[low] < self._ends[0]:
            self.least = Shown(block.samples[low], block.pictures[low])
        if values[high] > self._ends[1]:
            self.most = Shown(block.samples[high], block.pictures[high])
        self._ends = (
            min(self._ends[0], float(values[low])),
            max(self._ends[1], float(values[high])),
        )


@dataclass(slots=True)
class Census:
    """What is in a data set.

    Attributes:
        sample_count: how many samples were read.
        labels: which labels there are.
        gaps: gaps, cells and strips.
        glyphs: which images of the source are shown.
        pixels: what pictures look like.
        pictures: the same as digests, to find those that look alike.
        sequences: what is written on them, likewise.
        sources: how many samples each source has.
        seeds: how many samples are of each seed.
        shown: some samples, evenly spaced.
        ink: the samples with the least and the most ink.
        squeezes: those that were squeezed most and least.
    """

    sample_count: int = 0
    labels: LabelCounts = field(default_factory=LabelCounts)
    gaps: GapCounts = field(default_factory=GapCounts)
    glyphs: GlyphCounts = field(default_factory=GlyphCounts)
    pixels: Pixels = field(default_factory=Pixels)
    pictures: Digests = field(default_factory=Digests)
    sequences: Digests = field(default_factory=Digests)
    sources: Counter[SourceName] = field(default_factory=Counter)
    seeds: Counter[int] = field(default_factory=Counter)
    shown: list[Shown] = field(default_factory=list)
    ink: Extremes = field(default_factory=Extremes)
    squeezes: Extremes = field(default_factory=Extremes)

    def passing(self, samples: Iterable[Viewed], ordinals: Iterable[int]) -> Iterator[Viewed]:
        """The same samples, counted as they pass.

        Args:
            samples: in order.
            ordinals: which of them are shown, counted from 0.

        Raises:
            RecordError: a record lacks what it needs.
            PictureError, ShardError: what is there is not what was written.
        """
        chosen = frozenset(ordinals)
        for block in blocks(samples):
            self._add(block, chosen)
            yield from block.samples

    def _add(self, block: Block, chosen: frozenset[int]) -> None:
        indices = [sample.index for sample in block.samples]
        self.labels.add(block)
        self.glyphs.add(block)
        self.pictures.add_pictures(block.pictures, indices)
        self.sequences.add_sequences(block.labels, indices)
        self.squeezes.add(self.gaps.add(block), block)
        self.ink.add(self.pixels.add(block.pictures), block)
        for ordinal, pair in enumerate(
            zip(block.samples, block.pictures, strict=True), self.sample_count
        ):
            record = pair[0].record
            self.sources[_source(record["source"])] += 1
            self.seeds[record["seed"]] += 1
            if ordinal in chosen:
                self.shown.append(Shown(*pair))
        self.sample_count += len(block.samples)


def _source(source: Mapping[str, Any]) -> SourceName:
    by = ", ".join(source["split_by"])
    return source["name"], source["split"], source["part"] or "", by


def evenly_spaced(count: int, most: int) -> Iterator[int]:
    """So many whole numbers below `count`, or all of them, with the first and the last one.

    >>> list(evenly_spaced(1000, 3))
    [0, 499, 999]
    """
    kept = min(count, most)
    return (place * (count - 1) // max(1, kept - 1) for place in range(kept))
