"""One hand per number: all glyphs of a sequence from one writer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, shown
from image_sequence.glyphs.bank import GlyphBank

HANDS = ("mixed", "single")
"""Whose hands a sequence may be by: anybody's, or one writer's."""

_BITS = 64
_MOST_KEPT = 1 << 22  # Writers in the lists that are kept: 32 MB.


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """The images of a bank by writer and label.

    A *cell* is what one writer has of one label; its key is writer * classes + class.

    Attributes:
        bank: the glyphs.
        writers: int64, ascending: who has written any of those that may be drawn.
    """

    bank: GlyphBank
    writers: NDArray[np.int64]
    # The images sorted by cell; of each cell its key, where it begins in that order and its size;
    # and for each key the number of its cell.
    _order: NDArray[np.int64] = field(repr=False)
    _keys: NDArray[np.int64] = field(repr=False)
    _starts: NDArray[np.int64] = field(repr=False)
    _counts: NDArray[np.int64] = field(repr=False)
    _cells: NDArray[np.int32] = field(repr=False)
    _able: "_Able" = field(repr=False)

    @classmethod
    def of(cls, bank: GlyphBank) -> Self:
        """The hands of a bank.

        Raises:
            ArgumentValueError: nobody knows who wrote its images.
        """
        if bank.writers is None or (bank.writers[bank.drawable] < 0).all():
            raise ArgumentValueError(
                f"nobody knows who wrote the images of {bank.name} ({bank.part or bank.split}); "
                f"hand 'single' needs writers, as QMNIST's tables name them for MNIST; "
                f"hand 'mixed' works without"
            )
        known = bank.drawable[bank.writers[bank.drawable] >= 0]
        writers, writer = np.unique(bank.writers[known], return_inverse=True)
        keys = writer * len(bank.classes) + bank.class_numbers(bank.labels[known])
        order = np.argsort(keys, kind="stable")
        distinct, starts, counts = np.unique(keys[order], return_index=True, return_counts=True)
        cells = np.zeros(len(writers) * len(bank.classes), np.int32)
        cells[distinct] = np.arange(len(distinct))
        own = known[order]
        return cls(bank, writers.astype(np.int64), own, distinct, starts, counts, cells, _Able())

    def drawn(self, labels: NDArray[np.int64], hand_rng: Draws, rng: Draws) -> NDArray[np.int64]:
        """The positions of images, all of a row by one writer.

        Each writer who has all of a row's labels is as likely as any other, and so is then each of
        the writer's own images of a label.

        Args:
            labels: int64, shape (batch, n).
            hand_rng: draws the writers.
            rng: draws the images.

        Returns:
            int64, shape (batch, n).

        Raises:
            ArgumentValueError: the bank has no image of one of the labels, or no writer has all of
                a row's.
        """
        classes = self.bank.class_numbers(labels)
        codes, rows, sets = np.unique(
            _set_codes(classes, len(self.bank.classes)), return_index=True, return_inverse=True
        )
        starts, counts, able = self._able.lists(
            codes.tolist(), lambda number: self._able_writers(classes[rows[number]])
        )
        if not counts.all():
            row = rows[counts.argmin()]
            raise ArgumentValueError(self._nobody(labels[row], classes[row]))
        writers = able[starts[sets, None] + hand_rng.integers(0, counts[sets, None] - 1, 1)]
        cells = self._cells[writers * len(self.bank.classes) + classes]
        ordinals = rng.integers(0, self._counts[cells] - 1, labels.shape[1])
        positions: NDArray[np.int64] = np.take(self._order, self._starts[cells] + ordinals)
        return positions

    def _able_writers(self, classes: NDArray[np.intp]) -> NDArray[np.intp]:
        """Who has written all of these: numbers in `writers`, ascending."""
        return np.flatnonzero(self._written(classes) == len(np.unique(classes)))

    def _written(self, classes: NDArray[np.intp]) -> NDArray[np.intp]:
        """How many different ones of these each writer has written: shape (writers,)."""
        writers, numbers = np.divmod(self._keys, len(self.bank.classes))
        return np.bincount(writers[np.isin(numbers, classes)], minlength=len(self.writers))

    def _nobody(self, labels: NDArray[np.int64], classes: NDArray[np.intp]) -> str:
        texts = "".join(self.bank.text(label) for label in labels.tolist())
        return (
            f"no writer of {self.bank.name} ({self.bank.part or self.bank.split}) has written all "
            f"of {texts!r}, at most {self._written(classes).max()} of its "
            f"{len(np.unique(classes))} different labels; use fewer of them, or hand 'mixed'"
        )


class _Able:
    """Who has written all of a set of labels, for the sets that were asked for so far."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._numbers: dict[int | bytes, int] = {}
        self._lists: list[NDArray[np.intp]] = []
        self._flat = np.empty(0, np.intp)
        self._counts = np.empty(0, np.int64)

    def lists(
        self, codes: list[Any], found: Callable[[int], NDArray[np.intp]]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.intp]]:
        """Where the list for each code begins, how long it is, and what the lists are parts of.

        Args:
            codes: what stands for the sets.
            found: makes the list for the code at a place in `codes`.
        """
        new = [place for place, code in enumerate(codes) if code not in self._numbers]
        if new and self._flat.size > _MOST_KEPT:
            self._forget()
            new = list(range(len(codes)))
        for place in new:
            self._numbers[codes[place]] = len(self._lists)
            self._lists.append(found(place))
        if new:
            self._flat = np.concatenate(self._lists)
            self._counts = np.array([len(writers) for writers in self._lists])
        numbers = [self._numbers[code] for code in codes]
        return (np.cumsum(self._counts) - self._counts)[numbers], self._counts[numbers], self._flat


def _set_codes(classes: NDArray[np.intp], class_count: int) -> NDArray[Any]:
    """What stands for the set of classes in each row: a bit for each, or their sorted bytes."""
    if class_count <= _BITS:
        bits: NDArray[Any] = np.bitwise_or.reduce(np.uint64(1) << classes.astype(np.uint64), axis=1)
        return bits
    ascending = np.sort(classes, axis=1)
    repeated = ascending[:, 1:] == ascending[:, :-1]
    ascending[:, 1:][repeated] = -1
    ascending.sort(axis=1)
    codes: NDArray[Any] = ascending.view(f"V{ascending.itemsize * ascending.shape[1]}")[:, 0]
    return codes


def checked_hand(hand: object) -> str:
    """One of `HANDS`.

    Raises:
        ArgumentValueError: it is none of them.
    """
    if not isinstance(hand, str) or hand not in HANDS:
        raise ArgumentValueError(f"hand is 'mixed' or 'single', not {shown(hand)}")
    return hand
