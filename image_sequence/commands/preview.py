"""`image-sequence preview`."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from image_sequence.commands.parsing import whole_number, words

_DESCRIPTION = """\
Look at samples: a sheet of pictures, each with its text and its number, in one PNG file. With
--steps, look at what a configuration does: a row of pictures for each parameter of each step, one
sample with that step alone, at values from the low to the high end of its range."""
_EXAMPLES = """examples:
  %(prog)s digits --out sheet.png
      the first samples of the data set in the folder digits
  %(prog)s digits --indices 3,17 --boxes --masks --scale 4 --out two.png
      two of them, large, with the glyphs' cells and pixels
  %(prog)s recipe.json --out sheet.png
      what a recipe would make; nothing is written but the sheet
  %(prog)s hard --digits 2,0,2,6 --seed 7 --out sheet.png
      what a preset, or a configuration's file, makes of 2026
  %(prog)s hard --steps --out steps.png
      what each of its steps does over its range
  %(prog)s --steps --out steps.png
      what all steps there are do over their usual ranges
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "preview",
        help="look at samples, or at what each step does, on one sheet",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=_preview, interrupted="interrupted; no sheet is written")
    parser.add_argument(
        "where",
        metavar="RECIPE_OR_DIR",
        nargs="?",
        help="a data set, a folder of image-sequence draw --records, the JSON file of a recipe or "
        "of a configuration, or a preset's name; with --steps it may be left out",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=_png,
        required=True,
        help="the sheet; it ends in .png",
    )
    _add_sheet(parser.add_argument_group("what is shown"))
    _add_marks(parser.add_argument_group("what is drawn on the pictures"))
    _add_made(parser.add_argument_group("how pictures are made that are not there yet"))


def _add_sheet(group: "argparse._ArgumentGroup") -> None:
    group.add_argument("--count", metavar="N", type=whole_number, help="the first N samples (24)")
    group.add_argument(
        "--indices",
        metavar="I,J",
        type=_indices,
        help="the samples of these numbers",
    )
    group.add_argument(
        "--columns", metavar="N", type=whole_number, help="pictures side by side (as many as fit)"
    )
    group.add_argument(
        "--scale",
        metavar="N",
        type=whole_number,
        default=2,
        help="each pixel becomes N x N, 1 to 16 (2)",
    )
    group.add_argument(
        "--steps", action="store_true", help="one sample, and each step over its range"
    )
    group.add_argument(
        "--values",
        metavar="N",
        type=whole_number,
        help="with --steps: how many values of each range, 2 to 100 (5)",
    )


def _add_marks(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--boxes",
        action="store_true",
        help="the glyphs' cells, and polygons where the picture is turned or the like",
    )
    group.add_argument("--ink-boxes", action="store_true", help="the boxes of their ink")
    group.add_argument(
        "--masks", action="store_true", help="each glyph's own pixels, in a colour of its own"
    )


def _add_made(group: "argparse._ArgumentGroup") -> None:
    group.add_argument(
        "--digits", metavar="DIGITS", type=words, help="what all show: 2,0,2,6 (random digits)"
    )
    group.add_argument(
        "--spacing",
        metavar=("MIN", "MAX"),
        nargs=2,
        type=whole_number,
        help="the smallest and the largest gap, pixels, both included (the recipe's, or some "
        "that suit the configuration)",
    )
    group.add_argument(
        "--width",
        metavar="PX",
        type=whole_number,
        help="of every picture, pixels (the recipe's; of a configuration what the digits need)",
    )
    group.add_argument(
        "--seed", metavar="N", type=whole_number, help="make other pictures (the recipe's, or 0)"
    )


def _preview(options: argparse.Namespace) -> int:
    # Other commands do not wait for what this one needs.
    from image_sequence.commands.making_previews import make

    return make(options)


def _png(text: str) -> Path:
    if Path(text).suffix.lower() != ".png":
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .png, as the sheet's name does")
    return Path(text)


def _indices(text: str) -> Sequence[int]:
    indices = list(dict.fromkeys(map(whole_number, words(text))))
    if min(indices) < 0:
        raise argparse.ArgumentTypeError(f"{text!r} holds a number below 0; samples count from 0")
    return indices
