"""Three lessons about data, each from models of train_ctc.py that differ in one thing.

    python examples/lessons.py augmentation --out lessons [--data mnist]
    python examples/lessons.py leak --out lessons [--data mnist]
    python examples/lessons.py hand --out lessons --data qmnist-with-writers

`augmentation`: models of the bundled digits, with and without it.
`leak`: one model of the bundled digits, tested on new strings of the digits it has learned, of the
others of the bundled 5,000, and of t10k's.
`hand`: models of all of MNIST, whose strings are by one hand each or by many, tested on both.

A lesson's models are kept in --out, and used again by the next command; each takes some minutes.
"""

import argparse
from pathlib import Path

from train_ctc import WATCHED, Glyphs, Training, parsed, test, train

BUNDLED = {"split": "train"}


def model(options: argparse.Namespace, name: str, glyphs: Glyphs) -> Training:
    """A model of some digits, trained now, or before."""
    settings = ["--out", str(options.out / name), "--epochs", str(options.epochs)]
    own = parsed([*settings, "--pictures", str(options.pictures), "--seed", str(options.seed)])
    print(f"{name}:", flush=True)
    return train(own, glyphs, glyphs.plain().recipe(WATCHED, options.seed + 2))


def rows(
    options: argparse.Namespace, models: dict[str, Training], tests: dict[str, Glyphs]
) -> list[str]:
    """A line of a table for each model and test."""
    lines = ["| model | tested on | strings right |", "|---|---|---|"]
    for name, training in models.items():
        for tested_on, glyphs in tests.items():
            folder = options.out / name / tested_on
            rate = test(training, glyphs.recipe(options.tested, options.seed + 1), folder)
            lines.append(f"| {name} | {tested_on} | {rate} |")
    return lines


def unseen(options: argparse.Namespace) -> dict[str, Glyphs]:
    """The digits of t10k, by writers that nobody has seen."""
    return {"t10k": Glyphs({"path": options.data, "split": "test"})} if options.data else {}


def augmentation(options: argparse.Namespace) -> list[str]:
    """What augmentation adds."""
    models = {
        name: model(options, name, Glyphs(BUNDLED, augmented=augmented))
        for name, augmented in (("plain", False), ("augmented", True))
    }
    tests = {"the other digits of the 5,000": Glyphs({"split": "test"})}
    return rows(options, models, tests | unseen(options))


def leak(options: argparse.Namespace) -> list[str]:
    """What a leaky split flatters."""
    models = {"plain": model(options, "plain", Glyphs(BUNDLED))}
    tests = {
        "new strings of the digits it has learned": Glyphs(BUNDLED),
        "the other digits of the 5,000": Glyphs({"split": "test"}),
    }
    return rows(options, models, tests | unseen(options))


def hand(options: argparse.Namespace) -> list[str]:
    """What one hand per string changes."""
    hands = ("mixed", "single")
    models = {
        f"{one} hands": model(
            options, f"{one} hands", Glyphs({"path": options.data, "hand": one}, augmented=True)
        )
        for one in hands
    }
    tests = {
        f"t10k, {one} hands": Glyphs({"path": options.data, "split": "test", "hand": one})
        for one in hands
    }
    return rows(options, models, tests)


LESSONS = {"augmentation": augmentation, "leak": leak, "hand": hand}


def main() -> None:
    """Learn one of them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("lesson", choices=LESSONS)
    parser.add_argument("--out", type=Path, required=True, help="the folder for the models")
    parser.add_argument("--data", help="MNIST; for the last lesson beside QMNIST's writer tables")
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--pictures", type=int, default=12_800, help="of an epoch")
    parser.add_argument("--tested", type=int, default=10_000, help="strings of each test")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if options.lesson == "hand" and not options.data:
        parser.error("one hand per string needs writers: --data with QMNIST's tables")
    print("\n".join(LESSONS[options.lesson](options)))


if __name__ == "__main__":
    main()
