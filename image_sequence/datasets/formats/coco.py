"""COCO: pictures, and a JSON file that says where in them each glyph is."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np

from image_sequence.datasets.formats import files_of_pictures as files
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError, shown
from image_sequence.sample import Batch, run_lengths

_ANNOTATIONS = "annotations.json"
_PICTURES = "images"


class Coco:
    """A folder for each shard; in it, a folder of pictures and a file of annotations.

    A category is a label; its number is its place among the labels, from 1. `bbox` is the rectangle
    around a glyph's ink, which is what a detector can find; `cell`, a key of our own, is its cell.
    Both are left, top, width and height.
    """

    suffix = ""
    encodings = files.ENCODINGS
    has_masks = True
    libraries = ()

    def check(self) -> None:
        """Nothing: it needs no library."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the pictures and what is in them; see `Format`."""
        folder = path / _PICTURES
        folder.mkdir(parents=True)
        with (
            (path / _ANNOTATIONS).open("xb", buffering=files.BUFFER) as file,
            # Annotations come after all images: they wait in a file without a name, not in memory.
            TemporaryFile(dir=path, buffering=files.BUFFER) as annotations,
        ):
            file.write(_beginning(details))
            between = "\n"
            for batch in files.write_pictures(folder, batches, details.encoding):
                file.write((between + ",\n".join(_images(batch, details))).encode())
                annotations.write((between + ",\n".join(_glyphs(batch, details))).encode())
                between = ",\n"
            file.write(b'\n],\n"annotations": [')
            annotations.seek(0)
            shutil.copyfileobj(annotations, file, files.BUFFER)
            file.write(b"\n]}\n")

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples that the annotations tell of, which are read at once; see `Format`."""
        where = repr(str(path / _ANNOTATIONS))
        whole = files.parsed(files.read_file(path / _ANNOTATIONS), where)
        try:
            yield from _samples(whole, path, details)
        except ShardError:
            raise
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ShardError(f"{where} is not what was written: {error!r}") from error

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """Nothing stands beside the shards."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002
        """By COCO's own library, shard after shard."""
        return (
            "from pathlib import Path\n"
            "\n"
            "from pycocotools.coco import COCO\n"
            "\n"
            f'shards = sorted(Path().glob("{files.pattern(paths)}"))\n'
            f'coco = COCO(shards[0] / "{_ANNOTATIONS}")\n'
            "image = coco.loadImgs(coco.getImgIds()[:1])[0]\n"
            'glyphs = coco.loadAnns(coco.getAnnIds(image["id"]))\n'
            'picture, text = shards[0] / image["file_name"], image["text"]\n'
        )


def _beginning(details: Details) -> bytes:
    categories = [
        {"id": place, "name": text, "supercategory": "glyph"}
        for place, text in enumerate(details.classes.values(), 1)
    ]
    shard = details.shard
    description = f"{shard.name}: samples {shard.first} to {shard.stop - 1}"
    return (
        f'{{"info": {files.as_json({"description": description})},\n"licenses": [],\n'
        f'"categories": {files.as_json(categories)},\n"images": ['
    ).encode()


def _file_name(index: int, details: Details) -> str:
    return f"{_PICTURES}/{files.named(index)}{details.encoding.suffix}"


def _images(batch: Batch, details: Details) -> Iterator[str]:
    height, width = batch.images.shape[1:3]
    for index, text in zip(batch.indices.tolist(), batch.texts, strict=True):
        name = _file_name(index, details)
        image = {"id": index, "file_name": name, "width": width, "height": height, "text": text}
        yield files.as_json(image)


def _glyphs(batch: Batch, details: Details) -> Iterator[str]:
    """The annotations of each sample."""
    categories = {number: place + 1 for number, place in files.class_places(details).items()}
    columns = (batch.indices, batch.lengths, batch.labels, files.tight_boxes(batch), batch.boxes)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for row, (index, length, labels, boxes, cells) in enumerate(rows):
        glyphs = []
        for place in range(length):
            bbox = _rectangle(boxes[place])
            glyph = {
                # From 1: COCO's evaluation takes 0 for "no glyph".
                "id": index * details.longest + place + 1,
                "image_id": index,
                "category_id": categories[labels[place]],
                "bbox": bbox,
                "cell": _rectangle(cells[place]),
                "area": bbox[2] * bbox[3],
                "iscrowd": 0,
                "segmentation": [],
            }
            if details.masks:
                mask = batch.masks[row, place]
                glyph |= {"area": int(mask.sum()), "segmentation": run_lengths(mask)}
            glyphs.append(glyph)
        yield files.as_json(glyphs)[1:-1]


def _rectangle(box: list[float]) -> list[float]:
    left, top, right, bottom = box
    return [left, top, right - left, bottom - top]


def _samples(whole: dict[str, Any], path: Path, details: Details) -> Iterator[StoredSample]:
    names = {category["id"]: category["name"] for category in whole["categories"]}
    glyphs: dict[int, list[dict[str, Any]]] = {}
    for glyph in whole["annotations"]:
        glyphs.setdefault(glyph["image_id"], []).append(glyph)
    files.check_count(path / _ANNOTATIONS, len(whole["images"]), details)
    for index, image in enumerate(whole["images"], details.shard.first):
        own = glyphs.get(index, [])
        text = "".join(names[glyph["category_id"]] for glyph in own)
        told = image["id"], image["file_name"], image["text"]
        if told != (index, _file_name(index, details), text):
            raise ShardError(
                f"{str(path / _ANNOTATIONS)!r} tells of the image {shown(told)}, where number "
                f"{index} with the glyphs {shown(text)} ought to be"
            )
        picture = files.read_file(path / image["file_name"])
        yield StoredSample(index, text, picture, _boxes([glyph["cell"] for glyph in own]))


def _boxes(cells: list[list[float]]) -> Any:
    boxes = np.array(cells, np.float64).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    return boxes.astype(np.float32)


COCO = Coco()
"""The format."""
