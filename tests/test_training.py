"""Training without any framework: epochs, what a loop is handed, targets that CTC can align."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dataset_formats import SMALL
from hypothesis import given
from hypothesis import strategies as st

from image_sequence import DigitSequence
from image_sequence.datasets import Recipe, write_dataset
from image_sequence.datasets.making import Maker
from image_sequence.datasets.policies.kinds import Alphabet
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    InfeasibleTargetError,
    LibraryError,
    RecipeNotFoundError,
)
from image_sequence.training import CtcCollate, Samples, SequenceGenerator, class_count
from image_sequence.training.collating import Terms, class_rows, plain
from image_sequence.training.ctc import needed_frames
from image_sequence.training.epochs import Order, Schedule, epoch_seed

DIGITS = Alphabet.of({number: str(number) for number in range(10)})


def half(width: int) -> int:
    return (width + 1) // 2


@given(st.integers(1, 300), st.integers(1, 40), st.integers(1, 9))
def test_every_place_is_one_ranks_and_all_ranks_have_as_many_batches(
    count: int, batch_size: int, ranks: int
) -> None:
    if count < ranks or (batch_size == 1 and count % ranks):
        return
    schedule = Schedule(count, batch_size, ranks)
    spans = [schedule.places(step, rank) for step in range(len(schedule)) for rank in range(ranks)]
    assert [place for first, stop in spans for place in range(first, stop)] == list(range(count))
    assert all(1 <= stop - first <= batch_size for first, stop in spans)


def test_batches_are_whole_up_to_the_last() -> None:
    schedule = Schedule(1000, batch_size=256)
    assert [schedule.places(step, 0) for step in range(4)] == [
        (0, 256),
        (256, 512),
        (512, 768),
        (768, 1000),
    ]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"batch_size": 0}, ArgumentValueError, "batch_size is at least 1, 0 is not"),
        ({"batch_size": 2.5}, ArgumentTypeError, "batch_size is a whole number such as 2, not 2.5"),
        ({"ranks": 11}, ArgumentValueError, "10 samples are fewer than 11 ranks"),
        ({"ranks": 3, "batch_size": 1}, ArgumentValueError, "use a count that 3 divides, or a"),
    ],
)
def test_schedules_that_cannot_be(
    wrong: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        Schedule(**{"count": 10, "batch_size": 2, "ranks": 1} | wrong)


def test_a_shuffled_epoch_has_every_sample_once_in_an_order_of_its_own() -> None:
    order = Order(start=40, count=70_000, shuffled=True)
    first, second = order.of_epoch(7, 0), order.of_epoch(7, 1)
    np.testing.assert_array_equal(np.sort(first), np.arange(40, 70_040))
    np.testing.assert_array_equal(np.sort(second), np.arange(40, 70_040))
    assert (first != second).mean() > 0.99
    assert (first != np.arange(40, 70_040)).mean() > 0.99
    np.testing.assert_array_equal(first, order.of_epoch(7, 0))


def test_the_first_epoch_has_the_recipes_seed_and_no_two_have_the_same() -> None:
    seeds = [epoch_seed(seed, epoch) for seed in range(30) for epoch in range(30)]
    assert len(set(seeds)) == 900
    assert epoch_seed(7, 0) == 7


def test_samples_by_index_are_those_of_the_stream_in_the_order_asked_for() -> None:
    recipe = Recipe.from_dict(SMALL | {"start": 5})
    batch = Samples(recipe).batch(0, np.array([200, 7, 8]))
    (stream,) = Maker(recipe).batches(5, 235)
    np.testing.assert_array_equal(batch.images, stream.images[[195, 2, 3]])
    assert batch.texts == [stream.texts[row] for row in (195, 2, 3)]


def test_labels_by_index_are_those_of_the_pictures_also_where_sequences_are_held_out() -> None:
    generator = DigitSequence(seed=7, split="test", split_by="sequence")
    drawn = DigitSequence.labels_at, DigitSequence.batch_at

    def two(rng: Any) -> Any:
        return rng.integers(0, 9, 2)

    labels, lengths = drawn[0](generator, two, [9, 3])
    batch = drawn[1](generator, two, (0, 3), 60, indices=[9, 3])
    np.testing.assert_array_equal(labels, batch.labels)
    np.testing.assert_array_equal(lengths, [2, 2])


@pytest.mark.parametrize(
    ("indices", "error"),
    [([], ArgumentTypeError), ([0.5], ArgumentTypeError), ([-1], ArgumentValueError)],
)
def test_indices_that_cannot_be(indices: list[Any], error: type[Exception]) -> None:
    with pytest.raises(error, match=r"^indices "):
        DigitSequence(seed=7).batch_at([[1, 2]], (0, 3), 60, indices=indices)


def test_a_generator_under_another_seed_is_that_seeds_and_leaves_the_first_alone() -> None:
    generator = DigitSequence(seed=7)
    first = generator.generate_numbers_sequence([2, 6], (0, 9), 70)
    other = generator.with_seed(8)
    same = DigitSequence(seed=8).generate_numbers_sequence([2, 6], (0, 9), 70)
    np.testing.assert_array_equal(other.generate_numbers_sequence([2, 6], (0, 9), 70), same)
    assert other.images is generator.images
    assert (generator.seed, other.seed) == (7, 8)
    again = DigitSequence(seed=7)
    again.generate_numbers_sequence([2, 6], (0, 9), 70)
    second = again.generate_numbers_sequence([2, 6], (0, 9), 70)
    np.testing.assert_array_equal(generator.generate_numbers_sequence([2, 6], (0, 9), 70), second)
    assert (first != second).any()


def test_the_first_epoch_is_the_data_set_of_the_recipe_and_the_next_have_other_pictures() -> None:
    indices = np.arange(20)
    fresh, same = Samples(SMALL), Samples(SMALL, fresh=False)
    first = fresh.columns(0, indices)
    assert first["text"] == next(Maker(fresh.recipe).batches(0, 20)).texts
    assert fresh.columns(1, indices)["text"] != first["text"]
    assert same.columns(1, indices)["text"] == first["text"]
    np.testing.assert_array_equal(fresh.columns(0, indices)["image"], first["image"])


def test_whatever_tells_of_a_recipe_is_one(tmp_path: Path) -> None:
    write_dataset(SMALL, tmp_path / "set", watch=None)
    (tmp_path / "recipe.json").write_text(json.dumps(SMALL))
    recipe = Recipe.from_dict(SMALL)
    for told in (recipe, SMALL, tmp_path / "set", str(tmp_path / "recipe.json")):
        assert Samples(told).recipe == recipe


def test_a_folder_without_a_data_set_and_a_file_that_is_missing(tmp_path: Path) -> None:
    for where in (tmp_path, tmp_path / "recipe.json"):
        with pytest.raises(RecipeNotFoundError):
            Samples(where)


def test_pickled_samples_are_a_recipe_and_make_the_same_pictures() -> None:
    samples = Samples(SMALL, collate=CtcCollate(stride=4))
    before = samples.columns(3, np.arange(4))
    pickled = pickle.dumps(samples)
    assert len(pickled) < 5_000
    after = pickle.loads(pickled).columns(3, np.arange(4))  # noqa: S301  # our own
    np.testing.assert_array_equal(before["image"], after["image"])
    np.testing.assert_array_equal(before["target"], after["target"])


def test_plain_columns_are_pictures_and_classes() -> None:
    columns = Samples(SMALL).columns(0, np.arange(30))
    assert columns["image"].shape == (30, 1, 28, 96)
    assert columns["image"].dtype == np.uint8
    assert columns["labels"].shape == (30, 4)
    for text, row, length in zip(
        columns["text"], columns["labels"], columns["length"], strict=True
    ):
        assert row.tolist() == [*map(int, text), *[-1] * (4 - length)]


def test_pictures_in_colour_have_three_channels() -> None:
    columns = Samples(SMALL | {"preset": "colour"}, dtype=np.float32).columns(0, np.arange(3))
    batch = Samples(SMALL | {"preset": "colour"}, dtype=np.float32).batch(0, np.arange(3))
    assert columns["image"].shape == (3, 3, 28, 96)
    assert columns["image"].dtype == np.float32
    np.testing.assert_array_equal(columns["image"][:, 2], batch.images[..., 2])


def test_classes_are_places_in_the_alphabet_whatever_the_labels_numbers() -> None:
    terms = Terms(Alphabet.of({40: "a", 7: "b", 9: "c"}), longest=3, image_width=50)
    rows = class_rows(np.array([[7, 40], [9, -1]]), terms, first=1, filling=0)
    assert rows.tolist() == [[2, 1, 0], [3, 0, 0]]


@pytest.mark.parametrize(
    ("labels", "needed"), [([1, 2, 3], 3), ([1, 1, 1], 5), ([1, 2, 2], 4), ([5, -1, -1], 1)]
)
def test_a_target_needs_a_frame_a_label_and_one_between_equal_neighbours(
    labels: list[int], needed: int
) -> None:
    length = sum(label >= 0 for label in labels)
    assert needed_frames(np.array([labels]), np.array([length])).tolist() == [needed]


def test_ctc_columns_are_targets_and_lengths() -> None:
    columns = Samples(SMALL, collate=CtcCollate(stride=4)).columns(0, np.arange(30))
    assert set(columns["input_length"].tolist()) == {24}
    for text, row, length in zip(
        columns["text"], columns["target"], columns["target_length"], strict=True
    ):
        assert row.tolist() == [*(int(digit) + 1 for digit in text), *[0] * (4 - length)]


def test_the_blank_may_be_the_last_class() -> None:
    columns = Samples(SMALL, collate=CtcCollate(blank=-1)).columns(0, np.arange(9))
    first = columns["target"][0].tolist()
    assert first == [*map(int, columns["text"][0]), *[10] * (4 - columns["target_length"][0])]
    assert CtcCollate(blank=-1).texts([[3, 3, 10, 3]], DIGITS) == ["33"]
    assert class_count(DIGITS) == 11


def test_a_function_tells_the_frames_of_models_that_pad() -> None:
    columns = Samples(SMALL | {"width": 95}, collate=CtcCollate(stride=half)).columns(
        0, np.arange(2)
    )
    assert columns["input_length"].tolist() == [48, 48]


@given(
    st.lists(st.text("0123456789", min_size=1, max_size=6), min_size=1, max_size=5),
    st.sampled_from([0, -1]),
    st.randoms(use_true_random=False),
)
def test_frames_that_spell_a_text_read_as_that_text(
    texts: list[str], blank: int, chance: Any
) -> None:
    collate = CtcCollate(blank=blank)
    first, empty = (1, 0) if blank == 0 else (0, 10)
    rows = []
    for text in texts:
        frames = [empty] * chance.randint(0, 2)
        for before, digit in zip(" " + text, text, strict=False):
            frames += [empty] * (chance.randint(0, 2) + (before == digit))
            frames += [int(digit) + first] * chance.randint(1, 3)
        rows.append(frames)
    width = max(map(len, rows))
    padded = [row + [empty] * (width - len(row)) for row in rows]
    assert collate.texts(padded, DIGITS) == texts


def test_classes_that_there_are_not_cannot_be_read() -> None:
    with pytest.raises(ArgumentValueError, match="classes lie from 0 to 10, the blank among them"):
        CtcCollate().texts([[0, 11]], DIGITS)


def test_sequences_longer_than_the_frames_are_refused_before_training() -> None:
    with pytest.raises(InfeasibleTargetError, match="use a width of 128 or more, or a smaller"):
        Samples(SMALL, collate=CtcCollate(stride=32))


def test_a_repeated_label_that_does_not_fit_is_found_before_training() -> None:
    # Five frames do for four labels, unless two pairs of them are equal.
    recipe = SMALL | {"count": 5_000, "labels": {"policy": "digits", "length": 4}, "width": 160}
    with pytest.raises(InfeasibleTargetError) as caught:
        Samples(recipe, collate=CtcCollate(stride=32))
    assert "need 7 frames" in str(caught.value)
    assert "use a width of 224 or more" in str(caught.value)
    index = int(str(caught.value).split("sample ")[1].split(",")[0])
    text = Samples(recipe).columns(0, np.array([index]))["text"][0]
    assert len(set(text)) == 1


def test_labels_without_repeats_need_no_frames_between() -> None:
    texts = {"policy": "texts", "texts": ["1234", "9876"]}
    recipe = SMALL | {"labels": texts, "width": 128}
    columns = Samples(recipe, collate=CtcCollate(stride=32)).columns(0, np.arange(2))
    assert columns["input_length"].tolist() == [4, 4]


def test_a_batch_of_a_later_epoch_is_checked_as_well() -> None:
    batch = Samples(SMALL).batch(0, np.arange(50))
    terms = Terms(DIGITS, 4, 96)
    with pytest.raises(InfeasibleTargetError, match=r"need 6 frames.*makes 4 of 96 pixels"):
        CtcCollate(stride=24)(batch, terms)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: CtcCollate(stride=0), ArgumentValueError, "at least 1 pixel, 0 is not"),
        (lambda: CtcCollate(stride=2.0), ArgumentTypeError, "a whole number of pixels"),
        (lambda: CtcCollate(blank=3), ArgumentValueError, "class 0, or -1 for the last one"),
        (lambda: Samples(SMALL, collate="ctc"), ArgumentTypeError, "collate is a function"),
        (lambda: Samples(SMALL, dtype=np.int64), ArgumentValueError, "float32 or uint8"),
        (
            lambda: CtcCollate(stride=lambda width: width / 4).frames(97),
            ArgumentTypeError,
            "makes a whole number of frames of 97 pixels, not 24.25",
        ),
    ],
)
def test_bad_input_is_told_before_training(
    make: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        make()


def test_each_call_of_a_sequence_generator_is_an_epoch() -> None:
    generator = SequenceGenerator(SMALL, batch_size=100, shuffle=True)
    assert len(generator) == 3
    epochs = [list(generator()) for _ in range(2)]
    for epoch in epochs:
        assert [len(batch["text"]) for batch in epoch] == [100, 100, 30]
        indices = np.concatenate([batch["index"] for batch in epoch])
        np.testing.assert_array_equal(np.sort(indices), np.arange(230))
    assert epochs[0][0]["text"] != epochs[1][0]["text"]


def test_tensorflow_is_told_of_shapes_and_types_or_named() -> None:
    generator = SequenceGenerator(SMALL, batch_size=100, collate=plain)
    try:
        import tensorflow as tf  # noqa: F401
    except ImportError:
        with pytest.raises(LibraryError, match="pip install tensorflow"):
            generator.output_signature()
        return
    signature = generator.output_signature()
    assert signature["image"].shape.as_list() == [None, 1, 28, 96]
