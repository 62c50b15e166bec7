"""Training on samples as they are made: for PyTorch, Hugging Face `datasets` and `tf.data`.

>>> from image_sequence.training import CtcCollate, Samples
>>> samples = Samples({"count": 20, "width": 160, "seed": 7}, collate=CtcCollate(stride=4))
>>> columns = samples.columns(epoch=0, indices=[3, 14])
>>> columns["image"].shape, columns["text"], columns["input_length"].tolist()
((2, 1, 28, 160), ['03044', '62232'], [40, 40])
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from image_sequence.training.collating import Terms, plain
    from image_sequence.training.ctc import CtcCollate, class_count, needed_frames
    from image_sequence.training.hugging_face import hugging_face_stream
    from image_sequence.training.pytorch import SequenceDataset, SequenceLoader, SequenceStream
    from image_sequence.training.samples import Samples
    from image_sequence.training.tensorflow import SequenceGenerator

__all__ = [
    "CtcCollate",
    "Samples",
    "SequenceDataset",
    "SequenceGenerator",
    "SequenceLoader",
    "SequenceStream",
    "Terms",
    "class_count",
    "hugging_face_stream",
    "needed_frames",
    "plain",
]

_MODULES = {
    "CtcCollate": "ctc",
    "Samples": "samples",
    "SequenceDataset": "pytorch",
    "SequenceGenerator": "tensorflow",
    "SequenceLoader": "pytorch",
    "SequenceStream": "pytorch",
    "Terms": "collating",
    "class_count": "ctc",
    "hugging_face_stream": "hugging_face",
    "needed_frames": "ctc",
    "plain": "collating",
}


def __getattr__(name: str) -> Any:
    # Loaded when asked for: whoever wants a collate does not wait for torch.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
