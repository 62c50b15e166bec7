"""Splits: deterministic, of the sizes asked for, and disjoint in what they were split by."""

from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import FASHION, MNIST, QMNIST, needs_fashion, needs_mnist, needs_writers

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, PluginError
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.sources import BundledDigits, IdxFolder, Loaded
from image_sequence.glyphs.splitting import PARTS, Split

RANGE, WIDTH = (0, 9), 120


def bank_of(
    count: int, *, classes: int = 3, seed: int = 0, writers: int | None = None
) -> GlyphBank:
    """Glyphs of noise; with writers 0, 1, … in turn."""
    images = np.random.default_rng(seed).integers(0, 256, (count, 5, 4), np.uint8)
    hands = None if writers is None else np.arange(count) // classes % writers
    return GlyphBank(images, np.arange(count) % classes, "noise", "all", writers=hands)


@dataclass(frozen=True)
class Parted:
    """A data set that came in parts."""

    own: dict[str, GlyphBank]

    def load(self) -> GlyphBank:
        return self.own["train"]

    def part(self, name: str, /) -> Loaded | None:
        return Loaded(self.own[name]) if name in self.own else None


def banks_of(source: Any, by: Any = "glyph", **details: Any) -> dict[str, GlyphBank]:
    return {part: Split(part, by, **details).bank(source) for part in PARTS}


def pixels(bank: GlyphBank) -> set[bytes]:
    return {image.tobytes() for image in bank.images[bank.drawable]}


def hands(bank: GlyphBank) -> set[int]:
    assert bank.writers is not None
    return set(bank.writers[bank.drawable].tolist())


def assert_disjoint(sets: list[set[Any]]) -> None:
    for one, other in combinations(sets, 2):
        assert not one & other


def test_bundled_digits_are_divided_digit_by_digit() -> None:
    banks = banks_of(BundledDigits())
    for part, count in zip(PARTS, (400, 50, 50), strict=True):
        assert (banks[part].instance_counts(range(10)) == count).all()
        assert banks[part].part == part
        assert banks[part].images is not None
    positions = np.concatenate([bank.drawable for bank in banks.values()])
    assert sorted(positions) == list(range(5000))
    assert_disjoint([pixels(bank) for bank in banks.values()])


def test_parts_keep_the_numbers_of_the_whole() -> None:
    whole = bank_of(60)
    for bank in banks_of(Loaded(whole)).values():
        assert (bank.images == whole.images).all()
        glyphs = bank.drawn(np.full((50, 2), 1), Draws(1, "glyphs", np.arange(50)))
        assert np.isin(glyphs, bank.drawable).all()
        assert (whole.labels[glyphs] == 1).all()


@given(
    st.integers(6, 80), st.integers(1, 4), st.integers(0, 9), st.sampled_from(["glyph", "writer"])
)
def test_parts_are_disjoint_and_nothing_is_lost(
    count: int, classes: int, seed: int, by: str
) -> None:
    whole = bank_of(count, classes=classes, writers=6)
    parts = {}
    for part in PARTS:
        try:
            parts[part] = Split(part, by, (0.5, 0.25, 0.25), seed).bank(Loaded(whole))
        except ArgumentValueError as error:
            assert "is empty" in str(error)  # noqa: PT017  # few writers may leave a part empty
    assert_disjoint([set(bank.drawable.tolist()) for bank in parts.values()])
    assert_disjoint([pixels(bank) for bank in parts.values()])
    if by == "writer":
        assert_disjoint([hands(bank) for bank in parts.values()])
    assert sum(bank.drawable.size for bank in parts.values()) == count


def test_the_same_pixels_are_never_in_two_parts() -> None:
    whole = bank_of(40)
    images = np.concatenate([whole.images, whole.images])
    twice = GlyphBank(images, np.concatenate([whole.labels, (whole.labels + 1) % 3]))
    banks = banks_of(Loaded(twice), fractions=(0.4, 0.3, 0.3))
    assert_disjoint([pixels(bank) for bank in banks.values()])
    assert sum(bank.drawable.size for bank in banks.values()) == 80


