"""Which renderer draws: the one asked for, or the one that takes the least time."""

import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from image_sequence import DigitSequence, GlyphBank
from image_sequence.composing import blocks, compiled, rendering
from image_sequence.composing.drawing import Drawing

needs_numba = pytest.mark.skipif(find_spec("numba") is None, reason="numba is not installed")
PIXELS = 28 * 60  # Of one picture below.


@pytest.fixture(autouse=True)
def a_process_that_has_drawn_nothing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rendering._Drawn, "pixels", 0)
    rendering._numba_loads.cache_clear()
    yield
    rendering._numba_loads.cache_clear()


@pytest.fixture
def drawn_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The renderer of each picture and of each mask. NumPy draws all of them: compiling is slow."""
    names: list[str] = []

    def note(module: ModuleType, function: str, name: str) -> None:
        draw: Any = getattr(blocks, function)

        def noted(drawing: Drawing, out: np.ndarray[Any, Any]) -> None:
            names.append(name)
            draw(drawing, out)

        monkeypatch.setattr(module, function, noted)

    for function in ("draw", "draw_masks"):
        note(compiled, function, "numba")
        note(blocks, function, "numpy")
    return names


def draw(bank: GlyphBank, renderer: str, count: int, dtype: Any = np.uint8) -> np.ndarray[Any, Any]:
    generator = DigitSequence(seed=7, source=bank, renderer=renderer)
    return generator.batch([[2, 0]] * count, (0, 9), 60, dtype=dtype).images


def without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)


def with_broken_numba(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    folder.joinpath("numba.py").write_text("raise ImportError('Numba needs NumPy 2.9 or less')")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "numba", raising=False)


@needs_numba
def test_auto_takes_numpy_for_little_and_numba_from_the_threshold_on(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 10 * PIXELS)
    for _ in range(4):
        draw(grey_bank, "auto", 3)
    assert drawn_by == ["numpy", "numpy", "numpy", "numba"]


@needs_numba
def test_auto_stays_with_numba_for_small_batches_after_large_ones(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 10 * PIXELS)
    draw(grey_bank, "auto", 9)
    draw(grey_bank, "auto", 9)
    draw(grey_bank, "auto", 1)
    assert drawn_by == ["numpy", "numba", "numba"]


@needs_numba
def test_auto_takes_numba_for_one_large_batch_at_once(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 10 * PIXELS)
    draw(grey_bank, "auto", 10)
    assert drawn_by == ["numba"]


@needs_numba
def test_masks_count_as_the_pictures_that_they_are(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 10 * PIXELS)
    batch = DigitSequence(seed=7, source=grey_bank).batch([[2, 0]] * 4, (0, 9), 60)
    assert batch.masks.shape == (4, 2, 28, 60)
    assert drawn_by == ["numpy", "numba"]


def test_a_few_single_pictures_never_wait_for_a_compiler(
    grey_bank: GlyphBank, drawn_by: list[str]
) -> None:
    generator = DigitSequence(seed=7, source=grey_bank)
    for _ in range(200):
        generator.generate_numbers_sequence([2, 0], (0, 9), 60)
    assert set(drawn_by) == {"numpy"}


@pytest.mark.parametrize("renderer", ["numpy", "numba"])
@pytest.mark.parametrize("threshold", [0, 10**12])
def test_a_renderer_asked_for_by_name_draws_everything(
    grey_bank: GlyphBank,
    drawn_by: list[str],
    monkeypatch: pytest.MonkeyPatch,
    renderer: str,
    threshold: int,
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", threshold)
    batch = DigitSequence(seed=7, source=grey_bank, renderer=renderer).batch([[2, 0]], (0, 9), 60)
    assert batch.masks.any()
    assert batch[0].masks.any()
    assert drawn_by == [renderer] * 3
    assert rendering._Drawn.pixels == 0


def test_without_numba_auto_is_numpy_and_says_nothing(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 0)
    without_numba(monkeypatch)
    draw(grey_bank, "auto", 5)  # Any warning is an error in these tests.
    assert drawn_by == ["numpy"]


def test_a_numba_that_does_not_load_is_warned_of_once_and_numpy_draws(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 0)
    with_broken_numba(monkeypatch, tmp_path)
    with pytest.warns(UserWarning, match=r"numba .* does not load: Numba needs NumPy 2.9 or less"):
        draw(grey_bank, "auto", 5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        draw(grey_bank, "auto", 5)
    assert drawn_by == ["numpy", "numpy"]


def test_a_numba_nobody_needs_is_not_tried(
    grey_bank: GlyphBank, drawn_by: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_broken_numba(monkeypatch, tmp_path)
    draw(grey_bank, "auto", 5)
    assert drawn_by == ["numpy"]
    assert "numba" not in sys.modules


@pytest.mark.parametrize("broken", [False, True])
def test_numba_asked_for_but_not_there_is_an_error_that_names_what_to_install(
    tmp_path: Path, broken: bool
) -> None:
    # In a process of its own: in this one numba may be compiled already.
    program = f"""
import sys
if {broken}:
    sys.path.insert(0, {str(tmp_path)!r})
else:
    sys.modules["numba"] = None
from image_sequence import DigitSequence, ImageSequenceError
generator = DigitSequence(seed=7, renderer="numba")
try:
    generator.generate_numbers_sequence([2, 0], (0, 9), 60)
except ImageSequenceError as error:
    print(type(error).__name__, isinstance(error, ImportError), error)
"""
    tmp_path.joinpath("numba.py").write_text("raise ImportError('it is broken')")
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout.startswith("LibraryError True ")
    assert 'pip install "image-sequence[fast]"' in result.stdout
    assert not broken or "it is broken" in result.stdout


@needs_numba
def test_the_choice_changes_no_pixel_and_no_mask(
    grey_bank: GlyphBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rendering, "_PIXELS_WORTH_COMPILING", 0)
    batches = [
        DigitSequence(seed=7, source=grey_bank, renderer=renderer).batch(
            [[2, 0], [1, 3, 5]] * 3, (0, 9), 77
        )
        for renderer in rendering.RENDERERS
    ]
    for batch in batches[1:]:
        assert (batch.images == batches[0].images).all()
        assert (batch.masks == batches[0].masks).all()
