"""A recipe: one JSON document that defines all samples of a data set, and how they are kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from hashlib import sha256
from os import PathLike, fspath
from pathlib import Path
from typing import Any, Self

from image_sequence.composing.request import WIDEST
from image_sequence.config import Configuration
from image_sequence.data_settings import Data
from image_sequence.datasets.encoding import Encoding
from image_sequence.datasets.formats.kinds import Format
from image_sequence.datasets.formats.known import find_format
from image_sequence.datasets.policies.kinds import LabelPolicy
from image_sequence.datasets.policies.known import policy_of
from image_sequence.datasets.shards import Shards
from image_sequence.draws import checked_seed, fresh_seed
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    RecipeError,
    RecipeNotFoundError,
    shown,
)
from image_sequence.presets import preset_configuration
from image_sequence.steps.settings import plain
from image_sequence.whole_numbers import checked_pixels, is_whole_number

SCHEMA = "image-sequence/recipe/1"
"""The name of the form; a document that says another one is refused."""

DEFAULT_FORMAT = "webdataset"

_INDEX_LIMIT = 2**63
_MOST_SHARDS = 10_000_000
DEFAULT_LABELS = {"policy": "digits", "length": 5}
_SPLIT_KEYS = ("split", "split_by", "fractions")
_WHOLE = "data"  # What shards of no part of a split are called.


@dataclass(frozen=True, slots=True)
class Recipe:
    """All that defines a data set.

    Attributes:
        count: how many samples, at least 1.
        image_width: pixels of every picture.
        seed: whole number, 0 … 2**64 - 1.
        labels: what is written on the pictures: the settings of a label policy.
        spacing: the smallest and the largest gap, pixels, both included.
        configuration: what pictures are like, and which glyphs they show.
        start: the index of the first sample.
        format: the name of a format.
        shard_size: how many samples a shard has, at least 1.
        encoding: how pictures become bytes; None for what the format takes by default.
        masks: whether the glyphs' masks are written.

    Raises:
        ArgumentTypeError: one of them is of another kind.
        ArgumentValueError: a value that cannot work.

    >>> recipe = Recipe(count=1000, image_width=160, seed=7)
    >>> recipe.format, recipe.encoding.name, len(recipe.shards)
    ('webdataset', 'png', 1)
    """

    count: int
    image_width: int
    seed: int
    labels: Mapping[str, Any] = field(default_factory=DEFAULT_LABELS.copy, hash=False)
    spacing: tuple[int, int] = (0, 20)
    configuration: Configuration = field(default_factory=Configuration)
    start: int = 0
    format: str = DEFAULT_FORMAT
    shard_size: int = 10_000
    encoding: Encoding = field(default=None)  # type: ignore[assignment]  # filled in below
    masks: bool = False

    def __post_init__(self) -> None:
        for name, least in (("count", 1), ("start", 0), ("shard_size", 1)):
            object.__setattr__(self, name, _checked_count(name, getattr(self, name), least))
        if self.count > _MOST_SHARDS * self.shard_size:
            raise ArgumentValueError(
                f"{self.count:,} samples in shards of {self.shard_size:,} make more than "
                f"{_MOST_SHARDS:,} shards; use a shard_size of "
                f"{(self.count + _MOST_SHARDS - 1) // _MOST_SHARDS:,} or more"
            )
        if self.start + self.count > _INDEX_LIMIT:
            raise ArgumentValueError(
                f"samples are numbered below 2**63, and start and count make {self.start} + "
                f"{self.count} of them"
            )
        object.__setattr__(self, "seed", checked_seed(self.seed))
        checked_pixels("a width", self.image_width, WIDEST, 160)
        object.__setattr__(self, "spacing", _checked_spacing(self.spacing))
        if not isinstance(self.masks, bool):
            raise ArgumentTypeError(f"masks is true or false, not {shown(self.masks)}")
        if self.encoding is None:
            object.__setattr__(self, "encoding", Encoding(self.kept_as.encodings[0]))
        self._check_format()
        # What it says in full, so that equal recipes are equal.
        object.__setattr__(self, "labels", self.policy().to_dict())

    def policy(self) -> LabelPolicy:
        """What decides the labels."""
        return policy_of(plain(self.labels))

    @property
    def kept_as(self) -> Format:
        """The format."""
        return find_format(self.format)

    @property
    def part(self) -> str:
        """The part of a split, "train", "val" or "test"; "data" if there is no split."""
        split = self.configuration.data.split()
        return _WHOLE if split is None else split.part

    @property
    def shards(self) -> Shards:
        """All shards, by number."""
        return Shards(self.part, self.start, self.count, self.shard_size)

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe, hexadecimal."""
        return sha256(self.to_json().encode()).hexdigest()

    @classmethod
    def from_dict(cls, settings: object) -> Self:
        """The recipe from what a JSON file holds; a fresh seed is drawn if there is none.

        Besides the attributes' names, with "width" for `image_width`, "preset" stands for a
        configuration, "edges" for its spacing subtype "edge", and "split", "split_by", "fractions",
        "hand" and "data" for what its section "data" says.

        Raises:
            RecipeError: a key is missing, or means nothing.
            ArgumentTypeError, ArgumentValueError, ConfigurationError: a value cannot be used.
        """
        rest = dict(_checked_object(settings))
        if rest.pop("recipe", SCHEMA) != SCHEMA:
            raise RecipeError(f"this recipe says it is no {SCHEMA!r}; this release makes no other")
        configuration = _configuration(rest)
        if "width" not in rest or "count" not in rest:
            raise RecipeError("a recipe has a count of samples and a width of pictures, at least")
        known = {part.name for part in fields(cls)} - {"image_width", "configuration"}
        for key in rest:
            if key not in known | {"width"}:
                raise RecipeError(f"a recipe has no {shown(key)}; it has {_listed(known)}")
        if "encoding" in rest:
            rest["encoding"] = _encoding(rest["encoding"])
        seed = rest.pop("seed", None)
        return cls(
            image_width=rest.pop("width"),
            seed=fresh_seed() if seed is None else seed,
            configuration=configuration,
            **rest,
        )

    @classmethod
    def from_json(cls, text: str, name: str) -> Self:
        """The recipe from JSON that errors call by a name.

        Raises:
            RecipeError: it is no JSON.
            Otherwise as `from_dict`.
        """
        return cls.from_dict(parsed(text, name))

    def to_dict(self) -> dict[str, Any]:
        """All of it in plain JSON values: the form in which a data set keeps it."""
        return {
            "recipe": SCHEMA,
            "count": self.count,
            "start": self.start,
            "seed": self.seed,
            "labels": plain(self.labels),
            "spacing": list(self.spacing),
            "width": self.image_width,
            "configuration": self.configuration.to_dict(),
            "format": self.format,
            "shard_size": self.shard_size,
            "encoding": {"name": self.encoding.name, "level": self.encoding.level},
            "masks": self.masks,
        }

    def to_json(self) -> str:
        """The same as text, the same text for the same recipe."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n"

    def differences(self, other: Self) -> list[str]:
        """What another recipe says otherwise, a sentence for each key."""
        own, others = self.to_dict(), other.to_dict()
        return [
            f"{key} is {shown(others[key])} and was {shown(own[key])}"
            for key in own
            if own[key] != others[key]
        ]

    def _check_format(self) -> None:
        kept_as = self.kept_as
        if self.encoding.name not in kept_as.encodings:
            raise ArgumentValueError(
                f"the format {self.format!r} has no place for the encoding "
                f"{self.encoding.name!r}; it takes {_listed(kept_as.encodings)}"
            )
        if self.masks and not kept_as.has_masks:
            raise ArgumentValueError(
                f"the format {self.format!r} has no place for masks; leave them out, or use one "
                f"that has, such as 'webdataset' or 'coco'"
            )


def read_settings(path: str | PathLike[str]) -> dict[str, Any]:
    """What a recipe's file holds.

    Raises:
        RecipeNotFoundError: there is no such file.
        RecipeError: it is no JSON object.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise RecipeNotFoundError(
            f"there is no recipe {fspath(path)!r}; options alone work as well: --count 1000 "
            f"--width 160"
        ) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise RecipeError(f"the recipe {fspath(path)!r} cannot be read: {error}") from error
    return _checked_object(parsed(text, fspath(path)))


