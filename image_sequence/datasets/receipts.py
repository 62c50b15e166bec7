"""Receipts: what is known of a shard that is whole and in its place."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from image_sequence.datasets.shards import Shard
from image_sequence.errors import ShardError, shown

STATE = ".image-sequence"
"""The folder, in a data set's, for what is needed only until the data set is finished."""

RECEIPTS = f"{STATE}/shards"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A shard that is whole.

    Attributes:
        number: the shard's.
        name: its file or folder.
        first: the index of its first sample.
        count: how many samples it has.
        size: bytes.
        sum: SHA-256, hexadecimal; see `sums.measured`.
        recipe: SHA-256 of the recipe, hexadecimal.
        glyphs: the fingerprint of what there was to draw.
        made_by: releases by name, see `versions.versions`.
    """

    number: int
    name: str
    first: int
    count: int
    size: int
    sum: str
    recipe: str
    glyphs: str
    made_by: Mapping[str, str]

    @property
    def shard(self) -> Shard:
        """Which samples it has."""
        return Shard(self.number, self.name.partition(".")[0], self.first, self.count)

    def to_dict(self) -> dict[str, Any]:
        """The same in plain JSON values, without what it was made of."""
        return {
            "name": self.name,
            "first": self.first,
            "count": self.count,
            "bytes": self.size,
            "sha256": self.sum,
        }

    def to_json(self) -> str:
        """All of it, as text."""
        origin = {
            "number": self.number,
            "recipe": self.recipe,
            "glyphs": self.glyphs,
            "made_by": dict(self.made_by),
        }
        return json.dumps({**self.to_dict(), **origin}, indent=2)

    @classmethod
    def from_json(cls, text: str, where: str) -> Self:
        """The receipt from such text.

        Raises:
            ShardError: it is none.
        """
        try:
            told = json.loads(text)
            origin = (told["recipe"], told["glyphs"], told["made_by"])
            return cls.from_dict(told, told["number"], *origin)
        except (ValueError, KeyError, TypeError) as error:
            raise ShardError(f"{where} is no receipt of a shard: {shown(text)}") from error

    @classmethod
    def from_dict(
        cls,
        told: Mapping[str, Any],
        number: int,
        recipe: str,
        glyphs: str,
        made_by: Mapping[str, str],
    ) -> Self:
        """The receipt from what `to_dict` made, and what it leaves out."""
        own = (str(told["name"]), int(told["first"]), int(told["count"]), int(told["bytes"]))
        return cls(int(number), *own, str(told["sha256"]), str(recipe), str(glyphs), made_by)


def receipt_name(number: int) -> str:
    """Where a shard's receipt lies in the data set's folder."""
    return f"{RECEIPTS}/{number:06}.json"
