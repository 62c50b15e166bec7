"""One hand per number, and who wrote what."""

import gzip
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_data import MNIST, QMNIST, needs_mnist, needs_writers

from image_sequence.draws import Draws
from image_sequence.errors import ArgumentValueError, IdxError, SourceNotFoundError
from image_sequence.generator import DigitSequence, ImageSequence
from image_sequence.glyphs.bank import GlyphBank
from image_sequence.glyphs.hands import Hands, _set_codes
from image_sequence.glyphs.idx import write_idx
from image_sequence.glyphs.sources import IdxFolder
from image_sequence.glyphs.writers import find_table, read_table

RANGE, WIDTH = (0, 9), 120


def bank_of(labels: list[int], writers: list[int]) -> GlyphBank:
    """Flat glyphs: glyph i has the ink i + 1."""
    inks = np.arange(1, len(labels) + 1, dtype=np.uint8)
    images = np.broadcast_to(inks[:, None, None], (len(labels), 4, 3)).copy()
    return GlyphBank(images, np.array(labels), name="ten", writers=np.array(writers))


@pytest.fixture(scope="module")
def bank() -> GlyphBank:
    """Writer 7 has 0, 1, 2 (two of them); writer 3 has 0, 1; writer 9 has 1, 2; nobody 0 and 2."""
    return bank_of([0, 1, 2, 2, 0, 1, 1, 2, 0, 2], [7, 7, 7, 7, 3, 3, 9, 9, -1, -1])


def drawn(bank: GlyphBank, labels: list[list[int]], seed: int = 1) -> np.ndarray:
    rows = np.array(labels)
    indices = np.arange(len(rows))
    rng = Draws(seed, "hand", indices), Draws(seed, "glyphs", indices)
    return Hands.of(bank).drawn(rows, *rng)


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=6), st.integers(0, 2**64 - 1))
def test_all_glyphs_of_a_sequence_are_by_one_known_writer(labels: list[int], seed: int) -> None:
    source = bank_of([0, 1, 2, 2, 0, 1, 1, 2, 0, 2], [7, 7, 7, 7, 3, 3, 9, 9, -1, -1])
    glyphs = drawn(source, [labels], seed)[0]
    assert source.labels[glyphs].tolist() == labels
    assert source.writers is not None
    assert len(set(source.writers[glyphs].tolist())) == 1
    assert source.writers[glyphs[0]] >= 0


def test_each_writer_who_can_is_equally_likely_and_so_is_each_image(bank: GlyphBank) -> None:
    glyphs = drawn(bank, [[1]] * 30_000)
    counts = np.bincount(glyphs[:, 0], minlength=10)
    assert set(np.flatnonzero(counts)) == {1, 5, 6}
    assert np.abs(counts[[1, 5, 6]] - 10_000).max() < 350
    pairs = drawn(bank, [[2, 2]] * 30_000)
    ours = pairs[np.isin(pairs[:, 0], [2, 3])]  # Writer 7's, half of all.
    assert abs(len(ours) - 15_000) < 400
    cells = np.unique(ours, axis=0, return_counts=True)[1]
    assert len(cells) == 4
    assert np.abs(cells - len(ours) / 4).max() < 300


def test_whoever_lacks_a_label_is_never_drawn(bank: GlyphBank) -> None:
    assert bank.writers is not None
    assert set(bank.writers[drawn(bank, [[0, 2]] * 500)].ravel()) == {7}
    assert set(bank.writers[drawn(bank, [[1, 2]] * 500)].ravel()) == {7, 9}


def test_a_sequence_by_no_writer_is_refused_with_what_there_is(bank: GlyphBank) -> None:
    fewer = bank.restricted(np.array([4, 5, 6, 7]), "train")
    message = r"no writer of ten \(train\) has written all of '0120', at most 2 of its 3 different"
    with pytest.raises(ArgumentValueError, match=message):
        drawn(fewer, [[1, 1, 1, 1], [0, 1, 2, 0]])


def test_only_chosen_images_are_drawn(bank: GlyphBank) -> None:
    some = bank.restricted(np.array([0, 1, 3, 8]), "val")
    assert set(drawn(some, [[0, 1, 2]] * 100).ravel()) == {0, 1, 3}


