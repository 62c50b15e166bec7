"""DigitSequence: the classic surface."""

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from image_sequence import BundledDigits, DigitSequence, GlyphBank
from image_sequence.composing.transforms import classic
from image_sequence.draws import Draws
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ImageSequenceError,
    NoGapError,
    SourceNotFoundError,
)
from image_sequence.plan import FloatImages

EXAMPLE_CONFIG = Path(__file__).parents[1] / "api_examples" / "example_config.json"


def pictures(generator: DigitSequence, count: int = 3) -> FloatImages:
    return np.array(
        [generator.generate_numbers_sequence([2, 0], (0, 20), 86) for _ in range(count)]
    )


def test_a_picture_is_float32_of_the_width_asked_for() -> None:
    image = DigitSequence().generate_numbers_sequence(range(10), (0, 20), 390)
    assert image.dtype == np.float32
    assert image.shape == (28, 390)
    assert image.flags.c_contiguous
    assert 0 <= image.min() < 0.1
    assert 0.9 < image.max() <= 1


def test_the_example_configuration_makes_equal_gaps_at_the_edges_too() -> None:
    image = DigitSequence(EXAMPLE_CONFIG, seed=7).generate_numbers_sequence([0, 1], (0, 30), 86)
    assert image.shape == (28, 86)
    for gap in (image[:, :10], image[:, 38:48], image[:, 76:]):
        assert (gap == 1).all()


def test_a_seed_repeats_the_whole_sequence_of_calls() -> None:
    once, again = pictures(DigitSequence(seed=7)), pictures(DigitSequence(seed=7))
    assert (once == again).all()
    assert not (once[0] == once[1]).all()


def test_a_seed_repeats_in_another_process() -> None:
    program = """
from image_sequence import DigitSequence
generator = DigitSequence(seed=7)
for _ in range(3):
    print(generator.generate_numbers_sequence([2, 0], (0, 20), 86).tobytes().hex())
"""
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    ours = [image.tobytes().hex() for image in pictures(DigitSequence(seed=7))]
    assert result.stdout.split() == ours


def test_without_a_seed_a_fresh_one_is_drawn_and_kept() -> None:
    generator, other = DigitSequence(), DigitSequence()
    assert generator.seed != other.seed
    assert (pictures(generator) == pictures(DigitSequence(seed=generator.seed))).all()


def test_a_call_with_bad_input_uses_up_no_sample(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank)
    first = pictures(DigitSequence(seed=7, source=grey_bank), 1)
    with pytest.raises(ArgumentValueError, match="no image of 11"):
        generator.generate_numbers_sequence([11], (0, 20), 86)
    assert (pictures(generator, 1) == first).all()


def test_a_pickled_generator_goes_on_and_carries_no_glyphs() -> None:
    generator, twin = DigitSequence(seed=7), DigitSequence(seed=7)
    pictures(generator, 2)
    pictures(twin, 2)
    pickled = pickle.dumps(generator)
    assert len(pickled) < 10_000
    assert (pictures(pickle.loads(pickled)) == pictures(twin)).all()  # noqa: S301  # our own


def test_only_digits_asked_for_are_drawn(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank)
    image = generator.generate_numbers_sequence([3, 5], (4, 4), 60)
    inks = np.rint(255 * (1 - image)) / 10 - 1
    assert inks[14, 14] % 10 == 3
    assert inks[14, 46] % 10 == 5
    assert (image[:, 28:32] == 1).all()


def test_one_digit_works_with_edges(tmp_path: Path) -> None:
    image = DigitSequence(EXAMPLE_CONFIG, seed=7).generate_numbers_sequence([5], (0, 30), 48)
    assert image.shape == (28, 48)
    assert (image[:, :10] == 1).all()


def test_one_digit_without_edges_is_a_runtime_error() -> None:
    with pytest.raises(NoGapError, match="one digit has no gap between digits"):
        DigitSequence().generate_numbers_sequence([5], (0, 30), 48)


def test_images_and_labels_are_the_data_sets_and_read_only() -> None:
    generator = DigitSequence()
    assert generator.images.shape == (5000, 28, 28)
    assert generator.images.dtype == np.uint8
    assert np.bincount(generator.labels).tolist() == [500] * 10
    with pytest.raises(ValueError, match="read-only"):
        generator.images[0, 0, 0] = 1
    with pytest.raises(AttributeError):
        generator.labels = generator.labels  # type: ignore[misc]  # on purpose


def test_changing_the_config_dict_changes_nothing() -> None:
    generator = DigitSequence()
    generator.config["spacing"]["type"] = "fixed"
    assert generator.config["spacing"]["type"] == "variable"


def test_saving_returns_the_path_and_keeps_the_pixels(tmp_path: Path) -> None:
    generator = DigitSequence(seed=7)
    image = generator.generate_numbers_sequence(range(10), (0, 20), 390)
    path = generator.save_image(image, range(10), tmp_path)
    assert path == str(tmp_path / "seq_0123456789.png")
    with Image.open(path) as saved:
        assert (np.asarray(saved) == np.rint(255 * image)).all()


