"""Glyphs in memory: images, and which label each one has."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.plan import ABSENT, ByteImages, Integers

_LABELS_NAMED_IN_ERRORS = 12
_COLOURS = 3
_DIGEST_BYTES = 8
_MOST_DIGESTS = 100_000  # Remembered: 16 MB.


@dataclass(frozen=True, slots=True, eq=False)
class GlyphBank:
    """Images of one height, grey or in colour, each with a label.

    Attributes:
        images: uint8, shape (count, height, width), 0 paper … 255 ink, as MNIST keeps them; in
            colour (count, height, width, 3), the ink of red, green and blue.
        labels: whole numbers, shape (count,).
        name: the data set.
        split: the part of it.
        names: what the labels are as text, each text once; or None, if the numbers themselves are.
        widths: whole numbers, shape (count,), pixels: how many columns of each image, from the
            left, are the glyph's, at least 1; the rest is 0. None, if all of them are.
        writers: whole numbers, shape (count,): whose hand each image is, -1 where nobody knows; or
            None, if nobody knows of any.
        chosen: whole numbers, ascending: which of the images may be drawn; None for all.
        part: the part of a split that the chosen ones are, or None.

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
    names: Mapping[int, str] | None = field(default=None, repr=False)
    widths: Integers | None = field(default=None, repr=False)
    writers: Integers | None = field(default=None, repr=False)
    chosen: Integers | None = field(default=None, repr=False)
    part: str | None = None
    # The chosen images' positions sorted by label; the labels there are, ascending, and where in
    # that order each one begins.
    _order: NDArray[np.int64] = field(init=False, repr=False)
    _distinct: NDArray[np.int64] = field(init=False, repr=False)
    _starts: NDArray[np.int64] = field(init=False, repr=False)
    _counts: NDArray[np.int64] = field(init=False, repr=False)
    _names_of_pixels: dict[int, str] = field(default_factory=dict, init=False, repr=False)
    _extents: list[NDArray[np.int16]] = field(default_factory=list, init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.images, self.labels)
        for name in ("widths", "writers"):
            _check_numbers(name, getattr(self, name), len(self.images))
        _check_widths(self.widths, self.images)
        _check_names(self.names, self.labels)
        _check_chosen(self.chosen, len(self.images), f"{self.name} ({self.split})")
        if self.widths is not None:
            object.__setattr__(self, "widths", self.widths.astype(np.int64, copy=False))
        for name in ("images", "labels", "widths", "writers", "chosen"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, _read_only(getattr(self, name)))
        order = np.argsort(self.labels, kind="stable")
        if self.chosen is not None:
            order = order[np.isin(order, self.chosen)]
        distinct, starts = np.unique(self.labels[order], return_index=True)
        object.__setattr__(self, "_order", order)
        object.__setattr__(self, "_distinct", distinct.astype(np.int64))
        object.__setattr__(self, "_starts", starts)
        object.__setattr__(self, "_counts", np.diff(starts, append=order.size))

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.images.shape[1])

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.images.shape[2])

    @property
    def classes(self) -> NDArray[np.int64]:
        """The labels that there are images of to draw, ascending: int64, shape (class count,)."""
        return self._distinct

    @property
    def drawable(self) -> NDArray[np.int64]:
        """The positions of the images that may be drawn, sorted by label: int64."""
        return self._order

    def restricted(self, chosen: Integers, part: str) -> Self:
        """The same images under the same numbers, of which only some may be drawn.

        Args:
            chosen: whole numbers, ascending, at least one.
            part: what they are called.

        Raises:
            ArgumentValueError: none of the images.
        """
        return replace(self, chosen=chosen, part=part)

    def renamed(self, names: Mapping[int, str] | None) -> Self:
        """The same, with other texts for its labels, or none; nothing is sorted again.

        Raises:
            ArgumentTypeError, ArgumentValueError: names that cannot be.
        """
        _check_names(names, self.labels)
        other = copy(self)
        object.__setattr__(other, "names", names)
        return other

    def text(self, label: int) -> str:
        """What a label is as text.

        >>> GlyphBank(np.zeros((1, 2, 2), np.uint8), np.array([0]), names={0: "cat"}).text(0)
        'cat'
        """
        return str(label) if self.names is None else self.names[label]

    def digests(self, positions: Integers) -> list[str]:
        """Names for images that depend on their pixels alone: the same in every data set.

        Args:
            positions: whole numbers, shape (n,).

        Returns:
            Sixteen hexadecimal digits each, of BLAKE2b over the glyph's size and pixels.
        """
        known = self._names_of_pixels
        if len(known) > _MOST_DIGESTS:
            known.clear()
        wanted = positions.tolist()
        for position in wanted:
            if position not in known:
                known[position] = self._digest(position)
        return [known[position] for position in wanted]

    def _digest(self, position: int) -> str:
        glyph = self.images[position]
        if self.widths is not None:
            glyph = glyph[:, : self.widths[position]]
        content = np.array(glyph.shape, "<u4").tobytes() + glyph.tobytes()
        return blake2b(content, digest_size=_DIGEST_BYTES).hexdigest()

    def fingerprint(self) -> str:
        """A name for all that may be drawn, which depends on glyphs, labels and writers."""
        digest = blake2b(digest_size=2 * _DIGEST_BYTES)
        for part in (self.images, self.labels, self.widths, self.writers, self.chosen):
            digest.update(b"none" if part is None else repr((part.shape, part.dtype.str)).encode())
            if part is not None:
                digest.update(np.ascontiguousarray(part).data)
        digest.update(repr(sorted((self.names or {}).items())).encode())
        return digest.hexdigest()

    def instance_counts(self, labels: ArrayLike) -> NDArray[np.int64]:
        """How many images each of the labels has: int64, of the shape of `labels`.

        Raises:
            ArgumentValueError: the bank has no image of one of them.
        """
        return self._counts[self.class_numbers(labels)]

    def instances(self, labels: ArrayLike, ordinals: Integers) -> NDArray[np.int64]:
        """The positions in `images` of chosen instances of the labels.

        Args:
            labels: whole numbers, shape (n,) or (batch, n).
            ordinals: shape (batch, n), 0 … instance count - 1: which instance, in data set order.

        Returns:
            int64, shape (batch, n).
        """
        return np.take(self._order, self._starts[self.class_numbers(labels)] + ordinals)

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
        classes = self.class_numbers(labels)
        ordinals = rng.integers(0, self._counts[classes] - 1, labels.shape[1])
        return np.take(self._order, self._starts[classes] + ordinals)

    def ink_extents(self) -> NDArray[np.int16]:
        """The tight rectangle around the ink of each of `images`: int16, shape (count, 4).

        As the function `ink_extents`; worked out once.
        """
        if not self._extents:
            self._extents.append(ink_extents(self.images))
        return self._extents[0]

    def _shown(self, label: int) -> str:
        if self.names is None:
            return str(label)
        return repr(self.names[int(label)]) if int(label) in self.names else f"class {label}"

    def class_numbers(self, labels: ArrayLike) -> NDArray[np.intp]:
        """Where in `classes` each of the labels is: whole numbers of the shape of `labels`.

        Raises:
            ArgumentValueError: the bank has no image of one of them.
        """
        wanted = np.asarray(labels, np.int64)
        classes = np.searchsorted(self._distinct, wanted)
        known = self._distinct.take(classes, mode="clip") == wanted
        if not known.all():
            raise ArgumentValueError(
                f"{self.name} ({self.part or self.split}) has no image of "
                f"{self._shown(wanted[~known][0])}; it has images of "
                f"{_listed([self._shown(label) for label in self._distinct])}"
            )
        return classes


