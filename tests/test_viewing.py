"""Samples to look at: the same whatever the format keeps of them."""

import json
from pathlib import Path

import numpy as np
import pytest
from dataset_formats import SMALL

from image_sequence import BundledDigits, DigitSequence
from image_sequence.datasets import Recipe, write_dataset
from image_sequence.datasets.making import Maker
from image_sequence.datasets.viewing import open_view
from image_sequence.errors import RecordError, SourceChangedError, SourceNotFoundError
from image_sequence.glyphs.idx import write_idx

# The folder and webdataset keep records; the others, which need no library, do not.
FORMATS = ["folder", "webdataset", "npz", "npy", "idx", "coco", "yolo"]


@pytest.mark.parametrize("kept_as", FORMATS)
def test_every_sample_has_its_record_and_its_pixels_in_any_format(
    kept_as: str, tmp_path: Path
) -> None:
    write_dataset(SMALL | {"format": kept_as}, tmp_path / "set", watch=None)
    view = open_view(tmp_path / "set")
    (made,) = Maker(Recipe.from_dict(SMALL)).batches(0, 230)
    viewed = list(view.samples())
    assert view.count == len(viewed) == 230
    assert [one.record for one in viewed] == made.to_dicts()
    np.testing.assert_array_equal([one.pixels() for one in viewed], made.images)


@pytest.mark.parametrize("kept_as", ["folder", "npz"])
def test_some_samples_are_those_with_their_indices(kept_as: str, tmp_path: Path) -> None:
    write_dataset(SMALL | {"format": kept_as}, tmp_path / "set", watch=None)
    some = list(open_view(tmp_path / "set").samples([3, 120, 229, 500]))
    assert [one.index for one in some] == [3, 120, 229]
    whole = {one.index: one for one in open_view(tmp_path / "set").samples()}
    assert [one.record for one in some] == [whole[one.index].record for one in some]


def test_shards_that_hold_none_of_them_are_not_read(tmp_path: Path) -> None:
    write_dataset(SMALL | {"format": "npz"}, tmp_path / "set", watch=None)
    for shard in sorted((tmp_path / "set").glob("*.npz"))[1:]:
        shard.write_bytes(b"x" * shard.stat().st_size)
    assert [one.index for one in open_view(tmp_path / "set").samples([7])] == [7]


def test_a_recipes_file_shows_what_it_would_make(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text(json.dumps(SMALL | {"start": 30, "count": 40}))
    view = open_view(tmp_path / "recipe.json")
    (made,) = Maker(Recipe.from_dict(SMALL)).batches(30, 70)
    assert view.count == 40
    assert [one.record for one in view.samples()] == made.to_dicts()
    (one,) = view.samples([42, 7])
    assert one.file_name == "000000042.png"
    np.testing.assert_array_equal(one.pixels(), made.images[12])


def test_a_folder_of_pictures_with_records_is_seen_as_well(tmp_path: Path) -> None:
    generator = DigitSequence(seed=7)
    paths = list(generator.save_many([2, 6], (0, 9), 80, count=3, save_dir=tmp_path, records=True))
    view = open_view(tmp_path)
    assert view.maker is None
    assert [one.file_name for one in view.samples()] == [Path(path).name for path in paths]
    (second,) = view.samples([1])
    sample = DigitSequence(seed=7).sample([2, 6], (0, 9), 80, index=1, dtype=np.uint8)
    np.testing.assert_array_equal(second.pixels(), sample.image)
    assert second.record == sample.to_dict()


def test_a_record_is_the_one_that_was_written(tmp_path: Path) -> None:
    recipe = SMALL | {"format": "folder", "masks": True, "count": 3}
    write_dataset(recipe, tmp_path / "set", watch=None)
    (made,) = Maker(Recipe.from_dict(SMALL)).batches(0, 3)
    viewed = open_view(tmp_path / "set").samples()
    assert [one.record for one in viewed] == made.to_dicts(masks=True)


@pytest.mark.parametrize("line", ['{"index": 3}', '{"file_name": "3.png"}'])
def test_records_without_a_file_or_an_index_are_named(line: str, tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text(line + "\n")
    with pytest.raises(RecordError, match=r"line 1, has no file_name and index"):
        list(open_view(tmp_path).samples())


@pytest.mark.parametrize("name", ["", "nowhere"])
def test_what_is_no_data_set_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"is no data set, no folder with"):
        open_view(tmp_path / name)


def test_records_are_not_made_again_of_other_glyphs(tmp_path: Path) -> None:
    bank = BundledDigits().load()
    for images in (bank.images, bank.images[::-1]):
        write_idx(tmp_path / "mnist" / "train-images-idx3-ubyte", images)
        write_idx(tmp_path / "mnist" / "train-labels-idx1-ubyte", bank.labels)
        if images is bank.images:
            recipe = SMALL | {"format": "npz", "data": str(tmp_path / "mnist")}
            write_dataset(recipe, tmp_path / "set", watch=None)
    with pytest.raises(SourceChangedError, match="the glyphs have changed"):
        list(open_view(tmp_path / "set").samples())
