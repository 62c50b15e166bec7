"""What errors say of functions that somebody else wrote."""

import numpy as np

from image_sequence.errors import shown


def plugin_name(plugin: object) -> str:
    """What an error calls a function of somebody else's."""
    return str(getattr(plugin, "__name__", shown(plugin)))


def plugin_kind(result: object) -> str:
    """What an error says a function returned."""
    if isinstance(result, np.ndarray):
        return f"an array of {result.dtype} of the shape {result.shape}"
    return shown(result)
