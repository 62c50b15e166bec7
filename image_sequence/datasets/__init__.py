"""Data sets on disk: a recipe, its shards in any format, made by any number of machines.

>>> from tempfile import TemporaryDirectory
>>> from image_sequence.datasets import write_dataset
>>> recipe = {"count": 20, "width": 160, "seed": 7, "format": "npz"}
>>> with TemporaryDirectory() as folder:
...     write_dataset(recipe, folder, watch=None).sample_count
20
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from image_sequence.datasets.checking import Report, verify_dataset
    from image_sequence.datasets.estimates import Estimate, estimate
    from image_sequence.datasets.recipe import Recipe
    from image_sequence.datasets.shards import Part
    from image_sequence.datasets.writing import Summary, write_dataset

__all__ = [
    "Estimate",
    "Part",
    "Recipe",
    "Report",
    "Summary",
    "estimate",
    "verify_dataset",
    "write_dataset",
]

_MODULES = {
    "Estimate": "estimates",
    "Part": "shards",
    "Recipe": "recipe",
    "Report": "checking",
    "Summary": "writing",
    "estimate": "estimates",
    "verify_dataset": "checking",
    "write_dataset": "writing",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: the command line wants a few names of choices, and no more.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
