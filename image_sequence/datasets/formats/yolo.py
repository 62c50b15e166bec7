"""YOLO: pictures, and beside each a text file with a line for each glyph."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from image_sequence.datasets.formats import files_of_pictures as files
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError, shown
from image_sequence.sample import Batch

# Ultralytics takes a picture's path and replaces the last /images/ by /labels/.
_PICTURES, _LABELS = "images", "labels"

_GLYPH = re.compile(rb"(\d+)(?: (?:0\.\d{6}|1\.0{6})){4}")


class Yolo:
    """A folder for each shard; in it, a folder of pictures and one of labels.

    A line has a class and the middle, width and height of the rectangle around a glyph's ink, as
    shares of the picture's sides to six decimals. A class is a label's place among all, from 0.
    """

    suffix = ""
    encodings = files.ENCODINGS
    has_masks = False
    libraries = ()

    def check(self) -> None:
        """Nothing: it needs no library."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the pictures and the labels; see `Format`."""
        (path / _PICTURES).mkdir(parents=True)
        (path / _LABELS).mkdir()
        for batch in files.write_pictures(path / _PICTURES, batches, details.encoding):
            for index, lines in zip(batch.indices.tolist(), _lines(batch, details), strict=True):
                files.write_file(f"{path / _LABELS}/{files.named(index)}.txt", lines.encode())

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples; a text is that of the classes, line by line; see `Format`."""
        texts = list(details.classes.values())
        for index in range(details.shard.first, details.shard.stop):
            name = files.named(index)
            picture = files.read_file(path / _PICTURES / (name + details.encoding.suffix))
            labels = path / _LABELS / f"{name}.txt"
            places = _classes(files.read_file(labels), labels, len(texts))
            yield StoredSample(index, "".join(texts[place] for place in places), picture)
        # Training takes whatever pictures there are.
        for folder, suffix in ((_PICTURES, details.encoding.suffix), (_LABELS, ".txt")):
            count = sum(1 for _ in (path / folder).glob(f"*{suffix}"))
            files.check_count(path / folder, count, details)

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:
        """`data.yaml`, which Ultralytics opens."""
        # JSON's texts are YAML's. Without the key "path", folders are sought beside the file.
        folders = "".join(f"  - {files.as_json(f'{path}/{_PICTURES}')}\n" for path in paths)
        texts = enumerate(details.classes.values())
        names = "".join(f"  {n}: {files.as_json(text)}\n" for n, text in texts)
        return {
            "data.yaml": (
                f"train: &pictures\n{folders}"
                f"# Ultralytics asks for one. Name the folders of another data set here.\n"
                f"val: *pictures\n"
                f"names:\n{names}"
            )
        }

    def opening(self, paths: list[str], details: Details) -> str:
        """By hand: Ultralytics trains at once."""
        return (
            "# Ultralytics: yolo detect train model=yolo11n.pt data=data.yaml\n"
            "from pathlib import Path\n"
            "\n"
            f'pictures = sorted(Path().glob("{files.pattern(paths)}/{_PICTURES}/'
            f'*{details.encoding.suffix}"))\n'
            f'labels = pictures[0].parents[1] / "{_LABELS}" / f"{{pictures[0].stem}}.txt"\n'
            "lines = [line.split() for line in labels.read_text().splitlines()]\n"
            "classes = [int(line[0]) for line in lines]\n"
            "boxes = [[float(share) for share in line[1:]] for line in lines]\n"
        )


def _lines(batch: Batch, details: Details) -> Iterator[str]:
    """What the label file of each sample holds."""
    height, width = batch.images.shape[1:3]
    boxes = files.tight_boxes(batch).astype(np.float64) / [width, height, width, height]
    middles, sides = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    places = files.class_places(details)
    shares = np.concatenate([middles, sides], axis=-1).tolist()
    for labels, length, glyphs in zip(
        batch.labels.tolist(), batch.lengths.tolist(), shares, strict=True
    ):
        yield "".join(
            "%d %.6f %.6f %.6f %.6f\n" % (places[label], *glyph)  # noqa: UP031  # faster
            for label, glyph in zip(labels[:length], glyphs, strict=False)
        )


def _classes(content: bytes, path: Path, count: int) -> Iterator[int]:
    """The classes of a label file.

    Raises:
        ShardError: it is none.
    """
    for line in content.splitlines():
        glyph = _GLYPH.fullmatch(line)
        if glyph is None or int(glyph[1]) >= count:
            raise ShardError(f"{str(path)!r} has a line that is no glyph: {shown(line)}")
        yield int(glyph[1])


YOLO = Yolo()
"""The format."""
