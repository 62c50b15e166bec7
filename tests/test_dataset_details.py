"""Data sets in detail: steps in their order, locks, failures, receipts, and what is remembered."""

import errno
import gc
import json
import subprocess
import sys
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest
from dataset_formats import SMALL, StoppedError, content

from image_sequence import ImageSequence
from image_sequence.datasets import (
    Part,
    Recipe,
    estimate,
    locks,
    verify_dataset,
    write_dataset,
)
from image_sequence.datasets.feasibility import checked_maker, common_width
from image_sequence.datasets.ledger import Ledger
from image_sequence.datasets.locks import alone
from image_sequence.datasets.making import Job, Maker, make_shard
from image_sequence.datasets.manifest import Manifest
from image_sequence.datasets.receipts import Receipt, receipt_name
from image_sequence.datasets.runners import processes as processes_module
from image_sequence.datasets.runners.failures import described, raised
from image_sequence.datasets.runners.kinds import End, Made
from image_sequence.datasets.storage import LocalFolder, open_storage
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    RecipeError,
    ShardError,
    SourceChangedError,
    TakenError,
    UnfinishedError,
    WorkerError,
)
from image_sequence.glyphs.bank import GlyphBank


def stopping(step, done, last):
    def stopped(storage, *arguments):
        if len(done) == last:
            raise StoppedError
        done.append(str(arguments[0]))
        step(storage, *arguments)

    return stopped


@pytest.mark.parametrize("format_", ["webdataset", "coco"])
def test_a_stop_before_any_step_loses_nothing_that_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format_: str
) -> None:
    recipe = SMALL | {"count": 60, "shard_size": 20, "format": format_}
    write_dataset(recipe, tmp_path / "whole", watch=None)
    whole = content(tmp_path / "whole")
    for last in range(100):
        folder, done = tmp_path / str(last), []
        with monkeypatch.context() as patched:
            for name in ("write_text", "put", "remove"):
                step = stopping(getattr(LocalFolder, name), done, last)
                patched.setattr(LocalFolder, name, step)
            try:
                write_dataset(recipe, folder, watch=None)
                break
            except StoppedError:
                pass
        receipts = [json.loads(path.read_text()) for path in folder.rglob("shards/*.json")]
        assert all((folder / receipt["name"]).exists() for receipt in receipts)
        if (folder / "manifest.json").exists():
            assert whole.keys() <= content(folder).keys()
        finished = sum("/shards/" in name for name in done)
        assert write_dataset(recipe, folder, watch=None).made_count == 60 - 20 * finished
        assert content(folder) == whole
    assert last > 8


def test_what_a_killed_run_left_is_taken_away_and_not_what_others_are_making(
    tmp_path: Path,
) -> None:
    storage = open_storage(tmp_path)
    for name in ("0-of-1-a.tar", "1-of-3-a.tar", "2-of-3-a.tar"):
        (storage.workspace() / name).write_text("half")

    def left() -> list[str]:
        return sorted(path.name for path in storage.workspace().glob("*.tar"))

    with Ledger.opened(storage, Recipe.from_dict(SMALL), Part(1, 3)):
        assert left() == ["0-of-1-a.tar", "2-of-3-a.tar"]
    with Ledger.opened(storage, Recipe.from_dict(SMALL), Part()):
        assert left() == []


def test_who_finishes_waits_while_another_joins(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path, part=Part(0, 2), watch=None)
    begun, held = Event(), Event()

    def watch(_start):
        def tell(event) -> None:
            if isinstance(event, Receipt):
                begun.set()
                held.wait(30)

        return tell

    options = {"part": Part(1, 2), "watch": watch}
    last = Thread(target=write_dataset, args=(SMALL, tmp_path), kwargs=options)
    last.start()
    assert begun.wait(30)
    with alone(tmp_path / ".image-sequence"):
        held.set()
        last.join(1.0)
        assert last.is_alive()
        assert not (tmp_path / "manifest.json").exists()
    last.join(30)
    assert (tmp_path / "manifest.json").exists()


def changing(receipt: Path, change: dict[str, Any]):
    def watch(_start):
        receipt.write_text(json.dumps(json.loads(receipt.read_text()) | change))
        return lambda _event: None

    return watch


def test_parts_of_different_glyphs_are_not_joined(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path, part=Part(0, 2), watch=None)
    watch = changing(tmp_path / receipt_name(2), {"glyphs": "another"})
    with pytest.raises(SourceChangedError):
        write_dataset(SMALL, tmp_path, part=Part(1, 2), watch=watch)
    assert not (tmp_path / "manifest.json").exists()


