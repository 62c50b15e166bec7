"""The kinds of steps that change glyphs."""

import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from image_sequence.composing.transforms import stretched
from image_sequence.errors import LibraryError
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.warping import warp

MOVING = [name for name, kind in GLYPH_KINDS.items() if kind.move is not None]
NEUTRAL = {
    "affine": {"scale": 1.0, "stretch": 1.0},
    "contrast": {"strength": 1.0, "gamma": 1.0},
}


@dataclass(frozen=True)
class OwnNoise:
    """Noise of which each image has its own row."""

    indices: tuple[int, ...]

    def uniform(self, *shape):
        return np.stack(
            [self._source(i).uniform(1e-6, 1 - 1e-6, shape) for i in self.indices]
        ).astype(np.float32)

    def normal(self, *shape):
        rows = [self._source(i).normal(size=shape) for i in self.indices]
        return np.stack(rows).astype(np.float32)

    @staticmethod
    def _source(index):
        return np.random.Generator(np.random.Philox(key=index))


def values_of(name, count, **given_values):
    """The named values for each image, and 0 for the rest; in `NEUTRAL`, what it says."""
    neutral = NEUTRAL.get(name, {})
    return {
        parameter.name: np.broadcast_to(
            np.float64(given_values.get(parameter.name, neutral.get(parameter.name, 0.0))), (count,)
        )
        for parameter in GLYPH_KINDS[name].parameters
    }


def random_values(name, source, count):
    """Values from all over the limits, every third one neutral or at a limit."""
    values = {}
    for parameter in GLYPH_KINDS[name].parameters:
        drawn = source.uniform(parameter.least, parameter.most, count)
        neutral = NEUTRAL.get(name, {}).get(parameter.name, 0.0)
        ends = source.choice([parameter.least, parameter.most, neutral], count)
        values[parameter.name] = np.where(source.random(count) < 0.33, ends, drawn)
    return values


def changed(name, images, noise=None, **given_values):
    """Copies of images, changed by the kind of that name."""
    images = np.array(images, np.float32)
    noise = noise or OwnNoise(tuple(range(len(images))))
    return GLYPH_KINDS[name].change(images, values_of(name, len(images), **given_values), noise)


def blobs(points, size, deviation=1.5):
    """Images of one soft round blob each: float32, shape (count, height, width, 1)."""
    y, x = np.indices(size) + 0.5
    squares = (x - points[:, 0, None, None]) ** 2 + (y - points[:, 1, None, None]) ** 2
    return np.exp(-squares / (2 * deviation**2)).astype(np.float32)[..., None]


def centre_of_ink(image):
    y, x = np.indices(image.shape[:2]) + 0.5
    ink = image[..., 0].astype(np.float64)
    return np.array([(x * ink).sum(), (y * ink).sum()]) / ink.sum()


def moved(matrices, points):
    """Points of shape (count, m, 2), moved by matrices."""
    images = np.concatenate([points, np.ones((*points.shape[:2], 1))], axis=2) @ np.swapaxes(
        matrices, 1, 2
    )
    return images[..., :2] / images[..., 2:]


def random_images(source, count, size, channels):
    """Images of sharp noise on paper, so that every place differs from its neighbours.

    Some of the paper is -0.0, which is not the same bits.
    """
    images = source.random((count, *size, channels), np.float32)
    paper = source.choice(np.float32([0.0, -0.0]), (count, *size, 1))
    return np.where(source.random((count, *size, 1)) < 0.6, images, paper)


# All kinds


@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(GLYPH_KINDS)),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
    channels=st.sampled_from([1, 3]),
    seed=st.integers(0, 2**32),
)
def test_an_image_is_changed_alike_alone_and_among_others(name, height, width, channels, seed):
    source = np.random.default_rng(seed)
    images = random_images(source, 9, (height, width), channels)
    values = random_values(name, source, 9)
    change = GLYPH_KINDS[name].change
    together = change(images.copy(), values, OwnNoise(tuple(range(9))))
    for k in range(9):
        own = {parameter: value[k : k + 1] for parameter, value in values.items()}
        alone = change(images[k : k + 1].copy(), own, OwnNoise((k,)))
        assert alone.tobytes() == together[k].tobytes()


