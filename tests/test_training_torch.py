"""Training with PyTorch: every sample once an epoch, whoever makes it; the rest after a stop."""

import multiprocessing
import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.training import (
    CtcCollate,
    Samples,
    SequenceDataset,
    SequenceLoader,
    SequenceStream,
)

torch = pytest.importorskip("torch")
from torch.utils.data import DataLoader, DistributedSampler, IterableDataset  # noqa: E402

RECIPE = {
    "count": 230,
    "labels": {"policy": "digits", "length": [2, 4]},
    "width": 96,
    "seed": 7,
    "start": 30,
}
EVERY = list(range(30, 260))

# More workers than cores are slow, and right.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create:UserWarning")


@pytest.fixture(autouse=True)
def _alone() -> Iterator[None]:
    """Tests that share the cores; what is forked must not wait for threads that are not there."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def stream(**settings: Any) -> SequenceStream:
    return SequenceStream(RECIPE, **{"batch_size": 16, **settings})


def indices(batches: Any) -> list[int]:
    return [index for batch in batches for index in batch["index"].tolist()]


def test_item_i_is_sample_i() -> None:
    dataset = SequenceDataset(RECIPE)
    batch = Samples(RECIPE).batch(0, np.array([35]))
    item = dataset[5]
    assert len(dataset) == 230
    assert (item["index"], item["text"]) == (35, batch.texts[0])
    np.testing.assert_array_equal(item["image"][0], batch.images[0])


def test_a_data_set_ends_and_counts_from_its_end() -> None:
    dataset = SequenceDataset(RECIPE)
    assert dataset[-1]["index"] == 259
    with pytest.raises(IndexError):
        dataset[230]


@pytest.mark.parametrize("collate_fn", [None, SequenceDataset.whole])
def test_a_loader_shuffles_the_samples_and_loses_none(collate_fn: Any) -> None:
    dataset = SequenceDataset(RECIPE, collate=CtcCollate(stride=4))
    loader = DataLoader(dataset, batch_size=50, shuffle=True, collate_fn=collate_fn)
    batches = list(loader)
    assert [batch["image"].shape for batch in batches] == [(50, 1, 28, 96)] * 4 + [(30, 1, 28, 96)]
    assert indices(batches) != EVERY
    assert sorted(indices(batches)) == EVERY
    one = dataset[batches[2]["index"][7].item() - 30]
    assert one["text"] == batches[2]["text"][7]
    assert torch.equal(one["image"], batches[2]["image"][7])
    assert torch.equal(one["target"], batches[2]["target"][7])


def test_ranks_share_a_data_set_by_torchs_own_sampler() -> None:
    dataset = SequenceDataset(RECIPE)
    shown: list[int] = []
    for rank in range(2):
        sampler = DistributedSampler(dataset, num_replicas=2, rank=rank, seed=3)
        shown += indices(DataLoader(dataset, batch_size=20, sampler=sampler))
    assert sorted(shown) == EVERY


def test_a_data_set_shows_other_pictures_in_another_epoch_also_in_workers_that_live_on() -> None:
    dataset = SequenceDataset(RECIPE)
    loader = DataLoader(dataset, batch_size=230, num_workers=1, persistent_workers=True)
    first = next(iter(loader))
    dataset.set_epoch(1)
    second = next(iter(loader))
    assert first["text"] != second["text"]
    assert second["text"] == Samples(RECIPE).columns(1, np.array(EVERY))["text"]


@pytest.mark.parametrize("workers", [0, 1, 2, 4])
def test_a_stream_is_the_same_with_any_number_of_workers(workers: int) -> None:
    batches = list(DataLoader(stream(), batch_size=None, num_workers=workers))
    assert indices(batches) == EVERY
    expected = Samples(RECIPE).columns(0, np.arange(30, 46))
    np.testing.assert_array_equal(batches[0]["image"], expected["image"])


def test_spawned_workers_make_the_same_and_their_epochs_go_on() -> None:
    options = {"multiprocessing_context": "spawn", "persistent_workers": True}
    spawned = SequenceLoader(stream(collate=CtcCollate(stride=4)), num_workers=2, **options)
    here = SequenceLoader(stream(collate=CtcCollate(stride=4)))
    for _ in range(2):
        for one, other in zip(spawned, here, strict=True):
            assert one["text"] == other["text"]
            assert torch.equal(one["image"], other["image"])
            assert torch.equal(one["target"], other["target"])


def test_four_workers_of_two_ranks_show_every_sample_once_in_each_of_three_epochs() -> None:
    loaders = [
        SequenceLoader(stream(rank=rank, ranks=2), num_workers=4, persistent_workers=True)
        for rank in range(2)
    ]
    texts = set()
    for _ in range(3):
        shares = [list(loader) for loader in loaders]
        assert len(shares[0]) == len(shares[1]) == len(loaders[0])
        assert sorted(indices(shares[0] + shares[1])) == EVERY
        texts.add(tuple(shares[0][0]["text"]))
    assert len(texts) == 3
    assert [loader.epoch for loader in loaders] == [3, 3]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize(("before", "after"), [(0, 2), (2, 0), (2, 1)])
def test_after_a_stop_in_mid_epoch_the_same_samples_remain(
    shuffle: bool, before: int, after: int
) -> None:
    whole = SequenceLoader(stream(shuffle=shuffle, rank=1, ranks=2))
    batches = [batch for _ in range(2) for batch in whole]
    stopped = SequenceLoader(stream(shuffle=shuffle, rank=1, ranks=2), num_workers=before)
    list(stopped)
    running = iter(stopped)
    for _ in range(3):
        next(running)
    state = pickle.loads(pickle.dumps(stopped.state_dict()))  # noqa: S301  # our own
    going_on = SequenceLoader(stream(shuffle=shuffle, rank=1, ranks=2), num_workers=after)
    going_on.load_state_dict(state)
    remaining = list(going_on)
    assert going_on.epoch == 2
    assert indices(remaining) == indices(batches[len(whole) + 3 :])
    assert [batch["text"] for batch in remaining] == [
        batch["text"] for batch in batches[len(whole) + 3 :]
    ]


def test_a_loop_that_is_left_goes_on_there() -> None:
    loader = SequenceLoader(stream(), num_workers=2, persistent_workers=True)
    for number, batch in enumerate(loader):
        first = indices([batch])[-1]
        if number == 4:
            break
    assert indices(loader) == list(range(first + 1, 260))
    assert (loader.epoch, indices(loader)) == (1, EVERY)


def test_a_loader_begins_where_its_stream_is() -> None:
    begun = stream()
    begun.set_epoch(2, step=4)
    loader = SequenceLoader(begun)
    assert indices(loader) == EVERY[64:]
    assert loader.epoch == 3


def test_a_state_of_an_epochs_end_has_nothing_left_of_it() -> None:
    loader = SequenceLoader(stream())
    states = [loader.state_dict() for _ in loader]
    again = SequenceLoader(stream())
    again.load_state_dict(states[-1])
    assert list(again) == []
    assert (again.epoch, indices(again)) == (1, EVERY)


def test_a_stream_without_workers_keeps_its_own_state() -> None:
    first = stream()
    running = iter(first)
    shown = indices(next(running) for _ in range(5))
    second = stream()
    second.load_state_dict(first.state_dict())
    assert shown + indices(second) == EVERY
    assert indices(second) == EVERY


@pytest.mark.filterwarnings("ignore:'set_vital' is deprecated:UserWarning")  # torchdata's.
def test_torchdatas_loader_keeps_the_state_of_every_worker() -> None:
    stateful = pytest.importorskip("torchdata.stateful_dataloader").StatefulDataLoader
    loader = stateful(stream(), batch_size=None, num_workers=2)
    running = iter(loader)
    shown = indices(next(running) for _ in range(5))
    state = loader.state_dict()
    del running
    again = stateful(stream(), batch_size=None, num_workers=2)
    again.load_state_dict(state)
    assert shown + indices(again) == EVERY


def test_a_state_of_another_stream_is_refused() -> None:
    state = SequenceLoader(stream()).state_dict()
    for other, name in (
        (stream(batch_size=17), "batch_size"),
        (stream(rank=0, ranks=2), "ranks"),
        (stream(shuffle=True), "shuffle"),
        (SequenceStream(RECIPE | {"seed": 8}, batch_size=16), "recipe"),
    ):
        with pytest.raises(ArgumentValueError, match=f"a stream whose {name} is"):
            SequenceLoader(other).load_state_dict(state)


def test_ranks_are_those_that_torchrun_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "3")
    told = stream()
    assert (told.rank, told.ranks) == (1, 3)


def test_ranks_are_those_of_torch_distributed(tmp_path: Any) -> None:
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        told = stream()
    finally:
        torch.distributed.destroy_process_group()
    assert (told.rank, told.ranks) == (0, 1)


def test_ranks_that_draw_seeds_of_their_own_are_refused() -> None:
    unseeded = {name: value for name, value in RECIPE.items() if name != "seed"}
    with pytest.raises(ArgumentValueError, match="2 ranks would each draw a seed"):
        SequenceStream(unseeded, rank=0, ranks=2)
    assert len(SequenceStream(unseeded, batch_size=100)) == 3


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ({"rank": 2, "ranks": 2}, ArgumentValueError),
        ({"rank": 0}, ArgumentTypeError),
        ({"batch_size": 0}, ArgumentValueError),
    ],
)
def test_streams_that_cannot_be(settings: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        stream(**settings)


def test_what_the_stream_decides_the_loader_does_not() -> None:
    with pytest.raises(ArgumentTypeError, match="the stream decides about batch_size, shuffle"):
        SequenceLoader(stream(), batch_size=4, shuffle=True)


@pytest.mark.parametrize("epoch", [-1, 1.5])
def test_epochs_that_cannot_be(epoch: Any) -> None:
    with pytest.raises((ArgumentTypeError, ArgumentValueError), match="an epoch is"):
        stream().set_epoch(epoch)


def test_a_worker_is_told_a_recipe_and_no_glyphs() -> None:
    told = stream(collate=CtcCollate(stride=4))
    next(iter(told))
    assert len(multiprocessing.reduction.ForkingPickler.dumps(told)) < 10_000
    assert isinstance(told, IterableDataset)


def test_batches_can_be_pinned() -> None:
    loader = SequenceLoader(stream(), num_workers=1, pin_memory=True)
    if torch.accelerator.is_available():
        assert all(batch["image"].is_pinned() for batch in loader)
        return
    with pytest.warns(UserWarning, match="no accelerator is found"):
        assert indices(loader) == EVERY


def test_the_loss_is_finite_for_a_hundred_thousand_targets_and_as_few_frames_as_can_be() -> None:
    recipe = {
        "count": 100_000,
        "width": 144,
        "seed": 7,
        "labels": {"policy": "digits", "length": [1, 5]},
    }
    samples = Samples(recipe)
    labels, lengths = samples.labels(0, np.arange(100_000))
    collate = CtcCollate(stride=16)
    assert collate.frames(144) == 9 == 2 * 5 - 1
    collate.check_targets(labels, lengths, np.arange(100_000), 144)
    assert (labels[:, 1:] == labels[:, :-1]).any()
    scores = torch.randn((9, 100_000, 11), generator=torch.Generator().manual_seed(7))
    losses = torch.nn.functional.ctc_loss(
        scores.log_softmax(-1),
        torch.from_numpy(np.where(labels < 0, 0, labels + 1)),
        torch.full((100_000,), 9),
        torch.from_numpy(lengths),
        reduction="none",
    )
    assert torch.isfinite(losses).all()