def test_a_receipt_of_another_shard_is_none(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path, part=Part(0, 2), watch=None)
    watch = changing(tmp_path / receipt_name(2), {"first": 3})
    assert write_dataset(SMALL, tmp_path, part=Part(1, 2), watch=watch).manifest is None
    assert write_dataset(SMALL, tmp_path, watch=None).made_count == 50


@pytest.mark.parametrize("format_", ["webdataset", "folder"])
def test_a_shard_that_fails_leaves_nothing_half_made(tmp_path: Path, format_: str) -> None:
    def failing(_start):
        def tell(event) -> None:
            if isinstance(event, Made):
                raise StoppedError

        return tell

    with pytest.raises(StoppedError):
        write_dataset(SMALL | {"format": format_}, tmp_path, watch=failing)
    assert not list((tmp_path / ".image-sequence").glob("*-of-*"))
    assert gc.get_freeze_count() == 0


def test_a_worker_makes_of_each_job_what_it_says(tmp_path: Path) -> None:
    sums = []
    for seed in (7, 8, 7):
        recipe = Recipe.from_dict(SMALL | {"seed": seed})
        job = Job.of(Maker(recipe), str(tmp_path / str(seed)), Part())
        sums.append(make_shard(job, 0).sum)
    assert sums[0] == sums[2] != sums[1]


def test_two_at_the_same_shard_write_to_different_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = []

    def write(_maker, _shard, path: Path, _told) -> None:
        paths.append(path)
        path.write_text("whole")

    monkeypatch.setattr(Maker, "write", write)
    job = Job.of(Maker(Recipe.from_dict(SMALL)), str(tmp_path), Part())
    make_shard(job, 0)
    make_shard(job, 0)
    assert paths[0] != paths[1]


def test_a_failure_says_how_much_is_finished_and_ends_what_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, put = [], LocalFolder.put

    def failing(storage: LocalFolder, local: Path, name: str) -> None:
        if name == "data-000002.tar":
            raise OSError(28, "No space left on device")
        put(storage, local, name)

    monkeypatch.setattr(LocalFolder, "put", failing)
    with pytest.raises(UnfinishedError, match="2 of 5 shards are finished"):
        write_dataset(SMALL, tmp_path, watch=lambda _start: events.append)
    assert isinstance(events[-1], End)


def test_samples_of_a_worker_that_dies_are_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import sys; input(); input(); print('{\"made\": 5}', flush=True)"
    monkeypatch.setattr(processes_module, "_PROGRAM", program)
    told: SimpleQueue[Any] = SimpleQueue()
    hand = processes_module._Hand(Job("", "", "", ""), SimpleQueue(), told)
    with pytest.raises(WorkerError):
        hand._make(0)
    hand.stop()
    assert [told.get_nowait().count for _ in range(6)] == [5, -5] * 3


def test_a_lock_taken_away_before_it_is_held_is_taken_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = locks._lock

    def taken_away(file, **way: bool) -> None:
        monkeypatch.setattr(locks, "_lock", lock)
        lock(file, **way)
        (tmp_path / "lock").unlink()

    monkeypatch.setattr(locks, "_lock", taken_away)
    with locks.locked(tmp_path, Part()), pytest.raises(TakenError), locks.locked(tmp_path, Part()):
        pass


def test_a_file_system_without_locks_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def flock(*_: object) -> None:
        raise OSError(number, "no locks")

    monkeypatch.setattr(fcntl, "flock", flock)
    number = errno.ENOLCK
    with locks.locked(tmp_path, Part(0, 2)):
        pass
    number = errno.EIO
    with pytest.raises(OSError, match="no locks"), locks.locked(tmp_path, Part()):
        pass


@pytest.mark.parametrize("renamed", [False, True])
def test_what_a_fingerprint_covers(renamed: bool) -> None:
    images = np.zeros((4, 9, 5), np.uint8)
    labels = np.arange(4) % 2
    plain = GlyphBank(images, labels, names={0: "a", 1: "b"})
    other = (
        GlyphBank(images, labels, names={0: "a", 1: "c"})
        if renamed
        else GlyphBank(images, labels, names={0: "a", 1: "b"}, widths=np.array([5, 4, 5, 5]))
    )
    assert plain.fingerprint() != other.fingerprint()


def test_pictures_too_large_for_two_are_made_one_at_a_time() -> None:
    recipe = {"count": 2, "width": 60_000, "seed": 7, "masks": True}
    batches = Maker(Recipe.from_dict(recipe)).batches(0, 2)
    assert [len(batch) for batch in batches] == [1, 1]


