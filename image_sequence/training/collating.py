"""What a training loop is handed of a batch: arrays of one shape for all batches of a recipe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.plan import ABSENT, Images, Integers
from image_sequence.sample import Batch

Columns: TypeAlias = Mapping[str, Any]
"""Arrays, or lists of texts, with a row for each sample."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is the same for all batches of a recipe.

    Attributes:
        alphabet: the labels there are glyphs of; a label's class is its place there.
        longest: the most labels that a sample may have.
        image_width: pixels of every picture.
    """

    alphabet: Alphabet
    longest: int
    image_width: int


Collate: TypeAlias = Callable[[Batch, Terms], Columns]
"""Makes what a training loop is handed; it is pickled, and called in workers."""


def plain(batch: Batch, terms: Terms) -> Columns:
    """Pictures and labels: what a loop is handed if nothing else is asked for.

    Returns:
        image: uint8 or float32, shape (batch, channels, height, width), channels 1 or 3.
        labels: int64, shape (batch, longest): classes from 0 up, -1 behind the last one.
        length: int64, shape (batch,): how many labels there are.
        text: a list of texts.
        index: int64, shape (batch,).
    """
    return {
        "image": channels_first(batch.images),
        "labels": class_rows(batch.labels, terms, first=0, filling=ABSENT),
        "length": batch.lengths,
        "text": batch.texts,
        "index": batch.indices,
    }


def channels_first(images: Images) -> Images:
    """The pictures as torch has them: shape (batch, 1 or 3, height, width)."""
    if images.ndim == 3:
        return images[:, None]
    return np.moveaxis(images, -1, 1).copy()


def class_rows(labels: Integers, terms: Terms, *, first: int, filling: int) -> NDArray[np.int64]:
    """The classes of labels: int64, shape (batch, longest).

    Args:
        labels: whole numbers, shape (batch, n), shorter rows filled with -1.
        terms: which class a label is.
        first: what classes count from.
        filling: what stands behind a row's last class.
    """
    numbers = terms.alphabet.numbers
    order = np.argsort(numbers)
    classes = order[np.searchsorted(numbers[order], np.where(labels == ABSENT, numbers[0], labels))]
    rows = np.full((len(labels), terms.longest), filling, np.int64)
    rows[:, : labels.shape[1]] = np.where(labels == ABSENT, filling, classes + first)
    return rows
