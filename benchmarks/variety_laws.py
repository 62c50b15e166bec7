"""Whether what is drawn follows its law: gaps, steps of glyphs and of pictures, layout."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from image_sequence.benchmarks.figures import Figure
from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest
from image_sequence.config import Configuration
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import DrawnStep, Plan
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.kinds import Kind, Parameter
from image_sequence.steps.line import Line
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS
from image_sequence.steps.pipeline import Step

PValues: TypeAlias = dict[str, float]
Masses: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float64]]

SEED = 20_263
_LEAST_P = 0.001


def law_figures(count: int) -> list[Figure]:
    """Of each family the smallest p, its values being so many."""
    return [
        _smallest_p(name, p_values(count))
        for name, p_values in tqdm(FAMILIES.items(), desc="laws", leave=False, disable=None)
    ]


def _smallest_p(family: str, p_values: PValues) -> Figure:
    worst = min(p_values, key=lambda name: p_values[name])
    return Figure(
        name=f"smallest p of {family} ({worst}), tests: {len(p_values)}",
        value=p_values[worst],
        at_least=_LEAST_P,
    )


def p_of_parameter(
    values: NDArray[np.float64], ends: tuple[float, float], *, whole: bool, spread: float = 0
) -> float:
    """The p of values against the law of a parameter: independent ones, shape (count,).

    With a spread s they are (1 - s) U1 + s U2 of the range, U1 and U2 uniform: a trapezoid.
    """
    from scipy import stats

    low, high = ends
    ramp = min(spread, 1 - spread)
    shares = stats.trapezoid(ramp, 1 - ramp)
    if not whole:
        return float(stats.kstest((values - low) / (high - low), shares.cdf).pvalue)
    limits = np.linspace(0, 1, int(high - low) + 2)
    return p_of_counts(values.astype(np.int64) - int(low), np.diff(shares.cdf(limits)))


def p_of_counts(values: NDArray[np.int64], masses: NDArray[np.float64]) -> float:
    """The p of chi-square of whole numbers from 0, against how likely each is, up to a factor.

    Numbers of which fewer than five are expected count as one.
    """
    from scipy.stats import chisquare

    counts = np.bincount(values.ravel(), minlength=len(masses))
    if len(counts) > len(masses) or counts[masses == 0].any():
        return 0.0
    expected = masses / masses.sum() * values.size
    rare = expected < 5
    kept = [np.append(of[~rare], of[rare].sum()) for of in (counts, expected)]
    observed, likely = (of[:-1] if kept[1][-1] == 0 else of for of in kept)
    return float(chisquare(observed, likely).pvalue) if len(likely) > 1 else 1.0


def p_of_share(applied: NDArray[np.bool_], p: float) -> float:
    """The p of how often steps take place, against how probable it is."""
    from scipy.stats import binomtest

    return float(binomtest(int(applied.sum()), applied.size, p).pvalue)


@dataclass(frozen=True, slots=True)
class GapLaw:
    """Gaps of a configuration, and how likely each should be.

    Attributes:
        settings: what the section spacing says.
        masses: of gaps how likely they are, up to a factor.
        ends: the range, pixels.
    """

    settings: Mapping[str, Any]
    masses: Masses
    ends: tuple[int, int] = (0, 20)

    def planned(self, count: int, subtype: str = "between") -> NDArray[np.int64]:
        """All gaps of so many samples of eleven digits: int64, shape (count, 12)."""
        parameters = {key: value for key, value in self.settings.items() if key != "type"}
        configuration = Configuration(
            spacing_type=self.settings["type"],
            spacing_subtype=subtype,
            spacing_parameters=parameters,
            overlap=self.ends[0] < 0,
        )
        return planned(configuration, count, digits=11, spacing_range=self.ends).gaps

    def p_of_inner(self, count: int) -> float:
        """The p of so many gaps between digits."""
        least, most = self.ends
        inner = self.planned(count // 10)[:, 1:-1]
        return p_of_counts(inner - least, self.masses(np.arange(least, most + 1)))

    def p_of_outer(self, count: int) -> float:
        """The p of so many gaps at the edges, which come from 0 on."""
        outer = self.planned(count // 2, "edge")[:, [0, -1]]
        return p_of_counts(outer, self.masses(np.arange(self.ends[1] + 1)))


def _normal(mean: float, deviation: float) -> Masses:
    from scipy.stats import norm

    law = norm(mean, deviation)
    return lambda gaps: law.cdf(gaps + 0.5) - law.cdf(gaps - 0.5)


def _poisson(mean: float) -> Masses:
    from scipy.stats import poisson

    return lambda gaps: poisson(mean).pmf(gaps)


def _exponential(mean: float) -> Masses:
    from scipy.stats import expon

    law = expon(scale=mean)
    # It counts from the range's minimum.
    return lambda gaps: law.cdf(gaps - gaps[0] + 1) - law.cdf(gaps - gaps[0])


def _counted(counts: Mapping[int, float]) -> Masses:
    whole = sum(counts.values())
    return lambda gaps: np.array([counts.get(gap, 0) / whole for gap in gaps.tolist()])


def gap_laws() -> dict[str, GapLaw]:
    """The distributions that gaps are tested against, by name."""
    counts = {0: 5, 1: 9, 4: 2.5, 7: 0.5, 12: 20}
    keyed = {str(gap): weight for gap, weight in counts.items()}
    normal = {"type": "normal", "mean": 6, "deviation": 2.5}
    joined: list[Any] = [
        {"type": "poisson", "mean": 3, "weight": 3},
        {"type": "normal", "mean": 12, "deviation": 1.5, "weight": 2},
    ]
    return {
        "uniform": GapLaw({"type": "variable"}, np.ones_like),
        "uniform, -12 to 8": GapLaw({"type": "variable"}, np.ones_like, (-12, 8)),
        "normal": GapLaw(normal, _normal(6, 2.5)),
        "normal, -12 to 8": GapLaw({**normal, "mean": -3}, _normal(-3, 2.5), (-12, 8)),
        "poisson": GapLaw({"type": "poisson", "mean": 4.5}, _poisson(4.5)),
        "exponential": GapLaw({"type": "exponential", "mean": 5}, _exponential(5)),
        "exponential, -12 to 8": GapLaw(
            {"type": "exponential", "mean": 5}, _exponential(5), (-12, 8)
        ),
        "histogram": GapLaw({"type": "histogram", "counts": keyed}, _counted(counts)),
        "mixture": GapLaw(
            {"type": "mixture", "parts": joined},
            lambda gaps: 3 * _poisson(3)(gaps) + 2 * _normal(12, 1.5)(gaps),
        ),
    }


def planned(
    configuration: Configuration,
    count: int,
    *,
    digits: int,
    spacing_range: tuple[int, int] = (0, 5),
) -> Plan:
    """The choices for so many samples, without a picture."""
    composer = Composer(
        bank=BundledDigits().load(),
        spacing=configuration.spacing(),
        edges=configuration.edges,
        transform=configuration.glyph_transform(),
        seed=SEED,
        line=configuration.line(),
        page=configuration.whole_page(),
    )
    request = SequenceRequest.checked(
        [3] * digits, spacing_range, 500, overlap=configuration.overlap
    )
    return composer.plan(request, np.arange(count))


def _gap_p_values(count: int) -> PValues:
    laws = gap_laws()
    inner = {name: law.p_of_inner(count) for name, law in laws.items()}
    return inner | {f"{name}, outer": law.p_of_outer(count) for name, law in laws.items()}


def described(kind: Kind, **options: Any) -> dict[str, Any]:
    """A step of a kind, with a true range for each of its parameters."""
    return {kind.name: {each.name: _wide(each) for each in kind.parameters} | options}


def _wide(parameter: Parameter) -> tuple[float, float]:
    low, high = parameter.usual
    return (low, high) if low < high else (low, low + (parameter.most - low) / 10)


def p_values_of_steps(steps: tuple[Step, ...], drawn: tuple[DrawnStep, ...]) -> PValues:
    """For each step the p of each parameter, and of whether it takes place.

    What is drawn for a sequence as a whole is tested in one glyph of each; how two glyphs differ
    is tested as well: by the spread times the difference of two uniform shares, a triangle.
    """
    from scipy.stats import kstest, triang

    p_values = {}
    for number, (step, of_step) in enumerate(zip(steps, drawn, strict=True)):
        name = f"{number} {step.kind.name}"
        own = slice(None) if step.per == "glyph" else slice(1)
        if 0 < step.p < 1:
            p_values[f"{name}: p"] = p_of_share(of_step.applied[:, own], step.p)
        for parameter in step.kind.parameters:
            ends, values = step.ranges[parameter.name], of_step.values[parameter.name]
            p_values[f"{name}: {parameter.name}"] = p_of_parameter(
                values[:, own].ravel(), ends, whole=parameter.whole, spread=step.spread
            )
            if step.spread and not parameter.whole:
                apart = (values[:, 0] - values[:, 1]) / (step.spread * (ends[1] - ends[0]))
                p_values[f"{name}: {parameter.name}, difference"] = float(
                    kstest(apart, triang(0.5, -1, 2).cdf).pvalue
                )
    return p_values


def _glyph_p_values(count: int, **options: Any) -> PValues:
    transform = [described(kind, p=0.3, **options) for kind in GLYPH_KINDS.values()]
    # In a sequence, what glyphs share is drawn once.
    pictures, digits = (count, 2) if options else (count // 4, 4)
    configuration = Configuration(transform=transform)
    pipeline: Any = configuration.glyph_transform()
    plan = planned(configuration, pictures, digits=digits)
    return p_values_of_steps(pipeline.steps, plan.glyph_steps)


def _order_p_values(count: int) -> PValues:
    names = ("blur", "stroke", "dropout")
    plan = planned(Configuration(transform=[{"random_order": [*names]}]), count // 4, digits=4)
    places = np.stack([step.places for step in plan.glyph_steps if step.places is not None])
    _, orders = np.unique(places[0] * 9 + places[1] * 3 + places[2], return_inverse=True)
    return {" ".join(names): p_of_counts(orders.astype(np.int64), np.ones(6))}


def _picture_p_values(count: int) -> PValues:
    # Steps that move ink stand before all others.
    kinds = sorted(PICTURE_KINDS.values(), key=lambda kind: kind.move is None)
    page = {
        "paper": {"red": [0.7, 1], "green": [0.6, 1], "blue": [0.5, 0.9]},
        "ink": [0, 0.4],
        "paper_steps": [described(kind, p=0.3) for kind in PAPER_KINDS.values()],
        "transform": [described(kind, p=0.3) for kind in kinds],
    }
    configuration = Configuration(page=page)
    made: Any = configuration.whole_page()
    steps = (*made.ground.steps, *made.paper_steps.steps, *made.steps.steps)
    plan = planned(configuration, count, digits=2)
    return p_values_of_steps(steps, plan.picture_steps)


def _line_p_values(count: int) -> PValues:
    ends = (0.7, 1.2)
    p_values = {}
    for name, spread, pictures, digits in (("each", 0, count // 4, 4), ("of one", 0.25, count, 2)):
        per: dict[str, Any] = {"per": "sequence", "spread": spread} if spread else {}
        plan = planned(Configuration(layout={"size": ends, **per}), pictures, digits=digits)
        sizes: Any = plan.sizes if not spread else plan.sizes[:, :1]  # type: ignore[index]  # asked for
        p_values[f"size, {name}"] = p_of_parameter(sizes.ravel(), ends, whole=False, spread=spread)
    shifts: Any = planned(Configuration(layout={"baseline": [-4, 4]}), count // 4, digits=4).shifts
    # Rounded to whole pixels, the two ends of a range are half as likely as what is between.
    p_values["baseline"] = p_of_counts(shifts + 4, np.array([0.5, *[1] * 7, 0.5]))
    return p_values | _wandering_p_values(count)


def _wandering_p_values(count: int) -> PValues:
    """Of drift and slope, from the shifts of glyphs where they are large enough to tell."""
    indices, far, room = np.arange(count), 10**6, 10**7
    middles = np.tile([0.0, far], (count, 1))
    drifts = Line(drift=(-100, 100)).shifts(SEED, indices, middles, room)[:, 1]
    slopes = Line(slope=(-20, 20)).shifts(SEED, indices, middles, room)[:, 1]
    angles = np.degrees(np.arctan(-slopes / far))
    return {
        "drift": p_of_counts(drifts + 100, np.array([0.5, *[1] * 199, 0.5])),
        "slope": p_of_parameter(angles, (-20, 20), whole=False),
    }


FAMILIES: dict[str, Callable[[int], PValues]] = {
    "gaps": _gap_p_values,
    "steps of glyphs": _glyph_p_values,
    "steps of sequences, spread 0.25": lambda count: _glyph_p_values(
        count, per="sequence", spread=0.25
    ),
    "the order of shuffled steps": _order_p_values,
    "steps of pictures": _picture_p_values,
    "layout": _line_p_values,
}
"""By name what tests the values of a family: of how many values there are the p of each test."""
