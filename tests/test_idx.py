"""IDX files: what is written is read back, and nothing but a sound file is read."""

import contextlib
import gzip
import hashlib
import math
import os
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from shared_data import MNIST, needs_mnist
from surroundings import files_of_at_most, memory_below

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, IdxError
from image_sequence.glyphs.idx import read_idx, write_idx

MEGABYTE = 1 << 20
# The values 1 and -2 (as uint8: 254), byte by byte.
ONE_AND_MINUS_TWO = {
    "uint8": "00 00 08 01  00 00 00 02  01 fe",
    "int8": "00 00 09 01  00 00 00 02  01 fe",
    "int16": "00 00 0b 01  00 00 00 02  00 01 ff fe",
    "int32": "00 00 0c 01  00 00 00 02  00 00 00 01 ff ff ff fe",
    "float32": "00 00 0d 01  00 00 00 02  3f 80 00 00 c0 00 00 00",
    "float64": "00 00 0e 01  00 00 00 02  3f f0 00 00 00 00 00 00 c0 00 00 00 00 00 00 00",
}
BOTH_ORDERS = ("<i2", ">i2", "<i4", ">i4", "<f4", ">f4", "<f8", ">f8")
# SHA-256 of the uncompressed files, the same on every mirror.
MNIST_SUMS = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
NOT_IDX = (
    "is not an IDX file: it begins with {}; "
    "an IDX file begins with 00 00 and one of 08, 09, 0b, 0c, 0d, 0e"
)
HUGE = (2**32 - 1, 2**32 - 1, 28)
SMALL = np.arange(6, dtype=np.uint8).reshape(2, 3)
SMALL_FILE = bytes.fromhex("00 00 08 02  00 00 00 02 00 00 00 03  00 01 02 03 04 05")
# The same by gzip: its header, the deflated data, the CRC-32, the length.
SMALL_GZIP_FILE = bytes.fromhex(
    "1f 8b 08 00 00 00 00 00 02 03"
    "63 60 e0 60 62 60 60 00 61 66 06 46 26 66 16 56 00"
    "26 2c 23 54  12 00 00 00"
)

