"""`ImageSequence` and `DigitSequence`: pictures one at a time, in batches, or without end."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import islice
from os import PathLike
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from image_sequence.ahead import Ahead
from image_sequence.composing.canvas import Canvas
from image_sequence.composing.composer import Composer
from image_sequence.composing.distributions import DISTRIBUTIONS
from image_sequence.composing.pipelines import transform_from
from image_sequence.composing.rendering import RENDERERS
from image_sequence.composing.request import (
    MOST_SEQUENCES,
    WIDEST,
    BatchRequest,
    SequenceRequest,
    Sequences,
    checked_dtype,
    checked_labels,
)
from image_sequence.composing.spacing import SPACINGS, SpacingStrategy, find_spacing
from image_sequence.composing.transforms import Transform
from image_sequence.config import Configuration
from image_sequence.draws import Draws, checked_seed, fresh_seed
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.finding import as_source
from image_sequence.glyphs.hands import Hands, checked_hand
from image_sequence.glyphs.sources import GlyphSource
from image_sequence.glyphs.spelling import Spelling
from image_sequence.glyphs.splitting import Split
from image_sequence.picture import next_number, picture_name, save_picture
from image_sequence.plan import ByteImages, FloatImages, Images, Integers
from image_sequence.presets import preset_configuration
from image_sequence.records import append_record
from image_sequence.sample import Batch, Sample
from image_sequence.turns import DrawnLabels, InTurn
from image_sequence.whole_numbers import is_whole_number

_INDEX_LIMIT = 2**63


class ImageSequence:
    """Makes pictures of sequences of labelled images: letters, digits, anything of one height.

    The glyphs are loaded when the first picture is made. Use one generator a thread.

    A label is a text, one of `classes`, or a whole number, its number in the data set as in
    `labels`. A sequence is a list of labels; a text such as "cab" is one as well, of its
    characters.

    Args:
        source: where the glyphs come from: the name of a known data set ("fashion-mnist"), a folder
            of IDX files or of pictures, an .npz file, a `GlyphBank`, any `GlyphSource`, or None for
            what the configuration says, else the digits that come with the package.
        config_path: a JSON file, or None for the defaults; or a `Configuration`.
        seed: whole number, 0 … 2**64 - 1: the same seed makes the same pictures, call by call; or
            None for a fresh one.
        spacing: a spacing strategy or the name of one, in place of the configuration's type.
        transform: what happens to each glyph, in place of what the configuration says: a function,
            a list of steps such as `[{"affine": {"rotate": [-10, 10]}}]`, the name of a transform,
            or a boolean.
        preset: the name of a configuration that comes with the package, such as "touching"; see
            `PRESETS`. Then there is no `config_path`.
        measure: "cell": gaps are between the glyphs' cells; "ink": between their ink, so that 0
            means touching. This and the next three in place of what the configuration says.
        overlap: whether gaps may be negative.
        layout: how glyphs stand on their line: what a configuration's section "layout" says.
        page: paper and ink, and what happens to whole pictures: what a configuration's section
            "page" says.
        split: "train", "val" or "test": only glyphs, or sequences, of that part of the data set; or
            a `Split`. Else what the configuration says, else the source as it is.
        split_by: what the parts share none of: "glyph" (if it is None), "writer" or "sequence", or
            several of them; see `Split`.
        fractions: how much of the whole train, val and test are; (0.8, 0.1, 0.1) if it is None.
        hand: "mixed": each glyph by anybody; "single": all glyphs of a sequence by one writer,
            drawn among those who have written all its labels.
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
        ArgumentValueError: a seed or a height out of range, an unknown word, or fractions that do
            not add up.
        SourceNotFoundError: the source's folder or one of its files is missing.

    >>> letters = GlyphBank(np.full((2, 9, 5), 200, np.uint8), np.arange(2), names={0: "a", 1: "b"})
    >>> sample = ImageSequence(letters, seed=7).sample("abba", (0, 3), 40, index=0)
    >>> sample.text, sample.labels, sample.image.shape
    ('abba', ('a', 'b', 'b', 'a'), (9, 40))
    """

    def __init__(
        self,
        source: str | PathLike[str] | GlyphBank | GlyphSource | None = None,
        *,
        config_path: str | PathLike[str] | Configuration | None = None,
        seed: int | None = None,
        spacing: str | SpacingStrategy | None = None,
        transform: Transform | Sequence[Any] | str | bool | None = None,
        preset: str | None = None,
        measure: str | None = None,
        overlap: bool | None = None,
        layout: Mapping[str, Any] | None = None,
        page: Mapping[str, Any] | None = None,
        split: str | Split | None = None,
        split_by: str | Iterable[str] | None = None,
        fractions: Sequence[float] | None = None,
        hand: str | None = None,
        fit: str | None = None,
        align: str | None = None,
        image_height: int | None = None,
        resample: str | None = None,
        ink: str | None = None,
        renderer: str = "auto",
    ) -> None:
        own_transform = None if transform is None else transform_from(transform)
        self._configuration = _in_place(
            _configuration(config_path, preset),
            transform=None if callable(transform) else transform,
            measure=measure,
            overlap=overlap,
            layout=layout,
            page=page,
        )
        data = self._configuration.data
        self._seed = fresh_seed() if seed is None else checked_seed(seed)
        self._source = data.source() if source is None else as_source(source)
        self._split = data.split(split, split_by=split_by, fractions=fractions)
        self._hand = checked_hand(data.hand if hand is None else hand)
        self._spacing = _as_spacing(spacing, self._configuration)
        self._transform = (
            self._configuration.glyph_transform() if transform is None else own_transform
        )
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

    def generate_sequence(
        self, labels: Iterable[str | int], spacing_range: Sequence[int], image_width: int
    ) -> Images:
        """A picture of the labels' images side by side.

        Args:
            labels: from left to right: texts such as "cab" or ["cat", "dog"], or whole numbers.
            spacing_range: the smallest and the largest gap in pixels, both included.
            image_width: pixels.

        Returns:
            float32, shape (image height, image_width), 0.0 black ink … 1.0 white paper, or the
            other way round with light ink; in colour (image height, image_width, 3). The height is
            the glyphs', or the image_height asked for. Call number k of a generator gives the image
            of sample k.

        Raises:
            ArgumentTypeError: labels, range or width are not of the kind they should be.
            ArgumentValueError: no labels, one the data set has no image of, a sequence that is held
                out or that no writer has written, a range or width that cannot work; with fixed
                spacing the message names the nearest widths that do.
            NoGapError: one label, and gaps only between.
        """
        return self._generated(self._numbers(labels), spacing_range, image_width)

    def _generated(self, labels: object, spacing_range: object, image_width: object) -> FloatImages:
        request = self._request(labels, spacing_range, image_width)
        image = self._ahead.image(request, self._next_index)
        # The index is used up only by a call that makes a picture.
        self._next_index += 1
        return image

    def sample(
        self,
        labels: Iterable[str | int],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        index: int,
        dtype: DTypeLike = np.float32,
    ) -> Sample:
        """One picture and the truth about it: sample number `index` of the generator's seed.

        It is the same whatever was asked for before, and the same as in any batch.

        Args:
            labels: as for `generate_sequence`.
            spacing_range: the same.
            image_width: the same.
            index: whole number, 0 … 2**63 - 1.
            dtype: float32 for pixels from 0.0 to 1.0, or uint8 for `round(255 * pixel)`.

        Raises:
            As `generate_sequence`; ArgumentTypeError or ArgumentValueError for another index or
            dtype.
        """
        request = self._request(self._numbers(labels), spacing_range, image_width)
        plan = self._composer.plan(request, _checked_indices("an index", index, 1))
        return self._composer.render(plan, checked_dtype(dtype))[0]

    def batch(
        self,
        sequences: Iterable[Iterable[str | int]] | Integers,
        spacing_range: Sequence[int],
        image_width: int,
        *,
        start: int = 0,
        dtype: DTypeLike = np.float32,
    ) -> Batch:
        """A picture of each sequence, and the truth about them.

        `batch(sequences, …, start=s)[k]` is `sample(sequences[k], …, index=s + k)`, bit for bit.

        Args:
            sequences: of one or of mixed lengths, each as for `generate_sequence`; or an array of
                whole numbers, shape (count, longest), its shorter rows filled with -1.
            spacing_range: as for `generate_sequence`.
            image_width: the same.
            start: the index of the first; whole number, at least 0.
            dtype: float32 for pixels from 0.0 to 1.0, or uint8 for `round(255 * pixel)`.

        Raises:
            As `sample`.

        >>> batch = DigitSequence(seed=7).batch([[2, 0], [2, 6, 1]], (0, 9), 96, dtype=np.uint8)
        >>> batch.images.shape, batch.labels.tolist(), batch.lengths.tolist(), batch[1].text
        ((2, 28, 96), [[2, 0, -1], [2, 6, 1]], [2, 3], '261')
        """
        request = BatchRequest.checked(
            self._rows(sequences), spacing_range, image_width, overlap=self._overlap
        )
        indices = _checked_indices("a start", start, len(request.sequences))
        return self._composer.render(self._composer.plan(request, indices), checked_dtype(dtype))

    def stream(
        self,
        sequences: Iterable[Iterable[str | int]] | Integers | Callable[[Draws], ArrayLike],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        batch_size: int = 256,
        start: int = 0,
        stop: int | None = None,
        dtype: DTypeLike = np.float32,
    ) -> Iterator[Batch]:
        """Batches without end, up to sample 2**63 - 1; only the one at hand takes memory.

        Args:
            sequences: as for `batch`: sample i gets number i, beginning again after the last. Or a
                function of `Draws` that returns the labels of a batch: whole numbers, shape
                (batch, longest), shorter rows filled with -1, or as for `batch`. Where sequences
                are held out, only those of the split take part; a function is asked again for the
                others.
            spacing_range: as for `batch`.
            image_width: the same.
            batch_size: how many samples a batch has, at least 1.
            start: the index of the first sample; with it, a stream goes on where one has stopped.
            stop: the index after the last sample, if there is an end; the last batch has the rest.
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
        first = int(_checked_indices("a start", start, size if stop is None else 1)[0])
        last = _INDEX_LIMIT - size + 1 if stop is None else _checked_stop(stop, first)
        turns = self._turns(sequences)
        terms = BatchRequest.checked([[0]], spacing_range, image_width, overlap=self._overlap)
        return self._batches(turns, terms, range(first, last, size), checked_dtype(dtype), stop)

    def batch_at(
        self,
        sequences: Iterable[Iterable[str | int]] | Integers | Callable[[Draws], ArrayLike],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        indices: Integers | Sequence[int],
        dtype: DTypeLike = np.float32,
    ) -> Batch:
        """Some samples of a stream, in any order: what a training set that is shuffled shows.

        Args:
            sequences: as for `stream`.
            spacing_range: as for `batch`.
            image_width: the same.
            indices: the samples' numbers: whole numbers, 0 … 2**63 - 1, one or more of them.
            dtype: as for `batch`.

        Raises:
            As `stream`; ArgumentTypeError or ArgumentValueError for other indices.

        >>> batch = DigitSequence(seed=7).batch_at([[2, 0], [2, 6]], (0, 9), 96, indices=[5, 2])
        >>> batch.texts, batch.indices.tolist()
        (['26', '20'], [5, 2])
        """
        chosen = _checked_numbers(indices)
        terms = BatchRequest.checked([[0]], spacing_range, image_width, overlap=self._overlap)
        request = replace(terms, sequences=self._turns(sequences)(self._seed, chosen))
        return self._composer.render(self._composer.plan(request, chosen), checked_dtype(dtype))

    def with_seed(self, seed: int) -> Self:
        """The same generator under another seed; the glyphs that are loaded are shared.

        Args:
            seed: whole number, 0 … 2**64 - 1.

        Raises:
            ArgumentTypeError, ArgumentValueError: another seed.
        """
        other = copy(self)  # Without what it would make again.
        changed = checked_seed(seed)
        composer = replace(self._composer, seed=changed)
        vars(other).update(_seed=changed, _next_index=0, _composer=composer)
        return other

    def texts(
        self,
        sequences: Iterable[Iterable[str | int]] | Integers | Callable[[Draws], ArrayLike],
        *,
        start: int,
        stop: int,
    ) -> list[str]:
        """What the samples of a stream show, without making their pictures.

        Args:
            sequences: as for `stream`.
            start: the index of the first sample.
            stop: the index after the last one.

        Raises:
            As `stream`.
        """
        first = int(_checked_indices("a start", start, 1)[0])
        indices = np.arange(first, _checked_stop(stop, first))
        drawn = self._turns(sequences)(self._seed, indices)
        rows = zip(drawn.labels.tolist(), drawn.lengths.tolist(), strict=True)
        names = self.class_names
        return ["".join([names[label] for label in row[:length]]) for row, length in rows]

    def labels_at(
        self,
        sequences: Iterable[Iterable[str | int]] | Integers | Callable[[Draws], ArrayLike],
        indices: Integers | Sequence[int],
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The labels of some samples of a stream, without making their pictures.

        Args:
            sequences: as for `stream`.
            indices: as for `batch_at`.

        Returns:
            The labels' numbers, int64, shape (count, longest), shorter rows filled with -1; and how
            many each sample has, int64, shape (count,).

        Raises:
            As `batch_at`.
        """
        drawn = self._turns(sequences)(self._seed, _checked_numbers(indices))
        return drawn.labels, drawn.lengths

    def _request(
        self, labels: object, spacing_range: object, image_width: object
    ) -> SequenceRequest:
        return SequenceRequest.checked(labels, spacing_range, image_width, overlap=self._overlap)

    @property
    def _overlap(self) -> bool:
        return self._configuration.overlap

    def _turns(self, sequences: object) -> DrawnLabels | InTurn:
        if callable(sequences):
            return DrawnLabels(sequences, self._sequences, self._holds)
        checked = self._sequences(sequences)
        return InTurn(checked) if self._split is None else InTurn.of(checked, self._holds)

    def _batches(
        self,
        turns: DrawnLabels | InTurn,
        terms: BatchRequest,
        firsts: range,
        dtype: DTypeLike,
        stop: int | None,
    ) -> Iterator[Batch]:
        for first in firsts:
            count = firsts.step if stop is None else min(firsts.step, stop - first)
            indices = first + np.arange(count)
            request = replace(terms, sequences=turns(self._seed, indices))
            yield self._composer.render(self._composer.plan(request, indices), dtype)

    def _sequences(self, sequences: object) -> Sequences:
        return Sequences.checked(self._rows(sequences))

    def _holds(self, sequences: Sequences) -> NDArray[np.bool_]:
        return self._composer.holds(sequences)

    def save_image(
        self,
        image_out: NDArray[np.floating[Any]] | ByteImages,
        labels: Iterable[str | int],
        save_dir: str | PathLike[str] = "./",
    ) -> str:
        """Write a picture to `seq_<labels>.<output_format>`; a file of that name is replaced.

        Args:
            image_out: floats, shape (height, width) or (height, width, 3), 0.0 black … 1.0 white;
                or uint8, kept as is.
            labels: for the name: as for `generate_sequence`. A name that no file can have is cut,
                or changed, and marked.
            save_dir: the folder; it is made if it is missing.

        Returns:
            The path.

        Raises:
            ArgumentTypeError: the image or the labels are of the wrong kind.
            ArgumentValueError: the image is no picture, or there are no labels.
            OSError: the file cannot be written; nothing stays behind.
        """
        name = picture_name(self._names(labels), self._configuration.output_format)
        path = os.path.join(save_dir, name)  # noqa: PTH118  # a Path would drop the "./"
        save_picture(image_out, Path(path))
        return path

    def save_many(
        self,
        labels: Iterable[str | int],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        count: int,
        save_dir: str | PathLike[str] = "./",
        records: bool = False,
    ) -> Iterator[str]:
        """Make and write `count` pictures, one at a time; no file is replaced.

        The names are `seq_<labels>_<number>.<output_format>`, numbered from 0, or on from the
        largest number of such a name in the folder.

        Args:
            labels: as for `generate_sequence`.
            spacing_range: the same.
            image_width: the same.
            count: how many, at least 1.
            save_dir: the folder; it is made if it is missing.
            records: whether the truth about each picture is added to `metadata.jsonl` in the
                folder: `Sample.to_dict()` and the `file_name`, a line each.

        Yields:
            Each path once its picture is written. Stopping in between keeps what is written.

        Raises:
            ArgumentTypeError: `count` is not a whole number.
            ArgumentValueError: `count` is below 1.
            FileExistsError: somebody else took the next name in the meantime.
            RecordError: the folder's records do not end as they should.
            Otherwise as `generate_sequence` and `save_image`.
        """
        if not is_whole_number(count):
            raise ArgumentTypeError(f"a count is a whole number such as 20, not {shown(count)}")
        if count < 1:
            raise ArgumentValueError(f"{count} pictures cannot be made, 1 or more can")
        numbers = checked_labels(self._numbers(labels))  # An iterator would be used up.
        names = self._names(numbers)
        output_format = self._configuration.output_format
        first = next_number(Path(save_dir), names, output_format)
        for number in range(first, first + count):
            path = Path(save_dir, picture_name(names, output_format, number))
            if records:
                sample = self.sample(numbers, spacing_range, image_width, index=self._next_index)
                self._next_index += 1
                save_picture(sample.image, path, overwrite=False)
                append_record(Path(save_dir), {"file_name": path.name} | sample.to_dict())
            else:
                image = self._generated(numbers, spacing_range, image_width)
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
        """The data set's glyphs: uint8, shape (count, height, width[, 3]), 0 paper … 255 ink."""
        return self._composer.bank.images

    @property
    def labels(self) -> Integers:
        """What the glyphs are: whole numbers, shape (count,)."""
        return self._composer.bank.labels

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that there are images of, as text, in the order of their numbers."""
        return self._spelling.classes

    @property
    def class_names(self) -> dict[int, str]:
        """The same by their numbers, as arrays of labels hold them."""
        bank = self._composer.bank
        return {number: bank.text(number) for number in bank.classes.tolist()}

    @property
    def fingerprint(self) -> str:
        """A name for all glyphs that may be drawn, their labels and writers: 32 hexadecimal digits.

        Two generators with one fingerprint, one seed and the same arguments make the same samples.
        """
        return self._composer.bank.fingerprint()

    def check_lengths(
        self, lengths: Iterable[int], spacing_range: Sequence[int], image_width: int
    ) -> None:
        """Check that sequences of such lengths can stand in a picture.

        Args:
            lengths: how many labels sequences have.
            spacing_range: as for `generate_sequence`.
            image_width: the same.

        Raises:
            As `generate_sequence`; with glyphs of several widths, others may still fail.
        """
        label = next(iter(self.class_names))
        composer = replace(self._composer, split=None, hands=None)
        for length in lengths:
            request = self._request([label] * length, spacing_range, image_width)
            composer.plan(request, [0])

    @cached_property
    def _composer(self) -> Composer:
        bank = self._labelled(_loaded(self._source, self._split))
        return Composer(
            bank=bank,
            spacing=self._spacing,
            edges=self._configuration.edges,
            transform=self._transform,
            seed=self._seed,
            canvas=self._canvas,
            renderer=self._renderer,
            hands=Hands.of(bank) if self._hand == "single" else None,
            split=self._split,
            line=self._configuration.line(),
            measure=self._configuration.measure,
            page=self._configuration.whole_page(),
            overlap=self._overlap,
        )

    @cached_property
    def _spelling(self) -> Spelling:
        return Spelling(self._composer.bank)

    def _labelled(self, bank: GlyphBank) -> GlyphBank:
        """The bank with labels as this class speaks of them."""
        if bank.names is not None:
            return bank
        return bank.renamed({label: str(label) for label in np.unique(bank.labels).tolist()})

    def _numbers(self, labels: object) -> Any:
        """The numbers of a sequence's labels; whether it is one is asked later."""
        return self._spelling.numbers(labels, WIDEST + 1)

    def _names(self, labels: object) -> Sequence[int] | Sequence[str]:
        """What a file is named after."""
        numbers = checked_labels(self._numbers(labels))
        return [self._composer.bank.text(number) for number in numbers]

    def _rows(self, sequences: object) -> Any:
        """The same for many sequences."""
        if isinstance(sequences, np.ndarray) and sequences.dtype.kind in "iu":
            return sequences
        if isinstance(sequences, (str, bytes)) or not isinstance(sequences, Iterable):
            return sequences  # Which is refused, with a reason.
        return [self._numbers(labels) for labels in islice(sequences, MOST_SEQUENCES + 1)]

    @cached_property
    def _ahead(self) -> Ahead:
        return Ahead(self._composer)

    def __getstate__(self) -> dict[str, Any]:
        # A worker loads the glyphs itself.
        made_again = {"_composer", "_ahead", "_spelling"}
        return {name: value for name, value in vars(self).items() if name not in made_again}


class DigitSequence(ImageSequence):
    """Makes pictures of digit sequences: an `ImageSequence` whose labels are whole numbers.

    The glyphs are loaded when the first picture is made. Use one generator a thread.

    Args:
        config_path: a JSON file, or None for the defaults; or a `Configuration`.
        seed: whole number, 0 … 2**64 - 1: the same seed makes the same pictures, call by call; or
            None for a fresh one.
        source: as for `ImageSequence`, or None for the digits that come with the package.
        spacing: a spacing strategy or the name of one, in place of the configuration's type.
        transform: as for `ImageSequence`, as are the next fourteen.
        preset: the name of a configuration.
        measure: "cell" or "ink".
        overlap: whether gaps may be negative.
        layout: how glyphs stand on their line.
        page: paper and ink, and what happens to whole pictures.
        split: "train", "val" or "test", or a `Split`.
        split_by: "glyph", "writer", "sequence" or several of them.
        fractions: how much of the whole train, val and test are.
        hand: "mixed" or "single".
        fit: "resize" or "pad".
        align: "left", "centre", "right" or "drawn".
        image_height: pixels.
        resample: Pillow's name of a resize filter.
        ink: "dark" or "light".
        renderer: "auto", "numpy" or "numba".

    Raises:
        As `ImageSequence`.

    >>> generator = DigitSequence(seed=7)
    >>> image = generator.generate_numbers_sequence([2, 0, 2, 6], (0, 20), 130)
    >>> image.shape, image.dtype
    ((28, 130), dtype('float32'))
    """

    def __init__(
        self,
        config_path: str | PathLike[str] | Configuration | None = None,
        *,
        seed: int | None = None,
        source: str | PathLike[str] | GlyphBank | GlyphSource | None = None,
        spacing: str | SpacingStrategy | None = None,
        transform: Transform | Sequence[Any] | str | bool | None = None,
        preset: str | None = None,
        measure: str | None = None,
        overlap: bool | None = None,
        layout: Mapping[str, Any] | None = None,
        page: Mapping[str, Any] | None = None,
        split: str | Split | None = None,
        split_by: str | Iterable[str] | None = None,
        fractions: Sequence[float] | None = None,
        hand: str | None = None,
        fit: str | None = None,
        align: str | None = None,
        image_height: int | None = None,
        resample: str | None = None,
        ink: str | None = None,
        renderer: str = "auto",
    ) -> None:
        super().__init__(
            source,
            config_path=config_path,
            seed=seed,
            spacing=spacing,
            transform=transform,
            preset=preset,
            measure=measure,
            overlap=overlap,
            layout=layout,
            page=page,
            split=split,
            split_by=split_by,
            fractions=fractions,
            hand=hand,
            fit=fit,
            align=align,
            image_height=image_height,
            resample=resample,
            ink=ink,
            renderer=renderer,
        )

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
        return self._generated(digits, spacing_range, image_width)

    def save_image(
        self,
        image_out: NDArray[np.floating[Any]] | ByteImages,
        digits: Iterable[str | int],
        save_dir: str | PathLike[str] = "./",
    ) -> str:
        """As `ImageSequence.save_image`: the file is `seq_<digits>.<output_format>`."""
        return super().save_image(image_out, digits, save_dir)

    def save_many(
        self,
        digits: Iterable[str | int],
        spacing_range: Sequence[int],
        image_width: int,
        *,
        count: int,
        save_dir: str | PathLike[str] = "./",
        records: bool = False,
    ) -> Iterator[str]:
        """As `ImageSequence.save_many`."""
        return super().save_many(
            digits, spacing_range, image_width, count=count, save_dir=save_dir, records=records
        )

    def _labelled(self, bank: GlyphBank) -> GlyphBank:
        return bank if bank.names is None else bank.renamed(None)

    def _numbers(self, labels: object) -> Any:
        return labels

    def _names(self, labels: object) -> Sequence[int] | Sequence[str]:
        return checked_labels(labels)

    def _rows(self, sequences: object) -> Any:
        return sequences


def _loaded(source: GlyphSource, split: Split | None) -> GlyphBank:
    bank = source.load() if split is None else split.bank(source)
    if not isinstance(bank, GlyphBank):
        raise ArgumentTypeError(f"a source loads a GlyphBank, not {shown(bank)}")
    return bank


def _as_spacing(spacing: object, configuration: Configuration) -> SpacingStrategy:
    if spacing is None:
        return configuration.spacing()
    if isinstance(spacing, str):
        _check_alone(spacing)
        return find_spacing(spacing)
    if callable(spacing):
        return spacing
    raise ArgumentTypeError(
        f"spacing is a name such as 'variable' or a function of (request, rng), "
        f"not {shown(spacing)}"
    )


def _check_alone(spacing: str) -> None:
    if spacing in DISTRIBUTIONS and spacing not in SPACINGS:
        name = DISTRIBUTIONS[spacing].__name__
        raise ArgumentValueError(
            f"the spacing {spacing!r} has parameters that the range cannot tell; pass a {name} of "
            f"image_sequence.composing.distributions, or say it in a configuration"
        )


def _configuration(
    config_path: str | PathLike[str] | Configuration | None, preset: str | None
) -> Configuration:
    if preset is None:
        if isinstance(config_path, Configuration):
            return config_path
        return Configuration() if config_path is None else Configuration.from_file(config_path)
    if config_path is not None:
        raise ArgumentValueError(
            f"a preset is a configuration, and config_path {shown(config_path)} another; use one"
        )
    return preset_configuration(preset)


def _in_place(configuration: Configuration, **choices: Any) -> Configuration:
    """The configuration with what was chosen in place of what it says."""
    chosen = {name: value for name, value in choices.items() if value is not None}
    return replace(configuration, **chosen) if chosen else configuration


def _as_canvas(canvas: Canvas, **choices: Any) -> Canvas:
    """The canvas with what was chosen in place of what the configuration says."""
    return replace(canvas, **{name: value for name, value in choices.items() if value is not None})


def _checked_renderer(renderer: object) -> str:
    if not isinstance(renderer, str) or renderer not in RENDERERS:
        known = ", ".join(map(repr, RENDERERS))
        raise ArgumentValueError(f"renderer is one of {known}, not {shown(renderer)}")
    return renderer


def _checked_stop(stop: object, start: int) -> int:
    if not is_whole_number(stop):
        raise ArgumentTypeError(f"a stop is a whole number such as 1000, not {shown(stop)}")
    if not start <= stop <= _INDEX_LIMIT:
        raise ArgumentValueError(
            f"a stop lies from the start, {start}, to 2**63, {shown(stop)} does not"
        )
    return int(stop)


def _checked_numbers(indices: object) -> NDArray[np.int64]:
    numbers = np.asarray(indices)
    if numbers.ndim != 1 or not numbers.size or numbers.dtype.kind not in "iu":
        raise ArgumentTypeError(
            f"indices are whole numbers in a row such as [5, 2], not {shown(indices)}"
        )
    if not 0 <= int(numbers.min()) <= int(numbers.max()) < _INDEX_LIMIT:
        raise ArgumentValueError(f"indices lie from 0 to 2**63 - 1, {shown(indices)} do not")
    return numbers.astype(np.int64)


def _checked_indices(name: str, first: object, count: int) -> NDArray[np.int64]:
    if not is_whole_number(first):
        raise ArgumentTypeError(f"{name} is a whole number such as 0, not {shown(first)}")
    if not 0 <= first <= _INDEX_LIMIT - count:
        raise ArgumentValueError(f"{name} lies from 0 to 2**63 - {count}, {shown(first)} does not")
    return np.arange(int(first), int(first) + count, dtype=np.int64)
