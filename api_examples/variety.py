"""Draw a number as a bad scan, with key points that follow the ink: python api_examples/variety.py.

The points are the corners and the middle of each digit's own image. They are marked in the picture.
"""

from pathlib import Path

from PIL import Image, ImageDraw

from image_sequence import DigitSequence

DIGITS = [2, 0, 2, 6]
POINTS = [(4, 4), (24, 4), (24, 24), (4, 24), (14, 14)]


def main() -> None:
    """Save a picture, and the same with points, and print their paths."""
    generator = DigitSequence(
        preset="noisy-scan",
        seed=7,
        transform=[
            {"affine": {"rotate": [-10, 10], "shear": [-20, 20], "per": "sequence", "spread": 0.2}},
            {"elastic": {"alpha": [0, 15]}},
        ],
    )
    sample = generator.sample(DIGITS, (0, 8), 160, index=0)
    path = generator.save_image(sample.image, DIGITS)
    print(path)

    marked = Image.open(path).convert("RGB").resize((640, 4 * sample.image.shape[0]))
    draw = ImageDraw.Draw(marked)
    for x, y in 4 * sample.mapped(POINTS).reshape(-1, 2):
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), outline="red", width=2)
    marked.save("points.png")
    print(Path("points.png"))


if __name__ == "__main__":
    main()
