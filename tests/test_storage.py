"""Where a data set lies: a folder, or what fsspec reaches."""

import errno
import os
import pickle
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from surroundings import files_of_at_most

from image_sequence.datasets import storage as storage_module
from image_sequence.datasets.remote import RemoteFolder
from image_sequence.datasets.storage import LocalFolder, Storage, open_storage
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, LibraryError

NO_FILE = "there-is-nothing"


@pytest.fixture
def memory() -> Iterator[str]:
    """An address in fsspec's memory, where nothing is yet."""
    fsspec = pytest.importorskip("fsspec")
    yield "memory://bucket/sets/digits"
    fsspec.filesystem("memory").store.clear()
    fsspec.filesystem("memory").pseudo_dirs[:] = [""]


@pytest.fixture(params=["folder", "memory", "files"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """A folder, an object store, and a file system that fsspec reaches; nothing is there yet."""
    if request.param == "folder":
        return open_storage(tmp_path / "sets" / "digits")
    if request.param == "memory":
        return open_storage(request.getfixturevalue("memory"))
    pytest.importorskip("fsspec")
    return open_storage(f"local://{(tmp_path / 'sets' / 'digits').as_posix()}")


def made(place: Storage, name: str, content: bytes | dict[str, bytes]) -> Path:
    """A finished file, or a folder of files, in the workspace."""
    path = place.workspace() / name
    files = {"": content} if isinstance(content, bytes) else content
    for inside, own in files.items():
        file = path / inside
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(own)
    return path


def fetched(place: Storage, name: str, folder: Path) -> dict[str, bytes]:
    path = place.fetch(name, folder)
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return {file.relative_to(path).as_posix(): file.read_bytes() for file in files}


def test_nothing_is_made_by_opening(place: Storage) -> None:
    assert place.names() == []
    assert not place.exists("recipe.json")
    if place.path is not None:
        assert not place.path.exists()


def test_text_is_written_and_read(place: Storage) -> None:
    place.write_text("recipe.json", "zwölf\n")
    place.write_text(".image-sequence/shards/000003.json", "3")
    assert place.read_text("recipe.json") == "zwölf\n"
    assert place.read_bytes("recipe.json") == "zwölf\n".encode()
    assert place.size("recipe.json") == 7
    assert place.names() == [".image-sequence", "recipe.json"]
    assert place.names(".image-sequence/shards") == ["000003.json"]
    assert place.exists(".image-sequence/shards/000003.json")
    assert not place.exists(".image-sequence/shards/000004.json")


def test_text_replaces_text(place: Storage) -> None:
    place.write_text("manifest.json", "a long first one")
    place.write_text("manifest.json", "short")
    assert place.read_text("manifest.json") == "short"
    assert place.names() == ["manifest.json"]


def test_a_finished_file_is_moved(place: Storage, tmp_path: Path) -> None:
    local = made(place, "0-of-1-abc.tar", b"all of it")
    place.put(local, "train-000000.tar")
    assert not local.exists()
    assert fetched(place, "train-000000.tar", tmp_path / "here") == {".": b"all of it"}
    assert place.size("train-000000.tar") == 9


def test_a_finished_folder_is_moved(place: Storage, tmp_path: Path) -> None:
    content = {"metadata.jsonl": b"{}", "images/000000001.png": b"a picture"}
    local = made(place, "0-of-1-abc", content)
    place.put(local, "train-000000")
    assert not local.exists()
    assert fetched(place, "train-000000", tmp_path / "here") == content
    assert place.size("train-000000") == 11
    assert place.names("train-000000") == ["images", "metadata.jsonl"]


@pytest.mark.parametrize("before", [b"a file", {"left.json": b"behind", "a/b": b"c"}])
@pytest.mark.parametrize("after", [b"whole", {"a/c": b"whole"}])
def test_what_an_interrupted_run_left_is_replaced(
    place: Storage,
    tmp_path: Path,
    before: bytes | dict[str, bytes],
    after: bytes | dict[str, bytes],
) -> None:
    place.put(made(place, "first", before), "train-000000")
    place.put(made(place, "second", after), "train-000000")
    content = after if isinstance(after, dict) else {".": after}
    assert fetched(place, "train-000000", tmp_path / "here") == content


@pytest.mark.parametrize("content", [b"a file", {"a/b": b"c", "d": b""}])
def test_what_is_removed_is_gone(place: Storage, content: bytes | dict[str, bytes]) -> None:
    place.write_text("recipe.json", "{}")
    place.put(made(place, "some", content), "train-000000")
    place.remove("train-000000")
    place.remove("train-000000")  # What is not there need not be removed.
    assert not place.exists("train-000000")
    assert place.exists("recipe.json")


def test_a_name_is_no_part_of_a_longer_one(place: Storage, tmp_path: Path) -> None:
    place.put(made(place, "one", {"a": b"1"}), "train-000000")
    place.put(made(place, "two", {"a": b"22"}), "train-0000001")
    assert place.size("train-000000") == 1
    place.remove("train-000000")
    assert fetched(place, "train-0000001", tmp_path / "here") == {"a": b"22"}


def test_workspaces_are_folders_of_this_machine(place: Storage) -> None:
    workspace = place.workspace()
    assert workspace.is_dir()
    if place.is_local:
        assert place.path is not None
        assert workspace == place.path / ".image-sequence" == place.workspace()
    else:
        assert list(workspace.iterdir()) == []
        assert workspace != place.workspace()


@pytest.mark.parametrize("act", ["read_bytes", "read_text", "size"])
def test_a_missing_file_is_named(place: Storage, act: str) -> None:
    with pytest.raises(FileNotFoundError, match=NO_FILE):
        getattr(place, act)(NO_FILE)


@pytest.mark.parametrize("kind", ["memory", "local"])
def test_what_is_fetched_from_elsewhere_must_be_there(
    memory: str, tmp_path: Path, kind: str
) -> None:
    place = open_storage(memory if kind == "memory" else f"local://{tmp_path.as_posix()}")
    with pytest.raises(FileNotFoundError, match=NO_FILE):
        place.fetch(NO_FILE, tmp_path / "here")


def test_storage_is_small_when_pickled(place: Storage) -> None:
    place.write_text("recipe.json", "{}")
    pickled = pickle.dumps(place)
    assert len(pickled) < 500
    again = pickle.loads(pickled)  # noqa: S301  # Our own bytes.
    assert again == place
    assert again.read_text("recipe.json") == "{}"


@pytest.mark.parametrize(
    "name", ["", ".", "/etc/passwd", "../other", "a/../../b", "a\\b", "C:/x", "s3://bucket/x"]
)
def test_names_do_not_lead_out_of_the_data_set(place: Storage, name: str) -> None:
    with pytest.raises(ArgumentValueError, match="is no name of a file in a data set"):
        place.remove(name)


def test_paths_and_file_addresses_are_folders(tmp_path: Path) -> None:
    folder = tmp_path / "with space"
    for where in (
        folder,
        str(folder),
        folder.as_uri(),
        folder.as_uri().replace("///", "//localhost/"),
    ):
        place = open_storage(where)
        assert isinstance(place, LocalFolder)
        assert place.path == folder
        assert place.name == str(where)
        assert place.is_local


@pytest.mark.parametrize("where", ["C:\\sets\\digits", "C:/sets", "a:b", "sets", "s3:/bucket"])
def test_what_has_no_scheme_is_a_path(where: str) -> None:
    place = open_storage(where)
    assert place.path == Path(where).absolute()


def test_a_relative_path_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = open_storage("sets")
    monkeypatch.chdir("/")
    place.write_text("recipe.json", "{}")
    assert (tmp_path / "sets" / "recipe.json").exists()


def test_other_addresses_are_remote(memory: str) -> None:
    place = open_storage(memory)
    assert isinstance(place, RemoteFolder)
    assert (place.name, place.path, place.is_local) == (memory, None, False)


@pytest.mark.parametrize("where", [None, 7, b"sets"])
def test_a_place_is_text_or_a_path(where: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="a data set lies at a path or an address"):
        open_storage(where)


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("", "the path of a data set is empty"),
        ("nosuch://bucket/x", "'nosuch://bucket/x' is no address that fsspec can use"),
        ("file://server/share", "names the machine 'server'; .* 'file:///server/share'"),
        (
            PurePosixPath("s3://bucket/x"),
            "an address is given as text, not as the path 's3:/bucket/x'",
        ),
    ],
)
def test_places_that_cannot_be_are_refused(where: Any, message: str) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(ArgumentValueError, match=message):
        open_storage(where)


