"""`report`: the numbers are right, what is odd is said, and the page opens anywhere."""

import json
import shutil
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import console_errors, needs_browser, opened, requested, sideways_scroll
from surroundings import memory_below

from image_sequence import DigitSequence
from image_sequence.commands import report
from image_sequence.commands.parsing import PROG, Parser
from image_sequence.datasets import Part, write_dataset
from image_sequence.datasets.recipe import Recipe
from image_sequence.datasets.viewing import Viewed, open_view
from image_sequence.errors import ArgumentValueError, RecordError, SourceNotFoundError
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.idx import write_idx
from image_sequence.inspecting.blocks import Block
from image_sequence.inspecting.census import Census, Extremes
from image_sequence.inspecting.frequencies import Frequencies, fit_of
from image_sequence.inspecting.glyph_use import GlyphUse
from image_sequence.inspecting.laws import Law, Laws
from image_sequence.inspecting.pairs import PairCounts
from image_sequence.inspecting.report import report_page, report_path
from image_sequence.inspecting.squeezes import known_squeezes
from image_sequence.inspecting.summary import Summary, summarise
from image_sequence.inspecting.tallies import Spread, Tally

RECIPE = {
    "count": 300,
    "labels": {"policy": "digits", "length": [2, 5]},
    "spacing": [0, 9],
    "width": 96,
    "seed": 7,
    "split": "train",
    "shard_size": 100,
}


def _run(*arguments: object) -> int:
    parser = Parser(prog=PROG)
    report.add(parser.add_subparsers())
    options = parser.parse_args(["report", *map(str, arguments)])
    code: int = options.command(options)
    return code


@dataclass(frozen=True)
class Listed:
    """Samples that are made by hand."""

    listed: Sequence[Viewed]
    name: str = "by hand"
    maker: None = field(default=None)

    @property
    def count(self) -> int:
        return len(self.listed)

    def samples(self, indices: Any = None) -> Iterator[Viewed]:
        return iter(self.listed)


def _records(texts: Sequence[str], spacing: tuple[int, int] = (3, 3)) -> list[dict[str, Any]]:
    batch = DigitSequence(seed=1).batch(
        [[int(digit) for digit in text] for text in texts], spacing, 80, dtype=np.uint8
    )
    return list(batch.to_dicts())


def _by_hand(texts: Sequence[str], pictures: Sequence[Any] | None = None) -> Summary:
    plain = [np.full((28, 80), number, np.uint8) for number in range(len(texts))]
    return summarise(Listed(_viewed(_records(texts), pictures or plain)))


def _viewed(records: Sequence[Mapping[str, Any]], pictures: Sequence[Any]) -> list[Viewed]:
    pairs = zip(records, pictures, strict=True)
    return [Viewed(f"{record['index']}.png", record, lambda p=p: p) for record, p in pairs]


