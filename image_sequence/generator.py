"""`DigitSequence`: pictures of digit sequences, one at a time, in batches, or without end."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from image_sequence.composing.canvas import Canvas
from image_sequence.composing.composer import Composer
from image_sequence.composing.rendering import RENDERERS
from image_sequence.composing.request import (
    BatchRequest,
    SequenceRequest,
    Sequences,
    checked_labels,
)
from image_sequence.composing.spacing import SpacingStrategy, find_spacing
from image_sequence.composing.transforms import Transform, classic
from image_sequence.config import Configuration
from image_sequence.draws import Draws, checked_seed, fresh_seed, is_whole_number
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, PluginError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import GlyphSource, as_source
from image_sequence.picture import next_number, picture_name, save_picture
from image_sequence.plan import ByteImages, FloatImages, Integers
from image_sequence.sample import Batch, Sample

_MOST_AHEAD = 64  # Pictures: a batch of so many takes about a third of the time, one by one.
_PIXELS_AHEAD = 2**20  # 4 MB of them.
_INDEX_LIMIT = 2**63


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
        fit: "resize" or "pad", in place of what the configuration says; see `Canvas` for this and
            the next four.
        align: "left", "centre", "right" or "drawn".
        image_height: pixels.
        resample: Pillow's name of a resize filter.
        ink: "dark" or "light".
        renderer: "auto", "numpy" or "numba"; all make the same pixels. "auto" takes numba when it
            is installed (`pip install "image-sequence[fast]"`) and there is much to draw.

    Raises:
        ConfigurationError: the configuration file cannot be used.
        ArgumentTypeError: an argument of the wrong kind.
        ArgumentValueError: a seed or a height out of range, or an unknown word.
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
        fit: str | None = None,
        align: str | None = None,
        image_height: int | None = None,
        resample: str | None = None,
        ink: str | None = None,
        renderer: str = "auto",
    ) -> None:
        self._configuration = (
            Configuration() if config_path is None else Configuration.from_file(config_path)
        )
        self._seed = fresh_seed() if seed is None else checked_seed(seed)
        self._source = as_source(source)
        self._spacing = _as_spacing(spacing, self._configuration)
        self._transform = _as_transform(transform, self._configuration)
        self._canvas = _as_canvas(
            self._configuration.canvas,
            fit=fit,
            align=align,
            image_height=image_height,
            resample=resample,
            ink=ink,
        )
        self._renderer = _checked_renderer(renderer)
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
            float32, shape (image height, image_width), 0.0 black ink … 1.0 white paper, or the
            other way round with light ink. The height is the glyphs', 28 for MNIST's, or the
            image_height asked for. Call number k of a generator gives the image of sample k.

        Raises:
            ArgumentTypeError: digits, range or width are not whole numbers.
            ArgumentValueError: no digits, one the data set has no image of, a range or width that
                cannot work; with fixed spacing the message names the nearest widths that do.
            NoGapError: one digit, and gaps only between digits.
        """
        request = SequenceRequest.checked(digits, spacing_range, image_width)
        image = self._ahead.image(request, self._next_index)
        # The index is used up only by a call that makes a picture.
        self._next_index += 1
        return image

    def sample(
        self,
        digits: Iterable[int],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        index: int,
        dtype: DTypeLike = np.float32,
    ) -> Sample:
        """One picture and the truth about it: sample number `index` of the generator's seed.

        It is the same whatever was asked for before, and the same as in any batch.

        Args:
            digits: as for `generate_numbers_sequence`.
            spacing_range: the same.
            image_width: the same.
            index: whole number, 0 … 2**63 - 1.
            dtype: float32 for pixels from 0.0 to 1.0, or uint8 for `round(255 * pixel)`.

        Raises:
            As `generate_numbers_sequence`; ArgumentTypeError or ArgumentValueError for another
            index or dtype.
        """
        request = SequenceRequest.checked(digits, spacing_range, image_width)
        indices = _checked_indices("an index", index, 1)
        return self._composer.render(self._composer.plan(request, indices), _checked_dtype(dtype))[
            0
        ]

    def batch(
        self,
        sequences: Iterable[Iterable[int]] | Integers,
        spacing_range: Sequence[int],
        image_width: int,
        *,
        start: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> Batch:
        """A picture of each sequence, and the truth about them.

        `batch(sequences, …, start=s)[k]` is `sample(sequences[k], …, index=s + k)`, bit for bit.

        Args:
            sequences: of one or of mixed lengths, each as for `generate_numbers_sequence`; or an
                array of whole numbers, shape (count, longest), its shorter rows filled with -1.
            spacing_range: as for `generate_numbers_sequence`.
            image_width: the same.
            start: the index of the first; whole number, at least 0.
            dtype: float32 for pixels from 0.0 to 1.0, or uint8 for `round(255 * pixel)`.

        Raises:
            As `sample`.

        >>> batch = DigitSequence(seed=7).batch([[2, 0], [2, 6, 1]], (0, 9), 96, dtype=np.uint8)
        >>> batch.images.shape, batch.labels.tolist(), batch.lengths.tolist(), batch[1].text
        ((2, 28, 96), [[2, 0, -1], [2, 6, 1]], [2, 3], '261')
        """
        request = BatchRequest.checked(sequences, spacing_range, image_width)
        indices = _checked_indices("a start", start, len(request.sequences))
        return self._composer.render(self._composer.plan(request, indices), _checked_dtype(dtype))

    def stream(
        self,
        sequences: Iterable[Iterable[int]] | Integers | Callable[[Draws], ArrayLike],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        batch_size: int = 256,
        start: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> Iterator[Batch]:
        """Batches without end, up to sample 2**63 - 1; only the one at hand takes memory.

        Args:
            sequences: as for `batch`: sample i gets number i, beginning again after the last. Or a
                function of `Draws` that returns the labels of a batch: whole numbers, shape
                (batch, longest), shorter rows filled with -1.
            spacing_range: as for `batch`.
            image_width: the same.
            batch_size: how many samples a batch has, at least 1.
            start: the index of the first sample; with it, a stream goes on where one has stopped.
            dtype: as for `batch`.

        Yields:
            The samples start, start + 1, …, `batch_size` at a time.

        Raises:
            As `batch`; ArgumentTypeError or ArgumentValueError for another batch size.

        >>> batches = DigitSequence(seed=7).stream(lambda rng: rng.integers(0, 9, 5), (0, 5), 160)
        >>> next(batches).images.shape
        (256, 28, 160)
        """
        size = int(_checked_indices("a batch_size", batch_size, 1)[0])
        if size < 1:
            raise ArgumentValueError("a batch_size of 0 makes no batch, 1 or more does")
        first = int(_checked_indices("a start", start, size)[0])
        drawn = sequences if callable(sequences) else _InTurn(Sequences.checked(sequences))
        terms = BatchRequest.checked([[0]], spacing_range, image_width)
        return self._batches(
            drawn, terms, range(first, _INDEX_LIMIT - size + 1, size), _checked_dtype(dtype)
        )

    def _batches(
        self,
        sequences: Callable[[Draws], ArrayLike | Sequences],
        terms: BatchRequest,
        firsts: range,
        dtype: DTypeLike,
    ) -> Iterator[Batch]:
        for first in firsts:
            indices = first + np.arange(firsts.step)
            labels = sequences(Draws(self._seed, "labels", indices))
            request = replace(terms, sequences=_as_sequences(labels, len(indices)))
            yield self._composer.render(self._composer.plan(request, indices), dtype)

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
            canvas=self._canvas,
            renderer=self._renderer,
        )

    @cached_property
    def _ahead(self) -> "_Ahead":
        return _Ahead(self._composer)

    def __getstate__(self) -> dict[str, Any]:
        # A worker loads the glyphs itself.
        made_again = {"_composer", "_ahead"}
        return {name: value for name, value in vars(self).items() if name not in made_again}


class _Ahead:
    """Pictures one at a time at nearly the price of a batch.

    Who asks for the same again has more of it made at once, twice as many each time. Since sample
    i depends on nothing but its index, nobody can tell.
    """

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._request: SequenceRequest | None = None
        self._first = 0
        self._images: Any = np.empty((0, 1, 1), np.float32)

    def image(self, request: SequenceRequest, index: int) -> FloatImages:
        """The image of sample `index`, the caller's own."""
        position = index - self._first
        if request != self._request or not 0 <= position < len(self._images):
            count = self._count(request, index)
            self._images = self._made(request, index, count)
            self._request, self._first, position = request, index, 0
        image: FloatImages = self._images[position].copy()
        return image

    def _made(self, request: SequenceRequest, index: int, count: int) -> Any:
        try:
            plan = self._composer.plan(request, index + np.arange(count))
            return self._composer.render(plan).images
        except Exception:
            # A plug-in may fail for a later sample; the one that is asked for is not to suffer.
            if count == 1:
                raise
            return self._made(request, index, 1)

    def _count(self, request: SequenceRequest, index: int) -> int:
        goes_on = request == self._request and index == self._first + len(self._images)
        # imgaug takes a millisecond a picture, made ahead or not.
        if not goes_on or self._composer.transform is not None:
            return 1
        fitting: int = _PIXELS_AHEAD // self._images[0].size
        return max(1, min(2 * len(self._images), _MOST_AHEAD, fitting))


class _InTurn:
    """Sequences in turn: sample i gets number i, beginning again after the last."""

    def __init__(self, sequences: Sequences) -> None:
        self._sequences = sequences

    def __call__(self, rng: Draws) -> Sequences:
        return self._sequences.taken(rng.indices % len(self._sequences))


def _as_sequences(labels: object, count: int) -> Sequences:
    sequences = labels if isinstance(labels, Sequences) else Sequences.checked(labels)
    if len(sequences) != count:
        raise PluginError(
            f"the function for the sequences returned {len(sequences)} of them for a batch of "
            f"{count}; one for each sample, rng.batch_size, works"
        )
    return sequences


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


def _as_canvas(canvas: Canvas, **choices: Any) -> Canvas:
    """The canvas with what was chosen in place of what the configuration says."""
    return replace(canvas, **{name: value for name, value in choices.items() if value is not None})


def _checked_renderer(renderer: object) -> str:
    if renderer not in RENDERERS:
        known = ", ".join(map(repr, RENDERERS))
        raise ArgumentValueError(f"renderer is one of {known}, not {shown(renderer)}")
    return str(renderer)


def _checked_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    try:
        checked = np.dtype(dtype)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"a dtype is float32 or uint8, not {shown(dtype)}") from error
    if checked not in (np.float32, np.uint8):
        raise ArgumentValueError(f"pictures are float32 or uint8, not {checked}")
    return checked


def _checked_indices(name: str, first: object, count: int) -> NDArray[np.int64]:
    if not is_whole_number(first):
        raise ArgumentTypeError(f"{name} is a whole number such as 0, not {shown(first)}")
    if not 0 <= first <= _INDEX_LIMIT - count:
        raise ArgumentValueError(f"{name} lies from 0 to 2**63 - {count}, {shown(first)} does not")
    return np.arange(int(first), int(first) + count, dtype=np.int64)