@pytest.mark.parametrize("name", sorted(GLYPH_KINDS))
def test_an_image_is_changed_alike_wherever_it_stands_in_a_big_batch(name):
    source = np.random.default_rng(3)
    images = random_images(source, 700, (28, 28), 1)
    values = random_values(name, source, 700)
    change = GLYPH_KINDS[name].change
    together = change(images.copy(), values, OwnNoise(tuple(range(700))))
    for chosen in ([699], [83, 84], list(range(650, 120, -7))):
        own = {parameter: value[chosen] for parameter, value in values.items()}
        some = change(images[chosen].copy(), own, OwnNoise(tuple(chosen)))
        assert some.tobytes() == together[chosen].tobytes()


@pytest.mark.parametrize("name", sorted(set(GLYPH_KINDS) - {"stretch"}))
def test_neutral_values_change_no_bit(name):
    images = random_images(np.random.default_rng(1), 5, (11, 17), 3) + np.float32(0)  # No -0.0.
    assert changed(name, images).tobytes() == images.tobytes()


@pytest.mark.parametrize("name", sorted(set(GLYPH_KINDS) - {"noise"}))
@pytest.mark.parametrize("seed", range(8))
def test_no_ink_gets_from_one_image_into_another(name, seed):
    images = np.ones((9, 12, 9, 1), np.float32)
    images[1::2] = 0
    values = random_values(name, np.random.default_rng(seed), 9)
    result = GLYPH_KINDS[name].change(images, values, OwnNoise(tuple(range(9))))
    assert not result[1::2].any()


@pytest.mark.parametrize("name", sorted(GLYPH_KINDS))
@pytest.mark.parametrize("count", [0, 40])
def test_all_values_within_the_limits_give_float32_images_of_finite_numbers(name, count):
    source = np.random.default_rng(5)
    images = random_images(source, count, (28, 20), 3)
    noise = OwnNoise(tuple(range(count)))
    if count == 0:
        noise = type("NoNoise", (), dict.fromkeys(("uniform", "normal"), _nothing))()
    result = GLYPH_KINDS[name].change(images, random_values(name, source, count), noise)
    assert result.dtype == np.float32
    assert result.shape == (count, 28, 20, 3)
    assert np.isfinite(result).all()


def _nothing(_, *shape):
    return np.empty((0, *shape), np.float32)


@pytest.mark.parametrize("kind", GLYPH_KINDS.values(), ids=GLYPH_KINDS)
def test_usual_ranges_lie_within_the_limits(kind):
    for parameter in kind.parameters:
        assert parameter.least <= parameter.usual[0] <= parameter.usual[1] <= parameter.most


@pytest.mark.parametrize("name", MOVING)
@pytest.mark.parametrize("size", [(28, 28), (40, 31)])
def test_ink_goes_where_its_point_goes(name, size):
    source = np.random.default_rng(7)
    count = 200
    limits = {
        "affine": {
            "rotate": (-40, 40), "shear": (-25, 25), "scale": (0.8, 1.2), "stretch": (0.8, 1.25),
            "shift_x": (-3, 3), "shift_y": (-3, 3),
        },
        "perspective": {"tilt_x": (-0.3, 0.3), "tilt_y": (-0.3, 0.3)},
        "crop": dict.fromkeys(("left", "top", "right", "bottom"), (0.0, 0.2)),
    }  # fmt: skip
    values = {key: source.uniform(*ends, count) for key, ends in limits[name].items()}
    spread = 0.25 if name == "perspective" else 0.1
    points = np.array(size[::-1]) * source.uniform(0.5 - spread, 0.5 + spread, (count, 2))
    images = blobs(points, size, deviation=0.8)
    kind = GLYPH_KINDS[name]
    expected = moved(kind.move(values, size), points[:, None])[:, 0]
    result = kind.change(images, values, OwnNoise(()))
    found = np.array([centre_of_ink(image) for image in result])
    away = np.abs(found - expected).max(axis=1)
    # A blob that a homography changes in size has its middle of ink a little off its own middle.
    assert away.max() < 0.1
    assert np.abs(expected - points).max() > 0.7  # It did go somewhere.


# Affine


def test_rotation_is_clockwise_as_seen():
    images = random_images(np.random.default_rng(1), 2, (9, 9), 1)
    turned = changed("affine", images, rotate=90.0)
    np.testing.assert_allclose(turned, np.rot90(images, -1, axes=(1, 2)), atol=1e-6)


