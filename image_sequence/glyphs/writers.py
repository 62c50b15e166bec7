"""Who wrote each MNIST digit: QMNIST's tables.

A table has a row for each digit, in MNIST's own order, of eight whole numbers; the first is the
digit, the third NIST's number for the writer. Source: Yadav and Bottou, "Cold Case: The Lost MNIST
Digits" (2019), and the README of facebookresearch/qmnist.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import IdxError, SourceNotFoundError
from image_sequence.glyphs.idx import read_idx

_STEMS = {"train": "qmnist-train-labels", "test": "qmnist-test-labels"}
_SUFFIXES = ("-idx2-int", ".tsv")
_COLUMNS = 8
_DIGIT, _WRITER = 0, 2
_LARGEST_TEXT = 64 << 20  # Bytes; QMNIST's own have 1.5 MB.


@dataclass(frozen=True, slots=True, eq=False)
class WriterTable:
    """Digits and their writers, in the order of the images.

    Attributes:
        labels: int64, shape (count,).
        writers: int64, shape (count,), NIST's numbers.
        path: where that stands.
    """

    labels: NDArray[np.int64]
    writers: NDArray[np.int64]
    path: Path

    def writers_of(self, labels: NDArray[Any]) -> NDArray[np.int64]:
        """The writers of a data set that begins as the table does.

        Args:
            labels: whole numbers, shape (count,): MNIST's 10,000 test labels, say, where the table
                goes on to QMNIST's 60,000.

        Raises:
            IdxError: the table is about other digits.
        """
        if len(labels) > len(self.labels) or (self.labels[: len(labels)] != labels).any():
            raise IdxError(
                f"{self.path} is about other digits: its {len(self.labels)} labels are not those "
                f"of the {len(labels)} images; QMNIST's tables go with MNIST's images in their "
                f"own order"
            )
        return self.writers[: len(labels)]


def find_table(folder: Path, split: str) -> Path | None:
    """The table for "train" or "test" in a folder, under QMNIST's own names; None if there is none.

    `qmnist-train-labels-idx2-int` or `qmnist-train-labels.tsv`, or the same with `.gz` behind it.
    """
    return next((path for path in _candidates(folder, split) if path.is_file()), None)


def the_table(folder: Path, split: str) -> Path:
    """The same where there must be one.

    Raises:
        SourceNotFoundError: there is none.
    """
    path = find_table(folder, split)
    if path is None:
        names = " or ".join(path.name for path in _candidates(folder, split))
        raise SourceNotFoundError(f"the folder {str(folder)!r} has no writer table {names}")
    return path


def read_table(path: Path) -> WriterTable:
    """A table, as IDX or as text of tab-separated columns, gzipped or not.

    Raises:
        IdxError: it is damaged, or no such table.
    """
    rows = _text_rows(path) if ".tsv" in path.suffixes else read_idx(path)
    if rows.ndim != 2 or rows.shape[1] != _COLUMNS or rows.dtype.kind not in "iu":
        raise IdxError(
            f"{path} holds {rows.dtype} of the shape {rows.shape}; "
            f"a writer table has rows of {_COLUMNS} whole numbers"
        )
    columns = rows[:, [_DIGIT, _WRITER]].astype(np.int64)
    return WriterTable(columns[:, 0], columns[:, 1], path)


def _candidates(folder: Path, split: str) -> Iterator[Path]:
    for suffix, packed in product(_SUFFIXES, ("", ".gz")):
        yield folder / f"{_STEMS[split]}{suffix}{packed}"


def _text_rows(path: Path) -> NDArray[np.int64]:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            text = file.read(_LARGEST_TEXT + 1)
        if len(text) > _LARGEST_TEXT:
            raise IdxError(f"{path} is larger than {_LARGEST_TEXT} bytes, a writer table is not")
        values = np.array(text.split(), np.int64)
        return values.reshape(text.count(b"\n") + (not text.endswith(b"\n")), -1)
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError) as error:
        if isinstance(error, IdxError):
            raise
        raise IdxError(f"{path} is no table of whole numbers: {error}") from error
