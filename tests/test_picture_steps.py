"""Steps on paper and on finished pictures: what their numbers mean, each picture on its own."""

import pickle
import subprocess
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    LibraryError,
    PictureError,
    SourceNotFoundError,
)
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import FloatImages
from image_sequence.steps import backgrounds, paper
from image_sequence.steps.backgrounds import Backgrounds
from image_sequence.steps.corruptions import SEVERITIES, TABLE
from image_sequence.steps.kinds import Kind, Matrices, Parameter
from image_sequence.steps.picture_kinds import MNIST_C, PAPER_KINDS, PICTURE_KINDS

KINDS = {f"paper {name}": kind for name, kind in PAPER_KINDS.items()} | PICTURE_KINDS
CHANGING = {name: kind for name, kind in KINDS.items() if kind.move is None}
MOVING = {name: kind for name, kind in KINDS.items() if kind.move is not None}
CORRUPTIONS = {name: kind for name, kind in PICTURE_KINDS.items() if name.startswith(MNIST_C)}


class RowNoise:
    """Noise of rows, each from a generator of its own."""

    def __init__(self, rows: Sequence[int]) -> None:
        self.generators = [np.random.Generator(np.random.Philox(key=row)) for row in rows]
        self.calls: list[tuple[int, ...]] = []

    def uniform(self, *shape: int) -> FloatImages:
        self.calls.append(shape)
        draws = [rng.integers(0, 2**16, shape) for rng in self.generators]
        return ((np.stack(draws) + 0.5) / 2**16).astype(np.float32)

    def normal(self, *shape: int) -> FloatImages:
        self.calls.append(shape)
        return np.stack([rng.standard_normal(shape, np.float32) for rng in self.generators])


def drawn(kind: Kind, count: int, seed: int = 0) -> dict[str, NDArray[np.float64]]:
    """Values from the usual ranges: shape (count,)."""
    rng = np.random.default_rng(seed)

    def of(parameter: Parameter) -> NDArray[np.float64]:
        low, high = parameter.usual
        return (
            rng.integers(int(low), int(high) + 1, count).astype(np.float64)
            if parameter.whole
            else rng.uniform(low, high, count)
        )

    return {parameter.name: of(parameter) for parameter in kind.parameters}


def changed(kind: Kind, images: FloatImages, first_row: int = 0, **values: float) -> FloatImages:
    """Pictures changed by one kind, with the same values for all, and clipped."""
    arrays = {name: np.full(len(images), value, np.float64) for name, value in values.items()}
    noise = RowNoise(range(first_row, first_row + len(images)))
    return np.clip(kind.change(images.copy(), arrays, noise), 0, 1)


def flat(level: float, *shape: int) -> FloatImages:
    return np.full(shape, level, np.float32)


def digits(count: int = 4) -> FloatImages:
    """Ten real digits side by side, black on white: shape (count, 28, 280, 1)."""
    places = np.arange(count * 10).reshape(count, 10) * 97 % 5000
    glyphs = BundledDigits().load().images[places].transpose(0, 2, 1, 3)
    return 1 - glyphs.reshape(count, 28, 280, 1).astype(np.float32) / np.float32(255)


def matrix(name: str, size: tuple[int, int], **values: float) -> Matrices:
    move = PICTURE_KINDS[name].move
    assert move is not None
    return move({key: np.array([value], np.float64) for key, value in values.items()}, size)[0]


def carried(matrix: Matrices, x: float, y: float) -> list[float]:
    x, y, w = (matrix @ [x, y, 1]).tolist()
    return [x / w, y / w]


# Each picture on its own.


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", CHANGING)
def test_a_picture_is_changed_the_same_in_a_batch_as_alone(name: str, channels: int) -> None:
    kind, count = CHANGING[name], 7
    images = np.random.default_rng(1).random((count, 13, 37, channels), np.float32)
    values = drawn(kind, count)
    together = kind.change(images.copy(), values, RowNoise(range(count)))
    assert together.dtype == np.float32
    assert together.shape == images.shape
    for number in range(count):
        own = {key: value[[number]] for key, value in values.items()}
        alone = kind.change(images[[number]], own, RowNoise([number]))
        assert together[number].tobytes() == alone[0].tobytes()


@pytest.mark.parametrize("name", CHANGING)
def test_a_step_draws_the_same_noise_whatever_its_values(name: str) -> None:
    kind = CHANGING[name]
    calls = []
    for end in (0, 1):
        noise = RowNoise([0])
        values = {p.name: np.array([p.usual[end]], np.float64) for p in kind.parameters}
        kind.change(flat(0.5, 1, 12, 20, 1), values, noise)
        calls.append(noise.calls)
    assert calls[0] == calls[1]


