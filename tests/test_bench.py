"""`image-sequence bench`: what it measures, how it counts, what it prints. No clock decides."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from image_sequence import DigitSequence, GlyphBank
from image_sequence.benchmarks import cases, memory, speed, timing, ways
from image_sequence.benchmarks.cases import Case, Sizes, all_cases
from image_sequence.benchmarks.figures import Figure, rounded
from image_sequence.benchmarks.naive import NaiveSequence, as_levels
from image_sequence.benchmarks.speed import Report, Row
from image_sequence.cli import main
from image_sequence.config import Configuration
from image_sequence.errors import LibraryError

TINY = Sizes(
    batch_size=3,
    rounds=3,
    augmented_batch_size=2,
    augmented_rounds=3,
    compared=4,
    streamed=30,
)
NAMES = [
    "variable/between, 10 digits, 390 px, float32",
    "variable/between, 5 digits, 160 px, uint8",
    "fixed/edge, 10 digits, 390 px, uint8",
    "fixed/edge, 10 digits, 390 px, uint8, masks and boxes",
    "variable/between, 10 digits, 390 px, float32, augmented",
    "variable/between, 10 digits, 390 px, float32, one call at a time",
    "variable/between, 10 digits, 390 px, float32, one call at a time, other digits each time",
    "variable/between, 10 digits, 390 px, uint8, masks and boxes",
]
RATIOS = {
    "naive_per_ours": ("naive", "ours"),
    "ours_per_copy": ("ours", "copy"),
    "ours_per_fresh_copy": ("ours", "fresh copy"),
}
SHORT = all_cases(TINY)[1]
AUGMENTED = all_cases(TINY)[4]
ALWAYS_MET, NEVER_MET = {"numpy": 1e-9}, {"numpy": 1e9}


@pytest.fixture(scope="module")
def report() -> Report:
    """All configurations, tiny, with NumPy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "_numba_loads", lambda: False)
        return speed.measured(TINY)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Callable[..., int]]:
    """The command in an empty folder; all it measures is one tiny configuration."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cases, "QUICK", TINY)
    monkeypatch.setattr(speed, "_numba_loads", lambda: False)
    monkeypatch.setattr(speed, "_imgaug_loads", lambda: False)

    def with_bound(naive_at_least: dict[str, float]) -> Callable[..., int]:
        case = replace(SHORT, naive_at_least=naive_at_least)
        monkeypatch.setattr(speed, "all_cases", lambda sizes: (case,))
        return lambda *arguments: main(["bench", "--quick", *arguments])

    return with_bound


def a_row(*, naive_at_least: float | None = None, copy_at_most: float | None = None) -> Row:
    """A row whose naive ratios are 6, 1, 2 and whose copy ratios are 4, 1, 2."""
    case = replace(
        SHORT,
        naive_at_least={} if naive_at_least is None else {"numpy": naive_at_least},
        copy_at_most={} if copy_at_most is None else {"numpy": copy_at_most},
    )
    seconds = {"ours": [1, 2, 4], "naive": [6, 2, 8], "copy": [0.25, 2, 2], "fresh copy": [1, 1, 1]}
    return Row(
        case=case,
        renderer="numpy",
        seconds={way: np.array(values, np.float64) for way, values in seconds.items()},
        pixels=None,
    )


def a_report(*rows: Row, memory: tuple[Figure, ...] = ()) -> Report:
    return Report(machine={}, sizes=TINY, rows=rows, memory=memory, notes=())


def table_rows(text: str, first_head: str) -> list[list[str]]:
    lines = iter(text.splitlines())
    next(line for line in lines if line.startswith(f"| {first_head} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line:
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_json_has_every_configuration(report: Report) -> None:
    rows = json.loads(report.to_json())["rows"]
    assert [row["configuration"] for row in rows] == NAMES
    assert [row["renderer"] for row in rows] == ["numpy"] * 8
    assert [row["batch_size"] for row in rows] == [3, 3, 3, 3, 2, 1, 1, 3]


def test_where_numba_loads_each_configuration_is_measured_with_it_too() -> None:
    with_numba = speed._measurable(all_cases(TINY), numba=True, imgaug=True)
    assert [case.renderers for case in with_numba] == [
        ("numpy",) if case == AUGMENTED else ("numpy", "numba") for case in all_cases(TINY)
    ]


def test_numba_takes_turns_with_numpy_on_the_same_naive_way() -> None:
    pytest.importorskip("numba")
    ours, compiled = speed._rows(SHORT, TINY)
    assert (ours.renderer, compiled.renderer) == ("numpy", "numba")
    assert ours.seconds["naive"] is compiled.seconds["naive"]
    assert ours.seconds["ours"] is not compiled.seconds["ours"]
    assert compiled.pixels is not None
    assert not compiled.pixels.is_missed


def test_the_bounds_are_those_that_were_promised() -> None:
    naive = [dict(case.naive_at_least) for case in all_cases(TINY)]
    assert naive == [
        {"numpy": 5, "numba": 9},
        {"numpy": 6, "numba": 15},
        {"numpy": 12, "numba": 20},
        {"numpy": 3, "numba": 3},
        {"numpy": 1.2},
        {"numpy": 2, "numba": 2},
        {"numpy": 2, "numba": 2},
        {},
    ]
    copy = [dict(case.copy_at_most) for case in all_cases(TINY)]
    assert copy == [{"numpy": 8, "numba": 4}, {}, {}, {}, {}, {}, {}, {}]


def test_ratios_are_medians_of_the_quotients_round_by_round(report: Report) -> None:
    for row in json.loads(report.to_json())["rows"]:
        seconds = {way: np.array(values) for way, values in row["seconds_per_image"].items()}
        assert all(values.shape == (3,) and (values > 0).all() for values in seconds.values())
        assert row["images_per_second"]["value"] == np.median(1 / seconds["ours"])
        for name, (above, below) in RATIOS.items():
            quotients = seconds[above] / seconds[below]
            assert row[name]["value"] == np.median(quotients)
            assert row[name]["quartiles"] == np.quantile(quotients, (0.25, 0.75)).tolist()


def test_a_ratio_is_not_that_of_the_medians() -> None:
    row = a_row()
    assert row.naive_ratio.value == 2  # The medians are 6 and 2.
    assert row.naive_ratio.quartiles == (1.5, 4)
    assert row.copy_ratio.value == 2
    assert row.fresh_copy_ratio.value == 2
    assert row.images_per_second.value == 0.5


@pytest.mark.parametrize(("bound", "is_missed"), [(1.9, False), (2, False), (2.1, True)])
def test_a_naive_ratio_below_its_bound_is_missed(bound: float, is_missed: bool) -> None:
    row = a_row(naive_at_least=bound)
    assert row.to_dict()["naive_per_ours"]["missed"] is is_missed
    assert row.cells()[5:7] == (f"at least {bound:g}", "missed" if is_missed else "met")


@pytest.mark.parametrize(("bound", "is_missed"), [(1.9, True), (2, False), (2.1, False)])
def test_a_copy_ratio_above_its_bound_is_missed(bound: float, is_missed: bool) -> None:
    row = a_row(copy_at_most=bound)
    assert row.to_dict()["ours_per_copy"]["missed"] is is_missed
    assert row.cells()[8:10] == (f"at most {bound:g}", "missed" if is_missed else "met")


def test_the_report_counts_and_names_what_is_missed() -> None:
    growth = Figure(name="growth", value=30, unit="MB", at_most=20)
    report = a_report(a_row(), a_row(naive_at_least=3, copy_at_most=3), memory=(growth,))
    naive = f"{NAMES[1]}, numpy: naive ÷ ours"
    assert report.to_dict()["missed"] == [naive, "growth"]
    assert report.to_dict()["checked"] == 3
    assert report.verdict() == (
        f"2 of 3 bounds are missed: {naive}: 2, the bound is at least 3; "
        f"growth: 30 MB, the bound is at most 20"
    )


def test_the_table_and_the_json_agree(report: Report) -> None:
    def shown(figure: dict[str, Any]) -> str:
        return f"{rounded(figure['value'])} ({' to '.join(map(rounded, figure['quartiles']))})"

    def verdict(figure: dict[str, Any]) -> str:
        bounds = figure["at_least"], figure["at_most"]
        return "" if bounds == (None, None) else "missed" if figure["missed"] else "met"

    content = report.to_dict()
    shown_rows = table_rows(report.described(), "configuration")
    for cells, row in zip(shown_rows, content["rows"], strict=True):
        naive, copy = row["naive_per_ours"], row["ours_per_copy"]
        assert cells[:3] == [row["configuration"], str(row["batch_size"]), row["renderer"]]
        assert cells[3] == rounded(row["images_per_second"]["value"])
        assert (cells[4], cells[6]) == (shown(naive), verdict(naive))
        assert (cells[7], cells[9]) == (shown(copy), verdict(copy))
        assert cells[10] == rounded(row["ours_per_fresh_copy"]["value"])
    assert dict(table_rows(report.described(), "measured on")) == content["machine"]
    others = [cells[0] for cells in table_rows(report.described(), "figure")]
    assert others[1:] == [figure["name"] for figure in content["memory"]]


def test_the_table_shows_the_farthest_pixels(report: Report) -> None:
    differences = [row.pixels.value for row in report.rows if row.pixels is not None]
    first = table_rows(report.described(), "figure")[0]
    assert first[1] == f"{rounded(max(differences))} levels"


def test_the_machine_and_its_libraries_are_named(report: Report) -> None:
    assert list(report.machine) == [
        "CPU",
        "System",
        "Python",
        "image-sequence",
        "NumPy",
        "Pillow",
        "numba",
        "imgaug",
        "OpenCV",
    ]
    assert report.machine["NumPy"] == np.__version__


@pytest.mark.parametrize("case", all_cases(TINY), ids=lambda case: case.name)
def test_the_naive_way_makes_our_pixels(case: Case, report: Report) -> None:
    pixels = next(row.pixels for row in report.rows if row.case.name == case.name)
    if case == AUGMENTED:
        assert pixels is None
    else:
        assert pixels is not None
        assert pixels.at_most == 1
        # Our weights have 14 bits: a float differs by less than a tenth of a level.
        assert pixels.value <= (1 if case.dtype == "uint8" else 0.1)


def test_naive_levels_are_rounded() -> None:
    picture = np.array([[0, 0.4, 0.6, 254.4, 254.6, 255]], np.float32) / np.float32(255)
    assert as_levels(picture).tolist() == [[0, 0, 1, 254, 255, 255]]


@pytest.mark.parametrize("one_call", [False, True])
def test_all_ways_tell_the_seconds_of_one_picture(
    one_call: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions = ways.actions(replace(SHORT, one_call=one_call, renderers=("numpy",)))
    moments = iter(range(0, 1000, 12))
    monkeypatch.setattr(timing, "perf_counter", lambda: next(moments))
    seconds = {way: action() for way, action in actions.items()}
    # A turn takes twelve seconds and makes three pictures, or four copies of all three.
    copy = 4 if one_call else 1
    assert seconds == {"numpy": 4, "naive": 4, "copy": copy, "fresh copy": copy}


def test_a_copy_is_in_the_caches_when_it_is_timed() -> None:
    calls: list[int] = []
    ways._warmed(lambda: calls.append(0), 4)()
    assert len(calls) == 5


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_a_single_other_pixel_is_noticed(dtype: str) -> None:
    generator = DigitSequence(seed=7)
    batch = generator.batch([[0, 1], [2, 3]], (0, 9), 70, dtype=dtype)
    assert ways.naive_difference(batch, generator.images) <= 1
    other = batch.images.copy()
    assert other[1, 0, 69] == (255 if dtype == "uint8" else 1)
    other[1, 0, 69] = 250 if dtype == "uint8" else 250 / 255
    changed = replace(batch, images=other)
    assert ways.naive_difference(changed, generator.images) == pytest.approx(5)


@pytest.mark.parametrize(
    ("configuration", "width"),
    [
        (Configuration(), 150),
        (Configuration(spacing_subtype="edge"), 150),
        (Configuration(spacing_type="fixed"), 124),
        (Configuration(spacing_type="fixed", spacing_subtype="edge"), 132),
    ],
)
def test_without_a_choice_the_naive_picture_is_ours(
    configuration: Configuration, width: int, grey_bank: GlyphBank, tmp_path: Path
) -> None:
    one_of_each = GlyphBank(grey_bank.images[:10], grey_bank.labels[:10])
    (tmp_path / "config.json").write_text(json.dumps(configuration.to_dict()))
    generator = DigitSequence(tmp_path / "config.json", source=one_of_each)
    naive = NaiveSequence(one_of_each, configuration, 0).picture([3, 1, 4, 1], (4, 4), width)
    ours = generator.generate_numbers_sequence([3, 1, 4, 1], (4, 4), width)
    assert naive.shape == ours.shape
    assert np.abs(as_levels(naive).astype(int) - as_levels(ours)).max() <= 1


def test_augmented_naive_pictures_are_new_each_time_and_in_range() -> None:
    naive = NaiveSequence(DigitSequence()._composer.bank, Configuration(transform=True), 7)
    first, second = (naive.picture([0, 1], (3, 3), 70) for _ in range(2))
    assert (first != second).any()
    assert first.min() >= 0
    assert first.max() <= 1


def test_each_turn_makes_new_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    starts = []

    def batch(*_: object, start: int, dtype: str) -> SimpleNamespace:
        starts.append(start)
        return SimpleNamespace(images=dtype)

    monkeypatch.setattr(ways, "generator_of", lambda *_: SimpleNamespace(batch=batch))
    action = ways.ours(SHORT, "numpy")
    action()
    action()
    assert starts == [0, 3]


def test_truth_is_made_where_the_case_wants_it() -> None:
    batch = SimpleNamespace(images=1, masks=2, boxes=3, ink_boxes=4)
    generator: Any = SimpleNamespace(batch=lambda *_, **__: batch)
    assert ways._batch_arrays(replace(SHORT, truth=True), generator, 0) == [1, 2, 3, 4]
    assert ways._batch_arrays(SHORT, generator, 0) == [1]


def test_copies_are_of_images_and_of_masks_where_they_are_made() -> None:
    fixed = all_cases(TINY)[3]
    (images, masks), count = ways._finished(fixed)
    assert (images.shape, masks.shape, count) == ((3, 28, 390), (3, 10, 28, 390), 3)
    (image,), count = ways._finished(all_cases(TINY)[5])
    assert (image.shape, count) == ((28, 390), 1)


def test_ways_take_turns_after_one_to_warm_up() -> None:
    order = []
    numbers = iter(range(100))

    def way(name: str) -> Callable[[], float]:
        def action() -> float:
            order.append(name)
            return next(numbers)

        return action

    seconds = timing.interleaved({"a": way("a"), "b": way("b")}, rounds=2, title="")
    assert order == ["a", "b", "a", "b", "a", "b"]
    assert {name: values.tolist() for name, values in seconds.items()} == {"a": [2, 4], "b": [3, 5]}


def test_a_time_is_that_of_one_among_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([10.0, 16.0])
    calls: list[int] = []
    monkeypatch.setattr(timing, "perf_counter", lambda: next(moments))
    assert timing.timed(lambda: calls.append(0), repeats=3)() == 2
    assert len(calls) == 3


def test_the_other_cores_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, set[int]]] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2}, raising=False)
    monkeypatch.setattr(os, "sched_setaffinity", lambda *call: calls.append(call), raising=False)
    with timing.one_core() as is_alone:
        assert is_alone
        assert calls == [(0, {2})]
    assert calls == [(0, {2}), (0, {0, 1, 2})]


def test_without_affinity_the_note_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with timing.one_core() as is_alone:
        assert not is_alone
    assert "on one core" in speed._notes(is_alone=True, numba=True, imgaug=True)[0]
    assert "on one core" not in speed._notes(is_alone=False, numba=True, imgaug=True)[0]


def test_growth_is_the_last_less_that_after_a_few_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = iter([10**6 * size for size in (1, 2, 3, 4, 5, 6, 7, 100, 300, 125)])
    monkeypatch.setattr(memory, "resident_bytes", lambda: next(sizes))
    figure = memory.stream_growth(renderer="numpy", sample_count=20, batch_size=2)
    assert figure is not None
    assert (figure.value, figure.at_most, figure.is_missed) == (25, 20, True)
    assert "20 samples" in figure.name


def test_where_nobody_knows_the_memory_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "resident_bytes", lambda: None)
    assert memory.stream_growth(renderer="numpy", sample_count=20, batch_size=2) is None
    assert speed._memory(TINY, ("numpy",)) == []


MEMORY_PROGRAM = """
from pathlib import Path
import numpy as np
from image_sequence.benchmarks import memory
if not {has_proc}:
    memory._STATM = Path("missing")
