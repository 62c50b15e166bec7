"""`image-sequence dataset` and `image-sequence verify`, as they are typed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dataset_formats import content
from surroundings import terminal

from image_sequence.cli import main
from image_sequence.datasets import write_dataset

OPTIONS = ["--count", "60", "--length", "2-4", "--width", "96", "--seed", "7", "--shard-size", "25"]


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(list(arguments)) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


def test_options_alone_make_a_data_set_that_python_makes_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "a")
    said = told(
        capsys,
        "dataset",
        *OPTIONS,
        "--spacing",
        "0",
        "9",
        "--split",
        "train",
        "--format",
        "npz",
        "--out",
        out,
    )
    assert said.startswith("60 samples (60 made now) in 3 shards, ")
    recipe = {
        "count": 60,
        "labels": {"policy": "digits", "length": [2, 4]},
        "width": 96,
        "seed": 7,
        "shard_size": 25,
        "spacing": [0, 9],
        "split": "train",
        "format": "npz",
    }
    write_dataset(recipe, tmp_path / "b", watch=None)
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert told(
        capsys,
        "dataset",
        *OPTIONS,
        "--spacing",
        "0",
        "9",
        "--split",
        "train",
        "--format",
        "npz",
        "--out",
        out,
    ).startswith("60 samples (it was there already)")


def test_options_go_before_what_the_recipe_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recipe = tmp_path / "recipe.json"
    recipe.write_text(json.dumps({"count": 9, "width": 96, "seed": 1, "encoding": "webp"}))
    out = tmp_path / "a"
    told(
        capsys,
        "dataset",
        str(recipe),
        "--count",
        "7",
        "--level",
        "3",
        "--length",
        "3",
        "--out",
        str(out),
    )
    kept = json.loads((out / "recipe.json").read_text())
    assert (kept["count"], kept["seed"]) == (7, 1)
    assert kept["encoding"] == {"name": "webp", "level": 3}
    assert kept["labels"] == {"policy": "digits", "length": 3}


@pytest.mark.parametrize(
    ("options", "labels"),
    [
        (["--numbers", "1-999", "--edges"], {"policy": "numbers", "range": [1, 999]}),
        (["--pattern", r"\d{3}"], {"policy": "pattern", "pattern": r"\d{3}"}),
        (["--check", "luhn"], {"policy": "digits", "length": 5, "check": "luhn"}),
        (["--pairs", "--length", "6"], {"policy": "pairs", "length": 6}),
        (
            ["--length", "16", "--check", "luhn"],
            {"policy": "digits", "length": 16, "check": "luhn"},
        ),
        (
            ["--length", "4", "--no-leading-zeros"],
            {"policy": "digits", "length": 4, "leading_zeros": False},
        ),
    ],
)
def test_what_is_written_is_said_by_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], labels: dict
) -> None:
    out = tmp_path / "a"
    told(capsys, "dataset", "--count", "5", "--width", "300", "--out", str(out), *options)
    assert json.loads((out / "recipe.json").read_text())["labels"] == labels


def test_texts_of_a_file_and_held_out_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts, held_out = tmp_path / "texts.txt", tmp_path / "held_out.txt"
    texts.write_text("2026\n1984\n2001\n")
    held_out.write_text("1984\n")
    out = tmp_path / "a"
    told(
        capsys,
        "dataset",
        "--count",
        "40",
        "--width",
        "160",
        "--out",
        str(out),
        "--format",
        "folder",
        "--texts",
        str(texts),
        "--held-out",
        str(held_out),
    )
    lines = (out / "data-000000" / "metadata.jsonl").read_text().splitlines()
    assert {json.loads(line)["text"] for line in lines} == {"2026", "2001"}


def test_parts_are_joined(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "a")
    one = told(capsys, "dataset", *OPTIONS, "--out", out, "--shard-index", "0", "--num-shards", "2")
    assert one.startswith("part 0 of 2 is made: 35 samples. Of all parts, 35 of 60 samples")
    two = told(capsys, "dataset", *OPTIONS, "--out", out, "--shard-index", "1", "--num-shards", "2")
    assert two.startswith("60 samples (25 made now) in 3 shards")


def test_lines_of_json_tell_what_happens(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "a")
    said = told(capsys, "dataset", *OPTIONS, "--out", out, "--json")
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines] == ["start", "shard", "shard", "shard", "end"]
    assert lines[0] == {"event": "start", "samples": 60, "found": 0, "shards": 3}
    assert lines[-1]["complete"] is True
    assert lines[-1]["samples"] == 60


def test_a_dry_run_says_how_much_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "a"
    said = told(capsys, "dataset", *OPTIONS, "--out", str(out), "--dry-run")
    assert said.startswith("60 samples in 3 shards would take about ")
    assert said.endswith("Nothing is written.\n")
    assert json.loads(told(capsys, "dataset", *OPTIONS, "--dry-run", "--json"))["samples"] == 60
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (OPTIONS, "where to? --out DIR says it"),
        (["--out", "a"], "a recipe has a count of samples and a width of pictures"),
        (["none.json", "--out", "a"], "there is no recipe 'none.json'"),
        ([*OPTIONS, "--out", "a", "--numbers", "5"], "--numbers is a range such as 1-9999"),
        ([*OPTIONS, "--out", "a", "--pairs", "--numbers", "1-5"], "use one of them"),
        ([*OPTIONS, "--out", "a", "--pattern", ""], "pattern"),
        ([*OPTIONS, "--out", "a", "--numbers", ""], "--numbers is a range such as 1-9999"),
        ([*OPTIONS, "--out", "a", "--num-shards", "5"], "go together"),
        ([*OPTIONS, "--out", "a", "--address", "x"], "--engine ray goes with it"),
        ([*OPTIONS, "--out", "a", "--workers", "0"], "there are 1 to 4096 workers"),
        ([*OPTIONS, "--out", "a", "--engine", "serial", "--workers", "2"], "has one worker, not 2"),
        ([*OPTIONS, "--out", "a", "--length", "x"], "a length is a number such as 5, or 3-8"),
        ([*OPTIONS, "--out", "a", "--format", "idx", "--encoding", "png"], "has no place"),
        ([*OPTIONS, "--out", "."], "holds 'mine', which no data set of this recipe has"),
    ],
)
def test_bad_input_is_said_in_a_line_and_nothing_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("mine")
    said = told(capsys, "dataset", *arguments, code=2)
    assert message in said
    assert said.count("\n") == 1
    assert content(tmp_path) == {"mine": b"mine"}


@pytest.mark.parametrize(
    ("format_", "library", "extra"),
    [
        ("parquet", "pyarrow", "parquet"),
        ("lmdb", "lmdb", "lmdb"),
        ("lmdb-paddle", "lmdb", "lmdb"),
        ("hdf5", "h5py", "hdf5"),
        ("tfrecord", "google_crc32c", "tfrecord"),
    ],
)
def test_a_missing_library_is_an_error_that_names_the_extra(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    format_: str,
    library: str,
    extra: str,
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    out = tmp_path / "a"
    said = told(capsys, "dataset", *OPTIONS, "--format", format_, "--out", str(out), code=1)
    assert f'pip install "image-sequence[{extra}]"' in said
    assert not out.exists()


def test_ray_and_fsspec_name_their_extras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for library in ("ray", "fsspec", "fsspec.core"):
        monkeypatch.setitem(sys.modules, library, None)
    out = str(tmp_path / "a")
    said = told(capsys, "dataset", *OPTIONS, "--engine", "ray", "--out", out, code=1)
    assert 'pip install "image-sequence[ray]"' in said
    said = told(capsys, "dataset", *OPTIONS, "--out", "s3://bucket/digits", code=1)
    assert 'pip install "image-sequence[cloud]"' in said


def test_verify_says_whether_a_data_set_is_sound(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "a")
    told(capsys, "dataset", *OPTIONS, "--out", out)
    said = told(capsys, "verify", out)
    assert said == f"{out} is sound: 60 samples in 3 of 3 shards read, 36 of them made again\n"
    assert json.loads(told(capsys, "verify", out, "--json", "--remade", "2"))["complete"] is True
    (tmp_path / "a" / "data-000001.tar").unlink()
    assert main(["verify", out]) == 1
    said = capsys.readouterr().out
    assert said.startswith("data-000001.tar is missing\n")
    assert f"{out} is not sound" in said


def test_two_data_sets_are_compared_by_their_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for part in ("train", "test"):
        told(
            capsys,
            "dataset",
            *OPTIONS,
            "--split",
            part,
            "--format",
            "webdataset",
            "--out",
            str(tmp_path / part),
        )
    arguments = ("verify", str(tmp_path / "train"), str(tmp_path / "test"))
    assert main([*arguments]) == 0
    capsys.readouterr()
    assert main(["verify", str(tmp_path / "train"), str(tmp_path / "train")]) == 1


def test_at_a_terminal_a_bar_shows_images_a_second(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "image_sequence", "dataset", *OPTIONS]
    with terminal(100) as screen:
        subprocess.run(  # noqa: S603  # our own program
            [*command, "--out", str(tmp_path / "a")], check=True, stderr=screen.end, timeout=60
        )
    assert "100%" in screen.shown
    assert "60.0/60.0" in screen.shown
    assert "image/s" in screen.shown
    assert screen.shown.endswith("\n")


def test_elsewhere_nothing_is_said_but_the_summary(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "image_sequence", "dataset", *OPTIONS]
    done = subprocess.run(  # noqa: S603  # our own program
        [*command, "--out", str(tmp_path / "a")], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1


def test_a_preset_goes_before_a_kept_configuration_and_the_other_way_round(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    told(capsys, "dataset", "--count", "2", "--width", "160", "--out", str(one))
    kept = str(one / "recipe.json")
    told(capsys, "dataset", kept, "--preset", "touching", "--out", str(other))
    spacing = json.loads((other / "recipe.json").read_text())["configuration"]["spacing"]
    assert spacing["measure"] == "ink"