@pytest.mark.parametrize("name", CHANGING)
def test_a_step_changes_a_picture(name: str) -> None:
    images = np.repeat(digits(1) * np.float32(0.9), 3, axis=0)
    after = CHANGING[name].change(images.copy(), drawn(CHANGING[name], 3), RowNoise(range(3)))
    assert (np.abs(np.clip(after, 0, 1) - images).mean(axis=(1, 2, 3)) > 1e-4).all()


@pytest.mark.parametrize("name", MOVING)
def test_a_matrix_is_the_same_in_a_batch_as_alone(name: str) -> None:
    kind = MOVING[name]
    assert kind.move is not None
    values = drawn(kind, 101)
    together = kind.move(values, (28, 390))
    assert together.shape == (101, 3, 3)
    for number in range(101):
        own = {key: value[[number]] for key, value in values.items()}
        assert kind.move(own, (28, 390))[0].tobytes() == together[number].tobytes()


@pytest.mark.parametrize("name", MOVING)
def test_a_moving_kind_leaves_the_pixels_to_its_caller(name: str) -> None:
    images = digits(1)
    after = MOVING[name].change(images.copy(), drawn(MOVING[name], 1), RowNoise([0]))
    assert (after == images).all()


@pytest.mark.parametrize("name", KINDS)
def test_usual_values_lie_within_the_limits(name: str) -> None:
    for parameter in KINDS[name].parameters:
        low, high = parameter.usual
        assert parameter.least <= low <= high <= parameter.most


@pytest.mark.parametrize("name", CHANGING)
@pytest.mark.parametrize("end", ["least", "most"])
def test_a_step_bears_its_limits_and_tiny_pictures(name: str, end: str) -> None:
    values = {p.name: np.array([getattr(p, end)], np.float64) for p in CHANGING[name].parameters}
    for shape in [(1, 1, 1, 1), (1, 3, 2, 3), (1, 28, 40, 1)]:
        after = CHANGING[name].change(flat(0.5, *shape), values, RowNoise([0]))
        assert after.shape == shape
        assert np.isfinite(after).all()


# Moves.


def test_a_quarter_turn_takes_the_right_to_the_bottom() -> None:
    turn = matrix("rotate", (28, 390), angle=90)
    assert carried(turn, 195 + 3, 14) == pytest.approx([195, 14 + 3])


def test_a_shear_leans_the_top_to_the_right() -> None:
    slant = matrix("shear", (28, 390), angle=45)
    assert carried(slant, 100, 14 - 10) == pytest.approx([110, 4])
    assert carried(slant, 100, 14 + 10) == pytest.approx([90, 24])


def test_a_zoom_leaves_the_centre_and_doubles_the_rest() -> None:
    twice = matrix("zoom", (28, 390), factor=2)
    assert carried(twice, 195 + 3, 14 + 1) == pytest.approx([195 + 6, 14 + 2])


def test_a_translation_goes_right_and_down() -> None:
    assert carried(matrix("translate", (28, 390), x=2.5, y=-1), 7, 9) == [9.5, 8]


def test_a_tilt_leaves_the_centre_and_makes_the_right_edge_smaller() -> None:
    tilt = matrix("perspective", (28, 390), tilt_x=0.25, tilt_y=0)
    assert carried(tilt, 195, 14) == pytest.approx([195, 14])
    assert carried(tilt, 390, 0) == pytest.approx([195 + 195 / 1.25, 14 - 14 / 1.25])
    assert carried(tilt, 0, 28) == pytest.approx([195 - 195 / 0.75, 14 + 14 / 0.75])


def test_a_tilt_down_makes_the_lower_edge_smaller() -> None:
    tilt = matrix("perspective", (28, 390), tilt_x=0, tilt_y=0.25)
    assert carried(tilt, 390, 28) == pytest.approx([195 + 195 / 1.25, 14 + 14 / 1.25])


# Faults of cameras and scanners.


def test_a_blurred_point_has_the_deviation_asked_for() -> None:
    point = flat(0, 1, 41, 41, 1)
    point[0, 20, 20] = 1
    spread = changed(PICTURE_KINDS["blur"], point, sigma=2.5)[0, :, :, 0]
    offsets = np.arange(41) - 20
    assert spread.sum() == pytest.approx(1, abs=1e-5)
    # Cut off at three deviations, a normal distribution has 0.986 of its deviation.
    assert np.sqrt((spread.sum(axis=0) * offsets**2).sum()) == pytest.approx(2.5, rel=0.02)


def test_a_blur_of_nothing_changes_nothing() -> None:
    assert np.abs(changed(PICTURE_KINDS["blur"], digits(1), sigma=0) - digits(1)).max() < 1e-6


