"""Pictures of any kind as levels: uint8, grey, or red, green and blue."""

import struct
import zlib
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, PictureError, shown
from image_sequence.plan import ByteImages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

# By content, whatever the suffix says. Not EPS: Pillow has Ghostscript run what is in it.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_ORIENTATION = 0x0112  # EXIF's tag; from 5 on, rows are columns.
_FIRST_TURNED = 5
_CHANNELS = (1, 3)
_TRANSPARENT = ("LA", "La", "PA", "RGBA", "RGBa")


def levels_of(picture: object, paper: str = "white") -> ByteImages:
    """The levels of one picture; grey, if its colours are.

    Args:
        picture: a PIL image, turned as its EXIF data says; an array of the shape (height, width) or
            (height, width, 3), also with 1 channel or the channels first; or anything, such as a
            tensor, with a method `numpy()` that returns such an array. What kinds of numbers:
            `as_levels`. Pillow's modes "I" and "I;16" have 65,536 levels, "F" floats.
        paper: "white" or "black": what shows where a picture is transparent.

    Returns:
        uint8, shape (height, width), or (height, width, 3) if the channels differ anywhere.

    Raises:
        ArgumentTypeError: not a picture.
        ArgumentValueError: another shape, or values outside their range.

    >>> levels_of(np.array([[0.0, 0.5, 1.0]])).tolist()
    [[0, 128, 255]]
    """
    from PIL import Image

    if isinstance(picture, Image.Image):
        levels = _image_levels(picture, paper)
    else:
        levels = as_levels(_laid_out(picture))
    return grey_if_it_is(levels) if levels.ndim == 3 else levels


def size_of(picture: object) -> tuple[int, int]:
    """The height and the width of what `levels_of` makes of a picture, in pixels."""
    from PIL import Image

    if not isinstance(picture, Image.Image):
        height, width = _laid_out(picture).shape[:2]
        return height, width
    turned = picture.getexif().get(_ORIENTATION, 1) >= _FIRST_TURNED
    return picture.size if turned else (picture.height, picture.width)


def read_levels(file: Path | IO[bytes], name: str, paper: str) -> ByteImages:
    """`levels_of` a file.

    Args:
        file: PNG, JPEG, BMP, GIF (its first picture), TIFF, WebP or PNM.
        name: what an error calls it.
        paper: "white" or "black".

    Raises:
        PictureError: another kind of file, a damaged one, or one so large that Pillow takes it for
            a decompression bomb.
    """
    with _opened(file, name) as image:
        return levels_of(image, paper)


def read_size(file: Path | IO[bytes], name: str) -> tuple[int, int]:
    """`size_of` a file, as `read_levels`; its pixels are left alone where the format allows it."""
    with _opened(file, name) as image:
        return size_of(image)


@contextmanager
def _opened(file: Path | IO[bytes], name: str) -> "Iterator[Image]":
    from PIL import Image

    damage = (
        *(OSError, EOFError, SyntaxError, ValueError, TypeError, IndexError, KeyError),
        *(OverflowError, struct.error, zlib.error, Image.DecompressionBombError),
    )
    try:
        with Image.open(file, formats=_FORMATS) as image:
            yield image
    except damage as error:
        raise PictureError(f"{name} cannot be read as a picture: {error}") from error


def as_levels(values: NDArray[Any]) -> ByteImages:
    """Values of any shape as levels.

    Args:
        values: uint8, kept as they are; uint16, 0 … 65,535; floats, 0.0 … 1.0; or bool.

    Raises:
        ArgumentTypeError: values of another type.
        ArgumentValueError: floats outside 0.0 … 1.0.

    >>> as_levels(np.array([0, 256, 65535], np.uint16)).tolist()
    [0, 1, 255]
    """
    kind = values.dtype.kind
    if values.dtype == np.uint8:
        return values
    if kind == "b":
        return values.astype(np.uint8) * np.uint8(255)
    if kind == "u" and values.dtype.itemsize == 2:
        # 65,535 is 257 * 255; 257 is odd, so no value lies halfway between two levels.
        return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)
    if kind != "f":
        raise ArgumentTypeError(
            f"pictures are arrays of uint8, 0 … 255, or of floats, 0.0 … 1.0, not {values.dtype}; "
            f"whole numbers from 0 to 255 become that by .astype(np.uint8)"
        )
    if not 0 <= values.min() <= values.max() <= 1:  # False with a NaN as well.
        raise ArgumentValueError(
            f"pictures of floats lie from 0.0 to 1.0, not from {values.min()} to {values.max()}; "
            f"levels from 0 to 255 become whole by np.rint(levels).astype(np.uint8)"
        )
    precise: NDArray[Any] = values.astype(np.promote_types(values.dtype, np.float32), copy=False)
    levels: ByteImages = np.rint(precise * 255).astype(np.uint8)
    return levels


def grey_if_it_is(colours: ByteImages) -> ByteImages:
    """Colours of the shape (…, 3), or (…) if red, green and blue are the same everywhere."""
    red: ByteImages = colours[..., 0]
    is_grey = bool((red[..., None] == colours[..., 1:]).all())
    return red if is_grey else colours


def _image_levels(image: "Image", paper: str) -> ByteImages:
    from PIL import Image, ImageOps

    image = ImageOps.exif_transpose(image)
    if image.mode.startswith("I"):
        return as_levels(_sixteen_bits(np.asarray(image)))
    if image.mode == "F":
        return as_levels(np.asarray(image))
    if image.mode in _TRANSPARENT or "transparency" in image.info:
        image = image.convert("LA") if image.mode == "La" else image
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, paper), image)
    return np.asarray(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _sixteen_bits(levels: NDArray[Any]) -> NDArray[Any]:
    if levels.min() < 0 or levels.max() > np.iinfo(np.uint16).max:
        raise ArgumentValueError(
            f"pictures of Pillow's mode I lie from 0 to 65,535, "
            f"not from {levels.min()} to {levels.max()}"
        )
    return levels.astype(np.uint16)


def _laid_out(picture: Any) -> NDArray[Any]:
    """The array of a picture, its channels last or left away."""
    is_tensor = hasattr(picture, "numpy")
    array: NDArray[Any] = picture.numpy() if is_tensor else picture
    if not isinstance(array, np.ndarray):
        raise ArgumentTypeError(f"a picture is a PIL image or a NumPy array, not {shown(picture)}")
    # Of 3 x 5 x 3 numbers, tensors have the channels in front and arrays behind.
    in_front = array.ndim == 3 and array.shape[0] in _CHANNELS
    if in_front and (is_tensor or array.shape[2] not in _CHANNELS):
        array = np.moveaxis(array, 0, 2)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim < 2 or array.shape[2:] not in ((), (3,)) or array.size == 0:
        raise ArgumentValueError(
            f"a picture has the shape (height, width) or (height, width, 3), none of them 0, "
            f"not {array.shape}"
        )
    return array
