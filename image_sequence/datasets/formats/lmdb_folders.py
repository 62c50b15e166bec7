"""LMDB: a folder a shard, as deep-text-recognition-benchmark and PaddleOCR look for it."""

import errno
import shutil
from array import array
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import islice, pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import LibraryError, ShardError
from image_sequence.sample import Batch

_MOST_ENTRIES, _MOST_NUMBERS = 1_000, 1 << 23  # Of a transaction, which is held in memory.
_COUNT = b"num-samples"
_IMAGE, _LABEL = b"image-%09d", b"label-%09d"  # From 1.
_NODE = 64  # Bytes: a key and its header, generously.


class LmdbFolders:
    """The layout of deep-text-recognition-benchmark: pictures and texts by number, and a count."""

    suffix = ""
    encodings = ("png", "jpeg", "webp")
    has_masks = False
    libraries = ("lmdb",)

    def check(self) -> None:
        """Check that lmdb is there."""
        _lmdb()

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the folder, with the one file `data.mdb`."""
        path.mkdir()
        entries = _entries(batches, details.encoding)
        size = max(1, min(_MOST_ENTRIES, _MOST_NUMBERS // int(np.prod(details.image_shape))))
        with _failures(path), _new(path) as environment:
            while run := list(islice(entries, size)):
                _make_room(environment, run)
                with environment.begin(write=True) as transaction:
                    transaction.cursor().putmulti(run, append=True)
            environment.sync(force=True)

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples, one after the other."""
        with _refusals(path), _opened(path) as environment, environment.begin() as content:
            _check(content, path, details)
            for number in range(1, details.shard.count + 1):
                picture, text = content.get(_IMAGE % number), content.get(_LABEL % number)
                if picture is None or text is None:
                    raise ShardError(f"{path} has no picture or no text number {number}")
                yield StoredSample(details.shard.first + number - 1, text.decode(), picture)

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing: a shard needs nothing beside it."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002
        """The first sample of the first shard."""
        return (
            "import lmdb\n\n"
            f"environment = lmdb.open({paths[0]!r}, readonly=True, lock=False)\n"
            "with environment.begin() as content:\n"
            '    count = int(content.get(b"num-samples"))\n'
            '    picture = content.get(b"image-%09d" % 1)  # A file; from 1 to count.\n'
            '    text = content.get(b"label-%09d" % 1).decode()\n'
        )


class PaddleFolders(LmdbFolders):
    """The same for PaddleOCR's LMDBDataSet, which is told the characters by a file."""

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """A line a character: what its setting `character_dict_path` is for."""
        characters = sorted(set("".join(details.classes.values())))
        return {"characters.txt": "".join(f"{character}\n" for character in characters)}


LMDB = LmdbFolders()
LMDB_PADDLE = PaddleFolders()


def _lmdb() -> ModuleType:
    try:
        return import_module("lmdb")
    except ImportError as error:
        raise LibraryError(
            f"the formats 'lmdb' and 'lmdb-paddle' need lmdb, which does not load: {error}; "
            'pip install "image-sequence[lmdb]"'
        ) from error


class _Labels:
    """Texts in a few bytes each, for they stand after all pictures."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._stops = array("Q", [0])

    def add(self, text: str) -> None:
        self._bytes += text.encode()
        self._stops.append(len(self._bytes))

    def __len__(self) -> int:
        return len(self._stops) - 1

    def __iter__(self) -> Iterator[bytes]:
        return (bytes(self._bytes[start:stop]) for start, stop in pairwise(self._stops))


def _entries(batches: Iterable[Batch], encoding: Encoding) -> Iterator[tuple[bytes, bytes]]:
    """All keys and values in the order of the keys: so pages are filled and never split."""
    labels = _Labels()
    number = 0
    for batch in batches:
        for text, picture in zip(batch.texts, encoding.encoded(batch.images), strict=True):
            labels.add(text)
            number += 1
            yield _IMAGE % number, picture
    for number, label in enumerate(labels, start=1):
        yield _LABEL % number, label
    yield _COUNT, b"%d" % len(labels)


@contextmanager
def _new(path: Path) -> Iterator[Any]:
    """An empty environment, for one writer."""
    # Unused ends of pages must be the same in each run: meminit clears them. The first transaction
    # makes room for itself.
    with closing(
        _lmdb().open(
            str(path), map_size=1, mode=0o644, lock=False, sync=False, readahead=False, meminit=True
        )
    ) as environment:
        yield environment


def _make_room(environment: Any, run: list[tuple[bytes, bytes]]) -> None:
    """Let the file grow by as much as the entries can take, and no more.

    The size is written in the file, so it is computed: from what is in it, and what comes next. An
    entry takes less than half a page, or pages of its own and a note of them. Half of a page is
    filled at least. The tree above and the list of freed pages take less than what is added for
    them.
    """
    page = environment.stat()["psize"]
    sizes = np.array([len(value) for _, value in run]) + _NODE
    is_large = sizes > page // 2
    large = int((-(-sizes[is_large] // page)).sum())
    small = int(np.where(is_large, _NODE, sizes).sum()) * 2 // page
    used = environment.info()["last_pgno"] + 1
    environment.set_mapsize((used + large + small + small // 16 + 64) * page)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    size = (path / "data.mdb").stat().st_size
    with closing(_lmdb().open(str(path), readonly=True, lock=False)) as environment:
        needed = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
        if size < needed:  # Reading what is missing would end the process.
            raise ShardError(f"{path} is cut off: data.mdb has {size} bytes instead of {needed}")
        yield environment


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except (_lmdb().Error, UnicodeDecodeError) as error:
        raise ShardError(f"{path} is no sound LMDB folder: {error}") from error


@contextmanager
def _failures(path: Path) -> Iterator[None]:
    """LMDB's errors while writing, which it does not call the system's, as an OSError."""
    try:
        yield
    except _lmdb().Error as error:
        # LMDB says "Input/output error" where a write was cut short because the disk is full.
        is_full = shutil.disk_usage(path).free < _MOST_NUMBERS
        number = errno.ENOSPC if is_full else errno.EIO
        raise OSError(number, f"LMDB cannot write: {error}", str(path)) from error


def _check(content: Any, path: Path, details: Details) -> None:
    count = content.get(_COUNT)
    if count != b"%d" % details.shard.count:
        raise ShardError(f"{path} has {count!r} samples instead of {details.shard.count}")
