"""Blocks: some samples' records in columns, and their pixels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.viewing import Viewed
from image_sequence.errors import RecordError
from image_sequence.inspecting.rows import Rows
from image_sequence.plan import ABSENT, ByteImages

_MOST_SAMPLES = 512
_MOST_VALUES = 1 << 22  # Of pixels.


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some samples, in order.

    Attributes:
        samples: themselves.
        pictures: their pixels, uint8.
        labels: the labels' texts, one list for each sample.
        lengths: int64, shape (count,): how many labels each has.
        gaps: pixels as drawn, n + 1 for each sample.
        fitted_gaps: float64, of the shape of `gaps.values`: pixels of the picture.
        boxes: float64, shape (label count, 4): the glyphs' cells.
        sizes: float64, shape (label count,): how large each glyph is, 1 as in the data set.
        widths: float64, shape (count,), pixels of the pictures.
        is_moved: bool, shape (count,): whether the whole picture is rotated or the like.
        glyph_indices: int64, shape (label count,).
        writers: int64, shape (label count,); -1 where nobody knows.
    """

    samples: Sequence[Viewed]
    pictures: Sequence[ByteImages] = field(repr=False)
    labels: Sequence[Sequence[str]] = field(repr=False)
    lengths: NDArray[np.int64]
    gaps: Rows
    fitted_gaps: NDArray[np.float64] = field(repr=False)
    boxes: NDArray[np.float64] = field(repr=False)
    sizes: NDArray[np.float64] = field(repr=False)
    widths: NDArray[np.float64] = field(repr=False)
    is_moved: NDArray[np.bool_] = field(repr=False)
    glyph_indices: NDArray[np.int64] = field(repr=False)
    writers: NDArray[np.int64] = field(repr=False)

    @classmethod
    def of(cls, samples: Sequence[Viewed], pictures: Sequence[ByteImages]) -> Self:
        """The columns of samples.

        Raises:
            RecordError: a record lacks what it needs.
        """
        try:
            return cls._of([sample.record for sample in samples], samples, pictures)
        except (KeyError, TypeError, ValueError) as error:
            raise RecordError(
                f"one of the records from that of {samples[0].file_name!r} to that of "
                f"{samples[-1].file_name!r} is not what Sample.to_json() makes: "
                f"{type(error).__name__} {error}"
            ) from error

    @classmethod
    def _of(
        cls,
        records: Sequence[Mapping[str, Any]],
        samples: Sequence[Viewed],
        pictures: Sequence[ByteImages],
    ) -> Self:
        lengths = np.array([len(record["labels"]) for record in records], np.int64)
        sizes = [record.get("sizes") or [1.0] * len(record["labels"]) for record in records]
        writers = [ABSENT if one is None else one for one in _flat(records, "writers")]
        block = cls(
            samples=samples,
            pictures=pictures,
            labels=[[str(label) for label in record["labels"]] for record in records],
            lengths=lengths,
            gaps=Rows(np.array(_flat(records, "gaps"), np.int64), lengths + 1),
            fitted_gaps=np.array(_flat(records, "fitted_gaps"), np.float64),
            boxes=np.array(_flat(records, "boxes"), np.float64).reshape(-1, 4),
            sizes=np.array(list(chain.from_iterable(sizes)), np.float64),
            widths=np.array([record["width"] for record in records], np.float64),
            is_moved=np.array(["polygons" in record for record in records], np.bool_),
            glyph_indices=np.array(_flat(records, "glyph_indices"), np.int64),
            writers=np.array(writers, np.int64),
        )
        block._check()
        return block

    @property
    def inner_gaps(self) -> NDArray[np.bool_]:
        """Whether each gap has a label on both sides: bool, of the shape of `gaps.values`."""
        is_inner = np.ones(self.gaps.values.size, np.bool_)
        is_inner[self.gaps.starts] = False
        is_inner[self.gaps.starts + self.lengths] = False
        return is_inner

    def _check(self) -> None:
        count = int(self.lengths.sum())
        if not self.lengths.all():
            raise ValueError("a sample has no labels")
        for name in ("boxes", "sizes", "glyph_indices", "writers"):
            if len(getattr(self, name)) != count:
                raise ValueError(f"{len(getattr(self, name))} {name} for {count} labels")
        for name, size in (("gaps", self.gaps.values.size), ("fitted_gaps", self.fitted_gaps.size)):
            if size != count + len(self.lengths):
                raise ValueError(f"{size} {name}, where {count + len(self.lengths)} belong")


def blocks(samples: Iterable[Viewed]) -> Iterator[Block]:
    """Samples, some at a time: so many that NumPy is quick, so few that memory is no matter.

    Raises:
        RecordError: a record lacks what it needs.
        PictureError, ShardError: there is no such picture.
    """
    met: list[Viewed] = []
    pictures: list[ByteImages] = []
    size = 0
    for sample in samples:
        met.append(sample)
        pictures.append(sample.pixels())
        size += pictures[-1].size
        if len(met) == _MOST_SAMPLES or size >= _MOST_VALUES:
            yield Block.of(met, pictures)
            met, pictures, size = [], [], 0
    if met:
        yield Block.of(met, pictures)


def _flat(records: Sequence[Mapping[str, Any]], key: str) -> list[Any]:
    return list(chain.from_iterable(record[key] for record in records))
