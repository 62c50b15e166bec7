"""Draw the digits 0 to 9 and 0, 1 with two configurations: python api_examples/api_example.py."""

from pathlib import Path

from image_sequence.generator import DigitSequence


def main() -> None:
    """Save two pictures in the current folder and print their paths."""
    generator = DigitSequence(seed=7)
    image = generator.generate_numbers_sequence(range(10), (0, 20), 390)
    print(generator.save_image(image, range(10)))

    # Equal gaps of 10 pixels, at the edges too: 86 = 2 * 28 + 3 * 10.
    configured = DigitSequence(Path(__file__).with_name("example_config.json"), seed=7)
    image = configured.generate_numbers_sequence([0, 1], (0, 30), 86)
    print(configured.save_image(image, [0, 1]))


if __name__ == "__main__":
    main()
