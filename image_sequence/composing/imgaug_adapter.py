"""imgaug 0.4.0, which is no longer maintained, on today's NumPy, Pillow and SciPy.

imgaug uses names that NumPy has dropped. Its modules, and they alone, are shown a stand-in for
numpy that has them: their `import numpy` goes through builtins of their own. Nothing is added to
the `numpy`, `cv2`, `PIL` or `scipy` that everybody else imports. No other module imports imgaug.
"""

import builtins
import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from image_sequence.draws import Draws
from image_sequence.errors import LibraryError, PluginError
from image_sequence.opencv import import_opencv
from image_sequence.plan import FloatImages

Augmenter: TypeAlias = Any  # imgaug.augmenters.Augmenter: imgaug has no types.


@dataclass(frozen=True, slots=True, eq=False)
class ImgaugTransform:
    """An imgaug augmenter as a transform: each sample's glyphs on their own, from its own numbers.

    It pickles as the function that builds the augmenter, so a fresh process makes its own.

    Attributes:
        build: a function of (`imgaug.augmenters`, seed) that returns the augmenter. It passes
            `seed=seed` to each augmenter, or imgaug will draw a seed from NumPy's global state.

    Raises:
        LibraryError: when it is first called, if imgaug or OpenCV does not load.
    """

    build: Callable[[Any, Any], Augmenter]
    _own: threading.local = field(default_factory=threading.local, init=False, repr=False)

    def __call__(
        self, glyphs: FloatImages, rng: Draws, widths: NDArray[np.int64] | None = None
    ) -> FloatImages:
        """The augmented glyphs: float32, of the shape of `glyphs`.

        Args:
            glyphs: float32, shape (batch, n, height, width), in colour (batch, n, height, width,
                3). They are changed in place.
            rng: random numbers, row k for sample k.
            widths: int64, shape (batch, n), pixels: to imgaug, a glyph's image is as wide as that.
        """
        augmenter, source = self._augmenter()
        images = glyphs if glyphs.ndim == 5 else glyphs[..., None]
        # One call a sample: what imgaug does to an image depends on which others share the call.
        for number, generator in enumerate(rng.generators()):
            source.generator = generator
            sample = images[number]
            if widths is None:
                augmented = augmenter.augment_images(sample)
                _check_size([augmented], [sample])
                sample[:] = augmented
                continue
            own = [image[:, :width] for image, width in zip(sample, widths[number], strict=True)]
            changed = augmenter.augment_images(own)
            _check_size(changed, own)
            for image, augmented in zip(own, changed, strict=True):
                image[:] = augmented
        return glyphs

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        return type(self), (self.build,)

    def _augmenter(self) -> tuple[Augmenter, Any]:
        # A thread has its own: two threads must not set one source of numbers in turn.
        if not hasattr(self._own, "augmenter"):
            imgaug = import_imgaug()
            # All its parts share one source of numbers: reseeding that is nearly free, while
            # imgaug's own seed_() takes a millisecond.
            source = imgaug.random.RNG(0)
            with _global_source(imgaug, source):
                augmenter = self.build(imgaug.augmenters, source)
            for part in (augmenter, *augmenter.get_all_children(flat=True)):
                part.random_state = source
            self._own.augmenter, self._own.source = augmenter, source
        return self._own.augmenter, self._own.source


@contextmanager
def _global_source(imgaug: ModuleType, source: Any) -> Iterator[None]:
    """Have imgaug take its global random numbers from `source` for a while.

    It would make a source of its own when it first needs one, from NumPy's global random state.
    """
    kept = imgaug.random.GLOBAL_RNG
    imgaug.random.GLOBAL_RNG = source
    try:
        yield
    finally:
        imgaug.random.GLOBAL_RNG = kept


def _check_size(changed: Sequence[Any], images: Sequence[FloatImages]) -> None:
    # NumPy would spread one column over a whole glyph without a word.
    for augmented, image in zip(changed, images, strict=True):
        if np.shape(augmented) != image.shape:
            raise PluginError(
                f"the imgaug augmenter made the shape {np.shape(augmented)} of {image.shape}; one "
                f"that keeps the size works"
            )


