"""Samples as columns: arrays with a row for each sample, each as wide as the longest one needs."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from image_sequence.chunks import chunks
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError
from image_sequence.plan import ABSENT, Boxes, ByteImages
from image_sequence.sample import Batch

Columns: TypeAlias = Mapping[str, NDArray[Any]]
"""Arrays by name, a row for each sample."""

_PIXELS_AT_A_TIME = 1 << 22


def columns(batch: Batch, details: Details) -> dict[str, NDArray[Any]]:
    """A batch as arrays that have the same width and type in all batches of a data set.

    What a sample has fewer of than `details.longest` is -1, in masks False. See `Sample` for what
    they mean.

    Returns:
        images: uint8, shape (batch, height, width), in colour (batch, height, width, 3).
        indices, lengths: int64, shape (batch,).
        texts: text, shape (batch,).
        labels, glyph_indices, writers: int64, shape (batch, longest).
        boxes, ink_boxes: float32, shape (batch, longest, 4).
        gaps: int64, fitted_gaps: float32, shape (batch, longest + 1).
        polygons: float32, shape (batch, longest, 4, 2); sizes: float64, shifts: int64, both of the
            shape (batch, longest): each only where samples have it.
        masks: bool, shape (batch, longest, height, width), if `details` asks for them.

    Raises:
        ShardError: a sample is longer than `details` says.
    """
    lengths, longest = batch.lengths, details.longest
    if lengths.max() > longest:
        raise ShardError(
            f"{lengths.max()} labels are more than the {longest} of the longest sample"
        )
    by_glyph: dict[str, NDArray[Any] | None] = {
        "labels": batch.labels,
        "boxes": batch.boxes,
        "ink_boxes": batch.ink_boxes,
        "glyph_indices": batch.glyph_indices,
        "writers": batch.writers,
        "polygons": batch.polygons,
        "sizes": batch.sizes,
        "shifts": batch.shifts,
    }
    by_gap: Columns = {"gaps": batch.gaps, "fitted_gaps": batch.fitted_gaps}
    made: dict[str, NDArray[Any]] = {
        "images": batch.images,
        "indices": batch.indices,
        "lengths": lengths,
        "texts": np.array(batch.texts, f"<U{_longest_text(details)}"),
    }
    for name, column in by_glyph.items():
        if column is not None:
            made[name] = _filled(column, lengths, longest, ABSENT)
    for name, column in by_gap.items():
        made[name] = _filled(column, lengths + 1, longest + 1, ABSENT)
    if details.masks:
        made["masks"] = _filled(batch.masks, lengths, longest, fill=False)
    return made


def _longest_text(details: Details) -> int:
    return details.longest * max(map(len, details.classes.values()))


def _filled(
    column: NDArray[Any], counts: NDArray[np.int64], width: int, fill: float
) -> NDArray[Any]:
    """The column with `width` entries a row, of which those after the first `counts` are `fill`."""
    there = np.arange(width) < counts[:, None]
    filled = np.full((len(column), width, *column.shape[2:]), fill, column.dtype)
    filled[there] = column[there[:, : column.shape[1]]]  # No wider than the batch's own longest.
    return filled


def columns_of_all(batches: Iterable[Batch], details: Details) -> Iterator[Columns]:
    """The columns of a shard, batch by batch.

    Raises:
        ShardError: there are not as many samples as the shard has, or they change their kind.
    """
    count = 0
    layout: dict[str, tuple[str, tuple[int, ...]]] = {}
    for batch in batches:
        made = columns(batch, details)
        own = {name: (column.dtype.str, column.shape[1:]) for name, column in made.items()}
        layout = layout or own
        if own != layout:
            raise ShardError(f"sample {batch.indices[0]} is of another kind than those before it")
        count += len(batch)
        if count > details.shard.count:
            break
        yield made
    if count != details.shard.count:
        raise ShardError(f"{details.shard.name} has {details.shard.count} samples, {count} came")


def buffer(column: NDArray[Any]) -> memoryview:
    """The bytes of an array, row by row, as a file's `write` takes them; not copied."""
    return np.ascontiguousarray(column).reshape(-1).view(np.uint8).data


def write_files(
    folder: Path, parts: Iterable[Columns], head: Callable[[NDArray[Any]], bytes]
) -> None:
    """Write columns into a new folder, a file each.

    Args:
        folder: where nothing is yet.
        parts: the columns by their files' names, some samples at a time.
        head: what a file begins with, from the first part of its column.
    """
    folder.mkdir()
    opened: dict[str, IO[bytes]] = {}
    with ExitStack() as files:
        for part in parts:
            for name, column in part.items():
                if name not in opened:
                    opened[name] = files.enter_context((folder / name).open("xb"))
                    opened[name].write(head(column))
                opened[name].write(buffer(column))


def pictures_of(images: Any, details: Details) -> Iterator[ByteImages]:
    """The pictures of a shard one by one, from what gives some of them by a slice: it is large."""
    for rows in chunks(details.shard.count, int(np.prod(details.image_shape)), _PIXELS_AT_A_TIME):
        yield from np.array(images[rows])


def stored_samples(
    pictures: Iterable[ByteImages],
    *,
    indices: Iterable[int],
    texts: Iterable[str],
    lengths: NDArray[Any],
    boxes: Boxes,
) -> Iterator[StoredSample]:
    """The samples from their columns.

    Raises:
        ValueError: some columns are longer than others.
    """
    parts = zip(indices, texts, pictures, boxes, lengths.tolist(), strict=True)
    for index, text, picture, own, length in parts:
        yield StoredSample(index, text, picture, boxes=own[:length])


def check_shapes(path: Path, details: Details, **shapes: tuple[int, ...]) -> None:
    """Check the shapes of some columns.

    Raises:
        ShardError: one is not as the shard's must be.
    """
    count, longest = details.shard.count, details.longest
    expected: dict[str, tuple[int, ...]] = {
        "images": (count, *details.image_shape),
        "labels": (count, longest),
        "boxes": (count, longest, 4),
    }
    for name, shape in shapes.items():
        right = expected.get(name, (count,))
        if shape != right:
            raise ShardError(
                f"the {name} in {path} have the shape {shape}; "
                f"those of {details.shard.name} have {right}"
            )


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Say of a shard that it is damaged, whatever a library says to that.

    Raises:
        ShardError: instead of what the block raises, unless the system says why it cannot be read.
    """
    try:
        yield
    except ShardError:
        raise
    except OSError as error:
        lacks_file = isinstance(error, FileNotFoundError) and path.exists()
        if error.errno is not None and not lacks_file:
            raise
        raise ShardError(f"{path} is not a whole shard: {error}") from error
    except (
        ValueError,
        KeyError,
        AttributeError,
        RuntimeError,
        EOFError,
        MemoryError,
        BadZipFile,
    ) as error:
        raise ShardError(f"{path} is not a whole shard: {error}") from error
