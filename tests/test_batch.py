"""Batches, samples and streams: what may be asked for, what comes, and what is refused."""

import gc
import json
import tracemalloc
import weakref
from collections.abc import Iterator
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from image_sequence import (
    Batch,
    DigitSequence,
    Draws,
    GlyphBank,
    ImageSequence,
    SpacingRequest,
)
from image_sequence.composing.canvas import Canvas
from image_sequence.config import Configuration
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ConfigurationTypeError,
    ConfigurationValueError,
    ImageSequenceError,
    NoGapError,
    PluginError,
)

RANGE = (0, 9)
WIDTH = 60
MIXED = [[2, 0, 2, 6], [1, 3], [9, 8, 7]]
CLASSIC = {
    "image": {"transform": False},
    "spacing": {"type": "variable", "subtype": "between"},
    "output_format": "png",
}


@pytest.fixture
def generator(grey_bank: GlyphBank) -> DigitSequence:
    return DigitSequence(seed=7, source=grey_bank)


def taken(stream: Iterator[Batch], count: int) -> list[Batch]:
    return list(islice(stream, count))


requests = st.tuples(
    st.sampled_from([(2, 0), (2, 0, 6), (5, 5)]),
    st.sampled_from([(0, 9), (3, 3)]),
    st.sampled_from([40, 61]),
)
calls = st.lists(st.tuples(requests, st.integers(1, 12)), min_size=1, max_size=6)


@settings(max_examples=40)
@given(calls)
def test_call_k_is_sample_k_whatever_was_asked_for_before(
    grey_bank: GlyphBank, calls: list[tuple[Any, int]]
) -> None:
    caller = DigitSequence(seed=7, source=grey_bank)
    fresh = DigitSequence(seed=7, source=grey_bank)
    each = chain.from_iterable(repeat(request, count) for request, count in calls)
    for index, request in enumerate(each):
        image = caller.generate_numbers_sequence(*request)
        assert image.dtype == np.float32
        assert (image == fresh.sample(*request, index=index).image).all()


def test_many_calls_of_one_kind_are_a_batch(grey_bank: GlyphBank, generator: DigitSequence) -> None:
    images = [generator.generate_numbers_sequence([2, 0], RANGE, WIDTH) for _ in range(200)]
    other = DigitSequence(seed=7, source=grey_bank)
    assert (np.array(images) == other.batch([[2, 0]] * 200, RANGE, WIDTH).images).all()


def test_other_questions_in_between_use_up_no_sample(
    grey_bank: GlyphBank, generator: DigitSequence
) -> None:
    expected = DigitSequence(seed=7, source=grey_bank).batch([[2, 0]] * 20, RANGE, WIDTH)
    for picture in expected.images:
        assert (generator.generate_numbers_sequence([2, 0], RANGE, WIDTH) == picture).all()
        generator.sample([1, 1], RANGE, 44, index=3)
        generator.batch(MIXED, RANGE, WIDTH)
        next(generator.stream(MIXED, RANGE, WIDTH, batch_size=5))
        with pytest.raises(ArgumentValueError):
            generator.generate_numbers_sequence([11], RANGE, WIDTH)


def test_a_picture_is_the_callers_own(grey_bank: GlyphBank, generator: DigitSequence) -> None:
    expected = DigitSequence(seed=7, source=grey_bank).batch([[2, 0]] * 20, RANGE, WIDTH)
    for picture in expected.images:
        image = generator.generate_numbers_sequence([2, 0], RANGE, WIDTH)
        assert (image == picture).all()
        assert image.flags.owndata
        image[:] = 7


def test_what_is_done_to_a_batch_changes_no_later_one(generator: DigitSequence) -> None:
    first = generator.batch(MIXED, RANGE, WIDTH)
    images, boxes, gaps = first.images.copy(), first.ink_boxes.copy(), first.gaps.copy()
    glyph_indices, labels = first.glyph_indices.copy(), first.labels.copy()
    for array in (first.images, first.boxes, first.ink_boxes, first.gaps, first.fitted_gaps):
        array[:] = 0
    for array in (first.labels, first.lengths, first.glyph_indices, first.indices, first.masks):
        array[:] = 0
    second = generator.batch(MIXED, RANGE, WIDTH)
    assert (second.images == images).all()
    assert (second.ink_boxes == boxes).all()
    assert (second.gaps == gaps).all()
    assert (second.glyph_indices == glyph_indices).all()
    assert (second.labels == labels).all()


def test_labels_given_as_an_array_stay_the_callers(generator: DigitSequence) -> None:
    labels = np.array([[2, 0], [1, 3]])
    batch = generator.batch(labels, RANGE, WIDTH)
    labels[:] = 5
    assert batch.labels.tolist() == [[2, 0], [1, 3]]


