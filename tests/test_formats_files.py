"""Formats with a file for each picture, and WebDataset: as their own readers see them."""

import contextlib
import io
import json
import os
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dataset_formats import COUNT, FIRST, batches, check_round_trip, details, digits
from PIL import Image

from image_sequence import ImageSequence, Sample
from image_sequence.datasets.formats.coco import COCO
from image_sequence.datasets.formats.files_of_pictures import write_file
from image_sequence.datasets.formats.folder import FOLDER
from image_sequence.datasets.formats.kinds import Details, Format
from image_sequence.datasets.formats.webdataset import WEBDATASET, entry
from image_sequence.datasets.formats.yolo import YOLO
from image_sequence.datasets.shards import Shards
from image_sequence.errors import ShardError
from image_sequence.glyphs.arrays import Arrays

FORMATS = {"folder": FOLDER, "webdataset": WEBDATASET, "coco": COCO, "yolo": YOLO}
EACH = pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
PLACES = [(name, encoding) for name in FORMATS for encoding in FORMATS[name].encodings]
# WebDataset leaves files open.
LEAVES_OPEN = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning", "ignore:unclosed file:ResourceWarning"
)
ROWS = [[3, 1], [4, 1], [1, 5, 9], [2, 6], [5, 3, 5, 8]]


def written(format_: Format, path: Path, shard: Details) -> list[Sample]:
    """A shard, and the samples in it."""
    format_.write(path, batches(digits()), shard)
    return [sample for batch in batches(digits()) for sample in batch]


def data_set(format_: Format, folder: Path, prefix: str = "train", count: int = 2) -> list[Sample]:
    """A data set of `count` shards, with all that stands beside them, and the samples in it."""
    samples, names = [], []
    for shard in Shards(prefix, 0, count * len(ROWS), len(ROWS)):
        batch = digits().batch(ROWS, (0, 9), 96, start=shard.first, dtype=np.uint8)
        names.append(shard.name + format_.suffix)
        format_.write(folder / names[-1], [batch], replace(details("png"), shard=shard))
        samples += list(batch)
    for name, text in format_.whole(names, details("png")).items():
        (folder / name).write_text(text, encoding="utf-8")
    for name in ("README.md", "recipe.json", "manifest.json"):
        (folder / name).write_text('{"of": "the data set"}\n')
    return samples


