"""The configuration: from a JSON file to checked values."""

import json
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Self

from image_sequence.composing.canvas import Canvas
from image_sequence.data_settings import Data
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ConfigurationKeyError,
    ConfigurationNotFoundError,
    ConfigurationSyntaxError,
    ConfigurationTypeError,
    ConfigurationUnreadableError,
    ConfigurationValueError,
    shown,
)
from image_sequence.picture import FORMATS

_SUBTYPES = ("edge", "between")
_SECTIONS = {"image": {"transform"}, "spacing": {"type", "subtype"}}
_KEYS = {*_SECTIONS, "output_format"}
_OPTIONAL_KEYS = {"data"}
_CANVAS_KEYS = {field.name for field in fields(Canvas)}  # In the section "image"; none is needed.


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says, checked.

    Attributes:
        transform: whether the classic transform is applied to each glyph.
        spacing_type: the name of a spacing strategy; whether there is one is asked when it is used.
        spacing_subtype: "edge" for all n + 1 gaps, "between" for the n - 1 inner ones.
        output_format: "png", "jpg" or "jpeg"; any case is taken, lower case is kept.
        canvas: what the pictures are like.
        data: where the glyphs come from.

    Raises:
        ConfigurationTypeError: a spacing type that is not a string, or an unknown subtype.
        ConfigurationValueError: a transform that is not a boolean, or an unknown output format.
    """

    transform: bool = False
    spacing_type: str = "variable"
    spacing_subtype: str = "between"
    output_format: str = "png"
    canvas: Canvas = Canvas()
    data: Data = Data()

    def __post_init__(self) -> None:
        if not isinstance(self.transform, bool):
            raise ConfigurationValueError(
                f"image.transform is true or false, not {shown(self.transform)}"
            )
        if not isinstance(self.spacing_type, str):
            raise ConfigurationTypeError(
                f"spacing.type is a name such as 'variable', not {shown(self.spacing_type)}"
            )
        if self.spacing_subtype not in _SUBTYPES:
            raise ConfigurationTypeError(
                f"spacing.subtype is 'edge' or 'between', not {shown(self.spacing_subtype)}"
            )
        object.__setattr__(self, "output_format", _checked_format(self.output_format))

    @property
    def edges(self) -> bool:
        """Whether there are gaps before the first and after the last glyph."""
        return self.spacing_subtype == "edge"

    @classmethod
    def from_dict(cls, settings: object) -> Self:
        """The configuration from what a JSON file holds. The classic keys must be there.

        Raises:
            ConfigurationKeyError: a key is missing.
            ConfigurationTypeError: a section is not an object, or as above.
            ConfigurationValueError: a key that means nothing, or as above.
        """
        whole = _section(settings, "the configuration", _KEYS, _OPTIONAL_KEYS)
        image = _section(whole["image"], "image", _SECTIONS["image"], _CANVAS_KEYS)
        spacing = _section(whole["spacing"], "spacing", _SECTIONS["spacing"])
        return cls(
            transform=image["transform"],
            spacing_type=spacing["type"],
            spacing_subtype=spacing["subtype"],
            output_format=whole["output_format"],
            canvas=_canvas({key: image[key] for key in _CANVAS_KEYS & image.keys()}),
            data=_data(whole.get("data", {})),
        )

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> Self:
        """The configuration from a JSON file in UTF-8.

        Raises:
            ConfigurationNotFoundError: no such file.
            ConfigurationUnreadableError: it cannot be read.
            ConfigurationSyntaxError: it is not JSON.
            ConfigurationError: its content cannot be used.
        """
        return cls.from_dict(_parsed(_read(path), fspath(path)))

    def to_dict(self) -> dict[str, Any]:
        """The same as a new dict, in the form of the JSON file.

        >>> Configuration().to_dict()["spacing"]
        {'type': 'variable', 'subtype': 'between'}
        """
        # The canvas keys came later: a file says them where they differ from the default.
        canvas = {
            field.name: getattr(self.canvas, field.name)
            for field in fields(Canvas)
            if getattr(self.canvas, field.name) != field.default
        }
        return {
            "image": {"transform": self.transform, **canvas},
            "spacing": {"type": self.spacing_type, "subtype": self.spacing_subtype},
            "output_format": self.output_format,
            **({"data": self.data.to_dict()} if self.data != Data() else {}),
        }


def _checked_format(output_format: object) -> str:
    if not isinstance(output_format, str) or output_format.lower() not in FORMATS:
        known = ", ".join(map(repr, FORMATS))
        raise ConfigurationValueError(
            f"output_format is one of {known}, not {shown(output_format)}"
        )
    return output_format.lower()


def _canvas(settings: dict[str, Any]) -> Canvas:
    try:
        return Canvas(**settings)
    except ArgumentTypeError as error:
        raise ConfigurationTypeError(f"in the section image, {error}") from error
    except ArgumentValueError as error:
        raise ConfigurationValueError(f"in the section image, {error}") from error


def _data(settings: object) -> Data:
    try:
        return Data.from_settings(settings)
    except ArgumentTypeError as error:
        raise ConfigurationTypeError(f"in the section data, {error}") from error
    except ArgumentValueError as error:
        raise ConfigurationValueError(f"in the section data, {error}") from error


def _section(
    settings: object, name: str, keys: set[str], optional: AbstractSet[str] = frozenset()
) -> dict[str, Any]:
    if not isinstance(settings, dict):
        raise ConfigurationTypeError(
            f"{name} is a JSON object with the keys {_listed(keys)}, not {shown(settings)}"
        )
    missing, unknown = keys - settings.keys(), settings.keys() - keys - optional
    if missing:
        raise ConfigurationKeyError(
            f"{name} lacks {_listed(missing)}; its keys are {_listed(keys)}"
        )
    if unknown:
        raise ConfigurationValueError(
            f"{name} has {_listed(unknown)}, which means nothing; "
            f"its keys are {_listed(keys | optional)}"
        )
    return settings


def _listed(keys: AbstractSet[str]) -> str:
    return ", ".join(shown(key) for key in sorted(keys))


def _read(path: str | PathLike[str]) -> bytes:
    if not isinstance(path, (str, PathLike)):
        raise ArgumentTypeError(f"config_path is the path of a JSON file, not {shown(path)}")
    try:
        return Path(path).read_bytes()
    except FileNotFoundError as error:
        raise ConfigurationNotFoundError(
            f"there is no configuration file {fspath(path)!r}; "
            f"api_examples/example_config.json is one to copy"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a null character in the name.
        raise ConfigurationUnreadableError(
            f"the configuration file {fspath(path)!r} cannot be read: {error}"
        ) from error


def _parsed(content: bytes, path: str) -> object:
    try:
        return json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ConfigurationSyntaxError(
            f"the configuration file {path!r} is not JSON: {error.msg}", error.doc, error.pos
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigurationSyntaxError(
            f"the configuration file {path!r} is not JSON in UTF-8: {error.reason}",
            content.decode("latin-1"),
            error.start,
        ) from error
    except (RecursionError, ValueError) as error:  # Nested too deep; a number of too many digits.
        raise ConfigurationSyntaxError(
            f"the configuration file {path!r} is no JSON to work with: {error}", "", 0
        ) from error
