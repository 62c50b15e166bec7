"""Put every module on the lowest floor that its imports allow, in the house test and the design.

    python tools/make_floors.py

The measuring of speed, commands and the command line keep the top floors. What docs/DESIGN.md says
of a module is the first line of its docstring.
"""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "image_sequence"
HOUSE = ROOT / "tests" / "test_house.py"
DESIGN = ROOT / "docs" / "DESIGN.md"

# From the ground up, above all others.
TOP = (
    {"benchmarks", "benchmarks.cases", "benchmarks.figures"},
    {"benchmarks.machine", "benchmarks.memory", "benchmarks.naive", "benchmarks.timing"},
    {"benchmarks.ways"},
    {"benchmarks.speed"},
)


def module_name(path: Path) -> str:
    """A module's name without that of the package; "" is the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES = {module_name(path): ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")}


def imported(module: str) -> set[str]:
    """The package's own modules that a module imports."""
    names = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {str(node.module)} | {f"{node.module}.{alias.name}" for alias in node.names}
    own = {name.partition(".")[2] for name in names if name.split(".")[0] == "image_sequence"}
    return (own & MODULES.keys()) - {module}


@cache
def floor(module: str) -> int:
    """The lowest floor that is above all that a module imports."""
    return 1 + max(map(floor, imported(module)), default=-1)


def floors() -> list[set[str]]:
    """The modules of each floor."""
    upstairs = ("commands", "cli", "__main__", "benchmarks")
    others = [module for module in MODULES if module.split(".")[0] not in upstairs]
    built = [
        {module for module in others if floor(module) == number}
        for number in range(1 + max(map(floor, others)))
    ]
    commands = {module for module in MODULES if module.startswith("commands.")}
    helpers = {module for module in commands if module.startswith("commands.making_")}
    parsing = {"commands.parsing"}
    return [
        *built,
        *TOP,
        {"commands"} | parsing,
        helpers,
        commands - helpers - parsing,
        {"cli"},
        {"__main__"},
    ]


def table(built: list[set[str]]) -> str:
    """A row for each module that is no package, the highest floor first."""
    packages = {module.rpartition(".")[0] for module in MODULES} - {""}
    rows = ["| floor | module | what it holds |", "|---|---|---|"]
    for number in reversed(range(len(built))):
        for module in sorted(built[number] - packages):
            told = (ast.get_docstring(MODULES[module]) or "").partition("\n")[0]
            # A table has no place for the sign that parts its cells.
            told = told.replace("|", "or").replace("[", r"\[")
            rows.append(f"| {number} | `{module or 'image_sequence'}` | {told} |")
    return "\n".join(rows)


def main() -> None:
    """Write both."""
    built = floors()
    listed = ",\n".join(
        "    {" + ", ".join(f'"{module}"' for module in sorted(modules)) + ",}" for modules in built
    )
    house = HOUSE.read_text(encoding="utf-8")
    before, _, rest = house.partition("FLOORS: list[set[str]] = [")
    _, _, after = rest.partition("\n]\n")
    HOUSE.write_text(f"{before}FLOORS: list[set[str]] = [\n{listed},\n]\n{after}", encoding="utf-8")
    design = DESIGN.read_text(encoding="utf-8")
    shown = re.sub(
        r"\| floor \| module \|.*?\n\n", lambda _: table(built) + "\n\n", design, flags=re.DOTALL
    )
    DESIGN.write_text(shown, encoding="utf-8")


if __name__ == "__main__":
    main()
