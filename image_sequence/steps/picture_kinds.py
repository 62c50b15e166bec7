"""The kinds of steps for paper and for finished pictures, by name."""

from image_sequence.steps import corruptions, paper, picture_moves, picture_steps
from image_sequence.steps.kinds import Change, Kind, Move, Parameter, unchanged

MNIST_C = "mnist_c_"

_FAR = 10_000.0  # Pixels: beyond any picture.
_SEVERITY = Parameter("severity", "severity", 1, 5, (1, 5), whole=True)


def _direction(name: str, low: float = -180, high: float = 180) -> Parameter:
    return Parameter(name, "degrees", -360, 360, (low, high))


_PAPER: tuple[Kind, ...] = (
    Kind(
        "gradient",
        "Light from one side: a ramp, lightest towards a direction, clockwise from the right.",
        (Parameter("strength", "level", 0, 1, (0.05, 0.25)), _direction("direction")),
        paper.gradient,
    ),
    Kind(
        "shadow",
        "A soft shadow over one edge or corner, clockwise from the right.",
        (
            Parameter("strength", "share", 0, 1, (0.1, 0.4)),
            Parameter("extent", "share", 0.01, 1, (0.2, 0.6)),
            _direction("direction"),
        ),
        paper.shadow,
    ),
    Kind(
        "lines",
        "Ruled lines.",
        (
            Parameter("distance", "pixels", 2, _FAR, (7, 14)),
            Parameter("width", "pixels", 0, _FAR, (0.6, 1.2)),
            Parameter("darkness", "level", 0, 1, (0.15, 0.45)),
            Parameter("phase", "share", 0, 1, (0, 1)),
            Parameter("angle", "degrees", -90, 90, (-0.5, 0.5)),
        ),
        paper.lines,
    ),
    Kind(
        "texture",
        "The grain of paper: smooth noise.",
        (
            Parameter("strength", "level", 0, 1, (0.01, 0.05)),
            Parameter("scale", "pixels", 0, 20, (0.6, 3)),
        ),
        paper.texture,
    ),
    Kind(
        "speckle",
        "Grains of dirt of one to three pixels.",
        (
            Parameter("share", "share", 0, 1, (0.002, 0.02)),
            Parameter("darkness", "level", 0, 1, (0.1, 0.5)),
        ),
        paper.speckle,
    ),
    Kind(
        "stains",
        "Dried drops, darker at the rim.",
        (
            Parameter("count", "stains", 0, paper.MOST_STAINS, (1, 3), whole=True),
            Parameter("size", "pixels", 1, _FAR, (8, 30)),
            Parameter("darkness", "level", 0, 1, (0.05, 0.3)),
        ),
        paper.stains,
    ),
)

_MOVES: tuple[Kind, ...] = (
    Kind(
        "rotate",
        "A turn about the centre, clockwise as seen.",
        (_direction("angle", -1.5, 1.5),),
        unchanged,
        picture_moves.rotate,
    ),
    Kind(
        "shear",
        "A slant, to the right above zero.",
        (Parameter("angle", "degrees", -80, 80, (-15, 15)),),
        unchanged,
        picture_moves.shear,
    ),
    Kind(
        "zoom",
        "An enlargement about the centre; below 1 the picture shrinks.",
        (Parameter("factor", "factor", 0.01, 100, (0.9, 1.05)),),
        unchanged,
        picture_moves.zoom,
    ),
    Kind(
        "translate",
        "A shift to the right and down.",
        (
            Parameter("x", "pixels", -_FAR, _FAR, (-2, 2)),
            Parameter("y", "pixels", -_FAR, _FAR, (-2, 2)),
        ),
        unchanged,
        picture_moves.translate,
    ),
    Kind(
        "perspective",
        "A view from the side: the right and the lower edge as much farther away.",
        (
            # At 0.5 and 0.5, a corner would be as near as the eye.
            Parameter("tilt_x", "share", -0.45, 0.45, (-0.1, 0.1)),
            # Long pictures are low: a little that way leans their ends a lot.
            Parameter("tilt_y", "share", -0.45, 0.45, (-0.03, 0.03)),
        ),
        unchanged,
        picture_moves.perspective,
    ),
)

