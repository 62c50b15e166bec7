"""`image-sequence data`: what is known, there and right."""

import gzip
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from image_sequence.cli import main
from image_sequence.commands import data
from image_sequence.glyphs.catalogue import KNOWN, DataFile, DataSet

CONTENT = gzip.compress(b"sound", mtime=0)
SUMMED = DataFile("summed.gz", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
EXTRA = replace(SUMMED, name="extra.gz", is_optional=True)
UNSUMMED = DataFile("member.gz")


def of(name: str, *files: DataFile, system: tuple[Path, ...] = ()) -> DataSet:
    return DataSet(name, f"about {name}", "free", files, (), {}, system_folders=system)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder; two data sets are known, `first` of two files and `second` of one."""
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", str(tmp_path))
    both = {"first": of("first", SUMMED, EXTRA), "second": of("second", UNSUMMED)}
    monkeypatch.setattr(data, "KNOWN", both)
    return tmp_path


def put(path: Path, content: bytes = CONTENT) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def table(captured: pytest.CaptureFixture[str]) -> list[list[str]]:
    out, err = captured.readouterr()
    assert err == ""
    return [line.split("  ") for line in out.splitlines()]


def reports(captured: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    return {report["name"]: report for report in json.loads(captured.readouterr().out)}


def rows(captured: pytest.CaptureFixture[str]) -> list[list[str]]:
    return [[cell.strip() for cell in row if cell.strip()] for row in table(captured)]


def test_what_is_not_there_is_absent(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == 0
    assert rows(capsys) == [
        ["name", "present", "verified", "folder", "about"],
        ["first", "absent", "-", "-", "about first"],
        ["second", "absent", "-", "-", "about second"],
    ]


def test_what_is_there_has_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "first" / "summed.gz")
    put(folder / "second" / "member.gz")
    assert main(["data"]) == 0
    assert rows(capsys)[1:] == [
        ["first", "lacks 1 of 2 files", "-", str(folder / "first"), "about first"],
        ["second", "complete", "-", str(folder / "second"), "about second"],
    ]


def test_verified_means_that_all_sums_are_right(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder / "first" / "summed.gz")
    put(folder / "first" / "extra.gz")
    put(folder / "second" / "member.gz")
    assert main(["data", "--verify"]) == 0
    assert [row[:3] for row in rows(capsys)[1:]] == [
        ["first", "complete", "yes"],
        ["second", "complete", "sound"],
    ]


@pytest.mark.parametrize("place", ["first/extra.gz", "second/member.gz"])
@pytest.mark.parametrize("content", [b"", CONTENT[:-1], CONTENT[:-8] + bytes(8)])
def test_a_wrong_file_is_named_with_exit_code_1(
    folder: Path, place: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder / "first" / "summed.gz")
    put(folder / place, content)
    assert main(["data", "--verify"]) == 1
    out, err = capsys.readouterr()
    name = place.partition("/")[0]
    assert [line.split()[0] for line in out.splitlines() if "  no  " in line] == [name]
    assert err.startswith(f"image-sequence: {folder / place}: it")
    assert err.count("\n") == 1


def test_json_says_all_of_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "first" / "summed.gz")
    assert main(["data", "--verify", "--json"]) == 0
    first = reports(capsys)["first"]
    assert first == {
        "name": "first",
        "about": "about first",
        "licence": "free",
        "folder": str(folder / "first"),
        "state": "lacks 1 of 2 files",
        "is_readable": True,
        "verified": "yes",
        "files": [
            {
                "name": "summed.gz",
                "is_present": True,
                "is_optional": False,
                "verified": "yes",
                "fault": None,
            },
            {
                "name": "extra.gz",
                "is_present": False,
                "is_optional": True,
                "verified": None,
                "fault": None,
            },
        ],
    }


def test_nothing_is_called_verified_unasked(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(folder / "first" / "summed.gz", b"wrong")
    assert main(["data", "--json"]) == 0
    assert reports(capsys)["first"]["verified"] is None


def test_what_the_system_has_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(tmp_path / "system" / "summed.gz")
    given = of("given", SUMMED, system=(tmp_path / "system",))
    monkeypatch.setattr(data, "KNOWN", {"given": given})
    assert main(["data"]) == 0
    assert rows(capsys)[1] == ["given", "complete", "-", str(tmp_path / "system"), "about given"]


def test_without_platformdirs_there_are_a_list_and_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("IMAGE_SEQUENCE_DATA")
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert main(["data", "--json"]) == 0
    out, err = capsys.readouterr()
    assert [report["folder"] for report in json.loads(out)] == [None, None]
    assert 'pip install "image-sequence[data]"' in err


def test_all_that_is_known_is_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(data, "KNOWN", KNOWN)
    assert main(["data"]) == 0
    assert [row[0] for row in rows(capsys)[1:]] == [*KNOWN]
