"""The core of variety: what steps, lines, pages and joined ink do where little is left of them."""

import json
import pickle
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from image_sequence import DigitSequence, ImageSequence
from image_sequence.cli import main
from image_sequence.composing.canvas import placed_cells
from image_sequence.composing.imgaug_adapter import ImgaugTransform
from image_sequence.composing.pipelines import register_transform, transform_from
from image_sequence.config import Configuration
from image_sequence.draws import Draws
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ConfigurationTypeError,
    ConfigurationValueError,
    LibraryError,
    PluginError,
)
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.opencv import import_opencv
from image_sequence.presets import preset_text
from image_sequence.sample import Batch
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.picture_kinds import PICTURE_KINDS
from image_sequence.steps.pipeline import RowNoise
from image_sequence.steps.settings import pipeline_of


def bank_of(*glyphs: Any, widths: list[int] | None = None) -> GlyphBank:
    images = np.array(glyphs, np.uint8)
    own = None if widths is None else np.array(widths)
    return GlyphBank(images, np.arange(len(images)), widths=own)


def glyph_of(height: int, width: int, *inked: tuple[int, int, int, int], ink: int = 255) -> Any:
    """A glyph with rectangles of ink: left, top, right, bottom."""
    image = np.zeros((height, width), np.uint8)
    for left, top, right, bottom in inked:
        image[top:bottom, left:right] = ink
    return image


BLANK = glyph_of(10, 8)
POST = glyph_of(10, 8, (3, 2, 5, 9))
BLOCK = glyph_of(10, 8, (1, 1, 7, 10))


def padded(bank: GlyphBank, sequences: Any, gap: int, width: int = 60, **choices: Any) -> Batch:
    """Pictures that are not resized, with gaps of one width."""
    overlap: dict[str, Any] = {"overlap": True} if gap < 0 else {}
    generator = ImageSequence(bank, seed=7, fit="pad", **overlap, **choices)
    return generator.batch(sequences, (gap, gap), width)


def levels(image: Any) -> Any:
    return np.rint(255 * image).astype(int)


# What is drawn.


def test_a_step_of_a_sequence_takes_place_for_all_or_none_however_its_values_spread() -> None:
    step = {"blur": {"p": 0.5, "per": "sequence", "spread": 1}}
    batch = padded(bank_of(POST), [[0] * 4] * 60, 1, transform=[step])
    applied = batch.glyph_steps[0].applied
    assert (applied == applied[:, :1]).all()
    assert 0 < applied.mean() < 1


@pytest.mark.parametrize("per", ["glyph", "sequence"])
def test_whole_numbers_are_drawn_with_both_ends_equally_often(per: str) -> None:
    settings = [{"posterise": {"levels": [2, 5], "per": per}}]
    pipeline = pipeline_of(settings, PICTURE_KINDS, "page.transform")
    drawn = pipeline.drawn(Draws(7, "picture", np.arange(4_000)), 1)[0].values["levels"]
    numbers, counts = np.unique(drawn, return_counts=True)
    assert numbers.tolist() == [2, 3, 4, 5]
    assert np.abs(counts / 4_000 - 0.25).max() < 0.03


def test_the_same_step_twice_draws_twice() -> None:
    batch = padded(bank_of(POST), [[0, 0]] * 5, 1, transform=["blur", "blur"])
    one, other = (step.values["sigma"] for step in batch.glyph_steps)
    assert (one != other).all()


def test_noise_of_pixels_is_this() -> None:
    noise = RowNoise(Draws(7, "noise", [3, 4]), np.array([0, 1, 1]), np.array([0, 0, 2]))
    assert np.round(noise.uniform(5).astype(float), 6).tolist() == GOLDEN_UNIFORM
    assert np.round(noise.normal(1, 3).astype(float), 5).tolist() == GOLDEN_NORMAL


def test_uniform_noise_is_never_0_or_1_and_normal_noise_is_as_often_below_0_as_above() -> None:
    noise = RowNoise(Draws(7, "noise", [0]), np.zeros(1, np.int64), np.zeros(1, np.int64))
    uniform, normal = noise.uniform(2**19), noise.normal(2**19)
    assert uniform.min() == np.float32(0.5 / 2**16)
    assert uniform.max() == 1 - np.float32(0.5 / 2**16)
    assert abs(normal.mean()) < 0.01
    assert abs(normal.std() - 1) < 0.01
    assert -normal.min() == normal.max()


def test_words_of_a_run_differ_between_calls_places_and_samples() -> None:
    rng = Draws(7, "noise", [3, 4])
    rows, places = np.array([0, 0, 1]), np.array([0, 1, 0])
    words = np.stack([rng.runs(rows, places, 9), rng.runs(rows, places, 9)])
    assert np.unique(words).size == words.size
    alone = Draws(7, "noise", [4]).runs(np.array([0]), np.array([0]), 9)
    assert (alone[0] == words[0, 2]).all()


def test_words_of_a_run_are_those_of_no_generator_and_of_no_raw_draw() -> None:
    def rng() -> Draws:
        return Draws(7, "noise", [3])

    words = rng().runs(np.array([0]), np.array([0]), 40)
    [generator] = rng().generators()
    assert not np.isin(words, generator.integers(0, 2**64, 40, np.uint64)).any()
    assert not np.isin(words, generator.bit_generator.random_raw(40)).any()
    assert not np.isin(words, rng().raw(40)).any()


