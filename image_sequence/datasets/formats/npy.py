"""The format "npy": a folder with a NumPy file for each column; they can be mapped into memory."""

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.formats.columns import (
    check_shapes,
    columns_of_all,
    damage_named,
    pictures_of,
    stored_samples,
    write_files,
)
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.sample import Batch

_OPENING = """\
import numpy as np

images = np.load("{0}/images.npy", mmap_mode="r")  # Nothing is read until it is used.
texts = np.load("{0}/texts.npy")
print(images.shape, images.dtype, texts[0])
"""


class _Npy:
    """Files that NumPy opens, or maps into memory; see `columns` for what they hold."""

    suffix = ""
    encodings = ("raw",)
    has_masks = True
    libraries = ()

    def check(self) -> None:
        """Check nothing: NumPy is there."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write a shard; see `Format`."""
        parts = (
            {f"{name}.npy": column for name, column in made.items()}
            for made in columns_of_all(batches, details)
        )
        write_files(path, parts, partial(npy_head, count=details.shard.count))

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples of a shard; see `Format`."""
        with damage_named(path):
            names = ("images", "indices", "texts", "lengths", "boxes")
            read = {name: np.load(path / f"{name}.npy", mmap_mode="r") for name in names}
            check_shapes(path, details, **{name: read[name].shape for name in names})
            yield from stored_samples(
                pictures_of(read["images"], details),
                indices=read["indices"].tolist(),
                texts=read["texts"].tolist(),
                lengths=read["lengths"],
                boxes=np.array(read["boxes"]),
            )

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing stands beside the shards."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002
        """Lines that open the first shard."""
        return _OPENING.format(paths[0])


NPY = _Npy()


def npy_head(column: NDArray[Any], count: int) -> bytes:
    """What a NumPy file of `count` such rows begins with.

    >>> np.load(BytesIO(npy_head(np.zeros((1, 2), np.uint8), 3) + bytes(6))).shape
    (3, 2)
    """
    head = BytesIO()
    described = np.lib.format.header_data_from_array_1_0(column) | {
        "fortran_order": False,
        "shape": (count, *column.shape[1:]),
    }
    np.lib.format.write_array_header_1_0(head, described)
    return head.getvalue()
