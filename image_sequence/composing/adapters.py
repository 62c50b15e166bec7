"""Other libraries' augmentations as transforms of glyphs.

Which to choose:

- `from_imgaug` for an augmenter of imgaug, ready-made or built by a function;
- `Albumentations` for a pipeline or a transform of Albumentations 2.0.8;
- `Torchvision` for `torchvision.transforms.v2`, a `torch.nn.Module` or any function of a tensor;
- `composing.transforms.PerSample` for a function that wants one sample's glyphs as an array and a
  NumPy generator to draw from;
- nothing at all for a function of a whole batch and `Draws`: it is a transform as it is, and faster
  than all of these, which hand over one glyph or one sample at a time.

A library is imported when its transform is first called. What it is handed is ink, 0.0 for paper
and 1.0 for ink, so white digits on black: what it fills borders with should be 0, as it mostly is.
Glyphs with widths of their own are handed over that wide, and the paper beside them stays.

Results repeat from the seed on the same versions of a library, of OpenCV and of NumPy.
"""

import os
import pickle
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.composing.imgaug_adapter import Augmenter, ImgaugTransform
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, LibraryError, PluginError, shown
from image_sequence.plan import FloatImages

_ALBUMENTATIONS = "2.0.8"  # The last one under the MIT licence; AlbumentationsX begins at 2.0.9.
_ALBUMENTATIONS_ADVICE = (
    "the extra image-sequence[albumentations] brings the one that works, 2.0.8; "
    "how to have it beside imgaug's OpenCV is in the README, Servers without a screen"
)
_TORCH_ADVICE = "pip install torch, or the extra image-sequence[torch]"
_STAY_AT_HOME = "NO_ALBUMENTATIONS_UPDATE"

# torch has one generator on the CPU for all threads: two must not seed it in turn.
_TORCH_GENERATOR = threading.RLock()


def from_imgaug(augmenter: Callable[[Any, Any], Augmenter] | Augmenter) -> ImgaugTransform:
    """A transform from an imgaug augmenter, or from a function that builds one.

    All parts of the augmenter draw from the samples' own numbers: seeds that it was built with have
    no effect. A function pickles as its name, a ready-made augmenter as a copy.

    Args:
        augmenter: an augmenter, of which a copy is kept; or a function of (`imgaug.augmenters`,
            seed) as `ImgaugTransform` wants it.

    Raises:
        ArgumentTypeError: it is neither.

    >>> transform = from_imgaug(lambda augmenters, seed: augmenters.Fliplr(0.5, seed=seed))
    """
    if hasattr(augmenter, "augment_images") and not isinstance(augmenter, type):
        return ImgaugTransform(_Copies(deepcopy(augmenter)))
    if not callable(augmenter) or isinstance(augmenter, type):
        raise ArgumentTypeError(
            f"{shown(augmenter)} is no imgaug augmenter; one that is ready-made works, "
            f"or a function of (imgaug.augmenters, seed) that builds one"
        )
    return ImgaugTransform(augmenter)


