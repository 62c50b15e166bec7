"""Formats of arrays: npz, npy, HDF5 and IDX, as their own consumers read them."""

import contextlib
import errno
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dataset_formats import COUNT, FIRST, batches, check_round_trip, content, details, digits
from numpy.typing import NDArray
from surroundings import files_of_at_most, memory_below

from image_sequence import Batch, GlyphBank, ImageSequence, Sample
from image_sequence.datasets.formats import npz
from image_sequence.datasets.formats.columns import columns
from image_sequence.datasets.formats.hdf5 import HDF5
from image_sequence.datasets.formats.idx_folder import IDX
from image_sequence.datasets.formats.kinds import Details, Format
from image_sequence.datasets.formats.npy import NPY
from image_sequence.datasets.formats.npz import NPZ
from image_sequence.datasets.shards import Shard
from image_sequence.errors import ArgumentValueError, LibraryError, ShardError
from image_sequence.glyphs.idx import read_idx

FORMATS = {"npz": NPZ, "npy": NPY, "hdf5": HDF5, "idx": IDX}
EACH = pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
PRESETS = ("classic-native", "colour", "hard")  # The last has all columns that there may be.
BY_GAP = {"gaps", "fitted_gaps"}
MEGABYTE = 1 << 20


def needs(format_: Format) -> None:
    if format_ is HDF5:
        pytest.importorskip("h5py")


def shard_of(format_: Format, folder: Path, generator: ImageSequence, shard: Details) -> Path:
    """A shard in a folder, under the name that a data set gives it."""
    path = folder / (shard.shard.name + format_.suffix)
    format_.write(path, batches(generator), shard)
    return path


def arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All columns of a shard, by what users read it with, under the names of `columns`."""
    if path.suffix == ".npz":
        with np.load(path) as opened:
            return dict(opened)
    if path.suffix == ".h5":
        import h5py

        with h5py.File(path) as file:
            texts = {"texts": file["texts"].asstr()[:]}
            return {name: column[:] for name, column in file.items()} | texts
    if (path / "images.npy").exists():
        return {file.stem: np.load(file, mmap_mode="r") for file in path.iterdir()}
    names = {file: file.name.split("-idx")[0].replace("-", "_") for file in path.iterdir()}
    return {name: read_idx(file) for file, name in names.items()}


def truth(name: str, sample: Sample) -> NDArray[Any]:
    """What a column must say of a sample."""
    known = {"images": "image", "texts": "text", "indices": "index"}
    if name == "lengths":
        return np.array(len(sample.labels))
    return np.asarray(getattr(sample, known.get(name, name)))


def named_glyphs() -> ImageSequence:
    """Glyphs whose labels are numbers such as 70,000, and texts of several letters and bytes."""
    images = np.repeat(np.arange(40, 240, 20, np.uint8), 28 * 28).reshape(10, 28, 28)
    names = {7 * k: text for k, text in enumerate(["null", "eins", "zwölf", "é", "字"])}
    bank = GlyphBank(images, np.repeat([*names], 2), name="words", split="all", names=names)
    return ImageSequence(bank, seed=7)


@EACH
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("masks", [False, True])
def test_a_shard_is_read_as_it_was_written(
    tmp_path: Path, format_: Format, preset: str, masks: bool
) -> None:
    needs(format_)
    generator = digits(preset)
    check_round_trip(format_, tmp_path, details("raw", generator, masks=masks), generator)


@EACH
@pytest.mark.parametrize("preset", PRESETS)
def test_each_column_holds_the_truth_and_is_filled_up(
    tmp_path: Path, format_: Format, preset: str
) -> None:
    needs(format_)
    generator = digits(preset)
    shard = details("raw", generator, masks=True)
    stored = arrays(shard_of(format_, tmp_path, generator, shard))
    samples = [sample for batch in batches(generator) for sample in batch]
    for name, column in stored.items():
        assert len(column) == COUNT
        for row, sample in zip(column, samples, strict=True):
            own = truth(name, sample)
            np.testing.assert_array_equal(row[: len(own)] if own.ndim else row, own)
            if own.ndim and name != "images":
                assert len(row) == 4 + (name in BY_GAP)
                assert (row[len(own) :] == (0 if name == "masks" else -1)).all()
    expected = columns(next(batches(generator)), shard).keys()
    assert stored.keys() == expected - ({"texts"} if format_ is IDX else set())
    assert ("polygons" in stored) == (preset == "hard")


@EACH
def test_masks_are_there_only_if_they_are_asked_for(tmp_path: Path, format_: Format) -> None:
    needs(format_)
    generator = digits()
    assert "masks" not in arrays(shard_of(format_, tmp_path, generator, details("raw", generator)))


@EACH
def test_types_are_those_that_the_documents_name(tmp_path: Path, format_: Format) -> None:
    needs(format_)
    generator = digits("hard")
    stored = arrays(shard_of(format_, tmp_path, generator, details("raw", generator, masks=True)))
    whole = "int32" if format_ is IDX else "int64"
    floats = {"boxes", "ink_boxes", "fitted_gaps", "polygons"}
    expected = dict.fromkeys(stored, whole) | dict.fromkeys(floats, "float32")
    expected |= {"images": "uint8", "sizes": "float64"}
    expected["masks"] = "uint8" if format_ is IDX else "bool"
    expected["indices"] = "float64" if format_ is IDX else "int64"
    expected.pop("texts", None)
    found = {name: stored[name].dtype.newbyteorder("=").name for name in expected}
    assert found == expected


@EACH
def test_labels_may_be_words_of_any_script(tmp_path: Path, format_: Format) -> None:
    needs(format_)
    generator = named_glyphs()
    shard = replace(details("raw", generator), classes=generator.class_names)
    path = shard_of(format_, tmp_path, generator, shard)
    texts = [text for batch in batches(generator) for text in batch.texts]
    assert [one.text for one in format_.read(path, shard)] == texts
    assert max(map(len, texts)) > 4  # Wider than a letter for each label.
    assert "字" in "".join(texts)


@EACH
@pytest.mark.parametrize("preset", ["classic-native", "colour"])
def test_the_lines_for_opening_run(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    format_: Format,
    preset: str,
) -> None:
    needs(format_)
    generator = digits(preset)
    shard = details("raw", generator)
    path = shard_of(format_, tmp_path, generator, shard)
    for name, text in format_.whole([path.name], shard).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    exec(format_.opening([path.name], shard), {})  # noqa: S102  # It is what the card tells users.
    printed = capsys.readouterr().out
    assert str((COUNT, *shard.image_shape)) in printed
    assert next(batches(generator)).texts[0] in printed


def many(batch: Batch, count: int) -> Iterator[Batch]:
    return (batch for _ in range(count))


@EACH
def test_memory_does_not_grow_with_the_shard(tmp_path: Path, format_: Format) -> None:
    needs(format_)
    batch = next(batches(digits()))
    shard = replace(details("raw", masks=True), shard=Shard(0, "train-000000", 0, 9 * 300))
    format_.write(tmp_path / "first", many(batch, 300), shard)  # What is made once, is made.
    with memory_below(MEGABYTE):
        format_.write(tmp_path / "second", many(batch, 300), shard)
    stored = format_.read(tmp_path / "second", shard)
    with memory_below(MEGABYTE * 12):
        assert sum(1 for _ in stored) == 9 * 300


@EACH
@pytest.mark.parametrize("count", [COUNT - 1, COUNT + 1])
def test_a_shard_of_another_length_is_refused(tmp_path: Path, format_: Format, count: int) -> None:
    needs(format_)
    shard = replace(details("raw"), shard=Shard(4, "train-000004", FIRST, count))
    with pytest.raises(ShardError, match=f"train-000004 has {count} samples, 23 came"):
        format_.write(tmp_path / "shard", batches(digits()), shard)


def test_a_sample_longer_than_the_longest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ShardError, match="4 labels are more than the 3 of the longest sample"):
        NPZ.write(tmp_path / "shard", batches(digits()), replace(details("raw"), longest=3))


def test_samples_of_two_kinds_are_refused(tmp_path: Path) -> None:
    some = [next(batches(digits())), next(batches(digits("hard")))]
    with pytest.raises(ShardError, match="sample 40 is of another kind than those before it"):
        NPZ.write(tmp_path / "shard", some, details("raw"))


@EACH
def test_a_full_disk_is_told_by_the_system(tmp_path: Path, format_: Format) -> None:
    needs(format_)
    shard = details("raw")
    with files_of_at_most(20_000), pytest.raises(OSError, match="File too large") as raised:
        format_.write(tmp_path / "shard", batches(digits()), shard)
    assert raised.value.errno == errno.EFBIG


def cut(path: Path) -> None:
    """Half of the largest file is lost."""
    largest = max(
        [path] if path.is_file() else path.iterdir(), key=lambda file: file.stat().st_size
    )
    largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 2])


def emptied(path: Path) -> None:
    for file in [path] if path.is_file() else path.iterdir():
        file.write_bytes(b"")


def scribbled(path: Path) -> None:
    for file in [path] if path.is_file() else path.iterdir():
        file.write_bytes(b"no shard at all, but some letters" * 9)


@EACH
@pytest.mark.parametrize("damage", [cut, emptied, scribbled])
def test_a_damaged_shard_is_refused_by_name(
    tmp_path: Path, format_: Format, damage: Callable[[Path], None]
) -> None:
    needs(format_)
    shard = details("raw")
    path = shard_of(format_, tmp_path, digits(), shard)
    damage(path)
    with pytest.raises(ShardError, match="train-000004"):
        list(format_.read(path, shard))


@pytest.mark.parametrize("format_", [NPY, IDX], ids=["npy", "idx"])
def test_a_folder_that_lacks_a_file_is_refused(tmp_path: Path, format_: Format) -> None:
    shard = details("raw")
    path = shard_of(format_, tmp_path, digits(), shard)
    next(path.glob("boxes*")).unlink()
    with pytest.raises(ShardError, match="train-000004 is not a whole shard"):
        list(format_.read(path, shard))


@EACH
def test_a_shard_that_is_not_there_is_no_damage(tmp_path: Path, format_: Format) -> None:
    needs(format_)
    with pytest.raises(FileNotFoundError):
        list(format_.read(tmp_path / "nothing", details("raw")))


@EACH
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shard": Shard(4, "train-000004", FIRST, 9)}, "have the shape"),
        ({"image_shape": (28, 97)}, r"the images in .* have the shape \(23, 28, 96\)"),
        ({"longest": 5}, "the (boxes|labels) in .* have the shape"),
    ],
)
def test_a_shard_of_other_samples_is_refused(
    tmp_path: Path, format_: Format, change: Mapping[str, Any], message: str
) -> None:
    needs(format_)
    shard = details("raw")
    path = shard_of(format_, tmp_path, digits(), shard)
    with pytest.raises(ShardError, match=message):
        list(format_.read(path, replace(shard, **change)))


def test_npz_notices_a_changed_pixel(tmp_path: Path) -> None:
    shard = details("raw")
    path = shard_of(NPZ, tmp_path, digits(), shard)
    with path.open("rb+") as file:
        file.seek(5_000)
        file.write(b"\xfe")
    with pytest.raises(ShardError, match="CRC"):
        list(NPZ.read(path, shard))


def test_npz_is_a_sound_archive_without_dates(tmp_path: Path) -> None:
    path = shard_of(NPZ, tmp_path, digits(), details("raw"))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the file takes all of its space")
def test_npz_takes_more_than_four_gigabytes(tmp_path: Path) -> None:
    part = {"images": np.zeros((1, 1 << 20), np.uint8), "lengths": np.arange(1)}
    count = 5_000
    with (tmp_path / "large.npz").open("xb") as file:
        entries = npz._laid_out(file, part, count)
        entries["lengths"].append(file, np.arange(count).tobytes())
        npz._write_heads(file, list(entries.values()))
    with np.load(tmp_path / "large.npz") as opened:
        np.testing.assert_array_equal(opened["lengths"], np.arange(count))
        assert opened.zip.getinfo("images.npy").file_size > 2**32


def test_npy_files_are_those_of_numpy(tmp_path: Path) -> None:
    path = shard_of(NPY, tmp_path, digits(), details("raw"))
    for file in path.iterdir():
        saved = io.BytesIO()
        np.save(saved, np.load(file))
        assert saved.getvalue() == file.read_bytes()


def test_hdf5_keeps_no_times(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(shard_of(HDF5, tmp_path, digits(), details("raw"))) as file:
        assert len(file) == 11
        for column in file.values():
            assert not column.id.get_create_plist().get_obj_track_times()


def test_hdf5_without_its_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(LibraryError, match=r'pip install "image-sequence\[hdf5\]"'):
        HDF5.check()


def test_hdf5_keeps_its_bytes_whatever_order_h5py_is_set_to(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    plain = content(shard_of(HDF5, tmp_path, digits(), details("raw")))
    settings = h5py.get_config()
    (tmp_path / "tracked").mkdir()
    with contextlib.ExitStack() as after:
        after.callback(setattr, settings, "track_order", settings.track_order)
        settings.track_order = True
        tracked = content(shard_of(HDF5, tmp_path / "tracked", digits(), details("raw")))
    assert tracked == plain


@pytest.mark.parametrize(("preset", "images"), [("hard", "idx3"), ("colour", "idx4")])
def test_idx_files_are_named_as_mnist_names_its_own(
    tmp_path: Path, preset: str, images: str
) -> None:
    path = shard_of(IDX, tmp_path, digits(preset), details("raw", digits(preset)))
    names = {file.name for file in path.iterdir()}
    expected = {f"images-{images}-ubyte", "labels-idx2-int", "lengths-idx1-int"}
    assert names >= expected | {"boxes-idx3-float", "ink-boxes-idx3-float", "indices-idx1-double"}


def test_idx_says_what_labels_are_as_text() -> None:
    shard = replace(details("raw"), classes={0: "null", 7: "字"})
    assert json.loads(IDX.whole([], shard)["classes.json"]) == {"0": "null", "7": "字"}


def test_idx_refuses_labels_that_it_has_no_place_for(tmp_path: Path) -> None:
    images = np.full((2, 28, 28), 90, np.uint8)
    generator = ImageSequence(
        GlyphBank(images, np.array([1, 2**31]), name="n", split="all"), seed=7
    )
    message = "'idx' has a place for labels from -2147483648 to 2147483647, these lie from"
    with pytest.raises(ArgumentValueError, match=message):
        shard_of(IDX, tmp_path, generator, details("raw", generator))


@pytest.mark.parametrize(("index", "fits"), [(2**53, True), (2**53 + 1, False)])
def test_idx_refuses_numbers_of_samples_that_it_would_round(
    tmp_path: Path, index: int, fits: bool
) -> None:
    batch = digits().batch([[1, 2]], (0, 9), 96, start=index, dtype=np.uint8)
    shard = replace(details("raw"), shard=Shard(0, "train-000000", index, 1))
    told = contextlib.nullcontext() if fits else pytest.raises(ArgumentValueError, match="indices")
    with told:
        IDX.write(tmp_path / "shard", [batch], shard)
        assert [one.index for one in IDX.read(tmp_path / "shard", shard)] == [index]
