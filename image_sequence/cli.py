"""The command line: arguments in, calls out. Each command is a module of `commands`."""

import argparse
import os
import sys
from collections.abc import Sequence

from image_sequence import __version__
from image_sequence.commands import (
    bench,
    config,
    data,
    dataset,
    download,
    draw,
    evaluate,
    play,
    preview,
    report,
    verify,
)
from image_sequence.commands.parsing import BAD_INPUT, FAILED, INTERRUPTED, PROG, Parser
from image_sequence.errors import (
    DownloadError,
    ImageSequenceError,
    LibraryError,
    UnfinishedError,
    WorkerError,
)

_COMMANDS = (
    draw,
    play,
    dataset,
    verify,
    preview,
    report,
    evaluate,
    config,
    data,
    download,
    bench,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `image-sequence`.

    Returns:
        The exit code: 0, or 2 for bad input, 130 after Ctrl-C, 1 for any other failure and for a
        verdict that was asked for and is bad.
    """
    parser = Parser(
        prog=PROG,
        description="Make labelled pictures of sequences of handwritten digits, or of any images.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in _COMMANDS:
        command.add(commands)
    return _run(parser, arguments)


def classic_main(arguments: Sequence[str] | None = None) -> int:
    """Run `client_script.py`: `image-sequence draw` under its classic name."""
    parser = Parser(prog="client_script.py", description=draw.DESCRIPTION, epilog=draw.EXAMPLES)
    draw.add_arguments(parser)
    return _run(parser, arguments)


def _run(parser: argparse.ArgumentParser, arguments: Sequence[str] | None) -> int:
    options = parser.parse_args(arguments)
    try:
        code: int = options.command(options)
    except (LibraryError, DownloadError, UnfinishedError, WorkerError) as error:
        return _fail(parser, error, FAILED)
    except ImageSequenceError as error:
        return _fail(parser, error, BAD_INPUT)
    except BrokenPipeError:
        # Whoever read the paths has enough; Python must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        return _fail(parser, error, FAILED)
    except KeyboardInterrupt:
        return _fail(parser, options.interrupted, INTERRUPTED)
    except Exception as error:
        if sys.flags.dev_mode:  # python -X dev -m image_sequence shows where it came from.
            raise
        return _fail(parser, f"{type(error).__name__}: {error}", FAILED)
    return code


def _fail(parser: argparse.ArgumentParser, message: object, code: int) -> int:
    print(f"{parser.prog}: {' '.join(str(message).split())}", file=sys.stderr)
    return code