@pytest.mark.parametrize("dtype", [np.float32, np.uint8, "float32", "uint8", "f4", "u1"])
def test_a_batch_has_a_picture_of_each_sequence(generator: DigitSequence, dtype: Any) -> None:
    batch = generator.batch(MIXED, RANGE, WIDTH, dtype=dtype)
    assert batch.images.shape == (3, 28, WIDTH)
    assert batch.images.dtype == np.dtype(dtype)
    assert batch.images.flags.c_contiguous
    assert batch.labels.tolist() == [[2, 0, 2, 6], [1, 3, -1, -1], [9, 8, 7, -1]]
    assert batch.lengths.tolist() == [4, 2, 3]
    assert batch.indices.tolist() == [0, 1, 2]
    assert batch.seed == 7
    assert generator.sample([2, 0], RANGE, WIDTH, index=0, dtype=dtype).image.dtype == dtype


canvases = st.fixed_dictionaries(
    {
        "resample": st.sampled_from(
            ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"]
        ),
        "ink": st.sampled_from(["dark", "light"]),
        "image_height": st.sampled_from([None, 28, 32, 11]),
    }
) | st.fixed_dictionaries({"fit": st.just("pad"), "ink": st.sampled_from(["dark", "light"])})


@settings(max_examples=40)
@given(canvases, st.integers(0, 2**64 - 1), st.integers(150, 400))
def test_byte_pictures_are_the_rounded_float_pictures(
    canvas: dict[str, Any], seed: int, image_width: int
) -> None:
    generator = DigitSequence(seed=seed, **canvas)
    floats = generator.batch(MIXED, RANGE, image_width)
    whole = generator.batch(MIXED, RANGE, image_width, dtype=np.uint8)
    assert (whole.images == np.rint(255 * floats.images)).all()
    assert (whole.boxes == floats.boxes).all()


@pytest.mark.parametrize(
    "sequences",
    [
        [[2, 0, 6], [1, 3]],
        ((2, 0, 6), (1, 3)),
        [(2, 0, 6), np.array([1, 3])],
        [np.array([2, 0, 6], np.uint8), range(1, 4, 2)],
        [[np.int64(2), 0, np.uint8(6)], [1, np.int32(3)]],
        iter([iter([2, 0, 6]), [1, 3]]),
        (row for row in ([2, 0, 6], [1, 3])),
        np.array([[2, 0, 6], [1, 3, -1]]),
        np.array([[2, 0, 6], [1, 3, -1]], np.int8),
        np.array([[2, 0, 6, -1], [1, 3, -1, -1]], np.int16, order="F"),
    ],
)
def test_sequences_come_in_many_forms(grey_bank: GlyphBank, sequences: Any) -> None:
    batch = DigitSequence(seed=7, source=grey_bank).batch(sequences, RANGE, WIDTH)
    plain = DigitSequence(seed=7, source=grey_bank).batch([[2, 0, 6], [1, 3]], RANGE, WIDTH)
    assert (batch.images == plain.images).all()
    assert [sample.labels for sample in batch] == [(2, 0, 6), (1, 3)]


@given(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=5), min_size=1, max_size=6))
def test_the_labels_of_a_batch_make_the_batch_again(
    grey_bank: GlyphBank, sequences: list[list[int]]
) -> None:
    generator = DigitSequence(seed=7, source=grey_bank)
    batch = generator.batch(sequences, RANGE, WIDTH)
    again = generator.batch(batch.labels, RANGE, WIDTH)
    assert (batch.images == again.images).all()
    assert (batch.labels == again.labels).all()
    assert (batch.lengths == again.lengths).all()
    assert [list(sample.labels) for sample in again] == sequences


def test_a_batch_begins_where_start_says(generator: DigitSequence) -> None:
    whole = generator.batch([[2, 0]] * 10, RANGE, WIDTH)
    later = generator.batch([[2, 0]] * 4, RANGE, WIDTH, start=6)
    assert later.indices.tolist() == [6, 7, 8, 9]
    assert (later.images == whole.images[6:]).all()
    assert (later.gaps == whole.gaps[6:]).all()


@pytest.mark.parametrize("start", [2**63 - 2, np.uint64(2**63 - 2)])
def test_the_last_samples_there_are_can_be_had(generator: DigitSequence, start: Any) -> None:
    batch = generator.batch([[2, 0]] * 2, RANGE, WIDTH, start=start)
    last = generator.sample([2, 0], RANGE, WIDTH, index=2**63 - 1)
    assert (batch.images[1] == last.image).all()
    assert (last.index, batch[1].index) == (2**63 - 1, 2**63 - 1)


