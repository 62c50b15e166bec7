"""Resize filters as whole numbers: Pillow's weights, and sums that come out exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from image_sequence.composing.drawing import FULL_LEVEL, FULL_SUM
from image_sequence.composing.resampling import (
    RESAMPLES,
    WEIGHT_SUM,
    Weights,
    resize_rows,
    resize_weights,
)

PILLOWS = {name: getattr(Image.Resampling, name.upper()) for name in RESAMPLES}
filters = st.sampled_from(RESAMPLES)
sizes = st.integers(1, 300)


def levels(*shape: int, seed: int = 7) -> NDArray[np.uint8]:
    """Grey levels at random, half of them black or white."""
    rng = np.random.default_rng(seed)
    grey = rng.integers(0, 256, shape, np.uint8)
    return np.where(rng.random(shape) < 0.5, grey // 128 * 255, grey).astype(np.uint8)


def applied(weights: Weights, row: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The weighted sums of a row, term by term."""
    taps = np.arange(weights.weights.shape[1])
    padded = np.append(row.astype(np.int64), np.zeros(len(taps), np.int64))
    return (padded[weights.first[:, None] + taps] * weights.weights).sum(axis=1)


def by_pillow(row: NDArray[np.uint8], target: int, resample: str) -> NDArray[np.float32]:
    image = Image.fromarray(row.astype(np.float32)[None])
    return np.asarray(image.resize((target, 1), PILLOWS[resample]))[0]


@given(st.integers(1, 200), st.floats(0.4, 4.0), filters, st.integers(0, 99))
def test_a_resized_row_is_pillows_within_a_tenth_of_a_level(
    source: int, ratio: float, resample: str, seed: int
) -> None:
    target = max(1, round(source * ratio))
    row = levels(source, seed=seed)
    ours = applied(resize_weights(source, target, resample), row) / WEIGHT_SUM
    assert abs(ours - by_pillow(row, target, resample)).max() < 0.1


@given(st.integers(1, 900), st.integers(1, 900), st.integers(0, 99))
def test_nearest_takes_the_very_pixels_that_pillow_takes(
    source: int, target: int, seed: int
) -> None:
    row = levels(source, seed=seed)
    weights = resize_weights(source, target, "nearest")
    assert (applied(weights, row) == WEIGHT_SUM * by_pillow(row, target, "nearest")).all()


@given(sizes, sizes, filters)
def test_weights_add_up_exactly_and_stay_within_the_row(
    source: int, target: int, resample: str
) -> None:
    weights = resize_weights(source, target, resample)
    assert weights.first.dtype == np.int64
    assert weights.weights.dtype == np.int32
    assert weights.first.shape == weights.weights.shape[:1] == (target,)
    assert (weights.weights.sum(axis=1) == WEIGHT_SUM).all()
    assert (np.diff(weights.first) >= 0).all()
    assert weights.first[0] >= 0
    outputs, taps = weights.weights.nonzero()
    assert (weights.first[outputs] + taps).max() < source


@given(sizes, filters)
def test_a_row_of_its_own_size_stays_as_it_is(size: int, resample: str) -> None:
    row = levels(size)
    assert (
        applied(resize_weights(size, size, resample), row) == WEIGHT_SUM * row.astype(int)
    ).all()


@given(sizes, sizes, filters)
def test_a_row_of_one_level_keeps_that_level(source: int, target: int, resample: str) -> None:
    weights = resize_weights(source, target, resample)
    assert set(applied(weights, np.full(source, 255, np.uint8))) == {FULL_SUM}


@given(st.integers(2, 300), st.integers(2, 300), filters)
def test_weights_are_symmetric_but_for_the_rounding(
    source: int, target: int, resample: str
) -> None:
    row = levels(source)
    weights = resize_weights(source, target, resample)
    there, back = applied(weights, row), applied(weights, row[::-1])[::-1]
    if resample not in ("nearest", "box"):  # At a pixel's very edge these take one side.
        assert abs(there - back).max() < 0.3 * WEIGHT_SUM


@pytest.mark.parametrize("resample", RESAMPLES)
def test_wide_rows_have_the_same_weights_made_anew(resample: str) -> None:
    narrow, wide = resize_weights(4_000, 4_096, resample), resize_weights(4_000, 4_097, resample)
    assert resize_weights(4_000, 4_096, resample) is narrow
    assert resize_weights(4_000, 4_097, resample) is not wide
    assert (wide.weights.sum(axis=1) == WEIGHT_SUM).all()


