"""The page: paper and ink of any grey or colour, and what happens to whole pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from image_sequence.chunks import chunks
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.plan import DrawnStep, FloatImages, Images, Plan
from image_sequence.steps.backgrounds import Backgrounds
from image_sequence.steps.kinds import Kind, Matrices, Parameter, Size, unchanged
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS
from image_sequence.steps.pipeline import Pipeline, Step
from image_sequence.steps.settings import checked_range, pipeline_of
from image_sequence.steps.warping import warp

PAGE_STREAM = "page"

_GROUND, _PAPER, _PICTURE = "ground", "paper", "picture"  # Streams of their own.
_KEYS = ("paper", "ink", "paper_steps", "pictures", "transform")
_COLOURS = ("red", "green", "blue")


def _level(name: str, usual: float) -> Parameter:
    return Parameter(name, "level", 0, 1, (usual, usual))


_PICTURE_NUMBER = Parameter("picture", "number", 0, inf, (0, 0), whole=True)
_PLACES = tuple(Parameter(name, "share", 0, 1, (0, 1)) for name in ("left", "top"))
_CROP = Kind("pictures", "", (_PICTURE_NUMBER, *_PLACES), unchanged)


@dataclass(frozen=True)
class Page:
    """Paper and ink, and what happens to whole pictures.

    Attributes:
        ground: how light paper and ink are: steps that change nothing and only draw; and with
            `pictures` which of them, and which part of it.
        paper_steps: what happens to the bare paper.
        steps: what happens to whole pictures; those that move points come first.
        pictures: a folder of pictures to take paper from, times the paper's own level; or None.
        colours: 1 for grey pictures, 3 for pictures in colour.
    """

    ground: Pipeline
    paper_steps: Pipeline
    steps: Pipeline
    pictures: Backgrounds | None
    colours: int

    @classmethod
    def from_settings(cls, settings: object) -> Self:
        """From what a configuration's section says.

        Raises:
            ArgumentTypeError, ArgumentValueError: it cannot be used.
            SourceNotFoundError, PictureError: the folder of pictures cannot be used.
        """
        if not isinstance(settings, dict):
            raise ArgumentTypeError(f"page is an object, not {shown(settings)}")
        unknown = [key for key in settings if key not in _KEYS]
        if unknown:
            raise ArgumentValueError(
                f"page has {shown(unknown[0])}, which means nothing; it has {', '.join(_KEYS)}"
            )
        paper, ink = settings.get("paper", 1.0), settings.get("ink", 0.0)
        pictures, backgrounds = settings.get("pictures"), None
        ground = [_ground_step("paper", paper, 1.0), _ground_step("ink", ink, 0.0)]
        if pictures is not None:
            backgrounds = _backgrounds(pictures)
            last = float(backgrounds.count - 1)
            ranges = {"picture": (0.0, last), "left": (0.0, 1.0), "top": (0.0, 1.0)}
            ground.append(Step(_CROP, ranges))
        steps = pipeline_of(settings.get("transform", []), PICTURE_KINDS, "page.transform")
        _check_order(steps)
        return cls(
            Pipeline(tuple(ground)),
            pipeline_of(settings.get("paper_steps", []), PAPER_KINDS, "page.paper_steps"),
            steps,
            backgrounds,
            3 if isinstance(paper, dict) or isinstance(ink, dict) else 1,
        )

    def drawn(self, seed: int, indices: NDArray[np.int64]) -> tuple[DrawnStep, ...]:
        """The values of paper, ink and all steps, one for each picture: shape (batch, 1)."""
        rng = Draws(seed, PAGE_STREAM, indices)
        return tuple(
            drawn
            for name, pipeline in self._pipelines
            for drawn in pipeline.drawn(rng.named(name), 1)
        )

    @property
    def _pipelines(self) -> tuple[tuple[str, Pipeline], ...]:
        return ((_GROUND, self.ground), (_PAPER, self.paper_steps), (_PICTURE, self.steps))

    @property
    def moves(self) -> bool:
        """Whether any step moves points."""
        return any(step.kind.move is not None for step in self.steps.steps)

    def matrices(self, drawn: Sequence[DrawnStep], size: Size) -> Matrices:
        """Where points of the laid out pictures go: float64, shape (batch, 3, 3).

        Args:
            drawn: what `drawn` made.
            size: height and width of the pictures, pixels.
        """
        return self.steps.matrices(self._parts(drawn)[2], size)

    def _parts(self, drawn: Sequence[DrawnStep]) -> list[Sequence[DrawnStep]]:
        parts, first = [], 0
        for _, pipeline in self._pipelines:
            parts.append(drawn[first : first + len(pipeline.steps)])
            first += len(pipeline.steps)
        return parts

    def pictures_of(
        self, coverage: FloatImages, plan: Plan, dtype: np.dtype[Any], *, light: bool
    ) -> Images:
        """The finished pictures.

        Args:
            coverage: float32, shape (batch, height, width[, 3]): how much ink there is, 0.0 … 1.0.
            plan: the choices.
            dtype: float32 or uint8.
            light: whether the pictures are to be inverted.

        Returns:
            Of that dtype, shape (batch, height, width), in colour (batch, height, width, 3).
        """
        ink = coverage if coverage.ndim == 4 else coverage[..., None]
        colours = max(self.colours, ink.shape[3])
        out: Any = np.empty((*ink.shape[:3], colours), dtype)
        for rows in chunks(len(ink), ink[0].size // ink.shape[3] * colours):
            drawn = [step.taken(rows) for step in plan.picture_steps]
            rng = Draws(plan.seed, PAGE_STREAM, plan.indices[rows])
            picture = self._picture(ink[rows], colours, drawn, rng)
            picture = 1 - picture if light else picture
            out[rows] = np.rint(picture * np.float32(255)) if dtype == np.uint8 else picture
        return out if colours == 3 else out[..., 0]  # type: ignore[no-any-return]  # as asked for

    def _picture(
        self,
        coverage: FloatImages,
        colours: int,
        drawn: Sequence[DrawnStep],
        rng: Draws,
    ) -> FloatImages:
        size = coverage.shape[1], coverage.shape[2]
        ground, of_paper, of_picture = self._parts(drawn)
        present = np.ones((len(coverage), 1), np.bool_)
        paper = self._paper(ground, size, colours)
        paper = self.paper_steps.changed(paper, of_paper, present, rng.named(_PAPER))
        if self.moves:
            matrices = self.matrices(drawn, size)
            coverage = warp(coverage, matrices, border="paper")
            paper = warp(paper, matrices, border="mirror")
        ink = _levels(ground[1], colours)
        # Rounding may carry a sum of weights a bit beyond 1.
        picture = np.clip(paper + (ink - paper) * coverage, 0, 1)
        return self.steps.changed(picture, of_picture, present, rng.named(_PICTURE))

    def _paper(self, ground: Sequence[DrawnStep], size: Size, colours: int) -> FloatImages:
        level = _levels(ground[0], colours)
        if self.pictures is None:
            return np.broadcast_to(level, (len(level), *size, colours)).copy()
        crop = ground[2].values
        numbers = crop["picture"][:, 0].astype(np.int64)
        places = np.stack([crop["left"][:, 0], crop["top"][:, 0]], axis=1)
        return level * self.pictures.paper(numbers, places, size, colours)


def _levels(drawn: DrawnStep, colours: int) -> FloatImages:
    """The level of paper or ink: float32, shape (batch, 1, 1, colours)."""
    values = [value[:, 0] for value in drawn.values.values()]
    levels = np.stack(values, axis=1).astype(np.float32)
    return np.broadcast_to(levels[:, None, None, :], (len(levels), 1, 1, colours))


def _ground_step(name: str, settings: object, usual: float) -> Step:
    is_coloured = isinstance(settings, dict)
    values: dict[str, object] = settings if isinstance(settings, dict) else {"level": settings}
    names = _COLOURS if is_coloured else ("level",)
    unknown = [key for key in values if key not in names]
    if unknown:
        raise ArgumentValueError(
            f"page.{name} is a level, or an object with {', '.join(_COLOURS)}; "
            f"{shown(unknown[0])} means nothing"
        )
    parameters = tuple(_level(channel, usual) for channel in names)
    ranges = {
        parameter.name: checked_range(
            values.get(parameter.name, usual), parameter, f"page.{name}.{parameter.name}"
        )
        for parameter in parameters
    }
    return Step(Kind(name, "", parameters, unchanged), ranges)


def _check_order(steps: Pipeline) -> None:
    behind = ""
    for number, step in enumerate(steps.steps):
        if step.kind.move is None:
            behind = behind or step.kind.name
        elif behind:
            raise ArgumentValueError(
                f"page.transform[{number}]: {step.kind.name} moves ink, so it stands before "
                f"{behind} and all else that does not; then pixels are resampled once"
            )


def _backgrounds(folder: object) -> Backgrounds:
    if not isinstance(folder, str) or not folder:
        raise ArgumentTypeError(f"page.pictures is the path of a folder, not {shown(folder)}")
    return Backgrounds.from_folder(folder)
