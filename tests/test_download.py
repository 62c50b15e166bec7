"""Downloading: from a server that misbehaves come right files or clear errors, and nothing else."""

import gzip
import hashlib
import io
import random
import re
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from misbehaving import Misbehaving, misbehaving
from shared_data import MNIST, SHARED, needs_mnist
from surroundings import files_of_at_most, memory_below, terminal

from image_sequence.cli import main
from image_sequence.errors import ArgumentValueError, DownloadError
from image_sequence.glyphs.catalogue import KNOWN, Archive, DataFile, DataSet
from image_sequence.glyphs.download import Limits, download

# A drip of at most 20 bytes a second is found out in a moment; a busy machine is not.
HASTY = Limits(window=0.3, pace=100)
# What random numbers do not give: content that gzip cannot shrink, the same each time.
CONTENT = random.Random(7).randbytes(300_000)  # noqa: S311  # no secret
PACKED = gzip.compress(CONTENT, mtime=0)
OTHER = gzip.compress(CONTENT[::-1], mtime=0)
NAME = "images.gz"


def sum_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


BY_CONTENT = DataFile(NAME, sum_of(CONTENT), len(CONTENT), is_sum_of_content=True)
AS_SERVED = DataFile(NAME, sum_of(PACKED), len(PACKED))
both_sums = pytest.mark.parametrize("file", [BY_CONTENT, AS_SERVED], ids=["content", "served"])

SIX_BAD_WAYS = {
    "wrong": "SHA-256",
    "cut": "broke off",
    "forbidden": "HTTP 403 Forbidden",
    "circle": "HTTP 302 redirects in a circle",
    "drip": "too slow",
    "endless": "sends more than the",
}
WORSE_WAYS = {
    "dripping_head": "too slow",
    "endless_prelude": "its answer has no end",
    "partial_unasked": "HTTP 206",
    "other_size": "has a file of 1000000000000 bytes instead of",
    "file_redirect": "is not allowed",
    "ftp_redirect": "unknown url type: ftp",
    "noise": "BadStatusLine",
    "nothing": "Remote end closed connection",
}
bad_ways = pytest.mark.parametrize(("way", "reason"), (SIX_BAD_WAYS | WORSE_WAYS).items())


def one(file: DataFile) -> DataSet:
    return DataSet("one", "a file", "none", files=(file,), mirrors=(), file_stems={})


@pytest.fixture
def server() -> Iterator[Misbehaving]:
    with misbehaving({NAME: PACKED}) as told:
        told.wrong[NAME] = OTHER
        yield told


def get(
    file: DataFile, folder: Path, server: Misbehaving, *ways: str, limits: Limits = HASTY
) -> Path:
    (path,) = download(one(file), folder, mirrors=[server.url(way) for way in ways], limits=limits)
    return path


def data_in(folder: Path) -> dict[str, bytes]:
    """What could be taken for data."""
    return {
        path.name: path.read_bytes() for path in folder.iterdir() if not path.name.startswith(".")
    }


def part_of(folder: Path) -> Path:
    return folder / f".{NAME}.part"


# A mirror that misbehaves.


@both_sums
@bad_ways
def test_a_bad_mirror_alone_is_a_clear_error_and_leaves_no_data(
    tmp_path: Path, server: Misbehaving, file: DataFile, way: str, reason: str
) -> None:
    with files_of_at_most(file.most_bytes), pytest.raises(DownloadError) as caught:
        get(file, tmp_path, server, way)
    message = str(caught.value)
    assert message.startswith(f"{NAME} cannot be had: {server.url(way)} ")
    assert reason in message
    assert data_in(tmp_path) == {}
    left = {path.name for path in tmp_path.iterdir()} - {".lock"}
    assert left <= {f".{NAME}.part"}
    if left:
        assert PACKED.startswith(part_of(tmp_path).read_bytes())


