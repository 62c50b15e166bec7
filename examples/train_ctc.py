"""Train a small recogniser of digit strings on pictures that are made while it trains.

    python examples/train_ctc.py --out run                    the 5,000 digits that come along
    python examples/train_ctc.py --out run --data mnist       all 60,000 (image-sequence download)
    python examples/train_ctc.py --out run --data DIR         a folder with MNIST's IDX files

Strings of one to five digits, neighbours overlapping by 0 to 0.4 of a digit's width. The model is a
small convolutional network, a bidirectional LSTM and a CTC loss. It is tested on strings of digits
that it was not trained on: those of MNIST's t10k half, by other writers, where there is a --data,
and those of the bundled test split.

The folder --out gets model.pt, curve.csv, and for each test the data set and what the model reads,
for `image-sequence evaluate`. Stopped at any moment, the same command goes on from the last epoch.
Needs torch: pip install "image-sequence[torch]".
"""

import argparse
import csv
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional
from tqdm import tqdm

from image_sequence.datasets import Recipe, write_dataset
from image_sequence.inspecting.intervals import Rate, share
from image_sequence.training import CtcCollate, SequenceLoader, SequenceStream, class_count

LONGEST = 5
WIDTH = 28 * LONGEST  # Pixels: as wide as five digits that do not overlap.
WATCHED = 2_000  # Strings that are read after each epoch.
OVERLAP = 11  # Pixels: 0.4 of a digit's width.
CTC = CtcCollate(stride=4)
LENGTHS = [1, LONGEST]  # Of what it is tested on: each as likely as the others.
# Most of a picture of one digit is paper, which takes as long to learn as digits do.
LEARNED_LENGTHS = {"1": 1, "2": 1, "3": 2, "4": 3, "5": 5}
AUGMENTATION = [
    {
        "affine": {
            "rotate": [-10, 10],
            "shear": [-20, 20],
            "scale": [0.85, 1.12],
            "stretch": [0.9, 1.1],
            "shift_x": [-1, 1],
            "shift_y": [-2, 2],
        }
    },
    {"elastic": {"alpha": [0, 20], "sigma": 4}},
]


@dataclass(frozen=True)
class Glyphs:
    """Whose digits strings are made of: the section "data" of a configuration."""

    data: dict[str, object]
    augmented: bool = False

    def plain(self) -> "Glyphs":
        """The same digits as they are."""
        return replace(self, augmented=False)

    def recipe(self, count: int, seed: int, lengths: object = LENGTHS) -> Recipe:
        """Strings of these digits."""
        return Recipe.from_dict(
            {
                "count": count,
                "seed": seed,
                "width": WIDTH,
                "spacing": [-OVERLAP, 0],
                "labels": {"policy": "digits", "length": lengths},
                "format": "webdataset",
                "configuration": {
                    "image": {"transform": AUGMENTATION if self.augmented else False, "fit": "pad"},
                    # With edges, which are never negative, one digit alone is a string as well.
                    "spacing": {"type": "variable", "subtype": "edge", "overlap": True},
                    "data": self.data,
                    "output_format": "png",
                },
            }
        )


class Recogniser(nn.Module):
    """Pictures, uint8 (batch, 1, 28, width), to log-probabilities (batch, width // 4, classes)."""

    def __init__(self, classes: int, hidden: int = 96) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *_convolution(1, 32),
            nn.MaxPool2d(2),
            *_convolution(32, 64),
            *_convolution(64, 64),
            nn.MaxPool2d(2),
            *_convolution(64, 128),
            *_convolution(128, 128),
            # What is left of the height, all at once.
            *_convolution(128, 256, (7, 1), padding=0),
            nn.Dropout(0.2),
        )
        self.lstm = nn.LSTM(256, hidden, bidirectional=True, batch_first=True)
        self.classes = nn.Linear(2 * hidden, classes)
        self.to(memory_format=torch.channels_last)

    def forward(self, pictures: Tensor) -> Tensor:
        """The log-probabilities."""
        ink = 1 - pictures.to(torch.float32, memory_format=torch.channels_last) / 255
        with torch.autocast(pictures.device.type, torch.bfloat16):
            features = self.features(ink)
        frames, _ = self.lstm(features.float().squeeze(2).transpose(1, 2))
        return functional.log_softmax(self.classes(frames), dim=-1)


def _convolution(
    inputs: int, outputs: int, size: int | tuple[int, int] = 3, padding: int = 1
) -> Iterator[nn.Module]:
    yield nn.Conv2d(inputs, outputs, size, padding=padding, bias=False)
    yield nn.BatchNorm2d(outputs)
    yield nn.ReLU(inplace=True)


