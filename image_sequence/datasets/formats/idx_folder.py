"""The format "idx": a folder with a file for each column in the format of MNIST."""

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.formats.columns import (
    Columns,
    check_shapes,
    columns_of_all,
    damage_named,
    pictures_of,
    stored_samples,
    write_files,
)
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ArgumentValueError
from image_sequence.glyphs.idx import read_idx
from image_sequence.sample import Batch

_CLASSES = "classes.json"
_OPENING = """\
import json
from pathlib import Path

from image_sequence.glyphs.idx import read_idx

shard, classes = Path("{0}"), json.loads(Path("classes.json").read_text("utf-8"))
images = read_idx(shard / "{1}")  # Nothing is read until it is used.
labels, lengths = read_idx(shard / "labels-idx2-int"), read_idx(shard / "lengths-idx1-int")
print(images.shape, "".join(classes[str(label)] for label in labels[0, : lengths[0]]))
"""

# By the kind of a column: IDX has no whole numbers of 64 bits and no text.
_DTYPES = {"b": ">u1", "u": ">u1", "i": ">i4", "f": ">f4"}
_FLOATS_OF_64_BITS = {"indices", "sizes"}  # Samples' numbers may be large.
_LARGEST_NUMBER = 2**53  # Up to here float64 holds every whole number.
_CODES = {
    "|u1": (0x08, "ubyte"),
    ">i4": (0x0C, "int"),
    ">f4": (0x0D, "float"),
    ">f8": (0x0E, "double"),
}


class _Idx:
    """Files named as MNIST's are: "images-idx3-ubyte"; see `columns` for what they hold.

    Whole numbers are int32, those of samples float64. There are no texts, but "classes.json" beside
    the shards says what each label's number is as text.
    """

    suffix = ""
    encodings = ("raw",)
    has_masks = True
    libraries = ()

    def check(self) -> None:
        """Check nothing: the package reads and writes IDX."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write a shard; see `Format`.

        Raises:
            ArgumentValueError: numbers that IDX has no place for.
        """
        parts = map(_as_files, columns_of_all(batches, details))
        write_files(path, parts, partial(_idx_head, count=details.shard.count))

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples of a shard; see `Format`."""
        with damage_named(path):
            images = read_idx(path / _file_name("images", len(details.image_shape) + 1, "ubyte"))
            labels = read_idx(path / "labels-idx2-int")
            lengths = read_idx(path / "lengths-idx1-int")
            indices = read_idx(path / "indices-idx1-double")
            boxes = read_idx(path / "boxes-idx3-float")
            arrays = {"images": images, "labels": labels, "lengths": lengths, "boxes": boxes}
            check_shapes(path, details, **{name: array.shape for name, array in arrays.items()})
            yield from stored_samples(
                pictures_of(images, details),
                indices=map(int, indices.tolist()),
                texts=_texts(labels, lengths, details),
                lengths=lengths,
                boxes=boxes.astype(np.float32),
            )

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """What the numbers of labels are as text."""
        return {_CLASSES: json.dumps(dict(details.classes), ensure_ascii=False, indent=2) + "\n"}

    def opening(self, paths: list[str], details: Details) -> str:
        """Lines that open the first shard."""
        images = _file_name("images", len(details.image_shape) + 1, "ubyte")
        return _OPENING.format(paths[0], images)


IDX = _Idx()


def _as_files(part: Columns) -> dict[str, NDArray[Any]]:
    """The columns as IDX holds them, by the names of their files."""
    files = {}
    for name, column in part.items():
        if column.dtype.kind == "U":
            continue
        dtype = np.dtype(">f8" if name in _FLOATS_OF_64_BITS else _DTYPES[column.dtype.kind])
        _check_range(name, column, dtype)
        files[_file_name(name, column.ndim, _CODES[dtype.str][1])] = column.astype(
            dtype, copy=False
        )
    return files


def _file_name(name: str, dimension_count: int, kind: str) -> str:
    return f"{name.replace('_', '-')}-idx{dimension_count}-{kind}"


def _check_range(name: str, column: NDArray[Any], dtype: np.dtype[Any]) -> None:
    """Check that whole numbers stay what they are."""
    if column.dtype.kind != "i":
        return
    low, high = (-(2**31), 2**31 - 1) if dtype.kind == "i" else (-_LARGEST_NUMBER, _LARGEST_NUMBER)
    if column.min() < low or column.max() > high:
        raise ArgumentValueError(
            f"the format 'idx' has a place for {name} from {low} to {high}, these lie from "
            f"{column.min()} to {column.max()}; the formats 'npy' and 'npz' take them"
        )


def _idx_head(column: NDArray[Any], count: int) -> bytes:
    """What an IDX file of `count` such rows begins with; see `idx`."""
    shape = (count, *column.shape[1:])
    return struct.pack(f">HBB{len(shape)}I", 0, _CODES[column.dtype.str][0], len(shape), *shape)


def _texts(labels: NDArray[Any], lengths: NDArray[Any], details: Details) -> Iterator[str]:
    rows = zip(labels.tolist(), lengths.tolist(), strict=True)
    return ("".join(details.classes[number] for number in row[:length]) for row, length in rows)
