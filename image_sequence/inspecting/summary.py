"""The summary of a data set: what was counted, beside what its recipe asks for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.viewing import DataSetView, View, Viewed
from image_sequence.errors import ArgumentValueError
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.inspecting.census import Census, evenly_spaced
from image_sequence.inspecting.findings import findings
from image_sequence.inspecting.frequencies import Frequencies, beside
from image_sequence.inspecting.gap_counts import GapCounts
from image_sequence.inspecting.glyph_use import GlyphUse, bank_of
from image_sequence.inspecting.laws import Laws
from image_sequence.inspecting.pairs import PairCounts
from image_sequence.inspecting.pixels import Pixels
from image_sequence.sharing import Contents, Sharing

SHOWN = 24
"""How many samples a report shows, besides extreme ones."""

NAMED = 5
"""How many groups of samples that look alike, or say the same, are named."""

Told = Callable[[int], object]


@dataclass(frozen=True, eq=False)
class Summary:
    """What is known of a data set.

    Attributes:
        name: where it lies.
        recipe: what was asked for; None where nobody knows.
        census: what was counted.
        laws: how it should be distributed.
        bank: the glyphs that may be drawn; None where nobody knows.
        glyphs_changed: whether the data set was made of other glyphs than there are now.
        sharings: what it shares with other data sets.
    """

    name: str
    recipe: Recipe | None
    census: Census
    laws: Laws = field(default_factory=Laws)
    bank: GlyphBank | None = field(default=None, repr=False)
    glyphs_changed: bool = False
    sharings: tuple[Sharing, ...] = ()

    @property
    def missing_count(self) -> int:
        """How many samples the recipe has and the data set has not."""
        return 0 if self.recipe is None else self.recipe.count - self.census.sample_count

    @cached_property
    def frequencies(self) -> dict[str, Frequencies]:
        """Labels, lengths and gaps, each beside its law, by what a text calls them."""
        counted = {
            "labels": self.census.labels.label_frequencies(self.laws),
            "lengths": self.census.labels.length_frequencies(self.laws),
            "gaps between labels": beside(self.laws.inner_gaps, self.census.gaps.inner),
        }
        if self.laws.outer_gaps is not None or set(self.census.gaps.outer.counts) != {0}:
            counted["outer gaps"] = beside(self.laws.outer_gaps, self.census.gaps.outer)
        return counted

    @cached_property
    def pairs(self) -> PairCounts:
        """Pairs of neighbours."""
        return PairCounts.of(self.census.labels, self.laws)

    @cached_property
    def glyph_use(self) -> GlyphUse:
        """How often glyphs are shown."""
        bank = None if self.glyphs_changed else self.bank
        mixed = self.recipe is not None and self.recipe.configuration.data.hand == "mixed"
        return GlyphUse.of(self.census.glyphs.glyphs, bank, any_hand=mixed)

    @cached_property
    def distinct_expected(self) -> float | None:
        """How many different sequences chance makes; None where no law is known.

        Of k equally likely ones, n draws meet k (1 - (1 - 1/k)**n) on the average: Johnson and
        Kotz, "Urn Models" (1977), 3.2.
        """
        if self.laws.labels is None:
            return None
        lengths = np.array(list(self.census.labels.lengths.counts), np.float64)
        draws = self.census.labels.lengths.of(lengths.astype(np.int64))
        # More sequences than a float64 counts are as good as never drawn twice.
        kinds = np.minimum(len(self.laws.labels) ** np.minimum(lengths, 15), 1e15)
        if len(self.laws.labels) == 1:
            return float(len(lengths))
        return float((-kinds * np.expm1(draws * np.log1p(-1 / kinds))).sum())

    @cached_property
    def findings(self) -> list[str]:
        """Sentences about what is odd, wrong or missing."""
        return findings(self)

    def to_dict(self) -> dict[str, Any]:
        """All figures in plain JSON values."""
        census = self.census
        return {
            "name": self.name,
            "samples": census.sample_count,
            "missing": self.missing_count,
            "recipe": None if self.recipe is None else self.recipe.to_dict(),
            "findings": self.findings,
            **{key.replace(" ", "_"): value.to_dict() for key, value in self.frequencies.items()},
            "pairs": self.pairs.to_dict(),
            "samples_with_unequal_gaps": census.gaps.unequal_count,
            "cell_width": census.gaps.cells.to_dict(),
            "strip_width": census.gaps.strips.to_dict(),
            "squeeze": census.gaps.squeezes.to_dict(),
            "ink_share": census.pixels.ink.to_dict(),
            "mean_level": census.pixels.grey.to_dict(),
            "picture_sizes": [
                {"width": width, "height": height, "channels": channels, "samples": count}
                for (width, height, channels), count in census.pixels.sizes.items()
            ],
            "glyph_use": self.glyph_use.to_dict(),
            "writers": {
                "known": len(census.glyphs.writer_counts),
                "samples_by_one_hand": census.glyphs.by_one_hand,
            },
            "repeated_pictures": census.pictures.repeated_count,
            "groups_of_same_pictures": census.pictures.groups(NAMED),
            "distinct_sequences": census.sequences.distinct_count,
            "distinct_sequences_expected": self.distinct_expected,
            "sources": [
                {"name": name, "split": split, "part": part or None, "split_by": by, "samples": n}
                for (name, split, part, by), n in census.sources.items()
            ],
            "seeds": {str(seed): count for seed, count in census.seeds.items()},
            "against": [sharing.to_dict() for sharing in self.sharings],
        }


def summarise(view: View, *, against: Sequence[View] = (), told: Told = lambda _: None) -> Summary:
    """The summary of a data set, which is read once.

    Args:
        view: the data set.
        against: others that it should share nothing with; they are read once, too.
        told: is told how many more samples were read, every now and then.

    Raises:
        ArgumentValueError: there is no sample in it.
        RecordError, ShardError, PictureError: what is there is not what was written.
    """
    if not view.count:
        raise ArgumentValueError(f"{view.name} has no samples yet; finish it, and report then")
    recipe = None if view.maker is None else view.maker.recipe
    bank = None if recipe is None else bank_of(recipe)
    changed = _has_changed(view)
    census = _empty_census(recipe, None if changed else bank)
    passing = census.passing(_told(view.samples(), told), evenly_spaced(view.count, SHOWN))
    sharings: tuple[Sharing, ...] = ()
    if against:
        own = Contents.of(view.name, (sample.record for sample in passing))
        sharings = tuple(Sharing.between(own, _contents(other, told)) for other in against)
    else:
        for _ in passing:
            pass
    return Summary(
        name=view.name,
        recipe=recipe,
        census=census,
        laws=Laws() if recipe is None or bank is None else Laws.of(recipe, _classes(bank)),
        bank=bank,
        glyphs_changed=changed,
        sharings=sharings,
    )


def _empty_census(recipe: Recipe | None, bank: GlyphBank | None) -> Census:
    if recipe is None:
        return Census()
    settings, widths = recipe.configuration, None
    if bank is not None:
        widths = np.full(len(bank.images), bank.width, np.int64)
        if bank.widths is not None:
            widths = bank.widths.astype(np.int64)
    return Census(
        gaps=GapCounts(glyph_widths=widths, by_ink=settings.measure == "ink"),
        pixels=Pixels(ink_is_dark=settings.canvas.ink == "dark"),
    )


def _classes(bank: GlyphBank) -> tuple[str, ...]:
    return tuple(bank.text(label) for label in bank.classes.tolist())


def _told(samples: Iterator[Viewed], told: Told) -> Iterator[Viewed]:
    for sample in samples:
        yield sample
        told(1)


def _contents(view: View, told: Told) -> Contents:
    return Contents.of(view.name, (sample.record for sample in _told(view.samples(), told)))


def _has_changed(view: View) -> bool:
    """Whether the glyphs are others than those that a data set was made of."""
    if not isinstance(view, DataSetView):
        return False
    made_of = {receipt.glyphs for receipt in view.ledger.receipts.values()}
    return made_of != {view.maker.fingerprint}
