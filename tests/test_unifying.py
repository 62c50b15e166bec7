"""Pictures of any kind and size as glyphs of one height."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.glyphs import unifying
from image_sequence.glyphs.levels import levels_of, size_of
from image_sequence.glyphs.unifying import Unified, unify, unify_stack


def unified(
    pictures: Sequence[Any], **settings: Any
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    sizes = [size_of(picture) for picture in pictures]
    return unify(iter(pictures), sizes, Unified(**settings))


def noise(height: int, width: int, *channels: int) -> NDArray[np.uint8]:
    size = (height, width, *channels)
    return np.random.default_rng(sum(size)).integers(0, 256, size, np.uint8)


def by_pillow(picture: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    resized = Image.fromarray(picture).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(resized)


# One size.


@pytest.mark.parametrize("way", ["resize", "pad"])
@pytest.mark.parametrize("channels", [(), (3,)])
def test_pictures_of_one_size_stay_as_they_are(way: str, channels: tuple[int, ...]) -> None:
    pictures = [noise(5, 4, *channels), noise(5, 4, *channels)[::-1]]
    images, widths = unified(pictures, unify=way, paper="black")
    assert np.array_equal(images, pictures)
    assert widths is None


@pytest.mark.parametrize("paper", ["white", "black", None])
@pytest.mark.parametrize("kind", ["grey", "one channel", "colour", "grey in colours", "floats"])
@pytest.mark.parametrize("settings", [{}, {"height": 5}, {"height": 9}, {"width": 2}])
def test_a_stack_gives_what_its_pictures_give(
    paper: str | None, kind: str, settings: dict[str, Any]
) -> None:
    grey = np.stack([noise(5, 4), noise(5, 4) // 3])
    stack = {
        "grey": grey,
        "one channel": grey[..., None],
        "colour": np.stack([noise(5, 4, 3), noise(5, 4, 3) // 3]),
        "grey in colours": np.repeat(grey[..., None], 3, axis=3),
        "floats": grey / 255,
    }[kind]
    images, widths = unify_stack(stack, Unified(paper=paper, **settings))
    expected, expected_widths = unified(list(stack), paper=paper, **settings)
    assert np.array_equal(images, expected)
    assert widths is None
    assert expected_widths is None


def test_a_stack_with_nothing_to_do_is_not_copied() -> None:
    stack = np.stack([noise(5, 4)])
    images, _ = unify_stack(stack, Unified(paper="black"))
    assert np.shares_memory(images, stack)


# Resizing.


@pytest.mark.parametrize("channels", [(), (3,)])
def test_resizing_is_pillows_bicubic_and_keeps_proportions(channels: tuple[int, ...]) -> None:
    tall, flat = noise(10, 6, *channels), noise(4, 9, *channels)
    images, widths = unified([tall, flat], height=8, paper="black")
    assert widths is not None
    assert widths.tolist() == [5, 18]
    assert images.shape == (2, 8, 18, *channels)
    assert np.array_equal(images[0, :, :5], by_pillow(tall, 8, 5))
    assert np.array_equal(images[1], by_pillow(flat, 8, 18))
    assert not images[0, :, 5:].any()


def test_the_tallest_picture_sets_the_height() -> None:
    small, tall = noise(3, 2), noise(7, 2)
    images, widths = unified([small, tall], paper="black")
    assert widths is not None
    assert widths.tolist() == [5, 2]
    assert np.array_equal(images[1, :, :2], tall)
    assert np.array_equal(images[0], by_pillow(small, 7, 5))


def test_a_width_stretches() -> None:
    first, second = noise(10, 6), noise(4, 9)
    images, widths = unified([first, second], height=8, width=7, paper="black")
    assert widths is None
    assert np.array_equal(images, [by_pillow(first, 8, 7), by_pillow(second, 8, 7)])


def test_a_picture_is_never_narrower_than_a_pixel() -> None:
    _, widths = unified([noise(300, 1), noise(10, 10)], height=10)
    assert widths is not None
    assert widths.tolist() == [1, 10]


def test_a_scaled_width_is_rounded() -> None:
    # 10 rows to 4: 6 columns become 2.4, 7 become 2.8, 5 exactly 2.
    _, widths = unified([noise(10, 6), noise(10, 7), noise(10, 5)], height=4)
    assert widths is not None
    assert widths.tolist() == [2, 3, 2]


# Padding.


def test_padding_keeps_pixels_and_puts_the_odd_row_below() -> None:
    small, tall = noise(2, 3), noise(5, 2)
    images, widths = unified([small, tall], unify="pad", paper="black")
    assert widths is not None
    assert widths.tolist() == [3, 2]
    assert np.array_equal(images[0], np.pad(small, ((1, 2), (0, 0))))
    assert np.array_equal(images[1], np.pad(tall, ((0, 0), (0, 1))))


def test_padding_to_a_width_puts_the_odd_column_right() -> None:
    first, second = noise(2, 3), noise(4, 6)
    images, widths = unified([first, second], unify="pad", height=6, width=6, paper="black")
    assert widths is None
    assert np.array_equal(images[0], np.pad(first, ((2, 2), (1, 2))))
    assert np.array_equal(images[1], np.pad(second, ((1, 1), (0, 0))))


@pytest.mark.parametrize("channels", [(), (3,)])
def test_what_is_padded_is_paper(channels: tuple[int, ...]) -> None:
    picture = noise(2, 3, *channels)
    images, _ = unified([picture], unify="pad", height=4, width=5, paper="white")
    edges = ((1, 1), (1, 1), *((0, 0) for _ in channels))
    assert np.array_equal(images[0], np.pad(255 - picture, edges))


@pytest.mark.parametrize("side", ["height", "width"])
def test_what_is_too_large_to_be_padded_is_named_with_what_would_work(side: str) -> None:
    message = (
        rf"^picture 1 has a {side} of 9 pixels and cannot be padded to 8; "
        rf"use a {side} of 9 or unify='resize'$"
    )
    settings: dict[str, Any] = {side: 8}
    with pytest.raises(ArgumentValueError, match=message):
        unified([noise(3, 3), noise(9, 9)], unify="pad", **settings)


@given(
    sizes=st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), min_size=1, max_size=5),
    height=st.none() | st.integers(1, 14),
    width=st.none() | st.integers(1, 14),
    way=st.sampled_from(["resize", "pad"]),
    paper=st.sampled_from(["white", "black", None]),
)
def test_right_of_its_width_a_glyph_has_no_ink(
    sizes: list[tuple[int, int]], height: int | None, width: int | None, way: str, paper: str | None
) -> None:
    if way == "pad":
        height = None if height is None else max(height, *(size[0] for size in sizes), 1)
        width = None if width is None else max(width, *(size[1] for size in sizes), 1)
    pictures = [noise(*size) for size in sizes]
    images, widths = unified(pictures, height=height, width=width, unify=way, paper=paper)
    assert images.shape[1] == (height or max(size[0] for size in sizes))
    if widths is None:
        assert width in (None, images.shape[2])
    else:
        assert width is None
        assert widths.max() == images.shape[2]
        assert widths.min() < widths.max()
        for image, ends in zip(images, widths, strict=True):
            assert not image[:, ends:].any()


# Paper.


def framed(border: int, centre: int) -> NDArray[np.uint8]:
    picture = np.full((4, 4), border, np.uint8)
    picture[1:3, 1:3] = centre
    return picture


@pytest.mark.parametrize(("border", "is_white"), [(127, False), (128, True)])
@pytest.mark.parametrize("centre", [0, 255])
def test_grey_paper_is_told_by_the_outermost_pixels(
    border: int, is_white: bool, centre: int
) -> None:
    picture = framed(border, centre)
    for images, _ in (unified([picture]), unify_stack(picture[None], Unified())):
        assert np.array_equal(images[0], 255 - picture if is_white else picture)


@pytest.mark.parametrize("side", range(4))
def test_all_four_sides_count(side: int) -> None:
    # The mean of the 12 outermost pixels is 2/3 of the level: 127.33, then 128.
    for level, is_white in ((191, False), (192, True)):
        picture = np.full((4, 4), level, np.uint8)
        picture[0] = 0
        picture = np.rot90(picture, side)
        expected = 255 - picture if is_white else picture
        assert np.array_equal(unified([picture])[0], expected[None])


def test_paper_is_decided_for_the_whole_data_set() -> None:
    white, black = framed(255, 0), framed(0, 255)
    images, _ = unified([white, white, black])
    assert np.array_equal(images, [255 - white, 255 - white, 255 - black])
    images, _ = unified([white, black, black])
    assert np.array_equal(images, [white, black, black])


def test_a_mean_of_half_is_white() -> None:
    white, black = framed(255, 0), framed(0, 255)
    images, _ = unified([white, black])
    assert np.array_equal(images, [255 - white, 255 - black])


def test_pictures_of_a_single_row_are_all_border() -> None:
    row = np.array([[255, 255, 0]], np.uint8)
    images, _ = unified([row])
    assert images.tolist() == [[[0, 0, 255]]]


def test_colours_are_on_white_unless_told() -> None:
    dark = np.zeros((3, 3, 3), np.uint8)
    dark[1, 1] = (200, 0, 0)
    assert np.array_equal(unified([dark])[0], 255 - dark[None])
    assert np.array_equal(unified([dark], paper="black")[0], dark[None])


# Colour.


def test_one_picture_in_colour_makes_a_data_set_in_colour() -> None:
    grey, colour = noise(3, 3), noise(3, 3, 3)
    images, _ = unified([grey, colour, grey], paper="black")
    repeated = np.repeat(grey[..., None], 3, axis=2)
    assert np.array_equal(images, [repeated, colour, repeated])


def test_three_equal_channels_are_grey() -> None:
    grey = noise(3, 4)
    picture = Image.fromarray(np.repeat(grey[..., None], 3, axis=2))
    assert picture.mode == "RGB"
    assert np.array_equal(unified([picture], paper="black")[0], grey[None])


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_a_single_differing_channel_is_colour(channel: int) -> None:
    picture = np.zeros((3, 4, 3), np.uint8)
    picture[1, 1, channel] = 1
    assert levels_of(picture).shape == (3, 4, 3)


# Kinds of pictures.


def test_sixteen_bits_are_scaled() -> None:
    deep = np.array([[0, 128, 129, 40_000, 65_535]], np.uint16)
    expected = [[0, 0, 1, 156, 255]]
    assert levels_of(deep).tolist() == expected
    assert levels_of(Image.fromarray(deep)).tolist() == expected
    assert levels_of(deep.astype(">u2")).tolist() == expected
    assert levels_of(Image.fromarray(deep.astype(np.int32))).tolist() == expected


@pytest.mark.parametrize("level", [-1, 65_536])
def test_what_sixteen_bits_cannot_hold_is_refused(level: int) -> None:
    picture = Image.fromarray(np.array([[level]], np.int32))
    with pytest.raises(ArgumentValueError, match=f"from 0 to 65,535, not from {level} to {level}"):
        levels_of(picture)


def test_one_bit_is_black_or_white() -> None:
    bits = np.array([[True, False, True]])
    assert levels_of(bits).tolist() == [[255, 0, 255]]
    assert levels_of(Image.fromarray(bits)).tolist() == [[255, 0, 255]]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_rounded(dtype: type) -> None:
    levels = np.arange(256, dtype=np.uint8)[None]
    assert np.array_equal(levels_of((levels / 255).astype(dtype)), levels)


def test_pillows_floats_are_from_0_to_1() -> None:
    picture = Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32))
    assert levels_of(picture).tolist() == [[0, 128, 255]]


@pytest.mark.parametrize("level", [-0.1, 1.1, np.nan, np.inf])
def test_floats_out_of_range_are_refused(level: float) -> None:
    with pytest.raises(ArgumentValueError, match=r"^pictures of floats lie from 0\.0 to 1\.0, not"):
        levels_of(np.array([[0.5, level]]))


def test_transparency_shows_the_paper() -> None:
    pixels = np.array([[[0, 0, 0, 255], [0, 0, 0, 0], [0, 0, 0, 51]]], np.uint8)
    picture = Image.fromarray(pixels)
    assert levels_of(picture, "white").tolist() == [[0, 255, 204]]
    pixels[..., :3] = 255
    assert levels_of(Image.fromarray(pixels), "black").tolist() == [[255, 0, 51]]


@pytest.mark.parametrize("paper", ["white", "black"])
def test_transparent_paper_is_no_ink_whichever_it_is(paper: str) -> None:
    pixels = np.array([[[128, 128, 128, 255], [9, 9, 9, 0]]], np.uint8)
    ink = {"white": 127, "black": 128}[paper]
    for mode in ("RGBA", "LA"):
        picture = Image.fromarray(pixels).convert(mode)
        assert unified([picture], paper=paper)[0].tolist() == [[[ink, 0]]], mode


@pytest.mark.parametrize("mode", ["L", "P", "RGB"])
@pytest.mark.parametrize("paper", ["white", "black"])
def test_a_transparent_colour_shows_the_paper(mode: str, paper: str) -> None:
    picture = Image.fromarray(np.array([[0, 77]], np.uint8)).convert(mode)
    picture.info["transparency"] = (77, 77, 77) if mode == "RGB" else 77
    assert levels_of(picture, paper).tolist() == [[0, {"white": 255, "black": 0}[paper]]]


def test_a_palette_is_looked_up() -> None:
    colours = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)
    picture = Image.fromarray(colours).quantize(2)
    assert picture.mode == "P"
    assert np.array_equal(levels_of(picture), colours)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_as_its_exif_data_says(orientation: int) -> None:
    picture = Image.fromarray(noise(2, 5))
    picture.getexif()[0x0112] = orientation
    levels = levels_of(picture)
    pixels = np.asarray(picture)
    turned = pixels if orientation < 5 else pixels.T
    flips = {2: (1,), 3: (0, 1), 4: (0,), 6: (1,), 7: (0, 1), 8: (0,)}.get(orientation, ())
    assert np.array_equal(levels, np.flip(turned, flips))
    assert size_of(picture) == levels.shape


class Tensor:
    """What torch's tensors have in common with us: `numpy()`."""

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = values

    def numpy(self) -> NDArray[Any]:
        return self._values