idx_arrays = hnp.arrays(
    st.sampled_from([np.dtype(name) for name in ("u1", "i1", *BOTH_ORDERS)]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
)


def idx_bytes(*shape: int, code: int = 0x08, values: bytes = b"") -> bytes:
    return struct.pack(f">HBB{len(shape)}I", 0, code, len(shape), *shape) + values


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def unwrapped(content: bytes) -> bytes:
    return content


wraps = pytest.mark.parametrize("wrap", [unwrapped, gzipped], ids=["plain", "gzip"])
Wrap = Callable[[bytes], bytes]


def zeros_gzipped(head: bytes, *, megabytes: int) -> bytes:
    """A gzip stream of `head` and many zeros, made without holding what it unpacks to."""
    deflate = zlib.compressobj(wbits=16 + zlib.MAX_WBITS)
    block = bytes(MEGABYTE)
    packed = [deflate.compress(head), *(deflate.compress(block) for _ in range(megabytes))]
    return b"".join([*packed, deflate.flush()])


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def is_mapped(array: Any) -> bool:
    while array is not None and not isinstance(array, np.memmap):
        array = getattr(array, "base", None)
    return array is not None


def native(array: NDArray[Any]) -> NDArray[Any]:
    return array.astype(array.dtype.newbyteorder("="))


def about(path: Path, message: str) -> str:
    """The pattern of a message that names the file first."""
    return "^" + re.escape(f"{path} {message}")


# What is written is what is read.


@wraps
@pytest.mark.parametrize("name", ONE_AND_MINUS_TWO)
def test_each_type_is_read_by_its_code_and_big_endian(
    tmp_path: Path, name: str, wrap: Wrap
) -> None:
    array = read_idx(written(tmp_path / "file", wrap(bytes.fromhex(ONE_AND_MINUS_TWO[name]))))
    assert native(array).dtype == name
    assert array.tolist() == [1, 254 if name == "uint8" else -2]


@pytest.mark.parametrize("name", ONE_AND_MINUS_TWO)
def test_each_type_is_written_under_its_code_and_big_endian(tmp_path: Path, name: str) -> None:
    write_idx(tmp_path / "file", np.array([1, 254 if name == "uint8" else -2], name))
    assert (tmp_path / "file").read_bytes() == bytes.fromhex(ONE_AND_MINUS_TWO[name])


@example(np.zeros((3, 0, 2), ">f8"), ".gz")
@example(np.array(7, "<i4"), "")
@given(idx_arrays, st.sampled_from(["", ".gz"]))
def test_what_is_written_is_read_back_bit_for_bit(
    tmp_path_factory: pytest.TempPathFactory, array: NDArray[Any], suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"round-trip{suffix}"
    write_idx(path, array)
    again = read_idx(path)
    assert (again.shape, native(again).dtype) == (array.shape, native(array).dtype)
    assert native(again).tobytes() == native(array).tobytes()


def test_an_array_with_strides_is_written_in_c_order(tmp_path: Path) -> None:
    write_idx(tmp_path / "file", SMALL.T[::-1])
    assert (tmp_path / "file").read_bytes() == idx_bytes(3, 2, values=bytes([2, 5, 1, 4, 0, 3]))


@pytest.mark.parametrize(("name", "is_gzip"), [("file", False), ("file.gz", True)])
def test_a_name_in_gz_is_written_as_gzip(tmp_path: Path, name: str, is_gzip: bool) -> None:
    write_idx(tmp_path / "new folder" / name, SMALL)
    content = (tmp_path / "new folder" / name).read_bytes()
    assert (content[:2] == b"\x1f\x8b") == is_gzip
    assert (gzip.decompress(content) if is_gzip else content) == SMALL_FILE


def test_the_gzip_header_holds_no_date_and_no_name(tmp_path: Path) -> None:
    write_idx(tmp_path / "a.gz", SMALL)
    write_idx(tmp_path / "b.gz", SMALL)
    content = (tmp_path / "a.gz").read_bytes()
    assert content == (tmp_path / "b.gz").read_bytes()
    flags, date = content[3], content[4:8]
    assert (flags, date) == (0, bytes(4))


# Which file is gzipped is told by its content; a plain one is mapped.


@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_a_plain_file_of_any_name_is_mapped(tmp_path: Path, name: str) -> None:
    array = read_idx(written(tmp_path / name, SMALL_FILE))
    assert array.tolist() == SMALL.tolist()
    assert is_mapped(array)


@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_a_gzip_file_of_any_name_is_unpacked(tmp_path: Path, name: str) -> None:
    array = read_idx(written(tmp_path / name, SMALL_GZIP_FILE))
    assert array.tolist() == SMALL.tolist()
    assert not is_mapped(array)


@wraps
def test_what_is_read_cannot_be_written_to(tmp_path: Path, wrap: Wrap) -> None:
    array = read_idx(written(tmp_path / "file", wrap(SMALL_FILE)))
    with pytest.raises(ValueError, match="read-only"):
        array[0, 0] = 9


def test_a_path_may_be_text(tmp_path: Path) -> None:
    write_idx(str(tmp_path / "file"), SMALL)
    assert read_idx(str(tmp_path / "file")).tolist() == SMALL.tolist()


def test_a_gzip_file_of_several_members_is_one_file(tmp_path: Path) -> None:
    members = [idx_bytes(2, 3)[:7], idx_bytes(2, 3)[7:] + b"\0\1", b"", b"\2\3\4\5"]
    path = written(tmp_path / "file.gz", b"".join(map(gzipped, members)))
    assert read_idx(path).tolist() == SMALL.tolist()


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "file")


# Files that are not whole and sound.


@wraps
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "ends after 0 bytes, an IDX file begins with at least 4"),
        (b"\0\0\x08", "ends after 3 bytes, an IDX file begins with at least 4"),
        (b"\0\0\x08\3" + bytes(8), "ends within the sizes of its 3 dimensions"),
        (b"\0\0\x08\1", "ends within the sizes of its 1 dimensions"),
        (idx_bytes(1, code=0x0A), NOT_IDX.format("00 00 0a 01")),
        (idx_bytes(1, code=0x0F), NOT_IDX.format("00 00 0f 01")),
        (b"\x89PNG\r\n\x1a\n", NOT_IDX.format("89 50 4e 47")),
        (b"\0\1\x08\1\0\0\0\1a", NOT_IDX.format("00 01 08 01")),
        (
            idx_bytes(2, 3, values=b"12345"),
            "is cut short: the shape (2, 3) of uint8 takes 6 bytes, 5 are there",
        ),
        (
            idx_bytes(2, 3, code=0x0B, values=b"123456"),
            "is cut short: the shape (2, 3) of >i2 takes 12 bytes, 6 are there",
        ),
        (
            idx_bytes(2, 3, values=b"1234567"),
            "has data behind its values: the shape (2, 3) of uint8 takes 6 bytes, more are there",
        ),
        (idx_bytes(values=b"12"), "has data behind its values: the shape () of uint8 takes 1 byte"),
        (idx_bytes(2, 0, values=b"1"), "has data behind its values: the shape (2, 0) of uint8 "),
        (idx_bytes(*200 * [1], values=b"1"), "has a shape that NumPy cannot hold: "),
        (idx_bytes(0, *4 * [2**32 - 1]), "has a shape that NumPy cannot hold: "),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_wrong_with_a_file_is_said(
    tmp_path: Path, content: bytes, message: str, wrap: Wrap
) -> None:
    path = written(tmp_path / "file", wrap(content))
    with pytest.raises(IdxError, match=about(path, message)):
        read_idx(path)