@pytest.mark.parametrize(("angle", "axis"), [(0, 0), (90, 1), (180, 0)])
def test_motion_smears_a_point_evenly_over_its_length(angle: float, axis: int) -> None:
    point = flat(0, 1, 15, 15, 1)
    point[0, 7, 7] = 1
    after = changed(PICTURE_KINDS["motion_blur"], point, length=5, angle=angle)[0, :, :, 0]
    assert after.sum(axis=axis)[5:10] == pytest.approx([0.2] * 5, abs=1e-6)
    assert np.count_nonzero(after > 1e-6) == 5


def test_slanted_motion_goes_down_to_the_right() -> None:
    point = flat(0, 1, 15, 15, 1)
    point[0, 7, 7] = 1
    length = 3 * np.sqrt(2)
    after = changed(PICTURE_KINDS["motion_blur"], point, length=length, angle=45)[0, :, :, 0]
    assert after[[6, 7, 8], [6, 7, 8]] == pytest.approx([1 / 3] * 3, abs=1e-6)


def test_noise_has_the_deviation_asked_for() -> None:
    after = changed(PICTURE_KINDS["noise"], flat(0.5, 8, 100, 100, 1), deviation=0.1)
    assert after.std() == pytest.approx(0.1, rel=0.01)
    assert after.mean() == pytest.approx(0.5, abs=0.001)


def test_noise_differs_between_channels() -> None:
    after = changed(PICTURE_KINDS["noise"], flat(0.5, 1, 50, 50, 3), deviation=0.1)
    assert abs(np.corrcoef(after[0, :, :, 0].ravel(), after[0, :, :, 1].ravel())[0, 1]) < 0.1


@pytest.mark.parametrize(("photons", "level"), [(4, 1), (20, 0.5), (200, 0.1)])
def test_photons_have_the_mean_the_variance_and_the_skewness_of_a_poisson_distribution(
    photons: float, level: float
) -> None:
    kind, mean = PICTURE_KINDS["shot_noise"], photons * level
    images = flat(level, 8, 100, 100, 1)
    values = {"photons": np.full(8, photons, np.float64)}
    counted = kind.change(images, values, RowNoise(range(8))).astype(np.float64) * photons
    assert np.abs(counted - np.rint(counted)).max() < 1e-3
    assert counted.mean() == pytest.approx(mean, rel=0.01)
    # Rounding to whole photons adds 1/12, the approximation 1/18.
    assert counted.var() == pytest.approx(mean + 1 / 12 + 1 / 18, rel=0.02)
    skewness = ((counted - counted.mean()) ** 3).mean() / counted.std() ** 3
    assert skewness == pytest.approx(mean**-0.5, abs=0.06)


def test_where_no_light_is_no_photon_comes() -> None:
    assert not changed(PICTURE_KINDS["shot_noise"], flat(0, 2, 50, 50, 1), photons=5).any()


def test_salt_and_pepper_lose_the_share_asked_for_half_black_half_white() -> None:
    after = changed(PICTURE_KINDS["salt_and_pepper"], flat(0.5, 4, 100, 100, 3), share=0.2)
    assert (after == 0).mean() == pytest.approx(0.1, abs=0.005)
    assert (after == 1).mean() == pytest.approx(0.1, abs=0.005)
    assert (after[..., 0] == after[..., 2]).all()


@pytest.mark.parametrize(
    ("name", "values", "levels"),
    [
        ("brightness", {"shift": 0.25}, [0.25, 0.5, 0.75, 1, 1]),
        ("brightness", {"shift": -0.25}, [0, 0, 0.25, 0.5, 0.75]),
        ("contrast", {"factor": 0.5}, [0.25, 0.375, 0.5, 0.625, 0.75]),
        ("contrast", {"factor": 2}, [0, 0, 0.5, 1, 1]),
        ("gamma", {"exponent": 2}, [0, 0.0625, 0.25, 0.5625, 1]),
        ("posterise", {"levels": 2}, [0, 0, 0, 1, 1]),
        ("posterise", {"levels": 4}, [0, 1 / 3, 2 / 3, 2 / 3, 1]),
        ("threshold", {"level": 0.5}, [0, 0, 1, 1, 1]),
        ("threshold", {"level": 0.6}, [0, 0, 0, 1, 1]),
        ("invert", {}, [1, 0.75, 0.5, 0.25, 0]),
    ],
)
def test_levels_become(name: str, values: dict[str, float], levels: list[float]) -> None:
    ramp = np.linspace(0, 1, 5, dtype=np.float32).reshape(1, 1, 5, 1)
    after = changed(PICTURE_KINDS[name], ramp, **values)
    assert after.ravel() == pytest.approx(levels, abs=1e-6)