@both_sums
@bad_ways
def test_beside_a_good_mirror_a_bad_one_does_no_harm(
    tmp_path: Path, server: Misbehaving, file: DataFile, way: str, reason: str
) -> None:
    told: list[str] = []
    download(
        one(file),
        tmp_path,
        mirrors=[server.url(way), server.url("good")],
        limits=HASTY,
        tell=told.append,
    )
    assert data_in(tmp_path) == {NAME: PACKED}
    assert {path.name for path in tmp_path.iterdir()} == {NAME, ".lock"}
    (sentence,) = told
    assert reason in sentence
    assert sentence.endswith(f"; trying {server.url('good')}")


@both_sums
@pytest.mark.parametrize("way", ["good", "chunked", "without_ranges", "after_a_redirect"])
def test_a_good_mirror_gives_the_file(
    tmp_path: Path, server: Misbehaving, file: DataFile, way: str
) -> None:
    assert get(file, tmp_path / "new", server, way) == tmp_path / "new" / NAME
    assert data_in(tmp_path / "new") == {NAME: PACKED}


def test_a_silent_mirror_is_given_up(tmp_path: Path, server: Misbehaving) -> None:
    with pytest.raises(DownloadError, match="timed out"):
        get(AS_SERVED, tmp_path, server, "silence", limits=Limits(timeout=0.1))
    assert len(server.requests) == 1


def test_a_mirror_is_asked_a_fixed_number_of_times(tmp_path: Path, server: Misbehaving) -> None:
    with pytest.raises(DownloadError, match="broke off"):
        get(AS_SERVED, tmp_path, server, "cut", limits=replace(HASTY, attempts=4))
    assert len(server.requests) == 4


def test_wrong_bytes_are_asked_for_once(tmp_path: Path, server: Misbehaving) -> None:
    with pytest.raises(DownloadError, match="SHA-256"):
        get(AS_SERVED, tmp_path, server, "wrong")
    assert len(server.requests) == 1


def test_a_page_instead_of_the_file_is_not_taken(tmp_path: Path, server: Misbehaving) -> None:
    server.files[NAME] = b"<html>Please log in</html>"
    with pytest.raises(DownloadError, match="not sound gzip data: Not a gzipped file"):
        get(BY_CONTENT, tmp_path, server, "good")
    assert data_in(tmp_path) == {}


@pytest.mark.parametrize("packed", [PACKED[:-8], PACKED + b"more", PACKED + PACKED])
def test_sound_content_that_is_cut_or_followed_by_other_data_is_not_taken(
    tmp_path: Path, server: Misbehaving, packed: bytes
) -> None:
    server.files[NAME] = packed
    with pytest.raises(DownloadError, match=r"cut short|gzip data|more than|instead of at most"):
        get(BY_CONTENT, tmp_path, server, "good")
    assert data_in(tmp_path) == {}


def test_content_may_be_wrapped_in_another_way(tmp_path: Path, server: Misbehaving) -> None:
    server.files[NAME] = gzip.compress(CONTENT, compresslevel=1, mtime=1)
    get(BY_CONTENT, tmp_path, server, "good")
    assert data_in(tmp_path) == {NAME: server.files[NAME]}


def test_a_decompression_bomb_fills_no_memory(tmp_path: Path, server: Misbehaving) -> None:
    server.files[NAME] = gzip.compress(bytes(100 << 20), mtime=0)
    message = f"unpacks to more than {len(CONTENT)} bytes"
    with memory_below(10 << 20), pytest.raises(DownloadError, match=message):
        get(BY_CONTENT, tmp_path, server, "good")
    assert data_in(tmp_path) == {}


# A transfer that broke off.


@both_sums
def test_a_transfer_that_broke_off_is_gone_on_with(
    tmp_path: Path, server: Misbehaving, file: DataFile
) -> None:
    with pytest.raises(DownloadError, match="goes on where this one stopped"):
        get(file, tmp_path, server, "cut")
    size = part_of(tmp_path).stat().st_size
    assert size > len(PACKED) * 3 // 4
    get(file, tmp_path, server, "good")
    assert server.ranges() == [f"bytes={size}-"]
    assert data_in(tmp_path) == {NAME: PACKED}


