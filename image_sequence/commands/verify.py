"""`image-sequence verify`."""

import argparse
import json
from typing import TYPE_CHECKING

from image_sequence.commands.parsing import DONE, FAILED, whole_number
from image_sequence.errors import ArgumentValueError
from image_sequence.sharing import KINDS, Contents, Sharing

if TYPE_CHECKING:
    from image_sequence.datasets.checking import Report

_DESCRIPTION = """\
Read a data set again and compare all of it with its manifest and its recipe: sums and sizes, the
number of samples, every text, and of each shard some samples, pixel by pixel, made again. Or read
the records of two, and name every glyph, writer and sequence of labels that both have.

Of two, glyphs are told apart by their pixels, so renamed folders and copies do not hide a leak.
Both sets must not share a glyph, nor what their records say that they were split by; if they do, or
if the one is not sound, the exit code is 1."""
_EXAMPLES = """examples:
  %(prog)s digits
      whether the data set in the folder digits is what its recipe says
  image-sequence draw 2,0,2,6 0 20 160 --count 50 --split train --records --out train
  image-sequence draw 2,0,2,6 0 20 160 --count 50 --split test --records --out test
  %(prog)s train test
      nothing but the sequence 2026 is shared
  %(prog)s train test --by glyph,sequence
      the sequence is a leak as well
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "verify",
        help="read a data set again, or name what two of them share",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=_verify, interrupted="interrupted")
    parser.add_argument(
        "first", metavar="A", help="a data set, or a folder with metadata.jsonl, or such a file"
    )
    parser.add_argument("second", metavar="B", nargs="?", help="the other one, to compare")
    parser.add_argument(
        "--remade",
        metavar="N",
        type=whole_number,
        help="of one: how many samples of each shard are made again (16)",
    )
    parser.add_argument(
        "--by",
        metavar="KINDS",
        type=_kinds,
        default=(),
        help=f"what must not be shared, of {', '.join(KINDS)}, separated by commas",
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def _verify(options: argparse.Namespace) -> int:
    if options.second is None:
        return _verify_one(options)
    sharing = Sharing.between(_contents(options.first), _contents(options.second), options.by)
    print(json.dumps(sharing.to_dict(), indent=2) if options.json else sharing.described())
    return FAILED if sharing.leaks else DONE


def _contents(where: str) -> Contents:
    from image_sequence.datasets.reading import records_of

    records = records_of(where)
    return Contents.read(where) if records is None else Contents.of(where, records)


def _verify_one(options: argparse.Namespace) -> int:
    from tqdm import tqdm

    from image_sequence.datasets.checking import REMADE, verify_dataset

    if options.by:
        raise ArgumentValueError("--by is about two data sets, and there is one")
    with tqdm(unit="sample", unit_scale=True, disable=None) as bar:
        report = verify_dataset(
            options.first,
            remade=REMADE if options.remade is None else options.remade,
            tell=lambda receipt: bar.update(receipt.count),
        )
    print(json.dumps(report.to_dict(), indent=2) if options.json else _described(report))
    return FAILED if report.problems else DONE


def _described(report: "Report") -> str:
    read = (
        f"{report.sample_count:,} samples in {report.checked_count:,} of {report.shard_count:,} "
        f"shards read, {report.remade_count:,} of them made again"
    )
    unfinished = "" if report.is_complete else "; the data set is not finished"
    if not report.problems:
        return f"{report.where} is sound: {read}{unfinished}"
    return "\n".join([*report.problems, f"{report.where} is not sound: {read}{unfinished}"])


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in text.split(","))
    if not set(kinds) <= set(KINDS):
        raise argparse.ArgumentTypeError(f"{text!r} is not some of {', '.join(KINDS)}")
    return kinds
