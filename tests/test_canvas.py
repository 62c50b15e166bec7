"""The canvas: glyphs on paper, and strips fitted to a width."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from image_sequence.composing.canvas import fit_to_width, lay_out

gap_rows = st.integers(1, 4).flatmap(
    lambda count: st.lists(
        st.lists(st.integers(0, 9), min_size=count + 1, max_size=count + 1), min_size=1, max_size=4
    )
)


@given(gap_rows)
def test_a_strip_is_paper_and_glyphs_in_turn(gap_rows: list[list[int]]) -> None:
    gaps = np.array(gap_rows)
    rng = np.random.default_rng(7)
    glyphs = rng.random((len(gaps), gaps.shape[1] - 1, 3, 2), np.float32)
    strips, widths = lay_out(glyphs, gaps)
    for sample, row in enumerate(gap_rows):
        pieces = [np.ones((3, row[0]), np.float32)]
        for glyph, gap in zip(glyphs[sample], row[1:], strict=True):
            pieces += [1 - glyph, np.ones((3, gap), np.float32)]
        strip = np.concatenate(pieces, axis=1)
        assert widths[sample] == strip.shape[1]
        assert (strips[sample, :, : widths[sample]] == strip).all()
        assert (strips[sample, :, widths[sample] :] == 1).all()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(1, 60))
def test_fitting_many_strips_is_fitting_each(widths: list[int], image_width: int) -> None:
    rng = np.random.default_rng(7)
    strips = rng.random((len(widths), 5, max(widths)), np.float32)
    images = fit_to_width(strips, np.array(widths), image_width)
    for strip, width, image in zip(strips, widths, images, strict=True):
        cut = Image.fromarray(np.ascontiguousarray(strip[:, :width]))
        resized = np.asarray(cut.resize((image_width, 5), Image.Resampling.BICUBIC))
        assert (image == np.clip(resized, 0, 1)).all()


def test_ringing_is_clipped() -> None:
    strip = np.ones((1, 4, 40), np.float32)
    strip[:, :, 15:25] = 0
    unclipped = np.asarray(Image.fromarray(strip[0]).resize((67, 4), Image.Resampling.BICUBIC))
    assert unclipped.min() < 0
    assert unclipped.max() > 1
    image = fit_to_width(strip, np.array([40]), 67)
    assert image.min() == 0
    assert image.max() == 1
