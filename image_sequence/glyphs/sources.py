"""Where glyphs are loaded from: the bundled digits, or a folder of IDX files."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    IdxError,
    SourceNotFoundError,
    shown,
)
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.idx import read_idx
from image_sequence.glyphs.writers import find_table, read_table, the_table

BUNDLED_FOLDER = Path(__file__).parent.parent / "data" / "mnist-5k"
MNIST_STEMS: Mapping[str, str] = {"train": "train", "test": "t10k"}
"""What the names of MNIST's files begin with, for each of its halves."""

SPLITS = tuple(MNIST_STEMS)


@runtime_checkable
class GlyphSource(Protocol):
    """Anything that loads a `GlyphBank`. It is asked once, when the first picture is made."""

    def load(self) -> GlyphBank:
        """The glyphs."""
        ...


@runtime_checkable
class PartedSource(Protocol):
    """A source whose data set came divided, and must be kept so: MNIST's test half, say."""

    def part(self, name: str, /) -> GlyphSource | None:
        """The source of the data set's own "train", "val" or "test"; None if it has none."""
        ...


@dataclass(frozen=True, slots=True)
class IdxFolder:
    """A folder of IDX files under MNIST's names.

    `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, for the test half `t10k-…`; with a dot
    in place of the dash before `idx` and with `.gz` behind it as well. A plain file goes before a
    gzipped one, because it is mapped into memory instead of unpacked. Labels may also be QMNIST's
    `…-labels-idx2-int`. Where QMNIST's writer tables lie beside the images, or in `writers`, it is
    known who wrote each digit.

    Attributes:
        folder: where the files lie.
        split: "train" or "test".
        writers: a folder with QMNIST's writer tables, or None to look beside the images.
        name: the data set's; the folder's if it is None.
        stems: what the files' names begin with, for each split.
        names: what the labels are as text, or None for numbers.
        is_transposed: whether the files hold the images with rows and columns changed over.

    Raises:
        ArgumentValueError: another split.
        SourceNotFoundError: no such folder, or a file is missing from it.
    """

    folder: Path
    split: str = "train"
    writers: Path | None = None
    name: str | None = None
    stems: Mapping[str, str] = field(
        default_factory=lambda: dict(MNIST_STEMS), repr=False, hash=False
    )
    names: Mapping[int, str] | None = field(default=None, repr=False, hash=False)
    is_transposed: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", _folder(self.folder))
        if not isinstance(self.split, str) or self.split not in self.stems:
            raise ArgumentValueError(
                f"a split is {' or '.join(self.stems)}, not {shown(self.split)}"
            )
        self._file("images", "idx3-ubyte")
        self._file("labels", "idx1-ubyte", "idx2-int")
        if self.writers is not None:
            object.__setattr__(self, "writers", _folder(self.writers))
            the_table(_folder(self.writers), self.split)

    def part(self, name: str, /) -> Self | None:
        """The half of that name, if its files are there."""
        if name not in self.stems:
            return None
        try:
            return replace(self, split=name)
        except SourceNotFoundError:
            return None

    def load(self) -> GlyphBank:
        """The glyphs, named after the folder.

        Raises:
            IdxError: a file is damaged, is not what its name says, or the two do not match.
        """
        images = read_idx(self._file("images", "idx3-ubyte"))
        labels, writers = self._labels_and_writers()
        if images.ndim != 3 or images.dtype != "u1" or labels.ndim != 1 or labels.dtype != "u1":
            raise IdxError(
                f"{self.folder} holds {images.dtype} images of shape {images.shape} and "
                f"{labels.dtype} labels of shape {labels.shape}; "
                f"uint8 images (count, height, width) and uint8 labels (count,) work"
            )
        if len(images) != len(labels) or images.size == 0:
            raise IdxError(
                f"{self.folder} holds {len(images)} images and {len(labels)} labels for the split "
                f"{self.split!r}; a source has as many of the one as of the other, and at least one"
            )
        if self.is_transposed:
            images = np.ascontiguousarray(images.transpose(0, 2, 1))
        name = self.folder.resolve().name if self.name is None else self.name
        return GlyphBank(images, labels, name, self.split, self.names, writers=writers)

    def _labels_and_writers(self) -> tuple[NDArray[Any], NDArray[np.int64] | None]:
        path = self._file("labels", "idx1-ubyte", "idx2-int")
        if "idx2" in path.name:
            table = read_table(path)
            return table.labels.astype(np.uint8), table.writers
        labels = read_idx(path)
        where = None if self.writers is None else the_table(self.writers, self.split)
        where = where or find_table(self.folder, self.split)
        return labels, None if where is None else read_table(where).writers_of(labels)

    def _file(self, content: str, *kinds: str) -> Path:
        stem = f"{self.stems[self.split]}-{content}"
        for kind, suffix, separator in product(kinds, ("", ".gz"), "-."):
            path = self.folder / f"{stem}{separator}{kind}{suffix}"
            if path.is_file():
                return path
        raise SourceNotFoundError(
            f"the folder {str(self.folder)!r} has no file {stem}-{kinds[0]} "
            f"(also with a dot for the last-but-one dash, or .gz behind it); "
            f"the split {self.split!r} needs it"
        )


def _folder(folder: object) -> Path:
    if not isinstance(folder, (str, PathLike)):
        raise ArgumentTypeError(f"a folder is given by its path, not {shown(folder)}")
    path = Path(folder)
    if not path.is_dir():
        raise SourceNotFoundError(f"there is no folder {str(path)!r} to load glyphs from")
    return path


@dataclass(frozen=True, slots=True)
class BundledDigits:
    """The digits that come with the package: the first 500 of each class of MNIST's training half.

    Image 500 * d + k is the k-th image of digit d in MNIST's own order.

    Attributes:
        split: "train": there is no other.

    Raises:
        ArgumentValueError: another split.
    """

    split: str = "train"

    def __post_init__(self) -> None:
        if self.split != "train":
            raise ArgumentValueError(
                f"the bundled digits have the split 'train' only, not {shown(self.split)}; "
                f"a folder with MNIST's files (--data DIR, IdxFolder) has 'train' and 'test'"
            )

    def load(self) -> GlyphBank:
        """The 5,000 digits, loaded once a process."""
        return _load_bundled()


@cache
def _load_bundled() -> GlyphBank:
    return IdxFolder(BUNDLED_FOLDER).load()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A source whose glyphs are in memory already."""

    bank: GlyphBank

    def load(self) -> GlyphBank:
        """The bank itself."""
        return self.bank
