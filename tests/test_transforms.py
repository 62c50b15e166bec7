"""Transforms, and imgaug behind its adapter."""

import pickle
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from image_sequence.composing.imgaug_adapter import ImgaugTransform, import_imgaug
from image_sequence.composing.transforms import _CLASSIC_STEPS, classic, stretched
from image_sequence.draws import Draws
from image_sequence.errors import LibraryError
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import FloatImages


def glyphs(sample_count: int, glyph_count: int = 10) -> FloatImages:
    """Real digits: float32, shape (sample_count, glyph_count, 28, 28)."""
    places = np.arange(sample_count * glyph_count).reshape(sample_count, glyph_count)
    return BundledDigits().load().images[places * 7 % 5000].astype(np.float32) / np.float32(255)


def transform_draws(indices: ArrayLike) -> Draws:
    return Draws(7, "transform", indices)


def run(program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, where nothing is imported yet."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, *options, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_classic_transform_repeats_from_the_seed() -> None:
    once = classic(glyphs(3), transform_draws(range(3)))
    assert (once == classic(glyphs(3), transform_draws(range(3)))).all()


def test_the_classic_transform_differs_from_sample_to_sample() -> None:
    same = np.repeat(glyphs(1), 4, axis=0)
    changed = classic(same, transform_draws(range(4)))
    assert not (changed[0] == changed[1]).all()


def test_the_classic_transform_stays_inside_0_and_1_and_keeps_paper_white() -> None:
    changed = classic(glyphs(100), transform_draws(range(100)))
    assert changed.min() == 0
    assert changed.max() == 1
    # Where crop or elastic rings below 0, stretching that back would make the paper grey.
    assert (changed == 0).mean(axis=(2, 3)).min() > 0.1


def test_dropout_removes_ink_and_adds_none() -> None:
    def dropout(augmenters: Any, seed: Any) -> Any:
        return augmenters.Dropout(p=0.1, seed=seed)

    before = glyphs(20)
    after = ImgaugTransform(dropout)(before.copy(), transform_draws(range(20)))
    assert ((after == before) | (after == 0)).all()
    lost = ((after == 0) & (before > 0)).sum() / (before > 0).sum()
    assert 0.08 < lost < 0.12


@pytest.mark.parametrize(
    ("position", "kind", "probability"),
    [
        (0, "GaussianBlur", 0.1),
        (1, "ElasticTransformation", 0.15),
        (2, "Dropout", 0.3),
        (3, "Crop", 0.3),
    ],
)
def test_the_classic_steps_have_their_probabilities(
    position: int, kind: str, probability: float
) -> None:
    sequential, _ = _CLASSIC_STEPS._augmenter()
    step = sequential[position]
    assert sequential.random_order
    assert type(step.then_list[0]).__name__ == kind
    assert step.p.p.value == probability


def test_the_classic_steps_change_as_many_glyphs_as_they_should() -> None:
    before = glyphs(200)
    after = classic(before.copy(), transform_draws(range(200)))
    unchanged = (after == stretched(before)).all(axis=(2, 3)).mean()
    # Blur of sigma 0.05 and less changes nothing, so it does not count here.
    assert unchanged == pytest.approx(0.85 * 0.7 * 0.7, abs=0.04)


def test_threads_do_not_disturb_each_other() -> None:
    def changed(index: int) -> FloatImages:
        return classic(glyphs(1), transform_draws([index]))

    alone = [changed(index) for index in range(200)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(changed, range(200)))
    assert (np.array(together) == np.array(alone)).all()


def test_stretching_uses_the_whole_range() -> None:
    pale = glyphs(2) * np.float32(0.5) + np.float32(0.25)
    assert stretched(pale).min(axis=(2, 3)).max() == 0
    assert stretched(pale).max(axis=(2, 3)).min() == 1


def test_stretching_leaves_empty_glyphs_empty() -> None:
    empty = np.zeros((1, 2, 28, 28), np.float32)
    assert (stretched(empty) == 0).all()


def test_a_pickled_transform_makes_the_same_in_a_fresh_process() -> None:
    transform = pickle.dumps(ImgaugTransform(_CLASSIC_STEPS.build))
    program = f"""
        import pickle, sys
        import numpy as np
        from image_sequence.draws import Draws
        transform = pickle.loads({transform!r})
        assert "imgaug" not in sys.modules
        glyphs = np.linspace(0, 1, 3 * 784, dtype=np.float32).reshape(1, 3, 28, 28)
        print(transform(glyphs, Draws(7, "transform", [4])).tobytes().hex())
    """
    ours = ImgaugTransform(_CLASSIC_STEPS.build)(
        np.linspace(0, 1, 3 * 784, dtype=np.float32).reshape(1, 3, 28, 28), transform_draws([4])
    )
    result = run(program)
    assert result.stderr == ""
    assert result.stdout.strip() == ours.tobytes().hex()


def test_numpy_has_no_new_names_and_no_new_state_afterwards() -> None:
    result = run("""
        import sys, warnings
        warnings.simplefilter("ignore")  # NumPy 1.26 warns of names on their way out
        import numpy as np
        state = np.random.get_state()[1].tolist()
        dropped = ["sctypes", "product", "cumproduct", "float_", "bool8", "object", "complex"]
        there_before = [hasattr(np, name) for name in dropped]
        names, contents = set(dir(np)), {name: getattr(np, name) for name in dir(np)}
        from image_sequence.composing.transforms import classic
        from image_sequence.draws import Draws
        classic(np.zeros((1, 3, 28, 28), np.float32), Draws(7, "transform", [0]))
        import imgaug
        added = {name for name in set(dir(np)) - names if f"numpy.{name}" not in sys.modules}
        assert not added, added  # that is: nothing but numpy's own submodules
        assert all(getattr(np, name) is contents[name] for name in names)
        assert np.random.get_state()[1].tolist() == state
        assert [hasattr(np, name) for name in dropped] == there_before
        assert sys.modules["numpy"] is np
        assert not [found for found in map(type, sys.meta_path) if "imgaug" in found.__module__]
    """)
    assert (result.returncode, result.stderr) == (0, "")


def test_imgaug_itself_sees_the_names_that_numpy_dropped() -> None:
    imgaug = import_imgaug()
    assert imgaug.imgaug.np.sctypes["float"][0] is np.float16
    assert imgaug.imgaug.np.bool is bool
    assert imgaug.imgaug.np.ndarray is np.ndarray


@pytest.mark.filterwarnings("ignore::FutureWarning")  # scikit-image on what imgaug calls
def test_augmenters_beyond_the_classic_ones_run() -> None:
    augmenters = import_imgaug().augmenters
    colour = np.zeros((32, 32, 3), np.uint8)
    for augmenter in (
        augmenters.SomeOf(1, [augmenters.Fliplr(1.0)], seed=1),
        augmenters.Fog(seed=1),
        augmenters.ElasticTransformation(alpha=5, sigma=1, seed=1),
        augmenters.pillike.Autocontrast(seed=1),
        augmenters.PiecewiseAffine(scale=0.05, seed=1),
        augmenters.Affine(rotate=(-10, 10), seed=1),
    ):
        assert augmenter(image=colour).shape == colour.shape


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) >= "2.0.0", reason="imgaug itself fails")
def test_an_imgaug_that_was_imported_before_is_mended() -> None:
    result = run("""
        import imgaug.augmenters
        from image_sequence.composing.imgaug_adapter import import_imgaug
        import numpy as np
        augmenters = import_imgaug().augmenters
        augmenters.SomeOf(1, [augmenters.Fliplr(1.0)])(image=np.zeros((8, 8, 3), np.uint8))
    """)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("absent", "message"),
    [("cv2", "OpenCV, which imgaug needs, does not load"), ("imgaug", "imgaug does not load")],
)
def test_a_missing_library_is_named_with_what_to_install(absent: str, message: str) -> None:
    result = run(f"""
        import sys
        sys.modules[{absent!r}] = None  # an import of it fails
        from image_sequence.composing.imgaug_adapter import import_imgaug
        from image_sequence.errors import LibraryError
        try:
            import_imgaug()
        except LibraryError as error:
            print(error)
        assert not [found for found in map(type, sys.meta_path) if "imgaug" in found.__module__]
    """)
    assert result.stderr == ""
    assert message in result.stdout
    assert "install" in result.stdout


def test_opencv_5_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import cv2

    monkeypatch.setattr(cv2, "__version__", "5.0.0")
    with pytest.raises(LibraryError, match=r"with OpenCV 5\.0\.0; install .opencv-python<5"):
        import_imgaug()