def test_without_writers_there_is_no_single_hand(grey_bank: GlyphBank) -> None:
    with pytest.raises(ArgumentValueError, match="nobody knows who wrote the images of greys"):
        Hands.of(grey_bank)
    generator = DigitSequence(source=grey_bank, hand="single")
    with pytest.raises(ArgumentValueError, match="hand 'mixed' works without"):
        generator.generate_numbers_sequence([0, 1], RANGE, WIDTH)
    with pytest.raises(ArgumentValueError, match="hand is 'mixed' or 'single', not 'both'"):
        DigitSequence(source=grey_bank, hand="both")


def test_what_stands_for_sets_of_labels_tells_them_apart() -> None:
    rows = np.random.default_rng(0).integers(0, 70, (400, 3))
    sets = [frozenset(row) for row in rows.tolist()]
    for count in (64, 70):  # Bits, and bytes.
        codes = _set_codes(rows % count, count).tolist()
        names = [frozenset(element % count for element in one) for one in sets]
        assert len(set(codes)) == len(set(names)) == len(set(zip(codes, names, strict=True)))


@pytest.mark.parametrize("count", [64, 70])
def test_the_same_set_of_labels_has_one_code(count: int) -> None:
    codes = _set_codes(np.array([[1, 1, 60], [60, 1, 1], [60, 60, 1], [1, 2, 60]]), count).tolist()
    assert codes[0] == codes[1] == codes[2] != codes[3]


def test_more_labels_than_bits_work_too() -> None:
    count = 80
    labels = np.tile(np.arange(count), 3)
    bank = GlyphBank(
        np.ones((3 * count, 2, 2), np.uint8), labels, writers=np.repeat([5, 6, 7], count)
    )
    rows = np.random.default_rng(1).integers(0, count, (50, 4))
    glyphs = drawn(bank, rows.tolist())
    assert bank.writers is not None
    writers = bank.writers[glyphs]
    assert (writers == writers[:, :1]).all()
    assert (labels[glyphs] == rows).all()
    assert len(set(writers.ravel().tolist())) == 3


def test_a_batch_is_its_samples_with_mixed_lengths(bank: GlyphBank) -> None:
    sequences = [[0, 1], [2, 1, 1, 2], [1, 1, 0]]
    generator = ImageSequence(bank, seed=5, hand="single", fit="pad")
    batch = generator.batch(sequences, RANGE, WIDTH, start=40)
    for k, labels in enumerate(sequences):
        alone = generator.sample(labels, RANGE, WIDTH, index=40 + k)
        assert (alone.image == batch[k].image).all()
        assert alone.writer == batch[k].writer is not None
    assert (batch.writers[0, 2:] == -1).all()


def test_another_hand_keeps_gaps_and_the_mixed_pictures_stay(bank: GlyphBank) -> None:
    sequences = [[0, 1]] * 20
    mixed = DigitSequence(source=bank, seed=5).batch(sequences, RANGE, WIDTH)
    single = DigitSequence(source=bank, seed=5, hand="single").batch(sequences, RANGE, WIDTH)
    assert (mixed.gaps == single.gaps).all()
    assert all(sample.writer is not None for sample in single)
    # Who writes is drawn apart from which of the writer's images come.
    assert (single.glyph_indices == drawn(bank, sequences, seed=5)).all()


def test_a_sample_by_several_hands_names_no_writer(bank: GlyphBank) -> None:
    batch = DigitSequence(source=bank, seed=5).batch([[0, 1]] * 60, RANGE, WIDTH)
    kinds = set()
    for sample in batch:
        first, second = sample.writers.tolist()
        assert sample.writer == (first if first == second != -1 else None)
        kinds.add((first == second, first == -1))
    assert kinds == {(True, False), (False, False), (False, True)}


def table(folder: Path, rows: np.ndarray, name: str = "qmnist-train-labels") -> None:
    text = "\n".join("\t".join(map(str, row)) for row in rows.tolist()) + "\n"
    (folder / f"{name}.tsv.gz").write_bytes(gzip.compress(text.encode()))


def folder_of_three(folder: Path) -> np.ndarray:
    write_idx(folder / "train-images-idx3-ubyte", np.zeros((3, 4, 4), np.uint8))
    write_idx(folder / "train-labels-idx1-ubyte", np.array([3, 1, 4], np.uint8))
    rows = np.zeros((5, 8), np.int64)
    rows[:, 0], rows[:, 2] = [3, 1, 4, 1, 5], [40, 41, 40, 42, 43]
    return rows