_FAULTS: tuple[Kind, ...] = (
    Kind(
        "blur",
        "Out of focus: a bell of that deviation.",
        (Parameter("sigma", "pixels", 0, 50, (0.3, 1.0)),),
        picture_steps.blur,
    ),
    Kind(
        "motion_blur",
        "Moved while it was taken, clockwise from the right.",
        (Parameter("length", "pixels", 0, 100, (2, 5)), _direction("angle", 0, 180)),
        picture_steps.motion_blur,
    ),
    Kind(
        "noise",
        "Normal noise, of each pixel and channel on its own.",
        (Parameter("deviation", "level", 0, 1, (0.02, 0.1)),),
        picture_steps.noise,
    ),
    Kind(
        "shot_noise",
        "Light in whole photons, so many on white paper.",
        (Parameter("photons", "photons", 1, 1_000_000, (20, 200)),),
        picture_steps.shot_noise,
    ),
    Kind(
        "salt_and_pepper",
        "Pixels turned black or white.",
        (Parameter("share", "share", 0, 1, (0.005, 0.05)),),
        picture_steps.salt_and_pepper,
    ),
    Kind(
        "brightness",
        "Lighter, below zero darker.",
        (Parameter("shift", "level", -1, 1, (-0.15, 0.15)),),
        picture_steps.brightness,
    ),
    Kind(
        "contrast",
        "So many times as far from mid grey.",
        (Parameter("factor", "factor", 0, 100, (0.6, 1.2)),),
        picture_steps.contrast,
    ),
    Kind(
        "gamma",
        "Levels to a power: above 1 darker, below 1 lighter.",
        (Parameter("exponent", "exponent", 0.01, 100, (0.6, 1.6)),),
        picture_steps.gamma,
    ),
    Kind(
        "jpeg",
        "Kept as JPEG and read again.",
        (Parameter("quality", "quality", 1, 100, (15, 75), whole=True),),
        picture_steps.jpeg,
    ),
    Kind(
        "posterise",
        "Few levels from black to white, the nearest taken.",
        (Parameter("levels", "levels", 2, 65_536, (3, 16), whole=True),),
        picture_steps.posterise,
    ),
    Kind(
        "pixelate",
        "Squares of one level, each the mean of its pixels.",
        (Parameter("side", "pixels", 1, 64, (2, 3), whole=True),),
        picture_steps.pixelate,
    ),
    Kind(
        "vignette",
        "Darker to the corners, by that share.",
        (Parameter("strength", "share", 0, 1, (0.1, 0.5)),),
        picture_steps.vignette,
    ),
    Kind(
        "threshold",
        "Black and white only, white from that level on.",
        (Parameter("level", "level", 0, 1, (0.4, 0.6)),),
        picture_steps.threshold,
    ),
    Kind("invert", "White for black.", (), picture_steps.invert),
)


def _corruption(name: str, summary: str, change: Change, move: Move | None = None) -> Kind:
    return Kind(MNIST_C + name, summary, (_SEVERITY,), change, move)


_CORRUPTIONS: tuple[Kind, ...] = (
    _corruption("shot_noise", "Light in single photons.", corruptions.shot_noise),
    _corruption("impulse_noise", "Black and white pixels.", corruptions.impulse_noise),
    _corruption("glass_blur", "Seen through frosted glass.", corruptions.glass_blur),
    _corruption("motion_blur", "Moved while it was taken.", corruptions.motion_blur),
    _corruption("shear", "Leaning to the right.", unchanged, corruptions.shear),
    _corruption("scale", "Smaller.", unchanged, corruptions.scale),
    _corruption("rotate", "Turned clockwise.", unchanged, corruptions.rotate),
    _corruption("brightness", "Overexposed.", corruptions.brightness),
    _corruption("translate", "Shifted right and down.", unchanged, corruptions.translate),
    _corruption("stripe", "Upright stripes of white for black.", corruptions.stripe),
    _corruption("fog", "Clouds in front of it.", corruptions.fog),
    _corruption("spatter", "Drops of mud.", corruptions.spatter),
    _corruption("dotted_line", "Dotted lines across.", corruptions.dotted_line),
    _corruption("zigzag", "A line like the teeth of a saw across.", corruptions.zigzag),
    _corruption("canny_edges", "Outlines in place of strokes.", corruptions.canny_edges),
)

PAPER_KINDS: dict[str, Kind] = {kind.name: kind for kind in _PAPER}
"""What changes bare paper, before there is ink on it."""

PICTURE_KINDS: dict[str, Kind] = {kind.name: kind for kind in (*_MOVES, *_FAULTS, *_CORRUPTIONS)}
"""What changes finished pictures; a kind with a `move` does nothing but move."""
