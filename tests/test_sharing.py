"""Records on disk, and what two sets of them share."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from shared_data import MNIST, QMNIST, needs_mnist, needs_writers

from image_sequence.cli import main
from image_sequence.draws import Draws
from image_sequence.errors import RecordError, SourceNotFoundError
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import BundledDigits, IdxFolder
from image_sequence.records import RECORDS, append_record, append_records, read_records
from image_sequence.sharing import Contents, Sharing

ROOT = Path(__file__).parents[1]
RANGE, WIDTH = (0, 9), 120


def letters(*, offset: int = 0) -> GlyphBank:
    """Six glyphs of a, b and c; glyph i has the ink 1 + i + offset and the writer i // 2."""
    images = np.arange(1 + offset, 7 + offset, dtype=np.uint8)[:, None, None]
    return GlyphBank(
        np.broadcast_to(images, (6, 4, 3)).copy(),
        np.array([0, 1, 2, 0, 1, 2]),
        "letters",
        names={0: "a", 1: "b", 2: "c"},
        writers=np.arange(6) // 2,
    )


def records(generator: ImageSequence, sequences: list[Any], **details: Any) -> Iterator[Any]:
    return (sample.to_dict() for sample in generator.batch(sequences, RANGE, WIDTH, **details))


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    append_record(tmp_path / "new", {"text": "あ", "index": 1})
    append_records(tmp_path / "new", [{"index": 2}, {"index": 3}])
    assert list(read_records(tmp_path / "new")) == [
        {"text": "あ", "index": 1},
        {"index": 2},
        {"index": 3},
    ]
    assert list(read_records(tmp_path / "new" / RECORDS))[1] == {"index": 2}


def test_a_failed_record_leaves_the_others_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_record(tmp_path, {"index": 1})

    def fill_the_disk(file: Any, content: bytes) -> None:
        file.write(content[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("image_sequence.records._write", fill_the_disk)
    with pytest.raises(OSError, match="No space left"):
        append_record(tmp_path, {"index": 2})
    assert list(read_records(tmp_path)) == [{"index": 1}]


def test_nothing_is_added_behind_half_a_line(tmp_path: Path) -> None:
    (tmp_path / RECORDS).write_text('{"index": 1}\n{"ind')
    with pytest.raises(RecordError, match=r"the last line of '.*metadata.jsonl' is cut short"):
        append_record(tmp_path, {"index": 2})


@pytest.mark.parametrize("line", ["{", "[1]", "7", "no"])
def test_a_line_that_is_no_record_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / RECORDS).write_text(f'{{"index": 1}}\n{line}\n')
    with pytest.raises(RecordError, match=r"metadata.jsonl, line 2 is no"):
        list(read_records(tmp_path))


def test_saved_pictures_have_their_records(tmp_path: Path) -> None:
    generator = ImageSequence(letters(), seed=2)
    paths = list(generator.save_many("cab", RANGE, WIDTH, count=3, save_dir=tmp_path, records=True))
    schema = json.loads((ROOT / "docs" / "sample.schema.json").read_text())
    schema["properties"]["file_name"] = {"type": "string"}
    saved = list(read_records(tmp_path))
    assert [record["file_name"] for record in saved] == [Path(path).name for path in paths]
    for index, record in enumerate(saved):
        jsonschema.validate(record, schema)
        sample = generator.sample("cab", RANGE, WIDTH, index=index)
        assert record == {"file_name": record["file_name"]} | sample.to_dict()
        assert record["labels"] == ["c", "a", "b"]
        assert record["writers"] == sample.writers.tolist()
    without = ImageSequence(letters(), seed=2)
    list(without.save_many("cab", RANGE, WIDTH, count=3, save_dir=tmp_path / "plain"))
    for path in paths:
        assert Path(path).read_bytes() == (tmp_path / "plain" / Path(path).name).read_bytes()


def test_sets_that_share_nothing_are_clean() -> None:
    first = Contents.of("A", records(ImageSequence(letters(), seed=1), ["ab", "ba"]))
    second = Contents.of("B", records(ImageSequence(letters(offset=50), seed=1), ["cc"]))
    sharing = Sharing.between(first, second, ["glyph", "sequence"])
    assert not sharing.leaks
    assert sharing.shared("glyph") == sharing.shared("sequence") == []
    assert sharing.described().splitlines()[0].startswith("glyphs: 0 shared of")


def test_a_leak_planted_by_hand_is_found_and_named() -> None:
    """One glyph of the test set is one of the training set, under another name and number."""
    train, test = letters(), letters(offset=50)
    test.images.flags.writeable = True
    images = test.images.copy()
    images[4] = train.images[1]
    test = GlyphBank(images, test.labels, "renamed", names=test.names, writers=test.writers + 10)
    first = Contents.of("A", records(ImageSequence(train, seed=1), ["abc"] * 40))
    second = Contents.of("B", records(ImageSequence(test, seed=1), ["bca"] * 40))
    sharing = Sharing.between(first, second)
    assert sharing.leaks
    digest = train.digests(np.array([1]))[0]
    assert sharing.shared("glyph") == [
        f"glyph {digest}, letters (all) 1 = glyph {digest}, renamed (all) 4"
    ]
    assert sharing.shared("writer") == []
    assert "glyphs: 1 shared of 6 and 6: a leak" in sharing.described()
    assert sharing.to_dict()["shared"]["glyphs"] == sharing.shared("glyph")


def test_shared_writers_and_sequences_are_named_and_judged_as_the_split_says() -> None:
    first = Contents.of("A", records(ImageSequence(letters(), seed=1), ["abc"] * 40))
    second = Contents.of("B", records(ImageSequence(letters(offset=50), seed=2), ["abc"] * 40))
    sharing = Sharing.between(first, second)
    assert not sharing.leaks
    writers = [f"writer {number} of letters" for number in (0, 1, 2)]
    assert sorted(sharing.shared("writer")) == writers
    assert sharing.shared("sequence") == ["sequence 'abc'"]
    assert "sequences: 1 shared of 1 and 1, which the split does not forbid" in sharing.described()
    for kind in ("writer", "sequence"):
        assert Sharing.between(first, second, [kind]).leaks


def test_what_both_were_split_by_must_not_be_shared() -> None:
    source = BundledDigits()
    sides = []
    for part in ("train", "test"):
        generator = DigitSequence(source=source, seed=1, split=part, split_by="sequence")
        stream = generator.stream(lambda rng: rng.integers(0, 9, 2), RANGE, WIDTH)
        sides.append(Contents.of(part, (sample.to_dict() for sample in next(stream))))
    sharing = Sharing.between(*sides)
    assert sharing.must_not == {"glyph", "sequence"}
    assert sharing.shared("sequence") == []
    assert sharing.shared("glyph")  # By sequence alone, glyphs are shared, and that is said.
    assert sharing.leaks


def test_labels_of_the_same_text_are_other_sequences() -> None:
    names = {0: "1", 1: "23", 2: "12", 3: "3"}
    bank = GlyphBank(np.ones((4, 3, 3), np.uint8), np.arange(4), names=names)
    one, other = (
        Contents.of("A", records(ImageSequence(bank, seed=1), [labels]))
        for labels in (["1", "23"], ["12", "3"])
    )
    assert not Sharing.between(one, other).shared("sequence")


def test_records_without_what_is_needed_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"record 1 of A is not what Sample\.to_json"):
        Contents.of("A", [{"text": "12"}])
    with pytest.raises(RecordError, match="there are no records in A"):
        Contents.of("A", [])
    with pytest.raises(SourceNotFoundError, match="there are no records"):
        Contents.read(tmp_path)


