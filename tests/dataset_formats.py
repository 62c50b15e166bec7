"""What tests of data sets share: a small recipe, shards of real samples, and what they hold."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from image_sequence import Batch, DigitSequence, ImageSequence
from image_sequence.datasets.encoding import Encoding, decoded
from image_sequence.datasets.formats.kinds import Details, Format, StoredSample
from image_sequence.datasets.shards import Shard

SMALL = {
    "count": 230,
    "labels": {"policy": "digits", "length": [2, 4]},
    "width": 96,
    "seed": 7,
    "shard_size": 50,
}

COUNT = 23
FIRST = 40
WIDTH = 96


class StoppedError(Exception):
    """Something stopped the making of a data set in the middle."""


def batches(generator: ImageSequence, size: int = 9) -> Iterator[Batch]:
    """Samples 40 … 62, of two to four labels, `size` at a time."""
    rng = np.random.default_rng(5)
    classes = np.unique(generator.labels)
    rows = [rng.choice(classes, 2 + k % 3).tolist() for k in range(COUNT)]
    for first in range(0, COUNT, size):
        some = rows[first : first + size]
        yield generator.batch(some, (0, 9), WIDTH, start=FIRST + first, dtype=np.uint8)


def details(
    encoding: str, generator: ImageSequence | None = None, *, masks: bool = False
) -> Details:
    """What a format is told of them."""
    generator = generator or digits()
    numbers = np.unique(generator.labels).tolist()
    return Details(
        shard=Shard(4, "train-000004", FIRST, COUNT),
        image_shape=next(batches(generator)).images.shape[1:],
        longest=4,
        classes={number: str(number) for number in numbers},
        encoding=Encoding(encoding),
        masks=masks,
    )


def digits(preset: str = "classic-native") -> DigitSequence:
    """A generator; that of the preset "colour" makes pictures in colour."""
    return DigitSequence(preset=preset, seed=7)


def pixels(stored: StoredSample, encoding: Encoding) -> np.ndarray:
    picture = stored.picture
    return decoded(picture, encoding) if isinstance(picture, bytes) else picture


def content(path: Path) -> dict[str, bytes]:
    """The bytes of a file, or of all files of a folder, by name."""
    if path.is_file():
        return {"": path.read_bytes()}
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def check_round_trip(
    format_: Format, folder: Path, shard: Details, generator: ImageSequence
) -> None:
    """Check that a shard is read as it was written, and that its bytes depend on samples alone."""
    path = folder / ("a" + format_.suffix)
    format_.write(path, batches(generator), shard)
    again = folder / ("b" + format_.suffix)
    format_.write(again, batches(generator, 4), shard)
    assert content(path) == content(again)
    stored = list(format_.read(path, shard))
    written = [sample for batch in batches(generator) for sample in batch]
    assert [one.index for one in stored] == [sample.index for sample in written]
    for one, sample in zip(stored, written, strict=True):
        if one.text is not None:
            assert one.text == sample.text
        if shard.encoding.is_lossless:
            np.testing.assert_array_equal(pixels(one, shard.encoding), sample.image)
        if one.boxes is not None:
            np.testing.assert_array_equal(one.boxes, sample.boxes)
        if one.record is not None:
            assert one.record == sample.to_dict(masks=shard.masks)
