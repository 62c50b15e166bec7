"""Variety as a whole: steps, lines, overlaps and pages keep what the classic pictures promise."""

import json
import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from image_sequence import DigitSequence, ImageSequence
from image_sequence.errors import ArgumentValueError
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.plan import DrawnStep
from image_sequence.presets import PRESETS
from image_sequence.sample import Batch

EVERY_STEP: list[Any] = [
    {
        "affine": {
            "rotate": [-10, 10],
            "shear": [-15, 15],
            "scale": [0.85, 1.1],
            "stretch": [0.9, 1.1],
            "shift_x": [-1, 1],
            "shift_y": [-1, 1],
            "per": "sequence",
            "spread": 0.2,
        }
    },
    "perspective",
    {"elastic": {"alpha": [0, 12], "sigma": 4}},
    {"random_order": [{"stroke": {"p": 0.5}}, {"crop": {"p": 0.5}}, {"dropout": {"p": 0.5}}]},
    {"blur": {"p": 0.5}},
    {"contrast": {"p": 0.5}},
    {"noise": {"p": 0.5}},
    {"stretch": {"p": 0.5}},
]
LINE = {"size": [0.7, 1.2], "baseline": [-2, 2], "drift": [-1, 1], "slope": [-3, 3]}
PAGE: dict[str, Any] = {
    "paper": [0.7, 1],
    "ink": [0, 0.3],
    "paper_steps": ["gradient", "lines", "speckle"],
    "transform": [
        {"rotate": {"angle": [-5, 5]}},
        "shear",
        "zoom",
        "translate",
        {"perspective": {"p": 0.5}},
        "blur",
        {"noise": {"p": 0.5}},
    ],
}
WHOLE: dict[str, Any] = {
    "transform": EVERY_STEP,
    "layout": LINE,
    "page": PAGE,
    "overlap": True,
}
CHOICES: dict[str, dict[str, Any]] = {
    "steps": {"transform": EVERY_STEP},
    "native": {"transform": "classic-native"},
    "line": {"layout": LINE},
    "overlap": {"overlap": True},
    "ink": {"measure": "ink", "overlap": True},
    "page": {"page": PAGE},
    "colour": {"page": {**PAGE, "paper": {"red": [0.5, 1]}}},
    "all, between cells": WHOLE,
    "all, between ink": {**WHOLE, "measure": "ink"},
    "all, padded": {**WHOLE, "measure": "ink", "fit": "pad", "align": "drawn", "image_height": 70},
    "all, light and tall": {**WHOLE, "ink": "light", "image_height": 50},
}
MIXED = [[2, 0, 2, 6], [7], [3, 1], [1, 1, 1, 8, 9], [5, 0, 4]]


def batch_of(choices: dict[str, Any], sequences: Any = MIXED, **more: Any) -> Batch:
    least = -6 if choices.get("overlap") else 0
    generator = DigitSequence(seed=7, **{"spacing": EDGES, **choices})
    return generator.batch(sequences, (least, 8), 240, **more)


