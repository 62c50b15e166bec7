"""What data sets survive: kills, interrupts, full disks, dead parents, missing permissions."""

import json
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from dataset_formats import content
from system import processes, succeeds

from image_sequence.datasets import verify_dataset, write_dataset
from image_sequence.errors import UnfinishedError

COUNT = 6000
RECIPE = {
    "count": COUNT,
    "labels": {"policy": "digits", "length": [2, 4]},
    "width": 96,
    "seed": 7,
    "shard_size": 500,
}
ATTEMPTS = 60  # Of a run that is killed again and again; a killed one is to get somewhere.


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("recipe") / "recipe.json"
    path.write_text(json.dumps(RECIPE))
    return path


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    write_dataset(RECIPE, folder, watch=None)
    return content(folder)


def started(recipe: Path, folder: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "image_sequence", "dataset", str(recipe)]
    return subprocess.Popen(  # noqa: S603  # our own program
        [*command, "--out", str(folder), "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: "subprocess.Popen[str]", event: str, times: int = 1) -> None:
    for line in process.stdout:
        times -= json.loads(line)["event"] == event
        if not times:
            return
    pytest.fail(f"the program ended before: {process.stderr.read()}")


def end(process: "subprocess.Popen[str]") -> str:
    process.stdout.read()
    told = process.stderr.read()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return told


@pytest.mark.parametrize(
    ("workers", "format_", "count"),
    [("1", "webdataset", 8_000), ("2", "webdataset", 10_000), ("2", "folder", 1_500)],
)
def test_kills_at_random_moments_lose_double_and_change_nothing(
    recipe: Path, tmp_path: Path, workers: str, format_: str, count: int
) -> None:
    rng, kills = random.Random(int(workers)), 0  # noqa: S311  # moments, no secrets
    folder, options = tmp_path / "digits", ("--count", str(count), "--format", format_)
    for _ in range(ATTEMPTS):
        process = started(recipe, folder, "--workers", workers, *options)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=rng.uniform(0.2, 0.7) if kills < 4 else None)
        kills += process.poll() is None
        process.kill()
        end(process)
        if process.returncode == 0:
            break
    assert kills
    write_dataset(RECIPE | {"count": count, "format": format_}, tmp_path / "again", watch=None)
    assert content(folder) == content(tmp_path / "again")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupt_keeps_what_is_finished_and_leaves_no_traceback(
    recipe: Path, undisturbed: dict[str, bytes], tmp_path: Path, workers: str
) -> None:
    folder = tmp_path / "digits"
    process = started(recipe, folder, "--workers", workers)
    wait_for(process, "shard", 2)
    process.send_signal(signal.SIGINT)
    assert end(process) == (
        "image-sequence: interrupted; finished shards are kept, and the same command goes on\n"
    )
    assert process.returncode == 130
    report = verify_dataset(folder)
    assert report.problems == ()
    assert 2 <= report.checked_count < 12
    write_dataset(RECIPE, folder, watch=None)
    assert content(folder) == undisturbed


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="this system has no pidfd_open")
def test_workers_end_with_their_parent_however_it_ends(recipe: Path, tmp_path: Path) -> None:
    process = started(recipe, tmp_path / "digits", "--workers", "3", "--count", "60000")
    wait_for(process, "shard", 3)
    workers = [os.pidfd_open(worker) for worker in processes("--ppid", str(process.pid))]
    assert len(workers) == 2
    process.kill()
    end(process)
    for worker in workers:
        assert select.select([worker], [], [], 30)[0], "a worker outlives its parent"
        os.close(worker)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if not is_root or not succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)):
        pytest.skip("no small file system can be mounted here")
    yield disk
    assert succeeds("umount", "-l", str(disk))


LIBRARIES = {"parquet": "pyarrow", "lmdb": "lmdb", "hdf5": "h5py", "tfrecord": "google_crc32c"}


@pytest.mark.parametrize(
    "format_",
    [
        "webdataset",
        "folder",
        "npz",
        "npy",
        "coco",
        "yolo",
        "idx",
        "parquet",
        "lmdb",
        "hdf5",
        "tfrecord",
    ],
)
def test_a_full_disk_is_named_and_room_lets_it_go_on(
    small_disk: Path, tmp_path: Path, format_: str
) -> None:
    if format_ in LIBRARIES:
        pytest.importorskip(LIBRARIES[format_])
    recipe = RECIPE | {"count": 1500, "shard_size": 100, "format": format_}
    folder = small_disk / "digits"
    with pytest.raises(UnfinishedError, match=r"of 15 shards are finished and kept in .*digits"):
        write_dataset(recipe, folder, watch=None)
    report = verify_dataset(folder)
    assert report.problems == ()
    assert not report.is_complete
    assert succeeds("mount", "-o", "remount,size=64m", str(small_disk))
    write_dataset(recipe, folder, watch=None)
    write_dataset(recipe, tmp_path / "elsewhere", watch=None)
    assert content(folder) == content(tmp_path / "elsewhere")
    assert verify_dataset(folder).is_complete


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_command_says_that_the_disk_is_full(
    recipe: Path, small_disk: Path, workers: str
) -> None:
    process = started(recipe, small_disk / "digits", "--workers", workers)
    process.stdout.read()
    told = end(process)
    assert process.returncode == 1
    assert "No space left on device" in told
    assert "shards are finished and kept" in told
    assert "Traceback" not in told


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root is refused nothing"
)
def test_no_permission_is_said_and_nothing_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        write_dataset(RECIPE, tmp_path / "digits", watch=None)
    tmp_path.chmod(0o700)
    assert not list(tmp_path.iterdir())


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "digits").write_text("mine")
    with pytest.raises(OSError, match="digits"):
        write_dataset(RECIPE, tmp_path / "digits", watch=None)
    assert (tmp_path / "digits").read_text() == "mine"


def test_parts_made_at_the_same_time_join_into_one_data_set(
    recipe: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    folder = tmp_path / "digits"
    parts = [
        started(recipe, folder, "--shard-index", str(index), "--num-shards", "4")
        for index in range(4)
    ]
    for part in parts:
        assert end(part) == ""
        assert part.returncode == 0
    assert content(folder) == undisturbed


def test_parts_of_two_seeds_started_at_once_are_never_mixed(recipe: Path, tmp_path: Path) -> None:
    for turn in range(3):
        folder = tmp_path / str(turn)
        parts = [
            started(
                *(recipe, folder, "--seed", str(index)),
                *("--shard-index", str(index), "--num-shards", "2"),
            )
            for index in range(2)
        ]
        told = [end(part) for part in parts]
        assert sorted(part.returncode for part in parts) == [0, 2]
        assert "another recipe: seed is" in "".join(told)
        assert verify_dataset(folder).problems == ()
