"""`image-sequence dataset`."""

import argparse

from image_sequence.commands.parsing import add_parts, whole_number
from image_sequence.datasets.encoding import ENCODINGS
from image_sequence.datasets.formats.known import FORMATS
from image_sequence.datasets.runners import ENGINES
from image_sequence.presets import PRESETS

_DESCRIPTION = """\
Make a labelled data set on disk that a training program opens as it is.

A recipe, one JSON document, defines all samples; options say the same, and go before what the
recipe says. Whatever stops it, finished shards are kept, and the same command goes on: the data set
is the same, byte for byte, as if nothing had happened."""
_EXAMPLES = """examples:
  %(prog)s --count 100000 --length 3-8 --spacing 0 20 --width 256 --seed 7 --out digits
      100,000 pictures of 3 to 8 digits, as WebDataset shards
  %(prog)s recipe.json --out digits --workers 2
      what a recipe says, by two processes
  %(prog)s recipe.json --out digits --shard-index 3 --num-shards 50
      every 50th shard, on the fourth of fifty machines that share a folder
  %(prog)s recipe.json --dry-run
      how much that would be, and how long it would take
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "dataset",
        help="make a labelled data set of any size, in any format",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(
        command=_dataset,
        interrupted="interrupted; finished shards are kept, and the same command goes on",
    )
    parser.add_argument(
        "recipe", metavar="RECIPE", nargs="?", help="a JSON file; options alone work as well"
    )
    _add_samples(parser.add_argument_group("samples"))
    _add_labels(parser.add_argument_group("what is written on the pictures (random digits)"))
    _add_glyphs(parser.add_argument_group("which glyphs"))
    _add_files(parser.add_argument_group("files"))
    _add_work(parser.add_argument_group("work"))


def _add_samples(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--count", metavar="N", type=whole_number, help="how many samples")
    group.add_argument("--start", metavar="N", type=whole_number, help="the first one's index (0)")
    group.add_argument("--width", metavar="PX", type=whole_number, help="of every picture, pixels")
    group.add_argument(
        "--spacing",
        metavar=("MIN", "MAX"),
        nargs=2,
        type=whole_number,
        help="the smallest and the largest gap, pixels, both included (0 20)",
    )
    group.add_argument(
        "--edges",
        action="store_true",
        help="gaps before the first and after the last label as well",
    )
    group.add_argument("--seed", metavar="N", type=whole_number, help="make the same samples again")
    group.add_argument("-c", "--config", metavar="CONFIG", help="a JSON file, as draw takes it")
    group.add_argument("--preset", choices=PRESETS, help="a configuration of the package's")


def _add_labels(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--length", metavar="N", help="how many labels a picture has: 5, or 3-8 (5)")
    group.add_argument("--numbers", metavar="A-B", help="whole numbers from A to B")
    group.add_argument("--texts", metavar="FILE", help="the lines of a text file, drawn at random")
    group.add_argument(
        "--pattern", metavar="P", help=r"texts such as \d{2}-\d{4}; the documents have the grammar"
    )
    group.add_argument(
        "--pairs",
        action="store_true",
        help="balanced: all pairs of neighbouring labels are equally frequent",
    )
    group.add_argument(
        "--check", choices=("luhn", "ean"), help="the last digit is the others' check digit"
    )
    group.add_argument(
        "--no-leading-zeros", action="store_true", help="no number begins with 0, but 0 itself"
    )
    group.add_argument("--held-out", metavar="FILE", help="texts that are never shown, a line each")


def _add_glyphs(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--data", metavar="SOURCE", help="as for image-sequence draw")
    add_parts(group)


def _add_files(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--out", metavar="DIR", help="a folder, or an address such as s3://bucket/digits"
    )
    group.add_argument("--format", choices=FORMATS, help="how samples are kept (webdataset)")
    group.add_argument(
        "--shard-size", metavar="N", type=whole_number, help="samples in each shard (10000)"
    )
    group.add_argument(
        "--encoding", choices=ENCODINGS, help="how pictures become bytes (the format's own)"
    )
    group.add_argument(
        "--level",
        metavar="N",
        type=whole_number,
        help="of PNG 0-9 (1) and of WebP 0-6 (1) how small, of JPEG 1-100 (95) how good",
    )
    group.add_argument("--masks", action="store_true", help="write the glyphs' masks as well")


def _add_work(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--workers", metavar="N", type=whole_number, default=1, help="processes (1)")
    group.add_argument("--engine", choices=ENGINES, help="who makes the shards")
    group.add_argument("--address", metavar="A", help="with --engine ray: where the cluster is")
    group.add_argument(
        "--shard-index", metavar="I", type=whole_number, help="make part I, 0 to N - 1,"
    )
    group.add_argument(
        "--num-shards", metavar="N", type=whole_number, help="of N: every N-th shard"
    )
    group.add_argument(
        "--dry-run", action="store_true", help="say counts, sizes and time, and write nothing"
    )
    group.add_argument("--json", action="store_true", help="print what happens as lines of JSON")


def _dataset(options: argparse.Namespace) -> int:
    # Other commands do not wait for what this one needs.
    from image_sequence.commands.making_datasets import make

    return make(options)
