"""Label policies: the laws they draw by, and that sample i's labels are its own."""

import json
import pickle
import re
from collections import Counter
from functools import partial
from hashlib import sha256
from itertools import chain, pairwise, permutations
from math import lcm
from pathlib import Path
from string import printable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import chisquare

from image_sequence import DigitSequence
from image_sequence.composing.request import Sequences
from image_sequence.config import Configuration
from image_sequence.datasets.policies import held_out, pairs
from image_sequence.datasets.policies.check_digits import ean, luhn
from image_sequence.datasets.policies.kinds import LONGEST, Alphabet, LabelPolicy
from image_sequence.datasets.policies.known import POLICIES, policy_of
from image_sequence.datasets.policies.lengths import LengthLaw
from image_sequence.datasets.policies.pairs import Pairs
from image_sequence.datasets.policies.pattern import Pattern
from image_sequence.datasets.policies.pattern_text import MOST_CHOICES
from image_sequence.datasets.policies.strings import Strings
from image_sequence.datasets.policies.walks import closed_walks
from image_sequence.draws import Draws
from image_sequence.errors import ArgumentTypeError, ArgumentValueError, ImageSequenceError
from image_sequence.glyphs.bank import GlyphBank

DIGITS = Alphabet.of({number: str(number) for number in range(10)})
# Numbers that are neither in order nor next to each other, and labels of several characters.
ODD = Alphabet.of(
    {70 - 7 * number: text for number, text in enumerate("7b0x419a8256ü3")} | {5: "ab"}
)
PRINTABLE = Alphabet.of(dict(enumerate(printable)))

# Draws that differ this much from the law by chance alone come once in a million seeds.
UNLIKELY = 1e-6

SETTINGS: dict[str, Any] = {
    "any length": {"policy": "digits", "length": [1, 6]},
    "weights": {"policy": "digits", "length": {"5": 1.5, "2": 0.5}},
    "some labels": {"policy": "digits", "length": 4, "of": ["7", "0", "4"]},
    "no zeros": {"policy": "digits", "length": [1, 3], "of": [*"3210"], "leading_zeros": False},
    "luhn": {"policy": "digits", "length": [2, 5], "of": [*"0123456789"], "check": "luhn"},
    "ean": {"policy": "digits", "length": 8, "of": [*"0123456789"], "check": "ean"},
    "numbers": {"policy": "numbers", "range": [7, 1200]},
    "padded": {"policy": "numbers", "range": [0, 10**18 - 1], "digits": 4},
    "texts": {"policy": "texts", "texts": ["12", "7", "4019", "12"], "order": "random"},
    "turn": {"policy": "texts", "texts": ["12", "7", "4019"], "order": "turn"},
    "pattern": {"policy": "pattern", "pattern": r"[0-2]?\d(07|8{2,4}|(1|55)?3)"},
    "pairs": {"policy": "pairs", "length": [2, 4], "of": [*"0472"]},
    "without": {
        "policy": "digits",
        "length": [1, 2],
        "of": [*"0123"],
        "held_out": ["1", "33", "x"],
    },
    "fewer": {"policy": "texts", "texts": [*"1234"], "order": "turn", "held_out": ["1", "3"]},
}
each_policy = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS.keys())
index_lists = st.lists(
    st.integers(0, 400) | st.integers(0, 2**63 - 1), min_size=1, max_size=9, unique=True
)


def drawn(
    settings: object, indices: Any = range(100_000), alphabet: Alphabet = DIGITS, seed: int = 7
) -> NDArray[np.int64]:
    policy = policy_of(settings) if isinstance(settings, dict) else settings
    return policy(alphabet, Draws(seed, "labels", indices))  # type: ignore[operator, no-any-return]


def texts(
    settings: object, indices: Any = range(100_000), alphabet: Alphabet = DIGITS, seed: int = 7
) -> list[str]:
    return alphabet.texts_of(drawn(settings, indices, alphabet, seed))


def assert_law(counts: Counter[Any], shares: dict[Any, float]) -> None:
    """Whether what was drawn is what is in `shares`, each as often as it says."""
    assert counts.keys() == shares.keys()
    total = sum(shares.values())
    expected = [counts.total() * share / total for share in shares.values()]
    assert chisquare([counts[key] for key in shares], expected).pvalue > UNLIKELY


# ---------------------------------------------------------------- what all policies have in common


@pytest.mark.parametrize("alphabet", [DIGITS, ODD], ids=["digits", "odd"])
@each_policy
@given(indices=index_lists, seed=st.integers(0, 2**64 - 1))
def test_a_sample_is_the_same_alone_in_a_batch_and_in_any_order(
    settings: Any, alphabet: Alphabet, indices: list[int], seed: int
) -> None:
    alone = [texts(settings, [index], alphabet, seed)[0] for index in indices]
    assert texts(settings, indices, alphabet, seed) == alone
    assert texts(settings, indices[::-1], alphabet, seed) == alone[::-1]


@each_policy
def test_a_run_of_samples_is_the_same_in_parts(settings: Any) -> None:
    parts = [texts(settings, range(first, first + 97)) for first in range(0, 970, 97)]
    assert list(chain.from_iterable(parts)) == texts(settings, range(970))


@each_policy
def test_seeds_and_streams_differ_where_something_is_drawn(settings: Any) -> None:
    policy = policy_of(settings)
    first, again, other = (
        policy(DIGITS, Draws(seed, stream, range(50))).tolist()
        for seed, stream in ((7, "labels"), (8, "labels"), (7, "labels/1"))
    )
    in_turn = settings.get("order") == "turn"
    assert (first == again) == (first == other) == in_turn
    assert policy.repeats == (not in_turn and settings["policy"] != "pairs")


