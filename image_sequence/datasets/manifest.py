"""The manifest: what a finished data set consists of, shard by shard."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from image_sequence.datasets.receipts import Receipt
from image_sequence.errors import ShardError

SCHEMA = "image-sequence/manifest/1"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a data set consists of.

    Attributes:
        receipts: of all shards, in order.
    """

    receipts: Sequence[Receipt]

    @property
    def sample_count(self) -> int:
        """How many samples there are."""
        return sum(receipt.count for receipt in self.receipts)

    @property
    def size(self) -> int:
        """Bytes of all shards."""
        return sum(receipt.size for receipt in self.receipts)

    @property
    def recipe_sum(self) -> str:
        """SHA-256 of the recipe."""
        return self.receipts[0].recipe

    @property
    def glyphs(self) -> str:
        """The fingerprint of what there was to draw."""
        return self.receipts[0].glyphs

    @property
    def made_by(self) -> list[dict[str, str]]:
        """The releases that made it: mostly one set of them."""
        distinct = {json.dumps(receipt.made_by, sort_keys=True) for receipt in self.receipts}
        return [json.loads(text) for text in sorted(distinct)]

    def to_json(self) -> str:
        """All of it as text, a line a shard."""
        head = {
            "manifest": SCHEMA,
            "samples": self.sample_count,
            "bytes": self.size,
            "recipe_sha256": self.recipe_sum,
            "glyphs": self.glyphs,
            "made_by": self.made_by,
        }
        lines = ",\n".join("    " + json.dumps(receipt.to_dict()) for receipt in self.receipts)
        return json.dumps(head, indent=2)[:-2] + ',\n  "shards": [\n' + lines + "\n  ]\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The manifest from such text.

        Raises:
            ShardError: it is none.
        """
        try:
            told = json.loads(text)
            if told["manifest"] != SCHEMA:
                raise ShardError(f"this manifest is no {SCHEMA!r}; this release reads no other")
            origin = (told["recipe_sha256"], told["glyphs"], told["made_by"][0])
            receipts = tuple(
                Receipt.from_dict(shard, number, *origin)
                for number, shard in enumerate(told["shards"])
            )
            return cls(receipts)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            if isinstance(error, ShardError):
                raise
            raise ShardError(f"{MANIFEST} is no manifest of a data set: {error!r}") from error
