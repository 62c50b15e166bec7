"""`image-sequence bench`."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from errno import EISDIR
from pathlib import Path

from image_sequence.commands.parsing import DONE, FAILED, PROG
from image_sequence.errors import ArgumentValueError, shown
from image_sequence.files import written_whole

_DESCRIPTION = """\
Measure how fast pictures are made here, and print a table.

Each configuration is compared with the classic algorithm done naively, one picture at a time, and
with copying the finished pictures in memory, which is the limit. The ways take turns, so trust the
ratios before the times. It takes a minute or two."""
_EXAMPLES = """examples:
  %(prog)s --quick
      the same in half a minute, with fewer turns
  %(prog)s --json speed.json
      the table, and all figures in a file
  %(prog)s --quick --json - --verdict
      all figures on standard output; exit code 1 if one lies outside its bound
"""
_STANDARD_OUTPUT = "-"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "bench",
        help="measure how fast pictures are made here",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
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
        return DONE
    print(f"{PROG}: {report.verdict()}", file=sys.stderr)
    return FAILED


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
