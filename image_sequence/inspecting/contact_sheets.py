"""Contact sheets: samples of a view as tiles, each with its text and its number."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from image_sequence.datasets.making import Maker
from image_sequence.datasets.viewing import View, Viewed
from image_sequence.errors import (
    ArgumentValueError,
    RecordError,
    SourceChangedError,
    SourceNotFoundError,
    shown,
)
from image_sequence.inspecting.marking import Marks, Masks, marked
from image_sequence.inspecting.sheets import Tile, check_size


def chosen_samples(
    view: View, *, count: int, indices: Sequence[int] | None = None
) -> Iterator[Viewed]:
    """The samples of those indices in their order, or the first `count`.

    Raises:
        SourceNotFoundError: there is none.
        ArgumentValueError: there is none of an index.
    """
    if indices is not None:
        yield from _in_order(view, indices)
        return
    number = 0
    for number, one in enumerate(islice(view.samples(), count), 1):  # noqa: B007  # used below
        yield one
    if not number:
        raise SourceNotFoundError(f"{view.name} holds no samples yet")


def _in_order(view: View, indices: Sequence[int]) -> list[Viewed]:
    samples = sorted(view.samples(set(indices)), key=lambda one: indices.index(one.index))
    missing = sorted(set(indices) - {one.index for one in samples})
    if missing:
        begin = "" if view.maker is None else f", from number {view.maker.recipe.start} on"
        raise ArgumentValueError(
            f"{view.name} has no sample {missing[0]}; it has {view.count:,}{begin}"
        )
    return samples


def tiles_of(
    samples: Iterable[Viewed], *, maker: Maker | None, marks: Marks, scale: int
) -> Iterator[Tile]:
    """Samples with marks on them, enlarged.

    Args:
        samples: those that are shown.
        maker: what makes their masks, if it is known.
        marks: what is drawn on them.
        scale: how many pixels a pixel's side becomes.

    Raises:
        ArgumentValueError: they are too many to be on one sheet, or masks are asked for that
            nobody can make.
        RecordError, SourceChangedError: see `marked` and `masks_of`.
    """
    pixel_count = 0
    for one in samples:
        pixels = one.pixels()
        pixel_count += pixels.shape[0] * pixels.shape[1] * scale**2
        check_size(pixel_count)
        picture = marked(
            pixels,
            one.record,
            marks=marks,
            masks=lambda one=one: masks_of(one.record, maker),  # type: ignore[misc]  # bound now
            scale=scale,
        )
        yield Tile(picture, str(one.record.get("text", "")), f"#{one.index}")


def masks_of(record: Mapping[str, Any], maker: Maker | None) -> Masks:
    """The masks of a sample, from its record or made again: bool, shape (n, height, width).

    Raises:
        ArgumentValueError: the record has none, and nobody knows how to make them.
        RecordError: the record has something else.
        SourceChangedError: the glyphs are no longer those of the record.
    """
    if record.get("masks") is not None:
        return _from_run_lengths(record)
    if maker is None:
        raise ArgumentValueError(
            "the records have no masks, and masks need a recipe to be made again; the folders of "
            "image-sequence dataset have one, those of image-sequence draw --records do not"
        )
    sample = next(maker.batches(record["index"], record["index"] + 1))[0]
    if list(sample.glyph_digests) != record["glyph_digests"]:
        raise SourceChangedError(
            f"the glyphs have changed since sample {record['index']} was made, so its masks cannot "
            f"be made again; bring the data back as they were"
        )
    return sample.masks


def _from_run_lengths(record: Mapping[str, Any]) -> Masks:
    """What `sample.run_lengths` has made of masks."""
    height, width = record["height"], record["width"]
    masks = []
    try:
        for mask in record["masks"]:
            counts = np.asarray(mask["counts"], np.int64)
            is_glyph = np.arange(len(counts)) % 2 == 1
            masks.append(np.repeat(is_glyph, counts).reshape(width, height).T)
    except (TypeError, ValueError, KeyError) as error:
        raise RecordError(
            f"the masks of sample {shown(record.get('index'))} are no run lengths of "
            f"{height} x {width} pixels: {error}"
        ) from error
    return np.stack(masks)
