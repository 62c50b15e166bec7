"""`image-sequence download`."""

import argparse
import sys
from functools import partial
from pathlib import Path
from textwrap import fill

from image_sequence.commands.parsing import DONE, PROG
from image_sequence.glyphs.catalogue import KNOWN, known
from image_sequence.glyphs.places import VARIABLE, data_folder

_DESCRIPTION = f"""\
Get data sets, and print the paths of their files.

Each file is asked of several mirrors in turn. It gets its name when its SHA-256 is right; a
transfer that broke off is gone on with by the same command. Each data set has a folder of its own
in the data folder: {VARIABLE}, or where the platform keeps such things.

{fill("known: " + ", ".join(KNOWN), 100, break_on_hyphens=False)}"""
_EXAMPLES = """examples:
  %(prog)s mnist
      all of MNIST, into the data folder
  %(prog)s mnist fashion-mnist --to data
      into data/mnist and data/fashion-mnist
  %(prog)s mnist --mirror http://files.example.org/mnist/
      from there and nowhere else
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "download", help="get data sets", description=_DESCRIPTION, epilog=_EXAMPLES
    )
    parser.set_defaults(
        command=_download,
        interrupted="interrupted; the same command goes on where this one stopped",
    )
    parser.add_argument("names", metavar="NAME", nargs="+", help="a data set, such as mnist")
    parser.add_argument(
        "--to", metavar="DIR", type=Path, help="make the folders in DIR, not in the data folder"
    )
    parser.add_argument(
        "--mirror",
        metavar="URL",
        dest="mirrors",
        action="append",
        help="ask here, not at the known mirrors; URL and a file's name make the address; "
        "may be given several times",
    )


def _download(options: argparse.Namespace) -> int:
    # Here, because what speaks HTTPS takes its time to load, which no other command needs.
    from image_sequence.glyphs.download import download
    from image_sequence.glyphs.mirrors import check_mirror

    # All is checked first: the second name's typing error must not wait for the first's transfer.
    data_sets = [known(name) for name in options.names]
    for mirror in options.mirrors or ():
        check_mirror(mirror)
    folder = data_folder() if options.to is None else options.to
    for data_set in data_sets:
        download(
            data_set,
            folder / data_set.folder,
            mirrors=options.mirrors,
            progress=True,
            tell=_tell,
            arrived=partial(print, flush=True),
        )
    return DONE


def _tell(sentence: str) -> None:
    print(f"{PROG}: {sentence}", file=sys.stderr)
