"""The format "npz": a shard is one file that `numpy.load` opens, with an array for each column.

It is a zip archive without compression: the sizes of all its files are known before the first
sample is, so each column is written to its place as samples come, and none is kept in memory.
Source of the layout: APPNOTE.TXT 6.3.10, the .ZIP File Format Specification, PKWARE.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

import numpy as np

from image_sequence.datasets.formats.columns import (
    Columns,
    buffer,
    check_shapes,
    columns_of_all,
    damage_named,
    stored_samples,
)
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.datasets.formats.npy import npy_head
from image_sequence.errors import ShardError
from image_sequence.plan import ByteImages
from image_sequence.sample import Batch

_OPENING = """\
import numpy as np

with np.load("{0}") as shard:
    images, texts, boxes = shard["images"], shard["texts"], shard["boxes"]
print(images.shape, images.dtype, texts[0])
"""

_VERSION = 45  # The first that knows sizes of 64 bits.
_MADE_BY = 3 << 8 | _VERSION  # Whatever made it: attributes are those of Unix.
_FIRST_OF_1980 = 1 << 5 | 1  # The earliest date there is.
_ATTRIBUTES = 0o100644 << 16
_IN_64_BITS = 0xFFFFFFFF  # Says that the number itself stands among the extra fields.


class _Npz:
    """A file that NumPy opens; see `columns` for what it holds."""

    suffix = ".npz"
    encodings = ("raw",)
    has_masks = True
    libraries = ()

    def check(self) -> None:
        """Check nothing: NumPy is there."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write a shard; see `Format`."""
        with path.open("xb") as file:
            entries: dict[str, _Entry] = {}
            for part in columns_of_all(batches, details):
                entries = entries or _laid_out(file, part, details.shard.count)
                for name, column in part.items():
                    entries[name].append(file, buffer(column))
            _write_heads(file, list(entries.values()))

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples of a shard; see `Format`."""
        with damage_named(path), path.open("rb") as file, np.load(file) as shard:
            names = ("indices", "texts", "lengths", "boxes")
            read = {name: shard[name] for name in names}
            check_shapes(path, details, **{name: read[name].shape for name in names})
            with shard.zip.open("images.npy") as images:
                yield from stored_samples(
                    _pictures(images, path, details),
                    indices=read["indices"].tolist(),
                    texts=read["texts"].tolist(),
                    lengths=read["lengths"],
                    boxes=read["boxes"],
                )

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing stands beside the shards."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002
        """Lines that open the first shard."""
        return _OPENING.format(paths[0])


NPZ = _Npz()


def _pictures(images: IO[bytes], path: Path, details: Details) -> Iterator[ByteImages]:
    """The pictures one by one: `shard["images"]` would be all of them."""
    np.lib.format.read_magic(images)
    shape, _, dtype = np.lib.format.read_array_header_1_0(images)
    check_shapes(path, details, images=shape)
    if dtype != np.uint8:
        raise ShardError(f"the pictures in {path} are {dtype}, not uint8")
    size = int(np.prod(shape[1:]))
    while picture := images.read(size):  # The archive's own sum is checked at the end.
        yield np.frombuffer(picture, np.uint8).reshape(shape[1:])


class _Entry:
    """A file in the archive, of a size that is known before it is written."""

    def __init__(self, name: str, start: int, size: int) -> None:
        self._name = f"{name}.npy".encode()
        self._start = start
        self._size = size
        self._sum = 0
        self._position = start + len(self.head())

    @property
    def stop(self) -> int:
        """Where the next file begins."""
        return self._start + len(self.head()) + self._size

    def append(self, file: IO[bytes], content: bytes | memoryview) -> None:
        """Write what comes next of it."""
        file.seek(self._position)
        file.write(content)
        self._sum = zlib.crc32(content, self._sum)
        self._position += len(content)

    def write_head(self, file: IO[bytes]) -> None:
        """Write what stands before it, now that its sum is known."""
        file.seek(self._start)
        file.write(self.head())

    def head(self) -> bytes:
        """What stands before it: APPNOTE 4.3.7, with the extra field 4.5.3."""
        extra = struct.pack("<HHQQ", 1, 16, self._size, self._size)
        head = struct.pack("<IHH", 0x04034B50, _VERSION, 0) + self._known(len(extra))
        return head + self._name + extra

    def central_head(self) -> bytes:
        """What the directory says of it: APPNOTE 4.3.12."""
        extra = struct.pack("<HHQQQ", 1, 24, self._size, self._size, self._start)
        head = struct.pack("<IHHH", 0x02014B50, _MADE_BY, _VERSION, 0) + self._known(len(extra))
        head += struct.pack("<HHHII", 0, 0, 0, _ATTRIBUTES, _IN_64_BITS)
        return head + self._name + extra

    def _known(self, extra_length: int) -> bytes:
        # No compression, midnight, a day; the sum, both sizes; the lengths of what follows.
        return struct.pack(
            "<HHHIIIHH",
            *(0, 0, _FIRST_OF_1980),
            *(self._sum, _IN_64_BITS, _IN_64_BITS),
            *(len(self._name), extra_length),
        )


def _laid_out(file: IO[bytes], part: Columns, count: int) -> dict[str, _Entry]:
    """Where each column's file stands, each begun with its head."""
    entries: dict[str, _Entry] = {}
    start = 0
    for name, column in part.items():
        head = npy_head(column, count)
        entries[name] = _Entry(name, start, len(head) + count * (column.nbytes // len(column)))
        entries[name].append(file, head)
        start = entries[name].stop
    return entries


def _write_heads(file: IO[bytes], entries: list[_Entry]) -> None:
    """Write what stands before the archive's files, and its directory behind them."""
    for entry in entries:
        entry.write_head(file)
    start = entries[-1].stop
    directory = b"".join(entry.central_head() for entry in entries)
    count, size = len(entries), len(directory)
    file.seek(start)
    file.write(directory)
    # APPNOTE 4.3.14, 4.3.15, 4.3.16: the end, where it begins, and the end for old readers.
    file.write(
        struct.pack(
            "<IQHHIIQQQQ", 0x06064B50, 44, _MADE_BY, _VERSION, 0, 0, count, count, size, start
        )
    )
    file.write(struct.pack("<IIQI", 0x07064B50, 0, start + size, 1))
    file.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, _IN_64_BITS, 0))
