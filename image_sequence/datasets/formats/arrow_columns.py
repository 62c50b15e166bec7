"""Parquet's columns: what a batch is as a table, and a row of one as a sample's record."""

import json
from importlib import import_module
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.formats.kinds import Details
from image_sequence.errors import LibraryError, ShardError, shown
from image_sequence.plan import ABSENT, ByteImages, Images
from image_sequence.sample import Batch, run_lengths

CONSTANTS = b"image-sequence"
"""Where a file keeps what all of its samples have in common."""

MASKS = "masks"
_AS_ARRAYS = ("boxes", "ink_boxes", "gaps", "fitted_gaps", "glyph_indices", "writers")
_NOW_AND_THEN = ("polygons", "sizes", "shifts")  # Arrays as well, where there are any.
_AS_JSON = ("glyph_steps", "picture_steps")
_TYPES = {"float": "float32", "double": "float64"}  # Arrow's names to Hugging Face's.

COLUMNS = ("image", "text", "labels", *_AS_ARRAYS, "glyph_digests", "index")
"""Those that there are always."""


def arrow_library() -> ModuleType:
    """Pyarrow, with what it loads only when told to.

    Raises:
        LibraryError: it is not there.
    """
    try:
        for part in ("compute", "parquet"):
            import_module(f"pyarrow.{part}")
        return import_module("pyarrow")
    except ImportError as error:
        raise LibraryError(
            f"the format 'parquet' needs pyarrow, which does not load: {error}; "
            'pip install "image-sequence[parquet]"'
        ) from error


def table_of(batch: Batch, details: Details) -> Any:
    """A batch as an Arrow table, a row a sample, built from whole arrays."""
    arrow = arrow_library()
    arrays = {name: getattr(batch, name) for name in (*_AS_ARRAYS, *_NOW_AND_THEN)}
    there = {name: array for name, array in arrays.items() if array is not None}
    columns = {
        "image": _pictures(batch.images, details.encoding),
        **_label_columns(batch, details),
        **{name: _listed(array, batch.lengths) for name, array in there.items()},
        "glyph_digests": _digests(batch),
        **_step_columns(batch),
    }
    if details.masks:
        counts = [[run_lengths(mask)["counts"] for mask in sample.masks] for sample in batch]
        columns[MASKS] = arrow.array(counts, arrow.list_(arrow.list_(arrow.int32())))
    columns["index"] = arrow.array(batch.indices)
    table = arrow.table(columns)
    return table.replace_schema_metadata(_metadata(table.schema, batch))


def _label_columns(batch: Batch, details: Details) -> dict[str, Any]:
    """The labels as they are in the record, and all of them as one text."""
    arrow = arrow_library()
    numbers = sorted(details.classes)
    names = arrow.array([details.classes[number] for number in numbers])
    texts = _listed(np.searchsorted(numbers, batch.labels), batch.lengths, names)
    are_texts = isinstance(batch[0].labels[0], str)
    labels = texts if are_texts else _listed(batch.labels, batch.lengths)
    return {"text": arrow.compute.binary_join(texts, ""), "labels": labels}


def _listed(values: NDArray[Any], lengths: NDArray[np.int64], names: Any = None) -> Any:
    """Rows of an array as lists, without what fills them.

    Args:
        values: shape (batch, n, …) or, of gaps, (batch, n + 1).
        lengths: int64, shape (batch,): n of each row.
        names: what whole numbers stand for, or None for the numbers themselves.
    """
    arrow = arrow_library()
    counts = lengths + values.shape[1] - lengths.max()
    kept = values[np.arange(values.shape[1]) < counts[:, None]]
    items = arrow.array(kept.reshape(-1))
    if names is not None:
        items = names.take(items)
    for size in reversed(kept.shape[1:]):
        items = arrow.FixedSizeListArray.from_arrays(items, size)
    return arrow.ListArray.from_arrays(_starts(counts), items)


def _starts(counts: NDArray[np.int64]) -> Any:
    """Where lists of so many items begin, and where the last one ends."""
    return arrow_library().array(np.concatenate([[0], np.cumsum(counts)]).astype(np.int32))


def _digests(batch: Batch) -> Any:
    arrow = arrow_library()
    rows = batch._origin.digests_of_rows()  # noqa: SLF001  # A batch does not tell them otherwise.
    kept = [name for row, n in zip(rows, batch.lengths.tolist(), strict=True) for name in row[:n]]
    return arrow.ListArray.from_arrays(_starts(batch.lengths), arrow.array(kept))


