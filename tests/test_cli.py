"""The two commands: paths on stdout, one sentence on stderr, an exit code."""

import gzip
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from offering import offer
from PIL import Image
from surroundings import terminal

import image_sequence
from image_sequence.cli import classic_main, main
from image_sequence.composing import imgaug_adapter
from image_sequence.errors import LibraryError
from image_sequence.glyphs.idx import write_idx

ROOT = Path(__file__).parents[1]
SPLIT = ["0,1", "0", "30", "86", "--split", "test"]
EXAMPLE_CONFIG = str(ROOT / "api_examples" / "example_config.json")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)  # Unbuffered, a pipe breaks elsewhere.


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "image_sequence", *arguments]


def drawing_without_end() -> subprocess.Popen[str]:
    """The command at work on more pictures in new/ than anybody waits for."""
    return subprocess.Popen(  # noqa: S603  # our own program
        command("draw", "0,1", "0", "30", "86", "--count", "1000000", "--out", "new"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def lines(captured: pytest.CaptureFixture[str]) -> list[str]:
    out, err = captured.readouterr()
    assert err == ""
    return out.splitlines()


def complaint(captured: pytest.CaptureFixture[str]) -> str:
    out, err = captured.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.endswith("\n")
    assert not list(Path().iterdir())
    return err.rstrip()


def test_draw_saves_a_picture_and_prints_its_path(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "0,1", "0", "30", "86"]) == 0
    assert lines(capsys) == ["./seq_01.png"]
    with Image.open("seq_01.png") as picture:
        assert (picture.size, picture.mode) == ((86, 28), "L")


@pytest.mark.parametrize("extra", [[], ["-c", EXAMPLE_CONFIG]])
def test_the_classic_command_does_both_worked_examples(
    extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert classic_main(["0,1", "0", "30", "86", *extra]) == 0
    assert lines(capsys) == ["./seq_01.png"]
    with Image.open("seq_01.png") as picture:
        levels = np.asarray(picture)
    assert levels.shape == (28, 86)
    if extra:
        assert (levels[:, [*range(10), *range(38, 48), *range(76, 86)]] == 255).all()


def test_the_classic_script_runs_from_a_checkout() -> None:
    script = ROOT / "client_script.py"
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, str(script), "0,1", "0", "30", "86"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "./seq_01.png\n", "")
    statements = [line for line in script.read_text().splitlines() if line and '"""' not in line]
    assert len(statements) <= 4


def test_twenty_pictures_are_twenty_different_files(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["draw", "0,1", "0", "30", "86", "--count", "20", "--out", "new"]) == 0
    paths = lines(capsys)
    assert paths == [f"new/seq_01_{number:06}.png" for number in range(20)]
    assert len({Path(path).read_bytes() for path in paths}) == 20


def test_a_second_run_overwrites_none_of_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["draw", "0,1", "0", "30", "86", "--count", "3", "--seed", "7"]) == 0
    paths = lines(capsys)
    assert len(set(paths)) == 6
    contents = [Path(path).read_bytes() for path in paths]
    assert contents[:3] == contents[3:]


def test_a_seed_makes_the_same_pictures_in_another_process() -> None:
    for folder in "ab":
        subprocess.run(  # noqa: S603  # our own program
            command("draw", "2,6", "0", "20", "70", "--seed", "7", "--count", "2", "--out", folder),
            check=True,
            capture_output=True,
        )
    for name in ("seq_26_000000.png", "seq_26_000001.png"):
        assert Path("a", name).read_bytes() == Path("b", name).read_bytes()


