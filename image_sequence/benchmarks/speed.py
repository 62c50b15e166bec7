"""The measurement behind `image-sequence bench`, and how its results are shown."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from image_sequence.benchmarks.cases import Case, Sizes, all_cases
from image_sequence.benchmarks.figures import Figure, figure_table, rounded, table
from image_sequence.benchmarks.machine import described, machine
from image_sequence.benchmarks.memory import stream_growth
from image_sequence.benchmarks.timing import Seconds, interleaved, median, one_core, ratio
from image_sequence.benchmarks.ways import COPY, FRESH_COPY, NAIVE, actions, pixel_difference
from image_sequence.composing.imgaug_adapter import import_imgaug
from image_sequence.errors import LibraryError

_HEADS = (
    "configuration",
    "batch",
    "renderer",
    "images/s",
    "naive ÷ ours (quartiles)",
    "bound",
    "",
    "ours ÷ copy (quartiles)",
    "bound",
    "",
    "ours ÷ fresh copy",
)
_NOTE = (
    "*naive*: the classic algorithm, images only, one at a time: imgaug for each digit where it is "
    "augmented, concatenate, Pillow resize. *copy*: copying the finished batch into memory that is "
    "there; *fresh copy*: into new memory, which any batch needs."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What was measured of one configuration with one renderer.

    Attributes:
        case: the configuration.
        renderer: its name.
        seconds: of a picture, round by round, by way: "ours", "naive", "copy", "fresh copy".
        pixels: how far our pixels are from the naive way's, or None for augmented pictures.
    """

    case: Case
    renderer: str
    seconds: Mapping[str, Seconds]
    pixels: Figure | None

    @property
    def images_per_second(self) -> Figure:
        """How many pictures we make in a second."""
        return median(self._named("images per second"), 1 / self.seconds["ours"])

    @property
    def naive_ratio(self) -> Figure:
        """How many times our time the naive way takes."""
        return ratio(
            self._named("naive ÷ ours"),
            self.seconds[NAIVE],
            self.seconds["ours"],
            at_least=self.case.naive_at_least.get(self.renderer),
        )

    @property
    def copy_ratio(self) -> Figure:
        """How many times the time of a copy we take."""
        return ratio(
            self._named("ours ÷ copy"),
            self.seconds["ours"],
            self.seconds[COPY],
            at_most=self.case.copy_at_most.get(self.renderer),
        )

    @property
    def fresh_copy_ratio(self) -> Figure:
        """How many times the time of a copy to new memory we take."""
        return ratio(
            self._named("ours ÷ fresh copy"), self.seconds["ours"], self.seconds[FRESH_COPY]
        )

    @property
    def figures(self) -> list[Figure]:
        """All of them."""
        ratios = [self.naive_ratio, self.copy_ratio, self.fresh_copy_ratio]
        return [self.images_per_second, *ratios, *([] if self.pixels is None else [self.pixels])]

    def cells(self) -> tuple[str, ...]:
        """The row of the table."""
        naive, copy = self.naive_ratio, self.copy_ratio
        return (
            self.case.name,
            "1" if self.case.one_call else f"{self.case.batch_size:,}",
            self.renderer,
            rounded(self.images_per_second.value),
            *(_with_spread(naive), naive.bound, naive.verdict),
            *(_with_spread(copy), copy.bound, copy.verdict),
            rounded(self.fresh_copy_ratio.value),
        )

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON holds it."""
        return {
            "configuration": self.case.name,
            "renderer": self.renderer,
            "batch_size": 1 if self.case.one_call else self.case.batch_size,
            "rounds": self.case.rounds,
            "images_per_second": self.images_per_second.to_dict(),
            "naive_per_ours": self.naive_ratio.to_dict(),
            "ours_per_copy": self.copy_ratio.to_dict(),
            "ours_per_fresh_copy": self.fresh_copy_ratio.to_dict(),
            "pixel_difference": None if self.pixels is None else self.pixels.to_dict(),
            "seconds_per_image": {way: values.tolist() for way, values in self.seconds.items()},
        }

    def _named(self, name: str) -> str:
        return f"{self.case.name}, {self.renderer}: {name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that was measured.

    Attributes:
        machine: what it was measured on.
        sizes: how much was measured.
        rows: the speed of each configuration with each renderer.
        memory: the growth of a stream's memory, for each renderer.
        notes: sentences on how it was measured.
    """

    machine: Mapping[str, str]
    sizes: Sizes
    rows: Sequence[Row]
    memory: Sequence[Figure]
    notes: Sequence[str]

    @property
    def checked(self) -> list[Figure]:
        """The figures that have a bound."""
        figures = [*(figure for row in self.rows for figure in row.figures), *self.memory]
        return [figure for figure in figures if figure.is_checked]

    @property
    def missed(self) -> list[Figure]:
        """Those that lie outside theirs."""
        return [figure for figure in self.checked if figure.is_missed]

    def described(self) -> str:
        """The report in Markdown."""
        speed = table(_HEADS, [row.cells() for row in self.rows])
        others = figure_table([*self._farthest_pixels(), *self.memory])
        return "\n\n".join([described(self.machine), speed, " ".join(self.notes), others])

    def to_dict(self) -> dict[str, Any]:
        """The report as JSON holds it."""
        return {
            "machine": dict(self.machine),
            "sizes": asdict(self.sizes),
            "rows": [row.to_dict() for row in self.rows],
            "memory": [figure.to_dict() for figure in self.memory],
            "notes": list(self.notes),
            "checked": len(self.checked),
            "missed": [figure.name for figure in self.missed],
        }

    def to_json(self) -> str:
        """The same as text."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)

    def verdict(self) -> str:
        """Which bounds are missed, in a sentence."""
        missed = "; ".join(figure.described() for figure in self.missed) or "none"
        return f"{len(self.missed)} of {len(self.checked)} bounds are missed: {missed}"

    def _farthest_pixels(self) -> list[Figure]:
        pixels = [row.pixels for row in self.rows if row.pixels is not None]
        return [max(pixels, key=lambda figure: figure.value)] if pixels else []


def measured(sizes: Sizes) -> Report:
    """Measure memory and speed, on one core where the system lets us.

    Raises:
        LibraryError: a renderer does not work.
    """
    measured_on = machine()  # Before all cores but one are out of sight.
    numba, imgaug = _numba_loads(), _imgaug_loads()
    with one_core() as is_alone:
        cases = _measurable(all_cases(sizes), numba=numba, imgaug=imgaug)
        # First, while there is no memory left over from elsewhere that growth could hide in.
        memory = _memory(sizes, ("numpy", "numba") if numba else ("numpy",))
        rows = [row for case in cases for row in _rows(case, sizes)]
    return Report(
        machine=measured_on,
        sizes=sizes,
        rows=rows,
        memory=memory,
        notes=_notes(is_alone=is_alone, numba=numba, imgaug=imgaug),
    )


def _measurable(cases: Sequence[Case], *, numba: bool, imgaug: bool) -> Iterator[Case]:
    """The cases that need no library that is missing."""
    for case in cases:
        if imgaug or not case.configuration.transform:
            renderers = [name for name in case.renderers if numba or name != "numba"]
            yield replace(case, renderers=tuple(renderers))


def _rows(case: Case, sizes: Sizes) -> list[Row]:
    pixels = {renderer: _pixels(case, renderer, sizes) for renderer in case.renderers}
    seconds = interleaved(actions(case), rounds=case.rounds, title=case.name)
    others = {way: seconds[way] for way in (NAIVE, COPY, FRESH_COPY)}
    return [
        Row(
            case=case,
            renderer=renderer,
            seconds={"ours": seconds[renderer], **others},
            pixels=pixels[renderer],
        )
        for renderer in case.renderers
    ]


def _pixels(case: Case, renderer: str, sizes: Sizes) -> Figure | None:
    if case.configuration.transform:  # The naive way lets imgaug draw its own numbers.
        return None
    return pixel_difference(case, renderer, sizes.compared)


def _memory(sizes: Sizes, renderers: Sequence[str]) -> list[Figure]:
    figures = [
        stream_growth(renderer=renderer, sample_count=sizes.streamed, batch_size=sizes.batch_size)
        for renderer in renderers
    ]
    return [figure for figure in figures if figure is not None]


def _notes(*, is_alone: bool, numba: bool, imgaug: bool) -> list[str]:
    cores = "on one core" if is_alone else "on whichever cores the system chose"
    notes = [f"Medians of turns taken one after the other, {cores}; warmed up, so compiled.", _NOTE]
    if not numba:
        notes.append('numba does not load: pip install "image-sequence[fast]".')
    if not imgaug:
        notes.append("OpenCV or imgaug does not load, so augmented pictures are left out.")
    return notes


def _numba_loads() -> bool:
    try:
        import numba  # noqa: F401  # whether it loads is the question
    except ImportError:
        return False
    return True


def _imgaug_loads() -> bool:
    try:
        import_imgaug()
    except LibraryError:
        return False
    return True


def _with_spread(figure: Figure) -> str:
    return f"{rounded(figure.value)} ({figure.spread})"
