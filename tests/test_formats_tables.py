"""Parquet, LMDB and TFRecord: written, read back, and opened as their own consumers open them."""

import importlib
import io
import json
import os
import struct
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dataset_formats import (
    COUNT,
    FIRST,
    batches,
    check_round_trip,
    content,
    details,
    digits,
    pixels,
)
from PIL import Image

from image_sequence import Batch, ImageSequence
from image_sequence.datasets.encoding import Encoding, decoded
from image_sequence.datasets.formats import lmdb_folders, parquet, tf_examples
from image_sequence.datasets.formats.kinds import Details, Format
from image_sequence.datasets.formats.lmdb_folders import LMDB, LMDB_PADDLE
from image_sequence.datasets.formats.parquet import PARQUET
from image_sequence.datasets.formats.tfrecord import TFRECORD
from image_sequence.datasets.shards import Shard
from image_sequence.errors import LibraryError, ShardError
from image_sequence.glyphs.bank import GlyphBank

LIBRARIES = {PARQUET: "pyarrow", LMDB: "lmdb", LMDB_PADDLE: "lmdb", TFRECORD: "google_crc32c"}
NAMES = {PARQUET: "parquet", LMDB: "lmdb", LMDB_PADDLE: "lmdb-paddle", TFRECORD: "tfrecord"}
FORMATS = pytest.mark.parametrize("format_", NAMES, ids=NAMES.values())
PRESETS = pytest.mark.parametrize("preset", ["classic-native", "colour", "hard"])


def written(format_: Format, folder: Path, shard: Details, preset: str = "classic-native") -> Path:
    pytest.importorskip(LIBRARIES[format_])
    path = folder / (shard.shard.name + format_.suffix)
    format_.write(path, batches(digits(preset)), shard)
    return path


def named_letters() -> ImageSequence:
    """Four glyphs whose labels are texts, of one letter and of two; the last one has no ink."""
    images = np.arange(4 * 28 * 28).astype(np.uint8).reshape(4, 28, 28)
    images[3] = 0
    names = {2: "a", 3: "ß", 7: "cd", 9: '"'}
    return ImageSequence(GlyphBank(images, np.array([2, 3, 7, 9]), names=names), seed=1)


def in_letters() -> Iterator[Batch]:
    rows = [["a", "cd"], ["ß", "a", '"'], ["cd", "cd"]]
    yield named_letters().batch(rows, (0, 5), 100, start=FIRST, dtype=np.uint8)


def of_letters() -> Details:
    classes = {2: "a", 3: "ß", 7: "cd", 9: '"'}
    return replace(details("png"), classes=classes, shard=Shard(0, "train-000000", FIRST, 3))


