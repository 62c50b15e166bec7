"""What arrives in a training process: how fast, whether all of it does, and once."""

import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import chain, islice
from typing import Any

import numpy as np

from image_sequence.benchmarks.figures import Figure, Section
from image_sequence.benchmarks.timing import interleaved, median, timed
from image_sequence.training import CtcCollate, Samples

_RECIPE = {"width": 160, "seed": 20_260, "labels": {"policy": "digits", "length": 5}}
_BATCH_SIZE = 256
_TARGETS = 100_000
_FRAMES = 9  # The fewest that do for five labels, all of them equal.


def measured(*, quick: bool) -> Section:
    """Images a second, samples lost or doubled, and losses that are not finite."""
    title = f"five digits to 160 pixels, uint8, batches of {_BATCH_SIZE}, into the training process"
    try:
        import torch
    except ImportError:
        return Section(part="training", title=title, figures=[], notes=["There is no torch here."])
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "This DataLoader will create", UserWarning)
            figures = [*_speeds(quick=quick), *_shares(quick=quick), _infinite_losses()]
    finally:
        torch.set_num_threads(threads)
    return Section(part="training", title=title, figures=figures)


def _speeds(*, quick: bool) -> Iterable[Figure]:
    batches = 100 if quick else 400
    spawned = {"multiprocessing_context": "spawn", "persistent_workers": True}
    loaders = {
        "2 workers": _loader(batches, num_workers=2, persistent_workers=True),
        "2 workers, spawned": _loader(batches, num_workers=2, **spawned),
        "1 worker": _loader(batches, num_workers=1, persistent_workers=True),
        "no worker": _loader(batches),
        "2 workers, by number and shuffled": _by_number(batches),
    }
    ways = {name: timed(_all_of(loader)) for name, loader in loaders.items()}
    seconds = interleaved(ways, rounds=3 if quick else 7, title="training")
    for name, times in seconds.items():
        bound = 30_000 if name == "2 workers" else None
        rates = batches * _BATCH_SIZE / times
        yield median(f"images a second, {name}", rates, at_least=bound)


def _loader(batches: int, **options: Any) -> Iterable[dict[str, Any]]:
    from image_sequence.training import SequenceLoader

    return SequenceLoader(_stream(batches * _BATCH_SIZE), **options)


def _by_number(batches: int) -> Iterable[dict[str, Any]]:
    from torch.utils.data import DataLoader

    from image_sequence.training import SequenceDataset

    return DataLoader(
        SequenceDataset(_RECIPE | {"count": batches * _BATCH_SIZE}, collate=CtcCollate()),
        batch_size=_BATCH_SIZE,
        shuffle=True,
        num_workers=2,
        persistent_workers=True,
        collate_fn=SequenceDataset.whole,
    )


def _stream(count: int, **settings: Any) -> Any:
    from image_sequence.training import SequenceStream

    recipe = _RECIPE | {"count": count}
    return SequenceStream(recipe, batch_size=_BATCH_SIZE, collate=CtcCollate(), **settings)


def _all_of(loader: Iterable[dict[str, Any]]) -> Callable[[], object]:
    return lambda: sum(len(batch["index"]) for batch in loader)


def _shares(*, quick: bool) -> Iterable[Figure]:
    from image_sequence.training import SequenceLoader

    count = 5_003 if quick else 50_003
    for method in ("fork", "spawn"):
        options = {"num_workers": 4, "multiprocessing_context": method, "persistent_workers": True}
        loaders = [
            SequenceLoader(_stream(count, rank=rank, ranks=2), **options) for rank in range(2)
        ]
        wrong = sum(_wrong(chain(*loaders), count) for _ in range(3))
        name = f"samples lost or doubled, 4 workers x 2 ranks x 3 epochs, {method}"
        yield Figure(name=name, value=wrong, at_least=0, at_most=0)
    stopped = SequenceLoader(_stream(count), num_workers=4)
    shown = list(islice(stopped, 7))
    again = SequenceLoader(_stream(count), num_workers=2)
    again.load_state_dict(stopped.state_dict())
    wrong = _wrong(chain(shown, again), count)
    name = "samples lost or doubled after a stop in mid-epoch"
    yield Figure(name=name, value=wrong, at_least=0, at_most=0)


def _wrong(batches: Iterable[dict[str, Any]], count: int) -> int:
    """How many of the samples 0 … count - 1 came more or less than once, or should not come."""
    times = Counter(chain.from_iterable(batch["index"].tolist() for batch in batches))
    return sum(times.pop(index, 0) != 1 for index in range(count)) + len(times)


def _infinite_losses() -> Figure:
    import torch

    policy = {"policy": "digits", "length": [1, 5]}
    samples = Samples(_RECIPE | {"count": _TARGETS, "labels": policy})
    labels, lengths = samples.labels(0, np.arange(_TARGETS))
    scores = torch.randn((_FRAMES, _TARGETS, 11), generator=torch.Generator().manual_seed(7))
    losses = torch.nn.functional.ctc_loss(
        scores.log_softmax(-1),
        torch.from_numpy(np.where(labels < 0, 0, labels + 1)),
        torch.full((_TARGETS,), _FRAMES),
        torch.from_numpy(lengths),
        reduction="none",
    )
    name = f"infinite CTC losses of {_TARGETS:,} drawn targets"
    return Figure(name=name, value=int((~torch.isfinite(losses)).sum()), at_least=0, at_most=0)