@each_policy
def test_rows_are_filled_with_minus_one_and_as_wide_as_the_longest(settings: Any) -> None:
    labels = drawn(settings, range(300), ODD)
    assert labels.dtype == np.int64
    assert set(np.unique(labels).tolist()) <= {-1, *ODD.numbers.tolist()}
    assert Sequences.checked(labels).lengths.max() == labels.shape[1]


@each_policy
def test_lengths_are_those_that_occur(settings: Any) -> None:
    occurring = sorted(set(map(len, texts(settings, range(20_000)))))
    if settings.get("digits"):  # Of 10**18 numbers hardly one is short.
        assert occurring[-3:] == [16, 17, 18]
        occurring = list(range(4, 19))
    assert policy_of(settings).lengths(DIGITS) == tuple(occurring)


@each_policy
def test_a_policy_in_json_makes_the_same_policy(settings: Any) -> None:
    policy = policy_of(settings)
    said = json.loads(json.dumps(policy.to_dict()))
    assert said == settings
    assert policy_of(said).to_dict() == said
    for other in (policy_of(said), pickle.loads(pickle.dumps(policy))):  # noqa: S301  # our own
        assert other == policy
        assert drawn(other, range(40)).tolist() == drawn(policy, range(40)).tolist()


@each_policy
def test_a_policy_that_was_used_pickles_as_small_as_a_new_one(settings: Any) -> None:
    used = policy_of(settings)
    drawn(used, range(1000))
    assert len(pickle.dumps(used)) <= len(pickle.dumps(policy_of(settings))) + 80


GOLDEN: dict[str, list[str]] = {
    "any length": ["7", "055", "3566", "530", "1276"],
    "weights": ["70", "05597", "35665", "53065", "12769"],
    "some labels": ["4700", "7004", "7000", "0070", "7740"],
    "no zeros": ["0", "31", "31", "32", "12"],
    "luhn": ["75", "059", "3566", "539", "1271"],
    "ean": ["70360042", "05597161", "35665342", "53065322", "12769223"],
    "numbers": ["140", "418", "739", "494", "801"],
    "padded": [
        "112076520485949422",
        "344916550424178309",
        "613326932491436845",
        "407905378021774293",
        "665136157687169612",
    ],
    "texts": ["12", "7", "4019", "7", "4019"],
    "turn": ["12", "7", "4019", "12", "7"],
    "pattern": ["98888", "6553", "04888", "9553", "1013"],
    "pairs": ["42", "4744", "72", "7044", "40"],
    "without": ["3", "0", "12", "2", "01"],
    "fewer": ["2", "4", "2", "4", "2"],
}


@each_policy
def test_labels_are_the_golden_ones(settings: Any, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id
    assert texts(settings, [0, 1, 2, 999, 2**40]) == GOLDEN[name]


@each_policy
def test_pictures_show_what_a_policy_says(settings: Any, grey_bank: GlyphBank) -> None:
    generator = DigitSequence(
        source=grey_bank, config_path=Configuration(spacing_subtype="edge"), seed=7
    )
    function = partial(policy_of(settings), DIGITS)
    batch = next(generator.stream(function, (0, 3), 700, batch_size=20))
    assert ["".join(map(str, row[row >= 0])) for row in batch.labels] == texts(settings, range(20))


def test_every_policy_is_tried_here() -> None:
    assert {settings["policy"] for settings in SETTINGS.values()} == POLICIES.keys()


# ------------------------------------------------------------------------------------- the alphabet


def test_texts_become_numbers_of_labels() -> None:
    assert ODD.numbers_of(["7b0", "ü"]).tolist() == [[70, 63, 56], [-14, -1, -1]]
    assert ODD.texts_of(np.array([[70, 5, -1], [63, -1, -1]])) == ["7ab", "b"]
    assert ODD.digits().tolist() == [int(ODD.numbers[ODD.texts.index(one)]) for one in "0123456789"]


def test_a_text_may_hold_any_character() -> None:
    alphabet = Alphabet.of({3: "\0", 4: "😀", 9: "\ud800"})
    assert alphabet.numbers_of(["😀\0", "\ud800\0\0"]).tolist() == [[4, 3, -1], [9, 3, 3]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Alphabet.of({}), "has a label or more, and a text for each; there are 0 numbers"),
        (lambda: Alphabet.of({-1: "a"}), "a label of -1 cannot be drawn: it fills the rows"),
        (lambda: Alphabet.of({0: "a", 1: "a"}), "two labels have the text 'a'; each has its own"),
        (lambda: Alphabet.of({4: ""}), "label 4 has an empty text; give it another one"),
        (
            lambda: DIGITS.numbers_of(["1", ""]),
            "text 1 is empty; a picture shows one label or more",
        ),
        (
            lambda: DIGITS.numbers_of(["1b2a", "b"]),
            "there is no image of 'a', 'b'; there are images of '0', '1', '2', '3', '4'",
        ),
        (lambda: Alphabet.of({5: "ab"}).numbers_of(["ab"]), "no image of 'a', 'b'; there are "),
        (lambda: Alphabet.of({0: "0", 1: "8"}).digits(), "no image of '1', '2', '3', '4', '5', "),
        (
            lambda: PRINTABLE.numbers_of(["é"]),
            "no image of 'é'; there are images of '0', '1', '2', '3', '4', '5', '6', '7'",
        ),
    ],
)
def test_alphabets_say_what_is_missing(call: Any, message: str) -> None:
    with pytest.raises(ArgumentValueError, match=re.escape(message)):
        call()


# ---------------------------------------------------------------------------------------- lengths


