"""What `image-sequence preview` does, once its arguments are read."""

import argparse
from collections.abc import Iterator

from image_sequence.commands.parsing import DONE
from image_sequence.datasets.viewing import View, Viewed
from image_sequence.errors import ArgumentValueError
from image_sequence.inspecting.contact_sheets import chosen_samples, tiles_of
from image_sequence.inspecting.marking import Marks
from image_sequence.inspecting.sheets import Group, Sheet, sheet_of
from image_sequence.inspecting.step_sheets import Remaker, groups_of
from image_sequence.inspecting.subjects import Wishes, open_subject
from image_sequence.inspecting.variations import all_variations, variations_of
from image_sequence.picture import save_picture

_COUNT, _VALUES = 24, 5
_LIMITS = (("count", 1, 10_000), ("columns", 1, 1_000), ("scale", 1, 16), ("values", 2, 100))


def make(options: argparse.Namespace) -> int:
    """Make the sheet and print its path."""
    _check(options)
    marks = Marks(options.boxes, options.ink_boxes, options.masks)
    view = _view(options)
    sheet = (_steps if options.steps else _samples)(view, options, marks)
    save_picture(sheet.pixels, options.out)
    print(options.out)
    return DONE


def _check(options: argparse.Namespace) -> None:
    if options.where is None and not options.steps:
        raise ArgumentValueError(
            "what of? name a data set, a recipe, a configuration or a preset; or add --steps for "
            "all steps there are"
        )
    if options.values is not None and not options.steps:
        raise ArgumentValueError("--values goes with --steps: it is about their ranges")
    if options.count is not None and (options.steps or options.indices is not None):
        raise ArgumentValueError(
            f"--count says how many samples are shown; "
            f"{'--steps shows one' if options.steps else '--indices says which'}"
        )
    if options.steps and options.indices is not None and len(options.indices) > 1:
        raise ArgumentValueError("--steps shows one sample, so --indices names one")
    for name, least, most in _LIMITS:
        value = getattr(options, name)
        if value is not None and not least <= value <= most:
            raise ArgumentValueError(f"--{name} lies from {least} to {most:,}, {value} does not")


def _view(options: argparse.Namespace) -> View:
    wishes = Wishes(
        text=None if options.digits is None else "".join(options.digits),
        spacing=None if options.spacing is None else tuple(options.spacing),
        width=options.width,
        seed=options.seed,
    )
    count = _count(options) if options.indices is None else max(options.indices) + 1
    return open_subject(options.where, wishes, count=count)


def _count(options: argparse.Namespace) -> int:
    return _COUNT if options.count is None else int(options.count)


def _samples(view: View, options: argparse.Namespace, marks: Marks) -> Sheet:
    from tqdm import tqdm

    count = _count(options) if options.indices is None else len(options.indices)
    samples = chosen_samples(view, count=count, indices=options.indices)
    have_polygons = []

    def looked_at(samples: Iterator[Viewed]) -> Iterator[Viewed]:
        for one in samples:
            have_polygons.append("polygons" in one.record)
            yield one

    tiles = tiles_of(
        tqdm(looked_at(samples), total=min(count, view.count), unit="picture", disable=None),
        maker=view.maker,
        marks=marks,
        scale=options.scale,
    )
    group = Group(list(tiles))
    legend = marks.legend(polygons=any(have_polygons))
    return sheet_of([group], columns=options.columns, legend=legend)


def _steps(view: View, options: argparse.Namespace, marks: Marks) -> Sheet:
    from tqdm import tqdm

    if view.maker is None:
        raise ArgumentValueError(
            f"nobody knows which steps the pictures of {view.name} were made with; --steps works "
            f"with a data set, a recipe, a configuration or a preset"
        )
    recipe, remaker = view.maker.recipe, Remaker(view.maker)
    index = recipe.start if options.indices is None else options.indices[0]
    if not recipe.start <= index < recipe.start + recipe.count:
        raise ArgumentValueError(
            f"{view.name} has no sample {index}; it has {recipe.count:,}, from number "
            f"{recipe.start} on"
        )
    vary = all_variations if options.where is None else variations_of
    variations = vary(
        recipe.configuration,
        count=_VALUES if options.values is None else options.values,
        glyph_height=remaker.bank.images.shape[1],
    )
    groups = groups_of(
        tqdm(list(variations), unit="row", disable=None),
        remaker,
        index=index,
        marks=marks,
        scale=options.scale,
    )
    page = recipe.configuration.whole_page()
    moves = options.where is None or (page is not None and page.moves)
    legend = marks.legend(polygons=moves)
    return sheet_of(list(groups), columns=options.columns, legend=legend)
