"""Parquet: a table a shard, whose columns Hugging Face's `datasets` knows as pictures and lists."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from image_sequence.datasets.formats.arrow_columns import (
    COLUMNS,
    CONSTANTS,
    MASKS,
    arrow_library,
    pixels_of,
    record_of,
    table_of,
)
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError
from image_sequence.sample import Batch

_MOST_SAMPLES, _MOST_NUMBERS = 250, 1 << 22  # Of a row group, which is held in memory.
_ROWS = 256  # Read at a time.


class Parquet:
    """A file with a row a sample, in groups of rows that depend on the pictures' size alone."""

    suffix = ".parquet"
    encodings = ("png", "webp", "jpeg", "raw")
    has_masks = True
    libraries = ("pyarrow",)

    def check(self) -> None:
        """Check that pyarrow is there."""
        arrow_library()

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the file."""
        parquet = arrow_library().parquet
        groups = _groups((table_of(batch, details) for batch in batches), _group_size(details))
        first = next(groups)
        # Pictures are packed already, or are wanted as they are.
        packed = {_leaf(field): "zstd" for field in first.schema if field.name != "image"}
        with parquet.ParquetWriter(
            path,
            first.schema,
            compression=packed,
            use_dictionary=["glyph_digests.list.element"],
            write_page_checksum=True,
        ) as writer:
            writer.write_table(first)
            for group in groups:
                writer.write_table(group)

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples, from a few rows at a time."""
        with _refusals(path):
            file = arrow_library().parquet.ParquetFile(path, page_checksum_verification=True)
            with file:
                _check(file, path, details)
                constants = json.loads(file.schema_arrow.metadata[CONSTANTS])
                rows = (row for some in file.iter_batches(_ROWS) for row in some.to_pylist())
                for index, row in enumerate(rows, start=details.shard.first):
                    if row["index"] != index:
                        raise ShardError(
                            f"{path} has sample {row['index']} in the place of {index}"
                        )
                    yield _stored(row, constants, details)

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing: a shard needs nothing beside it."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002
        """Hugging Face's way."""
        return (
            "from datasets import load_dataset\n\n"
            f'data = load_dataset("parquet", data_files={paths!r}, split="train")\n'
            'picture, text = data[0]["image"], data[0]["text"]\n'
        )


PARQUET = Parquet()


def _group_size(details: Details) -> int:
    """How many samples a row group has."""
    return max(1, min(_MOST_SAMPLES, _MOST_NUMBERS // int(np.prod(details.image_shape))))


def _groups(tables: Iterable[Any], size: int) -> Iterator[Any]:
    """The same rows in tables of `size`; the last one has the rest."""
    held: list[Any] = []
    for table in tables:
        held.append(table)
        count = sum(map(len, held))
        if count >= size:
            joined = _joined(held)
            stop = count - count % size
            yield from (joined.slice(first, size) for first in range(0, stop, size))
            held = [joined.slice(stop)]
    if sum(map(len, held)):
        yield _joined(held)


def _joined(tables: list[Any]) -> Any:
    # Pages end where pieces of memory do: there must be one piece, whatever the batches were.
    return arrow_library().concat_tables(tables).combine_chunks()


def _leaf(field: Any) -> str:
    """Where in a file the numbers or texts of a column are."""
    name, kind = field.name, field.type
    while hasattr(kind, "value_type"):
        name, kind = f"{name}.list.element", kind.value_type
    return str(name)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Pyarrow's errors about what a file holds, as a ShardError."""
    try:
        yield
    except OSError as error:
        if error.errno is not None:
            raise
        raise ShardError(f"{path} is no sound Parquet file: {error}") from error  # A page's sum.
    except arrow_library().ArrowException as error:
        raise ShardError(f"{path} is no sound Parquet file: {error}") from error


def _check(file: Any, path: Path, details: Details) -> None:
    schema = file.schema_arrow
    wanted = {*COLUMNS, MASKS} if details.masks else set(COLUMNS)
    if CONSTANTS not in (schema.metadata or {}) or not wanted <= set(schema.names):
        raise ShardError(
            f"{path} has the columns {', '.join(schema.names)}; it is no shard of ours"
        )
    if file.metadata.num_rows != details.shard.count:
        raise ShardError(
            f"{path} has {file.metadata.num_rows} samples instead of {details.shard.count}"
        )


def _stored(row: dict[str, Any], constants: dict[str, Any], details: Details) -> StoredSample:
    picture = row.pop("image")["bytes"]
    return StoredSample(
        index=row["index"],
        text=row["text"],
        picture=pixels_of(picture, details.image_shape) if details.encoding.is_raw else picture,
        boxes=np.array(row["boxes"], np.float32),
        record=record_of(row, constants),
    )