def test_the_command_judges_and_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for part in ("train", "test"):
        arguments = ["--split", part, "--count", "30", "--records", "--out", part, "--seed", "5"]
        assert main(["draw", "2,0,2,6", "0", "20", "160", *arguments]) == 0
    capsys.readouterr()
    assert main(["verify", "train", "test"]) == 0
    out = capsys.readouterr().out
    assert "glyphs: 0 shared of" in out
    assert "  sequence '2026'" in out
    assert main(["verify", "train", "test", "--by", "sequence", "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert report["leaks"]
    assert report["must_not_share"] == ["sequence"]
    assert report["sets"][0]["samples"] == 30
    assert main(["verify", "train", "train/metadata.jsonl"]) == 1
    capsys.readouterr()
    assert main(["verify", "train", "nowhere"]) == 2
    assert "there are no records 'nowhere'" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="2"):
        main(["verify", "train", "test", "--by", "pixel"])


@needs_mnist
@needs_writers
def test_train_and_test_of_mnist_by_writer_share_none() -> None:
    """10,000 samples each; `python -m benchmarks leaks` takes 200,000."""
    sides = []
    for part in ("train", "test"):
        source = IdxFolder(MNIST, writers=QMNIST)
        generator = DigitSequence(source=source, seed=1, split=part, split_by="writer")
        stream = generator.stream(five_digits, RANGE, WIDTH, batch_size=10_000, dtype=np.uint8)
        sides.append(Contents.of(part, (sample.to_dict() for sample in next(stream))))
    sharing = Sharing.between(*sides)
    assert sharing.must_not == {"glyph", "writer"}
    assert not sharing.leaks
    assert len(sides[0].found["writer"]) > 450
    assert len(sides[1].found["glyph"]) > 9_900


def five_digits(rng: Draws) -> np.ndarray:
    return rng.integers(0, 9, 5)
