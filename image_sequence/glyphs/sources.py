"""Where glyphs are loaded from: the bundled digits, or a folder of IDX files."""

from dataclasses import dataclass
from functools import cache
from itertools import product
from os import PathLike
from pathlib import Path
from typing import Protocol, runtime_checkable

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    IdxError,
    SourceNotFoundError,
    shown,
)
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.idx import read_idx

BUNDLED_FOLDER = Path(__file__).parent.parent / "data" / "mnist-5k"
_FILE_STEMS = {"train": "train", "test": "t10k"}  # MNIST's own names for its two halves.
SPLITS = tuple(_FILE_STEMS)


@runtime_checkable
class GlyphSource(Protocol):
    """Anything that loads a `GlyphBank`. It is asked once, when the first picture is made."""

    def load(self) -> GlyphBank:
        """The glyphs."""
        ...


@dataclass(frozen=True, slots=True)
class IdxFolder:
    """A folder of IDX files under MNIST's names.

    `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, for the test half `t10k-…`; with a dot
    in place of the dash before `idx` and with `.gz` behind it as well. A plain file goes before a
    gzipped one, because it is mapped into memory instead of unpacked.

    Attributes:
        folder: where the files lie.
        split: "train" or "test".

    Raises:
        ArgumentValueError: another split.
        SourceNotFoundError: no such folder, or a file is missing from it.
    """

    folder: Path
    split: str = "train"

    def __post_init__(self) -> None:
        if not isinstance(self.folder, (str, PathLike)):
            raise ArgumentTypeError(f"a folder is given by its path, not {shown(self.folder)}")
        object.__setattr__(self, "folder", Path(self.folder))
        if self.split not in SPLITS:
            raise ArgumentValueError(f"a split is {' or '.join(SPLITS)}, not {shown(self.split)}")
        if not self.folder.is_dir():
            raise SourceNotFoundError(
                f"there is no folder {str(self.folder)!r} to load glyphs from"
            )
        self._file("images", 3)
        self._file("labels", 1)

    def load(self) -> GlyphBank:
        """The glyphs, named after the folder.

        Raises:
            IdxError: a file is damaged, is not what its name says, or the two do not match.
        """
        images = read_idx(self._file("images", 3))
        labels = read_idx(self._file("labels", 1))
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
        return GlyphBank(images, labels, self.folder.resolve().name, self.split)

    def _file(self, content: str, dimension_count: int) -> Path:
        stem = f"{_FILE_STEMS[self.split]}-{content}"
        for suffix, separator in product(("", ".gz"), "-."):
            path = self.folder / f"{stem}{separator}idx{dimension_count}-ubyte{suffix}"
            if path.is_file():
                return path
        raise SourceNotFoundError(
            f"the folder {str(self.folder)!r} has no file {stem}-idx{dimension_count}-ubyte "
            f"(also with a dot for the last-but-one dash, or .gz behind it); "
            f"the split {self.split!r} needs it"
        )


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


def as_source(source: object) -> GlyphSource:
    """What a user gave as a source, as a `GlyphSource`.

    Args:
        source: None for the bundled digits, a folder of IDX files, a `GlyphBank`, or a source.

    Raises:
        ArgumentTypeError: something else.
        SourceNotFoundError: the folder or one of its files is missing.
    """
    if source is None:
        return BundledDigits()
    if isinstance(source, (str, PathLike)):
        return IdxFolder(Path(source))
    if isinstance(source, GlyphBank):
        return Loaded(source)
    if isinstance(source, GlyphSource) and not isinstance(source, type):
        return source
    raise ArgumentTypeError(
        f"a source is a folder of IDX files, a GlyphBank or an object with a load() method, "
        f"not {shown(source)}"
    )