class TestEachFormat:
    @FORMATS
    @PRESETS
    @pytest.mark.parametrize("encoding", ["png", "jpeg", "webp", "raw"])
    def test_gives_back_what_was_written(
        self, format_: Format, preset: str, encoding: str, tmp_path: Path
    ) -> None:
        pytest.importorskip(LIBRARIES[format_])
        if encoding not in format_.encodings:
            assert (NAMES[format_][:4], encoding) == ("lmdb", "raw")
            return
        generator = digits(preset)
        check_round_trip(format_, tmp_path, details(encoding, generator), generator)

    @FORMATS
    def test_gives_back_labels_that_are_texts(self, format_: Format, tmp_path: Path) -> None:
        pytest.importorskip(LIBRARIES[format_])
        path = tmp_path / "shard"
        format_.write(path, in_letters(), of_letters())
        stored = list(format_.read(path, of_letters()))
        assert [one.text for one in stored] == ["acd", 'ßa"', "cdcd"]
        if stored[0].record is not None:
            records = [one.record for one in stored]
            assert records == next(in_letters()).to_dicts()
            assert [box is None for box in records[1]["ink_boxes"]] == [False, False, True]

    @FORMATS
    def test_masks_are_in_the_record_where_there_is_a_place(
        self, format_: Format, tmp_path: Path
    ) -> None:
        pytest.importorskip(LIBRARIES[format_])
        generator = digits()
        check_round_trip(format_, tmp_path, details("png", generator, masks=True), generator)
        assert format_.has_masks == (format_ in (PARQUET, TFRECORD))

    @FORMATS
    def test_has_boxes_and_a_record_unless_it_is_lmdb(
        self, format_: Format, tmp_path: Path
    ) -> None:
        path = written(format_, tmp_path, details("png"))
        first = next(format_.read(path, details("png")))
        assert (first.boxes is not None) == (format_ in (PARQUET, TFRECORD))
        assert (first.record is not None) == (format_ in (PARQUET, TFRECORD))

    @FORMATS
    def test_missing_library_names_the_extra(
        self, format_: Format, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, LIBRARIES[format_], None)
        extra = NAMES[format_].removesuffix("-paddle")
        with pytest.raises(LibraryError, match=rf'pip install "image-sequence\[{extra}\]"'):
            format_.check()

    @FORMATS
    @pytest.mark.parametrize("count", [COUNT - 1, COUNT + 1])
    def test_another_count_is_refused(self, format_: Format, count: int, tmp_path: Path) -> None:
        path = written(format_, tmp_path, details("png"))
        other = replace(details("png"), shard=Shard(4, "train-000004", FIRST, count))
        with pytest.raises(ShardError, match=f"{COUNT}'? samples instead of {count}"):
            list(format_.read(path, other))

    @pytest.mark.parametrize("format_", [PARQUET, TFRECORD], ids=["parquet", "tfrecord"])
    def test_other_samples_are_refused(self, format_: Format, tmp_path: Path) -> None:
        path = written(format_, tmp_path, details("png"))
        other = replace(details("png"), shard=Shard(4, "train-000004", FIRST - 3, COUNT))
        with pytest.raises(ShardError, match="has sample 40 in the place of 37"):
            list(format_.read(path, other))

    @FORMATS
    def test_what_is_not_there_is_an_error_of_the_system(
        self, format_: Format, tmp_path: Path
    ) -> None:
        pytest.importorskip(LIBRARIES[format_])
        with pytest.raises(FileNotFoundError):
            list(format_.read(tmp_path / "nothing", details("png")))

    @FORMATS
    def test_what_cannot_be_written_is_an_error_of_the_system(
        self, format_: Format, tmp_path: Path
    ) -> None:
        pytest.importorskip(LIBRARIES[format_])
        with _files_of_at_most(10_000), pytest.raises(OSError, match=r"\[Errno \d+\]"):
            format_.write(tmp_path / "shard", batches(digits()), details("png"))

    @FORMATS
    @pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
    def test_what_is_cut_off_is_refused(
        self, format_: Format, share: float, tmp_path: Path
    ) -> None:
        path = written(format_, tmp_path, details("png"))
        file = path / "data.mdb" if path.is_dir() else path
        os.truncate(file, int(file.stat().st_size * share))
        with pytest.raises(ShardError, match=path.name):
            list(format_.read(path, details("png")))


class _files_of_at_most:  # noqa: N801  # Reads as a function.
    """The system refuses to write beyond so many bytes of a file, as if the disk were full."""

    def __init__(self, size: int) -> None:
        self.size = size

    def __enter__(self) -> None:
        self.system = pytest.importorskip("resource")
        self.before = self.system.getrlimit(self.system.RLIMIT_FSIZE)
        self.system.setrlimit(self.system.RLIMIT_FSIZE, (self.size, self.before[1]))

    def __exit__(self, *_: object) -> None:
        self.system.setrlimit(self.system.RLIMIT_FSIZE, self.before)


