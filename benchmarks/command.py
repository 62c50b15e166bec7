"""The command line: which parts run, what is printed, and the verdict."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from benchmarks import (
    configurations,
    datasets,
    gaps,
    hands,
    leaks,
    loading,
    million,
    pixels,
    stages,
    startup,
    survival,
    training,
    variety,
)
from image_sequence.benchmarks.figures import Section
from image_sequence.benchmarks.machine import described, machine
from image_sequence.files import written_whole

PARTS: Mapping[str, Callable[..., Section]] = {
    "startup": startup.measured,
    "loading": loading.measured,
    "gaps": gaps.measured,
    "pixels": pixels.measured,
    "configurations": configurations.measured,
    "stages": stages.measured,
    "leaks": leaks.measured,
    "hands": hands.measured,
    "million": million.measured,
    "variety": variety.measured,
    "datasets": datasets.measured,
    "survival": survival.measured,
    "training": training.measured,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts asked for. Returns 1 if there is a verdict and a figure is out of bounds."""
    options = _parser().parse_args(arguments)
    print(described(machine()), flush=True)
    sections = []
    for name in options.parts or PARTS:
        section = PARTS[name](quick=options.quick)
        print(f"\n{section.described()}", flush=True)
        sections.append(section)
    if options.json is not None:
        _write_json(options.json, sections, quick=options.quick)
    return 0 if options.no_verdict else _verdict(sections)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks",
        description="Measure image_sequence and check what it promises; prints Markdown.",
    )
    parser.add_argument(
        "parts", nargs="*", type=_part, metavar="PART", help=f"{', '.join(PARTS)} (all)"
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, for CI")
    parser.add_argument(
        "--no-verdict", action="store_true", help="show the bounds, but do not fail by them"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    return parser


def _part(name: str) -> str:
    # Not `choices`: with nargs="*" some versions of argparse hold the empty list against them.
    if name not in PARTS:
        raise argparse.ArgumentTypeError(f"there is no part {name!r}; there are {', '.join(PARTS)}")
    return name


def _write_json(path: Path, sections: Sequence[Section], *, quick: bool) -> None:
    content = {
        "machine": machine(),
        "quick": quick,
        "parts": {section.part: section.to_dict() for section in sections},
    }
    with written_whole(path) as partial:
        partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _verdict(sections: Sequence[Section]) -> int:
    checked = [
        (section.part, figure)
        for section in sections
        for figure in section.figures
        if figure.is_checked
    ]
    missed = [f"{part}: {figure.described()}" for part, figure in checked if figure.is_missed]
    if missed:
        print(f"\n{len(missed)} of {len(checked)} checked figures missed:", file=sys.stderr)
        print("\n".join(missed), file=sys.stderr)
        return 1
    print(f"\nAll {len(checked)} checked figures lie within their bounds.")
    return 0