@pytest.mark.parametrize("kind", [np.asarray, Tensor])
@pytest.mark.parametrize("channels", [1, 3])
def test_channels_may_come_first(kind: Any, channels: int) -> None:
    picture = noise(5, 4, channels)
    expected = picture[:, :, 0] if channels == 1 else picture
    assert np.array_equal(levels_of(kind(np.moveaxis(picture, 2, 0))), expected)
    assert np.array_equal(levels_of(kind(picture)), expected)
    assert size_of(kind(np.moveaxis(picture, 2, 0))) == (5, 4)


def test_in_doubt_tensors_have_channels_first_and_arrays_last() -> None:
    picture = noise(3, 5, 3)
    assert np.array_equal(levels_of(picture), picture)
    assert np.array_equal(levels_of(Tensor(picture)), np.moveaxis(picture, 0, 2))


@pytest.mark.parametrize("shape", [(), (5,), (0, 5), (5, 4, 2), (5, 4, 4), (2, 5, 4, 3)])
def test_another_shape_is_refused(shape: tuple[int, ...]) -> None:
    picture = np.zeros(shape, np.uint8)
    with pytest.raises(ArgumentValueError, match=r"^a picture has the shape \(height, width\)"):
        levels_of(picture)


@pytest.mark.parametrize("picture", [None, "cat.png", [[0, 1]], 7])
def test_what_is_no_picture_is_refused(picture: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"^a picture is a PIL image or a NumPy array, not"):
        levels_of(picture)