def test_data_and_split_choose_the_glyphs(capsys: pytest.CaptureFixture[str]) -> None:
    for stem, ink in (("train", 100), ("t10k", 200)):
        images = np.full((1, 28, 28), ink, np.uint8)
        write_idx(f"idx/{stem}-images-idx3-ubyte.gz", images)
        write_idx(f"idx/{stem}-labels-idx1-ubyte.gz", np.array([4], np.uint8))
    for split, level in (("train", 155), ("test", 55)):
        arguments = ["draw", "4,4", "0", "0", "56", "--data", "idx", "--split", split]
        assert main([*arguments, "--out", split]) == 0
        with Image.open(Path(split, "seq_44.png")) as picture:
            assert (np.asarray(picture) == level).all()
    assert len(lines(capsys)) == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["0,x", "0", "30", "86"], "argument DIGITS: 'x' is not a whole number such as 7"),
        (["0,,1", "0", "30", "86"], "argument DIGITS: '' is not a whole number"),
        (["0,1", "0", "1_0", "86"], "argument MAX_SPACING: '1_0' is not a whole number"),
        (["0,1", "0", "30", "8.5"], "argument IMAGE_WIDTH: '8.5' is not a whole number"),
        (["0,1", "0", "30", "9" * 5000], "argument IMAGE_WIDTH: '999"),
        (["0,1", "-1", "30", "86"], "spacing lies from 0 to 1000000 pixels"),
        (["0,1", "30", "0", "86"], "the minimum spacing 30 is above the maximum 0"),
        (["0,12", "0", "30", "86"], "mnist-5k (train) has no image of 12; it has images of 0, 1"),
        (["1", "0", "30", "86"], "one digit has no gap between digits; use at least two"),
        (["0,1", "0", "30", "0"], "an image_width lies from 1 to 1000000 pixels, 0 does not"),
        (["0,1", "0", "30"], "the following arguments are required: IMAGE_WIDTH"),
        (["0,1", "0", "30", "86", "87"], "unrecognized arguments: 87"),
        (["0,1", "0", "30", "86", "-c", "no.json"], "there is no configuration file 'no.json'"),
        (["0,1", "0", "30", "87", "-c", EXAMPLE_CONFIG], "use an image_width of 86 or 89"),
        (["0,1", "0", "30", "86", "--coun", "3"], "unrecognized arguments: --coun 3"),
        (["0,1", "0", "30", "86", "--count", "0"], "0 pictures cannot be made, 1 or more can"),
        (["0,1", "0", "30", "86", "--seed", "-1"], "a seed lies from 0 to 2**64 - 1, -1 does not"),
        (["0,1", "0", "30", "86", "--data", "no"], "there is no folder 'no' to load glyphs from"),
        (["0,1", "0", "30", "86", "--data", "minst"], "or one of mnist, fashion-mnist, "),
        (["0,1", "0", "30", "86", "--split", "dev"], "argument --split: invalid choice: 'dev'"),
        (
            ["0,1", "0", "30", "86", "--split-by", "glyph"],
            "a split, 'train', 'val' or 'test', says",
        ),
        ([*SPLIT, "--split-by", "pen"], "a split is by 'glyph', 'writer' or 'sequence'"),
        ([*SPLIT, "--split-by", "writer"], "tells it of 0 of 5000; QMNIST's tables tell it"),
        ([*SPLIT, "--fractions", "1,2"], "fractions are three numbers for train, val and test"),
        ([*SPLIT, "--fractions", "1,1,0"], "at least 0 and add up to 1"),
        ([*SPLIT, "--fractions", "half"], "argument --fractions: 'half' is no three numbers"),
        (["0,1", "0", "30", "86", "--hand", "single"], "nobody knows who wrote the images of"),
        (["0,1", "0", "30", "86", "--records"], "--records goes with --count N"),
        (["0,1", "0", "30", "86", "--writers", "."], "--writers DIR is about the digits of --data"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main(["draw", *arguments])
    except SystemExit as exit_:
        code = int(str(exit_.code))
    assert code == 2
    assert sentence in complaint(capsys)


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "required: COMMAND" in complaint(capsys)


def test_a_damaged_data_file_is_bad_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"):
        (tmp_path / name).write_bytes(gzip.compress(b"\0\0\x08\x01\0\0\0\x09")[:-3])
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["draw", "0,1", "0", "30", "86", "--data", ".."]) == 2
    assert "is cut short" in complaint(capsys)