def test_a_threshold_makes_colours_black_or_white_by_how_bright_they_look() -> None:
    red_green_blue = np.eye(3, dtype=np.float32).reshape(1, 1, 3, 3)
    after = changed(PICTURE_KINDS["threshold"], red_green_blue, level=0.4)
    assert after[0, 0].tolist() == [[0, 0, 0], [1, 1, 1], [0, 0, 0]]


def test_jpeg_of_a_high_quality_is_nearly_lossless_and_of_a_low_one_is_not() -> None:
    losses = [
        np.abs(changed(PICTURE_KINDS["jpeg"], digits(), quality=quality) - digits()).mean()
        for quality in (95, 50, 5)
    ]
    assert losses[0] < 0.01
    assert losses[0] < losses[1] < losses[2]
    assert losses[2] > 0.03


def test_jpeg_keeps_colours() -> None:
    red = flat(0, 1, 16, 16, 3)
    red[..., 0] = 1
    after = changed(PICTURE_KINDS["jpeg"], red, quality=90)
    assert np.abs(after - red).max() < 0.02


def test_pixels_are_means_of_squares_that_are_cut_off_at_the_right_and_lower_edge() -> None:
    ramp = np.arange(5, dtype=np.float32) / 4 * np.ones((3, 1), np.float32)
    after = changed(PICTURE_KINDS["pixelate"], ramp[None, ..., None], side=2)[0, :, :, 0]
    assert after.tolist() == [[0.125, 0.125, 0.625, 0.625, 1]] * 3


def test_squares_have_the_mean_of_rows_and_columns() -> None:
    four = np.array([0, 0.25, 0.5, 1], np.float32).reshape(1, 2, 2, 1)
    assert changed(PICTURE_KINDS["pixelate"], four, side=2).ravel().tolist() == [0.4375] * 4


def test_a_vignette_darkens_corners_by_its_strength_and_edges_by_half_of_it() -> None:
    after = changed(PICTURE_KINDS["vignette"], flat(1, 1, 201, 401, 1), strength=0.4)[0, :, :, 0]
    assert after[100, 200] == 1
    assert after[0, 0] == pytest.approx(0.6, abs=0.005)
    assert after[0, 200] == pytest.approx(0.8, abs=0.005)


# Paper.


def test_a_gradient_goes_from_minus_to_plus_half_its_strength() -> None:
    after = changed(PAPER_KINDS["gradient"], flat(0.5, 1, 28, 100, 1), strength=0.2, direction=0)
    row = after[0, 0, :, 0]
    assert row[[0, -1]] == pytest.approx([0.4, 0.6], abs=1e-6)
    assert np.diff(row) == pytest.approx(np.full(99, 0.2 / 99), abs=1e-6)


def test_a_gradient_at_ninety_degrees_is_lightest_at_the_bottom() -> None:
    after = changed(PAPER_KINDS["gradient"], flat(0.5, 1, 28, 9, 3), strength=0.2, direction=90)
    assert after[0, -1] == pytest.approx(np.full((9, 3), 0.6), abs=1e-6)
    assert after[0, 0] == pytest.approx(np.full((9, 3), 0.4), abs=1e-6)


def test_a_slanted_gradient_has_its_ends_in_corners() -> None:
    after = changed(PAPER_KINDS["gradient"], flat(0.5, 1, 28, 90, 1), strength=0.2, direction=30)
    assert [after[0, 0, 0, 0], after[0, -1, -1, 0]] == pytest.approx([0.4, 0.6], abs=1e-6)


def test_a_shadow_lies_on_its_edge_and_ends_where_it_should() -> None:
    after = changed(
        PAPER_KINDS["shadow"], flat(0.8, 1, 5, 101, 1), strength=0.5, extent=0.4, direction=180
    )
    row = after[0, 2, :, 0]
    assert row[0] == pytest.approx(0.4, abs=1e-6)
    assert row[20] == pytest.approx(0.6, abs=1e-6)
    assert (np.diff(row[:41]) > 0).all()
    assert row[40:] == pytest.approx(np.full(61, 0.8), abs=1e-6)


def test_lines_have_the_distance_the_width_and_the_darkness_asked_for() -> None:
    after = changed(
        PAPER_KINDS["lines"],
        flat(0.9, 1, 40, 30, 1),
        distance=10,
        width=1,
        darkness=0.3,
        phase=0.25,
        angle=0,
    )[0, :, :, 0]
    dark = np.flatnonzero(after[:, 0] < 0.85)
    assert dark.tolist() == [2, 12, 22, 32]
    assert after[dark] == pytest.approx(np.full((4, 30), 0.6), abs=1e-5)
    assert after[[0, 1, 3, 4]] == pytest.approx(np.full((4, 30), 0.9), abs=1e-5)


