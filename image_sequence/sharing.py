"""What two generated data sets share, by their records: glyphs, writers, sequences of labels."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike, fspath
from typing import Any, Self, TypeAlias

from image_sequence.errors import RecordError, shown
from image_sequence.plan import ABSENT
from image_sequence.records import read_records

KINDS = ("glyph", "writer", "sequence")

Key: TypeAlias = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What the records of a generated data set are made of.

    Attributes:
        name: where they were read.
        sample_count: how many records there are.
        found: of each kind, what there is, and what it was first called.
        split_by: the kinds that all records say their split shares none of.
    """

    name: str
    sample_count: int
    found: Mapping[str, Mapping[Key, str]] = field(repr=False)
    split_by: frozenset[str]

    @classmethod
    def of(cls, name: str, records: Iterable[Mapping[str, Any]]) -> Self:
        """The contents of records, read once.

        Raises:
            RecordError: a record lacks what it needs.
        """
        found: dict[str, dict[Key, str]] = {kind: {} for kind in KINDS}
        split_by = set(KINDS)
        count = 0
        for record in records:
            try:
                _note(record, found)
                split_by &= set(record["source"]["split_by"])
            except (KeyError, TypeError, ValueError) as error:
                raise RecordError(
                    f"record {count + 1} of {name} is not what Sample.to_json() makes: "
                    f"{type(error).__name__} {error}"
                ) from error
            count += 1
        if not count:
            raise RecordError(f"there are no records in {name}")
        return cls(name, count, found, frozenset(split_by))

    @classmethod
    def read(cls, where: str | PathLike[str]) -> Self:
        """The contents of a folder's records, or of those in a file.

        Raises:
            SourceNotFoundError: there are none.
            RecordError: a line is no record.
        """
        return cls.of(fspath(where), read_records(where))


@dataclass(frozen=True, slots=True)
class Sharing:
    """What two generated data sets share.

    Attributes:
        first: the one.
        second: the other.
        must_not: the kinds of which they must share none.
    """

    first: Contents
    second: Contents
    must_not: frozenset[str]

    @classmethod
    def between(cls, first: Contents, second: Contents, must_not: Iterable[str] = ()) -> Self:
        """The sharing of two, which must not share glyphs, nor what both were split by.

        Args:
            first: the one.
            second: the other.
            must_not: the kinds of which they must share none, if others are meant.
        """
        told = frozenset(must_not) or frozenset({"glyph"}) | (first.split_by & second.split_by)
        return cls(first, second, told)

    def shared(self, kind: str) -> list[str]:
        """All that is shared of a kind, and what it is called in both."""
        ones, others = self.first.found[kind], self.second.found[kind]
        return [
            one if one == others[key] else f"{one} = {others[key]}"
            for key, one in ones.items()
            if key in others
        ]

    @property
    def leaks(self) -> bool:
        """Whether anything is shared that must not be."""
        return any(self.shared(kind) for kind in self.must_not)

    def described(self) -> str:
        """All of it in words, a line for each thing shared."""
        return "\n".join(line for kind in KINDS for line in self._lines(kind))

    def to_dict(self) -> dict[str, Any]:
        """All of it in plain JSON values."""
        sides = [
            {
                "name": side.name,
                "samples": side.sample_count,
                **{f"{kind}s": len(side.found[kind]) for kind in KINDS},
            }
            for side in (self.first, self.second)
        ]
        return {
            "sets": sides,
            "must_not_share": sorted(self.must_not),
            "shared": {f"{kind}s": self.shared(kind) for kind in KINDS},
            "leaks": self.leaks,
        }

    def _lines(self, kind: str) -> Iterator[str]:
        shared = self.shared(kind)
        verdict = ""
        if shared:
            verdict = ": a leak" if kind in self.must_not else ", which the split does not forbid"
        yield (
            f"{kind}s: {len(shared):,} shared of {len(self.first.found[kind]):,} and "
            f"{len(self.second.found[kind]):,}{verdict}"
        )
        for name in shared:
            yield f"  {name}"


def _note(record: Mapping[str, Any], found: Mapping[str, dict[Key, str]]) -> None:
    source = record["source"]
    where = f"{source['name']} ({source['split']})"
    glyphs = found["glyph"]
    for digest, index in zip(record["glyph_digests"], record["glyph_indices"], strict=True):
        if digest not in glyphs:
            glyphs[digest] = f"glyph {digest}, {where} {index}"
    for writer in record["writers"]:
        # -1 is nobody known as well: folders that are opened as tables have no null.
        if writer not in (None, ABSENT) and writer not in found["writer"]:
            found["writer"][writer] = f"writer {writer} of {source['name']}"
    labels = tuple(map(str, record["labels"]))
    if labels not in found["sequence"]:
        found["sequence"][labels] = f"sequence {shown(record['text'])}"
