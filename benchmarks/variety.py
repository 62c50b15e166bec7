"""Variety: what steps, lines, overlaps and pages cost, and whether they do what they say.

The times are those of one core. All else depends on seeds alone: whether drawn values follow their
laws, whether ink touches where it should, and how far the truth is from the pixels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from tqdm import tqdm

from image_sequence import DigitSequence, GlyphBank
from image_sequence.benchmarks.cases import Case
from image_sequence.benchmarks.figures import Figure, Section, figure_table, rounded, table
from image_sequence.benchmarks.timing import Seconds, interleaved, median, one_core, ratio
from image_sequence.benchmarks.ways import NAIVE, naively, ours
from image_sequence.composing.composer import Composer
from image_sequence.composing.request import SequenceRequest
from image_sequence.config import Configuration
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import DrawnStep, Plan
from image_sequence.presets import PRESETS, preset_configuration
from image_sequence.sample import Sample
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.kinds import Kind, Parameter
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS
from image_sequence.steps.pipeline import Step

PValues: TypeAlias = dict[str, float]
Masses: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.float64]]
Masks: TypeAlias = NDArray[np.bool_]

STEPS: list[Any] = [
    {"affine": {"rotate": [-10, 10], "shear": [-15, 15], "scale": [0.85, 1.1]}},
    {"stroke": {"width": [-1, 1]}},
    {"blur": {"sigma": [0, 0.8]}},
]
LINE = {"size": [0.7, 1.2], "baseline": [-2, 2], "drift": [-1, 1], "slope": [-3, 3]}

_SEED = 20_263
_LEAST_P = 0.001
_MOST_PIXELS = 0.5
_IMGAUG = "imgaug in batches"
_NAIVE_AT_LEAST = {"affine, stroke, blur": 12, "classic-native": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured.

    Attributes:
        batch_size: how many pictures a turn makes.
        imgaug_batch_size: the same where imgaug takes milliseconds a picture.
        rounds: how many turns ours and imgaug have.
        times_rounds: how many turns each kind of variety has.
        drawn: how many values each law is tested with.
        touching: how many pictures are looked at for ink that touches.
        configurations: how many random ones the truth is checked in.
    """

    batch_size: int
    imgaug_batch_size: int
    rounds: int
    times_rounds: int
    drawn: int
    touching: int
    configurations: int


FULL = Sizes(
    batch_size=256,
    imgaug_batch_size=64,
    rounds=41,
    times_rounds=11,
    drawn=100_000,
    touching=10_000,
    configurations=2_000,
)
QUICK = Sizes(
    batch_size=64,
    imgaug_batch_size=16,
    rounds=5,
    times_rounds=3,
    drawn=20_000,
    touching=500,
    configurations=100,
)


def measured(*, quick: bool) -> Section:
    """Ratios and times on one core, tests of laws, counts of touching ink, distances of truth."""
    sizes = QUICK if quick else FULL
    with one_core() as is_one_core:
        ratios = _ratios(sizes)
        times = _times(sizes)
    checked = [*ratios, *_law_figures(sizes), *_touching_figures(sizes), *_truth_figures(sizes)]
    where = "on one core" if is_one_core else "on all cores, since this system binds none"
    return Section(
        part="variety",
        title=f"10 digits to 390 px, float32, batches of {sizes.batch_size}, {where}; "
        f"{sizes.drawn:,} values for each law, seed {_SEED}",
        figures=[*checked, *(figure for row in times.values() for figure in row)],
        tables=(figure_table(checked), _time_table(times)),
        notes=_NOTES,
    )


_NOTES = (
    (
        "*naive* is the classic transform by imgaug, one picture and one digit at a time "
        "(`image_sequence/benchmarks/naive.py`); *imgaug in batches* is `transform=True`."
    ),
    (
        "Of a family of tests the smallest p is shown, and in brackets what was tested; the bound "
        "holds for each single test. Gaps and whole numbers are tested by chi-square, other values "
        "by Kolmogorov and Smirnov, whether steps take place by the binomial distribution."
    ),
)


# Time.


def _renderers() -> tuple[str, ...]:
    return ("numpy", "numba") if find_spec("numba") else ("numpy",)