@given(st.integers(1, 40), st.integers(1, 80), filters, st.integers(0, 99))
def test_resized_images_are_pillows_within_a_level(
    old: int, height: int, resample: str, seed: int
) -> None:
    images = levels(2, old, 5, seed=seed)
    resized = resize_rows(images, height, resample)
    assert resized.dtype == np.int16
    assert resized.shape == (2, height, 5)
    for image, ours in zip(images.astype(np.float32), resized, strict=True):
        theirs = np.asarray(Image.fromarray(image).resize((5, height), PILLOWS[resample]))
        # Half a level of rounding, and the weights' own.
        assert abs(ours - theirs).max() < 0.7


@given(st.integers(1, 40), st.integers(1, 80), filters)
def test_resized_images_are_the_rounded_sums(old: int, height: int, resample: str) -> None:
    images = levels(3, old, 4)
    weights = resize_weights(old, height, resample)
    for image, ours in zip(images, resize_rows(images, height, resample), strict=True):
        for column, resized in zip(image.T, ours.T, strict=True):
            assert resized.tolist() == np.rint(applied(weights, column) / WEIGHT_SUM).tolist()


@pytest.mark.parametrize("count", [0, 1, 256, 257, 600])
def test_any_number_of_images_is_resized(count: int) -> None:
    images = levels(count, 6, 3)
    resized = resize_rows(images, 9, "lanczos")
    assert resized.shape == (count, 9, 3)
    for place in range(0, count, 85):
        assert (resized[place] == resize_rows(images[place, None], 9, "lanczos")[0]).all()


def test_overshoot_is_kept_for_what_follows() -> None:
    image = np.zeros((1, 8, 1), np.uint8)
    image[:, 4:] = 255
    resized = resize_rows(image, 20, "lanczos")
    assert resized.min() < 0
    assert resized.max() > 255


@pytest.mark.parametrize("resample", RESAMPLES)
def test_overshoot_is_far_from_what_16_bits_hold(resample: str) -> None:
    for target in range(1, 120):
        weights = resize_weights(28, target, resample).weights
        positive = np.maximum(weights, 0).sum(axis=1).max()
        assert FULL_LEVEL * positive / WEIGHT_SUM < 355
        assert FULL_LEVEL * (positive - WEIGHT_SUM) / WEIGHT_SUM < 100


def test_no_sum_lies_halfway_between_two_levels() -> None:
    assert WEIGHT_SUM % 2 == 1
    sums = np.arange(FULL_SUM + 1)
    assert (2 * sums % WEIGHT_SUM != 0)[sums % WEIGHT_SUM != 0].all()


def test_each_sum_is_exact_in_float32() -> None:
    # 1.4 is more than any filter overshoots: see above.
    assert 1.4 * FULL_SUM < 2**24
    sums = np.arange(FULL_SUM + 1)
    assert (sums.astype(np.float32) == sums).all()


def test_the_rounded_float_picture_is_the_byte_picture_for_each_sum_there_is() -> None:
    sums = np.arange(FULL_SUM + 1)
    exact = (2 * sums + WEIGHT_SUM) // (2 * WEIGHT_SUM)  # Rounded in whole numbers.
    pixels = sums.astype(np.float32) / np.float32(FULL_SUM)
    assert pixels.dtype == np.float32
    assert (np.rint(255 * pixels) == exact).all()
    assert (np.rint(np.float64(255) * pixels) == exact).all()


@pytest.mark.parametrize("resample", ["box", "bilinear", "hamming", "bicubic", "lanczos"])
def test_each_weight_is_pillows_but_for_one_unit(resample: str) -> None:
    # Rounding the running sum lets no error pile up.
    weights = resize_weights(300, 390, resample)
    shares = []
    for output in (0, 1, 195, 389):
        impulse = np.eye(300, dtype=np.float32)
        image = Image.fromarray(impulse).resize((390, 300), PILLOWS[resample])
        taps = weights.first[output] + np.arange(weights.weights.shape[1])
        there = taps < 300
        theirs = np.asarray(image)[taps[there], output]
        shares.append(abs(weights.weights[output][there] - WEIGHT_SUM * theirs).max())
    assert max(shares) < 1.01
