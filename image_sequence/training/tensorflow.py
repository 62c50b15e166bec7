"""Samples for `tf.data.Dataset.from_generator`, and for any loop over NumPy arrays."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from image_sequence.errors import LibraryError
from image_sequence.training.collating import Collate, Columns, plain
from image_sequence.training.epochs import Order, Schedule
from image_sequence.training.samples import RecipeLike, Samples


class SequenceGenerator:
    """Calls make epochs: each call the batches of the next one, as NumPy arrays.

    `tf.data.Dataset.from_generator(generator, output_signature=generator.output_signature())`
    makes a data set whose repetitions are epochs; without TensorFlow, loop over `generator()`.

    Args:
        recipe: as for `Samples`; its count is that of an epoch.
        batch_size: samples of a batch; the last one of an epoch has the rest.
        collate: as for `Samples`, as are the next two.
        dtype: uint8 or float32.
        fresh: whether each epoch has pictures of its own.
        shuffle: whether the order of an epoch is drawn.

    Attributes:
        epoch: the next call's, from 0; it may be set.

    Raises:
        As `Samples`; ArgumentTypeError or ArgumentValueError for another batch size.

    >>> generator = SequenceGenerator({"count": 20, "width": 160, "seed": 7}, batch_size=8)
    >>> [len(batch["index"]) for batch in generator()]
    [8, 8, 4]
    """

    def __init__(
        self,
        recipe: RecipeLike,
        *,
        batch_size: int = 256,
        collate: Collate = plain,
        dtype: DTypeLike = np.uint8,
        fresh: bool = True,
        shuffle: bool = False,
    ) -> None:
        self.samples = Samples(recipe, collate=collate, dtype=dtype, fresh=fresh)
        own = self.samples.recipe
        self._schedule = Schedule(own.count, batch_size)
        self._order = Order(own.start, own.count, shuffle)
        self.epoch = 0

    def __len__(self) -> int:
        """How many batches an epoch has."""
        return len(self._schedule)

    def __call__(self) -> Iterator[Columns]:
        """The batches of an epoch."""
        epoch, self.epoch = self.epoch, self.epoch + 1
        order = self._order.of_epoch(self.samples.recipe.seed, epoch)
        for step in range(len(self)):
            first, stop = self._schedule.places(step, rank=0)
            yield self.samples.columns(epoch, order[first:stop])

    def output_signature(self) -> dict[str, Any]:
        """What TensorFlow wants to know before: a `tf.TensorSpec` for each column.

        Raises:
            LibraryError: TensorFlow is missing.
        """
        try:
            import tensorflow as tf
        except ImportError as error:
            raise LibraryError(
                f"TensorFlow does not load: {error}; pip install tensorflow"
            ) from error
        first = self.samples.columns(self.epoch, self._order.of_epoch(0, 0)[:1])
        return {
            name: tf.TensorSpec((None, *column.shape[1:]), column.dtype)
            if isinstance(column, np.ndarray)
            else tf.TensorSpec((None,), tf.string)
            for name, column in first.items()
        }
