"""The composer: plans that belong to a sample, and pictures that are functions of plans."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from image_sequence.composing.composer import Composer
from image_sequence.composing.request import WIDEST, SequenceRequest
from image_sequence.composing.spacing import fixed, variable
from image_sequence.composing.transforms import Transform, classic
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, PluginError
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import FloatImages

REQUEST = SequenceRequest((2, 0, 2, 6), 0, 20, 130)

GOLDEN_GLYPHS = {
    7: [[1401, 179, 1013, 3337], [1388, 484, 1450, 3045], [1285, 232, 1020, 3323]],
    2**64 - 1: [[1160, 242, 1435, 3193], [1055, 367, 1353, 3459], [1317, 145, 1398, 3125]],
}
GOLDEN_GAPS = {
    7: [[18, 6, 16, 13, 14], [14, 1, 5, 14, 18], [3, 18, 18, 14, 0]],
    2**64 - 1: [[19, 14, 14, 12, 3], [1, 11, 17, 17, 17], [18, 17, 6, 14, 5]],
}


def faint(glyphs: FloatImages, rng: Draws) -> NDArray[np.float64]:
    """Each sample's ink at its own strength."""
    return glyphs * rng.uniform(0.2, 0.9, 1)[:, :, None, None]


def composer(bank: GlyphBank, transform: Transform | None = None) -> Composer:
    return Composer(bank, variable, edges=True, transform=transform, seed=7)


@pytest.mark.parametrize("seed", [7, 2**64 - 1])
def test_plans_are_the_golden_ones(seed: int) -> None:
    bank = BundledDigits().load()
    plan = Composer(bank, variable, edges=True, transform=None, seed=seed).plan(REQUEST, [0, 1, 99])
    assert plan.glyph_indices.tolist() == GOLDEN_GLYPHS[seed]
    assert plan.gaps.tolist() == GOLDEN_GAPS[seed]


@given(
    indices=st.lists(st.integers(0, 2**40), min_size=1, max_size=6),
    labels=st.lists(st.integers(0, 9), min_size=1, max_size=5),
    transform=st.sampled_from([None, faint]),
)
def test_a_batch_is_its_samples_bit_for_bit(
    grey_bank: GlyphBank, indices: list[int], labels: list[int], transform: Transform | None
) -> None:
    request = replace(REQUEST, labels=tuple(labels))
    subject = composer(grey_bank, transform)
    together = subject.render(subject.plan(request, indices))
    for sample, index in zip(together, indices, strict=True):
        alone = subject.render(subject.plan(request, [index]))[0]
        assert (sample.image == alone.image).all()
        assert sample.glyph_indices.tolist() == alone.glyph_indices.tolist()
        assert sample.gaps.tolist() == alone.gaps.tolist()
        assert (sample.seed, sample.index) == (7, index)


def test_the_classic_transform_of_a_batch_is_that_of_its_samples() -> None:
    subject = composer(BundledDigits().load(), classic)
    together = subject.render(subject.plan(REQUEST, [5, 2, 9]))
    alone = [subject.render(subject.plan(REQUEST, [index])).images[0] for index in (5, 2, 9)]
    assert (together.images == np.array(alone)).all()


def test_changing_the_spacing_keeps_the_handwriting(grey_bank: GlyphBank) -> None:
    ours = composer(grey_bank).plan(REQUEST, range(20))
    wider = composer(grey_bank).plan(replace(REQUEST, minimum=10, maximum=40), range(20))
    other = replace(composer(grey_bank), spacing=fixed).plan(
        replace(REQUEST, image_width=4 * 28 + 5 * 4), range(20)
    )
    assert (ours.glyph_indices == wider.glyph_indices).all()
    assert (ours.glyph_indices == other.glyph_indices).all()


def test_changing_the_transform_keeps_handwriting_and_spacing(grey_bank: GlyphBank) -> None:
    plain = composer(grey_bank).plan(REQUEST, range(20))
    changed = composer(grey_bank, faint).plan(REQUEST, range(20))
    assert (plain.glyph_indices == changed.glyph_indices).all()
    assert (plain.gaps == changed.gaps).all()


def test_the_picture_shows_the_glyphs_that_the_plan_names(grey_bank: GlyphBank) -> None:
    subject = replace(composer(grey_bank), spacing=fixed)
    request = replace(REQUEST, image_width=4 * 28 + 5 * 4)
    plan = subject.plan(request, range(10))
    for sample in subject.render(plan):
        middles = sample.image[14, [4 + 14 + place * 32 for place in range(4)]]
        inks = np.rint(255 * (1 - middles)) / 10 - 1
        assert inks.tolist() == sample.glyph_indices.tolist()
        assert [index % 10 for index in sample.glyph_indices] == [2, 0, 2, 6]


def test_each_instance_of_a_digit_is_drawn(grey_bank: GlyphBank) -> None:
    plan = composer(grey_bank).plan(REQUEST, range(50))
    assert set(plan.glyph_indices[:, 0].tolist()) == {2, 12}
    assert set(plan.glyph_indices[:, 3].tolist()) == {6, 16}


@given(st.integers(0, 2**64 - 1), st.integers(1, 200))
def test_pixels_lie_from_0_to_1(seed: int, image_width: int) -> None:
    subject = replace(composer(BundledDigits().load()), seed=seed)
    images = subject.render(subject.plan(replace(REQUEST, image_width=image_width), [0])).images
    assert images.dtype == np.float32
    assert images.shape == (1, 28, image_width)
    assert images.min() >= 0
    assert images.max() <= 1


def test_paper_is_white_and_full_ink_black() -> None:
    full = GlyphBank(np.full((1, 28, 28), 255, np.uint8), np.array([3]))
    subject = replace(composer(full), spacing=fixed)
    image = subject.render(subject.plan(SequenceRequest((3,), 5, 5, 38), [0])).images[0]
    assert (image[:, :5] == 1).all()
    assert (image[:, 5:33] == 0).all()
    assert (image[:, 33:] == 1).all()


def test_digits_too_many_for_a_strip_are_refused(grey_bank: GlyphBank) -> None:
    request = replace(REQUEST, labels=(1,) * 40_000)
    with pytest.raises(
        ArgumentValueError, match=r"take 1120000 pixels, .* use at most 35714 digits"
    ):
        composer(grey_bank).plan(request, [0])
    assert WIDEST // 28 == 35_714


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, "returned None; an array of floats works"),
        (np.zeros((1, 4, 28, 28), np.uint8), "returned an array of uint8 of the shape"),
        (np.zeros((4, 28, 28)), r"returned the shape \(4, 28, 28\); that of the glyphs, \(1, 4,"),
        (np.full((1, 4, 28, 28), np.nan), "returned NaN or infinity"),
    ],
)
def test_a_transform_that_returns_something_else_is_named(
    grey_bank: GlyphBank, result: object, message: str
) -> None:
    def odd(glyphs: FloatImages, rng: Draws) -> object:
        return result

    subject = composer(grey_bank, odd)  # type: ignore[arg-type]  # odd on purpose
    plan = subject.plan(REQUEST, [0])
    with pytest.raises(PluginError, match=f"the transform odd {message}"):
        subject.render(plan)


def test_what_a_transform_overdoes_is_clipped(grey_bank: GlyphBank) -> None:
    def stark(glyphs: FloatImages, rng: Draws) -> FloatImages:
        return glyphs * 40 - 10

    # Not fitted: nothing else clips.
    subject = replace(composer(grey_bank, stark), spacing=fixed)
    images = subject.render(subject.plan(replace(REQUEST, image_width=132), range(4))).images
    assert images.min() == 0
    assert images.max() == 1