def test_the_same_pixels_by_two_writers_are_in_one_part_only() -> None:
    whole = bank_of(60, writers=20)
    images = whole.images.copy()
    images[1::2] = images[::2]  # Whatever is even is also the next one's.
    banks = banks_of(Loaded(replace(whole, images=images)), "writer", fractions=(0.4, 0.3, 0.3))
    assert_disjoint([pixels(bank) for bank in banks.values()])
    assert_disjoint([hands(bank) for bank in banks.values()])


def test_a_rare_label_is_in_every_part_if_it_can_be() -> None:
    labels = np.repeat([0, 1], [97, 3])
    source = Loaded(GlyphBank(bank_of(100).images, labels))
    assert [bank.instance_counts([1])[0] for bank in banks_of(source).values()] == [1, 1, 1]
    fractions = (0.9, 0.1, 0)
    train, val = (Split(part, fractions=fractions).bank(source) for part in ("train", "val"))
    assert (train.instance_counts([0, 1]) == [87, 2]).all()
    assert (val.instance_counts([0, 1]) == [10, 1]).all()


def test_another_seed_divides_otherwise_and_the_same_one_the_same() -> None:
    source = Loaded(bank_of(300))
    one, same, other = (Split("test", seed=seed).bank(source).drawable for seed in (1, 1, 2))
    assert (one == same).all()
    assert not np.array_equal(one, other)


def test_more_data_moves_few_glyphs() -> None:
    bank = bank_of(3000, classes=1)
    less = GlyphBank(bank.images[:2900], bank.labels[:2900])
    more, fewer = (set(Split("train").bank(Loaded(one)).drawable.tolist()) for one in (bank, less))
    assert len(fewer - more) < 30


def test_the_division_stays_as_it_is() -> None:
    """Golden: who published results on a split must get it again."""
    chosen = Split("test").bank(BundledDigits()).drawable
    assert chosen[:8].tolist() == [7, 8, 20, 25, 26, 27, 33, 52]
    labels = np.array([[k, 7 * k % 10, 3, -1] for k in range(10)])
    parts = Split("train", "sequence", (0.4, 0.3, 0.3)).parts(labels)
    assert "".join(part[1] for part in parts) == "araeeerrea"


def test_parts_of_its_own_stay_and_the_rest_is_carved() -> None:
    own = {"train": bank_of(90, seed=1), "test": bank_of(30, seed=2)}
    banks = banks_of(Parted(own))
    assert [bank.drawable.size for bank in banks.values()] == [81, 9, 30]  # 8 to 1, of each label.
    assert banks["test"].images is not None
    assert (banks["test"].images == own["test"].images).all()
    own["val"] = bank_of(12, seed=3)
    assert [bank.drawable.size for bank in banks_of(Parted(own)).values()] == [90, 12, 30]


def test_what_is_also_in_a_part_of_its_own_is_left_out_of_the_others() -> None:
    test, val = bank_of(30, seed=2), bank_of(20, seed=3)
    images = np.concatenate([bank_of(90, seed=1).images, test.images[:5], val.images[:4]])
    train = GlyphBank(images, np.arange(99) % 3)
    leaking = replace(val, images=np.concatenate([val.images[1:], test.images[:1]]))
    banks = banks_of(Parted({"train": train, "val": leaking, "test": test}))
    assert [bank.drawable.size for bank in banks.values()] == [91, 19, 30]
    assert_disjoint([pixels(bank) for bank in banks.values()])


def test_whoever_wrote_for_a_part_of_its_own_is_left_out_of_the_others() -> None:
    train, test = bank_of(90, seed=1, writers=30), bank_of(30, seed=2, writers=10)
    banks = banks_of(Parted({"train": train, "test": test}), "writer")
    assert hands(banks["test"]) == set(range(10))
    assert hands(banks["train"]) | hands(banks["val"]) == set(range(10, 30))
    assert_disjoint([hands(bank) for bank in banks.values()])


def test_a_part_that_is_all_in_another_is_an_error() -> None:
    bank = bank_of(10)
    with pytest.raises(ArgumentValueError, match="nothing is left of noise"):
        Split("train").bank(Parted({"train": bank, "test": bank}))


def test_parts_of_other_heights_are_an_error() -> None:
    taller = GlyphBank(np.ones((9, 7, 4), np.uint8), np.arange(9) % 3)
    with pytest.raises(ArgumentValueError, match="give the source a height="):
        Split("train").bank(Parted({"train": bank_of(90), "test": taller}))