@pytest.mark.parametrize("dtype", [np.float32, np.uint8])
def test_a_stream_is_the_batches_in_turn(generator: DigitSequence, dtype: Any) -> None:
    stream = generator.stream(MIXED, RANGE, WIDTH, batch_size=4, dtype=dtype)
    for number, batch in enumerate(taken(stream, 5)):
        first = 4 * number
        sequences = [MIXED[index % 3] for index in range(first, first + 4)]
        expected = generator.batch(sequences, RANGE, WIDTH, start=first, dtype=dtype)
        there = max(map(len, sequences))
        assert batch.images.dtype == dtype
        assert (batch.images == expected.images).all()
        assert (batch.labels[:, :there] == expected.labels).all()
        assert batch.indices.tolist() == list(range(first, first + 4))


def test_a_stream_has_256_samples_a_batch_unless_said_otherwise(generator: DigitSequence) -> None:
    first, second = taken(generator.stream([[2, 0]], RANGE, WIDTH), 2)
    assert first.images.shape == (256, 28, WIDTH)
    assert second.indices[0] == 256


def test_a_function_draws_the_labels_of_a_stream(generator: DigitSequence) -> None:
    stream = generator.stream(lambda rng: rng.integers(0, 9, 5), RANGE, 160, batch_size=50)
    first, second = taken(stream, 2)
    assert set(np.unique(first.labels)) == set(range(10))
    assert not (first.labels == second.labels).all()
    expected = Draws(7, "labels", range(50, 100)).integers(0, 9, 5)
    assert (second.labels == expected).all()
    assert (second.images == generator.batch(expected, RANGE, 160, start=50).images).all()


def test_drawn_labels_may_be_of_mixed_lengths(generator: DigitSequence) -> None:
    def drawn(rng: Draws) -> Any:
        labels = rng.integers(0, 9, 5)
        return np.where(np.arange(5) < rng.integers(2, 5, 1), labels, -1)

    batch = next(generator.stream(drawn, RANGE, WIDTH, batch_size=60))
    assert set(batch.lengths) == {2, 3, 4, 5}
    assert [len(sample.labels) for sample in batch] == batch.lengths.tolist()


def drawn_digits(rng: Draws) -> Any:
    return rng.integers(0, 9, 4)


@pytest.mark.parametrize("sequences", [MIXED, drawn_digits])
@pytest.mark.parametrize("batch_size", [1, 5, 7])
def test_a_stream_goes_on_where_another_stopped(
    generator: DigitSequence, sequences: Any, batch_size: int
) -> None:
    whole = next(generator.stream(sequences, RANGE, WIDTH, batch_size=40))
    later = generator.stream(sequences, RANGE, WIDTH, batch_size=batch_size, start=13)
    samples = list(islice(chain.from_iterable(later), 20))
    assert [sample.index for sample in samples] == list(range(13, 33))
    for sample in samples:
        assert (sample.image == whole.images[sample.index]).all()
        assert sample.to_dict() == whole[sample.index].to_dict()


def test_a_stream_keeps_no_batch_that_nobody_else_keeps(generator: DigitSequence) -> None:
    stream = generator.stream(MIXED, RANGE, WIDTH, batch_size=5)
    batch = next(stream)
    assert batch.masks.any()
    gone = weakref.ref(batch)
    del batch
    gc.collect()
    assert gone() is None


def test_a_stream_takes_no_more_memory_the_longer_it_runs(grey_bank: GlyphBank) -> None:
    # No compiling in between; and equal gaps, because the weights of each new width are kept.
    generator = DigitSequence(seed=7, source=grey_bank, renderer="numpy")
    stream = generator.stream(drawn_digits, (5, 5), 400, batch_size=20)
    tracemalloc.start()
    try:
        size = taken(stream, 5)[-1].images.nbytes
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(25):
            assert next(stream)[0].ink_boxes.any()
        assert tracemalloc.get_traced_memory()[0] < before + size // 2
    finally:
        tracemalloc.stop()


def test_two_streams_do_not_disturb_each_other(generator: DigitSequence) -> None:
    one = generator.stream(drawn_digits, RANGE, WIDTH, batch_size=3)
    other = generator.stream(drawn_digits, RANGE, WIDTH, batch_size=3)
    for ours, theirs in islice(zip(one, other, strict=True), 4):
        assert (ours.images == theirs.images).all()
        assert not np.shares_memory(ours.images, theirs.images)


def test_a_list_of_sequences_is_read_once(generator: DigitSequence) -> None:
    batches = generator.stream((row for row in MIXED), RANGE, WIDTH, batch_size=2)
    assert [sample.labels for batch in taken(batches, 3) for sample in batch] == [
        tuple(row) for row in MIXED * 2
    ]