def test_after_a_cut_the_same_mirror_is_asked_for_the_rest(
    tmp_path: Path, server: Misbehaving
) -> None:
    with pytest.raises(DownloadError):
        get(AS_SERVED, tmp_path, server, "cut")
    half = len(PACKED) // 2
    quarter = half + (len(PACKED) - half) // 2
    assert server.ranges("cut") == [None, f"bytes={half}-", f"bytes={quarter}-"]


@both_sums
def test_a_mirror_that_knows_no_ranges_begins_anew(
    tmp_path: Path, server: Misbehaving, file: DataFile
) -> None:
    part_of(tmp_path).write_bytes(PACKED[:1000])
    get(file, tmp_path, server, "without_ranges")
    assert server.ranges("without_ranges") == ["bytes=1000-"]
    assert data_in(tmp_path) == {NAME: PACKED}


@both_sums
def test_a_part_that_is_wrong_is_dropped_and_the_mirror_asked_anew(
    tmp_path: Path, server: Misbehaving, file: DataFile
) -> None:
    part_of(tmp_path).write_bytes(OTHER[:1000])
    get(file, tmp_path, server, "good")
    assert server.ranges() == ["bytes=1000-", None]
    assert data_in(tmp_path) == {NAME: PACKED}


@both_sums
def test_another_range_than_asked_for_is_not_appended(
    tmp_path: Path, server: Misbehaving, file: DataFile
) -> None:
    part_of(tmp_path).write_bytes(PACKED[:1000])
    get(file, tmp_path, server, "other_range")
    assert server.ranges("other_range") == ["bytes=1000-", None]
    assert data_in(tmp_path) == {NAME: PACKED}


def test_a_part_that_is_longer_than_the_mirrors_file_is_dropped(
    tmp_path: Path, server: Misbehaving
) -> None:
    part_of(tmp_path).write_bytes(PACKED + b"x")
    get(BY_CONTENT, tmp_path, server, "good")
    assert server.ranges() == [f"bytes={len(PACKED) + 1}-", None]
    assert data_in(tmp_path) == {NAME: PACKED}


@both_sums
def test_a_part_that_is_longer_than_any_right_file_is_dropped_at_once(
    tmp_path: Path, server: Misbehaving, file: DataFile
) -> None:
    part_of(tmp_path).write_bytes(bytes(file.most_bytes))
    get(file, tmp_path, server, "good")
    assert server.ranges() == [None]
    assert data_in(tmp_path) == {NAME: PACKED}


@both_sums
def test_a_part_that_is_whole_gets_its_name_without_a_question(
    tmp_path: Path, server: Misbehaving, file: DataFile
) -> None:
    part_of(tmp_path).write_bytes(PACKED)
    get(file, tmp_path, server, "good")
    assert server.requests == []
    assert data_in(tmp_path) == {NAME: PACKED}


def test_a_wrong_mirrors_part_does_not_spoil_the_next_mirrors_file(
    tmp_path: Path, server: Misbehaving
) -> None:
    server.files["other/" + NAME] = OTHER
    with pytest.raises(DownloadError):
        download(one(BY_CONTENT), tmp_path, mirrors=[server.url("cut") + "other"])
    assert OTHER.startswith(part_of(tmp_path).read_bytes())
    get(BY_CONTENT, tmp_path, server, "good")
    assert data_in(tmp_path) == {NAME: PACKED}


# What is there already.


def test_a_right_file_is_left_alone(tmp_path: Path, server: Misbehaving) -> None:
    get(AS_SERVED, tmp_path, server, "good")
    before = (tmp_path / NAME).stat()
    told: list[str] = []
    paths = download(one(AS_SERVED), tmp_path, mirrors=[server.url("good")], tell=told.append)
    assert paths == (tmp_path / NAME,)
    assert told == [f"{tmp_path / NAME} is there already"]
    assert (tmp_path / NAME).stat() == before
    assert len(server.requests) == 1


