"""The records of a data set, whatever its format."""

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from image_sequence.datasets.ledger import Ledger, recipe_of
from image_sequence.datasets.making import Maker
from image_sequence.datasets.storage import Storage, open_storage
from image_sequence.errors import ArgumentValueError


def records_of(directory: str | PathLike[str]) -> Iterator[Mapping[str, Any]] | None:
    """The records of all samples that are there, in order; None if there is no data set.

    Args:
        directory: its folder, or an address that fsspec opens.

    Raises:
        ArgumentValueError: its format has no place for records.
        ShardError: a shard is not what was written.
    """
    storage = open_storage(directory)
    recipe = recipe_of(storage)
    if recipe is None:
        return None
    ledger = Ledger(storage, recipe)
    ledger.read()
    return _records(storage, ledger, Maker(recipe))


def _records(storage: Storage, ledger: Ledger, maker: Maker) -> Iterator[Mapping[str, Any]]:
    for number in sorted(ledger.receipts):
        receipt = ledger.receipts[number]
        with TemporaryDirectory(prefix="image-sequence-") as folder:
            path = storage.fetch(receipt.name, Path(folder))
            for stored in maker.recipe.kept_as.read(path, maker.details(receipt.shard)):
                if stored.record is None:
                    raise ArgumentValueError(
                        f"{storage.name} keeps no records of its samples: the format "
                        f"{maker.recipe.format!r} has no place for them; 'folder', "
                        f"'webdataset', 'parquet' and 'tfrecord' have"
                    )
                yield stored.record