@pytest.mark.parametrize("width", [0.4, 1.0, 2.6])
@pytest.mark.parametrize("phase", [0.0, 0.33])
def test_a_line_takes_as_much_light_as_it_is_wide_wherever_it_lies(
    width: float, phase: float
) -> None:
    after = changed(
        PAPER_KINDS["lines"],
        flat(0.9, 1, 40, 3, 1),
        distance=8,
        width=width,
        darkness=0.5,
        phase=phase,
        angle=0,
    )
    taken = (0.9 - after.astype(np.float64))[0, :, 0, 0].sum()
    assert taken == pytest.approx(5 * width * 0.5, rel=1e-4)


def test_slanted_lines_fall_to_the_right() -> None:
    after = changed(
        PAPER_KINDS["lines"],
        flat(1, 1, 41, 41, 1),
        distance=1000,
        width=1,
        darkness=1,
        phase=0.0205 * np.cos(np.pi / 4),
        angle=45,
    )[0, :, :, 0]
    assert after.argmin(axis=0)[[0, 20, 40]].tolist() == [0, 20, 40]


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
def test_speckle_lies_on_the_share_of_pixels_asked_for(share: float) -> None:
    bare = flat(0.9, 8, 200, 200, 1)
    after = changed(PAPER_KINDS["speckle"], bare, share=share, darkness=0.4)
    dirty = after < 0.6
    assert dirty.mean() == pytest.approx(share, rel=0.05)
    assert after[dirty] == pytest.approx(np.full(dirty.sum(), 0.5), abs=1e-6)
    assert (after[~dirty] == np.float32(0.9)).all()


def test_grains_of_speckle_reach_to_the_right_and_down() -> None:
    bare = flat(0.9, 8, 200, 200, 1)
    dirty = changed(PAPER_KINDS["speckle"], bare, share=0.01, darkness=0.4)[..., 0] < 0.6
    # Of 4 grains that begin, 2 go on to the right and 2 down, if all are single.
    for with_neighbour in (dirty[:, :, 1:] & dirty[:, :, :-1], dirty[:, 1:] & dirty[:, :-1]):
        assert with_neighbour.mean() / dirty.mean() == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize("scale", [0, 1, 3])
def test_texture_has_the_deviation_asked_for_up_to_the_edges(scale: float) -> None:
    bare = flat(0.5, 60, 40, 100, 1)
    after = changed(PAPER_KINDS["texture"], bare, strength=0.05, scale=scale)
    assert after.std() == pytest.approx(0.05, rel=0.03)
    assert after[:, [0, -1]].std() == pytest.approx(0.05, rel=0.06)
    assert after.mean() == pytest.approx(0.5, abs=0.002)


def test_texture_is_as_coarse_as_its_scale() -> None:
    grain = changed(PAPER_KINDS["texture"], flat(0.5, 60, 40, 99, 1), strength=0.05, scale=2) - 0.5
    # Noise blurred by a bell of s pixels correlates by exp(-(d / 2 s)^2) over d pixels.
    correlation = (grain[:, :, 4:] * grain[:, :, :-4]).mean() / (grain * grain).mean()
    assert correlation == pytest.approx(np.exp(-1), abs=0.04)


def test_no_stains_leave_paper_as_it_is() -> None:
    bare = flat(0.9, 2, 28, 60, 1)
    assert (changed(PAPER_KINDS["stains"], bare, count=0, size=20, darkness=0.3) == bare).all()


def test_each_stain_adds_to_those_that_are_there() -> None:
    bare = flat(0.9, 5, 60, 200, 1)
    kind, before = PAPER_KINDS["stains"], bare
    for count in range(1, paper.MOST_STAINS + 1):
        after = changed(kind, bare, count=count, size=20, darkness=0.1)
        assert (after <= before).all()
        assert (after < before).any(axis=(1, 2, 3)).all()
        before = after


def test_a_stain_is_as_dark_and_about_as_large_as_asked_for() -> None:
    bare = flat(0.9, 200, 80, 80, 1)
    after = changed(PAPER_KINDS["stains"], bare, count=1, size=20, darkness=0.3)
    assert after.min() == pytest.approx(0.6, abs=0.005)
    inside = [(image < 0.8).sum() for image in after]
    # A disc of 20 pixels has 314; stains are half to wholly as long, and narrower.
    assert 60 < np.mean(inside) < 314
    assert max(inside) < 1.9 * 314


def test_stains_lie_anywhere() -> None:
    bare = flat(0.9, 200, 30, 80, 1)
    dark = changed(PAPER_KINDS["stains"], bare, count=1, size=8, darkness=0.3)[..., 0] < 0.8
    assert dark.any(axis=(0, 1)).all()
    assert dark.any(axis=(0, 2)).all()
    left, right = dark[:, :, :40].mean(), dark[:, :, 40:].mean()
    assert left == pytest.approx(right, rel=0.3)


