"""Data sets of other libraries: sequences of pictures and labels, and Hugging Face's `datasets`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from os import PathLike
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Self

import numpy as np

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    LibraryError,
    PictureError,
    SourceNotFoundError,
    shown,
)
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.levels import read_levels, read_size, size_of
from image_sequence.glyphs.numbering import Names, numbered
from image_sequence.glyphs.parts import WHOLE, check_part, chosen_part, part_called
from image_sequence.glyphs.unifying import Unified, shown_progress, unify

_LABEL_COLUMNS = ("label", "labels", "text")
_SAVED_FILES = ("dataset_dict.json", "state.json")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs(Unified):
    """Any sequence of pictures with labels: a list, torchvision's data sets, Hugging Face's.

    Each item is a pair such as (picture, label), or a mapping such as {"image": picture, "label":
    label}. A picture is what `levels_of` takes: a PIL image, an array or a tensor. Each item is
    asked for twice and has to have the same picture both times.

    Attributes:
        pairs: has a length and items from 0 on.
        image: where in an item the picture is; None for 0, or "image" in a mapping.
        label: where in an item the label is, a whole number or a text; None for 1, or "label".
        names: the texts of the numbers, in a mapping or a list; None for those that the sequence
            itself has: torchvision's `classes` ("7 - seven" is cut to "7"), Hugging Face's
            `features`.
        name: the data set's; None for that of the sequence's type.
        split: the part of it.

    Raises:
        ArgumentTypeError: no sequence.
        ArgumentValueError: an empty one; and as `Unified`.

    >>> pairs = [(np.zeros((2, 2), np.uint8), "cat"), (np.ones((2, 2), np.uint8), "dog")]
    >>> Pairs(pairs).load().names
    {0: 'cat', 1: 'dog'}
    """

    pairs: Any = field(repr=False)
    image: str | int | None = field(default=None, kw_only=True)
    label: str | int | None = field(default=None, kw_only=True)
    names: Names | None = field(default=None, repr=False, kw_only=True)
    name: str | None = field(default=None, kw_only=True)
    split: str = field(default=WHOLE, kw_only=True)

    def __post_init__(self) -> None:
        Unified.__post_init__(self)
        if isinstance(self.pairs, (str, bytes, Mapping, type)) or not (
            hasattr(self.pairs, "__len__") and hasattr(self.pairs, "__getitem__")
        ):
            raise ArgumentTypeError(
                f"pairs of pictures and labels are a sequence with a length, such as a list, "
                f"not {shown(self.pairs)}"
            )
        if not len(self.pairs):
            raise ArgumentValueError("there are no pairs; a source has at least one")

    def load(self) -> GlyphBank:
        """The pictures as glyphs.

        Raises:
            ArgumentTypeError: an item that is no pair, or pictures or labels of another kind.
            ArgumentValueError: values outside their range, or as `unify`.
        """
        sizes, labels = [], []
        looked_at = shown_progress(self._items(), len(self.pairs), "looking at pictures")
        for picture, label in looked_at:
            sizes.append(size_of(picture))
            labels.append(label)
        names = _names(self.pairs, self.label) if self.names is None else self.names
        numbers, texts = numbered(labels, names)
        images, widths = unify((picture for picture, _ in self._items()), sizes, self)
        name = self.name or _type_name(self.pairs)
        return GlyphBank(images, numbers, name, self.split, texts, widths)

    def _items(self) -> Iterator[tuple[Any, Any]]:
        for index in range(len(self.pairs)):
            item = self.pairs[index]
            is_mapping = isinstance(item, Mapping)
            image = self.image if self.image is not None else "image" if is_mapping else 0
            label = self.label if self.label is not None else "label" if is_mapping else 1
            try:
                yield item[image], item[label]
            except (LookupError, TypeError) as error:
                kind = f"a mapping of {shown(list(item))}" if is_mapping else shown(item)
                raise ArgumentTypeError(
                    f"item {index} is {kind}; it needs a picture at {image!r} and a label at "
                    f"{label!r}; image=… and label=… name others"
                ) from error


@dataclass(frozen=True, slots=True)
class HuggingFace(Unified):
    """A data set of Hugging Face's library `datasets`.

    Needs `pip install "image-sequence[huggingface]"`. Its part "validation" is called "val" here.

    Attributes:
        path: a folder that `save_to_disk` wrote, or anything else that `load_dataset` takes, such
            as "ylecun/mnist", which may download it.
        split: the part; None for all, else train, else the only part.
        image: the column of pictures; None for the first of the type `Image`.
        label: the column of labels; None for the first of the type `ClassLabel`, else the one
            called label, labels or text.

    Raises:
        ArgumentTypeError: a path or a column that is none.
        ArgumentValueError: as `Unified`.
    """

    path: str | Path
    split: str | None = None
    image: str | None = field(default=None, kw_only=True)
    label: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        Unified.__post_init__(self)
        check_part(self.split)
        if not isinstance(self.path, (str, PathLike)) or not str(self.path):
            raise ArgumentTypeError(
                f"a data set is given by its path or its name, not {shown(self.path)}; "
                f"Pairs takes a part of one that is loaded already"
            )
        for name in ("image", "label"):
            column = getattr(self, name)
            if column is not None and not isinstance(column, str):
                raise ArgumentTypeError(f"{name} is the name of a column, not {shown(column)}")

    def part(self, name: str, /) -> Self | None:
        """The part of that name, if the data set has it.

        Raises:
            As `load`.
        """
        return replace(self, split=name) if name != WHOLE and name in self._parts() else None

    def load(self) -> GlyphBank:
        """The pictures as glyphs, named after the last part of the path.

        Raises:
            LibraryError: `datasets` is not installed.
            SourceNotFoundError: there is no such data set, or no such part of it.
            ArgumentValueError: it has no such column, or as `unify`.
            PictureError: a picture is damaged.
        """
        parts = self._parts()
        split = chosen_part(self.split, parts, repr(str(self.path)))
        table = parts[split].with_format(None)
        image, label = self._columns(table.features)
        names = getattr(table.features[label], "names", None)
        labels, texts = numbered(list(table[label]), names)
        # Left undecoded, a picture costs nothing until it is looked at.
        undecoded = _library().Image(decode=False)
        pictures = table.select_columns([image]).cast_column(image, undecoded)
        looked_at = shown_progress(_files(pictures, image), len(pictures), "looking at pictures")
        sizes = [read_size(file, name) for file, name in looked_at]
        levels = (read_levels(*file, self.backing) for file in _files(pictures, image))
        images, widths = unify(levels, sizes, self)
        return GlyphBank(images, labels, Path(self.path).name, split, texts, widths)

    def _parts(self) -> dict[str, Any]:
        library = _library()
        is_saved = any((Path(self.path) / name).is_file() for name in _SAVED_FILES)
        try:
            found = (library.load_from_disk if is_saved else library.load_dataset)(str(self.path))
        except (OSError, ValueError) as error:
            raise SourceNotFoundError(
                f"{str(self.path)!r} cannot be loaded by datasets: {error}"
            ) from error
        if not isinstance(found, Mapping):
            return {WHOLE: found}
        return {part_called(name) or name: part for name, part in found.items()}

    def _columns(self, features: Mapping[str, Any]) -> tuple[str, str]:
        types = {name: type(feature).__name__ for name, feature in features.items()}
        images = [name for name, kind in types.items() if kind == "Image"]
        labels = [name for name, kind in types.items() if kind == "ClassLabel"]
        labels += [name for name in _LABEL_COLUMNS if name in types]
        if self.image is not None:
            images = [name for name in images if name == self.image]
        if self.label is not None:
            labels = [name for name in types if name == self.label]
        for wanted, columns, kind in (
            (self.image, images, "of pictures (type Image)"),
            (self.label, labels, "of labels"),
        ):
            if not columns:
                called = "" if wanted is None else f" {wanted!r}"
                there = ", ".join(f"{name} ({kind})" for name, kind in types.items())
                raise ArgumentValueError(
                    f"{str(self.path)!r} has no column{called} {kind}; it has {there}"
                )
        return images[0], labels[0]


def _library() -> ModuleType:
    try:
        import datasets
    except ImportError as error:
        raise LibraryError(
            f"Hugging Face's data sets need its library datasets ({error}); "
            f'pip install "image-sequence[huggingface]" installs it'
        ) from error
    library: ModuleType = datasets
    return library


def _files(table: Any, column: str) -> Iterator[tuple[Path | IO[bytes], str]]:
    """The picture in each row as a file, and what an error calls it."""
    for row, item in enumerate(table):
        cell = item[column] or {}
        name = f"the picture in row {row}"
        if cell.get("bytes") is not None:
            yield BytesIO(cell["bytes"]), name
        elif cell.get("path") is not None:
            yield Path(cell["path"]), f"{name}, {cell['path']},"
        else:
            raise PictureError(f"{name} is missing: its column {column!r} holds nothing there")


def _names(pairs: Any, label: str | int | None) -> Names | None:
    """The names of numbered labels that a sequence carries itself, if it does."""
    features = getattr(pairs, "features", None)
    if isinstance(features, Mapping):
        return getattr(features.get("label" if label is None else label), "names", None)
    classes = getattr(pairs, "classes", None)
    if label is not None or not isinstance(classes, (list, tuple)):
        return None
    # ImageNet's are tuples of synonyms.
    texts = [", ".join(text) if isinstance(text, tuple) else text for text in classes]
    # MNIST's are "0 - zero", "1 - one", …
    parts = [str(text).partition(" - ") for text in texts]
    if all(separator and left == str(i) for i, (left, separator, _) in enumerate(parts)):
        return [left for left, _, _ in parts]
    return texts


def _type_name(pairs: Any) -> str:
    return "pairs" if isinstance(pairs, (list, tuple, np.ndarray)) else type(pairs).__name__
