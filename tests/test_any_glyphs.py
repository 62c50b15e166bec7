"""Any labelled images: the same facts hold for them as for the digits that come with the package.

Every test runs on the bundled digits, MNIST, Fashion-MNIST, folders of pictures of mixed sizes in
grey and in colour, an .npz file, pairs, and a data set of Hugging Face's.
"""

import json
import pickle
import re
from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from hashlib import blake2b
from importlib.util import find_spec
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.stats import chisquare
from shared_data import FASHION, MNIST, needs_fashion, needs_mnist

from image_sequence import Batch, Draws, GlyphBank, Sample
from image_sequence.composing.request import BatchRequest
from image_sequence.composing.spacing import SpacingRequest
from image_sequence.composing.transforms import Transform
from image_sequence.errors import ArgumentValueError
from image_sequence.generator import ImageSequence
from image_sequence.glyphs.finding import as_source
from image_sequence.glyphs.pairs import Pairs
from image_sequence.glyphs.pictures import ImageFolder
from image_sequence.glyphs.sources import GlyphSource, PartedSource
from image_sequence.glyphs.splitting import PARTS
from image_sequence.plan import FloatImages

Levels = NDArray[np.uint8]
Pictures = list[tuple[str, Levels]]

SCHEMA = json.loads(
    (Path(__file__).parents[1] / "docs" / "sample.schema.json").read_text(encoding="utf-8")
)
CLASS_SIZES = {"7": 23, "cat": 40, "あ": 12}
TALLEST, WIDEST = 16, 14
RANGE, WIDTH = (0, 9), 131
PAD_WIDTH = 4 * 28 + 5 * 9  # Four of the widest glyphs and all gaps there can be.
DTYPES = (np.float32, np.uint8)


# Sources.


class Remembered:
    """A source that is loaded once, because the larger ones take a while.

    Attributes:
        given: what a user would hand over.
        pictures: the pictures it was made of, in the order of the data set; none of real data.
        way: how their sizes were made one.
    """

    def __init__(self, given: Any, pictures: Pictures | None = None, way: str = "resize") -> None:
        self.given, self.pictures, self.way = given, pictures, way
        self.part = cache(self._part)

    @cached_property
    def _source(self) -> GlyphSource:
        return as_source(self.given)

    @cached_property
    def bank(self) -> GlyphBank:
        return self._source.load()

    def load(self) -> GlyphBank:
        return self.bank

    def _part(self, name: str, /) -> "Remembered | None":
        part = self._source.part(name) if isinstance(self._source, PartedSource) else None
        return None if part is None else Remembered(part)

    @cached_property
    def parts(self) -> dict[str, ImageSequence]:
        return {part: generator_of(self, split=part) for part in PARTS}


def made_pictures(*, colour: bool) -> Pictures:
    """Dark noise on white paper, of mixed sizes; it reaches the rims, and some has one colour."""
    rng = np.random.default_rng(7)
    labels = [label for label, count in CLASS_SIZES.items() for _ in range(count)]
    pictures = []
    for number, label in enumerate(labels):
        height, width = rng.integers([9, 6], [TALLEST + 1, WIDEST + 1])
        levels = np.full((height, width, 3) if colour else (height, width), 255, np.uint8)
        inner = levels[1:-2, 1:] if number % 3 else levels[3:, :-2]
        inner[...] = rng.integers(0, 256, inner.shape)
        inner[rng.random(inner.shape) < 0.3] = 255
        if number % 4 == 0:
            levels[-1] = 254  # The faintest ink there is, below all other.
        if colour and number % 5 == 0:
            levels[..., 1:] = 255
        pictures.append((label, levels))
    return pictures


def folder_source(path: Path, *, colour: bool, way: str) -> Remembered:
    pictures = made_pictures(colour=colour)
    for number, (label, levels) in enumerate(pictures):
        (path / label).mkdir(exist_ok=True)
        Image.fromarray(levels).save(path / label / f"{number:03}.png")
    return Remembered(ImageFolder(path, unify=way), pictures, way)