def test_a_part_of_nothing_is_an_error() -> None:
    source = Loaded(bank_of(30))
    with pytest.raises(ArgumentValueError, match=r"the split 'val' of noise \(all\) is empty"):
        Split("val", fractions=(0.9, 0, 0.1)).bank(source)


def test_by_writer_needs_writers() -> None:
    with pytest.raises(ArgumentValueError, match=r"noise \(all\) tells it of 0 of 30"):
        Split("val", "writer").bank(Loaded(bank_of(30)))
    some = replace(bank_of(30), writers=np.r_[np.full(10, -1), np.arange(20)])
    with pytest.raises(ArgumentValueError, match="tells it of 20 of 30"):
        Split("val", "writer").bank(Loaded(some))


def test_sequences_belong_to_one_part_whatever_the_data_set() -> None:
    labels = np.random.default_rng(0).integers(0, 10, (20_000, 5))
    texts = {number: "zyxwvutsrq"[number] for number in range(10)}
    numbers = {number: str(number) for number in range(10)}
    split = Split("test", "sequence", (0.7, 0.2, 0.1))
    parts = split.parts(labels)
    assert (split.parts(labels, numbers) == parts).all()
    assert (split.parts(labels, texts) != parts).any()
    for part, fraction in zip(PARTS, split.fractions, strict=True):
        assert abs((parts == part).mean() - fraction) < 0.015
    assert (split.holds(labels) == (parts == "test")).all()
    assert (split.parts(labels[::-1]) == parts[::-1]).all()
    padded = np.concatenate([labels, np.full((20_000, 2), -1)], axis=1)
    assert (split.parts(padded) == parts).all()
    shorter = split.parts(labels[:, :4])
    assert 0.3 < (shorter == parts).mean() < 0.8  # Nothing to do with each other.


def test_fractions_of_nothing_hold_nothing() -> None:
    labels = np.random.default_rng(0).integers(0, 10, (20_000, 5))
    parts = Split("train", "sequence", (0.5, 0.5, 0)).parts(labels)
    assert set(parts) == {"train", "val"}
    assert set(Split("test", "sequence", (0, 0, 1)).parts(labels)) == {"test"}


