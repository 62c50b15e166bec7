"""Predictions: what a model has read on which sample, from a CSV file."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike, fspath
from pathlib import Path
from typing import Self

from image_sequence.datasets.viewing import Viewed
from image_sequence.errors import RecordError, SourceNotFoundError, shown

_PREDICTION = "prediction"
_KEYS = ("index", "file_name")  # The first of them that there is says which sample is meant.
_WHOLE_NUMBER = re.compile(r"[0-9]{1,19}")


@dataclass(frozen=True, slots=True)
class Predictions:
    """Texts that a model has read.

    Attributes:
        name: where they were read from.
        column: what samples are told apart by: "index" or "file_name".
        texts: by the sample's index, or by the file's name without its folders.
    """

    name: str
    column: str
    texts: Mapping[int | str, str] = field(repr=False)

    @classmethod
    def read(cls, path: str | PathLike[str]) -> Self:
        """The predictions of a CSV file in UTF-8, with commas and with a header.

        It has the columns "prediction", and "index" or "file_name"; others mean nothing. A file may
        stand in folders: only the last part of its name counts. A prediction is a text, never a
        number: zeros in front stay, and it may be empty.

        Raises:
            SourceNotFoundError: there is no such file.
            RecordError: it is no such table, or a sample stands in it twice.
        """
        name = fspath(path)
        try:
            with Path(path).open(encoding="utf-8-sig", newline="") as file:
                lines = csv.reader(file, strict=True)
                numbered = ((lines.line_num, line) for line in lines if line)
                return cls(name, *_read(numbered, name))
        except FileNotFoundError as error:
            raise SourceNotFoundError(f"there are no predictions {name!r}") from error
        except UnicodeDecodeError as error:
            raise RecordError(f"{name!r} is no text in UTF-8: {error}") from error
        except csv.Error as error:
            raise RecordError(f"{name!r} is no CSV: {error}") from error

    def key(self, sample: Viewed) -> int | str:
        """What a sample is called here."""
        return sample.index if self.column == "index" else _last_part(sample.file_name)

    def shown(self, key: int | str) -> str:
        """A sample as a message names it."""
        return f"index {key}" if isinstance(key, int) else shown(key)


Line = tuple[int, list[str]]


def _read(lines: Iterator[Line], name: str) -> tuple[str, dict[int | str, str]]:
    _, header = next(lines, (0, []))
    columns = [column.strip() for column in header]
    key, prediction = _places(columns, name)
    texts: dict[int | str, str] = {}
    first_lines: dict[int | str, int] = {}
    for number, line in lines:
        where = f"{name!r}, line {number}"
        if len(line) != len(columns):
            raise RecordError(
                f"{where}, has {len(line)} values for {len(columns)} columns: {shown(line)}; a "
                f'text with a comma stands in quotes, "1,2"'
            )
        sample = _index(line[key], where) if columns[key] == "index" else _last_part(line[key])
        if sample in texts:
            raise RecordError(
                f"{where}, has {columns[key]} {shown(sample)} again, after line "
                f"{first_lines[sample]}; a sample has one prediction"
            )
        texts[sample], first_lines[sample] = line[prediction], number
    return columns[key], texts


def _places(columns: Sequence[str], name: str) -> tuple[int, int]:
    """Where in a line the sample and the prediction stand."""
    keys = [key for key in _KEYS if key in columns]
    if _PREDICTION not in columns or not keys:
        raise RecordError(
            f"{name!r} needs a header with the columns 'prediction' and 'file_name' or 'index', "
            f"separated by commas; its first line has {shown(list(columns))}"
        )
    for column in (_PREDICTION, keys[0]):
        if columns.count(column) > 1:
            raise RecordError(f"{name!r} has two columns {column!r}; one is needed")
    return columns.index(keys[0]), columns.index(_PREDICTION)


def _index(text: str, where: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text.strip()):
        raise RecordError(f"{where}, has the index {shown(text)}; it is a whole number such as 7")
    return int(text)


def _last_part(name: str) -> str:
    return name.strip().replace("\\", "/").rpartition("/")[2]