def import_imgaug() -> ModuleType:
    """The imgaug module, working.

    Raises:
        LibraryError: imgaug or OpenCV is missing, does not load or is too new.
    """
    import_opencv("imgaug")
    already_imported = "imgaug" in sys.modules
    try:
        with _imgaug_mended():
            imgaug = importlib.import_module("imgaug")
            importlib.import_module("imgaug.augmenters")
    except ImportError as error:
        raise LibraryError(f"imgaug does not load: {error}; pip install imgaug==0.4.0") from error
    if already_imported:
        _mend_imported()
    return imgaug


class _NumpyStandIn(ModuleType):
    """numpy, and the names it has dropped since imgaug 0.4.0."""

    def __init__(self) -> None:
        super().__init__("numpy")
        self.__path__ = np.__path__
        self.__dict__.update(
            sctypes={
                "int": [np.int8, np.int16, np.int32, np.int64],
                "uint": [np.uint8, np.uint16, np.uint32, np.uint64],
                "float": [np.float16, np.float32, np.float64, np.longdouble],
                "complex": [np.complex64, np.complex128, np.clongdouble],
                "others": [bool, object, bytes, str, np.void],
            },
            bool=bool,
            bool8=np.bool_,
            int=int,
            float=float,
            float_=np.float64,
            complex=complex,
            object=object,
            product=np.prod,
            cumproduct=np.cumprod,
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


_STAND_IN = _NumpyStandIn()


def _import_with_stand_in(
    name: str,
    globals: Mapping[str, object] | None = None,
    locals: Mapping[str, object] | None = None,
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    module = builtins.__import__(name, globals, locals, fromlist, level)
    return _STAND_IN if module is np else module


_IMGAUG_BUILTINS = {**vars(builtins), "__import__": _import_with_stand_in}


class _Loader(SourceFileLoader):
    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = _IMGAUG_BUILTINS
        super().exec_module(module)
        _mend(module)


class _Finder:
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "imgaug":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


@contextmanager
def _imgaug_mended() -> Iterator[None]:
    finder: Any = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


def _mend_imported() -> None:
    """Mend an imgaug that somebody imported before, as NumPy below 2 allows."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "imgaug" and getattr(module, "np", None) is np:
            module.__dict__["np"] = _STAND_IN
            _mend(module)


def _mend(module: ModuleType) -> None:
    mend = _MENDINGS.get(module.__name__)
    if mend is not None:
        mend(module)


def _mend_geometric(module: ModuleType) -> None:
    elastic: Any = module.__dict__["ElasticTransformation"]
    original = elastic._generate_shift_maps.__func__

    def generate_shift_maps(cls: type, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        # Since NumPy 2 a float64 scalar makes the map float64, which cv2.convertMaps refuses.
        shift_x, shift_y = original(cls, *args, **kwargs)
        return shift_x.astype(np.float32), shift_y.astype(np.float32)

    elastic._generate_shift_maps = classmethod(generate_shift_maps)
    if not hasattr(module.__dict__["ndimage"], "interpolation"):
        module.__dict__["ndimage"] = _NdimageStandIn(module.__dict__["ndimage"])


class _NdimageStandIn(ModuleType):
    """scipy.ndimage, and the submodule name that SciPy 2 drops."""

    def __init__(self, ndimage: ModuleType) -> None:
        super().__init__("scipy.ndimage")
        self.interpolation = ndimage
        self._ndimage = ndimage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ndimage, name)


def _mend_pillike(module: ModuleType) -> None:
    original = module.__dict__["_autocontrast_pil"]

    def autocontrast(image: Any, cutoff: Any, ignore: Any) -> Any:
        # Since Pillow 10 the cutoff is a number or a pair; imgaug hands it an array of one.
        single = cutoff.reshape(-1)[0].item() if isinstance(cutoff, np.ndarray) else cutoff
        return original(image, single, ignore)

    module.__dict__["_autocontrast_pil"] = autocontrast


_MENDINGS: dict[str, Callable[[ModuleType], None]] = {
    "imgaug.augmenters.geometric": _mend_geometric,
    "imgaug.augmenters.pillike": _mend_pillike,
}