def EDGES(request: Any, rng: Any) -> Any:  # noqa: N802  # a constant of a function's kind
    """Gaps between the digits only, and none where there is one digit alone."""
    gaps = np.zeros((rng.batch_size, request.glyph_count + 1), np.int64)
    if request.glyph_count > 1:
        inner = request.glyph_count - 1
        gaps[:, 1:-1] = rng.integers(request.minimum, request.maximum, inner)
    return gaps


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_a_batch_of_mixed_lengths_is_its_samples(choices: dict[str, Any]) -> None:
    batch = batch_of(choices, start=50)
    generator = DigitSequence(seed=7, **{"spacing": EDGES, **choices})
    least = -6 if choices.get("overlap") else 0
    for k, sequence in enumerate(MIXED):
        alone = generator.sample(sequence, (least, 8), 240, index=50 + k)
        assert (alone.image == batch.images[k]).all()
        assert alone.to_json(masks=True) == batch[k].to_json(masks=True)


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_uint8_is_the_rounded_float_picture(choices: dict[str, Any]) -> None:
    floats, levels = batch_of(choices).images, batch_of(choices, dtype=np.uint8).images
    assert floats.dtype == np.float32
    assert floats.min() >= 0
    assert floats.max() <= 1
    assert (np.rint(floats * 255) == levels).all()


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_both_renderers_make_the_same(choices: dict[str, Any]) -> None:
    pytest.importorskip("numba", reason="numba is not installed")
    by_numpy, by_numba = (batch_of({**choices, "renderer": name}) for name in ("numpy", "numba"))
    assert (by_numpy.images == by_numba.images).all()
    assert (by_numpy.masks == by_numba.masks).all()
    assert (by_numpy.ink_boxes == by_numba.ink_boxes).all()


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_batches_and_generators_pickle(choices: dict[str, Any]) -> None:
    batch = batch_of(choices)
    again = pickle.loads(pickle.dumps(batch))  # noqa: S301  # our own
    assert (again.images == batch.images).all()
    assert again[3].to_json(masks=True) == batch[3].to_json(masks=True)
    spacing = {"spacing": "variable"}  # A function of this module would pickle by its name.
    generator = DigitSequence(seed=7, **{**choices, **spacing})
    content = pickle.dumps(generator)
    assert len(content) < 1_000_000
    least = -6 if choices.get("overlap") else 0
    one, other = (
        g.batch([[1, 2, 3]], (least, 8), 200).images
        for g in (generator, pickle.loads(content))  # noqa: S301  # our own
    )
    assert (one == other).all()


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_the_handwriting_stays_and_so_do_the_gaps(choices: dict[str, Any]) -> None:
    plain, varied = batch_of({"overlap": choices.get("overlap", False)}), batch_of(choices)
    assert (varied.glyph_indices == plain.glyph_indices).all()
    assert (varied.gaps == plain.gaps).all()


def test_other_gaps_keep_what_the_steps_draw() -> None:
    def drawn(least: int) -> tuple[DrawnStep, ...]:
        generator = DigitSequence(seed=7, **WHOLE)
        batch = generator.batch([[1, 2, 3]], (least, 9), 200)
        return (*batch.glyph_steps, *batch.picture_steps)

    for one, other in zip(drawn(0), drawn(-5), strict=True):
        assert one.to_dict() == other.to_dict()


def test_an_added_step_changes_no_other() -> None:
    one, two = (batch_of({"transform": EVERY_STEP[:count]}).glyph_steps for count in (2, 3))
    for before, after in zip(one, two, strict=False):
        assert before.to_dict() == after.to_dict()


@pytest.mark.parametrize("preset", PRESETS)
def test_each_preset_makes_pictures_with_ink_and_paper(preset: str) -> None:
    overlaps = DigitSequence(preset=preset).config["spacing"].get("overlap", False)
    gaps = (-5, -1) if overlaps else (0, 3)
    batch = DigitSequence(preset=preset, seed=7).batch([[3, 5, 8]] * 4, gaps, 120)
    assert batch.masks.any(axis=(2, 3)).all()
    # What is in a mask differs from what is not, however noisy the paper is.
    for picture, masks in zip(batch.images, batch.masks, strict=True):
        inked = masks.any(axis=0)
        assert abs(picture[inked].mean() - picture[~inked].mean()) > 0.1


# Ink that joins.


def test_the_darkest_ink_wins_where_digits_overlap() -> None:
    batch = DigitSequence(seed=7, overlap=True, fit="pad", align="centre", renderer="numpy").batch(
        [[3, 5, 8]] * 20, (-20, -4), 90
    )
    bank = DigitSequence().images
    for picture, glyphs, boxes in zip(batch.images, batch.glyph_indices, batch.boxes, strict=True):
        expected = np.zeros(picture.shape, np.uint8)
        for glyph, box in zip(glyphs, boxes, strict=True):
            left = int(box[0])
            window = expected[:, left : left + 28]
            np.maximum(window, bank[glyph], out=window)
        assert (np.rint(255 * (1 - picture)) == expected).all()


def test_a_gap_of_zero_makes_all_ink_touch() -> None:
    touching = 0
    generator = DigitSequence(seed=7, measure="ink", fit="pad")
    for start in range(0, 10_000, 500):
        labels = np.random.default_rng(start).integers(0, 10, (500, 3))
        masks = generator.batch(labels, (0, 0), 84, start=start).masks
        touching += int(
            np.all([_touch(*masks[:, [k, k + 1]].swapaxes(0, 1)) for k in (0, 1)], 0).sum()
        )
    assert touching == 10_000


