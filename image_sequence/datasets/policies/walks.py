"""Random walks that take every step equally often."""

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import Draws


def closed_walks(rng: Draws, label_count: int, edge_count: int) -> NDArray[np.int64]:
    """Closed walks that go from each label to each one equally often, itself included.

    Uniform among all such walks, by the BEST theorem (van Aardenne-Ehrenfest and de Bruijn,
    "Circuits and trees in oriented linear graphs", 1951): draw a tree that leads to the root, leave
    each other label along it at last, and before that along the other edges in any order.

    Args:
        rng: each of its samples gets a walk.
        label_count: how many labels there are, at least 1.
        edge_count: how many steps a walk has, a multiple of label_count**2.

    Returns:
        int64, shape (batch, edge_count + 1), 0 … label_count - 1; a walk ends where it begins.

    >>> closed_walks(Draws(7, "labels", [0]), label_count=2, edge_count=4).tolist()
    [[1, 1, 0, 0, 1]]
    """
    times = edge_count // label_count**2
    parents, roots = _trees(rng, label_count)
    keys = _keys(rng, edge_count).reshape(len(roots), label_count, -1) >> np.uint64(1)
    walks, labels = np.nonzero(np.arange(label_count) != roots[:, None])
    # The largest key comes last; all others have lost their top bit.
    keys[walks, labels, parents[walks, labels] * times] = np.iinfo(np.uint64).max
    exits = _order(keys) // times
    return np.array([_walk(*own) for own in zip(exits.tolist(), roots.tolist(), strict=True)])


def random_orders(rng: Draws, count: int) -> NDArray[np.int64]:
    """A permutation for each sample: int64, shape (batch, count)."""
    return _order(_keys(rng, count))


def _walk(exits: list[list[int]], root: int) -> list[int]:
    following = [iter(labels).__next__ for labels in exits]
    walk = [root]
    for _ in range(sum(map(len, exits))):
        walk.append(following[walk[-1]]())
    return walk


def _trees(rng: Draws, label_count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The parents of all labels in trees, and the roots, whose own parents mean nothing.

    Uniform among all trees: Aldous, "The random walk construction of uniform spanning trees and
    uniform labelled trees" (1990): node i hangs on the smaller one of i - 1 and a random node; then
    all are named at random.
    """
    nodes = np.arange(label_count)
    drawn = rng.integers(0, label_count - 1, label_count)
    above = np.minimum(drawn, np.maximum(nodes - 1, 0))
    names = random_orders(rng, label_count)
    parents = np.empty_like(names)
    np.put_along_axis(parents, names, np.take_along_axis(names, above, axis=1), axis=1)
    return parents, names[:, 0]


def _keys(rng: Draws, count: int) -> NDArray[np.uint64]:
    # Not `raw`, which prepares the words of 64 samples when it is asked for one sample's.
    rows = np.arange(rng.batch_size)
    return rng.runs(rows, np.zeros_like(rows), count)


def _order(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    order: NDArray[np.int64] = np.argsort(keys, axis=-1, kind="stable")
    return order
