"""The truth about pictures: boxes, masks, gaps and records describe the final pixels."""

import json
import pickle
from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from image_sequence import Batch, DigitSequence, Draws, GlyphBank, Sample
from image_sequence.composing.resampling import RESAMPLES
from image_sequence.composing.transforms import Transform
from image_sequence.plan import FloatImages
from image_sequence.sample import run_lengths

SCHEMA = Path(__file__).parents[1] / "docs" / "sample.schema.json"
HEIGHT, WIDTH = 9, 7
EMPTY = 4  # The label of glyphs without ink.
MIXED = [[0, 1, 2], [3, 0], [1, 1, 2, 3, 0], [2, 3]]

canvases = st.one_of(
    st.fixed_dictionaries(
        {"image_height": st.none() | st.integers(1, 20), "resample": st.sampled_from(RESAMPLES)},
        optional={"ink": st.just("light")},
    ),
    st.fixed_dictionaries(
        {
            "fit": st.just("pad"),
            "align": st.sampled_from(["left", "centre", "right", "drawn"]),
            "image_height": st.none() | st.integers(HEIGHT, 20),
        },
        optional={"ink": st.just("light")},
    ),
)


@pytest.fixture(scope="module")
def blots() -> GlyphBank:
    """Four blots of each of the labels 0 … 3, black at their rims, and an empty glyph."""
    rng = np.random.default_rng(7)
    images = np.zeros((17, HEIGHT, WIDTH), np.uint8)
    for image in images[:16]:
        left, right = sorted(rng.choice(WIDTH + 1, 2, replace=False))
        top, bottom = sorted(rng.choice(HEIGHT + 1, 2, replace=False))
        image[top:bottom, left:right] = 255
        image[top + 1 : bottom - 1, left + 1 : right - 1] = rng.integers(0, 256)
    return GlyphBank(images, np.append(np.arange(16) % 4, EMPTY), name="blots", split="tests")


def rolled(glyphs: FloatImages, rng: Draws) -> FloatImages:
    """Each glyph moved around by drawn amounts: ink that leaves at one side enters at the other."""
    count = glyphs.shape[1]
    down, across = rng.integers(0, HEIGHT - 1, count), rng.integers(0, WIDTH - 1, count)
    for sample, place in np.ndindex(glyphs.shape[:2]):
        shift = (down[sample, place], across[sample, place])
        glyphs[sample, place] = np.roll(glyphs[sample, place], shift, axis=(0, 1))
    return glyphs


def alone(place: int, transform: Transform | None) -> Transform:
    """The same, and then all glyphs but the one at `place` are made empty."""

    def only(glyphs: FloatImages, rng: Draws) -> FloatImages:
        changed = glyphs if transform is None else transform(glyphs, rng)
        return changed * (np.arange(changed.shape[1]) == place)[:, None, None]

    return only


def bounds(inked: NDArray[np.bool_]) -> list[int]:
    """Left, top, right and bottom of what is true, right and bottom excluded."""
    rows, columns = inked.nonzero()
    return [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]


def inked(batch: Batch, light: bool) -> NDArray[np.bool_]:
    assert batch.images.dtype == np.uint8
    return batch.images != (0 if light else 255)


def variable(bank: GlyphBank | None = None, **settings: Any) -> DigitSequence:
    return DigitSequence(seed=7, source=bank, **settings)


@pytest.mark.parametrize("ink", ["dark", "light"])
@pytest.mark.parametrize("height", [None, 40])
def test_unresized_ink_boxes_are_the_bounds_of_the_ink(ink: str, height: int | None) -> None:
    generator = variable(fit="pad", align="drawn", ink=ink, image_height=height)
    batch = generator.batch([[2, 0, 2, 6], [1, 3], [9, 8, 7]] * 10, (0, 9), 160, dtype=np.uint8)
    pictures = inked(batch, ink == "light")
    for sample, picture in zip(batch, pictures, strict=True):
        for cell, box in zip(sample.boxes.astype(int), sample.ink_boxes, strict=True):
            only = np.zeros_like(picture)
            only[:, cell[0] : cell[2]] = picture[:, cell[0] : cell[2]]
            assert box.tolist() == bounds(only)


