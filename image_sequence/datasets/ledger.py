"""The ledger: what of a data set is there, what is missing, and the join when nothing is."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Self

from image_sequence.datasets.card import CARD, card_of
from image_sequence.datasets.formats.kinds import Details
from image_sequence.datasets.locks import alone, locked
from image_sequence.datasets.manifest import MANIFEST, Manifest
from image_sequence.datasets.receipts import RECEIPTS, STATE, Receipt
from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.shards import WHOLE, Part
from image_sequence.datasets.storage import Storage
from image_sequence.errors import (
    ImageSequenceError,
    RecipeError,
    ShardError,
    SourceChangedError,
    TakenError,
)
from image_sequence.files import remove

RECIPE = "recipe.json"
_NAMED_IN_ERRORS = 3
_RECEIPT = re.compile(r"\d{6,}\.json")


class Ledger:
    """What is known of a data set that is being made, or is made.

    Attributes:
        storage: where it lies.
        recipe: what it is to be.
        receipts: of the shards that are there, by number.
    """

    def __init__(self, storage: Storage, recipe: Recipe) -> None:
        self.storage = storage
        self.recipe = recipe
        self.receipts: dict[int, Receipt] = {}

    @classmethod
    def found(cls, storage: Storage, recipe: Recipe) -> Self:
        """The ledger of what is there; nothing is written, and nobody kept off.

        Raises:
            TakenError: the folder holds another data set, or anything else.
        """
        _check_free(storage, recipe)
        ledger = cls(storage, recipe)
        ledger.read()
        return ledger

    @classmethod
    @contextmanager
    def opened(cls, storage: Storage, recipe: Recipe, part: Part) -> Iterator[Self]:
        """The ledger, while other processes are kept off; the recipe is kept beside the shards.

        Raises:
            TakenError: the folder holds another data set, or anything else, or somebody is at it.
            OSError: it cannot be written.
        """
        with locked(storage.workspace(), part) if storage.is_local else nullcontext():
            with _alone(storage):
                ledger = cls.found(storage, recipe)
                if not storage.exists(RECIPE):
                    storage.write_text(RECIPE, recipe.to_json())
            ledger.remove_leftovers(part)
            yield ledger

    def read(self) -> None:
        """Look which shards are there, whoever made them."""
        manifest = manifest_of(self.storage)
        known = [] if manifest is None else list(manifest.receipts)
        for name in filter(_RECEIPT.fullmatch, self.storage.names(RECEIPTS)):
            where = f"{RECEIPTS}/{name}"
            known.append(Receipt.from_json(self.storage.read_text(where), where))
        digest = self.recipe.digest
        own = (one for one in known if one.recipe == digest and is_of(one, self.recipe))
        self.receipts = {receipt.number: receipt for receipt in own if self._is_there(receipt)}

    def missing(self, part: Part) -> list[int]:
        """The numbers of a part's shards that are not there, or not as large as they were."""
        numbers = part.numbers(len(self.recipe.shards))
        return [number for number in numbers if number not in self.receipts]

    @property
    def is_complete(self) -> bool:
        """Whether all shards are there, joined, and nothing else is."""
        joined = self.storage.exists(MANIFEST) and not self.storage.exists(STATE)
        return joined and not self.missing(WHOLE)

    def check_glyphs(self, fingerprint: str) -> None:
        """Check that what there is to draw is what finished shards were made of.

        Raises:
            SourceChangedError: it is not.
        """
        for receipt in self.receipts.values():
            if receipt.glyphs != fingerprint:
                raise SourceChangedError(
                    f"the glyphs have changed since {receipt.name} was made: their fingerprint was "
                    f"{receipt.glyphs} and is {fingerprint}; bring the data back as they were, or "
                    f"use another folder"
                )

    def join(self, details: Details) -> None:
        """Finish the data set, if all shards are there, whoever made them.

        Args:
            details: those of the first shard.

        Raises:
            SourceChangedError: parts were made of different glyphs.
        """
        with _alone(self.storage):
            self.read()
            if not self.missing(WHOLE):
                self._write_joined(details)

    def _write_joined(self, details: Details) -> None:
        receipts = tuple(self.receipts[number] for number in range(len(self.recipe.shards)))
        self.check_glyphs(receipts[0].glyphs)
        manifest = Manifest(receipts)
        beside = self.recipe.kept_as.whole([receipt.name for receipt in receipts], details)
        for name, text in beside.items():
            self.storage.write_text(name, text)
        self.storage.write_text(CARD, card_of(self.recipe, manifest, details))
        # The last: who sees it sees a data set that is whole.
        self.storage.write_text(MANIFEST, manifest.to_json())
        self.storage.remove(STATE)

    def _is_there(self, receipt: Receipt) -> bool:
        there = self.storage.exists(receipt.name)
        return there and self.storage.size(receipt.name) == receipt.size

    def remove_leftovers(self, part: Part) -> None:
        """Take away what an interrupted run has left half made."""
        if not self.storage.is_local:
            return
        own = "*-of-*-*" if part.is_whole else f"{part.index}-of-{part.count}-*"
        for path in self.storage.workspace().glob(own):
            remove(path)