def npz_source(path: Path) -> Remembered:
    """Pictures of one height and their widths, divided into a half to train on and one to test."""
    pictures = made_pictures(colour=False)
    stack = np.full((len(pictures), TALLEST, WIDEST), 255, np.uint8)
    for image, (_, levels) in zip(stack, pictures, strict=True):
        image[: levels.shape[0], : levels.shape[1]] = levels
    widths = np.array([levels.shape[1] for _, levels in pictures])
    labels = np.array([label for label, _ in pictures])
    is_test = np.arange(len(stack)) % 4 == 0
    halves = {
        f"{half}_{name}": values[rows]
        for half, rows in (("train", ~is_test), ("test", is_test))
        for name, values in (("images", stack), ("labels", labels), ("widths", widths))
    }
    np.savez(path / "made.npz", **halves)
    of_train = np.flatnonzero(~is_test).tolist()
    kept = [(pictures[row][0], stack[row, :, : widths[row]]) for row in of_train]
    return Remembered(path / "made.npz", kept)


def pairs_source(path: Path) -> Remembered:
    pictures = made_pictures(colour=False)
    pairs = [(Image.fromarray(levels), label) for label, levels in pictures]
    return Remembered(Pairs(pairs, unify="pad"), pictures, "pad")


def huggingface_source(path: Path) -> Remembered:
    pictures = made_pictures(colour=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HF_HUB_OFFLINE", "1")
        datasets = pytest.importorskip("datasets", reason="needs the extra huggingface")
    datasets.disable_progress_bars()
    names = datasets.ClassLabel(names=list(CLASS_SIZES))
    columns = {
        "image": [Image.fromarray(levels) for _, levels in pictures],
        "label": [names.str2int(label) for label, _ in pictures],
    }
    features = datasets.Features(image=datasets.Image(), label=names)
    datasets.Dataset.from_dict(columns, features=features).save_to_disk(path)
    return Remembered(path, pictures)


MAKERS: Mapping[str, Callable[[Path], Remembered]] = {
    "bundled": lambda path: Remembered(None),
    "mnist": lambda path: Remembered(MNIST),
    "fashion": lambda path: Remembered(FASHION),
    "fashion-by-name": lambda path: Remembered("fashion-mnist"),
    "grey-resized": partial(folder_source, colour=False, way="resize"),
    "grey-padded": partial(folder_source, colour=False, way="pad"),
    "colour-resized": partial(folder_source, colour=True, way="resize"),
    "colour-padded": partial(folder_source, colour=True, way="pad"),
    "npz": npz_source,
    "pairs": pairs_source,
    "huggingface": huggingface_source,
}
MARKS = {"mnist": needs_mnist, "fashion": needs_fashion, "fashion-by-name": needs_fashion}


def params(*names: str) -> list[Any]:
    return [pytest.param(name, marks=MARKS.get(name, ())) for name in names]


REAL = ("bundled", "mnist", "fashion", "fashion-by-name")
only_made = pytest.mark.parametrize(
    "source", params(*[name for name in MAKERS if name not in REAL]), indirect=True
)
only_parted = pytest.mark.parametrize(
    "source", params("mnist", "fashion", "fashion-by-name", "npz"), indirect=True
)
only_paths = pytest.mark.parametrize(
    "source", params(*[name for name in MAKERS if name != "pairs"]), indirect=True
)


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Remembered]:
    """Whatever order tests come in, each source is made once."""
    return cache(lambda name: MAKERS[name](tmp_path_factory.mktemp(name)))


@pytest.fixture(params=params(*MAKERS))
def source(request: pytest.FixtureRequest, sources: Callable[[str], Remembered]) -> Remembered:
    return sources(request.param)


