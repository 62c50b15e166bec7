"""docs/VARIETY.md: its tables are the code's, its pictures the program's, its commands run."""

import importlib.util
import json
import re
import shlex
import sys
from dataclasses import fields
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image

from image_sequence import DigitSequence
from image_sequence.cli import main
from image_sequence.composing.distributions import DISTRIBUTIONS, from_settings
from image_sequence.composing.page import _KEYS as PAGE_KEYS
from image_sequence.composing.pipelines import PIPELINES
from image_sequence.errors import ArgumentValueError
from image_sequence.picture import to_bytes
from image_sequence.presets import PRESETS
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.line import Line
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS

ROOT = Path(__file__).parents[1]
VARIETY = (ROOT / "docs" / "VARIETY.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PICTURES = ROOT / "docs" / "pictures"
SCHEMA = json.loads((ROOT / "docs" / "sample.schema.json").read_text(encoding="utf-8"))
ALL_KINDS = {"glyph": GLYPH_KINDS, "paper": PAPER_KINDS, "picture": PICTURE_KINDS}


def make_variety_pictures() -> ModuleType:
    path = ROOT / "tools" / "make_variety_pictures.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


TOOL = make_variety_pictures()


@pytest.mark.parametrize("name", TOOL.tables())
def test_tables_are_those_of_the_code(name: str) -> None:
    assert TOOL.tables()[name] in VARIETY, "python tools/make_variety_pictures.py --tables"


def test_tables_name_every_kind_and_parameter() -> None:
    tables = TOOL.tables()
    rows = "\n".join(tables.values())
    for kind in (kind for kinds in ALL_KINDS.values() for kind in kinds.values()):
        assert f"| `{kind.name}` | {kind.summary} |" in rows
        named = "mnist_c_…" if kind.name.startswith("mnist_c_") else kind.name
        for parameter in kind.parameters:
            ends = f"{parameter.least:,.10g} to {parameter.most:,.10g}"
            row = f"| `{named}` | `{parameter.name}` | {ends} | {parameter.unit}"
            assert row in rows


def test_all_keys_of_layout_page_and_transforms_are_explained() -> None:
    keys = [field.name for field in fields(Line)] + list(PAGE_KEYS)
    assert all(f'"{key}"' in VARIETY or f"`{key}`" in VARIETY for key in keys)
    assert all(f'`"{name}"`' in VARIETY for name in [*PIPELINES, "classic"])


LIMITS = re.findall(
    r"^\| `(\w+)` \| `(\w+)` \| (-?[\d,.]+) to (-?[\d,.]+) pixels", VARIETY, re.MULTILINE
)


def test_all_parameters_of_distributions_have_a_row() -> None:
    of_code = {(name, field.name) for name, law in DISTRIBUTIONS.items() for field in fields(law)}
    rows = set(re.findall(r"^\| `(\w+)` \| `(\w+)` \|", VARIETY, re.MULTILINE))
    assert of_code - {("mixture", "weights")} <= rows
    assert {(name, parameter) for name, parameter, _, _ in LIMITS} == {
        (name, field) for name, field in of_code if field in ("mean", "deviation")
    }


@pytest.mark.parametrize(("name", "parameter", "least", "most"), LIMITS)
def test_limits_of_distributions_are_those_of_the_table(
    name: str, parameter: str, least: str, most: str
) -> None:
    low, high = (float(number.replace(",", "")) for number in (least, most))
    for value in (low, high):
        assert getattr(from_settings(name, {parameter: value}), parameter) == value
    for value in (low - 1, low - 0.0005, high + 1):
        with pytest.raises(ArgumentValueError):
            from_settings(name, {parameter: value})


def test_every_preset_has_a_sheet_and_a_command() -> None:
    assert set(TOOL.PRESETS) == set(PRESETS)
    for name in PRESETS:
        assert f"### {name}\n" in VARIETY
        assert f"![{name}](pictures/preset_{name}.png)" in VARIETY


COMMANDS = re.findall(r"\| `image-sequence (draw [^`]*)` \|", VARIETY)
HEIGHTS = {"double-mnist": 64, "triple-mnist": 84, "multi-mnist": 36}


def test_there_is_a_command_for_each_preset() -> None:
    assert {shlex.split(command)[-1] for command in COMMANDS} == set(PRESETS)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_of_presets_run(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(command)
    assert main(arguments) == 0
    saved = capsys.readouterr().out.strip()
    with Image.open(saved) as picture:
        assert picture.width == int(arguments[4])
        assert picture.height == HEIGHTS.get(arguments[-1], picture.height)


def test_every_picture_is_shown_and_there_is_no_other() -> None:
    shown = set(re.findall(r"\(pictures/([\w.-]+)\.png\)", VARIETY))
    assert shown == {path.stem for path in PICTURES.glob("*.png")}
    assert shown == {name for name, _ in TOOL.drawn()}
    of_readme = set(re.findall(r"\(docs/pictures/([\w.-]+)\.png\)", README))
    assert of_readme
    assert of_readme <= shown


def test_the_pictures_are_small() -> None:
    sizes = [path.stat().st_size for path in PICTURES.glob("*.png")]
    assert max(sizes) < 60_000
    assert sum(sizes) < 1_500_000


def test_the_pictures_are_what_the_program_makes() -> None:
    for name, image in TOOL.drawn():
        with Image.open(PICTURES / f"{name}.png") as picture:
            shown = np.asarray(picture).astype(int)
        assert shown.shape == image.shape, name
        # Versions of Pillow, OpenCV and NumPy round differently here and there.
        assert np.abs(shown - to_bytes(image)).mean() < 1, name


@pytest.mark.parametrize(
    "block", re.findall(r"^```py\n(.*?)^```$", VARIETY, re.MULTILINE | re.DOTALL)
)
def test_blocks_that_need_another_library_run_where_it_is(block: str) -> None:
    imported = re.findall(r"^ *import (albumentations|torch)", block, re.MULTILINE)
    assert imported
    for library in imported:
        pytest.importorskip(library, reason=f"{library} is not installed")
    exec(compile(block, "<block>", "exec"), {"__name__": "__main__"})  # noqa: S102  # our own document


VARIETIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "steps": {"transform": ["affine", {"random_order": ["blur", "dropout"]}]},
    "overlap": {"overlap": True},
    "ink": {"measure": "ink", "overlap": True},
    "line": {"layout": {"size": [0.8, 1.2], "drift": [-1, 1]}},
    "page": {"page": {"paper": {"red": [0.5, 1]}, "transform": ["rotate", "noise"]}},
    **{name: {"preset": name} for name in PRESETS},
}


@pytest.mark.parametrize("name", VARIETIES)
def test_the_schema_describes_what_variety_adds(name: str) -> None:
    generator = DigitSequence(seed=7, **VARIETIES[name])
    least = -6 if generator.config["spacing"].get("overlap") else 0
    batch = generator.batch([[2, 0], [7, 1], [4, 4]], (least, 8), 96)
    for sample in batch:
        jsonschema.validate(json.loads(sample.to_json(masks=True)), SCHEMA)


def test_the_schema_has_every_field_that_variety_adds() -> None:
    everything = VARIETIES["steps"] | VARIETIES["line"] | VARIETIES["page"]
    sample = DigitSequence(seed=7, **everything).sample([2, 0], (0, 8), 80, index=0)
    assert set(sample.to_dict(masks=True)) == set(SCHEMA["properties"])
    assert sample.to_dict().keys() >= {
        "polygons",
        "glyph_steps",
        "picture_steps",
        "sizes",
        "shifts",
    }
