"""Which sequences a stream shows: some in turn, or drawn, and only those of a split."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.composing.request import Sequences
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, ImageSequenceError, PluginError

Drawn: TypeAlias = Callable[[Draws], ArrayLike]
Holds: TypeAlias = Callable[[Sequences], NDArray[np.bool_]]

# For one sample, until one is of the split; if a tenth of all is, it takes 10 on average.
_MOST_DRAWN = 1_000


@dataclass(frozen=True, slots=True)
class InTurn:
    """Sequences in turn: sample i gets number i of those of the split, and so on from the first.

    Attributes:
        sequences: at least one of the split.
    """

    sequences: Sequences

    @classmethod
    def of(cls, sequences: Sequences, holds: Holds) -> "InTurn":
        """Those of the split.

        Raises:
            ArgumentValueError: there are none.
        """
        held = np.flatnonzero(holds(sequences))
        if not held.size:
            raise ArgumentValueError(
                f"none of the {len(sequences)} sequences is of the split; those of the other parts "
                f"are held out"
            )
        return cls(sequences if held.size == len(sequences) else sequences.taken(held))

    def __call__(self, _seed: int, indices: NDArray[np.int64]) -> Sequences:
        """The sequences of some samples, whatever the seed."""
        return self.sequences.taken(indices % len(self.sequences))


@dataclass(frozen=True, slots=True)
class DrawnLabels:
    """Sequences from a function: sample i gets the first of its own that is of the split.

    Attributes:
        function: draws the labels of a batch: whole numbers, shape (batch, longest), shorter rows
            filled with -1; or whatever else `checked` takes.
        checked: makes sequences of what it returned, or says why not.
        holds: tells which are of the split.
    """

    function: Drawn
    checked: Callable[[object], Sequences]
    holds: Holds

    def __call__(self, seed: int, indices: NDArray[np.int64]) -> Sequences:
        """The sequences of some samples.

        Raises:
            PluginError: the function returned something else, or never one of the split.
        """
        sequences = self._drawn(seed, indices, 0)
        for attempt in range(1, _MOST_DRAWN):
            missing = np.flatnonzero(~self.holds(sequences))
            if not missing.size:
                return sequences
            again = self._drawn(seed, indices[missing], attempt)
            sequences = sequences.replaced(missing, again)
        raise PluginError(
            f"{_MOST_DRAWN} sequences were drawn for sample {indices[missing[0]]}, and none of "
            f"them is of the split; draw from more sequences, or make its fraction larger"
        )

    def _drawn(self, seed: int, indices: NDArray[np.int64], attempt: int) -> Sequences:
        # Each attempt has a stream of its own, so a sample's do not depend on the others.
        rng = Draws(seed, f"labels/{attempt}" if attempt else "labels", indices)
        labels = self.function(rng)
        try:
            sequences = self.checked(labels)
        except ImageSequenceError as error:
            raise PluginError(
                f"the function for the sequences returned no sequences: {error}"
            ) from error
        if len(sequences) != len(indices):
            raise PluginError(
                f"the function for the sequences returned {len(sequences)} of them for a batch of "
                f"{len(indices)}; one for each sample, rng.batch_size, works"
            )
        return sequences