def test_a_wrong_file_is_replaced_when_a_right_one_has_come(
    tmp_path: Path, server: Misbehaving
) -> None:
    (tmp_path / NAME).write_bytes(b"mine")
    with pytest.raises(DownloadError):
        get(AS_SERVED, tmp_path, server, "forbidden")
    assert data_in(tmp_path) == {NAME: b"mine"}
    told: list[str] = []
    download(one(AS_SERVED), tmp_path, mirrors=[server.url("good")], tell=told.append)
    assert data_in(tmp_path) == {NAME: PACKED}
    assert "is there but wrong, it is replaced when a right one has come: it has 4" in told[0]


def test_two_downloads_into_one_folder_do_not_meet(tmp_path: Path, server: Misbehaving) -> None:
    failures: list[str] = []

    def drip() -> None:
        try:
            get(AS_SERVED, tmp_path, server, "drip", limits=Limits(timeout=1))
        except DownloadError as error:
            failures.append(str(error))

    thread = threading.Thread(target=drip)
    thread.start()
    assert server.dripping.wait(30)
    with pytest.raises(DownloadError, match="another process downloads into it"):
        get(AS_SERVED, tmp_path, server, "good")
    server.stopped.set()
    thread.join()
    assert "broke off" in failures[0]
    get(AS_SERVED, tmp_path, server, "good")
    assert data_in(tmp_path) == {NAME: PACKED}


# What the error advises.


def test_offline_the_error_names_the_mirrors_the_files_and_the_folder(tmp_path: Path) -> None:
    with misbehaving({}) as told:
        gone = told.url("good")
    with pytest.raises(DownloadError) as caught:
        download("fashion-mnist", tmp_path / "here", mirrors=[gone, gone])
    names = ", ".join(file.name for file in KNOWN["fashion-mnist"].files)
    assert str(caught.value) == (
        f"train-images-idx3-ubyte.gz cannot be had: {gone} Connection refused; "
        f"{gone} Connection refused. The same command again goes on where this one stopped. "
        f"By hand: put {names} into {str(tmp_path / 'here')!r}"
    )


def test_of_an_optional_file_the_error_says_so(tmp_path: Path, server: Misbehaving) -> None:
    with pytest.raises(DownloadError, match=r"; one can be read without$"):
        get(replace(AS_SERVED, is_optional=True), tmp_path, server, "forbidden")


def test_known_mirrors_are_asked_if_none_are_given_and_a_files_own_go_first(
    tmp_path: Path, server: Misbehaving
) -> None:
    server.files["own.gz"] = PACKED
    own = replace(AS_SERVED, name="own.gz", mirrors=(server.url("chunked"),))
    both = replace(one(AS_SERVED), files=(AS_SERVED, own), mirrors=(server.url("good"),))
    download(both, tmp_path)
    assert server.requests == [("good", NAME, None), ("chunked", "own.gz", None)]


@pytest.mark.parametrize(
    "url",
    ["", "ftp://a/", "file:///etc/", "/mnt/data", "http://", "http://[a/", "http://a b/", "//a/"],
)
def test_what_is_no_url_is_no_mirror(tmp_path: Path, url: str) -> None:
    with pytest.raises(ArgumentValueError, match=r"such as https://example.org/mnist/, not '"):
        download(one(AS_SERVED), tmp_path / "new", mirrors=[url])
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["timeout", "window", "pace", "attempts"])
def test_limits_are_above_zero(name: str) -> None:
    with pytest.raises(ArgumentValueError, match=f"the limit {name} is above 0, not 0"):
        Limits(**{name: 0})


# Archives.

MEMBERS = {f"gzip/{name}.gz": gzip.compress(name.encode(), mtime=0) for name in "abc"}


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def in_archive(content: bytes) -> DataSet:
    """A data set of the first two members."""
    return DataSet(
        "zipped",
        "two files of three",
        "none",
        files=(DataFile("a.gz"), DataFile("b.gz")),
        mirrors=(),
        file_stems={},
        archive=Archive("all.zip", sum_of(content), len(content), members=tuple(MEMBERS)),
    )


UNPACKED = {name.removeprefix("gzip/"): content for name, content in MEMBERS.items()}
ZIPPED = zipped(MEMBERS)


@pytest.fixture
def archives(server: Misbehaving) -> Misbehaving:
    server.files["all.zip"] = ZIPPED
    server.wrong["all.zip"] = zipped(dict.fromkeys(MEMBERS, b"wrong"))
    return server


