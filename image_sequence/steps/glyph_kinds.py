"""The kinds of steps that change glyphs, by name."""

from image_sequence.steps import filters, scattering, strokes, warping
from image_sequence.steps.kinds import Kind, Parameter

_AFFINE = Kind(
    name="affine",
    summary="Rotates, slants, scales and shifts about the middle of the image.",
    parameters=(
        Parameter("rotate", "degrees", least=-180.0, most=180.0, usual=(0.0, 0.0)),
        Parameter("shear", "degrees", least=-60.0, most=60.0, usual=(0.0, 0.0)),
        Parameter("scale", "factor", least=0.1, most=10.0, usual=(1.0, 1.0)),
        Parameter("stretch", "factor", least=0.25, most=4.0, usual=(1.0, 1.0)),
        Parameter("shift_x", "pixels", least=-100.0, most=100.0, usual=(0.0, 0.0)),
        Parameter("shift_y", "pixels", least=-100.0, most=100.0, usual=(0.0, 0.0)),
    ),
    change=warping.affine,
    move=warping.affine_move,
)

_PERSPECTIVE = Kind(
    name="perspective",
    summary="Looks at the image from an angle: its right or its lower side is farther away.",
    parameters=(
        Parameter("tilt_x", "share", least=-0.6, most=0.6, usual=(-0.2, 0.2)),
        Parameter("tilt_y", "share", least=-0.6, most=0.6, usual=(-0.2, 0.2)),
    ),
    change=warping.perspective,
    move=warping.perspective_move,
)

_ELASTIC = Kind(
    name="elastic",
    summary="Bends strokes: shifts pixels by smoothed random numbers.",
    parameters=(
        Parameter("alpha", "pixels", least=0.0, most=200.0, usual=(20.0, 34.0)),
        Parameter("sigma", "pixels", least=0.0, most=16.0, usual=(4.0, 4.0)),
    ),
    change=scattering.elastic,
    displace=scattering.displaced,
)

_CROP = Kind(
    name="crop",
    summary="Cuts off a share of each side and scales the rest to the whole image.",
    parameters=(
        Parameter("left", "share", least=0.0, most=0.45, usual=(0.0, 0.25)),
        Parameter("top", "share", least=0.0, most=0.45, usual=(0.0, 0.25)),
        Parameter("right", "share", least=0.0, most=0.45, usual=(0.0, 0.25)),
        Parameter("bottom", "share", least=0.0, most=0.45, usual=(0.0, 0.25)),
    ),
    change=warping.crop,
    move=warping.crop_move,
)

_STROKE = Kind(
    name="stroke",
    summary="Makes strokes wider, or thinner where the width is negative.",
    parameters=(Parameter("width", "pixels", least=-8.0, most=8.0, usual=(-0.5, 1.0)),),
    change=strokes.stroke,
)

_BLUR = Kind(
    name="blur",
    summary="Blurs by a Gaussian.",
    parameters=(Parameter("sigma", "pixels", least=0.0, most=10.0, usual=(0.0, 0.8)),),
    change=filters.blur,
)

_NOISE = Kind(
    name="noise",
    summary="Adds normal noise to every pixel.",
    parameters=(Parameter("deviation", "level", least=0.0, most=1.0, usual=(0.0, 0.1)),),
    change=scattering.noise,
)

_DROPOUT = Kind(
    name="dropout",
    summary="Makes paper of single pixels.",
    parameters=(Parameter("share", "share", least=0.0, most=1.0, usual=(0.1, 0.1)),),
    change=scattering.dropout,
)

_CONTRAST = Kind(
    name="contrast",
    summary="Makes ink strength · ink ^ gamma: fainter or stronger, paper stays paper.",
    parameters=(
        Parameter("strength", "factor", least=0.0, most=10.0, usual=(0.5, 1.0)),
        Parameter("gamma", "exponent", least=0.1, most=10.0, usual=(1.0, 1.0)),
    ),
    change=filters.contrast,
)

_STRETCH = Kind(
    name="stretch",
    summary="Stretches each image so that its palest pixel is paper and its darkest all ink.",
    parameters=(),
    change=filters.stretch,
)

_ALL = (
    _AFFINE,
    _PERSPECTIVE,
    _ELASTIC,
    _CROP,
    _STROKE,
    _BLUR,
    _NOISE,
    _DROPOUT,
    _CONTRAST,
    _STRETCH,
)

GLYPH_KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""By the name that a configuration says."""
