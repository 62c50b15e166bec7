"""GlyphBank: which image has which label."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from image_sequence.errors import ArgumentTypeError, ArgumentValueError
from image_sequence.glyphs.bank import GlyphBank

LABEL_TYPES = ["uint8", "int8", "int32", ">i4", "int64", "uint64"]


def images(count: int) -> NDArray[np.uint8]:
    return np.zeros((count, 3, 2), np.uint8)


def bank_of(*labels: int, dtype: str = "int64") -> GlyphBank:
    return GlyphBank(images(len(labels)), np.array(labels, dtype), name="greys", split="test")


def test_the_images_have_a_height_and_a_width() -> None:
    bank = bank_of(4)
    assert (bank.height, bank.width) == (3, 2)


@pytest.mark.parametrize("dtype", LABEL_TYPES)
def test_unsorted_labels_are_counted(dtype: str) -> None:
    counts = bank_of(5, 0, 7, 5, 5, 0, dtype=dtype).instance_counts([5, 7, 0, 5])
    assert counts.tolist() == [3, 1, 2, 3]
    assert counts.dtype == np.int64


@pytest.mark.parametrize("dtype", LABEL_TYPES)
def test_instances_are_numbered_in_data_set_order(dtype: str) -> None:
    bank = bank_of(5, 0, 7, 5, 5, 0, dtype=dtype)
    positions = bank.instances([5, 7, 0], np.array([[0, 0, 0], [2, 0, 1], [1, 0, 1]]))
    assert positions.tolist() == [[0, 2, 1], [4, 2, 5], [3, 2, 5]]
    assert positions.dtype == np.int64


def test_labels_may_be_negative_and_far_apart() -> None:
    bank = bank_of(2**40, -3, 2**40)
    assert bank.instance_counts([-3, 2**40]).tolist() == [1, 2]
    assert bank.instances([-3, 2**40], np.array([[0, 1]])).tolist() == [[1, 2]]


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30))
def test_the_instances_of_a_label_are_all_its_positions_in_order(labels: list[int]) -> None:
    bank = bank_of(*labels)
    for label in set(labels):
        count = bank.instance_counts([label])[0]
        positions = bank.instances([label], np.arange(count)[:, np.newaxis])[:, 0]
        assert positions.tolist() == np.flatnonzero(np.array(labels) == label).tolist()


def test_asking_for_no_labels_gives_no_counts() -> None:
    assert bank_of(1).instance_counts([]).shape == (0,)


def test_a_label_without_images_is_refused_and_those_with_images_are_named() -> None:
    bank = bank_of(5, 0, 7, 5)
    with pytest.raises(
        ArgumentValueError, match=r"^greys \(test\) has no image of 3; it has images of 0, 5, 7$"
    ):
        bank.instance_counts([5, 3, 4])


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (12, "of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11$"),
        (13, "of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 1 more$"),
    ],
)
def test_at_most_twelve_labels_are_named(count: int, named: str) -> None:
    bank = bank_of(*range(count))
    with pytest.raises(ArgumentValueError, match=named):
        bank.instance_counts([99])


def test_the_arrays_cannot_be_written_to_through_the_bank() -> None:
    bank = bank_of(1, 2)
    with pytest.raises(ValueError, match="read-only"):
        bank.images[0] = 9
    with pytest.raises(ValueError, match="read-only"):
        bank.labels[0] = 9


def test_the_arrays_given_are_neither_copied_nor_locked() -> None:
    given_images, labels = images(2), np.array([1, 2])
    bank = GlyphBank(given_images, labels)
    assert np.shares_memory(bank.images, given_images)
    given_images[0] = 9
    labels[0] = 9
    assert bank.images[0, 0, 0] == 9


def test_a_bank_of_arrays_says_so() -> None:
    bank = GlyphBank(images(1), np.array([1]))
    assert (bank.name, bank.split) == ("arrays", "all")


@pytest.mark.parametrize(
    ("images", "kind"),
    [
        (np.zeros((2, 3, 2)), "float64"),
        (np.zeros((2, 3, 2), np.int8), "int8"),
        (np.zeros((2, 3, 2), bool), "bool"),
        ([[[0]], [[0]]], "list"),
        (None, "NoneType"),
    ],
)
def test_images_that_are_not_uint8_are_refused(images: Any, kind: str) -> None:
    message = rf"^glyph images are a uint8 array, .*, not {kind}; .*np\.rint\(255 \* images\)"
    with pytest.raises(ArgumentTypeError, match=message):
        GlyphBank(images, np.array([1, 2]))


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (np.array([1.0, 2.0]), "float64"),
        (np.array([True, False]), "bool"),
        (np.array(["1", "2"]), "<U1"),
        ([1, 2], "list"),
    ],
)
def test_labels_that_are_not_whole_numbers_are_refused(labels: Any, kind: str) -> None:
    message = f"^glyph labels are an array of whole numbers, not {kind}$"
    with pytest.raises(ArgumentTypeError, match=message):
        GlyphBank(images(2), labels)


@pytest.mark.parametrize(
    ("shape", "named"),
    [
        ((0, 3, 2), r"\(0, 3, 2\)"),
        ((2, 0, 2), r"\(2, 0, 2\)"),
        ((2, 3, 0), r"\(2, 3, 0\)"),
        ((2, 3), r"\(2, 3\)"),
        ((2, 3, 2, 1), r"\(2, 3, 2, 1\)"),
        ((), r"\(\)"),
    ],
)
def test_images_of_another_shape_are_refused(shape: tuple[int, ...], named: str) -> None:
    message = rf"have the shape \(count, height, width\), .* none of them 0, not {named}$"
    with pytest.raises(ArgumentValueError, match=message):
        GlyphBank(np.zeros(shape, np.uint8), np.zeros(shape[:1], np.int64))


@pytest.mark.parametrize(
    ("labels", "named"),
    [
        (np.array([1]), r"\(1,\)"),
        (np.array([1, 2, 3]), r"\(3,\)"),
        (np.array([[1, 2]]), r"\(1, 2\)"),
        (np.array(1), r"\(\)"),
    ],
)
def test_labels_that_do_not_match_the_images_are_refused(labels: Any, named: str) -> None:
    message = rf"^2 glyph images need labels of the shape \(2,\), not {named}$"
    with pytest.raises(ArgumentValueError, match=message):
        GlyphBank(images(2), labels)


def test_other_names_change_nothing_else(grey_bank: GlyphBank) -> None:
    names = {label: "abcdefghij"[label] for label in range(10)}
    named = grey_bank.renamed(names)
    assert named.text(3) == "d"
    assert named.images is grey_bank.images
    assert named.ink_extents() is grey_bank.ink_extents()
    assert (named.drawable == grey_bank.drawable).all()
    assert grey_bank.text(3) == "3"
    assert named.renamed(None).text(3) == "3"
    with pytest.raises(ArgumentValueError, match="the label 0 has no name"):
        grey_bank.renamed({1: "a"})


@pytest.mark.parametrize(
    ("details", "kind", "message"),
    [
        ({"names": {0: "a"}}, ArgumentValueError, "the label 1 has no name"),
        ({"names": {0: "a", 1: "a"}}, ArgumentValueError, "two labels have the name 'a'"),
        ({"names": {0: "a", 1: ""}}, ArgumentTypeError, "none of them empty"),
        ({"names": {0: "a", 1: 7}}, ArgumentTypeError, "are texts such as 'cat'"),
        ({"widths": np.array([1, 2])}, ArgumentValueError, r"need widths of the shape \(3,\)"),
        ({"widths": np.array([0, 1, 2])}, ArgumentValueError, "from 1 to the images' 4 pixels"),
        ({"widths": np.array([4, 4, 5])}, ArgumentValueError, "these from 4 to 5"),
        ({"widths": np.array([4, 3, 4])}, ArgumentValueError, "a glyph of 3 pixels has ink to the"),
        ({"widths": [4, 4, 4]}, ArgumentTypeError, "glyph widths are an array of whole numbers"),
        (
            {"writers": np.zeros(3)},
            ArgumentTypeError,
            "glyph writers are an array of whole numbers",
        ),
        ({"writers": np.zeros(2, int)}, ArgumentValueError, r"need writers of the shape \(3,\)"),
        ({"chosen": np.array([], int)}, ArgumentValueError, "no image of arrays"),
        ({"chosen": np.array([1, 1])}, ArgumentValueError, "ascending, each once"),
        ({"chosen": np.array([1, 3])}, ArgumentValueError, "positions from 0 to 2"),
        ({"chosen": np.array([-1, 1])}, ArgumentValueError, "positions from 0 to 2"),
    ],
)
def test_details_that_cannot_be_are_refused(
    details: dict[str, object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        GlyphBank(np.ones((3, 5, 4), np.uint8), np.array([0, 1, 0]), **details)  # type: ignore[arg-type]


def test_a_digest_depends_on_the_pixels_and_the_size_alone() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    bank = GlyphBank(images, np.array([0, 1]))
    assert bank.digests(np.array([1, 0])) == bank.digests(np.array([0, 1]))[::-1]
    other = GlyphBank(images[::-1].copy(), np.array([5, 6]), "other", names={5: "x", 6: "y"})
    assert other.digests(np.array([1])) == bank.digests(np.array([0]))
    reshaped = GlyphBank(images.reshape(2, 4, 3), np.array([0, 1]))
    assert not set(reshaped.digests(np.array([0, 1]))) & set(bank.digests(np.array([0, 1])))
    wide = np.zeros((1, 3, 9), np.uint8)
    wide[0, :, :4] = images[0]
    narrow = GlyphBank(wide, np.array([0]), widths=np.array([4]))
    assert narrow.digests(np.array([0])) == bank.digests(np.array([0]))
