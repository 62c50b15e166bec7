"""The command line: arguments in, calls out."""

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from errno import EISDIR
from pathlib import Path
from typing import NoReturn

from image_sequence import __version__
from image_sequence.errors import ArgumentValueError, ImageSequenceError, LibraryError, shown
from image_sequence.files import written_whole
from image_sequence.generator import DigitSequence
from image_sequence.glyphs.sources import SPLITS, BundledDigits, IdxFolder

_PROG = "image-sequence"
_DONE = 0
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

_BENCH_DESCRIPTION = """\
Measure how fast pictures are made here, and print a table.

Each configuration is compared with the classic algorithm done naively, one picture at a time, and
with copying the finished pictures in memory, which is the limit. The ways take turns, so trust the
ratios before the times. It takes a minute or two."""
_BENCH_EXAMPLES = """examples:
  %(prog)s --quick
      the same in half a minute, with fewer turns
  %(prog)s --json speed.json
      the table, and all figures in a file
  %(prog)s --quick --json - --verdict
      all figures on standard output; exit code 1 if one lies outside its bound
"""
_STANDARD_OUTPUT = "-"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `image-sequence`.

    Returns:
        The exit code: 0, or 2 for bad input, 130 after Ctrl-C, 1 for any other failure and for a
        verdict that was asked for and is bad.
    """
    parser = _Parser(
        prog=_PROG,
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
    _add_bench_arguments(
        commands.add_parser(
            "bench",
            help="measure how fast pictures are made here",
            description=_BENCH_DESCRIPTION,
            epilog=_BENCH_EXAMPLES,
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
    parser.set_defaults(command=_draw, interrupted="interrupted; what is printed is saved")
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


def _add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_bench, interrupted="interrupted")
    parser.add_argument("--quick", action="store_true", help="take fewer turns")
    parser.add_argument(
        "--json",
        metavar="FILE",
        nargs="?",
        const=_STANDARD_OUTPUT,
        help="write all figures to a file as JSON; to standard output, without the table, if it "
        "is - or left out",
    )
    parser.add_argument(
        "--verdict", action="store_true", help="exit with 1 if a figure lies outside its bound"
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
    return _DONE


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


def _bench(options: argparse.Namespace) -> int:
    from image_sequence.benchmarks import cases, speed

    sizes = cases.QUICK if options.quick else cases.FULL
    if options.json in (None, _STANDARD_OUTPUT):
        report = speed.measured(sizes)
        print(report.described() if options.json is None else report.to_json(), flush=True)
    else:
        # The file is begun first: a bad path must not come to light after minutes of measuring.
        with _begun(Path(options.json)) as partial:
            report = speed.measured(sizes)
            print(report.described(), flush=True)
            partial.write_text(report.to_json() + "\n", "utf-8")
    if not (options.verdict and report.missed):
        return _DONE
    print(f"{_PROG}: {report.verdict()}", file=sys.stderr)
    return _FAILED


@contextmanager
def _begun(path: Path) -> Iterator[Path]:
    """As `written_whole`, but the temporary file is there at once."""
    with ExitStack() as stack:
        try:
            if path.is_dir():
                raise IsADirectoryError(EISDIR, os.strerror(EISDIR))
            partial = stack.enter_context(written_whole(path))
            partial.touch()
        except OSError as error:
            reason = "its folder is a file" if path.parent.is_file() else error.strerror
            raise ArgumentValueError(
                f"{shown(str(path))} cannot be written: {reason}; a file in a folder that can be "
                f"written to works, or - for standard output"
            ) from error
        yield partial


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    options = parser.parse_args(arguments)
    try:
        code: int = options.command(options)
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
        return _fail(parser, options.interrupted, _INTERRUPTED)
    except Exception as error:
        if sys.flags.dev_mode:  # python -X dev -m image_sequence shows where it came from.
            raise
        return _fail(parser, f"{type(error).__name__}: {error}", _FAILED)
    return code


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
