"""`image-sequence data`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from image_sequence.commands.parsing import DONE, FAILED, PROG
from image_sequence.errors import LibraryError
from image_sequence.glyphs.catalogue import KNOWN, DataFile, DataSet
from image_sequence.glyphs.places import data_folder

_DESCRIPTION = """\
List the data sets that are known, where they lie, and whether they are right.

A data set is complete or absent, or lacks some of its files. Whether a file holds what it should
is looked into with --verify only, by its SHA-256: "yes" means that all of them were right. EMNIST
is "sound" at best: its sum is that of the archive, and its files have gzip's own check sums."""
_EXAMPLES = """examples:
  %(prog)s
      what is there
  %(prog)s --verify
      the same, and read all of it; exit code 1 if a file is not what it should be
  %(prog)s --verify --json
      the same for a program
"""

_SUM_RIGHT, _SOUND, _FAULTY = "yes", "sound", "no"
_UNCHECKED = "-"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "data", help="list the data sets", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.set_defaults(command=_data, interrupted="interrupted")
    parser.add_argument("--verify", action="store_true", help="read the files and check their sums")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")


@dataclass(frozen=True, slots=True)
class _FileReport:
    """A file that is in the folder or belongs there.

    Attributes:
        verified: "yes", "sound" or "no"; None if nobody looked or it is not there.
        fault: what is wrong with it.
    """

    name: str
    is_present: bool
    is_optional: bool
    verified: str | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class _Report:
    """A data set.

    Attributes:
        folder: where it lies, or would; None if there is no telling.
        state: "complete", "absent" or "lacks 2 of 6 files".
        is_readable: all is there but for optional files.
        verified: of its files, the worst.
    """

    name: str
    about: str
    licence: str
    folder: str | None
    state: str
    is_readable: bool
    verified: str | None
    files: tuple[_FileReport, ...]


def _data(options: argparse.Namespace) -> int:
    try:
        root = data_folder()
    except LibraryError as error:
        print(f"{PROG}: {error}", file=sys.stderr)
        root = None
    reports = [_report(data_set, root, verify=options.verify) for data_set in KNOWN.values()]
    print(_as_json(reports) if options.json else _table(reports), flush=True)
    faults = [
        f"{report.folder}/{file.name}: {file.fault}"
        for report in reports
        for file in report.files
        if file.fault is not None
    ]
    for fault in faults:
        print(f"{PROG}: {fault}", file=sys.stderr)
    return FAILED if faults else DONE


def _report(data_set: DataSet, root: Path | None, *, verify: bool) -> _Report:
    folder = _folder(data_set, root)
    files = tuple(_file_report(file, folder, verify=verify) for file in data_set.files)
    return _Report(
        name=data_set.name,
        about=data_set.about,
        licence=data_set.licence,
        folder=None if folder is None else str(folder),
        state=_state(files),
        is_readable=all(file.is_present or file.is_optional for file in files),
        verified=_worst(files),
        files=files,
    )


def _folder(data_set: DataSet, root: Path | None) -> Path | None:
    own = [] if root is None else [root / data_set.folder]
    folders = [*own, *data_set.system_folders]
    return next(filter(data_set.is_readable, folders), own[0] if own else None)


def _file_report(file: DataFile, folder: Path | None, *, verify: bool) -> _FileReport:
    path = None if folder is None else folder / file.name
    is_present = path is not None and path.is_file()
    fault = verified = None
    if path is not None and is_present and verify:
        fault = file.fault(path)
        verified = _FAULTY if fault else _SOUND if file.sha256 is None else _SUM_RIGHT
    return _FileReport(file.name, is_present, file.is_optional, verified, fault)


def _state(files: Sequence[_FileReport]) -> str:
    absent_count = sum(not file.is_present for file in files)
    if absent_count == 0:
        return "complete"
    return "absent" if absent_count == len(files) else f"lacks {absent_count} of {len(files)} files"


def _worst(files: Sequence[_FileReport]) -> str | None:
    found = {file.verified for file in files}
    return next((verdict for verdict in (_FAULTY, _SOUND, _SUM_RIGHT) if verdict in found), None)


def _as_json(reports: Sequence[_Report]) -> str:
    return json.dumps([asdict(report) for report in reports], indent=2)


def _table(reports: Sequence[_Report]) -> str:
    rows = [("name", "present", "verified", "folder", "about")]
    for report in reports:
        folder = report.folder if report.state != "absent" else None
        rows.append(
            (
                report.name,
                report.state,
                report.verified or _UNCHECKED,
                folder or _UNCHECKED,
                report.about,
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(map(str.ljust, row, widths)).rstrip()  # The last column needs no filling up.
        for row in rows
    )