def _case(configuration: Configuration, batch_size: int) -> Case:
    # Ten digits and gaps of 12 at most: what is padded to 390 pixels fits as well.
    spacing_range = (-10, 10) if configuration.overlap else (0, 20)
    if configuration.canvas.fit == "pad":
        spacing_range = spacing_range[0], 10
    return Case(
        configuration=configuration,
        digit_count=10,
        spacing_range=spacing_range,
        image_width=390,
        dtype="float32",
        batch_size=batch_size,
        rounds=1,
    )


def _ratios(sizes: Sizes) -> list[Figure]:
    """The time of the naive way and of imgaug in batches, by ours."""
    own: dict[str, Any] = {"affine, stroke, blur": STEPS, "classic-native": "classic-native"}
    imgaug = _case(Configuration(transform=True), sizes.imgaug_batch_size)
    actions = {NAIVE: naively(imgaug), _IMGAUG: ours(imgaug, "numpy")}
    for renderer in _renderers():
        for name, transform in own.items():
            case = _case(Configuration(transform=transform), sizes.batch_size)
            actions[f"{name}, {renderer}"] = ours(case, renderer)
    seconds = interleaved(actions, rounds=sizes.rounds, title="variety, transforms")
    return [
        ratio(f"time of {above} ÷ of {name}", seconds[above], seconds[name], at_least=bound)
        for name in list(actions)[2:]
        for above, bound in ((NAIVE, _NAIVE_AT_LEAST[name.rpartition(", ")[0]]), (_IMGAUG, None))
    ]


def _varieties() -> dict[str, Configuration]:
    return {
        "nothing but gaps": Configuration(),
        "overlap": Configuration(overlap=True),
        "measure ink": Configuration(measure="ink"),
        "layout": Configuration(layout=LINE),
        "page of noisy-scan": Configuration(page=preset_configuration("noisy-scan").page),
        "affine, stroke, blur": Configuration(transform=STEPS),
        **{f"preset {name}": preset_configuration(name) for name in PRESETS},
    }


def _times(sizes: Sizes) -> dict[str, list[Figure]]:
    """Microseconds a picture of each kind of variety, by each renderer."""
    actions = {
        f"{name}, {renderer}": ours(_case(configuration, sizes.batch_size), renderer)
        for name, configuration in _varieties().items()
        for renderer in _renderers()
    }
    seconds = interleaved(actions, rounds=sizes.times_rounds, title="variety, kinds")
    return {
        name: [_microseconds(f"{name}, {r}", seconds) for r in _renderers()]
        for name in _varieties()
    }


def _microseconds(name: str, seconds: Mapping[str, Seconds]) -> Figure:
    return median(name, seconds[name], unit="µs", scale=1e6)


def _time_table(times: Mapping[str, list[Figure]]) -> str:
    heads = ("what varies", *(f"{renderer}, µs a picture" for renderer in _renderers()))
    rows = [
        (name, *(f"{rounded(figure.value)} ({figure.spread})" for figure in row))
        for name, row in times.items()
    ]
    return table(heads, rows)


# Laws.


