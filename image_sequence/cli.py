"""The command line: arguments in, calls out."""

import argparse
import os
import re
import sys
from collections.abc import Sequence
from typing import NoReturn

from image_sequence import __version__
from image_sequence.errors import ImageSequenceError, LibraryError, shown
from image_sequence.generator import DigitSequence
from image_sequence.glyphs.sources import SPLITS, BundledDigits, IdxFolder

_FAILED = 1
_BAD_INPUT = 2
_INTERRUPTED = 130  # 128 + SIGINT, as shells count.

_DRAW_DESCRIPTION = "Draw digits side by side, save the picture and print its path."
_DRAW_EXAMPLES = """examples:
  %(prog)s 0,1 0 30 86
      0 and 1 with a gap of 0 to 30 pixels, resized to a width of 86 pixels
  %(prog)s 0,1 0 30 86 -c ./api_examples/example_config.json
      the same with equal gaps, at the edges too, and augmented digits
  %(prog)s 2,0,2,6 0 20 160 --count 20 --seed 7 --out pictures
      twenty different pictures, the same twenty whenever it is run
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `image-sequence`.

    Returns:
        The exit code: 0, or 2 for bad input, 130 after Ctrl-C, 1 for any other failure.
    """
    parser = _Parser(
        prog="image-sequence",
        description="Make labelled pictures of sequences of handwritten digits.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_draw_arguments(
        commands.add_parser(
            "draw",
            help="draw digits side by side and save the picture",
            description=_DRAW_DESCRIPTION,
            epilog=_DRAW_EXAMPLES,
        )
    )
    return _run(parser, arguments)


def classic_main(arguments: Sequence[str] | None = None) -> int:
    """Run `client_script.py`: `image-sequence draw` under its classic name."""
    parser = _Parser(prog="client_script.py", description=_DRAW_DESCRIPTION, epilog=_DRAW_EXAMPLES)
    _add_draw_arguments(parser)
    return _run(parser, arguments)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage before it."""

    def __init__(self, **settings: object) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,  # type: ignore[arg-type]  # handed on as they came
        )

    def error(self, message: str) -> NoReturn:
        self.exit(_BAD_INPUT, f"{self.prog}: {message}; {self.prog} -h explains\n")


def _add_draw_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_draw)
    parser.add_argument(
        "digits", metavar="DIGITS", type=_digits, help="the digits, separated by commas: 2,0,2,6"
    )
    parser.add_argument(
        "minimum", metavar="MIN_SPACING", type=_whole_number, help="the smallest gap, in pixels"
    )
    parser.add_argument(
        "maximum",
        metavar="MAX_SPACING",
        type=_whole_number,
        help="the largest gap, in pixels, itself included",
    )
    parser.add_argument(
        "width", metavar="IMAGE_WIDTH", type=_whole_number, help="the picture's width, in pixels"
    )
    parser.add_argument(
        "-c", "--config", metavar="CONFIG", help="a JSON file with the configuration"
    )
    parser.add_argument(
        "--seed", metavar="N", type=_whole_number, help="make the same pictures each time"
    )
    parser.add_argument(
        "--count",
        metavar="N",
        type=_whole_number,
        help="make N pictures, seq_DIGITS_000000 and on; no file is replaced",
    )
    parser.add_argument("--out", metavar="DIR", default="./", help="the folder to save in (./)")
    parser.add_argument(
        "--data", metavar="DIR", help="take the digits from a folder of MNIST's IDX files"
    )
    parser.add_argument(
        "--split", choices=SPLITS, default="train", help="which half of the data (train)"
    )


def _draw(options: argparse.Namespace) -> None:
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


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    options = parser.parse_args(arguments)
    try:
        options.command(options)
    except LibraryError as error:
        return _fail(parser, error, _FAILED)
    except ImageSequenceError as error:
        return _fail(parser, error, _BAD_INPUT)
    except BrokenPipeError:
        # Whoever read the paths has enough; Python must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _FAILED
    except OSError as error:
        return _fail(parser, error, _FAILED)
    except KeyboardInterrupt:
        return _fail(parser, "interrupted; what is printed is saved", _INTERRUPTED)
    except Exception as error:
        if sys.flags.dev_mode:  # python -X dev -m image_sequence shows where it came from.
            raise
        return _fail(parser, f"{type(error).__name__}: {error}", _FAILED)
    return 0


def _fail(parser: argparse.ArgumentParser, message: object, code: int) -> int:
    print(f"{parser.prog}: {' '.join(str(message).split())}", file=sys.stderr)
    return code


def _digits(text: str) -> list[int]:
    return [_whole_number(part.strip()) for part in text.split(",")]


def _whole_number(text: str) -> int:
    # Stricter than int(), which takes "1_0" for 10; and int() gives up above 4,300 digits.
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number such as 7")
    return int(text)
