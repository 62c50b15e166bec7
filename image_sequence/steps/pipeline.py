"""Pipelines: steps one after another, drawn for a batch and carried out on all its images."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from math import prod
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import Draws
from image_sequence.plan import DrawnStep, FloatImages
from image_sequence.steps.kinds import Kind, Matrices, Noise, Parameter, Points, Size, Values

PER = ("glyph", "sequence")

_LEVELS = 1 << 16  # How many different numbers noise has: a word of random bits makes four.
_NEARLY_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of step, and where its values come from.

    Attributes:
        kind: what it does.
        ranges: by a parameter's name the least and the largest value; drawn uniformly between.
        p: how probable it is that it takes place, 0 … 1.
        per: "glyph": whether and how is drawn for each glyph on its own; "sequence": for all
            glyphs of a picture together.
        spread: for "sequence", how far glyphs differ, as a share of a range: from 0, where all of
            a picture have one value, to 1, where each has its own.
    """

    kind: Kind
    ranges: Mapping[str, tuple[float, float]]
    p: float = 1.0
    per: str = "glyph"
    spread: float = 0.0

    def drawn(self, rng: Draws, count: int) -> DrawnStep:
        """Its values for `count` images of each sample.

        Each parameter has a random stream of its own, so adding one changes no other.
        """
        applied = self._shares(rng.named("applied"), count, 0.0) < self.p
        values = {
            parameter.name: self._values(parameter, rng.named(parameter.name), count)
            for parameter in self.kind.parameters
        }
        return DrawnStep(self.kind.name, applied, values)

    def _values(self, parameter: Parameter, rng: Draws, count: int) -> NDArray[np.float64]:
        low, high = self.ranges[parameter.name]
        shares = self._shares(rng, count, self.spread)
        if parameter.whole:
            return np.minimum(np.floor(low + (high - low + 1) * shares), high)
        return low + (high - low) * shares

    def _shares(self, rng: Draws, count: int, spread: float) -> NDArray[np.float64]:
        """How far into a range each value lies: float64, shape (batch, count), 0 … 1."""
        if self.per == "glyph":
            return rng.uniform(0, 1, count)
        common = np.repeat(rng.uniform(0, 1, 1), count, axis=1)
        return (1 - spread) * common + spread * rng.uniform(0, 1, count)


