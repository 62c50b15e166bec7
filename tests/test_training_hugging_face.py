"""Training with Hugging Face datasets: a stream of samples, shared out by shards."""

from typing import Any

import numpy as np
import pytest

from image_sequence.errors import ArgumentValueError
from image_sequence.training import CtcCollate, Samples, hugging_face_stream

datasets = pytest.importorskip("datasets")

RECIPE = {"count": 53, "width": 96, "seed": 7, "start": 30}


def shown(stream: Any) -> list[int]:
    return [int(example["index"]) for example in stream]


def test_a_stream_has_every_sample_once_and_in_order() -> None:
    stream = hugging_face_stream(RECIPE, collate=CtcCollate(stride=4), shards=4)
    examples = list(stream)
    assert shown(examples) == list(range(30, 83))
    expected = Samples(RECIPE, collate=CtcCollate(stride=4)).columns(0, np.array([40]))
    assert examples[10]["text"] == expected["text"][0]
    np.testing.assert_array_equal(examples[10]["image"], expected["image"][0])
    np.testing.assert_array_equal(examples[10]["target"], expected["target"][0])


def test_nodes_share_it_by_shards() -> None:
    from datasets.distributed import split_dataset_by_node

    stream = hugging_face_stream(RECIPE, shards=4)
    shares = [shown(split_dataset_by_node(stream, rank, 2)) for rank in range(2)]
    assert all(len(share) > 20 for share in shares)
    assert sorted(shares[0] + shares[1]) == list(range(30, 83))


def test_another_epoch_has_other_pictures() -> None:
    texts = [
        [example["text"] for example in hugging_face_stream(RECIPE, epoch=epoch)]
        for epoch in (0, 1)
    ]
    assert texts[0] != texts[1]
    assert texts[1] == Samples(RECIPE).columns(1, np.arange(30, 83))["text"]


def test_workers_of_a_loader_share_it() -> None:
    data = pytest.importorskip("torch.utils.data")
    stream = hugging_face_stream(RECIPE, shards=4).with_format("torch")
    loader = data.DataLoader(stream, batch_size=8, num_workers=2)
    batches = list(loader)
    assert batches[0]["image"].shape == (8, 1, 28, 96)
    assert sorted(index for batch in batches for index in batch["index"].tolist()) == list(
        range(30, 83)
    )


def test_more_shards_than_samples_are_refused() -> None:
    with pytest.raises(ArgumentValueError, match="53 samples make 53 shards at most"):
        hugging_face_stream(RECIPE, shards=64)