def test_smooth_noise_varies_by_little_from_pixel_to_pixel_and_by_much_across_cells() -> None:
    field = paper.smooth_noise(RowNoise(range(50)), (30, 70), 10)
    assert field.shape == (50, 30, 70, 1)
    assert 0 <= field.min() < 0.05
    assert 0.95 < field.max() <= 1
    # Eased, a step of 1 over 10 pixels is at most 0.15 steep.
    assert np.abs(np.diff(field, axis=1)).max() < 0.16
    assert np.abs(np.diff(field, axis=2)).max() < 0.16
    knots = field[:, 4::10, 4::10]
    assert knots.std() > 0.1


# Corruptions.


def test_there_are_fifteen_corruptions() -> None:
    assert len(CORRUPTIONS) == 15
    assert all([p.name for p in kind.parameters] == ["severity"] for kind in CORRUPTIONS.values())


@pytest.mark.parametrize("name", sorted(CORRUPTIONS.keys() - MOVING.keys()))
def test_a_severer_corruption_changes_more(name: str) -> None:
    images = digits(8)
    changes = [
        float(np.abs(changed(CORRUPTIONS[name], images, severity=severity) - images).mean())
        for severity in SEVERITIES
    ]
    assert changes[0] > 0.003
    assert all(less < more for less, more in pairwise(changes)), changes


@pytest.mark.parametrize("name", sorted(CORRUPTIONS.keys() & MOVING.keys()))
def test_a_severer_corruption_moves_further(name: str) -> None:
    points = [(x, y) for x in range(0, 281, 40) for y in range(0, 29, 7)]
    moves = [matrix(name, (28, 280), severity=severity) for severity in SEVERITIES]
    distances = [
        float(np.mean([np.hypot(*np.subtract(carried(move, *point), point)) for point in points]))
        for move in moves
    ]
    assert distances[0] > 0.5
    assert all(less < more for less, more in pairwise(distances)), distances


@pytest.mark.parametrize("severity", SEVERITIES)
def test_the_ends_of_a_turned_picture_rise_by_the_share_of_its_height_in_the_table(
    severity: int,
) -> None:
    turn = matrix(f"{MNIST_C}rotate", (28, 390), severity=severity)
    _, right = carried(turn, 390, 14)
    _, left = carried(turn, 0, 14)
    cosine = turn[0, 0]
    assert (right - 14) / 28 == pytest.approx(TABLE["rotate"][severity - 1] * cosine)
    assert (left - 14) / 28 == pytest.approx(-TABLE["rotate"][severity - 1] * cosine)


def test_corruptions_that_move_do_so_as_the_table_says() -> None:
    assert carried(matrix(f"{MNIST_C}scale", (28, 390), severity=3), 390, 14) == pytest.approx(
        [195 + 195 * TABLE["scale"][2], 14]
    )
    assert carried(matrix(f"{MNIST_C}shear", (28, 390), severity=5), 100, 0) == pytest.approx(
        [107, 0]
    )
    assert carried(matrix(f"{MNIST_C}translate", (28, 390), severity=2), 9, 9) == pytest.approx(
        [11.8, 10.4]
    )


def test_impulses_and_stripes_take_the_share_in_the_table() -> None:
    grey = flat(0.5, 4, 100, 130, 1)
    lost = changed(CORRUPTIONS[f"{MNIST_C}impulse_noise"], grey, severity=4) != 0.5
    assert lost.mean() == pytest.approx(TABLE["impulse_noise"][3], abs=0.01)
    inverted = changed(CORRUPTIONS[f"{MNIST_C}stripe"], flat(1, 4, 100, 130, 1), severity=4) == 0
    assert inverted.mean() == pytest.approx(TABLE["stripe"][3], abs=0.01)
    assert (inverted == inverted[:, :1]).all()


def test_mud_lies_on_as_much_as_a_normal_distribution_has_beyond_the_threshold() -> None:
    after = changed(CORRUPTIONS[f"{MNIST_C}spatter"], flat(1, 20, 56, 200, 1), severity=5)
    assert (after < 0.65).mean() == pytest.approx(0.0968, abs=0.02)
    assert after.min() == pytest.approx(0.3, abs=1e-6)


def test_fog_leaves_the_share_of_contrast_that_the_table_says() -> None:
    black_and_white = np.stack([flat(0, 28, 60, 1), flat(1, 28, 60, 1)])
    values = {"severity": np.array([4.0, 4.0])}
    after = CORRUPTIONS[f"{MNIST_C}fog"].change(black_and_white, values, RowNoise([3, 3]))
    assert after[1] - after[0] == pytest.approx(np.full((28, 60, 1), 1 - TABLE["fog"][3]), abs=1e-5)
    assert after[0].std() > 0.005