def test_a_missing_fsspec_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    with pytest.raises(LibraryError, match=r'pip install "image-sequence\[cloud\]"'):
        open_storage("s3://bucket/x")


@pytest.mark.parametrize(("where", "library"), [("s3://b/x", "s3fs"), ("gs://b/x", "gcsfs")])
def test_a_missing_library_of_a_cloud_is_named(
    monkeypatch: pytest.MonkeyPatch, where: str, library: str
) -> None:
    pytest.importorskip("fsspec")
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(LibraryError, match=library):
        open_storage(where)


@pytest.mark.parametrize("reason", [KeyboardInterrupt, RuntimeError])
@pytest.mark.parametrize("running", [True, False])
def test_an_interrupted_text_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: type[BaseException], running: bool
) -> None:
    place = open_storage(tmp_path)
    place.write_text("manifest.json", "the old one")
    if running:
        place.workspace()

    def interrupted(_: int) -> None:
        raise reason

    monkeypatch.setattr(storage_module.os, "fsync", interrupted)
    with pytest.raises(reason):
        place.write_text("manifest.json", "the new one")
    files = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert files == ["manifest.json"]
    assert place.read_text("manifest.json") == "the old one"


def test_a_workspace_that_another_process_takes_away_is_no_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = open_storage(tmp_path)
    workspace = place.workspace()
    monkeypatch.setattr(
        storage_module.os, "fsync", lambda _: shutil.rmtree(workspace, ignore_errors=True)
    )
    place.write_text("manifest.json", "{}")
    assert place.names() == ["manifest.json"]
    assert place.read_text("manifest.json") == "{}"


