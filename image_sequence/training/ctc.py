"""Connectionist temporal classification: targets that a model can be trained on, and decoding.

Graves, Fernández, Gomez and Schmidhuber, "Connectionist Temporal Classification: Labelling
Unsegmented Sequence Data with Recurrent Neural Networks", ICML 2006.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    InfeasibleTargetError,
    shown,
)
from image_sequence.plan import Integers
from image_sequence.sample import Batch
from image_sequence.training.collating import Columns, Terms, channels_first, class_rows
from image_sequence.whole_numbers import is_whole_number


def needed_frames(labels: Integers, lengths: Integers) -> NDArray[np.int64]:
    """The fewest frames that each target can be aligned with: int64, shape (batch,).

    One for each label, and one for a blank between two equal neighbours (Graves et al., 2006,
    section 3): with fewer the loss is infinite.

    Args:
        labels: whole numbers, shape (batch, n).
        lengths: how many of a row count, shape (batch,).

    >>> needed_frames(np.array([[7, 7, 1], [7, 1, 1]]), np.array([3, 2])).tolist()
    [4, 2]
    """
    counted = np.arange(1, labels.shape[1]) < lengths[:, None]
    repeats: NDArray[np.int64] = ((labels[:, 1:] == labels[:, :-1]) & counted).sum(axis=1)
    return lengths + repeats


@dataclass(frozen=True, slots=True)
class CtcCollate:
    """Batches for a CTC loss; no target is ever one that the loss would be infinite for.

    image: shape (batch, channels, height, width).
    target: int64, shape (batch, longest): classes, the blank behind the last one.
    target_length: int64, shape (batch,).
    input_length: int64, shape (batch,): the model's frames, the same for all.
    text: a list of texts. index: int64, shape (batch,).

    Attributes:
        stride: how many pixels of width make a frame of the model's output: a width of w makes
            w // stride frames. Or a function from the width to the frames, for models that pad; a
            function of a module, so that workers can have it.
        blank: the class of the blank: 0, and labels are classes from 1 up; or -1 for the last one,
            and labels are classes from 0 up.

    Raises:
        ArgumentTypeError, ArgumentValueError: a stride or a blank that cannot be.
    """

    stride: int | Callable[[int], int] = 4
    blank: int = 0

    def __post_init__(self) -> None:
        if not callable(self.stride):
            _check_stride(self.stride)
        if not is_whole_number(self.blank) or self.blank not in (0, -1):
            raise ArgumentValueError(
                f"the blank is class 0, or -1 for the last one, not {shown(self.blank)}"
            )

    def frames(self, image_width: int) -> int:
        """How many frames the model makes of a picture.

        Raises:
            ArgumentTypeError: the function for them returns no whole number.
        """
        if not callable(self.stride):
            return image_width // self.stride
        frames = self.stride(image_width)
        if not is_whole_number(frames):
            raise ArgumentTypeError(
                f"the stride's function makes a whole number of frames of {image_width} pixels, "
                f"not {shown(frames)}"
            )
        return int(frames)

    def check(self, terms: Terms) -> None:
        """Check that the longest target can be aligned, if no label in it is repeated.

        Raises:
            InfeasibleTargetError: it cannot.
        """
        frames = self.frames(terms.image_width)
        if terms.longest > frames:
            raise InfeasibleTargetError(
                f"sequences of {terms.longest} labels need as many frames, and the model makes "
                f"{frames} of {terms.image_width} pixels; {self._advice(terms.longest)}"
            )

    def check_targets(
        self, labels: Integers, lengths: Integers, indices: Integers, width: int
    ) -> None:
        """Check that every target can be aligned.

        Args:
            labels: whole numbers, shape (batch, n).
            lengths: how many of a row count, shape (batch,).
            indices: the samples' numbers, shape (batch,), for the error.
            width: of the pictures, pixels.

        Raises:
            InfeasibleTargetError: one cannot.
        """
        frames = self.frames(width)
        needed = needed_frames(labels, lengths)
        if (needed <= frames).all():
            return
        row = int(np.argmax(needed))
        raise InfeasibleTargetError(
            f"the labels of sample {indices[row]}, {labels[row, : lengths[row]].tolist()}, need "
            f"{needed[row]} frames, one for each and one between equal neighbours, and the model "
            f"makes {frames} of {width} pixels; {self._advice(int(needed[row]))}"
        )

    def __call__(self, batch: Batch, terms: Terms) -> Columns:
        """The columns that the class tells of.

        Raises:
            InfeasibleTargetError: a target needs more frames than there are.
        """
        width = batch.images.shape[2]
        self.check_targets(batch.labels, batch.lengths, batch.indices, width)
        first, blank = self._classes(terms.alphabet)
        return {
            "image": channels_first(batch.images),
            "target": class_rows(batch.labels, terms, first=first, filling=blank),
            "target_length": batch.lengths,
            "input_length": np.full(len(batch), self.frames(width), np.int64),
            "text": batch.texts,
            "index": batch.indices,
        }

    def texts(self, classes: ArrayLike, alphabet: Alphabet) -> list[str]:
        """What a model's best classes read: repeats are joined, then blanks taken out.

        Args:
            classes: whole numbers, shape (batch, frames): the best class of each frame.
            alphabet: the labels, as `Samples.alphabet` has them.

        Raises:
            ArgumentValueError: a class that there is not.

        >>> digits = Alphabet.of({number: str(number) for number in range(10)})
        >>> CtcCollate().texts([[0, 3, 3, 0, 3, 8], [2, 2, 2, 0, 0, 0]], digits)
        ['227', '1']
        """
        best = np.asarray(classes)
        first, blank = self._classes(alphabet)
        if best.size and not 0 <= int(best.min()) <= int(best.max()) <= len(alphabet.texts):
            raise ArgumentValueError(
                f"classes lie from 0 to {len(alphabet.texts)}, the blank among them; there are "
                f"some from {best.min()} to {best.max()}"
            )
        kept = best != blank
        kept[:, 1:] &= best[:, 1:] != best[:, :-1]
        return [
            "".join([alphabet.texts[label - first] for label in row[own].tolist()])
            for row, own in zip(best, kept, strict=True)
        ]

    def _classes(self, alphabet: Alphabet) -> tuple[int, int]:
        """The class of the first label, and that of the blank."""
        return (1, 0) if self.blank == 0 else (0, len(alphabet.texts))

    def _advice(self, needed: int) -> str:
        if callable(self.stride):
            return f"use wider pictures, or a model with {needed} frames or more"
        return f"use a width of {needed * self.stride} or more, or a smaller stride"


def class_count(alphabet: Alphabet) -> int:
    """How many classes a CTC model tells apart: the labels, and the blank."""
    return len(alphabet.texts) + 1


def _check_stride(stride: object) -> None:
    if not is_whole_number(stride):
        raise ArgumentTypeError(
            f"a stride is a whole number of pixels such as 4, or a function from the width to the "
            f"frames, not {shown(stride)}"
        )
    if stride < 1:
        raise ArgumentValueError(f"a stride is at least 1 pixel, {shown(stride)} is not")
