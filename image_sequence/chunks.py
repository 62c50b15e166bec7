"""Batches in pieces: what is worked on at a time stays in the processor's cache."""

from collections.abc import Iterator

CHUNK_NUMBERS = 1 << 18
"""How many numbers are worked on at a time: a megabyte of float32."""


def chunks(count: int, size: int, most: int = CHUNK_NUMBERS) -> Iterator[slice]:
    """Slices of a batch, one after the other, each at least one sample long.

    Args:
        count: how many samples the batch has.
        size: how many numbers a sample has.
        most: how many numbers a slice has at most, if that is one sample or more.

    >>> list(chunks(5, 10, most=25))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    step = max(1, most // size)
    return (slice(first, min(first + step, count)) for first in range(0, count, step))