def test_glass_takes_pixels_from_nearby_only() -> None:
    half = flat(1, 1, 100, 200, 1)
    half[:, :, :100] = 0
    after = changed(CORRUPTIONS[f"{MNIST_C}glass_blur"], half, severity=5)[0, :, :, 0]
    reach = round(TABLE["glass_blur"][4] * 100) + 6  # The blur's own reach beside it.
    assert (after[:, : 100 - reach] == 0).all()
    assert after[:, 100 + reach :] == pytest.approx(np.ones((100, 100 - reach)), abs=1e-6)
    # Pixels at the border come from either side.
    assert after[:, 100].mean() == pytest.approx(0.5, abs=0.1)


def test_the_severest_edges_are_black_on_white_and_where_ink_begins() -> None:
    square = flat(1, 1, 28, 60, 3)
    square[:, 8:20, 20:40] = 0
    after = changed(CORRUPTIONS[f"{MNIST_C}canny_edges"], square, severity=5)
    assert set(np.unique(after)) == {0, 1}
    assert (after[0, 12:16, 25:35] == 1).all()
    assert (after[0, 14, 18:22] == 0).any()


def test_dotted_lines_grow_in_number_and_reach_from_edge_to_edge() -> None:
    for severity in (1, 3, 5):
        after = changed(
            CORRUPTIONS[f"{MNIST_C}dotted_line"], flat(1, 3, 60, 400, 1), 4, severity=severity
        )
        dark = (after[..., 0] < 0.5).any(axis=1)
        width = TABLE["dotted_line"][severity - 1] * 60
        assert dark[:, : int(3 * width)].any(axis=1).all()
        assert dark[:, -int(3 * width) :].any(axis=1).all()
        single = np.pi * (width / 2) ** 2 * 400 / (3 * width)
        taken = (1 - after).sum(axis=(1, 2, 3))
        assert taken == pytest.approx(
            np.full(3, single * TABLE["dotted_lines"][severity - 1]), rel=0.3
        )


def test_a_zigzag_crosses_every_column_and_goes_up_and_down_by_its_teeth() -> None:
    after = changed(CORRUPTIONS[f"{MNIST_C}zigzag"], flat(1, 4, 60, 400, 1), severity=3)[..., 0]
    lowest = after.argmin(axis=1)
    assert (after.min(axis=1) < 0.1).all()
    assert np.ptp(lowest, axis=1) == pytest.approx(np.full(4, 2 * 0.3 * 60), abs=3)
    assert np.abs(np.diff(lowest, axis=1)).max() <= 2


# Libraries.


def test_a_step_says_what_to_do_without_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(LibraryError, match=r'OpenCV.*does not load.*"opencv-python<5"'):
        changed(PICTURE_KINDS["blur"], flat(1, 1, 5, 5, 1), sigma=1)


def test_importing_the_kinds_loads_no_library_but_numpy() -> None:
    program = (
        "import sys, image_sequence.steps.picture_kinds, image_sequence.steps.backgrounds\n"
        "print(sorted({'cv2', 'PIL', 'scipy', 'imgaug'} & set(sys.modules)))"
    )
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


# Backgrounds.


def save(path: Path, levels: NDArray[np.uint8]) -> None:
    Image.fromarray(levels).save(path)


def ramp(height: int, width: int, first: int = 0) -> NDArray[np.uint8]:
    """Each pixel has its own level: 10 a row, 1 a column."""
    rows, columns = np.arange(height)[:, None], np.arange(width)
    return (first + 10 * rows + columns).astype(np.uint8)


def levels(images: FloatImages) -> list[list[list[int]]]:
    return np.rint(images[..., 0] * 255).astype(int).tolist()


def test_a_part_lies_where_its_place_says(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(4, 6))
    found = Backgrounds.from_folder(tmp_path)
    # Of 4 x 6 pixels, parts of 2 x 3 have room for 3 x 4 places.
    places = np.array([[0.0, 0.0], [0.999, 0.999], [0.25, 0.34]])
    after = found.paper([0, 0, 0], places, (2, 3), 1)
    assert after.dtype == np.float32
    assert after.shape == (3, 2, 3, 1)
    assert levels(after) == [
        [[0, 1, 2], [10, 11, 12]],
        [[23, 24, 25], [33, 34, 35]],
        [[11, 12, 13], [21, 22, 23]],
    ]


def test_every_place_is_as_probable(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(1, 6))
    found = Backgrounds.from_folder(tmp_path)
    shares = (np.arange(100) + 0.5) / 100
    after = found.paper(np.zeros(100, int), np.stack([shares, shares], axis=1), (1, 3), 1)
    firsts = np.rint(after[:, 0, 0, 0] * 255).astype(int)
    assert np.bincount(firsts).tolist() == [25, 25, 25, 25]