def test_shear_leans_tops_to_the_right_by_the_angle():
    bar = np.zeros((1, 21, 41, 1), np.float32)
    bar[:, :, 20] = 1
    leaning = changed("affine", bar, shear=45.0)[0, :, :, 0]
    assert leaning.argmax(axis=1).tolist() == list(range(30, 9, -1))


@pytest.mark.parametrize(("scale", "stretch"), [(1.5, 1.0), (1.0, 1.5), (0.7, 0.8)])
def test_scale_and_stretch_make_a_square_as_wide_and_as_high(scale, stretch):
    square = np.zeros((1, 40, 40, 1), np.float32)
    square[:, 14:26, 14:26] = 1
    square = ndimage.gaussian_filter(square, (0, 1.5, 1.5, 0))  # Sums over soft edges are exact.
    ink = changed("affine", square, scale=scale, stretch=stretch)[0, :, :, 0]
    assert ink[20].sum() == pytest.approx(12 * scale * stretch**0.5, abs=0.05)
    assert ink[:, 20].sum() == pytest.approx(12 * scale / stretch**0.5, abs=0.05)


def test_a_shift_by_whole_pixels_copies_them_and_wraps_nothing():
    images = random_images(np.random.default_rng(1), 3, (10, 12), 3)
    shifted = changed("affine", images, shift_x=4.0, shift_y=-3.0)
    assert (shifted[:, :7, 4:] == images[:, 3:, :-4]).all()
    assert not shifted[:, 7:].any()
    assert not shifted[:, :, :4].any()


def test_shifts_are_exact_to_a_32nd_of_a_pixel():
    edge = np.zeros((64, 3, 12, 1), np.float32)
    edge[:, :, 6:] = 1
    shift = np.linspace(0, 1, 64)
    grey = 1 - changed("affine", edge, shift_x=shift)[:, 1, 6, 0]
    np.testing.assert_allclose(grey, shift, atol=1 / 64 + 1e-6)


# Perspective


def test_the_far_side_is_shorter_by_the_tilt_and_the_centre_stays():
    kind = GLYPH_KINDS["perspective"]
    corners = np.array([[[0, 0], [0, 20], [30, 0], [30, 20], [15, 10]]], np.float64)
    left_top, left_bottom, right_top, right_bottom, centre = moved(
        kind.move(values_of("perspective", 1, tilt_x=0.3), (20, 30)), corners
    )[0]
    ratio = (right_bottom - right_top)[1] / (left_bottom - left_top)[1]
    assert ratio == pytest.approx(0.7)
    assert centre.tolist() == pytest.approx([15, 10])
    left_top, left_bottom, right_top, right_bottom, _ = moved(
        kind.move(values_of("perspective", 1, tilt_y=-0.25), (20, 30)), corners
    )[0]
    assert (right_top - left_top)[0] / (right_bottom - left_bottom)[0] == pytest.approx(0.75)


# Elastic


def shifts_of(alpha, sigma, count=4, size=(28, 28)):
    """The shifts by the book: x and y, float64, shape (count, 2, height, width)."""
    fields = OwnNoise(tuple(range(count))).uniform(2, *size) * 2.0 - 1.0
    smooth = [[ndimage.gaussian_filter(f, sigma, mode="constant") for f in two] for two in fields]
    return alpha * np.array(smooth)


@pytest.mark.parametrize(("alpha", "sigma"), [(30.0, 4.0), (8.0, 2.3), (0.55, 0.15)])
def test_elastic_is_scipys_gaussian_shift_and_cubic_interpolation(alpha, sigma):
    y, x = np.indices((28, 28)) + 0.5
    # Without edges, so that kinds of cubic interpolation agree.
    smooth = np.sin(np.pi * x / 28) * np.sin(np.pi * y / 28) ** 2
    images = np.broadcast_to(smooth, (4, 28, 28))
    shifts = shifts_of(alpha, sigma)
    rows, columns = np.indices((28, 28))
    expected = [
        ndimage.map_coordinates(smooth, (rows + dy, columns + dx), order=3) for dx, dy in shifts
    ]
    result = changed("elastic", images[..., None], alpha=alpha, sigma=sigma)[..., 0]
    inner = (slice(None), slice(5, -5), slice(5, -5))
    assert np.abs(result - np.array(expected))[inner].max() < 0.01
    assert np.abs(result - images)[inner].max() > 0.05


