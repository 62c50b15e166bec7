"""The data sets that are known: their files and sums, where to get them, how to read them."""

import gzip
import hashlib
import re
import string
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from image_sequence.errors import ArgumentValueError, shown

_CHUNK = 1 << 20
# What a file of unknown size may have at most. All of EMNIST is half of it.
_CEILING = 1 << 30


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of a data set.

    Attributes:
        name: its name, on a mirror and in the folder.
        sha256: the sum, in lower-case hex digits. None: the file comes out of an archive whose sum
            is known.
        byte_count: the size of what the sum is of; None if it is not known.
        is_sum_of_content: sum and size are of what the gzip file unpacks to, not of the file
            itself. The mirrors may wrap the same content differently.
        mirrors: URL prefixes of its own, instead of the data set's.
        is_optional: the data set can be read without it.
    """

    name: str
    sha256: str | None = None
    byte_count: int | None = None
    is_sum_of_content: bool = False
    mirrors: tuple[str, ...] = ()
    is_optional: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-][\w.-]*", self.name):
            raise ArgumentValueError(f"a data file has a plain name, not {shown(self.name)}")
        if self.sha256 is not None and not re.fullmatch("[0-9a-f]{64}", self.sha256):
            raise ArgumentValueError(f"a SHA-256 has 64 hex digits, {shown(self.sha256)} has not")

    @property
    def served_byte_count(self) -> int | None:
        """The bytes that a mirror serves; None if that differs or is not known."""
        return None if self.is_sum_of_content else self.byte_count

    @property
    def most_bytes(self) -> int:
        """The bytes that a mirror may serve: more are a mistake or an attack."""
        if self.byte_count is None:
            return _CEILING
        # Deflate adds 5 bytes to each 16 KiB at most that it cannot shrink; gzip has a header.
        wrapping = self.byte_count // 1024 + 1024
        return self.byte_count + (wrapping if self.is_sum_of_content else 0)

    def fault(self, path: Path) -> str | None:
        """What is wrong with the file at `path`; None if its sum is right.

        Of a file without a known sum: None if gzip's own check sum is right. The file is read in
        pieces, and no further than it should go: a decompression bomb fills no memory.
        """
        try:
            return self._fault(path)
        except EOFError:
            return "it is cut short: its gzip data has no end"
        except (gzip.BadGzipFile, zlib.error) as error:
            return f"it is not sound gzip data: {error}"
        except OSError as error:
            return f"it cannot be read: {error.strerror}"

    def _fault(self, path: Path) -> str | None:
        present = path.stat().st_size
        due = self.served_byte_count
        if due is not None and present != due:
            return f"it has {present} bytes instead of {due}"
        is_unpacked = self.is_sum_of_content or self.sha256 is None
        digest = hashlib.sha256()
        count = 0
        with gzip.open(path) if is_unpacked else path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                count += len(chunk)
                if self.byte_count is not None and count > self.byte_count:
                    return f"it unpacks to more than {self.byte_count} bytes"
                digest.update(chunk)
        if count == 0:
            return "it is empty"
        if self.sha256 in (None, digest.hexdigest()):
            return None
        what = "the SHA-256 of its content" if self.is_sum_of_content else "its SHA-256"
        return f"{what} begins with {digest.hexdigest()[:12]} instead of {(self.sha256 or '')[:12]}"


@dataclass(frozen=True, slots=True)
class Archive(DataFile):
    """A zip file that the files of a data set come in.

    Attributes:
        members: the names in the archive; the part behind the last `/` is the file's name.
    """

    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DataSet:
    """A data set that can be downloaded.

    Attributes:
        name: what it is called here.
        about: one line about it.
        licence: what it may be used under.
        files: what lies in its folder when it is there.
        mirrors: URL prefixes, tried in order.
        file_stems: of the halves "train" and "test", what stands before `-images-idx3-ubyte`.
        archive: where the files come out of, if they are not served one by one.
        folder: the name of its folder; its own name if left out.
        system_folders: where else it may lie, put there by a package of the system.
        is_transposed: its pictures are stored with rows and columns swapped.
        label_names: what each label is as text; None: the number itself.
    """

    name: str
    about: str
    licence: str
    files: tuple[DataFile, ...]
    mirrors: tuple[str, ...]
    file_stems: Mapping[str, str]
    archive: Archive | None = None
    folder: str = ""
    system_folders: tuple[Path, ...] = ()
    is_transposed: bool = False
    label_names: Mapping[int, str] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "folder", self.folder or self.name)

    def lacking(self, folder: Path) -> tuple[DataFile, ...]:
        """The files that are not in the folder, those included that it can be read without."""
        return tuple(file for file in self.files if not (folder / file.name).is_file())

    def is_readable(self, folder: Path) -> bool:
        """All files are there, but for optional ones."""
        return all(file.is_optional for file in self.lacking(folder))


def known(name: str) -> DataSet:
    """The data set of that name.

    Raises:
        ArgumentValueError: there is none; the message lists those there are.
    """
    data_set = KNOWN.get(name) if isinstance(name, str) else None
    if data_set is None:
        names = ", ".join(KNOWN)
        raise ArgumentValueError(f"no data set {shown(name)} is known; known are {names}")
    return data_set


_MNIST_STEMS = {"train": "train", "test": "t10k"}
_QMNIST_MIRRORS = (
    "https://raw.githubusercontent.com/facebookresearch/qmnist/master/",
    "https://raw.githubusercontent.com/facebookresearch/qmnist/main/",
)

_MNIST = DataSet(
    "mnist",
    about="handwritten digits, 60,000 + 10,000, 28 x 28, and who wrote each",
    licence="CC BY-SA 3.0",
    # Not yann.lecun.com: it answers 403.
    mirrors=(
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
        "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ),
    file_stems=_MNIST_STEMS,
    files=(
        DataFile(
            "train-images-idx3-ubyte.gz",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            47_040_016,
            is_sum_of_content=True,
        ),
        DataFile(
            "train-labels-idx1-ubyte.gz",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            60_008,
            is_sum_of_content=True,
        ),
        DataFile(
            "t10k-images-idx3-ubyte.gz",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            7_840_016,
            is_sum_of_content=True,
        ),
        DataFile(
            "t10k-labels-idx1-ubyte.gz",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            10_008,
            is_sum_of_content=True,
        ),
        DataFile(
            "qmnist-train-labels.tsv.gz",
            "d12becc9bddd68fc45d52ddaa7868aa49dc4c7080d65b51ce6cf12ecdfbabd5c",
            1_477_471,
            is_sum_of_content=True,
            mirrors=_QMNIST_MIRRORS,
            is_optional=True,
        ),
        DataFile(
            "qmnist-test-labels.tsv.gz",
            "eb655936ef35473cf5b3df22bcb474433a6211ecdffd3ff670651f3167bdf6b6",
            1_501_745,
            is_sum_of_content=True,
            mirrors=_QMNIST_MIRRORS,
            is_optional=True,
        ),
    ),
)

_FASHION_MNIST = DataSet(
    "fashion-mnist",
    about="pictures of clothes, 60,000 + 10,000, 28 x 28, 10 kinds",
    licence="MIT",
    mirrors=(
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    ),
    file_stems=_MNIST_STEMS,
    system_folders=(Path("/usr/share/datasets/fashion-mnist"),),  # Debian: dataset-fashion-mnist
    files=(
        DataFile(
            "train-images-idx3-ubyte.gz",
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            47_040_016,
            is_sum_of_content=True,
        ),
        DataFile(
            "train-labels-idx1-ubyte.gz",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            60_008,
            is_sum_of_content=True,
        ),
        DataFile(
            "t10k-images-idx3-ubyte.gz",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            7_840_016,
            is_sum_of_content=True,
        ),
        DataFile(
            "t10k-labels-idx1-ubyte.gz",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            10_008,
            is_sum_of_content=True,
        ),
    ),
    label_names={
        0: "t-shirt",
        1: "trouser",
        2: "pullover",
        3: "dress",
        4: "coat",
        5: "sandal",
        6: "shirt",
        7: "sneaker",
        8: "bag",
        9: "ankle boot",
    },
)

_KMNIST = DataSet(
    "kmnist",
    about="Japanese handwriting from old books, 60,000 + 10,000, 28 x 28, 10 characters",
    licence="CC BY-SA 4.0",
    mirrors=(
        "http://codh.rois.ac.jp/kmnist/dataset/kmnist/",
        "https://codh.rois.ac.jp/kmnist/dataset/kmnist/",
    ),
    file_stems=_MNIST_STEMS,
    files=(
        DataFile(
            "train-images-idx3-ubyte.gz",
            "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4",
            18_165_135,
        ),
        DataFile(
            "train-labels-idx1-ubyte.gz",
            "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17",
            29_497,
        ),
        DataFile(
            "t10k-images-idx3-ubyte.gz",
            "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5",
            3_041_136,
        ),
        DataFile(
            "t10k-labels-idx1-ubyte.gz",
            "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c",
            5_120,
        ),
    ),
    label_names=dict(enumerate("おきすつなはまやれを")),
)

_QMNIST = DataSet(
    "qmnist",
    about="MNIST made anew with 60,000 + 60,000 digits, and who wrote each",
    licence="BSD",
    mirrors=_QMNIST_MIRRORS,
    file_stems={"train": "qmnist-train", "test": "qmnist-test"},
    files=(
        DataFile(
            "qmnist-train-images-idx3-ubyte.gz",
            "9e26a7bf1683614e065d7b76460ccd52807165b3f22561fb782bd9f38c52b51d",
            9_704_059,
        ),
        DataFile(
            "qmnist-train-labels-idx2-int.gz",
            "2c05dc77f6b916b38e455e97ab129a42a444f3dbef09b278a366f82904e0dd9f",
            463_024,
        ),
        DataFile(
            "qmnist-test-images-idx3-ubyte.gz",
            "43fc22bf7498b8fc98de98369d72f752d0deabc280a43a7bcc364ab19e57b375",
            9_742_279,
        ),
        DataFile(
            "qmnist-test-labels-idx2-int.gz",
            "9fbcbe594c3766fdf4f0b15c5165dc0d1e57ac604e01422608bb72c906030d06",
            526_800,
        ),
    ),
)


_EMNIST_PARTS = ("letters", "balanced", "digits", "mnist", "byclass", "bymerge")


def _emnist_file_names(part: str) -> tuple[str, ...]:
    return tuple(
        f"emnist-{part}-{half}-{content}-ubyte.gz"
        for half in ("train", "test")
        for content in ("images-idx3", "labels-idx1")
    )


_EMNIST_ARCHIVE = Archive(
    "gzip.zip",
    "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
    561_753_746,
    members=tuple(f"gzip/{name}" for part in _EMNIST_PARTS for name in _emnist_file_names(part)),
)


def _emnist(part: str, about: str, label_names: Mapping[int, str] | None = None) -> DataSet:
    return DataSet(
        f"emnist-{part}",
        about=about,
        licence="public domain (NIST)",
        mirrors=(
            "https://biometrics.nist.gov/cs_links/EMNIST/",
            "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
        ),
        file_stems={half: f"emnist-{part}-{half}" for half in ("train", "test")},
        files=tuple(DataFile(name) for name in _emnist_file_names(part)),
        archive=_EMNIST_ARCHIVE,
        folder="emnist",
        is_transposed=True,
        label_names=label_names,
    )


_ALL_CHARACTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
# The small letters that look like their capitals count as capitals.
_MERGED_CHARACTERS = string.digits + string.ascii_uppercase + "abdefghnqrt"

KNOWN: dict[str, DataSet] = {
    data_set.name: data_set
    for data_set in (
        _MNIST,
        _FASHION_MNIST,
        _KMNIST,
        _QMNIST,
        _emnist(
            "letters",
            "handwritten letters, capital and small as one, 26 labels",
            dict(enumerate(string.ascii_lowercase, start=1)),
        ),
        _emnist(
            "balanced",
            "handwritten digits and letters, as many of each, 47 labels",
            dict(enumerate(_MERGED_CHARACTERS)),
        ),
        _emnist("digits", "handwritten digits, as many of each"),
        _emnist("mnist", "handwritten digits, selected and centred as MNIST's"),
        _emnist(
            "byclass",
            "all handwritten digits and letters, 62 labels",
            dict(enumerate(_ALL_CHARACTERS)),
        ),
        _emnist(
            "bymerge",
            "all handwritten digits and letters, look-alikes as one, 47 labels",
            dict(enumerate(_MERGED_CHARACTERS)),
        ),
    )
}
