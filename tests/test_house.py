"""The house: which module may import which, and what importing the package costs."""

import ast
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import image_sequence

PACKAGE = Path(image_sequence.__file__).parent

# From the ground up. A module imports from lower floors only.
FLOORS: list[set[str]] = [
    {
        "chunks",
        "composing",
        "composing.recycling",
        "composing.resampling",
        "datasets.formats",
        "datasets.formats.tf_examples",
        "datasets.policies",
        "datasets.policies.check_digits",
        "datasets.runners",
        "datasets.sums",
        "errors",
        "files",
        "glyphs",
        "inspecting",
        "inspecting.lettering",
        "inspecting.looks",
        "plan",
        "playing",
        "steps",
    },
    {
        "composing.drawing",
        "composing.plugins",
        "datasets.policies.pattern_nodes",
        "datasets.policies.rows",
        "datasets.remote",
        "glyphs.catalogue",
        "glyphs.idx",
        "glyphs.levels",
        "glyphs.mirrors",
        "glyphs.parts",
        "inspecting.digests",
        "inspecting.intervals",
        "inspecting.marking",
        "inspecting.rows",
        "inspecting.slants",
        "inspecting.tallies",
        "inspecting.units",
        "opencv",
        "origin",
        "picture",
        "records",
        "steps.kinds",
        "whole_numbers",
    },
    {
        "composing.blocks",
        "composing.canvas",
        "composing.compiled",
        "composing.request",
        "datasets.encoding",
        "datasets.policies.settings",
        "datasets.shards",
        "datasets.storage",
        "draws",
        "glyphs.download",
        "glyphs.numbering",
        "glyphs.places",
        "glyphs.unifying",
        "glyphs.writers",
        "inspecting.alignment",
        "inspecting.pixels",
        "inspecting.sheets",
        "recording",
        "sharing",
        "steps.filters",
        "steps.picture_moves",
        "steps.picture_steps",
        "steps.strokes",
        "steps.warping",
    },
    {
        "composing.counts",
        "composing.imgaug_adapter",
        "composing.rendering",
        "composing.spacing",
        "datasets.locks",
        "datasets.policies.kinds",
        "datasets.policies.walks",
        "datasets.receipts",
        "glyphs.bank",
        "inspecting.breakdowns",
        "inspecting.pages",
        "steps.paper",
        "steps.pipeline",
        "steps.scattering",
        "training.epochs",
        "turns",
    },
    {
        "composing.adapters",
        "composing.distributions",
        "composing.gaps",
        "composing.transforms",
        "datasets.manifest",
        "datasets.policies.numbers",
        "datasets.policies.pairs",
        "datasets.policies.pattern_text",
        "datasets.policies.strings",
        "glyphs.arrays",
        "glyphs.hands",
        "glyphs.pairs",
        "glyphs.pictures",
        "glyphs.sources",
        "glyphs.spelling",
        "inspecting.axes",
        "inspecting.step_ranges",
        "steps.corruptions",
        "steps.glyph_kinds",
        "steps.settings",
    },
    {
        "composing.pipelines",
        "datasets.policies.held_out",
        "datasets.policies.lengths",
        "datasets.policies.pattern",
        "datasets.policies.texts",
        "glyphs.finding",
        "glyphs.splitting",
        "inspecting.heat_maps",
        "steps.backgrounds",
        "steps.line",
        "steps.picture_kinds",
    },
    {
        "composing.page",
        "data_settings",
        "datasets.policies.digits",
        "inspecting.charts",
    },
    {
        "composing.truth",
        "datasets.policies.known",
    },
    {
        "composing.instances",
        "sample",
    },
    {
        "composing.composer",
        "datasets.formats.kinds",
        "training.collating",
    },
    {
        "ahead",
        "config",
        "datasets.formats.arrow_columns",
        "datasets.formats.columns",
        "datasets.formats.files_of_pictures",
        "datasets.formats.known",
        "datasets.formats.lmdb_folders",
        "datasets.formats.tfrecord",
        "datasets.versions",
        "training.ctc",
    },
    {
        "datasets.formats.coco",
        "datasets.formats.folder",
        "datasets.formats.hdf5",
        "datasets.formats.idx_folder",
        "datasets.formats.npy",
        "datasets.formats.parquet",
        "datasets.formats.webdataset",
        "datasets.formats.yolo",
        "inspecting.variations",
        "playing.wishes",
        "presets",
    },
    {
        "datasets.formats.npz",
        "datasets.recipe",
        "generator",
        "playing.lines",
    },
    {
        "",
        "datasets.card",
        "datasets.making",
        "inspecting.laws",
        "playing.playground",
    },
    {
        "datasets.feasibility",
        "datasets.ledger",
        "datasets.runners.failures",
        "datasets.runners.kinds",
        "inspecting.frequencies",
        "inspecting.step_sheets",
        "playing.tables",
    },
    {
        "datasets.checking",
        "datasets.progress",
        "datasets.reading",
        "datasets.runners.processes",
        "datasets.runners.ray",
        "datasets.runners.serial",
        "datasets.runners.worker",
        "datasets.viewing",
        "playing.server",
        "training.samples",
    },
    {
        "datasets.runners.known",
        "inspecting.blocks",
        "inspecting.contact_sheets",
        "inspecting.makers",
        "inspecting.predictions",
        "inspecting.subjects",
        "training.hugging_face",
        "training.pytorch",
        "training.tensorflow",
    },
    {
        "datasets.estimates",
        "datasets.writing",
        "inspecting.glyph_use",
        "inspecting.label_counts",
        "inspecting.squeezes",
        "inspecting.truths",
        "training",
    },
    {
        "datasets",
        "inspecting.gap_counts",
        "inspecting.misread",
        "inspecting.pairs",
        "inspecting.source_glyphs",
    },
    {
        "inspecting.census",
        "inspecting.evaluation",
        "inspecting.figures",
    },
    {
        "inspecting.evaluation_text",
        "inspecting.findings",
    },
    {
        "inspecting.mistake_charts",
        "inspecting.summary",
    },
    {
        "inspecting.mistakes",
        "inspecting.sections",
    },
    {
        "inspecting.report",
    },
    {
        "benchmarks",
        "benchmarks.cases",
        "benchmarks.figures",
    },
    {
        "benchmarks.machine",
        "benchmarks.memory",
        "benchmarks.naive",
        "benchmarks.timing",
    },
    {
        "benchmarks.ways",
    },
    {
        "benchmarks.speed",
    },
    {
        "commands",
        "commands.parsing",
    },
    {
        "commands.making_datasets",
        "commands.making_previews",
    },
    {
        "commands.bench",
        "commands.config",
        "commands.data",
        "commands.dataset",
        "commands.download",
        "commands.draw",
        "commands.evaluate",
        "commands.play",
        "commands.preview",
        "commands.report",
        "commands.verify",
    },
    {
        "cli",
    },
    {
        "__main__",
    },
]
FLOOR_OF = {module: floor for floor, modules in enumerate(FLOORS) for module in modules}