def test_lengths_of_a_range_are_alike_and_weights_are_kept() -> None:
    rng = partial(Draws, 7, "labels", range(100_000))
    uniform = Counter(LengthLaw.of([3, 6]).drawn(rng()).tolist())
    assert_law(uniform, dict.fromkeys(range(3, 7), 1))
    weighted = Counter(LengthLaw.of({"8": 1, "3": 2.5, "40": 0.5}).drawn(rng()).tolist())
    assert_law(weighted, {3: 2.5, 8: 1, 40: 0.5})


def test_lengths_on_a_command_line_mean_the_same_as_in_json() -> None:
    assert LengthLaw.from_text("5") == LengthLaw.of(5) == LengthLaw.of([5, 5])
    assert LengthLaw.from_text("3-8") == LengthLaw.of([3, 8])
    for text in ("", "3-", "-3", "3-8-9", "3 - 8", "five", "٣"):
        with pytest.raises(
            ArgumentValueError, match=r"a length is a number such as 5, or 3-8, not"
        ):
            LengthLaw.from_text(text)


def test_another_length_keeps_the_first_labels() -> None:
    shorter = texts({"policy": "digits", "length": 3}, range(100))
    longer = texts({"policy": "digits", "length": [3, 9]}, range(100))
    assert [text[:3] for text in longer] == shorter


# ---------------------------------------------------------------------------- digits and numbers


def test_each_digit_is_as_likely_as_any_other_in_each_place() -> None:
    labels = drawn({"policy": "digits", "length": 4})
    for place in range(4):
        assert_law(Counter(labels[:, place].tolist()), dict.fromkeys(range(10), 1))
    assert_law(Counter((10 * labels[:, 0] + labels[:, 1]).tolist()), dict.fromkeys(range(100), 1))


def test_without_leading_zeros_zero_begins_alone_only() -> None:
    shown = texts({"policy": "digits", "length": [1, 2], "leading_zeros": False})
    assert_law(Counter(text for text in shown if len(text) == 1), dict.fromkeys("0123456789", 1))
    longer = {str(number): 1.0 for number in range(10, 100)}
    assert_law(Counter(text for text in shown if len(text) == 2), longer)


def test_only_zero_may_be_alone() -> None:
    settings = {"policy": "digits", "length": 1, "of": ["0"], "leading_zeros": False}
    assert texts(settings, range(3)) == ["0"] * 3


def test_numbers_of_a_range_are_alike() -> None:
    shown = texts({"policy": "numbers", "range": [95, 104]})
    assert_law(Counter(shown), {str(number): 1.0 for number in range(95, 105)})
    padded = texts({"policy": "numbers", "range": [0, 11], "digits": 2})
    assert_law(Counter(padded), {f"{number:02}": 1.0 for number in range(12)})


@given(
    st.tuples(st.integers(0, 10**18 - 1), st.integers(0, 10**18 - 1)).map(sorted),
    st.none() | st.integers(1, 18),
)
def test_numbers_are_exact_at_any_size(ends: list[int], digits: int | None) -> None:
    low, high = ends
    words = Draws(7, "labels", range(20)).raw(2).tolist()
    exact = [low + ((first << 64 | second) * (high - low + 1) >> 128) for first, second in words]
    settings = {"policy": "numbers", "range": ends, "digits": digits}
    assert texts(settings, range(20)) == [str(number).zfill(digits or 1) for number in exact]
    assert policy_of(settings).lengths(DIGITS) == tuple(
        range(len(str(low).zfill(digits or 1)), len(str(high).zfill(digits or 1)) + 1)
    )


def test_numbers_beyond_32_bits_are_alike_in_high_and_low_digits() -> None:
    shown = texts({"policy": "numbers", "range": [0, 10**18 - 1], "digits": 18})
    for cut in (slice(0, 2), slice(8, 10), slice(16, 18)):
        assert_law(Counter(text[cut] for text in shown), {f"{pair:02}": 1.0 for pair in range(100)})


# ------------------------------------------------------------------------------------ check digits


def luhn_is_right(text: str) -> bool:
    total = 0
    for place, character in enumerate(reversed(text)):
        digit = int(character) * (2 if place % 2 else 1)
        total += digit // 10 + digit % 10
    return total % 10 == 0


def ean_is_right(text: str) -> bool:
    weights = (3 if place % 2 else 1 for place in range(len(text)))
    return sum(w * int(c) for w, c in zip(weights, reversed(text), strict=True)) % 10 == 0


RIGHT = {"luhn": luhn_is_right, "ean": ean_is_right}


@pytest.mark.parametrize(
    ("check", "known"),
    [
        # ISO's own example, a test card of Visa's, and one of American Express's of 15 digits.
        (luhn, ["79927398713", "4111111111111111", "378282246310005", "18"]),
        # EAN-13, EAN-8, UPC-A, GTIN-14 and SSCC.
        (
            ean,
            ["4006381333931", "73513537", "036000291452", "10614141000415", "106141412345678908"],
        ),
    ],
)
def test_known_numbers_have_their_check_digits(check: Any, known: list[str]) -> None:
    for text in known:
        digits = np.array([list(map(int, text[:-1]))])
        assert check(digits, np.array([len(text) - 1])).tolist() == [int(text[-1])]


@pytest.mark.parametrize("check", ["luhn", "ean"])
def test_check_digits_are_right_and_no_other_would_be(check: str) -> None:
    shown = texts({"policy": "digits", "length": [2, 9], "check": check}, range(2000))
    is_right = RIGHT[check]
    for text in shown:
        assert [is_right(text[:-1] + last) for last in "0123456789"].count(True) == 1
        assert is_right(text)
    assert_law(Counter(text[0] for text in shown), dict.fromkeys("0123456789", 1))