def parsed(text: str, name: str) -> object:
    """What JSON says.

    Raises:
        RecipeError: it is none.
    """
    try:
        return json.loads(text, object_pairs_hook=_once_each)
    except RecipeError:
        raise
    except (ValueError, RecursionError) as error:
        raise RecipeError(f"the recipe {name!r} is no JSON: {error}") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise RecipeError(f"the key {shown(twice)} stands in the recipe twice; once is enough")
    return told


def _checked_object(settings: object) -> dict[str, Any]:
    if not isinstance(settings, dict):
        raise RecipeError(
            f"a recipe is a JSON object such as {{'count': 1000, 'width': 160}}, "
            f"not {shown(settings)}"
        )
    return settings


def _configuration(rest: dict[str, Any]) -> Configuration:
    """The configuration, from whatever of a recipe tells about it; that is taken out."""
    if "preset" in rest and "configuration" in rest:
        raise RecipeError("a recipe has a preset or a configuration, not both")
    configuration = Configuration()
    if "preset" in rest:
        configuration = preset_configuration(rest.pop("preset"))
    elif "configuration" in rest:
        configuration = Configuration.from_dict(rest.pop("configuration"))
    told = {key: rest.pop(key) for key in (*_SPLIT_KEYS, "hand") if rest.get(key) is not None}
    edges = rest.pop("edges", False)
    if not isinstance(edges, bool):
        raise ArgumentTypeError(f"edges is true or false, not {shown(edges)}")
    if edges:
        configuration = replace(configuration, spacing_subtype="edge")
    data = rest.pop("data", None)
    if data is not None and not isinstance(data, (str, dict)):
        raise ArgumentTypeError(
            f"data is a path, a name, or an object with the key path, not {shown(data)}"
        )
    if data is not None:
        told = {**({"path": data} if isinstance(data, str) else data), **told}
    if not told:
        return configuration
    return replace(configuration, data=Data.from_settings(configuration.data.to_dict() | told))


def _encoding(settings: object) -> Encoding:
    if isinstance(settings, dict) and settings.keys() <= {"name", "level"}:
        return Encoding(**settings)
    if not isinstance(settings, str):
        raise ArgumentTypeError(
            f"an encoding is a name such as 'png', or {{'name': 'png', 'level': 6}}, "
            f"not {shown(settings)}"
        )
    return Encoding(settings)


def _checked_count(name: str, value: object, least: int) -> int:
    if not is_whole_number(value):
        raise ArgumentTypeError(f"{name} is a whole number such as 1000, not {shown(value)}")
    if not least <= value < _INDEX_LIMIT:
        raise ArgumentValueError(f"{name} is at least {least}, {shown(value)} is not")
    return int(value)


def _checked_spacing(spacing: object) -> tuple[int, int]:
    ends = spacing if isinstance(spacing, (list, tuple)) else ()
    if len(ends) != 2 or not all(map(is_whole_number, ends)):
        raise ArgumentTypeError(
            f"spacing is a pair of whole numbers such as [0, 20], not {shown(spacing)}"
        )
    return int(ends[0]), int(ends[1])


def _listed(names: Any) -> str:
    return ", ".join(map(repr, sorted(names)))
