"""Sources of pictures: folders, arrays, .npz files, sequences, Hugging Face's data sets."""

import os
import pickle
import re
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    LibraryError,
    PictureError,
    SourceNotFoundError,
)
from image_sequence.glyphs.arrays import Arrays, NpzFile
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.pairs import HuggingFace, Pairs
from image_sequence.glyphs.pictures import SUFFIXES, ImageFolder
from image_sequence.glyphs.sources import GlyphSource


def grey(level: int, height: int = 3, width: int = 4) -> NDArray[np.uint8]:
    """A flat picture: the level names it."""
    return np.full((height, width), level, np.uint8)


def save(path: Path, level: int, *, height: int = 3, width: int = 4, **options: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey(level, height, width)).save(path, **options)


def inks(bank: GlyphBank) -> list[int]:
    return bank.images[:, 0, 0].tolist()


def texts(bank: GlyphBank) -> list[str]:
    return [bank.text(label) for label in bank.labels.tolist()]


# Folders.


def test_folders_are_labels_and_files_are_sorted(tmp_path: Path) -> None:
    for path, level in (("b/2.png", 3), ("あ/1.png", 4), ("b/1.png", 2), ("7/x.png", 1)):
        save(tmp_path / path, level)
    bank = ImageFolder(tmp_path, paper="black").load()
    assert inks(bank) == [1, 2, 3, 4]
    assert texts(bank) == ["7", "b", "b", "あ"]
    assert bank.names == {0: "7", 1: "b", 2: "あ"}
    assert (bank.name, bank.split, bank.writers) == (tmp_path.name, "all", None)


def test_labels_are_in_the_order_of_their_code_points(tmp_path: Path) -> None:
    for label in ("あ", "b", "7", "Z", "10", "é"):
        save(tmp_path / label / "1.png", 1)
    bank = ImageFolder(tmp_path).load()
    assert bank.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert texts(bank) == ["10", "7", "Z", "b", "é", "あ"]


def test_the_order_of_the_file_system_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["b/2.png", "a/x/1.png", "b/1.png", "a/1.png", "b/10.png", "A/3.png"]
    for level, name in enumerate(names):
        save(tmp_path / name, level)
    expected = ImageFolder(tmp_path, paper="black").load()
    walk, iterdir = os.walk, Path.iterdir

    def backwards(top: Path, **options: Any) -> Any:
        for where, folders, files in walk(top, **options):
            folders.sort(reverse=True)
            yield where, folders, sorted(files, reverse=True)

    monkeypatch.setattr(os, "walk", backwards)
    monkeypatch.setattr(Path, "iterdir", lambda path: sorted(iterdir(path), reverse=True))
    bank = ImageFolder(tmp_path, paper="black").load()
    assert inks(bank) == inks(expected) == [5, 3, 1, 2, 4, 0]
    assert texts(bank) == texts(expected) == ["A", "a", "a", "b", "b", "b"]


def test_labels_are_in_the_form_nfc(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "é")
    save(tmp_path / decomposed / "1.png", 1)
    save(tmp_path / "z" / "1.png", 2)
    save(tmp_path / "é" / "2.png", 3)
    assert texts(ImageFolder(tmp_path).load()) == ["z", "é", "é"]


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
@pytest.mark.parametrize("spelling", [str.lower, str.upper])
def test_the_usual_formats_are_read(tmp_path: Path, suffix: str, spelling: Any) -> None:
    save(tmp_path / "cat" / f"1{spelling(suffix)}", 200)
    bank = ImageFolder(tmp_path, paper="black").load()
    assert bank.images.shape == (1, 3, 4)
    assert abs(inks(bank)[0] - 200) <= 2  # JPEG and WebP lose some.


def test_what_is_hidden_or_no_picture_is_passed_over(tmp_path: Path) -> None:
    save(tmp_path / "cat" / "1.png", 1)
    save(tmp_path / "cat" / ".2.png", 2)
    save(tmp_path / "cat" / ".thumbs" / "3.png", 3)
    save(tmp_path / ".git" / "4.png", 4)
    save(tmp_path / "5.png", 5)
    (tmp_path / "cat" / "notes.txt").write_text("no picture")
    (tmp_path / "empty").mkdir()
    bank = ImageFolder(tmp_path, paper="black").load()
    assert inks(bank) == [1]
    assert bank.names == {0: "cat"}