def test_check_digits_go_with_the_digits_alone() -> None:
    settings = {"policy": "digits", "length": 9, "of": [*"18"], "check": "ean"}
    shown = texts(settings, range(500), ODD)
    assert {text[0] for text in shown} == set("18")
    assert all(map(ean_is_right, shown))
    assert len({text[-1] for text in shown}) == 10


# ------------------------------------------------------------------------------- texts and files


def test_texts_are_as_likely_as_they_are_frequent() -> None:
    shown = texts({"policy": "texts", "texts": ["12", "7", "12", "300"]})
    assert_law(Counter(shown), {"12": 2, "7": 1, "300": 1})


def test_texts_in_turn_begin_again_after_the_last() -> None:
    settings = {"policy": "texts", "texts": ["12", "7", "300"], "order": "turn"}
    assert texts(settings, [0, 1, 2, 3, 3 * 10**17 + 1]) == ["12", "7", "300", "12", "7"]


@pytest.mark.parametrize(
    "content",
    [
        b"12\n7\n300\n",
        b"12\r\n7\r\n300",
        b"\xef\xbb\xbf12\n\n7\n  \n300\n\n",
        b"12\n7\n300",
    ],
    ids=["lf", "crlf", "mark and blanks", "no end"],
)
def test_a_file_has_a_text_on_each_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "lines.txt"
    path.write_bytes(content)
    policy = policy_of({"policy": "texts", "file": str(path), "order": "turn"})
    assert texts(policy, range(4)) == ["12", "7", "300", "12"]
    assert policy.lengths(DIGITS) == (1, 2, 3)
    said = policy.to_dict()
    assert (said["file"], said["sha256"]) == (str(path), sha256(content).hexdigest())
    assert texts(policy_of(said), range(3)) == ["12", "7", "300"]


