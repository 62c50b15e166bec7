"""Other libraries' augmentations as transforms: imgaug, Albumentations and torch."""

import os
import pickle
import random
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from image_sequence import DigitSequence
from image_sequence.composing.adapters import (
    Albumentations,
    Torchvision,
    from_imgaug,
    import_albumentations,
)
from image_sequence.composing.imgaug_adapter import import_imgaug
from image_sequence.composing.transforms import Transform
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, LibraryError, PluginError
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import FloatImages

COLOURS = [False, True]


def glyphs(indices: Sequence[int], glyph_count: int = 3, *, colour: bool = False) -> FloatImages:
    """Real digits: float32, shape (samples, glyph_count, 28, 28), in colour with a last axis."""
    places = np.array(indices)[:, None] * glyph_count + np.arange(glyph_count)
    grey = BundledDigits().load().images[places * 7 % 5000].astype(np.float32) / np.float32(255)
    ink = np.array([1.0, 0.5, 0.25], np.float32)
    return grey[..., None] * ink if colour else grey


def draws(indices: Sequence[int]) -> Draws:
    return Draws(7, "transform", indices)


def changed(transform: Transform, indices: Sequence[int], *, colour: bool = False) -> FloatImages:
    return transform(glyphs(indices, colour=colour), draws(indices))


def assert_pure(transform: Transform, *, colour: bool = False) -> None:
    """That a row is the same, bit for bit, in a batch and alone, whatever was made before it."""
    together = changed(transform, range(8), colour=colour)
    alone = [changed(transform, [index], colour=colour) for index in (5, 0, 7, 3)]
    assert np.concatenate(alone).tobytes() == together[[5, 0, 7, 3]].tobytes()
    assert not (together == glyphs(range(8), colour=colour)).all()
    assert together.dtype == np.float32


def assert_pictures_are_pure(transform: Transform) -> None:
    generator = DigitSequence(seed=7, transform=transform)
    together = generator.batch([[4, 2, 7]] * 3, (0, 5), 100).images
    assert (generator.sample([4, 2, 7], (0, 5), 100, index=2).image == together[2]).all()
    plain = DigitSequence(seed=7).batch([[4, 2, 7]] * 3, (0, 5), 100).images
    assert not (plain == together).all()


def assert_threads_agree(transform: Transform) -> None:
    alone = [changed(transform, [index]) for index in range(40)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda index: changed(transform, [index]), range(40)))
    assert (np.array(together) == np.array(alone)).all()


def states() -> tuple[object, ...]:
    """The global states of `random` and NumPy."""
    _, *numpy_state = np.random.get_state()  # noqa: NPY002  # to see that nobody touches it
    return random.getstate(), [np.asarray(part).tolist() for part in numpy_state]


def states_after_a_draw() -> tuple[object, ...]:
    """They are then not as a fixed seed, set by whoever should not, leaves them."""
    random.random()  # noqa: S311  # no secret
    np.random.random()  # noqa: NPY002
    return states()