def _step_columns(batch: Batch) -> dict[str, Any]:
    """What steps were drawn with, where there are any: as JSON, for they differ from each other."""
    there = [name for name in _AS_JSON if getattr(batch, name)]
    records = batch.to_dicts() if there else []
    steps = {name: [json.dumps(record[name]) for record in records] for name in there}
    return {name: arrow_library().array(texts) for name, texts in steps.items()}


def _pictures(images: Images, encoding: Encoding) -> Any:
    """Pictures as Hugging Face keeps them: the bytes of their files, and no names."""
    arrow = arrow_library()
    encoded = _netpbm(images) if encoding.is_raw else arrow.array(encoding.encoded(images))
    names = arrow.nulls(len(images), arrow.string())
    return arrow.StructArray.from_arrays([encoded, names], ["bytes", "path"])


def _netpbm(images: Images) -> Any:
    """Pictures as files of a header and the pixels, without a loop.

    As a list of numbers a picture would take four bytes a pixel, for Parquet has no smaller number,
    and eight times as long; and no program would know it for a picture.
    """
    arrow = arrow_library()
    header = np.frombuffer(_header(images.shape[1:]), np.uint8)
    headers = np.broadcast_to(header, (len(images), header.size))
    files = np.concatenate([headers, images.reshape(len(images), -1)], axis=1)
    starts = np.arange(len(images) + 1, dtype=np.int32) * files.shape[1]
    buffers = [None, arrow.py_buffer(starts), arrow.py_buffer(files)]
    return arrow.Array.from_buffers(arrow.binary(), len(images), buffers)


def _header(shape: tuple[int, ...]) -> bytes:
    """A portable grey map's or pixel map's: netpbm.sourceforge.net/doc/pgm.html, ppm.html."""
    return b"P%d %d %d 255\n" % (6 if len(shape) == 3 else 5, shape[1], shape[0])


def pixels_of(file: bytes, shape: tuple[int, ...]) -> ByteImages:
    """The pixels of a raw picture: uint8, of the shape.

    Raises:
        ShardError: the bytes are no such picture.
    """
    header = _header(shape)
    if not file.startswith(header) or len(file) != len(header) + np.prod(shape):
        raise ShardError(f"{shown(file[:20])} does not begin a raw picture of the shape {shape}")
    return np.frombuffer(file, np.uint8, offset=len(header)).reshape(shape)


def _metadata(schema: Any, batch: Batch) -> dict[bytes, str]:
    """What Hugging Face wants to know of the columns, and what all samples have in common."""
    features = {field.name: _feature(field.type) for field in schema}
    features["image"] = {"_type": "Image"}
    record = batch[0].to_dict()
    constants = {name: record[name] for name in ("schema", "width", "height", "source", "seed")}
    return {
        b"huggingface": json.dumps({"info": {"features": features}}),
        CONSTANTS: json.dumps(constants),
    }


def _feature(kind: Any) -> dict[str, Any]:
    if not hasattr(kind, "value_type"):
        return {"dtype": _TYPES.get(str(kind), str(kind)), "_type": "Value"}
    # Releases before 4 of `datasets` do not know its newer name, "List".
    size = {"length": kind.list_size} if hasattr(kind, "list_size") else {}
    return {"feature": _feature(kind.value_type), **size, "_type": "Sequence"}


def record_of(row: dict[str, Any], constants: dict[str, Any]) -> dict[str, Any]:
    """What `Sample.to_dict()` has said.

    Args:
        row: a row in Python's values, without its picture.
        constants: what the file says of all of them.
    """
    writers = row["writers"]
    record = constants | row
    record["ink_boxes"] = [None if box[0] == ABSENT else box for box in row["ink_boxes"]]
    record["writers"] = [None if writer == ABSENT else writer for writer in writers]
    record["writer"] = writers[0] if set(writers) == {writers[0]} - {ABSENT} else None
    record |= {name: json.loads(row[name]) for name in _AS_JSON if name in row}
    if MASKS in row:
        size = [constants["height"], constants["width"]]
        record[MASKS] = [{"size": size, "counts": counts} for counts in row[MASKS]]
    return record
