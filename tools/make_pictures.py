"""Make the pictures that the README shows: `python tools/make_pictures.py [DIR]`.

Each is a picture as the program makes it, twice as large and in a thin frame, so that the paper at
the edges can be seen on a white page.
"""

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from image_sequence import DigitSequence, Draws, SpacingRequest
from image_sequence.picture import save_picture
from image_sequence.sample import FloatImages

STATIC = Path(__file__).parents[1] / "static"
SEED = 2026
SCALE = 2
FRAME = 0.75  # A light grey.


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
    """

    digits: Sequence[int]
    spacing_range: tuple[int, int]
    width: int
    kind: str = "variable"
    subtype: str = "between"
    transform: bool = False
    alternating: bool = False


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
        image = _generator(picture).generate_numbers_sequence(
            picture.digits, picture.spacing_range, picture.width
        )
        large = image.repeat(SCALE, axis=0).repeat(SCALE, axis=1)
        yield name, np.pad(large, 1, constant_values=FRAME)


def _generator(picture: Picture) -> DigitSequence:
    settings = {
        "image": {"transform": picture.transform},
        "spacing": {"type": picture.kind, "subtype": picture.subtype},
        "output_format": "png",
    }
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.json")
        config.write_text(json.dumps(settings), encoding="utf-8")
        return DigitSequence(
            config, seed=SEED, spacing=_alternating if picture.alternating else None
        )


def _alternating(request: SpacingRequest, rng: Draws) -> NDArray[np.int64]:
    wide = np.arange(request.glyph_count + 1) % 2 == 0
    gaps = np.where(wide, request.maximum, request.minimum)
    return np.broadcast_to(gaps, (rng.batch_size, gaps.size))


if __name__ == "__main__":
    main()
