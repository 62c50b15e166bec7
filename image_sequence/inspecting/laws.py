"""Laws: how labels, lengths and gaps should be distributed, by what a recipe asks for."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.distributions import Distribution
from image_sequence.composing.spacing import SpacingRequest
from image_sequence.datasets.policies.digits import Digits
from image_sequence.datasets.policies.lengths import LengthLaw
from image_sequence.datasets.recipe import Recipe

_SEQUENCE = "sequence"


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """How likely each of some whole numbers is.

    Attributes:
        first: the smallest.
        shares: float64, shape (count,), with the sum 1: of it and those that follow.
    """

    first: int
    shares: NDArray[np.float64]

    @property
    def stop(self) -> int:
        """The first whole number behind them."""
        return self.first + len(self.shares)


@dataclass(frozen=True, slots=True, eq=False)
class Laws:
    """What a recipe says of how things are distributed; None for what it does not.

    Attributes:
        labels: the texts of the labels that are drawn, each as likely as any other and whatever
            its neighbours are.
        lengths: of sequences.
        inner_gaps: between labels, pixels.
        outer_gaps: before the first label and after the last one.
        gaps_are_equal: whether all gaps of a picture are to be equal: spacing "fixed".
    """

    labels: tuple[str, ...] | None = None
    lengths: Law | None = None
    inner_gaps: Law | None = None
    outer_gaps: Law | None = None
    gaps_are_equal: bool = False

    @classmethod
    def of(cls, recipe: Recipe, classes: tuple[str, ...]) -> "Laws":
        """The laws of a recipe.

        Args:
            recipe: what is asked for.
            classes: the texts of the labels that there are glyphs of.
        """
        inner, outer = _gap_laws(recipe)
        return cls(
            labels=_label_law(recipe, classes),
            lengths=_length_law(recipe),
            inner_gaps=inner,
            outer_gaps=outer,
            gaps_are_equal=recipe.configuration.spacing_type == "fixed",
        )


def _digits(recipe: Recipe) -> Digits | None:
    """The policy, if it draws on its own; a split by sequences would draw some of them again."""
    policy, split = recipe.policy(), recipe.configuration.data.split()
    if split is not None and _SEQUENCE in split.by:
        return None
    return policy if isinstance(policy, Digits) else None


def _label_law(recipe: Recipe, classes: tuple[str, ...]) -> tuple[str, ...] | None:
    policy = _digits(recipe)
    if policy is None or policy.check is not None or not policy.leading_zeros:
        return None
    return classes if policy.of is None else policy.of


def _length_law(recipe: Recipe) -> Law | None:
    policy = _digits(recipe)
    return None if policy is None else _law_of(policy.length)


def _law_of(lengths: LengthLaw) -> Law:
    first = lengths.lengths[0]
    shares = np.zeros(lengths.longest - first + 1)
    shares[np.array(lengths.lengths) - first] = lengths.weights or 1.0
    return Law(first, shares / shares.sum())


Ends: TypeAlias = tuple[int, int]


def _gap_laws(recipe: Recipe) -> tuple[Law | None, Law | None]:
    """The law of the gaps between labels, and of the two others."""
    settings = recipe.configuration
    spacing = settings.spacing()
    law = spacing if isinstance(spacing, Distribution) else None
    if law is None and settings.spacing_type != "variable":
        return None, None
    request = SpacingRequest(2, 1, *recipe.spacing, recipe.image_width, settings.edges)
    ranges = list(zip(request.least.tolist(), request.most.tolist(), strict=True))
    # With edges the gaps are outer, inner, outer; without there is but the inner one.
    inner = ranges[len(ranges) // 2]
    return _gap_law(law, inner), _gap_law(law, ranges[0]) if settings.edges else None


def _gap_law(law: Distribution | None, ends: Ends) -> Law:
    least, most = ends
    masses = np.ones(most - least + 1) if law is None else law.masses(least, most)
    return Law(least, masses / masses.sum())
