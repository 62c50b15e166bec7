"""Findings: what about a data set one should know before training on it."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from image_sequence.datasets.recipe import Recipe
from image_sequence.inspecting.census import Census
from image_sequence.inspecting.frequencies import Frequencies
from image_sequence.inspecting.glyph_use import GlyphUse
from image_sequence.inspecting.laws import Laws
from image_sequence.inspecting.pairs import PairCounts
from image_sequence.sharing import KINDS, Sharing


class Counted(Protocol):
    """What findings are about: a `Summary`."""

    @property
    def recipe(self) -> Recipe | None: ...  # noqa: D102  # as of `Summary`, and so are the next

    @property
    def missing_count(self) -> int: ...  # noqa: D102

    @property
    def census(self) -> Census: ...  # noqa: D102

    @property
    def laws(self) -> Laws: ...  # noqa: D102

    @property
    def frequencies(self) -> Mapping[str, Frequencies]: ...  # noqa: D102

    @property
    def pairs(self) -> PairCounts: ...  # noqa: D102

    @property
    def glyph_use(self) -> GlyphUse: ...  # noqa: D102

    @property
    def glyphs_changed(self) -> bool: ...  # noqa: D102

    @property
    def sharings(self) -> tuple[Sharing, ...]: ...  # noqa: D102


def findings(summary: Counted) -> list[str]:
    """Sentences about what is odd, wrong or missing; none for a data set as it should be."""
    return [*_of_the_whole(summary), *_of_laws(summary), *_of_glyphs(summary), *_leaks(summary)]


def _of_the_whole(summary: Counted) -> Iterator[str]:
    if summary.missing_count and summary.recipe is not None:
        count = summary.recipe.count
        yield (
            f"The data set is not finished: {summary.missing_count:,} of {count:,} samples "
            f"({summary.missing_count / count:.1%}) are missing. What follows is about the others; "
            f"the command that made them, given again, goes on."
        )
    if len(summary.census.seeds) > 1:
        yield f"The samples are of {len(summary.census.seeds):,} seeds."
    if summary.census.pictures.repeated_count:
        yield (
            f"{summary.census.pictures.repeated_count:,} pictures are the same, pixel by pixel, as "
            f"an earlier one."
        )
    if summary.laws.gaps_are_equal and summary.census.gaps.unequal_count:
        count = summary.census.gaps.unequal_count
        yield f"The gaps between labels are to be equal, and in {count:,} samples they are not."


def _of_laws(summary: Counted) -> Iterator[str]:
    for name, counted in summary.frequencies.items():
        if counted.impossible_count:
            yield (
                f"{name.capitalize()}: {counted.impossible_count:,} of {counted.total:,} are not "
                f"what was asked for at all."
            )
        if counted.fit is not None and counted.fit.is_odd:
            yield f"{name.capitalize()} are not distributed as they should be: {counted.fit}."
    if summary.pairs.fit is not None and summary.pairs.is_odd:
        yield f"Pairs of neighbours are not as frequent as they should be: {summary.pairs.fit}."


def _of_glyphs(summary: Counted) -> Iterator[str]:
    if summary.glyphs_changed:
        yield (
            "The glyphs that the recipe's data path leads to are not those that the data set was "
            "made of."
        )
    fit = summary.glyph_use.fit
    if fit is not None and fit.is_odd:
        yield f"Glyphs of one label are not shown equally often: {fit}."


def _leaks(summary: Counted) -> Iterator[str]:
    for sharing in summary.sharings:
        for kind in KINDS:
            shared = len(sharing.shared(kind))
            if shared and kind in sharing.must_not:
                yield f"A leak: {shared:,} {kind}s are in {sharing.second.name} as well."
