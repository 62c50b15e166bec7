"""Folders of pictures with `metadata.jsonl`: plain files, and Hugging Face's `imagefolder`."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from image_sequence.datasets.formats import files_of_pictures as files
from image_sequence.datasets.formats.kinds import Details, StoredSample
from image_sequence.errors import ShardError, shown
from image_sequence.plan import ABSENT
from image_sequence.records import RECORDS
from image_sequence.sample import Batch


class Folder:
    """A folder for each shard: a file for each picture, and a line about each in one file.

    A line is the sample's record after the name of its file, with -1 for a writer and for the box
    of ink that are null in the record, as `Sample` has them.
    """

    suffix = ""
    encodings = files.ENCODINGS
    has_masks = True
    libraries = ()

    def check(self) -> None:
        """Nothing: it needs no library."""

    def write(self, path: Path, batches: Iterable[Batch], details: Details) -> None:
        """Write the pictures and their records; see `Format`."""
        path.mkdir()
        suffix = details.encoding.suffix
        with (path / RECORDS).open("xb", buffering=files.BUFFER) as lines:
            for batch in files.write_pictures(path, batches, details.encoding):
                for record in batch.to_dicts(masks=details.masks):
                    name = files.named(record["index"]) + suffix
                    line = {"file_name": name} | _without_nulls(record)
                    lines.write(files.as_json(line).encode() + b"\n")

    def read(self, path: Path, details: Details) -> Iterator[StoredSample]:
        """The samples that the lines tell of; see `Format`."""
        count = 0
        for line in _lines(path / RECORDS):
            where = f"{str(path / RECORDS)!r}, line {count + 1},"
            record = files.parsed(line, where)
            index = details.shard.first + count
            name = record.pop("file_name", None)
            if name != files.named(index) + details.encoding.suffix:
                raise ShardError(f"{where} has {shown(name)} for the file of sample {index}")
            picture = files.read_file(path / name)
            yield files.from_record(_with_nulls(record, where), index, picture, where)
            count += 1
        files.check_count(path, count, details)

    def whole(self, paths: list[str], details: Details) -> Mapping[str, str]:  # noqa: ARG002  # the Protocol's
        """Nothing stands beside the shards."""
        return {}

    def opening(self, paths: list[str], details: Details) -> str:  # noqa: ARG002  # the Protocol's
        """By Hugging Face `datasets`, which guesses a split from the folders' names: take all."""
        return (
            "from datasets import load_dataset\n"
            "\n"
            'dataset = load_dataset("imagefolder", data_dir=".", split="all")\n'
            'image, text = dataset[0]["image"], dataset[0]["text"]\n'
        )


def _without_nulls(record: dict[str, Any]) -> dict[str, Any]:
    # Arrow's reader of JSON, which is behind Hugging Face's, miscounts lists that begin with null:
    # https://github.com/apache/arrow/issues/51305. And a column of null alone has no type.
    nowhere = [float(ABSENT)] * 4
    return record | {
        "ink_boxes": [nowhere if box is None else box for box in record["ink_boxes"]],
        "writers": [ABSENT if writer is None else writer for writer in record["writers"]],
        "writer": ABSENT if record["writer"] is None else record["writer"],
    }


def _with_nulls(line: dict[str, Any], where: str) -> dict[str, Any]:
    try:
        return line | {
            "ink_boxes": [None if box[0] == ABSENT else box for box in line["ink_boxes"]],
            "writers": [None if writer == ABSENT else writer for writer in line["writers"]],
            "writer": None if line["writer"] == ABSENT else line["writer"],
        }
    except (KeyError, TypeError, IndexError) as error:
        raise ShardError(f"{where} is no record: {shown(line)}") from error


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ShardError(f"{str(path)!r} is missing") from error


FOLDER = Folder()
"""The format."""
