"""What all commands share: the parser, exit codes, kinds of arguments."""

import argparse
import re
from typing import NoReturn

from image_sequence.errors import shown
from image_sequence.glyphs.hands import HANDS
from image_sequence.glyphs.splitting import KINDS, PARTS

PROG = "image-sequence"

DONE = 0
FAILED = 1
BAD_INPUT = 2
INTERRUPTED = 130  # 128 + SIGINT, as shells count.


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, without the usage before it."""

    def __init__(self, **settings: object) -> None:
        super().__init__(
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
            **settings,  # type: ignore[arg-type]  # handed on as they came
        )

    def error(self, message: str) -> NoReturn:
        """Say it, and exit with 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message}; {self.prog} -h explains\n")


def words(text: str) -> list[str]:
    """Words with commas between them, for argparse."""
    return [part.strip() for part in text.split(",")]


def fractions(text: str) -> list[float]:
    """Numbers with commas between them, for argparse.

    Raises:
        argparse.ArgumentTypeError: something else.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{shown(text)} is no three numbers such as 0.8,0.1,0.1"
        ) from error


def whole_number(text: str) -> int:
    """A whole number, for argparse.

    Raises:
        argparse.ArgumentTypeError: something else.
    """
    # Stricter than int(), which takes "1_0" for 10; and int() gives up above 4,300 digits.
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):
        raise argparse.ArgumentTypeError(f"{shown(text)} is not a whole number such as 7")
    return int(text)


def add_parts(arguments: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Arguments that say which part of the glyphs is meant, and whose."""
    arguments.add_argument(
        "--split", choices=PARTS, help="only glyphs of that part of the data; not said: all of them"
    )
    arguments.add_argument(
        "--split-by",
        metavar="KINDS",
        type=words,
        help=f"what the parts share none of: {', '.join(KINDS)}, or several with commas (glyph)",
    )
    arguments.add_argument(
        "--fractions",
        metavar="A,B,C",
        type=fractions,
        help="how much train, val and test are of the whole (0.8,0.1,0.1)",
    )
    arguments.add_argument(
        "--hand",
        choices=HANDS,
        help="whether one writer has to have written all of a picture's digits (mixed)",
    )
