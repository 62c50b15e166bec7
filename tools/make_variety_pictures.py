"""Make the pictures of docs/VARIETY.md: `python tools/make_variety_pictures.py [DIR]`.

Each is a sheet of pictures as the program makes them, twice as large, with thin grey lines between.
`python tools/make_variety_pictures.py --tables` prints the document's tables instead.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence import DigitSequence
from image_sequence.composing.distributions import from_settings
from image_sequence.picture import save_picture
from image_sequence.plan import FloatImages
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.kinds import Kind, unchanged
from image_sequence.steps.line import BASELINE, DRIFT, SIZE, SLOPE
from image_sequence.steps.picture_kinds import MNIST_C, PAPER_KINDS, PICTURE_KINDS

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SEED = 2026
SCALE = 2
FRAME = 0.75  # A light grey.
BAR_WIDTH, BAR_HEIGHT = 5, 34
MANY = 20_000  # Gaps behind the bars.
TEN = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
FOUR = (2, 0, 2, 6)
TWO = (2, 6)


@dataclass(frozen=True)
class Row:
    """Some pictures side by side.

    Attributes:
        choices: arguments of `DigitSequence`.
        labels: what each picture shows.
        gaps: pixels, the smallest and the largest.
        width: of each picture, pixels.
        indices: the samples.
    """

    choices: Mapping[str, Any] = field(default_factory=dict)
    labels: Sequence[int] = TEN
    gaps: tuple[int, int] = (0, 0)
    width: int = 280
    indices: Sequence[int] = (0,)


@dataclass(frozen=True)
class Preset:
    """What a preset is shown with: digits, gaps and width of its command; how many stand in a row.

    Attributes:
        labels: what each picture of the sheet shows; the first is that of the command.
        gaps: pixels.
        width: pixels.
        columns: how many pictures stand side by side.
    """

    labels: Sequence[Sequence[int]]
    gaps: tuple[int, int]
    width: int
    columns: int

    @property
    def command(self) -> str:
        """Its arguments at the command line, but for the preset."""
        low, high = self.gaps
        return f"{','.join(map(str, self.labels[0]))} {low} {high} {self.width}"


def _strings(length: int, count: int) -> list[list[int]]:
    digits = np.random.default_rng(SEED).integers(0, 10, (count, length))
    return digits.tolist()  # type: ignore[no-any-return]  # whole numbers


LAYOUT_KIND = Kind("layout", "", (SIZE, BASELINE, DRIFT, SLOPE), unchanged)
# What glyph steps are shown with, a row each, where what is usual would change nothing.
GLYPH_ROWS: dict[str, list[dict[str, Any]]] = {
    "affine": [
        {"rotate": [-20, 20]},
        {"shear": [-30, 30]},
        {"scale": [0.6, 1.1]},
        {"stretch": [0.6, 1.6]},
        {"shift_x": [-4, 4], "shift_y": [-4, 4]},
    ],
    "blur": [{"sigma": [0.5, 1.5]}],
    "contrast": [{}, {"strength": 1, "gamma": [0.3, 3]}],
    "elastic": [{}, {"alpha": [0, 12], "sigma": 4}],
    "perspective": [{}, {"tilt_x": [-0.5, 0.5], "tilt_y": [-0.5, 0.5]}],
    "stroke": [{}, {"width": [-2, 3]}],
}
PICTURE_ROWS: dict[str, dict[str, Any]] = {
    "perspective": {"tilt_x": [-0.3, 0.3], "tilt_y": [-0.1, 0.1]},
    "rotate": {"angle": [-8, 8]},
    "translate": {"x": [-8, 8], "y": [-5, 5]},
    "zoom": {"factor": [0.7, 1.1]},
}
# What comes before a step in both rows, where the digits as they are would hide what it does.
BEFORE: dict[str, list[Any]] = {"stretch": [{"contrast": {"strength": [0.2, 0.5]}}]}
# The page that a step of pictures is shown on, where black on white would hide what it does.
GREY_PAGE = {
    "paper": 0.95,
    "ink": 0.15,
    "paper_steps": [{"gradient": {"strength": 0.5, "direction": 0}}],
}
ON_GREY = ("brightness", "contrast", "gamma", "posterise", "shot_noise", "threshold")
SEVERITIES = (1, 2, 3, 4, 5)

LAYOUTS: dict[str, dict[str, Any]] = {
    "size": {"size": [0.6, 1.2]},
    "size_of_sequence": {"size": [0.6, 1.2], "per": "sequence", "spread": 0.2},
    "baseline": {"baseline": [-5, 5]},
    "drift": {"drift": [-3, 3]},
    "slope": {"slope": [-6, 6]},
    "room": {"slope": [-6, 6], "room": 20},
}
MEASURES: dict[str, Row] = {
    "cell": Row({}, TEN[:7], (0, 0), 196),
    "ink": Row({"measure": "ink"}, TEN[:7], (0, 0), 196),
    "overlap": Row({"overlap": True}, TEN[:7], (-12, -6), 196),
    "ink_overlap": Row({"measure": "ink", "overlap": True}, TEN[:7], (-4, -2), 196),
}
SPACINGS: dict[str, dict[str, Any]] = {
    "variable": {},
    "normal": {"mean": 6, "deviation": 2},
    "poisson": {"mean": 5},
    "exponential": {"mean": 4},
    "mixture": {
        "parts": [
            {"type": "normal", "mean": 3, "deviation": 1, "weight": 3},
            {"type": "normal", "mean": 15, "deviation": 1.5, "weight": 1},
        ]
    },
    "histogram": {"counts": {"0": 5, "2": 9, "3": 4, "12": 6}},
}
PAGES: dict[str, dict[str, Any]] = {
    "paper": {"paper": [0.6, 1], "ink": [0, 0.4]},
    "colours": {
        "paper": {"red": [0.8, 1], "green": [0.7, 1], "blue": [0.6, 1]},
        "ink": {"red": [0, 0.6], "green": [0, 0.4], "blue": [0, 0.8]},
    },
    "pictures": {"pictures": "FOLDER"},
}
PRESETS: dict[str, Preset] = {
    "classic": Preset(_strings(4, 8), (0, 20), 142, 2),
    "classic-native": Preset(_strings(4, 8), (0, 20), 142, 2),
    "touching": Preset(_strings(5, 12), (0, 0), 72, 4),
    "overlapping": Preset(_strings(5, 12), (-10, -4), 112, 3),
    "noisy-scan": Preset(_strings(5, 8), (0, 8), 164, 2),
    "colour": Preset(_strings(4, 8), (0, 10), 137, 2),
    "hard": Preset(_strings(4, 12), (-2, 4), 68, 4),
    "double-mnist": Preset(_strings(2, 10), (0, 8), 64, 5),
    "triple-mnist": Preset(_strings(3, 8), (0, 0), 84, 4),
    "multi-mnist": Preset(_strings(2, 16), (-27, -20), 36, 8),
    "overlap-0-to-0.4": Preset(_strings(5, 12), (-11, 0), 118, 3),
}


def main() -> None:
    """Write all pictures into DIR, or into docs/pictures/; or print the tables."""
    if sys.argv[1:] == ["--tables"]:
        print("\n\n".join(tables().values()))
        return
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    for name, image in drawn():
        save_picture(image, folder / f"{name}.png")
        print(folder / f"{name}.png")


def drawn() -> Iterator[tuple[str, FloatImages]]:
    """Yield each name with its sheet: float32, (height, width) or (height, width, 3), 0.0 … 1.0."""
    for name in GLYPH_KINDS:
        first = BEFORE.get(name, [])
        rows = [Row({"transform": [*first, {name: settings}]}) for settings in glyph_rows(name)]
        yield f"glyph_{name}", _sheet([Row({"transform": first or False}), *rows])
    yield "glyph_per", _sheet(_per_rows())
    for name in PAPER_KINDS:
        row = Row({"page": {"paper_steps": [name]}}, FOUR, (0, 4), 124, (0, 1, 2))
        yield f"paper_{name}", _sheet([row])
    for name in PICTURE_KINDS:
        yield f"picture_{name}", _sheet([_picture_row(name)])
    for name, layout in LAYOUTS.items():
        row = Row({"layout": layout, "fit": "pad"}, TEN[:5], (2, 2), 178, (0, 1))
        yield f"layout_{name}", _sheet([row])
    for name, row in MEASURES.items():
        padded = replace(row, choices={**row.choices, "fit": "pad"}, indices=(0, 1))
        yield f"gaps_{name}", _sheet([padded])
    for name, settings in SPACINGS.items():
        yield f"spacing_{name}", _framed([_spacing(name, settings)])
    for name, page in PAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            _save_wood(Path(folder))
            own = {key: folder if value == "FOLDER" else value for key, value in page.items()}
            yield f"page_{name}", _sheet([Row({"page": own}, FOUR, (0, 4), 124, (0, 1, 2))])
    for name, preset in PRESETS.items():
        yield f"preset_{name}", _preset(name, preset)


def glyph_rows(name: str) -> list[dict[str, Any]]:
    """What a glyph step is shown with, a row of the picture each."""
    return GLYPH_ROWS.get(name, [{}])


def _per_rows() -> list[Row]:
    slant = {"shear": [-30, 30]}
    steps = [
        {"affine": slant},
        {"affine": slant | {"per": "sequence"}},
        {"affine": slant | {"per": "sequence", "spread": 0.3}},
    ]
    return [Row({"transform": [step]}, FOUR, (0, 0), 112, (0, 1, 2)) for step in steps]


def _picture_row(name: str) -> Row:
    if not name.startswith(MNIST_C):
        page = GREY_PAGE if name in ON_GREY else {}
        steps = [{name: PICTURE_ROWS.get(name, {})}]
        return Row({"page": page | {"transform": steps}}, FOUR, (0, 4), 124, (0, 1, 2))
    return Row({"page": {"transform": [name]}}, TWO, (0, 0), 56, SEVERITIES)


def _sheet(rows: Sequence[Row]) -> FloatImages:
    return _framed([_images(row) for row in rows])


def _images(row: Row) -> list[NDArray[Any]]:
    if row.indices is not SEVERITIES:
        generator = DigitSequence(seed=SEED, **row.choices)
        return [_image(generator, row, index) for index in row.indices]
    [name] = row.choices["page"]["transform"]
    pages = [{"transform": [{name: {"severity": severity}}]} for severity in SEVERITIES]
    return [_image(DigitSequence(seed=SEED, page=page), row, 0) for page in pages]


def _image(generator: DigitSequence, row: Row, index: int) -> NDArray[Any]:
    return generator.sample(row.labels, row.gaps, row.width, index=index).image


def _preset(name: str, preset: Preset) -> FloatImages:
    batch = DigitSequence(preset=name, seed=SEED).batch(preset.labels, preset.gaps, preset.width)
    images, columns = list(batch.images), preset.columns
    return _framed([images[first : first + columns] for first in range(0, len(images), columns)])


def _spacing(name: str, settings: Mapping[str, Any]) -> list[NDArray[Any]]:
    """How often each gap from 0 to 20 is drawn, as bars, and a picture."""
    strategy: Any = from_settings(name, settings) if settings else name
    generator = DigitSequence(seed=SEED, spacing=strategy)
    labels = np.zeros((MANY // 10, 11), np.int64)
    gaps = generator.batch(labels, (0, 20), 28, dtype=np.uint8).gaps[:, 1:-1]
    shares = np.bincount(gaps.ravel(), minlength=21) / gaps.size
    bars = np.ones((BAR_HEIGHT, len(shares) * BAR_WIDTH), np.float32)
    for gap, share in enumerate(shares / shares.max()):
        left, height = gap * BAR_WIDTH, round(share * (BAR_HEIGHT - 2))
        bars[BAR_HEIGHT - height :, left + 1 : left + BAR_WIDTH] = 0.35
    strip = DigitSequence(seed=SEED, spacing=strategy, fit="pad", image_height=BAR_HEIGHT)
    return [bars, strip.sample(TEN[:6], (0, 20), 268, index=0).image]


def _save_wood(folder: Path) -> None:
    """A picture to lie below the digits: rings as in a board, of light grey."""
    y, x = np.mgrid[:120, :400].astype(np.float64)
    rings = np.sin(0.9 * np.hypot(0.08 * (x - 150), y - 170 + 6 * np.sin(x / 60)))
    save_picture(0.78 + 0.1 * rings + 0.08 * np.sin(x / 90 + y / 50), folder / "wood.png")


def _framed(rows: Sequence[Sequence[NDArray[Any]]]) -> FloatImages:
    """Pictures in rows, enlarged, with a line of grey around each; short rows end in white."""
    in_colour = any(image.ndim == 3 for row in rows for image in row)
    lines = [
        [_with_line(_in_colour(image) if in_colour else image) for image in row] for row in rows
    ]
    widest = max(sum(image.shape[1] for image in line) for line in lines)
    white = [widest - sum(image.shape[1] for image in line) for line in lines]
    joined = [
        _filled(np.concatenate(line, axis=1), right=right)
        for line, right in zip(lines, white, strict=True)
    ]
    return np.concatenate(joined).astype(np.float32)


def _with_line(image: NDArray[Any]) -> NDArray[Any]:
    large = image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
    around = [(1, 1), (1, 1), *[(0, 0)] * (image.ndim - 2)]
    return np.pad(large, around, constant_values=FRAME)


def _filled(line: NDArray[Any], *, right: int) -> NDArray[Any]:
    return np.pad(line, [(0, 0), (0, right), *[(0, 0)] * (line.ndim - 2)], constant_values=1)


def _in_colour(image: NDArray[Any]) -> NDArray[Any]:
    return image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)


def tables() -> dict[str, str]:
    """The document's tables that come from the code, by name."""
    moves = {name: kind for name, kind in PICTURE_KINDS.items() if not name.startswith(MNIST_C)}
    corruptions = {name: kind for name, kind in PICTURE_KINDS.items() if name.startswith(MNIST_C)}
    return {
        "glyph steps": _shown_table(
            "glyph", GLYPH_KINDS, {name: glyph_rows(name) for name in GLYPH_KINDS}
        ),
        "glyph parameters": parameter_table(GLYPH_KINDS),
        "layout parameters": parameter_table({"layout": LAYOUT_KIND}),
        "paper steps": _shown_table("paper", PAPER_KINDS, {}),
        "paper parameters": parameter_table(PAPER_KINDS),
        "picture steps": _shown_table(
            "picture", moves, {name: [PICTURE_ROWS.get(name, {})] for name in moves}
        ),
        "picture parameters": parameter_table(moves),
        "corruptions": _shown_table("picture", corruptions, {}),
        "presets": preset_table(),
        "corruption parameters": parameter_table({"mnist_c_…": _alike(corruptions)}),
    }


