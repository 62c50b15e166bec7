"""Which label was read as what: alignments with the fewest mistakes, many at a time."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from image_sequence.inspecting.rows import Rows
from image_sequence.plan import ABSENT

_DONE, _PAIR, _DELETE, _INSERT = range(4)
_CELLS_AT_A_TIME = 1 << 22  # A byte each, and some 30 for those of one label.


@dataclass(frozen=True, eq=False)
class Alignment:
    """How what was read is laid against what is there.

    Attributes:
        truths: the labels that pictures show.
        reads: the labels that were predicted.
        partners: int64, one for each of `truths.values`: which of `reads.values` it was read as;
            -1 where nothing was.
    """

    truths: Rows
    reads: Rows
    partners: NDArray[np.int64] = field(repr=False)

    @cached_property
    def deleted(self) -> NDArray[np.bool_]:
        """Which of `truths.values` were left out: bool."""
        deleted: NDArray[np.bool_] = self.partners == ABSENT
        return deleted

    @cached_property
    def read_as(self) -> NDArray[np.int64]:
        """What each of `truths.values` was read as: int64, -1 for nothing."""
        read_as = np.full(self.partners.size, ABSENT)
        found = ~self.deleted
        read_as[found] = self.reads.values[self.partners[found]]
        return read_as

    @cached_property
    def substituted(self) -> NDArray[np.bool_]:
        """Which of `truths.values` were read as something else: bool."""
        substituted: NDArray[np.bool_] = ~self.deleted & (self.read_as != self.truths.values)
        return substituted

    @cached_property
    def inserted(self) -> NDArray[np.bool_]:
        """Which of `reads.values` stand for no label: bool."""
        inserted = np.ones(self.reads.values.size, np.bool_)
        inserted[self.partners[~self.deleted]] = False
        return inserted

    @cached_property
    def distances(self) -> NDArray[np.int64]:
        """The mistakes of each row, the fewest possible: int64, shape (count,)."""
        return self.truths.sums(self.deleted | self.substituted) + self.reads.sums(self.inserted)

    def pairs(self, row: int) -> list[tuple[int, int]]:
        """Each label of a row beside what it was read as, from the left; -1 for nothing."""
        truths, reads = self.truths.span(row), self.reads.span(row)
        pairs: list[tuple[int, int]] = []
        place = reads.start
        for label in range(truths.start, truths.stop):
            partner = int(self.partners[label])
            if partner != ABSENT:
                pairs += self._extra(place, partner)
                place = partner + 1
            pairs.append((int(self.truths.values[label]), int(self.read_as[label])))
        return pairs + self._extra(place, reads.stop)

    def _extra(self, first: int, stop: int) -> list[tuple[int, int]]:
        return [(ABSENT, read) for read in self.reads.values[first:stop].tolist()]


def align(truths: Rows, reads: Rows) -> Alignment:
    """Lay each row of labels against what was read, with the fewest mistakes.

    A mistake is a label read as another one, a label left out, or one that is not there; each
    counts 1, as Levenshtein counts ("Binary codes capable of correcting deletions, insertions and
    reversals", 1966), by the table of Wagner and Fischer ("The string-to-string correction
    problem", 1974). Of several alignments with equally few mistakes it is the one that, followed
    from the right, lays labels against each other where it can, else leaves one out, and last of
    all takes one as not there. So of "11" read as "1" the left 1 is left out.

    Args:
        truths: the labels.
        reads: as many rows.

    >>> Alignment.pairs(align(Rows.of([[7, 1, 1]]), Rows.of([[7, 1, 4]])), 0)
    [(7, 7), (1, 1), (1, 4)]
    """
    partners = np.full(truths.values.size, ABSENT)
    exact = _exact(truths, reads)
    same = np.flatnonzero(exact[truths.row_numbers()])
    shifts = reads.starts - truths.starts
    partners[same] = same + shifts[truths.row_numbers()[same]]
    others = np.flatnonzero(~exact)
    sizes = np.stack([truths.lengths[others], reads.lengths[others]], axis=1)
    kinds, kind_of = np.unique(sizes, axis=0, return_inverse=True)
    for kind, (length, read_length) in enumerate(kinds.tolist()):
        rows = others[kind_of.reshape(-1) == kind]
        at_a_time = max(1, _CELLS_AT_A_TIME // ((length + 1) * (read_length + 1)))
        for first in range(0, rows.size, at_a_time):
            chunk = rows[first : first + at_a_time]
            there, read = truths.positions(chunk), reads.positions(chunk)
            found = _partners(_moves(truths.values[there], reads.values[read]))
            partners[there] = np.where(
                found == ABSENT, ABSENT, found + reads.starts[chunk][:, None]
            )
    return Alignment(truths, reads, partners)


def _exact(truths: Rows, reads: Rows) -> NDArray[np.bool_]:
    """Which rows are the same: bool, shape (count,)."""
    exact: NDArray[np.bool_] = truths.lengths == reads.lengths
    there = np.flatnonzero(exact[truths.row_numbers()])
    rows = truths.row_numbers()[there]
    read = there + (reads.starts - truths.starts)[rows]
    exact[rows[truths.values[there] != reads.values[read]]] = False
    return exact


def _moves(truths: NDArray[np.int64], reads: NDArray[np.int64]) -> NDArray[np.uint8]:
    """How each pair of prefixes is best made one label shorter.

    Args:
        truths: int64, shape (batch, n).
        reads: int64, shape (batch, m).

    Returns:
        uint8, shape (n + 1, batch, m + 1).
    """
    (batch, n), m = truths.shape, reads.shape[1]
    columns = np.arange(m + 1, dtype=np.int32)
    above = np.broadcast_to(columns, (batch, m + 1))
    moves = np.full((n + 1, batch, m + 1), _INSERT, np.uint8)
    moves[0, :, 0] = _DONE
    for row in range(1, n + 1):
        paired = above[:, :-1] + (reads != truths[:, row - 1 : row])
        deleted = above + 1
        best = deleted.copy()
        np.minimum(best[:, 1:], paired, out=best[:, 1:])
        # Insertions: each cell is at most one more than the cell to its left.
        best = np.minimum.accumulate(best - columns, axis=1) + columns
        moves[row][deleted == best] = _DELETE
        moves[row, :, 1:][paired == best[:, 1:]] = _PAIR
        above = best
    return moves


def _partners(moves: NDArray[np.uint8]) -> NDArray[np.int64]:
    """What the moves say, followed from the right: int64, shape (batch, n), -1 for nothing."""
    n, batch, m = moves.shape[0] - 1, moves.shape[1], moves.shape[2] - 1
    rows = np.arange(batch)
    label, read = np.full(batch, n), np.full(batch, m)
    partners = np.full((batch, n), ABSENT)
    for _ in range(n + m):
        move = moves[label, rows, read]
        pair = move == _PAIR
        partners[rows[pair], label[pair] - 1] = read[pair] - 1
        label -= pair | (move == _DELETE)
        read -= pair | (move == _INSERT)
    return partners
