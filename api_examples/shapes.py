"""Draw a sequence of labelled shapes and the truth about it: python api_examples/shapes.py."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from image_sequence import Arrays, ImageSequence

WORDS = ["disc", "square", "disc", "triangle"]


def shape(label: str, size: int) -> Image.Image:
    """One dark shape on white paper, with a margin of two pixels."""
    picture = Image.new("L", (size, size), "white")
    draw = ImageDraw.Draw(picture)
    end = size - 3
    if label == "disc":
        draw.ellipse((2, 2, end, end), fill="black")
    elif label == "square":
        draw.rectangle((2, 2, end, end), fill="black")
    else:
        draw.polygon([(2, end), (size // 2, 2), (end, end)], fill="black")
    return picture


def main() -> None:
    """Save a picture and its truth in the current folder and print their paths."""
    known = [(label, size) for label in sorted(set(WORDS)) for size in (20, 24, 28)]
    pictures = [np.asarray(shape(label, size)) for label, size in known]
    source = Arrays(pictures, [label for label, _ in known], unify="pad")

    generator = ImageSequence(source, seed=7)
    sample = generator.sample(WORDS, (0, 20), 160, index=0)
    print(generator.save_image(sample.image, WORDS))

    truth = Path("shapes.json")
    truth.write_text(sample.to_json(), encoding="utf-8")
    print(truth)


if __name__ == "__main__":
    main()