def test_a_strip_of_the_pictures_width_has_exact_ink_boxes_too(blots: GlyphBank) -> None:
    batch = variable(blots).batch([[0, 1, 2]] * 20, (3, 3), 3 * WIDTH + 6, dtype=np.uint8)
    for sample, picture in zip(batch, inked(batch, light=False), strict=True):
        for place, box in enumerate(sample.ink_boxes.tolist()):
            left = place * (WIDTH + 3)
            cell = bounds(picture[:, left : left + WIDTH])
            assert box == [left + cell[0], cell[1], left + cell[2], cell[3]]


LOBES = {"nearest": 1, "box": 1, "bilinear": 1, "hamming": 1, "bicubic": 2, "lanczos": 3}


def halves(sample: Sample) -> NDArray[np.float64]:
    """Half a pixel of the strip, in pixels of the picture: across, down, across, down."""
    height, width = sample.image.shape
    strip_width = sample.gaps.sum() + WIDTH * len(sample.labels)
    return np.array([width / strip_width, height / HEIGHT] * 2) / 2


def reach(sample: Sample, lobes: int) -> NDArray[np.float64]:
    """How far from its box's sides ink may show: so many pixels of the picture or of the strip.

    Whichever of the two is the larger; from pixel centre to pixel centre, and the ink's own
    outermost centres are half a strip's pixel within the box.
    """
    half = halves(sample)
    return lobes * np.maximum(1, 2 * half) - half + 1e-3


