"""The format "hdf5": a shard is one HDF5 file, with a data set for each column.

HDF5 says where in the file each column is to stand, and what stands around them; the columns are
written there without it. Where the disk is full, HDF5 2.0 crashes while it closes the file.
"""

import io
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.formats.columns import (
    Columns,
    buffer,
    check_shapes,
    columns_of_all,
    damage_named,
    pictures_of,
    stored_samples,
)
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import LibraryError
from image_sequence.sample import Batch

# What HDF5 1.10, of 2016, and all later ones read; the default changes with releases.
_LAYOUT = ("v108", "v110")
_OPENING = """\
import h5py

with h5py.File("{0}") as shard:
    images, texts, boxes = shard["images"], shard["texts"].asstr(), shard["boxes"]
    print(images.shape, images.dtype, texts[0], boxes[0, : shard["lengths"][0]])
"""


class _Hdf5:
    """A file that h5py, MATLAB and others open; see `columns` for what it holds.

    Texts are UTF-8 of a fixed length, filled with zero bytes. Nothing is compressed.
    """

    suffix = ".h5"
    encodings = ("raw",)
    has_masks = True
    libraries = ("h5py",)

    def check(self) -> None:
        """Check that h5py is there; see `Format`."""
        _h5py()

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write a shard; see `Format`."""
        with path.open("xb") as file:
            places: dict[str, int] = {}
            size = 0
            for part in columns_of_all(batches, details):
                made = _with_bytes(part, details)
                if not places:
                    places, size = _write_skeleton(file, made, details.shard.count)
                for name, column in made.items():
                    file.seek(places[name])
                    places[name] += file.write(buffer(column))
            file.truncate(size)  # Should HDF5 have reserved more than the last column takes.

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples of a shard; see `Format`."""
        with damage_named(path), _h5py().File(path, locking=False) as file:
            names = ("images", "indices", "texts", "lengths", "boxes")
            check_shapes(path, details, **{name: file[name].shape for name in names})
            yield from stored_samples(
                pictures_of(file["images"], details),
                indices=file["indices"][:].tolist(),
                texts=file["texts"].asstr()[:].tolist(),
                lengths=file["lengths"][:],
                boxes=file["boxes"][:],
            )

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing stands beside the shards."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002
        """Lines that open the first shard."""
        return _OPENING.format(paths[0])


HDF5 = _Hdf5()


def _h5py() -> ModuleType:
    try:
        import h5py
    except ImportError as error:
        raise LibraryError(
            f"the format 'hdf5' needs h5py, which does not load: {error}; "
            f'pip install "image-sequence[hdf5]"'
        ) from error
    library: ModuleType = h5py
    return library


def _with_bytes(part: Columns, details: Details) -> dict[str, NDArray[Any]]:
    """The columns with texts as UTF-8."""
    widest = max(len(text.encode()) for text in details.classes.values())
    dtype = _h5py().string_dtype("utf-8", details.longest * widest)
    return {**part, "texts": np.char.encode(part["texts"], "utf-8").astype(dtype)}


class _Skeleton(io.RawIOBase):
    """A file in memory that holds only what is written to it, wherever that is."""

    def __init__(self) -> None:
        self.pieces: list[tuple[int, bytes]] = []
        self.size = 0
        self._position = 0

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place."""
        self._position = offset + (0, self._position, self.size)[whence]
        return self._position

    def tell(self) -> int:
        """The place."""
        return self._position

    def write(self, content: Any) -> int:
        """Write there."""
        piece = bytes(content)
        self.pieces.append((self._position, piece))
        self._position += len(piece)
        self.size = max(self.size, self._position)
        return len(piece)

    def readinto(self, target: Any) -> int:
        """Read there; what was never written is zero."""
        found = np.zeros(len(target), np.uint8)
        for start, piece in self.pieces:
            own = np.frombuffer(piece, np.uint8)
            first, stop = (
                max(start, self._position),
                min(start + own.size, self._position + found.size),
            )
            if first < stop:
                found[first - self._position : stop - self._position] = own[
                    first - start : stop - start
                ]
        target[:] = found.tobytes()
        self._position += found.size
        return found.size

    def truncate(self, size: int | None = None, /) -> int:
        """Make it so long."""
        self.size = self._position if size is None else size
        return self.size

    def flush(self) -> None:
        """Nothing is held back."""


def _write_skeleton(file: IO[bytes], columns: Columns, count: int) -> tuple[dict[str, int], int]:
    """Write all but the columns.

    Returns:
        Where each column is to stand, and the size of the whole file, bytes.
    """
    h5py = _h5py()
    skeleton = _Skeleton()
    with h5py.File(skeleton, "w", libver=_LAYOUT, track_order=False) as described:
        places = {
            name: _place(described, name, (count, *column.shape[1:]), column.dtype)
            for name, column in columns.items()
        }
    for start, piece in skeleton.pieces:
        file.seek(start)
        file.write(piece)
    return places, skeleton.size


def _place(described: Any, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> int:
    """Where a new data set's values are to stand."""
    h5py = _h5py()
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    settings.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
    # No times of day; and what users set h5py to is not to matter.
    fixed = {"track_times": False, "track_order": False}
    added = described.create_dataset(name, shape, dtype, dcpl=settings, **fixed)
    place: int = added.id.get_offset()
    return place