CLOCK = {
    "benchmarks.timing",
    "datasets.estimates",
    "glyphs.mirrors",
}  # The only ones that may look at it.
# The one asks whether a cluster answers, the other is a server on the loopback.
SOCKET = {"datasets.runners.ray", "playing.server"}

STANDARD = sys.stdlib_module_names
AT_THE_TOP = {"numpy"}
IMPORTED_LATE = {
    "PIL",
    "albumentations",
    "cv2",
    "datasets",
    "fsspec",
    "google_crc32c",
    "h5py",
    "imgaug",
    "llvmlite",
    "lmdb",
    "numba",
    "platformdirs",
    "pyarrow",
    "ray",
    "scipy",
    "tensorflow",
    "torch",
    "tqdm",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_name(path): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}


def imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(str(node.module))
    return names


def imported_at_the_top(tree: ast.Module) -> set[str]:
    statements = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    return imported(ast.Module(body=list(statements), type_ignores=[]))


def test_every_module_has_a_floor() -> None:
    assert set(MODULES) == set(FLOOR_OF)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_down(module: str) -> None:
    for name in imported(MODULES[module]):
        package, _, lower = name.partition(".")
        if package == "image_sequence":
            assert FLOOR_OF[lower] < FLOOR_OF[module], f"{module} imports {name}"


@pytest.mark.parametrize("module", sorted(MODULES))
def test_libraries_that_cost_time_are_imported_where_they_are_used(module: str) -> None:
    roots = {name.partition(".")[0] for name in imported_at_the_top(MODULES[module])}
    assert roots - STANDARD - {"image_sequence"} <= AT_THE_TOP


def test_no_library_is_used_that_is_not_declared() -> None:
    roots = {name.partition(".")[0] for tree in MODULES.values() for name in imported(tree)}
    assert roots - STANDARD - {"image_sequence"} <= AT_THE_TOP | IMPORTED_LATE


def test_only_the_adapter_knows_imgaug() -> None:
    adapter = (PACKAGE / "composing" / "imgaug_adapter.py").read_text()
    assert 'import_module("imgaug")' in adapter
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        if path.name != "imgaug_adapter.py":
            assert "import imgaug" not in text.replace("import_imgaug", "")
            assert '"imgaug' not in text


def test_nobody_draws_from_global_random_state_or_reads_the_clock() -> None:
    for module, tree in MODULES.items():
        clocks = set() if module in CLOCK else {"time", "datetime"}
        sockets = set() if module in SOCKET else {"socket"}
        assert not imported(tree) & {"random", *clocks, *sockets}, module
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("np.random."):
                allowed = {"np.random.Philox", "np.random.Generator"}
                assert ast.unparse(node) in allowed, f"{module}: {ast.unparse(node)}"


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = "import sys, image_sequence, image_sequence.cli; print(*sys.modules)"
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    roots = {name.partition(".")[0] for name in result.stdout.split()}
    heavy = {
        "imgaug",
        "albumentations",
        "cv2",
        "scipy",
        "numba",
        "matplotlib",
        "skimage",
        "torch",
        "ray",
        "pyarrow",
    }
    assert not roots & heavy
    assert "image_sequence" in roots


def test_who_has_no_steps_and_no_page_does_not_wait_for_their_modules() -> None:
    program = """
        import sys
        from image_sequence import DigitSequence
        DigitSequence(seed=7).generate_numbers_sequence([1, 2], (0, 3), 60)
        print(*sys.modules)
    """
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    costly = {"glyph_kinds", "picture_kinds", "corruptions", "warping", "backgrounds"}
    assert not {f"image_sequence.steps.{name}" for name in costly} & set(result.stdout.split())


def test_the_design_has_every_module_on_its_floor() -> None:
    design = Path(__file__).parents[1] / "docs" / "DESIGN.md"
    table = design.read_text(encoding="utf-8").partition("## Modules")[2]
    rows = re.findall(r"^\| (\d+) \| ([^|]*) \|", table, re.MULTILINE)
    told = {name: int(floor) for floor, names in rows for name in re.findall("`(.*?)`", names)}
    packages = {name.rpartition(".")[0] for name in FLOOR_OF if "." in name}
    modules = {name or "image_sequence": floor for name, floor in FLOOR_OF.items()}
    assert told == {name: floor for name, floor in modules.items() if name not in packages}


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").is_file()