def _of_recipe(folder: Path, **settings: Any) -> Summary:
    path = folder / "recipe.json"
    path.write_text(json.dumps(RECIPE | settings))
    return summarise(open_view(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report") / "digits"
    write_dataset(RECIPE, folder, watch=None)
    return folder


@pytest.fixture(scope="module")
def summary(folder: Path) -> Summary:
    return summarise(open_view(folder))


# Counts


def test_labels_lengths_pairs_and_places_are_counted() -> None:
    summary = _by_hand(["112", "12", "21"])
    told = summary.to_dict()
    assert told["labels"]["counts"] == {"1": 4, "2": 3}
    assert told["lengths"]["counts"] == {"2": 2, "3": 1}
    assert told["pairs"]["labels"] == ["1", "2"]
    assert told["pairs"]["counts"] == [[1, 2], [1, 0]]
    assert summary.census.labels.at_places(["1", "2"], 9).tolist() == [[2, 2, 0], [1, 1, 1]]


def test_pairs_apart_have_no_label_in_common() -> None:
    labels = _by_hand(["1234", "121"]).census.labels
    apart = labels.pair_counts(["1", "2", "3", "4"], apart=True)
    assert {tuple(pair) for pair in np.argwhere(apart).tolist()} == {(0, 1), (2, 3)}
    assert apart.sum() == 3
    assert labels.triple_count == 3


def test_ink_and_grey_are_those_of_the_pixels() -> None:
    white = np.full((10, 20), 255, np.uint8)
    quarter = white.copy()
    quarter[:5, :10] = 51
    pixels = _by_hand(["12", "12"], [white, quarter]).census.pixels
    assert pixels.ink.ends == (0.0, 0.25)
    assert pixels.grey.ends == (204.0, 255.0)
    assert pixels.ink_is_dark


def test_light_ink_is_what_there_is_less_of() -> None:
    picture = np.zeros((10, 20, 3), np.uint8)
    picture[:2] = 255
    pixels = _by_hand(["12"], [picture]).census.pixels
    assert pixels.ink.ends == pytest.approx((0.2, 0.2))
    assert pixels.sizes == {(20, 10, 3): 1}


def test_extreme_samples_are_found() -> None:
    pictures = [np.full((8, 8), 255, np.uint8) for _ in range(5)]
    pictures[1][0], pictures[3][:3] = 0, 0
    ink = _by_hand(["12"] * 5, pictures).census.ink
    assert ink.least is not None
    assert ink.most is not None
    assert (ink.least.sample.index, ink.most.sample.index) == (0, 3)


def test_extreme_samples_are_those_of_all_blocks() -> None:
    extremes = Extremes()
    for number, value in enumerate([0.2, 0.5, np.nan, 0.1, 0.3]):
        samples = _viewed(_records(["12"]), [np.full((2, 2), number, np.uint8)])
        extremes.add(np.array([value]), Block.of(samples, [samples[0].pixels()]))
    assert extremes.least is not None
    assert extremes.most is not None
    assert (extremes.least.pixels[0, 0], extremes.most.pixels[0, 0]) == (3, 1)


def test_pictures_and_sequences_that_are_there_twice_are_named() -> None:
    pictures = [np.full((4, 9), level, np.uint8) for level in (1, 2, 1, 1)]
    summary = _by_hand(["12", "12", "34", "56"], pictures)
    told = summary.to_dict()
    assert told["repeated_pictures"] == 2
    assert told["groups_of_same_pictures"] == [[0, 2, 3]]
    assert told["distinct_sequences"] == 3
    assert summary.census.sequences.groups(9) == [[0, 1]]
    assert "2 pictures are the same" in summary.findings[0]
    assert "0, 2, 3" in report_page(summary)


def test_pictures_of_another_shape_are_others() -> None:
    pictures = [np.zeros(shape, np.uint8) for shape in ((4, 9), (9, 4), (6, 6))]
    assert _by_hand(["12", "34", "56"], pictures).census.pictures.repeated_count == 0


def test_a_spread_has_mean_deviation_and_bars_of_round_widths() -> None:
    spread = Spread(0.5)
    spread.add(np.array([1.0, 2.0, np.nan, 3.0, 10.0]))
    counts, edges = spread.histogram(5)
    assert (spread.count, spread.mean) == (4, 4.0)
    assert spread.deviation == pytest.approx(np.std([1, 2, 3, 10]))
    assert (counts.tolist(), edges.tolist()) == ([2, 1, 0, 0, 1], [0.0, 2.5, 5.0, 7.5, 10.0, 12.5])


# Laws


def test_chi_square_is_that_of_a_worn_die() -> None:
    # Sixty throws: https://en.wikipedia.org/wiki/Pearson%27s_chi-squared_test#Fairness_of_dice
    fit = fit_of(np.array([5, 8, 9, 8, 10, 20]), np.full(6, 1 / 6))
    assert fit is not None
    assert (fit.chi_square, fit.degrees) == (pytest.approx(13.4), 5)
    assert fit.p_value == pytest.approx(0.0199, abs=5e-5)


def test_cells_that_expect_little_are_taken_together() -> None:
    # Expected 2, 2, 2, 10, 4: together 6 and 14.
    fit = fit_of(np.array([1, 1, 1, 12, 5]), np.array([0.1, 0.1, 0.1, 0.5, 0.2]))
    assert fit is not None
    assert fit.degrees == 1
    assert fit.chi_square == pytest.approx(9 / 6 + 9 / 14)


@pytest.mark.parametrize("counts", [[0, 0], [2, 2], [100, 0]])
def test_too_little_to_tell_is_no_fit(counts: list[int]) -> None:
    shares = np.array([1.0, 0.0]) if counts[0] == 100 else np.array([0.5, 0.5])
    assert fit_of(np.array(counts), shares) is None


def test_what_a_law_rules_out_is_odd_however_rare() -> None:
    counted = Frequencies(("1", "2", "3"), np.array([500, 500, 1]), np.array([0.5, 0.5, 0.0]))
    assert counted.impossible_count == 1
    assert counted.is_odd


def test_one_data_set_in_a_hundred_has_a_bar_outside_of_its_band() -> None:
    rng = np.random.default_rng(5)
    shares = np.array([0.4, 0.3, 0.2, 0.07, 0.03])
    low, high = _counted(np.array([4000, 3000, 2000, 700, 300]), shares).bands or ([], [])
    drawn = rng.multinomial(10_000, shares, 4_000)
    outside = ((drawn < low) | (drawn > high)).any(axis=1).mean()
    assert 0.004 < outside < 0.014


def _counted(counts: Any, shares: Any) -> Frequencies:
    return Frequencies(tuple(map(str, range(len(counts)))), counts, shares)


def test_pairs_vary_as_much_as_is_said() -> None:
    rng = np.random.default_rng(3)
    drawn = rng.integers(0, 2, (1_000, 20, 30))
    pairs = 2 * drawn[..., :-1] + drawn[..., 1:]
    counts = np.stack([(pairs == pair).sum(axis=(1, 2)) for pair in range(4)], axis=1)
    one = counts[0].reshape(2, 2)
    said = PairCounts(("0", "1"), one, one, 20 * 28, 2)
    assert said.deviations is not None
    assert counts.std(axis=0) == pytest.approx(said.deviations.ravel(), rel=0.08)
    assert said.expected == pytest.approx(counts.mean(), rel=1e-9)


def test_a_pair_that_is_much_too_frequent_is_framed() -> None:
    counts = np.full((3, 3), 100)
    counts[1, 2] = 200
    pairs = PairCounts(("a", "b", "c"), counts, counts, 0, 3)
    assert pairs.odd is not None
    assert np.argwhere(pairs.odd).tolist() == [[1, 2]]
    assert pairs.is_odd


def test_numbers_are_grouped_and_trimmed_with_their_shares() -> None:
    counted = _counted(np.array([0, 3, 4, 5, 0]), np.array([0.0, 0.3, 0.3, 0.4, 0.0]))
    assert counted.trimmed().names == ("1", "2", "3")
    grouped = counted.grouped(3)
    assert grouped.names == ("0\u20131", "2\u20133", "4")
    assert grouped.counts.tolist() == [3, 9, 0]
    assert grouped.shares is not None
    assert grouped.shares.tolist() == pytest.approx([0.3, 0.7, 0.0])


SPACINGS: list[tuple[dict[str, Any], list[int], int, int, int | None]] = [
    ({"type": "variable", "subtype": "between"}, [0, 9], 0, 10, None),
    ({"type": "variable", "subtype": "edge", "overlap": True}, [-3, 4], -3, 8, 5),
    (
        {"type": "variable", "subtype": "between", "measure": "ink", "overlap": True},
        [-2, 3],
        -2,
        6,
        None,
    ),
    ({"type": "normal", "subtype": "edge", "mean": 5, "deviation": 2}, [0, 9], 0, 10, 10),
]


@pytest.mark.parametrize(("spacing", "ends", "first", "inner", "outer"), SPACINGS)
def test_gaps_follow_the_law_that_was_asked_for(
    spacing: dict[str, Any],
    ends: list[int],
    first: int,
    inner: int,
    outer: int | None,
    tmp_path: Path,
) -> None:
    configuration = {"image": {"transform": False}, "spacing": spacing, "output_format": "png"}
    summary = _of_recipe(tmp_path, configuration=configuration, spacing=ends, count=600)
    law = summary.laws.inner_gaps
    assert law is not None
    assert (law.first, len(law.shares)) == (first, inner)
    edge = summary.laws.outer_gaps
    assert (None if edge is None else len(edge.shares)) == outer
    assert set(summary.frequencies) & {"outer gaps"} == ({"outer gaps"} if outer else set())
    assert summary.findings == []
    for name in ("gaps between labels", "outer gaps"):
        fit = summary.frequencies[name].fit if name in summary.frequencies else None
        assert fit is None or fit.p_value > 0.001
    assert summary.frequencies["gaps between labels"].fit is not None


def test_a_uniform_law_has_both_ends(summary: Summary) -> None:
    gaps = summary.frequencies["gaps between labels"]
    assert gaps.names == tuple("0123456789")
    assert gaps.shares is not None
    assert gaps.shares.tolist() == [0.1] * 10
    assert gaps.counts[[0, 9]].min() > 0


def test_gaps_of_another_law_are_odd(summary: Summary) -> None:
    shares = np.linspace(2, 1, 10)
    other = replace(summary, laws=replace(summary.laws, inner_gaps=Law(0, shares / shares.sum())))
    assert any("Gaps between labels are not" in finding for finding in other.findings)
    narrower = replace(summary, laws=replace(summary.laws, inner_gaps=Law(0, np.full(9, 1 / 9))))
    assert any("not what was asked for at all" in finding for finding in narrower.findings)


def test_labels_and_lengths_of_another_law_are_odd(summary: Summary) -> None:
    laws = replace(summary.laws, labels=tuple("012345678"), lengths=Law(2, np.full(3, 1 / 3)))
    findings = " ".join(replace(summary, laws=laws).findings)
    assert "Labels:" in findings
    assert "Lengths:" in findings


@pytest.mark.parametrize(
    "settings",
    [
        {"labels": {"policy": "numbers", "range": [10, 99]}},
        {"labels": {"policy": "digits", "length": 4, "check": "luhn"}},
        {"labels": {"policy": "digits", "length": 4, "leading_zeros": False}},
        {"labels": {"policy": "digits", "length": 4, "held_out": ["1234"]}},
        {"split_by": "sequence"},
    ],
)
def test_labels_of_other_policies_have_no_law(settings: dict[str, Any]) -> None:
    laws = Laws.of(Recipe.from_dict(RECIPE | settings), tuple("0123456789"))
    assert laws.labels is None


def test_weights_of_lengths_are_their_law() -> None:
    labels = {"policy": "digits", "length": {"2": 3, "4": 1}, "of": ["0", "7"]}
    laws = Laws.of(Recipe.from_dict(RECIPE | {"labels": labels}), tuple("0123456789"))
    assert laws.lengths is not None
    assert (laws.lengths.first, laws.lengths.shares.tolist()) == (2, [0.75, 0.0, 0.25])
    assert laws.labels == ("0", "7")


def test_gaps_that_should_be_equal_and_are_not_are_counted() -> None:
    equal, unequal = _records(["1234", "123"]), _records(["1234", "12"], (0, 9))
    pictures = [np.full((28, 80), number, np.uint8) for number in range(4)]
    summary = summarise(Listed(_viewed([*equal, *unequal], pictures)))
    assert summary.census.gaps.unequal_count == 1
    findings = replace(summary, laws=Laws(gaps_are_equal=True)).findings
    assert any("in 1 samples they are not" in finding for finding in findings)


RESIZED: list[dict[str, Any]] = [
    {"spacing": {"type": "variable", "subtype": "between"}},
    {"spacing": {"type": "variable", "subtype": "edge", "measure": "ink", "overlap": True}},
    {"image": {"transform": False, "fit": "pad", "align": "drawn"}},
    {
        "spacing": {"type": "variable", "subtype": "edge", "measure": "ink", "overlap": True},
        "layout": {"size": [0.8, 1.1]},
    },
]


@pytest.mark.parametrize("settings", RESIZED)
def test_squeezes_and_strips_are_those_of_the_layout(
    settings: dict[str, Any], tmp_path: Path
) -> None:
    base = {
        "image": {"transform": False},
        "spacing": {"type": "variable", "subtype": "between"},
        "output_format": "png",
    }
    summary = _of_recipe(
        tmp_path,
        configuration=base | settings,
        width=240,
        count=40,
        labels={"policy": "digits", "length": 4},
    )
    view = open_view(tmp_path / "recipe.json")
    assert view.maker is not None
    layout = next(view.maker.batches(0, 40))._truth.layout
    pads = settings.get("image", {}).get("fit") == "pad"
    strips = 4 * 28 + layout.gaps[:, 1:-1].sum(axis=1) if pads else layout.strip_widths
    assert summary.census.gaps.strips.count == 40
    assert summary.census.gaps.strips.mean == pytest.approx(strips.mean(), abs=0.01)
    squeezes = np.ones(40) if pads else 240 / strips
    assert summary.census.gaps.squeezes.mean == pytest.approx(squeezes.mean(), rel=1e-5)


def test_gaps_between_ink_tell_no_squeeze_where_nobody_knows_the_glyphs() -> None:
    letters = DigitSequence(seed=1, measure="ink", overlap=True)
    batch = letters.batch([[1, 2, 3, 4]] * 9, (-2, 6), 90, dtype=np.uint8)
    gaps = summarise(Listed(_viewed(list(batch.to_dicts()), list(batch.images)))).census.gaps
    assert gaps.squeezes.count == 0
    assert gaps.strips.count == 0


def test_cells_that_the_picture_cuts_tell_no_squeeze() -> None:
    digits = DigitSequence(seed=1, measure="ink", overlap=True)
    batch = digits.batch([[1, 2]] * 30 + [[1, 2, 3]] * 30, (0, 4), 90, dtype=np.uint8)
    block = Block.of(_viewed(list(batch.to_dicts()), list(batch.images)), list(batch.images))
    told = known_squeezes(block, np.full(5000, 28), by_ink=True)
    true = 90 / batch._truth.layout.strip_widths
    assert np.isnan(told).sum() >= 30 - 5
    assert told[~np.isnan(told)] == pytest.approx(true[~np.isnan(told)], rel=1e-5)
    assert not np.isnan(told[30:]).all()


def test_strips_without_gaps_are_told_by_their_cells(tmp_path: Path) -> None:
    labels = {"policy": "digits", "length": 4}
    gaps = _of_recipe(tmp_path, spacing=[0, 0], width=140, count=5, labels=labels).census.gaps
    assert gaps.strips.ends == (112, 112)
    assert gaps.squeezes.ends == pytest.approx((1.25, 1.25))


# Glyphs, repeats, splits


def test_the_use_of_glyphs_is_beside_what_chance_makes() -> None:
    images = np.zeros((5, 28, 28), np.uint8)
    bank = GlyphBank(images, np.array([0, 0, 0, 1, 1]))
    glyphs = Tally()
    glyphs.add(np.array([0, 0, 1, 1, 1, 1, 3, 4]))
    use = GlyphUse.of(glyphs, bank, any_hand=True)
    assert (use.uses.tolist(), use.never_count) == ([2, 4, 0, 1, 1], 1)
    assert use.never_expected == pytest.approx(3 * (2 / 3) ** 6 + 2 * (1 / 2) ** 2)
    names, shown, expected = use.histogram(10)
    assert (names, shown.tolist()) == (["0", "1", "2", "3", "4"], [1, 2, 1, 0, 1])
    assert expected[0] == pytest.approx(use.never_expected)
    assert use.fit is None


def test_glyphs_that_are_drawn_unequally_are_odd() -> None:
    bank = GlyphBank(np.zeros((4, 28, 28), np.uint8), np.array([0, 0, 1, 1]))
    glyphs = Tally()
    glyphs.add(np.repeat([0, 1, 2, 3], [70, 30, 50, 50]))
    fit = GlyphUse.of(glyphs, bank, any_hand=True).fit
    assert fit is not None
    # (70 - 50)**2 / 50 twice, and nothing of the other label; a degree of freedom for each.
    assert (fit.chi_square, fit.degrees) == (pytest.approx(16.0), 2)
    assert fit.is_odd
    assert GlyphUse.of(glyphs, bank, any_hand=False).fit is None


def test_only_glyphs_of_the_split_may_be_drawn(summary: Summary) -> None:
    assert len(summary.glyph_use.uses) == 4000
    assert summary.glyph_use.uses.sum() == summary.frequencies["labels"].total


def test_expected_sequences_are_those_of_an_urn(tmp_path: Path) -> None:
    labels = {"policy": "digits", "length": 2, "of": ["0", "1"]}
    expected = _of_recipe(tmp_path, labels=labels, count=3).distinct_expected
    assert expected == pytest.approx(4 * (1 - 0.75**3))


def test_two_parts_of_a_split_leak_nothing(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write_dataset(RECIPE | {"split": "test", "seed": 8, "count": 60}, other, watch=None)
    summary = summarise(open_view(folder), against=[open_view(other)])
    assert not summary.sharings[0].leaks
    assert summary.findings == []


def test_a_leak_is_said_first(folder: Path, tmp_path: Path, capsys: Any) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(RECIPE | {"split": "train", "seed": 8, "count": 60}))
    assert _run(folder, "--against", other, "--out", tmp_path / "page.html", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    shared = len(told["against"][0]["shared"]["glyphs"])
    assert shared > 0
    assert f"A leak: {shared} glyphs are in {other} as well." in told["findings"]
    assert "a leak" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_records_say_their_split(summary: Summary) -> None:
    assert summary.to_dict()["sources"] == [
        {"name": "mnist-5k", "split": "train", "part": "train", "split_by": "glyph", "samples": 300}
    ]


def test_glyphs_that_have_changed_since_are_noticed(tmp_path: Path) -> None:
    images = np.random.default_rng(1).integers(0, 255, (20, 28, 28)).astype(np.uint8)
    source = tmp_path / "source"
    source.mkdir()
    write_idx(source / "train-labels-idx1-ubyte", np.arange(20, dtype=np.uint8) % 10)
    write_idx(source / "train-images-idx3-ubyte", images)
    settings = {**RECIPE, "data": str(source), "count": 20}
    del settings["split"]
    write_dataset(settings, tmp_path / "digits", watch=None)
    assert summarise(open_view(tmp_path / "digits")).findings == []
    write_idx(source / "train-images-idx3-ubyte", 255 - images)
    changed = summarise(open_view(tmp_path / "digits"))
    assert any("not those that the data set was made of" in one for one in changed.findings)
    assert "nobody knows how many" in report_page(changed)


# What is reported on


@pytest.mark.parametrize("kind", ["npz", "idx"])
def test_a_format_without_records_tells_the_same(
    kind: str, summary: Summary, tmp_path: Path
) -> None:
    write_dataset({**RECIPE, "format": kind}, tmp_path / kind, watch=None)
    told = summarise(open_view(tmp_path / kind)).to_dict()
    known = summary.to_dict()
    different = {key for key in known if told[key] != known[key]}
    assert different <= {"name", "recipe"}


def test_what_is_missing_of_a_data_set_is_said(tmp_path: Path) -> None:
    write_dataset(RECIPE, tmp_path / "digits", part=Part(0, 2), watch=None)
    summary = summarise(open_view(tmp_path / "digits"))
    assert (summary.census.sample_count, summary.missing_count) == (200, 100)
    assert "100 of 300 samples (33.3%) are missing" in summary.findings[0]
    assert "is not finished" in report_page(summary)


def test_a_data_set_without_samples_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArgumentValueError, match="no samples yet"):
        summarise(Listed([], str(tmp_path)))


def test_nothing_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError):
        _run(tmp_path, "--out", tmp_path.parent / "page.html")
    assert not (tmp_path.parent / "page.html").exists()


@pytest.mark.parametrize("key", ["gaps", "boxes", "labels", "writers", "fitted_gaps"])
def test_a_record_that_lacks_something_is_named(key: str) -> None:
    record = _records(["123"])[0]
    for broken in ({k: v for k, v in record.items() if k != key}, {**record, key: []}):
        with pytest.raises(RecordError, match=r"that of '0\.png'"):
            summarise(Listed(_viewed([broken], [np.zeros((28, 80), np.uint8)])))


def test_a_broken_shard_leaves_no_page(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    shard = next(copy.glob("*.tar"))
    content = shard.read_bytes()
    with tarfile.open(shard) as members:
        start = next(member for member in members if member.name.endswith(".png")).offset_data
    shard.write_bytes(content[:start] + bytes(100) + content[start + 100 :])
    with pytest.raises(ValueError, match="picture"):
        _run(copy, "--out", tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


# The page


def test_the_page_has_the_name_of_the_data_set_and_lies_beside_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(folder.rglob("*"))
    assert _run(folder) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["digits-report.html"]
    assert "digits-report.html" in capsys.readouterr().out
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("out", [None, "page.html", "deeper/page.html"])
def test_a_page_in_the_data_set_is_refused(
    out: str | None, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(ArgumentValueError, match="would lie in the data set"):
        report_path(".", out)


def test_a_folder_is_no_page(tmp_path: Path) -> None:
    with pytest.raises(ArgumentValueError, match=r"is a folder; use --out .*digits-report\.html"):
        report_path("digits", tmp_path)


def test_a_recipe_has_a_page_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "digits.json").write_text("{}")
    assert report_path(tmp_path / "digits.json").name == "digits-report.html"


def test_the_same_data_set_has_the_same_page(folder: Path, summary: Summary) -> None:
    assert report_page(summarise(open_view(folder))) == report_page(summary)


def test_all_figures_are_json(summary: Summary) -> None:
    told = json.loads(json.dumps(summary.to_dict(), allow_nan=False))
    assert told["samples"] == 300
    assert told["squeeze"]["count"] == 300


def test_labels_are_no_markup() -> None:
    record = _records(["12"])[0] | {"labels": ["<script>", "&"], "text": "<script>&"}
    html = report_page(summarise(Listed(_viewed([record], [np.zeros((28, 80), np.uint8)]))))
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_large_pictures_leave_the_page_below_5_megabytes() -> None:
    noise = np.random.default_rng(2).integers(0, 255, (30, 64, 900, 3)).astype(np.uint8)
    html = report_page(_by_hand([str(10 + number) for number in range(30)], list(noise)))
    assert 1_000_000 < len(html) < 5_000_000


def test_a_census_takes_memory_for_a_block_not_for_all() -> None:
    record = _records(["12"])[0]
    samples = (Viewed("a.png", record, lambda: np.zeros((1000, 1000), np.uint8)) for _ in range(60))
    with memory_below(30_000_000):
        for _ in Census().passing(samples, []):
            pass


@needs_browser
@pytest.mark.parametrize("width", [360, 1200])
def test_a_browser_shows_all_charts_asks_for_nothing_and_complains_of_nothing(
    width: int, summary: Summary, tmp_path: Path
) -> None:
    path = tmp_path / "page.html"
    path.write_text(report_page(summary), encoding="utf-8")
    with opened(path.as_uri(), width=width) as driver:
        assert requested(driver) == [path.as_uri()]
        assert console_errors(driver) == []
        assert not sideways_scroll(driver)
        charts, bars, pictures = (
            _sizes(driver, kind) for kind in ("svg.chart", ".chart .bar", ".picture image")
        )
        text = driver.execute_script("return document.body.innerText")
    assert len(charts) == 11
    assert all(width > 200 and height > 80 for width, height in charts)
    assert max(height for _, height in bars) > 50
    assert len(pictures) == 24 + 4
    assert all(width > 200 and height > 50 for width, height in pictures)
    assert "mnist-5k" in text


def _sizes(driver: Any, selector: str) -> list[tuple[float, float]]:
    """Width and height of all such parts of a page, CSS pixels."""
    script = (
        "return Array.from(document.querySelectorAll(arguments[0]), part => "
        "part.getBoundingClientRect()).map(place => [place.width, place.height])"
    )
    return [(width, height) for width, height in driver.execute_script(script, selector)]