def test_a_file_is_read_when_it_is_needed_and_once(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    policy = policy_of({"policy": "texts", "file": str(path), "order": "turn"})
    path.write_text("12\n7\n")
    assert texts(policy, range(2)) == ["12", "7"]
    path.write_text("99\n")
    assert texts(policy, range(2), ODD) == ["12", "7"]


def test_another_process_reads_the_same_file_or_none(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("12\n" * 50_000)
    policy = policy_of({"policy": "texts", "file": str(path)})
    drawn(policy, range(100))
    packed = pickle.dumps(policy)
    assert len(packed) < 1000 + len(str(path))
    assert texts(pickle.loads(packed), [0]) == ["12"]  # noqa: S301  # our own
    path.write_text("99\n")
    other = pickle.loads(packed)  # noqa: S301  # our own
    with pytest.raises(ArgumentValueError, match="is not the one that was meant: its SHA-256 is"):
        drawn(other, [0])


def test_one_long_text_among_short_ones_takes_its_own_memory_only() -> None:
    policy = policy_of({"policy": "texts", "texts": ["7"] * 50_000 + ["8" * LONGEST]})
    assert drawn(policy, [0]).shape == (1, 1)  # 4 GB, if every text were as long as the longest.


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "' of texts cannot be read: No such file or directory"),
        (b"12\n\xff\n", "' is not UTF-8: invalid start byte at byte 3; save it as UTF-8"),
        (b"\n \n", "' has no texts; it has one or more, each on its own line"),
        (b"1\n" + b"2" * 10_001, "text 2 of the file '"),
        (b"12\nx7\n", "there is no image of 'x'; there are images of '0', '1'"),
    ],
)
def test_files_that_cannot_be_used_are_refused(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "lines.txt"
    if content is not None:
        path.write_bytes(content)
    policy = policy_of({"policy": "texts", "file": str(path)})
    with pytest.raises(ArgumentValueError, match=re.escape(message)):
        policy.lengths(DIGITS)


# ---------------------------------------------------------------------------------------- patterns

literals = st.sampled_from([*"0189AZaz/-,: é", *(f"\\{one}" for one in "\\[](){}|?*+.^$-/")])
class_parts = st.sampled_from(
    [
        "0-9",
        "A-F",
        "x-z",
        "!-/",
        "a",
        "7",
        r"\]",
        r"\-",
        r"\\",
        r"\^",
        r"\[",
        r"\d",
        r"+-\-",
        "?",
        ".",
    ]
)
classes = st.tuples(st.lists(class_parts, min_size=1, max_size=4), st.sampled_from(["", "-"])).map(
    lambda parts: f"[{''.join(parts[0])}{parts[1]}]"
)
counts = st.sampled_from(["", "?", "{1}", "{3}", "{0,2}", "{2,3}", "{1,4}"])


def larger(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rows = st.lists(parts, min_size=1, max_size=3).map("".join)
    groups = st.lists(rows, min_size=1, max_size=3).map(lambda all_of: f"({'|'.join(all_of)})")
    return rows | st.tuples(groups, counts).map("".join)


patterns = st.recursive(
    st.tuples(literals | classes | st.just(r"\d"), counts).map("".join), larger, max_leaves=8
)
EVERYTHING = Alphabet.of(dict(enumerate([*printable, "é"])))


@given(patterns, st.integers(0, 1000))
def test_what_a_pattern_makes_matches_it(pattern: str, seed: int) -> None:
    policy = Pattern("7" + pattern)  # So that it is never empty.
    shown = texts(policy, range(30), EVERYTHING, seed)
    assert all(re.fullmatch("7" + pattern, text) for text in shown)
    assert {len(text) for text in shown} <= set(policy.lengths(EVERYTHING))


@pytest.mark.parametrize(
    ("pattern", "shares"),
    [
        (
            "(a|b|cd)[xy]{0,1}",
            {"a": 2, "ax": 1, "ay": 1, "b": 2, "bx": 1, "by": 1, "cd": 2, "cdx": 1, "cdy": 1},
        ),
        ("(ab?){1,2}", {"a": 4, "ab": 4, "aa": 2, "aab": 2, "aba": 2, "abab": 2}),
        ("[aab-d]", dict.fromkeys("abcd", 1)),
        ("a|b|(c|d)", {"a": 2, "b": 2, "c": 1, "d": 1}),
        ("(a|b){2}", dict.fromkeys(["aa", "ab", "ba", "bb"], 1)),
        ("x{2,4}", dict.fromkeys(["xx", "xxx", "xxxx"], 1)),
    ],
)
def test_characters_alternatives_and_counts_are_alike(
    pattern: str, shares: dict[str, float]
) -> None:
    policy = Pattern(pattern)
    assert_law(Counter(texts(policy, alphabet=PRINTABLE)), shares)
    assert policy.lengths(PRINTABLE) == tuple(sorted(set(map(len, shares))))


@pytest.mark.parametrize(
    ("pattern", "lengths"),
    [
        (r"\d{2}/\d{2}/\d{4}", [10]),
        ("(aa|bbbbb){0,3}c", [1, 3, 5, 6, 7, 8, 10, 11, 13, 16]),
        ("a{3}(b{2}|c{4})?", [3, 5, 7]),
        ("((ab){2,3}){1,2}", [4, 6, 8, 10, 12]),
    ],
)
def test_lengths_of_a_pattern_are_all_sums_of_its_parts(pattern: str, lengths: list[int]) -> None:
    assert Pattern(pattern).lengths(PRINTABLE) == tuple(lengths)


def test_the_longest_pattern_works() -> None:
    assert drawn(Pattern(f"\\d{{{LONGEST}}}"), range(2)).shape == (2, LONGEST)
    assert Pattern("((a|b){100}){1,100}").lengths(PRINTABLE) == tuple(range(100, 10_001, 100))


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "the pattern is empty; \\d{5} makes five digits"),
        (
            "ab*c",
            "in the pattern 'ab*c' '*' at character 3 has no upper end; use {m,n}, such as {0,5}",
        ),
        ("a+", "'+' at character 2 has no upper end; use {m,n}"),
        ("*a", "'*' at character 1 has nothing before it to repeat; \\* is the character itself"),
        ("a(?:b)", "'?' at character 3 has nothing before it to repeat"),
        ("a??", "'?' at character 3 is a second count; a group in ( ) may have another one"),
        ("a{2}{3}", "'{' at character 5 is a second count"),
        ("1.5", "'.' at character 2 is no pattern; \\. is the character itself"),
        ("^a", "'^' at character 1 is no pattern"),
        ("a$", "'$' at character 2 is no pattern"),
        ("a]", "']' at character 2 is no pattern"),
        ("a}", "'}' at character 2 is no pattern"),
        ("a)b", "')' at character 2 closes no group; \\) is the character itself"),
        ("x(ab", "'(' at character 2 opens a group that no ) closes"),
        (
            "()",
            "')' at character 2 has nothing before it; ? after a part says that it may be missing",
        ),
        ("(a|)", "')' at character 4 has nothing before it"),
        ("|a", "'|' at character 1 has nothing before it"),
        ("a|", "the end has nothing before it"),
        ("x[ab", "'[' at character 2 opens a class that no ] closes"),
        ("x[a-", "'[' at character 2 opens a class that no ] closes"),
        ("[]", "'[' at character 1 opens an empty class; name a character"),
        (
            "[^a]",
            "'^' at character 2 asks for all other characters; name those you want, or write \\^",
        ),
        ("[a[b]", "'[' at character 3 is inside a class; \\[ is the character itself"),
        ("[z-a]", "'-' at character 3 goes from 'z' down to 'a'; the smaller one comes first"),
        (
            r"[\d-z]",
            "'-' at character 4 is a range with \\d at an end; \\- is the character itself",
        ),
        (r"\w", "'\\\\' at character 1 begins \\w, which means nothing; there are \\d for a digit"),
        ("a\\", "'\\\\' at character 2 begins \\, which means nothing"),
        ("a{", "'{' at character 2 begins no count; a count is {n} or {m,n}, such as {3} or {0,5}"),
        ("a{,3}", "'{' at character 2 begins no count"),
        ("a{2,}", "'{' at character 2 begins no count"),
        ("a{-1}", "'{' at character 2 begins no count"),
        ("a{٣}", "'{' at character 2 begins no count"),
        ("a{5,2}", "'{' at character 2 counts from 5 down to 2; the smaller one comes first"),
        (
            "a{0}",
            "'{' at character 2 counts to 0, so nothing would stand there; leave the part out",
        ),
        ("a{12345678901}", "'{' at character 2 begins a count above 10000"),
        ("ba{10001}", "'a' at character 2 begins what may have 10001 labels; at most 10000 work"),
        (
            "((a{100}){100}){999999999}",
            "'(' at character 1 begins what may have 9999999990000 labels",
        ),
        ("a" * 10_001, "'a' at character 1 begins what may have 10001 labels"),
        (
            "(((a|b)|b)|b){9000}",
            "'(' at character 1 begins what takes 27000 random numbers; at most",
        ),
        (
            "(" * 21 + "a" + ")" * 21,
            "'(' at character 21 is inside 20 groups; 20 groups in each other",
        ),
        (r"\d?", r"the pattern '\\d?' may become an empty text, but a picture shows one label"),
        ("(a|b?){2}", "may become an empty text"),
    ],
)
def test_what_is_no_pattern_is_refused_with_its_place(pattern: str, message: str) -> None:
    with pytest.raises(ArgumentValueError, match=re.escape(message)):
        policy_of({"policy": "pattern", "pattern": pattern})


