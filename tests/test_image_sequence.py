"""`ImageSequence`: labels of any text, and where its glyphs come from."""

import json
import pickle
from itertools import repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from image_sequence.cli import main
from image_sequence.composing.request import WIDEST
from image_sequence.config import Configuration
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ConfigurationTypeError,
    ConfigurationValueError,
    PluginError,
    SourceNotFoundError,
)
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.arrays import NpzFile
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.finding import as_source, described_source
from image_sequence.glyphs.idx import write_idx
from image_sequence.glyphs.pictures import ImageFolder
from image_sequence.glyphs.sources import IdxFolder
from image_sequence.picture import picture_name

CONFIG = Path(__file__).parents[1] / "api_examples" / "example_config.json"
RANGE, WIDTH = (0, 9), 120
PAIRS = [(np.full((4, 3), 10 * (n + 1), np.uint8), "xyz"[n % 3]) for n in range(6)]


@pytest.fixture
def letters() -> GlyphBank:
    """Flat glyphs of a, b, cat and あ, two of each."""
    images = np.arange(20, 28, dtype=np.uint8)[:, None, None]
    names = {3: "a", 5: "b", 8: "cat", 9: "あ"}
    return GlyphBank(
        np.broadcast_to(images, (8, 6, 5)).copy(),
        np.array([3, 5, 8, 9, 3, 5, 8, 9]),
        "letters",
        names=names,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures of cat and dog, 9 x 7 and 9 x 5."""
    for label, width in (("cat", 7), ("dog", 5)):
        (tmp_path / "animals" / label).mkdir(parents=True)
        for number in range(4):
            levels = np.full((9, width), 255, np.uint8)
            levels[2:6, 1:4] = 40 * number
            Image.fromarray(levels).save(tmp_path / "animals" / label / f"{number}.png")
    return tmp_path / "animals"


def test_labels_are_texts_or_their_numbers(letters: GlyphBank) -> None:
    generator = ImageSequence(letters, seed=1)
    sample = generator.sample(["cat", "a", "あ"], RANGE, WIDTH, index=0)
    assert sample.labels == ("cat", "a", "あ")
    assert sample.text == "cataあ"
    assert generator.classes == ("a", "b", "cat", "あ")
    numbers = generator.sample([8, np.int64(3), "あ"], RANGE, WIDTH, index=0)
    assert numbers.labels == sample.labels
    assert (numbers.image == sample.image).all()
    assert letters.labels[sample.glyph_indices].tolist() == [8, 3, 9]


def test_a_text_is_a_sequence_of_its_characters(letters: GlyphBank) -> None:
    generator = ImageSequence(letters, seed=1)
    batch = generator.batch(["abba", "あa", ["cat"] * 3], RANGE, WIDTH)
    assert batch.texts == ["abba", "あa", "catcatcat"]
    assert batch.labels.tolist() == [[3, 5, 5, 3], [9, 3, -1, -1], [8, 8, 8, -1]]
    assert generator.batch(batch.labels, RANGE, WIDTH).texts == batch.texts
    assert generator.batch(np.array(["ab", "ba"]), RANGE, WIDTH).texts == ["ab", "ba"]


def test_what_is_no_label_is_refused_with_those_that_are(letters: GlyphBank) -> None:
    generator = ImageSequence(letters, seed=1)
    with pytest.raises(
        ArgumentValueError, match=r"letters \(all\) has no label 'c'; it has 'a', 'b', 'cat', 'あ'"
    ) as caught:
        generator.generate_sequence("cat", RANGE, WIDTH)
    assert str(caught.value).endswith("['cat'] is a sequence of that one label")
    with pytest.raises(ArgumentValueError, match="has no image of class 4; it has images of 'a'"):
        generator.generate_sequence([4, 3], RANGE, WIDTH)
    for labels in ([0.5, "a"], [None], [True, "a"], [["a"]]):
        with pytest.raises(ArgumentTypeError, match="a label is a text such as 'a', or its number"):
            generator.generate_sequence(labels, RANGE, WIDTH)
    with pytest.raises(ArgumentTypeError, match="labels are a sequence such as"):
        generator.generate_sequence(7, RANGE, WIDTH)  # type: ignore[arg-type]  # that is the fault
    with pytest.raises(ArgumentTypeError, match="not 'ab'"):
        generator.batch("ab", RANGE, WIDTH)
    with pytest.raises(ArgumentValueError):
        generator.generate_sequence("", RANGE, WIDTH)


def test_numbers_are_texts_as_well_where_labels_have_none(grey_bank: GlyphBank) -> None:
    sample = ImageSequence(grey_bank, seed=3).sample("207", RANGE, WIDTH, index=4)
    digits = DigitSequence(source=grey_bank, seed=3).sample([2, 0, 7], RANGE, WIDTH, index=4)
    assert sample.labels == ("2", "0", "7")
    assert digits.labels == (2, 0, 7)
    assert (sample.image == digits.image).all()
    assert sample.text == digits.text


def test_digits_stay_numbers_where_labels_have_texts(letters: GlyphBank) -> None:
    sample = DigitSequence(source=letters, seed=3).sample([3, 9], RANGE, WIDTH, index=0)
    assert sample.labels == (3, 9)
    assert sample.text == "39"


def test_one_call_after_another_is_sample_after_sample(letters: GlyphBank) -> None:
    generator = ImageSequence(letters, seed=1)
    for index in range(5):
        image = generator.generate_sequence("ab", RANGE, WIDTH)
        assert (image == generator.sample("ab", RANGE, WIDTH, index=index).image).all()


def test_a_stream_takes_texts_in_turn(letters: GlyphBank) -> None:
    generator = ImageSequence(letters, seed=1)
    in_turn = next(generator.stream(["ab", "bab"], (2, 2), WIDTH, batch_size=3, start=1))
    assert in_turn.texts == ["bab", "ab", "bab"]


def test_a_function_may_return_texts_and_is_told_what_is_wrong(letters: GlyphBank) -> None:
    generator = ImageSequence(letters, seed=1)
    drawn = generator.stream(
        lambda rng: ["ab" if k else "ba" for k in rng.integers(0, 1, 1)[:, 0]], RANGE, WIDTH
    )
    assert set(next(drawn).texts) == {"ab", "ba"}
    with pytest.raises(PluginError, match=r"returned no sequences: letters \(all\) has no"):
        next(generator.stream(lambda rng: ["xy"] * rng.batch_size, RANGE, WIDTH))
    with pytest.raises(PluginError, match="returned 1 of them for a batch of 256"):
        next(generator.stream(lambda rng: ["ab"], RANGE, WIDTH))


def test_files_are_named_after_texts(letters: GlyphBank, tmp_path: Path) -> None:
    generator = ImageSequence(letters, seed=1)
    image = generator.generate_sequence(["cat", "a"], RANGE, WIDTH)
    assert Path(generator.save_image(image, ["cat", "a"], tmp_path)).name == "seq_cat-a.png"
    paths = list(generator.save_many("ab", RANGE, WIDTH, count=2, save_dir=tmp_path))
    assert [Path(path).name for path in paths] == ["seq_ab_000000.png", "seq_ab_000001.png"]
    more = list(generator.save_many("ab", RANGE, WIDTH, count=1, save_dir=tmp_path))
    assert Path(more[0]).name == "seq_ab_000002.png"


def test_names_that_no_file_can_have_are_changed_and_told_apart() -> None:
    names = {picture_name([label, "b"], "png") for label in ("a/b", "a\\b", "a b", "a\0b", "a_b")}
    assert len(names) == 5
    assert all(set(name) <= set("seq_ab-.png0123456789cdef") for name in names)
    long = picture_name("あ" * 300, "png", 7)
    assert len(long.encode()) < 255
    assert long != picture_name("あ" * 301, "png", 7)
    assert picture_name([12, 3], "png") == "seq_123.png"


def test_a_worker_gets_a_recipe(folder: Path) -> None:
    generator = ImageSequence(folder, seed=1, split="train", hand="mixed")
    image = generator.sample(["cat", "dog"], RANGE, WIDTH, index=3).image
    packed = pickle.dumps(generator)
    assert len(packed) < 3_000
    again = pickle.loads(packed)  # noqa: S301  # our own
    assert (again.sample(["cat", "dog"], RANGE, WIDTH, index=3).image == image).all()


def test_a_pickled_sample_keeps_its_truth_without_the_data_set(letters: GlyphBank) -> None:
    batch = ImageSequence(letters, seed=1).batch(["ab", "a" * 3], RANGE, WIDTH)
    again = pickle.loads(pickle.dumps(batch))  # noqa: S301  # our own
    for k in range(2):
        alone = pickle.loads(pickle.dumps(batch[k]))  # noqa: S301  # our own
        truth = batch[k].to_json(masks=True)
        assert alone.to_json(masks=True) == truth
        assert again[k].to_json(masks=True) == truth
    assert (again.writers == batch.writers).all()


def test_what_a_path_stands_for_is_found_out(folder: Path, tmp_path: Path) -> None:
    assert isinstance(as_source(folder), ImageFolder)
    np.savez(tmp_path / "a.npz", images=np.ones((2, 4, 4), np.uint8), labels=np.array([0, 1]))
    assert isinstance(as_source(str(tmp_path / "a.npz")), NpzFile)
    write_idx(tmp_path / "idx" / "train-images-idx3-ubyte", np.ones((1, 4, 4), np.uint8))
    write_idx(tmp_path / "idx" / "train-labels-idx1-ubyte", np.array([3], np.uint8))
    assert isinstance(as_source(tmp_path / "idx"), IdxFolder)
    assert isinstance(as_source(f"pictures:{folder}"), ImageFolder)
    pairs = as_source(f"pairs:{__name__}:PAIRS").load()
    assert pairs.names == {0: "x", 1: "y", 2: "z"}


def test_a_folder_of_a_known_name_goes_before_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceNotFoundError, match="image-sequence download kmnist gets it"):
        as_source("kmnist")
    for place in ("kmnist", "cache/kmnist"):
        for half, count in (("train", 20), ("t10k", 10)):
            images = np.full((count, 3, 3), count, np.uint8)
            write_idx(tmp_path / place / f"{half}-images-idx3-ubyte.gz", images)
            labels = (np.arange(count) % 10).astype(np.uint8)
            write_idx(tmp_path / place / f"{half}-labels-idx1-ubyte.gz", labels)
    assert as_source("kmnist").load().names is None
    names = as_source("known:kmnist").load().names
    assert names is not None
    assert (names[0], names[9]) == ("お", "を")


def test_emnist_is_turned_upright_and_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMAGE_SEQUENCE_DATA", str(tmp_path))
    upright = np.zeros((26, 4, 4), np.uint8)
    upright[:, 0, 2] = np.arange(100, 126)
    for half in ("train", "test"):
        stem = tmp_path / "emnist" / f"emnist-letters-{half}"
        write_idx(f"{stem}-images-idx3-ubyte.gz", upright.transpose(0, 2, 1))
        write_idx(f"{stem}-labels-idx1-ubyte.gz", np.arange(1, 27, dtype=np.uint8))
    generator = ImageSequence("emnist-letters", seed=1)
    assert generator.classes == tuple("abcdefghijklmnopqrstuvwxyz")
    assert (generator.images == upright).all()
    assert generator.sample("cab", RANGE, WIDTH, index=0).glyph_indices.tolist() == [2, 0, 1]
    test = ImageSequence("emnist-letters", seed=1, split="test")
    assert test.sample("cab", RANGE, WIDTH, index=0).source.split == "test"


@pytest.mark.parametrize(
    ("text", "settings", "kind", "message"),
    [
        ("nowhere", {}, SourceNotFoundError, "there is no folder 'nowhere'.*or one of mnist, "),
        ("pairs:json:nothing", {}, ArgumentValueError, "'json:nothing' does not lead to any"),
        ("pairs:no.such:thing", {}, ArgumentValueError, "No module named 'no'"),
        ("pairs:", {}, SourceNotFoundError, "there is no folder 'pairs:'"),
        (7, {}, ArgumentTypeError, "a source is a path or a name, not 7"),
        (".", {"kind": "tar"}, ArgumentValueError, "one of 'known', 'idx', 'pictures'"),
        ("known:minst", {}, ArgumentValueError, "minst"),
    ],
)
def test_what_stands_for_nothing_is_refused(
    text: Any, settings: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        described_source(text, **settings)


def test_settings_that_a_kind_does_not_take_are_named(folder: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="'pictures' does not take one of 'heigth'"):
        described_source(folder, heigth=20)


def configuration(tmp_path: Path, data: Any) -> str:
    path = tmp_path / "config.json"
    settings = {
        "image": {"transform": False},
        "spacing": {"type": "variable", "subtype": "between"},
        "output_format": "png",
        "data": data,
    }
    path.write_text(json.dumps(settings))
    return str(path)


def test_a_configuration_says_where_glyphs_come_from(folder: Path, tmp_path: Path) -> None:
    data = {"path": str(folder), "height": 12, "unify": "pad", "split": "train"}
    generator = ImageSequence(config_path=configuration(tmp_path, data), seed=1)
    assert generator.config["data"] == data
    sample = generator.sample(["cat", "dog"], RANGE, WIDTH, index=0)
    assert sample.image.shape == (12, WIDTH)
    assert sample.source.part == "train"
    plain = ImageSequence(config_path=configuration(tmp_path, str(folder)))
    assert plain.classes == ("cat", "dog")
    assert "data" not in ImageSequence().config


def test_arguments_go_before_the_configuration(folder: Path, tmp_path: Path) -> None:
    data = {"split": "train", "fractions": [0.5, 0.25, 0.25], "split_by": ["glyph"]}
    generator = ImageSequence(folder, config_path=configuration(tmp_path, data), split="test")
    assert generator.sample(["cat", "dog"], RANGE, WIDTH, index=0).source.part == "test"
    digits = DigitSequence(configuration(tmp_path, data), seed=1)
    assert digits.sample([1, 2], RANGE, WIDTH, index=0).source.part == "train"
    assert (np.bincount(digits.labels[digits._composer.bank.drawable]) == 250).all()


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (7, ConfigurationTypeError, "in the section data, data is a path, or an object"),
        ({"path": 7}, ConfigurationTypeError, "path is a path or a name, not 7"),
        ({"height": 7}, ConfigurationValueError, "the key path is missing, so 'kind' means"),
        ({"split": "dev"}, ConfigurationValueError, "a split is 'train', 'val' or 'test'"),
        ({"split_by": "glyph"}, ConfigurationValueError, "says which part is meant"),
        ({"split": "val", "fractions": 1}, ConfigurationTypeError, "fractions are three numbers"),
        ({"hand": "left"}, ConfigurationValueError, "hand is 'mixed' or 'single', not 'left'"),
    ],
)
def test_a_section_that_cannot_be_is_refused(
    tmp_path: Path, data: Any, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        ImageSequence(config_path=configuration(tmp_path, data))


def test_the_command_draws_any_labels(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["draw", "cat,dog", "0", "9", "40", "--data", str(folder), "--out", out]) == 0
    assert capsys.readouterr().out.strip() == f"{out}/seq_cat-dog.png"
    config = configuration(tmp_path, str(folder))
    assert main(["draw", "dog, cat", "0", "9", "40", "-c", config, "--out", out]) == 0
    assert capsys.readouterr().out.strip() == f"{out}/seq_dog-cat.png"
    assert main(["draw", "dog,cow", "0", "9", "40", "-c", config, "--out", out]) == 2
    assert "animals (all) has no label 'cow'; it has 'cat', 'dog'" in capsys.readouterr().err


def test_pictures_in_colour_are_saved_in_colour(tmp_path: Path) -> None:
    images = np.zeros((2, 4, 4, 3), np.uint8)
    images[0, :, :, 0], images[1, :, :, 2] = 255, 255
    bank = GlyphBank(images, np.array([0, 1]), names={0: "c", 1: "y"})
    generator = ImageSequence(bank, seed=1, fit="pad")
    image = generator.generate_sequence("cy", (2, 2), 10)
    assert image.shape == (4, 10, 3)
    with Image.open(generator.save_image(image, "cy", tmp_path)) as picture:
        assert picture.mode == "RGB"
        assert picture.getpixel((0, 0)) == (0, 255, 255)  # Cyan: all but red.
        assert picture.getpixel((4, 0)) == (255, 255, 255)
        assert picture.getpixel((6, 0)) == (255, 255, 0)


def test_what_describes_data_can_be_a_key(folder: Path, tmp_path: Path) -> None:
    write_idx(tmp_path / "idx" / "train-images-idx3-ubyte", np.ones((1, 4, 4), np.uint8))
    write_idx(tmp_path / "idx" / "train-labels-idx1-ubyte", np.array([3], np.uint8))
    one, same = (IdxFolder(tmp_path / "idx") for _ in range(2))
    assert len({one, same, Configuration(), Configuration.from_file(CONFIG)}) == 3


def test_endless_labels_and_sequences_come_to_an_end(
    letters: GlyphBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = ImageSequence(letters, seed=1)
    with pytest.raises(ArgumentValueError, match=f"there are more than {WIDEST} digits"):
        generator.generate_sequence(repeat("a"), RANGE, WIDTH)
    with pytest.raises(ArgumentValueError, match=f"there are more than {WIDEST} digits"):
        next(generator.save_many(repeat("a"), RANGE, WIDTH, count=2))
    for module in ("image_sequence.generator", "image_sequence.composing.request"):
        monkeypatch.setattr(f"{module}.MOST_SEQUENCES", 1_000)
    with pytest.raises(ArgumentValueError, match="there are more than 1000 sequences"):
        generator.batch(repeat("ab"), RANGE, WIDTH)
