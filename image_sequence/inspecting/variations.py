"""Configurations that differ in one value of one step alone, all other steps left out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias

from image_sequence.composing.page import Page
from image_sequence.config import Configuration
from image_sequence.inspecting.step_ranges import Ranged
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.kinds import Kind, unchanged
from image_sequence.steps.line import BASELINE, DRIFT, SIZE, SLOPE, Line
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS
from image_sequence.steps.pipeline import Pipeline, Step

_LINE = Kind("layout", "Size and line.", (SIZE, BASELINE, DRIFT, SLOPE), unchanged)
_ROOM = 6  # Pixels above and below the glyphs, for steps that turn or shift the picture.
# On white paper nothing gets lighter, and black ink nothing darker.
_GREY_PAGE = {"paper": 0.9, "ink": 0.15}
_GROUND = ("paper", "ink")


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture.

    Attributes:
        caption: what is said of it.
        configuration: what makes it.
        offset: how many samples after the first it is.
    """

    caption: str
    configuration: Configuration
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Variation:
    """One parameter of one step over its range.

    Attributes:
        title: which.
        note: the range, what the other parameters are, and what the step does.
        pictures: from the low end of the range to the high one.
    """

    title: str
    note: str
    pictures: tuple[Shown, ...]


Configured: TypeAlias = Callable[[str, Mapping[str, Any]], Configuration]
"""The configuration in which a step of some name, with some values, stands alone."""


@dataclass(frozen=True)
class Bare:
    """A configuration without steps, and the same with one step.

    Attributes:
        configuration: without transform, layout and page, but with the room that they need.
        room: pixels above and below the line.
        ground: paper and ink, for steps of the page.
    """

    configuration: Configuration
    room: int
    ground: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, configuration: Configuration, room: int, ground: Mapping[str, Any]) -> Self:
        """The configuration without its steps."""
        layout = {"room": room} if room else {}
        return cls(replace(configuration, transform=False, layout=layout, page=None), room, ground)

    def with_glyph_step(self, name: str, values: Mapping[str, Any]) -> Configuration:
        """With a step for glyphs."""
        return replace(self.configuration, transform=[{name: dict(values)}])

    def with_line(self, _name: str, values: Mapping[str, Any]) -> Configuration:
        """With a layout."""
        return replace(self.configuration, layout={**values, "room": self.room})

    def with_ground(self, name: str, values: Mapping[str, Any]) -> Configuration:
        """With paper or ink, grey or in colour."""
        level = values["level"] if "level" in values else dict(values)
        return self._with_page({name: level})

    def with_paper_step(self, name: str, values: Mapping[str, Any]) -> Configuration:
        """With a step for the bare paper."""
        return self._with_page({"paper_steps": [{name: dict(values)}]})

    def with_picture_step(self, name: str, values: Mapping[str, Any]) -> Configuration:
        """With a step for the whole picture."""
        return self._with_page({"transform": [{name: dict(values)}]})

    def _with_page(self, settings: Mapping[str, Any]) -> Configuration:
        return replace(self.configuration, page={**self.ground, **settings})


def variations_of(
    configuration: Configuration, *, count: int, glyph_height: int
) -> Iterator[Variation]:
    """A configuration's steps, layout, paper and ink, each alone and over its own ranges.

    Args:
        configuration: whose.
        count: how many values of each range, at least 2.
        glyph_height: pixels.
    """
    line, page = configuration.line(), configuration.whole_page()
    ground = {} if page is None else _ground(configuration, page)
    bare = Bare.of(configuration, line.rooms(glyph_height)[1], ground)
    yield _without_steps(bare)
    yield from _of_transform(configuration, bare, count)
    ranges = {one.name: getattr(line, one.name) for one in _LINE.parameters}
    if any(ranges[one.name] != one.usual for one in _LINE.parameters):
        yield from _varied("", [Ranged.of_step(Step(_LINE, ranges))], bare.with_line, count)
    if page is None:
        return
    own = [Ranged.of_step(step) for step in page.ground.steps if step.kind.name in _GROUND]
    yield from _varied("page", [one for one in own if one.varying], bare.with_ground, count)
    for place, pipeline, configured in (
        ("page.paper_steps", page.paper_steps, bare.with_paper_step),
        ("page.transform", page.steps, bare.with_picture_step),
    ):
        yield from _varied(place, Ranged.of_pipeline(pipeline), configured, count)


def all_variations(
    configuration: Configuration, *, count: int, glyph_height: int
) -> Iterator[Variation]:
    """All steps there are, over what is usual for them.

    Args:
        configuration: what pictures are like otherwise.
        count: how many values of each range, at least 2.
        glyph_height: pixels.
    """
    line = Ranged.of_kind(_LINE)
    reach = Line(**line.ranges).rooms(glyph_height)[1]  # type: ignore[arg-type]  # ranges alone
    bare = Bare.of(configuration, _ROOM, _GREY_PAGE)
    yield _without_steps(bare)
    glyph_steps = map(Ranged.of_kind, GLYPH_KINDS.values())
    yield from _varied("image.transform", glyph_steps, bare.with_glyph_step, count)
    yield from _varied("", [line], Bare.of(configuration, reach, {}).with_line, count)
    for place, kinds, configured in (
        ("page.paper_steps", PAPER_KINDS, bare.with_paper_step),
        ("page.transform", PICTURE_KINDS, bare.with_picture_step),
    ):
        yield from _varied(place, map(Ranged.of_kind, kinds.values()), configured, count)


def _without_steps(bare: Bare) -> Variation:
    return Variation("no step", "the sample as it is without any", (Shown("", bare.configuration),))


def _of_transform(configuration: Configuration, bare: Bare, count: int) -> Iterator[Variation]:
    transform = configuration.glyph_transform()
    if isinstance(transform, Pipeline):
        steps = Ranged.of_pipeline(transform)
        yield from _varied("image.transform", steps, bare.with_glyph_step, count)
    elif transform is not None:
        drawn = replace(bare.configuration, transform=configuration.transform)
        pictures = tuple(Shown(f"sample {k}", drawn, k) for k in range(count))
        name = "classic" if configuration.transform is True else configuration.transform
        note = "a function, which tells no ranges: some samples as they are drawn"
        yield Variation(f"image.transform: {name}", note, pictures)


def _varied(
    place: str, steps: Iterable[Ranged], configured: Configured, count: int
) -> Iterator[Variation]:
    for step in steps:
        kind = step.kind.name
        number = "" if step.number is None else f" {step.number}"
        title = f"{place}{number}: {kind}" if place else kind
        for parameter, settings in step.settings(count):
            pictures = tuple(
                Shown(f"{values[parameter.name]:.4g}", configured(kind, values))
                for values in settings
            )
            yield Variation(f"{title}.{parameter.name}", step.described(parameter), pictures)
        if not step.varying:
            alone = Shown("", configured(kind, step.held))
            yield Variation(title, step.described(), (alone,))


def _ground(configuration: Configuration, page: Page) -> dict[str, Any]:
    """Paper and ink in the middle of their ranges, and the folder that paper is taken from."""
    ground: dict[str, Any] = {}
    for step in page.ground.steps:
        if step.kind.name in _GROUND:
            held = Ranged.of_step(step).held
            ground[step.kind.name] = held["level"] if "level" in held else dict(held)
    pictures = (configuration.page or {}).get("pictures")
    return ground if pictures is None else {**ground, "pictures": pictures}
