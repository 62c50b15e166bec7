"""Label sequences of mixed lengths as arrays: how rows are filled, cut and moved."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import ABSENT


def filled(flat: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of labels that stand one after the other in one array.

    Args:
        flat: int64, shape (sum of the lengths,).
        lengths: int64, shape (count,).

    Returns:
        int64, shape (count, longest), shorter rows filled with -1.

    >>> filled(np.array([7, 2, 0]), np.array([1, 2])).tolist()
    [[7, -1], [2, 0]]
    """
    rows = np.full((len(lengths), int(lengths.max(initial=0))), ABSENT)
    rows[np.arange(rows.shape[1]) < lengths[:, None]] = flat
    return rows


def cut(labels: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows without what stands behind their ends.

    Args:
        labels: int64, shape (count, at least the longest).
        lengths: int64, shape (count,).

    Returns:
        int64, shape (count, longest), -1 behind the end of a row.

    >>> cut(np.array([[7, 8, 9], [2, 0, 1]]), np.array([1, 2])).tolist()
    [[7, -1], [2, 0]]
    """
    longest = int(lengths.max(initial=0))
    present = np.arange(longest) < lengths[:, None]
    return np.where(present, labels[:, :longest], ABSENT)


def moved_left(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows without gaps.

    Args:
        labels: int64, shape (count, columns), -1 where a row has nothing.

    Returns:
        int64, shape (count, longest), -1 behind the end of a row.

    >>> moved_left(np.array([[-1, 7, -1], [2, -1, 0]])).tolist()
    [[7, -1], [2, 0]]
    """
    present = labels != ABSENT
    return filled(labels[present], present.sum(axis=1))


def replaced(
    labels: NDArray[np.int64], rows: NDArray[np.int64], others: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Labels with other ones in place of some rows.

    Args:
        labels: int64, shape (count, longest), shorter rows filled with -1.
        rows: int64, shape (some,): the rows that are replaced.
        others: int64, shape (some, another longest), filled the same way.

    Returns:
        int64, as wide as the longest row of all.

    >>> replaced(np.array([[7, 8], [2, -1]]), np.array([0]), np.array([[5]])).tolist()
    [[5], [2]]
    """
    merged = np.full((len(labels), max(labels.shape[1], others.shape[1])), ABSENT)
    merged[:, : labels.shape[1]] = labels
    merged[rows] = ABSENT
    merged[rows, : others.shape[1]] = others
    return merged[:, : int((merged != ABSENT).sum(axis=1).max(initial=0))]
