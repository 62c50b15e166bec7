"""How pictures become bytes: PNG, WebP, JPEG, or pixels as they are."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from tokenize import TokenError
from typing import Any

import numpy as np

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, PictureError, shown
from image_sequence.plan import ByteImages, Images
from image_sequence.whole_numbers import is_whole_number

RAW = "raw"

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GREY, _COLOUR = 0, 2  # PNG's colour types.
_NO_FILTER, _SUB = 0, 1  # PNG's filters: bytes as they are; less those of the pixel to the left.
_WINDOW_BITS, _MEMORY_LEVEL = 15, 9

# What readers of pictures and of arrays raise when bytes are broken.
_BROKEN = (EOFError, MemoryError, OSError, SyntaxError, TokenError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class _Kind:
    """An encoding's levels, what they mean and which one it has unless told otherwise."""

    suffix: str
    levels: range | None
    level: int | None
    is_lossless: bool


ENCODINGS = {
    "png": _Kind(".png", range(10), 1, is_lossless=True),
    "webp": _Kind(".webp", range(7), 1, is_lossless=True),
    "jpeg": _Kind(".jpg", range(1, 101), 95, is_lossless=False),
    RAW: _Kind(".npy", None, None, is_lossless=True),
}


@dataclass(frozen=True, slots=True)
class Encoding:
    r"""How a picture becomes bytes.

    Attributes:
        name: "png", "webp" (without loss), "jpeg" or "raw".
        level: of "png" 0 … 9, how much time goes into small files, 1 if None; of "webp" the same,
            0 … 6, 1 if None; of "jpeg" the quality, 1 … 100, 95 if None. "raw" has none.

    Raises:
        ArgumentTypeError: a level that is not a whole number.
        ArgumentValueError: an unknown name, or a level out of range.

    >>> Encoding("png").encoded(np.zeros((1, 2, 3), np.uint8))[0][:4]
    b'\x89PNG'
    """

    name: str = "png"
    level: int | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or self.name not in ENCODINGS:
            known = ", ".join(map(repr, ENCODINGS))
            raise ArgumentValueError(f"an encoding is one of {known}, not {shown(self.name)}")
        kind = ENCODINGS[self.name]
        if self.level is None:
            object.__setattr__(self, "level", kind.level)
            return
        if not is_whole_number(self.level):
            raise ArgumentTypeError(
                f"the level of an encoding is a whole number, not {shown(self.level)}"
            )
        if kind.levels is None:
            raise ArgumentValueError(f"the encoding {self.name!r} has no level")
        if self.level not in kind.levels:
            raise ArgumentValueError(
                f"the level of {self.name!r} lies from {kind.levels[0]} to {kind.levels[-1]}, "
                f"{shown(self.level)} does not"
            )

    @property
    def suffix(self) -> str:
        """What the names of such files end in."""
        return ENCODINGS[self.name].suffix

    @property
    def is_raw(self) -> bool:
        """Whether pixels are kept as they are."""
        return self.name == RAW

    @property
    def is_lossless(self) -> bool:
        """Whether decoding gives the same pixels again."""
        return ENCODINGS[self.name].is_lossless

    def encoded(self, images: Images) -> list[bytes]:
        """The pictures as bytes.

        Args:
            images: uint8, shape (batch, height, width), in colour (batch, height, width, 3).

        Raises:
            ArgumentTypeError: pixels that are not uint8.
        """
        if images.dtype != np.uint8:
            raise ArgumentTypeError(
                f"pictures are encoded from pixels of uint8, not {images.dtype}; batch(…, "
                f"dtype=np.uint8) makes such"
            )
        pictures: Any = images
        if self.name == "png":
            return pngs(pictures, level=self.level or 0)
        if self.name == "webp":
            return _by_pillow(pictures, "WEBP", lossless=True, quality=0, method=self.level)
        if self.name == "jpeg":
            return _by_pillow(pictures, "JPEG", quality=self.level)
        return npys(pictures)


