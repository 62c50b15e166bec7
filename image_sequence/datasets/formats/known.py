"""Formats by name."""

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from image_sequence.errors import ArgumentValueError, shown

if TYPE_CHECKING:
    from image_sequence.datasets.formats.kinds import Format

# Who makes one does not wait for the modules of all others.
FORMATS = {
    "folder": "folder.FOLDER",
    "webdataset": "webdataset.WEBDATASET",
    "parquet": "parquet.PARQUET",
    "lmdb": "lmdb_folders.LMDB",
    "lmdb-paddle": "lmdb_folders.LMDB_PADDLE",
    "coco": "coco.COCO",
    "yolo": "yolo.YOLO",
    "hdf5": "hdf5.HDF5",
    "npz": "npz.NPZ",
    "npy": "npy.NPY",
    "idx": "idx_folder.IDX",
    "tfrecord": "tfrecord.TFRECORD",
}
"""Where each format is, of the modules beside this one."""


def find_format(name: object) -> "Format":
    """The format of a name.

    Raises:
        ArgumentValueError: there is none; the message lists those there are.
    """
    if not isinstance(name, str) or name not in FORMATS:
        near = get_close_matches(str(name), FORMATS, n=1)
        meant = f"; {near[0]!r} may be meant" if near else ""
        raise ArgumentValueError(
            f"a format is one of {', '.join(map(repr, FORMATS))}, not {shown(name)}{meant}"
        )
    module, _, constant = FORMATS[name].partition(".")
    found: Format = getattr(import_module(f"image_sequence.datasets.formats.{module}"), constant)
    return found
