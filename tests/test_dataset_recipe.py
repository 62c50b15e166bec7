"""Recipes: one document that defines all samples, checked before the first byte."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from image_sequence.config import Configuration
from image_sequence.datasets import Part, Recipe, estimate, write_dataset
from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.feasibility import checked_maker, common_width
from image_sequence.datasets.formats.known import FORMATS, find_format
from image_sequence.datasets.making import Maker
from image_sequence.datasets.recipe import read_settings
from image_sequence.datasets.shards import Shards
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ImageSequenceError,
    RecipeError,
    RecipeNotFoundError,
)
from image_sequence.presets import preset_configuration

SMALL: dict[str, Any] = {"count": 20, "width": 96, "seed": 7}
FIXED = {
    "image": {"transform": False},
    "spacing": {"type": "fixed", "subtype": "between"},
    "output_format": "png",
}


def test_defaults_are_those_of_the_documents() -> None:
    recipe = Recipe.from_dict(SMALL)
    assert recipe.to_dict() == {
        "recipe": "image-sequence/recipe/1",
        "count": 20,
        "start": 0,
        "seed": 7,
        "labels": {"policy": "digits", "length": 5},
        "spacing": [0, 20],
        "width": 96,
        "configuration": Configuration().to_dict(),
        "format": "webdataset",
        "shard_size": 10_000,
        "encoding": {"name": "png", "level": 1},
        "masks": False,
    }


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"preset": "touching", "masks": True},
        {"format": "npz"},
        {"encoding": {"name": "jpeg", "level": 80}},
        {"split": "val", "split_by": ["glyph"], "fractions": [0.5, 0.25, 0.25]},
        {"data": "somewhere", "hand": "single"},
        {"labels": {"policy": "pattern", "pattern": r"\d{2,4}"}, "start": 10**12},
    ],
)
def test_what_a_data_set_keeps_makes_the_same_recipe_again(more: dict[str, Any]) -> None:
    recipe = Recipe.from_dict(SMALL | more)
    again = Recipe.from_json(recipe.to_json(), "recipe.json")
    assert again == recipe
    assert again.digest == recipe.digest


def test_each_thing_that_a_recipe_says_changes_its_digest() -> None:
    changes: list[dict[str, Any]] = [
        {"count": 21},
        {"start": 1},
        {"seed": 8},
        {"labels": {"policy": "digits", "length": 4}},
        {"spacing": [0, 19]},
        {"width": 97},
        {"preset": "touching"},
        {"split": "train"},
        {"format": "folder"},
        {"shard_size": 9},
        {"encoding": "webp"},
        {"masks": True},
    ]
    digests = {Recipe.from_dict(SMALL | change).digest for change in [{}, *changes]}
    assert len(digests) == len(changes) + 1


def test_a_seed_that_is_not_said_is_a_fresh_one() -> None:
    first, second = (Recipe.from_dict({"count": 2, "width": 96}) for _ in range(2))
    assert first.seed != second.seed


def test_split_and_data_are_said_in_short() -> None:
    recipe = Recipe.from_dict(SMALL | {"data": "here", "split": "test", "hand": "single"})
    assert recipe.configuration.data.to_dict() == {
        "path": "here",
        "split": "test",
        "hand": "single",
    }
    assert recipe.shards[0].name == "test-000000"


def test_a_preset_is_kept_in_full() -> None:
    recipe = Recipe.from_dict(SMALL | {"preset": "hard"})
    assert recipe.configuration == preset_configuration("hard")
    assert "preset" not in recipe.to_dict()


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        ([], RecipeError, "a recipe is a JSON object such as"),
        ({"count": 20}, RecipeError, "has a count of samples and a width of pictures"),
        (SMALL | {"recipe": "another/1"}, RecipeError, "is no 'image-sequence/recipe/1'"),
        (SMALL | {"colour": "red"}, RecipeError, r"no 'colour'; it has 'count', 'encoding', "),
        (SMALL | {"preset": "hard", "configuration": FIXED}, RecipeError, "not both"),
        (SMALL | {"count": 0}, ArgumentValueError, "count is at least 1, 0 is not"),
        (SMALL | {"count": 2.5}, ArgumentTypeError, "count is a whole number"),
        (SMALL | {"start": -1}, ArgumentValueError, "start is at least 0"),
        (SMALL | {"start": 2**63 - 1}, ArgumentValueError, r"numbered below 2\*\*63"),
        (SMALL | {"shard_size": 0}, ArgumentValueError, "shard_size is at least 1"),
        (SMALL | {"seed": -1}, ArgumentValueError, "a seed lies from 0"),
        (SMALL | {"width": 0}, ArgumentValueError, "a width lies from 1"),
        (SMALL | {"spacing": 5}, ArgumentTypeError, r"a pair of whole numbers such as \[0, 20\]"),
        (SMALL | {"masks": 1}, ArgumentTypeError, "masks is true or false"),
        (SMALL | {"format": "webdatset"}, ArgumentValueError, "'webdataset' may be meant"),
        (SMALL | {"encoding": "gif"}, ArgumentValueError, "an encoding is one of 'png'"),
        (SMALL | {"encoding": 5}, ArgumentTypeError, "an encoding is a name such as 'png'"),
        (SMALL | {"encoding": {"name": "png", "level": 12}}, ArgumentValueError, "from 0 to 9"),
        (
            SMALL | {"format": "yolo", "encoding": "raw"},
            ArgumentValueError,
            "the format 'yolo' has no place for the encoding 'raw'; it takes",
        ),
        (
            SMALL | {"format": "lmdb", "masks": True},
            ArgumentValueError,
            "the format 'lmdb' has no place for masks",
        ),
        (SMALL | {"labels": {"policy": "digit"}}, ArgumentValueError, "digits"),
        (SMALL | {"labels": "digits"}, ArgumentTypeError, "labels are an object"),
    ],
)
def test_what_cannot_be_is_said(settings: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        Recipe.from_dict(settings)
    assert isinstance(caught.value, ImageSequenceError)


def test_files_that_are_no_recipe_are_said(tmp_path: Path) -> None:
    with pytest.raises(RecipeNotFoundError, match="there is no recipe"):
        read_settings(tmp_path / "none.json")
    (tmp_path / "text.json").write_text("count: 5")
    with pytest.raises(RecipeError, match=r"text\.json' is no JSON"):
        read_settings(tmp_path / "text.json")
    (tmp_path / "latin.json").write_bytes(b'{"count": "\xe9"}')
    with pytest.raises(RecipeError, match="cannot be read"):
        read_settings(tmp_path / "latin.json")


@given(st.integers(1, 10**12), st.integers(1, 10**5), st.integers(0, 10**6), st.integers(1, 7))
def test_shards_tile_the_samples_and_parts_the_shards(
    count: int, size: int, start: int, parts: int
) -> None:
    shards = Shards("data", start, count, size)
    last = shards[len(shards) - 1]
    assert shards[0].first == start
    assert last.stop == start + count
    assert 1 <= last.count <= size
    middle = len(shards) // 2
    assert shards[middle].first == start + middle * size
    few = min(len(shards), 50)
    numbers = [number for index in range(parts) for number in Part(index, parts).numbers(few)]
    assert sorted(numbers) == list(range(few))


@pytest.mark.parametrize(("index", "count"), [(2, 2), (-1, 2), (0, 0)])
def test_there_is_no_such_part(index: int, count: int) -> None:
    with pytest.raises(ArgumentValueError, match="there is no part"):
        Part(index, count)


def test_mixed_lengths_with_fixed_spacing_are_refused_with_what_would_work() -> None:
    recipe = SMALL | {"configuration": FIXED, "labels": {"policy": "digits", "length": [3, 5]}}
    with pytest.raises(
        ArgumentValueError,
        match=r"labels are 3 to 5 long, and those of 4 cannot be shown: .*\. Use the spacing "
        r"'variable', which fits any length to one width, or labels of 3 alone",
    ):
        checked_maker(Recipe.from_dict(recipe))


def test_a_width_that_serves_all_lengths_is_found() -> None:
    labels = {"policy": "digits", "length": [2, 3]}
    maker = Maker(Recipe.from_dict(SMALL | {"configuration": FIXED, "labels": labels}))
    # 2 * 28 + a = 3 * 28 + 2 * b asks for an a of 28 or more.
    assert common_width(maker) is None
    roomy = SMALL | {"configuration": FIXED, "labels": labels, "spacing": [0, 40]}
    width = common_width(Maker(Recipe.from_dict(roomy)))
    assert width == 84
    with pytest.raises(ArgumentValueError, match="a width of 84, which serves all lengths"):
        checked_maker(Recipe.from_dict(roomy | {"width": 85}))
    checked_maker(Recipe.from_dict(roomy | {"width": 84}))


def test_one_length_fails_as_a_single_picture_does() -> None:
    with pytest.raises(ArgumentValueError, match="use an image_width of 140 or 144"):
        checked_maker(Recipe.from_dict(SMALL | {"configuration": FIXED, "width": 141}))


def test_labels_without_glyphs_are_refused() -> None:
    recipe = SMALL | {"labels": {"policy": "pattern", "pattern": r"\d{2}/\d{2}"}}
    with pytest.raises(ArgumentValueError, match="/"):
        checked_maker(Recipe.from_dict(recipe))


def test_a_split_by_sequence_needs_labels_that_are_drawn() -> None:
    recipe = SMALL | {
        "labels": {"policy": "pairs", "length": 5},
        "split": "train",
        "split_by": ["sequence"],
    }
    with pytest.raises(ArgumentValueError, match="the labels 'pairs' are told beforehand"):
        checked_maker(Recipe.from_dict(recipe))


def test_jpeg_is_not_asked_to_hold_what_it_cannot() -> None:
    recipe = SMALL | {"width": 70_000, "encoding": "jpeg"}
    with pytest.raises(ArgumentValueError, match="holds at most 65500 pixels a side"):
        checked_maker(Recipe.from_dict(recipe))


def test_a_recipe_that_cannot_be_made_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArgumentValueError):
        write_dataset(SMALL | {"configuration": FIXED, "width": 141}, tmp_path / "a", watch=None)
    assert not list(tmp_path.iterdir())


def test_an_estimate_tells_counts_and_writes_nothing(tmp_path: Path) -> None:
    told = estimate(Recipe.from_dict(SMALL | {"count": 5_000_000, "shard_size": 1000}), workers=2)
    assert (told.sample_count, told.shard_count) == (5_000_000, 5000)
    assert told.tried_count == 1000
    write_dataset(SMALL | {"count": 1000, "shard_size": 1000}, tmp_path / "a", watch=None)
    size = (tmp_path / "a" / "data-000000.tar").stat().st_size
    assert told.bytes_a_sample == size / 1000
    part = estimate(Recipe.from_dict(SMALL | {"count": 5000, "shard_size": 1000}), part=Part(1, 3))
    assert (part.sample_count, part.shard_count) == (2000, 2)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_a_name_for_shards_and_encodings_that_exist(name: str) -> None:
    format_ = find_format(name)
    assert format_.suffix == "" or format_.suffix.startswith(".")
    assert [Encoding(encoding).name for encoding in format_.encodings] == list(format_.encodings)


def test_workers_hold_a_recipe_and_not_the_glyphs() -> None:
    import pickle

    recipe = Recipe.from_dict(SMALL | {"preset": "hard"})
    assert len(pickle.dumps(recipe)) < 10_000
    assert json.loads(recipe.to_json()) == recipe.to_dict()
