"""Encodings: pictures become bytes, and the same pictures again."""

import hashlib
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO

import cv2
import numpy as np
import pytest
from PIL import Image

from image_sequence import DigitSequence
from image_sequence.datasets.encoding import ENCODINGS, Encoding, decoded
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, PictureError

LEVELS = [(name, level) for name in ("png", "webp") for level in ENCODINGS[name].levels or ()]


def pictures(preset: str) -> np.ndarray:
    rng = np.random.default_rng(5)
    generator = DigitSequence(preset=preset, seed=7)
    return generator.batch(rng.integers(0, 10, (6, 3)).tolist(), (0, 9), 96, dtype=np.uint8).images


@pytest.fixture(scope="module")
def grey() -> np.ndarray:
    return pictures("classic-native")


@pytest.fixture(scope="module")
def coloured() -> np.ndarray:
    return pictures("colour")


def by_pillow(encoded: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(encoded)))


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes, int]]:
    place = 8
    while place < len(png):
        length, name = struct.unpack_from(">I4s", png, place)
        content = png[place + 8 : place + 8 + length]
        yield name, content, *struct.unpack_from(">I", png, place + 8 + length)
        place += 12 + length


@pytest.mark.parametrize("name", ["png", "webp", "raw"])
def test_pictures_without_loss_are_the_same_pixels_again(name, grey, coloured):
    for images in (grey, coloured):
        encoding = Encoding(name)
        again = [decoded(picture, encoding) for picture in encoding.encoded(images)]
        np.testing.assert_array_equal(again, images)


@pytest.mark.parametrize(("name", "level"), LEVELS)
def test_every_level_keeps_every_pixel(name, level, grey, coloured):
    for images in (grey[:2], coloured[:2]):
        for picture, image in zip(Encoding(name, level).encoded(images), images, strict=True):
            pixels = by_pillow(picture)
            if name == "webp" and image.ndim == 2:  # It knows no grey.
                pixels = pixels[..., 1]
            np.testing.assert_array_equal(pixels, image)


def test_the_pixels_of_png_files_are_always_the_same():
    # Of the pixels as Pillow reads them: the bytes are the business of zlib.
    ramp = np.arange(3 * 20 * 31 * 3, dtype=np.uint64).reshape(3, 20, 31, 3)
    images = np.where(ramp % 11 < 6, 255, ramp * ramp % 251).astype(np.uint8)
    digests = {
        (20, 31): "2514880dd6f869e6b17e7804d161c3cba34e30c06eeccec53311026ff28ff909",
        (20, 31, 3): "5f321f0a31c68f08e59309a590f2a09691769b07b56388f0c82679569b3730a9",
    }
    for some in (images[..., 0], images):
        pixels = [by_pillow(one) for one in Encoding("png").encoded(some)]
        assert hashlib.sha256(np.array(pixels)).hexdigest() == digests[some.shape[1:]]


def test_a_png_file_has_three_sound_chunks(grey, coloured):
    for images in (grey, coloured):
        for picture in Encoding("png").encoded(images):
            found = list(chunks(picture))
            assert [name for name, _, _ in found] == [b"IHDR", b"IDAT", b"IEND"]
            for name, content, check in found:
                assert zlib.crc32(name + content) == check


def test_opencv_reads_png_files(grey, coloured):
    for images in (grey, coloured[..., ::-1]):  # OpenCV's colours are blue, green and red.
        read = cv2.IMREAD_UNCHANGED
        files = Encoding("png").encoded(grey if images is grey else coloured)
        again = [cv2.imdecode(np.frombuffer(file, np.uint8), read) for file in files]
        np.testing.assert_array_equal(again, images)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 1, 7), (1, 5, 1, 3), (3, 2, 300, 3), (0, 4, 4)])
def test_pictures_of_any_size_are_encoded(shape):
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    again = [decoded(one, Encoding("png")) for one in Encoding("png").encoded(images)]
    np.testing.assert_array_equal(np.array(again).reshape(shape), images)


def test_a_part_of_larger_pictures_is_encoded(coloured):
    cut = coloured[::2, 3:20, 5:50]
    again = [decoded(one, Encoding("png")) for one in Encoding("png").encoded(cut)]
    np.testing.assert_array_equal(again, cut)


def test_a_picture_has_the_same_bytes_in_every_batch(grey, coloured):
    for images in (grey, coloured):
        for name in ENCODINGS:
            alone = [Encoding(name).encoded(image[None])[0] for image in images]
            assert Encoding(name).encoded(images) == alone


