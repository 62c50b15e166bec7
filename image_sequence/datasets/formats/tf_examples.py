"""TensorFlow's `tf.train.Example` as bytes, in protobuf's encoding: features by name, no more.

The messages are those of tensorflow/core/example/feature.proto, the encoding is that of
protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Value: TypeAlias = list[bytes] | list[int] | NDArray[np.float32]
"""Of a feature: texts or pictures as bytes, whole numbers, or numbers."""

_BYTES, _FLOATS, _INTEGERS = 1, 2, 3  # Fields of a Feature: which of the lists it has.
_LENGTH = 2  # The way of writing a field whose value begins with its length.
_SMALL = [bytes([number]) for number in range(128)]


def varint(number: int) -> bytes:
    r"""A whole number, 0 … 2**64 - 1, in groups of seven bits, the lowest first.

    >>> varint(300)
    b'\xac\x02'
    """
    if number < 128:
        return _SMALL[number]
    groups = bytearray()
    while number > 127:
        groups.append(number & 127 | 128)
        number >>= 7
    groups.append(number)
    return bytes(groups)


def _field(number: int, content: bytes) -> bytes:
    return _SMALL[number << 3 | _LENGTH] + varint(len(content)) + content


def feature(name: str, value: Value) -> bytes:
    """A feature as it stands in an example."""
    if isinstance(value, np.ndarray):
        kind, content = _FLOATS, _field(1, value.astype("<f4").tobytes())
    elif isinstance(value[0], bytes):
        kind, content = _BYTES, b"".join([_field(1, item) for item in value])
    else:
        kind, content = _INTEGERS, _field(1, b"".join([varint(item) for item in value]))
    return _field(1, _name(name) + _field(2, _field(kind, content)))


@lru_cache(maxsize=64)
def _name(name: str) -> bytes:
    return _field(1, name.encode())


def example(features: Iterable[bytes]) -> bytes:
    """An example of features in their order."""
    return _field(1, b"".join(features))


def features_of(content: bytes) -> Mapping[str, Value]:
    """The features of an example by their names, the inverse of the two.

    Raises:
        ValueError: the bytes are no example as `example` makes one.

    >>> features_of(example([feature("text", [b"2024"]), feature("index", [7, 300])]))
    {'text': [b'2024'], 'index': [7, 300]}
    """
    (whole,) = _fields(content)
    entries = (dict(_fields(entry)) for _, entry in _fields(whole[1]))
    return {entry[1].decode(): _value(entry[2]) for entry in entries}


def _value(content: bytes) -> Value:
    ((kind, items),) = _fields(content)
    contents = [item for _, item in _fields(items)]
    if kind == _BYTES:
        return contents
    if kind == _FLOATS:
        return np.frombuffer(contents[0], "<f4").astype(np.float32)
    return list(_varints(contents[0]))


def _fields(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The fields of a message that have a length: their numbers and contents."""
    place = 0
    while place < len(content):
        tag = content[place]
        if tag & 7 != _LENGTH:
            raise ValueError(f"a field begins with the byte {tag}")
        size, start = _varint_at(content, place + 1)
        place = start + size
        if place > len(content):
            raise ValueError(f"a field of {size} bytes ends after {len(content) - start}")
        yield tag >> 3, content[start:place]


def _varints(content: bytes) -> Iterator[int]:
    place = 0
    while place < len(content):
        number, place = _varint_at(content, place)
        yield number


def _varint_at(content: bytes, place: int) -> tuple[int, int]:
    """The number that begins there, and where it ends."""
    number = shift = 0
    while True:
        if place >= len(content):
            raise ValueError("a number has no end")
        byte = content[place]
        number |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return number, place
