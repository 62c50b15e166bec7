"""Whether pixels and truth agree: ink that touches where it should, ink boxes and landmarks."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from tqdm import tqdm

from benchmarks.variety_laws import SEED
from benchmarks.variety_times import LINE
from image_sequence import DigitSequence, GlyphBank
from image_sequence.benchmarks.figures import Figure
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.sample import Sample

Masks: TypeAlias = NDArray[np.bool_]

_TOUCHING: dict[str, dict[str, Any]] = {
    "padded": {"measure": "ink", "fit": "pad"},
    "resized": {"measure": "ink"},
    "preset touching": {"preset": "touching"},
}

_MOST_PIXELS = 0.5
_BOXES, _UNION = "an ink box from its mask's", "all ink boxes from the picture's ink"
_RESIZED_WIDTH = 120  # Pixels; strips are 84 to 102 where cells are as wide as digits.
_RESIZED = f"an ink box from its mask's, resized to {_RESIZED_WIDTH} px"
_POINTS = "a landmark from where it is mapped to"

_SIDE = 56  # Twice a digit's, so that two steps one after the other cut nothing off.
# Where ink bends, a blob's middle leaves its point, by what grows with the square of this. A small
# blob measures where points are mapped to, and not that.
_SIGMA = 1.0


def touching_figures(count: int) -> list[Figure]:
    """Of so many pictures without gaps, in how many all ink touches: it has to in each."""
    return [
        Figure(
            name=f"of {count:,} pictures, how many have ink that all touches, {name}",
            value=touching(DigitSequence(seed=SEED, **choices), count),
            at_least=count,
            at_most=count,
        )
        for name, choices in _TOUCHING.items()
    ]


def touching(generator: DigitSequence, count: int, *, gap: int = 0) -> int:
    """How many of so many pictures of three mixed digits have masks that all touch the next."""
    found, size = 0, 250
    for start in tqdm(range(0, count, size), desc="touching", leave=False, disable=None):
        labels = default_rng([SEED, start]).integers(0, 10, (min(size, count - start), 3))
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


def truth_figures(count: int) -> list[Figure]:
    """The largest distances of the truth from pixels, in so many random geometries."""
    distances = truth_distances(count)
    of = f"in {count:,} random geometries"
    return [
        Figure(
            name=f"largest distance of {name}, {of}",
            value=float(values.max()),
            unit="px",
            at_most=_MOST_PIXELS,
        )
        for name, values in distances.items()
    ]


def truth_distances(count: int) -> dict[str, NDArray[np.float64]]:
    """By what is compared, all distances in so many random configurations: pixels."""
    rng, bank = default_rng(SEED), BundledDigits().load()

    def sampled(width: int, index: int, **choices: Any) -> Sample:
        generator = DigitSequence(seed=SEED, source=bank, renderer="numpy", **choices)
        return generator.sample([2, 7, 4], (0, 9), width, index=index)

    found: dict[str, list[float]] = {name: [] for name in (_BOXES, _UNION, _RESIZED, _POINTS)}
    for index in tqdm(range(count), desc="truth", leave=False, disable=None):
        choices = geometric_choices(rng)
        sample = sampled(260, index, **choices)
        found[_BOXES] += box_distances(sample.ink_boxes, sample.masks)
        found[_UNION] += union_distances(sample)
        glyphs_and_line = {name: choices[name] for name in ("transform", "layout", "measure")}
        resized = sampled(_RESIZED_WIDTH, index, overlap=True, **glyphs_and_line)
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


def landmark_distances(choices: Mapping[str, Any], rng: Generator, index: int) -> list[float]:
    """How far the middles of three blobs are from where `mapped` says: pixels.

    Blobs that are cut off are left out: what is left of them has its middle elsewhere.
    """
    centres = rng.uniform(_SIDE / 2 - 8, _SIDE / 2 + 8, (3, 1, 2))
    roomy = {**choices, "measure": "cell", "image_height": 180}
    bank = _blobs(centres[:, 0])
    generator = DigitSequence(seed=SEED, source=bank, renderer="numpy", **roomy)
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