@dataclass(frozen=True, slots=True, eq=False)
class Albumentations:
    """A pipeline or a single transform of Albumentations as a transform of glyphs.

    Each glyph is an image of its own, float32, shape (height, width, 1), in colour (height, width,
    3), 0.0 paper … 1.0 ink. All steps draw from one source of the glyph's own. (The library's own
    `set_random_seed` gives every step the same seed: two steps of probability 0.5 are then taken
    together or not at all.)

    Attributes:
        pipeline: an `albumentations.Compose`, any other of its transforms, or a function without
            arguments that builds one. A function pickles as its name, a ready-made pipeline as a
            copy.

    Raises:
        ArgumentTypeError: the pipeline can be neither.
        LibraryError: when it is first called, if Albumentations does not load, or is another
            version than 2.0.8.

    >>> def tilted():
    ...     import albumentations
    ...     return albumentations.Rotate(limit=15, p=1.0)
    >>> transform = Albumentations(tilted)
    """

    pipeline: Any
    _own: threading.local = field(default_factory=threading.local, init=False, repr=False)

    def __post_init__(self) -> None:
        if not callable(self.pipeline):
            raise ArgumentTypeError(
                f"{shown(self.pipeline)} is no Albumentations pipeline; a Compose, any other of "
                f"its transforms or a function without arguments that builds one works"
            )

    def __call__(
        self, glyphs: FloatImages, rng: Draws, widths: NDArray[np.int64] | None = None
    ) -> FloatImages:
        """The changed glyphs: float32, of the shape of `glyphs`.

        Args:
            glyphs: float32, shape (batch, n, height, width), in colour (batch, n, height, width,
                3). They are changed in place.
            rng: random numbers, row k for sample k.
            widths: int64, shape (batch, n), pixels: a glyph's image is handed over as wide as that.

        Raises:
            PluginError: an image came back with another shape or not as floats.
        """
        pipeline = self._own_pipeline()
        for image, seed in _images_and_seeds(glyphs, rng, widths):
            # Its own object, not the module's: `random` itself stays as it is.
            pipeline.py_random.seed(seed)
            generator = np.random.Generator(np.random.Philox(key=seed))
            pipeline.set_random_state(generator, pipeline.py_random)
            changed = pipeline(image=image.copy())["image"]
            image[:] = _checked(changed, image.shape, "Albumentations pipeline")
        return glyphs

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        ready_made = _is_pipeline(self.pipeline)
        return type(self), (_pickled(self.pipeline) if ready_made else self.pipeline,)

    def _own_pipeline(self) -> Any:
        # A thread has its own: a pipeline keeps its random state and its parameters in itself.
        if not hasattr(self._own, "pipeline"):
            import_albumentations()
            ready_made = _is_pipeline(self.pipeline)
            pipeline = deepcopy(self.pipeline) if ready_made else self.pipeline()
            if not _is_pipeline(pipeline):
                raise PluginError(
                    f"{shown(self.pipeline)} built {shown(pipeline)}; "
                    f"an Albumentations pipeline or transform works"
                )
            self._own.pipeline = pipeline
        return self._own.pipeline


@dataclass(frozen=True, slots=True, eq=False)
class Torchvision:
    """A torchvision transform, a module or any function of a tensor as a transform of glyphs.

    Each glyph is a tensor of its own on the CPU: float32, shape (1, height, width), in colour (3,
    height, width), 0.0 paper … 1.0 ink. Whatever draws from torch's CPU generator repeats, which
    `torchvision.transforms.v2` does; that generator is afterwards in the state it was in. While the
    transform runs, other threads should not draw from it. What a module remembers from call to
    call, such as the running mean of a batch norm in training, would break repeatability.

    Attributes:
        transform: a function of a tensor that returns a tensor of the same shape, of floats. To be
            pickled, it must itself pickle.

    Raises:
        ArgumentTypeError: the transform cannot be called.
        LibraryError: when it is called, if torch does not load.

    >>> def fainter(image):
    ...     return image * 0.5
    >>> transform = Torchvision(fainter)
    """

    transform: Callable[[Any], Any]

    def __post_init__(self) -> None:
        if not callable(self.transform):
            raise ArgumentTypeError(
                f"{shown(self.transform)} is no function of a tensor; "
                f"a transform of torchvision.transforms.v2 or a torch.nn.Module works"
            )

    def __call__(
        self, glyphs: FloatImages, rng: Draws, widths: NDArray[np.int64] | None = None
    ) -> FloatImages:
        """The changed glyphs: float32, of the shape of `glyphs`.

        Args:
            glyphs: float32, shape (batch, n, height, width), in colour (batch, n, height, width,
                3). They are changed in place.
            rng: random numbers, row k for sample k.
            widths: int64, shape (batch, n), pixels: a glyph's image is handed over as wide as that.

        Raises:
            PluginError: something else came back than a tensor of floats of the same shape.
        """
        torch = _import_torch()
        with _TORCH_GENERATOR, torch.random.fork_rng(devices=[]), torch.no_grad():
            for image, seed in _images_and_seeds(glyphs, rng, widths):
                # Not torch.manual_seed, which seeds the accelerators' generators as well.
                torch.default_generator.manual_seed(seed)
                channels_first = np.moveaxis(image, 2, 0)
                changed = self.transform(torch.from_numpy(channels_first.copy()))
                array = changed.numpy() if isinstance(changed, torch.Tensor) else changed
                channels_first[:] = _checked(array, channels_first.shape, "torch transform")
        return glyphs