# What a configuration says.


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ([{"blur": 3}], ArgumentTypeError, "blur is an object of parameters, not 3"),
        ([{"blur": {"sigma": [1, 2, 3]}}], ArgumentTypeError, "a pair of numbers"),
        ([{"blur": {"sigma": []}}], ArgumentTypeError, "a pair of numbers"),
        ([{"blur": {"sigma": True}}], ArgumentTypeError, "a pair of numbers"),
        ([{"blur": {"p": True}}], ArgumentTypeError, "is a number from 0 to 1, not True"),
        ([{"blur": {"sigma": float("nan")}}], ArgumentTypeError, "a pair of numbers"),
        ([{"blur": {"p": float("inf")}}], ArgumentTypeError, "is a number from 0 to 1"),
        ([{"blur": {"p": -0.1}}], ArgumentValueError, "lies from 0 to 1, -0.1 does not"),
        (["random_order"], ArgumentTypeError, "random_order is a list of steps"),
        ([{}], ArgumentTypeError, "one name and its parameters, not {}"),
        ([], ArgumentValueError, "or a list of "),
        ((), ArgumentValueError, "or a list of "),
        (int, ArgumentTypeError, "a name, true or false, not <class 'int'>"),
    ],
    ids=str,
)
def test_steps_that_cannot_be_are_refused(
    settings: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        transform_from(settings)


@pytest.mark.parametrize("value", [2.5, [2, 3.5], [2.5, 4]])
def test_whole_numbers_are_whole(value: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"posterise\.levels is a whole number, or two"):
        pipeline_of([{"posterise": {"levels": value}}], PICTURE_KINDS, "page.transform")


def test_a_pair_may_be_a_tuple_and_a_number_stands_for_both_ends() -> None:
    given, meant = ([{"affine": {"rotate": value}}] for value in ((-3, 4), [-3.0, 4.0]))
    assert transform_from(given) == transform_from(meant)
    one, two = (pipeline_of([{"blur": {"sigma": s}}], GLYPH_KINDS, "") for s in (2, (2, 2)))
    assert one == two


def test_a_step_of_no_probability_never_takes_place() -> None:
    steps = [{"contrast": {"strength": 0, "p": 0}}]
    plain, changed = (padded(bank_of(POST), [[0, 0]] * 9, 1, transform=t) for t in (False, steps))
    assert (plain.images == changed.images).all()
    assert not changed.glyph_steps[0].applied.any()


def test_names_of_steps_are_taken_and_a_name_is_a_text() -> None:
    with pytest.raises(ArgumentValueError, match="'handwriting' is taken by a transform"):
        register_transform("handwriting", lambda glyphs, _: glyphs)
    with pytest.raises(ArgumentTypeError, match="a transform has a name, not ''"):
        register_transform("", lambda glyphs, _: glyphs)


def test_a_configuration_is_a_copy_that_no_later_change_reaches() -> None:
    steps: list[Any] = [{"blur": {"sigma": [1, 2]}}]
    layout = {"baseline": [-1, 1]}
    parameters = {"mean": 3, "deviation": 1}
    configuration = Configuration(
        transform=steps, layout=layout, spacing_type="normal", spacing_parameters=parameters
    )
    printed = configuration.to_dict()
    before = json.dumps(printed)
    steps[0]["blur"]["sigma"][0] = 9
    layout["baseline"][0] = -7
    parameters["mean"] = -9
    assert json.dumps(configuration.to_dict()) == before
    printed["image"]["transform"][0]["blur"]["sigma"][0] = 9
    printed["layout"]["baseline"][0] = -7
    assert json.dumps(configuration.to_dict()) == before


def test_a_printed_configuration_says_all_that_differs_and_is_read_back() -> None:
    settings = {
        "image": {"transform": [{"random_order": ["blur", {"noise": {"p": 0.5}}]}]},
        "spacing": {
            "type": "normal",
            "subtype": "edge",
            "measure": "ink",
            "overlap": True,
            "mean": 3,
            "deviation": 1,
        },
        "output_format": "png",
        "layout": {"size": [0.5, 1], "per": "sequence", "spread": 0.5},
        "page": {},
    }
    assert Configuration.from_dict(settings).to_dict() == settings


@pytest.mark.parametrize(
    ("choices", "error", "message"),
    [
        ({"measure": "inc"}, ConfigurationValueError, "spacing.measure is 'cell' or 'ink'"),
        ({"page": {"pictures": ""}}, ConfigurationTypeError, "the path of a folder, not ''"),
        ({"page": {"paper": float("nan")}}, ConfigurationTypeError, "a pair of numbers"),
        ({"layout": {"room": -1}}, ConfigurationValueError, "to 1000 pixels, -1 does"),
        ({"layout": {"slope": [3, -3]}}, ConfigurationValueError, "the smaller number first"),
    ],
    ids=str,
)
def test_settings_that_cannot_be_are_refused_at_once(
    choices: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Configuration(**choices)


def test_a_distribution_is_checked_with_its_configuration() -> None:
    with pytest.raises(ConfigurationValueError):
        Configuration(spacing_type="normal", spacing_parameters={"mean": 3, "deviation": -1})


def test_a_checked_configuration_is_printed_in_its_own_letters(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    papers = tmp_path / "Blätter"
    papers.mkdir()
    Image.new("L", (9, 9)).save(papers / "a.png")
    path = tmp_path / "mine.json"
    spacing = {"type": "variable", "subtype": "edge"}
    page = {"pictures": str(papers)}
    settings = {"image": {"transform": False}, "spacing": spacing, "output_format": "png"}
    path.write_text(json.dumps(settings | {"page": page}), "utf-8")
    assert main(["config", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "Blätter" in printed
    assert json.loads(printed)["page"] == page


def test_half_an_opencv_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cv2", ModuleType("cv2"))
    with pytest.raises(LibraryError, match="OpenCV, which a step needs, does not load"):
        import_opencv("a step")


def test_a_preset_of_no_name_is_refused() -> None:
    with pytest.raises(ArgumentValueError, match=r"there is no preset '__init__\.py'"):
        preset_text("__init__.py")
    with pytest.raises(ArgumentValueError, match="there is no preset '__init__'"):
        preset_text("__init__")


def test_without_overlap_only_a_negative_range_is_told_of_it() -> None:
    def message(spacing: tuple[int, int], **choices: Any) -> str:
        with pytest.raises(ArgumentValueError) as caught:
            DigitSequence(seed=7, **choices).sample([1, 2], spacing, 60, index=0)
        return str(caught.value)

    leave = "with spacing.overlap it may be negative"
    assert leave in message((-1, 2))
    assert leave not in message((0, 2_000_000))
    assert leave not in message((-2_000_000, 0), overlap=True)


# Steps.


def test_steps_work_in_levels_that_are_rounded() -> None:
    bank = bank_of(glyph_of(6, 6, (0, 0, 6, 6), ink=200))
    image = padded(bank, [[0]], 0, 6, transform=[{"contrast": {"strength": 0.503}}], **EDGE).images
    assert (levels(1 - image) == 101).all()


EDGE: dict[str, Any] = {"spacing": lambda request, rng: np.zeros((rng.batch_size, 2), np.int64)}
"""One glyph with no gap on either side."""


def test_points_of_glyphs_of_several_widths_turn_about_the_middle_of_each() -> None:
    images = np.zeros((2, 10, 8), np.uint8)
    images[0, 3:5, 1:3] = images[1, 3:5, 1:3] = 255
    bank = bank_of(*images, widths=[4, 8])
    turn = [{"affine": {"rotate": 180}}]
    batch = padded(bank, [[0, 1, 0], [1, 0, 1]], 2, transform=turn)
    for sample in batch:
        found = sample.mapped([[2.0, 4.0]])[:, 0]
        middles = (sample.ink_boxes[:, :2] + sample.ink_boxes[:, 2:]) / 2
        assert np.abs(found - middles).max() < 1e-6


def test_points_follow_displacements_that_only_some_glyphs_have() -> None:
    steps = [{"elastic": {"alpha": 25, "sigma": 4, "p": 0.5}}]
    images = np.zeros((1, 28, 28), np.uint8)
    images[0, 12:15, 12:15] = 255
    batch = padded(bank_of(*images), [[0] * 5] * 6, 2, 180, transform=steps)
    assert 0 < batch.glyph_steps[0].applied.mean() < 1
    for sample in batch:
        found = sample.mapped([[13.5, 13.5]])[:, 0]
        y, x = np.mgrid[: sample.image.shape[0], : sample.image.shape[1]] + 0.5
        for point, mask in zip(found, sample.masks, strict=True):
            ink = (1 - sample.image) * mask
            middle = np.array([(x * ink).sum(), (y * ink).sum()]) / ink.sum()
            assert np.abs(point - middle).max() < 0.3


def test_glyphs_larger_than_what_is_worked_on_at_a_time_are_changed() -> None:
    images = np.zeros((1, 520, 510), np.uint8)
    images[0, 100:300, 100:300] = 255
    transform = [{"contrast": {"strength": 0.5}}]
    page = {"ink": 0.2}
    image = padded(bank_of(*images), [[0]], 0, 510, transform=transform, page=page, **EDGE).images
    assert np.unique(levels(image)).tolist() == [153, 255]


@pytest.mark.parametrize("widths", [None, [8, 4]], ids=str)
def test_augmenters_that_change_the_size_are_refused(widths: list[int] | None) -> None:
    transform = ImgaugTransform(lambda augmenters, seed: augmenters.Resize(1, seed=seed))
    bank = bank_of(POST, glyph_of(10, 8, (1, 2, 3, 9)), widths=widths)
    with pytest.raises(PluginError, match="one that keeps the size works"):
        padded(bank, [[0, 1]], 2, transform=transform)


# Lines.


def test_a_line_with_no_room_is_straight() -> None:
    line = {"baseline": [-5, 5], "slope": 20, "drift": [-2, 2], "room": 0}
    straight, line_less = (padded(bank_of(POST), [[0] * 4] * 5, 2, layout=c) for c in (line, {}))
    assert straight.shifts is not None
    assert not straight.shifts.any()
    assert (straight.images == line_less.images).all()


def test_room_lies_above_and_below_and_what_sizes_need_above() -> None:
    def height(**layout: Any) -> int:
        return int(padded(bank_of(POST), [[0, 0]], 2, layout=layout).images.shape[1])

    assert height(baseline=[-5, 1]) == 10 + 2 * 5
    assert height(baseline=[-1, 5]) == 10 + 2 * 5
    assert height(baseline=1.5) == 10 + 2 * 2
    assert height(drift=[0, 1]) == 10 + 2 * 3
    assert height(slope=[-1, 0], baseline=1) == 10 + 2 * (3 + 1)
    assert height(size=[0.5, 0.7]) == 10
    assert height(size=[0.5, 1.55]) == 10 + 6
    assert height(size=2, room=4) == 10 + 10 + 2 * 4
    assert height(room=4) == 10 + 2 * 4


def test_a_line_that_would_leave_its_room_is_flattened_until_it_fits() -> None:
    for room in (6, 15):
        line = {"slope": 30, "room": room}
        shifts = padded(bank_of(POST), [[0] * 9] * 2, 2, 100, layout=line).shifts
        assert shifts is not None
        assert np.abs(shifts).max(axis=1).tolist() == [room, room]
        assert (np.diff(shifts) < 0).all()


def test_the_middle_of_a_sloping_line_is_neither_raised_nor_lowered() -> None:
    batch = padded(bank_of(POST), [[0] * 5, [0] * 3], 2, layout={"slope": 10, "room": 40})
    assert batch.shifts is not None
    assert batch.shifts[0].tolist() == [4, 2, 0, -2, -4]
    assert batch.shifts[1, :3].tolist() == [2, 0, -2]


def test_lines_of_mixed_lengths_are_those_of_each_length() -> None:
    line = {"baseline": [-3, 3], "drift": [-4, 4], "slope": [-20, 20], "room": 4}
    sequences = [[0], [0] * 9, [0] * 2]
    choices: dict[str, Any] = {"seed": 7, "layout": line, "spacing": FURTHEST}
    generator = ImageSequence(bank_of(POST), **choices)
    batch = generator.batch(sequences * 5, (2, 2), 90)
    assert batch.shifts is not None
    for number, sequence in enumerate(sequences * 5):
        alone = generator.sample(sequence, (2, 2), 90, index=number)
        assert alone.shifts is not None
        assert (alone.shifts == batch.shifts[number, : len(sequence)]).all()
        assert (alone.image == batch.images[number]).all()


def test_what_a_shorter_sample_lacks_is_minus_one_on_lines_and_between_ink() -> None:
    for choices in ({"layout": {"baseline": [-2, 2]}}, {"measure": "ink"}):
        batch = padded(bank_of(POST), [[0, 0, 0], [0, 0]], 2, **choices)
        assert (batch.boxes[1, 2] == -1).all()
        assert (batch.ink_boxes[1, 2] == -1).all()
        assert (batch.boxes[:, :2] >= 0).all()


def test_sizes_of_a_sequence_are_alike_up_to_the_spread() -> None:
    for spread in (0.0, 0.3):
        line = {"size": [0.5, 1.5], "per": "sequence", "spread": spread}
        sizes = padded(bank_of(POST), [[0] * 5] * 40, 2, 80, layout=line).sizes
        assert sizes is not None
        assert np.ptp(sizes, axis=1).max() <= spread
        assert np.ptp(sizes, axis=1).max() >= 0.8 * spread
        assert np.ptp(sizes) > 0.8


@pytest.mark.parametrize("size", [0.5, 1.3, 3])
def test_ink_of_any_size_stays_in_its_cell(size: float) -> None:
    bank = bank_of(glyph_of(10, 8, (0, 0, 8, 10)), BLANK)
    batch = padded(bank, [[0, 1, 0]], 4, 99, layout={"size": size})
    boxes = batch.boxes[0]
    assert (batch.ink_boxes[0, [0, 2], 2] <= np.ceil(boxes[[0, 2], 2])).all()
    assert np.allclose(boxes[:, 2] - boxes[:, 0], 8 * size)
    assert np.allclose(boxes[:, 3] - boxes[:, 1], 10 * size)
    # One without ink stands as if its ink reached its lower side.
    assert np.allclose(boxes[:, 3], batch.images.shape[1])


def test_enlarged_ink_reaches_no_further_than_its_cell() -> None:
    bank = bank_of(glyph_of(10, 8, (0, 0, 8, 10)))
    layout = {"size": [1.5, 3]}
    batch = padded(bank, [[0] * 4] * 9, 2, 120, layout=layout, measure="ink")
    assert batch.sizes is not None
    widths = batch.ink_boxes[..., 2] - batch.ink_boxes[..., 0]
    assert (widths <= np.ceil(8 * batch.sizes)).all()
    assert (widths > 8 * batch.sizes - 1).all()


def test_cells_of_narrow_glyphs_of_another_size_are_as_narrow() -> None:
    bank = bank_of(POST, glyph_of(10, 8, (1, 1, 3, 10)), widths=[8, 4])
    boxes = padded(bank, [[0, 1, 0]], 3, 70, layout={"size": 1.5}).boxes[0]
    assert (boxes[:, 2] - boxes[:, 0]).tolist() == [12, 6, 12]
    assert boxes[:, 0].tolist() == [0, 15, 24]


# Gaps between ink.


def test_glyphs_without_ink_are_a_column_of_paper_between_the_ink_of_others() -> None:
    batch = padded(bank_of(BLANK, POST), [[1, 0, 1], [0, 1, 0], [0, 0, 0]], 3, measure="ink")
    assert batch.ink_boxes[0, :, 0].tolist() == [0, -1, 9]
    assert batch.ink_boxes[1, :, 0].tolist() == [-1, 4, -1]
    assert batch.boxes[0, 1].tolist() == [5, 0, 13, 10]
    assert (batch.images[2] == 1).all()
    assert (batch.ink_boxes[2] == -1).all()
    for number, sequence in enumerate(([1, 0, 1], [0, 1, 0], [0, 0, 0])):
        generator = ImageSequence(bank_of(BLANK, POST), seed=7, fit="pad", measure="ink")
        alone = generator.sample(sequence, (3, 3), 60, index=number)
        assert alone.to_json(masks=True) == batch[number].to_json(masks=True)


@pytest.mark.parametrize("ink", [100, 255])
def test_ink_measures_from_half_the_darkest_on(ink: int) -> None:
    glyph = glyph_of(10, 8, (2, 2, 6, 9), ink=ink)
    glyph[:, 6] = ink // 2 - 1
    boxes = padded(bank_of(glyph), [[0, 0]], 2, measure="ink").ink_boxes[0]
    assert boxes[:, 0].tolist() == [0, 4 + 2]
    glyph[:, 6] = (ink + 1) // 2
    boxes = padded(bank_of(glyph), [[0, 0]], 2, measure="ink").ink_boxes[0]
    assert boxes[:, 0].tolist() == [0, 5 + 2]


@pytest.mark.parametrize("colour", [0, 1, 2])
def test_ink_of_any_colour_measures(colour: int) -> None:
    images = np.zeros((2, 10, 8, 3), np.uint8)
    images[0, :, :, colour] = glyph_of(10, 8, (0, 0, 8, 2), (0, 4, 1, 9))
    images[1, :, :, colour] = glyph_of(10, 8, (0, 4, 8, 9))
    boxes = padded(bank_of(*images), [[0, 1]], 2, measure="ink").ink_boxes[0]
    assert boxes[:, 0].tolist() == [0, 1 + 2]


def test_rows_without_dark_ink_do_not_measure() -> None:
    high, low = glyph_of(10, 8, (0, 0, 4, 3)), glyph_of(10, 8, (4, 6, 8, 9))
    boxes = padded(bank_of(high, low), [[0, 1]], 2, measure="ink").ink_boxes[0]
    assert boxes[:, 0].tolist() == [0, 4 + 2]


def test_narrow_glyphs_measure_their_ink_and_keep_their_cells() -> None:
    bank = bank_of(POST, glyph_of(10, 8, (1, 2, 3, 9)), widths=[8, 4])
    batch = padded(bank, [[0, 1, 1], [1, 0, 1]], 2, measure="ink")
    assert batch.ink_boxes[..., 0].tolist() == [[0, 4, 8], [0, 4, 8]]
    assert batch.boxes[0].tolist() == [[0, 0, 5, 10], [3, 0, 7, 10], [7, 0, 11, 10]]


def test_ink_that_overlaps_begins_at_least_a_pixel_further_right() -> None:
    batch = padded(bank_of(BLOCK), [[0] * 4], -7, measure="ink")
    assert batch.ink_boxes[0, :, 0].tolist() == [0, 1, 2, 3]


def test_a_glyph_that_must_begin_left_of_the_first_moves_all_others() -> None:
    first = glyph_of(10, 8, (0, 0, 8, 2), (0, 4, 1, 8))
    second = glyph_of(10, 8, (0, 9, 8, 10), (7, 4, 8, 8))
    batch = padded(bank_of(first, second), [[0, 1], [1, 0]], 0, measure="ink")
    assert batch.ink_boxes[0].tolist() == [[6, 0, 14, 8], [0, 4, 8, 10]]
    assert batch.masks[0].sum(axis=(1, 2)).tolist() == [20, 12]


def test_mixed_lengths_measured_by_ink_are_the_samples_of_each_length() -> None:
    first = glyph_of(10, 8, (0, 0, 8, 2), (0, 4, 1, 8))
    second = glyph_of(10, 8, (0, 9, 8, 10), (7, 4, 8, 8))
    bank = bank_of(first, second, BLANK, POST)
    sequences = [[3, 0, 1, 2], [0, 1], [3, 2, 2], [1, 0, 1]]
    for align in ("left", "centre", "right", "drawn"):
        choices: dict[str, Any] = {"seed": 7, "fit": "pad", "align": align, "measure": "ink"}
        generator = ImageSequence(bank, **choices)
        batch = generator.batch(sequences, (1, 4), 60)
        for number, sequence in enumerate(sequences):
            alone = generator.sample(sequence, (1, 4), 60, index=number)
            assert (alone.image == batch.images[number]).all()
            assert alone.to_json(masks=True) == batch[number].to_json(masks=True)


@pytest.mark.parametrize("measure", ["cell", "ink"])
def test_what_is_padded_stands_where_align_says(measure: str) -> None:
    def ends(align: str) -> tuple[float, float]:
        batch = padded(bank_of(BLOCK), [[0, 0]], 2, 41, measure=measure, align=align)
        boxes = batch.ink_boxes[0]
        return boxes[0, 0], boxes[1, 2]

    paper, width = (1, 2 * 8 + 2) if measure == "cell" else (0, 2 * 6 + 2)
    free = 41 - width
    assert ends("left") == (paper, width - paper)
    assert ends("right") == (free + paper, 41 - paper)
    assert ends("centre") == (free // 2 + paper, free // 2 + width - paper)
    left, right = ends("drawn")
    assert right - left == width - 2 * paper


# Overlaps.


def test_a_narrow_glyph_may_end_left_of_the_one_before_it() -> None:
    bank = bank_of(BLOCK, glyph_of(10, 8, (0, 1, 2, 9)), widths=[8, 2])
    generator = ImageSequence(bank, seed=7, overlap=True, spacing=FURTHEST)
    batch = generator.batch([[0, 1], [0, 1]], (-1, 2), 8)
    # Gaps of -1 leave the narrow one's last column beyond the wide one.
    assert batch.gaps.tolist() == [[0, -1, 0]] * 2
    assert np.allclose(batch.boxes[0], [[0, 0, 64 / 9, 10], [56 / 9, 0, 8, 10]])


def FURTHEST(request: Any, rng: Any) -> Any:  # noqa: N802  # a constant of a function's kind
    gaps = np.zeros((rng.batch_size, request.glyph_count + 1), np.int64)
    gaps[:, 1:-1] = request.minimum
    return gaps


def test_a_strip_ends_where_the_glyph_that_reaches_furthest_does() -> None:
    gaps, lengths = np.array([[1, -5, 2], [0, 3, -1]]), np.array([2, 1])
    starts, widths = placed_cells(gaps, lengths, np.array([[8, 2], [4, 0]]))
    assert starts.tolist() == [[1, 4], [0, -1]]
    assert widths.tolist() == [9 + 2, 4 + 3]


def test_as_far_as_all_but_a_pixel_glyphs_may_overlap_whatever_their_size() -> None:
    for size, least in ((1, -7), (0.5, -3)):
        generator = ImageSequence(
            bank_of(POST), seed=7, overlap=True, fit="pad", layout={"size": [size, 1]}
        )
        generator.sample([0, 0], (least, 0), 40, index=0)
        with pytest.raises(ArgumentValueError, match=f"use a minimum spacing of {least} or more"):
            generator.sample([0, 0], (least - 1, 0), 40, index=0)


def test_strategies_make_no_gap_below_the_range_and_none_below_0_at_the_edges() -> None:
    for gaps, least in (([0, -4, 0], -3), ([-1, 0, 0], -3), ([0, 0, -1], -3), ([0, -1, 0], 0)):
        generator = ImageSequence(
            bank_of(POST), seed=7, overlap=True, spacing=lambda _, rng, g=gaps: np.array([g])
        )
        with pytest.raises(PluginError, match="returned gaps from"):
            generator.sample([0, 0], (least, 3), 40, index=0)


def test_edges_are_never_below_0_and_all_other_gaps_may_be(tmp_path: Path) -> None:
    batch = edged(tmp_path).batch([[0, 0, 0]] * 200, (-5, 2), 40)
    assert batch.gaps[:, [0, -1]].min() == 0
    assert batch.gaps[:, 1:-1].min() == -5
    assert batch.gaps.max() == 2
    # As wide as glyphs that overlap by so much, and no wider.
    tight = padded(bank_of(BLOCK), [[0, 0, 0]], -5, 3 * 8 - 10)
    assert tight.boxes[0, :, 0].tolist() == [0, 3, 6]


def edged(folder: Path, spacing: str = "variable") -> ImageSequence:
    """Gaps at the edges too, and overlaps, in pictures that are not resized."""
    settings = {
        "image": {"transform": False, "fit": "pad"},
        "spacing": {"type": spacing, "subtype": "edge", "overlap": True},
        "output_format": "png",
    }
    path = folder / "edge.json"
    path.write_text(json.dumps(settings))
    return ImageSequence(bank_of(BLOCK), seed=7, config_path=path)


def test_the_width_that_is_needed_counts_no_gap_below_0_at_the_edges(tmp_path: Path) -> None:
    generator = edged(tmp_path)
    assert generator.sample([0, 0, 0], (-5, -3), 18, index=0).boxes[0, 0] == 0
    with pytest.raises(ArgumentValueError, match="use an image_width of 18 or more"):
        generator.sample([0, 0, 0], (-5, -3), 17, index=0)


def test_equal_gaps_do_not_cut_the_outer_glyphs(tmp_path: Path) -> None:
    generator = edged(tmp_path, "fixed")
    with pytest.raises(ArgumentValueError, match="would cut the outer digits"):
        generator.sample([0, 0, 0], (-5, 3), 20, index=0)


def test_the_narrowest_glyph_decides_how_far_glyphs_may_overlap() -> None:
    bank = bank_of(POST, glyph_of(10, 8, (1, 2, 3, 9)), widths=[8, 4])
    padded(bank, [[0, 0]], -3)
    with pytest.raises(ArgumentValueError, match="use a minimum spacing of -3 or more"):
        padded(bank, [[0, 0]], -4)


def test_the_widest_size_decides_what_fits() -> None:
    padded(bank_of(BLOCK), [[0, 0]], 2, 24, layout={"size": 1.3})
    with pytest.raises(ArgumentValueError, match="use an image_width of 24 or more"):
        padded(bank_of(BLOCK), [[0, 0]], 2, 23, layout={"size": 1.3})


def test_gaps_of_minus_one_are_resized_as_all_others_are() -> None:
    generator = ImageSequence(bank_of(BLOCK), seed=7, overlap=True, spacing=FURTHEST)
    batch = generator.batch([[0, 0], [0, 0, 0]], (-1, 0), 44)
    assert batch.fitted_gaps[1].tolist() == [0, -2, -2, 0]
    assert np.allclose(batch.fitted_gaps[0], [0, -44 / 15, 0, -1])
    assert (batch[1].fitted_gaps == batch.fitted_gaps[1]).all()


def test_joined_ink_keeps_what_stands_beside_it_and_the_width_of_each_strip() -> None:
    bank = bank_of(glyph_of(4, 4, (0, 0, 4, 3), ink=200), glyph_of(4, 4, (0, 1, 4, 4), ink=90))
    generator = ImageSequence(bank, seed=7, overlap=True, fit="pad", spacing=FURTHEST)
    image = generator.sample([0, 1, 0], (-2, 0), 10, index=0).image
    expected = np.zeros((4, 10), int)
    for left, glyph in ((0, 0), (2, 1), (4, 0)):
        window = expected[:, left : left + 4]
        np.maximum(window, bank.images[glyph], out=window)
    assert (levels(1 - image) == expected).all()
    mixed = ImageSequence(bank, seed=7, overlap=True, spacing=FURTHEST)
    batch = mixed.batch([[0, 1, 0], [0, 1]], (-2, 0), 20)
    for number, sequence in enumerate([[0, 1, 0], [0, 1]]):
        alone = mixed.sample(sequence, (-2, 0), 20, index=number)
        assert (alone.image == batch.images[number]).all()


# Pages.


def test_a_page_with_coloured_ink_is_in_colour() -> None:
    page = {"paper": 0.8, "ink": {"red": 1}}
    image = padded(bank_of(BLOCK), [[0]], 0, 8, page=page, **EDGE).images[0]
    assert image.shape == (10, 8, 3)
    assert np.allclose(image[0, 0], 0.8)
    assert np.allclose(image[5, 4], [1, 0, 0])


def test_paper_from_pictures_is_as_light_as_picture_and_paper_together(tmp_path: Path) -> None:
    for name, level in (("a.png", 200), ("b.png", 100)):
        Image.fromarray(np.full((30, 90), level, np.uint8)).save(tmp_path / name)
    page = {"paper": 0.5, "ink": 0.1, "pictures": str(tmp_path)}
    images = padded(bank_of(POST), [[0, 0]] * 40, 2, page=page).images
    papers, counts = np.unique(levels(images[:, 0, 0]), return_counts=True)
    assert papers.tolist() == [50, 100]
    assert counts.min() > 10
    assert np.allclose(images[:, 5, 3], 0.1)


def test_paper_moves_with_its_ink_and_what_comes_into_view_is_its_mirror_image() -> None:
    steps = [{"gradient": {"strength": 0.4, "direction": 0}}]

    def row(**page: Any) -> Any:
        image = padded(bank_of(BLANK), [[0]], 0, 8, page={"paper": 0.5, **page}, **EDGE).images
        return image[0, 0]

    still = row(paper_steps=steps)
    moved = row(paper_steps=steps, transform=[{"translate": {"x": 2, "y": 0}}])
    assert np.ptp(still) > 0.3
    assert np.allclose(moved, still[[2, 1, 0, 1, 2, 3, 4, 5]], atol=1e-6)


def test_noise_of_a_picture_is_drawn_from_its_page_its_place_and_its_index() -> None:
    page = {"paper": 0.5, "transform": [{"translate": {"x": 1, "y": 0}}, {"noise": NOISE}]}
    images = padded(bank_of(BLANK), [[0, 0]] * 3, 2, page=page).images
    rng = Draws(7, "page/picture/1/noise/noise", np.arange(3))
    noise = RowNoise(rng, np.arange(3), np.zeros(3, np.int64)).normal(10, 60, 1)[..., 0]
    assert np.allclose(images, 0.5 + 0.05 * noise, atol=1e-6)


NOISE = {"deviation": 0.05}


def test_moves_that_do_not_take_place_move_nothing() -> None:
    moves = [{"rotate": {"angle": 90, "p": 0}}, {"translate": {"x": 3, "y": 1}}]
    sample = padded(bank_of(POST), [[0, 0]], 2, page={"transform": moves})[0]
    assert sample.boxes.tolist() == [[3, 1, 11, 10], [13, 1, 21, 10]]
    assert sample.ink_boxes.tolist() == [[6, 3, 8, 10], [16, 3, 18, 10]]
    assert sample.mapped([[3, 2]])[:, 0].tolist() == [[6, 3], [16, 3]]
    assert sample.polygons is not None
    assert sample.polygons[0].tolist() == [[3, 1], [11, 1], [11, 11], [3, 11]]


def test_moves_follow_each_other_in_their_order() -> None:
    moves: list[Any] = [{"translate": {"x": 4, "y": 0}}, {"zoom": {"factor": 0.5}}]
    for steps, left in ((moves, 7), (moves[::-1], 9)):
        sample = padded(bank_of(BLOCK), [[0]], 0, 20, page={"transform": steps}, **EDGE)[0]
        assert sample.mapped([[0, 0]])[0, 0, 0] == left


def test_what_a_shorter_sample_lacks_is_minus_one_on_moved_pages_too() -> None:
    page = {"transform": [{"translate": {"x": 5, "y": 0}}]}
    batch = padded(bank_of(POST), [[0, 0, 0], [0, 0]], 2, page=page)
    assert batch.polygons is not None
    assert (batch.boxes[1, 2] == -1).all()
    assert (batch.polygons[1, 2] == -1).all()
    assert (batch.ink_boxes[1, 2] == -1).all()
    assert not batch.masks[1, 2].any()
    assert (batch.boxes[0] >= 0).all()


def test_ink_that_leaves_the_picture_has_no_box_and_an_empty_mask() -> None:
    page = {"transform": [{"translate": {"x": -12, "y": 0}}]}
    sample = padded(bank_of(POST), [[0, 0, 0]], 2, page=page)[0]
    assert sample.ink_boxes.tolist() == [[-1] * 4, [1, 2, 3, 9], [11, 2, 13, 9]]
    assert sample.boxes.tolist() == [[0, 0, 0, 10], [0, 0, 6, 10], [8, 0, 16, 10]]
    assert sample.masks.any(axis=(1, 2)).tolist() == [False, True, True]


def test_masks_of_moved_pages_begin_where_ink_would_be_seen() -> None:
    bank = bank_of(glyph_of(6, 6, (2, 2, 4, 4), ink=1))
    page = {"transform": [{"translate": {"x": 0.25, "y": 0}}]}
    mask = padded(bank, [[0]], 0, 6, page=page, **EDGE)[0].masks[0]
    assert mask.any(axis=0).tolist() == [False, False, True, True, False, False]


def test_masks_of_moved_pages_have_ink_of_any_colour() -> None:
    glyph = np.zeros((6, 6, 3), np.uint8)
    glyph[1, 1, 0] = glyph[2, 2, 1] = glyph[3, 3, 2] = 255
    page = {"transform": [{"translate": {"x": 1, "y": 0}}]}
    mask = padded(bank_of(glyph), [[0]], 0, 6, page=page, **EDGE)[0].masks[0]
    assert np.argwhere(mask).tolist() == [[1, 2], [2, 3], [3, 4]]


def test_wide_pictures_are_moved_and_have_masks() -> None:
    bank = bank_of(glyph_of(80, 8, (0, 10, 8, 12)))
    page = {"transform": [{"translate": {"x": -9_000, "y": 0}}]}
    sample = padded(bank, [[0, 0]], 2, 30_020, page=page, align="right")[0]
    assert sample.ink_boxes.tolist() == [[21_002, 10, 21_010, 12], [21_012, 10, 21_020, 12]]
    assert levels(1 - sample.image).sum() == 2 * 16 * 255


def test_light_pages_are_dark_ones_turned_over() -> None:
    page = {"paper": 0.9, "ink": 0.2, "paper_steps": ["gradient"], "transform": ["rotate"]}
    dark, light = (
        padded(bank_of(BLOCK), [[0, 0]] * 3, 2, page=page, ink=ink) for ink in ("dark", "light")
    )
    assert np.allclose(dark.images, 1 - light.images, atol=1e-6)
    assert (dark.masks == light.masks).all()


@pytest.mark.parametrize("measure", ["cell", "ink"])
def test_a_sample_of_a_batch_and_of_its_pickle_maps_points_as_it_does_alone(measure: str) -> None:
    bank = bank_of(POST, glyph_of(10, 8, (1, 2, 3, 9)), BLOCK, widths=[8, 4, 8])
    choices: dict[str, Any] = {
        "transform": [{"affine": {"rotate": [-30, 30]}}, {"elastic": {"alpha": 9, "sigma": 3}}],
        "layout": {"size": [0.8, 1.3], "baseline": [-2, 2]},
        "page": {"transform": [{"rotate": {"angle": [-5, 5]}}]},
        "measure": measure,
    }
    sequences = [[0, 1, 2], [1, 2, 0], [2, 1, 1]]
    batch = padded(bank, sequences, 2, 70, **choices)
    again = pickle.loads(pickle.dumps(batch))  # noqa: S301  # our own
    generator = ImageSequence(bank, seed=7, fit="pad", **choices)
    for number, sequence in enumerate(sequences):
        alone = generator.sample(sequence, (2, 2), 70, index=number)
        expected = alone.mapped([[1, 2], [3, 4]])
        for sample in (batch[number], again[number]):
            assert (sample.mapped([[1, 2], [3, 4]]) == expected).all()
            assert sample.to_json(masks=True) == alone.to_json(masks=True)


def test_points_that_are_mapped_stay_as_they_are() -> None:
    points = np.array([[3.0, 4.0]])
    page = {"transform": [{"translate": {"x": 2, "y": 0}}]}
    steps = [{"affine": {"shift_x": 1}}]
    sample = padded(bank_of(POST), [[0, 0]], 2, transform=steps, page=page)[0]
    assert sample.mapped(points)[:, 0, 0].tolist() == [6, 16]
    assert points.tolist() == [[3, 4]]


def test_functions_are_named_where_points_cannot_be_mapped() -> None:
    def unknown(glyphs: Any, _: Any) -> Any:
        return glyphs

    sample = padded(bank_of(POST), [[0, 0]], 2, transform=unknown)[0]
    with pytest.raises(ArgumentValueError, match="the transform unknown is a function"):
        sample.mapped([[1, 2]])


# The smallest there is.


@pytest.mark.parametrize("measure", ["cell", "ink"])
@pytest.mark.parametrize("level", [0, 1, 255])
@pytest.mark.parametrize("width", [1, 3])
def test_glyphs_of_one_pixel_in_pictures_of_one_row(measure: str, level: int, width: int) -> None:
    bank = bank_of([[level]])
    choices: dict[str, Any] = {
        "image_height": 1,
        "transform": ["affine", {"elastic": {"sigma": 4}}, "stroke", "blur", "noise", "stretch"],
        "layout": {"size": [0.2, 3], "baseline": [-1, 1]},
        "page": {
            "paper": [0.5, 1],
            "paper_steps": ["texture", "lines"],
            "transform": ["rotate", "zoom", "perspective", "blur", "jpeg", "pixelate"],
        },
        "measure": measure,
    }
    generator = ImageSequence(bank, seed=7, **choices)
    batch = generator.batch([[0, 0], [0, 0, 0]], (0, 3), width)
    assert batch.images.shape == (2, 1, width)
    assert np.isfinite(batch.images).all()
    for number, sequence in enumerate([[0, 0], [0, 0, 0]]):
        alone = generator.sample(sequence, (0, 3), width, index=number)
        assert (alone.image == batch.images[number]).all()
        assert alone.to_json(masks=True) == batch[number].to_json(masks=True)


# What noise is, for all supported versions of everything.

GOLDEN_UNIFORM = [
    [0.244606, 0.338524, 0.885963, 0.821373, 0.054634],
    [0.926292, 0.824425, 0.114754, 0.787163, 0.586555],
    [0.206001, 0.702003, 0.655724, 0.07856, 0.23452],
]
GOLDEN_NORMAL = [
    [[0.63195, -0.60165, 1.72811]],
    [[0.70827, 1.58988, -0.53807]],
    [[0.69999, 0.92108, 0.46182]],
]