class TestParquet:
    @PRESETS
    def test_row_groups_do_not_depend_on_batches(
        self, preset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pq = pytest.importorskip("pyarrow.parquet")
        monkeypatch.setattr(parquet, "_MOST_SAMPLES", 5)
        generator = digits(preset)
        check_round_trip(PARQUET, tmp_path, details("raw", generator), generator)
        file = pq.ParquetFile(tmp_path / "a.parquet")
        counts = [file.metadata.row_group(k).num_rows for k in range(file.num_row_groups)]
        assert counts == [5, 5, 5, 5, 3]

    def test_pages_do_not_depend_on_batches(self, tmp_path: Path) -> None:
        pytest.importorskip("pyarrow")
        shard = replace(details("raw"), shard=Shard(0, "train-000000", 0, 200))
        for size in (40, 200):  # A row group of 1.4 MB is more than a page.
            parts = (
                digits().batch([[1, 2, 3, 4]] * size, (0, 9), 256, start=first, dtype=np.uint8)
                for first in range(0, 200, size)
            )
            PARQUET.write(tmp_path / f"{size}.parquet", parts, shard)
        assert (tmp_path / "40.parquet").read_bytes() == (tmp_path / "200.parquet").read_bytes()

    def test_row_groups_of_large_pictures_are_small(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(parquet, "_MOST_NUMBERS", 28 * 96 * 10)
        path = written(PARQUET, tmp_path, details("png"))
        pq = importlib.import_module("pyarrow.parquet")
        assert pq.ParquetFile(path).metadata.row_group(0).num_rows == 10

    def test_pictures_are_not_compressed_again(self, tmp_path: Path) -> None:
        path = written(PARQUET, tmp_path, details("png"))
        group = importlib.import_module("pyarrow.parquet").ParquetFile(path).metadata.row_group(0)
        packed = {}
        for k in range(group.num_columns):
            packed[group.column(k).path_in_schema] = group.column(k).compression
        assert packed.pop("image.bytes") == packed.pop("image.path") == "UNCOMPRESSED"
        assert set(packed.values()) == {"ZSTD"}

    @pytest.mark.parametrize(("preset", "kind"), [("classic-native", b"P5"), ("colour", b"P6")])
    def test_raw_pictures_are_files_that_programs_know(
        self, preset: str, kind: bytes, tmp_path: Path
    ) -> None:
        path = written(PARQUET, tmp_path, details("raw", digits(preset)), preset)
        table = importlib.import_module("pyarrow.parquet").read_table(path)
        files = [row["bytes"] for row in table["image"].to_pylist()]
        shown = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
        assert all(file.startswith(kind) for file in files)
        images = np.concatenate([batch.images for batch in batches(digits(preset))])
        np.testing.assert_array_equal(shown, images)

    @pytest.mark.parametrize("encoding", ["png", "raw"])
    def test_hugging_face_shows_pictures_and_lists(
        self, encoding: str, tmp_path: Path, hub: None
    ) -> None:
        datasets = pytest.importorskip("datasets")
        shard = details(encoding, masks=True)
        for number in range(3):
            names = replace(shard, shard=replace(shard.shard, name=f"train-{number:06}"))
            written(PARQUET, tmp_path, names)
        for name in ("recipe.json", "manifest.json"):
            (tmp_path / name).write_text('{"count": 3}')
        (tmp_path / "README.md").write_text("# Digits\n")
        data = datasets.load_dataset(str(tmp_path), split="train")
        samples = [sample for batch in batches(digits()) for sample in batch]
        assert len(data) == 3 * COUNT
        assert isinstance(data.features["image"], datasets.Image)
        for row, sample in zip(data, samples, strict=False):
            np.testing.assert_array_equal(np.asarray(row["image"]), sample.image)
            assert row["text"] == sample.text
            np.testing.assert_array_equal(np.float32(row["ink_boxes"]), sample.ink_boxes)
            record = sample.to_dict(masks=True)
            assert row["boxes"] == record["boxes"]
            assert row["labels"] == record["labels"]
            assert row["masks"] == [mask["counts"] for mask in record["masks"]]

    def test_features_are_those_that_old_releases_know(self, tmp_path: Path) -> None:
        path = written(PARQUET, tmp_path, details("png", digits("hard")), "hard")
        schema = importlib.import_module("pyarrow.parquet").read_schema(path)
        features = json.loads(schema.metadata[b"huggingface"])["info"]["features"]
        number = {"dtype": "float32", "_type": "Value"}
        point = {"feature": number, "length": 2, "_type": "Sequence"}
        corners = {"feature": point, "length": 4, "_type": "Sequence"}
        assert features["image"] == {"_type": "Image"}
        assert features["polygons"] == {"feature": corners, "_type": "Sequence"}
        assert features["sizes"]["feature"]["dtype"] == "float64"
        assert features["text"] == {"dtype": "string", "_type": "Value"}

    def test_changed_bytes_are_refused(self, tmp_path: Path) -> None:
        path = written(PARQUET, tmp_path, details("raw"))
        changed = bytearray(path.read_bytes())
        changed[len(changed) // 3] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ShardError, match=r"train-000004.parquet is no sound Parquet file"):
            list(PARQUET.read(path, details("raw")))

    def test_another_table_is_refused(self, tmp_path: Path) -> None:
        pa = pytest.importorskip("pyarrow")
        pq = pytest.importorskip("pyarrow.parquet")
        path = tmp_path / "other.parquet"
        pq.write_table(pa.table({"image": [b"1"], "label": [1]}), path)
        with pytest.raises(ShardError, match="has the columns image, label; it is no shard"):
            list(PARQUET.read(path, details("png")))

    def test_raw_pictures_of_another_size_are_refused(self, tmp_path: Path) -> None:
        path = written(PARQUET, tmp_path, details("raw"))
        other = replace(details("raw"), image_shape=(28, 97))
        with pytest.raises(ShardError, match=r"no raw picture|begin a raw picture of the shape"):
            list(PARQUET.read(path, other))

    def test_its_opening_opens_it(
        self, tmp_path: Path, hub: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("datasets")
        path = written(PARQUET, tmp_path, details("png"))
        found = opened(PARQUET, path, details("png"), monkeypatch)
        first = next(batches(digits()))[0]
        assert found["text"] == first.text
        np.testing.assert_array_equal(np.asarray(found["picture"]), first.image)


@pytest.fixture
def hub(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hugging Face's library keeps its copies in a folder of the test, and asks nobody."""
    config = pytest.importorskip("datasets").config
    monkeypatch.setattr(config, "HF_DATASETS_CACHE", tmp_path_factory.mktemp("hub"))
    monkeypatch.setattr(config, "HF_HUB_OFFLINE", True)


def opened(
    format_: Format, path: Path, shard: Details, monkeypatch: pytest.MonkeyPatch
) -> dict[str, object]:
    """What the names of a format's opening stand for, once it has run beside the shard."""
    monkeypatch.chdir(path.parent)
    found: dict[str, object] = {}
    exec(format_.opening([path.name], shard), found)  # noqa: S102  # Ours.
    return found


LMDBS = pytest.mark.parametrize("format_", [LMDB, LMDB_PADDLE], ids=["lmdb", "lmdb-paddle"])


def leaves(folder: Path) -> list[str]:
    """The folders that both consumers take for data: those without folders."""
    return sorted(place for place, folders, _ in os.walk(f"{folder}/") if not folders)


class TestLmdb:
    @LMDBS
    def test_transactions_do_not_depend_on_batches(
        self, format_: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("lmdb")
        monkeypatch.setattr(lmdb_folders, "_MOST_ENTRIES", 5)
        check_round_trip(format_, tmp_path, details("png"), digits())

    @LMDBS
    def test_a_shard_is_one_file_of_the_size_of_what_is_in_it(
        self, format_: Format, tmp_path: Path
    ) -> None:
        path = written(format_, tmp_path, details("png"))
        file = path / "data.mdb"
        assert [one.name for one in path.iterdir()] == ["data.mdb"]
        pictures = sum(len(one.picture) for one in format_.read(path, details("png")))
        assert pictures < file.stat().st_size < 2 * pictures + 20_000
        assert file.stat().st_blocks * 512 >= file.stat().st_size

    @LMDBS
    def test_the_room_reserved_is_little_more_than_the_file(
        self, format_: Format, tmp_path: Path
    ) -> None:
        path = written(format_, tmp_path, details("png"))
        file = (path / "data.mdb").read_bytes()
        # The size of the map stands after the page's header, a magic number, a version, an address.
        reserved = max(struct.unpack_from("<Q", file, page + 32)[0] for page in (0, 4096))
        assert len(file) <= reserved <= len(file) + 100 * 4096

    @LMDBS
    def test_keys_are_those_of_the_layout_and_no_more(
        self, format_: Format, tmp_path: Path
    ) -> None:
        lmdb = pytest.importorskip("lmdb")
        path = written(format_, tmp_path, details("png"))
        with lmdb.open(str(path), readonly=True, lock=False) as environment:
            keys = [key for key, _ in environment.begin().cursor()]
        numbers = range(1, COUNT + 1)
        wanted = [b"image-%09d" % k for k in numbers] + [b"label-%09d" % k for k in numbers]
        assert keys == [*wanted, b"num-samples"]

    def test_deep_text_recognition_benchmark_reads_it(self, tmp_path: Path) -> None:
        """As its LmdbDataset does: by Pillow, in grey, with texts of known characters alone."""
        lmdb = pytest.importorskip("lmdb")
        shard = details("png")
        for name in ("train-000000", "train-000001"):
            written(LMDB, tmp_path, replace(shard, shard=replace(shard.shard, name=name)))
        (tmp_path / "README.md").write_text("# Digits\n")
        found = []
        for folder in leaves(tmp_path):
            settings = {"max_readers": 32, "readahead": False, "meminit": False}
            environment = lmdb.open(folder, readonly=True, lock=False, **settings)
            content = environment.begin(write=False)
            for number in range(1, int(content.get(b"num-samples")) + 1):
                text = content.get(b"label-%09d" % number).decode("utf-8").lower()
                picture = Image.open(io.BytesIO(content.get(b"image-%09d" % number)))
                assert set(text) <= set("0123456789")
                found.append((text, np.asarray(picture.convert("L"))))
            environment.close()
        samples = [sample for batch in batches(digits()) for sample in batch]
        assert len(found) == 2 * COUNT
        for (text, image), sample in zip(found, 2 * samples, strict=True):
            assert text == sample.text
            np.testing.assert_array_equal(image, sample.image)

    @pytest.mark.parametrize("encoding", ["png", "webp"])
    def test_paddle_ocr_reads_it(self, encoding: str, tmp_path: Path) -> None:
        """As its LMDBDataSet does: by OpenCV, in blue, green, red; the characters are a file's."""
        lmdb = pytest.importorskip("lmdb")
        cv2 = pytest.importorskip("cv2")
        shard = details(encoding, digits("colour"))
        path = written(LMDB_PADDLE, tmp_path, shard, "colour")
        for name, text in LMDB_PADDLE.whole([path.name], shard).items():
            (tmp_path / name).write_text(text)
        with (tmp_path / "characters.txt").open("rb") as lines:
            characters = [line.decode("utf-8").strip("\n").strip("\r\n") for line in lines]
        (folder,) = leaves(tmp_path)
        environment = lmdb.open(folder, readonly=True, lock=False, max_readers=32)
        content = environment.begin(write=False)
        assert int(content.get(b"num-samples")) == COUNT
        samples = [sample for batch in batches(digits("colour")) for sample in batch]
        for number, sample in enumerate(samples, start=1):
            text = content.get(b"label-%09d" % number).decode("utf-8")
            file = np.frombuffer(content.get(b"image-%09d" % number), np.uint8)
            assert text == sample.text
            assert set(text) <= set(characters)
            np.testing.assert_array_equal(cv2.imdecode(file, 1)[..., ::-1], sample.image)
        environment.close()
        assert characters == list("0123456789")

    def test_characters_are_those_of_all_labels(self) -> None:
        assert LMDB_PADDLE.whole([], of_letters()) == {"characters.txt": '"\na\nc\nd\nß\n'}
        assert LMDB.whole([], of_letters()) == {}

    @LMDBS
    def test_another_file_is_refused(self, format_: Format, tmp_path: Path) -> None:
        pytest.importorskip("lmdb")
        (tmp_path / "data.mdb").write_bytes(b"digits" * 3000)
        with pytest.raises(ShardError, match="is no sound LMDB folder"):
            list(format_.read(tmp_path, details("png")))

    def test_a_missing_picture_is_refused(self, tmp_path: Path) -> None:
        lmdb = pytest.importorskip("lmdb")
        path = written(LMDB, tmp_path, details("png"))
        with lmdb.open(str(path), lock=False) as changed, changed.begin(write=True) as change:
            change.delete(b"image-000000003")
        with pytest.raises(ShardError, match="has no picture or no text number 3"):
            list(LMDB.read(path, details("png")))

    def test_reading_leaves_the_folder_as_it_is(self, tmp_path: Path) -> None:
        path = written(LMDB, tmp_path, details("png"))
        before = content(path)
        list(LMDB.read(path, details("png")))
        assert content(path) == before

    @LMDBS
    def test_its_opening_opens_it(
        self, format_: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = written(format_, tmp_path, details("png"))
        found = opened(format_, path, details("png"), monkeypatch)
        first = next(batches(digits()))[0]
        assert (found["count"], found["text"]) == (COUNT, first.text)
        np.testing.assert_array_equal(decoded(found["picture"], Encoding("png")), first.image)


class TestTFRecord:
    def test_an_example_has_the_bytes_that_tensorflow_makes(self) -> None:
        # SerializeToString(deterministic=True) of TensorFlow 2.21.
        wanted = (
            b"\n\xf2\x02\n\x13\n\x03box\x12\x0c\x12\n\n\x08\x00\x00\x00?\x00\x00\x80>\n\x19\n\x05"
            b"index\x12\x10\x1a\x0e\n\x0c\x00\x7f\x80\x01\xac\x02\x80\x80\x80\x80\x80 \n\xbf\x02\n"
            b"\x06record\x12\xb4\x02\n\xb1\x02\n\xac\x02" + b"x" * 300 + b"\n\x00"
        )
        values = {
            "box": np.array([0.5, 0.25], np.float32),
            "index": [0, 127, 128, 300, 2**40],
            "record": [b"x" * 300, b""],
        }
        made = tf_examples.example(tf_examples.feature(*item) for item in values.items())
        assert made == wanted

    def test_a_record_has_the_bytes_that_tensorflow_makes(self) -> None:
        google_crc32c = pytest.importorskip("google_crc32c")
        framed = importlib.import_module("image_sequence.datasets.formats.tfrecord")._framed
        # TFRecordWriter of TensorFlow 2.21.
        wanted = "04000000000000004245520432303234837cde11"
        assert framed(b"2024", google_crc32c.value).hex() == wanted

    def test_the_package_tfrecord_reads_it(self, tmp_path: Path) -> None:
        reader = pytest.importorskip("tfrecord.reader")
        shard = details("png", masks=True)
        path = written(TFRECORD, tmp_path, shard)
        found = list(reader.tfrecord_loader(str(path), None))
        samples = [sample for batch in batches(digits()) for sample in batch]
        assert len(found) == COUNT
        for features, sample in zip(found, samples, strict=True):
            assert bytes(features["text"]) == sample.text.encode()
            assert features["index"] == [sample.index]
            assert bytes(features["image/source_id"]) == str(sample.index).encode()
            assert (features["image/height"], features["image/width"]) == ([28], [96])
            picture = decoded(bytes(features["image/encoded"]), shard.encoding)
            np.testing.assert_array_equal(picture, sample.image)
            sides = [
                features[f"image/object/bbox/{side}"] for side in ("xmin", "ymin", "xmax", "ymax")
            ]
            boxes = np.stack(sides, axis=1) * [96, 28, 96, 28]
            np.testing.assert_allclose(boxes, sample.boxes, rtol=1e-6)
            labels = np.atleast_1d(features["image/object/class/label"])
            np.testing.assert_array_equal(labels - 1, sample.labels)

    def test_class_texts_and_masks_are_lists(self, tmp_path: Path) -> None:
        path = written(TFRECORD, tmp_path, details("png", masks=True))
        file = path.read_bytes()
        (size,) = struct.unpack_from("<Q", file)
        features = tf_examples.features_of(file[12 : 12 + size])
        first = next(batches(digits()))[0]
        assert features["image/object/class/text"] == [b"%d" % label for label in first.labels]
        masks = [decoded(mask, Encoding("png")) for mask in features["image/object/mask"]]
        np.testing.assert_array_equal(masks, first.masks)

    def test_labels_are_numbered_as_the_label_map_says(self, tmp_path: Path) -> None:
        pytest.importorskip("google_crc32c")
        assert TFRECORD.whole([], of_letters()) == {
            "label_map.pbtxt": 'item {\n  id: 1\n  name: "a"\n}\nitem {\n  id: 2\n  name: "ß"\n}\n'
            'item {\n  id: 3\n  name: "cd"\n}\nitem {\n  id: 4\n  name: "\\""\n}\n'
        }
        path = tmp_path / "letters.tfrecord"
        TFRECORD.write(path, in_letters(), of_letters())
        file = path.read_bytes()
        (size,) = struct.unpack_from("<Q", file)
        features = tf_examples.features_of(file[12 : 12 + size])
        assert features["image/object/class/label"] == [1, 3]

    @pytest.mark.parametrize("place", [0, 8, 12, 400, -1])
    def test_changed_bytes_are_refused(self, place: int, tmp_path: Path) -> None:
        path = written(TFRECORD, tmp_path, details("png"))
        changed = bytearray(path.read_bytes())
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ShardError, match="a sum is wrong, or it is cut off"):
            list(TFRECORD.read(path, details("png")))

    def test_another_record_is_refused(self, tmp_path: Path) -> None:
        google_crc32c = pytest.importorskip("google_crc32c")
        framed = importlib.import_module("image_sequence.datasets.formats.tfrecord")._framed
        path = tmp_path / "other.tfrecord"
        for other in (b"digits", tf_examples.example([tf_examples.feature("index", [1])])):
            path.write_bytes(framed(other, google_crc32c.value))
            with pytest.raises(ShardError, match="has a record that is none of ours"):
                list(TFRECORD.read(path, details("png")))

    def test_raw_pictures_are_pixels_alone(self, tmp_path: Path) -> None:
        path = written(TFRECORD, tmp_path, details("raw"))
        first = next(batches(digits()))[0]
        assert first.image.tobytes() in path.read_bytes()
        stored = next(TFRECORD.read(path, details("raw")))
        np.testing.assert_array_equal(pixels(stored, Encoding("raw")), first.image)

    @pytest.mark.parametrize("encoding", TFRECORD.encodings)
    def test_its_opening_opens_it(
        self, encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("tensorflow")
        path = written(TFRECORD, tmp_path, details(encoding))
        found = opened(TFRECORD, path, details(encoding), monkeypatch)
        first = next(batches(digits()))[0]
        assert found["text"].numpy().decode() == first.text
        assert found["picture"].shape == (28, 96, 1)
        if encoding != "jpeg":
            np.testing.assert_array_equal(found["picture"][..., 0], first.image)

    @pytest.mark.parametrize("encoding", TFRECORD.encodings)
    def test_its_opening_is_python(self, encoding: str) -> None:
        compile(TFRECORD.opening(["train-000000.tfrecord"], details(encoding)), "opening", "exec")
