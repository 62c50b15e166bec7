"""What all tests share: hypothesis without a clock, interrupts, and glyphs named by their grey."""

import signal
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import settings

from image_sequence.glyphs.bank import GlyphBank

# A slow machine is no failing test, and the same code gets the same examples. To look for new ones:
# --hypothesis-profile exploring
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)
settings.load_profile("repeatable")


@pytest.fixture(scope="session", autouse=True)
def _interrupts_arrive() -> Iterator[None]:
    """What a shell starts in the background ignores Ctrl-C, and so would the programs of tests."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def grey_bank() -> GlyphBank:
    """Twenty flat grey glyphs of 28 x 28: glyph i has the ink 10 * (i + 1) and the label i % 10."""
    inks = 10 * np.arange(1, 21, dtype=np.uint8)
    images = np.broadcast_to(inks[:, None, None], (20, 28, 28)).copy()
    return GlyphBank(images, np.arange(20) % 10, name="greys")
