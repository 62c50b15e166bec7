"""Pictures in folders: the name of a folder is the label of what lies in it."""

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Self
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    SourceNotFoundError,
    shown,
)
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.levels import read_levels, read_size
from image_sequence.glyphs.parts import WHOLE, check_part, chosen_part, part_called
from image_sequence.glyphs.unifying import Unified, shown_progress, unify

SUFFIXES = frozenset(
    (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm", ".pgm")
)
"""Files that are taken for pictures, in capitals as well."""

WRITERS_FILE = "writers.csv"

_WRITER_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class ImageFolder(Unified):
    """A folder with a folder of pictures for each label: `cat/1.png`, or `train/cat/1.png`.

    If every folder in it is called train, val, valid, validation or test, in whatever case, these
    are the parts of the data set, and the labels lie in them, as in ImageNet; a part without
    folders of its own has no labels and is passed over. Labels are the names of folders, in the
    form NFC of Unicode, numbered from 0 in the order of their code points, those of all parts
    together, so a number means the same in each part. A label without a picture in any part has no
    number. Pictures may lie deeper in a label's folder; they are sorted by path. What is hidden
    (`.x`), has another suffix or lies outside the labels' folders is passed over.

    A file `writers.csv` in the folder, with the header `file,writer` and rows such as
    `cat/1.png,17`, says whose hand pictures are; those it does not name have nobody's.

    Attributes:
        folder: where the labels' folders lie, or the parts'.
        split: "train", "val" or "test"; None for all, or if there are parts for train.

    Raises:
        SourceNotFoundError: no such folder, no folders in it, or no such part.
        ArgumentValueError: two folders for one part; and as `Unified`.
    """

    folder: Path
    split: str | None = None

    def __post_init__(self) -> None:
        Unified.__post_init__(self)
        check_part(self.split)
        if not isinstance(self.folder, (str, PathLike)):
            raise ArgumentTypeError(f"a folder is given by its path, not {shown(self.folder)}")
        object.__setattr__(self, "folder", Path(self.folder))
        if not self.folder.is_dir():
            raise SourceNotFoundError(
                f"there is no folder {str(self.folder)!r} to load pictures from"
            )
        chosen_part(self.split, self._parts(), str(self.folder))

    def part(self, name: str, /) -> Self | None:
        """The part of that name, if the folder has it."""
        is_there = name != WHOLE and name in self._parts()
        return replace(self, split=name) if is_there else None

    def load(self) -> GlyphBank:
        """The pictures as glyphs, named after the folder.

        Raises:
            SourceNotFoundError: there are no pictures.
            PictureError: a picture is damaged; the message names it.
            ArgumentValueError: pictures that cannot be unified, or a `writers.csv` that is none.
        """
        parts = self._parts()
        split = chosen_part(self.split, parts, str(self.folder))
        classes = {part: _classes(folder) for part, folder in parts.items()}
        numbers = _numbers(classes)
        paths = [
            (path, numbers[text])
            for text in sorted(classes[split].keys() & numbers.keys())
            for path in _sorted_pictures(classes[split][text])
        ]
        if not paths:
            raise SourceNotFoundError(
                f"there are no pictures in the folders of {str(parts[split])!r}; "
                f"files called {', '.join(sorted(SUFFIXES))} are pictures"
            )
        files = [path for path, _ in paths]
        looked_at = shown_progress(files, len(files), "looking at pictures")
        sizes = [read_size(path, str(path)) for path in looked_at]
        images, widths = unify(self._levels(files), sizes, self)
        return GlyphBank(
            images,
            np.array([number for _, number in paths], np.int64),
            self.folder.resolve().name,
            split,
            names={number: text for text, number in numbers.items()},
            widths=widths,
            writers=self._writers(files),
        )

    def _levels(self, files: list[Path]) -> Iterator[NDArray[np.uint8]]:
        for path in files:
            yield read_levels(path, str(path), self.backing)

    def _parts(self) -> dict[str, Path]:
        """The folders of the parts, or of the whole; those without labels left away."""
        folders = _folders(self.folder)
        names = [part_called(folder.name) for folder in folders]
        if not folders:
            raise SourceNotFoundError(
                f"the folder {str(self.folder)!r} has no folders in it; "
                f"one for each label would work, its name being the label"
            )
        if None in names:
            return {WHOLE: self.folder}
        parts: dict[str, Path] = {}
        for name, folder in zip(names, folders, strict=True):
            if parts.setdefault(str(name), folder) != folder:
                raise ArgumentValueError(
                    f"{str(parts[str(name)])!r} and {str(folder)!r} are both the part {name!r}; "
                    f"a data set has one folder for each part"
                )
        labelled = {name: folder for name, folder in parts.items() if _folders(folder)}
        if not labelled:
            raise SourceNotFoundError(
                f"the folders {', '.join(parts)} in {str(self.folder)!r} are parts of a data set, "
                f"and none of them has a folder for each label in it"
            )
        return labelled

    def _writers(self, files: list[Path]) -> NDArray[np.int64] | None:
        path = self.folder / WRITERS_FILE
        if not path.is_file():
            return None
        writers = _read_writers(path)
        keys = [normalize("NFC", file.relative_to(self.folder).as_posix()) for file in files]
        return np.array([writers.get(key, -1) for key in keys], np.int64)


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder that are not hidden, sorted by name."""
    paths = (path for path in folder.iterdir() if not path.name.startswith("."))
    return sorted((path for path in paths if path.is_dir()), key=lambda path: path.name)


def _classes(folder: Path) -> dict[str, list[Path]]:
    # On some file systems é can be two names, of one code point and of two.
    classes: dict[str, list[Path]] = {}
    for path in _folders(folder):
        classes.setdefault(normalize("NFC", path.name), []).append(path)
    return classes


def _numbers(classes: Mapping[str, Mapping[str, list[Path]]]) -> dict[str, int]:
    """The number of each label that has a picture in any part."""
    inhabited = {
        text
        for part in classes.values()
        for text, folders in part.items()
        if any(True for folder in folders for _ in _pictures(folder))
    }
    return {text: number for number, text in enumerate(sorted(inhabited))}


def _pictures(folder: Path) -> Iterator[Path]:
    for where, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Path(where, name)


def _sorted_pictures(folders: list[Path]) -> list[Path]:
    found = [(path.relative_to(folder), path) for folder in folders for path in _pictures(folder)]
    return [path for _, path in sorted(found, key=_place)]


def _place(found: tuple[Path, Path]) -> tuple[list[str], str]:
    relative, path = found
    # The same order on a file system that decomposes names as on one that keeps them.
    return [normalize("NFC", name) for name in relative.parts], str(path)


def _raise(error: OSError) -> None:
    raise error


def _read_writers(path: Path) -> dict[str, int]:
    """Whose hand each picture is, by its path relative to the folder.

    Raises:
        ArgumentValueError: another header, a row that is none, or a picture named twice.
    """
    writers: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            if next(rows, None) != ["file", "writer"]:
                raise ArgumentValueError(f"{path} does not begin with the line file,writer")
            for row in rows:
                name, writer = _writer(row, f"line {rows.line_num} of {path}")
                if writers.setdefault(name, writer) != writer:
                    raise ArgumentValueError(f"{path} gives {name!r} two writers; it has one")
    except (csv.Error, UnicodeDecodeError) as error:
        raise ArgumentValueError(f"{path} is no table in UTF-8: {error}") from error
    return writers


def _writer(row: list[str], where: str) -> tuple[str, int]:
    if len(row) != 2 or not row[1].strip().isdecimal() or int(row[1]) >= _WRITER_LIMIT:
        raise ArgumentValueError(
            f"{where} is {shown(','.join(row))}; a picture and the number of its writer, such as "
            f"cat/1.png,17, would work"
        )
    return normalize("NFC", row[0]), int(row[1])
