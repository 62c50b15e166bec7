"""What comes out: `Sample`, one picture and the truth about it, and `Batch`, many of them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from operator import index
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.errors import ArgumentValueError
from image_sequence.origin import Origin, Source
from image_sequence.plan import ABSENT, Boxes, DrawnStep, FloatImages, Images, Plan
from image_sequence.recording import common_writer, lines_of_records, record_of

if TYPE_CHECKING:
    from image_sequence.composing.truth import Truth


@dataclass(frozen=True, eq=False)
class Sample:
    """One picture and the truth about it. n is the number of its glyphs.

    Boxes are float32: left, top, right, bottom in pixels of the picture, right and bottom excluded.

    Attributes:
        image: float32 or uint8, shape (height, width), in colour (height, width, 3), in the
            polarity that was asked for.
        labels: the labels from left to right, n of them: whole numbers, or texts if the data set's
            labels have any.
        boxes: float32, shape (n, 4): the glyphs' cells, their own paper included.
        ink_boxes: float32, shape (n, 4): the tight rectangle around each glyph's ink, as the resize
            moves it; with steps, a layout, an overlap, gaps between ink or a page, the tight
            rectangle around its mask. -1 for a glyph without ink.
        polygons: float32, shape (n, 4, 2): the corners of the cells, x and y, from the upper left
            one clockwise, where the whole picture is rotated or the like; else None. A box is
            then the rectangle around what of its polygon is inside the picture.
        glyph_indices: int64, shape (n,): which image of the data set each glyph is.
        gaps: int64, shape (n + 1,), whole pixels as drawn, before any resize: between cells, or
            between the ink, whichever is measured; below 0 for an overlap.
        fitted_gaps: float32, shape (n + 1,), pixels of the picture: the paper before, between and
            after the cells as it stands there, with what pads the strip; where the ink is
            measured, between the columns that have ink.
        glyph_steps: what the steps of the transform were drawn with, a value for each glyph; empty
            without steps.
        picture_steps: what paper, ink and the steps of the whole picture were drawn with, a value
            for each parameter.
        sizes: float64, shape (n,), how large each glyph is, 1.0 as in the data set; None if all
            are.
        shifts: int64, shape (n,), pixels of the strip that each glyph stands below the line; None
            if none does.
        writers: int64, shape (n,): who wrote each glyph, as the data set numbers them; -1 where
            nobody knows.
        source: the data set that `glyph_indices` count in, and the part of a split.
        seed: with `index` and the same arguments it makes the sample again.
        index: the sample's number under its seed.
    """

    image: Images = field(repr=False)
    labels: tuple[int, ...] | tuple[str, ...]
    boxes: Boxes = field(repr=False)
    ink_boxes: Boxes = field(repr=False)
    glyph_indices: NDArray[np.int64] = field(repr=False)
    gaps: NDArray[np.int64] = field(repr=False)
    fitted_gaps: FloatImages = field(repr=False)
    writers: NDArray[np.int64] = field(repr=False)
    polygons: FloatImages | None = field(repr=False)
    glyph_steps: tuple[DrawnStep, ...] = field(repr=False)
    picture_steps: tuple[DrawnStep, ...] = field(repr=False)
    sizes: NDArray[np.float64] | None = field(repr=False)
    shifts: NDArray[np.int64] | None = field(repr=False)
    source: Source
    seed: int
    index: int
    _truth: "Truth" = field(repr=False)
    _origin: Origin = field(repr=False)

    @property
    def text(self) -> str:
        """The labels as one text."""
        return "".join(map(str, self.labels))

    @property
    def writer(self) -> int | None:
        """Who wrote all of the glyphs; None if it was not one, or nobody knows."""
        writer: int | None = common_writer(self.writers.tolist())
        return writer

    @cached_property
    def glyph_digests(self) -> tuple[str, ...]:
        """Names for the n glyphs that depend on their pixels in the data set alone.

        The same picture has the same name in every data set: sixteen hexadecimal digits.
        """
        return tuple(self._origin.digests())

    @cached_property
    def masks(self) -> NDArray[np.bool_]:
        """The pixels of each glyph: bool, shape (n, height, width); made when first asked for.

        A pixel belongs to a glyph if it would not be paper in a uint8 picture of that glyph alone;
        glyphs share the pixels where their strokes meet.
        """
        return self._truth.masks()[0, : len(self.labels)]

    def mapped(self, points: ArrayLike) -> NDArray[np.float64]:
        """Where points of the glyphs' own images are in the picture: a corner, a key point.

        Args:
            points: numbers, shape (n, m, 2), or (m, 2) for the same points of each glyph: x and y
                in pixels of the data set's images, from their upper left corner.

        Returns:
            float64, shape (n, m, 2), in pixels of the picture.

        Raises:
            ArgumentValueError: points of another shape, or a transform that is a function, which
                does not tell where it moves ink.

        >>> from image_sequence import DigitSequence
        >>> sample = DigitSequence(seed=7).sample([2, 0], (4, 4), 60, index=0)
        >>> sample.mapped([[0, 0], [28, 28]]).tolist()
        [[[0.0, 0.0], [28.0, 28.0]], [[32.0, 0.0], [60.0, 28.0]]]
        """
        given = np.asarray(points, np.float64)
        if given.ndim not in (2, 3) or given.shape[-1] != 2:
            raise ArgumentValueError(
                f"points have the shape (m, 2) or ({len(self.labels)}, m, 2), not {given.shape}"
            )
        if given.ndim == 3 and len(given) != len(self.labels):
            raise ArgumentValueError(
                f"{len(self.labels)} glyphs need points of the shape ({len(self.labels)}, m, 2), "
                f"not {given.shape}"
            )
        shape = (len(self.labels), *given.shape[-2:])
        return self._truth.mapped(np.broadcast_to(given, shape).copy())

    def to_dict(self, *, masks: bool = False) -> dict[str, Any]:
        """All but the picture, in plain JSON values; `docs/sample.schema.json` describes them.

        Args:
            masks: whether the masks are in it, as COCO's uncompressed run lengths.
        """
        record = record_of(
            labels=self.labels,
            size=self.image.shape,
            boxes=self.boxes.tolist(),
            ink_boxes=self.ink_boxes.tolist(),
            gaps=self.gaps.tolist(),
            fitted_gaps=self.fitted_gaps.tolist(),
            source=self.source,
            glyph_indices=self.glyph_indices.tolist(),
            glyph_digests=self.glyph_digests,
            writers=self.writers.tolist(),
            seed=self.seed,
            index=self.index,
        )
        record |= self._variety()
        return record | {"masks": list(map(run_lengths, self.masks))} if masks else record

    def _variety(self) -> dict[str, Any]:
        """What there is only where it was asked for."""
        variety = {
            "polygons": self.polygons,
            "glyph_steps": [step.to_dict() for step in self.glyph_steps] or None,
            "picture_steps": [step.to_dict() for step in self.picture_steps] or None,
            "sizes": self.sizes,
            "shifts": self.shifts,
        }
        return {
            name: value.tolist() if isinstance(value, np.ndarray) else value
            for name, value in variety.items()
            if value is not None
        }

    def to_json(self, *, masks: bool = False) -> str:
        """The same as one line of JSON."""
        return json.dumps(self.to_dict(masks=masks), ensure_ascii=False)


def run_lengths(mask: NDArray[np.bool_]) -> dict[str, list[int]]:
    """A mask as COCO's uncompressed run lengths: columns from the left, downwards, False first.

    Args:
        mask: bool, shape (height, width).

    >>> run_lengths(np.array([[False, True], [True, True]]))
    {'size': [2, 2], 'counts': [1, 3]}
    """
    flat = np.concatenate([[False], mask.T.reshape(-1)])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    counts = np.diff(changes, prepend=0, append=mask.size)
    return {"size": list(mask.shape), "counts": counts.tolist()}


@dataclass(frozen=True, eq=False)
class Batch:
    """Pictures and the truth about them; `batch[k]` is a `Sample`.

    n is the length of the longest sequence; rows of shorter ones are filled with -1.

    Attributes:
        images: float32 or uint8, shape (batch, height, width), in colour (batch, height, width, 3),
            in the polarity that was asked for.
        plan: the choices, row k for image k.
    """

    images: Images = field(repr=False)
    plan: Plan = field(repr=False)
    _truth: "Truth" = field(repr=False)
    _origin: Origin = field(repr=False)

    @property
    def source(self) -> Source:
        """The data set that `glyph_indices` count in, and the part of a split."""
        return self._origin.source

    @property
    def labels(self) -> NDArray[np.int64]:
        """The labels' numbers in the data set: int64, shape (batch, n)."""
        return self.plan.labels

    @property
    def texts(self) -> list[str]:
        """What each picture shows, as text."""
        return self._origin.texts_of_rows(self.labels, self.lengths)

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many labels each sample has: int64, shape (batch,)."""
        return self.plan.lengths

    @property
    def glyph_indices(self) -> NDArray[np.int64]:
        """Which image of the data set each glyph is: int64, shape (batch, n)."""
        return self.plan.glyph_indices

    @property
    def gaps(self) -> NDArray[np.int64]:
        """Whole pixels as drawn, before any resize: int64, shape (batch, n + 1)."""
        return self.plan.gaps

    @property
    def indices(self) -> NDArray[np.int64]:
        """The samples' numbers under the seed: int64, shape (batch,)."""
        return self.plan.indices

    @property
    def seed(self) -> int:
        """With `indices` and the same arguments it makes the samples again."""
        return self.plan.seed

    @cached_property
    def writers(self) -> NDArray[np.int64]:
        """Who wrote each glyph: int64, shape (batch, n), -1 where nobody knows or there is none."""
        return self._origin.writers()

    @property
    def glyph_steps(self) -> tuple[DrawnStep, ...]:
        """What the steps of the transform were drawn with: values of the shape (batch, n)."""
        return self.plan.glyph_steps

    @property
    def picture_steps(self) -> tuple[DrawnStep, ...]:
        """What was drawn for whole pictures: values of the shape (batch, 1)."""
        return self.plan.picture_steps

    @property
    def sizes(self) -> NDArray[np.float64] | None:
        """How large glyphs are: float64, shape (batch, n), 1.0 as in the data set; or None."""
        return self.plan.sizes

    @property
    def shifts(self) -> NDArray[np.int64] | None:
        """How far below the line they stand: int64, shape (batch, n), pixels; or None."""
        return self.plan.shifts

    @cached_property
    def polygons(self) -> FloatImages | None:
        """The corners of the cells: float32, shape (batch, n, 4, 2), or None; see `Sample`."""
        return self._truth.polygons()

    @cached_property
    def boxes(self) -> Boxes:
        """The glyphs' cells: float32, shape (batch, n, 4); see `Sample`."""
        return self._truth.boxes()

    @cached_property
    def ink_boxes(self) -> Boxes:
        """The rectangles around the glyphs' ink: float32, shape (batch, n, 4); see `Sample`."""
        return self._truth.ink_boxes()

    @cached_property
    def fitted_gaps(self) -> FloatImages:
        """The gaps as they stand in the pictures: float32, shape (batch, n + 1), pixels."""
        return self._truth.layout.fitted_gaps()

    @cached_property
    def masks(self) -> NDArray[np.bool_]:
        """The pixels of each glyph: bool, shape (batch, n, height, width); see `Sample`.

        They are made when first asked for, and are n times as large as the pictures in uint8.
        """
        return self._truth.masks()

    def to_dicts(self, *, masks: bool = False) -> list[dict[str, Any]]:
        """What `Sample.to_dict` says of each sample, in a fraction of the time.

        Args:
            masks: whether the masks are in it.
        """
        if masks or self._is_varied:
            return [sample.to_dict(masks=masks) for sample in self]
        columns = (self.boxes, self.ink_boxes, self.gaps, self.fitted_gaps, self.glyph_indices)
        listed = (column.tolist() for column in (*columns, self.writers, self.indices))
        labels = self._origin.labels_of_rows(self.labels, self.lengths)
        digests = self._origin.digests_of_rows()
        return [
            record_of(
                labels=own,
                size=self.images.shape[1:],
                boxes=boxes[:n],
                ink_boxes=ink_boxes[:n],
                gaps=gaps[: n + 1],
                fitted_gaps=fitted_gaps[: n + 1],
                source=self.source,
                glyph_indices=indices[:n],
                glyph_digests=names[:n],
                writers=writers[:n],
                seed=self.seed,
                index=index,
            )
            for own, names, n, boxes, ink_boxes, gaps, fitted_gaps, indices, writers, index in zip(
                labels, digests, self.lengths.tolist(), *listed, strict=True
            )
        ]

    def to_jsons(self, *, masks: bool = False) -> list[str]:
        """The same as lines of JSON: `Sample.to_json` of each, in a fraction of the time.

        Args:
            masks: whether the masks are in it.
        """
        if masks or self._is_varied or self._knows_writers or not self._is_all_inked:
            records = self.to_dicts(masks=masks)
            return [json.dumps(record, ensure_ascii=False) for record in records]
        lines: Any = np.empty(len(self), object)
        for length in np.unique(self.lengths).tolist():
            rows = np.flatnonzero(self.lengths == length)
            lines[rows] = list(self._lines(rows, length))
        return lines.tolist()  # type: ignore[no-any-return]  # texts

    def _lines(self, rows: NDArray[np.int64], length: int) -> Iterator[str]:
        """The lines of samples of one length."""
        boxes, ink_boxes = (
            column[rows, :length].reshape(len(rows), -1) for column in (self.boxes, self.ink_boxes)
        )
        gaps, fitted_gaps = (column[rows, : length + 1] for column in (self.gaps, self.fitted_gaps))
        glyph_indices = self.glyph_indices[rows, :length]
        names = self._origin.glyphs.digests(glyph_indices.reshape(-1))
        return lines_of_records(
            length,
            [
                self._origin.labels_of_rows(self.labels[rows], self.lengths[rows]),
                *(part.tolist() for part in (boxes, ink_boxes, gaps, fitted_gaps, glyph_indices)),
                [names[first : first + length] for first in range(0, len(names), length)],
                self.indices[rows].tolist(),
            ],
            size=self.images.shape[1:],
            source=self.source,
            seed=self.seed,
        )

    @property
    def _knows_writers(self) -> bool:
        return bool((self.writers != ABSENT).any())

    @property
    def _is_all_inked(self) -> bool:
        there = np.arange(self.labels.shape[1]) < self.lengths[:, None]
        return bool((self.ink_boxes[..., 0] != ABSENT)[there].all())

    @property
    def _is_varied(self) -> bool:
        """Whether records say more than those of classic pictures."""
        there = self.glyph_steps or self.picture_steps
        told = (self.polygons, self.sizes, self.shifts)
        return bool(there) or any(part is not None for part in told)

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, position: int) -> Sample:
        # Counts from the end as well, and ends in an IndexError; a slice is a TypeError.
        row = range(len(self))[index(position)]
        length = int(self.lengths[row])
        own = row, slice(length)
        return Sample(
            image=self.images[row],
            labels=self._labels(row),
            boxes=self.boxes[row, :length],
            ink_boxes=self.ink_boxes[row, :length],
            glyph_indices=self.glyph_indices[row, :length],
            gaps=self.gaps[row, : length + 1],
            fitted_gaps=self.fitted_gaps[row, : length + 1],
            writers=self.writers[row, :length],
            polygons=None if self.polygons is None else self.polygons[own],
            glyph_steps=tuple(step.taken(own) for step in self.glyph_steps),
            picture_steps=tuple(step.taken((row, 0)) for step in self.picture_steps),
            sizes=None if self.sizes is None else self.sizes[own],
            shifts=None if self.shifts is None else self.shifts[own],
            source=self.source,
            seed=self.seed,
            index=int(self.indices[row]),
            _truth=self._truth.row(row),
            _origin=self._origin.row(row),
        )

    def _labels(self, row: int) -> tuple[int, ...] | tuple[str, ...]:
        return self._origin.labels(self.labels[row, : self.lengths[row]])

    def __iter__(self) -> Iterator[Sample]:
        return (self[position] for position in range(len(self)))