def test_a_folder_that_two_processes_remove_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = open_storage(tmp_path)
    place.write_text("train-000000/metadata.jsonl", "{}")
    rmtree, calls = shutil.rmtree, []

    def meet_another(path: Path) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", "metadata.jsonl")
        rmtree(path)

    monkeypatch.setattr(storage_module.shutil, "rmtree", meet_another)
    place.remove("train-000000")
    assert place.names() == []


def test_a_link_is_removed_and_not_what_it_leads_to(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("")
    place = open_storage(tmp_path / "set")
    place.write_text("recipe.json", "{}")
    (tmp_path / "set" / "train-000000").symlink_to(elsewhere)
    place.remove("train-000000")
    assert place.names() == ["recipe.json"]
    assert list(elsewhere.iterdir()) == [elsewhere / "thesis.txt"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that is killed")
def test_a_killed_process_leaves_nothing_but_in_the_workspace(tmp_path: Path) -> None:
    place = open_storage(tmp_path)
    place.workspace()
    child = os.fork()
    if child == 0:
        storage_module.os.fsync = lambda _: os.kill(os.getpid(), 9)
        place.write_text("manifest.json", "half")
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 9
    assert place.names() == [".image-sequence"]
    assert len(place.names(".image-sequence")) == 1


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    place = open_storage(tmp_path)
    with files_of_at_most(1000), pytest.raises(OSError, match=r"manifest\.json") as raised:
        place.write_text("manifest.json", "x" * 2000)
    assert raised.value.errno == errno.EFBIG
    assert place.names() == []


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match=str(tmp_path)):
        open_storage(tmp_path).write_text("recipe.json", "{}")


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OSError, match="taken"):
        open_storage(tmp_path / "taken").write_text("recipe.json", "{}")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (PermissionError("Access Denied"), PermissionError),
        (OSError(errno.ENOSPC, "No space left on device"), OSError),
        (RuntimeError("Unable to locate credentials"), OSError),
        (OSError("the connection broke"), OSError),
    ],
)
def test_errors_of_a_store_name_the_file(
    memory: str, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: type[OSError]
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    def fail(*_: Any, **__: Any) -> None:
        raise error

    for name in ("info", "pipe_file", "put_file"):
        monkeypatch.setattr(MemoryFileSystem, name, fail)
    place = open_storage(memory)
    with pytest.raises(kind, match=r"memory://bucket/sets/digits/recipe\.json") as raised:
        place.write_text("recipe.json", "{}")
    assert str(error.args[-1]) in str(raised.value)
    assert raised.value.errno == getattr(error, "errno", None)
    # A store that cannot be asked is not one that lacks the file.
    with pytest.raises(kind):
        place.exists("recipe.json")


def test_a_bucket_is_never_made(tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    place = RemoteFolder("local:///no-such-bucket-of-image-sequence/sets")
    with pytest.raises(FileNotFoundError, match="no-such-bucket-of-image-sequence"):
        place.write_text("recipe.json", "{}")
    assert not fsspec.filesystem("local").exists("/no-such-bucket-of-image-sequence")


def test_a_folder_that_a_store_lists_in_itself_is_none_of_its_names(
    memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    listed = ["bucket/sets/digits/", "bucket/sets/digits/b", "bucket/sets/digits/a/"]
    monkeypatch.setattr(MemoryFileSystem, "ls", lambda *_, **__: listed)
    assert open_storage(memory).names() == ["a", "b"]


def test_a_listing_is_never_an_old_one(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from fsspec.implementations.memory import MemoryFileSystem

    place = open_storage(memory)
    place.write_text("recipe.json", "{}")
    forgotten: list[str] = []
    monkeypatch.setattr(MemoryFileSystem, "invalidate_cache", lambda *_: forgotten.append("before"))
    for act in (
        place.names,
        lambda: place.exists("recipe.json"),
        lambda: place.size("recipe.json"),
    ):
        forgotten.clear()
        act()
        assert forgotten