@pytest.mark.parametrize("choices", [{"transform": "handwriting"}, {"layout": LINE}], ids=str)
def test_it_makes_changed_ink_touch_as_well_in_whatever_width(choices: dict[str, Any]) -> None:
    for width in (70, 150):
        generator = DigitSequence(seed=7, measure="ink", **choices)
        masks = generator.batch([[4, 7, 1]] * 500, (0, 0), width).masks
        assert all(_touch(masks[:, k], masks[:, k + 1]).all() for k in (0, 1))


@pytest.mark.parametrize("gap", [1, 2, 5])
def test_other_gaps_lie_between_the_ink_and_not_between_its_columns(gap: int) -> None:
    batch = DigitSequence(seed=7, measure="ink", fit="pad").batch(
        [[4, 7, 1]] * 300, (gap, gap), 100
    )
    dark = _dark_masks(batch)
    for k in (0, 1):
        rights = np.where(dark[:, k].any(2), 99 - dark[:, k, :, ::-1].argmax(2), -1_000)
        lefts = np.where(dark[:, k + 1].any(2), dark[:, k + 1].argmax(2), 1_000)
        assert ((lefts - rights - 1).min(axis=1) == gap).all()


def _dark_masks(batch: Batch) -> NDArray[np.bool_]:
    """Where ink is at least half as dark as the darkest of its digit."""
    bank = DigitSequence().images
    dark = np.zeros(batch.masks.shape, np.bool_)
    for row, column in np.ndindex(batch.glyph_indices.shape):
        glyph = bank[batch.glyph_indices[row, column]]
        left = int(batch.boxes[row, column, 0])
        own = int(glyph.any(axis=0).argmax())
        # A box may begin beyond the picture, where it is cut.
        start = int(batch.ink_boxes[row, column, 0]) - own
        assert left == max(0, start)
        for x in range(28):
            if 0 <= start + x < dark.shape[3]:
                dark[row, column, :, start + x] = glyph[:, x] >= (int(glyph.max()) + 1) // 2
    return dark


