"""`image-sequence verify`."""

import argparse
import json

from image_sequence.commands.parsing import DONE, FAILED
from image_sequence.sharing import KINDS, Contents, Sharing

_DESCRIPTION = """\
Read the records of two generated data sets, and name every glyph, writer and sequence of labels
that both have.

Glyphs are told apart by their pixels, so renamed folders and copies do not hide a leak. Both sets
must not share a glyph, nor what their records say that they were split by; if they do, the exit
code is 1."""
_EXAMPLES = """examples:
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
        help="name what two generated data sets share",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=_verify, interrupted="interrupted")
    parser.add_argument("first", metavar="A", help="a folder with metadata.jsonl, or such a file")
    parser.add_argument("second", metavar="B", help="the other one")
    parser.add_argument(
        "--by",
        metavar="KINDS",
        type=_kinds,
        default=(),
        help=f"what must not be shared, of {', '.join(KINDS)}, separated by commas",
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def _verify(options: argparse.Namespace) -> int:
    sharing = Sharing.between(
        Contents.read(options.first), Contents.read(options.second), options.by
    )
    print(json.dumps(sharing.to_dict(), indent=2) if options.json else sharing.described())
    return FAILED if sharing.leaks else DONE


def _kinds(text: str) -> tuple[str, ...]:
    kinds = tuple(kind.strip() for kind in text.split(","))
    if not set(kinds) <= set(KINDS):
        raise argparse.ArgumentTypeError(f"{text!r} is not some of {', '.join(KINDS)}")
    return kinds