def _law_figures(sizes: Sizes) -> list[Figure]:
    return [
        _smallest_p(name, p_values(sizes.drawn))
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
        seed=_SEED,
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
    return p_values


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


# Ink that touches.


def _touching_figures(sizes: Sizes) -> list[Figure]:
    count = sizes.touching
    return [
        Figure(
            name=f"of {count:,} pictures, how many have ink that all touches, {name}",
            value=touching(DigitSequence(seed=_SEED, **choices), count),
            at_least=count,
            at_most=count,
        )
        for name, choices in _TOUCHING.items()
    ]


_TOUCHING: dict[str, dict[str, Any]] = {
    "padded": {"measure": "ink", "fit": "pad"},
    "resized": {"measure": "ink"},
    "preset touching": {"preset": "touching"},
}


def touching(generator: DigitSequence, count: int, *, gap: int = 0) -> int:
    """How many of so many pictures of three mixed digits have masks that all touch the next."""
    found, size = 0, 250
    for start in tqdm(range(0, count, size), desc="touching", leave=False, disable=None):
        labels = default_rng([_SEED, start]).integers(0, 10, (min(size, count - start), 3))
        masks = generator.batch(labels, (gap, gap), 100, start=start).masks
        found += int((_touch(masks[:, 0], masks[:, 1]) & _touch(masks[:, 1], masks[:, 2])).sum())
    return found


def _touch(one: Masks, other: Masks) -> Masks:
    """Whether masks share a pixel or have two side by side: bool, shape (batch,)."""
    wider = one.copy()
    wider[:, 1:] |= one[:, :-1]
    wider[:, :-1] |= one[:, 1:]
    wider[:, :, 1:] |= one[:, :, :-1]
    wider[:, :, :-1] |= one[:, :, 1:]
    touches: Any = (wider & other).any(axis=(1, 2))
    return touches  # type: ignore[no-any-return]  # two axes of three are left out


# Truth.


def _truth_figures(sizes: Sizes) -> list[Figure]:
    distances = truth_distances(sizes.configurations)
    of = f"in {sizes.configurations:,} random geometries"
    return [
        Figure(
            name=f"largest distance of {name}, {of}",
            value=float(values.max()),
            unit="px",
            at_most=_MOST_PIXELS if name in _BOUND else None,
        )
        for name, values in distances.items()
    ]


_BOXES, _UNION = "an ink box from its mask's", "all ink boxes from the picture's ink"
_RESIZED_WIDTH = 120  # Pixels; strips are 84 to 102 where cells are as wide as digits.
_RESIZED = f"an ink box from its mask's, resized to {_RESIZED_WIDTH} px"
_POINTS = "a landmark from where it is mapped to"
_BOUND = (_BOXES, _UNION, _POINTS)


def truth_distances(count: int) -> dict[str, NDArray[np.float64]]:
    """By what is compared, all distances in so many random configurations: pixels."""
    rng, bank = default_rng(_SEED), BundledDigits().load()

    def sampled(width: int, index: int, **choices: Any) -> Sample:
        generator = DigitSequence(seed=_SEED, source=bank, renderer="numpy", **choices)
        return generator.sample([2, 7, 4], (0, 9), width, index=index)

    found: dict[str, list[float]] = {name: [] for name in (_BOXES, _UNION, _RESIZED, _POINTS)}
    for index in tqdm(range(count), desc="truth", leave=False, disable=None):
        choices = geometric_choices(rng)
        sample = sampled(260, index, **choices)
        found[_BOXES] += box_distances(sample.ink_boxes, sample.masks)
        found[_UNION] += union_distances(sample)
        glyphs_and_line = {name: choices[name] for name in ("transform", "layout", "measure")}
        resized = sampled(_RESIZED_WIDTH, index, **glyphs_and_line)
        found[_RESIZED] += box_distances(resized.ink_boxes, resized.masks)
        found[_POINTS] += landmark_distances(choices, rng, index)
    return {name: np.array(values) for name, values in found.items()}


def geometric_choices(rng: Generator) -> dict[str, Any]:
    """Glyph steps that move ink, a line, a way to measure, and a page that moves all."""

    def drawn(low: float, high: float) -> float:
        return float(rng.uniform(low, high))

    def some(steps: list[Any]) -> list[Any]:
        return [steps[number] for number in rng.integers(0, len(steps), rng.integers(0, 4))]

    steps = [
        {"affine": {"rotate": drawn(-30, 30), "shear": drawn(-25, 25)}},
        {"affine": {"scale": drawn(0.8, 1.3), "stretch": drawn(0.8, 1.2)}},
        {"affine": {"shift_x": drawn(-2, 2), "shift_y": drawn(-2, 2)}},
        {"perspective": {"tilt_x": drawn(-0.3, 0.3)}},
        {"crop": dict.fromkeys(("left", "top", "right", "bottom"), drawn(0, 0.15))},
        {"elastic": {"alpha": drawn(0, 20), "sigma": 5}},
    ]
    moves = [
        {"rotate": {"angle": drawn(-8, 8)}},
        {"shear": {"angle": drawn(-10, 10)}},
        {"zoom": {"factor": drawn(0.8, 1.1)}},
        {"translate": {"x": drawn(-3, 3), "y": drawn(-3, 3)}},
        {"perspective": {"tilt_x": drawn(-0.15, 0.15)}},
    ]
    layouts: list[dict[str, Any]] = [{}, {"baseline": [-3, 3]}, LINE]
    return {
        "transform": some(steps) or False,
        "layout": layouts[rng.integers(3)],
        "measure": ("cell", "ink")[rng.integers(2)],
        "page": {"transform": some(moves)},
        "image_height": (80, 100)[rng.integers(2)],
        "align": "centre",
        "fit": "pad",
    }


def box_distances(boxes: NDArray[np.float32], masks: Masks) -> list[float]:
    """How far each box is from that of its mask, at the side where it is farthest: pixels."""
    return [
        float(np.abs(box - _bounds(mask)).max())
        for box, mask in zip(boxes, masks, strict=True)
        if mask.any()
    ]


def _bounds(mask: Masks) -> NDArray[np.int64]:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])


