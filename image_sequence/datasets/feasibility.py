"""Whether a recipe can be made, asked before the first byte is written."""

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from image_sequence.datasets.making import Maker, fresh_maker
from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.shards import Shard
from image_sequence.errors import ArgumentValueError, ImageSequenceError
from image_sequence.files import remove
from image_sequence.picture import JPEG_LARGEST_SIDE

_TRIED = 16  # Samples that are written for a trial, besides the last one.
WEBP_LARGEST_SIDE = 16_383
"""Pixels: libwebp's WEBP_MAX_DIMENSION."""

_LARGEST_SIDES = {"jpeg": JPEG_LARGEST_SIDE, "webp": WEBP_LARGEST_SIDE}


def check_feasible(maker: Maker) -> None:
    """Check that a recipe can be made: its library is there, labels fit, first samples work.

    Raises:
        LibraryError: the format needs a library that is not there.
        ArgumentValueError: labels, spacing, width, encoding or split do not go together; the
            message says what would.
        Otherwise as `ImageSequence.batch`.
    """
    recipe = maker.recipe
    recipe.kept_as.check()
    _check_held_out(maker)
    _check_lengths(maker)
    _check_sides(maker)
    last = recipe.start + recipe.count - 1
    with TemporaryDirectory(prefix="image-sequence-") as folder:
        for first, count in ((recipe.start, min(recipe.count, _TRIED)), (last, 1)):
            shard = Shard(0, "trial", first, count)
            maker.write(shard, Path(folder, str(first)), lambda _: None)
            remove(Path(folder, str(first)))


def _check_held_out(maker: Maker) -> None:
    split = maker.recipe.configuration.data.split()
    if split is not None and "sequence" in split.by and not maker.policy.repeats:
        raise ArgumentValueError(
            f"a split by sequence leaves sequences out, and the labels "
            f"{maker.recipe.labels['policy']!r} are told beforehand; split by glyph or writer, or "
            f"use labels that are drawn, such as 'digits'"
        )


def _check_lengths(maker: Maker) -> None:
    failed = {length: fault for length in maker.lengths if (fault := _fault(maker, length))}
    if not failed:
        return
    length, fault = next(iter(failed.items()))
    if len(maker.lengths) == 1:
        raise fault
    raise ArgumentValueError(
        f"labels are {_spoken(maker.lengths)} long, and those of {length} cannot be shown: "
        f"{fault}. {_advice(maker, failed)}"
    ) from fault


def _fault(maker: Maker, length: int) -> ImageSequenceError | None:
    """Why labels of a length cannot be shown; None if they can."""
    recipe = maker.recipe
    try:
        maker.generator.check_lengths([length], recipe.spacing, recipe.image_width)
    except ImageSequenceError as error:
        return error
    return None


def _advice(maker: Maker, failed: Iterable[int]) -> str:
    recipe = maker.recipe
    working = [length for length in maker.lengths if length not in failed]
    options = []
    if recipe.configuration.spacing_type == "fixed":
        width = common_width(maker)
        if width is not None:
            options.append(f"a width of {width}, which serves all lengths")
        options.append("the spacing 'variable', which fits any length to one width")
    if working:
        options.append(f"labels of {_spoken(working)} alone")
    return f"Use {', or '.join(options)}" if options else "Use other lengths"


def common_width(maker: Maker) -> int | None:
    """The least width that fixed spacing can fill at every length, in pixels; None for none."""
    recipe, glyph_width = maker.recipe, maker.generator.images.shape[2]
    low, high = recipe.spacing
    widths: set[int] | None = None
    for length in maker.lengths:
        gap_count = length + 1 if recipe.configuration.edges else length - 1
        own = {length * glyph_width + gap_count * gap for gap in range(low, high + 1)}
        widths = own if widths is None else widths & own
    return min(widths) if widths else None


def _check_sides(maker: Maker) -> None:
    recipe = maker.recipe
    name, most = recipe.encoding.name, _LARGEST_SIDES.get(recipe.encoding.name)
    side = max(maker.image_shape[:2])
    if most is not None and side > most:
        raise ArgumentValueError(
            f"the encoding {name!r} holds at most {most} pixels a side, and the pictures have "
            f"{side}; use 'png'"
        )


def _spoken(lengths: Iterable[int]) -> str:
    """Lengths in words.

    >>> _spoken([3, 4, 5]), _spoken([2, 5])
    ('3 to 5', '2, 5')
    """
    listed = list(lengths)
    if len(listed) > 2 and listed == list(range(listed[0], listed[-1] + 1)):
        return f"{listed[0]} to {listed[-1]}"
    return ", ".join(map(str, listed))


def checked_maker(recipe: Recipe) -> Maker:
    """The maker of a recipe that can be made.

    Raises:
        As `check_feasible`.
    """
    maker = fresh_maker(recipe)
    check_feasible(maker)
    return maker