def inwards(mask: NDArray[np.bool_], box: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far within the box's sides the centres of the mask's outermost pixels lie."""
    left, top, right, bottom = bounds(mask)
    outermost = np.array([left + 0.5, top + 0.5, right - 0.5, bottom - 0.5])
    return (outermost - box) * [1, 1, -1, -1]


@settings(max_examples=60)
@given(
    st.integers(8, 120),
    st.none() | st.integers(1, 25),
    st.sampled_from(RESAMPLES),
    st.sampled_from([None, rolled]),
)
def test_resized_ink_stands_in_its_box_as_far_as_filters_reach(
    blots: GlyphBank,
    image_width: int,
    height: int | None,
    resample: str,
    transform: Transform | None,
) -> None:
    # Bicubic's second lobe is below 0: only where rows and columns are resized does it make ink.
    lobes = 1 if (resample, height) == ("bicubic", None) else LOBES[resample]
    generator = variable(blots, image_height=height, resample=resample, transform=transform)
    for sample in generator.batch(MIXED, (0, 5), image_width):
        for box, mask in zip(sample.ink_boxes, sample.masks, strict=True):
            assert not mask.any() or (inwards(mask, box) > -reach(sample, lobes)).all()


@settings(max_examples=60)
@given(
    st.integers(40, 150),
    st.none() | st.integers(7, 25),
    st.sampled_from(["box", "bilinear", "hamming", "bicubic"]),
)
def test_resized_ink_touches_each_side_of_its_box(
    blots: GlyphBank, image_width: int, height: int | None, resample: str
) -> None:
    generator = variable(blots, image_height=height, resample=resample)
    for sample in generator.batch(MIXED, (0, 5), image_width):
        for box, mask in zip(sample.ink_boxes, sample.masks, strict=True):
            assert (inwards(mask, box) < halves(sample) + 0.501).all()


@settings(max_examples=40)
@given(canvases, st.sampled_from([None, rolled]), st.integers(60, 90))
def test_ink_boxes_lie_in_the_cells_and_cells_in_the_picture(
    blots: GlyphBank, canvas: dict[str, Any], transform: Transform | None, image_width: int
) -> None:
    batch = variable(blots, transform=transform, **canvas).batch(MIXED, (0, 5), image_width)
    for sample in batch:
        height, width = sample.image.shape
        for inner, outer in (
            (sample.ink_boxes, sample.boxes),
            (sample.boxes, np.array([[0, 0, width, height]])),
        ):
            assert (inner[:, :2] >= outer[:, :2] - 1e-4).all()
            assert (inner[:, 2:] <= outer[:, 2:] + 1e-4).all()
        assert (sample.ink_boxes[:, :2] < sample.ink_boxes[:, 2:]).all()
        assert (sample.boxes[1:, 0] >= sample.boxes[:-1, 2] - 1e-4).all()


def test_ink_boxes_follow_ink_that_a_transform_moves(blots: GlyphBank) -> None:
    plain, moved = (
        variable(blots, fit="pad", align="right", transform=transform).batch(
            MIXED * 10, (0, 5), 60, dtype=np.uint8
        )
        for transform in (None, rolled)
    )
    assert (plain.boxes == moved.boxes).all()
    assert not (plain.ink_boxes == moved.ink_boxes).all(axis=(1, 2)).any()
    for sample, picture in zip(moved, inked(moved, light=False), strict=True):
        for cell, box in zip(sample.boxes.astype(int), sample.ink_boxes, strict=True):
            left, top, right, bottom = bounds(picture[:, cell[0] : cell[2]])
            assert box.tolist() == [cell[0] + left, top, cell[0] + right, bottom]


def test_ink_boxes_follow_ink_that_a_transform_takes_away(blots: GlyphBank) -> None:
    batch = variable(blots, transform=alone(1, None)).batch(MIXED, (0, 5), 60)
    there = np.arange(5) == 1
    assert (batch.ink_boxes[:, ~there] == -1).all()
    assert (batch.ink_boxes[:, there] >= 0).all()
    assert not batch.masks[:, ~there].any()


def test_a_glyph_without_ink_has_a_cell_but_no_ink_box(blots: GlyphBank) -> None:
    sample = variable(blots).sample([0, EMPTY, 1], (2, 2), 40, index=3)
    assert sample.ink_boxes[1].tolist() == [-1, -1, -1, -1]
    assert sample.boxes[1].tolist() == np.float32([9 * 1.6, 0, 16 * 1.6, HEIGHT]).tolist()
    assert sample.masks.any(axis=(1, 2)).tolist() == [True, False, True]
    record = sample.to_dict(masks=True)
    assert record["ink_boxes"][1] is None
    assert record["masks"][1] == {"size": [HEIGHT, 40], "counts": [40 * HEIGHT]}


@settings(max_examples=60)
@given(canvases, st.sampled_from([None, rolled]), st.integers(60, 90))
def test_a_mask_is_where_the_picture_of_its_glyph_alone_is_not_paper(
    blots: GlyphBank, canvas: dict[str, Any], transform: Transform | None, image_width: int
) -> None:
    arguments = (MIXED, (0, 5), image_width)
    batch = variable(blots, transform=transform, **canvas).batch(*arguments)
    assert batch.masks.dtype == np.bool_
    assert batch.masks.shape == (4, 5, *batch.images.shape[1:])
    for place in range(5):
        only = variable(blots, transform=alone(place, transform), **canvas)
        picture = inked(only.batch(*arguments, dtype=np.uint8), canvas.get("ink") == "light")
        assert (batch.masks[:, place] == picture).all()


@settings(max_examples=30)
@given(canvases, st.sampled_from([None, rolled]))
def test_masks_of_digits_far_apart_are_all_ink_there_is(
    blots: GlyphBank, canvas: dict[str, Any], transform: Transform | None
) -> None:
    batch = variable(blots, transform=transform, **canvas).batch(
        MIXED, (12, 14), 110, dtype=np.uint8
    )
    assert (batch.masks.any(axis=1) == inked(batch, canvas.get("ink") == "light")).all()
    assert batch.masks.sum(axis=1).max() == 1


def test_masks_share_the_pixels_where_strokes_meet(grey_bank: GlyphBank) -> None:
    sample = variable(grey_bank).sample([2, 0], (0, 0), 75, index=0)
    first, second = sample.masks
    assert (first & second).any(axis=0).nonzero()[0].tolist() == [37]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_masks_of_a_sample_are_the_batchs_without_the_absent(
    blots: GlyphBank, dtype: type[np.generic]
) -> None:
    generator = variable(blots, image_height=12)
    batch = generator.batch(MIXED, (0, 5), 60, dtype=dtype)
    samples = list(batch)  # Their masks are made before the batch's.
    for row, sample in enumerate(samples):
        n = len(MIXED[row])
        assert sample.masks.shape == (n, 12, 60)
        assert (sample.masks == batch.masks[row, :n]).all()
        assert not batch.masks[row, n:].any()
        assert sample.masks is sample.masks


def same_truth(one: Batch | Sample, other: Batch | Sample) -> None:
    for name in ("boxes", "ink_boxes", "fitted_gaps", "glyph_indices", "gaps", "labels", "masks"):
        ours, theirs = np.asarray(getattr(one, name)), np.asarray(getattr(other, name))
        assert ours.dtype == theirs.dtype
        assert ours.shape == theirs.shape
        assert (ours == theirs).all()
    assert (one.source, one.seed) == (other.source, other.seed)


@settings(max_examples=25)
@given(canvases, st.sampled_from([None, rolled]), st.booleans())
def test_a_pickled_batch_and_its_samples_keep_all_they_know(
    blots: GlyphBank, canvas: dict[str, Any], transform: Transform | None, asked_before: bool
) -> None:
    batch = variable(blots, transform=transform, **canvas).batch(MIXED, (0, 5), 60)
    if asked_before:
        assert batch.masks.any()
        assert batch.ink_boxes.any()
    again: Batch = pickle.loads(pickle.dumps(batch))  # noqa: S301  # our own
    assert (again.images == batch.images).all()
    assert (again.indices == batch.indices).all()
    assert (again.lengths == batch.lengths).all()
    for row, sample in enumerate(batch):
        alone_again: Sample = pickle.loads(pickle.dumps(sample))  # noqa: S301  # our own
        assert (alone_again.image == sample.image).all()
        assert alone_again.to_dict(masks=True) == sample.to_dict(masks=True)
        assert again[row].to_dict(masks=True) == sample.to_dict(masks=True)
        same_truth(alone_again, sample)
    same_truth(again, batch)
    # Once more: what is pickled from a pickle is no poorer.
    same_truth(pickle.loads(pickle.dumps(again)), batch)  # noqa: S301  # our own


def test_a_pickle_holds_the_glyphs_it_needs_and_no_data_set() -> None:
    images = np.zeros((60_000, 28, 28), np.uint8)
    images[:, 4:24, 8:20] = 200
    large = GlyphBank(images, np.arange(60_000) % 10)
    generator = variable(large)
    sample = generator.sample(range(10), (0, 20), 390, index=5)
    assert len(pickle.dumps(sample)) < 100_000
    assert sample.masks.any()
    assert len(pickle.dumps(sample)) < 200_000
    many = generator.batch([range(10)] * 100, (0, 20), 390, dtype=np.uint8)
    assert len(pickle.dumps(many[50])) < 100_000
    assert len(pickle.dumps(many)) < many.images.nbytes + 1_000_000


@pytest.mark.parametrize("masks", [False, True])
@pytest.mark.parametrize("labels", [[0, EMPTY, 1], [3]])
def test_a_record_is_plain_json_of_the_documented_form(
    blots: GlyphBank, masks: bool, labels: list[int]
) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    sample = DigitSequence(
        Path(__file__).parents[1] / "api_examples" / "example_config.json",
        seed=2**64 - 1,
        source=blots,
        spacing="variable",
        transform=rolled,
    ).sample(labels, (0, 5), 60, index=12)
    record = sample.to_dict(masks=masks)
    text = sample.to_json(masks=masks)
    assert "\n" not in text
    assert json.loads(text) == record
    assert set(record) == {*schema["required"], *(["masks"] if masks else [])}
    assert set(record) <= set(schema["properties"])
    assert record["schema"] == schema["$id"] == "image-sequence/sample/1"
    assert record["text"] == "".join(map(str, labels))
    assert record["labels"] == labels
    assert (record["width"], record["height"]) == (60, HEIGHT)
    assert record["boxes"] == sample.boxes.tolist()
    assert record["gaps"] == sample.gaps.tolist()
    assert record["fitted_gaps"] == sample.fitted_gaps.tolist()
    assert record["glyph_indices"] == sample.glyph_indices.tolist()
    source = {"name": "blots", "split": "tests", "part": None, "split_by": []}
    assert record["source"] == source
    assert record["glyph_digests"] == list(sample.glyph_digests)
    assert record["writers"] == [None] * len(sample.labels)
    assert record["writer"] is None
    assert (record["seed"], record["index"]) == (2**64 - 1, 12)
    assert len(record["gaps"]) == len(record["fitted_gaps"]) == len(labels) + 1
    assert_plain(record)


def assert_plain(value: object) -> None:
    """Of JSON's own types, not of NumPy's that only look like them."""
    assert type(value) in (dict, list, str, int, float, type(None))
    if isinstance(value, dict):
        assert all(type(key) is str for key in value)
    for inner in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        assert_plain(inner)


def test_the_recorded_seed_and_index_make_the_sample_again(blots: GlyphBank) -> None:
    record = variable(blots).batch(MIXED, (0, 5), 60, start=1_000)[2].to_dict(masks=True)
    again = DigitSequence(seed=record["seed"], source=blots)
    sample = again.sample(record["labels"], (0, 5), record["width"], index=record["index"])
    assert sample.to_dict(masks=True) == record
    assert record["index"] == 1_002


def decoded(lengths: dict[str, list[int]]) -> NDArray[np.bool_]:
    height, width = lengths["size"]
    values = [place % 2 == 1 for place, count in enumerate(lengths["counts"]) for _ in range(count)]
    return np.array(values, np.bool_).reshape(width, height).T


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_run_lengths_are_those_of_the_columns(height: int, width: int, data: st.DataObject) -> None:
    size = height * width
    flat = data.draw(st.lists(st.booleans(), min_size=size, max_size=size))
    lengths = run_lengths(np.array(flat).reshape(width, height).T)
    runs = [(value, len(list(run))) for value, run in groupby(flat)]
    expected = [0] * runs[0][0] + [count for _, count in runs]
    assert lengths == {"size": [height, width], "counts": expected}
    assert decoded(lengths).T.reshape(-1).tolist() == flat


def test_run_lengths_in_a_record_decode_to_the_masks(blots: GlyphBank) -> None:
    sample = variable(blots).sample([0, EMPTY, 1, 2], (0, 5), 60, index=3)
    masks = json.loads(sample.to_json(masks=True))["masks"]
    assert (np.array(list(map(decoded, masks))) == sample.masks).all()


def test_the_text_of_labels_of_several_digits_is_theirs_in_turn() -> None:
    bank = GlyphBank(np.full((3, 4, 4), 9, np.uint8), np.array([10, 3, 127]))
    sample = variable(bank).sample([127, 3, 10], (0, 5), 20, index=0)
    assert sample.text == "127310"
    assert sample.labels == (127, 3, 10)


def test_the_labels_are_those_of_the_glyphs_in_the_source(blots: GlyphBank) -> None:
    batch = variable(blots).batch(MIXED, (0, 5), 60)
    there = batch.labels != -1
    assert (blots.labels[batch.glyph_indices[there]] == batch.labels[there]).all()
    assert (there.sum(axis=1) == batch.lengths).all()
    assert batch.source.name == "blots"


def test_positions_count_from_both_ends(blots: GlyphBank) -> None:
    batch = variable(blots).batch(MIXED, (0, 5), 60, start=10)
    assert len(batch) == 4
    assert [batch[position].index for position in (0, 3, -1, -4)] == [10, 13, 13, 10]
    assert batch[np.int64(1)].labels == (3, 0)
    assert [list(sample.labels) for sample in batch] == MIXED
    assert list(map(len, (sample.boxes for sample in batch))) == [3, 2, 5, 2]


@pytest.mark.parametrize("position", [4, -5, 10**6])
def test_a_position_beyond_the_ends_is_an_index_error(blots: GlyphBank, position: int) -> None:
    batch = variable(blots).batch(MIXED, (0, 5), 60)
    with pytest.raises(IndexError):
        batch[position]


ARRAYS: list[tuple[str, Any, Callable[[int], tuple[int, ...]]]] = [
    ("labels", np.int64, lambda n: (n,)),
    ("glyph_indices", np.int64, lambda n: (n,)),
    ("gaps", np.int64, lambda n: (n + 1,)),
    ("boxes", np.float32, lambda n: (n, 4)),
    ("ink_boxes", np.float32, lambda n: (n, 4)),
    ("fitted_gaps", np.float32, lambda n: (n + 1,)),
]


@pytest.mark.parametrize(("name", "dtype", "shape"), ARRAYS)
def test_arrays_have_their_documented_kinds(
    blots: GlyphBank, name: str, dtype: Any, shape: Callable[[int], tuple[int, ...]]
) -> None:
    batch = variable(blots).batch(MIXED, (0, 5), 60)
    array = getattr(batch, name)
    assert array.dtype == dtype
    assert array.shape == (4, *shape(5))
    for row, sample in enumerate(batch):
        own = np.asarray(getattr(sample, name))
        assert own.shape == shape(len(MIXED[row]))
        assert (array[row, : len(own)] == own).all()
        assert (array[row, len(own) :] == -1).all()
