"""Data sets on disk: the same bytes however they were made, and nothing lost on the way."""

import json
import os
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from dataset_formats import SMALL, StoppedError, content
from system import output_of, processes

from image_sequence import DigitSequence
from image_sequence.datasets import Part, Recipe, verify_dataset, write_dataset
from image_sequence.datasets.encoding import decoded
from image_sequence.datasets.ledger import Ledger
from image_sequence.datasets.locks import locked
from image_sequence.datasets.making import Job, Maker, make_shard
from image_sequence.datasets.manifest import Manifest
from image_sequence.datasets.receipts import Receipt
from image_sequence.datasets.runners import processes as processes_module
from image_sequence.datasets.runners.kinds import Made
from image_sequence.datasets.storage import open_storage
from image_sequence.errors import (
    SourceChangedError,
    TakenError,
    WorkerError,
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "digits"
    write_dataset(SMALL, folder, watch=None)
    return folder


def stored(folder: Path) -> list[tuple[int, str, bytes, object]]:
    """All samples of a data set, pixels included."""
    recipe = Recipe.from_json((folder / "recipe.json").read_text(), "recipe.json")
    maker = Maker(recipe)
    found = []
    for shard in recipe.shards:
        path = folder / (shard.name + recipe.kept_as.suffix)
        for one in recipe.kept_as.read(path, maker.details(shard)):
            picture = one.picture
            image = decoded(picture, recipe.encoding) if isinstance(picture, bytes) else picture
            found.append((one.index, one.text, image.tobytes(), one.record))
    return found


def test_a_data_set_is_its_shards_its_recipe_its_manifest_and_its_card(undisturbed: Path) -> None:
    names = sorted(path.name for path in undisturbed.iterdir())
    shards = [f"data-{number:06}.tar" for number in range(5)]
    assert names == ["README.md", *shards, "manifest.json", "recipe.json"]
    manifest = Manifest.from_json((undisturbed / "manifest.json").read_text())
    assert manifest.sample_count == 230
    assert [receipt.name for receipt in manifest.receipts] == shards
    assert manifest.size == sum((undisturbed / name).stat().st_size for name in shards)


def test_samples_are_those_of_a_stream_of_the_same_seed(undisturbed: Path) -> None:
    maker = Maker(Recipe.from_dict(SMALL))
    stream = DigitSequence(seed=7).stream(
        maker.labels, (0, 20), 96, batch_size=77, stop=230, dtype=np.uint8
    )
    made = [sample for batch in stream for sample in batch]
    found = stored(undisturbed)
    assert [one[0] for one in found] == list(range(230))
    for (_, text, pixels, record), sample in zip(found, made, strict=True):
        assert text == sample.text
        assert pixels == sample.image.tobytes()
        assert record == sample.to_dict()


@pytest.mark.parametrize("workers", [2, 4])
def test_processes_make_the_same_bytes(undisturbed: Path, tmp_path: Path, workers: int) -> None:
    write_dataset(SMALL, tmp_path / "digits", workers=workers, watch=None)
    assert content(tmp_path / "digits") == content(undisturbed)


@pytest.mark.parametrize("size", [1, 7, 230, 1000])
def test_shards_of_any_size_hold_the_same_samples(
    undisturbed: Path, tmp_path: Path, size: int
) -> None:
    count = 30 if size == 1 else 230
    write_dataset(SMALL | {"count": count, "shard_size": size}, tmp_path / "digits", watch=None)
    assert stored(tmp_path / "digits") == stored(undisturbed)[:count]


def test_parts_made_in_any_order_join_into_the_same_data_set(
    undisturbed: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "digits"
    first = write_dataset(SMALL, folder, part=Part(2, 3), watch=None)
    assert first.manifest is None
    assert not (folder / "manifest.json").exists()
    write_dataset(SMALL, folder, part=Part(0, 3), watch=None)
    last = write_dataset(SMALL, folder, part=Part(1, 3), workers=2, watch=None)
    assert last.manifest is not None
    assert content(folder) == content(undisturbed)


def test_more_parts_than_shards_leave_some_with_nothing_to_do(tmp_path: Path) -> None:
    summary = write_dataset(SMALL | {"count": 60}, tmp_path / "a", part=Part(4, 5), watch=None)
    assert (summary.made_count, summary.manifest) == (0, None)


def test_a_start_gives_the_samples_from_there_on(undisturbed: Path, tmp_path: Path) -> None:
    write_dataset(SMALL | {"start": 120, "count": 30}, tmp_path / "digits", watch=None)
    assert stored(tmp_path / "digits") == stored(undisturbed)[120:150]


def stop_after(count: int):
    def watch(_start):
        receipts = []

        def tell(event) -> None:
            receipts.append(event)
            if sum(isinstance(one, Receipt) for one in receipts) == count:
                raise StoppedError

        return tell

    return watch


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_finished_is_kept_and_the_same_call_goes_on(
    undisturbed: Path, tmp_path: Path, workers: int
) -> None:
    folder = tmp_path / "digits"
    with pytest.raises(StoppedError):
        write_dataset(SMALL, folder, workers=workers, watch=stop_after(2))
    kept = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.tar")}
    assert len(kept) >= 2
    assert verify_dataset(folder).problems == ()
    starts = []
    write_dataset(
        SMALL, folder, workers=workers, watch=lambda start: starts.append(start) or (lambda _: None)
    )
    assert starts[0].found_count >= 100
    assert starts[0].found_count + starts[0].sample_count == 230
    assert content(folder) == content(undisturbed)


def test_a_finished_data_set_is_left_as_it_is(undisturbed: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in undisturbed.iterdir()}
    summary = write_dataset(SMALL, undisturbed, watch=None)
    assert summary.made_count == 0
    assert summary.sample_count == 230
    assert {path: path.stat().st_mtime_ns for path in undisturbed.iterdir()} == before


def test_a_shard_that_is_gone_or_cut_is_made_again(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    write_dataset(SMALL, folder, watch=None)
    (folder / "data-000001.tar").unlink()
    os.truncate(folder / "data-000003.tar", 1000)
    assert write_dataset(SMALL, folder, watch=None).made_count == 100
    assert content(folder) == content(undisturbed)


def test_without_a_seed_the_data_sets_own_is_taken(tmp_path: Path) -> None:
    unseeded = {key: value for key, value in SMALL.items() if key != "seed"}
    with pytest.raises(StoppedError):
        write_dataset(unseeded, tmp_path / "digits", watch=stop_after(1))
    seed = json.loads((tmp_path / "digits" / "recipe.json").read_text())["seed"]
    assert write_dataset(unseeded, tmp_path / "digits", watch=None).recipe.seed == seed


def test_another_recipe_is_refused_and_nothing_is_touched(undisturbed: Path) -> None:
    before = content(undisturbed)
    with pytest.raises(TakenError, match="another recipe: count is 231 and was 230"):
        write_dataset(SMALL | {"count": 231}, undisturbed, watch=None)
    assert content(undisturbed) == before


def test_a_folder_with_anything_else_is_refused_and_left(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(TakenError, match=r"holds 'thesis\.txt', which no data set"):
        write_dataset(SMALL, tmp_path, watch=None)
    assert content(tmp_path) == {"thesis.txt": b"mine"}


def test_somebody_elses_recipe_is_left(tmp_path: Path) -> None:
    (tmp_path / "recipe.json").write_text('{"eggs": 3}')
    with pytest.raises(TakenError, match=r"holds a recipe\.json that cannot be used: a recipe has"):
        write_dataset(SMALL, tmp_path, watch=None)
    assert content(tmp_path) == {"recipe.json": b'{"eggs": 3}'}


def test_two_at_one_folder_are_kept_apart(tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    storage = open_storage(folder)
    recipe = Recipe.from_dict(SMALL)
    with Ledger.opened(storage, recipe, Part()):
        with pytest.raises(TakenError, match="another process is making the data set"):
            write_dataset(SMALL, folder, watch=None)
        with pytest.raises(TakenError, match="another process is making the data set"):
            write_dataset(SMALL, folder, part=Part(0, 2), watch=None)
    with Ledger.opened(storage, recipe, Part(0, 2)):
        with pytest.raises(TakenError, match="another process"):
            write_dataset(SMALL, folder, part=Part(0, 2), watch=None)
        assert write_dataset(SMALL, folder, part=Part(1, 2), watch=None).made_count == 100


def test_a_lock_taken_away_by_who_finished_does_not_let_two_in(tmp_path: Path) -> None:
    with locked(tmp_path, Part()):
        (tmp_path / "lock").unlink()
        with locked(tmp_path, Part()), pytest.raises(TakenError), locked(tmp_path, Part()):
            pass


def test_other_glyphs_than_those_of_the_shards_that_are_there_are_refused(tmp_path: Path) -> None:
    data = tmp_path / "glyphs.npz"
    images = np.random.default_rng(1).integers(0, 255, (20, 9, 7), np.uint8)
    np.savez(data, images=images, labels=np.arange(20) % 10)
    recipe = SMALL | {"data": str(data)}
    folder = tmp_path / "digits"
    with pytest.raises(StoppedError):
        write_dataset(recipe, folder, watch=stop_after(1))
    images[3] += 1
    np.savez(data, images=images, labels=np.arange(20) % 10)
    with pytest.raises(SourceChangedError, match=r"changed since data-000000\.tar was made"):
        write_dataset(recipe, folder, watch=None)


def test_a_worker_with_other_glyphs_makes_nothing(tmp_path: Path) -> None:
    recipe = Recipe.from_dict(SMALL)
    job = Job(recipe.to_json(), str(tmp_path), "0-of-1", "another")
    with pytest.raises(SourceChangedError, match="the glyphs that this process finds are not"):
        make_shard(job, 0)
    assert not list(tmp_path.rglob("*.tar"))


def test_workers_are_told_a_recipe_and_no_glyphs() -> None:
    job = Job.of(Maker(Recipe.from_dict(SMALL)), "somewhere", Part())
    assert len(json.dumps(job.to_dict())) < 2_000


def test_a_worker_that_is_killed_in_a_shard_is_replaced(undisturbed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "digits"
    killed = []

    def watch(_start):
        def tell(event) -> None:
            if isinstance(event, Made) and len(killed) < 2:
                for worker in workers_of(os.getpid()):
                    os.kill(worker, signal.SIGKILL)
                killed.append(event)

        return tell

    recipe = SMALL | {"count": 230}
    write_dataset(recipe, folder, workers=2, watch=watch)
    assert len(killed) == 2
    assert content(folder) == content(undisturbed)


def workers_of(parent: int) -> list[int]:
    children = processes("--ppid", str(parent))
    return [number for number, line in children.items() if "runners.worker" in line]


def test_an_address_holds_the_same_bytes_as_a_folder(undisturbed: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    where = "memory://bucket/digits"
    with pytest.raises(StoppedError):
        write_dataset(SMALL, where, watch=stop_after(2))
    report = verify_dataset(where)
    assert (report.problems, report.is_complete) == ((), False)
    summary = write_dataset(SMALL, where, watch=None)
    assert summary.manifest is not None
    assert verify_dataset(where).problems == ()
    found = {Path(name).name: files.cat(name) for name in files.find("/bucket/digits")}
    assert found == content(undisturbed)
    with pytest.raises(TakenError, match="another recipe"):
        write_dataset(SMALL | {"seed": 8}, where, watch=None)
    files.rm("/bucket", recursive=True)


def test_scripts_without_a_main_guard_start_workers_and_run_once(
    undisturbed: Path, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from image_sequence.datasets import write_dataset\n"
        f"print(write_dataset({SMALL!r}, {str(tmp_path / 'digits')!r}, workers=3).sample_count)\n"
    )
    assert output_of(sys.executable, str(script)) == "230\n"
    assert content(tmp_path / "digits") == content(undisturbed)


def test_a_shard_whose_workers_die_again_and_again_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes_module, "_PROGRAM", "import os; os._exit(9)")
    with pytest.raises(WorkerError, match=r"was begun 3 times, and each time its worker died"):
        write_dataset(SMALL | {"count": 5000}, tmp_path / "digits", workers=2, watch=None)
    assert verify_dataset(tmp_path / "digits").problems == ()


def test_what_a_worker_raises_is_raised_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = processes_module._PROGRAM.replace("main()", "making.Maker.write = None; main()")
    monkeypatch.setattr(
        processes_module,
        "_PROGRAM",
        program.replace("import json, sys", "import json, sys").replace(
            "from image", "import image_sequence.datasets.making as making\nfrom image", 1
        ),
    )
    with pytest.raises(WorkerError, match="a worker failed: TypeError: 'NoneType' object"):
        write_dataset(SMALL | {"count": 5000}, tmp_path / "digits", workers=2, watch=None)
