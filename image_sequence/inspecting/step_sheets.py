"""Pages of steps: one sample again and again, with a step at one value after another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from image_sequence.config import Configuration
from image_sequence.data_settings import Data
from image_sequence.datasets.making import Maker
from image_sequence.generator import ImageSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.inspecting.marking import Marks, marked
from image_sequence.inspecting.sheets import Group, Tile, check_size
from image_sequence.inspecting.variations import Shown, Variation
from image_sequence.sample import Sample


@dataclass(frozen=True)
class Remaker:
    """Makes a recipe's samples with other configurations: the same labels, the same handwriting.

    Attributes:
        maker: of the recipe.
    """

    maker: Maker

    @cached_property
    def bank(self) -> GlyphBank:
        """The recipe's glyphs, loaded once for all configurations."""
        data = self.maker.recipe.configuration.data
        split = data.split()
        return data.source().load() if split is None else split.bank(data.source())

    def sample(self, configuration: Configuration, index: int) -> Sample:
        """A sample as the configuration makes it, its pixels in uint8.

        Raises:
            As `ImageSequence.sample`.
        """
        recipe = self.maker.recipe
        # The bank is that of the part already, and its labels are drawn.
        own = replace(configuration, data=Data(hand=recipe.configuration.data.hand))
        generator = ImageSequence(self.bank, config_path=own, seed=recipe.seed, renderer="numpy")
        return generator.sample(
            self._labels(index), recipe.spacing, recipe.image_width, index=index, dtype=np.uint8
        )

    def _labels(self, index: int) -> list[int]:
        if index not in self._known_labels:
            batch = next(self.maker.batches(index, index + 1))
            self._known_labels[index] = batch.labels[0, : batch.lengths[0]].tolist()
        return self._known_labels[index]

    @cached_property
    def _known_labels(self) -> dict[int, list[int]]:
        return {}


def groups_of(
    variations: Iterable[Variation], remaker: Remaker, *, index: int, marks: Marks, scale: int
) -> Iterator[Group]:
    """A group for each variation, the values below the pictures.

    Args:
        variations: what is shown.
        remaker: what makes the pictures.
        index: the sample.
        marks: what is drawn on them.
        scale: how many pixels a pixel's side becomes.

    Raises:
        ArgumentValueError: they are too many to be on one sheet; or as `ImageSequence.sample`.
    """
    pixel_count = 0
    for variation in variations:
        tiles = [
            _tile(one, remaker.sample(one.configuration, index + one.offset), marks, scale)
            for one in variation.pictures
        ]
        pixel_count += sum(tile.pixels[..., 0].size for tile in tiles)
        check_size(pixel_count)
        yield Group(tiles, variation.title, variation.note)


def _tile(one: Shown, sample: Sample, marks: Marks, scale: int) -> Tile:
    picture = marked(
        np.asarray(sample.image, np.uint8),
        sample.to_dict() if marks != Marks() else {},
        marks=marks,
        masks=lambda: sample.masks,
        scale=scale,
    )
    return Tile(picture, one.caption)