def test_a_gzip_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    for cut in range(2, len(SMALL_GZIP_FILE)):
        path = written(tmp_path / "file.gz", SMALL_GZIP_FILE[:cut])
        with pytest.raises(IdxError, match=about(path, "is cut short: its gzip data has no end")):
            read_idx(path)


@pytest.mark.parametrize("position", [-8, -5, -4, -1], ids=["CRC", "CRC", "length", "length"])
def test_a_wrong_sum_behind_the_gzip_data_is_refused(tmp_path: Path, position: int) -> None:
    content = bytearray(SMALL_GZIP_FILE)
    content[position] ^= 1
    path = written(tmp_path / "file.gz", bytes(content))
    with pytest.raises(IdxError, match=about(path, "is damaged gzip data, or has other data ")):
        read_idx(path)


def test_data_behind_the_gzip_data_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "file.gz", SMALL_GZIP_FILE + b"more")
    with pytest.raises(IdxError, match=about(path, "is damaged gzip data, or has other data ")):
        read_idx(path)


@given(st.integers(0, len(SMALL_GZIP_FILE) - 1), st.integers(1, 255))
def test_a_gzip_file_with_one_byte_changed_is_refused_or_means_the_same(
    tmp_path_factory: pytest.TempPathFactory, position: int, change: int
) -> None:
    content = bytearray(SMALL_GZIP_FILE)
    content[position] ^= change
    path = written(tmp_path_factory.getbasetemp() / "changed", bytes(content))
    with contextlib.suppress(IdxError):
        assert read_idx(path).tolist() == SMALL.tolist()


@given(st.binary(max_size=40), st.sampled_from([b"", b"\0\0", b"\0\0\x08\1", b"\x1f\x8b\x08\0"]))
@pytest.mark.parametrize("wrap", [unwrapped, gzipped], ids=["plain", "gzip"])
def test_any_bytes_are_an_array_or_an_idx_error(
    tmp_path_factory: pytest.TempPathFactory, wrap: Wrap, rest: bytes, start: bytes
) -> None:
    path = written(tmp_path_factory.getbasetemp() / "any", wrap(start + rest))
    with contextlib.suppress(IdxError):
        array = read_idx(path)
        assert (start + rest).endswith(array.tobytes())


# Memory is taken for what arrives, never for what is claimed.


def test_a_plain_file_that_claims_everything_is_refused_without_memory(tmp_path: Path) -> None:
    path = written(tmp_path / "file", idx_bytes(*HUGE, values=b"123"))
    message = f"is cut short: the shape {HUGE} of uint8 takes {math.prod(HUGE)} bytes, 3 are there"
    with memory_below(MEGABYTE), pytest.raises(IdxError, match=about(path, message)):
        read_idx(path)


def test_a_gzip_file_that_claims_everything_is_refused_without_memory(tmp_path: Path) -> None:
    content = gzipped(idx_bytes(*HUGE, values=b"123"))
    path = written(tmp_path / "file.gz", content)
    message = (
        f"claims to unpack from {len(content)} to {math.prod(HUGE)} bytes, like a "
        f"decompression bomb; if you trust it, unpack it by gunzip and use the plain file"
    )
    with memory_below(MEGABYTE), pytest.raises(IdxError, match=about(path, message)):
        read_idx(path)


def test_a_decompression_bomb_is_refused_and_accepted_once_unpacked(tmp_path: Path) -> None:
    header = idx_bytes(100, 1024, 1024)
    packed = written(tmp_path / "file.gz", zeros_gzipped(header, megabytes=100))
    plain = written(tmp_path / "file", header)
    os.truncate(plain, len(header) + 100 * MEGABYTE)  # What gunzip makes of it.
    with memory_below(MEGABYTE), pytest.raises(IdxError, match="bomb; if you trust it, unpack it"):
        read_idx(packed)
    with memory_below(MEGABYTE):
        assert read_idx(plain).shape == (100, 1024, 1024)


