"""IDX, the file format of MNIST: read with care, written whole.

A file is two zero bytes, a type code, the number of dimensions, each dimension as a 32-bit whole
number, then the values; everything big-endian. Source: "The IDX file format" on MNIST's home page,
yann.lecun.com/exdb/mnist.
"""

import gzip
import math
import os
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, IdxError, shown
from image_sequence.files import written_whole

_DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
_CODES = {dtype.newbyteorder("="): code for code, dtype in _DTYPES.items()}
_GZIP_MAGIC = b"\x1f\x8b"
_CHUNK = 1 << 20
_DIMENSION_LIMIT = 2**32
# A small file may be as repetitive as it likes (60,000 sorted labels shrink 700 times); a large
# one that shrinks more than real pictures do (5 times) is taken for a decompression bomb.
_UNSUSPICIOUS_BYTES = 64 << 20
_UNSUSPICIOUS_RATIO = 100


def read_idx(path: str | PathLike[str]) -> NDArray[Any]:
    """The array in an IDX file, read-only, in the file's own type.

    Whether the file is gzipped is told by its content. A plain file is mapped into memory: nothing
    is read until it is used. Types of more than one byte stay big-endian, as they are stored;
    `array.astype(array.dtype.newbyteorder("="))` makes them native.

    Returns:
        uint8, int8, int16, int32, float32 or float64, of any number of dimensions NumPy can hold.

    Raises:
        IdxError: not an IDX file, cut short, followed by other data, damaged, or a gzip file that
            claims suspiciously much. Memory is taken for what arrives, never for what is claimed.
        OSError: the file cannot be opened.
    """
    path = Path(path)
    with path.open("rb") as file:
        gzipped = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        header, values = _unpacked(file, path) if gzipped else _mapped(file, path)
    try:
        array = np.ndarray(header.shape, header.dtype, buffer=values)
    except ValueError as error:
        raise IdxError(f"{path} has a shape that NumPy cannot hold: {error}") from error
    return array


def write_idx(path: str | PathLike[str], array: NDArray[Any]) -> None:
    """Write an array as an IDX file, gzipped if the name ends in `.gz`; whole or not at all.

    The same array gives the same bytes, whenever it is written (the gzip header holds no date).

    Args:
        path: the file; missing folders are made.
        array: uint8, int8, int16, int32, float32 or float64, in any byte order.

    Raises:
        ArgumentTypeError: not an array, or of a type that IDX has no code for.
        ArgumentValueError: a dimension of 2**32 or more.
    """
    path = Path(path)
    if not isinstance(array, np.ndarray):
        raise ArgumentTypeError(f"an IDX file is made of a NumPy array, not {shown(array)}")
    code = _CODES.get(array.dtype.newbyteorder("="))
    if code is None:
        names = ", ".join(str(dtype) for dtype in _CODES)
        raise ArgumentTypeError(f"IDX holds {names}, not {array.dtype}; convert it by .astype()")
    if any(size >= _DIMENSION_LIMIT for size in array.shape):
        raise ArgumentValueError(f"an IDX dimension is below 2**32, the shape is {array.shape}")
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    values = np.ascontiguousarray(array, _DTYPES[code]).tobytes()
    with written_whole(path) as partial, partial.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as stream:
                stream.write(header + values)
        else:
            file.write(header + values)


@dataclass(frozen=True, slots=True)
class _Header:
    dtype: np.dtype[Any]
    shape: tuple[int, ...]

    @property
    def byte_count(self) -> int:
        """Bytes of values that must follow the header."""
        return math.prod(self.shape) * self.dtype.itemsize


def _read_header(stream: IO[bytes] | gzip.GzipFile, path: Path) -> _Header:
    magic = stream.read(4)
    if len(magic) < 4:
        raise IdxError(f"{path} ends after {len(magic)} bytes, an IDX file begins with at least 4")
    zeros, code, dimension_count = struct.unpack(">HBB", magic)
    if zeros != 0 or code not in _DTYPES:
        codes = ", ".join(f"{known:02x}" for known in _DTYPES)
        raise IdxError(
            f"{path} is not an IDX file: it begins with {magic.hex(' ')}; "
            f"an IDX file begins with 00 00 and one of {codes}"
        )
    sizes = stream.read(4 * dimension_count)
    if len(sizes) < 4 * dimension_count:
        raise IdxError(f"{path} ends within the sizes of its {dimension_count} dimensions")
    return _Header(_DTYPES[code], struct.unpack(f">{dimension_count}I", sizes))


def _mapped(file: IO[bytes], path: Path) -> tuple[_Header, Any]:
    header = _read_header(file, path)
    start = file.tell()
    present = os.fstat(file.fileno()).st_size - start
    if present != header.byte_count:
        raise IdxError(_wrong_length(path, header, present))
    return header, np.memmap(file, np.uint8, "r", offset=start, shape=(present,))


def _unpacked(file: IO[bytes], path: Path) -> tuple[_Header, Any]:
    packed_byte_count = os.fstat(file.fileno()).st_size
    with gzip.GzipFile(fileobj=file) as stream, _damage_named(path):
        header = _read_header(stream, path)
        _refuse_bomb(path, header, packed_byte_count)
        values = bytearray()
        while len(values) <= header.byte_count:
            # One byte more than is due, so that data behind the values does not go unseen.
            chunk = stream.read(min(_CHUNK, header.byte_count + 1 - len(values)))
            if not chunk:
                break
            values += chunk
    if len(values) != header.byte_count:
        raise IdxError(_wrong_length(path, header, len(values)))
    return header, memoryview(values).toreadonly()


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except EOFError as error:
        raise IdxError(f"{path} is cut short: its gzip data has no end") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise IdxError(
            f"{path} is damaged gzip data, or has other data behind it: {error}"
        ) from error


def _refuse_bomb(path: Path, header: _Header, packed_byte_count: int) -> None:
    claimed = header.byte_count
    if claimed > max(_UNSUSPICIOUS_BYTES, _UNSUSPICIOUS_RATIO * packed_byte_count):
        raise IdxError(
            f"{path} claims to unpack from {packed_byte_count} to {claimed} bytes, like a "
            f"decompression bomb; if you trust it, unpack it by gunzip and use the plain file"
        )


def _wrong_length(path: Path, header: _Header, present: int) -> str:
    short = present < header.byte_count
    return (
        f"{path} {'is cut short' if short else 'has data behind its values'}: the shape "
        f"{header.shape} of {header.dtype} takes {header.byte_count} bytes, "
        f"{present if short else 'more'} are there"
    )
