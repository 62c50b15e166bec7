"""Glyphs in memory: images, and which label each one has."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.plan import ABSENT, ByteImages, Integers

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
    # The images' positions sorted by label; the labels there are, ascending, and where in that
    # order each one begins.
    _order: NDArray[np.int64] = field(init=False, repr=False)
    _distinct: NDArray[np.int64] = field(init=False, repr=False)
    _starts: NDArray[np.int64] = field(init=False, repr=False)
    _counts: NDArray[np.int64] = field(init=False, repr=False)
    _extents: list[NDArray[np.int16]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.images, self.labels)
        distinct, starts = np.unique(np.sort(self.labels), return_index=True)
        object.__setattr__(self, "images", _read_only(self.images))
        object.__setattr__(self, "labels", _read_only(self.labels))
        object.__setattr__(self, "_order", np.argsort(self.labels, kind="stable"))
        object.__setattr__(self, "_distinct", distinct.astype(np.int64))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_counts", np.diff(starts, append=self.labels.size))

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.images.shape[1])

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.images.shape[2])

    def instance_counts(self, labels: ArrayLike) -> NDArray[np.int64]:
        """How many images each of the labels has: int64, of the shape of `labels`.

        Raises:
            ArgumentValueError: the bank has no image of one of them.
        """
        return self._counts[self._classes(labels)]

    def instances(self, labels: ArrayLike, ordinals: Integers) -> NDArray[np.int64]:
        """The positions in `images` of chosen instances of the labels.

        Args:
            labels: whole numbers, shape (n,) or (batch, n).
            ordinals: shape (batch, n), 0 … instance count - 1: which instance, in data set order.

        Returns:
            int64, shape (batch, n).
        """
        return np.take(self._order, self._starts[self._classes(labels)] + ordinals)

    def drawn(self, labels: NDArray[np.int64], rng: Draws) -> NDArray[np.int64]:
        """The positions of instances drawn at random, each of a label as likely as any other.

        Args:
            labels: int64, shape (rng.batch_size, n).
            rng: random numbers.

        Returns:
            int64, shape (batch, n).

        Raises:
            ArgumentValueError: the bank has no image of one of the labels.
        """
        classes = self._classes(labels)
        ordinals = rng.integers(0, self._counts[classes] - 1, labels.shape[1])
        return np.take(self._order, self._starts[classes] + ordinals)

    def ink_extents(self) -> NDArray[np.int16]:
        """The tight rectangle around the ink of each of `images`: int16, shape (count, 4).

        As the function `ink_extents`; worked out once.
        """
        if not self._extents:
            self._extents.append(ink_extents(self.images))
        return self._extents[0]

    def _classes(self, labels: ArrayLike) -> NDArray[np.intp]:
        wanted = np.asarray(labels, np.int64)
        classes = np.searchsorted(self._distinct, wanted)
        known = self._distinct.take(classes, mode="clip") == wanted
        if not known.all():
            raise ArgumentValueError(
                f"{self.name} ({self.split}) has no image of {wanted[~known][0]}; "
                f"it has images of {_listed(self._distinct.tolist())}"
            )
        return classes


def ink_extents(glyphs: Integers) -> NDArray[np.int16]:
    """The tight rectangle around each glyph's ink.

    Args:
        glyphs: whole numbers, shape (count, height, width), 0 paper.

    Returns:
        int16, shape (count, 4): left, top, right, bottom in pixels, right and bottom excluded; -1
        for a glyph without ink.

    >>> ink_extents(np.array([[[0, 0, 0], [0, 9, 0]], [[0, 0, 0], [0, 0, 0]]])).tolist()
    [[1, 1, 2, 2], [-1, -1, -1, -1]]
    """
    inked = glyphs != 0
    left, right = _ends(inked.any(axis=1))
    top, bottom = _ends(inked.any(axis=2))
    extents = np.stack([left, top, right, bottom], axis=1).astype(np.int16)
    extents[right <= left] = ABSENT
    return extents


def _ends(inked: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    first = inked.argmax(axis=1)
    stop = inked.shape[1] - inked[:, ::-1].argmax(axis=1)
    return first, np.where(inked.any(axis=1), stop, first)


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
    if labels.size and labels.max() > np.iinfo(np.int64).max:
        raise ArgumentValueError(f"glyph labels lie below 2**63, {labels.max()} does not")
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