def opened(format_: Format, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the lines on a data set's card make, run in its folder."""
    names = sorted(path.name for path in folder.glob("*-0*"))
    monkeypatch.chdir(folder)
    made: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(format_.opening(names, details("png")), made)  # noqa: S102  # They are our own.
    return made


@pytest.mark.parametrize(("name", "encoding"), PLACES)
def test_a_shard_is_read_as_it_was_written(name, encoding, tmp_path):
    check_round_trip(FORMATS[name], tmp_path, details(encoding), digits())


@EACH
def test_a_shard_in_colour_is_read_as_it_was_written(format_, tmp_path):
    colour = digits("colour")
    check_round_trip(format_, tmp_path, details("png", colour), colour)


@pytest.mark.parametrize("format_", [FOLDER, WEBDATASET, COCO])
def test_a_shard_with_masks_is_read_as_it_was_written(format_, tmp_path):
    assert format_.has_masks
    check_round_trip(format_, tmp_path, details("png", masks=True), digits())


@EACH
def test_truth_comes_back_where_it_has_a_place(format_, tmp_path):
    samples = written(format_, tmp_path / "a", details("png"))
    for stored, sample in zip(format_.read(tmp_path / "a", details("png")), samples, strict=True):
        assert stored.text == sample.text
        assert (stored.boxes is None) == (format_ is YOLO)
        assert (stored.record is None) == (format_ in (COCO, YOLO))


@EACH
def test_no_library_is_needed(format_):
    format_.check()
    assert format_.libraries == ()


@EACH
def test_what_is_there_is_not_overwritten(format_, tmp_path):
    written(format_, tmp_path / "a", details("png"))
    with pytest.raises(FileExistsError):
        format_.write(tmp_path / "a", batches(digits()), details("png"))


def test_a_file_is_not_overwritten(tmp_path):
    write_file(f"{tmp_path}/a", b"first")
    with pytest.raises(FileExistsError):
        write_file(f"{tmp_path}/a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"


@pytest.mark.parametrize("format_", [FOLDER, COCO, YOLO])
def test_a_system_that_writes_in_pieces_loses_nothing(format_, tmp_path, monkeypatch):
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, content: whole(file, content[:100]))
    check_round_trip(format_, tmp_path, details("png"), digits())


@EACH
def test_labels_may_be_words(format_, tmp_path):
    images = np.full((3, 8, 8), 200, np.uint8)
    words = ImageSequence(Arrays(images, ["ä", "\n", '"'], paper="black"), seed=1)
    batch = words.batch([["ä", '"'], ["\n", "ä", "ä"]], (0, 0), 24, start=FIRST, dtype=np.uint8)
    two = replace(details("png").shard, count=2)
    shard = replace(details("png"), shard=two, classes=words.class_names)
    format_.write(tmp_path / "a", [batch], shard)
    assert [one.text for one in format_.read(tmp_path / "a", shard)] == ['ä"', "\nää"]


# What their own readers see.


def told(value: Any) -> Any:
    """What is not null: a table has all of its columns in each row."""
    if isinstance(value, list):
        return [told(item) for item in value]
    if isinstance(value, dict):
        return {key: told(item) for key, item in value.items() if item is not None}
    return value


def by_hugging_face(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(folder.parent / "cache"))
    datasets.disable_progress_bars()
    return opened(FOLDER, folder, monkeypatch)["dataset"]


@pytest.mark.parametrize("prefix", ["train", "val", "test", "data"])
def test_hugging_face_opens_folders(prefix, tmp_path, monkeypatch):
    folder = tmp_path / "set"
    folder.mkdir()
    samples = data_set(FOLDER, folder, prefix)
    dataset = by_hugging_face(folder, monkeypatch)
    # It keeps the names of its files in a set, so that shards come in any order.
    rows = sorted(dataset, key=lambda row: row["index"])
    for row, sample in zip(rows, samples, strict=True):
        np.testing.assert_array_equal(np.asarray(row.pop("image")), sample.image)
        record = sample.to_dict()
        assert record["writers"] == [None] * len(sample.labels)
        unknown = {"writers": [-1] * len(sample.labels), "writer": -1}
        assert told(row) == told(record | unknown)


@pytest.mark.parametrize(("preset", "masks"), [("colour", True), ("hard", False)])
def test_hugging_face_opens_records_of_every_kind(preset, masks, tmp_path, monkeypatch):
    folder = tmp_path / "set"
    folder.mkdir()
    generator = digits(preset)
    shard = details("png", generator, masks=masks)
    FOLDER.write(folder / "train-000000", batches(generator), shard)
    dataset = by_hugging_face(folder, monkeypatch)
    samples = [sample for batch in batches(generator) for sample in batch]
    assert dataset["text"][:] == [sample.text for sample in samples]
    assert dataset["boxes"][:] == [sample.boxes.tolist() for sample in samples]
    assert len(dataset[0]["picture_steps"]) == len(samples[0].picture_steps)
    if masks:
        assert dataset[3]["masks"] == samples[3].to_dict(masks=True)["masks"]


def test_a_folder_has_unknown_writers_and_absent_ink_as_a_sample_has_them(tmp_path):
    levels = np.zeros((2, 8, 8), np.uint8)
    levels[0, 2:4, 3:5] = 255
    source = Arrays(levels, [0, 1], writers=np.array([7, -1]), paper="black")
    batch = ImageSequence(source, seed=1).batch(
        [[1, 0], [0, 0]], (4, 4), 20, start=FIRST, dtype=np.uint8
    )
    shard = replace(details("png"), shard=replace(details("png").shard, count=2))
    FOLDER.write(tmp_path / "a", [batch], shard)
    text = (tmp_path / "a" / "metadata.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["writers"] for line in lines] == [[-1, 7], [7, 7]]
    assert [line["writer"] for line in lines] == [-1, 7]
    assert [line["ink_boxes"] for line in lines] == [box.ink_boxes.tolist() for box in batch]
    records = [stored.record for stored in FOLDER.read(tmp_path / "a", shard)]
    assert records == batch.to_dicts()
    assert records[0]["ink_boxes"][0] is None


@LEAVES_OPEN
@pytest.mark.parametrize(
    ("count", "names"), [(1, "train-000000.tar"), (3, "train-{000000..000002}.tar")]
)
def test_webdataset_opens_shards(count, names, tmp_path, monkeypatch):
    pytest.importorskip("webdataset")
    samples = data_set(WEBDATASET, tmp_path, count=count)
    paths = sorted(path.name for path in tmp_path.glob("*.tar"))
    assert f'"{names}"' in WEBDATASET.opening(paths, details("png"))
    made = opened(WEBDATASET, tmp_path, monkeypatch)
    assert made["text"] == samples[0].text
    for (image, text, record), sample in zip(made["samples"], samples, strict=True):
        np.testing.assert_array_equal(np.asarray(image)[..., 0], sample.image)
        assert (text, record) == (sample.text, sample.to_dict())


@LEAVES_OPEN
def test_webdataset_decodes_raw_pixels(tmp_path):
    webdataset = pytest.importorskip("webdataset")
    samples = written(WEBDATASET, tmp_path / "a.tar", details("raw"))
    dataset = webdataset.WebDataset(str(tmp_path / "a.tar"), shardshuffle=False).decode()
    for (image,), sample in zip(dataset.to_tuple("npy"), samples, strict=True):
        np.testing.assert_array_equal(image, sample.image)


def test_a_tar_file_is_what_tar_makes(tmp_path):
    written(WEBDATASET, tmp_path / "a.tar", details("png"))
    with tarfile.open(tmp_path / "a.tar") as tar:
        members = tar.getmembers()
        again = tmp_path / "b.tar"
        with tarfile.open(again, "w", format=tarfile.USTAR_FORMAT) as other:
            for member in members:
                other.addfile(member, tar.extractfile(member))
    assert again.read_bytes() == (tmp_path / "a.tar").read_bytes()
    assert {(one.mode, one.mtime, one.uid, one.gname) for one in members} == {(0o644, 0, 0, "")}
    assert [one.name for one in members[:3]] == [
        f"{FIRST:09}{s}" for s in (".png", ".json", ".txt")
    ]


def test_a_tar_file_ends_in_two_empty_blocks_and_is_filled_up(tmp_path):
    ends = set()
    for count in range(1, 22):
        path = tmp_path / f"{count}.tar"
        batch = digits().batch([[3] * 6] * count, (0, 9), 200, dtype=np.uint8)
        WEBDATASET.write(path, [batch], details("png"))
        with tarfile.open(path) as tar:
            # A block is 512 bytes, and the file a multiple of 20 of them.
            end = max(one.offset_data + -(-one.size // 512) * 512 for one in tar)
        assert path.stat().st_size == -(-(end + 1024) // 10240) * 10240
        ends.add(end % 10240)
    assert max(ends) > 10240 - 1024  # Where two blocks do not fit any more.


def test_an_entry_of_whole_blocks_is_not_filled_up():
    assert [len(entry("a", bytes(size))) for size in (0, 1, 512, 513)] == [512, 1024, 1024, 1536]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Its own.
def test_pycocotools_reads_boxes_and_masks(tmp_path):
    coco = pytest.importorskip("pycocotools.coco")
    samples = written(COCO, tmp_path / "a", details("png", masks=True))
    with contextlib.redirect_stdout(io.StringIO()):
        api = coco.COCO(tmp_path / "a" / "annotations.json")
    assert api.getImgIds() == [sample.index for sample in samples]
    names = {one["id"]: one["name"] for one in api.loadCats(api.getCatIds())}
    assert names == {digit + 1: str(digit) for digit in range(10)}
    for sample in samples:
        image, glyphs = api.imgs[sample.index], api.imgToAnns[sample.index]
        assert (image["height"], image["width"]) == sample.image.shape
        picture = Image.open(tmp_path / "a" / image["file_name"])
        np.testing.assert_array_equal(np.asarray(picture), sample.image)
        assert "".join(names[glyph["category_id"]] for glyph in glyphs) == sample.text
        np.testing.assert_array_equal([api.annToMask(one) for one in glyphs], sample.masks)
        assert [one["area"] for one in glyphs] == sample.masks.sum(axis=(1, 2)).tolist()
        corners = np.array([one["bbox"] for one in glyphs])
        corners[:, 2:] += corners[:, :2]
        np.testing.assert_array_equal(corners, sample.ink_boxes)


def test_annotations_have_their_own_numbers_over_all_shards(tmp_path):
    samples = data_set(COCO, tmp_path)
    numbers = []
    for path in sorted(tmp_path.glob("train-*/annotations.json")):
        numbers += [glyph["id"] for glyph in json.loads(path.read_bytes())["annotations"]]
    assert len(set(numbers)) == len(numbers) == sum(len(sample.labels) for sample in samples)
    assert min(numbers) > 0  # COCO's evaluation takes 0 for "none".


def test_the_lines_for_coco_open_a_picture(tmp_path, monkeypatch):
    pytest.importorskip("pycocotools")
    samples = data_set(COCO, tmp_path)
    made = opened(COCO, tmp_path, monkeypatch)
    assert made["text"] == samples[0].text
    assert len(made["glyphs"]) == len(samples[0].labels)
    np.testing.assert_array_equal(np.asarray(Image.open(made["picture"])), samples[0].image)


def test_glyphs_without_ink_have_their_cells(tmp_path):
    blank = Arrays(np.zeros((1, 8, 8), np.uint8), [0], paper="black")
    batch = ImageSequence(blank, seed=1).batch([[0, 0]], (4, 4), 20, start=FIRST, dtype=np.uint8)
    shard = replace(details("png"), shard=replace(details("png").shard, count=1), classes={0: "0"})
    assert (batch.ink_boxes == -1).all()
    COCO.write(tmp_path / "coco", [batch], shard)
    glyphs = json.loads((tmp_path / "coco" / "annotations.json").read_bytes())["annotations"]
    assert [glyph["bbox"] for glyph in glyphs] == [[0, 0, 8, 8], [12, 0, 8, 8]]
    YOLO.write(tmp_path / "yolo", [batch], shard)
    lines = (tmp_path / "yolo" / "labels" / f"{FIRST:09}.txt").read_text().splitlines()
    assert lines[1] == "0 0.800000 0.500000 0.400000 1.000000"


def test_ultralytics_finds_folders_and_labels(tmp_path):
    yaml = pytest.importorskip("yaml")
    samples = data_set(YOLO, tmp_path)
    told = yaml.safe_load((tmp_path / "data.yaml").read_text(encoding="utf-8"))
    assert told["names"] == {digit: str(digit) for digit in range(10)}
    assert told["train"] == told["val"] == ["train-000000/images", "train-000001/images"]
    pictures = [path for name in told["train"] for path in sorted((tmp_path / name).glob("*.*"))]
    for picture, sample in zip(map(str, pictures), samples, strict=True):
        # As ultralytics/data/utils.py has it, img2label_paths.
        images, labels = f"{os.sep}images{os.sep}", f"{os.sep}labels{os.sep}"
        label = labels.join(picture.rsplit(images, 1)).rsplit(".", 1)[0] + ".txt"
        lines = np.loadtxt(label, ndmin=2)
        assert lines[:, 0].tolist() == list(sample.labels)
        height, width = sample.image.shape
        left_top = (lines[:, 1:3] - lines[:, 3:] / 2) * [width, height]
        right_bottom = (lines[:, 1:3] + lines[:, 3:] / 2) * [width, height]
        found = np.concatenate([left_top, right_bottom], axis=1)
        np.testing.assert_allclose(found, sample.ink_boxes, atol=1e-4)


def test_the_lines_for_yolo_open_a_picture(tmp_path, monkeypatch):
    samples = data_set(YOLO, tmp_path)
    made = opened(YOLO, tmp_path, monkeypatch)
    assert made["classes"] == list(samples[0].labels)
    assert np.shape(made["boxes"]) == (len(samples[0].labels), 4)
    assert len(made["pictures"]) == len(samples)


# Shards that are not what was written.


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


NAME = f"{FIRST + 1:09}"
FILES = [
    ("folder", "metadata.jsonl"),
    ("folder", f"{NAME}.png"),
    ("coco", "annotations.json"),
    ("coco", f"images/{NAME}.png"),
    ("yolo", f"images/{NAME}.png"),
    ("yolo", f"labels/{NAME}.txt"),
]


def message_of(name: str, path: Path) -> str:
    with pytest.raises(ShardError) as caught:
        list(FORMATS[name].read(path, details("png")))
    return str(caught.value)


@pytest.mark.parametrize(("name", "file"), FILES)
def test_a_missing_file_is_named(name, file, tmp_path):
    written(FORMATS[name], tmp_path / "a", details("png"))
    (tmp_path / "a" / file).unlink()
    assert message_of(name, tmp_path / "a") == f"{str(tmp_path / 'a' / file)!r} is missing"


@pytest.mark.parametrize(("name", "file"), [one for one in FILES if "png" not in one[1]])
def test_a_cut_file_is_named(name, file, tmp_path):
    written(FORMATS[name], tmp_path / "a", details("png"))
    cut(tmp_path / "a" / file)
    assert repr(str(tmp_path / "a" / file)) in message_of(name, tmp_path / "a")


def test_a_tar_file_cut_anywhere_is_no_shard(tmp_path):
    path = tmp_path / "a.tar"
    written(WEBDATASET, path, details("png"))
    content = path.read_bytes()
    for stop in (*range(0, len(content), 1280), len(content) - 1):
        path.write_bytes(content[:stop])
        assert repr(str(path)) in message_of("webdataset", path)


@EACH
@pytest.mark.parametrize("count", [COUNT - 1, COUNT + 1])
def test_another_number_of_samples_is_told(format_, count, tmp_path):
    shard = details("png")
    written(format_, tmp_path / "a", shard)
    shard = replace(shard, shard=replace(shard.shard, count=count))
    with pytest.raises(ShardError, match=r"has|missing"):
        list(format_.read(tmp_path / "a", shard))


@pytest.mark.parametrize(
    ("name", "file", "old", "new", "message"),
    [
        ("folder", "metadata.jsonl", f'"{NAME}.png"', '"../x.png"', "for the file of sample 41"),
        ("folder", "metadata.jsonl", '"index": 41', '"index": 40', "is about sample 40, not 41"),
        ("folder", "metadata.jsonl", '"boxes"', '"other"', "has no text or no boxes"),
        ("folder", "metadata.jsonl", '"writers": [', '"writers": 1, "x": [', "is no record"),
        ("coco", "annotations.json", f"images/{NAME}.png", "/etc/passwd", "ought to be"),
        ("coco", "annotations.json", '"category_id": 1,', '"category_id": 2,', "ought to be"),
        ("coco", "annotations.json", '"category_id": 1,', '"category_id": 99,', "KeyError"),
        ("coco", "annotations.json", '"images": [', '"pictures": [', "KeyError"),
        ("coco", "annotations.json", '"cell": [', '"cell": [0, ', "is not what was written"),
        ("yolo", f"labels/{NAME}.txt", " 0.", " 7.", "has a line that is no glyph"),
        ("yolo", f"labels/{NAME}.txt", " 0.", " nan", "has a line that is no glyph"),
        ("yolo", f"labels/{NAME}.txt", "\n", " 0.5\n", "has a line that is no glyph"),
        ("yolo", f"labels/{NAME}.txt", "\n", "\n\n", "has a line that is no glyph"),
        (
            "yolo",
            f"labels/{NAME}.txt",
            "\n",
            f"\n77{4 * ' 0.500000'}\n",
            "has a line that is no glyph",
        ),
    ],
)
def test_a_changed_file_is_told(name, file, old, new, message, tmp_path):
    written(FORMATS[name], tmp_path / "a", details("png"))
    path = tmp_path / "a" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    told = message_of(name, tmp_path / "a")
    assert message in told
    assert str(path) in told


def test_a_text_that_is_not_its_records_is_told(tmp_path):
    path = tmp_path / "a.tar"
    samples = written(WEBDATASET, path, details("png"))
    name, text = f"{FIRST:09}.txt", samples[0].text
    old, new = entry(name, text.encode()), entry(name, text[::-1].encode())
    assert text != text[::-1]
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    assert f"has {text[::-1].encode()!r} as text {FIRST}, not {text!r}" in message_of(
        "webdataset", path
    )
