"""What made the samples that are looked at, if anybody knows."""

from image_sequence.datasets.viewing import DataSetView, View
from image_sequence.generator import ImageSequence


def generator_of(view: View) -> ImageSequence | None:
    """What made the samples of a view: it has the glyphs; None for folders of `draw --records`.

    Raises:
        SourceChangedError: the glyphs are others than those that a data set was made of.
    """
    if view.maker is None:
        return None
    if isinstance(view, DataSetView):
        view.ledger.check_glyphs(view.maker.fingerprint)
    return view.maker.generator