def _alike(kinds: Mapping[str, Kind]) -> Kind:
    """One of the kinds, all of which have the same parameters."""
    first, *others = kinds.values()
    if any(kind.parameters != first.parameters for kind in others):
        raise ValueError("the corruptions differ in their parameters: give each rows of its own")
    return first


def _shown_table(
    group: str, kinds: Mapping[str, Kind], rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> str:
    heads = ["step", "what it does", *(["drawn from"] if rows else []), "picture"]
    lines = []
    for name, kind in kinds.items():
        settings = [json.dumps(row)[1:-1] for row in rows.get(name, [])]
        drawn_from = ["<br>".join(f"`{text}`" if text else "what is usual" for text in settings)]
        picture = f"![{name}](pictures/{group}_{name}.png)"
        lines.append([f"`{name}`", kind.summary, *(drawn_from if rows else []), picture])
    return _table(heads, lines)


def parameter_table(kinds: Mapping[str, Kind]) -> str:
    """All parameters of kinds: limits, unit, and what is drawn from if nothing is said."""
    lines = []
    for name, kind in kinds.items():
        for parameter in kind.parameters:
            low, high = parameter.usual
            usual = f"{low:,.10g}" if low == high else f"{low:,.10g} to {high:,.10g}"
            limits = f"{parameter.least:,.10g} to {parameter.most:,.10g}"
            unit = f"{parameter.unit}, whole" if parameter.whole else parameter.unit
            lines.append([f"`{name}`", f"`{parameter.name}`", limits, unit, usual])
        if not kind.parameters:
            lines.append([f"`{name}`", "none", "", "", ""])
    return _table(["step", "parameter", "limits", "unit", "usual"], lines)


def preset_table() -> str:
    """What each preset's sheet is made with, at the command line."""
    lines = [
        [f"[`{name}`](#{anchor(name)})", f"`image-sequence draw {preset.command} --preset {name}`"]
        for name, preset in PRESETS.items()
    ]
    return _table(["preset", "for example"], lines)


def anchor(name: str) -> str:
    """What GitHub makes of a preset's heading."""
    return name.replace(".", "")


def _table(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [f"| {' | '.join(row)} |" for row in [heads, *lines]]
    return "\n".join([rows[0], "|---" * len(heads) + "|", *rows[1:]])


if __name__ == "__main__":
    main()