def test_higher_levels_of_png_make_smaller_files(grey):
    sizes = [sum(map(len, Encoding("png", level).encoded(grey))) for level in (0, 1, 9)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > grey.size


def test_png_files_are_smaller_than_pillows(grey, coloured):
    for images, share in ((grey, 0.95), (coloured, 1.25)):
        files = [BytesIO() for _ in images]
        for image, file in zip(images, files, strict=True):
            Image.fromarray(image).save(file, "PNG")
        default = sum(len(file.getvalue()) for file in files)
        assert sum(map(len, Encoding("png").encoded(images))) < share * default


def test_jpeg_is_near_the_pixels_and_nearer_with_more_quality(grey, coloured):
    for images in (grey, coloured):
        errors = []
        for level in (30, None, 100):
            encoding = Encoding("jpeg", level)
            again = [decoded(one, encoding) for one in encoding.encoded(images)]
            assert np.shape(again) == images.shape
            errors.append(np.abs(np.subtract(again, images, dtype=np.int16)).mean())
        assert errors == sorted(errors, reverse=True)
        assert errors[1] < 4


def test_webp_that_looks_grey_is_in_colour_if_told_so():
    grey = np.full((1, 4, 4, 3), 9, np.uint8)
    (file,) = Encoding("webp").encoded(grey)
    assert decoded(file, Encoding("webp")).shape == (4, 4)
    np.testing.assert_array_equal(decoded(file, Encoding("webp"), in_colour=True), grey[0])


def test_only_jpeg_loses():
    lossless = {name: Encoding(name).is_lossless for name in ENCODINGS}
    assert lossless == {"png": True, "webp": True, "jpeg": False, "raw": True}
    assert [name for name in ENCODINGS if Encoding(name).is_raw] == ["raw"]


def test_suffixes_are_those_that_programs_look_for():
    suffixes = {name: Encoding(name).suffix for name in ENCODINGS}
    assert suffixes == {"png": ".png", "webp": ".webp", "jpeg": ".jpg", "raw": ".npy"}


@pytest.mark.parametrize(
    ("name", "level", "message"),
    [
        ("gif", None, "an encoding is one of 'png', 'webp', 'jpeg', 'raw', not 'gif'"),
        (["png"], None, r"an encoding is one of .*, not \['png'\]"),
        ("png", 10, "the level of 'png' lies from 0 to 9, 10 does not"),
        ("png", -1, "the level of 'png' lies from 0 to 9, -1 does not"),
        ("webp", 7, "the level of 'webp' lies from 0 to 6, 7 does not"),
        ("jpeg", 0, "the level of 'jpeg' lies from 1 to 100, 0 does not"),
        ("raw", 1, "the encoding 'raw' has no level"),
    ],
)
def test_what_is_no_encoding_is_told(name, level, message):
    with pytest.raises(ArgumentValueError, match=f"^{message}$"):
        Encoding(name, level)


@pytest.mark.parametrize("level", ["9", 1.0, True])
def test_a_level_is_a_whole_number(level):
    with pytest.raises(ArgumentTypeError, match="the level of an encoding is a whole number, not"):
        Encoding("png", level)


def test_only_bytes_are_encoded(grey):
    with pytest.raises(ArgumentTypeError, match="from pixels of uint8, not float32"):
        Encoding("png").encoded(grey.astype(np.float32))


@pytest.mark.parametrize("name", ENCODINGS)
def test_a_cut_picture_is_no_picture(name, grey):
    encoding = Encoding(name)
    (file,) = encoding.encoded(grey[:1])
    for broken in (b"", b"no picture", file[: len(file) // 2]):
        with pytest.raises(PictureError, match=f"these bytes are no picture in {name}"):
            decoded(broken, encoding)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", ENCODINGS)
def test_broken_bytes_raise_nothing_else(name, grey):
    encoding, rng = Encoding(name), np.random.default_rng(0)
    (file,) = encoding.encoded(grey[:1])
    refused = 0
    for place in rng.integers(0, min(len(file), 120), 400).tolist():
        broken = bytearray(file)
        broken[place] = rng.integers(0, 256)
        try:
            decoded(bytes(broken), encoding)
        except PictureError:
            refused += 1
    assert refused > 20


def test_an_array_of_something_else_is_no_picture():
    for array in (np.zeros((2, 2)), np.zeros(4, np.uint8), np.zeros((2, 2, 4), np.uint8)):
        file = BytesIO()
        np.save(file, array)
        with pytest.raises(PictureError, match="pixels are uint8, grey or in colour, not"):
            decoded(file.getvalue(), Encoding("raw"))
