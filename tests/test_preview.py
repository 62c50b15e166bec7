"""`image-sequence preview`: sheets of samples, and of what steps do."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFont

from image_sequence import DigitSequence
from image_sequence.commands import preview
from image_sequence.commands.parsing import PROG, Parser
from image_sequence.composing.pipelines import TRANSFORMS
from image_sequence.config import Configuration
from image_sequence.datasets import write_dataset
from image_sequence.datasets.making import Maker
from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.viewing import open_view
from image_sequence.errors import (
    ArgumentValueError,
    ImageSequenceError,
    RecordError,
    SourceChangedError,
    SourceNotFoundError,
)
from image_sequence.inspecting.contact_sheets import chosen_samples, masks_of, tiles_of
from image_sequence.inspecting.lettering import fitted, font_of
from image_sequence.inspecting.marking import BLUE, ORANGE, PURPLE, TINTS, Marks, marked, tinted
from image_sequence.inspecting.sheets import Group, Tile, sheet_of
from image_sequence.inspecting.step_sheets import Remaker
from image_sequence.inspecting.subjects import SEED, Wishes, open_subject
from image_sequence.inspecting.variations import Variation, all_variations, variations_of
from image_sequence.presets import PRESETS, preset_configuration
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS

RECIPE: dict[str, Any] = {
    "count": 7,
    "width": 70,
    "seed": 7,
    "labels": {"policy": "digits", "length": 2},
}
WHITE = (255, 255, 255)


def run(*arguments: str | Path) -> None:
    """`image-sequence preview …`, as the command line runs it."""
    parser = Parser(prog=PROG)
    preview.add(parser.add_subparsers(required=True))
    options = parser.parse_args(["preview", *map(str, arguments)])
    assert options.command(options) == 0


def read(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", "RGB")
        return np.asarray(image)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of seven small pictures in two shards."""
    path = tmp_path_factory.mktemp("sets") / "digits"
    write_dataset({**RECIPE, "format": "folder", "shard_size": 4}, path, watch=None)
    return path


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `draw --records` writes."""
    path = tmp_path_factory.mktemp("drawn")
    made = DigitSequence(seed=7).save_many([4, 2], (0, 9), 70, count=3, save_dir=path, records=True)
    assert len(list(made)) == 3
    return path


def written(path: Path, settings: Mapping[str, Any]) -> Path:
    path.write_text(json.dumps(settings), "utf-8")
    return path


def test_pixels_of_samples_are_those_of_the_data_set(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.png"
    run(folder, "--out", out, "--scale", "3", "--columns", "2")
    shown, view = read(out), open_view(folder)
    samples = list(chosen_samples(view, count=24))
    tiles = tiles_of(samples, maker=view.maker, marks=Marks(), scale=3)
    sheet = sheet_of([Group(list(tiles))], columns=2)
    np.testing.assert_array_equal(shown, sheet.pixels)
    expected = next(Maker(Recipe.from_dict(RECIPE)).batches(0, 7)).images
    assert len(sheet.corners) == len(samples) == 7
    for image, (left, top) in zip(expected, sheet.corners, strict=True):
        found = shown[top : top + 28 * 3, left : left + 70 * 3]
        large = np.kron(image, np.ones((3, 3), np.uint8))
        assert (found == large[..., None]).all()


def test_colours_stay_what_they_are() -> None:
    view = open_subject("colour", Wishes(text="26"), count=2)
    samples = list(chosen_samples(view, count=2))
    tiles = list(tiles_of(samples, maker=view.maker, marks=Marks(), scale=2))
    for sample, tile in zip(samples, tiles, strict=True):
        pixels = sample.pixels()
        assert len(np.unique(pixels.reshape(-1, 3)[:, 0] - pixels.reshape(-1, 3)[:, 2])) > 1
        np.testing.assert_array_equal(tile.pixels[::2, ::2], pixels)
        np.testing.assert_array_equal(tile.pixels[1::2, 1::2], pixels)


def test_pictures_stand_apart_in_columns_with_captions_between() -> None:
    tiles = [Tile(np.full((h, 60, 3), h, np.uint8), "26", f"#{h}") for h in (20, 30, 40, 10, 50)]
    sheet = sheet_of([Group(tiles[:3], "above"), Group(tiles[3:])], columns=2)
    corners = sheet.corners
    lefts, tops = zip(*corners, strict=True)
    assert lefts[0] == lefts[2] == lefts[3] < lefts[0] + 60 < lefts[1] == lefts[4]
    assert tops[0] == tops[1]
    assert tops[0] + 30 + 15 < tops[2]  # Room for a text below the higher of two.
    assert tops[2] + 40 + 15 < tops[3] == tops[4]
    assert sheet.pixels.shape[0] > tops[4] + 50 + 15
    for tile, (left, top) in zip(tiles, corners, strict=True):
        found = sheet.pixels[top : top + tile.pixels.shape[0], left : left + 60]
        np.testing.assert_array_equal(found, tile.pixels)


def test_columns_are_as_many_as_fit_and_lines_alike() -> None:
    tiles = [Tile(np.zeros((10, 300, 3), np.uint8)) for _ in range(6)]
    lefts = [left for left, _ in sheet_of([Group(tiles)]).corners]
    assert len(set(lefts)) == 3  # Four would fit, and leave two below.
    sheet = sheet_of([Group([Tile(np.zeros((10, 4000, 3), np.uint8))] * 2)])
    assert sheet.corners[0][0] == sheet.corners[1][0]


def test_texts_and_numbers_are_written_below() -> None:
    picture = np.zeros((20, 120, 3), np.uint8)
    plain, told, noted = (
        sheet_of([Group([Tile(picture, *words)])])
        for words in (("", " "), ("2026", " "), ("2026", "#3"))
    )
    (left, top), bottom = plain.corners[0], plain.corners[0][1] + 20
    below = [sheet.pixels[bottom + 2 :] for sheet in (plain, told, noted)]
    assert len(np.unique(below[0])) == 3  # Grey paper: red, green and blue of it.
    changed = np.flatnonzero((below[1] != below[0]).any(axis=(0, 2)))
    assert left <= changed[0] < changed[-1] < left + 60
    changed = np.flatnonzero((below[2] != below[1]).any(axis=(0, 2)))
    assert left + 60 < changed[0] < changed[-1] < left + 120
    assert (plain.pixels[top:bottom] == noted.pixels[top:bottom]).all()


def test_boxes_hold_exactly_the_record_s_boxes() -> None:
    pixels = np.full((6, 10), 255, np.uint8)
    record = {"boxes": [[1.2, 0.4, 4.6, 5.5]]}
    picture = marked(pixels, record, marks=Marks(boxes=True), masks=list, scale=2)
    expected = np.full((12, 20, 3), 255, np.uint8)
    # 2.4, 0.8, 9.2, 11.0 of the enlarged picture, right and bottom excluded.
    expected[1:11, [2, 8]] = BLUE
    expected[[1, 10], 2:9] = BLUE
    np.testing.assert_array_equal(picture, expected)


def test_lines_of_large_pictures_are_thicker_and_inside() -> None:
    pixels = np.full((6, 10), 255, np.uint8)
    record = {"ink_boxes": [None, [2.0, 1.0, 7.0, 5.0]]}
    picture = marked(pixels, record, marks=Marks(ink_boxes=True), masks=list, scale=4)
    expected = np.full((24, 40, 3), 255, np.uint8)
    expected[4:20, 8:28] = ORANGE
    expected[6:18, 10:26] = 255
    np.testing.assert_array_equal(picture, expected)


@pytest.mark.parametrize("box", [[0, 0, 0, 0], [3, 2, 3, 5], [10, 6, 10, 6]])
def test_a_box_without_pixels_is_not_drawn(box: list[float]) -> None:
    pixels = np.arange(60, dtype=np.uint8).reshape(6, 10)
    picture = marked(pixels, {"boxes": [box]}, marks=Marks(boxes=True), masks=list, scale=3)
    assert (picture == np.kron(pixels, np.ones((3, 3), np.uint8))[..., None]).all()


@pytest.mark.parametrize("boxes", [None, 7, "no", [[1, 2, 3]], [[0, 0, 1, float("nan")]]])
def test_records_without_boxes_are_refused(boxes: object) -> None:
    pixels = np.zeros((6, 10), np.uint8)
    record = {"index": 5, "boxes": boxes}
    with pytest.raises(RecordError, match="sample 5 has no boxes that can be drawn"):
        marked(pixels, record, marks=Marks(boxes=True), masks=list, scale=1)


def test_polygons_are_drawn_from_corner_to_corner() -> None:
    pixels = np.full((6, 6), 255, np.uint8)
    corners = [[1, 1], [5, 1], [5, 4], [1, 4]]
    record = {"boxes": [], "polygons": [corners]}
    picture = marked(pixels, record, marks=Marks(boxes=True), masks=list, scale=1)
    expected = np.full((6, 6, 3), 255, np.uint8)
    expected[1:4, 1:5] = PURPLE
    expected[2, 2:4] = 255
    np.testing.assert_array_equal(picture, expected)


def test_polygons_of_turned_pictures_are_shown_and_those_far_off_do_no_harm() -> None:
    page = {"transform": [{"rotate": {"angle": 20}}]}
    sample = DigitSequence(seed=7, page=page).sample([2, 6], (0, 4), 60, index=0, dtype=np.uint8)
    record = sample.to_dict()
    # Without an end to how far corners are followed, these lines take minutes.
    record["polygons"].append([[0, 0], [1e9, 1e9], [1e9, -1e9], [-1e9, 1e9]])
    picture = marked(sample.image, record, marks=Marks(boxes=True), masks=list, scale=2)
    purple = (picture == PURPLE).all(axis=2)
    assert purple.any(axis=0).sum() > 60


def test_masks_are_tinted_half_and_where_they_meet_with_both_colours() -> None:
    picture = np.array([[[0, 0, 0], [255, 255, 255], [100, 100, 100], [7, 8, 9]]], np.uint8)
    masks = np.array([[[True, True, False, False]], [[False, True, True, False]]])
    first, second = np.array(TINTS[:2])
    expected = [first / 2, (255 + (first + second) / 2) / 2, (100 + second) / 2, [7, 8, 9]]
    assert tinted(picture, masks)[0].tolist() == np.rint(expected).tolist()
    assert len(set(TINTS)) == len(TINTS)


def test_masks_of_a_data_set_are_made_again(folder: Path) -> None:
    view = open_view(folder)
    sample = next(Maker(Recipe.from_dict(RECIPE)).batches(5, 6))[0]
    [viewed] = chosen_samples(view, count=1, indices=[5])
    np.testing.assert_array_equal(masks_of(viewed.record, view.maker), sample.masks)
    [tile] = tiles_of([viewed], maker=view.maker, marks=Marks(masks=True), scale=1)
    is_tinted = tile.pixels.min(axis=2) != tile.pixels.max(axis=2)
    np.testing.assert_array_equal(is_tinted, sample.masks.any(axis=0))


def test_masks_in_records_are_taken_from_there() -> None:
    sample = DigitSequence(seed=7).sample([2, 6], (0, 4), 60, index=0)
    record = sample.to_dict(masks=True)
    np.testing.assert_array_equal(masks_of(record, None), sample.masks)
    record["masks"][0]["counts"].pop()
    with pytest.raises(RecordError, match="the masks of sample 0 are no run lengths of 28 x 60"):
        masks_of(record, None)


def test_masks_of_other_glyphs_are_refused(folder: Path) -> None:
    view = open_view(folder)
    [viewed] = chosen_samples(view, count=1, indices=[2])
    record = {**viewed.record, "glyph_digests": ["0" * 16] * 2}
    with pytest.raises(SourceChangedError, match="changed since sample 2 was made"):
        masks_of(record, view.maker)


def test_samples_come_in_the_order_that_was_asked_for(folder: Path, drawn: Path) -> None:
    assert [one.index for one in chosen_samples(open_view(folder), count=3)] == [0, 1, 2]
    found = chosen_samples(open_view(folder), count=3, indices=[6, 0, 5])
    assert [one.index for one in found] == [6, 0, 5]
    with pytest.raises(ArgumentValueError, match=r"no sample 7; it has 7, from number 0 on$"):
        next(chosen_samples(open_view(folder), count=3, indices=[1, 7]))
    with pytest.raises(ArgumentValueError, match=r"no sample 3; it has 3$"):
        next(chosen_samples(open_view(drawn), count=3, indices=[3]))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_shown_in_its_own_configuration(preset: str) -> None:
    view = open_subject(preset, Wishes(), count=3)
    assert view.maker is not None
    recipe = view.maker.recipe
    assert recipe.configuration == preset_configuration(preset)
    assert (recipe.seed, recipe.count) == (SEED, 3)
    samples = list(chosen_samples(view, count=3))
    assert [len(one.record["text"]) for one in samples] == [4, 4, 4]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"measure": "ink"},
        {"overlap": True},
        {"layout": {"size": [0.5, 1.5], "slope": [-5, 5]}},
        {"canvas": {"image_height": 64}},
        {"spacing_type": "fixed", "spacing_subtype": "edge"},
        {"canvas": {"fit": "pad", "image_height": 60}, "layout": {"size": 1.4}},
    ],
)
def test_glyphs_of_a_configuration_are_as_wide_as_they_should_be(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    config = Configuration.from_dict(
        {
            "image": {"transform": False, **settings.pop("canvas", {})},
            "spacing": {
                "type": settings.pop("spacing_type", "variable"),
                "subtype": settings.pop("spacing_subtype", "between"),
                **{key: settings.pop(key) for key in ("measure", "overlap") if key in settings},
            },
            "output_format": "png",
            **settings,
        }
    )
    view = open_subject(written(tmp_path / "c.json", config.to_dict()), Wishes(), count=20)
    boxes = np.array([one.record["boxes"] for one in chosen_samples(view, count=20)])
    widths, heights = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    assert 0.9 < np.median(widths / heights) < 1.1


def test_pictures_have_room_for_the_gaps_and_turns_do_not_widen_them(tmp_path: Path) -> None:
    widths = []
    turned = {"page": {"transform": [{"rotate": {"angle": 40}}]}, "layout": {"room": 8}}
    for more in ({"fit": "pad"}, {}, turned):
        image = {"transform": False, "image_height": 44, **more}
        page = {key: image.pop(key) for key in ("page", "layout") if key in image}
        for kind, subtype in (("variable", "between"), ("fixed", "edge")):
            spacing = {"type": kind, "subtype": subtype}
            settings = {"image": image, "spacing": spacing, "output_format": "png", **page}
            path = written(tmp_path / "c.json", settings)
            view = open_subject(path, Wishes(spacing=(4, 8)), count=1)
            assert view.maker is not None
            widths.append(view.maker.recipe.image_width)
    # Four digits of 28 pixels; three gaps of 8 or five of 6; resized to 44 pixels, gaps of about 6.
    assert widths[:2] == [4 * 28 + 3 * 8, 4 * 28 + 5 * 6]
    assert widths[3] == widths[5] == 4 * 28 + 5 * 6
    assert widths[2] == pytest.approx((4 * 28 + 3 * 6) * 44 / 28, rel=0.04)
    assert widths[4] == pytest.approx(4 * 28 + 3 * 6, rel=0.04)


def test_wishes_go_before_what_a_recipe_says(tmp_path: Path) -> None:
    path = written(tmp_path / "r.json", {**RECIPE, "seed": None})
    view = open_subject(path, Wishes(), count=1)
    assert view.maker is not None
    assert view.maker.recipe.seed == SEED  # A page is the same every time.
    view = open_subject(path, Wishes("314", (2, 3), 99, 5), count=1)
    assert view.maker is not None
    recipe = view.maker.recipe
    assert (recipe.spacing, recipe.image_width, recipe.seed) == ((2, 3), 99, 5)
    assert next(chosen_samples(view, count=1)).record["text"] == "314"


def test_what_is_no_data_set_is_told_from_one_and_wishes_refused(
    folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(SourceNotFoundError, match="or one of the presets classic, "):
        open_subject(tmp_path / "none", Wishes(), count=1)
    with pytest.raises(ArgumentValueError, match="are there already; width and seed can be said"):
        open_subject(folder, Wishes(width=9, seed=4), count=1)


def shown_values(variation: Variation) -> list[str]:
    return [one.caption for one in variation.pictures]


def test_each_step_of_a_configuration_stands_alone_over_its_own_range() -> None:
    configuration = Configuration(
        transform=[
            {"affine": {"rotate": [-8, 4], "scale": 0.9, "per": "sequence", "spread": 0.2}},
            {"random_order": [{"blur": {"sigma": [0, 1], "p": 0.3}}, "stretch"]},
        ],
        layout={"size": [0.8, 1.2], "room": 3},
        page={
            "paper": [0.6, 1],
            "ink": {"red": [0, 0.5]},
            "paper_steps": ["texture"],
            "transform": [{"mnist_c_fog": {"severity": [2, 4]}}],
        },
    )
    found = {one.title: one for one in variations_of(configuration, count=3, glyph_height=28)}
    captions = {title: shown_values(one) for title, one in found.items()}
    assert captions == {
        "no step": [""],
        "image.transform 1: affine.rotate": ["-8", "-2", "4"],
        "image.transform 2: blur.sigma": ["0", "0.5", "1"],
        "image.transform 3: stretch": [""],
        "layout.size": ["0.8", "1", "1.2"],
        "page: paper.level": ["0.6", "0.8", "1"],
        "page: ink.red": ["0", "0.25", "0.5"],
        "page.paper_steps 1: texture.strength": ["0.01", "0.03", "0.05"],
        "page.paper_steps 1: texture.scale": ["0.6", "1.8", "3"],
        "page.transform 1: mnist_c_fog.severity": ["2", "3", "4"],
    }
    assert found["image.transform 2: blur.sigma"].note.endswith("; p 0.3")
    rotated = found["image.transform 1: affine.rotate"].pictures[0].configuration
    [step] = rotated.transform  # type: ignore[misc]  # a list
    assert step["affine"] == {
        "rotate": -8.0,
        "shear": 0.0,
        "scale": 0.9,
        "stretch": 1.0,
        "shift_x": 0.0,
        "shift_y": 0.0,
    }
    assert (rotated.page, rotated.layout) == (None, {"room": 3})
    small = found["layout.size"].pictures[0].configuration
    assert small.layout == {"size": 0.8, "baseline": 0.0, "drift": 0.0, "slope": 0.0, "room": 3}
    fog = found["page.transform 1: mnist_c_fog.severity"].pictures[2].configuration
    ground = {"paper": 0.8, "ink": {"red": 0.25, "green": 0.0, "blue": 0.0}}
    assert fog.page == {**ground, "transform": [{"mnist_c_fog": {"severity": 4.0}}]}
    assert fog.transform is False
    ink = found["page: ink.red"].pictures[2].configuration.page
    assert ink == {"paper": 0.8, "ink": {"red": 0.5, "green": 0.0, "blue": 0.0}}


def test_paper_from_pictures_stays_while_its_level_varies(tmp_path: Path) -> None:
    Image.new("L", (90, 40), 200).save(tmp_path / "wood.png")
    page = {"pictures": str(tmp_path), "paper": [0.8, 1]}
    configuration = Configuration(page=page)
    _, own = variations_of(configuration, count=2, glyph_height=28)
    assert (own.title, shown_values(own)) == ("page: paper.level", ["0.8", "1"])
    pages = [one.configuration.page for one in own.pictures]
    assert pages == [{"pictures": str(tmp_path), "paper": level, "ink": 0.0} for level in (0.8, 1)]


def test_each_step_there_is_takes_place_at_the_value_below_it() -> None:
    remaker = Remaker(Maker(Recipe.from_dict(RECIPE)))
    told = set()
    for one in all_variations(Configuration(), count=2, glyph_height=28):
        name, _, parameter = one.title.rpartition(": ")[2].partition(".")
        told.add((name, parameter))
        for shown in one.pictures:
            sample = remaker.sample(shown.configuration, 3)
            steps = [*sample.glyph_steps, *sample.picture_steps]
            own = [step for step in steps if step.name == name]
            assert len(own) == (name not in ("no step", "layout"))
            assert {step.name for step in steps} <= {name, "paper", "ink"}
            for step in own:
                assert np.all(step.applied)
                if parameter:
                    # The caption is rounded to four digits.
                    value = float(shown.caption)
                    np.testing.assert_allclose(step.values[parameter], value, rtol=1e-3)
    tables = (GLYPH_KINDS, PAPER_KINDS, PICTURE_KINDS)
    kinds = [kind for table in tables for kind in table.values()]
    expected = {(kind.name, parameter.name) for kind in kinds for parameter in kind.parameters}
    layout = {("layout", name) for name in ("size", "baseline", "drift", "slope")}
    alone = {("no step", ""), ("stretch", ""), ("invert", "")}
    assert told == expected | layout | alone


@pytest.mark.parametrize("split", [None, "test"])
def test_the_handwriting_on_a_page_of_steps_is_the_sample_s(split: str | None) -> None:
    recipe = Recipe.from_dict(RECIPE if split is None else {**RECIPE, "split": split})
    expected = next(Maker(recipe).batches(4, 5))[0]
    remaker = Remaker(Maker(recipe))
    turned = replace(recipe.configuration, transform=[{"affine": {"rotate": [-10, 10]}}])
    still, own = variations_of(turned, count=3, glyph_height=28)
    np.testing.assert_array_equal(
        remaker.sample(still.pictures[0].configuration, 4).image, expected.image
    )
    low, middle, high = (remaker.sample(one.configuration, 4) for one in own.pictures)
    np.testing.assert_array_equal(middle.image, expected.image)
    assert len({low.image.tobytes(), middle.image.tobytes(), high.image.tobytes()}) == 3
    assert low.glyph_digests == expected.glyph_digests


def test_one_hand_stays_one_hand_on_a_page_of_steps(tmp_path: Path) -> None:
    inks = 6 * np.arange(1, 41, dtype=np.uint8)
    images = np.broadcast_to(inks[:, None, None], (40, 28, 28))
    own = {"labels": np.arange(40) % 10, "writers": np.arange(40) // 10}
    np.savez(tmp_path / "hands.npz", images=images, **own)
    data = {"path": str(tmp_path / "hands.npz"), "hand": "single"}
    maker = Maker(Recipe.from_dict({**RECIPE, "data": data}))
    still, *_ = variations_of(maker.recipe.configuration, count=2, glyph_height=28)
    remaker = Remaker(maker)
    for index, expected in enumerate(next(maker.batches(0, 7))):
        sample = remaker.sample(still.pictures[0].configuration, index)
        assert sample.writer is not None
        np.testing.assert_array_equal(sample.image, expected.image)


def test_a_transform_that_is_a_function_is_shown_as_it_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(
        TRANSFORMS, "fainter", lambda glyphs, rng: glyphs * rng.uniform(0, 1, 1)[:, :, None, None]
    )
    configuration = Configuration(transform="fainter")
    recipe = Recipe.from_dict({**RECIPE, "configuration": configuration.to_dict()})
    _, own = variations_of(configuration, count=3, glyph_height=28)
    assert own.title == "image.transform: fainter"
    expected = next(Maker(recipe).batches(2, 5)).images
    for k, shown in enumerate(own.pictures):
        sample = Remaker(Maker(recipe)).sample(shown.configuration, 2 + shown.offset)
        np.testing.assert_array_equal(sample.image, expected[k])


def test_the_command_writes_the_same_bytes_again_and_says_where(
    folder: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = written(tmp_path / "recipe.json", {"count": 3, "width": 150})
    config = written(tmp_path / "config.json", preset_configuration("noisy-scan").to_dict())
    for number, arguments in enumerate(
        [
            [folder, "--boxes", "--ink-boxes", "--masks", "--indices", "3,1"],
            [drawn, "--boxes", "--count", "2"],
            [recipe, "--masks", "--columns", "1"],
            [config, "--boxes", "--digits", "2,0,2,6", "--seed", "7", "--count", "2"],
            ["classic-native", "--steps", "--values", "2", "--indices", "1", "--boxes"],
        ]
    ):
        sheets = []
        for name in (f"{number}.png", f"{number}-again.PNG"):
            out = tmp_path / "sheets" / name
            run(*arguments, "--out", out)
            assert capsys.readouterr().out == f"{out}\n"
            sheets.append(out.read_bytes())
        assert sheets[0] == sheets[1]
        assert read(tmp_path / "sheets" / f"{number}.png").size
    assert len(list((tmp_path / "sheets").iterdir())) == 10


def test_legends_name_what_is_drawn() -> None:
    assert Marks().legend(polygons=True) == ()
    assert Marks(boxes=True).legend(polygons=False) == (("cell", BLUE),)
    names = [name for name, _ in Marks(True, True, True).legend(polygons=True)]
    assert names == ["cell", "ink", "polygon of the cell"]
    tile = Tile(np.zeros((9, 9, 3), np.uint8))
    with_legend = sheet_of([Group([tile])], legend=Marks(True, True).legend(polygons=False))
    for colour in (BLUE, ORANGE):
        assert (with_legend.pixels == colour).all(axis=2).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "what of\\? name a data set"),
        (["classic", "--values", "3"], "--values goes with --steps"),
        (["classic", "--steps", "--count", "3"], "--steps shows one"),
        (["classic", "--indices", "1", "--count", "3"], "--indices says which"),
        (["classic", "--steps", "--indices", "1,2"], "--indices names one"),
        (["classic", "--scale", "17"], "--scale lies from 1 to 16, 17 does not"),
        (["classic", "--count", "0"], "--count lies from 1 to 10,000, 0 does not"),
        (["classic", "--steps", "--values", "1"], "--values lies from 2 to 100"),
        (["classic", "--columns", "0"], "--columns lies from 1 to 1,000"),
        (["classic", "--digits", "2,x"], "x"),
        (["classic", "--width", "90000", "--scale", "16"], "use a smaller --scale, or show less"),
        (["DRAWN", "--masks"], "masks need a recipe to be made again"),
        (["DRAWN", "--steps"], "nobody knows which steps"),
        (["FOLDER", "--steps", "--indices", "7"], "has no sample 7; it has 7, from number 0 on"),
        (["LATE", "--steps", "--indices", "4"], "has no sample 4; it has 7, from number 5 on"),
    ],
)
def test_what_cannot_be_shown_is_said_and_the_sheet_that_is_there_stays(
    arguments: list[str], message: str, folder: Path, drawn: Path, tmp_path: Path
) -> None:
    (tmp_path / "sheets").mkdir()
    out = tmp_path / "sheets" / "sheet.png"
    out.write_text("mine")
    late = written(tmp_path / "late.json", {**RECIPE, "start": 5})
    places = {"DRAWN": str(drawn), "FOLDER": str(folder), "LATE": str(late)}
    with pytest.raises(ImageSequenceError, match=message):
        run(*(places.get(one, one) for one in arguments), "--out", out)
    assert [path.name for path in out.parent.iterdir()] == ["sheet.png"]
    assert out.read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--out", "sheet.jpg"], "'sheet.jpg' does not end in .png"),
        (["--out", ".png"], "'.png' does not end in .png"),
        ([], "--out"),
        (["--out", "a.png", "--indices", "1,-2"], "holds a number below 0"),
        (["--out", "a.png", "--indices", "1,x"], "is not a whole number"),
    ],
)
def test_arguments_that_are_none_are_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("classic", *arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_texts_are_cut_to_their_room_and_written_in_letters_that_the_font_has() -> None:
    font = font_of(15)
    assert fitted("2026", font, 200) == "2026"
    assert fitted("木\t", font, 200) == "\\u6728\\t"
    text = fitted("27" * 5000, font, 100)
    assert text.endswith("...")
    assert 80 < font.getlength(text) <= 100
    assert fitted("2026", font, 3) == ""
    assert fitted("2026", font, -9) == ""


def test_a_pillow_that_knows_no_sizes_of_its_font_is_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = ImageFont.load_default()
    monkeypatch.setattr(ImageFont, "load_default", lambda: plain)  # As in Pillow 10.0.
    sheet = sheet_of([Group([Tile(np.zeros((9, 90, 3), np.uint8), "2026", "#1")], "title", "note")])
    assert len(np.unique(sheet.pixels)) > 8


def test_without_freetype_texts_are_written_all_the_same(tmp_path: Path) -> None:
    program = """
        import sys
        sys.modules["PIL._imagingft"] = None
        import numpy as np
        from image_sequence.inspecting.sheets import Group, Tile, sheet_of
        tiles = [Tile(np.zeros((9, 90, 3), np.uint8), text, "#1") for text in ("", "26\\u6728")]
        sheets = [sheet_of([Group([tile])]).pixels for tile in tiles]
        print(sheets[0].shape == sheets[1].shape, (sheets[0] != sheets[1]).sum() > 20)
    """
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", "\n".join(line[8:] for line in program.splitlines())],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == "True True\n"


def test_the_command_line_does_not_wait_for_what_sheets_need() -> None:
    program = "import sys, image_sequence.commands.preview; print(*sys.modules)"
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = result.stdout.split()
    assert not [name for name in loaded if "inspecting" in name or name.startswith("PIL")]
    assert "image_sequence.commands.preview" in loaded