def test_pictures_may_lie_deeper_in_a_labels_folder(tmp_path: Path) -> None:
    save(tmp_path / "n01440764" / "images" / "1.JPEG", 10)
    save(tmp_path / "n01443537" / "images" / "1.JPEG", 250)
    assert texts(ImageFolder(tmp_path).load()) == ["n01440764", "n01443537"]


def test_sizes_are_unified(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png", 10, height=6, width=3)
    save(tmp_path / "b" / "1.png", 20, height=3, width=4)
    bank = ImageFolder(tmp_path, paper="black").load()
    assert bank.widths is not None
    assert (bank.images.shape, bank.widths.tolist()) == ((2, 6, 8), [3, 8])
    padded = ImageFolder(tmp_path, height=8, width=4, unify="pad", paper="black").load()
    assert padded.widths is None
    assert padded.images[1, :, 0].tolist() == [0, 0, 20, 20, 20, 0, 0, 0]


def test_paper_is_told_by_all_pictures(tmp_path: Path) -> None:
    for name, level in (("a/1.png", 255), ("a/2.png", 200), ("b/1.png", 10)):
        save(tmp_path / name, level)
    assert inks(ImageFolder(tmp_path).load()) == [0, 55, 245]
    assert inks(ImageFolder(tmp_path, paper="black").load()) == [255, 200, 10]


def test_png_with_palette_transparency_and_sixteen_bits(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    palette = Image.fromarray(np.array([[0, 1]], np.uint8))
    palette = palette.convert("P")
    palette.save(tmp_path / "a" / "1.png", transparency=1)
    Image.fromarray(np.array([[40_000, 65_535]], np.uint16)).save(tmp_path / "a" / "2.png")
    alpha = np.array([[[0, 0, 0, 255], [0, 0, 0, 0]]], np.uint8)
    Image.fromarray(alpha).save(tmp_path / "a" / "3.png")
    Image.fromarray(np.array([[False, True]])).save(tmp_path / "a" / "4.png")
    bank = ImageFolder(tmp_path, paper="white").load()
    assert bank.images[:, 0].tolist() == [[255, 0], [99, 0], [255, 0], [255, 0]]


def test_colour_makes_all_of_it_colour(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png", 10)
    (tmp_path / "b").mkdir()
    red = np.broadcast_to(np.array([255, 0, 0], np.uint8), (3, 4, 3))
    Image.fromarray(np.ascontiguousarray(red)).save(tmp_path / "b" / "1.png")
    bank = ImageFolder(tmp_path).load()
    assert bank.images.shape == (2, 3, 4, 3)
    assert bank.images[:, 0, 0].tolist() == [[245, 245, 245], [0, 255, 255]]


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_a_file_is_turned_as_its_exif_data_says(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    save(tmp_path / "a" / f"1.{suffix}", 10, height=3, width=5, exif=exif)
    assert ImageFolder(tmp_path).load().images.shape == (1, 5, 3)


def test_an_animation_gives_its_first_picture(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    frames = [Image.fromarray(grey(level)) for level in (10, 200)]
    frames[0].save(tmp_path / "a" / "1.gif", save_all=True, append_images=frames[1:])
    assert inks(ImageFolder(tmp_path, paper="black").load()) == [10]


# Folders in parts.


def in_parts(folder: Path) -> None:
    save(folder / "train" / "cat" / "1.JPEG", 0)
    save(folder / "train" / "dog" / "1.JPEG", 40)
    save(folder / "val" / "ape" / "1.JPEG", 80)
    save(folder / "val" / "dog" / "1.JPEG", 120)


def test_a_number_means_the_same_label_in_each_part(tmp_path: Path) -> None:
    in_parts(tmp_path)
    train, val = ImageFolder(tmp_path).load(), ImageFolder(tmp_path, "val").load()
    assert train.names == val.names == {0: "ape", 1: "cat", 2: "dog"}
    assert (train.split, train.labels.tolist()) == ("train", [1, 2])
    assert (val.split, val.labels.tolist()) == ("val", [0, 2])


def test_a_part_is_a_source_of_its_own(tmp_path: Path) -> None:
    in_parts(tmp_path)
    source = ImageFolder(tmp_path, height=7, paper="black")
    assert source.part("val") == ImageFolder(tmp_path, "val", height=7, paper="black")
    assert source.part("train") == ImageFolder(tmp_path, "train", height=7, paper="black")
    assert source.part("test") is None
    assert source.part("all") is None


def test_an_undivided_folder_has_no_parts(tmp_path: Path) -> None:
    save(tmp_path / "cat" / "1.png", 1)
    save(tmp_path / "test" / "1.png", 2)
    source = ImageFolder(tmp_path)
    assert [source.part(name) for name in ("train", "val", "test", "all")] == [None] * 4
    assert source.load().names == {0: "cat", 1: "test"}
    with pytest.raises(SourceNotFoundError, match=r"did not come in parts, so it has no 'test'$"):
        ImageFolder(tmp_path, "test")


@pytest.mark.parametrize("spelling", ["val", "valid", "Validation", "VAL"])
def test_parts_go_by_several_names(tmp_path: Path, spelling: str) -> None:
    save(tmp_path / "Train" / "cat" / "1.png", 1)
    save(tmp_path / spelling / "cat" / "1.png", 2)
    assert inks(ImageFolder(tmp_path, "val", paper="black").load()) == [2]


def test_a_part_without_labels_is_passed_over(tmp_path: Path) -> None:
    in_parts(tmp_path)
    save(tmp_path / "test" / "1.JPEG", 7)
    assert ImageFolder(tmp_path).part("test") is None
    with pytest.raises(SourceNotFoundError, match="has no part 'test'; a split of it is train or"):
        ImageFolder(tmp_path, "test")


def test_without_train_the_part_has_to_be_named(tmp_path: Path) -> None:
    save(tmp_path / "test" / "cat" / "1.png", 1)
    assert ImageFolder(tmp_path).load().split == "test"
    save(tmp_path / "val" / "cat" / "1.png", 1)
    with pytest.raises(SourceNotFoundError, match="is in several parts; a split of it is test or"):
        ImageFolder(tmp_path)


def test_two_folders_for_one_part_are_refused(tmp_path: Path) -> None:
    in_parts(tmp_path)
    save(tmp_path / "valid" / "cat" / "1.png", 1)
    with pytest.raises(ArgumentValueError, match="are both the part 'val'; a data set has one"):
        ImageFolder(tmp_path)


@pytest.mark.parametrize("split", [7, "", ["train"]])
def test_a_split_is_a_name(tmp_path: Path, split: Any) -> None:
    save(tmp_path / "cat" / "1.png", 1)
    with pytest.raises(ArgumentValueError, match=r"^a split is train, val or test, not"):
        ImageFolder(tmp_path, split)


# Writers of folders.


def test_writers_are_read_from_a_table(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/2.png", "é/1.png"):
        save(tmp_path / name, 1)
    table = 'file,writer\r\n"a/2.png",17\né/1.png,3\nb/9.png,4\n'
    (tmp_path / "writers.csv").write_text(table, encoding="utf-8-sig")
    writers = ImageFolder(tmp_path).load().writers
    assert writers is not None
    assert writers.tolist() == [-1, 17, 3]


def test_writers_of_parts_are_named_from_the_data_sets_folder(tmp_path: Path) -> None:
    in_parts(tmp_path)
    (tmp_path / "writers.csv").write_text("file,writer\nval/dog/1.JPEG,5\n")
    writers = ImageFolder(tmp_path, "val").load().writers
    assert writers is not None
    assert writers.tolist() == [-1, 5]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (b"", "does not begin with the line file,writer$"),
        (b"a/1.png,1\n", "does not begin with the line file,writer$"),
        (b"file,writer\na/1.png\n", r"^line 2 of .*writers\.csv is 'a/1\.png'; a picture and the"),
        (b"file,writer\na/1.png,Ann\n", "such as cat/1.png,17, would work$"),
        (b"file,writer\na/1.png,-2\n", "such as cat/1.png,17, would work$"),
        (b"file,writer\na/1.png,9223372036854775808\n", "such as cat/1.png,17, would work$"),
        (b"file,writer\na/1.png,1\na/1.png,2\n", r"gives 'a/1\.png' two writers; it has one$"),
        (b'file,writer\n"a/1.png,1\n', "is no table in UTF-8"),
        (b"file,writer\n\xff,1\n", "is no table in UTF-8"),
    ],
)
def test_what_is_no_table_of_writers_is_told(tmp_path: Path, table: bytes, message: str) -> None:
    save(tmp_path / "a" / "1.png", 1)
    (tmp_path / "writers.csv").write_bytes(table)
    source = ImageFolder(tmp_path)
    with pytest.raises(ArgumentValueError, match=message):
        source.load()


# What is wrong with folders.


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    message = re.escape(f"there is no folder {str(folder)!r} to load pictures from")
    with pytest.raises(SourceNotFoundError, match=f"^{message}$"):
        ImageFolder(folder)


@pytest.mark.parametrize("folder", [None, 7, b"folder"])
def test_a_folder_is_given_by_its_path(folder: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"^a folder is given by its path, not"):
        ImageFolder(folder)


def test_a_folder_without_folders_is_told(tmp_path: Path) -> None:
    save(tmp_path / "1.png", 1)
    with pytest.raises(SourceNotFoundError, match="has no folders in it; one for each label would"):
        ImageFolder(tmp_path)


def test_parts_without_labels_are_told(tmp_path: Path) -> None:
    save(tmp_path / "train" / "1.png", 1)
    with pytest.raises(SourceNotFoundError, match="none of them has a folder for each label in it"):
        ImageFolder(tmp_path)


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    source = ImageFolder(tmp_path)
    with pytest.raises(SourceNotFoundError, match=r"^there are no pictures in the folders of '"):
        source.load()


@pytest.mark.parametrize("content", [b"", b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_is_no_picture_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cat" / "1.png"
    path.parent.mkdir()
    path.write_bytes(content)
    source = ImageFolder(tmp_path)
    with pytest.raises(PictureError, match=f"^{re.escape(str(path))} cannot be read as a picture:"):
        source.load()


def test_other_formats_are_not_even_tried(tmp_path: Path) -> None:
    save(tmp_path / "cat" / "1.png", 1, format="PCX")
    source = ImageFolder(tmp_path)
    with pytest.raises(PictureError, match="cannot be read as a picture: cannot identify"):
        source.load()


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tif", "bmp", "webp", "pgm"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")  # Pillow's, on its way.
def test_a_picture_that_is_cut_short_is_named(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "cat" / f"1.{suffix}"
    path.parent.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (40, 40), np.uint8)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    source = ImageFolder(tmp_path)
    for size in (1, 10, 30, len(whole) // 2):
        path.write_bytes(whole[:size])
        with pytest.raises(PictureError, match=re.escape(str(path))):
            source.load()


def test_a_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "cat" / "1.png", 1, height=30, width=30)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    source = ImageFolder(tmp_path)
    with pytest.raises(PictureError, match=r"1\.png cannot be read .*decompression bomb"):
        source.load()


def test_stopping_it_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "cat" / "1.png", 1)

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Image, "open", interrupted)
    source = ImageFolder(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        source.load()


# Arrays.


def test_arrays_are_a_source() -> None:
    images = np.stack([grey(10), grey(20), grey(30)])
    bank = Arrays(images, np.array([7, 1, 7]), writers=[5, -1, 5], name="mine").load()
    assert inks(bank) == [10, 20, 30]
    assert (bank.labels.tolist(), bank.names, bank.name) == ([7, 1, 7], None, "mine")
    assert bank.writers is not None
    assert bank.writers.tolist() == [5, -1, 5]


@pytest.mark.parametrize("form", [list, np.array, lambda texts: np.array(texts, object)])
def test_labels_may_be_texts(form: Any) -> None:
    bank = Arrays(np.stack([grey(1)] * 3), form(["cat", "あ", "cat"])).load()
    assert bank.labels.tolist() == [0, 1, 0]
    assert bank.names == {0: "cat", 1: "あ"}


@pytest.mark.parametrize("names", [["ape", "cat", "dog"], {0: "ape", 1: "cat", 2: "dog"}])
def test_texts_are_numbered_by_the_names_if_there_are_any(names: Any) -> None:
    bank = Arrays([grey(1), grey(2)], ["dog", "cat"], names).load()
    assert bank.labels.tolist() == [2, 1]
    assert bank.names == {0: "ape", 1: "cat", 2: "dog"}
    source = Arrays([grey(1)], ["emu"], names)
    with pytest.raises(ArgumentValueError, match=r"^the label 'emu' is none of the names \['ape',"):
        source.load()


def test_numbers_may_have_names() -> None:
    assert texts(Arrays([grey(1), grey(2)], [1, 0], ["cat", "dog"]).load()) == ["dog", "cat"]


def test_arrays_may_differ_in_size() -> None:
    bank = Arrays([grey(10, 3, 4), grey(20, 6, 4)], [0, 1], unify="pad").load()
    assert bank.images[0, :, 0].tolist() == [0, 10, 10, 10, 0, 0]


def test_floats_become_levels() -> None:
    assert inks(Arrays(np.stack([grey(10), grey(20)]) / 255, [0, 1]).load()) == [10, 20]


def test_given_widths_are_kept_and_scaled() -> None:
    images = np.zeros((2, 4, 6), np.uint8)
    images[0, :, :3] = 90
    images[1] = 60
    bank = Arrays(images, [0, 1], widths=[3, 6]).load()
    assert bank.widths is not None
    assert bank.widths.tolist() == [3, 6]
    assert np.array_equal(bank.images, images)
    doubled = Arrays(images, [0, 1], widths=[3, 6], height=8).load()
    assert doubled.widths is not None
    assert doubled.widths.tolist() == [6, 12]


@pytest.mark.parametrize("widths", [[0, 4], [4, 5]])
def test_widths_lie_within_pictures(widths: list[int]) -> None:
    source = Arrays([grey(1), grey(2)], [0, 1], widths=widths)
    with pytest.raises(
        ArgumentValueError, match=r"^the widths of pictures lie from 1 to their own"
    ):
        source.load()


@pytest.mark.parametrize("name", ["labels", "widths", "writers"])
def test_each_picture_needs_its_own(name: str) -> None:
    arguments: dict[str, Any] = {"labels": [0, 1], name: [1, 2, 3]}
    with pytest.raises(ArgumentValueError, match=f"^2 images need as many {name}, not 3$"):
        Arrays([grey(1), grey(2)], **arguments)


def test_at_least_one_picture_is_needed() -> None:
    with pytest.raises(
        ArgumentValueError, match=r"^there are no images; a source has at least one"
    ):
        Arrays([], [])


@pytest.mark.parametrize("shape", [(2, 784), (2, 28, 28, 4), (2, 0, 28), (1, 2, 28, 28, 3)])
def test_arrays_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    images = np.zeros(shape, np.uint8)
    with pytest.raises(ArgumentValueError, match=r"^images have the shape \(count, height, width"):
        Arrays(images, [0] * len(images))


def test_images_are_an_array_or_a_list() -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"^images are an array or a list of arrays, not 'x'"
    ):
        Arrays("x", [0])


@pytest.mark.parametrize("labels", [[0, 0.5], [0, "cat"], ["cat", 0], [None, 1], [True, 1]])
def test_labels_are_whole_numbers_or_texts(labels: list[Any]) -> None:
    source = Arrays([grey(1), grey(2)], labels)
    with pytest.raises(ArgumentTypeError, match=r"^labels are whole numbers or texts, all of one"):
        source.load()


def test_labels_beyond_int64_are_refused() -> None:
    source = Arrays([grey(1)], np.array([2**63], np.uint64))
    with pytest.raises(ArgumentValueError, match=r"^the numbers of labels lie from -2\*\*63 to 2"):
        source.load()


def test_sources_of_different_arrays_are_not_equal() -> None:
    assert Arrays([grey(1)], [0]) != Arrays([grey(2)], [0])


# .npz files.


def test_an_npz_file_of_images_and_labels(tmp_path: Path) -> None:
    path = tmp_path / "greys.npz"
    images = np.zeros((2, 3, 4), np.uint8)
    images[:, :, :2] = [[[10]], [[20]]]
    np.savez(path, images=images, labels=[1, 0], names=["a", "b"], writers=[3, 4], widths=[2, 4])
    bank = NpzFile(path, paper="black").load()
    assert (inks(bank), texts(bank), bank.name) == ([10, 20], ["b", "a"], "greys")
    assert bank.widths is not None
    assert bank.writers is not None
    assert (bank.widths.tolist(), bank.writers.tolist()) == ([2, 4], [3, 4])
    assert NpzFile(path).part("train") is None


def test_keras_mnist_has_two_parts(tmp_path: Path) -> None:
    path = tmp_path / "mnist.npz"
    train, test = np.stack([grey(10), grey(20)]), grey(30)[None]
    np.savez(path, x_train=train, y_train=[1, 2], x_test=test, y_test=[3])
    source = NpzFile(path, height=3)
    assert inks(source.load()) == [10, 20]
    assert source.load().split == "train"
    assert source.part("test") == NpzFile(path, "test", height=3)
    assert inks(NpzFile(path, "test").load()) == [30]
    assert source.part("val") is None
    with pytest.raises(SourceNotFoundError, match="has no part 'val'; a split of it is train or "):
        NpzFile(path, "val")


def test_medmnist_has_three_parts_and_labels_in_a_column(tmp_path: Path) -> None:
    path = tmp_path / "bloodmnist.npz"
    parts: dict[str, Any] = {}
    for level, part in enumerate(("train", "val", "test")):
        parts[f"{part}_images"] = np.full((2, 3, 4, 3), (level, 9, 99), np.uint8)
        parts[f"{part}_labels"] = np.full((2, 1), level, np.uint8)
        parts[f"{part}_writers"] = [level, -1]
    np.savez(path, **parts)
    for level, part in enumerate(("train", "val", "test")):
        bank = NpzFile(path, part, paper="black").load()
        assert bank.images.shape == (2, 3, 4, 3)
        assert bank.images[0, 0, 0].tolist() == [level, 9, 99]
        assert (bank.labels.tolist(), bank.split) == ([level, level], part)
        assert bank.writers is not None
        assert bank.writers.tolist() == [level, -1]


def test_texts_have_the_same_numbers_in_each_part_of_a_file(tmp_path: Path) -> None:
    path, images = tmp_path / "x.npz", grey(1)[None]
    np.savez(path, x_train=images, y_train=["dog"], x_test=images, y_test=["cat"])
    train, test = NpzFile(path).load(), NpzFile(path, "test").load()
    assert train.names == test.names == {0: "cat", 1: "dog"}
    assert (train.labels.tolist(), test.labels.tolist()) == ([1], [0])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"^there is no file '.*x\.npz' to load glyphs"):
        NpzFile(tmp_path / "x.npz")


def test_a_file_is_given_by_its_path() -> None:
    path: Any = 7
    with pytest.raises(ArgumentTypeError, match=r"^a file is given by its path, not 7$"):
        NpzFile(path)


def test_other_arrays_are_listed(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", pictures=grey(1), images=grey(2))
    with pytest.raises(PictureError, match=r"holds \['images', 'pictures'\]; images and labels, "):
        NpzFile(tmp_path / "x.npz")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no arrays", b"\x80\x04N."])
def test_what_is_no_npz_file_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(PictureError, match=r"x\.npz is no sound \.npz file: "):
        NpzFile(tmp_path / "x.npz")


def test_a_single_array_is_no_npz_file(tmp_path: Path) -> None:
    with (tmp_path / "x.npz").open("wb") as file:
        np.save(file, grey(1))
    with pytest.raises(PictureError, match="holds one array without a name"):
        NpzFile(tmp_path / "x.npz")


def test_a_damaged_npz_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez_compressed(path, images=np.stack([grey(1)] * 50), labels=np.arange(50))
    content = bytearray(path.read_bytes())
    middle = content.index(b"images.npy") + 60
    content[middle : middle + 8] = b"\xff" * 8
    path.write_bytes(content)
    source = NpzFile(path)
    with pytest.raises(PictureError, match=r"x\.npz is no sound \.npz file: "):
        source.load()


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    labels = np.array(["cat", 7], object)
    np.savez(tmp_path / "x.npz", images=np.stack([grey(1)] * 2), labels=labels)
    source = NpzFile(tmp_path / "x.npz")
    with pytest.raises(PictureError, match="Object arrays cannot be loaded"):
        source.load()


# Sequences of pairs.


class Digits:
    """What torchvision's data sets look like."""

    classes = ("0 - zero", "1 - one")

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> tuple[Any, int]:
        return Image.fromarray(grey(10 * (index + 1))), 1 - index


def test_a_list_of_pairs_is_a_source() -> None:
    bank = Pairs([(Image.fromarray(grey(10)), "cat"), (grey(20) / 255, "あ")]).load()
    assert (inks(bank), texts(bank), bank.name) == ([10, 20], ["cat", "あ"], "pairs")


def test_a_torchvision_data_set_is_a_source() -> None:
    bank = Pairs(Digits()).load()
    assert (inks(bank), texts(bank), bank.name) == ([10, 20], ["1", "0"], "Digits")
    assert bank.labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("classes", "names"),
    [
        (["T-shirt - top", "bag"], ["T-shirt - top", "bag"]),
        (["0 - zero", "7 - seven"], ["0 - zero", "7 - seven"]),
        ([("tench", "Tinca tinca"), ("goldfish",)], ["tench, Tinca tinca", "goldfish"]),
    ],
)
def test_other_names_of_classes_are_kept(
    monkeypatch: pytest.MonkeyPatch, classes: Any, names: list[str]
) -> None:
    monkeypatch.setattr(Digits, "classes", classes)
    assert Pairs(Digits()).load().names == dict(enumerate(names))


def test_given_names_go_first() -> None:
    source = Pairs(Digits(), names=["nil", "one"], name="mine", split="test")
    bank = source.load()
    assert (texts(bank), bank.name, bank.split) == (["one", "nil"], "mine", "test")


class Tensor:
    def __init__(self, values: Any) -> None:
        self._values = np.asarray(values)

    def numpy(self) -> NDArray[Any]:
        return self._values

    def item(self) -> Any:
        return self._values.item()


@pytest.mark.parametrize("label", [Tensor, np.int64, np.array])
def test_tensors_are_pictures_and_labels(label: Any) -> None:
    colours = np.stack([grey(10), grey(20), grey(30)]) / np.float32(255)
    bank = Pairs([(Tensor(colours), label(4))], paper="black").load()
    assert bank.images[0, 0, 0].tolist() == [10, 20, 30]
    assert bank.labels.tolist() == [4]


def test_items_may_be_mappings() -> None:
    items = [{"image": grey(10), "label": 3, "text": "a", "picture": grey(20)}]
    assert inks(Pairs(items).load()) == [10]
    bank = Pairs(items, image="picture", label="text").load()
    assert (inks(bank), texts(bank)) == ([20], ["a"])


def test_an_item_that_is_no_pair_is_told() -> None:
    mapping = {"img": grey(1), "label": 1}
    message = (
        r"^item 1 is a mapping of \['img', 'label'\]; it needs a picture at 'image' and a label "
        r"at 'label'; image=… and label=… name others$"
    )
    source = Pairs([{"image": grey(1), "label": 1}, mapping])
    with pytest.raises(ArgumentTypeError, match=message):
        source.load()
    with pytest.raises(ArgumentTypeError, match=r"^item 0 is 7; it needs a picture at 0 and a"):
        Pairs([7]).load()


@pytest.mark.parametrize("pairs", [None, "cat", {"image": 1}, iter([]), 7, list])
def test_pairs_are_a_sequence(pairs: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"^pairs of pictures and labels are a sequence"):
        Pairs(pairs)


def test_at_least_one_pair_is_needed() -> None:
    with pytest.raises(
        ArgumentValueError, match=r"^there are no pairs; a source has at least one$"
    ):
        Pairs([])


# Hugging Face.


@pytest.fixture
def datasets(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    library = pytest.importorskip("datasets", reason="needs the extra huggingface")
    library.disable_progress_bars()
    return library


def table(datasets: Any, levels: list[int], labels: list[int]) -> Any:
    features = datasets.Features(
        {
            "id": datasets.Value("int64"),
            "pic": datasets.Image(),
            "text": datasets.Value("string"),
            "kind": datasets.ClassLabel(names=["cat", "あ"]),
        }
    )
    columns = {
        "id": list(range(len(levels))),
        "pic": [Image.fromarray(grey(level)) for level in levels],
        "text": [f"t{label}" for label in labels],
        "kind": labels,
    }
    return datasets.Dataset.from_dict(columns, features=features)


def test_a_saved_data_set_is_a_source(tmp_path: Path, datasets: Any) -> None:
    table(datasets, [10, 20, 30], [1, 0, 1]).save_to_disk(tmp_path / "greys")
    bank = HuggingFace(tmp_path / "greys").load()
    assert (inks(bank), texts(bank)) == ([10, 20, 30], ["あ", "cat", "あ"])
    assert (bank.name, bank.split) == ("greys", "all")
    assert HuggingFace(tmp_path / "greys").part("train") is None


def test_columns_may_be_named(tmp_path: Path, datasets: Any) -> None:
    table(datasets, [10, 20], [1, 0]).save_to_disk(tmp_path)
    assert texts(HuggingFace(tmp_path, image="pic", label="text").load()) == ["t1", "t0"]
    assert HuggingFace(tmp_path, label="id").load().labels.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        (
            {"image": "nope"},
            r"has no column 'nope' of pictures \(type Image\); it has id \(Value\)",
        ),
        (
            {"image": "text"},
            r"has no column 'text' of pictures \(type Image\); it has id \(Value\)",
        ),
        ({"label": "nope"}, "has no column 'nope' of labels; it has"),
    ],
)
def test_a_missing_column_is_told(
    tmp_path: Path, datasets: Any, columns: dict[str, str], message: str
) -> None:
    table(datasets, [10], [1]).save_to_disk(tmp_path)
    source = HuggingFace(tmp_path, **columns)  # type: ignore[arg-type]  # Its other options have defaults.
    with pytest.raises(ArgumentValueError, match=message):
        source.load()


def test_the_parts_of_a_saved_data_set(tmp_path: Path, datasets: Any) -> None:
    parts = datasets.DatasetDict(
        train=table(datasets, [10, 20], [1, 0]), validation=table(datasets, [30], [1])
    )
    parts.save_to_disk(tmp_path)
    source = HuggingFace(tmp_path, height=6)
    assert source.load().split == "train"
    val = source.part("val")
    assert val == HuggingFace(tmp_path, "val", height=6)
    assert val is not None
    assert (inks(val.load()), val.load().labels.tolist()) == ([30], [1])
    assert source.part("test") is None
    absent = HuggingFace(tmp_path, "test")
    with pytest.raises(SourceNotFoundError, match="has no part 'test'; a split of it is train or"):
        absent.load()


def test_a_data_set_in_memory_is_a_sequence_of_pairs(datasets: Any) -> None:
    bank = Pairs(table(datasets, [10, 20], [1, 0]), image="pic", label="kind").load()
    assert (inks(bank), texts(bank)) == ([10, 20], ["あ", "cat"])


def test_a_damaged_picture_names_its_row(tmp_path: Path, datasets: Any) -> None:
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    cells = [{"bytes": b"no picture", "path": None}]
    rows = datasets.Dataset.from_dict({"image": cells, "label": [1]}, features=features)
    rows.save_to_disk(tmp_path)
    source = HuggingFace(tmp_path)
    with pytest.raises(PictureError, match=r"^the picture in row 0 cannot be read as a picture:"):
        source.load()


def test_a_missing_picture_names_its_row(tmp_path: Path, datasets: Any) -> None:
    features = datasets.Features({"image": datasets.Image(), "label": datasets.Value("int64")})
    rows = datasets.Dataset.from_dict({"image": [None], "label": [1]}, features=features)
    rows.save_to_disk(tmp_path)
    source = HuggingFace(tmp_path)
    with pytest.raises(PictureError, match=r"^the picture in row 0 is missing"):
        source.load()


def test_what_cannot_be_loaded_is_told(tmp_path: Path, datasets: Any) -> None:
    (tmp_path / "state.json").write_text("{}")
    source = HuggingFace(tmp_path)
    with pytest.raises(SourceNotFoundError, match="cannot be loaded by datasets: "):
        source.load()


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    source = HuggingFace("ylecun/mnist")
    message = re.escape('pip install "image-sequence[huggingface]" installs it')
    with pytest.raises(LibraryError, match=f"^Hugging Face's data sets need .*{message}$"):
        source.load()


@pytest.mark.parametrize("path", ["", None, 7])
def test_a_data_set_is_given_by_its_name(path: Any) -> None:
    message = f"^a data set is given by its path or its name, not {path!r}; Pairs takes a part of"
    with pytest.raises(ArgumentTypeError, match=message):
        HuggingFace(path)


@pytest.mark.parametrize("column", ["image", "label"])
def test_a_column_is_given_by_its_name(column: str) -> None:
    columns: dict[str, Any] = {column: 7}
    with pytest.raises(ArgumentTypeError, match=f"^{column} is the name of a column, not 7$"):
        HuggingFace("ylecun/mnist", **columns)


# All of them.


def sources(folder: Path) -> list[Any]:
    save(folder / "pictures" / "cat" / "1.png", 1)
    np.savez(folder / "x.npz", images=grey(1)[None], labels=[0])
    return [
        ImageFolder(folder / "pictures", height=28),
        NpzFile(folder / "x.npz", paper="white"),
        HuggingFace("ylecun/mnist", "train", image="image"),
        Arrays([grey(1)], [0]),
        Pairs([(grey(1), 0)]),
    ]


def test_each_is_a_source_and_takes_the_settings_of_pictures(tmp_path: Path) -> None:
    for source in sources(tmp_path):
        assert isinstance(source, GlyphSource)
        assert source.unify == "resize"
        with pytest.raises(ArgumentValueError, match=r"^paper is white or black, or None"):
            type(source)(
                **{
                    name: "grey" if name == "paper" else getattr(source, name)
                    for name in source.__dataclass_fields__
                }
            )


def test_those_on_disk_are_small_for_workers(tmp_path: Path) -> None:
    for source in sources(tmp_path)[:3]:
        pickled = pickle.dumps(source)
        assert len(pickled) < 1_000
        assert pickle.loads(pickled) == source  # noqa: S301  # Our own.