before = memory.resident_bytes()
kept, untouched = np.ones(50_000_000, np.uint8), np.empty(500_000_000, np.uint8)
print(before, memory.resident_bytes())
"""


@pytest.mark.parametrize("has_proc", [True, False])
def test_resident_memory_sees_fifty_megabytes(has_proc: bool, tmp_path: Path) -> None:
    # A process of its own: one that has freed memory before need not take any from the system.
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", MEMORY_PROGRAM.format(has_proc=has_proc)],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    before, after = result.stdout.split()
    if "None" in (before, after):
        pytest.skip("this system does not tell")
    assert int(after) >= 50_000_000
    if has_proc and memory._STATM.exists():  # A peak may be the parent's: Linux hands it down.
        assert 40e6 < int(after) - int(before) < 60e6


def test_without_libraries_the_rest_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise LibraryError("OpenCV does not load")

    monkeypatch.setattr(speed, "import_imgaug", fail)
    assert not speed._imgaug_loads()
    left = list(speed._measurable(all_cases(TINY), numba=False, imgaug=False))
    assert AUGMENTED.name not in {case.name for case in left}
    assert [case.renderers for case in left] == [("numpy",)] * 7
    notes = " ".join(speed._notes(is_alone=True, numba=False, imgaug=False))
    assert 'pip install "image-sequence[fast]"' in notes
    assert "augmented pictures are left out" in notes


def test_the_command_prints_a_table(
    bench: Callable[..., Callable[..., int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(NEVER_MET)() == 0
    out, err = capsys.readouterr()
    (row,) = table_rows(out, "configuration")
    assert (row[0], row[6]) == (NAMES[1], "missed")
    assert "*naive*: the classic algorithm" in out
    assert err == ""
    assert not list(Path().iterdir())


@pytest.mark.parametrize("arguments", [("--json", "-"), ("--json",)])
def test_json_on_standard_output_is_in_place_of_the_table(
    arguments: tuple[str, ...],
    bench: Callable[..., Callable[..., int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench(ALWAYS_MET)(*arguments) == 0
    content = json.loads(capsys.readouterr().out)
    assert [row["configuration"] for row in content["rows"]] == [NAMES[1]]
    assert not list(Path().iterdir())


def test_json_in_a_file_is_besides_the_table(
    bench: Callable[..., Callable[..., int]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench(ALWAYS_MET)("--json", "new/speed.json") == 0
    (row,) = json.loads(Path("new/speed.json").read_text("utf-8"))["rows"]
    (cells,) = table_rows(capsys.readouterr().out, "configuration")
    assert cells[3] == rounded(row["images_per_second"]["value"])
    assert [path.name for path in Path("new").iterdir()] == ["speed.json"]


@pytest.mark.parametrize(("bound", "code"), [(ALWAYS_MET, 0), (NEVER_MET, 1)])
def test_a_verdict_makes_a_missed_bound_exit_code_1(
    bound: dict[str, float],
    code: int,
    bench: Callable[..., Callable[..., int]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert bench(bound)("--verdict", "--json", "speed.json") == code
    err = capsys.readouterr().err
    if code == 0:
        assert err == ""
    else:
        assert err.startswith("image-sequence: 1 of ")
        assert "naive ÷ ours" in err
        assert err.count("\n") == 1
    assert len(json.loads(Path("speed.json").read_text("utf-8"))["missed"]) == code


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("folder", "Is a directory"),
        ("file/speed.json", "its folder is a file"),
        ("", "Is a directory"),
        ("/proc/speed.json", ""),  # Not even root can write there.
    ],
)
def test_a_bad_json_path_is_told_before_anything_is_measured(
    path: str,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").touch()
    monkeypatch.setattr(speed, "measured", lambda sizes: pytest.fail("it was measured"))
    assert main(["bench", "--json", path]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "cannot be written: " in err
    assert reason in err
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_an_interrupt_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(sizes: Sizes) -> Report:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(speed, "measured", interrupt)
    Path("speed.json").write_text("old")
    assert main(["bench", "--json", "speed.json"]) == 130
    assert capsys.readouterr() == ("", "image-sequence: interrupted\n")
    assert [path.name for path in tmp_path.iterdir()] == ["speed.json"]
    assert Path("speed.json").read_text() == "old"


def test_quick_is_less_of_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Sizes] = []

    def measured(sizes: Sizes) -> Report:
        seen.append(sizes)
        return a_report(a_row())

    monkeypatch.setattr(speed, "measured", measured)
    assert main(["bench"]) == main(["bench", "--quick"]) == 0
    assert seen == [cases.FULL, cases.QUICK]
    assert (cases.FULL.streamed, cases.QUICK.streamed) == (1_000_000, 100_000)
    assert cases.FULL.batch_size == cases.QUICK.batch_size == 1024


def test_help_explains_bench_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["bench", "-h"])
    text = capsys.readouterr().out
    assert "image-sequence bench --quick --json - --verdict" in text