@pytest.mark.parametrize(("alpha", "sigma"), [(30.0, 4.0), (40.0, 6.0)])
def test_ink_goes_where_elastic_displaces_its_point(alpha, sigma):
    count, size = 60, (28, 28)
    points = np.random.default_rng(2).uniform(8, 20, (count, 2))
    noise = OwnNoise(tuple(range(count)))
    values = values_of("elastic", count, alpha=alpha, sigma=sigma)
    kind = GLYPH_KINDS["elastic"]
    expected = kind.displace(points[:, None], values, noise, size)[:, 0]
    result = kind.change(blobs(points, size, deviation=0.8), values, noise)
    brightest = np.array([centre_of_ink(np.maximum(image, 0) ** 4) for image in result])
    # A blob that is bent, and not only shifted, has its middle off its point's place.
    assert np.median(np.abs(brightest - expected)) < 0.1
    assert np.median(np.abs(points - expected)) > 0.4


def test_displaced_points_come_from_their_points():
    alpha, sigma, count = 25.0, 4.0, 6
    shifts = shifts_of(alpha, sigma, count)
    points = np.random.default_rng(3).uniform(4, 24, (count, 30, 2))
    values = values_of("elastic", count, alpha=alpha, sigma=sigma)
    noise = OwnNoise(tuple(range(count)))
    found = GLYPH_KINDS["elastic"].displace(points, values, noise, (28, 28))
    for k in range(count):
        places = (found[k] - 0.5).T[::-1]
        back = [ndimage.map_coordinates(f, places, order=1, mode="nearest") for f in shifts[k]]
        np.testing.assert_allclose(found[k] + np.transpose(back), points[k], atol=1e-3)
    assert np.abs(found - points).max() > 1


def test_displaced_points_do_not_depend_on_the_other_images():
    points = np.random.default_rng(3).uniform(-3, 31, (5, 8, 2))
    values = values_of("elastic", 5, alpha=60.0, sigma=3.0)
    displace = GLYPH_KINDS["elastic"].displace
    together = displace(points, values, OwnNoise(tuple(range(5))), (28, 28))
    one = {name: value[3:4] for name, value in values.items()}
    alone = displace(points[3:4], one, OwnNoise((3,)), (28, 28))
    assert alone.tobytes() == together[3].tobytes()


# Crop


def test_crop_scales_what_is_left_to_the_whole():
    y, x = np.indices((20, 28), np.float32)
    right = changed("crop", x[None, :, :, None], left=0.25, right=0.25)[0, 10, :, 0]
    np.testing.assert_allclose(right, 7 + (np.arange(28) + 0.5) / 2 - 0.5, atol=0.06)
    down = changed("crop", y[None, :, :, None], top=0.1, bottom=0.4)[0, :, 14, 0]
    np.testing.assert_allclose(down, 2 + (np.arange(20) + 0.5) / 2 - 0.5, atol=0.06)


def test_crop_is_bicubic():
    row = np.random.default_rng(1).random(16, np.float32)
    result = changed("crop", row.reshape(1, 1, 16, 1), left=0.25, right=0.25).ravel()
    places = 4 + (np.arange(16) + 0.5) / 2 - 0.5
    expected = [(row * cubic(np.arange(16) - place)).sum() for place in places]
    np.testing.assert_allclose(result, expected, atol=1e-6)


def cubic(away):
    """Keys' weights (1981) of pixels some way away, with a = -0.75."""
    d, a = np.abs(away), -0.75
    near = ((a + 2) * d - (a + 3)) * d * d + 1
    far = ((a * d - 5 * a) * d + 8 * a) * d - 4 * a
    return np.where(d < 1, near, np.where(d < 2, far, 0))


def test_elastic_rings_as_bicubic_interpolation_does():
    images = random_images(np.random.default_rng(1), 2, (28, 28), 1)
    rough = changed("elastic", images, alpha=0.5, sigma=0.15)
    assert rough.min() < -0.05
    assert np.abs(rough - images).max() > 0.2


# Stroke


@pytest.mark.parametrize("width", [-2.6, -2.0, -0.7, 0.3, 1.0, 2.0, 3.7, 8.0])
@pytest.mark.parametrize("upright", [True, False])
def test_a_straight_soft_bar_gets_wider_by_the_width(width, upright):
    bar = np.zeros((1, 30, 30, 1), np.float32)
    bar[:, :, 11:17] = np.array([0.3, 1, 1, 1, 1, 0.7], np.float32)[:, None]
    if not upright:
        bar = np.swapaxes(bar, 1, 2)
    after = changed("stroke", bar, width=width)[0, :, :, 0]
    profile = after[15] if upright else after[:, 15]
    assert profile.sum() == pytest.approx(5.0 + width, abs=1e-5)