class Training:
    """A model, how far it is, and the loader that knows which pictures come next."""

    def __init__(self, options: argparse.Namespace, glyphs: Glyphs) -> None:
        torch.manual_seed(options.seed)
        recipe = glyphs.recipe(options.pictures, options.seed, LEARNED_LENGTHS)
        stream = SequenceStream(recipe, batch_size=options.batch, collate=CTC)
        self.alphabet = stream.samples.alphabet
        self.loader = SequenceLoader(
            stream, num_workers=options.workers, persistent_workers=options.workers > 0
        )
        self.model = Recogniser(class_count(self.alphabet))
        self.optimiser = torch.optim.AdamW(self.model.parameters(), weight_decay=0.01)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser,
            options.rate,
            total_steps=options.epochs * len(self.loader),
            pct_start=0.15,
        )
        self.seconds = self.waited = 0.0

    def epoch(self) -> float:
        """Train for an epoch: the mean loss."""
        self.model.train()
        losses = []
        began = waiting = time.perf_counter()
        for batch in tqdm(self.loader, f"epoch {self.loader.epoch}", disable=None, leave=False):
            self.waited += time.perf_counter() - waiting
            losses.append(self._step(batch))
            waiting = time.perf_counter()
        self.waited += time.perf_counter() - waiting
        self.seconds += time.perf_counter() - began
        return float(torch.stack(losses).mean())

    def _step(self, batch: dict[str, Tensor]) -> Tensor:
        predicted = self.model(batch["image"]).transpose(0, 1)
        loss = functional.ctc_loss(
            predicted, batch["target"], batch["input_length"], batch["target_length"], CTC.blank
        )
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.schedule.step()
        return loss.detach()

    @torch.no_grad()
    def read(self, recipe: Recipe) -> Iterator[tuple[int, str, str]]:
        """What the model reads: the index, the text and the prediction of each sample."""
        self.model.eval()
        for batch in SequenceStream(recipe, batch_size=500, collate=CTC, rank=0, ranks=1):
            best = self.model(batch["image"]).argmax(dim=-1).numpy()
            predictions = CTC.texts(best, self.alphabet)
            yield from zip(batch["index"].tolist(), batch["text"], predictions, strict=True)

    def save(self, path: Path) -> None:
        """Keep all that is needed to go on."""
        state = {name: part.state_dict() for name, part in self._parts().items()}
        times = {"seconds": self.seconds, "waited": self.waited}
        waiting = path.with_suffix(".new")
        torch.save(state | times, waiting)
        waiting.replace(path)

    def load(self, path: Path) -> None:
        """Go on from there."""
        state = torch.load(path, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.seconds, self.waited = state["seconds"], state["waited"]

    def _parts(self) -> dict[str, nn.Module | SequenceLoader]:
        return {
            "model": self.model,
            "optimiser": self.optimiser,
            "schedule": self.schedule,
            "loader": self.loader,
        }


def accuracy(training: Training, recipe: Recipe) -> float:
    """The share of strings that are read without a fault."""
    right = [text == prediction for _, text, prediction in training.read(recipe)]
    return sum(right) / len(right)


def train(options: argparse.Namespace, glyphs: Glyphs, watched: Recipe) -> Training:
    """Train for all epochs that are missing, with a line about each."""
    options.out.mkdir(parents=True, exist_ok=True)
    training = Training(options, glyphs)
    model, curve = options.out / "model.pt", options.out / "curve.csv"
    if model.is_file():
        training.load(model)
    elif curve.is_file():
        curve.unlink()
    while training.loader.epoch < options.epochs:
        loss = training.epoch()
        line = {
            "pictures": training.loader.epoch * options.pictures,
            "seconds": round(training.seconds),
            "waited_percent": round(100 * training.waited / training.seconds, 2),
            "loss": round(loss, 4),
            "strings": round(accuracy(training, watched), 4),
        }
        _add_line(curve, line)
        training.save(model)
        print(" ".join(f"{name} {value}" for name, value in line.items()), flush=True)
    return training


def _add_line(path: Path, line: dict[str, float]) -> None:
    is_new = not path.is_file()
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, line)
        if is_new:
            writer.writeheader()
        writer.writerow(line)


def test(training: Training, recipe: Recipe, folder: Path) -> Rate:
    """The share of strings read right; the data set and what the model reads are written."""
    write_dataset(recipe, folder, watch=None)
    rows = list(training.read(recipe))
    predictions = folder.with_suffix(".csv")
    with predictions.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["index", "prediction"])
        writer.writerows((index, prediction) for index, _, prediction in rows)
    right = sum(text == prediction for _, text, prediction in rows)
    return share(right, len(rows))


def tests(options: argparse.Namespace) -> dict[str, Glyphs]:
    """The digits that the model is tested on, by name; the first is watched while it trains."""
    unseen = options.data or options.unseen
    # What a model of MNIST's train half has seen, the bundled digits, says nothing about it.
    bundled = {} if options.data else {"bundled-test": Glyphs({"split": "test"})}
    others = {"t10k": Glyphs({"path": unseen, "split": "test"})} if unseen else {}
    return bundled | others


def parsed(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="the folder for what it makes")
    parser.add_argument("--data", help="whose train half it learns, and whose t10k half it reads")
    parser.add_argument("--unseen", help="without --data: whose t10k half it reads as well")
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--pictures", type=int, default=20_000, help="of an epoch, all new")
    parser.add_argument("--tested", type=int, default=10_000, help="strings of each test")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=3e-3, help="the highest learning rate")
    parser.add_argument("--workers", type=int, default=1, help="processes that make pictures")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--plain", action="store_true", help="without augmentation")
    parser.add_argument("--hand", choices=("mixed", "single"), default="mixed")
    return parser.parse_args(arguments)


def main() -> None:
    """Train, and test."""
    options = parsed()
    settings = {"path": options.data} if options.data else {"split": "train"}
    glyphs = Glyphs(settings | {"hand": options.hand}, augmented=not options.plain)
    recipes = {
        name: test_glyphs.recipe(options.tested, options.seed + 1)
        for name, test_glyphs in tests(options).items()
    }
    # Shown while it trains; nothing is chosen by it.
    first = next(iter(tests(options).values()))
    training = train(options, glyphs, first.recipe(WATCHED, options.seed + 2))
    for name, recipe in recipes.items():
        print(f"{name}: {test(training, recipe, options.out / name)} of the strings")
        print(f"    image-sequence evaluate {options.out / name} {options.out / name}.csv")
    minutes, waited = training.seconds / 60, training.waited / training.seconds
    print(f"trained for {minutes:.1f} minutes, {waited:.2%} of them waiting for pictures")
    (options.out / "options.json").write_text(json.dumps(vars(options), default=str, indent=2))


if __name__ == "__main__":
    main()
