"""Data sets made on a Ray cluster of two nodes: the same bytes, and dead workers made good."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dataset_formats import content
from system import processes

from image_sequence.datasets import write_dataset
from image_sequence.datasets.runners.kinds import Made
from image_sequence.errors import ArgumentValueError, ImageSequenceError

RECIPE = {
    "count": 3000,
    "labels": {"policy": "digits", "length": [2, 4]},
    "width": 96,
    "seed": 7,
    "shard_size": 150,
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pytest.importorskip("ray")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    from ray.cluster_utils import Cluster

    cluster: Any = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    cluster.add_node(num_cpus=1)
    yield cluster.address
    cluster.shutdown()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("undisturbed")
    write_dataset(RECIPE, folder, watch=None)
    return content(folder)


@pytest.mark.filterwarnings("ignore")  # Ray's own.
def test_two_nodes_make_the_same_bytes(
    address: str, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    events = []
    folder = f"file://{tmp_path}/digits"
    write_dataset(RECIPE, folder, engine="ray", address=address, watch=lambda start: events.append)
    assert sum(event.count for event in events if isinstance(event, Made)) == 3000
    assert content(tmp_path / "digits") == undisturbed


@pytest.mark.filterwarnings("ignore")
def test_a_worker_killed_in_a_shard_is_made_good(
    address: str, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    killed = []

    def watch(_start):
        def tell(event) -> None:
            if len(killed) < 2 and isinstance(event, Made):
                killed.extend(kill_a_worker())

        return tell

    write_dataset(RECIPE, tmp_path / "digits", engine="ray", address=address, watch=watch)
    assert len(killed) == 2
    assert content(tmp_path / "digits") == undisturbed


def kill_a_worker() -> list[int]:
    """Kill one that is at a shard; a worker's title says what it does."""
    at_work = [number for number, line in processes("-e").items() if "ray::_shard" in line]
    for worker in at_work[:1]:
        os.kill(worker, signal.SIGKILL)
    return at_work[:1]


@pytest.mark.filterwarnings("ignore")
def test_what_a_worker_raises_is_raised_here(address: str, tmp_path: Path) -> None:
    texts = tmp_path / "texts.txt"
    texts.write_text("2026\n")
    recipe = RECIPE | {"labels": {"policy": "texts", "file": str(texts)}}

    def watch(_start):
        texts.unlink()
        return lambda _event: None

    with pytest.raises(ImageSequenceError, match=r"texts\.txt"):
        write_dataset(recipe, tmp_path / "digits", engine="ray", address=address, watch=watch)


@pytest.mark.filterwarnings("ignore")
def test_no_cluster_at_an_address_is_said(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    with pytest.raises(ArgumentValueError, match=r"no Ray cluster at '127\.0\.0\.1:1'"):
        write_dataset(RECIPE, tmp_path / "a", engine="ray", address="127.0.0.1:1", watch=None)
    assert not (tmp_path / "a").exists()