def _touch(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether masks share a pixel or have two side by side: bool, shape (batch,)."""
    wider = one.copy()
    for axis in (1, 2):
        for step in (-1, 1):
            wider |= np.roll(one, step, axis=axis)
    return (wider & other).any(axis=(1, 2))


def test_nothing_wraps_and_nothing_is_cut_off() -> None:
    bank = DigitSequence().images
    batch = DigitSequence(seed=7, overlap=True, fit="pad").batch([[1, 8, 0]] * 200, (-27, 3), 90)
    for glyphs, masks in zip(batch.glyph_indices, batch.masks, strict=True):
        assert [int((bank[glyph] > 0).sum()) for glyph in glyphs] == masks.sum(axis=(1, 2)).tolist()


def test_negative_gaps_need_leave() -> None:
    with pytest.raises(ArgumentValueError, match=r"with spacing\.overlap it may be negative"):
        DigitSequence(seed=7).sample([1, 2], (-3, 3), 60, index=0)


def test_a_gap_that_hides_a_digit_is_refused() -> None:
    generator = DigitSequence(seed=7, overlap=True)
    with pytest.raises(ArgumentValueError, match="use a minimum spacing of -27 or more"):
        generator.sample([1, 2], (-28, 3), 60, index=0)


# The line.


def test_lines_keep_all_ink_in_the_picture() -> None:
    bank = DigitSequence().images
    line = {"baseline": [-3, 3], "drift": [-2, 2], "slope": [-20, 20]}
    batch = DigitSequence(seed=7, layout=line, fit="pad").batch(
        [[1, 8, 0, 4, 4, 5]] * 200, (0, 5), 220
    )
    for glyphs, masks in zip(batch.glyph_indices, batch.masks, strict=True):
        assert [int((bank[glyph] > 0).sum()) for glyph in glyphs] == masks.sum(axis=(1, 2)).tolist()


def test_shifts_are_how_far_ink_stands_below_the_line() -> None:
    plain = DigitSequence(seed=7, fit="pad").batch([[1, 8, 0]] * 50, (0, 5), 100)
    batch = DigitSequence(seed=7, fit="pad", layout={"baseline": [-4, 4]}).batch(
        [[1, 8, 0]] * 50, (0, 5), 100
    )
    assert batch.images.shape[1] == 28 + 2 * 4
    assert batch.shifts is not None
    assert set(np.unique(batch.shifts)) == set(range(-4, 5))
    moved = batch.ink_boxes[..., 1] - plain.ink_boxes[..., 1]
    assert (moved == 4 + batch.shifts).all()


def test_a_slope_rises_to_the_right_by_its_angle() -> None:
    batch = DigitSequence(seed=7, fit="pad", layout={"slope": 10, "room": 30}).batch(
        [[1] * 6], (4, 4), 200
    )
    assert batch.shifts is not None
    steps = np.diff(batch.shifts[0])
    assert (steps < 0).all()
    assert np.tan(np.radians(10)) * 32 == pytest.approx(-steps.mean(), abs=0.2)


def test_digits_of_any_size_stand_on_one_line() -> None:
    plain = DigitSequence(seed=7, fit="pad").batch([[1, 8, 0]] * 50, (0, 5), 140)
    batch = DigitSequence(seed=7, fit="pad", layout={"size": [0.6, 1.4]}).batch(
        [[1, 8, 0]] * 50, (0, 5), 140
    )
    above = batch.images.shape[1] - 28
    assert batch.sizes is not None
    assert np.abs(batch.ink_boxes[..., 3] - above - plain.ink_boxes[..., 3]).max() <= 1
    heights, before = (b.ink_boxes[..., 3] - b.ink_boxes[..., 1] for b in (batch, plain))
    assert np.abs(heights - batch.sizes * before).max() <= 2.5
    widths = batch.boxes[..., 2] - batch.boxes[..., 0]
    assert np.abs(widths - 28 * batch.sizes).max() <= 1


def test_a_sequence_shares_a_style_up_to_the_spread() -> None:
    for spread in (0.0, 0.25, 1.0):
        step = {"affine": {"rotate": [-30, 30], "per": "sequence", "spread": spread}}
        angles = batch_of({"transform": [step]}, [[1, 2, 3, 4, 5]] * 500).glyph_steps[0].values
        rotate = angles["rotate"]
        assert np.abs(rotate).max() <= 30
        widest = np.ptp(rotate, axis=1).max()
        assert widest <= spread * 60
        assert widest >= 0.9 * spread * 60


def test_whether_a_step_takes_place_is_drawn_for_whole_sequences_or_for_glyphs() -> None:
    for per in ("glyph", "sequence"):
        step = {"blur": {"p": 0.5, "per": per}}
        applied = batch_of({"transform": [step]}, [[1, 2, 3, 4]] * 400).glyph_steps[0].applied
        alike = (applied == applied[:, :1]).all(axis=1)
        assert alike.all() if per == "sequence" else 0.05 < alike.mean() < 0.25
        assert 0.4 < applied.mean() < 0.6


def test_shuffled_steps_take_all_places_equally_often() -> None:
    steps = [{"random_order": ["blur", "stroke", "dropout"]}]
    drawn = batch_of({"transform": steps}, [[1, 2, 3, 4]] * 3_000).glyph_steps
    places = np.stack([step.places for step in drawn if step.places is not None])
    assert (np.sort(places, axis=0) == np.arange(3)[:, None, None]).all()
    orders = np.ravel_multi_index(tuple(places.reshape(3, -1)), (3, 3, 3))
    counts = np.unique(orders, return_counts=True)[1]
    assert len(counts) == 6
    assert np.abs(counts / counts.sum() - 1 / 6).max() < 0.015


# The truth.

# Of images of 56 x 56, so far inside that no steps cut anything off.
points = st.tuples(st.floats(20, 36), st.floats(20, 36))


@st.composite
def geometric_choices(draw: st.DrawFn) -> dict[str, Any]:
    """Glyph steps that move ink, a line, a way to measure, and a page that moves all."""
    steps = [
        {"affine": {"rotate": draw(st.floats(-30, 30)), "shear": draw(st.floats(-25, 25))}},
        {"affine": {"scale": draw(st.floats(0.8, 1.3)), "stretch": draw(st.floats(0.8, 1.2))}},
        {"affine": {"shift_x": draw(st.floats(-2, 2)), "shift_y": draw(st.floats(-2, 2))}},
        {"perspective": {"tilt_x": draw(st.floats(-0.3, 0.3))}},
        {"crop": dict.fromkeys(("left", "top", "right", "bottom"), draw(st.floats(0, 0.15)))},
        {"elastic": {"alpha": draw(st.floats(0, 20)), "sigma": 5}},
    ]
    moves = [
        {"rotate": {"angle": draw(st.floats(-8, 8))}},
        {"shear": {"angle": draw(st.floats(-10, 10))}},
        {"zoom": {"factor": draw(st.floats(0.8, 1.1))}},
        {"translate": {"x": draw(st.floats(-3, 3)), "y": draw(st.floats(-3, 3))}},
        {"perspective": {"tilt_x": draw(st.floats(-0.15, 0.15))}},
    ]
    return {
        "transform": draw(st.lists(st.sampled_from(steps), max_size=3)) or False,
        "layout": draw(st.sampled_from([{}, {"baseline": [-3, 3]}, LINE])),
        "measure": draw(st.sampled_from(["cell", "ink"])),
        "page": {"transform": draw(st.lists(st.sampled_from(moves), max_size=3))},
        "image_height": draw(st.sampled_from([80, 100])),
        "align": "centre",
        "fit": "pad",
    }


def blobs(centres: list[tuple[float, float]]) -> GlyphBank:
    """Soft round blobs at given points: their centres of mass.

    They are small, since bent ink's middle leaves its point by what grows with the square of this.
    """
    y, x = np.mgrid[:56, :56] + 0.5
    images = [255 * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 2) for cx, cy in centres]
    return GlyphBank(np.rint(images).astype(np.uint8), np.arange(len(centres)))


@given(geometric_choices(), st.lists(points, min_size=3, max_size=3), st.integers(0, 10**6))
def test_points_go_where_the_ink_goes(
    choices: dict[str, Any], centres: list[tuple[float, float]], index: int
) -> None:
    choices = {**choices, "measure": "cell", "image_height": 150}
    generator = DigitSequence(seed=7, source=blobs(centres), **choices)
    alone = [generator.sample([label] * 3, (0, 5), 300, index=index) for label in range(3)]
    for label, sample in enumerate(alone):
        found = sample.mapped([centres[label]])[:, 0]
        ink = 1 - sample.image
        for point, mask, box in zip(found, sample.masks, sample.ink_boxes, strict=True):
            height, width = ink.shape
            if box[0] <= 0 or box[1] <= 0 or box[2] >= width or box[3] >= height:
                continue  # Cut off: what is left has its middle elsewhere.
            own = ink * mask
            y, x = np.mgrid[:height, :width] + 0.5
            middle = np.array([(own * x).sum(), (own * y).sum()]) / own.sum()
            assert np.abs(middle - point).max() < 0.5


@given(geometric_choices(), st.integers(0, 10**6), st.sampled_from(["pad", "resize"]))
def test_ink_boxes_are_those_of_the_masks_under_all_geometry(
    choices: dict[str, Any], index: int, fit: str
) -> None:
    choices = {**choices, "overlap": True, "fit": fit}
    sample = DigitSequence(seed=7, **choices).sample([2, 7, 4], (-9, 9), 260, index=index)
    for mask, box in zip(sample.masks, sample.ink_boxes, strict=True):
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not rows.size:
            assert (box == -1).all()
            continue
        found = [columns[0], rows[0], columns[-1] + 1, rows[-1] + 1]
        assert np.abs(found - box).max() <= 0.5


@given(geometric_choices(), st.integers(0, 10**6))
def test_all_ink_lies_in_the_masks_and_polygons_hold_the_masks(
    choices: dict[str, Any], index: int
) -> None:
    sample = DigitSequence(seed=7, **choices).sample([2, 7, 4], (0, 9), 260, index=index)
    # A faint rim of each of three, which alone would be paper, may show where they meet.
    assert not ((sample.image < 1 - 1.5 / 255) & ~sample.masks.any(axis=0)).any()
    if sample.polygons is None:
        assert not any(step.name in ("rotate", "shear") for step in sample.picture_steps)
        return
    for polygon, mask in zip(sample.polygons, sample.masks, strict=True):
        y, x = np.nonzero(mask)
        for (x0, y0), (x1, y1) in pairwise([*polygon, polygon[0]]):
            length = np.hypot(x1 - x0, y1 - y0)
            inside = ((x1 - x0) * (y + 0.5 - y0) - (y1 - y0) * (x + 0.5 - x0)) / length
            assert inside.min(initial=0) >= -1.5


def test_points_of_a_function_s_glyphs_are_not_known() -> None:
    sample = DigitSequence(seed=7, transform=lambda glyphs, _: glyphs).sample(
        [1, 2], (0, 3), 60, index=0
    )
    with pytest.raises(ArgumentValueError, match="does not tell where it moves ink"):
        sample.mapped([[1, 2]])


@pytest.mark.parametrize("shape", [(2,), (1, 2, 3), (3, 4, 2), (2, 2, 2, 2)])
def test_points_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    sample = DigitSequence(seed=7).sample([1, 2], (0, 3), 60, index=0)
    with pytest.raises(ArgumentValueError, match="points"):
        sample.mapped(np.zeros(shape))


def test_points_of_narrow_glyphs_are_known_too() -> None:
    images = np.zeros((2, 10, 8), np.uint8)
    images[0, 3, 2] = images[1, 6, 5] = 255
    bank = GlyphBank(images, np.arange(2), widths=np.array([4, 8]), names={0: "i", 1: "m"})
    sample = ImageSequence(bank, seed=7, fit="pad").sample("mi", (3, 3), 30, index=0)
    found = sample.mapped([[[5.5, 6.5]], [[2.5, 3.5]]])[:, 0]
    for point, box in zip(found, sample.ink_boxes, strict=True):
        assert (box == [*np.floor(point), *np.floor(point) + 1]).all()


# Pages.


def test_paper_and_ink_have_the_levels_that_were_drawn() -> None:
    page = {"paper": [0.6, 0.9], "ink": [0.1, 0.4]}
    batch = DigitSequence(seed=7, page=page).batch([[1, 2]] * 50, (0, 3), 60)
    paper, ink = (step.values["level"][:, 0] for step in batch.picture_steps)
    assert np.allclose(batch.images[:, 0, 0], paper, atol=1e-6)
    darkest = batch.images.min(axis=(1, 2))
    assert (darkest >= ink - 1e-6).all()
    assert np.abs(darkest - ink).max() < 0.05
    assert 0.6 <= paper.min() < 0.65
    assert 0.85 < paper.max() <= 0.9


def test_colours_of_paper_and_ink_are_those_of_the_picture() -> None:
    page = {"paper": {"red": 1, "green": 0.8, "blue": 0.6}, "ink": {"red": 0.2, "blue": 0.4}}
    image = DigitSequence(seed=7, page=page).sample([1, 2], (0, 3), 60, index=0).image
    assert image.shape == (28, 60, 3)
    assert np.allclose(image[0, 0], [1, 0.8, 0.6])
    assert np.allclose(image.min(axis=(0, 1)), [0.2, 0, 0.4], atol=0.05)


def test_one_grey_beside_a_colour_is_grey() -> None:
    page = {"paper": {"red": 1, "green": 0.8, "blue": 0.6}, "ink": [0, 1]}
    batch = DigitSequence(seed=7, page=page).batch([[1, 2]] * 20, (0, 3), 60)
    ink = batch.picture_steps[1].values
    assert list(ink) == ["level"]


def test_paper_is_a_part_of_a_picture_of_the_folder_and_the_record_says_which(
    tmp_path: Path,
) -> None:
    for number, level in enumerate((60, 120, 180)):
        picture = np.full((200, 300), level, np.uint8)
        Image.fromarray(picture).save(tmp_path / f"sheet{number}.png")
    page = {"pictures": str(tmp_path), "paper": [0.5, 1], "ink": 0}
    generator = DigitSequence(seed=7, page=page)
    batch = generator.batch([[1, 2]] * 300, (0, 3), 60)
    paper, _, part = batch.picture_steps
    numbers = part.values["picture"][:, 0]
    assert np.unique(numbers, return_counts=True)[1].min() > 70
    expected = paper.values["level"][:, 0] * (60 + 60 * numbers) / 255
    assert np.abs(batch.images[:, 0, 0] - expected).max() < 1e-6
    assert batch[5].to_dict()["picture_steps"][2]["values"]["picture"] == numbers[5]
    assert len(pickle.dumps(generator)) < 10_000
    again = pickle.loads(pickle.dumps(generator)).sample([1, 2], (0, 3), 60, index=5)  # noqa: S301
    assert (again.image == batch.images[5]).all()


def test_parts_of_a_picture_come_from_all_over_it(tmp_path: Path) -> None:
    ramp = np.tile(np.arange(256, dtype=np.uint8), (100, 1))
    Image.fromarray(ramp).save(tmp_path / "ramp.png")
    page = {"pictures": str(tmp_path)}
    batch = DigitSequence(seed=7, page=page).batch([[1, 2]] * 400, (0, 3), 60, dtype=np.uint8)
    lefts = batch.images[:, 0, 0].astype(int)
    assert lefts.min() <= 2
    assert 194 <= lefts.max() <= 196
    assert (batch.images[:, 0, 59] - lefts == 59).all()


def test_pages_without_wishes_are_black_on_white() -> None:
    plain = DigitSequence(seed=7).batch([[1, 2, 3]] * 20, (0, 3), 90, dtype=np.uint8)
    paged = DigitSequence(seed=7, page={}).batch([[1, 2, 3]] * 20, (0, 3), 90, dtype=np.uint8)
    assert np.abs(plain.images.astype(int) - paged.images).max() <= 1
    assert (plain.masks == paged.masks).all()
    assert paged.polygons is None


def test_records_with_variety_are_plain_json() -> None:
    record = json.loads(batch_of(CHOICES["all, between ink"])[3].to_json())
    count = len(record["labels"])
    assert [step["step"] for step in record["picture_steps"]][:2] == ["paper", "ink"]
    assert isinstance(record["picture_steps"][0]["values"]["level"], float)
    for step in record["glyph_steps"]:
        assert len(step["applied"]) == count
        assert all(len(values) == count for values in step["values"].values())
    assert len(record["polygons"]) == len(record["sizes"]) == len(record["shifts"]) == count


def test_records_without_variety_are_as_before() -> None:
    record = DigitSequence(seed=7).sample([1, 2], (0, 3), 60, index=0).to_dict()
    assert not {"polygons", "glyph_steps", "picture_steps", "sizes", "shifts"} & record.keys()


# Glyphs of other widths, and in colour.


def test_narrow_glyphs_are_changed_as_if_their_images_were_as_narrow() -> None:
    images = np.zeros((2, 20, 16), np.uint8)
    images[0, 4:16, 1:4] = images[1, 4:16, 3:13] = 255
    names = {0: "i", 1: "m"}
    bank = GlyphBank(images, np.arange(2), widths=np.array([5, 16]), names=names)
    narrow = GlyphBank(images[:1, :, :5].copy(), np.arange(1), names={0: "i"})
    steps = [{"affine": {"rotate": [-20, 20]}}, {"elastic": {"alpha": 6, "sigma": 3}}, "noise"]
    both, alone = (
        ImageSequence(source, seed=7, transform=steps, fit="pad").batch(["iii"] * 20, (2, 5), 60)
        for source in (bank, narrow)
    )
    assert (both.images == alone.images).all()
    points = [[1.0, 4.0], [4.0, 16.0]]
    assert (both[3].mapped(points) == alone[3].mapped(points)).all()


def test_glyphs_in_colour_can_have_all_of_it() -> None:
    levels = DigitSequence().images[::100]
    images = np.stack([levels, levels // 2, np.zeros_like(levels)], axis=3)
    bank = GlyphBank(images, np.arange(50) % 10)
    for choices in CHOICES.values():
        generator = DigitSequence(source=bank, seed=7, **choices)
        least = -6 if choices.get("overlap") else 0
        batch = generator.batch([[2, 7, 4]] * 3, (least, 5), 150)
        alone = generator.sample([2, 7, 4], (least, 5), 150, index=1)
        assert batch.images.shape[3] == 3
        assert (alone.image == batch.images[1]).all()
        assert batch.masks.any(axis=(2, 3)).all()


def test_fixed_spacing_measures_cells() -> None:
    generator = DigitSequence(seed=7, spacing="fixed", measure="ink")
    with pytest.raises(ArgumentValueError, match="use measure 'cell', or the spacing 'variable'"):
        generator.sample([1, 2], (0, 20), 66, index=0)


def test_fixed_gaps_may_overlap_but_not_at_the_edges() -> None:
    generator = DigitSequence(seed=7, spacing="fixed", overlap=True)
    sample = generator.sample([1, 2, 3], (-20, 0), 64, index=0)
    assert sample.gaps.tolist() == [0, -10, -10, 0]
    assert sample.boxes[:, 0].tolist() == [0, 18, 36]


def test_points_of_the_shorter_samples_of_a_batch_are_those_of_them_alone() -> None:
    choices = {"transform": EVERY_STEP, "layout": LINE, "page": PAGE}
    batch = DigitSequence(seed=7, **choices).batch([[1, 2], [2, 3, 4]], (0, 3), 90)
    alone = DigitSequence(seed=7, **choices).sample([1, 2], (0, 3), 90, index=0)
    assert (batch[0].mapped([[3, 4], [20, 9]]) == alone.mapped([[3, 4], [20, 9]])).all()


@pytest.mark.parametrize(
    ("step", "width", "message"),
    [("rotate", 32_767, "images of up to 32766 pixels"), ("jpeg", 65_501, "at most 65500 pixels")],
)
def test_pictures_too_wide_for_a_step_are_refused(step: str, width: int, message: str) -> None:
    generator = DigitSequence(seed=7, page={"transform": [step]})
    with pytest.raises(ArgumentValueError, match=message):
        generator.sample([1, 2], (0, 3), width, index=0)


@pytest.mark.parametrize("align", ["left", "centre", "right", "drawn"])
def test_ink_that_reaches_out_of_the_picture_is_refused(align: str) -> None:
    images = np.zeros((2, 28, 28), np.uint8)
    images[0, 0] = images[0, 1:11, 0] = images[1, 20] = images[1, 1:11, 27] = 255
    generator = DigitSequence(
        source=GlyphBank(images, np.arange(2)),
        seed=7,
        measure="ink",
        overlap=True,
        fit="pad",
        align=align,
    )
    with pytest.raises(ArgumentValueError, match="use an image_width of 54 or more, or fit 'res"):
        generator.sample([0, 1], (-27, -27), 30, index=0)
    assert generator.sample([0, 1], (-27, -27), 54, index=0).masks.any(axis=(1, 2)).all()


# What a plan holds, for all supported versions of everything.


def test_the_values_of_a_plan_are_these() -> None:
    batch = DigitSequence(seed=20_261, **WHOLE).batch([[3, 1, 4]] * 2, (-9, 9), 120, start=5)
    affine, order = batch.glyph_steps[0], [step.places for step in batch.glyph_steps[3:6]]
    assert batch.gaps.tolist() == GOLDEN["gaps"]
    assert np.round(affine.values["rotate"], 9).tolist() == GOLDEN["rotate"]
    assert [places[1].tolist() for places in order if places is not None] == GOLDEN["places"]
    assert batch.sizes is not None
    assert np.round(batch.sizes, 9).tolist() == GOLDEN["sizes"]
    assert batch.shifts is not None
    assert batch.shifts.tolist() == GOLDEN["shifts"]
    levels = [step.values["level"][:, 0] for step in batch.picture_steps[:2]]
    assert np.round(levels, 9).tolist() == GOLDEN["levels"]


GOLDEN: dict[str, Any] = {
    "gaps": [[0, 4, 7, 0], [0, 8, 1, 0]],
    "rotate": [[1.144425735, 0.498134723, -0.484078927], [8.415889465, 6.981091759, 7.272528686]],
    "places": [[2, 2, 0], [0, 1, 2], [1, 0, 1]],
    "sizes": [[0.758909674, 0.813078242, 0.701526786], [0.980805431, 0.910636569, 1.120675115]],
    "shifts": [[0, -1, 1], [1, 3, 0]],
    "levels": [[0.834533364, 0.847856247], [0.28611956, 0.035467328]],
}
