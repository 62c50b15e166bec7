"""What always holds: a sample is a function of its recipe, its seed and its index alone."""

import multiprocessing
import pickle
import random
import subprocess
import sys
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image_sequence import Batch, DigitSequence, Draws, PerSample, Sample
from image_sequence.composing.canvas import Canvas
from image_sequence.composing.composer import Composer
from image_sequence.composing.request import BatchRequest, SequenceRequest
from image_sequence.composing.spacing import SpacingRequest, fixed, variable
from image_sequence.composing.transforms import Transform, classic
from image_sequence.glyphs.sources import BundledDigits
from image_sequence.plan import FloatImages

RANGE = (0, 9)
WIDTH = 190
MIXED = [[2, 0, 2, 6], [1, 3], [9, 8, 7, 0, 5], [4, 4, 1]]

CANVASES = [
    {},
    {"image_height": 32, "resample": "lanczos"},
    {"image_height": 20, "resample": "bilinear", "ink": "light"},
    {"fit": "pad", "align": "drawn"},
    {"fit": "pad", "align": "centre", "image_height": 40, "ink": "light"},
]
canvases = st.sampled_from(CANVASES)
rows = st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=4), min_size=1, max_size=6)
seeds = st.integers(0, 2**64 - 1)


def fainter(glyphs: FloatImages, rng: Draws) -> FloatImages:
    """Each sample's ink at its own strength, and each glyph moved by its own amount."""
    strength = rng.uniform(0.3, 1.0, 1).astype(np.float32)
    shifts = rng.integers(0, 5, glyphs.shape[1])
    for sample, place in np.ndindex(glyphs.shape[:2]):
        glyphs[sample, place] = np.roll(glyphs[sample, place], shifts[sample, place], axis=1)
    return glyphs * strength[:, :, None, None]


def spotted(glyphs: FloatImages, generator: np.random.Generator) -> FloatImages:
    """A pixel of ink somewhere in each glyph, from NumPy's own generator."""
    rows, columns = generator.integers(28, size=(2, len(glyphs)))
    glyphs[np.arange(len(glyphs)), rows, columns] = 1.0
    return glyphs


transforms = st.sampled_from([None, fainter, PerSample(spotted)])


def uneven(request: SpacingRequest, rng: Draws) -> Any:
    """A strategy of a user's: gaps at the edges too, drawn in two calls."""
    first = rng.integers(0, request.maximum, request.glyph_count + 1)
    return first // (1 + rng.integers(0, 1, 1))


def assert_same(one: Sample, other: Sample) -> None:
    assert (one.image == other.image).all()
    assert one.image.dtype == other.image.dtype
    assert one.to_dict(masks=True) == other.to_dict(masks=True)


def composer(**changes: Any) -> Composer:
    plain = Composer(BundledDigits().load(), variable, edges=False, transform=None, seed=7)
    return replace(plain, **changes)


def digest(batch: Batch) -> str:
    """Of all that a batch holds."""
    total = blake2b(batch.images.tobytes(), digest_size=16)
    for array in (batch.labels, batch.glyph_indices, batch.gaps, batch.boxes, batch.ink_boxes):
        total.update(array.tobytes())
    total.update(np.packbits(batch.masks).tobytes())
    return total.hexdigest()


@settings(max_examples=25)
@given(rows, seeds, st.integers(0, 2**62), canvases, transforms, st.sampled_from(["f4", "u1"]))
def test_a_batch_is_its_samples_bit_for_bit(
    sequences: list[list[int]],
    seed: int,
    start: int,
    canvas: dict[str, Any],
    transform: Transform | None,
    dtype: str,
) -> None:
    generator = DigitSequence(seed=seed, transform=transform, **canvas)
    batch = generator.batch(sequences, RANGE, WIDTH, start=start, dtype=dtype)
    for k, digits in enumerate(sequences):
        sample = generator.sample(digits, RANGE, WIDTH, index=start + k, dtype=dtype)
        assert_same(batch[k], sample)
        assert sample.index == start + k


@settings(max_examples=25)
@given(st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=8), canvases, transforms, st.data())
def test_a_sample_is_the_same_in_any_order_and_company(
    indices: list[int], canvas: dict[str, Any], transform: Transform | None, data: st.DataObject
) -> None:
    subject = composer(canvas=Canvas(**canvas), transform=transform)
    sequences = [MIXED[place % 4] for place in range(len(indices))]
    order = data.draw(st.permutations(range(len(indices))))

    def rendered(places: list[int]) -> Batch:
        request = BatchRequest.checked([sequences[place] for place in places], RANGE, WIDTH)
        return subject.render(subject.plan(request, [indices[place] for place in places]))

    straight, shuffled = rendered(list(range(len(indices)))), rendered(list(order))
    for position, place in enumerate(order):
        assert_same(straight[place], shuffled[position])


