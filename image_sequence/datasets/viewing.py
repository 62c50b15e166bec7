"""Samples to look at, with the whole truth about them: of a data set, a folder, or a recipe."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np

from image_sequence.datasets.encoding import Encoding, decoded
from image_sequence.datasets.formats.files_of_pictures import named, read_file
from image_sequence.datasets.formats.kinds import StoredSample
from image_sequence.datasets.ledger import Ledger, recipe_of
from image_sequence.datasets.making import Maker
from image_sequence.datasets.recipe import Recipe, read_settings
from image_sequence.datasets.storage import open_storage
from image_sequence.errors import RecordError, SourceNotFoundError, shown
from image_sequence.plan import ByteImages
from image_sequence.records import RECORDS, read_records


@dataclass(frozen=True, slots=True, eq=False)
class Viewed:
    """A sample as one looks at it.

    Attributes:
        file_name: what the file of its picture is called, or would be; without its folder.
        record: `Sample.to_dict()`.
    """

    file_name: str
    record: Mapping[str, Any] = field(repr=False)
    _pixels: Callable[[], ByteImages] = field(repr=False)

    @property
    def index(self) -> int:
        """The sample's number under its seed."""
        return int(self.record["index"])

    def pixels(self) -> ByteImages:
        """The picture: uint8, shape (height, width) or (height, width, 3); read each time.

        Raises:
            PictureError, ShardError: there is none.
        """
        return self._pixels()


class View(Protocol):
    """Samples that can be looked at."""

    @property
    def name(self) -> str:
        """Where they are."""
        ...

    @property
    def maker(self) -> Maker | None:
        """What makes them again, with its `recipe`; None where nobody knows."""
        ...

    @property
    def count(self) -> int:
        """How many there are."""
        ...

    def samples(self, indices: Collection[int] | None = None) -> Iterator[Viewed]:
        """Those with some indices, or all of them, in order.

        Raises:
            RecordError, ShardError: what is there is not what was written.
        """
        ...


def open_view(where: str | PathLike[str]) -> View:
    """The samples of a data set, of a folder that `draw --records` wrote, or of a recipe's file.

    Args:
        where: a folder, an address that fsspec opens, or a file.

    Raises:
        SourceNotFoundError: there is nothing of the kind.
        RecipeError: the recipe cannot be used.
    """
    if Path(where).is_file():
        return RecipeView(fspath(where), Maker(Recipe.from_dict(read_settings(where))))
    if (Path(where) / RECORDS).is_file():
        return FolderView(Path(where))
    storage = open_storage(where)
    recipe = recipe_of(storage)
    if recipe is None:
        raise SourceNotFoundError(
            f"{fspath(where)!r} is no data set, no folder with {RECORDS}, and no recipe; "
            f"image-sequence dataset and image-sequence draw --records make them"
        )
    ledger = Ledger(storage, recipe)
    ledger.read()
    return DataSetView(ledger)


@dataclass(frozen=True)
class DataSetView:
    """The samples of a data set that are there, finished or not, in any format.

    Where a format has no place for records, they are made again from the recipe.
    """

    ledger: Ledger

    @property
    def name(self) -> str:
        """Where it lies."""
        return self.ledger.storage.name

    @cached_property
    def maker(self) -> Maker:
        """What makes them again."""
        return Maker(self.ledger.recipe)

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(receipt.count for receipt in self.ledger.receipts.values())

    def samples(self, indices: Collection[int] | None = None) -> Iterator[Viewed]:
        """Those with some indices, or all of them; only the shards that hold them are read."""
        for number in sorted(self.ledger.receipts):
            shard = self.ledger.receipts[number].shard
            if indices is None:
                yield from self._samples(number)
            elif any(shard.first <= index < shard.stop for index in indices):
                yield from (one for one in self._samples(number) if one.index in indices)

    def _samples(self, number: int) -> Iterator[Viewed]:
        receipt, recipe = self.ledger.receipts[number], self.maker.recipe
        with TemporaryDirectory(prefix="image-sequence-") as folder:
            path = self.ledger.storage.fetch(receipt.name, Path(folder))
            made_again = self._records(number)
            for one in recipe.kept_as.read(path, self.maker.details(receipt.shard)):
                record = next(made_again) if one.record is None else one.record
                name = named(one.index) + recipe.encoding.suffix
                yield Viewed(name, record, _pixels_of(one, recipe.encoding))

    def _records(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The records of a shard, made when they are asked for.

        Raises:
            SourceChangedError: the glyphs are others than those that the data set was made of.
        """
        self.ledger.check_glyphs(self.maker.fingerprint)
        shard = self.ledger.receipts[number].shard
        for batch in self.maker.batches(shard.first, shard.stop):
            yield from batch.to_dicts()


@dataclass(frozen=True)
class FolderView:
    """The samples of a folder of pictures with their records."""

    folder: Path

    maker = None

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.folder)

    @cached_property
    def count(self) -> int:
        """How many there are."""
        return sum(1 for _ in read_records(self.folder))

    def samples(self, indices: Collection[int] | None = None) -> Iterator[Viewed]:
        """Those with some indices, or all of them."""
        for number, record in enumerate(read_records(self.folder), 1):
            name = record.pop("file_name", None)
            if not isinstance(name, str) or not isinstance(record.get("index"), int):
                raise RecordError(
                    f"{self.folder / RECORDS}, line {number}, has no file_name and index: "
                    f"{shown(record)}"
                )
            if indices is None or record["index"] in indices:
                yield Viewed(name, record, _pixels_in(self.folder / name))


@dataclass(frozen=True)
class RecipeView:
    """The samples that a recipe defines, made when they are asked for."""

    name: str
    maker: Maker

    @property
    def count(self) -> int:
        """How many there are."""
        return self.maker.recipe.count

    def samples(self, indices: Collection[int] | None = None) -> Iterator[Viewed]:
        """Those with some indices, or all of them."""
        recipe = self.maker.recipe
        for first, stop in _runs(indices, recipe.start, recipe.start + recipe.count):
            for batch in self.maker.batches(first, stop):
                for image, record in zip(batch.images, batch.to_dicts(), strict=True):
                    name = named(record["index"]) + recipe.encoding.suffix
                    yield Viewed(name, record, partial(np.asarray, image))


def _runs(indices: Collection[int] | None, start: int, stop: int) -> Iterator[tuple[int, int]]:
    if indices is None:
        yield start, stop
    else:
        yield from ((index, index + 1) for index in sorted(indices) if start <= index < stop)


def _pixels_of(stored: StoredSample, encoding: Encoding) -> Callable[[], ByteImages]:
    picture = stored.picture
    return lambda: decoded(picture, encoding) if isinstance(picture, bytes) else picture


def _pixels_in(path: Path) -> Callable[[], ByteImages]:
    kind = Encoding("png" if path.suffix.lower() == ".png" else "jpeg")
    return lambda: decoded(read_file(path), kind)