def test_the_first_samples_of_the_recipe_and_the_last_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked, batches = [], Maker.batches

    def recorded(maker: Maker, first: int, stop: int):
        asked.append((first, stop))
        return batches(maker, first, stop)

    monkeypatch.setattr(Maker, "batches", recorded)
    checked_maker(Recipe.from_dict(SMALL | {"start": 5}))
    checked_maker(Recipe.from_dict(SMALL | {"start": 5, "count": 3}))
    assert asked == [(5, 21), (234, 235), (5, 8), (7, 8)]


def test_the_largest_sides_work() -> None:
    for encoding, side in (("jpeg", 65_500), ("webp", 16_383)):
        recipe = SMALL | {"count": 1, "encoding": encoding}
        checked_maker(Recipe.from_dict(recipe | {"width": side}))
        with pytest.raises(ArgumentValueError, match=f"at most {side} pixels"):
            checked_maker(Recipe.from_dict(recipe | {"width": side + 1}))


def test_the_last_sample_there_is_can_be_had_and_no_other() -> None:
    assert Recipe.from_dict(SMALL | {"start": 2**63 - 230}).shards[4].stop == 2**63
    with pytest.raises(ArgumentValueError, match="numbered below"):
        Recipe.from_dict(SMALL | {"start": 2**63 - 229})


def test_labels_are_kept_in_full() -> None:
    short, full = (
        Recipe.from_dict(SMALL | {"labels": {"policy": "digits", "length": 5, **more}})
        for more in ({}, {"leading_zeros": True})
    )
    assert short == full
    assert short.digest == full.digest


def test_a_width_for_all_lengths_counts_the_gaps_at_the_edges() -> None:
    fixed = {
        "image": {"transform": False},
        "spacing": {"type": "fixed", "subtype": "edge"},
        "output_format": "png",
    }
    recipe = SMALL | {
        "configuration": fixed,
        "spacing": [0, 40],
        "labels": {"policy": "digits", "length": [2, 3]},
    }
    # 2 * 28 + 3 * a = 3 * 28 + 4 * b: a = 12, b = 2.
    assert common_width(Maker(Recipe.from_dict(recipe))) == 92


def test_a_seed_is_looked_for_and_another_recipe_is_named(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"eggs": 3}')
    with pytest.raises(TakenError, match=r"recipe\.json that cannot be used"):
        write_dataset({"count": 5, "width": 96}, tmp_path, watch=None)


def test_an_error_without_a_file_names_none() -> None:
    assert str(raised(described(OSError(28, "No space left")))) == "[Errno 28] No space left"
    assert raised(described(OSError(2, "No such file", "a"))).filename == "a"


def test_a_percent_sign_in_the_name_of_a_source_is_one() -> None:
    bank = GlyphBank(np.full((4, 9, 5), 200, np.uint8), np.arange(4) % 2, name="50%s")
    batch = ImageSequence(bank, seed=7).batch([[0, 1], [1, 1]], (0, 3), 40)
    assert batch.to_jsons() == [sample.to_json() for sample in batch]


def test_what_libraries_print_in_a_worker_is_no_answer(tmp_path: Path) -> None:
    job = Job.of(Maker(Recipe.from_dict(SMALL)), str(tmp_path), Part())
    program = (
        "import image_sequence.datasets.making as m; w = m.Maker.write\n"
        "m.Maker.write = lambda *a: (print('noise', flush=True), w(*a))\n"
        "from image_sequence.datasets.runners.worker import main; main()"
    )
    command, pipe = [sys.executable, "-c", program], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as worker:  # noqa: S603  # our own program
        worker.stdin.write(json.dumps(job.to_dict()) + "\n0\n")
        worker.stdin.flush()
        assert worker.stdout.readline() == '{"made": 50}\n'
        worker.kill()


def test_a_broken_receipt_is_said(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path, part=Part(0, 2), watch=None)
    path = tmp_path / ".image-sequence" / "shards" / "000002.json"
    path.write_text(path.read_text()[:20])
    with pytest.raises(ShardError, match=r"000002\.json is no receipt of a shard"):
        write_dataset(SMALL, tmp_path, watch=None)


def test_a_manifest_of_another_form_is_refused() -> None:
    receipt = Receipt(0, "data-000000.tar", 0, 5, 9, "sum", "recipe", "glyphs", {"numpy": "1"})
    text = Manifest((receipt,)).to_json()
    assert Manifest.from_json(text) == Manifest((receipt,))
    with pytest.raises(ShardError, match="this release reads no other"):
        Manifest.from_json(text.replace("manifest/1", "manifest/2"))


