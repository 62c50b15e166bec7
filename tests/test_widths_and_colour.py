"""Glyphs of differing widths and in colour: the same pictures as by hand, and the same truth."""

import io
import pickle
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from image_sequence import Batch, Draws, GlyphBank
from image_sequence.composing import blocks, compiled
from image_sequence.composing.canvas import Canvas, placed_cells
from image_sequence.composing.composer import Composer
from image_sequence.composing.drawing import FULL_SUM, Drawing
from image_sequence.composing.imgaug_adapter import ImgaugTransform
from image_sequence.composing.request import WIDEST, BatchRequest, SequenceRequest, Sequences
from image_sequence.composing.resampling import (
    RESAMPLES,
    WEIGHT_SUM,
    resize_rows,
    resize_weights,
)
from image_sequence.composing.spacing import Spacing, SpacingRequest, fixed, variable
from image_sequence.composing.transforms import PerSample, Transform, classic, stretched
from image_sequence.errors import ArgumentValueError, PluginError
from image_sequence.picture import save_picture, to_bytes
from image_sequence.plan import ABSENT, FloatImages

HEIGHT, WIDEST_GLYPH, COUNT = 20, 40, 20
MIXED = [[0, 1, 2], [3, 9], [9, 1, 2, 3, 0], [7], [4, 5, 6, 7, 8]]
RENDERERS = (
    "numpy",
    pytest.param("numba", marks=pytest.mark.skipif(not find_spec("numba"), reason="no numba")),
)
DTYPES = (np.float32, np.uint8)


def narrow(images: NDArray[Any], widths: NDArray[Any]) -> NDArray[Any]:
    """The same with 0 to the right of the widths."""
    for image, width in zip(images, widths, strict=True):
        image[:, width:] = 0
    return images


@pytest.fixture(scope="module")
def flat() -> GlyphBank:
    """Twenty flat glyphs, 1 … 39 pixels wide: glyph i has ink 10 * (i + 1) and the label i % 10."""
    inks = 10 * np.arange(1, COUNT + 1, dtype=np.uint8)
    widths = 2 * np.arange(COUNT) + 1
    images = np.broadcast_to(inks[:, None, None], (COUNT, HEIGHT, WIDEST_GLYPH)).copy()
    return GlyphBank(narrow(images, widths), np.arange(COUNT) % 10, "flat", widths=widths)