def import_albumentations() -> ModuleType:
    """The albumentations module; importing it asks nobody for newer versions.

    Raises:
        LibraryError: it is missing, does not load or is not version 2.0.8.
    """
    try:
        with _staying_at_home():
            import albumentations
    # A cv2 of two mixed wheels loads, and lacks names.
    except (ImportError, AttributeError) as error:
        raise LibraryError(
            f"Albumentations does not load: {error}; {_ALBUMENTATIONS_ADVICE}"
        ) from error
    version: str = albumentations.__version__
    if version != _ALBUMENTATIONS:
        raise LibraryError(
            f"Albumentations {version} is not used here, only {_ALBUMENTATIONS}: newer ones are "
            f"AlbumentationsX, under the AGPL, and older ones seed differently; "
            f"{_ALBUMENTATIONS_ADVICE}"
        )
    module: ModuleType = albumentations
    return module


@contextmanager
def _staying_at_home() -> Iterator[None]:
    """Keep Albumentations from asking PyPI for its newest version while it is imported."""
    kept = os.environ.get(_STAY_AT_HOME)
    os.environ[_STAY_AT_HOME] = "1"
    try:
        yield
    finally:
        del os.environ[_STAY_AT_HOME]
        if kept is not None:
            os.environ[_STAY_AT_HOME] = kept


def _import_torch() -> Any:
    try:
        import torch
    except ImportError as error:
        raise LibraryError(f"torch does not load: {error}; {_TORCH_ADVICE}") from error
    return torch


def _images_and_seeds(
    glyphs: FloatImages, rng: Draws, widths: NDArray[np.int64] | None
) -> Iterator[tuple[FloatImages, int]]:
    """Each glyph's own pixels and a number of its own to draw from.

    Yields:
        a view of `glyphs`, float32, shape (height, the glyph's width, channels); and a whole
        number, 0 … 2**64 - 1.
    """
    images = glyphs if glyphs.ndim == 5 else glyphs[..., None]
    batch_size, count, _, width, _ = images.shape
    seeds = rng.raw(count)
    own = np.full((batch_size, count), width) if widths is None else widths
    for place in np.ndindex(batch_size, count):
        if own[place]:
            yield images[place][:, : own[place]], int(seeds[place])


def _checked(changed: object, shape: tuple[int, ...], name: str) -> NDArray[np.floating]:
    """An image that came back.

    Raises:
        PluginError: it has another shape, or is no array of floats.
    """
    if not isinstance(changed, np.ndarray):
        raise PluginError(
            f"the {name} returned {shown(changed)}; an image of the shape {shape} works"
        )
    if changed.dtype.kind != "f" or changed.shape != shape:
        raise PluginError(
            f"the {name} returned {changed.dtype} of the shape {changed.shape}; "
            f"floats of the shape that it was handed, {shape}, work"
        )
    return changed


def _is_pipeline(value: object) -> bool:
    """Whether it is an object of Albumentations, not a function or a class that makes one."""
    return hasattr(value, "set_random_state") and not isinstance(value, type)


@dataclass(frozen=True, slots=True, eq=False)
class _Copies:
    """A function that hands out copies of an object, and pickles as `_Pickled`."""

    original: Any

    def __call__(self, *_: object) -> Any:
        return deepcopy(self.original)

    def __reduce__(self) -> tuple[object, ...]:
        return _Pickled, (_pickled(self.original).data,)


@dataclass(frozen=True, slots=True)
class _Pickled:
    """A function that unpickles an object: its library is loaded no earlier than that."""

    data: bytes = field(repr=False)

    def __call__(self, *_: object) -> Any:
        return pickle.loads(self.data)  # noqa: S301  # our own bytes


def _pickled(value: object) -> _Pickled:
    try:
        return _Pickled(pickle.dumps(value))
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise ArgumentTypeError(
            f"{shown(value)} does not pickle: {error}; "
            f"a function at the top of a module that builds it works"
        ) from error
