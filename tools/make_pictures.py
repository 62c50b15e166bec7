"""Make the pictures that the README shows: `python tools/make_pictures.py [DIR]`.

Each is a picture as the program makes it, twice as large and in a thin frame, so that the paper at
the edges can be seen on a white page.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from image_sequence import DigitSequence, Draws, Sample, SpacingRequest
from image_sequence.picture import save_picture
from image_sequence.plan import FloatImages

STATIC = Path(__file__).parents[1] / "static"
SEED = 2026
SCALE = 2
FRAME = 0.75  # A light grey.
BOXES_SCALE = 4
CELL, INK = 0.75, 0.4  # The greys of the boxes.


@dataclass(frozen=True)
class Picture:
    """How a picture is made.

    Attributes:
        digits: what it shows.
        spacing_range: pixels.
        width: pixels.
        kind: spacing.type in the configuration.
        subtype: spacing.subtype.
        transform: image.transform.
        alternating: whether the gaps come from the strategy below instead.
        options: further arguments of `DigitSequence`.
        boxes: whether the boxes of cells and ink are drawn, on a picture twice as large again.
    """

    digits: Sequence[int]
    spacing_range: tuple[int, int]
    width: int
    kind: str = "variable"
    subtype: str = "between"
    transform: bool = False
    alternating: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    boxes: bool = False


PICTURES = {
    "first": Picture([2, 0, 2, 6], (0, 20), 160),
    "variable_between": Picture(range(10), (0, 20), 390),
    "variable_edge": Picture(range(10), (0, 20), 390, subtype="edge"),
    "fixed_between": Picture(range(10), (0, 20), 379, "fixed"),
    "fixed_edge": Picture(range(10), (0, 20), 379, "fixed", "edge"),
    "transform_on": Picture(range(10), (0, 20), 379, "fixed", "edge", transform=True),
    "example_default": Picture([0, 1], (0, 30), 86),
    "example_config": Picture([0, 1], (0, 30), 86, "fixed", "edge", transform=True),
    "narrow_range": Picture([3, 1, 4, 1, 5], (0, 5), 160),
    "wide_range": Picture([3, 1, 4, 1, 5], (0, 60), 160),
    "alternating": Picture([3, 1, 4, 1, 5], (0, 20), 200, alternating=True),
    "padded": Picture([2, 0, 2, 6], (0, 20), 220, options={"fit": "pad", "align": "centre"}),
    "tall": Picture([2, 0, 2, 6], (0, 20), 160, options={"image_height": 48}),
    "light": Picture([2, 0, 2, 6], (0, 20), 160, options={"ink": "light"}),
    "boxes": Picture([2, 0, 2, 6], (0, 20), 160, boxes=True),
}


def main() -> None:
    """Write all pictures into DIR, or into static/."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else STATIC
    for name, image in drawn():
        save_picture(image, folder / f"{name}.png")
        print(folder / f"{name}.png")


def drawn() -> Iterator[tuple[str, FloatImages]]:
    """Yield each name with its picture: float32, shape (height, width), 0.0 … 1.0."""
    for name, picture in PICTURES.items():
        sample = _generator(picture).sample(
            picture.digits, picture.spacing_range, picture.width, index=0
        )
        large = _with_boxes(sample) if picture.boxes else _enlarged(sample.image, SCALE)
        yield name, np.pad(large, 1, constant_values=FRAME)


def _enlarged(image: NDArray[Any], scale: int) -> FloatImages:
    return image.repeat(scale, axis=0).repeat(scale, axis=1)


def _with_boxes(sample: Sample) -> FloatImages:
    image = _enlarged(sample.image, BOXES_SCALE)
    for boxes, grey in ((sample.boxes, CELL), (sample.ink_boxes, INK)):
        for left, top, right, bottom in np.rint(boxes * BOXES_SCALE).astype(int).tolist():
            image[top:bottom, [left, right - 1]] = grey
            image[[top, bottom - 1], left:right] = grey
    return image


def _generator(picture: Picture) -> DigitSequence:
    settings = {
        "image": {"transform": picture.transform},
        "spacing": {"type": picture.kind, "subtype": picture.subtype},
        "output_format": "png",
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.json")
        config.write_text(json.dumps(settings), encoding="utf-8")
        spacing = _alternating if picture.alternating else None
        return DigitSequence(config, seed=SEED, spacing=spacing, **picture.options)


def _alternating(request: SpacingRequest, rng: Draws) -> NDArray[np.int64]:
    wide = np.arange(request.glyph_count + 1) % 2 == 0
    gaps = np.where(wide, request.maximum, request.minimum)
    return np.broadcast_to(gaps, (rng.batch_size, gaps.size))


if __name__ == "__main__":
    main()
