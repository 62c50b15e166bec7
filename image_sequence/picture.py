"""Pictures on disk: from values in [0, 1] to bytes that are rounded, never wrapped."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np

from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.files import written_whole
from image_sequence.plan import ByteImages

_ENCODINGS = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG"}
FORMATS = tuple(_ENCODINGS)
_COLOURS = 3
JPEG_LARGEST_SIDE = 65_500
"""Pixels: libjpeg's JPEG_MAX_DIMENSION."""

_JPEG_QUALITY = 95
# Bytes. File systems take names of 255; prefix, number and suffix need some.
_LONGEST_NAME = 200
_KEPT_OF_NAME = 180


def to_bytes(image: object) -> ByteImages:
    """The levels of one image: `round(255 * image)`, values outside [0, 1] clipped.

    Args:
        image: array of shape (height, width), or in colour (height, width, 3), red, green and blue:
            floats, 0.0 black … 1.0 white, or uint8, kept as is.

    Returns:
        uint8, of the same shape, 0 black … 255 white.

    Raises:
        ArgumentTypeError: not an array of floats or uint8.
        ArgumentValueError: of another shape, empty, or holding a NaN.

    >>> to_bytes(np.array([[-0.1, 0.25, 1.06]])).tolist()
    [[0, 64, 255]]
    """
    if not isinstance(image, np.ndarray) or (image.dtype.kind != "f" and image.dtype != np.uint8):
        kind = image.dtype if isinstance(image, np.ndarray) else type(image).__name__
        raise ArgumentTypeError(
            f"a picture is a NumPy array of floats from 0.0 to 1.0, or of uint8, not {kind}"
        )
    if image.ndim < 2 or image.shape[2:] not in ((), (_COLOURS,)) or image.size == 0:
        raise ArgumentValueError(
            f"a picture has the shape (height, width), both at least 1, or (height, width, "
            f"{_COLOURS}) in colour, not {image.shape}"
        )
    if image.dtype == np.uint8:
        return image
    if np.isnan(image).any():
        raise ArgumentValueError("a picture holds numbers from 0.0 to 1.0, this one holds NaN")
    # Bicubic rings past black and white; an unclipped 1.06 would wrap to 14 as uint8.
    return np.rint(np.clip(image, 0.0, 1.0) * 255.0).astype(np.uint8)


def picture_name(
    labels: Sequence[int] | Sequence[str], output_format: str, number: int | None = None
) -> str:
    """The name of a picture's file.

    Texts longer than one character have dashes between them. Characters other than letters, digits,
    dashes and underscores become underscores, more than 200 bytes are cut to the first 180, and a
    digest of all then tells such names apart.

    >>> picture_name([0, 1], "png"), picture_name([0, 1], "png", 7)
    ('seq_01.png', 'seq_01_000007.png')
    >>> picture_name("cab", "png"), picture_name(["cat", "dog"], "png")
    ('seq_cab.png', 'seq_cat-dog.png')
    """
    is_plain = all(isinstance(label, int) or len(label) == 1 for label in labels)
    written = ("" if is_plain else "-").join(map(str, labels))
    text = re.sub(r"[^\w-]", "_", written)
    if len(text.encode()) > _LONGEST_NAME:
        text = text.encode()[:_KEPT_OF_NAME].decode(errors="ignore")
    if text != written:
        text = f"{text}-{blake2b(written.encode(), digest_size=8).hexdigest()}"
    numbered = "" if number is None else f"_{number:06}"
    return f"seq_{text}{numbered}.{output_format}"


def next_number(folder: Path, labels: Sequence[int] | Sequence[str], output_format: str) -> int:
    """The least number such that it and all above it are free in the folder."""
    stem = re.escape(picture_name(labels, output_format).rpartition(".")[0])
    numbered = re.compile(rf"{stem}_(\d{{6,}})\.{output_format}")
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return max((int(found[1]) + 1 for found in map(numbered.fullmatch, names) if found), default=0)


def save_picture(image: object, path: Path, *, overwrite: bool = True) -> None:
    """Write one image to `path`, whole or not at all, in the format its suffix names.

    Args:
        image: as for `to_bytes`.
        path: ends in .png, .jpg or .jpeg; missing folders are made.
        overwrite: whether a file of that name may be replaced.

    Raises:
        ArgumentTypeError: `image` is not an array of floats or uint8.
        ArgumentValueError: `image` is not a picture, or too wide for JPEG.
        FileExistsError: `overwrite` is false and the file exists.
        OSError: the file cannot be written.
    """
    from PIL import Image

    levels = to_bytes(image)
    encoding = _ENCODINGS[path.suffix.lower().lstrip(".")]
    if encoding == "JPEG" and max(levels.shape[:2]) > JPEG_LARGEST_SIDE:
        raise ArgumentValueError(
            f"JPEG holds at most {JPEG_LARGEST_SIDE} pixels a side, the picture has "
            f"{max(levels.shape[:2])}; use the output_format 'png'"
        )
    with written_whole(path, overwrite=overwrite) as partial:
        Image.fromarray(levels).save(partial, encoding, quality=_JPEG_QUALITY)