@pytest.mark.parametrize("dtype", [np.int64, np.int8, np.uint32, complex])
def test_other_numbers_are_refused(dtype: type) -> None:
    picture = np.zeros((2, 2), dtype)
    message = f"not {np.dtype(dtype)}; whole numbers from 0 to 255"
    with pytest.raises(ArgumentTypeError, match=message):
        levels_of(picture)


# Limits and settings.


def test_what_takes_too_much_memory_is_refused_before_it_is_read() -> None:
    message = (
        r"^2 pictures of 60000 x 120000 pixels take 13\.4 GiB, more than 8; "
        r"use a height of at most 46340$"
    )
    with pytest.raises(ArgumentValueError, match=message):
        unify(iter([]), [(1, 2), (1, 1)], Unified(height=60_000))
    assert 2 * 46_340 * 92_680 <= 8 << 30 < 2 * 46_341 * 92_682


# In grey 2 * 10 * 10 bytes fit. In colour it is found out late, because 2 * 12 * 12 would fit.
@pytest.mark.parametrize(("channels", "limit", "height"), [((), 200, 10), ((3,), 288, 6)])
def test_the_height_that_is_advised_fits(
    monkeypatch: pytest.MonkeyPatch, channels: tuple[int, ...], limit: int, height: int
) -> None:
    monkeypatch.setattr(unifying, "_MOST_BYTES", limit)
    pictures = [noise(12, 12), noise(12, 12, *channels)]
    for way, advice in (("resize", ""), ("pad", "unify='resize' and ")):
        with pytest.raises(ArgumentValueError, match=f"use {advice}a height of at most {height}$"):
            unified(pictures, unify=way)
    assert unified(pictures, height=height)[0].shape[1] == height
    with pytest.raises(ArgumentValueError, match="GiB"):
        unified(pictures, height=height + 1)