def test_a_picture_as_large_as_its_part_is_taken_whole(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(2, 3))
    found = Backgrounds.from_folder(tmp_path)
    after = found.paper([0, 0], np.array([[0.0, 0.9], [0.9, 0.0]]), (2, 3), 1)
    assert levels(after) == [[[0, 1, 2], [10, 11, 12]]] * 2


def test_a_picture_that_is_too_small_is_continued_by_its_mirror_image(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(1, 3))
    found = Backgrounds.from_folder(tmp_path)
    # Twice three pixels, forth and back, have six places.
    after = found.paper([0, 0], np.array([[0.0, 0.0], [0.5, 0.0]]), (2, 8), 1)
    assert levels(after) == [[[0, 1, 2, 2, 1, 0, 0, 1]] * 2, [[2, 1, 0, 0, 1, 2, 2, 1]] * 2]


def test_pictures_are_numbered_by_name_and_others_passed_over(tmp_path: Path) -> None:
    for number, name in enumerate(("c.png", "b.PNG", ".hidden.png", "a.bmp")):
        save(tmp_path / name, ramp(2, 2, 50 * number))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "deeper.png").mkdir()
    found = Backgrounds.from_folder(str(tmp_path))
    assert found.count == 3
    corners = found.paper([2, 1, 0], np.zeros((3, 2)), (1, 1), 1)
    assert levels(corners) == [[[0]], [[50]], [[150]]]


def test_grey_becomes_colour_and_colour_grey(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.full((2, 2), 51, np.uint8))
    save(tmp_path / "b.png", np.full((2, 2, 3), (255, 0, 0), np.uint8))
    found = Backgrounds.from_folder(tmp_path)
    colours = found.paper([0, 1], np.zeros((2, 2)), (1, 1), 3)
    assert colours.reshape(2, 3) == pytest.approx(np.array([[0.2] * 3, [1, 0, 0]]), abs=1e-6)
    greys = found.paper([0, 1], np.zeros((2, 2)), (1, 1), 1)
    assert greys.ravel() == pytest.approx([0.2, 0.299], abs=1e-6)


def test_a_damaged_picture_is_named_when_it_is_needed_and_not_before(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(2, 2))
    (tmp_path / "b.jpg").write_bytes(b"no picture at all")
    found = Backgrounds.from_folder(tmp_path)
    found.paper([0], np.zeros((1, 2)), (1, 1), 1)
    with pytest.raises(PictureError, match=r"b\.jpg cannot be read as a picture"):
        found.paper([1], np.zeros((1, 2)), (1, 1), 1)


def test_a_folder_that_is_missing_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"there is no folder '.*nowhere'"):
        Backgrounds.from_folder(tmp_path / "nowhere")
    with pytest.raises(PictureError, match=r"no pictures in the folder .* \.bmp, \.gif"):
        Backgrounds.from_folder(tmp_path)
    with pytest.raises(ArgumentTypeError, match="by its path, not 7"):
        Backgrounds.from_folder(7)  # type: ignore[arg-type]  # that is what is tested


def test_a_number_beyond_the_pictures_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "a.png", ramp(2, 2))
    found = Backgrounds.from_folder(tmp_path)
    for number in (1, -1):
        with pytest.raises(ArgumentValueError, match=f"numbers 0 to 0, not {number} to {number}"):
            found.paper([number], np.zeros((1, 2)), (1, 1), 1)


def test_backgrounds_pickle_as_their_path(tmp_path: Path) -> None:
    save(tmp_path / "a.png", np.random.default_rng(0).integers(0, 255, (300, 300), np.uint8))
    found = Backgrounds.from_folder(tmp_path)
    before = found.paper([0], np.full((1, 2), 0.5), (28, 60), 1)
    pickled = pickle.dumps(found)
    assert len(pickled) < 1000
    assert (pickle.loads(pickled).paper([0], np.full((1, 2), 0.5), (28, 60), 1) == before).all()  # noqa: S301


def test_what_was_not_used_for_longest_is_forgotten_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backgrounds, "MOST_BYTES", 8)
    read: list[str] = []
    original = backgrounds.read_levels

    def reading(path: Path, *rest: str) -> NDArray[np.uint8]:
        read.append(path.name)
        return original(path, *rest)

    monkeypatch.setattr(backgrounds, "read_levels", reading)
    for name in "abc":
        save(tmp_path / f"{name}.png", ramp(2, 2))
    save(tmp_path / "d.png", ramp(3, 3))  # Larger than all that may be kept.
    found = Backgrounds.from_folder(tmp_path)
    found.paper([0, 1, 0, 2, 0, 1, 2, 3, 3, 1], np.zeros((10, 2)), (1, 1), 1)
    assert "".join(name[0] for name in read) == "abcbcdd"
