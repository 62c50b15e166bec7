"""`DigitSequence`: pictures of digit sequences, one call each."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest, checked_labels
from image_sequence.composing.spacing import SpacingStrategy, find_spacing
from image_sequence.composing.transforms import Transform, classic
from image_sequence.config import Configuration
from image_sequence.draws import checked_seed, fresh_seed, is_whole_number
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import GlyphSource, as_source
from image_sequence.picture import next_number, picture_name, save_picture
from image_sequence.sample import ByteImages, FloatImages, Integers


class DigitSequence:
    """Makes pictures of digit sequences.

    The glyphs are loaded when the first picture is made. Use one generator a thread.

    Args:
        config_path: a JSON file, or None for the defaults.
        seed: whole number, 0 … 2**64 - 1: the same seed makes the same pictures, call by call; or
            None for a fresh one.
        source: a folder of IDX files, a `GlyphBank`, a `GlyphSource`, or None for the digits that
            come with the package.
        spacing: a spacing strategy or the name of one, in place of the configuration's type.
        transform: a transform, in place of what the configuration says.

    Raises:
        ConfigurationError: the configuration file cannot be used.
        ArgumentTypeError: an argument of the wrong kind.
        ArgumentValueError: a seed out of range.
        SourceNotFoundError: the source's folder or one of its files is missing.

    >>> generator = DigitSequence(seed=7)
    >>> image = generator.generate_numbers_sequence([2, 0, 2, 6], (0, 20), 130)
    >>> image.shape, image.dtype
    ((28, 130), dtype('float32'))
    """

    def __init__(
        self,
        config_path: str | PathLike[str] | None = None,
        *,
        seed: int | None = None,
        source: str | PathLike[str] | GlyphBank | GlyphSource | None = None,
        spacing: str | SpacingStrategy | None = None,
        transform: Transform | None = None,
    ) -> None:
        self._configuration = (
            Configuration() if config_path is None else Configuration.from_file(config_path)
        )
        self._seed = fresh_seed() if seed is None else checked_seed(seed)
        self._source = as_source(source)
        self._spacing = _as_spacing(spacing, self._configuration)
        self._transform = _as_transform(transform, self._configuration)
        self._next_index = 0

    def generate_numbers_sequence(
        self, digits: Iterable[int], spacing_range: Sequence[int], image_width: int
    ) -> FloatImages:
        """A picture of the digits side by side.

        Args:
            digits: whole numbers from left to right, such as `range(10)`.
            spacing_range: the smallest and the largest gap in pixels, both included.
            image_width: pixels.

        Returns:
            float32, shape (glyph height, image_width), 0.0 black ink … 1.0 white paper. The height
            of MNIST's glyphs is 28.

        Raises:
            ArgumentTypeError: digits, range or width are not whole numbers.
            ArgumentValueError: no digits, one the data set has no image of, a range or width that
                cannot work; with fixed spacing the message names the nearest widths that do.
            NoGapError: one digit, and gaps only between digits.
        """
        request = SequenceRequest.checked(digits, spacing_range, image_width)
        # A batch of one; the index is used up only by a call that makes a picture.
        batch = self._composer.render(self._composer.plan(request, [self._next_index]))
        self._next_index += 1
        image: FloatImages = batch.images[0]
        return image

    def save_image(
        self,
        image_out: NDArray[np.floating[Any]] | ByteImages,
        digits: Iterable[int],
        save_dir: str | PathLike[str] = "./",
    ) -> str:
        """Write a picture to `seq_<digits>.<output_format>`; a file of that name is replaced.

        Args:
            image_out: floats, shape (height, width), 0.0 black … 1.0 white; or uint8, kept as is.
            digits: whole numbers, for the name. A name too long for a file is cut and marked.
            save_dir: the folder; it is made if it is missing.

        Returns:
            The path.

        Raises:
            ArgumentTypeError: the image or the digits are of the wrong kind.
            ArgumentValueError: the image is no picture, or there are no digits.
            OSError: the file cannot be written; nothing stays behind.
        """
        name = picture_name(checked_labels(digits), self._configuration.output_format)
        path = os.path.join(save_dir, name)  # noqa: PTH118  # a Path would drop the "./"
        save_picture(image_out, Path(path))
        return path

    def save_many(
        self,
        digits: Iterable[int],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        count: int,
        save_dir: str | PathLike[str] = "./",
    ) -> Iterator[str]:
        """Make and write `count` pictures, one at a time; no file is replaced.

        The names are `seq_<digits>_<number>.<output_format>`, numbered from 0, or on from the
        largest number of such a name in the folder.

        Args:
            digits: as for `generate_numbers_sequence`.
            spacing_range: the same.
            image_width: the same.
            count: how many, at least 1.
            save_dir: the folder; it is made if it is missing.

        Yields:
            Each path once its picture is written. Stopping in between keeps what is written.

        Raises:
            ArgumentTypeError: `count` is not a whole number.
            ArgumentValueError: `count` is below 1.
            FileExistsError: somebody else took the next name in the meantime.
            Otherwise as `generate_numbers_sequence` and `save_image`.
        """
        if not is_whole_number(count):
            raise ArgumentTypeError(f"a count is a whole number such as 20, not {shown(count)}")
        if count < 1:
            raise ArgumentValueError(f"{count} pictures cannot be made, 1 or more can")
        labels = checked_labels(digits)
        output_format = self._configuration.output_format
        first = next_number(Path(save_dir), labels, output_format)
        for number in range(first, first + count):
            image = self.generate_numbers_sequence(labels, spacing_range, image_width)
            path = Path(save_dir, picture_name(labels, output_format, number))
            save_picture(image, path, overwrite=False)
            yield str(path)

    @property
    def seed(self) -> int:
        """The seed: given to a new generator, it makes the same pictures again."""
        return self._seed

    @property
    def config(self) -> dict[str, Any]:
        """The configuration in the form of the JSON file. Changing the dict changes nothing."""
        return self._configuration.to_dict()

    @property
    def images(self) -> ByteImages:
        """The data set's glyphs: uint8, shape (count, height, width), 0 paper … 255 ink."""
        return self._composer.bank.images

    @property
    def labels(self) -> Integers:
        """What the glyphs are: whole numbers, shape (count,)."""
        return self._composer.bank.labels

    @cached_property
    def _composer(self) -> Composer:
        bank = self._source.load()
        if not isinstance(bank, GlyphBank):
            raise ArgumentTypeError(f"a source loads a GlyphBank, not {shown(bank)}")
        return Composer(
            bank=bank,
            spacing=self._spacing,
            edges=self._configuration.edges,
            transform=self._transform,
            seed=self._seed,
        )

    def __getstate__(self) -> dict[str, Any]:
        # A worker loads the glyphs itself.
        return {name: value for name, value in vars(self).items() if name != "_composer"}


def _as_spacing(spacing: object, configuration: Configuration) -> SpacingStrategy:
    if spacing is None:
        return find_spacing(configuration.spacing_type)
    if isinstance(spacing, str):
        return find_spacing(spacing)
    if callable(spacing):
        return spacing
    raise ArgumentTypeError(
        f"spacing is a name such as 'variable' or a function of (request, rng), "
        f"not {shown(spacing)}"
    )


def _as_transform(transform: object, configuration: Configuration) -> Transform | None:
    if transform is None:
        return classic if configuration.transform else None
    if callable(transform):
        return transform
    raise ArgumentTypeError(
        f"transform is a function of (glyphs, rng), not {shown(transform)}; "
        f"the classic one is switched on by image.transform in the configuration"
    )