@pytest.mark.parametrize("width", [-2.0, 1.0, 2.0, 4.0])
def test_a_slanting_bar_gets_wider_by_nearly_the_width(width):
    y, x = np.indices((60, 60))
    bar = np.clip(4 - np.abs(x - y) / 2**0.5, 0, 1).astype(np.float32)[None, ..., None]
    before, after = bar[0, 30, :, 0].sum(), changed("stroke", bar, width=width)[0, 30, :, 0].sum()
    assert (after - before) / 2**0.5 == pytest.approx(width, rel=0.1)


def test_a_half_step_is_half_the_change_of_a_whole_one():
    images = random_images(np.random.default_rng(1), 4, (13, 9), 3)
    whole, half = (changed("stroke", images, width=width) for width in (2.0, 1.0))
    np.testing.assert_allclose(half, (images + whole) / 2, atol=1e-6)


@pytest.mark.parametrize("width", [2.0, 5.0])
def test_strokes_at_a_side_do_not_come_out_at_the_other(width):
    images = np.zeros((1, 12, 14, 3), np.float32)
    images[:, :, -1] = 1
    images[:, -1] = 1
    wider = changed("stroke", images, width=width)
    radius = int(np.ceil(width / 2))
    assert not wider[:, : 11 - radius, : 13 - radius].any()
    assert wider[0, 3, 13 - radius].all()


def test_strokes_that_touch_the_side_are_thinned_from_there_too():
    ink = np.ones((1, 8, 8, 1), np.float32)
    after = changed("stroke", ink, width=-2.0)[0, :, :, 0]
    assert after[1:-1, 1:-1].all()
    assert after.sum() == 36


# Blur


@pytest.mark.parametrize("size", [(28, 28), (9, 40), (1, 5)])
def test_blur_is_scipys_gaussian_with_paper_outside(size):
    sigmas = np.array([0.0, 0.1, 0.13, 0.4, 0.62, 0.63, 1.0, 2.5, 10.0])
    images = random_images(np.random.default_rng(1), 9, size, 3)
    result = changed("blur", images, sigma=sigmas)
    for image, sigma, blurred in zip(images, sigmas, result, strict=True):
        expected = ndimage.gaussian_filter(
            image.astype(np.float64), (sigma, sigma, 0), mode="constant"
        )
        np.testing.assert_allclose(blurred, expected, atol=2e-6)


def test_blur_keeps_all_ink_that_is_far_from_the_sides():
    images = np.zeros((1, 60, 60, 1), np.float32)
    images[:, 25:35, 25:35] = random_images(np.random.default_rng(1), 1, (10, 10), 1)
    blurred = changed("blur", images, sigma=5.0)
    assert blurred.sum() == pytest.approx(images.sum(), rel=1e-5)
    assert blurred.max() < images.max() / 2


# Noise and dropout


def test_noise_has_the_deviation():
    grey = np.full((3, 100, 100, 1), 0.5, np.float32)
    result = changed("noise", grey, deviation=np.array([0.05, 0.2, 1.0]))
    np.testing.assert_allclose(result.mean(axis=(1, 2, 3)), 0.5, atol=0.03)
    np.testing.assert_allclose(result.std(axis=(1, 2, 3)), [0.05, 0.2, 1.0], rtol=0.03)


def test_dropout_takes_the_share_of_the_pixels_in_all_channels_together():
    images = random_images(np.random.default_rng(1), 4, (100, 100), 3) + np.float32(0.1)
    shares = np.array([0.0, 0.1, 0.5, 1.0])
    result = changed("dropout", images, share=shares)
    dropped = (result == 0).all(axis=3)
    assert ((result == images) | dropped[..., None]).all()
    np.testing.assert_allclose(dropped.mean(axis=(1, 2)), shares, atol=0.02)
    assert dropped.sum(axis=(1, 2))[[0, 3]].tolist() == [0, 10_000]


# Contrast and stretch


