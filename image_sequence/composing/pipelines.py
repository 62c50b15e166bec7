"""Transforms by name, or as lists of steps."""

from collections.abc import Sequence
from typing import Any

from image_sequence.composing.transforms import Transform, classic
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, shown
from image_sequence.steps.pipeline import Pipeline

_QUARTER = [0, 0.25]

PIPELINES: dict[str, list[Any]] = {
    # The probabilities and ranges of `transforms.classic`, which has them from imgaug.
    "classic-native": [
        {
            "random_order": [
                {"blur": {"sigma": [0, 0.05], "p": 0.1}},
                {"elastic": {"alpha": [0.5, 0.6], "sigma": 0.15, "p": 0.15}},
                {"dropout": {"share": 0.1, "p": 0.3}},
                {
                    "crop": {
                        "left": _QUARTER,
                        "top": _QUARTER,
                        "right": _QUARTER,
                        "bottom": _QUARTER,
                        "p": 0.3,
                    }
                },
            ]
        },
        "stretch",
    ],
    # Slant, size and thickness of a whole number agree, as by one hand.
    "handwriting": [
        {
            "affine": {
                "rotate": [-8, 8],
                "shear": [-20, 20],
                "scale": [0.85, 1.05],
                "per": "sequence",
                "spread": 0.2,
            }
        },
        {"stroke": {"width": [-0.8, 1.5], "per": "sequence", "spread": 0.1}},
        {"elastic": {"alpha": [0, 12], "sigma": 4}},
    ],
}
"""The steps of transforms that have a name, as a configuration would list them."""


def register_transform(name: str, transform: Transform) -> None:
    """Make a transform known by a name, for `transform=name` and configurations.

    Raises:
        ArgumentTypeError: the name is not a text, or the transform cannot be called.
        ArgumentValueError: the name stands for another transform.
    """
    if not isinstance(name, str) or not name:
        raise ArgumentTypeError(f"a transform has a name, not {shown(name)}")
    if not callable(transform):
        raise ArgumentTypeError(
            f"a transform is a function of (glyphs, rng), not {shown(transform)}"
        )
    if name in PIPELINES or TRANSFORMS.setdefault(name, transform) is not transform:
        raise ArgumentValueError(f"the name {name!r} is taken by a transform; choose another")


TRANSFORMS: dict[str, Transform] = {"classic": classic}
"""Transforms that are functions, by name."""


def transform_of(settings: object, where: str) -> Transform | None:
    """The transform that a configuration describes.

    Args:
        settings: true for "classic", false for None, a name, or a list of steps.
        where: what errors call it, such as "image.transform".

    Raises:
        ArgumentTypeError: a list with something else than steps.
        ArgumentValueError: another value, an empty list, an unknown name, or a step that cannot be.

    >>> transform_of([{"blur": {"sigma": 1}}], "image.transform").steps[0].kind.name
    'blur'
    """
    if isinstance(settings, bool):
        return classic if settings else None
    if settings and isinstance(settings, (list, tuple)):
        return _pipeline(settings, where)
    if isinstance(settings, str) and settings in PIPELINES:
        return _pipeline(PIPELINES[settings], where)
    if not isinstance(settings, str) or settings not in TRANSFORMS:
        known = ", ".join(map(repr, sorted([*TRANSFORMS, *PIPELINES])))
        raise ArgumentValueError(
            f"{where} is true or false, one of the names {known}, or a list of at least one step, "
            f"not {shown(settings)}"
        )
    return TRANSFORMS[settings]


def _pipeline(settings: Sequence[Any], where: str) -> Pipeline:
    # Who has no steps does not wait for the modules of all kinds.
    from image_sequence.steps.glyph_kinds import GLYPH_KINDS
    from image_sequence.steps.settings import pipeline_of

    return pipeline_of(settings, GLYPH_KINDS, where)


def transform_from(transform: object) -> Transform | None:
    """The transform of an argument: a function as it is, or what `transform_of` takes.

    Raises:
        ArgumentTypeError, ArgumentValueError: it is neither.
    """
    if callable(transform) and not isinstance(transform, type):
        return transform
    if not isinstance(transform, (bool, str, list, tuple)):
        raise ArgumentTypeError(
            f"transform is a function of (glyphs, rng), a list of steps, a name, true or false, "
            f"not {shown(transform)}"
        )
    return transform_of(transform, "transform")
