"""The data sets that are known, and where they lie."""

import gzip
import pickle
import re
import sys
from pathlib import Path

import platformdirs
import pytest
from shared_data import MNIST, needs_mnist

from image_sequence.errors import ArgumentValueError, LibraryError, SourceNotFoundError
from image_sequence.glyphs.catalogue import KNOWN, DataFile, DataSet, known
from image_sequence.glyphs.mirrors import check_mirror
from image_sequence.glyphs.places import data_folder, find_folder, folder_of

MNIST_NAMES = [
    f"{half}-{content}-ubyte.gz"
    for half in ("train", "t10k")
    for content in ("images-idx3", "labels-idx1")
]
DEBIANS_FASHION = Path("/usr/share/datasets/fashion-mnist")

each_data_set = pytest.mark.parametrize("data_set", KNOWN.values(), ids=KNOWN)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder, which is empty."""
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", str(tmp_path))
    return tmp_path


@pytest.fixture
def no_platformdirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMAGE_SEQUENCE_DATA", raising=False)
    monkeypatch.setitem(sys.modules, "platformdirs", None)


def put(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_bytes(gzip.compress(b"something", mtime=0))


# What is known.


@each_data_set
def test_each_file_has_a_sum_or_comes_out_of_an_archive_that_has(data_set: DataSet) -> None:
    if data_set.archive is None:
        assert all(file.sha256 and file.byte_count for file in data_set.files)
    else:
        assert data_set.archive.sha256
        members = {member.rpartition("/")[2] for member in data_set.archive.members}
        assert {file.name for file in data_set.files} <= members


@each_data_set
def test_each_mirror_is_a_folders_url(data_set: DataSet) -> None:
    assert data_set.mirrors
    for url in (*data_set.mirrors, *(url for file in data_set.files for url in file.mirrors)):
        check_mirror(url)
        assert url.endswith("/")


@each_data_set
def test_each_half_has_a_file_of_images_and_one_of_labels(data_set: DataSet) -> None:
    names = [file.name for file in data_set.files]
    assert set(data_set.file_stems) == {"train", "test"}
    for stem in data_set.file_stems.values():
        assert f"{stem}-images-idx3-ubyte.gz" in names
        assert any(name.startswith(f"{stem}-labels-idx") for name in names)


@each_data_set
def test_a_data_set_can_be_sent_to_another_process(data_set: DataSet) -> None:
    assert pickle.loads(pickle.dumps(data_set)) == data_set  # noqa: S301  # our own


def test_no_two_data_sets_share_a_folder_and_a_file() -> None:
    places = [(each.folder, file.name) for each in KNOWN.values() for file in each.files]
    assert len(places) == len(set(places))
    assert {each.folder for each in KNOWN.values() if each.archive} == {"emnist"}


@pytest.mark.parametrize(
    ("name", "text", "first"),
    [
        ("kmnist", "おきすつなはまやれを", 0),
        ("emnist-letters", "abcdefghijklmnopqrstuvwxyz", 1),
        ("emnist-balanced", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt", 0),
        ("emnist-bymerge", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt", 0),
        (
            "emnist-byclass",
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            0,
        ),
    ],
)
def test_labels_have_their_characters(name: str, text: str, first: int) -> None:
    assert KNOWN[name].label_names == dict(enumerate(text, first))


@pytest.mark.parametrize("name", ["mnist", "qmnist", "emnist-digits", "emnist-mnist"])
def test_labels_of_digits_are_their_numbers(name: str) -> None:
    assert KNOWN[name].label_names is None


def test_emnist_alone_is_transposed_and_unpacks_to_24_files() -> None:
    transposed = {each.name for each in KNOWN.values() if each.is_transposed}
    assert transposed == {name for name in KNOWN if name.startswith("emnist-")}
    archive = KNOWN["emnist-letters"].archive
    assert archive is not None
    assert len(set(archive.members)) == 24
    assert "gzip/emnist-letters-train-images-idx3-ubyte.gz" in archive.members


@needs_mnist
def test_the_sums_are_those_of_the_real_mnist() -> None:
    for file in KNOWN["mnist"].files:
        if not file.is_optional:
            assert file.fault(MNIST / file.name) is None


@pytest.mark.skipif(not DEBIANS_FASHION.is_dir(), reason="dataset-fashion-mnist is not installed")
def test_the_sums_are_those_of_debians_fashion_mnist() -> None:
    for file in KNOWN["fashion-mnist"].files:
        assert file.fault(DEBIANS_FASHION / file.name) is None


@pytest.mark.parametrize("name", ["MNIST", "", None, ["mnist"]])
def test_an_unknown_name_is_answered_by_the_known_ones(name: str) -> None:
    with pytest.raises(ArgumentValueError, match=re.escape(f"{name!r} is known; known are mnist,")):
        known(name)


@pytest.mark.parametrize("name", ["", "../up", ".hidden", "a/b", "a b"])
def test_a_data_file_has_a_plain_name(name: str) -> None:
    with pytest.raises(ArgumentValueError, match="plain name"):
        DataFile(name)


def test_a_sum_has_64_digits() -> None:
    with pytest.raises(ArgumentValueError, match="64 hex digits, 'abc' has not"):
        DataFile("a", "abc")


@pytest.mark.parametrize("byte_count", [0, 1, 10**9])
def test_a_file_by_its_served_sum_has_that_size_at_most(byte_count: int) -> None:
    assert DataFile("a", "0" * 64, byte_count).most_bytes == byte_count


# Where it lies.


def test_the_data_folder_is_the_platforms(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        monkeypatch.delenv("IMAGE_SEQUENCE_DATA", raising=False)
        if value is not None:
            monkeypatch.setenv("IMAGE_SEQUENCE_DATA", value)
        assert data_folder() == platformdirs.user_cache_path("image-sequence")


def test_the_data_folder_is_the_variables(folder: Path) -> None:
    assert data_folder() == folder
    assert folder_of("mnist") == folder / "mnist"
    assert folder_of("emnist-letters") == folder_of("emnist-digits") == folder / "emnist"


def test_the_variable_may_begin_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", "~/data")
    assert data_folder() == Path.home() / "data"


def test_without_platformdirs_the_error_says_what_else_works(no_platformdirs: None) -> None:
    with pytest.raises(LibraryError) as caught:
        find_folder("mnist")
    for advice in ('pip install "image-sequence[data]"', "IMAGE_SEQUENCE_DATA", "--to DIR"):
        assert advice in str(caught.value)


def test_a_data_set_is_found_without_its_optional_files(folder: Path) -> None:
    put(folder / "mnist", *MNIST_NAMES)
    assert find_folder("mnist") == folder / "mnist"


def test_of_a_missing_data_set_the_error_names_command_files_and_folder(folder: Path) -> None:
    put(folder / "mnist", *MNIST_NAMES[1:3])
    with pytest.raises(SourceNotFoundError) as caught:
        find_folder("mnist")
    assert str(caught.value) == (
        f"the data set mnist is not there; image-sequence download mnist gets it, or put "
        f"{MNIST_NAMES[0]}, {MNIST_NAMES[3]} into {str(folder / 'mnist')!r}"
    )


def test_a_part_is_not_taken_for_a_file(folder: Path) -> None:
    put(folder / "kmnist", *MNIST_NAMES[1:], f".{MNIST_NAMES[0]}.part")
    with pytest.raises(SourceNotFoundError):
        find_folder("kmnist")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder from the system's packages that holds fashion-mnist."""
    system = tmp_path / "system"
    put(system, *MNIST_NAMES)
    monkeypatch.setitem(KNOWN, "fashion-mnist", _lying_in(KNOWN["fashion-mnist"], system))
    return system


def _lying_in(data_set: DataSet, system: Path) -> DataSet:
    return DataSet(
        data_set.name,
        data_set.about,
        data_set.licence,
        data_set.files,
        data_set.mirrors,
        data_set.file_stems,
        system_folders=(system,),
    )


def test_what_the_systems_packages_have_is_found(folder: Path, system: Path) -> None:
    assert find_folder("fashion-mnist") == system


def test_the_data_folder_goes_before_the_systems(folder: Path, system: Path) -> None:
    put(folder / "fashion-mnist", *MNIST_NAMES)
    assert find_folder("fashion-mnist") == folder / "fashion-mnist"


def test_the_systems_is_found_without_platformdirs(system: Path, no_platformdirs: None) -> None:
    assert find_folder("fashion-mnist") == system


def test_debians_folder_is_known() -> None:
    assert KNOWN["fashion-mnist"].system_folders == (DEBIANS_FASHION,)
