"""TFRecord: a file a shard, with a `tf.train.Example` a sample, named as for object detection."""

import json
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np

from image_sequence.datasets.encoding import pngs
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.datasets.formats.tf_examples import example, feature, features_of
from image_sequence.errors import LibraryError, ShardError
from image_sequence.plan import ByteImages
from image_sequence.sample import Batch

Checksum: TypeAlias = Callable[[bytes], int]
"""CRC-32C of bytes: a whole number of 32 bits."""

_LENGTH, _SUM = struct.Struct("<Q"), struct.Struct("<I")
_BOX = tuple(f"image/object/bbox/{side}" for side in ("xmin", "ymin", "xmax", "ymax"))
_CLASS = "image/object/class"
_MASK = "image/object/mask"


class TFRecord:
    """A file of examples; beside all files stands a label map, as object detection wants it."""

    suffix = ".tfrecord"
    encodings = ("png", "jpeg", "webp", "raw")
    has_masks = True
    libraries = ("google-crc32c",)

    def check(self) -> None:
        """Check that google-crc32c is there."""
        _crc32c()

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the file."""
        crc32c = _crc32c()
        with path.open("xb") as file:
            for batch in batches:
                file.writelines(_framed(content, crc32c) for content in _examples(batch, details))

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples, one after the other."""
        count = 0
        with path.open("rb") as file:
            for content in _contents(file, path):
                stored = _stored(content, details, path)
                if stored.index != details.shard.first + count:
                    raise ShardError(
                        f"{path} has sample {stored.index} in the place of "
                        f"{details.shard.first + count}"
                    )
                count += 1
                yield stored
        if count != details.shard.count:
            raise ShardError(f"{path} has {count} samples instead of {details.shard.count}")

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002
        """What the numbers of labels mean, in the form of object detection's label maps."""
        ids = _class_ids(details)
        items = (
            f"item {{\n  id: {ids[number]}\n  name: {json.dumps(text, ensure_ascii=False)}\n}}\n"
            for number, text in sorted(details.classes.items())
        )
        return {"label_map.pbtxt": "".join(items)}

    def opening(self, paths: list[str], details: Details) -> str:
        """TensorFlow's way."""
        shape = (*details.image_shape, 1)[:3]
        ways = {
            "raw": f"tf.reshape(tf.io.decode_raw(encoded, tf.uint8), {shape})",
            "webp": f"tf.image.decode_webp(encoded)[0, ..., :{shape[2]}]",
        }
        way = ways.get(details.encoding.name, "tf.io.decode_image(encoded)")
        return (
            "import tensorflow as tf\n\n"
            "texts = tf.io.FixedLenFeature((), tf.string)\n"
            'wanted = {"image/encoded": texts, "text": texts}\n\n\n'
            "def picture_and_text(record):\n"
            "    found = tf.io.parse_single_example(record, wanted)\n"
            '    encoded = found["image/encoded"]\n'
            f'    return {way}, found["text"]\n\n\n'
            f"data = tf.data.TFRecordDataset({paths!r}).map(picture_and_text)\n"
            "picture, text = next(iter(data))\n"
        )


TFRECORD = TFRecord()


def _crc32c() -> Checksum:
    try:
        check: Checksum = import_module("google_crc32c").value
    except ImportError as error:
        raise LibraryError(
            f"the format 'tfrecord' needs google-crc32c, which does not load: {error}; "
            'pip install "image-sequence[tfrecord]"'
        ) from error
    return check


def _class_ids(details: Details) -> dict[int, int]:
    """Numbers of labels from 1, for object detection calls the background 0."""
    return {number: place for place, number in enumerate(sorted(details.classes), start=1)}


def _examples(batch: Batch, details: Details) -> Iterator[bytes]:
    """The samples one by one, with their features in an order that is always the same."""
    constants = _constants(details)
    pictures = _pictures(batch, details)
    records = batch.to_jsons(masks=details.masks)
    told = (pictures, records, batch.texts, batch.indices.tolist(), _objects(batch, details))
    for picture, record, text, index, objects in zip(*told, strict=True):
        yield example(
            [
                constants,
                *objects,
                feature("image/encoded", [picture]),
                feature("image/source_id", [b"%d" % index]),
                feature("text", [text.encode()]),
                feature("index", [index]),
                feature("record", [record.encode()]),
            ]
        )


def _pictures(batch: Batch, details: Details) -> list[bytes]:
    if details.encoding.is_raw:
        return [image.tobytes() for image in batch.images]
    return details.encoding.encoded(batch.images)


def _constants(details: Details) -> bytes:
    """The features that all samples have in common."""
    height, width, channels = (*details.image_shape, 1)[:3]
    sizes = {"height": height, "width": width, "channels": channels}
    features = [feature(f"image/{name}", [size]) for name, size in sizes.items()]
    return b"".join([feature("image/format", [details.encoding.name.encode()]), *features])


def _objects(batch: Batch, details: Details) -> Iterator[list[bytes]]:
    """The features of the glyphs of each sample: boxes as parts of the picture, labels, masks."""
    height, width = batch.images.shape[1:3]
    parts = batch.boxes / np.array([width, height, width, height], np.float32)
    sides = np.ascontiguousarray(parts.transpose(0, 2, 1))
    ids, texts = _class_ids(details), {k: text.encode() for k, text in details.classes.items()}
    rows = zip(sides, batch.labels.tolist(), batch.lengths.tolist(), strict=True)
    for row, (values, numbers, n) in enumerate(rows):
        labels = numbers[:n]
        features = [feature(name, side) for name, side in zip(_BOX, values[:, :n], strict=True)]
        features.append(feature(f"{_CLASS}/label", [ids[label] for label in labels]))
        features.append(feature(f"{_CLASS}/text", [texts[label] for label in labels]))
        if details.masks:
            masks = batch.masks[row, :n].view(np.uint8)
            features.append(feature(_MASK, pngs(masks, level=1)))
        yield features


def _framed(content: bytes, crc32c: Checksum) -> bytes:
    """A record as it stands in a file: its length and it, each with its sum."""
    length = _LENGTH.pack(len(content))
    return length + _masked(length, crc32c) + content + _masked(content, crc32c)


def _masked(content: bytes, crc32c: Checksum) -> bytes:
    """The sum as TensorFlow keeps it: tensorflow/core/lib/hash/crc32c.h."""
    check = crc32c(content)
    return _SUM.pack(((check >> 15 | check << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _contents(file: IO[bytes], path: Path) -> Iterator[bytes]:
    """The records of a file."""
    crc32c = _crc32c()
    while length := file.read(_LENGTH.size):
        content = b""
        if file.read(_SUM.size) == _masked(length, crc32c):
            content = file.read(*_LENGTH.unpack(length))
        if not content or file.read(_SUM.size) != _masked(content, crc32c):
            raise ShardError(f"{path} is no sound TFRecord file: a sum is wrong, or it is cut off")
        yield content


def _stored(content: bytes, details: Details, path: Path) -> StoredSample:
    try:
        features: Mapping[str, Any] = features_of(content)
        record = json.loads(features["record"][0])
        picture = features["image/encoded"][0]
        return StoredSample(
            index=features["index"][0],
            text=features["text"][0].decode(),
            picture=_pixels(picture, details) if details.encoding.is_raw else picture,
            boxes=np.array(record["boxes"], np.float32),
            record=record,
        )
    except (KeyError, ValueError) as error:
        raise ShardError(f"{path} has a record that is none of ours: {error!r}") from error


def _pixels(picture: bytes, details: Details) -> ByteImages:
    return np.frombuffer(picture, np.uint8).reshape(details.image_shape)
