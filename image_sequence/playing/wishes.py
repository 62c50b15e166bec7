"""What somebody at the page wishes for, checked."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

from image_sequence.config import Configuration
from image_sequence.draws import checked_seed
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.whole_numbers import is_whole_number

LARGEST_WIDTH = 4_000
"""Pixels."""

PICTURE_COUNT = 6
"""How many pictures there are of a sequence: the samples 0, 1, … of a seed."""

Labels: TypeAlias = tuple[int | str, ...]

_MOST_LABELS = 50
_LARGEST_GAP = 1_000
_TALLEST = 500
_MOST_ROOM = 200
_KEYS = ("labels", "minimum", "maximum", "width", "seed", "configuration")
_ANYWHERE = "the lines to copy work with more"


@dataclass(frozen=True, slots=True)
class Wishes:
    """A sequence, the range of its gaps, a width, a seed and a configuration.

    Attributes:
        labels: from left to right.
        minimum: pixels, the smallest gap.
        maximum: pixels, the largest gap.
        width: pixels.
        seed: that of the samples.
        configuration: one that names no file.
    """

    labels: Labels
    minimum: int
    maximum: int
    width: int
    seed: int
    configuration: Configuration

    @classmethod
    def from_dict(cls, settings: object, names: Collection[str] | None) -> Self:
        """The wishes from what the page sends; whether they fit together is asked later.

        Args:
            settings: an object with the attributes, the labels as one text, the seed as a text of
                digits or a number, the configuration in the form of the JSON file.
            names: the labels there are; None where they are whole numbers.

        Raises:
            ArgumentTypeError, ArgumentValueError, ConfigurationError: something cannot be used, or
                is more than the page draws.
        """
        if not isinstance(settings, dict) or settings.keys() != set(_KEYS):
            raise ArgumentTypeError(
                f"wishes are an object with {', '.join(_KEYS)}, not {shown(settings)}"
            )
        _check_limits(settings)
        _check_names_no_file(settings["configuration"])
        return cls(
            labels=_labels(settings["labels"], names),
            minimum=settings["minimum"],
            maximum=settings["maximum"],
            width=settings["width"],
            seed=checked_seed(_number(settings["seed"])),
            configuration=Configuration.from_dict(settings["configuration"]),
        )


def _labels(text: object, names: Collection[str] | None) -> Labels:
    if not isinstance(text, str):
        raise ArgumentTypeError(f"labels are a text such as '2026', not {shown(text)}")
    if "," in text:
        parts = [part.strip() for part in text.split(",") if part.strip()]
    else:
        word = text.strip()
        parts = [word] if names is not None and word in names else list("".join(word.split()))
    if len(parts) > _MOST_LABELS:
        raise ArgumentValueError(
            f"the page draws up to {_MOST_LABELS} labels, not {len(parts)}; {_ANYWHERE}"
        )
    return tuple(parts) if names is not None else tuple(map(_number, parts))  # type: ignore[arg-type]  # texts and whole numbers


def _number(value: object) -> object:
    """A whole number where a text is one: no browser holds all of a seed's 64 bits."""
    is_one = isinstance(value, str) and re.fullmatch("[0-9]{1,30}", value)
    return int(value) if is_one else value  # type: ignore[call-overload]  # a text of digits


def _check_limits(settings: Mapping[str, Any]) -> None:
    _check("a width", settings["width"], LARGEST_WIDTH)
    _check("a gap", settings["minimum"], _LARGEST_GAP)
    _check("a gap", settings["maximum"], _LARGEST_GAP)
    _check("an image_height", _inner(settings, "configuration", "image", "image_height"), _TALLEST)
    _check("layout.room", _inner(settings, "configuration", "layout", "room"), _MOST_ROOM)


def _check(name: str, value: object, most: int) -> None:
    # What is no whole number at all is told by whoever needs one.
    if is_whole_number(value) and abs(value) > most:
        raise ArgumentValueError(
            f"the page takes {name} of up to {most} pixels, not {shown(value)}; {_ANYWHERE}"
        )


def _check_names_no_file(configuration: object) -> None:
    """Check that nobody who writes a link has this computer read a file."""
    sections = configuration if isinstance(configuration, dict) else {}
    if "data" in sections:
        raise ArgumentValueError(
            "the page has its glyphs from image-sequence play --data, not from a configuration's "
            "section data; leave that away"
        )
    if _inner(sections, "page", "pictures") is not None:
        raise ArgumentValueError("the page reads no page.pictures; the lines to copy may name some")
    if _has_key("file", sections.get("spacing")):
        raise ArgumentValueError("the page reads no file of gaps; give a histogram's counts")


def _inner(settings: object, *keys: str) -> object:
    for key in keys:
        settings = settings.get(key) if isinstance(settings, dict) else None
    return settings


def _has_key(key: str, settings: object) -> bool:
    waiting = [settings]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if key in value:
                return True
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
    return False
