"""Splits that cannot leak: parts of a data set that share no glyph, no writer, no sequence."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import checked_seed
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import GlyphSource, PartedSource
from image_sequence.plan import ABSENT

PARTS = ("train", "val", "test")
KINDS = ("glyph", "writer", "sequence")
FRACTIONS = (0.8, 0.1, 0.1)

_SUM_TOLERANCE = 1e-9

# SplitMix64's finaliser: Steele, Lea and Flood, "Fast splittable pseudorandom number generators"
# (2014), in Stafford's variant 13.
_MIX = ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1))


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a data set, and what it shares with the other parts of it: nothing.

    A part that the data set has of its own, as MNIST has a test half, is taken as it is. The others
    are carved from its training part, by the fractions in proportion to each other; what is also
    in a part of its own, or was written by somebody who is, belongs to neither. Pictures that are
    the same pixel by pixel always lie in one part.

    Attributes:
        part: "train", "val" or "test".
        by: what the parts share none of: "glyph", "writer" or "sequence", or several of them.
            "glyph": so many of each label's images. "writer": all images of so many writers.
            "sequence": so many of all sequences of labels, whatever their glyphs.
        fractions: how much of the whole train, val and test are; they add up to 1.
        seed: which way of splitting, whole number, 0 … 2**64 - 1.

    Raises:
        ArgumentTypeError: fractions that are not three numbers, or a seed that is no whole number.
        ArgumentValueError: another part or kind, or fractions that do not add up to 1.
    """

    part: str
    by: tuple[str, ...] = ("glyph",)
    fractions: tuple[float, float, float] = FRACTIONS
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.part, str) or self.part not in PARTS:
            raise ArgumentValueError(f"a split is {_either(PARTS)}, not {shown(self.part)}")
        object.__setattr__(self, "by", _checked_kinds(self.by))
        object.__setattr__(self, "fractions", _checked_fractions(self.fractions))
        object.__setattr__(self, "seed", checked_seed(self.seed))

    def bank(self, source: GlyphSource) -> GlyphBank:
        """The glyphs of the part, under the numbers that they have in the whole data set.

        Raises:
            ArgumentValueError: there are none, or nobody knows the writers.
            As `source.load()`.
        """
        if self.by == ("sequence",):
            return source.load()
        own = _own_parts(source)
        if self.part in own and self.part != "train":
            return _without(own[self.part].load(), _later(own, self.part), self.by, self.part)
        whole = own.get("train", source).load()
        pool = _without(whole, _later(own, "train"), self.by, "train")
        return self._carved(pool, [name for name in PARTS if name == "train" or name not in own])

    def parts(
        self, labels: NDArray[np.int64], texts: Mapping[int, str] | None = None
    ) -> NDArray[np.str_]:
        """Which part each sequence of labels belongs to, where sequences are held out.

        Args:
            labels: int64, shape (count, longest), shorter rows filled with -1.
            texts: what the labels are as text; the numbers themselves, if it is None. Sequences are
                told apart by it, so they belong to the same part in every data set.

        Returns:
            "train", "val" or "test" for each: shape (count,).
        """
        # The top 53 bits make a fraction, as many as a float64 holds.
        fractions = (self._hashes(labels, texts) >> np.uint64(11)) * 2.0**-53
        numbers = np.searchsorted(_totals(self.fractions)[:-1], fractions, side="right")
        return np.array(PARTS)[numbers]

    def holds(
        self, labels: NDArray[np.int64], texts: Mapping[int, str] | None = None
    ) -> NDArray[np.bool_]:
        """Whether each sequence may be in this part; always, unless sequences are held out."""
        if "sequence" not in self.by:
            return np.ones(len(labels), np.bool_)
        held: NDArray[np.bool_] = self.parts(labels, texts) == self.part
        return held

    def _carved(self, pool: GlyphBank, names: list[str]) -> GlyphBank:
        kind = "writer" if "writer" in self.by else "glyph"
        number = names.index(self.part)
        groups, first, places = np.unique(
            _identities(pool, kind), return_index=True, return_inverse=True
        )
        # As many of each label, by glyphs; writers are not divided by what they wrote.
        strata = pool.labels[pool.drawable][first] if kind == "glyph" else np.zeros_like(first)
        shares = [self.fractions[PARTS.index(name)] for name in names]
        numbers = _divided(_mixed(groups, self._key), strata, shares)[places]
        chosen = pool.drawable[numbers == number]
        if not chosen.size:
            raise ArgumentValueError(
                f"the split {self.part!r} of {pool.name} ({pool.split}) is empty: the fractions "
                f"for train, val and test are {self.fractions}, and there are {len(groups)} "
                f"{kind}s; larger fractions work"
            )
        mine = pool.restricted(np.sort(chosen), self.part)
        if kind == "glyph" or not (numbers > number).any():
            return mine
        # Two writers' images may be the same pixel by pixel, blank ones for example.
        later = pool.restricted(np.sort(pool.drawable[numbers > number]), self.part)
        return _without(mine, [later], ("glyph",), self.part)

    @property
    def _key(self) -> np.uint64:
        return _hash(f"image-sequence/split/{self.seed}")

    def _hashes(
        self, labels: NDArray[np.int64], texts: Mapping[int, str] | None
    ) -> NDArray[np.uint64]:
        distinct, places = np.unique(labels, return_inverse=True)
        names = [str(label) if texts is None else texts.get(label) for label in distinct.tolist()]
        codes = np.array([_hash(f"label/{name}") for name in names])[places.reshape(labels.shape)]
        hashes = np.full(len(labels), self._key)
        for column, present in zip(codes.T, (labels != ABSENT).T, strict=True):
            hashes = np.where(present, _mixed(hashes ^ column, self._key), hashes)
        return hashes


