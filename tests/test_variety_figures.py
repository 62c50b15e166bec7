"""The figures of variety: that the benchmark sees what is wrong, and that laws hold."""

import sys
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from image_sequence import DigitSequence
from image_sequence.config import Configuration
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.picture_kinds import PICTURE_KINDS
from image_sequence.steps.settings import pipeline_of

pytest.importorskip("scipy", reason="the laws are SciPy's")


def _benchmarks() -> tuple[Any, ...]:
    """The part and its files, with the folder's own name and without the checkout on the path."""
    folder = Path(__file__).parents[1] / "benchmarks"
    spec = spec_from_file_location(
        "benchmarks", folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    sys.modules.setdefault("benchmarks", module_from_spec(spec))
    from benchmarks import variety, variety_laws, variety_times, variety_truth

    return variety, variety_laws, variety_times, variety_truth


variety, laws, times, truth = _benchmarks()
TINY = variety.Sizes(
    batch_size=2,
    imgaug_batch_size=1,
    rounds=2,
    times_rounds=1,
    drawn=20_000,
    touching=20,
    configurations=4,
)
COUNT = 20_000


@pytest.mark.parametrize("family", laws.FAMILIES)
def test_all_that_is_drawn_follows_its_law(family: str) -> None:
    p_values = laws.FAMILIES[family](COUNT)
    assert {name: p for name, p in p_values.items() if p < 0.001} == {}


@pytest.mark.parametrize(("family", "kinds"), [(1, GLYPH_KINDS), (4, PICTURE_KINDS)])
def test_each_parameter_of_each_step_is_tested(family: int, kinds: dict[str, Any]) -> None:
    p_values = list(laws.FAMILIES.values())[family](100)
    tested = {name.partition(" ")[2] for name in p_values}
    for kind in kinds.values():
        assert {f"{kind.name}: {each.name}" for each in kind.parameters} <= tested
        assert f"{kind.name}: p" in tested


def test_values_of_another_law_are_told_apart() -> None:
    rng = np.random.default_rng(7)
    shares = rng.random((3, COUNT))
    uniform, narrow = 5 + 2 * shares[0], 5 + 1.95 * shares[0]
    spread = 5 + 2 * (0.7 * shares[1] + 0.3 * shares[2])
    assert laws.p_of_parameter(uniform, (5, 7), whole=False) > 0.001
    assert laws.p_of_parameter(narrow, (5, 7), whole=False) < 1e-9
    assert laws.p_of_parameter(uniform, (5, 7), whole=False, spread=0.3) < 1e-9
    assert laws.p_of_parameter(spread, (5, 7), whole=False) < 1e-9
    assert laws.p_of_parameter(spread, (5, 7), whole=False, spread=0.3) > 0.001
    assert laws.p_of_parameter(spread, (5, 7), whole=False, spread=0.7) > 0.001
    assert laws.p_of_parameter(spread, (5, 7), whole=False, spread=0.2) < 1e-9


def test_whole_numbers_that_miss_an_end_are_told_apart() -> None:
    rng = np.random.default_rng(7)
    assert laws.p_of_parameter(rng.integers(1, 6, COUNT), (1, 5), whole=True) > 0.001
    assert laws.p_of_parameter(rng.integers(1, 5, COUNT), (1, 5), whole=True) < 1e-9
    assert laws.p_of_parameter(rng.integers(1, 7, COUNT), (1, 5), whole=True) == 0


def test_a_number_that_cannot_be_is_told_apart_however_rare() -> None:
    values = np.array([0] * 500 + [2] * 499 + [1])
    assert laws.p_of_counts(values, np.array([0.5, 0.0, 0.5])) == 0


def test_rare_numbers_are_counted_together() -> None:
    masses = np.array([0.5, 0.49, *[0.001] * 10])
    rng = np.random.default_rng(7)
    values = rng.choice(12, size=2_000, p=masses)
    assert laws.p_of_counts(values, masses) > 0.001
    assert laws.p_of_counts(np.minimum(values, 1), masses) < 0.001


def test_a_share_that_is_off_is_told_apart() -> None:
    applied = np.random.default_rng(7).random(COUNT) < 0.3
    assert laws.p_of_share(applied, 0.3) > 0.001
    assert laws.p_of_share(applied, 0.33) < 1e-9


@pytest.mark.parametrize("name", laws.gap_laws())
def test_gaps_of_one_distribution_are_not_those_of_another(name: str) -> None:
    by_name = laws.gap_laws()
    law = by_name[name]
    least, most = law.ends
    gaps = law.planned(COUNT // 10)[:, 1:-1] - least
    for other, wrong in by_name.items():
        if other != name and wrong.ends == law.ends:
            assert laws.p_of_counts(gaps, wrong.masses(np.arange(least, most + 1))) < 1e-9


def test_steps_of_another_range_probability_or_spread_are_told_apart() -> None:
    settings = {"rotate": [-10, 10], "p": 0.3, "per": "sequence", "spread": 0.25}

    plan = laws.planned(Configuration(transform=[{"affine": settings}]), COUNT, digits=2)

    def p_values(**changed: Any) -> list[float]:
        [step] = pipeline_of([{"affine": settings | changed}], GLYPH_KINDS, "steps").steps
        # The other parameters have one value each, which is no law.
        rotate = replace(step.kind, parameters=step.kind.parameters[:1])
        rotates = (replace(step, kind=rotate),)
        return list(laws.p_values_of_steps(rotates, plan.glyph_steps).values())

    place, angle, difference = range(3)
    assert min(p_values()) > 0.001
    assert p_values(rotate=[-10, 11])[angle] < 1e-9
    assert p_values(p=0.33)[place] < 1e-9
    assert p_values(spread=0.35)[angle] < 1e-9
    assert p_values(spread=0.3)[difference] < 1e-9


def test_fewer_digits_touch_with_each_pixel_of_a_gap() -> None:
    generator = DigitSequence(seed=7, measure="ink", fit="pad", renderer="numpy")
    # Gaps are measured between dark ink; masks hold the faint rim as well, so some still join.
    found = [truth.touching(generator, 300, gap=gap) for gap in (0, 1, 2, 4)]
    assert found[0] == 300
    assert 150 < found[1] < 270
    assert found[2] < 60
    assert found[3] == 0


def test_masks_that_meet_at_a_corner_do_not_touch() -> None:
    one, corner, side, same = np.zeros((4, 1, 4, 4), np.bool_)
    one[0, 0, 0] = corner[0, 1, 1] = side[0, 0, 1] = same[0, 0, 0] = True
    far = np.zeros((1, 4, 4), np.bool_)
    far[0, 0, 3] = far[0, 3, 0] = True  # Beyond the edge on the other side.
    touch = [bool(truth._touch(one, other)[0]) for other in (corner, side, same, far)]
    assert touch == [False, True, True, False]


def test_the_truth_is_as_near_as_it_is_said_to_be() -> None:
    for name, values in truth.truth_distances(40).items():
        assert values.size > 30
        assert values.max() <= 0.5, name


def test_a_box_that_is_a_pixel_off_is_a_pixel_off() -> None:
    sample = DigitSequence(seed=7, fit="pad").sample([2, 7, 4], (0, 9), 120, index=0)
    assert truth.box_distances(sample.ink_boxes, sample.masks) == [0, 0, 0]
    moved = sample.ink_boxes + np.float32([0, 0, 1, 0])
    assert truth.box_distances(moved, sample.masks) == [1, 1, 1]


def test_landmarks_in_the_wrong_place_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    choices = truth.geometric_choices(np.random.default_rng(7))
    found = truth.landmark_distances(choices, np.random.default_rng(8), 0)
    assert len(found) == 3
    assert max(found) <= 0.5
    middle = truth._middle
    monkeypatch.setattr(truth, "_middle", lambda *given: middle(*given) + 0.8)
    wrong = truth.landmark_distances(choices, np.random.default_rng(8), 0)
    assert min(wrong) > 0.5


def test_the_part_holds_all_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variety, "QUICK", TINY)
    monkeypatch.setattr(times, "renderers", lambda: ("numpy",))
    section = variety.measured(quick=True)
    checked = [figure for figure in section.figures if figure.is_checked]
    assert [figure.at_least for figure in checked[:2]] == [12, 8]
    names = " ".join(figure.name for figure in section.figures)
    assert all(f"smallest p of {family} (" in names for family in laws.FAMILIES)
    assert not [figure.name for figure in checked[2:] if figure.is_missed]
    shown = section.described()
    assert "| preset noisy-scan | " in shown
    assert "| page of noisy-scan | " in shown