def pngs(images: ByteImages, *, level: int) -> list[bytes]:
    """PNG files: one chunk of data each, and no more chunks than there must be.

    Level 1 looks for runs of equal bytes alone, which suits strokes on even paper: it takes a third
    of the time of Pillow's default, and less space. Its bytes are those of zlib and of zlib-ng;
    Pillow's change with its releases.

    Args:
        images: uint8, shape (batch, height, width) or (batch, height, width, 3).
        level: zlib's, 0 … 9.
    """
    strategy = zlib.Z_RLE if level == 1 else zlib.Z_DEFAULT_STRATEGY
    settings = level, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, strategy
    # In colour no two bytes in a row are equal until they are differences.
    differs = strategy == zlib.Z_RLE and images.ndim == 4
    height, width = images.shape[1:3]
    colour = _COLOUR if images.ndim == 4 else _GREY
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    return [
        b"".join((_PNG_SIGNATURE, header, _chunk(b"IDAT", _packed(rows.data, settings)), _END))
        for rows in _filtered(images, differs=differs)
    ]


def _filtered(images: ByteImages, *, differs: bool) -> ByteImages:
    """Rows as PNG has them, each after the number of its filter: uint8, (batch, height, bytes)."""
    count, height, width = images.shape[:3]
    step = 1 if images.ndim == 3 else images.shape[3]  # Bytes a pixel.
    flat = images.reshape(count, height, width * step)
    rows = np.empty((count, height, 1 + width * step), np.uint8)
    rows[..., 0] = _SUB if differs else _NO_FILTER
    rows[..., 1:] = flat
    if differs:
        rows[..., 1 + step :] -= flat[..., :-step]
    return rows


def _packed(rows: memoryview, settings: tuple[int, int, int, int, int]) -> bytes:
    packing = zlib.compressobj(*settings)
    return packing.compress(rows) + packing.flush()


def _chunk(name: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(name))
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", check)


_END = _chunk(b"IEND", b"")


def npys(images: ByteImages) -> list[bytes]:
    """The pictures as NumPy's own files."""
    file = BytesIO()
    np.save(file, np.empty(images.shape[1:], np.uint8))
    beginning = file.getvalue()[: -images[0].nbytes] if len(images) else b""
    return [beginning + image.tobytes() for image in images]


def _by_pillow(images: ByteImages, kind: str, **settings: Any) -> list[bytes]:
    from PIL import Image

    files = []
    for image in images:
        file = BytesIO()
        Image.fromarray(image).save(file, kind, **settings)
        files.append(file.getvalue())
    return files


def decoded(encoded: bytes, encoding: Encoding, *, in_colour: bool | None = None) -> ByteImages:
    """The pixels of one encoded picture: uint8, shape (height, width) or (height, width, 3).

    Args:
        encoded: what `Encoding.encoded` makes.
        encoding: of what kind.
        in_colour: whether the picture is in colour; None for what it looks like. WebP knows no grey
            pictures: one whose three channels are equal looks grey.

    Raises:
        PictureError: the bytes are no picture.
    """
    pixels: ByteImages = _opened(encoded, encoding)
    if pixels.dtype != np.uint8 or not (pixels.ndim == 2 or pixels.shape[2:] == (3,)):
        raise PictureError(
            f"a picture's pixels are uint8, grey or in colour, not {pixels.dtype} of the shape "
            f"{pixels.shape}"
        )
    if encoding.name != "webp" or in_colour or pixels.ndim == 2:
        return pixels
    grey: ByteImages = pixels[..., 0]
    return grey if in_colour is False or (pixels == grey[..., None]).all() else pixels


def _opened(encoded: bytes, encoding: Encoding) -> Any:
    from PIL import Image

    try:
        if encoding.is_raw:
            return np.lib.format.read_array(BytesIO(encoded), allow_pickle=False)
        with Image.open(BytesIO(encoded)) as picture:
            return np.asarray(picture)
    except (*_BROKEN, Image.DecompressionBombError) as error:
        raise PictureError(f"these bytes are no picture in {encoding.name}: {error}") from error