def _own_parts(source: GlyphSource) -> dict[str, GlyphSource]:
    """The parts that the data set came divided into, if there is one to train on among them."""
    if not isinstance(source, PartedSource):
        return {}
    parts = {name: source.part(name) for name in PARTS}
    own = {name: part for name, part in parts.items() if part is not None}
    return own if "train" in own else {}


def _later(own: Mapping[str, GlyphSource], part: str) -> list[GlyphBank]:
    """The data set's own parts that go before this one: test before val before train."""
    return [own[name].load() for name in PARTS[PARTS.index(part) + 1 :] if name in own]


def _without(bank: GlyphBank, later: list[GlyphBank], by: tuple[str, ...], part: str) -> GlyphBank:
    """The bank without what is also in other ones."""
    for other in later:
        _check_alike(bank, other)
    kept = np.ones(bank.drawable.size, np.bool_)
    for kind in ("glyph", *({"writer"} & set(by))):
        for other in later:
            kept &= ~np.isin(_identities(bank, kind), _identities(other, kind))
    if not kept.any():
        raise ArgumentValueError(
            f"nothing is left of {bank.name} ({bank.split}) for the split {part!r}: all of it is "
            f"in another part as well"
        )
    return bank.restricted(np.sort(bank.drawable[kept]), part)


def _check_alike(bank: GlyphBank, other: GlyphBank) -> None:
    """Images of other sizes would hide that they are the same."""
    if (bank.height, bank.images.ndim) != (other.height, other.images.ndim):
        raise ArgumentValueError(
            f"{bank.name} has images of the shape {bank.images.shape[1:]} in {bank.split} and of "
            f"{other.images.shape[1:]} in {other.split}, so nobody can tell which are the same; "
            f"give the source a height=, and the same kind of pictures in all parts"
        )


def _identities(bank: GlyphBank, kind: str) -> NDArray[np.uint64]:
    """What must not be shared: a number for each drawable image, in the order of `drawable`."""
    if kind == "glyph":
        return np.array([int(digest, 16) for digest in bank.digests(bank.drawable)], np.uint64)
    writers = None if bank.writers is None else bank.writers[bank.drawable]
    if writers is None or (writers < 0).any():
        known = 0 if writers is None else np.count_nonzero(writers >= 0)
        raise ArgumentValueError(
            f"a split by writer needs to know who wrote each image; {bank.name} ({bank.split}) "
            f"tells it of {known} of {bank.drawable.size}; QMNIST's tables tell it for MNIST, and "
            f"a split by glyph works without"
        )
    return writers.astype(np.uint64)


def _divided(
    keys: NDArray[np.uint64], strata: NDArray[Any], shares: list[float]
) -> NDArray[np.int64]:
    """Which part each group falls into: in each stratum, in the order of their keys.

    Each part gets its share, rounded, but at least one of a stratum that has enough.
    """
    order = np.lexsort((keys, strata))
    _, starts, places = np.unique(strata[order], return_index=True, return_inverse=True)
    sizes = np.diff(starts, append=order.size)[places]
    ranks = np.arange(order.size) - starts[places]
    wanted = np.array(shares) > 0
    numbers = np.zeros(order.size, np.int64)
    for part, total in enumerate(_totals(shares)[:-1]):
        least, behind = np.count_nonzero(wanted[: part + 1]), np.count_nonzero(wanted[part + 1 :])
        edge = np.clip(np.rint(total * sizes), least, np.maximum(sizes - behind, least))
        numbers[order] += ranks >= edge
    return numbers


def _totals(shares: Iterable[float]) -> list[float]:
    """The shares added up one by one, as fractions of all of them: the last is 1."""
    values = list(shares)
    return [math.fsum(values[: n + 1]) / math.fsum(values) for n in range(len(values))]


def _hash(text: str) -> np.uint64:
    return np.uint64(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little"))


def _mixed(values: NDArray[np.uint64], key: np.uint64) -> NDArray[np.uint64]:
    """Numbers that look random, from others that do not: one for one."""
    mixed = values ^ key
    for shift, factor in _MIX:
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed


def _checked_kinds(by: object) -> tuple[str, ...]:
    kinds = (by,) if isinstance(by, str) else tuple(by) if isinstance(by, Iterable) else ()
    if not kinds or not all(isinstance(kind, str) and kind in KINDS for kind in kinds):
        raise ArgumentValueError(
            f"a split is by {_either(KINDS)}, or by several of them, not {shown(by)}"
        )
    return tuple(kind for kind in KINDS if kind in kinds)


def _checked_fractions(fractions: object) -> tuple[float, float, float]:
    values = tuple(fractions) if isinstance(fractions, Iterable) else ()
    numbers = [float(x) for x in values if isinstance(x, (int, float, np.integer, np.floating))]
    if len(values) != len(PARTS) or len(numbers) != len(PARTS):
        raise ArgumentTypeError(
            f"fractions are three numbers for train, val and test such as {FRACTIONS}, "
            f"not {shown(fractions)}"
        )
    if not min(numbers) >= 0 or not abs(math.fsum(numbers) - 1) <= _SUM_TOLERANCE:
        raise ArgumentValueError(
            f"the fractions for train, val and test are at least 0 and add up to 1, as "
            f"{FRACTIONS} do, not {shown(fractions)}"
        )
    train, val, test = numbers
    return train, val, test


def _either(words: tuple[str, ...]) -> str:
    return f"{', '.join(map(repr, words[:-1]))} or {words[-1]!r}"
