"""`Evaluation`: what a trained model reads rightly and wrongly in a data set."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from image_sequence.datasets.viewing import Viewed
from image_sequence.generator import ImageSequence
from image_sequence.inspecting.alignment import Alignment, align
from image_sequence.inspecting.breakdowns import (
    Classes,
    Group,
    SampleGroup,
    beside_equals,
    groups_of,
    in_steps,
    narrowest_gaps,
    sample_groups,
)
from image_sequence.inspecting.intervals import CONFIDENCE, Rate, rate_over_samples, share
from image_sequence.inspecting.misread import Misread, most_wrong
from image_sequence.inspecting.predictions import Predictions
from image_sequence.inspecting.rows import Rows
from image_sequence.inspecting.slants import slants
from image_sequence.inspecting.source_glyphs import SourceGlyph, most_misread
from image_sequence.inspecting.truths import Truths, read_truths
from image_sequence.inspecting.units import Units, in_order, text_of
from image_sequence.plan import ABSENT

SCHEMA = "image-sequence/evaluation/1"
"""The name of the form of `Evaluation.to_dict`."""

WORST = 24
"""How many of the worst samples and glyphs are shown, if nobody says."""

_DEGREES = 10  # Of slant, to a group.


def evaluate(
    samples: Iterable[Viewed],
    predictions: Predictions,
    *,
    generator: ImageSequence | None = None,
    partial: bool = False,
) -> "Evaluation":
    """What the predictions are worth.

    Args:
        samples: all of a data set, read once.
        predictions: what a model has read on them.
        generator: what made the samples, if anybody knows: it has the glyphs and all labels.
        partial: whether samples without a prediction are left out.

    Raises:
        RecordError: a record lacks what it needs.
        ArgumentValueError: samples without predictions, or predictions without samples.
    """
    truths = read_truths(samples, predictions, partial=partial)
    known = () if generator is None else generator.class_names.values()
    units = Units([*truths.names, *in_order(set(known) - set(truths.names))])
    reads = Rows.of(map(units.numbers, truths.predictions))
    return Evaluation(truths, align(truths.labels, reads), units, generator)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a model reads rightly and wrongly. Shares of mistakes are of labels.

    Attributes:
        truths: what the pictures show.
        alignment: how it was read; labels are numbers in `units.texts`.
        units: the labels, and what else was read.
        generator: what made the pictures, if anybody knows.
    """

    truths: Truths
    alignment: Alignment
    units: Units
    generator: ImageSequence | None = field(default=None, repr=False)

    @property
    def unit(self) -> str:
        """What mistakes are counted in: "character", or "label" where labels have several."""
        return "character" if self.units.are_characters else "label"

    @cached_property
    def exact(self) -> Rate:
        """How many samples were read without a mistake, with Wilson's interval."""
        right = self.alignment.distances == 0
        return share(int(right.sum()), right.size)

    @cached_property
    def mistakes(self) -> Mapping[str, Rate]:
        """Mistakes to a label, all of them and by kind, with the intervals of a rate over samples.

        All of them together are the character error rate, where labels are characters.
        """
        alignment = self.alignment
        kinds = {
            "all": alignment.distances,
            "substitutions": alignment.truths.sums(alignment.substituted),
            "insertions": alignment.reads.sums(alignment.inserted),
            "deletions": alignment.truths.sums(alignment.deleted),
        }
        lengths = alignment.truths.lengths
        return {kind: rate_over_samples(counts, lengths) for kind, counts in kinds.items()}

    @cached_property
    def by_length(self) -> tuple[SampleGroup, ...]:
        """Samples by how many labels they have."""
        return sample_groups(in_steps(self.truths.labels.lengths, origin=1), self.alignment)

    @cached_property
    def by(self) -> Mapping[str, tuple[Group, ...]]:
        """Labels by what they are, where they stand, and what is beside them.

        "label"; "position_from_left" and "position_from_right", from 1; "gap": pixels as drawn to
        the nearer neighbour, below 0 for an overlap; "repeat": whether an equal label is next to
        it; "slant": degrees to the right, of the source glyph; "writer". There are no groups where
        nobody knows: slants without the glyphs, writers.
        """
        labels = self.truths.labels
        places, lengths = labels.places(), np.repeat(labels.lengths, labels.lengths)
        gaps, has_neighbour = narrowest_gaps(self.truths.gaps, labels)
        repeats = Classes(
            beside_equals(labels).astype(np.int64), ("no equal neighbour", "an equal neighbour")
        )
        classes = {
            "label": self._label_classes(),
            "position_from_left": in_steps(places + 1, origin=1),
            "position_from_right": in_steps(lengths - places, origin=1),
            "gap": in_steps(gaps, origin=0, known=has_neighbour),
            "repeat": repeats,
            "slant": self._slant_classes(),
            "writer": self._writer_classes(),
        }
        return {name: groups_of(one, self.alignment) for name, one in classes.items()}

    def _label_classes(self) -> Classes:
        names = in_order(self.truths.names)
        places = {name: place for place, name in enumerate(names)}
        numbers = np.array([places[name] for name in self.truths.names])
        return Classes(numbers[self.truths.labels.values], names)

    def _slant_classes(self) -> Classes:
        indices = self.truths.glyph_indices
        if self.generator is None:
            return Classes(np.full(indices.size, ABSENT), ())
        used, numbers = np.unique(indices, return_inverse=True)
        degrees = slants(self.generator.images[used])[numbers]
        known = np.isfinite(degrees)
        tens = np.floor(np.where(known, degrees, 0) / _DEGREES).astype(np.int64)
        least = int(tens.min())
        names = [f"{ten * 10}° to {ten * 10 + 10}°" for ten in range(least, int(tens.max()) + 1)]
        return Classes(np.where(known, tens - least, ABSENT), names)

    def _writer_classes(self) -> Classes:
        writers, numbers = np.unique(self.truths.writers, return_inverse=True)
        unknown = int((writers == ABSENT).sum())
        return Classes(numbers - unknown, list(map(str, writers[unknown:].tolist())))

    @cached_property
    def confusion(self) -> Mapping[str, Mapping[str, int]]:
        """How often each label was read as what, by their texts.

        "" stands for nothing: as what was read, for a label that was left out; as a label, for what
        is not there.
        """
        alignment, texts = self.alignment, self.units.texts
        extra = alignment.reads.values[alignment.inserted]
        there = np.concatenate([alignment.truths.values, np.full(extra.size, ABSENT)])
        read = np.concatenate([alignment.read_as, extra])
        pairs, counts = np.unique(np.stack([there, read], axis=1), axis=0, return_counts=True)
        table: dict[str, dict[str, int]] = {}
        for (label, other), count in zip(pairs.tolist(), counts.tolist(), strict=True):
            table.setdefault(text_of(label, texts), {})[text_of(other, texts)] = count
        return {
            label: {read: table[label][read] for read in in_order(table[label])}
            for label in in_order(table)
        }

    def glyphs(self, count: int = WORST) -> tuple[SourceGlyph, ...]:
        """The source glyphs that are misread most surely: by the lower ends of their intervals."""
        return most_misread(self.truths, self.alignment, self.units.texts, count)

    def worst(self, count: int = WORST) -> tuple[Misread, ...]:
        """The samples with most mistakes; of those the longest first, then in their order."""
        return most_wrong(self.truths, self.alignment, self.units.texts, count)

    def to_dict(self, *, worst: int = WORST) -> dict[str, Any]:
        """All figures in plain JSON values; keys stay as they are while `SCHEMA` does.

        - "exact", "error_rate", "substitutions", "insertions", "deletions", and in "by_length"
          "exact" and "mistakes": {"count", "of", "rate", "low", "high"}; a rate is null of 0.
        - "by_length": a list of {"group", "exact", "mistakes"}.
        - "by_label", "by_position_from_left", "by_position_from_right", "by_gap", "by_repeat",
          "by_slant", "by_writer": lists of {"group", "labels", "substitutions", "deletions",
          "rate", "low", "high"}, empty where nobody knows; see `by`.
        - "confusion": {label: {what it was read as: count}}; see `confusion`.
        - "worst_glyphs": a list of {"glyph_digest", "glyph_index", "label", "read_as"} and of what
          a group has; see `glyphs`.
        - "worst_samples": a list of {"index", "file_name", "text", "prediction", "mistakes",
          "aligned"}; "aligned" has pairs of a label and what was read, "" for nothing.

        Args:
            worst: how many samples and glyphs are listed at the most.
        """
        mistakes = {kind: rate.to_dict() for kind, rate in self.mistakes.items()}
        return {
            "schema": SCHEMA,
            "confidence": CONFIDENCE,
            "unit": self.unit,
            "samples": len(self.truths.predictions),
            "samples_without_prediction": self.truths.unread,
            "exact": self.exact.to_dict(),
            "error_rate": mistakes.pop("all"),
            **mistakes,
            "by_length": [group.to_dict() for group in self.by_length],
            **{
                f"by_{name}": [group.to_dict() for group in groups]
                for name, groups in self.by.items()
            },
            "confusion": self.confusion,
            "worst_glyphs": [glyph.to_dict() for glyph in self.glyphs(worst)],
            "worst_samples": [sample.to_dict() for sample in self.worst(worst)],
        }
