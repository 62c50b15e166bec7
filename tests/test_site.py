"""The documentation site: all of the package is in its reference, all documents are in its menu.

Sphinx builds it in `tox -e docs`; nothing here needs Sphinx.
"""

import doctest
import importlib.util
import inspect
import re
import shlex
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from pydoc import locate
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

import image_sequence
from image_sequence import BundledDigits, DigitSequence
from image_sequence.cli import _COMMANDS
from image_sequence.commands.parsing import PROG, Parser
from image_sequence.composing.distributions import from_settings
from image_sequence.config import Configuration
from image_sequence.datasets import write_dataset
from image_sequence.picture import to_bytes

DOCS = Path(__file__).parents[1] / "docs"
GALLERY = (DOCS / "gallery.md").read_text(encoding="utf-8")
REFERENCE = {path: path.read_text(encoding="utf-8") for path in (DOCS / "api").glob("*.rst")}
GUIDES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in (DOCS / "tutorial.md", *sorted(DOCS.glob("how_to_*.md")))
}

# What somebody imports to write a plug-in.
PLUGINS = (
    "composing.adapters",
    "composing.spacing",
    "composing.transforms",
    "datasets.formats.kinds",
    "datasets.policies.kinds",
    "datasets.runners.kinds",
    "steps.kinds",
)
# They are told of elsewhere, or are of use in the package alone.
INTERNAL = {"check_width", "import_albumentations"}

DIRECTIVE = re.compile(r"^\.\. auto(\w+):: ([\w.]+)(?:\(\))?\n((?:   :.*\n)*)", re.MULTILINE)


def documented() -> Iterator[str]:
    """The full name of everything that the reference has docstrings of."""
    for kind, name, options in (
        found.groups() for text in REFERENCE.values() for found in DIRECTIVE.finditer(text)
    ):
        yield name
        members = re.search(r":members:(.*)", options)
        if kind == "module" and members:
            listed = members[1].replace(",", " ").split()
            yield from (f"{name}.{member}" for member in listed or public_names(name))


def public_names(module: str) -> list[str]:
    """The classes and functions that a module defines for others."""
    parts = vars(importlib.import_module(module)).items()
    return [
        name
        for name, part in parts
        if not name.startswith("_") and inspect.isroutine(part) | inspect.isclass(part)
        if part.__module__ == module
    ]


DOCUMENTED = set(documented())


@pytest.mark.parametrize("module", ["", ".datasets", ".training"])
def test_every_public_name_is_in_the_reference(module: str) -> None:
    package = importlib.import_module(f"image_sequence{module}")
    for name in package.__all__:
        defined_in = getattr(package, name).__module__
        assert {f"{package.__name__}.{name}", f"{defined_in}.{name}"} & DOCUMENTED, name


@pytest.mark.parametrize("module", PLUGINS)
def test_every_name_of_a_plug_in_module_is_in_the_reference(module: str) -> None:
    public = {f"image_sequence.{name}" for name in image_sequence.__all__}
    known = {name.rpartition(".")[2] for name in DOCUMENTED & public}
    for name in set(public_names(f"image_sequence.{module}")) - INTERNAL - known:
        assert f"image_sequence.{module}.{name}" in DOCUMENTED


def test_what_the_reference_names_is_there() -> None:
    assert [name for name in DOCUMENTED if locate(name) is None] == []


def test_every_document_is_in_the_menu_once() -> None:
    menu = [
        page for index in (DOCS / "index.md", DOCS / "api" / "index.rst") for page in entries(index)
    ]
    pages = {
        str(path.relative_to(DOCS).with_suffix(""))
        for suffix in ("md", "rst")
        for path in DOCS.rglob(f"*.{suffix}")
    }
    assert sorted(menu) == sorted(pages - {"index"})


def entries(index: Path) -> list[str]:
    """The pages that the trees of a document name, from docs/."""
    text = index.read_text(encoding="utf-8")
    trees = re.findall(
        r"(?:~~~\{toctree\}\n(.*?)~~~|toctree::\n((?:\n|   .*\n)*))", text, re.DOTALL
    )
    lines = [line.strip() for tree in trees for line in "".join(tree).splitlines()]
    names = [re.sub(r".*<(.*)>", r"\1", line) for line in lines if line and line[0] != ":"]
    return [str((index.parent / name).relative_to(DOCS)) for name in names]


def mending(name: str) -> ModuleType:
    """A module that Sphinx's configuration is made of."""
    path = DOCS / "mending" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"mending_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["links", "reference"])
def test_examples_of_what_mends_texts_hold(name: str) -> None:
    failed, tried = doctest.testmod(mending(name))
    assert tried > 0
    assert failed == 0