STREAM_FAULTS: list[tuple[dict[str, Any], type[ImageSequenceError], str]] = [
    ({"sequences": [2, 0]}, ArgumentTypeError, "digits are a sequence of whole numbers"),
    ({"sequences": []}, ArgumentValueError, "there are no sequences"),
    ({"sequences": 5}, ArgumentTypeError, "sequences are lists of digits"),
    ({"spacing_range": (9, 0)}, ArgumentValueError, "the minimum spacing 9 is above"),
    ({"image_width": 0}, ArgumentValueError, "an image_width lies from 1"),
    ({"batch_size": 0}, ArgumentValueError, "a batch_size of 0 makes no batch, 1 or more does"),
    ({"batch_size": -1}, ArgumentValueError, "a batch_size"),
    ({"batch_size": 2.0}, ArgumentTypeError, "a batch_size is a whole number"),
    ({"batch_size": True}, ArgumentTypeError, "a batch_size is a whole number"),
    ({"batch_size": None}, ArgumentTypeError, "a batch_size is a whole number"),
    ({"start": -1}, ArgumentValueError, "a start lies from 0"),
    ({"start": 1.0}, ArgumentTypeError, "a start is a whole number"),
    ({"start": 2**63 - 255}, ArgumentValueError, r"a start lies from 0 to 2\*\*63 - 256"),
    ({"dtype": np.float64}, ArgumentValueError, "pictures are float32 or uint8, not float64"),
    ({"dtype": "nonsense"}, ArgumentTypeError, "a dtype is float32 or uint8, not 'nonsense'"),
]


@pytest.mark.parametrize(("fault", "kind", "message"), STREAM_FAULTS)
def test_a_stream_checks_its_arguments_before_the_first_batch_is_asked_for(
    generator: DigitSequence, fault: dict[str, Any], kind: type[ImageSequenceError], message: str
) -> None:
    arguments: dict[str, Any] = {"sequences": MIXED, "spacing_range": RANGE, "image_width": WIDTH}
    with pytest.raises(kind, match=message):
        generator.stream(**(arguments | fault))


@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_function_of_another_number_of_sequences_is_named(
    generator: DigitSequence, count: int
) -> None:
    stream = generator.stream(lambda rng: [[2, 0]] * count, RANGE, WIDTH, batch_size=4)
    with pytest.raises(PluginError, match=rf"returned {count} of them for a batch of 4; one for"):
        next(stream)


@pytest.mark.parametrize(
    "result", [None, 5, "2026", [2, 0, 2, 6], np.zeros((4, 2)), np.full((4, 2), 11), [[]] * 4]
)
def test_a_function_of_no_sequences_gets_an_error_of_ours(
    generator: DigitSequence, result: Any
) -> None:
    stream = generator.stream(lambda rng: result, RANGE, WIDTH, batch_size=4)
    with pytest.raises(ImageSequenceError):
        next(stream)


@pytest.mark.parametrize(("start", "count"), [(2**63 - 5, 4), (2**63 - 6, 6), (2**63 - 2, 2)])
def test_a_stream_ends_with_the_last_whole_batch(
    generator: DigitSequence, start: int, count: int
) -> None:
    stream = generator.stream([[2, 0]], RANGE, WIDTH, batch_size=2, start=start)
    indices = [index for batch in stream for index in batch.indices.tolist()]
    assert indices == list(range(start, start + count))