@settings(max_examples=10)
@given(st.integers(1, 20), st.integers(1, 20), transforms)
def test_the_batch_size_changes_nothing(
    batch_size: int, other_size: int, transform: Transform | None
) -> None:
    generator = DigitSequence(seed=7, transform=transform)
    whole = generator.batch([MIXED[i % 4] for i in range(5, 17)], RANGE, WIDTH, start=5)
    for size in (batch_size, other_size):
        samples: list[Sample] = []
        for batch in generator.stream(MIXED, RANGE, WIDTH, batch_size=size, start=5):
            samples += batch
            if len(samples) >= 12:
                break
        for ours, theirs in zip(samples, whole, strict=False):
            assert_same(ours, theirs)


def test_a_strategy_of_the_users_makes_the_same_gaps_in_any_batch() -> None:
    generator = DigitSequence(seed=7, spacing=uneven)
    batch = generator.batch(MIXED * 5, RANGE, WIDTH)
    for k, digits in enumerate(MIXED * 5):
        assert_same(batch[k], generator.sample(digits, RANGE, WIDTH, index=k))


def test_the_classic_transform_makes_the_same_pixels_in_any_batch() -> None:
    generator = DigitSequence(seed=7, transform=classic)
    batch = generator.batch(MIXED * 2, RANGE, WIDTH, start=3, dtype=np.uint8)
    for k in (6, 0, 3, 5):
        digits = (MIXED * 2)[k]
        sample = generator.sample(digits, RANGE, WIDTH, index=3 + k, dtype=np.uint8)
        assert_same(batch[k], sample)


def test_seeds_and_indices_do_not_run_into_each_other() -> None:
    pictures = {
        sample.image.tobytes()
        for seed in range(8)
        for sample in DigitSequence(seed=seed).batch([[2, 0, 6]] * 8, RANGE, WIDTH)
    }
    assert len(pictures) == 64


PROGRAM = DigitSequence(seed=7, fit="pad", align="drawn", transform=fainter)


