"""Truths beside predictions: what the records of samples say, in columns."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.viewing import Viewed
from image_sequence.errors import ArgumentValueError, RecordError
from image_sequence.inspecting.predictions import Predictions
from image_sequence.inspecting.rows import Rows
from image_sequence.plan import ABSENT

_NAMED_IN_ERRORS = 3
_PER_LABEL = ("glyph_indices", "writers", "glyph_digests")


@dataclass(frozen=True, slots=True, eq=False)
class Truths:
    """Samples that have a prediction, in order; columns of labels are all samples', end to end.

    Attributes:
        file_names: of the samples.
        indices: int64, shape (count,).
        predictions: what was read on each.
        labels: their numbers in `names`.
        names: the labels' texts, in the order in which they were met.
        glyph_indices: int64, one for each label.
        digests: uint64, one for each label: names of the glyphs' pixels.
        writers: int64, one for each label; -1 where nobody knows.
        gaps: n + 1 for each sample, pixels as drawn.
        unread: how many more samples there are, without a prediction.
    """

    file_names: list[str] = field(repr=False)
    indices: NDArray[np.int64] = field(repr=False)
    predictions: list[str] = field(repr=False)
    labels: Rows
    names: tuple[str, ...]
    glyph_indices: NDArray[np.int64] = field(repr=False)
    digests: NDArray[np.uint64] = field(repr=False)
    writers: NDArray[np.int64] = field(repr=False)
    gaps: Rows = field(repr=False)
    unread: int


def read_truths(
    samples: Iterable[Viewed], predictions: Predictions, *, partial: bool = False
) -> Truths:
    """The samples that have a prediction.

    Args:
        samples: all of a data set, read once.
        predictions: what was read on them.
        partial: whether samples may lack a prediction.

    Raises:
        RecordError: a record that lacks what it needs.
        ArgumentValueError: a sample without a prediction, or a prediction without a sample.
    """
    columns = _Columns()
    left = dict(predictions.texts)
    unread, met = [], 0
    for sample in samples:
        met += 1
        key = predictions.key(sample)
        if key in left:
            columns.add(sample, left.pop(key))
        elif key in predictions.texts:
            raise ArgumentValueError(
                f"two samples have the {predictions.column} {key!r}; use the column "
                f"'{'file_name' if predictions.column == 'index' else 'index'}'"
            )
        else:
            unread.append(sample.file_name)
    if left:
        raise ArgumentValueError(
            f"{predictions.name!r} has {_listed(list(map(predictions.shown, left)))} that the data "
            f"set has not; its {met:,} samples are others"
        )
    if not columns.predictions or (unread and not partial):
        raise ArgumentValueError(
            f"{predictions.name!r} has no prediction for {_listed(list(map(repr, unread)))} of "
            f"{met:,}; a prediction may be empty"
            + ", and --partial leaves samples out"
            * bool(columns.predictions)
        )
    return columns.truths(len(unread))


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED_IN_ERRORS:,} more" * (len(names) > _NAMED_IN_ERRORS)
    plural = "" if len(names) == 1 else "s"
    return f"{len(names):,} sample{plural} ({', '.join(names[:_NAMED_IN_ERRORS])}{more})"


def _check_lengths(record: Any, label_count: int) -> None:
    for name in (*_PER_LABEL, "gaps"):
        if len(record[name]) != label_count + (name == "gaps"):
            raise ValueError(f"has {len(record[name])} {name} for {label_count} labels")


class _Columns:
    """Columns that grow sample by sample; numbers take 8 bytes each."""

    def __init__(self) -> None:
        self.file_names: list[str] = []
        self.predictions: list[str] = []
        self.names: dict[str, int] = {}
        self.digests = array("Q")
        columns = ("indices", "labels", "lengths", "glyph_indices", "writers", "gaps")
        self.whole = {name: array("q") for name in columns}

    def add(self, sample: Viewed, prediction: str) -> None:
        """Add a sample.

        Raises:
            RecordError: its record lacks what it needs.
        """
        try:
            self._add(sample.record)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise RecordError(
                f"the record of {sample.file_name!r} is not what Sample.to_json() makes: "
                f"{type(error).__name__} {error}"
            ) from error
        self.file_names.append(sample.file_name)
        self.predictions.append(prediction)

    def _add(self, record: Any) -> None:
        labels = record["labels"]
        _check_lengths(record, len(labels))
        names, whole = self.names, self.whole
        whole["indices"].append(record["index"])
        whole["lengths"].append(len(labels))
        whole["labels"].extend([names.setdefault(str(label), len(names)) for label in labels])
        whole["gaps"].extend(record["gaps"])
        whole["glyph_indices"].extend(record["glyph_indices"])
        whole["writers"].extend([ABSENT if one is None else one for one in record["writers"]])
        self.digests.extend([int(digest, 16) for digest in record["glyph_digests"]])

    def truths(self, unread: int) -> Truths:
        """What was added."""
        columns = {name: np.array(column, np.int64) for name, column in self.whole.items()}
        return Truths(
            file_names=self.file_names,
            indices=columns["indices"],
            predictions=self.predictions,
            labels=Rows(columns["labels"], columns["lengths"]),
            names=tuple(self.names),
            glyph_indices=columns["glyph_indices"],
            digests=np.array(self.digests, np.uint64),
            writers=columns["writers"],
            gaps=Rows(columns["gaps"], columns["lengths"] + 1),
            unread=unread,
        )