def test_gzip_data_beyond_the_claim_is_not_unpacked(tmp_path: Path) -> None:
    endless = zeros_gzipped(idx_bytes(28, 28), megabytes=20)[:-8]
    path = written(tmp_path / "file.gz", endless)
    # Whoever reads on finds that the end is missing, and says so instead.
    message = about(path, "has data behind its values: the shape (28, 28) of uint8 takes 784 bytes")
    with memory_below(MEGABYTE), pytest.raises(IdxError, match=message):
        read_idx(path)


@pytest.mark.parametrize("cut", [0, 8], ids=["short values", "cut gzip data"])
def test_a_false_claim_too_small_for_a_bomb_takes_memory_for_what_arrives(
    tmp_path: Path, cut: int
) -> None:
    whole = gzipped(idx_bytes(60, 1000, 1000, values=bytes(1000)))
    path = written(tmp_path / "file.gz", whole[: len(whole) - cut])
    with memory_below(4 * MEGABYTE), pytest.raises(IdxError, match=about(path, "is cut short: ")):
        read_idx(path)


def test_a_small_file_may_repeat_itself_as_much_as_it_likes(tmp_path: Path) -> None:
    path = written(tmp_path / "file.gz", zeros_gzipped(idx_bytes(MEGABYTE), megabytes=1))
    assert path.stat().st_size * 500 < MEGABYTE
    assert read_idx(path).shape == (MEGABYTE,)


def test_a_large_file_that_shrinks_as_pictures_do_is_unpacked(tmp_path: Path) -> None:
    noise = np.random.Generator(np.random.PCG64(1)).bytes(MEGABYTE)
    header = idx_bytes(66, MEGABYTE)
    path = written(tmp_path / "file.gz", zeros_gzipped(header + noise, megabytes=65))
    assert read_idx(path).shape == (66, MEGABYTE)


# Files are there whole or not at all.


@pytest.mark.parametrize("name", ["int64", "bool", "complex128", "float16", "uint16", "U3", "O"])
def test_a_type_without_a_code_is_refused_and_those_with_one_are_named(
    tmp_path: Path, name: str
) -> None:
    array = np.zeros(3, name)
    message = f"^IDX holds uint8, int8, int16, int32, float32, float64, not {array.dtype}; convert"
    with pytest.raises(ArgumentTypeError, match=message):
        write_idx(tmp_path / "file", array)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("values", [[1, 2], 7, "digits", None])
def test_what_is_no_array_is_refused(tmp_path: Path, values: object) -> None:
    with pytest.raises(ArgumentTypeError, match="an IDX file is made of a NumPy array, not"):
        write_idx(tmp_path / "file", values)  # type: ignore[arg-type]  # the wrong kinds on purpose
    assert list(tmp_path.iterdir()) == []


def test_a_dimension_beyond_32_bits_is_refused(tmp_path: Path) -> None:
    array = np.zeros((0, 2**32), np.uint8)
    with pytest.raises(ArgumentValueError, match=r"below 2\*\*32, the shape is \(0, 4294967296\)"):
        write_idx(tmp_path / "file", array)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["file", "file.gz"])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, name: str) -> None:
    noise = np.random.Generator(np.random.PCG64(1)).integers(0, 256, MEGABYTE, np.uint8)
    path = written(tmp_path / name, b"old")
    with files_of_at_most(1000), pytest.raises(OSError, match="too large"):
        write_idx(path, noise)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


def test_the_longest_name_there_is_can_be_written(tmp_path: Path) -> None:
    write_idx(tmp_path / ("n" * 255), SMALL)
    assert [len(file.name) for file in tmp_path.iterdir()] == [255]


# The real thing.


@needs_mnist
@pytest.mark.parametrize("name", MNIST_SUMS)
def test_mnist_is_read_as_every_mirror_has_it(name: str) -> None:
    array = read_idx(MNIST / f"{name}.gz")
    content = idx_bytes(*array.shape) + array.tobytes()
    assert hashlib.sha256(content).hexdigest() == MNIST_SUMS[name]


@needs_mnist
def test_reading_gzipped_mnist_takes_at_most_60_megabytes_above_the_array() -> None:
    with memory_below(60_000 * 28 * 28 + 60_000_000):
        images = read_idx(MNIST / "train-images-idx3-ubyte.gz")
    assert images.shape == (60_000, 28, 28)
