"""The truth about saved pictures, a line of JSON each: `metadata.jsonl` in their folder."""

import json
import os
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from image_sequence.errors import RecordError, SourceNotFoundError, shown

RECORDS = "metadata.jsonl"
"""The name of the file; Hugging Face's `imagefolder` reads it as well."""


def append_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Add one record to those of a folder; whole or not at all.

    Raises:
        RecordError: the last line that is there is not whole.
        OSError: it cannot be written.
    """
    append_records(folder, [record])


def append_records(
    folder: Path, records: "Iterator[Mapping[str, Any]] | list[Mapping[str, Any]]"
) -> None:
    """Add records, at a stretch.

    Raises:
        As `append_record`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / RECORDS
    lines = [json.dumps(record, ensure_ascii=False) + "\n" for record in records]
    # Unbuffered and appended: several processes may add to one file, each line in one piece.
    with path.open("ab", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        _check_end(path, end)
        try:
            _write(file, "".join(lines).encode())
        except BaseException:
            file.truncate(end)
            raise


def read_records(where: str | PathLike[str]) -> Iterator[dict[str, Any]]:
    """The records of a folder, or of a file of such lines, one after the other.

    Raises:
        SourceNotFoundError: there are none.
        RecordError: a line is no record.
    """
    path = Path(where)
    path = path / RECORDS if path.is_dir() else path
    if not path.is_file():
        raise SourceNotFoundError(
            f"there are no records {str(path)!r}; image-sequence draw --count N --records writes "
            f"them, and Sample.to_json() makes such a line"
        )
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _record(line, f"{path}, line {number}")


def _record(line: str, where: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except json.JSONDecodeError as error:
        raise RecordError(f"{where} is no JSON: {error.msg}") from error
    if not isinstance(record, dict):
        raise RecordError(f"{where} is no record but {shown(record)}")
    return record


def _check_end(path: Path, size: int) -> None:
    if not size:
        return
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        if file.read() != b"\n":
            raise RecordError(
                f"the last line of {str(path)!r} is cut short; take it away, and go on"
            )


def _write(file: Any, content: bytes) -> None:
    while content:
        content = content[file.write(content) :]
