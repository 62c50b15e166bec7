"""Sources: the bundled digits, folders of IDX files, and what a user may give as one."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from shared_data import MNIST, needs_mnist
from surroundings import memory_below

from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    IdxError,
    SourceNotFoundError,
)
from image_sequence.generator import DigitSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.finding import as_source
from image_sequence.glyphs.idx import write_idx
from image_sequence.glyphs.sources import BundledDigits, GlyphSource, IdxFolder, Loaded

# Of the 3,920,000 pixels of the 5,000 bundled digits, unpacked.
BUNDLED_PIXELS_SHA256 = "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"
IMAGE_ENDINGS = ["-idx3-ubyte", ".idx3-ubyte", "-idx3-ubyte.gz", ".idx3-ubyte.gz"]
LABEL_ENDINGS = ["-idx1-ubyte", ".idx1-ubyte", "-idx1-ubyte.gz", ".idx1-ubyte.gz"]


def write_images(
    folder: Path, inks: Sequence[int], *, name: str = "train-images-idx3-ubyte"
) -> None:
    """Flat grey images of 28 x 28: the ink names the image."""
    write_idx(folder / name, np.repeat(np.array(inks, np.uint8), 784).reshape(-1, 28, 28))


def write_labels(
    folder: Path, labels: Sequence[int], *, name: str = "train-labels-idx1-ubyte"
) -> None:
    write_idx(folder / name, np.array(labels, np.uint8))


def inks(bank: GlyphBank) -> list[int]:
    return list(map(int, bank.images[:, 0, 0]))


# The bundled digits.


def test_the_bundled_digits_are_500_of_each_class_in_order() -> None:
    bank = BundledDigits().load()
    assert bank.images.shape == (5000, 28, 28)
    assert bank.images.dtype == np.uint8
    assert bank.instance_counts(range(10)).tolist() == [500] * 10
    assert bank.labels.tolist() == np.repeat(np.arange(10), 500).tolist()
    assert (bank.name, bank.split) == ("mnist-5k", "train")


def test_the_bundled_pixels_are_the_pinned_ones() -> None:
    pixels = BundledDigits().load().images.tobytes()
    assert hashlib.sha256(pixels).hexdigest() == BUNDLED_PIXELS_SHA256


def test_the_bundled_digits_are_loaded_once() -> None:
    assert BundledDigits().load() is BundledDigits().load()


def test_there_is_no_bundled_test_half_and_the_message_says_where_there_is_one() -> None:
    message = r"'train' only, not 'test'; .*IdxFolder\) has 'train' and 'test'$"
    with pytest.raises(ArgumentValueError, match=message):
        BundledDigits("test")


@needs_mnist
def test_each_bundled_image_is_the_kth_of_its_digit_in_mnist() -> None:
    bundled, train = BundledDigits().load(), IdxFolder(MNIST).load()
    for digit in range(10):
        first = train.images[train.labels == digit][:500]
        assert np.array_equal(bundled.images[500 * digit : 500 * (digit + 1)], first)


# The full MNIST.


@needs_mnist
def test_mnist_loads_within_60_megabytes_above_its_images() -> None:
    with memory_below(60_000 * 28 * 28 + 60_000_000):
        bank = IdxFolder(MNIST).load()
    assert bank.images.shape == (60_000, 28, 28)


@needs_mnist
def test_both_halves_of_mnist_have_their_counts() -> None:
    train, test = IdxFolder(MNIST).load(), IdxFolder(MNIST, "test").load()
    train_counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test_counts = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert train.instance_counts(range(10)).tolist() == train_counts
    assert test.instance_counts(range(10)).tolist() == test_counts
    assert (train.split, test.split) == ("train", "test")


@needs_mnist
def test_a_digit_sequence_draws_from_the_full_mnist() -> None:
    generator = DigitSequence(source=str(MNIST))
    assert generator.generate_numbers_sequence(range(10), (0, 20), 390).shape == (28, 390)
    assert generator.images.shape == (60_000, 28, 28)


# A folder of IDX files.


@pytest.mark.parametrize("images", IMAGE_ENDINGS)
@pytest.mark.parametrize("labels", LABEL_ENDINGS)
@pytest.mark.parametrize(("split", "stem"), [("train", "train"), ("test", "t10k")])
def test_any_of_the_usual_names_will_do(
    tmp_path: Path, images: str, labels: str, split: str, stem: str
) -> None:
    write_images(tmp_path, [10, 20, 30], name=f"{stem}-images{images}")
    write_labels(tmp_path, [7, 1, 7], name=f"{stem}-labels{labels}")
    bank = IdxFolder(tmp_path, split).load()
    assert inks(bank) == [10, 20, 30]
    assert bank.labels.tolist() == [7, 1, 7]
    assert (bank.name, bank.split) == (tmp_path.name, split)


def test_the_halves_are_not_mixed(tmp_path: Path) -> None:
    write_images(tmp_path, [10])
    write_labels(tmp_path, [1])
    write_images(tmp_path, [20, 30], name="t10k-images-idx3-ubyte")
    write_labels(tmp_path, [2, 3], name="t10k-labels-idx1-ubyte")
    assert inks(IdxFolder(tmp_path).load()) == [10]
    assert inks(IdxFolder(tmp_path, "test").load()) == [20, 30]


@pytest.mark.parametrize("plain", ["-idx3-ubyte", ".idx3-ubyte"])
@pytest.mark.parametrize("packed", ["-idx3-ubyte.gz", ".idx3-ubyte.gz"])
def test_a_plain_file_goes_before_a_gzipped_one(tmp_path: Path, plain: str, packed: str) -> None:
    write_images(tmp_path, [10], name=f"train-images{plain}")
    write_images(tmp_path, [20], name=f"train-images{packed}")
    write_labels(tmp_path, [1])
    assert inks(IdxFolder(tmp_path).load()) == [10]


def test_the_folder_may_be_text_and_is_named_by_its_real_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_images(tmp_path, [10])
    write_labels(tmp_path, [1])
    monkeypatch.chdir(tmp_path)
    folder: Any = "."
    assert IdxFolder(folder).load().name == tmp_path.name


def test_a_digit_sequence_draws_from_a_folder(tmp_path: Path) -> None:
    write_images(tmp_path, [51, 102])
    write_labels(tmp_path, [0, 1])
    generator = DigitSequence(source=str(tmp_path))
    image = generator.generate_numbers_sequence([1, 0], (0, 0), 56)
    assert np.rint(255 * (1 - image[0])).tolist() == [102] * 28 + [51] * 28


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    message = re.escape(f"there is no folder {str(folder)!r} to load glyphs from")
    with pytest.raises(SourceNotFoundError, match=message):
        IdxFolder(folder)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    write_images(tmp_path, [10])
    with pytest.raises(SourceNotFoundError, match="there is no folder"):
        IdxFolder(tmp_path / "train-images-idx3-ubyte")


def test_missing_images_are_named(tmp_path: Path) -> None:
    write_labels(tmp_path, [1])
    with pytest.raises(SourceNotFoundError, match=r"has no file train-images-idx3-ubyte .*'train'"):
        IdxFolder(tmp_path)


def test_missing_labels_are_named(tmp_path: Path) -> None:
    write_images(tmp_path, [10])
    with pytest.raises(SourceNotFoundError, match=r"has no file train-labels-idx1-ubyte .*'train'"):
        IdxFolder(tmp_path)


def test_a_missing_test_half_is_named(tmp_path: Path) -> None:
    write_images(tmp_path, [10])
    write_labels(tmp_path, [1])
    with pytest.raises(SourceNotFoundError, match=r"has no file t10k-images-idx3-ubyte .*'test'"):
        IdxFolder(tmp_path, "test")


@pytest.mark.parametrize("split", ["t10k", "", "Train", None, ["train"]])
def test_a_split_is_train_or_test(tmp_path: Path, split: str) -> None:
    message = re.escape(f"a split is train or test, not {split!r}")
    with pytest.raises(ArgumentValueError, match=f"^{message}$"):
        IdxFolder(tmp_path, split)


@pytest.mark.parametrize("folder", [None, 7, b"folder"])
def test_a_folder_is_given_by_its_path(folder: Path) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^a folder is given by its path, not {folder!r}$"):
        IdxFolder(folder)


@pytest.mark.parametrize("labels", [[], [1], [1, 2, 3]])
def test_as_many_labels_as_images_are_needed(tmp_path: Path, labels: list[int]) -> None:
    write_images(tmp_path, [10, 20])
    write_labels(tmp_path, labels)
    source = IdxFolder(tmp_path)
    message = f"holds 2 images and {len(labels)} labels for the split 'train'; "
    with pytest.raises(IdxError, match=message):
        source.load()


def test_at_least_one_image_is_needed(tmp_path: Path) -> None:
    write_images(tmp_path, [])
    write_labels(tmp_path, [])
    source = IdxFolder(tmp_path)
    with pytest.raises(IdxError, match=r"holds 0 images and 0 labels .*, and at least one$"):
        source.load()


def test_swapped_files_are_told(tmp_path: Path) -> None:
    write_images(tmp_path, [10, 20], name="train-labels-idx1-ubyte")
    write_labels(tmp_path, [1, 2], name="train-images-idx3-ubyte")
    source = IdxFolder(tmp_path)
    message = r"holds uint8 images of shape \(2,\) and uint8 labels of shape \(2, 28, 28\); uint8"
    with pytest.raises(IdxError, match=message):
        source.load()


@pytest.mark.parametrize(
    ("name", "array", "named"),
    [
        ("images-idx3", np.zeros((2, 28, 28), np.float32), r">f4 images of shape \(2, 28, 28\)"),
        ("images-idx3", np.zeros((2, 784), np.uint8), r"uint8 images of shape \(2, 784\)"),
        ("labels-idx1", np.zeros(2, np.int32), r">i4 labels of shape \(2,\)"),
        ("labels-idx1", np.zeros((2, 8), np.uint8), r"uint8 labels of shape \(2, 8\)"),
        ("labels-idx1", np.zeros((), np.uint8), r"uint8 labels of shape \(\)"),
    ],
)
def test_images_and_labels_of_another_kind_are_told(
    tmp_path: Path, name: str, array: NDArray[Any], named: str
) -> None:
    write_images(tmp_path, [10, 20])
    write_labels(tmp_path, [1, 2])
    write_idx(tmp_path / f"train-{name}-ubyte", array)
    source = IdxFolder(tmp_path)
    with pytest.raises(IdxError, match=f"{named}.* work$"):
        source.load()


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    write_images(tmp_path, [10, 20], name="train-images-idx3-ubyte.gz")
    write_labels(tmp_path, [1, 2])
    damaged = tmp_path / "train-images-idx3-ubyte.gz"
    damaged.write_bytes(damaged.read_bytes()[:-4])
    source = IdxFolder(tmp_path)
    with pytest.raises(IdxError, match=f"^{re.escape(str(damaged))} is cut short"):
        source.load()


# What a user may give as a source.


def test_no_source_means_the_bundled_digits() -> None:
    assert as_source(None) == BundledDigits()


@pytest.mark.parametrize("kind", [str, Path])
def test_a_path_is_a_folder_of_idx_files(tmp_path: Path, kind: type[str | Path]) -> None:
    write_images(tmp_path, [10])
    write_labels(tmp_path, [1])
    assert as_source(kind(tmp_path)) == IdxFolder(tmp_path)


def test_a_path_that_leads_nowhere_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="nowhere"):
        as_source(tmp_path / "nowhere")


def test_a_bank_is_a_source_of_itself(grey_bank: GlyphBank) -> None:
    assert as_source(grey_bank).load() is grey_bank


def test_a_source_of_ones_own_needs_a_load_method_only(grey_bank: GlyphBank) -> None:
    class Greys:
        def load(self) -> GlyphBank:
            return grey_bank

    source = Greys()
    assert as_source(source) is source


def test_a_source_is_handed_on_as_it_is(grey_bank: GlyphBank) -> None:
    for source in (BundledDigits(), Loaded(grey_bank)):
        assert isinstance(source, GlyphSource)
        assert as_source(source) is source


@pytest.mark.parametrize("garbage", [7, 0.5, b"folder", [1, 2], object, np.zeros(3), IdxFolder])
def test_anything_else_is_refused(garbage: object) -> None:
    message = (
        r"^a source is a path, the name of a known data set, a GlyphBank, Pairs or Arrays of your "
        r"own, or any object with a load\(\) method"
    )
    with pytest.raises(ArgumentTypeError, match=f"{message}, not {re.escape(repr(garbage))}$"):
        as_source(garbage)


def test_a_long_thing_is_refused_in_a_short_sentence() -> None:
    with pytest.raises(ArgumentTypeError, match="not \\[0, 0, ") as caught:
        as_source([0] * 100_000)
    assert len(str(caught.value)) < 200