NO_SEQUENCES: list[tuple[Any, type[ImageSequenceError], str]] = [
    ([2, 0], ArgumentTypeError, r"digits are a sequence of whole numbers such as \[0, 1\], not 2"),
    (np.array([2, 0]), ArgumentTypeError, "digits are a sequence of whole numbers"),
    ("20", ArgumentTypeError, r"sequences are lists of digits such as \[\[0, 1\], \[7\]\], not"),
    (b"20", ArgumentTypeError, "sequences are lists of digits"),
    (5, ArgumentTypeError, "sequences are lists of digits"),
    (None, ArgumentTypeError, "sequences are lists of digits"),
    (["20"], ArgumentTypeError, r"digits are whole numbers such as 0 or 7, not '2' \(str\)"),
    ([[2, "0"]], ArgumentTypeError, r"not '0' \(str\)"),
    ([[2, True]], ArgumentTypeError, r"not True \(bool\)"),
    ([[2, 0.0]], ArgumentTypeError, r"not 0.0 \(float\)"),
    ([[2, None]], ArgumentTypeError, r"not None \(NoneType\)"),
    ([[2, 0], None], ArgumentTypeError, "digits are a sequence of whole numbers"),
    ([[[2, 0]]], ArgumentTypeError, r"not \[2, 0\] \(list\)"),
    (np.zeros((2, 3, 4), int), ArgumentTypeError, "digits are whole numbers"),
    (np.array([[2.0, 0.0]]), ArgumentTypeError, "holds whole numbers, not float64; .*astype"),
    (np.array([[True, False]]), ArgumentTypeError, "holds whole numbers, not bool"),
    (np.array([[2, 0]], object), ArgumentTypeError, "holds whole numbers, not object"),
    ([], ArgumentValueError, r"there are no sequences; a batch has at least one: \[\[7\]\]"),
    ([[]], ArgumentValueError, r"there are no digits; a sequence has at least one, such as \[7\]"),
    ([[2, 0], []], ArgumentValueError, "there are no digits"),
    ([[2, 0], iter([])], ArgumentValueError, "there are no digits"),
    (np.zeros((0, 2), int), ArgumentValueError, "there are no sequences"),
    (np.zeros((2, 0), int), ArgumentValueError, "there are no digits"),
    (np.array([[2, 0], [-1, -1]]), ArgumentValueError, "there are no digits in a row"),
    (np.array([[2, -1, 0]]), ArgumentValueError, "-1 stands behind the last digit of a row, and"),
    (np.array([[-1, 2, 0]]), ArgumentValueError, "-1 stands behind the last digit of a row, and"),
    ([[2, -1, 0]], ArgumentValueError, r"greys \(all\) has no image of -1; it has images of 0, 1"),
    ([[2, 0], [2, 10]], ArgumentValueError, "has no image of 10"),
    (np.array([[2, -2]]), ArgumentValueError, "has no image of -2"),
    ([[2, 2**63]], ArgumentValueError, r"labels lie from -2\*\*63 to 2\*\*63 - 1"),
]


