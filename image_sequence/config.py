"""The configuration: from a JSON file to checked values."""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from image_sequence.composing.canvas import Canvas
from image_sequence.composing.composer import MEASURES
from image_sequence.composing.distributions import DISTRIBUTIONS, from_settings
from image_sequence.composing.pipelines import transform_of
from image_sequence.composing.spacing import SpacingStrategy, find_spacing
from image_sequence.composing.transforms import Transform
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
from image_sequence.steps.line import Line
from image_sequence.steps.settings import plain

if TYPE_CHECKING:
    from image_sequence.composing.page import Page

_SUBTYPES = ("edge", "between")
_SECTIONS = {"image": {"transform"}, "spacing": {"type", "subtype"}}
_KEYS = {*_SECTIONS, "output_format"}
_OPTIONAL_KEYS = {"data", "layout", "page"}
_SPACING_KEYS = {"measure", "overlap"}
_CANVAS_KEYS = {field.name for field in fields(Canvas)}  # In the section "image"; none is needed.


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says, checked.

    Attributes:
        transform: what happens to each glyph: true for the classic transform, false for nothing,
            the name of a transform, or a list of steps.
        spacing_type: the name of a spacing strategy; whether there is one is asked when it is used.
        spacing_subtype: "edge" for all n + 1 gaps, "between" for the n - 1 inner ones.
        spacing_parameters: those of a distribution, such as "mean".
        measure: "cell": gaps are between the glyphs' cells; "ink": between their ink.
        overlap: whether gaps may be negative.
        output_format: "png", "jpg" or "jpeg"; any case is taken, lower case is kept.
        canvas: what the pictures are like.
        data: where the glyphs come from.
        layout: how glyphs stand on their line, as `Line.from_settings` takes it.
        page: paper and ink, as `Page.from_settings` takes it; None for black on white.

    Raises:
        ConfigurationTypeError: a spacing type that is not a string, an unknown subtype, or a part
            of another kind than it should be.
        ConfigurationValueError: a transform that is none, an unknown output format, or a value that
            cannot work.
    """

    transform: bool | str | list[Any] = field(default=False, hash=False)
    spacing_type: str = "variable"
    spacing_subtype: str = "between"
    output_format: str = "png"
    canvas: Canvas = Canvas()
    data: Data = Data()
    spacing_parameters: Mapping[str, Any] = field(default_factory=dict, hash=False)
    measure: str = "cell"
    overlap: bool = False
    layout: Mapping[str, Any] = field(default_factory=dict, hash=False)
    page: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        if not isinstance(self.spacing_type, str):
            raise ConfigurationTypeError(
                f"spacing.type is a name such as 'variable', not {shown(self.spacing_type)}"
            )
        if self.spacing_subtype not in _SUBTYPES:
            raise ConfigurationTypeError(
                f"spacing.subtype is 'edge' or 'between', not {shown(self.spacing_subtype)}"
            )
        if self.measure not in MEASURES:
            raise ConfigurationValueError(
                f"spacing.measure is 'cell' or 'ink', not {shown(self.measure)}"
            )
        if not isinstance(self.overlap, bool):
            raise ConfigurationValueError(
                f"spacing.overlap is true or false, not {shown(self.overlap)}"
            )
        if self.spacing_parameters and self.spacing_type not in DISTRIBUTIONS:
            raise ConfigurationValueError(
                f"the spacing type {shown(self.spacing_type)} has no parameter "
                f"{_listed(self.spacing_parameters.keys())}; "
                f"spacing has the keys {_listed(_SECTIONS['spacing'] | _SPACING_KEYS)}, and those "
                f"of one of the distributions {_listed(DISTRIBUTIONS.keys())}"
            )
        object.__setattr__(self, "output_format", _checked_format(self.output_format))
        for name in ("transform", "spacing_parameters", "layout", "page"):
            # A copy: what is checked stays as it was.
            object.__setattr__(self, name, _copied(getattr(self, name)))
        for made in (self.glyph_transform, self.line, self.whole_page):
            made()
        if self.spacing_type in DISTRIBUTIONS:
            self.spacing()

    @property
    def edges(self) -> bool:
        """Whether there are gaps before the first and after the last glyph."""
        return self.spacing_subtype == "edge"

    def glyph_transform(self) -> Transform | None:
        """What happens to each glyph; None for nothing."""
        try:
            return transform_of(self.transform, "image.transform")
        except (ArgumentTypeError, ArgumentValueError) as error:
            # Whatever is wrong with it, it has always been of this kind.
            raise ConfigurationValueError(str(error)) from error

    def spacing(self) -> SpacingStrategy:
        """What decides the gaps.

        Raises:
            ConfigurationTypeError: there is no such strategy.
        """
        if self.spacing_type not in DISTRIBUTIONS:
            return find_spacing(self.spacing_type)
        with _in_configuration():
            return from_settings(self.spacing_type, self.spacing_parameters)

    def line(self) -> Line:
        """How glyphs stand on their line."""
        with _in_configuration():
            return Line.from_settings(self.layout)

    def whole_page(self) -> "Page | None":
        """Paper and ink, and what happens to whole pictures; None for black on white."""
        if self.page is None:
            return None
        # Who has no page does not wait for the modules of all its steps.
        from image_sequence.composing.page import Page

        with _in_configuration():
            return Page.from_settings(self.page)

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
        spacing = _section(whole["spacing"], "spacing", _SECTIONS["spacing"], None)
        parameters = spacing.keys() - _SECTIONS["spacing"] - _SPACING_KEYS
        return cls(
            transform=image["transform"],
            spacing_type=spacing["type"],
            spacing_subtype=spacing["subtype"],
            output_format=whole["output_format"],
            canvas=_canvas({key: image[key] for key in _CANVAS_KEYS & image.keys()}),
            data=_data(whole.get("data", {})),
            spacing_parameters={key: spacing[key] for key in spacing if key in parameters},
            measure=spacing.get("measure", "cell"),
            overlap=spacing.get("overlap", False),
            layout=whole.get("layout", {}),
            page=whole.get("page"),
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

    @classmethod
    def from_text(cls, text: str, name: str) -> Self:
        """The configuration from JSON, which errors call by a name.

        Raises:
            As `from_file`.
        """
        return cls.from_dict(_parsed(text.encode(), name))

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
        spacing = {"type": self.spacing_type, "subtype": self.spacing_subtype}
        measure = {"measure": self.measure} if self.measure != "cell" else {}
        overlap = {"overlap": True} if self.overlap else {}
        more = {
            "data": self.data.to_dict() if self.data != Data() else None,
            "layout": plain(self.layout) or None,
            "page": plain(self.page),
        }
        return {
            "image": {"transform": plain(self.transform), **canvas},
            "spacing": {**spacing, **measure, **overlap, **plain(self.spacing_parameters)},
            "output_format": self.output_format,
            **{name: section for name, section in more.items() if section is not None},
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


def _copied(settings: object) -> object:
    try:
        return plain(settings)
    except RecursionError as error:
        raise ConfigurationValueError("a configuration is not nested so deep") from error


@contextmanager
def _in_configuration() -> Iterator[None]:
    """Have errors about arguments be errors about the configuration."""
    try:
        yield
    except ArgumentTypeError as error:
        raise ConfigurationTypeError(str(error)) from error
    except ArgumentValueError as error:
        raise ConfigurationValueError(str(error)) from error


def _section(
    settings: object, name: str, keys: set[str], optional: AbstractSet[str] | None = frozenset()
) -> dict[str, Any]:
    if not isinstance(settings, dict):
        raise ConfigurationTypeError(
            f"{name} is a JSON object with the keys {_listed(keys)}, not {shown(settings)}"
        )
    missing = keys - settings.keys()
    unknown = set() if optional is None else settings.keys() - keys - optional
    if missing:
        raise ConfigurationKeyError(
            f"{name} lacks {_listed(missing)}; its keys are {_listed(keys)}"
        )
    if unknown:
        raise ConfigurationValueError(
            f"{name} has {_listed(unknown)}, which means nothing; "
            f"its keys are {_listed(keys | (optional or set()))}"
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
