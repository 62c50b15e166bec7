"""`verify`: whatever is wrong with a data set is found and named."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from image_sequence.datasets import Part, verify_dataset, write_dataset
from image_sequence.datasets.checking import _are_alike, _told_wrong
from image_sequence.datasets.encoding import Encoding, decoded
from image_sequence.datasets.formats.kinds import StoredSample
from image_sequence.datasets.formats.known import FORMATS, find_format
from image_sequence.datasets.sums import measured
from image_sequence.errors import LibraryError, RecipeNotFoundError, ShardError

RECIPE = {
    "count": 90,
    "labels": {"policy": "digits", "length": [2, 4]},
    "width": 96,
    "seed": 7,
    "shard_size": 40,
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "digits"
    write_dataset(RECIPE, folder, watch=None)
    return folder


@pytest.fixture
def copy(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "copy"))


def problems(folder: Path, **options: int) -> str:
    return "\n".join(verify_dataset(folder, **options).problems)


def resummed(folder: Path) -> None:
    """Make the manifest say of each shard what is true of it now."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for shard in manifest["shards"]:
        shard["bytes"], shard["sha256"] = measured(folder / shard["name"])
    (folder / "manifest.json").write_text(json.dumps(manifest))


def changed(folder: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """Write a shard anew with other members, and have the manifest agree."""
    path = folder / "data-000001.tar"
    with tarfile.open(path) as tar:
        members = [(info.name, tar.extractfile(info).read()) for info in tar]
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in members:
            new = change(name, content)
            if new is not None:
                info = tarfile.TarInfo(name)
                info.size = len(new)
                tar.addfile(info, io.BytesIO(new))
    resummed(folder)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("masks", [False, True])
def test_every_format_is_sound_with_all_of_its_samples_made_again(
    tmp_path: Path, name: str, masks: bool
) -> None:
    format_ = find_format(name)
    try:
        format_.check()
    except LibraryError as error:
        pytest.skip(str(error))
    if masks and not format_.has_masks:
        pytest.skip(f"{name} has no place for masks")
    for encoding in format_.encodings:
        folder = tmp_path / encoding
        write_dataset(
            RECIPE | {"format": name, "encoding": encoding, "masks": masks}, folder, watch=None
        )
        report = verify_dataset(folder, remade=40)
        assert report.problems == ()
        assert (report.sample_count, report.remade_count) == (90, 90)


@pytest.mark.parametrize("preset", ["hard", "colour", "overlapping", "noisy-scan"])
def test_variety_is_sound_as_well(tmp_path: Path, preset: str) -> None:
    recipe = RECIPE | {"preset": preset, "count": 12, "width": 160, "spacing": [2, 8]}
    write_dataset(recipe, tmp_path / "a", workers=2, watch=None)
    report = verify_dataset(tmp_path / "a", remade=12)
    assert (report.problems, report.remade_count) == ((), 12)


def test_a_flipped_bit_anywhere_is_found(copy: Path) -> None:
    path = copy / "data-000001.tar"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1  # In the padding, which no reader looks at.
    path.write_bytes(content)
    assert problems(copy) == (
        "data-000001.tar is not the file that was written: its size or its SHA-256 is another"
    )


def test_a_missing_shard_is_found(copy: Path) -> None:
    (copy / "data-000001.tar").unlink()
    assert problems(copy) == "data-000001.tar is missing"


def test_a_cut_shard_is_found_and_where(copy: Path) -> None:
    path = copy / "data-000001.tar"
    path.write_bytes(path.read_bytes()[:20_000])
    assert "SHA-256" in problems(copy)
    assert "it cannot be read" in problems(copy)


def test_two_swapped_shards_are_found(copy: Path) -> None:
    (copy / "data-000000.tar").rename(copy / "other")
    (copy / "data-000001.tar").rename(copy / "data-000000.tar")
    (copy / "other").rename(copy / "data-000001.tar")
    resummed(copy)
    assert "has '000000000.png' where '000000040.png' ought to be" in problems(copy)


def test_a_wrong_text_is_found(copy: Path) -> None:
    changed(copy, lambda name, content: b"777777" if name == "000000055.txt" else content)
    assert "has b'777777' as text 55, not '457'" in problems(copy)


def test_a_record_and_a_text_that_agree_and_are_wrong_are_found(copy: Path) -> None:
    def other(name: str, content: bytes) -> bytes:
        return content.replace(b"457", b"754") if name.startswith("000000055") else content

    changed(copy, other)
    assert "sample 55 has the text '754', and the recipe writes '457'" in problems(copy)


def test_a_wrong_label_in_a_record_is_found(copy: Path) -> None:
    def other(name: str, content: bytes) -> bytes:
        if name != "000000055.json":
            return content
        record = json.loads(content)
        record["labels"][0] = (record["labels"][0] + 1) % 10
        return json.dumps(record).encode()

    changed(copy, other)
    assert "the record of sample 55 has another text or other labels" in problems(copy)


def test_a_sample_that_is_not_there_is_found(copy: Path) -> None:
    changed(copy, lambda name, content: None if name.startswith("000000079") else content)
    assert "after 39 samples it cannot be read" in problems(copy)


def test_pixels_and_boxes_that_the_recipe_does_not_make_are_found(copy: Path) -> None:
    def other(name: str, content: bytes) -> bytes:
        if name == "000000041.png":
            return pictures[0]
        if name == "000000042.json":
            record = json.loads(content)
            record["boxes"][0][0] += 1
            return json.dumps(record).encode()
        return content

    pictures = []
    with tarfile.open(copy / "data-000001.tar") as tar:
        pictures.append(tar.extractfile("000000040.png").read())
    changed(copy, other)
    told = problems(copy, remade=40)
    assert "the picture of sample 41 is not the one that the recipe makes" in told
    assert "of sample 42 is not the one that the recipe makes" in told


def test_a_foreign_file_is_found(copy: Path) -> None:
    (copy / "data-000003.tar").write_text("mine")
    assert problems(copy) == "data-000003.tar does not belong to the data set"


def test_another_recipe_is_found(copy: Path) -> None:
    text = (copy / "recipe.json").read_text()
    (copy / "recipe.json").write_text(text.replace('"seed": 7', '"seed": 8'))
    assert "recipe.json is not the recipe that manifest.json was written for" in problems(copy)


def test_no_data_set_is_said(tmp_path: Path) -> None:
    with pytest.raises(RecipeNotFoundError, match=r"holds no data set: there is no recipe\.json"):
        verify_dataset(tmp_path)


def test_a_broken_manifest_is_said(copy: Path) -> None:
    (copy / "manifest.json").write_text("{}")
    with pytest.raises(ShardError, match=r"manifest\.json is no manifest"):
        verify_dataset(copy)


def test_another_picture_is_found_where_pictures_lose_something(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    write_dataset(RECIPE | {"encoding": "jpeg"}, folder, watch=None)
    with tarfile.open(folder / "data-000001.tar") as tar:
        other = tar.extractfile("000000040.jpg").read()
    changed(folder, lambda name, content: other if name == "000000041.jpg" else content)
    assert "the picture of sample 41 is not the one" in problems(folder, remade=40)


def test_a_box_without_a_label_is_found() -> None:
    stored = StoredSample(5, "12", b"", np.zeros((3, 4)), {"text": "12", "labels": [1, 2]})
    assert list(_told_wrong(stored, 5, "12")) == ["sample 5 has 3 boxes, and not as many labels"]


def test_a_manifest_that_lacks_a_shard_is_found(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["shards"].pop()
    (copy / "manifest.json").write_text(json.dumps(manifest))
    (copy / "data-000002.tar").unlink()
    assert problems(copy) == "manifest.json lacks 1 shards of the recipe"


def test_a_shard_in_its_place_before_its_receipt_is_no_problem(tmp_path: Path) -> None:
    write_dataset(RECIPE, tmp_path, part=Part(0, 2), watch=None)
    (tmp_path / ".image-sequence" / "shards" / "000002.json").unlink()
    report = verify_dataset(tmp_path)
    assert (report.problems, report.checked_count) == ((), 1)


def test_a_hundred_problems_are_enough(copy: Path) -> None:
    text = (copy / "recipe.json").read_text()
    (copy / "recipe.json").write_text(text.replace('"seed": 7', '"seed": 8'))
    assert len(verify_dataset(copy, remade=40).problems) == 101


def test_a_finished_set_is_not_taken_at_its_manifests_word(copy: Path) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["shards"][1] = manifest["shards"][0]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    assert write_dataset(RECIPE, copy, watch=None).made_count == 40
    assert problems(copy) == ""


def test_shards_with_more_texts_than_are_drawn_at_a_time_are_sound(
    sound: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("image_sequence.datasets.checking._TEXTS", 7)
    assert problems(sound) == ""


@pytest.mark.parametrize("change", ["doubled", "shortened"])
def test_a_manifest_of_other_shards_than_the_recipes_is_found(copy: Path, change: str) -> None:
    manifest = json.loads((copy / "manifest.json").read_text())
    if change == "doubled":
        manifest["shards"][1] = manifest["shards"][0]
        (copy / "data-000001.tar").unlink()
    else:
        manifest["shards"][2]["count"] -= 1
    (copy / "manifest.json").write_text(json.dumps(manifest))
    if change == "shortened":
        path = copy / "data-000002.tar"
        with tarfile.open(path) as tar:
            members = [(info, tar.extractfile(info).read()) for info in tar][:-3]
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for info, content in members:
                tar.addfile(info, io.BytesIO(content))
        resummed(copy)
    assert problems(copy)


def test_boxes_are_compared_where_there_are_no_records(tmp_path: Path) -> None:
    write_dataset(RECIPE | {"format": "npz"}, tmp_path, watch=None)
    path = tmp_path / "data-000001.npz"
    with np.load(path) as there:
        arrays = dict(there)
    arrays["boxes"][0, 0, 0] += 1
    np.savez(path, **arrays)
    resummed(tmp_path)
    assert "the boxes of sample 40 are not those that the recipe makes" in problems(tmp_path)


@pytest.mark.parametrize(("change", "alike"), [(-5, False), (-4, True), (4, True), (5, False)])
def test_jpeg_is_compared_but_for_what_its_releases_round(change: int, alike: bool) -> None:
    encoding, made = Encoding("jpeg"), np.full((8, 8), 128, np.uint8)
    kept = decoded(encoding.encoded(made[None])[0], encoding)
    assert _are_alike((kept.astype(int) + change).astype(np.uint8), made, encoding) is alike