@pytest.fixture(scope="session")
def edges(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with gaps at the edges too."""
    return configuration(tmp_path_factory.mktemp("edges"), transform=False)


def configuration(folder: Path, *, transform: bool) -> Path:
    settings = {
        "image": {"transform": transform},
        "spacing": {"type": "variable", "subtype": "edge"},
        "output_format": "png",
    }
    path = folder / "config.json"
    path.write_text(json.dumps(settings), encoding="utf-8")
    return path


# What tests ask for, and what they compare it with.


def generator_of(source: Remembered | GlyphBank, **settings: Any) -> ImageSequence:
    # Left to choose, the renderer would compile in whichever test draws the most.
    return ImageSequence(source, **({"seed": 7, "renderer": "numpy"} | settings))


def rows_of(generator: ImageSequence, count: int = 9) -> list[list[str]]:
    """Sequences of two to four labels."""
    rng = np.random.default_rng(3)
    return [rng.choice(generator.classes, 2 + row % 3).tolist() for row in range(count)]


def batch_of(source: Remembered, dtype: Any = np.uint8, **settings: Any) -> Batch:
    generator = generator_of(source, **settings)
    width = PAD_WIDTH if settings.get("fit") == "pad" else WIDTH
    return generator.batch(rows_of(generator), RANGE, width, dtype=dtype)


def assert_same(one: Sample, other: Sample) -> None:
    np.testing.assert_array_equal(one.image, other.image, strict=True)
    assert one.to_dict(masks=True) == other.to_dict(masks=True)


def own_pixels(bank: GlyphBank, glyph: int) -> Levels:
    """The ink of a glyph, without what lies right of its width."""
    return (
        bank.images[glyph] if bank.widths is None else bank.images[glyph, :, : bank.widths[glyph]]
    )


def strip_by_hand(bank: GlyphBank, sample: Sample) -> Levels:
    """The ink of a sample before any resize: gap, glyph, gap, …"""
    height, colours = bank.height, bank.images.shape[3:]
    gaps = [np.zeros((height, gap, *colours), np.uint8) for gap in sample.gaps.tolist()]
    parts = [gaps[0]]
    for glyph, gap in zip(sample.glyph_indices.tolist(), gaps[1:], strict=True):
        parts += [own_pixels(bank, glyph), gap]
    return np.concatenate(parts, axis=1)


def resized_by_hand(strip: Levels, width: int) -> FloatImages:
    """By Pillow, channel by channel, from float paper."""
    paper = np.float32(1) - np.atleast_3d(strip) / np.float32(255)
    size = (width, len(strip))
    channels = [
        Image.fromarray(np.ascontiguousarray(channel)).resize(size, Image.Resampling.BICUBIC)
        for channel in np.moveaxis(paper, 2, 0)
    ]
    return np.clip(np.stack(channels, axis=2), 0, 1).reshape(len(strip), width, *strip.shape[2:])


def crops(sample: Sample) -> list[Levels]:
    """The whole pixels of each box."""
    assert (sample.boxes == sample.boxes.astype(int)).all()
    boxes = sample.boxes.astype(int).tolist()
    return [sample.image[top:bottom, left:right] for left, top, right, bottom in boxes]


def inked(levels: Levels) -> NDArray[np.bool_]:
    differs: NDArray[np.bool_] = levels != 255
    return differs if levels.ndim == 2 else differs.any(axis=2)


def bounds(mask: NDArray[np.bool_]) -> list[int]:
    """Left, top, right and bottom of what is true, right and bottom excluded."""
    if not mask.any():
        return [-1, -1, -1, -1]
    rows, columns = mask.nonzero()
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def name_of(ink: Levels) -> str:
    """What `GlyphBank.digests` says it is."""
    content = np.array(ink.shape, "<u4").tobytes() + ink.tobytes()
    return blake2b(content, digest_size=8).hexdigest()


# Glyphs.


@only_made
def test_glyphs_are_the_pictures_inverted_and_of_one_height(source: Remembered) -> None:
    bank = source.bank
    assert source.pictures is not None
    assert [bank.text(label) for label in bank.labels.tolist()] == [x for x, _ in source.pictures]
    for glyph, (_, levels) in enumerate(source.pictures):
        height, width = levels.shape[:2]
        if source.way == "pad":
            above = (TALLEST - height) // 2
            around = [(above, TALLEST - height - above), (0, 0), (0, 0)][: levels.ndim]
            expected = np.pad(levels, around, constant_values=255)
        else:
            size = ((2 * width * TALLEST + height) // (2 * height), TALLEST)
            picture = Image.fromarray(levels).resize(size, Image.Resampling.BICUBIC)
            expected = np.asarray(picture)
        np.testing.assert_array_equal(own_pixels(bank, glyph), 255 - expected)


def test_what_is_drawn_has_the_labels_asked_for(source: Remembered) -> None:
    bank, batch = source.bank, batch_of(source)
    asked = rows_of(generator_of(source))
    for sample, labels in zip(batch, asked, strict=True):
        assert [bank.text(number) for number in bank.labels[sample.glyph_indices]] == labels
        assert sample.labels == tuple(labels)
        assert sample.text == "".join(labels)
    assert batch.texts == ["".join(labels) for labels in asked]


def test_a_label_that_is_none_is_refused_with_those_there_are(source: Remembered) -> None:
    generator = generator_of(source)
    some = ", ".join(map(repr, generator.classes))
    with pytest.raises(ArgumentValueError, match=re.escape(f"no label 'ない'; it has {some}")):
        generator.sample([generator.classes[0], "ない"], RANGE, WIDTH, index=0)


def test_instances_are_drawn_evenly_from_classes_of_any_size(source: Remembered) -> None:
    whole = source.bank
    positions = np.arange(len(whole.labels))
    kept = np.flatnonzero((whole.labels != whole.labels[0]) | (positions % 3 == 0))
    uneven = whole.restricted(kept, "uneven")
    asked = np.random.default_rng(5).choice(uneven.classes, (50_000, 4))
    request = BatchRequest.checked(asked, RANGE, WIDTH)
    drawn = generator_of(uneven)._composer.plan(request, range(50_000)).glyph_indices
    assert (whole.labels[drawn] == asked).all()
    instances, draws = np.bincount(whole.labels[kept]), np.bincount(asked.ravel())
    assert len(set(instances[uneven.classes])) > 1
    observed = np.bincount(drawn.ravel(), minlength=len(positions))
    assert observed.sum() == observed[kept].sum()
    expected = (draws / np.maximum(instances, 1))[whole.labels[kept]]
    degrees = len(uneven.classes) - 1
    assert chisquare(observed[kept], expected, ddof=degrees).pvalue > 0.001


# Pictures.


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("fit", ["resize", "pad"])
def test_a_batch_is_its_samples_bit_for_bit(source: Remembered, fit: str, dtype: Any) -> None:
    generator = generator_of(source, fit=fit)
    rows = rows_of(generator)
    batch = generator.batch(rows, RANGE, PAD_WIDTH, start=5, dtype=dtype)
    assert batch.images.dtype == dtype
    for k, labels in enumerate(rows):
        sample = generator.sample(labels, RANGE, PAD_WIDTH, index=5 + k, dtype=dtype)
        assert_same(batch[k], sample)


def test_bytes_are_the_rounded_floats_and_these_lie_from_0_to_1(source: Remembered) -> None:
    floats, levels = (batch_of(source, dtype).images for dtype in DTYPES)
    assert 0 <= floats.min() < floats.max() <= 1
    assert (levels == np.rint(255 * floats)).all()


def test_resized_pictures_are_those_composed_by_hand(source: Remembered, edges: Path) -> None:
    for sample in batch_of(source, np.float32, config_path=edges):
        expected = resized_by_hand(strip_by_hand(source.bank, sample), WIDTH)
        np.testing.assert_allclose(sample.image, expected, rtol=0, atol=1 / 255 + 1e-6)


@pytest.mark.parametrize("dtype", DTYPES)
def test_padded_pictures_are_exactly_those_composed_by_hand(
    source: Remembered, edges: Path, dtype: Any
) -> None:
    for sample in batch_of(source, dtype, config_path=edges, fit="pad"):
        strip = strip_by_hand(source.bank, sample)
        expected = np.full((len(strip), PAD_WIDTH, *strip.shape[2:]), 255, np.uint8)
        expected[:, : strip.shape[1]] -= strip
        if dtype == np.float32:
            expected = expected / np.float32(255)
        np.testing.assert_array_equal(sample.image, expected, strict=True)


def test_the_seed_alone_decides(source: Remembered) -> None:
    ours, again, other = (batch_of(source, seed=seed) for seed in (7, 7, 8))
    assert ours.images.tobytes() == again.images.tobytes()
    assert ours.images.tobytes() != other.images.tobytes()


@pytest.mark.skipif(not find_spec("numba"), reason="no numba")
@pytest.mark.parametrize(("fit", "dtype"), [("resize", np.float32), ("pad", np.uint8)])
def test_both_renderers_make_the_same_pixels(source: Remembered, fit: str, dtype: Any) -> None:
    one, other = (batch_of(source, dtype, fit=fit, renderer=name) for name in ("numpy", "numba"))
    np.testing.assert_array_equal(one.images, other.images, strict=True)
    np.testing.assert_array_equal(one.masks, other.masks)


def test_a_saved_picture_is_read_back_as_its_bytes(source: Remembered, tmp_path: Path) -> None:
    generator = generator_of(source)
    labels = rows_of(generator)[2]
    floats, levels = (
        generator.sample(labels, RANGE, WIDTH, index=3, dtype=dtype).image for dtype in DTYPES
    )
    path = generator.save_image(floats, labels, tmp_path)
    with Image.open(path) as saved:
        assert saved.mode == ("L" if source.bank.images.ndim == 3 else "RGB")
        np.testing.assert_array_equal(np.asarray(saved), levels, strict=True)


# The truth.


def test_padded_boxes_hold_the_glyphs_that_the_plan_names(source: Remembered, edges: Path) -> None:
    for sample in batch_of(source, config_path=edges, fit="pad", align="drawn"):
        for glyph, crop in zip(sample.glyph_indices.tolist(), crops(sample), strict=True):
            np.testing.assert_array_equal(crop, 255 - own_pixels(source.bank, glyph))


def test_digests_name_the_pixels_that_the_picture_shows(source: Remembered) -> None:
    for sample in batch_of(source, fit="pad"):
        assert sample.glyph_digests == tuple(name_of(255 - crop) for crop in crops(sample))


def test_resized_boxes_are_where_the_resize_moves_cells_and_ink(
    source: Remembered, edges: Path
) -> None:
    for sample in batch_of(source, config_path=edges):
        glyphs = [own_pixels(source.bank, glyph) for glyph in sample.glyph_indices.tolist()]
        widths = np.array([glyph.shape[1] for glyph in glyphs])
        lefts = np.cumsum(sample.gaps[:-1]) + np.cumsum(widths) - widths
        cells = np.array([[0, 0, width, source.bank.height] for width in widths])
        ink = np.array([bounds(inked(255 - glyph)) for glyph in glyphs])
        scale = np.array([WIDTH / (widths.sum() + sample.gaps.sum()), 1])
        for boxes, extents in ((sample.boxes, cells), (sample.ink_boxes, ink)):
            moved = extents.reshape(-1, 2, 2) + np.stack([lefts, 0 * lefts], axis=1)[:, None]
            np.testing.assert_allclose(boxes, (moved * scale).reshape(-1, 4), rtol=1e-6)


def test_padded_ink_boxes_are_the_bounds_of_the_ink_in_the_boxes(source: Remembered) -> None:
    for sample in batch_of(source, fit="pad", align="drawn"):
        for place, crop in enumerate(crops(sample)):
            left, top = sample.boxes[place, :2]
            expected = bounds(inked(crop)) + np.array([left, top, left, top])
            assert sample.ink_boxes[place].tolist() == expected.tolist()


def test_padded_masks_are_the_ink_in_the_boxes(source: Remembered) -> None:
    for sample in batch_of(source, fit="pad", align="drawn"):
        assert sample.masks.shape == (len(sample.labels), *sample.image.shape[:2])
        for mask, box, crop in zip(sample.masks, sample.boxes, crops(sample), strict=True):
            left, top, right, bottom = box.astype(int)
            expected = np.zeros_like(mask)
            expected[top:bottom, left:right] = inked(crop)
            np.testing.assert_array_equal(mask, expected)


def only(place: int) -> Transform:
    """All glyphs but the one at `place` are made empty."""

    def alone(glyphs: FloatImages, rng: Draws) -> FloatImages:
        here = np.arange(glyphs.shape[1]) == place
        return glyphs * here.reshape(-1, *[1] * (glyphs.ndim - 2))

    return alone


def test_resized_masks_are_where_a_glyph_alone_is_not_paper(source: Remembered) -> None:
    batch = batch_of(source)
    for place in (0, 1):
        alone = batch_of(source, transform=only(place))
        for mask, picture in zip(batch.masks[:, place], alone.images, strict=True):
            np.testing.assert_array_equal(mask, inked(picture))


def test_the_record_is_json_of_the_published_form(source: Remembered) -> None:
    sample = batch_of(source)[2]
    record = json.loads(sample.to_json(masks=True))
    jsonschema.validate(record, SCHEMA)
    jsonschema.validate(json.loads(sample.to_json()), SCHEMA)
    assert record["labels"] == list(sample.labels)
    assert record["text"] == sample.text
    assert record["glyph_indices"] == sample.glyph_indices.tolist()


# Separate streams.


def widest(request: SpacingRequest, rng: Draws) -> NDArray[np.int64]:
    return np.full((rng.batch_size, request.glyph_count + 1), request.maximum)


def test_another_spacing_keeps_the_glyphs(source: Remembered, edges: Path) -> None:
    plain = batch_of(source)
    for settings in ({"config_path": edges}, {"spacing": widest}):
        other = batch_of(source, **settings)
        assert (other.glyph_indices == plain.glyph_indices).all()
        assert (other.gaps != plain.gaps).any()


def fainter(glyphs: FloatImages, rng: Draws) -> FloatImages:
    return glyphs * np.float32(0.5)


def test_a_transform_keeps_glyphs_and_spacing(source: Remembered) -> None:
    plain, changed = (batch_of(source, fit="pad", transform=way) for way in (None, fainter))
    assert (changed.glyph_indices == plain.glyph_indices).all()
    assert (changed.gaps == plain.gaps).all()
    assert (changed.boxes == plain.boxes).all()
    half = 255 - (255 - plain.images.astype(float)) / 2
    assert (np.abs(changed.images - half) <= 0.5).all()


def test_the_classic_transform_stays_from_0_to_1(source: Remembered, tmp_path: Path) -> None:
    path = configuration(tmp_path, transform=True)
    changed = batch_of(source, np.float32, config_path=path)
    assert 0 <= changed.images.min() < changed.images.max() <= 1
    plain = batch_of(source, np.float32)
    assert (changed.glyph_indices == plain.glyph_indices).all()
    assert (changed.images != plain.images).any()


# Splits.


def test_parts_share_no_glyph(source: Remembered) -> None:
    held = []
    for generator in source.parts.values():
        bank = generator._composer.bank
        held.append({own_pixels(bank, glyph).tobytes() for glyph in bank.drawable.tolist()})
    for one, other in combinations(held, 2):
        assert one
        assert not one & other


def test_parts_show_their_own_glyphs_under_the_numbers_of_the_whole(source: Remembered) -> None:
    shown = []
    for part, generator in source.parts.items():
        counted_in = (source.part(part) or source).bank
        batch = generator.batch(rows_of(generator, 60), RANGE, WIDTH)
        drawn = np.unique(batch.glyph_indices)[1:]  # The first is -1, of the shorter rows.
        assert np.isin(drawn, generator._composer.bank.drawable).all()
        assert generator.classes == generator_of(source).classes
        shown.append({digest for sample in batch for digest in sample.glyph_digests})
        assert shown[-1] == set(counted_in.digests(drawn))
        assert batch.source.part == part
        assert batch.source.split == counted_in.split
    for one, other in combinations(shown, 2):
        assert not one & other


@only_parted
def test_a_half_of_its_own_to_test_on_is_kept_whole(source: Remembered) -> None:
    own, generator = source.part("test"), source.parts["test"]
    assert own is not None
    np.testing.assert_array_equal(generator.images, own.bank.images)
    np.testing.assert_array_equal(generator.labels, own.bank.labels)
    assert sorted(generator._composer.bank.drawable) == list(range(len(own.bank.labels)))


# Going on, and going elsewhere.


def test_a_stream_goes_on_where_it_is_told_to_start(source: Remembered) -> None:
    generator = generator_of(source)
    rows = rows_of(generator)
    whole = generator.batch(rows * 2, RANGE, WIDTH)
    stream = generator.stream(rows, RANGE, WIDTH, batch_size=4, start=3)
    for first in (3, 7, 11):
        for k, sample in enumerate(next(stream)):
            assert_same(sample, whole[first + k])


@only_paths
def test_a_generator_pickles_without_its_glyphs(source: Remembered) -> None:
    generator = ImageSequence(source.given, seed=7)
    labels = rows_of(generator)[1]
    ours = generator.sample(labels, RANGE, WIDTH, index=4)
    pickled = pickle.dumps(generator)
    assert len(pickled) < 1_000_000
    again = pickle.loads(pickled)  # noqa: S301  # our own
    assert_same(ours, again.sample(labels, RANGE, WIDTH, index=4))