def ink_extents(glyphs: Integers) -> NDArray[np.int16]:
    """The tight rectangle around each glyph's ink.

    Args:
        glyphs: whole numbers, shape (count, height, width), 0 paper; or with a further axis for
            colours.

    Returns:
        int16, shape (count, 4): left, top, right, bottom in pixels, right and bottom excluded; -1
        for a glyph without ink.

    >>> ink_extents(np.array([[[0, 0, 0], [0, 9, 0]], [[0, 0, 0], [0, 0, 0]]])).tolist()
    [[1, 1, 2, 2], [-1, -1, -1, -1]]
    """
    inked = glyphs != 0 if glyphs.ndim == 3 else (glyphs != 0).any(axis=3)
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
    if images.shape[3:] not in ((), (_COLOURS,)) or images.ndim < 3 or images.size == 0:
        raise ArgumentValueError(
            f"glyph images have the shape (count, height, width), or (count, height, width, 3) in "
            f"colour, none of them 0, not {images.shape}"
        )
    if labels.size and labels.max() > np.iinfo(np.int64).max:
        raise ArgumentValueError(f"glyph labels lie below 2**63, {labels.max()} does not")
    if labels.shape != images.shape[:1]:
        raise ArgumentValueError(
            f"{len(images)} glyph images need labels of the shape ({len(images)},), "
            f"not {labels.shape}"
        )


