"""Glyphs in memory: images, and which label each one has."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.sample import ByteImages, Integers

_LABELS_NAMED_IN_ERRORS = 12


@dataclass(frozen=True, slots=True, eq=False)
class GlyphBank:
    """Grey images of one size, each with a label.

    Attributes:
        images: uint8, shape (count, height, width), 0 paper … 255 ink, as MNIST keeps them.
        labels: whole numbers, shape (count,).
        name: the data set.
        split: the part of it.

    Raises:
        ArgumentTypeError: images that are not uint8, or labels that are not whole numbers.
        ArgumentValueError: shapes that do not fit each other, or no images.

    >>> bank = GlyphBank(np.zeros((3, 28, 28), np.uint8), np.array([5, 0, 5]))
    >>> bank.instance_counts([5, 0]).tolist()
    [2, 1]
    >>> bank.instances([5, 0], np.array([[1, 0]])).tolist()
    [[2, 1]]
    """

    images: ByteImages = field(repr=False)
    labels: Integers = field(repr=False)
    name: str = "arrays"
    split: str = "all"
    # The images' positions sorted by label, and where in that order each label begins.
    _order: NDArray[np.int64] = field(init=False, repr=False)
    _starts: dict[int, int] = field(init=False, repr=False)
    _counts: dict[int, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.images, self.labels)
        distinct, starts, counts = np.unique(
            np.sort(self.labels), return_index=True, return_counts=True
        )
        names = distinct.tolist()
        object.__setattr__(self, "images", _read_only(self.images))
        object.__setattr__(self, "labels", _read_only(self.labels))
        object.__setattr__(self, "_order", np.argsort(self.labels, kind="stable"))
        object.__setattr__(self, "_starts", dict(zip(names, starts.tolist(), strict=True)))
        object.__setattr__(self, "_counts", dict(zip(names, counts.tolist(), strict=True)))

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.images.shape[1])

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.images.shape[2])

    def instance_counts(self, labels: Sequence[int]) -> NDArray[np.int64]:
        """How many images each of the labels has: int64, shape (n,).

        Raises:
            ArgumentValueError: the bank has no image of one of them.
        """
        missing = [label for label in labels if label not in self._counts]
        if missing:
            raise ArgumentValueError(
                f"{self.name} ({self.split}) has no image of {missing[0]}; "
                f"it has images of {_listed(list(self._counts))}"
            )
        return np.array([self._counts[label] for label in labels], np.int64)

    def instances(self, labels: Sequence[int], ordinals: Integers) -> NDArray[np.int64]:
        """The positions in `images` of chosen instances of the labels.

        Args:
            labels: n labels.
            ordinals: shape (batch, n), 0 … instance count - 1: which instance, in data set order.

        Returns:
            int64, shape (batch, n).
        """
        starts = np.array([self._starts[label] for label in labels], np.int64)
        return np.take(self._order, starts + ordinals)


def _check(images: object, labels: object) -> None:
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        kind = images.dtype if isinstance(images, np.ndarray) else type(images).__name__
        raise ArgumentTypeError(
            f"glyph images are a uint8 array, 0 paper … 255 ink, not {kind}; "
            f"floats from 0 to 1 become that by np.rint(255 * images).astype(np.uint8)"
        )
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        kind = labels.dtype if isinstance(labels, np.ndarray) else type(labels).__name__
        raise ArgumentTypeError(f"glyph labels are an array of whole numbers, not {kind}")
    if images.ndim != 3 or images.size == 0:
        raise ArgumentValueError(
            f"glyph images have the shape (count, height, width), none of them 0, "
            f"not {images.shape}"
        )
    if labels.shape != images.shape[:1]:
        raise ArgumentValueError(
            f"{len(images)} glyph images need labels of the shape ({len(images)},), "
            f"not {labels.shape}"
        )


def _read_only(array: NDArray[np.generic]) -> NDArray[np.generic]:
    view = array.view()
    view.flags.writeable = False
    return view


def _listed(labels: list[int]) -> str:
    shown = ", ".join(map(str, labels[:_LABELS_NAMED_IN_ERRORS]))
    hidden_count = len(labels) - _LABELS_NAMED_IN_ERRORS
    return f"{shown} and {hidden_count} more" if hidden_count > 0 else shown
