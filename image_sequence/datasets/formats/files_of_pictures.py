"""What formats share that keep a file for each picture, or a record for each sample."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError, shown
from image_sequence.plan import ABSENT, Boxes
from image_sequence.sample import Batch

ENCODINGS = ("png", "webp", "jpeg")
"""What programs open that look for files of pictures."""

BUFFER = 1 << 20
"""How many bytes of a file are written at a time."""

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

as_json = json.JSONEncoder(ensure_ascii=False).encode
"""A value as one line of JSON."""


def named(index: int) -> str:
    """What the files of a sample are called, without a suffix."""
    return f"{index:09}"


def write_pictures(folder: Path, batches: Iterable[Batch], encoding: Encoding) -> Iterator[Batch]:
    """Write a file for each picture of a batch, then yield the batch.

    Raises:
        OSError: a file cannot be written, or is there.
    """
    for batch in batches:
        pictures = encoding.encoded(batch.images)
        for index, picture in zip(batch.indices.tolist(), pictures, strict=True):
            write_file(f"{folder}/{named(index)}{encoding.suffix}", picture)
        yield batch


def write_file(name: str, content: bytes) -> None:
    """Write a new file: in half of the time that `Path.write_bytes` takes.

    Raises:
        OSError: it cannot be written, or is there.
    """
    file = os.open(name, _NEW_FILE, 0o666)
    try:
        while content:
            content = content[os.write(file, content) :]
    finally:
        os.close(file)


def read_file(path: Path) -> bytes:
    """What a file of a shard holds.

    Raises:
        ShardError: there is none.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ShardError(f"{str(path)!r} is missing") from error


def parsed(content: bytes, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        ShardError: it is none.
    """
    try:
        value = json.loads(content)
    except ValueError as error:
        raise ShardError(f"{where} is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise ShardError(f"{where} is no record but {shown(value)}")
    return value


def from_record(record: Mapping[str, Any], index: int, picture: bytes, where: str) -> StoredSample:
    """A sample from its picture and `Sample.to_dict()`.

    Raises:
        ShardError: the record is that of another sample, or of none.
    """
    if record.get("index") != index:
        raise ShardError(f"{where} is about sample {shown(record.get('index'))}, not {index}")
    try:
        boxes = np.array(record["boxes"], np.float32).reshape(-1, 4)
        return StoredSample(index, record["text"], picture, boxes, record)
    except (KeyError, TypeError, ValueError) as error:
        raise ShardError(f"{where} has no text or no boxes: {shown(record)}") from error


def check_count(path: Path, count: int, details: Details) -> None:
    """Check how many samples a shard has.

    Raises:
        ShardError: more or fewer than there ought to be.
    """
    if count != details.shard.count:
        raise ShardError(f"{str(path)!r} has {count} samples, not {details.shard.count}")


def class_places(details: Details) -> dict[int, int]:
    """The places of labels among the classes, from 0, by their numbers."""
    return {number: place for place, number in enumerate(details.classes)}


def tight_boxes(batch: Batch) -> Boxes:
    """What a detector can find: the rectangle around each glyph's ink.

    Returns:
        float32, shape (batch, n, 4), pixels: of a glyph without ink, what of its cell is inside the
        picture.
    """
    height, width = batch.images.shape[1:3]
    sides = np.array([width, height, width, height], np.float32)
    inked = batch.ink_boxes[..., :1] != ABSENT
    return np.where(inked, batch.ink_boxes, np.clip(batch.boxes, 0, sides))


def pattern(paths: list[str]) -> str:
    """A name with an asterisk that all shards share, or that of the only one."""
    first, _, number = paths[0].rpartition("-")
    return paths[0] if len(paths) == 1 else f"{first}-*{number.lstrip('0123456789')}"