@dataclass(frozen=True, eq=False)
class RowNoise:
    """Noise of images: each has its own by its sample's index and its place in the sample.

    Attributes:
        rng: row k for sample k.
        rows: int64, shape (images,): which sample each image belongs to.
        places: int64, shape (images,): which of the sample's images it is.
    """

    rng: Draws
    rows: NDArray[np.int64]
    places: NDArray[np.int64]

    def uniform(self, *shape: int) -> FloatImages:
        """Numbers uniform over (0, 1): float32, shape (images, *shape)."""
        levels = self._levels(shape)
        return (levels.astype(np.float32) + np.float32(0.5)) * np.float32(1 / _LEVELS)

    def normal(self, *shape: int) -> FloatImages:
        """Numbers of mean 0 and deviation 1: float32, shape (images, *shape)."""
        return np.take(_normal_quantiles(), self._levels(shape))

    def _levels(self, shape: tuple[int, ...]) -> NDArray[np.uint16]:
        size = prod(shape)
        words = self.rng.runs(self.rows, self.places, -(-size // 4)).astype("<u8", copy=False)
        return words.view("<u2")[:, :size].reshape(-1, *shape)


@lru_cache(maxsize=1)
def _normal_quantiles() -> FloatImages:
    # A table, since the rounding of a vectorised logarithm may depend on what stands beside it.
    quantile = NormalDist().inv_cdf
    lower = [quantile((level + 0.5) / _LEVELS) for level in range(_LEVELS // 2)]
    return np.array([*lower, *(-value for value in reversed(lower))], np.float32)


@dataclass(frozen=True)
class Pipeline:
    """Steps one after another; some may be shuffled among themselves, for each image anew.

    Attributes:
        steps: from the first to the last.
        shuffled: runs of `steps`, first and end of each, whose order is drawn.

    As a function of glyphs and `Draws` it is a transform like any other.
    """

    steps: tuple[Step, ...]
    shuffled: tuple[tuple[int, int], ...] = ()

    def drawn(self, rng: Draws, count: int) -> tuple[DrawnStep, ...]:
        """The values of all steps, for `count` images of each sample: shape (batch, count)."""
        drawn = [
            step.drawn(self._named(rng, number), count) for number, step in enumerate(self.steps)
        ]
        for first, end in self.shuffled:
            run = range(first, end)
            keys = [self._named(rng, n).named("place").uniform(0, 1, count) for n in run]
            places = np.argsort(keys, axis=0, kind="stable").argsort(axis=0)
            for number, of_step in zip(run, places, strict=True):
                drawn[number] = replace(drawn[number], places=of_step)
        return tuple(drawn)

    def _named(self, rng: Draws, number: int) -> Draws:
        return rng.named(f"{number}/{self.steps[number].kind.name}")

    def turns(self, drawn: Sequence[DrawnStep]) -> Iterator[tuple[int, NDArray[np.bool_]]]:
        """What takes place, one after the other: a step's number, and of which images."""
        for number, place in self._order:
            applied = drawn[number].applied
            places = drawn[number].places
            yield number, applied if places is None else applied & (places == place)

    @cached_property
    def _order(self) -> tuple[tuple[int, int], ...]:
        ends = dict(self.shuffled)
        order, number = [], 0
        while number < len(self.steps):
            end = ends.get(number, number + 1)
            order += [(n, place) for place in range(end - number) for n in range(number, end)]
            number = end
        return tuple(order)

    def changed(
        self,
        images: FloatImages,
        drawn: Sequence[DrawnStep],
        present: NDArray[np.bool_],
        rng: Draws,
    ) -> FloatImages:
        """The images after all steps.

        Args:
            images: float32, shape (count, height, width, channels), 0.0 … 1.0, in the order of
                `present`. It may be changed in place.
            drawn: what `drawn` made, for the samples of `present`.
            present: bool, shape (batch, n): which images there are.
            rng: what `drawn` was handed.
        """
        rows, places = present.nonzero()
        for number, mask in self.turns(drawn):
            which = np.flatnonzero(np.broadcast_to(mask, present.shape)[present])
            if not which.size:
                continue
            # Anew in each turn: a shuffled step has several, but each image in one of them only.
            noise = RowNoise(self._named(rng, number).named("noise"), rows[which], places[which])
            values = _flattened(drawn[number].values, present, which)
            images = _with(images, which, self.steps[number].kind, values, noise)
            np.clip(images, 0, 1, out=images)
        return images

    def moved(
        self,
        points: Points,
        drawn: Sequence[DrawnStep],
        sizes: tuple[int, NDArray[np.int64]],
        rng: Draws,
    ) -> Points:
        """Where points of the unchanged images are after all steps.

        Args:
            points: float64, shape (n, m, 2): m points of each image of one sample.
            drawn: of that sample, still a batch of one.
            sizes: the images' height, and the width of each: int64, shape (n,), pixels.
            rng: what `drawn` was handed.
        """
        present = np.ones((1, len(points)), np.bool_)
        points = points.astype(np.float64)
        height, widths = sizes
        for number, mask in self.turns(drawn):
            applied = np.broadcast_to(mask, present.shape)[0]
            for width in np.unique(widths[applied]).tolist():
                which = np.flatnonzero(applied & (widths == width))
                values = _flattened(drawn[number].values, present, which)
                noise_rng = self._named(rng, number).named("noise")
                noise = RowNoise(noise_rng, np.zeros_like(which), which)
                kind, size = self.steps[number].kind, (height, width)
                points[which] = _moved_by(kind, points[which], values, noise, size)
        return points

    def matrices(self, drawn: Sequence[DrawnStep], size: Size) -> Matrices:
        """Where points of pictures go: the product of all steps: float64, shape (batch, 3, 3)."""
        product = np.broadcast_to(np.eye(3), (len(drawn[0].applied), 3, 3))
        for number, mask in self.turns(drawn):
            move = self.steps[number].kind.move
            if move is not None:
                values = {name: value[:, 0] for name, value in drawn[number].values.items()}
                # Not "@": what BLAS makes of a batch may differ from what it makes of one.
                after = np.where(mask[:, :1, None], move(values, size), np.eye(3))
                product = multiplied(after, product)
        return product

    def __call__(self, glyphs: FloatImages, rng: Draws) -> FloatImages:
        """The changed glyphs, as `Transform` says."""
        present = np.ones(glyphs.shape[:2], np.bool_)
        drawn = self.drawn(rng, glyphs.shape[1])
        images = glyphs.reshape(-1, *glyphs.shape[2:4], glyphs[0, 0, 0, 0].size)
        return self.changed(images, drawn, present, rng).reshape(glyphs.shape)


def _moved_by(kind: Kind, points: Points, values: Values, noise: Noise, size: Size) -> Points:
    if kind.move is not None:
        return carried(points, kind.move(values, size))
    return points if kind.displace is None else kind.displace(points, values, noise, size)


def multiplied(after: Matrices, before: Matrices) -> Matrices:
    """Products of matrices, each the same in a batch as alone: float64, shape (count, 3, 3)."""
    columns = [after[:, :, k, None] * before[:, k, None, :] for k in range(3)]
    return columns[0] + columns[1] + columns[2]


def carried(points: Points, matrices: Matrices) -> Points:
    """Points where matrices take them: float64, shape (count, m, 2)."""
    x, y = points[..., 0], points[..., 1]
    rows = matrices[:, :, None, :]
    to = [rows[:, k, :, 0] * x + rows[:, k, :, 1] * y + rows[:, k, :, 2] for k in range(3)]
    return np.stack([to[0] / to[2], to[1] / to[2]], axis=-1)


def _flattened(
    values: Values, present: NDArray[np.bool_], which: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    return {
        name: np.broadcast_to(value, present.shape)[present][which]
        for name, value in values.items()
    }


def _with(
    images: FloatImages, which: NDArray[np.int64], kind: Kind, values: Values, noise: Noise
) -> FloatImages:
    if which.size == len(images):
        return kind.change(images, values, noise)
    images[which] = kind.change(images[which], values, noise)
    return images
