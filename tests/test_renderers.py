"""The renderers: each makes exactly the pixels that the definition of a drawing says."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from image_sequence import BundledDigits
from image_sequence.composing import blocks, compiled
from image_sequence.composing.drawing import FULL_LEVEL, FULL_SUM, Drawing
from image_sequence.composing.resampling import RESAMPLES, WEIGHT_SUM, resize_weights
from image_sequence.errors import LibraryError

RENDERERS = ("blocks", "compiled")
DTYPES = (np.float32, np.uint8)


def renderer_of(name: str) -> Any:
    if name == "compiled":
        pytest.importorskip("numba", reason="the compiled renderer needs numba")
    return import_module(f"image_sequence.composing.{name}")


# The definition, slow and in whole numbers.


def strip_of(drawing: Drawing, sample: int) -> NDArray[np.int64]:
    strip_width = int(drawing.strip_widths[sample])
    strip = np.full((drawing.height, strip_width), drawing.paper, np.int64)
    height, width = drawing.glyphs.shape[1:]
    for index, start in zip(drawing.indices[sample], drawing.starts[sample], strict=True):
        if index >= 0:
            levels = drawing.glyphs[index].astype(np.int64)
            place = strip[drawing.top : drawing.top + height, start : start + width]
            place[:] = levels if drawing.light else 255 - levels
    return strip


def sums_of(drawing: Drawing, sample: int) -> NDArray[np.int64]:
    strip = strip_of(drawing, sample)
    if strip.shape[1] == drawing.width:
        return strip * WEIGHT_SUM
    weights = resize_weights(strip.shape[1], drawing.width, drawing.resample)
    sums = np.empty((drawing.height, drawing.width), np.int64)
    for column, (first, taps) in enumerate(zip(weights.first, weights.weights, strict=True)):
        window = strip[:, first : first + len(taps)]
        sums[:, column] = window @ taps[: window.shape[1]].astype(np.int64)
    return sums


def clipped_sums_of(drawing: Drawing) -> NDArray[np.int64]:
    sums = [sums_of(drawing, sample) for sample in range(len(drawing.indices))]
    return np.clip(np.array(sums), 0, FULL_SUM)


def floats_of(sums: NDArray[np.int64]) -> NDArray[np.float32]:
    return sums.astype(np.float32) / np.float32(FULL_SUM)


def bytes_of(sums: NDArray[np.int64]) -> NDArray[np.uint8]:
    return ((2 * sums + WEIGHT_SUM) // (2 * WEIGHT_SUM)).astype(np.uint8)


def expected(drawing: Drawing, dtype: Any) -> NDArray[Any]:
    sums = clipped_sums_of(drawing)
    return floats_of(sums) if dtype == np.float32 else bytes_of(sums)


def expected_masks(drawing: Drawing) -> NDArray[np.bool_]:
    batch, n = drawing.indices.shape
    masks = np.zeros((batch, n, drawing.height, drawing.width), np.bool_)
    for k in range(n):
        alone = np.full_like(drawing.indices, -1)
        alone[:, k] = drawing.indices[:, k]
        pictures = bytes_of(clipped_sums_of(replace(drawing, indices=alone)))
        masks[:, k] = pictures != drawing.paper
    return masks


def drawn(renderer: Any, drawing: Drawing, dtype: Any) -> NDArray[Any]:
    out = drawing.empty(np.dtype(dtype))
    out[...] = 77  # A pixel that nobody draws is found.
    renderer.draw(drawing, out)
    return out


def masks_drawn(renderer: Any, drawing: Drawing) -> NDArray[np.bool_]:
    out = np.zeros((*drawing.indices.shape, drawing.height, drawing.width), np.bool_)
    renderer.draw_masks(drawing, out)
    return out


# Drawings.


def inked(rng: np.random.Generator, shape: tuple[int, int, int], overshoots: bool) -> Any:
    """Glyphs with ink in some rectangle of each, which may be all of it or nothing."""
    low, high, dtype = (-90, 346, np.int16) if overshoots else (0, 256, np.uint8)
    glyphs = rng.integers(low, high, shape).astype(dtype)
    glyphs[rng.random(shape) < 0.2] = 0
    for glyph in glyphs:
        top, bottom = np.sort(rng.integers(0, shape[1] + 1, 2))
        left, right = np.sort(rng.integers(0, shape[2] + 1, 2))
        if rng.random() < 0.7:
            glyph[:top] = glyph[bottom:] = 0
            glyph[:, :left] = glyph[:, right:] = 0
    return glyphs


@st.composite
def drawings(draw: Any) -> Drawing:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    batch, n = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    height = draw(st.integers(1, 9) | st.just(28))
    width = draw(st.integers(1, 40) | st.just(28))
    gaps = rng.integers(0, draw(st.integers(1, 30)), (batch, n + 1))
    starts = np.cumsum(gaps[:, :n] + width, axis=1) - width
    strip_widths = gaps.sum(axis=1) + n * width
    if draw(st.booleans()):
        strip_widths[:] = strip_widths.max()
    top = draw(st.integers(0, 3))
    widths = st.integers(1, 20) | st.integers(1, 300) | st.just(int(strip_widths[0]))
    return Drawing(
        glyphs=inked(rng, (6, height, width), draw(st.booleans())),
        indices=rng.integers(draw(st.integers(-3, 0)), 6, (batch, n)).clip(-1),
        starts=starts,
        strip_widths=strip_widths,
        width=draw(widths),
        height=top + height + draw(st.integers(0, 2)),
        top=top,
        resample=draw(st.sampled_from(RESAMPLES)),
        light=draw(st.booleans()),
    )


@pytest.fixture(scope="module")
def digits() -> NDArray[np.uint8]:
    return BundledDigits().load().images


def digits_drawn(
    digits: NDArray[np.uint8], n: int, width: int, widest_gap: int, count: int = 700, **details: Any
) -> Drawing:
    """Bundled digits at random, with random gaps between; or all gaps alike where it says so."""
    rng = np.random.default_rng(width)
    gaps = rng.integers(0, widest_gap + 1, (count, n))
    if details.pop("alike", False):
        gaps[:] = widest_gap
    usual = {"height": 28, "top": 0, "resample": "bicubic", "light": False}
    return Drawing(
        glyphs=digits,
        indices=rng.integers(0, len(digits), (count, n)),
        starts=np.cumsum(gaps + 28, axis=1) - 28,
        strip_widths=gaps.sum(axis=1) + 28 * n,
        width=width,
        **(usual | details),
    )


CONFIGURATIONS: dict[str, dict[str, Any]] = {
    "many digits": {"n": 10, "width": 390, "widest_gap": 20},
    "few digits": {"n": 5, "width": 160, "widest_gap": 5},
    "not resized": {"n": 10, "width": 380, "widest_gap": 10, "alike": True},
    "made much smaller": {"n": 10, "width": 150, "widest_gap": 20, "resample": "lanczos"},
    "made much larger": {"n": 3, "width": 500, "widest_gap": 30, "resample": "bilinear"},
    "light on high paper": {"n": 4, "width": 128, "widest_gap": 9, "light": True, "height": 40},
}


# The facts.


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", RENDERERS)
@given(drawing=drawings())
def test_pictures_are_what_the_definition_says(name: str, dtype: Any, drawing: Drawing) -> None:
    np.testing.assert_array_equal(
        drawn(renderer_of(name), drawing, dtype), expected(drawing, dtype)
    )


@pytest.mark.parametrize("name", RENDERERS)
@given(drawing=drawings())
def test_masks_are_what_the_definition_says(name: str, drawing: Drawing) -> None:
    np.testing.assert_array_equal(masks_drawn(renderer_of(name), drawing), expected_masks(drawing))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_both_renderers_draw_thousands_of_real_digits_alike(
    digits: NDArray[np.uint8], configuration: str, dtype: Any
) -> None:
    drawing = digits_drawn(digits, **CONFIGURATIONS[configuration])
    fast = drawn(renderer_of("compiled"), drawing, dtype)
    np.testing.assert_array_equal(fast, drawn(blocks, drawing, dtype))
    sample = drawing.rows(slice(0, 3))
    np.testing.assert_array_equal(fast[:3], expected(sample, dtype))


@pytest.mark.parametrize("configuration", CONFIGURATIONS)
def test_both_renderers_mark_real_digits_alike(
    digits: NDArray[np.uint8], configuration: str
) -> None:
    drawing = digits_drawn(digits, count=100, **CONFIGURATIONS[configuration])
    fast = masks_drawn(renderer_of("compiled"), drawing)
    np.testing.assert_array_equal(fast, masks_drawn(blocks, drawing))
    np.testing.assert_array_equal(fast[:2], expected_masks(drawing.rows(slice(0, 2))))


@pytest.mark.parametrize("name", RENDERERS)
@given(drawing=drawings())
def test_the_byte_picture_is_the_rounded_float_picture(name: str, drawing: Drawing) -> None:
    renderer = renderer_of(name)
    floats = drawn(renderer, drawing, np.float32)
    rounded = np.rint(np.float32(255) * floats)
    np.testing.assert_array_equal(drawn(renderer, drawing, np.uint8), rounded)


def test_no_sum_is_rounded_to_another_level_by_any_of_the_formulas() -> None:
    sums = np.arange(FULL_SUM + 1)
    levels = bytes_of(sums)
    scaled = sums.astype(np.float32) * np.float32(1 / WEIGHT_SUM)
    assert (np.rint(scaled) == levels).all()  # As blocks has it,
    assert ((scaled + np.float32(0.5)).astype(np.int32) == levels).all()  # as compiled has it,
    assert (np.rint(np.float32(255) * floats_of(sums)) == levels).all()  # as a user may.


def test_a_float_pixel_is_the_one_nearest_to_the_quotient() -> None:
    sums = np.arange(FULL_SUM + 1)
    # float64 holds the quotient to 53 bits: none of so few sums is that near to a midpoint.
    assert (floats_of(sums) == (sums / FULL_SUM).astype(np.float32)).all()


@pytest.mark.parametrize("light", [False, True])
def test_a_pixel_leaves_paper_at_half_a_level_of_ink(light: bool) -> None:
    ink = np.arange(FULL_SUM + 1)
    levels = bytes_of(ink if light else FULL_SUM - ink)
    assert ((levels != (0 if light else 255)) == (ink >= (WEIGHT_SUM + 1) // 2)).all()


@pytest.mark.parametrize("resample", RESAMPLES)
@pytest.mark.parametrize(
    ("width", "levels_apart"), [(390, 0.1), (280, 0.1), (600, 0.1), (61, 1), (7, 1), (4000, 1)]
)
def test_pixels_agree_with_pillow(
    digits: NDArray[np.uint8], width: int, levels_apart: float, resample: str
) -> None:
    drawing = digits_drawn(digits, 10, width, 20, count=8, resample=resample)
    pictures = drawn(blocks, drawing, np.float32)
    for sample, picture in enumerate(pictures):
        strip = Image.fromarray(strip_of(drawing, sample).astype(np.float32) / FULL_LEVEL)
        resized = strip.resize((width, 28), Image.Resampling[resample.upper()])
        apart = np.abs(np.clip(np.asarray(resized), 0, 1) - picture).max()
        assert apart * 255 < levels_apart


@pytest.mark.parametrize("name", RENDERERS)
@pytest.mark.parametrize("strip_width", [1, 5_000, 1_000_000])
def test_a_strip_may_be_of_any_width(name: str, strip_width: int) -> None:
    glyphs = np.full((1, 2, 1), 200, np.uint8)
    indices, widths = np.zeros((1, 1), np.int64), np.array([strip_width])
    drawing = Drawing(glyphs, indices, widths[:, None] - 1, widths, 20, 3, 1, "bicubic", True)
    pictures = drawn(renderer_of(name), drawing, np.float32)
    np.testing.assert_array_equal(pictures, expected(drawing, np.float32))


@pytest.mark.parametrize("name", RENDERERS)
def test_glyphs_may_be_read_only_or_in_a_file_or_laid_out_otherwise(
    digits: NDArray[np.uint8], tmp_path: Path, name: str
) -> None:
    drawing = digits_drawn(digits, 3, 100, 20, count=4)
    np.save(tmp_path / "glyphs.npy", digits)
    turned = np.ascontiguousarray(digits.transpose(2, 1, 0)).transpose(2, 1, 0)
    writable = digits.copy()
    padded = np.zeros((len(digits), 28, 30), np.uint8)
    padded[:, :, 1:29] = digits
    in_file = np.load(tmp_path / "glyphs.npy", mmap_mode="r")
    for glyphs in (turned, writable, padded[:, :, 1:29], in_file):
        same = replace(drawing, glyphs=glyphs)
        np.testing.assert_array_equal(
            drawn(renderer_of(name), same, np.uint8), drawn(blocks, drawing, np.uint8)
        )
    assert (writable == digits).all()


@pytest.mark.parametrize("name", RENDERERS)
def test_a_batch_may_be_empty(name: str) -> None:
    whole = Drawing(
        glyphs=np.zeros((1, 28, 28), np.uint8),
        indices=np.zeros((1, 2), np.int64),
        starts=np.array([[0, 28]]),
        strip_widths=np.array([56]),
        width=40,
        height=28,
        top=0,
        resample="box",
        light=False,
    )
    empty = whole.rows(slice(0, 0))
    assert drawn(renderer_of(name), empty, np.uint8).shape == (0, 28, 40)
    assert masks_drawn(renderer_of(name), empty).shape == (0, 2, 28, 40)


def test_the_compiled_renderer_fills_a_part_of_larger_memory(digits: NDArray[np.uint8]) -> None:
    drawing = digits_drawn(digits, 3, 100, 20, count=4)
    sheet = np.zeros((4, 30, 110), np.uint8)
    renderer_of("compiled").draw(drawing, sheet[:, 1:29, 5:105])
    np.testing.assert_array_equal(sheet[:, 1:29, 5:105], drawn(blocks, drawing, np.uint8))
    sheet[:, 1:29, 5:105] = 0
    assert not sheet.any()


@pytest.mark.parametrize("name", RENDERERS)
def test_threads_may_draw_at_once(digits: NDArray[np.uint8], name: str) -> None:
    renderer = renderer_of(name)
    several = [digits_drawn(digits, n, 40 * n, 20, count=50) for n in (2, 3, 4, 5)] * 3
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda drawing: drawn(renderer, drawing, np.float32), several))
    for pictures, drawing in zip(together, several, strict=True):
        np.testing.assert_array_equal(pictures, drawn(blocks, drawing, np.float32))


def test_without_numba_the_compiled_renderer_names_what_to_install(
    digits: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = digits_drawn(digits, 3, 100, 20, count=4)
    monkeypatch.setattr(compiled, "_made_kernels", compiled._made_kernels.__wrapped__)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(LibraryError, match=r'pip install "image-sequence\[fast\]"'):
        drawn(compiled, drawing, np.uint8)


def test_importing_the_compiled_renderer_does_not_import_numba() -> None:
    program = "import sys, image_sequence.composing.compiled; print(*sys.modules)"
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert not {"numba", "llvmlite"} & {name.partition(".")[0] for name in result.stdout.split()}