@pytest.mark.parametrize("kind", ["tsv", "tsv.gz", "idx2", "idx2.gz"])
def test_writers_are_read_beside_the_images_or_elsewhere(tmp_path: Path, kind: str) -> None:
    rows = folder_of_three(tmp_path)
    tables = tmp_path / "tables"
    tables.mkdir()
    for folder in (tmp_path, tables):
        if kind.startswith("tsv"):
            table(folder, rows)
            if kind == "tsv":
                packed = folder / "qmnist-train-labels.tsv.gz"
                packed.with_suffix("").write_bytes(gzip.decompress(packed.read_bytes()))
                packed.unlink()
        else:
            suffix = kind.removeprefix("idx2")
            write_idx(folder / f"qmnist-train-labels-idx2-int{suffix}", rows.astype(np.int32))
    for source in (IdxFolder(tmp_path), IdxFolder(tmp_path, writers=tables)):
        writers = source.load().writers
        assert writers is not None
        assert writers.tolist() == [40, 41, 40]


def test_qmnists_own_labels_name_digits_and_writers(tmp_path: Path) -> None:
    rows = folder_of_three(tmp_path)
    write_idx(tmp_path / "qmnist-train-images-idx3-ubyte", np.ones((5, 4, 4), np.uint8))
    write_idx(tmp_path / "qmnist-train-labels-idx2-int", rows.astype(np.int32))
    bank = IdxFolder(tmp_path, stems={"train": "qmnist-train"}).load()
    assert bank.labels.tolist() == [3, 1, 4, 1, 5]
    assert bank.writers is not None
    assert bank.writers.tolist() == [40, 41, 40, 42, 43]


def test_a_table_about_other_digits_is_refused(tmp_path: Path) -> None:
    rows = folder_of_three(tmp_path)
    rows[1, 0] = 7
    table(tmp_path, rows)
    with pytest.raises(IdxError, match="is about other digits"):
        IdxFolder(tmp_path).load()
    table(tmp_path, rows[:2])
    with pytest.raises(IdxError, match="its 2 labels are not those of the 3 images"):
        IdxFolder(tmp_path).load()


@pytest.mark.parametrize("text", [b"1\t2\t3\n", b"a\tb\n", b"", b"1\t2\n3\n"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "qmnist-test-labels.tsv").write_bytes(text)
    path = find_table(tmp_path, "test")
    assert path is not None
    with pytest.raises(IdxError):
        read_table(path)


def test_a_cut_table_is_refused(tmp_path: Path) -> None:
    rows = folder_of_three(tmp_path)
    table(tmp_path, rows)
    path = tmp_path / "qmnist-train-labels.tsv.gz"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(IdxError, match="is no table of whole numbers"):
        read_table(path)


def test_a_folder_of_writers_without_a_table_is_refused(tmp_path: Path) -> None:
    folder_of_three(tmp_path)
    with pytest.raises(SourceNotFoundError, match="has no writer table qmnist-train-labels-idx2"):
        IdxFolder(tmp_path, writers=tmp_path)
    with pytest.raises(SourceNotFoundError, match="there is no folder"):
        IdxFolder(tmp_path, writers=tmp_path / "nowhere")


@needs_mnist
@needs_writers
def test_mnists_halves_have_their_own_writers() -> None:
    halves = [IdxFolder(MNIST, split, writers=QMNIST).load() for split in ("train", "test")]
    train, test = (set(bank.writers.tolist()) for bank in halves if bank.writers is not None)
    assert (len(train), len(test), train & test) == (539, 297, set())


@needs_mnist
@needs_writers
def test_a_hundred_thousand_samples_have_one_writer_each() -> None:
    source = IdxFolder(MNIST, writers=QMNIST)
    generator = DigitSequence(source=source, seed=4, hand="single")
    composer = generator._composer
    labels = Draws(4, "labels", np.arange(100_000)).integers(0, 9, 5)
    assert composer.hands is not None
    indices = np.arange(100_000)
    glyphs = composer.hands.drawn(labels, Draws(4, "hand", indices), Draws(4, "glyphs", indices))
    writers = composer.bank.writers
    assert writers is not None
    assert (writers[glyphs] == writers[glyphs][:, :1]).all()
    assert (composer.bank.labels[glyphs] == labels).all()