def test_most_choices_are_told_apart_from_lengths() -> None:
    assert MOST_CHOICES == 2 * LONGEST
    assert drawn(Pattern("((a|b)|b){10000}"), [0], PRINTABLE).shape == (1, LONGEST)


# ------------------------------------------------------------------------------------------- pairs


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        (2, "0123456789"),
        (5, "0123456789"),
        ([3, 8], "0123456789"),
        ([2, 4], "047"),
        (12, "01"),
        (3, "7"),
    ],
)
def test_each_block_has_every_pair_and_every_length_equally_often(length: Any, labels: str) -> None:
    policy = policy_of({"policy": "pairs", "length": length, "of": [*labels]})
    assert isinstance(policy, Pairs)
    lengths = policy.lengths(DIGITS)
    size = policy.block_size(DIGITS)
    # The smallest that there can be.
    per_round = sum(length - 1 for length in lengths)
    assert size == lcm(per_round, len(labels) ** 2) // per_round * len(lengths)
    for block in (0, 1, 2, 10**6):
        shown = texts(policy, range(block * size, (block + 1) * size))
        neighbours = Counter(
            text[place : place + 2] for text in shown for place in range(len(text) - 1)
        )
        assert neighbours.keys() == {one + other for one in labels for other in labels}
        assert len(set(neighbours.values())) == 1
        assert Counter(map(len, shown)) == dict.fromkeys(lengths, size // len(lengths))


def test_a_balanced_data_set_is_not_the_same_block_again_and_again() -> None:
    shown = texts({"policy": "pairs", "length": 6}, range(20 * 200))
    blocks = [tuple(shown[first : first + 20]) for first in range(0, len(shown), 20)]
    assert len(set(blocks)) == 200
    assert_law(Counter(text[0] for text in shown), dict.fromkeys("0123456789", 1))
    # In the walk each sequence begins where the one before it ends; of 20 shuffled ones few do.
    joined = sum(one[-1] == other[0] for one, other in pairwise(shown))
    assert joined < 0.2 * len(shown)


def test_balanced_sequences_do_not_depend_on_what_was_asked_before() -> None:
    settings = {"policy": "pairs", "length": [3, 4]}
    indices = [5, 10**6, 80, 3 * 10**9, 10**4, 6, 79]
    pairs._group.cache_clear()
    fresh = []
    for index in indices:
        pairs._group.cache_clear()
        fresh += texts(settings, [index])
    assert texts(settings, indices) == fresh
    assert texts(settings, indices[::-1], seed=8)[::-1] != fresh
    assert texts(settings, indices[::-1])[::-1] == fresh
    info = pairs._group.cache_info()
    assert info.maxsize is not None
    assert info.currsize <= info.maxsize <= 8


def test_batches_in_order_make_each_block_once() -> None:
    pairs._group.cache_clear()
    for first in range(0, 6000, 50):
        drawn({"policy": "pairs", "length": [3, 8]}, range(first, first + 50))
    assert pairs._group.cache_info().misses == 6000 // 600


@pytest.mark.parametrize(("label_count", "times"), [(2, 1), (2, 2), (3, 1)])
def test_all_walks_are_alike(label_count: int, times: int) -> None:
    nodes = range(label_count)
    steps = [(one, other) for one in nodes for other in nodes] * times
    walks = closed_walks(Draws(7, "walks", range(20_000)), label_count, len(steps))
    counts = Counter(map(tuple, walks.tolist()))
    if label_count == 2:
        assert_law(counts, dict.fromkeys(_closed_walks_through(steps), 1))
        return
    # 9 places to begin, 3 trees, 2! orders at each of three labels: the BEST theorem's number.
    assert_law(counts, dict.fromkeys(_grown_walks(label_count), 1))
    assert len(counts) == 9 * 3 * 2**3


def _closed_walks_through(steps: list[tuple[int, int]]) -> set[tuple[int, ...]]:
    found = set()
    for order in set(permutations(steps)):
        if all(
            one[1] == other[0] for one, other in zip(order, (*order[1:], order[0]), strict=True)
        ):
            found.add((order[0][0], *(step[1] for step in order)))
    return found


def _grown_walks(label_count: int) -> set[tuple[int, ...]]:
    """All closed walks through each pair once, grown step by step."""
    walks: set[tuple[int, ...]] = {(start,) for start in range(label_count)}
    for _ in range(label_count**2):
        walks = {
            (*walk, label)
            for walk in walks
            for label in range(label_count)
            if (walk[-1], label) not in set(pairwise(walk))
        }
    return {walk for walk in walks if walk[0] == walk[-1]}


def test_many_labels_may_be_paired() -> None:
    alphabet = Alphabet.of({number: chr(0x4E00 + number) for number in range(300)})
    policy = Pairs(2, 2)
    assert policy.block_size(alphabet) == 90_000
    labels = drawn(policy, range(90_000), alphabet)
    assert len(np.unique(labels[:, 0] * 300 + labels[:, 1])) == 90_000


# ---------------------------------------------------------------------------------------- held out


def test_texts_that_are_held_out_are_never_shown_and_the_others_are_alike() -> None:
    never = ["13", "7", "99", "0", "123", "no label"]
    shown = texts({"policy": "digits", "length": 2, "held_out": never})
    kept = {f"{number:02}": 1.0 for number in range(100)}
    del kept["13"], kept["99"]
    assert_law(Counter(shown), kept)


def test_a_sample_that_shows_nothing_held_out_keeps_its_labels() -> None:
    settings = {"policy": "digits", "length": [1, 3]}
    before = texts(settings, range(5000))
    never = {"7", "31", "0", "555"}
    after = texts(settings | {"held_out": sorted(never)}, range(5000))
    for one, other in zip(before, after, strict=True):
        assert other == one or one in never
        assert other not in never


@pytest.mark.parametrize("order", ["random", "turn"])
def test_texts_of_a_file_are_left_out_before_anything_is_drawn(tmp_path: Path, order: str) -> None:
    (tmp_path / "all.txt").write_text("12\n7\n300\n7\n")
    (tmp_path / "never.txt").write_text("7\n55\n")
    settings = {
        "policy": "texts",
        "file": str(tmp_path / "all.txt"),
        "order": order,
        "held_out": {"file": str(tmp_path / "never.txt")},
    }
    policy = policy_of(settings)
    shown = texts(policy, range(100))
    assert set(shown) == {"12", "300"}
    assert policy.lengths(DIGITS) == (2, 3)
    said = policy.to_dict()
    assert said["held_out"]["sha256"] == sha256(b"7\n55\n").hexdigest()
    assert texts(policy_of(said), range(100)) == shown


def test_labels_of_several_characters_are_held_out_by_what_they_read() -> None:
    alphabet = Alphabet.of({4: "ab", 9: "a", 2: "b", 7: "ba"})
    shown = texts(
        {"policy": "digits", "length": [1, 2], "held_out": ["ab", "aba"]}, alphabet=alphabet
    )
    everything = {"ab", "a", "b", "ba"} | {
        one + two for one in alphabet.texts for two in alphabet.texts
    }
    assert set(shown) == everything - {"ab", "aba"}


def test_texts_that_only_look_alike_to_the_hash_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_out, "_BASE", np.uint64(1))  # Now "12" and "21" have one hash.
    shown = texts(
        {"policy": "digits", "length": 2, "of": ["1", "2"], "held_out": ["12"]}, range(200)
    )
    assert set(shown) == {"11", "21", "22"}


