"""The canvas: what may be asked of it, and where everything stands on it."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_sequence import DigitSequence, GlyphBank
from image_sequence.composing.canvas import TALLEST, Canvas, Layout, placed_cells
from image_sequence.composing.resampling import RESAMPLES
from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.plan import ABSENT, Plan

CHOICES = {
    "fit": ("resize", "pad"),
    "align": ("left", "centre", "right", "drawn"),
    "resample": ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"),
    "ink": ("dark", "light"),
}
WORDS = [(name, word) for name, words in CHOICES.items() for word in words]


def plan_of(gap_rows: list[list[int]], image_width: int, offsets: list[int] | None = None) -> Plan:
    """The plan of samples with the given gaps, one label less than gaps each."""
    lengths = np.array([len(gaps) - 1 for gaps in gap_rows])
    longest = int(lengths.max())
    there = np.arange(longest) < lengths[:, None]
    return Plan(
        labels=np.where(there, 3, ABSENT),
        lengths=lengths,
        glyph_indices=np.where(there, 0, ABSENT),
        gaps=np.array([gaps + [ABSENT] * (longest + 1 - len(gaps)) for gaps in gap_rows]),
        offsets=np.array(offsets or [0] * len(gap_rows)),
        image_width=image_width,
        seed=7,
        indices=np.arange(len(gap_rows)),
    )


@pytest.mark.parametrize(("name", "word"), WORDS)
def test_a_canvas_keeps_each_word_it_knows(name: str, word: str) -> None:
    assert getattr(Canvas(**{name: word}), name) == word


def test_the_canvas_is_the_classic_one_unless_said_otherwise() -> None:
    assert Canvas() == Canvas("resize", "left", None, "bicubic", "dark")
    assert CHOICES["resample"] == RESAMPLES


@pytest.mark.parametrize("word", ["LANCZOS", "Lanczos", "lanczos"])
def test_a_filter_has_its_name_in_any_case(word: str) -> None:
    assert Canvas(resample=word) == Canvas(resample="lanczos")


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("value", ["stretch", "", None, 3, True, ["pad"], b"pad"])
def test_another_word_is_refused_by_naming_those_that_work(name: str, value: Any) -> None:
    known = ", ".join(map(repr, CHOICES[name]))
    with pytest.raises(ArgumentValueError) as caught:
        Canvas(**{name: value})
    assert str(caught.value) == f"{name} is one of {known}, not {value!r}"


@pytest.mark.parametrize("height", [32.0, "32", True, [32]])
def test_a_height_is_a_whole_number(height: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"an image_height is a whole number of pixels"):
        Canvas(image_height=height)


@pytest.mark.parametrize("height", [0, -1, TALLEST + 1])
def test_a_height_out_of_range_is_refused(height: int) -> None:
    with pytest.raises(ArgumentValueError, match=r"an image_height lies from 1 to 10000 pixels, "):
        Canvas(image_height=height)


def test_a_height_of_numpys_is_kept_as_pythons() -> None:
    assert type(Canvas(image_height=np.uint8(32)).image_height) is int  # type: ignore[arg-type]  # on purpose


def test_pictures_are_as_tall_as_asked_or_as_the_glyphs() -> None:
    assert Canvas().height(28) == 28
    assert Canvas(image_height=20).height(28) == 20
    assert Canvas(fit="pad").height(28) == 28
    assert Canvas(fit="pad", image_height=28).height(28) == 28


def test_glyphs_that_keep_their_size_are_not_taller_than_the_picture() -> None:
    with pytest.raises(
        ArgumentValueError,
        match=r"digits of 28 pixels do not fit into an image_height of 27; .* use 28 or more",
    ):
        Canvas(fit="pad", image_height=27).height(28)


gap_rows = st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=6), min_size=1, max_size=5)
cell_sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))


@given(gap_rows, cell_sizes, st.integers(1, 200), st.none() | st.integers(1, 30))
def test_resized_cells_stand_where_fractions_say(
    gap_rows: list[list[int]], cell: tuple[int, int], image_width: int, height: int | None
) -> None:
    layout = Layout.of(plan_of(gap_rows, image_width), cell, Canvas(image_height=height))
    boxes, fitted_gaps = layout.boxes(), layout.fitted_gaps()
    image_height = height or cell[0]
    assert layout.image_size == (image_height, image_width)
    assert layout.top == 0
    for row, gaps in enumerate(gap_rows):
        width = sum(gaps) + cell[1] * (len(gaps) - 1)
        assert layout.strip_widths[row] == width
        scale, left = Fraction(image_width, width), 0
        for place, gap in enumerate(gaps[:-1]):
            left += gap
            assert layout.starts[row, place] == left
            expected = [left * scale, 0, (left + cell[1]) * scale, image_height]
            assert boxes[row, place].tolist() == np.float32(list(map(float, expected))).tolist()
            left += cell[1]
        expected = [float(gap * scale) for gap in gaps]
        assert fitted_gaps[row, : len(gaps)].tolist() == np.float32(expected).tolist()


@given(gap_rows, cell_sizes, st.integers(0, 40), st.integers(0, 9), st.data())
def test_padded_cells_keep_their_size_and_move_as_a_whole(
    gap_rows: list[list[int]], cell: tuple[int, int], more: int, taller: int, data: st.DataObject
) -> None:
    widths = [sum(gaps) + cell[1] * (len(gaps) - 1) for gaps in gap_rows]
    image_width = max(widths) + more
    offsets = [data.draw(st.integers(0, image_width - width)) for width in widths]
    canvas = Canvas(fit="pad", image_height=cell[0] + taller)
    layout = Layout.of(plan_of(gap_rows, image_width, offsets), cell, canvas)
    boxes, fitted_gaps = layout.boxes(), layout.fitted_gaps()
    top = taller // 2
    assert (layout.strip_widths == image_width).all()
    for row, (gaps, offset) in enumerate(zip(gap_rows, offsets, strict=True)):
        left = offset
        for place, gap in enumerate(gaps[:-1]):
            left += gap
            assert layout.starts[row, place] == left
            assert boxes[row, place].tolist() == [left, top, left + cell[1], top + cell[0]]
            left += cell[1]
        right = image_width - offset - widths[row]
        expected = [gaps[0] + offset, *gaps[1:-1], gaps[-1] + right]
        assert fitted_gaps[row, : len(gaps)].tolist() == expected


@given(gap_rows, cell_sizes, st.integers(1, 200), st.booleans())
def test_gaps_and_cells_fill_the_picture_from_edge_to_edge(
    gap_rows: list[list[int]], cell: tuple[int, int], image_width: int, padded: bool
) -> None:
    image_width += 100 * padded
    plan = plan_of(gap_rows, image_width, [0] * len(gap_rows))
    layout = Layout.of(plan, cell, Canvas(fit="pad" if padded else "resize"))
    for row, gaps in enumerate(gap_rows):
        n = len(gaps) - 1
        boxes, fitted_gaps = layout.boxes()[row, :n], layout.fitted_gaps()[row, : n + 1]
        edges = np.concatenate([[0], boxes[:, [0, 2]].reshape(-1), [image_width]])
        assert edges[1::2] - edges[::2] == pytest.approx(fitted_gaps, abs=image_width * 1e-6)
        widths = boxes[:, 2] - boxes[:, 0]
        assert fitted_gaps.sum() + widths.sum() == pytest.approx(image_width, rel=1e-5)


@given(gap_rows, st.booleans())
def test_what_a_shorter_sample_lacks_is_minus_one(gap_rows: list[list[int]], padded: bool) -> None:
    layout = Layout.of(plan_of(gap_rows, 150), (4, 3), Canvas(fit="pad" if padded else "resize"))
    for row, gaps in enumerate(gap_rows):
        n = len(gaps) - 1
        for values, length in (
            (layout.starts, n),
            (layout.boxes(), n),
            (layout.gaps, n + 1),
            (layout.fitted_gaps(), n + 1),
        ):
            assert (values[row, length:] == ABSENT).all()
            assert (values[row, :length] >= 0).all()


@given(gap_rows, st.data())
def test_some_rows_of_a_layout_are_the_layout_of_some_rows(
    gap_rows: list[list[int]], data: st.DataObject
) -> None:
    layout = Layout.of(plan_of(gap_rows, 90), (4, 3), Canvas())
    row = data.draw(st.integers(0, len(gap_rows) - 1))
    part = layout.rows(slice(row, row + 1))
    assert (part.boxes() == layout.boxes()[row : row + 1]).all()
    assert (part.fitted_gaps() == layout.fitted_gaps()[row : row + 1]).all()


def test_a_rectangle_of_nothing_stays_nothing_wherever_its_cell_stands() -> None:
    layout = Layout.of(plan_of([[5, 1, 0], [2, 2]], 32), (4, 3), Canvas(image_height=8))
    extents = np.array([[[1, 2, 3, 4], [-1, -1, -1, -1]], [[0, 0, 1, 1], [0, 0, 1, 1]]])
    assert layout.placed(extents).tolist() == [
        [[16, 4, np.float32(64 / 3), 8], [-1, -1, -1, -1]],
        [[np.float32(64 / 7), 0, np.float32(96 / 7), 2], [-1, -1, -1, -1]],
    ]


def test_strips_are_as_wide_as_their_glyphs_and_gaps() -> None:
    gaps = np.array([[1, 2, 3], [4, 5, ABSENT]])
    starts, widths = placed_cells(gaps, np.array([2, 1]), 10)
    assert widths.tolist() == [26, 19]
    assert starts[0].tolist() == [int(gaps[0, 0]), int(gaps[0, :2].sum()) + 10]


ALIGNED = {"left": 0, "centre": 22, "right": 44}  # Of the 44 or 45 pixels left free below.


def columns_with_ink(image: np.ndarray[Any, Any]) -> list[int]:
    return np.flatnonzero((image < 1).any(axis=0)).tolist()


@pytest.mark.parametrize(("align", "offset"), ALIGNED.items())
def test_a_padded_strip_stands_where_align_says(
    grey_bank: GlyphBank, align: str, offset: int
) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad", align=align)
    sample = generator.sample([2, 0], (5, 5), 28 + 5 + 28 + 44, index=0)
    assert columns_with_ink(sample.image) == [
        *range(offset, offset + 28),
        *range(offset + 33, offset + 61),
    ]
    assert sample.boxes[:, 0].tolist() == [offset, offset + 33]
    assert sample.gaps.tolist() == [0, 5, 0]
    assert sample.fitted_gaps.tolist() == [offset, 5, 44 - offset]


def test_an_odd_pixel_of_a_centred_strip_is_at_the_right(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad", align="centre")
    sample = generator.sample([2, 0], (5, 5), 28 + 5 + 28 + 45, index=0)
    assert sample.fitted_gaps.tolist() == [22, 5, 23]


def test_drawn_strips_stand_at_every_place_there_is(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad", align="drawn")
    batch = generator.batch([[2, 0]] * 100, (4, 6), 28 + 5 + 28 + 5)
    offsets = batch.fitted_gaps[:, 0].astype(int)
    free = 10 - batch.gaps[:, 1]
    assert set(free - offsets) == set(range(7))
    assert {offset for offset, room in zip(offsets, free, strict=True) if room == 5} == set(
        range(6)
    )
    for image, offset in zip(batch.images, offsets, strict=True):
        assert columns_with_ink(image)[0] == offset


@pytest.mark.parametrize("align", CHOICES["align"])
def test_a_strip_that_fills_the_picture_stands_in_all_of_it(
    grey_bank: GlyphBank, align: str
) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad", align=align)
    sample = generator.sample([2, 0], (5, 5), 61, index=0)
    assert sample.boxes[:, [0, 2]].tolist() == [[0, 28], [33, 61]]


def test_a_padded_strip_that_could_be_too_wide_is_refused_by_naming_the_width(
    grey_bank: GlyphBank,
) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad")
    with pytest.raises(
        ArgumentValueError,
        match=r"2 digits with gaps of up to 6 pixels can take 62 pixels, more than the image_width "
        r"of 61; use an image_width of 62 or more, or fit 'resize'",
    ):
        generator.sample([2, 0], (0, 6), 61, index=0)
    assert generator.sample([2, 0], (0, 6), 62, index=0).image.shape == (28, 62)


def test_the_longest_of_mixed_sequences_decides_whether_they_fit(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad")
    with pytest.raises(ArgumentValueError, match=r"3 digits .* use an image_width of 96 or more"):
        generator.batch([[2, 0], [2, 0, 6]], (0, 6), 95)


@pytest.mark.parametrize(("height", "top"), [(28, 0), (29, 0), (30, 1), (41, 6)])
def test_padded_digits_stand_in_the_middle_of_the_height(
    grey_bank: GlyphBank, height: int, top: int
) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, fit="pad", image_height=height)
    sample = generator.sample([2, 0], (5, 5), 70, index=0)
    assert sample.image.shape == (height, 70)
    rows = np.flatnonzero((sample.image < 1).any(axis=1))
    assert rows.tolist() == list(range(top, top + 28))
    assert sample.boxes[:, [1, 3]].tolist() == [[top, top + 28]] * 2


@pytest.mark.parametrize("height", [1, 20, 28, 50])
def test_resized_digits_fill_the_height(grey_bank: GlyphBank, height: int) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, image_height=height)
    sample = generator.sample([2, 0], (5, 5), 61, index=0)
    assert sample.image.shape == (height, 61)
    assert (sample.image[:, :28] < 1).all()
    assert sample.boxes[:, [1, 3]].tolist() == [[0, height]] * 2


@pytest.mark.parametrize("fit", CHOICES["fit"])
def test_light_ink_is_dark_ink_turned_over(fit: str) -> None:
    dark = DigitSequence(seed=7, fit=fit).batch([[2, 0], [6, 1, 3]] * 9, (0, 6), 99, dtype=np.uint8)
    light = DigitSequence(seed=7, fit=fit, ink="light").batch(
        [[2, 0], [6, 1, 3]] * 9, (0, 6), 99, dtype=np.uint8
    )
    assert (dark.images == 255 - light.images).all()
    assert (dark.ink_boxes == light.ink_boxes).all()