def test_every_document_above_has_a_page_that_includes_it() -> None:
    pages = mending("links").PAGES
    assert set(pages) == {path.name for path in DOCS.parent.glob("*.md")}
    for name, page in pages.items():
        assert f"{{include}} ../{name}\n" in (DOCS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("folder", "link", "mended"),
    [
        (DOCS.parent, "[Steps](docs/VARIETY.md#steps)", "[Steps](/VARIETY.md#steps)"),
        (DOCS.parent, "![2](static/first.png)", "![2](/../static/first.png)"),
        (DOCS.parent, "[licence](LICENSE)", "[licence](/../LICENSE)"),
        (DOCS.parent, "[examples](api_examples/)", "examples"),
        (DOCS, "[Seeds](../README.md#seeds)", "[Seeds](/manual.md#seeds)"),
        (DOCS, "[Making it](#making-it)", "[Making it](#making-it)"),
        (DOCS, "[Ray](https://www.ray.io)", "[Ray](https://www.ray.io)"),
    ],
)
def test_links_of_the_repository_lead_to_pages(folder: Path, link: str, mended: str) -> None:
    assert mending("links").in_the_site(link, folder) == mended


# In a block, or in the text; without placeholders.
COMMANDS = re.findall(
    rf"(?:^|`){PROG} (\w+ [^`\n>]+?)(?: >.*)?(?:`|$)",
    re.sub(r"\\\n", "", "\n".join([*GUIDES.values(), GALLERY])),
    re.MULTILINE,
)


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_commands_of_the_guides_are_understood(command: str) -> None:
    parser = Parser(prog=PROG)
    known = parser.add_subparsers()
    for module in _COMMANDS:
        module.add(known)
    assert parser.parse_args(shlex.split(command)).command is not None


ENTRIES = re.findall(
    r"^!\[[^\]]+\]\(([\w./-]+)\)\n(.*?)(?=^!\[|^#|\Z)", GALLERY, re.MULTILINE | re.DOTALL
)
# What lies to the left of the picture: bars.
LEFT = {"spacing": 2 * 105 + 2}
# imgaug's pictures differ from version to version; this one needs a folder of pictures.
NOT_MADE = {"transform_on", "example_config", "page_pictures"}


def test_the_gallery_shows_every_picture() -> None:
    shown = {(DOCS / name).resolve() for name, _ in ENTRIES}
    assert shown == {*(DOCS / "pictures").glob("*.png"), *(DOCS.parent / "static").glob("*.png")}


def test_the_lines_of_the_gallery_make_its_pictures() -> None:
    names = {
        "Configuration": Configuration,
        "DigitSequence": partial(DigitSequence, source=BundledDigits().load()),
        "alternating": alternating,
        "from_settings": from_settings,
    }
    for name, text in ENTRIES:
        lines = re.findall("^`(DigitSequence.*)`$", text, re.MULTILINE)
        assert lines, name
        if (stem := Path(name).stem) not in NOT_MADE:
            made = [eval(line, names) for line in lines]  # noqa: S307  # our own document
            scale = 4 if stem == "boxes" else 2
            check_shown(DOCS / name, [sample.image for sample in made], scale)


def check_shown(path: Path, images: list[Any], scale: int) -> None:
    """Assert that a sheet's rows begin with these pictures, enlarged, a line around each."""
    with Image.open(path) as picture:
        sheet = np.asarray(picture).astype(int)
    left = LEFT.get(path.stem.partition("_")[0], 0) + 1
    top = 1
    for image in images:
        large = to_bytes(image).repeat(scale, axis=0).repeat(scale, axis=1).astype(int)
        height, width = large.shape[:2]
        shown = sheet[top : top + height, left : left + width]
        assert shown.shape[:2] == (height, width), path.name
        if shown.ndim > large.ndim:
            large = large[..., None]
        # As in test_variety_documents.py; boxes are drawn over the digits.
        assert abs(shown - large).mean() < (8 if path.stem == "boxes" else 1), path.name
        top += height + 2


def alternating(request: image_sequence.SpacingRequest, rng: image_sequence.Draws) -> Any:
    """The README's strategy."""
    wide = np.arange(request.glyph_count + 1) % 2 == 0
    gaps = np.where(wide, request.maximum, request.minimum)
    return np.broadcast_to(gaps, (rng.batch_size, gaps.size))


BLOCKS = {
    name: re.findall(r"^```py\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for name, text in GUIDES.items()
}


@pytest.mark.parametrize("guide", [name for name, blocks in BLOCKS.items() if blocks])
def test_blocks_that_need_a_library_run_one_after_the_other(
    guide: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for library in ("torch", *["datasets"] * ("hugging_face" in GUIDES[guide])):
        pytest.importorskip(library)
    monkeypatch.chdir(tmp_path)
    write_dataset({"count": 20, "width": 160, "seed": 2, "format": "npz"}, "test", watch=None)
    names: dict[str, Any] = {"__name__": "__main__"}
    for block in BLOCKS[guide]:
        exec(compile(small(block), guide, "exec"), names)  # noqa: S102  # our own document


def small(block: str) -> str:
    """A block that trains for a moment, in this process."""
    alone = re.sub(r", num_workers=\d, persistent_workers=True", "", block)
    return alone.replace("20_000", "200").replace("range(5)", "range(1)")
