"""Docstrings as the reference shows them: errors, types, and what the commands say."""

import argparse
import os
import re

from image_sequence.cli import _COMMANDS
from image_sequence.commands.parsing import PROG, Parser

# An entry of "Raises" that names no error first: "As `sample`; …", with the lines that go on.
_ALIKE = re.compile(r"^( +)((?:Otherwise as|As|Whatever) .*(?:\n\1 *[a-z`].*)*)\n?", re.MULTILINE)

_NUMPY = r"(?:~?numpy\.)?"
_ARRAY = re.compile(rf"{_NUMPY}ndarray\[tuple\[[^\]]*\], {_NUMPY}dtype\[{_NUMPY}(.+?)\]\]")
_OWN = re.compile(r"(?<![~\w.])image_sequence\.")

_WIDTH = "88"


def with_sentences(lines: list[str]) -> list[str]:
    """A docstring whose "Raises" has errors alone, as napoleon needs it; the rest is a sentence.

    >>> with_sentences(["A batch.", "", "Raises:", "    As `sample`; KeyError for", "    others."])
    ['A batch.', '', 'Raises as `sample`; KeyError for others.', '', '']
    """
    before, raises, entries = "\n".join(lines).partition("\nRaises:\n")
    alike = [" ".join(found[2].split()) for found in _ALIKE.finditer(entries)]
    if not alike:
        return lines
    sentences = " ".join(f"Raises {text[0].lower()}{text[1:]}" for text in alike)
    rest = _ALIKE.sub("", entries)
    named = raises + rest if rest.startswith(" ") else f"\n{rest}"
    return f"{before}\n{sentences}\n{named}".split("\n")


def short_type(told: str, aliases: dict[str, str]) -> str:
    """A type as NumPy's users know it, and what is the package's own by its last name.

    Args:
        told: the type as Sphinx writes it.
        aliases: names of types that Sphinx writes in full.

    >>> short_type("numpy.ndarray[tuple[Any, ...], numpy.dtype[numpy.float32]] | None", {})
    'NDArray[float32] | None'
    >>> short_type("image_sequence.plan.DrawnStep", {})
    '~image_sequence.plan.DrawnStep'
    """
    for full, name in aliases.items():
        told = told.replace(full, name)
    return _OWN.sub("~image_sequence.", _ARRAY.sub(r"NDArray[\1]", told))


def helps() -> str:
    """What -h prints of each command, in reStructuredText, a section each."""
    os.environ["COLUMNS"] = _WIDTH  # However wide the terminal is.
    known = Parser(prog=PROG).add_subparsers()
    for command in _COMMANDS:
        command.add(known)
    return "".join(map(_section, known.choices, known.choices.values()))


def _section(name: str, parser: argparse.ArgumentParser) -> str:
    lines = "".join(f"   {line}".rstrip() + "\n" for line in parser.format_help().splitlines())
    return f"{name}\n{'-' * len(name)}\n\n.. code-block:: text\n\n{lines}\n"
