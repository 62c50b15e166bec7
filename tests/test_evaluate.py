"""`image-sequence evaluate`: predictions, breakdowns of mistakes, and the command."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from image_sequence.commands import evaluate as command
from image_sequence.commands.parsing import Parser
from image_sequence.datasets import write_dataset
from image_sequence.datasets.viewing import Viewed, open_view
from image_sequence.errors import (
    ArgumentValueError,
    RecordError,
    SourceChangedError,
    SourceNotFoundError,
)
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.inspecting.breakdowns import in_steps
from image_sequence.inspecting.evaluation import Evaluation, evaluate
from image_sequence.inspecting.evaluation_text import described, worst_groups
from image_sequence.inspecting.makers import generator_of
from image_sequence.inspecting.predictions import Predictions
from image_sequence.inspecting.slants import slants

RECIPE = {"count": 12, "width": 120, "seed": 7, "labels": {"policy": "digits", "length": [2, 4]}}


def sample(
    index: int,
    labels: Sequence[Any],
    *,
    gaps: Sequence[int] | None = None,
    glyphs: Sequence[int] | None = None,
    writers: Sequence[int | None] | None = None,
) -> Viewed:
    """A sample without a picture."""
    glyphs = glyphs or range(len(labels))
    record = {
        "index": index,
        "labels": list(labels),
        "gaps": list(gaps or [0] * (len(labels) + 1)),
        "glyph_indices": list(glyphs),
        "glyph_digests": [f"{glyph:016x}" for glyph in glyphs],
        "writers": list(writers or [None] * len(labels)),
    }
    return Viewed(f"{index}.png", record, lambda: np.zeros((1, 1), np.uint8))


def evaluated(samples: Sequence[Viewed], *read: str, **options: Any) -> Evaluation:
    texts = {one.index: text for one, text in zip(samples, read, strict=True)}
    return evaluate(samples, Predictions("p.csv", "index", texts), **options)


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def ran(*arguments: object) -> int:
    """The exit code of the command."""
    parser = Parser(prog="image-sequence")
    command.add(parser.add_subparsers())
    options = parser.parse_args(["evaluate", *map(str, arguments)])
    return options.command(options)


def counted(groups: Sequence[Any]) -> dict[str, tuple[int, int, int]]:
    return {one.name: (one.labels, one.substitutions, one.deletions) for one in groups}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_predictions_are_texts_by_file_or_index(tmp_path: Path, encoding: str) -> None:
    path = written(
        tmp_path / "p.csv",
        'file_name,score,prediction\r\ntest/a\\000.png,1,007\r\n\r\n1.png,1,\r\n2.png,1,"1,2"\r\n',
        encoding,
    )
    found = Predictions.read(path)
    assert found.column == "file_name"
    assert found.texts == {"000.png": "007", "1.png": "", "2.png": "1,2"}
    path = written(tmp_path / "q.csv", "file_name,index, prediction\nx,007,é\n", encoding)
    assert Predictions.read(path).texts == {7: "é"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "",
            "columns 'prediction' and 'file_name' or 'index', separated by commas; its first line",
        ),
        ("index;prediction\n1;2\n", r"first line has \['index;prediction'\]"),
        ("prediction\n1\n", r"has \['prediction'\]"),
        ("index,read\n1,1\n", "needs a header"),
        ("index,prediction,prediction\n1,1,1\n", "two columns 'prediction'"),
        ("index,prediction\n1,1,2\n", r"line 2, has 3 values for 2 columns: \['1', '1', '2'\]"),
        ("index,prediction\n1\n", "line 2, has 1 values for 2 columns"),
        ("index,prediction\n1.0,1\n", r"line 2, has the index '1\.0'; it is a whole number"),
        ("index,prediction\n1,1\n2,2\n01,1\n", "line 4, has index 1 again, after line 2"),
        ("file_name,prediction\na/1.png,1\nb/1.png,2\n", "file_name '1.png' again, after line 2"),
        ('index,prediction\n1,"1\n', "is no CSV: unexpected end of data"),
    ],
)
def test_what_is_no_table_of_predictions_is_said(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path / "p.csv", text)
    with pytest.raises(RecordError, match=message):
        Predictions.read(path)


def test_what_is_no_file_of_text_is_said(tmp_path: Path) -> None:
    path = written(tmp_path / "p.csv", "index,prediction\n1,é\n", "latin-1")
    with pytest.raises(RecordError, match="is no text in UTF-8"):
        Predictions.read(path)
    with pytest.raises(SourceNotFoundError, match=r"there are no predictions '.*none.csv'"):
        Predictions.read(tmp_path / "none.csv")


def test_each_sample_has_a_prediction_and_each_prediction_a_sample() -> None:
    samples = [sample(index, [index % 10]) for index in range(6)]
    texts: dict[int | str, str] = {0: "0", 1: "7"}
    predictions = Predictions("p.csv", "index", texts)
    message = r"no prediction for 4 samples \('2.png', '3.png', '4.png' and 1 more\) of 6; .*--part"
    with pytest.raises(ArgumentValueError, match=message):
        evaluate(samples, predictions)
    found = evaluate(samples, predictions, partial=True)
    assert (found.exact.count, found.exact.total, found.truths.unread) == (1, 2, 4)
    with pytest.raises(ArgumentValueError, match=r"has 1 sample \(index 9\) that the data set has"):
        evaluate(samples, Predictions("p.csv", "index", texts | {9: "9"}), partial=True)
    with pytest.raises(ArgumentValueError, match="no prediction for 6 samples") as caught:
        evaluate(samples, Predictions("p.csv", "index", {}), partial=True)
    assert "--partial" not in str(caught.value)


def test_samples_of_one_index_need_their_names() -> None:
    samples = [sample(0, [1]), sample(0, [2])]
    with pytest.raises(ArgumentValueError, match="two samples have the index 0; use the column"):
        evaluate(samples, Predictions("p.csv", "index", {0: "1"}))


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("gaps", [0], "has 1 gaps for 2 labels"),
        ("writers", None, "TypeError"),
        ("glyph_digests", ["x", "y"], "invalid literal"),
        ("labels", 7, "TypeError"),
    ],
)
def test_a_record_that_is_none_is_said(key: str, value: Any, message: str) -> None:
    whole = sample(3, [1, 2])
    broken = Viewed(whole.file_name, {**whole.record, key: value}, whole.pixels)
    with pytest.raises(RecordError, match=f"the record of '3.png' is not .*{message}"):
        evaluated([broken], "12")


def test_mistakes_are_counted_by_kind() -> None:
    samples = [sample(0, [7, 0, 3]), sample(1, [1, 1]), sample(2, [5]), sample(3, [4, 2])]
    found = evaluated(samples, "783", "1", "55", "42")
    assert (found.exact.count, found.exact.total) == (1, 4)
    counts = {kind: (rate.count, rate.total) for kind, rate in found.mistakes.items()}
    assert counts == {
        "all": (3, 8),
        "substitutions": (1, 8),
        "insertions": (1, 8),
        "deletions": (1, 8),
    }
    assert found.confusion == {
        "": {"5": 1},
        "0": {"8": 1},
        "1": {"": 1, "1": 1},
        "2": {"2": 1},
        "3": {"3": 1},
        "4": {"4": 1},
        "5": {"5": 1},
        "7": {"7": 1},
    }
    assert counted(found.by["label"])["0"] == (1, 1, 0)
    assert counted(found.by["label"])["1"] == (2, 0, 1)


def test_mistakes_are_where_they_are() -> None:
    samples = [sample(0, [7, 0, 3]), sample(1, [1, 2]), sample(2, [5])]
    found = evaluated(samples, "703", "19", "")
    assert counted(found.by["position_from_left"]) == {
        "1": (3, 0, 1),
        "2": (2, 1, 0),
        "3": (1, 0, 0),
    }
    assert counted(found.by["position_from_right"]) == {
        "1": (3, 1, 1),
        "2": (2, 0, 0),
        "3": (1, 0, 0),
    }
    lengths = {
        one.name: (one.exact.count, one.exact.total, one.mistakes.count, one.mistakes.total)
        for one in found.by_length
    }
    assert lengths == {"1": (0, 1, 1, 1), "2": (0, 1, 1, 2), "3": (1, 1, 0, 3)}


def test_the_gap_of_a_label_is_that_to_its_nearer_neighbour() -> None:
    samples = [sample(0, [7, 0, 3], gaps=[-9, 4, -2, -8]), sample(1, [5], gaps=[1, 1])]
    found = evaluated(samples, "743", "5")
    assert counted(found.by["gap"]) == {"-2": (2, 1, 0), "4": (1, 0, 0)}


def test_overlaps_and_gaps_are_in_no_group_together() -> None:
    classes = in_steps(np.array([-7, -1, 0, 4, 92]), origin=0)
    assert [classes.names[number] for number in classes.numbers] == [
        "-10 to -6",
        "-5 to -1",
        "0 to 4",
        "0 to 4",
        "90 to 94",
    ]
    assert len(in_steps(np.arange(1, 21), origin=1).names) == 20
    assert in_steps(np.arange(1, 22), origin=1).names[:2] == ["1 to 2", "3 to 4"]


def test_labels_beside_an_equal_one_are_a_group() -> None:
    samples = [sample(0, [1, 1, 2]), sample(1, [2, 3, 3, 3])]
    found = evaluated(samples, "12", "2334")
    assert counted(found.by["repeat"]) == {
        "no equal neighbour": (2, 0, 0),
        "an equal neighbour": (5, 1, 1),
    }


def test_writers_are_groups_where_they_are_known() -> None:
    samples = [sample(0, [1, 2], writers=[8, 30]), sample(1, [3, 4], writers=[8, None])]
    assert counted(evaluated(samples, "12", "99").by["writer"]) == {"8": (2, 1, 0), "30": (1, 0, 0)}
    assert evaluated([sample(0, [1], writers=[-1])], "1").by["writer"] == ()


def test_glyphs_are_worst_that_are_most_surely_misread() -> None:
    often = [sample(index, [4], glyphs=[40]) for index in range(10)]
    once = [sample(10, [7], glyphs=[70]), sample(11, [6], glyphs=[60])]
    found = evaluated([*often, *once], *(["9"] * 7 + [""] * 2 + ["4"]), "1", "6")
    first, second = found.glyphs()
    assert (first.index, first.label) == (40, "4")
    assert list(first.read_as.items()) == [("9", 7), ("", 2)]
    assert counted([first.group]) == {f"{40:016x}": (10, 7, 2)}
    assert (second.index, second.group.value) == (70, 1.0)
    assert found.glyphs(1) == (first,)
    assert evaluated(once, "7", "6").glyphs() == ()


def test_the_slant_is_that_of_the_strokes() -> None:
    stroke = np.zeros((4, 28, 28), np.uint8)
    for row in range(20):
        stroke[0, 4 + row, 14] = 200
        stroke[1, 4 + row, 24 - row] = 200
        stroke[2, 4 + row, 4 + row // 2] = 200
    stroke[3, 14, 3:20] = 200
    upright, right, left, flat = slants(stroke)
    assert (upright, right) == pytest.approx((0, 45), abs=1e-9)
    assert left == pytest.approx(-np.degrees(np.arctan(0.5)), abs=0.5)
    assert np.isnan(flat)
    assert np.isnan(slants(np.zeros((1, 28, 28), np.uint8))).all()
    one_row = np.zeros((40, 28, 28, 3), np.uint8)
    one_row[:, 11] = np.random.Generator(np.random.Philox(7)).integers(0, 256, (40, 28, 3))
    assert np.isnan(slants(one_row)).all()
    coloured = np.repeat(stroke[..., None], 3, axis=3)
    assert slants(coloured).tolist() == pytest.approx([upright, right, left, flat], nan_ok=True)


def test_mistakes_are_grouped_by_the_slants_of_the_glyphs() -> None:
    glyphs = np.zeros((3, 28, 28), np.uint8)
    for row in range(20):
        glyphs[0, 4 + row, 14] = glyphs[1, 4 + row, 24 - row] = 200
    glyphs[0, 4, 13], glyphs[1, 4, 23] = 9, 9
    generator = ImageSequence(GlyphBank(glyphs, np.arange(3)), seed=7)
    samples = [sample(0, [0, 1, 2]), sample(1, [1, 0, 2], glyphs=[1, 0, 2])]
    found = evaluated(samples, "012", "902", generator=generator)
    assert counted(found.by["slant"]) == {"-10° to 0°": (2, 0, 0), "40° to 50°": (2, 1, 0)}
    assert evaluated(samples, "012", "902").by["slant"] == ()


def test_labels_of_several_characters_are_units() -> None:
    glyphs = GlyphBank(np.full((3, 8, 8), 9, np.uint8), np.arange(3), names=dict(enumerate("abc")))
    named = glyphs.renamed({0: "cat", 1: "dog", 2: "cow"})
    samples = [sample(0, ["cat", "dog"]), sample(1, ["dog", "dog"])]
    found = evaluated(samples, "cat cow", "dogdog", generator=ImageSequence(named))
    assert found.unit == "label"
    assert (found.mistakes["all"].count, found.mistakes["all"].total) == (1, 4)
    assert found.confusion["dog"] == {"cow": 1, "dog": 2}
    # Without the glyphs nobody knows that there are cows.
    unknown = evaluated(samples, "cat cow", "dogdog")
    assert unknown.confusion["dog"] == {"dog": 2, "w": 1}


def test_the_worst_have_most_mistakes_and_then_most_labels() -> None:
    samples = [sample(0, [1, 2]), sample(1, [1, 2, 3]), sample(2, [4]), sample(3, [5, 6, 7])]
    found = evaluated(samples, "18", "193", "4", "8")
    assert [(one.index, one.mistakes) for one in found.worst()] == [(3, 3), (1, 1), (0, 1)]
    first = found.worst(1)[0]
    assert (first.text, first.prediction) == ("567", "8")
    assert first.aligned == (("5", ""), ("6", ""), ("7", "8"))
    assert evaluated(samples[2:3], "4").worst() == ()


@pytest.mark.parametrize("kind", ["npz", "folder", "idx"])
def test_the_truth_is_known_in_any_format(tmp_path: Path, kind: str) -> None:
    write_dataset(RECIPE | {"format": kind}, tmp_path / "set", watch=None)
    view = open_view(tmp_path / "set")
    texts = {one.index: one.record["text"] for one in view.samples()}
    expected = DigitSequence(seed=7)
    assert len(texts) == 12
    found = evaluate(
        view.samples(), Predictions("p.csv", "index", texts), generator=generator_of(view)
    )
    assert found.exact.count == 12
    assert found.by["slant"]
    assert found.generator.fingerprint == expected.fingerprint


def test_other_glyphs_than_those_of_the_data_set_are_refused(tmp_path: Path) -> None:
    write_dataset(RECIPE, tmp_path / "set", watch=None)
    manifest = tmp_path / "set" / "manifest.json"
    text = manifest.read_text()
    fingerprint = DigitSequence(seed=7).fingerprint
    assert fingerprint in text
    manifest.write_text(text.replace(fingerprint, "0" * 32))
    with pytest.raises(SourceChangedError, match="glyphs have changed"):
        generator_of(open_view(tmp_path / "set"))


@pytest.fixture
def answers(tmp_path: Path) -> tuple[Path, Path]:
    """A data set, and predictions: of the first sample the last label is missing."""
    folder, path = tmp_path / "set", tmp_path / "p.csv"
    write_dataset(RECIPE, folder, watch=None)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["file_name", "prediction"])
        for one in open_view(folder).samples():
            text = one.record["text"]
            table.writerow([one.file_name, text if one.index else text[:-1]])
    return folder, path


def test_the_terminal_shows_figures(
    answers: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(*answers) == 0
    said = capsys.readouterr().out
    assert "12 pictures with 3" in said
    lines = [" ".join(line.split()) for line in said.splitlines()]
    assert "pictures read exactly 11 12 91.67% 64.61% to 98.51%" in lines
    assert sum(line.endswith(" nothing 1") for line in lines) == 1
    assert "slant of the source glyph" in said


def test_what_a_terminal_might_obey_is_spelt_out() -> None:
    said = described(evaluated([sample(0, [1, 2])], "1\x1b"), "set")
    assert "\x1b" not in said
    assert r"'\x1b'" in said


def test_of_many_groups_the_surest_to_be_bad_are_shown() -> None:
    samples = [sample(index, [index % 10], writers=[index % 30]) for index in range(90)]
    read = [str(index % 10) if index % 30 != 29 else "x" for index in range(90)]
    writers = evaluated(samples, *read).by["writer"]
    shown, hidden = worst_groups(writers)
    assert (len(writers), len(shown), hidden) == (30, 24, 6)
    assert (shown[0].name, shown[0].substitutions) == ("29", 3)
    assert worst_groups(writers[:24]) == (writers[:24], 0)


def test_json_has_all_figures(
    answers: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert ran(*answers, "--json") == 0
    said = capsys.readouterr().out
    assert ran(*answers, "--json") == 0
    assert capsys.readouterr().out == said
    figures = json.loads(said, parse_constant=pytest.fail)
    assert list(figures) == [
        *("schema", "confidence", "unit", "samples", "samples_without_prediction", "exact"),
        *("error_rate", "substitutions", "insertions", "deletions", "by_length", "by_label"),
        *("by_position_from_left", "by_position_from_right", "by_gap", "by_repeat", "by_slant"),
        *("by_writer", "confusion", "worst_glyphs", "worst_samples"),
    ]
    assert figures["exact"].keys() == {"count", "of", "rate", "low", "high"}
    assert figures["deletions"]["count"] == figures["error_rate"]["count"] == 1
    worst = figures["worst_samples"][0]
    assert (worst["index"], worst["file_name"], worst["mistakes"]) == (0, "000000000.png", 1)
    assert worst["aligned"][-1] == [worst["text"][-1], ""]
    glyph = figures["worst_glyphs"][0]
    assert glyph["read_as"] == {"": 1}
    assert glyph["label"] == worst["text"][-1]
    assert len(glyph["glyph_digest"]) == 16


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "page.txt"], "a page's name ends in .html, 'page.txt' does not"),
        (["--worst", "-1"], "--worst is at least 0, not -1"),
    ],
)
def test_what_cannot_be_is_said_first(
    answers: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    message: str,
) -> None:
    with pytest.raises(ArgumentValueError, match=message):
        ran(*answers, *options)
    assert not capsys.readouterr().out


def test_no_page_lies_in_the_data_set(answers: tuple[Path, Path]) -> None:
    folder, predictions = answers
    with pytest.raises(ArgumentValueError, match="would lie in the data set"):
        ran(folder, predictions, "--out", folder / "page.html")
    assert not (folder / "page.html").exists()
