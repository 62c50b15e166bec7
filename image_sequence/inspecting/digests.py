"""Digests: which of many things are the same, at sixteen bytes each."""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from image_sequence.plan import ByteImages


@dataclass(slots=True)
class Digests:
    """Things by 64 bits of BLAKE2b, and the samples that they are of.

    Two of ten million things that differ have the same digest once in 370,000 data sets.
    """

    _digests: "array[int]" = field(default_factory=lambda: array("Q"))
    _indices: "array[int]" = field(default_factory=lambda: array("q"))

    def add_pictures(self, pictures: Sequence[ByteImages], indices: Sequence[int]) -> None:
        """Note what pictures look like: their shapes and pixels."""
        self._add((repr(one.shape).encode() + one.tobytes() for one in pictures), indices)

    def add_sequences(self, labels: Sequence[Sequence[str]], indices: Sequence[int]) -> None:
        """Note what is written."""
        self._add(("\0".join(row).encode(errors="surrogatepass") for row in labels), indices)

    def _add(self, contents: Iterable[bytes], indices: Sequence[int]) -> None:
        names = b"".join(blake2b(content, digest_size=8).digest() for content in contents)
        self._digests.extend(np.frombuffer(names, "<u8").tolist())
        self._indices.extend(indices)

    @property
    def distinct_count(self) -> int:
        """How many different ones there are."""
        return len(np.unique(np.array(self._digests, np.uint64)))

    @property
    def repeated_count(self) -> int:
        """How many are the same as an earlier one."""
        return len(self._digests) - self.distinct_count

    def groups(self, most: int) -> list[list[int]]:
        """The samples, by index, of things that are there more than once: the largest groups."""
        _, numbers, counts = np.unique(
            np.array(self._digests, np.uint64), return_inverse=True, return_counts=True
        )
        largest = np.argsort(-counts, kind="stable")[:most]
        indices = np.array(self._indices, np.int64)
        return [
            sorted(indices[numbers.reshape(-1) == number].tolist())
            for number in largest.tolist()
            if counts[number] > 1
        ]