def test_where_no_height_would_fit_fewer_pictures_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unifying, "_MOST_BYTES", 1)
    with pytest.raises(ArgumentValueError, match=r"use fewer pictures, or a smaller width$"):
        unified([noise(2, 2), noise(2, 2)])


def test_a_picture_that_changes_its_size_is_told() -> None:
    message = r"^picture 0 was 3 x 2 pixels when it was looked at and 2 x 3 when it was read"
    with pytest.raises(ArgumentValueError, match=message):
        unify([noise(2, 3)], [(3, 2)], Unified())


def test_stopping_it_stops_it() -> None:
    def pictures() -> Any:
        yield noise(2, 2)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        unify(pictures(), [(2, 2)] * 2, Unified())


@pytest.mark.parametrize("name", ["height", "width"])
@pytest.mark.parametrize("pixels", [2.0, "28", True, [28]])
def test_a_side_is_a_whole_number(name: str, pixels: Any) -> None:
    settings = {name: pixels}
    with pytest.raises(ArgumentTypeError, match=f"^a {name} of pictures is a whole number of"):
        Unified(**settings)


@pytest.mark.parametrize("name", ["height", "width"])
@pytest.mark.parametrize("pixels", [0, -1, 65_537])
def test_a_side_is_within_limits(name: str, pixels: int) -> None:
    settings: dict[str, Any] = {name: pixels}
    message = f"^a {name} of pictures lies from 1 to 65536 pixels, {pixels} does not$"
    with pytest.raises(ArgumentValueError, match=message):
        Unified(**settings)


@pytest.mark.parametrize("way", ["crop", None, ["pad"]])
def test_pictures_are_resized_or_padded(way: Any) -> None:
    with pytest.raises(ArgumentValueError, match=r"^pictures are unified by resize or pad, not"):
        Unified(unify=way)


@pytest.mark.parametrize("paper", ["grey", "", 0, ["white"]])
def test_paper_is_white_or_black(paper: Any) -> None:
    with pytest.raises(ArgumentValueError, match=r"^paper is white or black, or None to tell by"):
        Unified(paper=paper)
