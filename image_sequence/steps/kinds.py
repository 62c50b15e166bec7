"""What a kind of step is: a name, parameters with ranges, and a function of whole batches.

Images are float32, shape (count, height, width, channels), 0.0 … 1.0: for glyphs 0.0 is paper and
1.0 ink; for whole pictures 0.0 is black and 1.0 white. Points are float64, shape (count, m, 2), x
and y in pixels from the upper left corner of the image; the middle of its first pixel is
(0.5, 0.5).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.plan import FloatImages

Values: TypeAlias = Mapping[str, NDArray[np.float64]]
"""By a parameter's name: float64, shape (count,), one value for each image."""

Points: TypeAlias = NDArray[np.float64]
Matrices: TypeAlias = NDArray[np.float64]
Size: TypeAlias = tuple[int, int]


class Noise(Protocol):
    """Random numbers for single pixels: each image has its own, whatever else is in the batch."""

    def uniform(self, *shape: int) -> FloatImages:
        """Numbers uniform over (0, 1), never 0 or 1: float32, shape `(count, *shape)`."""
        ...

    def normal(self, *shape: int) -> FloatImages:
        """Numbers of mean 0 and deviation 1: float32, shape `(count, *shape)`."""
        ...


class Change(Protocol):
    """What a step does to images."""

    def __call__(self, images: FloatImages, values: Values, noise: Noise, /) -> FloatImages:
        """The changed images.

        Image k depends on `images[k]`, `values[…][k]` and row k of the noise alone, bit for bit.

        Args:
            images: float32, shape (count, height, width, channels). It may be changed in place.
            values: the parameters.
            noise: more random numbers.

        Returns:
            float32, of the same shape; it need not be clipped.
        """
        ...


Move: TypeAlias = Callable[[Values, Size], Matrices]
"""Where points go: of the values and the images' height and width, float64 (count, 3, 3).

A matrix takes (x, y, 1) of the unchanged image to (x w, y w, w) of the changed one.
"""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a step is drawn with.

    Attributes:
        name: what it is called in a configuration.
        unit: what it is measured in, such as "degrees", "pixels", "factor", "share" or "level".
        least: the smallest value that may be asked for.
        most: the largest value that may be asked for.
        usual: the range that is drawn from where none is said; both ends alike for one value. A
            parameter that should not change anything unless asked has its neutral value here.
        whole: whether only whole numbers are drawn, both ends of a range included.
    """

    name: str
    unit: str
    least: float
    most: float
    usual: tuple[float, float]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step.

    Attributes:
        name: what it is called in a configuration.
        summary: what it does, in a sentence.
        parameters: what it is drawn with.
        change: what it does.
        move: where points go; None for a kind that moves nothing.
        displace: where points go in a kind that moves them by its noise: of points, values, noise
            and the images' size, the moved points; None for all others.
    """

    name: str
    summary: str
    parameters: tuple[Parameter, ...]
    change: Change = field(repr=False)
    move: Move | None = field(default=None, repr=False)
    displace: Callable[[Points, Values, Noise, Size], Points] | None = field(
        default=None, repr=False
    )


def unchanged(images: FloatImages, _values: Values, _noise: Noise) -> FloatImages:
    """The images as they are: of kinds that only draw values, or only say where points go."""
    return images