def run(program: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, where nothing is imported yet."""
    return subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )


def assert_a_fresh_process_agrees(transform: Transform, library: str) -> None:
    result = run(f"""
        import pickle, sys
        import numpy as np
        from image_sequence.draws import Draws
        transform = pickle.loads({pickle.dumps(transform)!r})
        assert {library!r} not in sys.modules
        glyphs = np.linspace(0, 1, 3 * 784, dtype=np.float32).reshape(1, 3, 28, 28)
        print(transform(glyphs, Draws(7, "transform", [4])).tobytes().hex())
    """)
    ramp = np.linspace(0, 1, 3 * 784, dtype=np.float32).reshape(1, 3, 28, 28)
    assert result.stdout.strip() == transform(ramp, draws([4])).tobytes().hex(), result.stderr


def narrow(transform: Any) -> FloatImages:
    """Glyphs 28, 10 and 0 pixels wide, their paper told from their own pixels by its value 0.75."""
    images = np.full((1, 3, 28, 28), 0.75, np.float32)
    images[0, 0] = np.arange(28) / 28
    images[0, 1, :, :10] = np.arange(10) / 28
    result: FloatImages = transform(images, draws([0]), widths=np.array([[28, 10, 0]]))
    return result


def assert_mirrored_in_their_widths(mirrored: FloatImages) -> None:
    assert (mirrored[0, 0] == np.arange(27, -1, -1, dtype=np.float32) / 28).all()
    assert (mirrored[0, 1, :, :10] == np.arange(9, -1, -1, dtype=np.float32) / 28).all()
    assert (mirrored[0, 1, :, 10:] == 0.75).all()
    assert (mirrored[0, 2] == 0.75).all()


class TestImgaug:
    def ready_made(self, seed: int) -> Any:
        augmenters = import_imgaug().augmenters
        steps = [augmenters.Fliplr(0.5), augmenters.Sometimes(0.5, augmenters.Dropout(0.2))]
        return augmenters.Sequential(steps, random_order=True, seed=seed)

    def test_a_ready_made_augmenter_is_pure(self) -> None:
        assert_pure(from_imgaug(self.ready_made(1)))

    def test_threads_do_not_disturb_each_other(self) -> None:
        assert_threads_agree(from_imgaug(self.ready_made(1)))

    def test_the_seeds_and_the_past_of_an_augmenter_have_no_effect(self) -> None:
        used = self.ready_made(2)
        used(images=[np.zeros((28, 28, 1), np.float32)] * 5)
        fresh = changed(from_imgaug(self.ready_made(1)), range(8))
        assert (changed(from_imgaug(used), range(8)) == fresh).all()

    def test_an_augmenter_makes_what_a_function_that_builds_it_makes(self) -> None:
        built = from_imgaug(lambda augmenters, seed: augmenters.Dropout(0.3, seed=seed))
        ready = from_imgaug(import_imgaug().augmenters.Dropout(0.3))
        assert (changed(built, range(4)) == changed(ready, range(4))).all()

    def test_the_augmenter_that_was_handed_over_is_left_alone(self) -> None:
        augmenter = import_imgaug().augmenters.Fliplr(1.0)
        transform = from_imgaug(augmenter)
        augmenter.p.value = 0
        state = augmenter.random_state.generator
        mirrored = changed(transform, range(4))
        assert (mirrored == glyphs(range(4))[..., ::-1]).all()
        assert augmenter.random_state.generator is state

    def test_a_pickled_augmenter_makes_the_same_in_a_fresh_process(self) -> None:
        assert_a_fresh_process_agrees(from_imgaug(self.ready_made(1)), "imgaug")

    def test_an_augmenter_that_does_not_pickle_says_what_would(self) -> None:
        augmenter = import_imgaug().augmenters.Lambda(lambda images, *_: images)
        transform = from_imgaug(augmenter)
        assert (changed(transform, [0]) == glyphs([0])).all()
        with pytest.raises(
            ArgumentTypeError, match=r"does not pickle: .* a function at the top of"
        ):
            pickle.dumps(transform)

    @pytest.mark.parametrize("wrong", [3, DigitSequence])
    def test_anything_else_is_refused(self, wrong: object) -> None:
        with pytest.raises(ArgumentTypeError, match="is no imgaug augmenter; one that is ready"):
            from_imgaug(wrong)


def test_glyphs_of_one_width_are_mirrored_in_it_by_imgaug() -> None:
    augmenters = import_imgaug().augmenters
    mirrored = from_imgaug(augmenters.Fliplr(1.0))
    images = np.repeat(np.arange(10, dtype=np.float32)[None] / 28, 28, axis=0)[None, None]
    widths = np.array([[4]])
    assert mirrored(images, draws([0]), widths)[0, 0, 0, :5].tolist() == pytest.approx(
        [3 / 28, 2 / 28, 1 / 28, 0, 4 / 28]
    )


@pytest.fixture(scope="module")
def albumentations() -> Any:
    pytest.importorskip("cv2")
    try:
        return import_albumentations()
    except LibraryError as error:
        pytest.skip(str(error))


class TestAlbumentations:
    def pipeline(self, a: Any) -> Any:
        return a.Compose(
            [
                a.Affine(rotate=(-20, 20), scale=(0.8, 1.2), p=0.8),
                a.OneOf([a.GaussNoise(p=1.0), a.ElasticTransform(p=1.0)], p=0.7),
                a.CoarseDropout(p=0.5),
            ]
        )

    @pytest.mark.parametrize("colour", COLOURS)
    def test_a_pipeline_is_pure(self, albumentations: Any, colour: bool) -> None:
        assert_pure(Albumentations(self.pipeline(albumentations)), colour=colour)

    def test_the_seed_of_a_pipeline_has_no_effect(self, albumentations: Any) -> None:
        def noise(seed: int | None) -> FloatImages:
            steps = [albumentations.GaussNoise(p=0.5)]
            return changed(Albumentations(albumentations.Compose(steps, seed=seed)), range(4))

        assert (noise(1) == noise(2)).all()
        assert (noise(1) == noise(None)).all()

    @pytest.mark.parametrize("colour", COLOURS)
    def test_a_mirrored_glyph_is_mirrored(self, albumentations: Any, colour: bool) -> None:
        flip = Albumentations(albumentations.HorizontalFlip(p=1.0))
        before = glyphs(range(4), colour=colour)
        assert (changed(flip, range(4), colour=colour) == np.flip(before, 3)).all()

    @pytest.mark.parametrize("colour", COLOURS)
    def test_an_image_is_ink_in_floats_with_channels(
        self, albumentations: Any, colour: bool
    ) -> None:
        seen: list[Any] = []

        def look(image: Any, **_: object) -> Any:
            seen.append(image)
            return image

        changed(Albumentations(albumentations.Lambda(image=look, p=1.0)), [0], colour=colour)
        expected = glyphs([0], colour=colour)[0].reshape(3, 28, 28, -1)
        assert [image.dtype for image in seen] == [np.float32] * 3
        assert (np.array(seen) == expected).all()

    def test_the_steps_of_a_pipeline_are_independent(self, albumentations: Any) -> None:
        a = albumentations
        both = Albumentations(a.Compose([a.HorizontalFlip(p=0.5), a.VerticalFlip(p=0.5)]))
        corner = np.zeros((100, 8, 28, 28), np.float32)
        corner[..., 0, 0] = 1.0
        ways = both(corner, draws(range(100)))[..., [0, 0, 27, 27], [0, 27, 0, 27]].sum(axis=(0, 1))
        # Each of the four has 200 of 800; five standard deviations are 61.
        assert ways.sum() == 800
        assert np.abs(ways - 200).max() < 61

    def test_glyphs_of_a_sample_have_numbers_of_their_own(self, albumentations: Any) -> None:
        noise = Albumentations(albumentations.GaussNoise(p=1.0))
        first, second = noise(np.full((1, 2, 28, 28), 0.5, np.float32), draws([0]))[0]
        assert not (first == second).all()

    def test_random_numbers_of_others_stay_as_they_are(self, albumentations: Any) -> None:
        before = states_after_a_draw()
        changed(Albumentations(self.pipeline(albumentations)), range(4))
        assert states() == before

    def test_threads_do_not_disturb_each_other(self, albumentations: Any) -> None:
        assert_threads_agree(Albumentations(self.pipeline(albumentations)))

    def test_a_pickled_pipeline_makes_the_same_in_a_fresh_process(
        self, albumentations: Any
    ) -> None:
        transform = Albumentations(self.pipeline(albumentations))
        assert_a_fresh_process_agrees(transform, "albumentations")

    def test_a_function_that_builds_a_pipeline_makes_the_same_as_the_pipeline(
        self, albumentations: Any
    ) -> None:
        built = changed(Albumentations(lambda: self.pipeline(albumentations)), range(4))
        ready = changed(Albumentations(self.pipeline(albumentations)), range(4))
        assert (built == ready).all()

    def test_a_transform_that_does_not_pickle_says_what_would(self, albumentations: Any) -> None:
        def same(image: Any, **_: object) -> Any:
            return image

        transform = Albumentations(albumentations.Lambda(image=same))
        with pytest.raises(
            ArgumentTypeError, match=r"does not pickle: .* a function at the top of"
        ):
            pickle.dumps(transform)

    def test_only_a_glyphs_own_columns_are_handed_over(self, albumentations: Any) -> None:
        flip = Albumentations(albumentations.HorizontalFlip(p=1.0))
        assert_mirrored_in_their_widths(narrow(flip))

    def test_another_size_is_refused_with_both_sizes(self, albumentations: Any) -> None:
        crop = Albumentations(albumentations.CenterCrop(20, 24))
        message = r"returned float32 of the shape \(20, 24, 1\); .*\(28, 28, 1\), work"
        with pytest.raises(PluginError, match=message):
            changed(crop, [0])

    def test_whole_numbers_are_refused(self, albumentations: Any) -> None:
        bytes_ = Albumentations(albumentations.FromFloat(dtype="uint8", p=1.0))
        with pytest.raises(PluginError, match=r"returned uint8 of the shape .* floats"):
            changed(bytes_, [0])

    def test_a_function_that_builds_something_else_is_refused(self, albumentations: Any) -> None:
        with pytest.raises(PluginError, match="built 7; an Albumentations pipeline or transform"):
            changed(Albumentations(lambda: 7), [0])

    def test_pictures_are_made_with_it(self, albumentations: Any) -> None:
        assert_pictures_are_pure(Albumentations(self.pipeline(albumentations)))

    def test_importing_it_asks_nobody_for_newer_versions(self, albumentations: Any) -> None:
        result = run("""
            import os, urllib.request
            asked = []
            urllib.request.build_opener = lambda *handlers: asked.append(handlers)
            os.environ.pop("NO_ALBUMENTATIONS_UPDATE", None)
            from image_sequence.composing.adapters import import_albumentations
            import_albumentations()
            print(asked, "NO_ALBUMENTATIONS_UPDATE" in os.environ)
        """)
        assert result.stdout == "[] False\n", result.stderr


def test_what_the_environment_says_of_updates_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_ALBUMENTATIONS_UPDATE", "0")
    monkeypatch.setitem(sys.modules, "albumentations", None)
    with pytest.raises(LibraryError):
        import_albumentations()
    assert os.environ["NO_ALBUMENTATIONS_UPDATE"] == "0"


def test_a_missing_albumentations_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "albumentations", None)
    transform = Albumentations(lambda: None)
    message = r"Albumentations does not load: .*image-sequence\[albumentations\]"
    with pytest.raises(LibraryError, match=message):
        changed(transform, [0])


@pytest.mark.parametrize("version", ["2.1.0", "2.0.9", "1.4.24", "unknown"])
def test_any_other_albumentations_is_refused_with_a_reason(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    other: Any = ModuleType("albumentations")
    other.__version__ = version
    monkeypatch.setitem(sys.modules, "albumentations", other)
    with pytest.raises(LibraryError, match=rf"Albumentations {version} is not used .*AGPL"):
        import_albumentations()


def test_a_pipeline_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="'Rotate' is no Albumentations pipeline"):
        Albumentations("Rotate")


@pytest.fixture(scope="module")
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed")


class TestTorch:
    def test_a_function_is_handed_a_tensor_for_each_glyph(self, torch: Any) -> None:
        seen: list[Any] = []

        def half(image: Any) -> Any:
            seen.append((tuple(image.shape), image.dtype))
            return image * 0.5

        assert (changed(Torchvision(half), range(2)) == glyphs(range(2)) * 0.5).all()
        assert seen == [((1, 28, 28), torch.float32)] * 6

    def test_channels_come_first_and_in_order(self, torch: Any) -> None:
        red = torch.tensor([1.0, 0.0, 0.0])[:, None, None]
        reddened = changed(Torchvision(lambda image: image * red), range(2), colour=True)
        before = glyphs(range(2), colour=True)
        assert (reddened[..., 0] == before[..., 0]).all()
        assert (reddened[..., 1:] == 0).all()

    @pytest.mark.parametrize("colour", COLOURS)
    def test_a_module_that_draws_is_pure(self, torch: Any, colour: bool) -> None:
        assert_pure(Torchvision(torch.nn.Dropout(0.25)), colour=colour)

    def test_a_module_draws_as_it_should(self, torch: Any) -> None:
        before = np.ones((10, 5, 28, 28), np.float32)
        after = Torchvision(torch.nn.Dropout(0.5))(before, draws(range(10)))
        # A kept value is divided by the share that is kept.
        assert set(np.unique(after)) == {0.0, 2.0}
        assert (after == 0).mean() == pytest.approx(0.5, abs=0.0125)  # five standard deviations
        assert not (after[0, 0] == after[0, 1]).all()

    def test_a_module_with_weights_runs(self, torch: Any) -> None:
        twice = torch.nn.Conv2d(1, 1, 1, bias=False)
        torch.nn.init.constant_(twice.weight, 2.0)
        assert (changed(Torchvision(twice), [0]) == glyphs([0]) * 2).all()

    def test_a_module_may_return_its_own_weights(self, torch: Any) -> None:
        weights = torch.nn.Parameter(torch.full((1, 28, 28), 0.25))
        assert (changed(Torchvision(lambda image: weights), [0]) == 0.25).all()

    def test_random_numbers_of_others_stay_as_they_are(self, torch: Any) -> None:
        torch.rand(1)
        ours = torch.get_rng_state()
        before = states_after_a_draw()
        changed(Torchvision(torch.nn.Dropout(0.5)), range(2))
        assert states() == before
        assert (torch.get_rng_state() == ours).all()

    def test_the_state_comes_back_after_an_error(self, torch: Any) -> None:
        def fails(image: Any) -> Any:
            raise ZeroDivisionError

        before = torch.get_rng_state()
        with pytest.raises(ZeroDivisionError):
            changed(Torchvision(fails), [0])
        assert (torch.get_rng_state() == before).all()

    def test_threads_do_not_disturb_each_other(self, torch: Any) -> None:
        def noisy(image: Any) -> Any:
            time.sleep(0.0005)  # another thread's turn, between seeding and drawing
            return torch.rand_like(image)

        assert_threads_agree(Torchvision(noisy))

    def test_a_pickled_module_makes_the_same_in_a_fresh_process(self, torch: Any) -> None:
        assert_a_fresh_process_agrees(Torchvision(torch.nn.Dropout(0.25)), "torchvision")

    def test_only_a_glyphs_own_columns_are_handed_over(self, torch: Any) -> None:
        seen: list[int] = []

        def flip(image: Any) -> Any:
            seen.append(image.shape[2])
            return torch.flip(image, [2])

        assert_mirrored_in_their_widths(narrow(Torchvision(flip)))
        assert seen == [28, 10]

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            (lambda image: image[:, 4:], r"returned float32 of the shape \(1, 24, 28\); .*work"),
            (lambda image: image > 0.5, r"returned bool of the shape .* floats of the shape"),
            (lambda image: None, r"returned None; an image of the shape \(1, 28, 28\) works"),
        ],
    )
    def test_another_result_is_refused(
        self, torch: Any, wrong: Callable[[Any], Any], message: str
    ) -> None:
        with pytest.raises(PluginError, match=message):
            changed(Torchvision(wrong), [0])

    def test_pictures_are_made_with_it(self, torch: Any) -> None:
        assert_pictures_are_pure(Torchvision(torch.nn.Dropout(0.25)))


@pytest.fixture(scope="module")
def v2(torch: Any) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        # torchvision names operators that a torch for the CPU alone may not have.
        patch.setattr(torch.library, "register_fake", lambda *_, **__: lambda function: function)
        return pytest.importorskip("torchvision.transforms.v2", reason="no torchvision here")


class TestTorchvision:
    def test_a_mirrored_glyph_is_mirrored(self, v2: Any) -> None:
        flip = Torchvision(v2.RandomHorizontalFlip(p=1.0))
        assert (changed(flip, range(4)) == glyphs(range(4))[..., ::-1]).all()

    @pytest.mark.parametrize("colour", COLOURS)
    def test_a_pipeline_is_pure(self, v2: Any, colour: bool) -> None:
        steps = [v2.RandomAffine(15, (0.1, 0.1)), v2.RandomApply([v2.GaussianNoise()])]
        assert_pure(Torchvision(v2.Compose(steps)), colour=colour)

    def test_a_rotation_by_a_right_angle_turns_the_rows_to_columns(self, v2: Any) -> None:
        turn = Torchvision(v2.RandomRotation((90, 90)))
        assert (changed(turn, [0]) == np.rot90(glyphs([0]), axes=(2, 3))).all()


def test_a_missing_torch_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(LibraryError, match=r"torch does not load: .*image-sequence\[torch\]"):
        changed(Torchvision(abs), [0])


def test_a_transform_that_cannot_be_called_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="is no function of a tensor; a transform of"):
        Torchvision(7)  # type: ignore[arg-type]  # on purpose


def test_adapters_load_no_library() -> None:
    result = run("""
        import sys, image_sequence.composing.adapters
        libraries = {"cv2", "scipy", "imgaug", "albumentations", "torch", "PIL"}
        print(sorted(libraries & set(sys.modules)))
    """)
    assert result.stdout == "[]\n", result.stderr
