"""Transforms: what happens to each glyph's own image before it is placed.

A transform is a function of the glyphs of a whole batch and `Draws`; `PerSample` makes one of a
function that wants one sample's at a time. Pass it to `DigitSequence(transform=…)`; `classic` is
what `"transform": true` in a configuration stands for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.imgaug_adapter import ImgaugTransform
from image_sequence.draws import Draws
from image_sequence.errors import PluginError
from image_sequence.plan import FloatImages

TRANSFORM_STREAM = "transform"
"""The random stream that transforms draw from."""


class Transform(Protocol):
    """Any function of this form is a transform.

    Where glyphs have widths of their own, the rest of their images is paper and stays so, whatever
    is returned there. A function with a parameter `widths` is handed them there, by that name:
    int64, shape (batch, n), pixels.

    >>> def fainter(glyphs, rng):
    ...     '''Each sample's ink at its own strength, from a half to the whole.'''
    ...     strength = rng.uniform(0.5, 1.0, 1)
    ...     return glyphs * strength[:, :, None, None]
    """

    def __call__(self, glyphs: FloatImages, rng: Draws, /) -> FloatImages:
        """The changed glyphs.

        Args:
            glyphs: float32, shape (batch, n, height, width), 0.0 paper … 1.0 ink: n glyphs of each
                of `rng.batch_size` samples; in colour with a last axis, 3, for the ink of red,
                green and blue. It may be changed in place.
            rng: random numbers, row k for sample k.

        Returns:
            Floats of the same shape; they are clipped to 0.0 … 1.0.
        """
        ...


@dataclass(frozen=True, slots=True)
class PerSample:
    """A transform from a function that is handed the glyphs of one sample at a time.

    For libraries whose results depend on which images share a call, and for code that wants to draw
    from a NumPy generator. A function of a whole batch is a transform as it is, and faster.

    Attributes:
        function: of glyphs, float32, shape (n, height, width), in colour (n, height, width, 3),
            0.0 paper … 1.0 ink, and the sample's own generator; it returns floats of the same
            shape.

    >>> def stained(glyphs, generator):
    ...     '''One pixel of ink somewhere in each glyph.'''
    ...     rows, columns = generator.integers(28, size=(2, len(glyphs)))
    ...     glyphs[np.arange(len(glyphs)), rows, columns] = 1.0
    ...     return glyphs
    >>> transform = PerSample(stained)
    """

    function: Callable[[FloatImages, "np.random.Generator"], FloatImages]

    def __call__(self, glyphs: FloatImages, rng: Draws) -> FloatImages:
        """The changed glyphs of all samples.

        Raises:
            PluginError: the function returned another shape.
        """
        for sample, generator in zip(glyphs, rng.generators(), strict=True):
            changed = self.function(sample, generator)
            if np.shape(changed) != sample.shape:
                raise PluginError(
                    f"the transform {getattr(self.function, '__name__', self.function)} returned "
                    f"the shape {np.shape(changed)}; that of the glyphs, {sample.shape}, works"
                )
            sample[:] = changed
        return glyphs


def classic(
    glyphs: FloatImages, rng: Draws, widths: NDArray[np.int64] | None = None
) -> FloatImages:
    """The classic pipeline: four imgaug steps in random order, then each glyph stretched to 0 … 1.

    Each step has its own probability for each glyph: Gaussian blur 0.1, elastic transformation
    0.15, dropout of a tenth of the ink's pixels 0.3, crop of up to a quarter from each side and
    scaling back 0.3. A pixel that drops out loses the ink of all colours.

    Raises:
        LibraryError: imgaug or OpenCV does not load.
    """
    # Elastic and crop ring below 0; stretching that to 0 would turn the paper around it grey.
    return stretched(np.clip(_CLASSIC_STEPS(glyphs, rng, widths), 0.0, 1.0), widths)


def stretched(glyphs: FloatImages, widths: NDArray[np.int64] | None = None) -> FloatImages:
    """Each glyph's values stretched so that its palest pixel is 0.0 and its darkest 1.0.

    A glyph of one single value has nothing to stretch and stays as it is. In colour the palest and
    the darkest value are those of all colours together, which keeps the hue.

    Args:
        glyphs: float32, shape (batch, n, height, width), or with a last axis for colours.
        widths: int64, shape (batch, n), pixels: the columns that count; None for all.

    >>> stretched(np.float32([[[[0.25, 0.5]], [[0.5, 0.5]]]])).tolist()
    [[[[0.0, 1.0]], [[0.5, 0.5]]]]
    """
    axes = tuple(range(2, glyphs.ndim))
    own: Any = True
    if widths is not None:
        own = np.arange(glyphs.shape[3]) < widths[..., None, None]
        own = own.reshape(*own.shape, *[1] * (glyphs.ndim - 4))
    lowest = glyphs.min(axis=axes, keepdims=True, where=own, initial=np.inf)
    span = glyphs.max(axis=axes, keepdims=True, where=own, initial=-np.inf) - lowest
    return np.where(span > 0, (glyphs - lowest) / np.where(span > 0, span, 1), glyphs)


def _classic_steps(augmenters: Any, seed: Any) -> Any:
    # imgaug drops to 0, which is paper here: dropout takes ink away and never adds specks.
    steps = (
        (0.1, augmenters.GaussianBlur(sigma=(0.0, 0.05), seed=seed)),
        (0.15, augmenters.ElasticTransformation(alpha=(0.5, 0.6), sigma=0.15, seed=seed)),
        (0.3, augmenters.Dropout(p=0.1, seed=seed)),
        (0.3, augmenters.Crop(percent=(0.0, 0.25), seed=seed)),
    )
    likely = [augmenters.Sometimes(p, step, seed=seed) for p, step in steps]
    return augmenters.Sequential(likely, random_order=True, seed=seed)


_CLASSIC_STEPS = ImgaugTransform(_classic_steps)
