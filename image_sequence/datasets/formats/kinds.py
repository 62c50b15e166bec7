"""What a format is: it writes a shard of samples, and reads it back."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.shards import Shard
from image_sequence.plan import Boxes, ByteImages
from image_sequence.sample import Batch


@dataclass(frozen=True, slots=True)
class Details:
    """What a format is told about a shard before its first sample.

    Attributes:
        shard: which samples: their indices are `shard.first` … `shard.stop - 1`.
        image_shape: height and width of every picture, pixels; in colour (height, width, 3).
        longest: the most labels that a sample of the data set may have.
        classes: the texts of all labels there are images of, by number, in order.
        encoding: how pictures become bytes.
        masks: whether the glyphs' masks are written.
    """

    shard: Shard
    image_shape: tuple[int, ...]
    longest: int
    classes: Mapping[int, str]
    encoding: Encoding
    masks: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class StoredSample:
    """A sample as a shard gives it back.

    Attributes:
        index: the sample's number.
        text: the labels as one text; None where the format has no place for text.
        picture: encoded, or pixels: uint8, shape (height, width) or (height, width, 3).
        boxes: float32, shape (n, 4), see `Sample`; None where the format has no place for them.
        record: `Sample.to_dict()` as it was written; None where the format has no place for it.
    """

    index: int
    text: str | None
    picture: bytes | ByteImages = field(repr=False)
    boxes: Boxes | None = field(default=None, repr=False)
    record: Mapping[str, Any] | None = field(default=None, repr=False)


class Format(Protocol):
    """A way of keeping samples on disk; its objects hold nothing."""

    @property
    def suffix(self) -> str:
        """What names of shards end in: ".tar"; "" if a shard is a folder."""
        ...

    @property
    def encodings(self) -> tuple[str, ...]:
        """The names of the encodings it has a place for; the first is what it takes by default."""
        ...

    @property
    def has_masks(self) -> bool:
        """Whether it has a place for masks."""
        ...

    @property
    def libraries(self) -> tuple[str, ...]:
        """The distributions whose releases decide the bytes, besides this package and NumPy."""
        ...

    def check(self) -> None:
        """Check that the library it needs is there.

        Raises:
            LibraryError: it is not; the message names the extra.
        """
        ...

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write a whole shard: the file `path`, or the folder `path` and what is in it.

        The same batches make the same bytes, wherever the batches begin and end. Nothing of the
        name is: `path` is a temporary one. No more than a few batches take memory at a time.

        Args:
            path: where nothing is yet; its folder is there.
            batches: uint8 pictures and their truth, in order.
            details: what is known of the shard.

        Raises:
            OSError: it cannot be written.
        """
        ...

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples of a shard, in order, one after the other, by the format's own library.

        Raises:
            ShardError: it is not what `write` makes.
            OSError: it cannot be read.
        """
        ...

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:
        """What stands beside the shards when all are there: text files by name; none, mostly.

        Args:
            paths: the names of the shards' files or folders.
            details: those of the first shard.
        """
        ...

    def opening(self, paths: list[str], details: Details) -> str:
        """A few lines of Python that open the data set from within its folder, for its card."""
        ...
