"""Pictures in NumPy arrays, in memory or in an .npz file."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Self, TypeGuard

import numpy as np
from numpy.lib.npyio import NpzFile as NpzArrays
from numpy.typing import NDArray

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    PictureError,
    SourceNotFoundError,
    shown,
)
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.levels import size_of
from image_sequence.glyphs.numbering import Names, numbered
from image_sequence.glyphs.parts import SPELLINGS, WHOLE, check_part, chosen_part, part_called
from image_sequence.glyphs.unifying import Unified, unify, unify_stack


@dataclass(frozen=True, slots=True, eq=False)
class Arrays(Unified):
    """Pictures in memory, and a label for each.

    Attributes:
        images: uint8, or floats from 0.0 to 1.0, shape (count, height, width) or (count, height,
            width, 3); or a list of pictures of any sizes, each an array or a PIL image.
        labels: whole numbers or texts, as many.
        names: the texts of the numbers, in a mapping or a list; None for those there are.
        widths: whole numbers, pixels: how many columns of each image, from the left, are the
            picture's. None, if all of them are.
        writers: whole numbers: whose hand each picture is, -1 where nobody knows; or None.
        name: the data set's.
        split: the part of it.

    Raises:
        ArgumentTypeError: images that are neither an array nor a list.
        ArgumentValueError: another shape, no images, or not a label for each; and as `Unified`.

    >>> source = Arrays(np.zeros((2, 28, 28), np.uint8), ["cat", "dog"], paper="black")
    >>> source.load().text(1)
    'dog'
    """

    images: Any = field(repr=False)
    labels: Any = field(repr=False)
    names: Names | None = field(default=None, repr=False)
    widths: Any = field(default=None, repr=False)
    writers: Any = field(default=None, repr=False)
    name: str = "arrays"
    split: str = WHOLE

    def __post_init__(self) -> None:
        Unified.__post_init__(self)
        if not isinstance(self.images, (np.ndarray, list, tuple)):
            raise ArgumentTypeError(
                f"images are an array or a list of arrays, not {shown(self.images)}"
            )
        if _is_stack(self.images):
            _check_stack(self.images)
        for name in ("labels", "widths", "writers"):
            values = getattr(self, name)
            if values is not None and len(values) != len(self.images):
                raise ArgumentValueError(
                    f"{len(self.images)} images need as many {name}, not {len(values)}"
                )
        if not len(self.images):
            raise ArgumentValueError("there are no images; a source has at least one")

    def load(self) -> GlyphBank:
        """The pictures as glyphs.

        Raises:
            ArgumentTypeError: pictures, labels or names of another kind.
            ArgumentValueError: values outside their range, or as `unify`.
        """
        labels, names = numbered(self.labels, self.names)
        images, widths = self._unified()
        writers = None if self.writers is None else _whole("writers", self.writers)
        return GlyphBank(images, labels, self.name, self.split, names, widths, writers)

    def _unified(self) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
        if _is_stack(self.images) and self.widths is None:
            return unify_stack(self.images, self)
        pictures = list(self.images)
        if self.widths is not None:
            widths = _whole("widths", self.widths)
            _check_widths(widths, pictures)
            pairs = zip(pictures, widths.tolist(), strict=True)
            pictures = [np.asarray(picture)[:, :width] for picture, width in pairs]
        return unify(pictures, [size_of(picture) for picture in pictures], self)


@dataclass(frozen=True, slots=True)
class NpzFile(Unified):
    """Pictures in an .npz file, as `np.savez` writes it.

    The arrays are called `images` and `labels`; or for each part `train_images` and `train_labels`
    as in MedMNIST, or `x_train` and `y_train` as in Keras' mnist.npz, with val, valid, validation
    or test for train. Beside `images` there may be `widths` and `writers`, beside `train_images`
    `train_widths` and `train_writers`, and for all of them `names`. Nothing in it is unpickled.

    Attributes:
        path: the file.
        split: "all" or the part; None for all, else train, else the only part.

    Raises:
        SourceNotFoundError: no such file, or no such part in it.
        PictureError: no sound .npz file, or no arrays of these names.
        As `Unified`.
    """

    path: Path
    split: str | None = None

    def __post_init__(self) -> None:
        Unified.__post_init__(self)
        check_part(self.split)
        if not isinstance(self.path, (str, PathLike)):
            raise ArgumentTypeError(f"a file is given by its path, not {shown(self.path)}")
        object.__setattr__(self, "path", Path(self.path))
        if not self.path.is_file():
            raise SourceNotFoundError(f"there is no file {str(self.path)!r} to load glyphs from")
        with self._opened() as arrays:
            chosen_part(self.split, self._parts(arrays), str(self.path))

    def part(self, name: str, /) -> Self | None:
        """The part of that name, if the file has it."""
        with self._opened() as arrays:
            is_there = name != WHOLE and name in self._parts(arrays)
        return replace(self, split=name) if is_there else None

    def load(self) -> GlyphBank:
        """The pictures as glyphs, named after the file.

        Raises:
            PictureError: the file is damaged, or its arrays are not what they are called.
            As `Arrays.load`.
        """
        with self._opened() as arrays:
            parts = self._parts(arrays)
            split = chosen_part(self.split, parts, str(self.path))
            names = _names(arrays, [labels for _, labels in parts.values()])
            images, labels = (arrays[key] for key in parts[split])
            prefix = "" if split == WHOLE else f"{parts[split][0].removesuffix('_images')}_"
            hands, widths = (arrays.get(f"{prefix}{key}") for key in ("writers", "widths"))
        settings = {name: getattr(self, name) for name in Unified.__dataclass_fields__}
        return Arrays(
            images, labels, names, widths, hands, self.path.stem, split, **settings
        ).load()

    def _parts(self, arrays: NpzArrays) -> dict[str, tuple[str, str]]:
        """The names of the images and the labels of each part."""
        found = {WHOLE: ("images", "labels")}
        for spelling in SPELLINGS:
            for keys in (
                (f"{spelling}_images", f"{spelling}_labels"),
                (f"x_{spelling}", f"y_{spelling}"),
            ):
                if keys[0] in arrays and keys[1] in arrays:
                    found.setdefault(str(part_called(spelling)), keys)
        if "images" not in arrays or "labels" not in arrays:
            del found[WHOLE]
        if not found:
            raise PictureError(
                f"{self.path} holds {shown(sorted(arrays))}; images and labels, train_images and "
                f"train_labels, or x_train and y_train would work"
            )
        return found

    @contextmanager
    def _opened(self) -> Iterator[NpzArrays]:
        try:
            # Given a path, NumPy leaves a damaged file open.
            with self.path.open("rb") as file:
                arrays = np.load(file, allow_pickle=False)
                if not isinstance(arrays, NpzArrays):
                    raise PictureError(
                        f"{self.path} holds one array without a name; "
                        f"an .npz file holds several, with names"
                    )
                with arrays:
                    yield arrays
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error) as error:
            if isinstance(error, (PictureError, SourceNotFoundError)):
                raise
            raise PictureError(f"{self.path} is no sound .npz file: {error}") from error


def _names(arrays: NpzArrays, keys: list[str]) -> list[str] | None:
    """The names in a file; without any, the different texts of all parts' labels, or None."""
    if "names" in arrays:
        return [str(name) for name in arrays["names"].tolist()]
    labels = [arrays[key] for key in keys]
    if any(array.dtype.kind != "U" for array in labels):
        return None
    return sorted({text for array in labels for text in array.ravel().tolist()})


def _is_stack(images: object) -> TypeGuard[NDArray[Any]]:
    # An array of objects is a list of pictures of any sizes.
    return isinstance(images, np.ndarray) and images.dtype.kind != "O"


def _check_stack(images: NDArray[Any]) -> None:
    if images.shape[3:] not in ((), (1,), (3,)) or images.ndim < 3 or 0 in images.shape[1:]:
        raise ArgumentValueError(
            f"images have the shape (count, height, width), or (count, height, width, 3) in "
            f"colour, none of them 0, not {images.shape}"
        )


def _check_widths(widths: NDArray[np.int64], pictures: list[Any]) -> None:
    for place, (width, picture) in enumerate(zip(widths.tolist(), pictures, strict=True)):
        if not 1 <= width <= size_of(picture)[1]:
            raise ArgumentValueError(
                f"the widths of pictures lie from 1 to their own, but picture {place} is "
                f"{size_of(picture)[1]} pixels wide and its width is {width}"
            )


def _whole(name: str, values: Any) -> NDArray[np.int64]:
    array = np.asarray(values)
    if array.dtype.kind not in "iu":
        raise ArgumentTypeError(f"{name} are whole numbers, not {array.dtype}")
    return array.astype(np.int64)
