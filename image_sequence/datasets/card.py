"""A data set's card: README.md, which says what is in it and how to open it."""

from image_sequence.datasets.formats.kinds import Details
from image_sequence.datasets.manifest import Manifest
from image_sequence.datasets.recipe import Recipe

CARD = "README.md"


def card_of(recipe: Recipe, manifest: Manifest, details: Details) -> str:
    """The card as Markdown; Hugging Face's `datasets` reads from it which files to open."""
    paths = [receipt.name for receipt in manifest.receipts]
    shape = details.image_shape
    colour = "in colour" if len(shape) > 2 else "grey"
    opening = recipe.kept_as.opening(paths, details).strip()
    return f"""\
---
{_head(recipe)}
---

# {manifest.sample_count:,} labelled pictures of sequences

Made by image-sequence: {_glyphs(recipe)}, side by side.

| | |
|---|---|
| pictures | {manifest.sample_count:,}, of {shape[1]} x {shape[0]} pixels, {colour} |
| labels | `{recipe.labels["policy"]}`, up to {details.longest} of {len(details.classes)} kinds |
| format | `{recipe.format}`, {len(paths):,} shards of up to {recipe.shard_size:,} samples |
| encoding | {recipe.encoding.name} |
| bytes | {manifest.size:,} |

From within this folder, in Python:

```python
{opening}
```

`recipe.json` defines every sample: `image-sequence dataset recipe.json --out DIR` makes the same
data set again. `manifest.json` has the SHA-256 of each shard; `image-sequence verify .` reads and
checks all of it.

{_credit(recipe)}
"""


def _head(recipe: Recipe) -> str:
    pattern = f"{recipe.part}-*{recipe.kept_as.suffix}" + ("" if recipe.kept_as.suffix else "/**")
    split = recipe.part if recipe.part in ("train", "test") else "validation"
    split = "train" if recipe.part == "data" else split
    return f"""\
configs:
- config_name: default
  data_files:
  - split: {split}
    path: "{pattern}\""""


def _glyphs(recipe: Recipe) -> str:
    path = recipe.configuration.data.path
    return "handwritten digits of MNIST" if path is None else f"glyphs of `{path}`"


def _credit(recipe: Recipe) -> str:
    if recipe.configuration.data.path is not None:
        return (
            "The pictures are adapted from the data set named above, under whose licence they are."
        )
    return (
        "The digits are adapted from MNIST, by Yann LeCun and Corinna Cortes, under the licence "
        "[CC BY-SA 3.0](https://creativecommons.org/licenses/by-sa/3.0/)."
    )
