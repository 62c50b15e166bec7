"""`verify_dataset`: everything a data set holds, read again and compared with its recipe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from image_sequence.datasets.card import CARD
from image_sequence.datasets.encoding import Encoding, decoded
from image_sequence.datasets.formats.kinds import StoredSample
from image_sequence.datasets.ledger import RECIPE, Ledger, is_of, manifest_of, recipe_of
from image_sequence.datasets.making import Maker
from image_sequence.datasets.manifest import MANIFEST
from image_sequence.datasets.receipts import STATE, Receipt
from image_sequence.datasets.shards import Shard
from image_sequence.datasets.storage import Storage, open_storage
from image_sequence.datasets.sums import measured
from image_sequence.errors import ArgumentValueError, ImageSequenceError, RecipeNotFoundError, shown
from image_sequence.plan import ByteImages
from image_sequence.whole_numbers import is_whole_number

REMADE = 16
"""How many samples of each shard are made again, unless told otherwise."""

_GREY = 3  # Dimensions of a batch of pictures.
_JPEG_LEVELS = 4
_TEXTS = 4_096  # Drawn at a time.
_TOO_MANY = 100  # Problems; a data set that has more has one, and it is told well enough.


@dataclass(frozen=True, slots=True)
class Report:
    """What was found.

    Attributes:
        where: the data set's folder or address.
        shard_count: how many shards it has when it is finished,
        checked_count: and how many of them are there and were read.
        sample_count: how many samples were read,
        remade_count: and how many of them were made again and compared.
        problems: what is wrong, a sentence each; none if all is well.
    """

    where: str
    shard_count: int
    checked_count: int
    sample_count: int
    remade_count: int
    problems: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether all shards are there."""
        return self.checked_count == self.shard_count

    def to_dict(self) -> dict[str, Any]:
        """All of it in plain JSON values."""
        return {
            "where": self.where,
            "shards": self.shard_count,
            "checked_shards": self.checked_count,
            "samples": self.sample_count,
            "remade_samples": self.remade_count,
            "complete": self.is_complete,
            "problems": list(self.problems),
        }


def verify_dataset(
    directory: str | PathLike[str],
    *,
    remade: int = REMADE,
    tell: Callable[[Receipt], None] = lambda _: None,
) -> Report:
    """Read all of a data set again, and compare it with its manifest and with its recipe.

    Compared are the shards' sums and sizes, the number of samples, every sample's index and text
    with what the recipe writes on it, texts and labels within records, and of each shard some
    samples as a whole, pixel by pixel and box by box, with those that the recipe makes again. Of a
    data set that is not finished, that is done with the shards that are.

    Args:
        directory: its folder, or an address that fsspec opens.
        remade: how many samples of each shard are made again, evenly spread.
        tell: is told of each shard that has been read.

    Raises:
        RecipeNotFoundError: there is no data set.
        RecipeError, ShardError: its recipe or its manifest are not what was written.
        OSError: something cannot be read.
    """
    if not is_whole_number(remade) or remade < 0:
        raise ArgumentValueError(f"0 or more samples are made again, not {shown(remade)}")
    storage = open_storage(directory)
    recipe = recipe_of(storage)
    if recipe is None:
        raise RecipeNotFoundError(
            f"{storage.name} holds no data set: there is no {RECIPE}; image-sequence dataset "
            f"writes one"
        )
    return _Check(storage, Ledger(storage, recipe), Maker(recipe), remade).report(tell)