def _check_numbers(name: str, numbers: object, count: int) -> None:
    if numbers is None:
        return
    if not isinstance(numbers, np.ndarray) or numbers.dtype.kind not in "iu":
        kind = numbers.dtype if isinstance(numbers, np.ndarray) else type(numbers).__name__
        raise ArgumentTypeError(f"glyph {name} are an array of whole numbers, not {kind}")
    if numbers.shape != (count,):
        raise ArgumentValueError(
            f"{count} glyph images need {name} of the shape ({count},), not {numbers.shape}"
        )


def _check_widths(widths: Integers | None, images: ByteImages) -> None:
    if widths is None:
        return
    if not 1 <= widths.min() <= widths.max() <= images.shape[2]:
        raise ArgumentValueError(
            f"the widths of glyphs lie from 1 to the images' {images.shape[2]} pixels, "
            f"these from {widths.min()} to {widths.max()}"
        )
    for width in np.unique(widths).tolist():
        if images[widths == width, :, width:].any():
            raise ArgumentValueError(
                f"a glyph of {width} pixels has ink to the right of them; there may be only 0"
            )


def _check_names(names: Mapping[int, str] | None, labels: Integers) -> None:
    if names is None:
        return
    unnamed = set(np.unique(labels).tolist()) - names.keys()
    if unnamed:
        raise ArgumentValueError(f"the label {min(unnamed)} has no name; each label needs one")
    texts = list(names.values())
    if not all(isinstance(text, str) and text for text in texts):
        raise ArgumentTypeError("the names of labels are texts such as 'cat', none of them empty")
    if len(set(texts)) < len(texts):
        twice = next(text for text in texts if texts.count(text) > 1)
        raise ArgumentValueError(f"two labels have the name {twice!r}; a text stands for one label")


def _check_chosen(chosen: Integers | None, count: int, name: str) -> None:
    if chosen is None:
        return
    _check_numbers("positions", chosen, chosen.size)
    if chosen.size == 0:
        raise ArgumentValueError(f"no image of {name} is chosen; at least one is needed")
    if chosen.min() < 0 or chosen.max() >= count or (np.diff(chosen) <= 0).any():
        raise ArgumentValueError(
            f"chosen images are positions from 0 to {count - 1}, ascending, each once"
        )


def _read_only(array: NDArray[np.generic]) -> NDArray[np.generic]:
    view = array.view()
    view.flags.writeable = False
    return view


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:_LABELS_NAMED_IN_ERRORS])
    hidden_count = len(labels) - _LABELS_NAMED_IN_ERRORS
    return f"{shown} and {hidden_count} more" if hidden_count > 0 else shown