def test_a_folder_that_cannot_be_written_to_is_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["draw", "0,1", "0", "30", "86", "--out", "file/folder"]) == 1
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "Not a directory" in err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_library_that_does_not_load_is_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise LibraryError("imgaug does not load; install it")

    monkeypatch.setattr(imgaug_adapter, "import_imgaug", fail)
    monkeypatch.setattr(imgaug_adapter.ImgaugTransform, "_augmenter", lambda self: fail())
    assert main(["draw", "0,1", "0", "30", "86", "-c", EXAMPLE_CONFIG]) == 1
    assert complaint(capsys) == "image-sequence: imgaug does not load; install it"


@pytest.mark.parametrize("more", [[], ["--count", "2"]])
def test_a_reader_that_has_gone_is_no_traceback_either(more: list[str]) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    result = subprocess.run(  # noqa: S603  # our own program
        command("draw", "0,1", "0", "30", "86", *more),
        stdout=write_end,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write_end)
    assert (result.returncode, result.stderr) == (1, b"")


@pytest.mark.parametrize("developing", [False, True])
def test_a_failing_plug_in_shows_a_traceback_to_developers_only(
    tmp_path: Path, developing: bool
) -> None:
    code = "def failing(request, rng):\n    raise ZeroDivisionError('the plug-in\\'s own')\n"
    offer(tmp_path, "failing = offering_package:failing", code=code)
    (tmp_path / "config.json").write_text(
        '{"image": {"transform": false}, "output_format": "png", '
        '"spacing": {"type": "failing", "subtype": "edge"}}'
    )
    python, *rest = command("draw", "0,1", "0", "30", "86", "-c", "config.json")
    result = subprocess.run(  # noqa: S603  # our own program
        [python, *(["-X", "dev"] if developing else []), *rest],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    if developing:
        assert "Traceback" in result.stderr
    else:
        assert result.stderr == "image-sequence: ZeroDivisionError: the plug-in's own\n"


def test_the_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert lines(capsys) == [f"image-sequence {image_sequence.__version__}"]


@pytest.mark.parametrize(
    ("run", "arguments", "prog"),
    [(main, ["draw", "-h"], "image-sequence draw"), (classic_main, ["-h"], "client_script.py")],
)
def test_help_explains_with_examples(
    run: object, arguments: list[str], prog: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(run)
    with pytest.raises(SystemExit, match="0"):
        run(arguments)
    text = "\n".join(lines(capsys))
    assert "DIGITS MIN_SPACING MAX_SPACING IMAGE_WIDTH" in text
    assert f"  {prog} 0,1 0 30 86 -c ./api_examples/example_config.json" in text


def test_an_interrupt_keeps_what_is_finished_and_shows_no_traceback() -> None:
    with drawing_without_end() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        printed = {process.stdout.readline().rstrip()}
        process.send_signal(signal.SIGINT)
        printed |= set(process.stdout.read().split())
        message = process.stderr.read()
    assert process.returncode == 130
    assert message == "image-sequence: interrupted; what is printed is saved\n"
    there = {str(path) for path in Path("new").iterdir()}
    assert printed <= there
    assert len(there - printed) <= 1
    for path in there:
        with Image.open(path) as picture:
            picture.load()


def test_a_reader_that_has_enough_ends_the_command_quietly() -> None:
    with drawing_without_end() as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 1


def test_at_a_terminal_progress_and_the_seed_are_shown() -> None:
    with terminal(80) as screen:
        process = subprocess.run(  # noqa: S603  # our own program
            command("draw", "0,1", "0", "30", "86", "--count", "3"),
            stdout=subprocess.PIPE,
            stderr=screen.end,
            check=True,
        )
    assert len(process.stdout.split()) == 3
    assert "3/3" in screen.shown
    seed = screen.shown.partition("--seed ")[2].split()[0]
    assert main(["draw", "0,1", "0", "30", "86", "--seed", seed, "--count", "3"]) == 0
    for number in range(3):
        first, second = Path(f"seq_01_{number:06}.png"), Path(f"seq_01_{number + 3:06}.png")
        assert first.read_bytes() == second.read_bytes()
