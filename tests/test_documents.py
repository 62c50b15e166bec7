"""The documents: their blocks run, their links lead somewhere, their pictures are the program's."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image
from shared_data import MNIST, QMNIST

from image_sequence import BundledDigits
from image_sequence.composing.spacing import SPACINGS
from image_sequence.config import Configuration
from image_sequence.datasets import Recipe
from image_sequence.datasets.policies.known import policy_of
from image_sequence.glyphs.idx import write_idx
from image_sequence.picture import to_bytes

ROOT = Path(__file__).parents[1]
DOCUMENTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
}
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]*)(#[^)\s]*)?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def blocks(language: str) -> dict[str, str]:
    """The text of each block in a language, by document and line."""
    return {
        f"{name}:{text.count(chr(10), 0, found.start()) + 1}": found[2]
        for name, text in DOCUMENTS.items()
        for found in FENCED.finditer(text)
        if found[1] == language
    }


def each(named: dict[str, str]) -> list[object]:
    return [pytest.param(text, id=name) for name, text in named.items()]


SHELL = blocks("sh")
# The README's first two: .ci/run takes them from there and runs them itself.
FIRST_TWO = [name for name in SHELL if name.startswith("README")][:2]
INSTALLING = {
    name: text for name, text in SHELL.items() if "pip install" in text and name not in FIRST_TWO
}
PLAIN = {
    name: text for name, text in SHELL.items() if name not in INSTALLING and name not in FIRST_TWO
}


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clone of the project, and the current folder."""
    folder = tmp_path / "image-sequence"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)  # noqa: S603, S607  # the user's git
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def readers_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder of a reader who has the examples, some letters, and MNIST in mnist/.

    MNIST has been downloaded as well, if it lies beside the project.
    """
    shutil.copytree(ROOT / "api_examples", tmp_path / "api_examples")
    shutil.copy(ROOT / "client_script.py", tmp_path)
    bank = BundledDigits().load()
    for half in ("train", "t10k"):
        write_idx(tmp_path / "mnist" / f"{half}-images-idx3-ubyte", bank.images)
        write_idx(tmp_path / "mnist" / f"{half}-labels-idx1-ubyte", bank.labels)
    rows = np.zeros((len(bank.labels), 8), np.int32)
    rows[:, 0], rows[:, 2] = bank.labels, np.arange(len(bank.labels)) % 500
    write_idx(tmp_path / "qmnist" / "qmnist-train-labels-idx2-int", rows)
    for letter in "abc":
        (tmp_path / "letters" / letter).mkdir(parents=True)
        for number in range(10):
            picture = Image.fromarray(255 - bank.images[500 * "abc".index(letter) + number])
            picture.save(tmp_path / "letters" / letter / f"{number}.png")
    if MNIST.is_dir() and QMNIST.is_dir():
        for path in (*MNIST.glob("*.gz"), *QMNIST.glob("*.gz")):
            (tmp_path / "data" / "mnist").mkdir(parents=True, exist_ok=True)
            shutil.copy(path, tmp_path / "data" / "mnist")
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("image_sequence.composing.spacing.SPACINGS", dict(SPACINGS))
    return tmp_path


def shell(block: str, folder: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run a block as it stands, with a folder of programs before all others."""
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    return subprocess.run(  # noqa: S603  # a block of our own documents
        ["bash", "-euo", "pipefail", "-c", block],  # noqa: S607  # the user's bash
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def make_pictures() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_pictures", ROOT / "tools/make_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("block", each(blocks("python")))
def test_python_blocks_run(block: str, readers_folder: Path) -> None:
    exec(compile(block, "<block>", "exec"), {"__name__": "__main__"})  # noqa: S102  # our own documents


@pytest.mark.parametrize("block", each(blocks("json")))
def test_json_blocks_are_configurations_recipes_or_policies(
    block: str, readers_folder: Path
) -> None:
    settings = json.loads(block)
    if "policy" in settings:
        policy_of(settings)
    elif "count" in settings:
        Recipe.from_dict(settings)
    else:
        Configuration.from_dict(settings)


@pytest.mark.parametrize("block", each(PLAIN))
def test_shell_blocks_run(block: str, readers_folder: Path) -> None:
    if "download" in block and not (readers_folder / "data").is_dir():
        pytest.skip("MNIST is not there to be found downloaded: no ../shared/mnist and ../qmnist")
    result = shell(block, readers_folder, Path(sys.executable).parent)
    assert result.returncode == 0, result.stderr
    saved = [line for line in result.stdout.splitlines() if line.endswith(".png")]
    assert saved or "is sound: " in result.stdout
    for path in saved:
        with Image.open(readers_folder / path) as picture:
            assert picture.height == 28 or not Path(path).name.startswith("seq_")


@pytest.mark.installs
@pytest.mark.parametrize("block", each(INSTALLING))
def test_installing_blocks_run_in_a_fresh_environment(
    block: str, clone: Path, tmp_path: Path
) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    programs = tmp_path / "venv" / "bin"
    result = shell(block, clone, programs)
    assert result.returncode == 0, result.stderr
    if (programs / "image-sequence").exists():
        drawn = shell("image-sequence draw 0,1 0 30 86", tmp_path, programs)
        assert (drawn.returncode, drawn.stdout) == (0, "./seq_01.png\n"), drawn.stderr
    else:
        assert (clone / "seq_01.png").is_file()
    listed = shell("pip list", tmp_path, programs).stdout
    assert ("opencv-python-headless" in listed) == ("opencv-python-headless" in block)
    assert len(re.findall("^opencv", listed, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    "script", sorted((ROOT / "api_examples").glob("*.py")), ids=lambda p: p.name
)
def test_api_examples_run(script: Path, readers_folder: Path) -> None:
    result = shell(f"python {script}", readers_folder, Path(sys.executable).parent)
    assert result.returncode == 0, result.stderr
    assert all((readers_folder / path).is_file() for path in result.stdout.split())


def test_the_readme_leads_with_the_two_commands() -> None:
    first, second = (SHELL[name] for name in FIRST_TWO)
    assert first == "pip install . && image-sequence draw 2,0,2,6 0 20 160\n"
    assert second == "pip install -r requirements_test.txt && tox\n"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_somewhere(name: str) -> None:
    for found in LINK.finditer(DOCUMENTS[name]):
        target, anchor = found[1], found[2]
        if target.startswith("https:"):
            continue
        path = (ROOT / name).parent / target if target else ROOT / name
        assert path.exists(), target
        if anchor:
            assert anchor[1:] in anchors(path.read_text(encoding="utf-8")), anchor


def anchors(text: str) -> set[str]:
    """A heading's anchor, as GitHub makes it: lower case, dashes for spaces, no punctuation."""
    headings = (re.sub(r"[^\w\- ]", "", found[1].lower()) for found in HEADING.finditer(text))
    return {heading.replace(" ", "-") for heading in headings}


def test_the_readme_shows_every_picture() -> None:
    shown = set(re.findall(r"\(static/(\w+)\.png\)", DOCUMENTS["README.md"]))
    assert shown == {path.stem for path in (ROOT / "static").glob("*.png")}
    assert shown == set(make_pictures().PICTURES)


def test_pictures_are_what_the_program_makes() -> None:
    tool = make_pictures()
    for name, image in tool.drawn():
        with Image.open(ROOT / "static" / f"{name}.png") as picture:
            shown = np.asarray(picture).astype(int)
        assert shown.shape == image.shape
        # What imgaug makes of its numbers differs from version to version.
        if not tool.PICTURES[name].transform:
            assert abs(shown - to_bytes(image)).max() <= 1