def test_holding_out_everything_names_the_sample() -> None:
    settings = {"policy": "digits", "length": 1, "of": ["1", "2"], "held_out": ["1", "2"]}
    message = (
        "1000 texts were drawn for sample 17, and each of them is held out; hold out fewer of the 2"
    )
    with pytest.raises(ArgumentValueError, match=message):
        drawn(settings, [17, 18])


# ------------------------------------------------------------------------------------------ errors


NUMBERS, TEXTS, PAIRS = ({"policy": name} for name in ("numbers", "texts", "pairs"))
A_LENGTH = {"policy": "digits"}
DIGITS_5: dict[str, Any] = {"policy": "digits", "length": 5}
WRONG_KINDS: list[tuple[Any, str]] = [
    ("digits", 'labels are an object such as {"policy": "digits", "length": 5}, not \'digits\''),
    (
        {"policy": 5},
        "policy is the name of a policy, digits, numbers, texts, pattern, pairs, not 5",
    ),
    (
        A_LENGTH | {"length": "5"},
        "length is a whole number, a range such as [3, 8], or an object of weights",
    ),
    (A_LENGTH | {"length": True}, "length is a whole number, a range such as"),
    (
        A_LENGTH | {"length": [3, 8.5]},
        "length is a pair of whole numbers such as [1, 10000], not [3, 8.5]",
    ),
    (A_LENGTH | {"length": {"3": "1"}}, "the weight of length 3 is a number, not '1'"),
    (DIGITS_5 | {"of": "01"}, 'of is a list of texts such as ["12", "7"], not \'01\''),
    (DIGITS_5 | {"of": [1]}, "of holds texts such as '12', of[0] is 1"),
    (DIGITS_5 | {"leading_zeros": 0}, "leading_zeros is true or false, not 0"),
    (DIGITS_5 | {"check": True}, "check is 'luhn' or 'ean', not True"),
    (
        NUMBERS | {"range": 7},
        "range is a pair of whole numbers such as [0, 999999999999999999], not 7",
    ),
    (NUMBERS | {"range": [0, 7], "digits": "2"}, "digits is a whole number such as 1, not '2'"),
    (TEXTS | {"texts": "12"}, 'texts is a list of texts such as ["12", "7"], not \'12\''),
    (TEXTS | {"file": 5}, "file is a text, not 5"),
    ({"policy": "pattern", "pattern": 5}, "a pattern is a text such as '\\\\d{2}/\\\\d{2}', not 5"),
    (
        PAIRS | {"length": {"3": 1}},
        "the length of pairs is a pair of whole numbers such as [2, 10000], not {'3': 1}",
    ),
    (
        A_LENGTH | {"length": 3, "held_out": "111"},
        'held_out is a list of texts such as ["12", "7"], not \'111\'',
    ),
]
WRONG_VALUES: list[tuple[Any, str]] = [
    ({}, "the key policy is missing; there are the policies digits, numbers, texts,"),
    (
        {"policy": "digit"},
        "texts, pattern, pairs; did you mean 'digits'?",
    ),
    ({"policy": "digits"}, "the policy 'digits' needs the key 'length'"),
    (
        {"policy": "digits", "lenght": 5},
        "has no key 'lenght'; it has length, of, leading_zeros, check; did you mean 'length'?",
    ),
    (A_LENGTH | {"length": 0}, "length lies from 1 to 10000, 0 does not"),
    (
        A_LENGTH | {"length": 10**5000},
        "length lies from 1 to 10000, an int too long to show does not",
    ),
    (A_LENGTH | {"length": [8, 3]}, "length goes from 8 down to 3; the smaller number comes first"),
    (A_LENGTH | {"length": {}}, 'length has no weights; {"3": 0.5, "8": 0.5} has'),
    (
        A_LENGTH | {"length": {"3": 0}},
        "the weight of length 3 lies above 0 and up to 1e+300, 0 does not",
    ),
    (
        A_LENGTH | {"length": {"03": 1}},
        "a length with a weight is a whole number such as \"3\", not '03'",
    ),
    (A_LENGTH | {"length": {"20000": 1}}, "length lies from 1 to 10000, 20000 does not"),
    (DIGITS_5 | {"of": []}, "of is empty; it holds one text or more"),
    (DIGITS_5 | {"of": ["1", ""]}, "of[1] is empty; a text has one character or more"),
    (DIGITS_5 | {"of": ["1", "1"]}, "of names '1' twice; naming it once will do"),
    (DIGITS_5 | {"of": ["1", "x"]}, "there is no image of 'x'; there are images of '0', '1'"),
    (
        DIGITS_5 | {"of": ["0"], "leading_zeros": False},
        "leaves nothing to begin with, for only '0' is drawn",
    ),
    (
        DIGITS_5 | {"of": ["a"], "leading_zeros": False},
        'goes with digits alone, and \'a\' is none; "of": ["0", "1", …] draws digits only',
    ),
    (DIGITS_5 | {"check": "luhm"}, "check is 'luhn' or 'ean', not 'luhm'; did you mean 'luhn'?"),
    (
        A_LENGTH | {"length": [1, 5], "check": "ean"},
        "the length counts the ean digit, so it is at least 2, not 1",
    ),
    ({"policy": "numbers"}, "the policy 'numbers' needs the key 'range'"),
    (NUMBERS | {"range": [-1, 7]}, "range lies from 0 to 999999999999999999, -1 does not"),
    (
        NUMBERS | {"range": [0, 10**18]},
        "range lies from 0 to 999999999999999999, 1000000000000000000 does not",
    ),
    (NUMBERS | {"range": [9, 7]}, "range goes from 9 down to 7; the smaller number comes first"),
    (NUMBERS | {"range": [0, 7], "digits": 19}, "digits lies from 1 to 18, 19 does not"),
    ({"policy": "texts"}, "texts or file says what is written; neither was given"),
    (TEXTS | {"texts": ["1"], "file": "x"}, "texts or file says what is written; both was given"),
    (
        TEXTS | {"texts": ["1", "2" * 10001]},
        "text 2 of the list has 10001 characters; 10000 or fewer work",
    ),
    (
        TEXTS | {"texts": ["1"], "order": "turns"},
        "order is 'random' or 'turn', not 'turns'; did you mean 'turn'?",
    ),
    (TEXTS | {"texts": ["1"], "sha256": "0" * 64}, "sha256 is that of a file, and there is none"),
    (TEXTS | {"file": "x", "sha256": "abc"}, "sha256 is 64 of the digits 0-9 and a-f, not 'abc'"),
    (TEXTS | {"file": "\x00"}, "of texts cannot be read: embedded null byte"),
    (
        TEXTS | {"texts": ["1", "2"], "held_out": ["2", "1"]},
        "each of the 2 texts is held out, so nothing is left to show",
    ),
    ({"policy": "pattern"}, "the policy 'pattern' needs the key 'pattern'"),
    (
        {"policy": "pattern", "pattern": "[a-c]1"},
        "there is no image of 'a', 'b', 'c'; there are images of",
    ),
    ({"policy": "pairs"}, "the policy 'pairs' needs the key 'length'"),
    (PAIRS | {"length": 1}, "the length of pairs lies from 2 to 10000, 1 does not"),
    (PAIRS | {"length": [1, 3]}, "the length of pairs lies from 2 to 10000, 1 does not"),
    (
        PAIRS | {"length": [2, 302]},
        "of 2 to 302 has 4545100 pairs, more than 1000000; 4 labels or fewer always work",
    ),
    (PAIRS | {"length": [2, 9999]}, "more than 1000000; shorter sequences work"),
    (
        PAIRS | {"length": 3, "held_out": ["111"]},
        "nothing can be held out of the policy 'pairs': it shows what is next",
    ),
    (A_LENGTH | {"length": 3, "held_out": []}, "held_out is empty; it holds one text or more"),
    (
        A_LENGTH | {"length": 3, "held_out": {"path": "x"}},
        "held_out has no key 'path'; it is a list of texts, or has the keys file and sha256",
    ),
    (
        A_LENGTH | {"length": 3, "held_out": {"file": "/no/file"}},
        "the file '/no/file' of texts cannot be read: No such file or directory",
    ),
]