def _alone(storage: Storage) -> AbstractContextManager[None]:
    return alone(storage.workspace()) if storage.is_local else nullcontext()


def manifest_of(storage: Storage) -> Manifest | None:
    """The manifest of a data set that has been finished; else None.

    Raises:
        ShardError: there is something else of that name.
    """
    if not storage.exists(MANIFEST):
        return None
    try:
        return Manifest.from_json(storage.read_text(MANIFEST))
    except UnicodeDecodeError as error:
        raise ShardError(f"{MANIFEST} in {storage.name} is no text: {error}") from error


def is_of(receipt: Receipt, recipe: Recipe) -> bool:
    """Whether a receipt is that of one of a recipe's shards."""
    if receipt.number >= len(recipe.shards):
        return False
    shard = recipe.shards[receipt.number]
    return receipt.shard == shard and receipt.name == shard.name + recipe.kept_as.suffix


def recipe_of(storage: Storage) -> Recipe | None:
    """The recipe of the data set that lies somewhere; None if there is none.

    Raises:
        RecipeError: there is something else of that name.
    """
    if not storage.exists(RECIPE):
        return None
    where = f"{storage.name}/{RECIPE}"
    try:
        return Recipe.from_json(storage.read_text(RECIPE), where)
    except UnicodeDecodeError as error:
        raise RecipeError(f"the recipe {where!r} is no text: {error}") from error


def recipe_that_lies_in(storage: Storage) -> Recipe | None:
    """The same for whoever wants to write there.

    Raises:
        TakenError: there is something else of that name.
    """
    try:
        return recipe_of(storage)
    except ImageSequenceError as error:
        raise TakenError(
            f"{storage.name} holds a {RECIPE} that cannot be used: {error}; mend that, or use "
            f"another folder"
        ) from error


def _check_free(storage: Storage, recipe: Recipe) -> None:
    """Check that nothing but this data set lies there."""
    other = recipe_that_lies_in(storage)
    if other is not None:
        _check_same(storage, other, recipe)
        return
    # What a system keeps for itself begins with a dot, as the folder of a run that has just begun.
    foreign = [name for name in storage.names() if not name.startswith(".")]
    if foreign:
        more = f" and {len(foreign) - _NAMED_IN_ERRORS} more" * (len(foreign) > _NAMED_IN_ERRORS)
        raise TakenError(
            f"{storage.name} holds {', '.join(map(repr, foreign[:_NAMED_IN_ERRORS]))}{more}, which "
            f"no data set of this recipe has; use a folder that is empty, or not there yet"
        )


def _check_same(storage: Storage, there: Recipe, wanted: Recipe) -> None:
    differences = there.differences(wanted)
    if differences:
        raise TakenError(
            f"{storage.name} holds a data set of another recipe: {'; '.join(differences)}; use "
            f"another folder, or the recipe that lies there as {RECIPE}"
        )
