"""`image-sequence play`."""

import argparse
from contextlib import suppress
from threading import Thread

from image_sequence.commands.parsing import DONE, whole_number

_DESCRIPTION = """\
Open a page on which one sees at once what settings do: type digits, move the gaps, the width, the
seed and the range of every step, choose a preset, and have the boxes drawn in. The page gives the
JSON configuration, the lines of Python or the command line that make the very pictures it shows.

Only this computer can ask for the page, and the page asks nobody else. What is set stands in its
address, so a link or a bookmark keeps it. Ctrl-C ends it."""
_EXAMPLES = """examples:
  %(prog)s
      digits that come with the package, in the browser
  %(prog)s --data fashion-mnist --port 8000
      another data set, at http://127.0.0.1:8000/
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "play",
        help="open a local page to try settings out",
        description=_DESCRIPTION,
        epilog=_EXAMPLES,
    )
    parser.set_defaults(command=_play, interrupted="interrupted")
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        help="take the images from a folder of IDX files or of pictures, an .npz file, or a data "
        "set that image-sequence data lists",
    )
    parser.add_argument(
        "--port", metavar="N", type=whole_number, default=0, help="where it listens (any free one)"
    )
    parser.add_argument(
        "--no-browser", action="store_true", help="only print the address, open nothing"
    )


def _play(options: argparse.Namespace) -> int:
    from image_sequence.playing.playground import Playground
    from image_sequence.playing.server import PlayServer

    with PlayServer(Playground.of(options.data), options.port) as server:
        print(f"{server.address} is the playground; Ctrl-C ends it", flush=True)
        if not options.no_browser:
            # Some browsers of terminals take over; the page has to be served meanwhile.
            Thread(target=_open, args=[server.address], daemon=True).start()
        with suppress(KeyboardInterrupt):
            server.serve_forever()
    return DONE


def _open(address: str) -> None:
    import webbrowser

    webbrowser.open(address)