def test_an_archive_is_unpacked_and_removed(tmp_path: Path, archives: Misbehaving) -> None:
    paths = download(in_archive(ZIPPED), tmp_path, mirrors=[archives.url("good")])
    assert paths == tuple(tmp_path / name for name in UNPACKED)
    assert data_in(tmp_path) == UNPACKED


@pytest.mark.parametrize("way", SIX_BAD_WAYS)
def test_nothing_comes_out_of_a_bad_archive(
    tmp_path: Path, archives: Misbehaving, way: str
) -> None:
    with pytest.raises(DownloadError) as caught:
        download(in_archive(ZIPPED), tmp_path, mirrors=[archives.url(way)], limits=HASTY)
    assert f"put all.zip into {str(tmp_path)!r} and give the command again" in str(caught.value)
    assert data_in(tmp_path) == {}


def test_what_came_out_of_an_archive_is_left_alone(tmp_path: Path, archives: Misbehaving) -> None:
    for name in ("a.gz", "b.gz"):
        (tmp_path / name).write_bytes(UNPACKED[name])
    paths = download(in_archive(ZIPPED), tmp_path, mirrors=[archives.url("good")])
    assert paths == (tmp_path / "a.gz", tmp_path / "b.gz")
    assert archives.requests == []


@pytest.mark.parametrize("content", [b"", b"no gzip", UNPACKED["b.gz"][:-3]])
def test_an_unsound_file_out_of_an_archive_is_unpacked_anew(
    tmp_path: Path, archives: Misbehaving, content: bytes
) -> None:
    (tmp_path / "a.gz").write_bytes(UNPACKED["a.gz"])
    (tmp_path / "b.gz").write_bytes(content)
    download(in_archive(ZIPPED), tmp_path, mirrors=[archives.url("good")])
    assert data_in(tmp_path) == UNPACKED


def test_an_archive_put_there_by_hand_is_unpacked_without_a_question(
    tmp_path: Path, archives: Misbehaving
) -> None:
    (tmp_path / "all.zip").write_bytes(ZIPPED)
    download(in_archive(ZIPPED), tmp_path, mirrors=[archives.url("good")])
    assert archives.requests == []
    assert data_in(tmp_path) == UNPACKED


def test_unpacking_that_was_interrupted_is_done_again(
    tmp_path: Path, archives: Misbehaving
) -> None:
    def interrupt(path: Path) -> None:
        assert path == tmp_path / "a.gz"
        raise KeyboardInterrupt

    mirrors = [archives.url("good")]
    with pytest.raises(KeyboardInterrupt):
        download(in_archive(ZIPPED), tmp_path, mirrors=mirrors, arrived=interrupt)
    assert set(data_in(tmp_path)) == {"a.gz", "all.zip"}
    download(in_archive(ZIPPED), tmp_path, mirrors=[archives.url("good")])
    assert len(archives.requests) == 1
    assert data_in(tmp_path) == UNPACKED


def test_an_archive_without_a_member_is_an_error(tmp_path: Path, archives: Misbehaving) -> None:
    content = zipped({"gzip/a.gz": MEMBERS["gzip/a.gz"]})
    archives.files["all.zip"] = content
    with pytest.raises(DownloadError, match=r"does not hold what it should: .*gzip/b\.gz"):
        download(in_archive(content), tmp_path, mirrors=[archives.url("good")])


# The real MNIST, and the command.


@pytest.fixture
def mnist_server() -> Iterator[Misbehaving]:
    files = {path.name: path.read_bytes() for path in MNIST.glob("*.gz")}
    files |= {path.name: path.read_bytes() for path in (SHARED / "qmnist").glob("*.gz")}
    with misbehaving(files) as told:
        told.wrong |= dict.fromkeys(files, OTHER)
        yield told


