"""Memory for large batches, used again once nobody holds the batch any more.

Fresh memory of tens of megabytes comes from the system in pages that it clears first; that takes as
long as copying the pictures. Of what is smaller, the C library keeps most by itself.
"""

from collections import deque
from math import prod

import numpy as np
from numpy.typing import DTypeLike, NDArray

_SMALLEST = 32 << 20  # bytes; glibc keeps up to so much when it is freed (M_MMAP_THRESHOLD).
_LARGEST = 256 << 20  # bytes; more is not kept.

# Two: while a batch is made, its forerunner is often still held. A deque needs no lock.
_idle: deque[NDArray[np.uint8]] = deque(maxlen=2)


class _Loan:
    """A block of memory as NumPy can see it; it goes back when the last array on it is gone."""

    def __init__(self, block: NDArray[np.uint8]) -> None:
        self._block = block
        self.__array_interface__ = block.__array_interface__

    def __del__(self) -> None:
        _idle.append(self._block)


def empty(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[np.generic]:
    """An array like that of `np.empty`: its content is whatever was there before."""
    byte_count = prod(shape) * np.dtype(dtype).itemsize
    if not _SMALLEST <= byte_count <= _LARGEST:
        return np.empty(shape, dtype)
    array: NDArray[np.generic] = np.asarray(_Loan(_block(byte_count))).view(dtype).reshape(shape)
    return array


def _block(byte_count: int) -> NDArray[np.uint8]:
    try:
        block = _idle.pop()
    except IndexError:
        return np.empty(byte_count, np.uint8)
    return block if block.nbytes == byte_count else np.empty(byte_count, np.uint8)