def bank_of(colour: bool, size: tuple[int, int] = (HEIGHT, WIDEST_GLYPH)) -> GlyphBank:
    """Noise up to each glyph's rims, some of it in one colour only; label 9 has a narrow glyph."""
    rng = np.random.default_rng(7)
    shape = (COUNT, *size, *((3,) if colour else ()))
    images = rng.integers(0, 256, shape, np.uint8)
    images[rng.random(shape) < 0.4] = 0
    images[::3, : size[0] // 3] = 0
    if colour:
        images[5, ..., 1:] = 0
    widths = rng.integers(1, size[1] + 1, COUNT)
    widths[9::10], widths[0] = 1, size[1]
    return GlyphBank(narrow(images, widths), np.arange(COUNT) % 10, "noise", widths=widths)


BANKS = {colour: bank_of(colour) for colour in (False, True)}
SMALL = {colour: bank_of(colour, size=(5, 3)) for colour in (False, True)}


@pytest.fixture(scope="module")
def grey() -> GlyphBank:
    return BANKS[False]


@pytest.fixture(scope="module")
def coloured() -> GlyphBank:
    return BANKS[True]


def composer(bank: GlyphBank, renderer: str = "numpy", **details: Any) -> Composer:
    canvas = Canvas(**{name: details.pop(name) for name in CANVAS if name in details})
    usual = {"spacing": variable, "edges": True, "transform": None, "seed": 7}
    return Composer(bank, canvas=canvas, renderer=renderer, **(usual | details))


CANVAS = ("fit", "align", "image_height", "resample", "ink")
canvases = st.one_of(
    st.fixed_dictionaries(
        {"image_height": st.none() | st.integers(1, 30), "resample": st.sampled_from(RESAMPLES)},
        optional={"ink": st.just("light")},
    ),
    st.fixed_dictionaries(
        {
            "fit": st.just("pad"),
            "align": st.sampled_from(["left", "centre", "right", "drawn"]),
            "image_height": st.none() | st.integers(HEIGHT, 30),
        },
        optional={"ink": st.just("light")},
    ),
)
seeds = st.integers(0, 2**32)


def batch_of(subject: Composer, image_width: int, dtype: Any = np.uint8, **more: Any) -> Batch:
    rows, maximum = more.get("rows", MIXED), more.get("maximum", 9)
    request = BatchRequest(Sequences.of(rows), more.get("minimum", 0), maximum, image_width)
    return subject.render(subject.plan(request, range(len(rows))), dtype)


def width_for(canvas: dict[str, Any], width: int) -> int:
    """Wide enough for five of the widest glyphs and gaps of 9, where nothing is resized."""
    return 5 * WIDEST_GLYPH + 6 * 9 + width if canvas.get("fit") == "pad" else width


# The definition: concatenate, pad, resize.


def strip_by_hand(bank: GlyphBank, batch: Batch, row: int) -> NDArray[np.uint8]:
    """The ink of one sample before any resize."""
    colours = bank.images.shape[3:]
    parts = []
    for place in range(int(batch.lengths[row])):
        glyph = int(batch.glyph_indices[row, place])
        assert bank.widths is not None
        parts.append(np.zeros((bank.height, int(batch.gaps[row, place]), *colours), np.uint8))
        parts.append(bank.images[glyph, :, : bank.widths[glyph]])
    last = int(batch.gaps[row, batch.lengths[row]])
    return np.concatenate([*parts, np.zeros((bank.height, last, *colours), np.uint8)], axis=1)


def by_hand(
    bank: GlyphBank, batch: Batch, row: int, canvas: dict[str, Any], dtype: Any
) -> NDArray[Any]:
    strip = strip_by_hand(bank, batch, row)
    width = batch.plan.image_width
    height = canvas.get("image_height") or bank.height
    resample = canvas.get("resample", "bicubic")
    if canvas.get("fit") == "pad":
        offset, top = int(batch.plan.offsets[row]), (height - bank.height) // 2
        paper = np.zeros((height, width, *strip.shape[2:]), np.uint8)
        paper[top : top + bank.height, offset : offset + strip.shape[1]] = strip
        strip = paper
    elif height != bank.height:
        strip = resize_rows(strip[None], height, resample)[0]
    weights = resize_weights(strip.shape[1], width, resample)
    matrix = np.zeros((width, strip.shape[1] + weights.weights.shape[1]), np.int64)
    columns = weights.first[:, None] + np.arange(weights.weights.shape[1])
    matrix[np.arange(width)[:, None], columns] = weights.weights
    sums = np.moveaxis(
        np.tensordot(matrix[:, : strip.shape[1]], strip.astype(np.int64), (1, 1)), 0, 1
    )
    sums = np.clip(sums if canvas.get("ink") == "light" else FULL_SUM - sums, 0, FULL_SUM)
    if dtype == np.uint8:
        return ((2 * sums + WEIGHT_SUM) // (2 * WEIGHT_SUM)).astype(np.uint8)
    return sums.astype(np.float32) / np.float32(FULL_SUM)


# Pictures.


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("renderer", RENDERERS)
@settings(max_examples=40)
@given(canvas=canvases, width=st.integers(1, 300), seed=seeds)
def test_pictures_are_those_composed_by_hand(
    renderer: str, dtype: Any, colour: bool, canvas: dict[str, Any], width: int, seed: int
) -> None:
    bank = BANKS[colour]
    subject = composer(bank, renderer, seed=seed, **canvas)
    batch = batch_of(subject, width_for(canvas, width), dtype)
    assert batch.images.dtype == dtype
    assert batch.images.flags.c_contiguous
    for row, picture in enumerate(batch.images):
        np.testing.assert_array_equal(picture, by_hand(bank, batch, row, canvas, dtype))


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("renderer", RENDERERS)
@given(width=st.integers(1, 60), seed=seeds)
def test_glyphs_of_few_pixels_are_drawn_as_exactly(
    renderer: str, colour: bool, width: int, seed: int
) -> None:
    bank = SMALL[colour]
    batch = batch_of(composer(bank, renderer, seed=seed), width, np.float32)
    for row, picture in enumerate(batch.images):
        np.testing.assert_array_equal(picture, by_hand(bank, batch, row, {}, np.float32))


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("ink", ["dark", "light"])
@given(seed=seeds, maximum=st.integers(0, 3))
def test_a_strip_of_the_pictures_width_is_not_resized(
    renderer: str, ink: str, grey: GlyphBank, seed: int, maximum: int
) -> None:
    """A narrow last glyph has no room behind it, neither in its line nor behind the last line."""
    sizes = {"maximum": maximum, "rows": [[1, 9, 9, 4], [4, 0, 9]]}
    subject = composer(grey, renderer, seed=seed, edges=False, ink=ink)
    for width in batch_of(subject, 100, **sizes)._truth.layout.strip_widths.tolist():
        batch = batch_of(subject, width, **sizes)
        for row, picture in enumerate(batch.images):
            expected = by_hand(grey, batch, row, {"ink": ink}, np.uint8)
            np.testing.assert_array_equal(picture, expected)


@pytest.mark.parametrize("renderer", RENDERERS)
@pytest.mark.parametrize("ink", ["dark", "light"])
def test_nothing_is_written_around_the_pictures(renderer: str, ink: str, grey: GlyphBank) -> None:
    """A narrow glyph that ends the last picture must not be drawn at its image's full width."""
    glyphs, widths = grey.images, grey.widths
    drawing = Drawing(
        glyphs=glyphs,
        indices=np.array([[3, 9], [4, 19]]),
        starts=np.array([[0, 199], [0, 199]]),
        strip_widths=np.array([200, 200]),
        width=200,
        height=HEIGHT,
        top=0,
        resample="bicubic",
        light=ink == "light",
        widths=widths,
    )
    memory = np.full((4, HEIGHT, 200), 77, np.uint8)
    (compiled if renderer == "numba" else blocks).draw(drawing, memory[1:3])
    assert (memory[[0, 3]] == 77).all()
    last = memory[1:3, :, -1]
    expected = glyphs[[9, 19], :, 0]
    assert (last == (expected if ink == "light" else 255 - expected)).all()


@pytest.mark.parametrize("resample", ["bicubic", "bilinear", "lanczos", "nearest"])
@pytest.mark.parametrize("width", [61, 280, 600])
def test_colour_pictures_agree_with_pillow(coloured: GlyphBank, width: int, resample: str) -> None:
    batch = batch_of(composer(coloured, resample=resample), width)
    for row, picture in enumerate(batch.images):
        strip = Image.fromarray(255 - strip_by_hand(coloured, batch, row))
        resized = strip.resize((width, HEIGHT), Image.Resampling[resample.upper()])
        assert np.abs(np.asarray(resized).astype(int) - picture).max() <= 1


@pytest.mark.skipif(not find_spec("numba"), reason="no numba")
@pytest.mark.parametrize("colour", [False, True])
@settings(max_examples=40)
@given(canvas=canvases, width=st.integers(1, 300), seed=seeds)
def test_both_renderers_draw_and_mark_alike(
    colour: bool, canvas: dict[str, Any], width: int, seed: int
) -> None:
    width = width_for(canvas, width)
    for dtype in DTYPES:
        one, other = (
            batch_of(composer(BANKS[colour], renderer, seed=seed, **canvas), width, dtype)
            for renderer in ("numpy", "numba")
        )
        np.testing.assert_array_equal(one.images, other.images)
    np.testing.assert_array_equal(one.masks, other.masks)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("renderer", RENDERERS)
@settings(max_examples=20)
@given(canvas=canvases, transform=st.sampled_from([None, "rolled"]), seed=seeds)
def test_a_batch_is_its_samples_bit_for_bit(
    renderer: str, colour: bool, canvas: dict[str, Any], transform: str | None, seed: int
) -> None:
    subject = composer(
        BANKS[colour], renderer, seed=seed, transform=rolled if transform else None, **canvas
    )
    together = batch_of(subject, width_for(canvas, 100), np.float32)
    for index, labels in enumerate(MIXED):
        request = SequenceRequest(tuple(labels), 0, 9, width_for(canvas, 100))
        alone = subject.render(subject.plan(request, [index]))[0]
        assert (together[index].image == alone.image).all()
        assert together[index].to_dict(masks=True) == alone.to_dict(masks=True)


@settings(max_examples=40)
@given(canvas=canvases, width=st.integers(1, 300), seed=seeds)
def test_each_colour_is_the_picture_of_that_channel_alone(
    coloured: GlyphBank, canvas: dict[str, Any], width: int, seed: int
) -> None:
    width = width_for(canvas, width)
    batch = batch_of(composer(coloured, seed=seed, **canvas), width)
    assert batch.images.shape[3:] == (3,)
    masks = []
    for channel in range(3):
        own = replace(coloured, images=coloured.images[..., channel])
        alone = batch_of(composer(own, seed=seed, **canvas), width)
        np.testing.assert_array_equal(batch.images[..., channel], alone.images)
        assert (batch.boxes == alone.boxes).all()
        masks.append(alone.masks)
    np.testing.assert_array_equal(batch.masks, np.logical_or.reduce(masks))


def test_ink_is_taken_from_white_paper_or_added_to_black() -> None:
    images = np.zeros((1, 4, 4, 3), np.uint8)
    images[...] = [255, 100, 0]
    bank = GlyphBank(images, np.array([0]))
    for ink, level in (("dark", [0, 155, 255]), ("light", [255, 100, 0])):
        batch = batch_of(composer(bank, ink=ink), 4 + 2, rows=[[0]], minimum=1, maximum=1)
        paper = 255 if ink == "dark" else 0
        assert (batch.images[0, :, 1:5] == level).all()
        assert (batch.images[0, :, [0, 5]] == paper).all()


# Where everything stands.


@pytest.mark.parametrize("fit", ["pad", "resize"])
def test_boxes_hold_the_glyph_that_the_plan_names(flat: GlyphBank, fit: str) -> None:
    subject = composer(flat, fit=fit, align="drawn", ink="light", resample="nearest")
    for sample in batch_of(subject, 260, minimum=1, rows=MIXED * 20):
        centres, left, right = np.arange(260) + 0.5, sample.boxes[:, :1], sample.boxes[:, 2:3]
        within = (centres > left + 1e-3) & (centres < right - 1e-3)
        for cell, glyph in zip(within, sample.glyph_indices.tolist(), strict=True):
            assert (sample.image[:, cell] == 10 * (glyph + 1)).all()
        outside = (centres < left - 1e-3) | (centres > right + 1e-3)
        assert (sample.image[:, outside.all(axis=0)] == 0).all()


@given(canvas=canvases, width=st.integers(1, 300), seed=seeds)
def test_cells_and_gaps_are_the_fractions_of_the_strip(
    flat: GlyphBank, canvas: dict[str, Any], width: int, seed: int
) -> None:
    assert flat.widths is not None
    width = width_for(canvas, width)
    batch = batch_of(composer(flat, seed=seed, **canvas), width)
    for row, sample in enumerate(batch):
        own, gaps = flat.widths[sample.glyph_indices], sample.gaps.astype(np.float64)
        strip_width = own.sum() + gaps.sum()
        scale = width / strip_width
        if canvas.get("fit") == "pad":
            gaps[0] += batch.plan.offsets[row]
            gaps[-1] += width - strip_width - batch.plan.offsets[row]
            assert gaps[-1] >= 0
            scale = 1
        lefts = np.cumsum(gaps[:-1]) + np.cumsum(own) - own
        np.testing.assert_allclose(sample.boxes[:, 0], lefts * scale, rtol=1e-6)
        np.testing.assert_allclose(sample.boxes[:, 2], (lefts + own) * scale, rtol=1e-6)
        np.testing.assert_allclose(sample.fitted_gaps, gaps * scale, rtol=1e-6)
        # Flat ink fills its cell.
        assert (sample.ink_boxes == sample.boxes).all()
        for name in ("boxes", "ink_boxes", "fitted_gaps"):
            assert (getattr(batch, name)[row, len(getattr(sample, name)) :] == ABSENT).all()


@pytest.mark.parametrize(("align", "share"), [("left", 0), ("centre", 0.5), ("right", 1)])
def test_strips_are_aligned_by_their_true_widths(flat: GlyphBank, align: str, share: float) -> None:
    subject = composer(flat, fit="pad", align=align, edges=False)
    for sample in batch_of(subject, 260, rows=[[0, 1], [9, 9, 4], [5, 6]]):
        left, right = sample.boxes[0, 0], 260 - sample.boxes[-1, 2]
        assert left == (left + right) * share // 1


def test_some_rows_of_a_layout_are_the_layout_of_some_rows(flat: GlyphBank) -> None:
    layout = batch_of(composer(flat), 260)._truth.layout
    for row in range(len(MIXED)):
        part = layout.rows(slice(row, row + 1))
        assert (part.boxes() == layout.boxes()[row : row + 1]).all()
        assert (part.fitted_gaps() == layout.fitted_gaps()[row : row + 1]).all()


def test_strips_are_as_wide_as_their_own_glyphs_and_gaps() -> None:
    gaps = np.array([[1, 2, 3], [4, 5, ABSENT]])
    cells = np.array([[10, 3], [7, 0]])
    assert placed_cells(gaps, np.array([2, 1]), cells)[1].tolist() == [19, 16]


def test_unresized_ink_boxes_are_the_bounds_of_ink_of_any_colour(coloured: GlyphBank) -> None:
    batch = batch_of(composer(coloured, fit="pad", align="drawn"), 260, rows=MIXED * 10)
    for sample in batch:
        cells = sample.boxes.astype(int)
        for cell, box in zip(cells, sample.ink_boxes.tolist(), strict=True):
            inked = (sample.image[:, cell[0] : cell[2]] != 255).any(axis=2)
            if not inked.any():
                assert box == [-1, -1, -1, -1]
                continue
            rows, columns = inked.nonzero()
            left = cell[0] + columns.min()
            right = cell[0] + columns.max() + 1
            assert box == [left, rows.min(), right, rows.max() + 1]


def only(place: int) -> Transform:
    """All glyphs but the one at `place` are made empty."""

    def alone(glyphs: FloatImages, rng: Draws) -> FloatImages:
        here = np.arange(glyphs.shape[1]) == place
        return glyphs * here.reshape(-1, *[1] * (glyphs.ndim - 2))

    return alone


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("renderer", RENDERERS)
@settings(max_examples=20)
@given(canvas=canvases, width=st.integers(1, 300), seed=seeds)
def test_a_mask_is_where_the_picture_of_its_glyph_alone_is_not_paper(
    renderer: str, colour: bool, canvas: dict[str, Any], width: int, seed: int
) -> None:
    bank, width = BANKS[colour], width_for(canvas, width)
    batch = batch_of(composer(bank, renderer, seed=seed, **canvas), width)
    paper = 0 if canvas.get("ink") == "light" else 255
    for place in range(5):
        alone = batch_of(composer(bank, seed=seed, transform=only(place), **canvas), width)
        inked = alone.images != paper
        np.testing.assert_array_equal(batch.masks[:, place], inked.any(axis=3) if colour else inked)


@pytest.mark.parametrize("colour", [False, True])
@given(canvas=canvases, transform=st.sampled_from([None, "rolled"]))
def test_a_pickled_batch_keeps_all_it_knows(
    colour: bool, canvas: dict[str, Any], transform: str | None
) -> None:
    subject = composer(BANKS[colour], transform=rolled if transform else None, **canvas)
    batch = batch_of(subject, width_for(canvas, 90))
    again = pickle.loads(pickle.dumps(batch))  # noqa: S301  # our own
    for ours, theirs in zip(batch, again, strict=True):
        assert (ours.image == theirs.image).all()
        assert ours.to_dict(masks=True) == theirs.to_dict(masks=True)
        assert (theirs.to_dict()["height"], theirs.to_dict()["width"]) == ours.image.shape[:2]


# Transforms.


def rolled(glyphs: FloatImages, rng: Draws) -> FloatImages:
    """Each sample's images moved around by a drawn amount; so ink goes where no glyph is."""
    for sample, shift in zip(glyphs, rng.integers(1, 30, 1)[:, 0].tolist(), strict=True):
        sample[:] = np.roll(sample, shift, axis=2)
    return glyphs


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("renderer", RENDERERS)
@given(canvas=canvases, seed=seeds)
def test_what_a_transform_puts_beside_a_glyph_is_cut(
    renderer: str, colour: bool, canvas: dict[str, Any], seed: int
) -> None:
    def black(glyphs: FloatImages, rng: Draws) -> FloatImages:
        return np.ones_like(glyphs)

    bank = BANKS[colour]
    assert bank.widths is not None
    full = narrow(np.full_like(bank.images, 255), bank.widths)
    width = width_for(canvas, 120)
    changed = batch_of(composer(bank, renderer, seed=seed, transform=black, **canvas), width)
    plain = batch_of(composer(replace(bank, images=full), renderer, seed=seed, **canvas), width)
    np.testing.assert_array_equal(changed.images, plain.images)
    assert (changed.ink_boxes == plain.ink_boxes).all()
    assert (changed.masks == plain.masks).all()


def test_transforms_are_handed_whole_images_in_their_colours(coloured: GlyphBank) -> None:
    shapes = []

    def noting(glyphs: FloatImages, rng: Draws) -> FloatImages:
        shapes.append((glyphs.shape, glyphs.dtype.name))
        return glyphs

    subject = composer(coloured, transform=noting)
    batch = batch_of(subject, 90, rows=[[1, 2], [3, 9, 4], [5, 6]])
    tail = (HEIGHT, WIDEST_GLYPH, 3)
    assert shapes == [((2, 2, *tail), "float32"), ((1, 3, *tail), "float32")]
    plain = batch_of(composer(coloured), 90, rows=[[1, 2], [3, 9, 4], [5, 6]])
    assert (batch.images == plain.images).all()


def test_a_transform_that_asks_for_widths_is_handed_them(grey: GlyphBank) -> None:
    handed = []

    def asking(
        glyphs: FloatImages, rng: Draws, widths: NDArray[np.int64] | None = None
    ) -> FloatImages:
        handed.append(widths)
        return glyphs

    batch = batch_of(composer(grey, transform=asking), 90, rows=[[1, 2], [3, 9]])
    assert grey.widths is not None
    assert np.array_equal(handed[0], grey.widths[batch.glyph_indices])
    batch_of(composer(replace(grey, widths=None), transform=asking), 90, rows=[[1, 2], [3, 9]])
    assert handed[1] is None


def test_a_function_of_one_sample_is_handed_its_colours(coloured: GlyphBank) -> None:
    def halved(glyphs: FloatImages, generator: np.random.Generator) -> FloatImages:
        assert glyphs.shape[1:] == (HEIGHT, WIDEST_GLYPH, 3)
        return glyphs * np.float32(0)

    batch = batch_of(composer(coloured, transform=PerSample(halved)), 90)
    assert (batch.images == 255).all()


def glyphs_of(bank: GlyphBank, count: int) -> tuple[FloatImages, NDArray[np.int64]]:
    """So many samples of four glyphs each, and their widths."""
    chosen = np.random.default_rng(3).integers(0, COUNT, (count, 4))
    assert bank.widths is not None
    return bank.images[chosen].astype(np.float32) / np.float32(255), bank.widths[chosen]


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("banks", [BANKS, SMALL])
def test_the_classic_transform_of_a_batch_is_that_of_its_samples(
    banks: dict[bool, GlyphBank], colour: bool
) -> None:
    subject = composer(banks[colour], transform=classic)
    together = batch_of(subject, 90, rows=MIXED * 5)
    for index, labels in enumerate(MIXED * 5):
        request = SequenceRequest(tuple(labels), 0, 9, 90)
        alone = subject.render(subject.plan(request, [index]), np.uint8)[0]
        assert (together[index].image == alone.image).all()
    assert (together.images != batch_of(composer(banks[colour]), 90, rows=MIXED * 5).images).any()


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("banks", [BANKS, SMALL])
def test_the_classic_transform_works_on_each_glyphs_own_columns(
    banks: dict[bool, GlyphBank], colour: bool
) -> None:
    glyphs, widths = glyphs_of(banks[colour], 60)
    changed = classic(glyphs.copy(), Draws(7, "transform", range(60)), widths)
    assert changed.shape == glyphs.shape
    for sample, place in np.ndindex(widths.shape):
        own = changed[sample, place, :, : widths[sample, place]]
        # Stretched: nothing of what is beside a glyph counts.
        if own.min() < own.max():
            assert (own.min(), own.max()) == (0, 1)


def test_cropping_leaves_something_of_the_narrowest_glyph(flat: GlyphBank) -> None:
    """A quarter of the widest image is more than all of a narrow glyph."""

    def crop(augmenters: Any, seed: Any) -> Any:
        return augmenters.Crop(percent=(0.2, 0.25), seed=seed)

    subject = composer(flat, transform=ImgaugTransform(crop))
    batch = batch_of(subject, 200, rows=[[0, 1, 2, 3]] * 30)
    assert (batch.ink_boxes[..., 0] >= 0).all()


def test_dropout_takes_the_ink_of_all_colours_of_a_pixel(coloured: GlyphBank) -> None:
    def dropout(augmenters: Any, seed: Any) -> Any:
        return augmenters.Dropout(p=0.3, seed=seed)

    glyphs, _ = glyphs_of(coloured, 20)
    dropped = ImgaugTransform(dropout)(glyphs.copy(), Draws(7, "transform", range(20)))
    kept = (dropped == glyphs).all(axis=-1)
    gone = (dropped == 0).all(axis=-1)
    assert (kept | gone).all()
    assert 0.25 < (gone & (glyphs > 0).any(axis=-1)).sum() / (glyphs > 0).any(axis=-1).sum() < 0.35


def test_stretching_keeps_hues_and_counts_own_columns_only() -> None:
    glyph = np.zeros((1, 1, 1, 3, 3), np.float32)
    glyph[0, 0, 0, :2] = [[0.25, 0.25, 0.5], [0.75, 0.5, 0.25]]
    own = stretched(glyph, np.array([[2]]))[0, 0, 0, :2]
    assert own.tolist() == [[0, 0, 0.5], [1, 0.5, 0]]
    assert stretched(glyph)[0, 0, 0, 1].tolist() == [1, np.float32(2 / 3), np.float32(1 / 3)]


# Gaps.


def test_a_strategy_is_told_the_widths_where_they_differ(grey: GlyphBank) -> None:
    told = []

    def noting(request: SpacingRequest, rng: Draws) -> Spacing:
        told.append(request)
        return variable(request, rng)

    assert grey.widths is not None
    batch = batch_of(composer(grey, spacing=noting), 90)
    for request in told:
        rows = batch.lengths == request.glyph_count
        expected = grey.widths[batch.glyph_indices[rows, : request.glyph_count]]
        assert np.array_equal(request.glyph_widths, expected)
        assert request.glyph_width == WIDEST_GLYPH
        assert request.glyphs_width == WIDEST_GLYPH * request.glyph_count >= expected.sum(1).max()
    batch_of(composer(replace(grey, widths=None), spacing=noting), 90, rows=[[1]])
    assert told[-1].glyph_widths is None


def centred(request: SpacingRequest, rng: Draws) -> Spacing:
    """All free pixels around the glyphs: it needs to know the widths."""
    assert request.glyph_widths is not None
    gaps = np.zeros((rng.batch_size, request.glyph_count + 1), np.int64)
    free = request.image_width - request.glyph_widths.sum(axis=1)
    gaps[:, 0], gaps[:, -1] = free // 2, free - free // 2
    return Spacing(gaps, fitted=False)


def test_a_strategy_may_fill_the_width_by_the_true_widths(grey: GlyphBank) -> None:
    batch = batch_of(composer(grey, spacing=centred), 230)
    assert (batch._truth.layout.strip_widths == 230).all()
    for row, picture in enumerate(batch.images):
        np.testing.assert_array_equal(picture, by_hand(grey, batch, row, {}, np.uint8))


def test_a_strip_that_is_not_fitted_is_measured_by_its_true_widths(grey: GlyphBank) -> None:
    def wrong(request: SpacingRequest, rng: Draws) -> Spacing:
        spacing = centred(request, rng)
        return replace(spacing, gaps=spacing.gaps + 1)

    with pytest.raises(PluginError, match="strips of 232 to 232 pixels that are not to be fitted"):
        batch_of(composer(grey, spacing=wrong), 230, rows=[[9]])


def test_fixed_spacing_works_where_all_samples_take_one_width(flat: GlyphBank) -> None:
    subject = composer(flat.restricted(np.arange(10), "one of each label"), spacing=fixed)
    taken = 1 + 3 + 5
    batch = batch_of(subject, taken + 4 * 6, rows=[[0, 1, 2], [2, 0, 1]])
    assert (batch.gaps == 6).all()
    for row, picture in enumerate(batch.images):
        np.testing.assert_array_equal(picture, by_hand(flat, batch, row, {}, np.uint8))
    with pytest.raises(ArgumentValueError, match=r"25 free .* use an image_width of 33 or 37"):
        batch_of(subject, taken + 4 * 6 + 1, rows=[[0, 1, 2]])


def test_fixed_spacing_of_glyphs_of_differing_widths_names_what_works(flat: GlyphBank) -> None:
    subject = composer(flat.restricted(np.arange(10), "one of each label"), spacing=fixed)
    with pytest.raises(
        ArgumentValueError,
        match=r"fixed spacing needs glyphs of one width, and the 2 of these samples take from 4 to "
        r"10 pixels together; give the source a width=, .* or use the spacing 'variable'",
    ):
        batch_of(subject, 60, rows=[[0, 1], [2, 2]])


def test_variable_spacing_asks_for_room_for_the_widest(flat: GlyphBank) -> None:
    subject = composer(flat, fit="pad")
    needed = 2 * WIDEST_GLYPH + 3 * 9
    batch_of(subject, needed, rows=[[0, 0]])
    with pytest.raises(ArgumentValueError, match=f"use an image_width of {needed} or more"):
        batch_of(subject, needed - 1, rows=[[0, 0]])
    assert needed < WIDEST


# Files and drawings.


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_saved_png_holds_the_colours(coloured: GlyphBank, tmp_path: Path, dtype: Any) -> None:
    image = batch_of(composer(coloured), 90, dtype).images[0]
    save_picture(image, tmp_path / "picture.png")
    with Image.open(tmp_path / "picture.png") as saved:
        assert saved.mode == "RGB"
        assert (np.asarray(saved) == to_bytes(image)).all()


def test_a_saved_jpeg_is_close_to_the_colours(tmp_path: Path) -> None:
    image = np.empty((32, 40, 3), np.uint8)
    image[...] = [200, 100, 30]
    save_picture(image, tmp_path / "picture.jpg")
    with Image.open(io.BytesIO((tmp_path / "picture.jpg").read_bytes())) as saved:
        assert (saved.format, saved.mode, saved.size) == ("JPEG", "RGB", (40, 32))
        assert np.abs(np.asarray(saved).astype(int) - image).max() < 8


def drawings(batch: Batch) -> Iterator[Drawing]:
    yield from batch._truth.drawing.channels()


def test_a_drawing_of_one_colour_needs_no_more_than_its_glyphs(coloured: GlyphBank) -> None:
    batch = batch_of(composer(coloured), 90, rows=[[1, 2, 1], [3]])
    for drawing in drawings(batch):
        assert drawing.glyphs.shape == (len(np.unique(batch.glyph_indices)) - 1, HEIGHT, 40)
        assert drawing.glyphs.flags.c_contiguous
        assert drawing.indices[1].tolist()[1:] == [ABSENT, ABSENT]


def test_a_grey_drawing_is_its_only_channel(grey: GlyphBank) -> None:
    batch = batch_of(composer(grey), 90)
    assert list(drawings(batch)) == [batch._truth.drawing]
