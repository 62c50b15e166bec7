"""Where the real data lie, and the marks for tests that read them."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
MNIST = SHARED / "mnist"
QMNIST = SHARED / "qmnist"
FASHION = Path("/usr/share/datasets/fashion-mnist")

needs_mnist = pytest.mark.skipif(
    not (MNIST / "train-images-idx3-ubyte.gz").is_file(),
    reason="the full MNIST is not there: no ../shared/mnist beside the project",
)
needs_writers = pytest.mark.skipif(
    not (QMNIST / "qmnist-train-labels.tsv.gz").is_file(),
    reason="QMNIST's writer tables are not there: no ../shared/qmnist beside the project",
)
needs_fashion = pytest.mark.skipif(
    not (FASHION / "train-images-idx3-ubyte.gz").is_file(),
    reason="Fashion-MNIST is not there: Debian's package dataset-fashion-mnist has it",
)
