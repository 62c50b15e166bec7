"""`image-sequence draw`, and `client_script.py`."""

import argparse
import sys
from typing import Any

from image_sequence.commands.parsing import DONE, add_parts, whole_number, words
from image_sequence.config import Configuration
from image_sequence.errors import ArgumentValueError
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.finding import described_source
from image_sequence.glyphs.sources import GlyphSource
from image_sequence.presets import PRESETS, preset_configuration

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
        "labels",
        metavar="DIGITS",
        type=words,
        help="the digits, separated by commas: 2,0,2,6; with --data any labels: cat,dog",
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
        "--preset",
        choices=PRESETS,
        help="take a configuration that comes with the package; "
        "image-sequence config --preset prints it",
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
        "--records",
        action="store_true",
        help="with --count: add the truth about each picture to metadata.jsonl beside it",
    )
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        help="take the images from a folder of IDX files or of pictures, an .npz file, or a data "
        "set that image-sequence data lists",
    )
    parser.add_argument(
        "--writers", metavar="DIR", help="take QMNIST's tables of MNIST's writers from a folder"
    )
    add_parts(parser)


def _draw(options: argparse.Namespace) -> int:
    generator, labels = _generator_and_labels(options)
    if options.count is None:
        _draw_one(generator, labels, options)
    else:
        _draw_many(generator, labels, options)
    if options.seed is None and sys.stderr.isatty():
        print(f"--seed {generator.seed} makes the same again", file=sys.stderr)
    return DONE


def _generator_and_labels(
    options: argparse.Namespace,
) -> tuple[ImageSequence, list[int] | list[str]]:
    choices: dict[str, Any] = {
        "config_path": options.config,
        "preset": options.preset,
        "seed": options.seed,
        "split": options.split,
        "split_by": options.split_by,
        "fractions": options.fractions,
        "hand": options.hand,
    }
    if options.records and options.count is None:
        raise ArgumentValueError("--records goes with --count N: they are of numbered pictures")
    source = _source(options)
    if source is None and _configuration(options).data.path is None:
        return DigitSequence(**choices), _digits(options.labels)
    return ImageSequence(source, **choices), options.labels


def _configuration(options: argparse.Namespace) -> Configuration:
    if options.preset is not None:
        return preset_configuration(options.preset)
    return Configuration() if options.config is None else Configuration.from_file(options.config)


def _source(options: argparse.Namespace) -> GlyphSource | None:
    if options.writers is None:
        return None if options.data is None else described_source(options.data)
    if options.data is None:
        raise ArgumentValueError(
            "--writers DIR is about the digits of --data; the digits that come with the package "
            "have no known writers"
        )
    return described_source(options.data, writers=options.writers)


def _draw_one(
    generator: ImageSequence, labels: list[int] | list[str], options: argparse.Namespace
) -> None:
    image = generator.generate_sequence(labels, (options.minimum, options.maximum), options.width)
    print(generator.save_image(image, labels, options.out), flush=True)


def _draw_many(
    generator: ImageSequence, labels: list[int] | list[str], options: argparse.Namespace
) -> None:
    from tqdm import tqdm

    paths = generator.save_many(
        labels,
        (options.minimum, options.maximum),
        options.width,
        count=options.count,
        save_dir=options.out,
        records=options.records,
    )
    # No bar unless somebody watches: disable=None asks whether stderr is a terminal.
    for path in tqdm(paths, total=options.count, unit="picture", disable=None):
        with tqdm.external_write_mode():
            print(path, flush=True)


def _digits(texts: list[str]) -> list[int]:
    try:
        return [whole_number(text) for text in texts]
    except argparse.ArgumentTypeError as error:
        raise ArgumentValueError(f"argument DIGITS: {error}") from error
