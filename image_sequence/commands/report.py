"""`image-sequence report`."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from image_sequence.commands.parsing import DONE

if TYPE_CHECKING:
    from image_sequence.inspecting.summary import Summary

_DESCRIPTION = """\
One HTML file about a data set: samples with their boxes, how labels, lengths, pairs of neighbours,
gaps, ink, widths and source glyphs are distributed, each beside what the recipe makes one expect,
what is there twice, what it shares with other data sets, and the recipe. It opens without a
network, on a phone as well.

What is odd, wrong or missing stands at its top. The data set is read once, and nothing in it is
changed; one that is not finished is reported on as far as it is there."""
_EXAMPLES = """examples:
  %(prog)s digits
      writes digits-report.html into this folder
  %(prog)s train --against test --out train.html
      also names every glyph, writer and sequence of labels that test has as well
  %(prog)s digits --json
      prints all figures as JSON besides
  %(prog)s recipe.json
      about what the recipe would make
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "report",
        help="write an HTML page about a data set",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=_report, interrupted="interrupted; no report was written")
    parser.add_argument(
        "where",
        metavar="DIR",
        help="a data set, a folder of image-sequence draw --records, or a recipe's JSON file",
    )
    parser.add_argument(
        "--out",
        metavar="FILE.html",
        type=Path,
        help="the page; not said: DIR's name with -report.html, in this folder",
    )
    parser.add_argument(
        "--against",
        metavar="DIR2",
        action="append",
        default=[],
        help="another data set that must not share glyphs with it; may be given several times",
    )
    parser.add_argument("--json", action="store_true", help="print all figures as JSON, too")


def _report(options: argparse.Namespace) -> int:
    from image_sequence.inspecting.report import report_path, write_report

    path = report_path(options.where, options.out)
    summary = _summary(options)
    write_report(summary, path)
    print(json.dumps(summary.to_dict(), indent=2) if options.json else _described(summary, path))
    return DONE


def _summary(options: argparse.Namespace) -> "Summary":
    from tqdm import tqdm

    from image_sequence.datasets.viewing import open_view
    from image_sequence.inspecting.summary import summarise

    view, against = open_view(options.where), [open_view(other) for other in options.against]
    count = sum(one.count for one in (view, *against))
    with tqdm(total=count, unit="sample", unit_scale=True, disable=None) as bar:
        return summarise(view, against=against, told=bar.update)


def _described(summary: "Summary", path: Path) -> str:
    return "\n".join([*summary.findings, f"{summary.census.sample_count:,} samples: {path}"])