@pytest.mark.parametrize(
    ("settings", "kind", "message"),
    [
        *((settings, ArgumentTypeError, message) for settings, message in WRONG_KINDS),
        *((settings, ArgumentValueError, message) for settings, message in WRONG_VALUES),
    ],
)
def test_settings_that_cannot_work_are_refused(
    settings: Any, kind: type[ImageSequenceError], message: str
) -> None:
    with pytest.raises(ImageSequenceError, match=re.escape(message)) as caught:
        policy_of(settings).lengths(DIGITS)
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    "settings",
    [
        {"policy": "numbers", "range": [0, 9]},
        {"policy": "digits", "length": 3, "of": ["1"], "check": "luhn"},
        {"policy": "digits", "length": 3, "check": "luhn"},
    ],
)
def test_what_needs_digits_says_so_where_there_are_none(settings: Any) -> None:
    letters = Alphabet.of({0: "a", 1: "1"})
    policy: LabelPolicy = policy_of(settings)
    for call in (partial(policy.lengths, letters), partial(drawn, policy, [0], letters)):
        with pytest.raises(ArgumentValueError, match=r"no image of '0', '2', '3'|goes with digits"):
            call()


def test_strings_are_texts_or_a_file() -> None:
    assert Strings(("1",)).to_json() == ["1"]
    with pytest.raises(ArgumentValueError, match="neither was given"):
        Strings.of({}, "held_out")