def test_contrast_is_strength_times_ink_to_the_gamma():
    images = np.float32([-0.2, 0.0, 0.25, 1.0]).reshape(1, 1, 4, 1)
    result = changed("contrast", images, strength=0.8, gamma=2.0)
    np.testing.assert_allclose(result.ravel(), [0, 0, 0.05, 0.8], rtol=1e-6)
    result = changed("contrast", images, strength=2.0, gamma=0.5)
    np.testing.assert_allclose(result.ravel(), [0, 0, 1.0, 2.0], rtol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_stretch_is_the_classic_stretching(channels):
    images = random_images(np.random.default_rng(1), 6, (5, 7), channels) * np.float32(0.6)
    images += np.float32(0.2)
    images[2] = 0.5
    images[3] = 0
    expected = stretched(images[None].copy())[0]
    assert changed("stretch", images).tobytes() == expected.astype(np.float32).tobytes()


# Warping whole pictures


def shift(x, y):
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def test_beyond_the_border_is_paper_or_the_picture_mirrored():
    pictures = random_images(np.random.default_rng(1), 3, (64, 400), 3)
    matrices = np.stack([shift(2, 1), shift(-30, 0), shift(0, -70)])
    paper = warp(pictures.copy(), matrices)
    assert (paper[0, 1:, 2:] == pictures[0, :-1, :-2]).all()
    assert not paper[0, :, :2].any()
    assert not paper[2].any()
    mirrored = warp(pictures.copy(), matrices, border="mirror")
    assert (mirrored[0, 1:, 2:] == pictures[0, :-1, :-2]).all()
    assert (mirrored[0, 1:, :2] == pictures[0, :-1, 2:0:-1]).all()
    assert (mirrored[0, 0, 2:] == pictures[0, 1, :-2]).all()
    assert (mirrored[1, :, 370:] == pictures[1, :, -2:-32:-1]).all()


@pytest.mark.parametrize("border", ["paper", "mirror"])
def test_a_picture_is_warped_alike_alone_and_among_others(border):
    source = np.random.default_rng(4)
    pictures = random_images(source, 9, (64, 200), 1)
    matrices = np.tile(np.eye(3), (9, 1, 1)) + source.normal(0, 0.1, (9, 3, 3))
    matrices[:, 2] = [0, 0, 1]
    matrices[::2, 2, 0] = 0.001  # Affine ones and others in one batch.
    together = warp(pictures.copy(), matrices, border=border)
    for k in range(9):
        alone = warp(pictures[k : k + 1].copy(), matrices[k : k + 1], border=border)
        assert alone.tobytes() == together[k].tobytes()


def test_a_homography_takes_the_corners_of_a_square_where_it_says():
    points = np.array([[40.0, 20.0], [160.0, 44.0], [100.5, 32.5]])
    matrix = np.array([[0.9, 0.05, 8], [-0.03, 1.05, 1], [0.0006, 0.0003, 1]])
    matrices = np.tile(matrix, (3, 1, 1))
    result = warp(blobs(points, (64, 200), deviation=1.2), matrices)
    expected = moved(matrices, points[:, None])[:, 0]
    found = np.array([centre_of_ink(image) for image in result])
    assert np.abs(found - expected).max() < 0.1


def test_more_rows_than_opencv_counts_are_no_matter():
    pictures = np.zeros((70, 900, 1, 1), np.float32)
    pictures[:, 7] = np.arange(1, 71, dtype=np.float32)[:, None, None]
    result = warp(pictures, np.tile(shift(0, 3), (70, 1, 1)))
    assert result[:, 10, 0, 0].tolist() == list(range(1, 71))
    assert np.count_nonzero(result) == 70


def test_what_may_not_be_written_to_is_left_alone():
    images = random_images(np.random.default_rng(1), 2, (8, 8), 1)
    images.flags.writeable = False
    before = images.copy()
    result = warp(images, np.tile(shift(1, 0), (2, 1, 1)))
    assert (images == before).all()
    assert (result[:, :, 1:] == before[:, :, :-1]).all()


# Libraries


def test_importing_the_kinds_loads_no_big_library():
    code = (
        "import sys; import image_sequence.steps.glyph_kinds; "
        "print({'cv2', 'scipy', 'PIL', 'imgaug'} & set(sys.modules))"
    )
    output = subprocess.run(  # noqa: S603  # Our own Python and our own code.
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert output.strip() == "set()"


@pytest.mark.parametrize("name", ["affine", "crop"])
def test_without_opencv_the_error_says_what_to_install(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(LibraryError, match=r'OpenCV.* does not load.*install "opencv-python<5"'):
        changed(name, np.ones((1, 4, 4, 1)))
