"""Memory that is used again: only when nobody holds an array on it any more."""

import gc

import numpy as np
import pytest

from image_sequence.composing import recycling
from image_sequence.composing.recycling import empty

LARGE = (40 << 20,)


@pytest.fixture(autouse=True)
def nothing_idle() -> None:
    gc.collect()
    recycling._idle.clear()


def place(array: np.ndarray) -> int:
    return array.ctypes.data


def test_memory_nobody_holds_is_used_again() -> None:
    first = empty(LARGE, np.uint8)
    where = place(first)
    del first
    assert place(empty((10 << 20,), np.float32)) == where


def test_memory_with_a_view_on_it_is_left_alone() -> None:
    first = empty((40, 1 << 20), np.uint8)
    row = first[7]
    row[:] = 7
    del first
    second = empty(LARGE, np.uint8)
    second[:] = 9
    assert (row == 7).all()
    assert not np.shares_memory(row, second)


def test_memory_of_another_size_is_not_used() -> None:
    del_me = empty((50 << 20,), np.uint8)
    del del_me
    assert empty(LARGE, np.uint8).nbytes == 40 << 20


def test_no_more_than_two_blocks_are_kept() -> None:
    held = [empty(LARGE, np.uint8) for _ in range(5)]
    del held
    assert len(recycling._idle) == 2


@pytest.mark.parametrize("size", [1, (32 << 20) - 1, (256 << 20) + 1])
def test_small_and_huge_arrays_are_ordinary(size: int) -> None:
    array = empty((size,), np.uint8)
    assert array.flags.owndata
    del array
    assert not recycling._idle


def test_the_array_is_as_asked_for_and_writable() -> None:
    array = empty((1024, 28, 390), np.float32)
    assert (array.shape, array.dtype) == ((1024, 28, 390), np.float32)
    assert array.flags.c_contiguous
    assert array.flags.writeable
    assert array.flags.aligned
