"""`image-sequence draw`, and `client_script.py`."""

import argparse
import sys

from image_sequence.commands.parsing import DONE, whole_number
from image_sequence.generator import DigitSequence
from image_sequence.glyphs.sources import SPLITS, BundledDigits, IdxFolder

DESCRIPTION = "Draw digits side by side, save the picture and print its path."
EXAMPLES = """examples:
  %(prog)s 0,1 0 30 86
      0 and 1 with a gap of 0 to 30 pixels, resized to a width of 86 pixels
  %(prog)s 0,1 0 30 86 -c ./api_examples/example_config.json
      the same with equal gaps, at the edges too, and augmented digits
  %(prog)s 2,0,2,6 0 20 160 --count 20 --seed 7 --out pictures
      twenty different pictures, the same twenty whenever it is run
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    add_arguments(
        commands.add_parser(
            "draw",
            help="draw digits side by side and save the picture",
            description=DESCRIPTION,
            epilog=EXAMPLES,
        )
    )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments; the parser need not be that of a subcommand."""
    parser.set_defaults(command=_draw, interrupted="interrupted; what is printed is saved")
    parser.add_argument(
        "digits", metavar="DIGITS", type=_digits, help="the digits, separated by commas: 2,0,2,6"
    )
    parser.add_argument(
        "minimum", metavar="MIN_SPACING", type=whole_number, help="the smallest gap, in pixels"
    )
    parser.add_argument(
        "maximum",
        metavar="MAX_SPACING",
        type=whole_number,
        help="the largest gap, in pixels, itself included",
    )
    parser.add_argument(
        "width", metavar="IMAGE_WIDTH", type=whole_number, help="the picture's width, in pixels"
    )
    parser.add_argument(
        "-c", "--config", metavar="CONFIG", help="a JSON file with the configuration"
    )
    parser.add_argument(
        "--seed", metavar="N", type=whole_number, help="make the same pictures each time"
    )
    parser.add_argument(
        "--count",
        metavar="N",
        type=whole_number,
        help="make N pictures, seq_DIGITS_000000 and on; no file is replaced",
    )
    parser.add_argument("--out", metavar="DIR", default="./", help="the folder to save in (./)")
    parser.add_argument(
        "--data", metavar="DIR", help="take the digits from a folder of MNIST's IDX files"
    )
    parser.add_argument(
        "--split", choices=SPLITS, default="train", help="which half of the data (train)"
    )


def _draw(options: argparse.Namespace) -> int:
    generator = DigitSequence(
        options.config,
        seed=options.seed,
        source=IdxFolder(options.data, options.split)
        if options.data is not None
        else BundledDigits(options.split),
    )
    if options.count is None:
        _draw_one(generator, options)
    else:
        _draw_many(generator, options)
    if options.seed is None and sys.stderr.isatty():
        print(f"--seed {generator.seed} makes the same again", file=sys.stderr)
    return DONE


def _draw_one(generator: DigitSequence, options: argparse.Namespace) -> None:
    image = generator.generate_numbers_sequence(
        options.digits, (options.minimum, options.maximum), options.width
    )
    print(generator.save_image(image, options.digits, options.out), flush=True)


def _draw_many(generator: DigitSequence, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    paths = generator.save_many(
        options.digits,
        (options.minimum, options.maximum),
        options.width,
        count=options.count,
        save_dir=options.out,
    )
    # No bar unless somebody watches: disable=None asks whether stderr is a terminal.
    for path in tqdm(paths, total=options.count, unit="picture", disable=None):
        with tqdm.external_write_mode():
            print(path, flush=True)


def _digits(text: str) -> list[int]:
    return [whole_number(part.strip()) for part in text.split(",")]
