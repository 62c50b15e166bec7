"""The policy "pairs": every two labels are neighbours equally often."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt, lcm
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.datasets.policies.kinds import LONGEST, Alphabet
from image_sequence.datasets.policies.rows import cut
from image_sequence.datasets.policies.settings import (
    check_keys,
    labels_of,
    whole_number,
    whole_pair,
)
from image_sequence.datasets.policies.walks import closed_walks, random_orders
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError
from image_sequence.plan import ABSENT
from image_sequence.whole_numbers import is_whole_number

_KEYS = ("length", "of")
_MOST_EDGES = 1_000_000  # Of a block: its walk takes a tenth of a second.
_EDGES_OF_A_GROUP = 2_000
_GROUPS_KEPT = 4
_INDEX_LIMIT = 2**63


@dataclass(frozen=True, slots=True)
class Pairs:
    """Sequences in which each ordered pair of neighbours, 100 with ten digits, is equally frequent.

    Exactly so in every whole block of samples, the first of which begins at sample 0; and each
    length is equally frequent there. Otherwise blocks are random: each is a walk through all
    pairs, drawn uniformly among all such walks and cut into sequences, which are shuffled.

    Attributes:
        low: the shortest length, at least 2.
        high: the longest length.
        of: the texts of the labels that are paired; None for all there are images of.

    >>> digits = Alphabet.of({number: str(number) for number in range(10)})
    >>> pairs = Pairs(2, 3)
    >>> pairs.block_size(digits)
    200
    >>> labels = pairs(digits, Draws(7, "labels", range(200)))
    >>> pair_numbers = 10 * labels[:, :-1] + labels[:, 1:]
    >>> np.bincount(pair_numbers[labels[:, 1:] >= 0]).tolist() == [3] * 100
    True
    """

    low: int
    high: int
    of: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        whole_pair((self.low, self.high), "the length of pairs", 2, LONGEST)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The policy from what JSON says beside its name."""
        check_keys(settings, "the policy 'pairs'", _KEYS, ("length",))
        length, of = settings["length"], settings.get("of")
        name = "the length of pairs"
        if is_whole_number(length):
            low = high = whole_number(length, name, 2, LONGEST)
        else:
            low, high = whole_pair(length, name, 2, LONGEST)
        return cls(low, high, None if of is None else labels_of(of))

    @property
    def repeats(self) -> bool:
        """False: a sequence drawn again would upset the balance."""
        return False

    def lengths(self, alphabet: Alphabet) -> tuple[int, ...]:
        """See `LabelPolicy`."""
        self._edge_count(len(alphabet.chosen(self.of).texts))
        return tuple(range(self.low, self.high + 1))

    def block_size(self, alphabet: Alphabet) -> int:
        """How many samples a block has: a data set of a multiple of it is balanced exactly.

        Raises:
            ArgumentValueError: as `lengths`.
        """
        edge_count = self._edge_count(len(alphabet.chosen(self.of).texts))
        return edge_count // self._edges_of_a_round * (self.high - self.low + 1)

    def __call__(self, alphabet: Alphabet, rng: Draws) -> NDArray[np.int64]:
        """See `LabelPolicy`."""
        chosen = alphabet.chosen(self.of)
        label_count = len(chosen.texts)
        edge_count = self._edge_count(label_count)
        group_size = self.block_size(alphabet) * _blocks_of_a_group(edge_count)
        numbers, rows = np.divmod(rng.indices, group_size)
        labels = np.full((rng.batch_size, self.high), ABSENT)
        for number in np.unique(numbers).tolist():
            group = _group(
                rng.seed, rng.stream, number, label_count, edge_count, self.low, self.high
            )
            inside = numbers == number
            labels[inside] = group[rows[inside]]
        present = labels != ABSENT
        return cut(np.where(present, chosen.numbers[labels], ABSENT), present.sum(axis=1))

    def to_dict(self) -> dict[str, Any]:
        """See `LabelPolicy`."""
        length = self.low if self.low == self.high else [self.low, self.high]
        of = {} if self.of is None else {"of": list(self.of)}
        return {"policy": "pairs", "length": length, **of}

    @property
    def _edges_of_a_round(self) -> int:
        """How many pairs one sequence of each length has."""
        return sum(range(self.low - 1, self.high))

    def _edge_count(self, label_count: int) -> int:
        """How many pairs a block has: every pair and every length goes into it evenly."""
        edge_count = lcm(label_count**2, self._edges_of_a_round)
        if edge_count > _MOST_EDGES:
            fits = isqrt(_MOST_EDGES // self._edges_of_a_round)
            works = f"{fits} labels or fewer always work" if fits else "shorter sequences work"
            raise ArgumentValueError(
                f"a balanced block of {label_count} labels in sequences of {self.low} to "
                f"{self.high} has {edge_count} pairs, more than {_MOST_EDGES}; {works}"
            )
        return edge_count


@lru_cache(maxsize=_GROUPS_KEPT)
def _group(
    seed: int, stream: str, number: int, label_count: int, edge_count: int, low: int, high: int
) -> NDArray[np.int32]:
    """The places of the labels of a group of blocks, one block after the other.

    Small blocks are made together: each alone would cost more than its samples' pictures.

    Returns:
        int32, shape (samples, high), -1 behind a row's end.
    """
    block_count = _blocks_of_a_group(edge_count)
    first = number * block_count
    blocks = first + np.arange(min(block_count, _INDEX_LIMIT - first))
    rng = Draws(seed, f"{stream}/pairs", blocks)
    walks = closed_walks(rng, label_count, edge_count)
    every = np.arange(low, high + 1)
    each = np.repeat(every, edge_count // int((every - 1).sum()))
    lengths = each[random_orders(rng, each.size)]
    starts = np.cumsum(lengths - 1, axis=1) - (lengths - 1)
    columns = np.arange(high)
    places = np.minimum(starts[..., None] + columns, edge_count)
    labels = np.take_along_axis(walks, places.reshape(len(blocks), -1), axis=1)
    labels = np.where(columns < lengths[..., None], labels.reshape(places.shape), ABSENT)
    # In the walk's order, a sequence would begin with the last label of the one before.
    order = random_orders(rng, each.size)[..., None]
    shuffled = np.take_along_axis(labels, order, axis=1).reshape(-1, high).astype(np.int32)
    shuffled.flags.writeable = False
    return shuffled


def _blocks_of_a_group(edge_count: int) -> int:
    return max(1, _EDGES_OF_A_GROUP // edge_count)
