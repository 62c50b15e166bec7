"""Where the real MNIST lies, and the mark for tests that read it."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
MNIST = SHARED / "mnist"

needs_mnist = pytest.mark.skipif(
    not (MNIST / "train-images-idx3-ubyte.gz").is_file(),
    reason="the full MNIST is not there: no ../shared/mnist beside the project",
)