def test_a_manifest_names_all_releases_that_made_it() -> None:
    releases = [{"numpy": "2"}, {"numpy": "1"}, {"numpy": "2"}]
    receipts = [Receipt(k, "a", k, 1, 9, "", "", "", made_by) for k, made_by in enumerate(releases)]
    assert Manifest(receipts).made_by == [{"numpy": "1"}, {"numpy": "2"}]


def test_receipts_of_another_recipe_are_none(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path, part=Part(0, 2), watch=None)
    recipe = tmp_path / "recipe.json"
    recipe.write_text(recipe.read_text().replace('"seed": 7', '"seed": 9'))
    assert write_dataset(SMALL | {"seed": 9}, tmp_path, watch=None).made_count == 230
    assert verify_dataset(tmp_path).problems == ()


def test_shards_that_are_folders_and_were_cut_are_made_again(tmp_path: Path) -> None:
    recipe = SMALL | {"format": "folder", "count": 60}
    write_dataset(recipe, tmp_path, watch=None)
    whole = content(tmp_path)
    next((tmp_path / "data-000001").glob("*.png")).unlink()
    assert write_dataset(recipe, tmp_path, watch=None).made_count == 10
    assert content(tmp_path) == whole


def test_workers_that_write_elsewhere_are_found_out(tmp_path: Path) -> None:
    pytest.importorskip("fsspec")
    with pytest.raises(UnfinishedError, match="were made and are not there"):
        write_dataset(SMALL, "memory://elsewhere/digits", workers=3, watch=None)


def test_parts_of_another_number_are_not_made_at_the_same_time(tmp_path: Path) -> None:
    with Ledger.opened(open_storage(tmp_path), Recipe.from_dict(SMALL), Part(0, 2)):
        with pytest.raises(TakenError):
            write_dataset(SMALL, tmp_path, part=Part(2, 3), watch=None)
        write_dataset(SMALL, tmp_path, part=Part(1, 2), watch=None)


def test_what_a_format_cannot_number_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    recipe = SMALL | {"format": "idx", "start": 2**53 - 100}
    with pytest.raises(ArgumentValueError):
        write_dataset(recipe, tmp_path / "a", watch=None)
    assert not (tmp_path / "a").exists()


def test_a_program_without_a_console_shows_no_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert write_dataset(SMALL | {"count": 5}, tmp_path).sample_count == 5


def test_files_of_the_systems_own_among_receipts_are_left(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path, part=Part(0, 2), watch=None)
    (tmp_path / receipt_name(0)).with_name(".DS_Store").write_bytes(b"\xff")
    assert write_dataset(SMALL, tmp_path, watch=None).manifest is not None


def test_who_does_not_listen_any_more_is_no_full_disk(tmp_path: Path) -> None:
    def watch(_start):
        def tell(_event) -> None:
            raise BrokenPipeError

        return tell

    with pytest.raises(BrokenPipeError):
        write_dataset(SMALL, tmp_path, watch=watch)


def test_a_lost_manifest_is_named_and_written_again(tmp_path: Path) -> None:
    write_dataset(SMALL | {"count": 5}, tmp_path, watch=None)
    (tmp_path / "manifest.json").unlink()
    assert "manifest.json is missing" in verify_dataset(tmp_path).problems[0]
    write_dataset(SMALL | {"count": 5}, tmp_path, watch=None)
    assert verify_dataset(tmp_path).problems == ()


@pytest.mark.parametrize(
    ("more", "kind", "message"),
    [
        ({"data": 5}, ArgumentTypeError, "data is a path"),
        ({"edges": "false"}, ArgumentTypeError, "edges is true or false"),
        ({"count": 10**9, "shard_size": 1}, ArgumentValueError, "a shard_size of 100 or more"),
    ],
)
def test_more_of_what_a_recipe_cannot_say(
    more: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Recipe.from_dict(SMALL | more)


def test_a_key_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(RecipeError, match="the key 'count' stands in the recipe twice"):
        Recipe.from_json('{"count": 3, "width": 96, "count": 5}', "mine.json")


def test_an_estimate_of_a_part_without_shards_is_nothing() -> None:
    told = estimate(Recipe.from_dict(SMALL), part=Part(7, 9))
    assert (told.sample_count, told.shard_count, told.seconds) == (0, 0, 0)
    with pytest.raises(ArgumentValueError, match="1 to 4096 workers"):
        estimate(Recipe.from_dict(SMALL), workers=0)


def test_an_estimate_counts_without_looking_at_each_shard() -> None:
    recipe = Recipe.from_dict(SMALL | {"count": 10**9 - 1, "shard_size": 100})
    assert estimate(recipe).sample_count == 10**9 - 1
    parts = [estimate(recipe, part=Part(index, 3)).sample_count for index in range(3)]
    assert sum(parts) == 10**9 - 1
