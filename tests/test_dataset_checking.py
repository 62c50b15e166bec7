"""`verify`: whatever is wrong with a data set is found and named."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from image_sequence.datasets import verify_dataset, write_dataset
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
