"""Pictures on disk: rounded, never wrapped, and whole."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from image_sequence.errors import ArgumentTypeError, ArgumentValueError, ImageSequenceError
from image_sequence.picture import next_number, picture_name, save_picture, to_bytes


@given(st.lists(st.floats(-2, 3, width=32), min_size=1))
def test_levels_are_rounded_and_clipped(values: list[float]) -> None:
    levels = to_bytes(np.array([values], np.float32))[0]
    for value, level in zip(values, levels.tolist(), strict=True):
        assert abs(level - 255 * min(max(value, 0), 1)) <= 0.5001


def test_infinite_values_are_clipped() -> None:
    assert to_bytes(np.array([[-np.inf, np.inf]])).tolist() == [[0, 255]]


def test_uint8_is_kept_as_it_is() -> None:
    assert to_bytes(np.array([[0, 7, 255]], np.uint8)).tolist() == [[0, 7, 255]]


@pytest.mark.parametrize(
    ("image", "kind", "message"),
    [
        ([[0.5]], ArgumentTypeError, "of uint8, not list"),
        (np.ones((2, 2), int), ArgumentTypeError, "not int64"),
        (np.ones((2, 2), bool), ArgumentTypeError, "not bool"),
        (np.ones((2, 2, 4)), ArgumentValueError, r"not \(2, 2, 4\)"),
        (np.ones(3), ArgumentValueError, r"not \(3,\)"),
        (np.ones((28, 0)), ArgumentValueError, r"not \(28, 0\)"),
        (np.array([[0.5, np.nan]]), ArgumentValueError, "holds NaN"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_written(
    image: object, kind: type[ImageSequenceError], message: str, tmp_path: Path
) -> None:
    with pytest.raises(kind, match=message):
        save_picture(image, tmp_path / "new" / "picture.png")
    assert not list(tmp_path.iterdir())


def test_a_saved_png_holds_the_levels(tmp_path: Path) -> None:
    image = np.linspace(-0.1, 1.1, 28 * 40, dtype=np.float32).reshape(28, 40)
    save_picture(image, tmp_path / "new" / "picture.PNG")
    with Image.open(tmp_path / "new" / "picture.PNG") as saved:
        assert saved.format == "PNG"
        assert (np.asarray(saved) == to_bytes(image)).all()


@pytest.mark.parametrize("suffix", ["jpg", "jpeg"])
def test_a_saved_jpeg_is_close_to_the_levels(tmp_path: Path, suffix: str) -> None:
    image = np.linspace(0, 1, 28 * 40, dtype=np.float32).reshape(28, 40)
    save_picture(image, tmp_path / f"picture.{suffix}")
    with Image.open(tmp_path / f"picture.{suffix}") as saved:
        assert saved.format == "JPEG"
        difference = np.asarray(saved).astype(int) - to_bytes(image)
    assert abs(difference).max() <= 8


def test_a_picture_too_wide_for_jpeg_is_refused_with_advice(tmp_path: Path) -> None:
    image = np.ones((1, 65_501), np.float32)
    with pytest.raises(
        ArgumentValueError, match=r"65500 pixels a side.*use the output_format 'png'"
    ):
        save_picture(image, tmp_path / "picture.jpg")
    save_picture(image, tmp_path / "picture.png")
    save_picture(image[:, 1:], tmp_path / "picture.jpg")


def test_a_failing_write_leaves_the_old_picture_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "picture.png"
    save_picture(np.ones((2, 2)), path)
    before = path.read_bytes()

    def fail(image: Image.Image, target: Path, *arguments: object, **options: object) -> None:
        target.write_bytes(b"half a pic")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", fail)
    with pytest.raises(OSError, match="No space left"):
        save_picture(np.zeros((2, 2)), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_long_names_are_cut_and_stay_different() -> None:
    sevens, other = [7] * 300, [7] * 299 + [8]
    assert len(picture_name(sevens, "jpeg", 10**9)) < 255
    assert picture_name(sevens, "png") != picture_name(other, "png")
    assert picture_name([7] * 200, "png") == f"seq_{'7' * 200}.png"


def test_numbers_go_on_from_the_largest(tmp_path: Path) -> None:
    names = ("seq_01.png", "seq_01_000004.png", "seq_01_000002.png", "seq_011_000009.png")
    for name in (*names, "seq_01_000009.jpg", "seq_01_9.png", "seq_01_1000000.png.part"):
        (tmp_path / name).touch()
    assert next_number(tmp_path, [0, 1], "png") == 5
    assert next_number(tmp_path, [0, 2], "png") == 0
    assert next_number(tmp_path / "missing", [0, 1], "png") == 0
