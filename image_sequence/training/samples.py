"""The samples of a recipe as a training loop asks for them: by epoch and index, in any order."""

from collections.abc import Mapping
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from image_sequence.composing.request import checked_dtype
from image_sequence.datasets.ledger import recipe_of
from image_sequence.datasets.making import Maker
from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.datasets.recipe import Recipe, read_settings
from image_sequence.datasets.storage import open_storage
from image_sequence.errors import ArgumentTypeError, RecipeNotFoundError, shown
from image_sequence.generator import ImageSequence
from image_sequence.plan import Integers
from image_sequence.sample import Batch
from image_sequence.training.collating import Collate, Columns, Terms, plain
from image_sequence.training.ctc import CtcCollate
from image_sequence.training.epochs import epoch_seed

_LOOKED_AT = 1_000_000  # Samples whose labels are looked at before training begins.
_AT_A_TIME = 1 << 14

RecipeLike: TypeAlias = Recipe | Mapping[str, Any] | str | PathLike[str]


class Samples:
    """The samples of a recipe, in epochs: pickled it is the recipe, without any glyph.

    Args:
        recipe: what the samples are; as JSON holds it, the path of such a file, or the folder of a
            data set. What it says of files (format, encoding, shards) is of no matter here.
        collate: what the loop is handed of a batch: `plain`, a `CtcCollate`, or any function of the
            same form.
        dtype: uint8 for pixels from 0 to 255, or float32 for 0.0 to 1.0.
        fresh: whether each epoch has pictures of its own, by a seed of its own; the first has those
            of the recipe. Else all epochs have those.

    Raises:
        RecipeNotFoundError, RecipeError, ArgumentTypeError, ArgumentValueError, ConfigurationError:
            the recipe cannot be used.
        InfeasibleTargetError: the loss would be infinite, see `CtcCollate`.
    """

    def __init__(
        self,
        recipe: RecipeLike,
        *,
        collate: Collate = plain,
        dtype: DTypeLike = np.uint8,
        fresh: bool = True,
    ) -> None:
        if not callable(collate):
            raise ArgumentTypeError(
                f"collate is a function of (batch, terms) such as CtcCollate(stride=4), "
                f"not {shown(collate)}"
            )
        self.recipe = recipe_from(recipe)
        self.collate = collate
        self.dtype = checked_dtype(dtype)
        self.fresh = fresh
        if isinstance(collate, CtcCollate):
            self._check_feasible(collate)

    def __len__(self) -> int:
        return self.recipe.count

    @property
    def alphabet(self) -> Alphabet:
        """The labels there are glyphs of; a label's class is its place there."""
        return self._maker.alphabet

    @cached_property
    def terms(self) -> Terms:
        """What is the same for all batches."""
        return Terms(self.alphabet, max(self._maker.lengths), self.recipe.image_width)

    def columns(self, epoch: int, indices: Integers) -> Columns:
        """What the loop is handed of some samples of an epoch, a row for each.

        Args:
            epoch: whole number, at least 0.
            indices: the samples' numbers, shape (batch,).

        Raises:
            InfeasibleTargetError: the loss would be infinite.
        """
        return self.collate(self.batch(epoch, indices), self.terms)

    def batch(self, epoch: int, indices: Integers) -> Batch:
        """The same with the whole truth about them."""
        return self._generator(epoch).batch_at(
            self._maker.labels,
            self.recipe.spacing,
            self.recipe.image_width,
            indices=indices,
            dtype=self.dtype,
        )

    def labels(self, epoch: int, indices: Integers) -> tuple[Integers, Integers]:
        """What the samples show, without their pictures: see `ImageSequence.labels_at`."""
        return self._generator(epoch).labels_at(self._maker.labels, indices)

    @cached_property
    def _maker(self) -> Maker:
        return Maker(self.recipe)

    def _generator(self, epoch: int) -> ImageSequence:
        wanted = epoch_seed(self.recipe.seed, epoch) if self.fresh else self.recipe.seed
        last = vars(self).get("_last", self._maker.generator)
        self._last = last if last.seed == wanted else self._maker.generator.with_seed(wanted)
        return self._last

    def _check_feasible(self, collate: CtcCollate) -> None:
        """Look at the labels of the first epoch, where a repeated one could be one too many."""
        collate.check(self.terms)
        recipe = self.recipe
        if 2 * self.terms.longest - 1 <= collate.frames(recipe.image_width):
            return
        stop = recipe.start + min(recipe.count, _LOOKED_AT)
        for first in range(recipe.start, stop, _AT_A_TIME):
            indices = np.arange(first, min(first + _AT_A_TIME, stop))
            labels, lengths = self.labels(0, indices)
            collate.check_targets(labels, lengths, indices, recipe.image_width)

    def __getstate__(self) -> dict[str, Any]:
        # A worker loads the glyphs itself, when it makes its first batch.
        kept = ("recipe", "collate", "dtype", "fresh")
        return {name: vars(self)[name] for name in kept}


def recipe_from(recipe: RecipeLike) -> Recipe:
    """A recipe from whatever tells of one.

    Raises:
        RecipeNotFoundError: there is no such file or data set.
        RecipeError, ArgumentTypeError, ArgumentValueError, ConfigurationError: it cannot be used.
    """
    told = _told(recipe)
    return told if isinstance(told, Recipe) else Recipe.from_dict(told)


def recipe_seed(recipe: RecipeLike) -> int | None:
    """The seed that is told; None if one would be drawn.

    Raises:
        As `recipe_from`.
    """
    told = _told(recipe)
    return told.seed if isinstance(told, Recipe) else told.get("seed")


def _told(recipe: RecipeLike) -> Recipe | Mapping[str, Any]:
    if not isinstance(recipe, (str, PathLike)):
        return recipe
    if not Path(recipe).is_dir():
        return read_settings(recipe)
    found = recipe_of(open_storage(recipe))
    if found is None:
        raise RecipeNotFoundError(f"the folder {fspath(recipe)!r} holds no data set")
    return found