def union_distances(sample: Sample) -> list[float]:
    """How far the rectangle around all ink boxes is from that of what is not paper: pixels."""
    boxes = sample.ink_boxes[sample.ink_boxes[:, 0] >= 0]
    ink = np.rint(255 * sample.image) < 255
    if not len(boxes) or not ink.any():
        return []
    union = np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])
    return box_distances(union[None], ink[None])


_SIDE = 56  # Twice a digit's, so that two steps one after the other cut nothing off.
# Where ink bends, a blob's middle leaves its point, by what grows with the square of this. A small
# blob measures where points are mapped to, and not that.
_SIGMA = 1.0


def landmark_distances(choices: Mapping[str, Any], rng: Generator, index: int) -> list[float]:
    """How far the middles of three blobs are from where `mapped` says: pixels.

    Blobs that are cut off are left out: what is left of them has its middle elsewhere.
    """
    centres = rng.uniform(_SIDE / 2 - 8, _SIDE / 2 + 8, (3, 1, 2))
    roomy = {**choices, "measure": "cell", "image_height": 180}
    bank = _blobs(centres[:, 0])
    generator = DigitSequence(seed=_SEED, source=bank, renderer="numpy", **roomy)
    sample = generator.sample([0, 1, 2], (20, 25), 400, index=index)
    angles = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    rim = 3 * _SIGMA * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    points, rims = sample.mapped(centres)[:, 0], sample.mapped(centres + rim)
    return [
        float(np.hypot(*(_middle(1 - sample.image, mask) - point)))
        for point, ring, mask, corners in zip(
            points, rims, sample.masks, _corners(sample), strict=True
        )
        if _are_inside(ring, corners) and _are_inside(ring, _sides(sample.image))
    ]


def _blobs(centres: NDArray[np.float64]) -> GlyphBank:
    y, x = np.mgrid[:_SIDE, :_SIDE] + 0.5
    squares = [(x - middle[0]) ** 2 + (y - middle[1]) ** 2 for middle in centres]
    images = 255 * np.exp(-np.array(squares) / (2 * _SIGMA**2))
    return GlyphBank(np.rint(images).astype(np.uint8), np.arange(len(centres)))


def _middle(ink: NDArray[Any], mask: Masks) -> NDArray[np.float64]:
    own: NDArray[np.float64] = (ink * mask).astype(np.float64)
    y, x = np.mgrid[: ink.shape[0], : ink.shape[1]] + 0.5
    moments: NDArray[np.float64] = np.array([(own * x).sum(), (own * y).sum()])
    return moments / float(own.sum())


def _corners(sample: Sample) -> NDArray[np.float32]:
    if sample.polygons is not None:
        return sample.polygons
    corners: NDArray[np.float32] = sample.boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    return corners


def _sides(image: NDArray[Any]) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def _are_inside(points: NDArray[np.float64], corners: NDArray[np.float32]) -> bool:
    """Whether all points lie in a polygon whose corners go round clockwise."""
    sides = np.roll(corners, -1, axis=0) - corners
    apart = points[:, None] - corners
    return bool((sides[:, 0] * apart[..., 1] - sides[:, 1] * apart[..., 0] >= 0).all())