def test_saving_goes_to_the_current_folder_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert DigitSequence().save_image(np.ones((28, 56)), np.array([0, 1])) == "./seq_01.png"
    assert (tmp_path / "seq_01.png").is_file()


def test_saved_pictures_are_rounded_and_have_no_specks(tmp_path: Path) -> None:
    # Bicubic rings past white; wrapped as uint8, nine of ten classic pictures had black specks.
    generator = DigitSequence(seed=7)
    for _ in range(50):
        image = generator.generate_numbers_sequence(range(10), (0, 20), 390)
        with Image.open(generator.save_image(image, range(10), tmp_path)) as saved:
            assert abs(np.asarray(saved) - 255.0 * image).max() <= 0.5001


def test_saving_many_makes_different_files_and_replaces_none(tmp_path: Path) -> None:
    generator = DigitSequence(seed=7)
    first = list(generator.save_many([0, 1], (0, 20), 86, count=3, save_dir=tmp_path))
    contents = [Path(path).read_bytes() for path in first]
    second = list(generator.save_many([0, 1], (0, 20), 86, count=2, save_dir=tmp_path))
    assert [Path(path).name for path in first + second] == [
        f"seq_01_{number:06}.png" for number in range(5)
    ]
    assert [Path(path).read_bytes() for path in first] == contents
    assert len({Path(path).read_bytes() for path in first + second}) == 5


def test_saving_many_keeps_what_somebody_else_wrote_meanwhile(tmp_path: Path) -> None:
    paths = DigitSequence(seed=7).save_many([0, 1], (0, 20), 86, count=2, save_dir=tmp_path)
    next(paths)
    foreign = tmp_path / "seq_01_000001.png"
    foreign.write_text("somebody else's")
    with pytest.raises(FileExistsError):
        next(paths)
    assert foreign.read_text() == "somebody else's"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize(
    ("count", "kind"),
    [(0, ArgumentValueError), (2.0, ArgumentTypeError), (True, ArgumentTypeError)],
)
def test_a_count_is_a_whole_number_of_at_least_1(
    count: int, kind: type[ImageSequenceError], tmp_path: Path
) -> None:
    paths = DigitSequence().save_many([0, 1], (0, 20), 86, count=count, save_dir=tmp_path / "new")
    with pytest.raises(kind, match=r"1 or more can|a whole number such as 20"):
        next(paths)
    assert not (tmp_path / "new").exists()


def test_stopping_keeps_what_is_saved_and_nothing_else(tmp_path: Path) -> None:
    paths = DigitSequence(seed=7).save_many([0, 1], (0, 20), 86, count=100, save_dir=tmp_path)
    saved = [next(paths), next(paths)]
    paths.close()  # type: ignore[attr-defined]  # an iterator that is a Python generator
    assert sorted(map(str, tmp_path.iterdir())) == saved


def test_a_source_may_be_split_by_hand() -> None:
    assert DigitSequence(source=BundledDigits("train")).labels.size == 5000


def test_a_missing_source_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match=r"no folder .*nowhere"):
        DigitSequence(source=tmp_path / "nowhere")


def test_a_source_that_loads_something_else_is_named() -> None:
    class Odd:
        def load(self) -> str:
            return "digits"

    generator = DigitSequence(source=Odd())  # type: ignore[arg-type]  # odd on purpose
    with pytest.raises(ArgumentTypeError, match="a source loads a GlyphBank, not 'digits'"):
        generator.generate_numbers_sequence([0, 1], (0, 20), 86)


def test_a_transform_of_the_users_is_applied(grey_bank: GlyphBank) -> None:
    def erased(glyphs: FloatImages, rng: Draws) -> FloatImages:
        return np.zeros_like(glyphs)

    image = DigitSequence(source=grey_bank, transform=erased).generate_numbers_sequence(
        [0, 1], (0, 20), 86
    )
    assert (image == 1).all()


@pytest.mark.parametrize("transform", [3, {"blur": {}}, list])
def test_what_is_no_transform_is_refused_at_once(transform: object) -> None:
    with pytest.raises(ArgumentTypeError, match=r"a function of \(glyphs, rng\), a list of steps"):
        DigitSequence(transform=transform)  # type: ignore[arg-type]  # the wrong kinds on purpose


def test_a_transform_is_told_by_its_name_or_switched_on_and_off() -> None:
    def picture(transform: Any) -> Any:
        return DigitSequence(seed=7, transform=transform).sample([1, 2], (0, 3), 60, index=0).image

    assert (picture("classic") == picture(True)).all()
    assert (picture("classic") == picture(classic)).all()
    assert (picture(False) == picture(None)).all()
    assert (picture("classic-native") != picture(True)).any()
