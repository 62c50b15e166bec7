"""`image-sequence config`: print a preset, or check a configuration."""

import argparse
import json

from image_sequence.commands.parsing import DONE
from image_sequence.config import Configuration
from image_sequence.errors import ArgumentValueError
from image_sequence.presets import PRESETS, preset_text

EXAMPLES = """examples:
  %(prog)s --preset touching > mine.json
      a preset to copy and to change
  %(prog)s mine.json
      whether the file can be used, and what it says once defaults are filled in
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Make the command known."""
    parser = commands.add_parser(
        "config",
        help="print a preset, or check a configuration",
        description="Print a preset, or check a configuration and print it.",
        epilog=EXAMPLES,
    )
    parser.set_defaults(command=_config, interrupted="interrupted")
    parser.add_argument("file", metavar="FILE", nargs="?", help="a JSON file to check")
    parser.add_argument("--preset", choices=PRESETS, help="the preset to print")


def _config(options: argparse.Namespace) -> int:
    if (options.file is None) == (options.preset is None):
        raise ArgumentValueError(
            "say either a FILE to check or a --preset to print; the presets are "
            + ", ".join(PRESETS)
        )
    if options.preset is not None:
        print(preset_text(options.preset), end="")
        return DONE
    configuration = Configuration.from_file(options.file)
    configuration.spacing()
    print(json.dumps(configuration.to_dict(), indent=2, ensure_ascii=False))
    return DONE
