"""Glyph use: how often each image of the source is shown, and each writer's hand."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.recipe import Recipe
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.inspecting.blocks import Block
from image_sequence.inspecting.frequencies import Fit
from image_sequence.inspecting.tallies import Tally
from image_sequence.plan import ABSENT

_LEAST_EXPECTED = 5


def bank_of(recipe: Recipe) -> GlyphBank:
    """The glyphs that a recipe draws from."""
    data = recipe.configuration.data
    split = data.split()
    return data.source().load() if split is None else split.bank(data.source())


@dataclass(slots=True)
class GlyphCounts:
    """How often glyphs and writers are met.

    Attributes:
        glyphs: by the image's number in its source.
        writers: by writer; -1 where nobody knows.
        by_one_hand: samples all of whose glyphs are by one writer who is known.
    """

    glyphs: Tally = field(default_factory=Tally)
    writers: Tally = field(default_factory=Tally)
    by_one_hand: int = 0

    def add(self, block: Block) -> None:
        """Count those of more samples."""
        self.glyphs.add(block.glyph_indices)
        self.writers.add(block.writers)
        self.by_one_hand += sum(one.record["writer"] is not None for one in block.samples)

    @property
    def writer_counts(self) -> dict[int, int]:
        """How often each writer's glyphs are shown, the most frequent first."""
        known = {writer: n for writer, n in self.writers.counts.items() if writer != ABSENT}
        return dict(sorted(known.items(), key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, eq=False)
class GlyphUse:
    """How often glyphs are shown, beside how often chance would show them.

    Attributes:
        uses: int64, shape (glyph count,): of each glyph that may be drawn, or, where nobody knows
            which may, of those that were met.
        label_uses: int64, of the same shape: how often its label is; None where no law says that
            all glyphs of a label are as likely.
        label_glyphs: int64, of the same shape: how many glyphs its label has.
    """

    uses: NDArray[np.int64]
    label_uses: NDArray[np.int64] | None = field(default=None, repr=False)
    label_glyphs: NDArray[np.int64] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, glyphs: Tally, bank: GlyphBank | None, *, any_hand: bool) -> "GlyphUse":
        """The use of glyphs.

        Args:
            glyphs: how often each was met.
            bank: those that may be drawn, or None where nobody knows.
            any_hand: whether each is drawn whoever wrote the others: all of a label are as likely.
        """
        if bank is None:
            return cls(np.array(sorted(glyphs.counts.values()), np.int64))
        uses = glyphs.of(bank.drawable)
        if not any_hand:
            return cls(uses)
        _, numbers = np.unique(bank.labels[bank.drawable], return_inverse=True)
        numbers = numbers.reshape(-1)
        label_uses = np.bincount(numbers, uses).astype(np.int64)
        return cls(uses, label_uses[numbers], np.bincount(numbers)[numbers])

    @property
    def never_count(self) -> int:
        """How many are never shown."""
        return int((self.uses == 0).sum())

    @property
    def never_expected(self) -> float | None:
        """How many chance would leave out; None where no law is known."""
        if self.label_uses is None or self.label_glyphs is None:
            return None
        return float(((1 - 1 / self.label_glyphs) ** self.label_uses).sum())

    @cached_property
    def fit(self) -> Fit | None:
        """How well the uses agree with equally likely glyphs: Pearson's chi-square, by label.

        Of labels whose glyphs are expected fewer than 5 times each it tells nothing.
        """
        if self.label_uses is None or self.label_glyphs is None:
            return None
        expected = self.label_uses / self.label_glyphs
        told = (expected >= _LEAST_EXPECTED) & (self.label_glyphs > 1)
        # Each label's glyphs have one degree of freedom less than there are of them.
        degrees = round(float((1 - 1 / self.label_glyphs[told]).sum()))
        if not degrees:
            return None
        chi_square = ((self.uses[told] - expected[told]) ** 2 / expected[told]).sum()
        return Fit.of(float(chi_square), degrees)

    def histogram(self, most: int) -> tuple[list[str], NDArray[np.int64], NDArray[np.float64]]:
        """How many glyphs are shown so and so often.

        Args:
            most: how many bars at the most.

        Returns:
            The names of the bars; how many glyphs, int64; how many are expected, float64, empty
            where no law is known.
        """
        first, last = int(self.uses.min(initial=0)), int(self.uses.max(initial=0))
        size = -(-(last - first + 1) // most)
        edges = np.arange(first, last + size + 1, size)
        names = [str(edge) if size == 1 else f"{edge}–{edge + size - 1}" for edge in edges[:-1]]  # noqa: RUF001  # a range
        counts = np.histogram(self.uses, [*edges[:-1], edges[-1] - 0.5])[0]
        return names, counts, self._expected(edges)

    def _expected(self, edges: NDArray[np.int64]) -> NDArray[np.float64]:
        if self.label_uses is None or self.label_glyphs is None:
            return np.zeros(0)
        from scipy.stats import binom

        laws, counts = np.unique(
            np.stack([self.label_uses, self.label_glyphs]), axis=1, return_counts=True
        )
        below = binom.cdf(edges[:, None] - 1, laws[0], 1 / laws[1]) * counts
        between: NDArray[np.float64] = np.diff(below.sum(axis=1))
        return between

    def to_dict(self) -> dict[str, Any]:
        """The figures in plain JSON values."""
        told: dict[str, Any] = {
            "glyphs": len(self.uses),
            "shown": len(self.uses) - self.never_count,
            "never_shown": self.never_count,
            "most_often": int(self.uses.max(initial=0)),
        }
        if self.never_expected is not None:
            told["never_shown_expected"] = self.never_expected
        if self.fit is not None:
            told |= self.fit.to_dict()
        return told
