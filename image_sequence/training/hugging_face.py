"""Samples as a stream of Hugging Face `datasets`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from image_sequence.errors import ArgumentValueError, LibraryError
from image_sequence.training.collating import Collate, plain
from image_sequence.training.epochs import Schedule
from image_sequence.training.samples import RecipeLike, Samples
from image_sequence.whole_numbers import is_whole_number

_ADVICE = 'pip install "image-sequence[huggingface]"'
_AT_A_TIME = 256


def hugging_face_stream(
    recipe: RecipeLike,
    *,
    collate: Collate = plain,
    dtype: DTypeLike = np.uint8,
    epoch: int = 0,
    shards: int = 16,
) -> Any:
    """A `datasets.IterableDataset` of the recipe's samples, one dict of arrays for each.

    It is shared out by shards: among the workers of a DataLoader, and by
    `datasets.distributed.split_dataset_by_node`.

    Args:
        recipe: as for `Samples`, as are the next two.
        collate: `plain`, a `CtcCollate`, or any function of the same form.
        dtype: uint8 or float32.
        epoch: which epoch's pictures; 0 for those of the recipe.
        shards: in how many runs the samples are shared out; a multiple of the number of workers
            and ranks shares them evenly.

    Raises:
        LibraryError: `datasets` is missing.
        ArgumentTypeError, ArgumentValueError: a number of shards that cannot be.
        Otherwise as `Samples`.
    """
    try:
        import datasets
    except ImportError as error:
        raise LibraryError(f"Hugging Face datasets does not load: {error}; {_ADVICE}") from error
    samples = Samples(recipe, collate=collate, dtype=dtype)
    if is_whole_number(shards) and shards > len(samples):
        raise ArgumentValueError(
            f"{len(samples)} samples make {len(samples)} shards at most, not {shards}"
        )
    schedule = Schedule(len(samples), batch_size=len(samples), ranks=shards)
    return datasets.IterableDataset.from_generator(
        _examples,
        gen_kwargs={
            "runs": [schedule.places(0, shard) for shard in range(shards)],
            "samples": samples,
            "epoch": epoch,
        },
    )


def _examples(
    runs: list[tuple[int, int]], samples: Samples, epoch: int
) -> Iterator[dict[str, Any]]:
    start = samples.recipe.start
    for first, stop in runs:
        for begin in range(first, stop, _AT_A_TIME):
            indices = start + np.arange(begin, min(begin + _AT_A_TIME, stop))
            columns = samples.columns(epoch, indices)
            for row in range(len(indices)):
                yield {name: column[row] for name, column in columns.items()}
