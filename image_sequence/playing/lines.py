"""What makes the same pictures elsewhere: JSON, lines of Python, a command line."""

import json
from dataclasses import replace
from pprint import pformat
from shlex import join
from textwrap import indent
from typing import Any

from image_sequence.config import Configuration
from image_sequence.data_settings import Data
from image_sequence.playing.wishes import PICTURE_COUNT, Wishes
from image_sequence.presets import PRESETS, preset_configuration

_LINE_LENGTH = 88
_FILE = "configuration.json"
_FOLDER = "pictures"


def whole_configuration(wishes: Wishes, where: str | None) -> Configuration:
    """The configuration with what it says about the data.

    Args:
        wishes: what is drawn.
        where: what `play --data` was told; None for the digits that come with the package.
    """
    return replace(wishes.configuration, data=Data(where))


def json_lines(settings: object, depth: int = 0, *, before: int = 0) -> str:
    """JSON in which whatever fits into a line stands in one.

    Args:
        settings: plain JSON values.
        depth: how many spaces stand before its lines.
        before: how many characters stand before it in its first line.

    >>> print(json_lines({"transform": [{"blur": {"sigma": [0, 0.8]}}] * 3}))
    {
      "transform": [
        {"blur": {"sigma": [0, 0.8]}},
        {"blur": {"sigma": [0, 0.8]}},
        {"blur": {"sigma": [0, 0.8]}}
      ]
    }
    """
    text = json.dumps(settings, ensure_ascii=False)
    has_parts = isinstance(settings, (dict, list)) and len(settings) > 0
    is_short = depth > 0 and depth + before + len(text) <= _LINE_LENGTH
    if is_short or not has_parts:
        return text
    inner = "\n" + " " * (depth + 2)
    if isinstance(settings, dict):
        keys = [f"{json.dumps(key, ensure_ascii=False)}: " for key in settings]
        values = zip(keys, settings.values(), strict=True)
        parts = [key + json_lines(value, depth + 2, before=len(key)) for key, value in values]
    else:
        parts = [json_lines(value, depth + 2) for value in _listed(settings)]
    first, last = "{}" if isinstance(settings, dict) else "[]"
    return f"{first}{inner}{f',{inner}'.join(parts)}\n{' ' * depth}{last}"


def _listed(settings: Any) -> list[object]:
    return list(settings)


def python_lines(wishes: Wishes, where: str | None) -> str:
    """Lines of Python after which `pictures` are those that the page shows.

    Args:
        wishes: what is drawn.
        where: as for `whole_configuration`.
    """
    maker = "DigitSequence" if where is None else "ImageSequence"
    imports, made = [f"from image_sequence import {maker}"], ""
    source = "" if where is None else f"{where!r}, "
    preset = _preset(wishes.configuration)
    if preset is None:
        imports.append("from image_sequence.config import Configuration")
        settings = whole_configuration(wishes, where).to_dict()
        shown = indent(pformat(settings, width=_LINE_LENGTH, sort_dicts=False), "    ")
        made = f"configuration = Configuration.from_dict(\n{shown}\n)\n"
        source = "config_path=configuration, "
    elif preset:
        source += f"preset={preset!r}, "
    labels = f"[{list(wishes.labels)!r}] * {PICTURE_COUNT}"
    gaps = f"({wishes.minimum}, {wishes.maximum})"
    return (
        "\n".join(imports)
        + f"\n\n{made}generator = {maker}({source}seed={wishes.seed})\n"
        + f"sequences = {labels}\n"
        + f'batch = generator.batch(sequences, {gaps}, {wishes.width}, dtype="uint8")\n'
        + "pictures = batch.images\n"
    )


def command_lines(wishes: Wishes, where: str | None) -> str:
    """Lines for a shell that write the pictures as files.

    Args:
        wishes: what is drawn.
        where: as for `whole_configuration`.
    """
    texts = [str(label) for label in wishes.labels]
    if any("," in text for text in texts):
        return "# A label has a comma, which stands between labels here. Python can draw it.\n"
    preset = _preset(wishes.configuration)
    data = [] if where is None or preset is None else ["--data", where]
    chosen = ["-c", _FILE] if preset is None else ["--preset", preset] if preset else []
    options = [*data, *chosen, "--seed", str(wishes.seed), "--count", str(PICTURE_COUNT)]
    range_and_width = map(str, (wishes.minimum, wishes.maximum, wishes.width))
    # What stands behind "--" is no option, whatever it begins with.
    words = [*options, "--out", _FOLDER, "--", ",".join(texts), *range_and_width]
    command = f"image-sequence draw {join(words)}\n"
    if preset is not None:
        return command
    settings = json_lines(whole_configuration(wishes, where).to_dict())
    return f"cat > {_FILE} <<'END'\n{settings}\nEND\n{command}"


def _preset(configuration: Configuration) -> str | None:
    """The name of the preset that a configuration is; "" for the default; None for neither."""
    if configuration == Configuration():
        return ""
    same = (name for name in PRESETS if preset_configuration(name) == configuration)
    return next(same, None)