def digest_elsewhere(generator: DigitSequence, start: int) -> str:
    """What a worker is given: a recipe and a run of samples."""
    return digest(generator.batch(MIXED, RANGE, WIDTH, start=start))


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_another_process_makes_the_same_samples(method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    ours = [digest_elsewhere(PROGRAM, start) for start in range(0, 16, 4)]
    tasks = [(PROGRAM, start) for start in range(12, -1, -4)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        theirs = pool.starmap_async(digest_elsewhere, tasks, chunksize=1).get(timeout=120)
    assert theirs[::-1] == ours


@pytest.mark.parametrize("transform", [None, fainter, classic, PerSample(spotted)])
def test_a_recipe_is_small_and_holds_no_glyphs(transform: Transform | None) -> None:
    generator = DigitSequence(seed=7, transform=transform, image_height=32)
    batch = generator.batch(MIXED, RANGE, WIDTH)
    generator.generate_numbers_sequence([2, 0], RANGE, WIDTH)
    pickled = pickle.dumps(generator)
    assert len(pickled) < 10_000
    again = pickle.loads(pickled).batch(MIXED, RANGE, WIDTH)  # noqa: S301  # our own
    assert digest(again) == digest(batch)


@settings(max_examples=25)
@given(seeds, rows, st.integers(0, 30), st.integers(0, 30))
def test_another_spacing_keeps_the_handwriting(
    seed: int, sequences: list[list[int]], minimum: int, more: int
) -> None:
    request = BatchRequest.checked(sequences, RANGE, WIDTH)
    ours = composer(seed=seed).plan(request, range(len(sequences)))
    wider = replace(request, minimum=minimum, maximum=minimum + more, image_width=300)
    for other in (composer(seed=seed), composer(seed=seed, spacing=uneven, edges=True)):
        theirs = other.plan(wider, range(len(sequences)))
        assert (ours.glyph_indices == theirs.glyph_indices).all()


def test_fixed_spacing_keeps_the_handwriting_too() -> None:
    request = SequenceRequest((2, 0, 2, 6), 0, 20, 4 * 28 + 3 * 4)
    ours, theirs = (
        composer(spacing=spacing).plan(request, range(50)) for spacing in (variable, fixed)
    )
    assert (ours.glyph_indices == theirs.glyph_indices).all()
    assert not (ours.gaps == theirs.gaps).all()


@settings(max_examples=25)
@given(seeds, rows, st.sampled_from([fainter, PerSample(spotted)]), canvases)
def test_another_transform_keeps_handwriting_and_spacing(
    seed: int, sequences: list[list[int]], transform: Transform, canvas: dict[str, Any]
) -> None:
    plain = DigitSequence(seed=seed, **canvas).batch(sequences, RANGE, WIDTH)
    changed = DigitSequence(seed=seed, transform=transform, **canvas).batch(sequences, RANGE, WIDTH)
    assert (plain.glyph_indices == changed.glyph_indices).all()
    assert (plain.gaps == changed.gaps).all()
    assert (plain.boxes == changed.boxes).all()
    assert not (plain.images == changed.images).all()


@settings(max_examples=25)
@given(seeds, rows, canvases)
def test_another_canvas_keeps_handwriting_spacing_and_transform(
    seed: int, sequences: list[list[int]], canvas: dict[str, Any]
) -> None:
    seen: list[FloatImages] = []

    def kept(glyphs: FloatImages, rng: Draws) -> FloatImages:
        seen.append(fainter(glyphs.copy(), rng))
        return seen[-1]

    classic_one = DigitSequence(seed=seed, transform=kept).batch(sequences, RANGE, WIDTH)
    calls = len(seen)
    other = DigitSequence(seed=seed, transform=kept, **canvas).batch(sequences, RANGE, 2 * WIDTH)
    assert (classic_one.glyph_indices == other.glyph_indices).all()
    assert (classic_one.gaps == other.gaps).all()
    for ours, theirs in zip(seen[:calls], seen[calls:], strict=True):
        assert (ours == theirs).all()


def test_where_a_strip_stands_is_drawn_apart_from_all_else() -> None:
    drawn = DigitSequence(seed=7, fit="pad", align="drawn").batch(MIXED * 5, RANGE, 200)
    left = DigitSequence(seed=7, fit="pad").batch(MIXED * 5, RANGE, 200)
    changed = DigitSequence(seed=7, fit="pad", align="drawn", transform=fainter).batch(
        MIXED * 5, RANGE, 200
    )
    assert (drawn.gaps == left.gaps).all()
    assert (drawn.glyph_indices == left.glyph_indices).all()
    assert (drawn.fitted_gaps == changed.fitted_gaps).all()
    assert len(set(drawn.fitted_gaps[:, 0])) > 10


def everything() -> list[str]:
    """A little of all there is to make."""
    made = []
    for transform in (None, fainter, PerSample(spotted), classic):
        for canvas in CANVASES[:: 4 if transform is classic else 1]:
            generator = DigitSequence(seed=7, transform=transform, **canvas)
            made.append(digest(generator.batch(MIXED, RANGE, WIDTH)))
            image = generator.generate_numbers_sequence([2, 0], RANGE, WIDTH)
            made.append(image.tobytes().hex())
    stream = DigitSequence(seed=7).stream(
        lambda rng: rng.integers(0, 9, 3), RANGE, WIDTH, batch_size=20
    )
    return [*made, digest(next(stream))]


def global_states() -> tuple[Any, ...]:
    numpys = np.random.get_state()  # noqa: NPY002  # what must not be touched
    return random.getstate(), *map(str, numpys)


def test_no_global_random_state_is_read_or_touched() -> None:
    results = []
    for seed in (1, 2):
        random.seed(seed)
        np.random.seed(seed)  # noqa: NPY002  # what must not be read
        before = global_states()
        results.append(everything())
        assert global_states() == before
    assert results[0] == results[1]


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_the_order_of_sets_decides_nothing(hash_seed: str) -> None:
    program = "import test_invariants as t; print(t.digest_elsewhere(t.PROGRAM, 4))"
    result = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": ":".join(sys.path)},
    )
    assert result.stdout.strip() == digest_elsewhere(PROGRAM, 4)


@settings(max_examples=25)
@given(
    seeds,
    st.sampled_from(CANVASES),
    st.floats(-50, 50),
    st.floats(-50, 50),
    st.integers(176, 400),
)
def test_pixels_are_clipped_and_rounded_and_never_wrapped(
    seed: int, canvas: dict[str, Any], factor: float, shift: float, image_width: int
) -> None:
    def stark(glyphs: FloatImages, rng: Draws) -> FloatImages:
        return glyphs * np.float32(factor) + np.float32(shift)

    generator = DigitSequence(seed=seed, transform=stark, **canvas)
    floats = generator.batch(MIXED, RANGE, image_width).images
    whole = generator.batch(MIXED, RANGE, image_width, dtype=np.uint8).images
    assert floats.dtype == np.float32
    assert floats.min() >= 0
    assert floats.max() <= 1
    assert (whole == np.rint(255 * floats)).all()


@settings(max_examples=25)
@given(seeds, rows, canvases, transforms)
def test_the_truth_names_the_glyphs_and_where_their_ink_is(
    seed: int, sequences: list[list[int]], canvas: dict[str, Any], transform: Transform | None
) -> None:
    generator = DigitSequence(seed=seed, transform=transform, **canvas)
    batch = generator.batch(sequences, (9, 9), 400, dtype=np.uint8)
    paper = 0 if canvas.get("ink") == "light" else 255
    assert (batch.masks.any(axis=1) == (batch.images != paper)).all()
    for sample, digits in zip(batch, sequences, strict=True):
        assert generator.labels[sample.glyph_indices].tolist() == digits
        for box, mask in zip(sample.ink_boxes, sample.masks, strict=True):
            rows, columns = mask.nonzero()
            # Two lobes of Lanczos, stretched by at most 400 / (2 * 28 + 9), may ring beyond.
            assert columns.min() > box[0] - 19
            assert columns.max() < box[2] + 18
            assert rows.min() > box[1] - 4
            assert rows.max() < box[3] + 3


TEN = list(range(10))
GOLDEN: dict[str, tuple[dict[str, Any], list[list[int]], tuple[int, int], int, str]] = {
    "ten digits": ({}, [TEN] * 8, (0, 20), 390, "b3f78bd92ebe765e970aebbc055bf840"),
    "mixed lengths": ({}, MIXED * 4, (0, 9), 160, "4963440b60c1b24a32ce7142a3d827aa"),
    "fixed edges": (
        {"spacing": "fixed"},
        [[0, 1]] * 8,
        (0, 30),
        86,
        "770ef641736457fe48e31077c726c401",
    ),
    "padded": (
        {"fit": "pad", "align": "drawn", "ink": "light"},
        MIXED * 4,
        (0, 9),
        200,
        "351e9b64a384f21e969456419c95265d",
    ),
    "tall": (
        {"image_height": 32, "resample": "lanczos"},
        MIXED * 4,
        (0, 9),
        160,
        "c8399cb1b6ef9500040ef9013dd2770c",
    ),
    "nearest": (
        {"resample": "nearest"},
        MIXED * 4,
        (0, 9),
        111,
        "054626c7591898bf12c04f51982546e4",
    ),
    "box": (
        {"resample": "box", "image_height": 17},
        MIXED * 4,
        (0, 9),
        111,
        "d0a0d218bbb8b0a9e619e1c9f4e5c6a0",
    ),
    "bilinear": (
        {"resample": "bilinear"},
        MIXED * 4,
        (0, 9),
        333,
        "e1578d9524410a29af96e515b73f87fa",
    ),
    "hamming": (
        {"resample": "hamming"},
        MIXED * 4,
        (0, 9),
        100,
        "bb1a51d53b2c75655d1b09d03e7f0628",
    ),
}


def assert_golden(name: str, renderer: str) -> None:
    choices, sequences, spacing_range, image_width, golden = GOLDEN[name]
    generator = DigitSequence(seed=2026, renderer=renderer, **choices)
    batch = generator.batch(sequences, spacing_range, image_width, dtype=np.uint8)
    assert blake2b(batch.images.tobytes(), digest_size=16).hexdigest() == golden


@pytest.mark.parametrize("name", GOLDEN)
def test_pictures_are_the_golden_ones(name: str) -> None:
    # They stay the same from release to release, with every NumPy and on every processor.
    assert_golden(name, "numpy")


def test_numba_draws_the_golden_pictures_too() -> None:
    pytest.importorskip("numba", exc_type=ImportError)
    for name in GOLDEN:
        assert_golden(name, "numba")


def test_labels_drawn_for_a_stream_are_the_golden_ones() -> None:
    stream = DigitSequence(seed=2026).stream(
        lambda rng: rng.integers(0, 9, 5), RANGE, WIDTH, batch_size=3
    )
    assert next(stream).labels.tolist() == [[5, 5, 6, 5, 2], [0, 6, 3, 1, 8], [6, 0, 7, 2, 7]]