@pytest.mark.parametrize(("sequences", "kind", "message"), NO_SEQUENCES)
def test_what_is_no_sequences_is_refused(
    generator: DigitSequence, sequences: Any, kind: type[ImageSequenceError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        generator.batch(sequences, RANGE, WIDTH)


def test_labels_beyond_what_an_int64_holds_are_refused(generator: DigitSequence) -> None:
    with pytest.raises(ArgumentValueError):
        generator.batch(np.array([[2, 0, 2**64 - 1]], np.uint64), RANGE, WIDTH)


INDICES: list[tuple[Any, type[ImageSequenceError], str]] = [
    (-1, ArgumentValueError, r"lies from 0 to 2\*\*63 - 1, -1 does not"),
    (2**63, ArgumentValueError, r"lies from 0 to 2\*\*63 - 1, 9223372036854775808 does not"),
    (np.uint64(2**63), ArgumentValueError, r"lies from 0 to 2\*\*63 - 1, "),
    (10**5000, ArgumentValueError, r"lies from 0 to 2\*\*63 - 1, an int too long to show does not"),
    (1.0, ArgumentTypeError, "is a whole number such as 0, not 1.0"),
    (True, ArgumentTypeError, "is a whole number such as 0, not True"),
    ("1", ArgumentTypeError, "is a whole number such as 0, not '1'"),
    (None, ArgumentTypeError, "is a whole number such as 0, not None"),
    ([1], ArgumentTypeError, r"is a whole number such as 0, not \[1\]"),
]
INDEX_IDS = [type(index).__name__ + str(number) for number, (index, _, _) in enumerate(INDICES)]


@pytest.mark.parametrize(("index", "kind", "message"), INDICES, ids=INDEX_IDS)
def test_a_bad_index_or_start_is_refused(
    generator: DigitSequence, index: Any, kind: type[ImageSequenceError], message: str
) -> None:
    with pytest.raises(kind, match=f"an index {message}"):
        generator.sample([2, 0], RANGE, WIDTH, index=index)
    with pytest.raises(kind, match=f"a start {message}"):
        generator.batch([[2, 0]], RANGE, WIDTH, start=index)


def test_a_start_leaves_room_for_the_whole_batch(generator: DigitSequence) -> None:
    with pytest.raises(ArgumentValueError, match=r"a start lies from 0 to 2\*\*63 - 3, "):
        generator.batch(MIXED, RANGE, WIDTH, start=2**63 - 2)


DTYPES: list[tuple[Any, type[ImageSequenceError], str]] = [
    (np.float64, ArgumentValueError, "pictures are float32 or uint8, not float64"),
    (None, ArgumentValueError, "pictures are float32 or uint8, not float64"),
    (float, ArgumentValueError, "pictures are float32 or uint8, not float64"),
    (object, ArgumentValueError, "pictures are float32 or uint8, not object"),
    (bool, ArgumentValueError, "pictures are float32 or uint8, not bool"),
    (">f4", ArgumentValueError, "pictures are float32 or uint8, not >f4"),
    ("nonsense", ArgumentTypeError, "a dtype is float32 or uint8, not 'nonsense'"),
    (3, ArgumentTypeError, "a dtype is float32 or uint8, not 3"),
]


@pytest.mark.parametrize(("dtype", "kind", "message"), DTYPES)
def test_another_dtype_is_refused(
    generator: DigitSequence, dtype: Any, kind: type[ImageSequenceError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        generator.batch(MIXED, RANGE, WIDTH, dtype=dtype)
    with pytest.raises(kind, match=message):
        generator.sample([2, 0], RANGE, WIDTH, index=0, dtype=dtype)


@pytest.mark.parametrize("call", ["batch", "sample", "stream"])
def test_ranges_and_widths_are_checked_as_for_single_pictures(
    generator: DigitSequence, call: str
) -> None:
    def called(spacing_range: Any, image_width: Any) -> object:
        more = {"index": 0} if call == "sample" else {}
        digits: Any = [2, 0] if call == "sample" else [[2, 0]]
        return getattr(generator, call)(digits, spacing_range, image_width, **more)

    with pytest.raises(ArgumentTypeError, match="a spacing range is a pair of whole numbers"):
        called(5, WIDTH)
    with pytest.raises(ArgumentValueError, match="the minimum spacing 9 is above the maximum 0"):
        called((9, 0), WIDTH)
    with pytest.raises(ArgumentTypeError, match="an image_width is a whole number of pixels"):
        called(RANGE, 60.0)


def configured(folder: Path, **image: Any) -> Path:
    path = folder / "config.json"
    path.write_text(json.dumps(CLASSIC | {"image": {"transform": False, **image}}))
    return path


CANVASES: list[dict[str, Any]] = [
    {"fit": "pad"},
    {"fit": "pad", "align": "right"},
    {"fit": "pad", "align": "centre", "image_height": 40},
    {"fit": "pad", "align": "drawn", "ink": "light"},
    {"image_height": 20, "resample": "lanczos"},
    {"resample": "nearest", "ink": "light"},
]


@pytest.mark.parametrize("canvas", CANVASES)
def test_a_canvas_of_the_configuration_is_one_of_keywords(
    grey_bank: GlyphBank, tmp_path: Path, canvas: dict[str, Any]
) -> None:
    by_file = DigitSequence(configured(tmp_path, **canvas), seed=7, source=grey_bank)
    by_keyword = DigitSequence(seed=7, source=grey_bank, **canvas)
    default = DigitSequence(seed=7, source=grey_bank)
    ours, theirs = (each.batch(MIXED, RANGE, 150) for each in (by_file, by_keyword))
    assert (ours.images == theirs.images).all()
    assert (ours.ink_boxes == theirs.ink_boxes).all()
    assert not np.array_equal(ours.images, default.batch(MIXED, RANGE, 150).images)
    assert by_file.config["image"] == {"transform": False, **canvas}


def test_keywords_go_before_the_configuration(grey_bank: GlyphBank, tmp_path: Path) -> None:
    path = configured(tmp_path, fit="pad", align="right", image_height=40, ink="light")
    mixed = DigitSequence(path, seed=7, source=grey_bank, align="left", image_height=30)
    plain = DigitSequence(seed=7, source=grey_bank, fit="pad", image_height=30, ink="light")
    back = DigitSequence(path, seed=7, source=grey_bank, fit="resize", ink="dark", image_height=28)
    classic = DigitSequence(seed=7, source=grey_bank)
    for ours, theirs in ((mixed, plain), (back, classic)):
        one, other = (each.batch(MIXED, RANGE, 150).images for each in (ours, theirs))
        assert (one == other).all()


def test_the_classic_configuration_is_what_it_was() -> None:
    assert Configuration().to_dict() == CLASSIC
    assert DigitSequence().config == CLASSIC
    assert Configuration.from_dict(CLASSIC).canvas == Canvas()


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "fit": st.sampled_from(["resize", "pad"]),
            "align": st.sampled_from(["left", "centre", "right", "drawn"]),
            "image_height": st.none() | st.integers(1, 10_000),
            "resample": st.sampled_from(["nearest", "box", "hamming", "lanczos"]),
            "ink": st.sampled_from(["dark", "light"]),
        },
    )
)
def test_a_configuration_goes_to_json_and_back(canvas: dict[str, Any]) -> None:
    settings = CLASSIC | {"image": {"transform": True, **canvas}}
    configuration = Configuration.from_dict(settings)
    assert configuration.canvas == Canvas(**canvas)
    there = json.loads(json.dumps(configuration.to_dict()))
    assert Configuration.from_dict(there) == configuration


CANVAS_FAULTS: list[tuple[dict[str, Any], type[ImageSequenceError], str]] = [
    ({"fit": "stretch"}, ConfigurationValueError, "fit is one of 'resize', 'pad', not 'stretch'"),
    ({"align": "center"}, ConfigurationValueError, "align is one of 'left', 'centre', 'right', "),
    ({"resample": "cubic"}, ConfigurationValueError, "resample is one of 'nearest', 'box', "),
    ({"ink": "black"}, ConfigurationValueError, "ink is one of 'dark', 'light', not 'black'"),
    ({"ink": None}, ConfigurationValueError, "ink is one of 'dark', 'light', not None"),
    ({"fit": ["pad"]}, ConfigurationValueError, "fit is one of 'resize', 'pad', not"),
    ({"image_height": 0}, ConfigurationValueError, "an image_height lies from 1 to 10000"),
    ({"image_height": 32.0}, ConfigurationTypeError, "an image_height is a whole number"),
    ({"image_height": "32"}, ConfigurationTypeError, "an image_height is a whole number"),
    ({"height": 32}, ConfigurationValueError, "image has 'height', which means nothing; its keys"),
]


@pytest.mark.parametrize(("image", "kind", "message"), CANVAS_FAULTS)
def test_a_configuration_says_what_is_wrong_with_its_canvas(
    tmp_path: Path, image: dict[str, Any], kind: type[ImageSequenceError], message: str
) -> None:
    with pytest.raises(kind) as caught:
        DigitSequence(configured(tmp_path, **image))
    assert message in str(caught.value)
    assert "image" in str(caught.value)


@pytest.mark.parametrize(
    ("keyword", "kind"),
    [
        ({"fit": "stretch"}, ArgumentValueError),
        ({"align": "center"}, ArgumentValueError),
        ({"resample": 3}, ArgumentValueError),
        ({"ink": "black"}, ArgumentValueError),
        ({"image_height": 0}, ArgumentValueError),
        ({"image_height": 32.0}, ArgumentTypeError),
        ({"renderer": "opencl"}, ArgumentValueError),
        ({"renderer": None}, ArgumentValueError),
        ({"renderer": "NumPy"}, ArgumentValueError),
    ],
)
def test_a_bad_keyword_is_refused_at_once(
    keyword: dict[str, Any], kind: type[ImageSequenceError]
) -> None:
    (name,) = keyword
    with pytest.raises(kind, match=name):
        DigitSequence(**keyword)


def test_the_renderers_there_are_get_named() -> None:
    with pytest.raises(
        ArgumentValueError, match=r"renderer is one of 'auto', 'numpy', 'numba', not 'opencl'"
    ):
        DigitSequence(renderer="opencl")


def test_a_batch_that_cannot_be_made_changes_nothing(generator: DigitSequence) -> None:
    before = generator.generate_numbers_sequence([2, 0], RANGE, WIDTH)
    with pytest.raises(ArgumentValueError):
        generator.batch([[2, 11]], RANGE, WIDTH)
    assert not (generator.generate_numbers_sequence([2, 0], RANGE, WIDTH) == before).all()
    assert (generator.batch([[2, 0]], RANGE, WIDTH).images[0] == before).all()


def test_a_strategy_that_fails_later_does_not_spoil_earlier_pictures() -> None:
    def failing(request: SpacingRequest, rng: Draws) -> Any:
        if (rng.indices >= 5).any():
            raise RuntimeError("the user's own")
        return np.zeros((rng.batch_size, request.glyph_count + 1), np.int64)

    generator = DigitSequence(seed=7, spacing=failing)
    for _ in range(5):
        generator.generate_numbers_sequence([1, 2], RANGE, WIDTH)
    with pytest.raises(RuntimeError, match="the user's own"):
        generator.generate_numbers_sequence([1, 2], RANGE, WIDTH)


def test_a_slice_of_a_batch_and_arrays_for_words_are_refused_in_words(
    generator: DigitSequence,
) -> None:
    batch = generator.batch([[2, 0]], RANGE, WIDTH)
    assert batch[np.int64(0)].text == "20"
    with pytest.raises(TypeError, match="integer"):
        batch[0:1]  # type: ignore[index]  # that is the fault
    for word in ("fit", "renderer", "align"):
        with pytest.raises(ArgumentValueError, match=f"{word} is one of"):
            DigitSequence(**{word: np.array(["pad", "numpy"])})


@pytest.mark.parametrize("preset", ["classic", "hard", "colour"])
def test_the_records_of_a_batch_are_those_of_its_samples(preset: str) -> None:
    batch = DigitSequence(preset=preset, seed=7).batch(MIXED, (2, 9), 150, start=3)
    assert batch.to_dicts() == [sample.to_dict() for sample in batch]
    assert batch.to_jsons() == [sample.to_json() for sample in batch]
    assert batch.to_dicts(masks=True) == [sample.to_dict(masks=True) for sample in batch]
    assert batch.to_jsons(masks=True) == [sample.to_json(masks=True) for sample in batch]


def test_the_records_of_labels_as_text_and_of_known_writers_are_the_samples_as_well() -> None:
    images = np.full((4, 9, 5), 200, np.uint8)
    bank = GlyphBank(
        images, np.arange(4) % 2, names={0: "cat", 1: "dog"}, writers=np.arange(4) // 3
    )
    batch = ImageSequence(bank, seed=7).batch([["cat"] * 3, ["dog"] * 2], (0, 3), 40)
    assert batch.to_dicts() == [sample.to_dict() for sample in batch]
    assert batch.to_jsons() == [sample.to_json() for sample in batch]


def test_digests_are_the_same_when_more_are_asked_for_than_are_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    images = np.arange(30 * 12, dtype=np.int64).reshape(30, 4, 3).astype(np.uint8)
    bank = GlyphBank(images, np.zeros(30, np.int64))
    whole = bank.digests(np.arange(30))
    monkeypatch.setattr("image_sequence.glyphs.bank._MOST_DIGESTS", 4)
    assert [bank.digests(np.array([k, 29 - k]))[0] for k in range(30)] == whole


def test_a_stream_stops_where_it_is_told(generator: DigitSequence) -> None:
    some = generator.stream(MIXED, RANGE, WIDTH, batch_size=4, start=5, stop=15)
    batches = list(some)
    assert [len(batch) for batch in batches] == [4, 4, 2]
    endless = taken(generator.stream(MIXED, RANGE, WIDTH, batch_size=10, start=5), 1)[0]
    images = np.concatenate([batch.images for batch in batches])
    np.testing.assert_array_equal(images, endless.images)
    assert list(generator.stream(MIXED, RANGE, WIDTH, start=5, stop=5)) == []


@pytest.mark.parametrize(
    ("stop", "kind"),
    [(4, ArgumentValueError), (2**63 + 1, ArgumentValueError), (7.0, ArgumentTypeError)],
)
def test_a_stop_that_cannot_be_is_refused(
    generator: DigitSequence, stop: Any, kind: type[Exception]
) -> None:
    with pytest.raises(kind, match="a stop"):
        generator.stream(MIXED, RANGE, WIDTH, start=5, stop=stop)


def test_texts_are_those_of_the_stream_without_its_pictures(generator: DigitSequence) -> None:
    def drawn(rng: Draws) -> Any:
        return rng.integers(0, 9, 3)

    for sequences in (MIXED, drawn):
        batch = next(generator.stream(sequences, RANGE, WIDTH, batch_size=7, start=5))
        assert generator.texts(sequences, start=5, stop=12) == batch.texts


def test_lengths_are_checked_without_drawing(generator: DigitSequence) -> None:
    generator.check_lengths([2, 9], RANGE, WIDTH)
    with pytest.raises(NoGapError, match="one digit has no gap"):
        generator.check_lengths([2, 1], RANGE, WIDTH)


def test_a_fingerprint_tells_glyphs_labels_and_parts_apart(grey_bank: GlyphBank) -> None:
    def fingerprint(bank: GlyphBank) -> str:
        return DigitSequence(source=bank, seed=1).fingerprint

    images, labels = grey_bank.images.copy(), grey_bank.labels
    assert fingerprint(GlyphBank(images, labels)) == fingerprint(grey_bank)
    images[3, 0, 0] += 1
    others = [
        GlyphBank(images, labels),
        GlyphBank(grey_bank.images, labels[::-1]),
        grey_bank.restricted(np.arange(10), "train"),
        GlyphBank(grey_bank.images, labels, writers=labels),
    ]
    assert len({fingerprint(bank) for bank in [grey_bank, *others]}) == 5


def test_a_configuration_does_in_place_of_its_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(CLASSIC))
    own = Configuration.from_dict(CLASSIC)
    one = DigitSequence(own, seed=7).batch(MIXED, RANGE, WIDTH)
    np.testing.assert_array_equal(
        one.images, DigitSequence(path, seed=7).batch(MIXED, RANGE, WIDTH).images
    )