@needs_mnist
def test_mnist_comes_through_six_bad_mirrors(
    tmp_path: Path, mnist_server: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = [file for file in KNOWN["mnist"].files if "images" not in file.name]
    monkeypatch.setitem(KNOWN, "mnist", replace(KNOWN["mnist"], files=tuple(small)))
    mirrors = [mnist_server.url(way) for way in (*SIX_BAD_WAYS, "good")]
    paths = download("mnist", tmp_path, mirrors=mirrors, limits=HASTY)
    assert data_in(tmp_path) == {path.name: mnist_server.files[path.name] for path in paths}


@needs_mnist
def test_the_command_gets_all_of_mnist_and_prints_its_paths(
    tmp_path: Path, mnist_server: Misbehaving, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["download", "mnist", "--to", str(tmp_path), "--mirror", mnist_server.url("good")]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    names = [file.name for file in KNOWN["mnist"].files]
    assert out.splitlines() == [str(tmp_path / "mnist" / name) for name in names]
    assert err == ""
    assert data_in(tmp_path / "mnist") == {name: mnist_server.files[name] for name in names}


def test_the_command_uses_the_data_folder_and_several_names(
    tmp_path: Path,
    server: Misbehaving,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", str(tmp_path))
    for name in ("one", "two"):
        monkeypatch.setitem(KNOWN, name, replace(one(AS_SERVED), name=name, folder=name))
    bad, good = server.url("forbidden"), server.url("good")
    assert main(["download", "one", "two", "--mirror", bad, "--mirror", good]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [str(tmp_path / name / NAME) for name in ("one", "two")]
    assert (
        err.splitlines() == [f"image-sequence: {NAME}: {bad} HTTP 403 Forbidden; trying {good}"] * 2
    )


def test_when_all_mirrors_fail_the_command_says_why_with_exit_code_1(
    tmp_path: Path, server: Misbehaving, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["download", "kmnist", "--to", str(tmp_path), "--mirror", server.url("forbidden")]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("image-sequence: train-images-idx3-ubyte.gz cannot be had: http://127")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mnits"], r"no data set 'mnits' is known; known are mnist, fashion-mnist, kmnist, q"),
        (["mnist", "mnits"], "no data set 'mnits' is known"),
        (["mnist", "--mirror", "a"], "a mirror is the beginning of a URL"),
    ],
)
def test_what_cannot_be_downloaded_is_bad_input(
    tmp_path: Path, arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["download", *arguments, "--to", str(tmp_path / "new")]) == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "image_sequence", *arguments]


def test_an_interrupt_keeps_the_part_for_the_next_time(tmp_path: Path) -> None:
    name = "train-images-idx3-ubyte.gz"
    part = tmp_path / "mnist" / f".{name}.part"
    with misbehaving({name: PACKED}) as told:
        with subprocess.Popen(  # noqa: S603  # our own program
            command("download", "mnist", "--to", str(tmp_path), "--mirror", told.url("drip")),
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            while not told.dripping.wait(0.1):
                assert process.poll() is None
            while not part.exists():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            message = process.stderr.read()
        assert process.returncode == 130
    assert message == (
        "image-sequence: interrupted; the same command goes on where this one stopped\n"
    )
    assert data_in(tmp_path / "mnist") == {}
    assert PACKED.startswith(part.read_bytes())


def test_at_a_terminal_progress_is_shown(tmp_path: Path) -> None:
    name = "t10k-labels-idx1-ubyte.gz"
    with misbehaving({name: PACKED}) as told, terminal(120) as screen:
        program = (
            "import sys; from image_sequence.glyphs.catalogue import *\n"
            "from image_sequence.glyphs.download import download\n"
            f"file = DataFile({name!r}, {sum_of(PACKED)!r}, {len(PACKED)})\n"
            "data_set = DataSet('one', '', '', (file,), (), {})\n"
            "download(data_set, sys.argv[1], mirrors=sys.argv[2:], progress=True)"
        )
        subprocess.run(  # noqa: S603  # our own program
            [sys.executable, "-c", program, str(tmp_path), told.url("good")],
            stderr=screen.end,
            check=True,
        )
    assert re.search(rf"{re.escape(name)}: +\d+%.*/{len(PACKED) / 1024:.0f}k", screen.shown)