def test_a_held_out_sequence_is_not_shown(grey_bank: GlyphBank) -> None:
    labels = np.array([[k // 10, k % 10] for k in range(100)])
    parts = Split("train", "sequence").parts(labels)
    held_out = labels[parts == "test"][0].tolist()
    train = DigitSequence(source=grey_bank, seed=1, split="train", split_by="sequence")
    text = "".join(map(str, held_out))
    message = rf"the sequence '{text}' is held out for the split 'test', so the split 'train'"
    with pytest.raises(ArgumentValueError, match=message):
        train.generate_numbers_sequence(held_out, RANGE, WIDTH)
    with pytest.raises(ArgumentValueError, match=message):
        train.batch([labels[parts == "train"][0].tolist(), held_out], RANGE, WIDTH)
    test = DigitSequence(seed=1, split="test", split_by=["sequence", "glyph"])
    assert test.sample(held_out, RANGE, WIDTH, index=0).source.split_by == ("glyph", "sequence")


@pytest.mark.parametrize("part", PARTS)
def test_streams_show_the_sequences_of_the_split(grey_bank: GlyphBank, part: str) -> None:
    everything = [[k // 10, k % 10] for k in range(100)]
    split = Split(part, "sequence", (0.6, 0.2, 0.2))
    mine = [labels for labels in everything if split.holds(np.array([labels]))[0]]
    generator = DigitSequence(source=grey_bank, seed=1, split=split)
    in_turn = next(generator.stream(everything, RANGE, WIDTH, batch_size=120))
    assert in_turn.labels.tolist() == [mine[k % len(mine)] for k in range(120)]
    drawn = next(generator.stream(two_digits, RANGE, WIDTH, batch_size=120))
    assert split.holds(drawn.labels).all()
    later = next(generator.stream(two_digits, RANGE, WIDTH, batch_size=7, start=50))
    assert (later.labels == drawn.labels[50:57]).all()
    whole = next(DigitSequence(source=grey_bank, seed=1).stream(two_digits, RANGE, WIDTH))
    kept = split.holds(whole.labels[:120])
    assert (drawn.labels[kept] == whole.labels[:120][kept]).all()


def two_digits(rng: Draws) -> np.ndarray:
    return rng.integers(0, 9, 2)


def test_sequences_of_several_lengths_are_drawn_again_as_well(grey_bank: GlyphBank) -> None:
    def mixed(rng: Draws) -> np.ndarray:
        labels = rng.integers(0, 9, 5)
        lengths = rng.integers(2, 5, 1)
        return np.where(np.arange(5) < lengths, labels, -1)

    split = Split("test", "sequence")
    generator = DigitSequence(source=grey_bank, seed=1, split=split)
    batch = next(generator.stream(mixed, RANGE, WIDTH, batch_size=64))
    assert split.holds(batch.labels).all()
    assert set(batch.lengths.tolist()) == {2, 3, 4, 5}
    alone = next(generator.stream(mixed, RANGE, WIDTH, batch_size=1, start=40))
    assert (alone.images[0] == batch.images[40]).all()


def test_a_function_that_never_draws_one_of_the_split_ends_in_an_error(
    grey_bank: GlyphBank,
) -> None:
    split = Split("test", "sequence")
    labels = next([k, k] for k in range(10) if not split.holds(np.array([[k, k]]))[0])
    generator = DigitSequence(source=grey_bank, split=split)
    stream = generator.stream(lambda rng: np.tile(labels, (rng.batch_size, 1)), RANGE, WIDTH)
    with pytest.raises(PluginError, match="1000 sequences were drawn for sample 0, and none"):
        next(stream)
    with pytest.raises(ArgumentValueError, match="none of the 1 sequences is of the split"):
        generator.stream([labels], RANGE, WIDTH)


def test_glyphs_of_a_split_are_only_its_own() -> None:
    for part in PARTS:
        generator = ImageSequence(split=part, seed=3)
        batch = next(generator.stream(lambda rng: rng.integers(0, 9, 4), RANGE, 130))
        bank = Split(part).bank(BundledDigits())
        assert np.isin(batch.glyph_indices, bank.drawable).all()
        assert (batch.source.part, batch.source.split_by) == (part, ("glyph",))


@pytest.mark.parametrize(
    ("details", "kind", "message"),
    [
        ({"part": "dev"}, ArgumentValueError, "a split is 'train', 'val' or 'test', not 'dev'"),
        ({"part": ["test"]}, ArgumentValueError, "a split is 'train'"),
        ({"by": "pen"}, ArgumentValueError, "a split is by 'glyph', 'writer' or 'sequence', or"),
        ({"by": ()}, ArgumentValueError, "or by several of them, not \\(\\)"),
        ({"by": 7}, ArgumentValueError, "not 7"),
        ({"fractions": (0.8, 0.2)}, ArgumentTypeError, "are three numbers"),
        ({"fractions": "abc"}, ArgumentTypeError, "are three numbers"),
        ({"fractions": (0.8, 0.1, 0.2)}, ArgumentValueError, "add up to 1"),
        ({"fractions": (1.1, -0.1, 0)}, ArgumentValueError, "at least 0"),
        ({"fractions": (float("nan"), 0.5, 0.5)}, ArgumentValueError, "add up to 1"),
        ({"seed": "a"}, ArgumentTypeError, "a seed is a whole number"),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    details: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Split(**({"part": "test"} | details))


def test_details_without_a_split_are_refused() -> None:
    with pytest.raises(ArgumentValueError, match="says which part is meant"):
        DigitSequence(split_by="writer")


@needs_mnist
@needs_writers
def test_mnist_by_writer_shares_no_writer_and_no_glyph() -> None:
    banks = banks_of(IdxFolder(MNIST, writers=QMNIST), "writer")
    assert [len(hands(bank)) for bank in banks.values()] == [479, 60, 297]
    assert_disjoint([hands(bank) for bank in banks.values()])
    assert_disjoint([set(bank.digests(bank.drawable)) for bank in banks.values()])


@needs_fashion
def test_fashion_mnists_twins_do_not_leak() -> None:
    banks = banks_of(IdxFolder(FASHION))
    assert_disjoint([set(bank.digests(bank.drawable)) for bank in banks.values()])
    assert banks["test"].drawable.size == 10_000
