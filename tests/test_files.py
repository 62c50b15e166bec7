"""Files: there whole, or not at all."""

import os
from pathlib import Path

import pytest

from image_sequence.files import written_whole


@pytest.mark.parametrize("overwrite", [True, False])
@pytest.mark.parametrize("reason", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_block_leaves_nothing_behind(
    tmp_path: Path, reason: type[BaseException], overwrite: bool
) -> None:
    def write_half() -> None:
        with written_whole(tmp_path / "file", overwrite=overwrite) as partial:
            partial.write_bytes(b"half")
            raise reason

    with pytest.raises(reason):
        write_half()
    assert list(tmp_path.iterdir()) == []


def test_a_file_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    with written_whole(tmp_path / "new" / "folder" / "file") as partial:
        partial.write_bytes(b"whole")
        assert not (tmp_path / "new" / "folder" / "file").exists()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / "new" / "folder" / "file"]
    assert files[0].read_bytes() == b"whole"


def test_an_existing_file_is_replaced_by_default(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with written_whole(path) as partial:
        partial.write_bytes(b"new")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"new"]


@pytest.fixture(params=["hard links", "no hard links"])
def links(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With hard links, and as on a file system without them."""

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted", str(source), None, str(target))

    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("links")
def test_an_existing_file_is_kept_where_overwriting_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError), written_whole(path, overwrite=False) as partial:
        partial.write_bytes(b"new")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"old"]


@pytest.mark.usefixtures("links")
def test_a_new_file_is_written_where_overwriting_is_refused(tmp_path: Path) -> None:
    with written_whole(tmp_path / "file", overwrite=False) as partial:
        partial.write_bytes(b"new")
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"new"]


@pytest.mark.usefixtures("links")
def test_a_block_that_writes_nothing_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), written_whole(tmp_path / "file", overwrite=False):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_reserved_for_a_rename_that_fails_is_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    def write() -> None:
        with written_whole(tmp_path / "file", overwrite=False) as partial:
            partial.write_bytes(b"whole")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError):
        write()
    assert list(tmp_path.iterdir()) == []
