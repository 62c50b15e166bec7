"""Pictures as paper: a folder of photographs, of which each sample gets a part."""

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Self
from unicodedata import normalize

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    PictureError,
    SourceNotFoundError,
    shown,
)
from image_sequence.glyphs.levels import read_levels
from image_sequence.glyphs.pictures import SUFFIXES
from image_sequence.plan import ByteImages, FloatImages
from image_sequence.steps.kinds import Size
from image_sequence.steps.picture_steps import brightness_of

MOST_BYTES = 256 * 2**20
"""How many bytes of decoded pictures are kept, at most; the longest unused ones go first."""


@dataclass(slots=True)
class _Kept:
    """The pictures that were used last: uint8, by number, the longest unused one first."""

    pictures: OrderedDict[int, ByteImages] = field(default_factory=OrderedDict)
    byte_count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, number: int) -> ByteImages | None:
        with self.lock:
            if number in self.pictures:
                self.pictures.move_to_end(number)
            return self.pictures.get(number)

    def keep(self, number: int, picture: ByteImages) -> None:
        with self.lock:
            # Another thread may have read the same picture meanwhile.
            if picture.nbytes > MOST_BYTES or number in self.pictures:
                return
            self.pictures[number] = picture
            self.byte_count += picture.nbytes
            while self.byte_count > MOST_BYTES:
                _, oldest = self.pictures.popitem(last=False)
                self.byte_count -= oldest.nbytes


@dataclass(frozen=True, slots=True)
class Backgrounds:
    """The pictures that lie in a folder, of any size, each read when it is first needed.

    At most 256 MB of them are kept in memory. It pickles as the folder's path.

    Attributes:
        folder: where they lie; what lies deeper, is hidden or has another suffix is passed over.
        files: the pictures, sorted by name.
    """

    folder: Path
    files: tuple[Path, ...] = field(repr=False)
    _kept: _Kept = field(default_factory=_Kept, init=False, repr=False, compare=False)

    @classmethod
    def from_folder(cls, path: str | PathLike[str]) -> Self:
        """The pictures of a folder; none of them is read yet.

        Raises:
            ArgumentTypeError: not a path.
            SourceNotFoundError: there is no such folder.
            PictureError: there are no pictures in it.
        """
        if not isinstance(path, (str, PathLike)):
            raise ArgumentTypeError(f"a folder is given by its path, not {shown(path)}")
        folder = Path(path)
        if not folder.is_dir():
            raise SourceNotFoundError(f"there is no folder {str(folder)!r} with pictures as paper")
        files = tuple(sorted(filter(_is_picture, folder.iterdir()), key=_name))
        if not files:
            raise PictureError(
                f"there are no pictures in the folder {str(folder)!r}; "
                f"files called {', '.join(sorted(SUFFIXES))} are pictures"
            )
        return cls(folder, files)

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self.files)

    def paper(
        self, numbers: ArrayLike, places: NDArray[np.float64], size: Size, channels: int
    ) -> FloatImages:
        """A part of a picture for each sample.

        A picture that is smaller than its part is continued by its mirror images.

        Args:
            numbers: which picture, shape (count,), 0 … `count` - 1.
            places: float64, shape (count, 2), 0 … 1 without 1: how far to the right and how far
                down the part lies, of what room the picture leaves.
            size: height and width of the parts, pixels.
            channels: 1 or 3; colours become grey as bright as they look (BT.601).

        Returns:
            float32, shape (count, height, width, channels), 0.0 black … 1.0 white.

        Raises:
            ArgumentValueError: there is no picture of such a number.
            PictureError: a picture is damaged; the message names it.
        """
        chosen = np.asarray(numbers, np.int64)
        if chosen.size and not 0 <= chosen.min() <= chosen.max() < self.count:
            raise ArgumentValueError(
                f"pictures have the numbers 0 to {self.count - 1}, "
                f"not {chosen.min()} to {chosen.max()}"
            )
        paper = np.empty((chosen.size, *size, channels), np.float32)
        for part, number, place in zip(paper, chosen.tolist(), places.tolist(), strict=True):
            part[:] = _in_channels(_part(self._picture(number), place, size), channels)
        return paper

    def _picture(self, number: int) -> ByteImages:
        """A picture: uint8, shape (height, width), or (height, width, 3)."""
        kept = self._kept.get(number)
        if kept is not None:
            return kept
        path = self.files[number]
        picture = np.ascontiguousarray(read_levels(path, str(path), "white"))
        self._kept.keep(number, picture)
        return picture

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return type(self).from_folder, (self.folder,)


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _name(path: Path) -> tuple[str, str]:
    # The same order on a file system that decomposes names as on one that keeps them.
    return normalize("NFC", path.name), path.name


def _part(picture: ByteImages, place: list[float], size: Size) -> ByteImages:
    """The part of a picture at a place: uint8, of that height and width."""
    left, top = place
    rows = _mirrored(picture.shape[0], top, size[0])
    columns = _mirrored(picture.shape[1], left, size[1])
    return picture[rows[:, None], columns]


def _mirrored(length: int, share: float, wanted: int) -> NDArray[np.int64]:
    """Which pixels of a side are taken: int64, shape (wanted,).

    A side that is too short goes forth and back without an end, its last pixel twice.
    """
    room = length - wanted + 1 if length >= wanted else 2 * length
    places = (int(share * room) + np.arange(wanted)) % (2 * length)
    return np.minimum(places, 2 * length - 1 - places)


def _in_channels(levels: ByteImages, channels: int) -> FloatImages:
    """Levels as float32, shape (height, width, channels)."""
    values = levels.astype(np.float32) / np.float32(255)
    if values.ndim == 2:
        return np.broadcast_to(values[..., None], (*values.shape, channels))
    return values if channels == values.shape[2] else brightness_of(values[None])[0]
