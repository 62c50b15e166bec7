"""Pictures made ahead: one call after another at nearly the price of a batch."""

from typing import Any

import numpy as np

from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest
from image_sequence.plan import FloatImages
from image_sequence.steps.pipeline import Pipeline

_MOST_AHEAD = 64  # Pictures: a batch of so many takes about a third of the time, one by one.
_PIXELS_AHEAD = 2**20  # 4 MB of them.


class Ahead:
    """Pictures one at a time at nearly the price of a batch.

    Who asks for the same again has more of it made at once, twice as many each time. Since sample
    i depends on nothing but its index, nobody can tell.
    """

    def __init__(self, composer: Composer) -> None:
        self._composer = composer
        self._request: SequenceRequest | None = None
        self._first = 0
        self._images: Any = np.empty((0, 1, 1), np.float32)

    def image(self, request: SequenceRequest, index: int) -> FloatImages:
        """The image of sample `index`, the caller's own."""
        position = index - self._first
        if request != self._request or not 0 <= position < len(self._images):
            count = self._count(request, index)
            self._images = self._made(request, index, count)
            self._request, self._first, position = request, index, 0
        image: FloatImages = self._images[position].copy()
        return image

    def _made(self, request: SequenceRequest, index: int, count: int) -> Any:
        try:
            plan = self._composer.plan(request, index + np.arange(count))
            return self._composer.render(plan).images
        except Exception:
            # A plug-in may fail for a later sample; the one that is asked for is not to suffer.
            if count == 1:
                raise
            return self._made(request, index, 1)

    def _count(self, request: SequenceRequest, index: int) -> int:
        goes_on = request == self._request and index == self._first + len(self._images)
        # imgaug takes a millisecond a picture, made ahead or not; steps are like the rest.
        transform = self._composer.transform
        if not goes_on or not (transform is None or isinstance(transform, Pipeline)):
            return 1
        fitting: int = _PIXELS_AHEAD // self._images[0].size
        return max(1, min(2 * len(self._images), _MOST_AHEAD, fitting))