class _Check:
    def __init__(self, storage: Storage, ledger: Ledger, maker: Maker, remade: int) -> None:
        self._storage = storage
        self._ledger = ledger
        self._maker = maker
        self._remade = remade
        self._problems: list[str] = []
        self._sample_count = 0
        self._remade_count = 0

    def report(self, tell: Callable[[Receipt], None]) -> Report:
        """Check all of it."""
        shards = self._maker.recipe.shards
        receipts = self._receipts()
        self._check_names(receipts)
        for receipt in receipts:
            if len(self._problems) < _TOO_MANY:
                self._check_shard(receipt)
            tell(receipt)
        return Report(
            where=self._storage.name,
            shard_count=len(shards),
            checked_count=len(receipts),
            sample_count=self._sample_count,
            remade_count=self._remade_count,
            problems=tuple(self._problems),
        )

    def _receipts(self) -> list[Receipt]:
        manifest = manifest_of(self._storage)
        if manifest is None:
            if not self._storage.exists(STATE):
                self._problems.append(f"{MANIFEST} is missing; making the data set again mends it")
            self._ledger.read()
            return [self._ledger.receipts[number] for number in sorted(self._ledger.receipts)]
        if manifest.recipe_sum != self._maker.recipe.digest:
            self._problems.append(f"{RECIPE} is not the recipe that {MANIFEST} was written for")
        shards = self._maker.recipe.shards
        missing = len(shards) - len(manifest.receipts)
        if missing > 0:
            self._problems.append(f"{MANIFEST} lacks {missing} shards of the recipe")
        own = []
        for receipt in manifest.receipts:
            if is_of(receipt, self._maker.recipe):
                own.append(receipt)
            else:
                self._problems.append(f"{MANIFEST} has {receipt.name}, which the recipe does not")
        return own

    def _check_names(self, receipts: list[Receipt]) -> None:
        details = self._maker.details(self._maker.recipe.shards[0])
        names = [receipt.name for receipt in receipts]
        beside = self._maker.recipe.kept_as.whole(names, details)
        known = {*names, *beside, CARD, RECIPE, MANIFEST, STATE}
        unfinished = not self._storage.exists(MANIFEST)
        for name in self._storage.names():
            # A shard may be in its place before its receipt is.
            if name not in known and not name.startswith(".") and not unfinished:
                self._problems.append(f"{name} does not belong to the data set")

    def _check_shard(self, receipt: Receipt) -> None:
        if not self._storage.exists(receipt.name):
            self._problems.append(f"{receipt.name} is missing")
            return
        with TemporaryDirectory(prefix="image-sequence-") as folder:
            path = self._storage.fetch(receipt.name, Path(folder))
            if measured(path) != (receipt.size, receipt.sum):
                self._problems.append(
                    f"{receipt.name} is not the file that was written: its size or its SHA-256 "
                    f"is another"
                )
            problems = self._problems_of(receipt.shard, path)
            self._problems += [f"{receipt.name}: {text}" for text in islice(problems, _TOO_MANY)]

    def _problems_of(self, shard: Shard, path: Path) -> Iterator[str]:
        """What is wrong inside a shard."""
        step = max(1, -(-shard.count // max(1, self._remade)))
        stored = self._maker.recipe.kept_as.read(path, self._maker.details(shard))
        count = 0
        try:
            for index, text, sample in zip(*self._wanted(shard), stored, strict=False):
                count += 1
                yield from _told_wrong(sample, index, text)
                if self._remade and (index - shard.first) % step == 0:
                    self._remade_count += 1
                    yield from self._made_wrong(sample, index)
            count += sum(1 for _ in stored)
        except (ImageSequenceError, OSError) as error:
            yield f"after {count} samples it cannot be read: {error}"
        else:
            if count != shard.count:
                yield f"it has {count} samples and should have {shard.count}"
        self._sample_count += count

    def _wanted(self, shard: Shard) -> tuple[Iterator[int], Iterator[str]]:
        return iter(range(shard.first, shard.stop)), self._texts(shard)

    def _texts(self, shard: Shard) -> Iterator[str]:
        for first in range(shard.first, shard.stop, _TEXTS):
            stop = min(first + _TEXTS, shard.stop)
            yield from self._maker.texts(first, stop)

    def _made_wrong(self, stored: StoredSample, index: int) -> Iterator[str]:
        """What differs between a stored sample and the one that the recipe makes."""
        recipe = self._maker.recipe
        batch = next(self._maker.batches(index, index + 1))
        made = batch[0]
        picture = stored.picture
        in_colour = batch.images.ndim > _GREY
        if isinstance(picture, bytes):
            picture = decoded(picture, recipe.encoding, in_colour=in_colour)
        if not _are_alike(picture, batch.images.view(np.uint8)[0], recipe.encoding):
            yield f"the picture of sample {index} is not the one that the recipe makes"
        if stored.boxes is not None and not np.array_equal(stored.boxes, made.boxes):
            yield f"the boxes of sample {index} are not those that the recipe makes"
        if stored.record is not None and stored.record != made.to_dict(masks=recipe.masks):
            yield f"the record of sample {index} is not the one that the recipe makes"


def _are_alike(stored: ByteImages, made: ByteImages, encoding: Encoding) -> bool:
    """Whether stored pixels are those that were made, as far as the encoding keeps them."""
    if encoding.is_lossless or stored.shape != made.shape:
        return np.array_equal(stored, made)
    again = decoded(encoding.encoded(made[None])[0], encoding, in_colour=made.ndim > 2)
    # Releases of JPEG's library round differently, by a level or two.
    return bool(np.abs(again.astype(np.int16) - stored).max() <= _JPEG_LEVELS)


def _told_wrong(stored: StoredSample, index: int, text: str) -> Iterator[str]:
    """What a stored sample says of itself, and should not."""
    if stored.index != index:
        yield f"sample {stored.index} stands in the place of sample {index}"
    if stored.text is not None and stored.text != text:
        yield f"sample {index} has the text {stored.text!r}, and the recipe writes {text!r}"
    record = stored.record
    if record is None:
        return
    if record.get("text") != text or "".join(map(str, record.get("labels", ()))) != text:
        yield f"the record of sample {index} has another text or other labels than {text!r}"
    if stored.boxes is not None and len(stored.boxes) != len(record.get("labels", ())):
        yield f"sample {index} has {len(stored.boxes)} boxes, and not as many labels"
