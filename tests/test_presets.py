"""Presets, and the command that prints them and checks configurations."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from image_sequence import DigitSequence
from image_sequence.cli import main
from image_sequence.config import Configuration
from image_sequence.errors import (
    ArgumentValueError,
    ConfigurationTypeError,
    ConfigurationValueError,
)
from image_sequence.presets import PRESETS, preset_configuration, preset_text
from image_sequence.records import read_records


@pytest.mark.parametrize("preset", PRESETS)
def test_a_printed_preset_is_a_configuration_that_draws_the_same(
    preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["config", "--preset", preset]) == 0
    path = tmp_path / "mine.json"
    path.write_text(capsys.readouterr().out, "utf-8")
    gaps = (-3, 2) if preset_configuration(preset).overlap else (0, 2)
    one = DigitSequence(path, seed=7).sample([3, 5], gaps, 70, index=4)
    other = DigitSequence(preset=preset, seed=7).sample([3, 5], gaps, 70, index=4)
    assert (one.image == other.image).all()
    assert one.to_json() == other.to_json()


@pytest.mark.parametrize("preset", PRESETS)
def test_a_checked_configuration_is_printed_whole(
    preset: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.json"
    path.write_text(preset_text(preset), "utf-8")
    assert main(["config", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == preset_configuration(preset).to_dict()
    assert Configuration.from_dict(printed) == preset_configuration(preset)
    assert hash(Configuration.from_dict(printed)) == hash(preset_configuration(preset))


@pytest.mark.parametrize("preset", PRESETS)
def test_sequences_of_mixed_lengths_are_the_same_alone(preset: str) -> None:
    generator = DigitSequence(preset=preset, seed=7)
    rows = [[1, 2], [3, 4, 5], [6, 7, 8, 9], [0, 1]]
    batch = generator.batch(rows, (2, 8), 160, dtype=np.uint8)
    for index, row in enumerate(rows):
        alone = generator.sample(row, (2, 8), 160, index=index, dtype=np.uint8)
        np.testing.assert_array_equal(batch[index].image, alone.image)
        assert batch[index].to_dict(masks=True) == alone.to_dict(masks=True)


def test_the_presets_are_those_that_are_promised() -> None:
    promised = {"classic", "touching", "overlapping", "noisy-scan", "colour", "hard"}
    literature = {"double-mnist", "triple-mnist", "multi-mnist", "overlap-0-to-0.4"}
    assert set(PRESETS) == promised | literature | {"classic-native"}


def test_classic_is_what_is_drawn_without_a_preset() -> None:
    one, other = (DigitSequence(seed=7, preset=name) for name in (None, "classic"))
    images = [g.generate_numbers_sequence(range(10), (0, 20), 390) for g in (one, other)]
    assert (images[0] == images[1]).all()


@pytest.mark.parametrize(
    ("preset", "digits", "gaps", "width", "height"),
    [
        ("double-mnist", [1, 2], (0, 8), 64, 64),
        ("triple-mnist", [1, 2, 3], (0, 0), 84, 84),
        ("multi-mnist", [1, 2], (-27, -20), 36, 36),
    ],
)
def test_canvases_of_the_literature_have_their_size(
    preset: str, digits: list[int], gaps: tuple[int, int], width: int, height: int
) -> None:
    batch = DigitSequence(preset=preset, seed=7).batch([digits] * 50, gaps, width)
    assert batch.images.shape == (50, height, width)
    assert batch.images[:, 0, 0].max() < 0.01  # Dark paper.
    tops = batch.boxes[..., 1]
    assert len(np.unique(tops)) > 5


def test_multi_mnist_overlaps_by_about_four_fifths() -> None:
    batch = DigitSequence(preset="multi-mnist", seed=7).batch([[3, 8]] * 2_000, (-27, -20), 36)
    # Of the boxes of 20 x 20 that hold MNIST's digits.
    apart = np.abs(batch.boxes[:, 1, :2] - batch.boxes[:, 0, :2])
    shares = (20 - apart).prod(axis=1) / 400
    assert 0.6 < shares.mean() < 0.85


def test_draw_takes_a_preset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--preset", "colour", "--seed", "7", "--out", str(tmp_path)]
    assert main(["draw", "4,2", "0", "9", "80", *options]) == 0
    path = Path(capsys.readouterr().out.strip())
    with Image.open(path) as picture:
        assert (picture.mode, picture.size) == ("RGB", (80, 28))
        saved = np.asarray(picture)
    image = DigitSequence(preset="colour", seed=7).generate_numbers_sequence([4, 2], (0, 9), 80)
    assert (saved == np.rint(255 * image)).all()


def test_draw_takes_negative_gaps_where_digits_may_overlap(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["draw", "4,2,7", "-9", "-4", "70", "--out", str(tmp_path)]
    assert main([*arguments, "--preset", "overlapping", "--count", "3", "--records"]) == 0
    assert len(capsys.readouterr().out.split()) == 3
    records = list(read_records(tmp_path))
    assert all(-9 <= gap <= -4 for record in records for gap in record["gaps"][1:-1])
    assert main(arguments) == 2
    assert "with spacing.overlap it may be negative" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["config"], "say either a FILE to check or a --preset to print"),
        (["config", "x.json", "--preset", "hard"], "say either a FILE"),
        (["config", "nowhere.json"], "there is no configuration file 'nowhere.json'"),
        (["draw", "1", "0", "1", "50", "-c", "x.json", "--preset", "hard"], "use one"),
    ],
)
def test_what_makes_no_sense_is_said(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_bad_configuration_is_refused_by_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mine.json"
    path.write_text(preset_text("hard").replace('"stroke"', '"strokes"'), "utf-8")
    assert main(["config", str(path)]) == 2
    error = capsys.readouterr().err
    assert "image.transform[1]: there is no step 'strokes'" in error
    assert "did you mean 'stroke'?" in error
    path.write_text(preset_text("classic").replace("variable", "wide"), "utf-8")
    assert main(["config", str(path)]) == 2
    assert "there is no spacing type 'wide'" in capsys.readouterr().err


def test_an_unknown_preset_is_refused_with_those_there_are() -> None:
    with pytest.raises(ArgumentValueError, match="there is no preset 'loud'; there are 'classic'"):
        DigitSequence(preset="loud")


def test_arguments_go_before_the_preset() -> None:
    generator = DigitSequence(preset="hard", seed=7, measure="cell", layout={}, page={"ink": 0.5})
    config = generator.config
    assert "measure" not in config["spacing"]
    assert "layout" not in config
    assert config["page"] == {"ink": 0.5}
    assert generator.sample([1, 2], (0, 3), 80, index=0).sizes is None


def test_the_configuration_of_a_generator_makes_the_same_again(tmp_path: Path) -> None:
    generator = DigitSequence(
        seed=7,
        transform=[{"affine": {"rotate": (np.float32(-3), 4)}}],
        measure="ink",
        layout={"baseline": [-2, 2]},
        page={"paper": np.float64(0.5)},
    )
    path = tmp_path / "same.json"
    path.write_text(json.dumps(generator.config), "utf-8")
    one, other = (
        g.sample([4, 2], (0, 3), 60, index=0) for g in (generator, DigitSequence(path, seed=7))
    )
    assert (one.image == other.image).all()
    assert one.to_json() == other.to_json()


def test_a_configuration_keeps_what_it_was_made_of() -> None:
    steps: list[Any] = [{"blur": {"sigma": [0, 1]}}]
    configuration = Configuration(transform=steps, page={"paper": [0.5, 1]})
    steps.append("nonsense")
    configuration.to_dict()["image"]["transform"].append("nonsense")
    assert configuration.to_dict()["image"]["transform"] == [{"blur": {"sigma": [0, 1]}}]


def test_what_is_nested_too_deep_is_refused() -> None:
    endless: list[Any] = []
    endless.append({"random_order": endless})
    with pytest.raises(ConfigurationValueError, match="is not nested so deep"):
        Configuration(transform=endless)
    with pytest.raises(ArgumentValueError, match="holds no other random_order"):
        DigitSequence(transform=endless)


def test_sections_of_another_kind_are_refused() -> None:
    for section in ({"layout": []}, {"page": "red"}):
        with pytest.raises(ConfigurationTypeError, match="is an object, not"):
            Configuration(**section)  # type: ignore[arg-type]  # the wrong kinds on purpose
