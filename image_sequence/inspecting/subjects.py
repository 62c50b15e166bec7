"""What is looked at: a data set, a folder, a recipe, a configuration or a preset."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil
from os import PathLike, fspath
from pathlib import Path
from typing import Any

import numpy as np

from image_sequence.config import Configuration
from image_sequence.datasets.making import Maker
from image_sequence.datasets.recipe import Recipe, read_settings
from image_sequence.datasets.viewing import RecipeView, View, open_view
from image_sequence.errors import ArgumentValueError, SourceNotFoundError
from image_sequence.presets import PRESETS, preset_configuration

SEED = 0
"""The seed of what is made to be looked at, where none is said: the same page every time."""

LENGTH = 4
"""How many labels a picture of a configuration has, where nothing is said."""

# By what is measured, and whether gaps may be negative: pixels.
_SPACINGS = {
    ("cell", False): (0, 10),
    ("cell", True): (-8, 0),
    ("ink", False): (0, 6),
    ("ink", True): (-2, 4),
}
_FIRST_WIDTH = 500  # Pixels, to measure what width fits.
_TRIED = 16  # Samples that are measured.


@dataclass(frozen=True, slots=True)
class Wishes:
    """How pictures are made that are not there yet; None for what the recipe says, or a default.

    Attributes:
        text: what all of them show.
        spacing: the smallest and the largest gap, pixels, both included.
        width: pixels.
        seed: whole number, 0 … 2**64 - 1.
    """

    text: str | None = None
    spacing: tuple[int, int] | None = None
    width: int | None = None
    seed: int | None = None

    def to_settings(self) -> dict[str, Any]:
        """The same as keys of a recipe, without what is not said."""
        labels = None if self.text is None else {"policy": "texts", "texts": [self.text]}
        spacing = None if self.spacing is None else list(self.spacing)
        told = {"labels": labels, "spacing": spacing, "width": self.width, "seed": self.seed}
        return {key: value for key, value in told.items() if value is not None}


def open_subject(where: str | PathLike[str] | None, wishes: Wishes, *, count: int) -> View:
    """The samples that can be looked at.

    Args:
        where: a folder or an address, the file of a recipe or a configuration, or the name of a
            preset; None for the default configuration.
        wishes: how pictures are made that are not there yet.
        count: how many pictures of a configuration there are.

    Raises:
        SourceNotFoundError: there is nothing of the kind.
        ArgumentValueError: wishes about pictures that are there already; or as a recipe.
        RecipeError, ConfigurationError: what is there cannot be used.
    """
    if where is None:
        return _of_configuration("the default", Configuration(), wishes, count)
    name = fspath(where)
    if not Path(where).exists() and name in PRESETS:
        return _of_configuration(name, preset_configuration(name), wishes, count)
    if Path(where).is_file():
        settings = read_settings(where)
        if "image" in settings:  # Which a configuration needs, and no recipe has.
            return _of_configuration(name, Configuration.from_dict(settings), wishes, count)
        return _of_recipe(name, settings, wishes)
    return _of_folder(where, wishes)


def _of_folder(where: str | PathLike[str], wishes: Wishes) -> View:
    try:
        view = open_view(where)
    except SourceNotFoundError as error:
        raise SourceNotFoundError(
            f"{error}; or name the file of a configuration, or one of the presets "
            f"{', '.join(PRESETS)}"
        ) from error
    said = wishes.to_settings()
    if said:
        raise ArgumentValueError(
            f"the pictures of {view.name} are there already; {' and '.join(said)} can be said of "
            f"recipes, configurations and presets"
        )
    return view


def _of_recipe(name: str, settings: Mapping[str, Any], wishes: Wishes) -> View:
    seeded = {**settings, "seed": SEED if settings.get("seed") is None else settings["seed"]}
    return RecipeView(name, Maker(Recipe.from_dict(seeded | wishes.to_settings())))


def _of_configuration(name: str, configuration: Configuration, wishes: Wishes, count: int) -> View:
    usual = {
        "count": count,
        "seed": SEED,
        "spacing": list(_SPACINGS[configuration.measure, configuration.overlap]),
        "width": _FIRST_WIDTH,
        "labels": {"policy": "digits", "length": LENGTH},
        "configuration": configuration.to_dict(),
    }
    recipe = Recipe.from_dict(usual | wishes.to_settings())
    if wishes.width is None:
        recipe = replace(recipe, image_width=natural_width(recipe))
    return RecipeView(name, Maker(recipe))


def natural_width(recipe: Recipe) -> int:
    """The width at which glyphs are about as wide for their height as in their data set, pixels.

    Args:
        recipe: of pictures of any width.

    >>> natural_width(Recipe(count=1, image_width=500, seed=7, spacing=(5, 5)))
    160
    """
    configuration = replace(recipe.configuration, page=None)  # Whose turns make boxes larger.
    maker = Maker(replace(recipe, configuration=configuration))
    if configuration.canvas.pads or configuration.spacing_type == "fixed":
        return _strip_width(maker)
    glyph_height, glyph_width = map(int, maker.generator.images.shape[1:3])
    boxes = next(maker.batches(recipe.start, recipe.start + _TRIED)).boxes
    widths, heights = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    there = widths > 0  # The absent ones of shorter sequences have none.
    upright = float(np.median(heights[there] / widths[there]))
    return max(1, round(recipe.image_width * upright * glyph_width / glyph_height))


def _strip_width(maker: Maker) -> int:
    """What the longest strip needs that is not resized, pixels: fixed gaps divide it evenly."""
    recipe, glyph_width = maker.recipe, int(maker.generator.images.shape[2])
    length, (low, high) = max(maker.lengths), recipe.spacing
    gap_count = length + 1 if recipe.configuration.edges else length - 1
    gap = (low + high) // 2 if recipe.configuration.spacing_type == "fixed" else max(high, 0)
    largest = recipe.configuration.line().size[1]
    return max(1, length * ceil(glyph_width * largest) + gap_count * gap)
