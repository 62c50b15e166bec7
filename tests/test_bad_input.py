"""The contract's table of bad input, and thousands of made-up arguments and configurations.

Each gives a right picture or an error of the documented kind, and nothing is left behind.
"""

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from image_sequence import DigitSequence, GlyphBank
from image_sequence.composing.request import SequenceRequest
from image_sequence.composing.transforms import classic
from image_sequence.draws import Draws
from image_sequence.errors import ImageSequenceError

GOOD: dict[str, Any] = {
    "image": {"transform": False},
    "spacing": {"type": "variable", "subtype": "between"},
    "output_format": "png",
}
FIXED = GOOD | {"spacing": {"type": "fixed", "subtype": "edge"}}
ONE_DIGIT = ([1], (0, 20), 86)

TABLE: list[tuple[str, Any, tuple[Any, Any, Any], type[Exception], str]] = [
    ("missing key", {"image": {"transform": False}}, ONE_DIGIT, KeyError, "lacks 'output_format'"),
    (
        "unknown type",
        GOOD | {"spacing": {"type": "wide", "subtype": "edge"}},
        ONE_DIGIT,
        TypeError,
        "there is no spacing type 'wide'; there are 'exponential', 'fixed', ",
    ),
    (
        "unknown subtype",
        GOOD | {"spacing": {"type": "fixed", "subtype": "inner"}},
        ONE_DIGIT,
        TypeError,
        "spacing.subtype is 'edge' or 'between', not 'inner'",
    ),
    ("unknown format", GOOD | {"output_format": "bmp"}, ONE_DIGIT, ValueError, "'jpeg', not 'bmp'"),
    (
        "a step that there is not",
        GOOD | {"image": {"transform": ["blur", {"blurr": {}}]}},
        ONE_DIGIT,
        ValueError,
        (
            "image.transform[1]: there is no step 'blurr'; there are affine, blur, contrast, "
            "crop, dropout, elastic, noise, perspective, random_order, stretch, stroke; did you "
            "mean 'blur'?"
        ),
    ),
    (
        "a range the wrong way round",
        GOOD | {"image": {"transform": [{"random_order": [{"affine": {"rotate": [9, -9]}}]}]}},
        ONE_DIGIT,
        ValueError,
        ("image.transform[0].random_order[0].affine.rotate lies from -180 to 180 degrees, the "
        "smaller number first; [9, -9] does not"),
    ),
    (
        "a parameter that there is not",
        GOOD | {"image": {"transform": [{"stroke": {"widths": 1}}]}},
        ONE_DIGIT,
        ValueError,
        "image.transform[0].stroke has no parameter 'widths'; it has width, p, per, spread",
    ),
    (
        "a step without a name",
        GOOD | {"image": {"transform": [{"blur": {}, "stroke": {}}]}},
        ONE_DIGIT,
        ValueError,
        'image.transform[0] is a step such as {"affine": {}}, one name and its parameters, not',
    ),
    (
        "a spread that means nothing",
        GOOD | {"image": {"transform": [{"blur": {"spread": 0.1}}]}},
        ONE_DIGIT,
        ValueError,
        'image.transform[0].blur.spread goes with "per": "sequence"; per glyph each has its own',
    ),
    (
        "unknown per",
        GOOD | {"image": {"transform": [{"blur": {"per": "digit"}}]}},
        ONE_DIGIT,
        ValueError,
        "image.transform[0].blur.per is 'glyph' or 'sequence', not 'digit'",
    ),
    (
        "a probability above 1",
        GOOD | {"image": {"transform": [{"blur": {"p": 1.5}}]}},
        ONE_DIGIT,
        ValueError,
        "image.transform[0].blur.p lies from 0 to 1, 1.5 does not",
    ),
    (
        "shuffled steps within shuffled ones",
        GOOD | {"image": {"transform": [{"random_order": [{"random_order": ["blur"]}]}]}},
        ONE_DIGIT,
        ValueError,
        "image.transform[0].random_order[0]: a random_order holds no other random_order",
    ),
    (
        "nothing to shuffle",
        GOOD | {"image": {"transform": [{"random_order": []}, "blur"]}},
        ONE_DIGIT,
        ValueError,
        "image.transform[0].random_order is empty; it holds one step or more",
    ),
    (
        "a number that is too large for all",
        GOOD | {"image": {"transform": [{"blur": {"sigma": 10**400}}]}},
        ONE_DIGIT,
        ValueError,
        "image.transform[0].blur.sigma lies from 0 to 10 pixels, the smaller number first; ",
    ),
    (
        "a parameter of no distribution",
        GOOD | {"spacing": {"type": "variable", "subtype": "edge", "mean": 3}},
        ONE_DIGIT,
        ValueError,
        ("the spacing type 'variable' has no parameter 'mean'; spacing has the keys 'measure', "
        "'overlap', 'subtype', 'type', and those of one of the distributions 'exponential', "),
    ),
    (
        "a distribution's negative deviation",
        GOOD | {"spacing": {"type": "normal", "subtype": "edge", "deviation": -1}},
        ONE_DIGIT,
        ValueError,
        "the deviation of a distribution Normal lies from 0.001 to 1000000, -1 does not",
    ),
    (
        "unknown measure",
        GOOD | {"spacing": {"type": "variable", "subtype": "edge", "measure": "line"}},
        ONE_DIGIT,
        ValueError,
        "spacing.measure is 'cell' or 'ink', not 'line'",
    ),
    (
        "overlap not a boolean",
        GOOD | {"spacing": {"type": "variable", "subtype": "edge", "overlap": 1}},
        ONE_DIGIT,
        ValueError,
        "spacing.overlap is true or false, not 1",
    ),
    (
        "a layout that is none",
        GOOD | {"layout": {"jitter": 3}},
        ONE_DIGIT,
        ValueError,
        ("layout has 'jitter', which means nothing; it has size, baseline, drift, slope, per, "
        "spread, room"),
    ),
    (
        "a room of half a pixel",
        GOOD | {"layout": {"room": 0.5}},
        ONE_DIGIT,
        TypeError,
        "layout.room is a whole number of pixels such as 4, not 0.5",
    ),
    (
        "a page that is none",
        GOOD | {"page": {"colour": "red"}},
        ONE_DIGIT,
        ValueError,
        ("page has 'colour', which means nothing; it has paper, ink, paper_steps, pictures, "
        "transform"),
    ),
    (
        "paper lighter than white",
        GOOD | {"page": {"paper": [0.5, 1.5]}},
        ONE_DIGIT,
        ValueError,
        "page.paper.level lies from 0 to 1 level, the smaller number first; [0.5, 1.5] does not",
    ),
    (
        "ink of no colour",
        GOOD | {"page": {"ink": {"red": 0, "grey": 1}}},
        ONE_DIGIT,
        ValueError,
        "page.ink is a level, or an object with red, green, blue; 'grey' means nothing",
    ),
    (
        "moves behind other steps",
        GOOD | {"page": {"transform": ["blur", "rotate"]}},
        ONE_DIGIT,
        ValueError,
        "page.transform[1]: rotate moves ink, so it stands before blur and all else that does not",
    ),
    (
        "no folder of pictures",
        GOOD | {"page": {"pictures": "/nowhere"}},
        ONE_DIGIT,
        FileNotFoundError,
        "/nowhere",
    ),
    (
        "transform not a boolean",
        GOOD | {"image": {"transform": "true"}},
        ONE_DIGIT,
        ValueError,
        ("image.transform is true or false, one of the names 'classic', 'classic-native', "
        "'handwriting', or a list of at least one step, not 'true'"),
    ),
    ("not JSON", b"{,}", ONE_DIGIT, json.JSONDecodeError, "is not JSON: Expecting property name"),
    ("file missing", None, ONE_DIGIT, FileNotFoundError, "there is no configuration file"),
    ("digits not iterable", GOOD, (7, (0, 20), 86), TypeError, "such as [0, 1], not 7"),
    ("digits of bool", GOOD, ([True, 1], (0, 20), 86), TypeError, "not True (bool)"),
    ("digits of float", GOOD, ([1.0, 2.0], (0, 20), 86), TypeError, "not 1.0 (float)"),
    ("no digits", GOOD, ([], (0, 20), 86), ValueError, "there are no digits"),
    ("no such digit", GOOD, ([1, 10], (0, 20), 86), ValueError, "has no image of 10; it has"),
    ("negative digit", GOOD, ([1, -1], (0, 20), 86), ValueError, "has no image of -1; it has"),
    ("range not a pair", GOOD, ([1, 2], (0, 1, 2), 86), TypeError, "a pair of whole numbers"),
    ("range of float", GOOD, ([1, 2], (0, 20.0), 86), TypeError, "a pair of whole numbers"),
    ("width of float", GOOD, ([1, 2], (0, 20), 86.0), TypeError, "an image_width is a whole"),
    ("minimum > maximum", GOOD, ([1, 2], (20, 0), 86), ValueError, "20 is above the maximum 0"),
    ("negative spacing", GOOD, ([1, 2], (-1, 20), 86), ValueError, "from -1 to 20 does not"),
    ("width 0", GOOD, ([1, 2], (0, 20), 0), ValueError, "from 1 to 1000000 pixels, 0 does not"),
    ("one digit between", GOOD, ONE_DIGIT, RuntimeError, "one digit has no gap between digits"),
    ("does not fit", FIXED, ([1, 2], (0, 20), 50), ValueError, "use an image_width of 56"),
    ("does not divide", FIXED, ([1, 2], (0, 20), 87), ValueError, "use an image_width of 86 or 89"),
    ("gap out of range", FIXED, ([1, 2], (0, 9), 86), ValueError, "use an image_width of 83"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("settings_given", "arguments", "kind", "message"),
    [pytest.param(*row[1:], id=row[0]) for row in TABLE],
)
def test_bad_input_gets_its_error_and_nothing_is_written(
    tmp_path: Path,
    grey_bank: GlyphBank,
    settings_given: object,
    arguments: tuple[Any, Any, Any],
    kind: type[Exception],
    message: str,
) -> None:
    config, out = tmp_path / "config.json", tmp_path / "out"
    if isinstance(settings_given, bytes):
        config.write_bytes(settings_given)
    elif settings_given is not None:
        config.write_text(json.dumps(settings_given))
    with pytest.raises(kind) as caught:
        draw(config, grey_bank, arguments, out)
    assert isinstance(caught.value, ImageSequenceError)
    assert message in str(caught.value)
    assert not out.exists()


def draw(config: Path, bank: GlyphBank, arguments: tuple[Any, Any, Any], out: Path) -> Path:
    generator = DigitSequence(config, seed=7, source=bank)
    image = generator.generate_numbers_sequence(*arguments)
    return Path(generator.save_image(image, arguments[0], out))


def mostly(good: st.SearchStrategy[Any], bad: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The good ones three times of four, so that often all arguments are good together."""
    return st.one_of(good, good, good, bad)


odd = st.sampled_from([None, True, 1.5, "1", "", [], {}, [[1]], float("nan"), -1, 10**30])
small = st.integers(-2, 40)
digit_lists = mostly(
    st.lists(st.integers(0, 9), min_size=1, max_size=6),
    st.one_of(odd, st.lists(mostly(st.integers(-1, 11), odd), max_size=5)),
)
ranges = mostly(
    st.tuples(st.integers(0, 9), st.integers(9, 40)),
    st.one_of(odd, st.lists(mostly(small, odd), max_size=3)),
)
widths = mostly(st.integers(1, 300), st.one_of(odd, small))
keys = {
    "transform": mostly(st.sampled_from([False, False, False, True]), odd),
    "type": mostly(st.sampled_from(["fixed", "variable"]), odd),
    "subtype": mostly(st.sampled_from(["edge", "between"]), odd),
    "output_format": mostly(st.sampled_from(["png", "PNG", "jpg", "JPEG"]), odd),
}
configurations = mostly(
    st.fixed_dictionaries(
        {
            "image": st.fixed_dictionaries({"transform": keys["transform"]}),
            "spacing": st.fixed_dictionaries({"type": keys["type"], "subtype": keys["subtype"]}),
            "output_format": keys["output_format"],
        }
    ),
    st.one_of(
        odd,
        st.dictionaries(st.sampled_from(["image", "spacing", "output_format", "more"]), odd),
        st.fixed_dictionaries(
            {"image": odd, "spacing": st.dictionaries(st.sampled_from(["type", "x"]), odd)},
            optional={"output_format": keys["output_format"]},
        ),
    ),
)


SECTIONS = {"image": {"transform"}, "spacing": {"type", "subtype"}}


def whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def documented_kinds(configuration: Any, arguments: tuple[Any, Any, Any]) -> set[type]:
    """The contract's table in other words: the kinds this input may get, none if it is good."""
    kinds = structure_kinds(configuration, {*SECTIONS, "output_format"})
    for section, keys in SECTIONS.items():
        if isinstance(configuration, dict) and section in configuration:
            kinds |= structure_kinds(configuration[section], keys)
    kinds = kinds or setting_kinds(configuration) or argument_kinds(*arguments)
    return kinds or sequence_kinds(configuration["spacing"], *arguments)


def structure_kinds(settings: Any, keys: set[str]) -> set[type]:
    if not isinstance(settings, dict):
        return {TypeError}
    kinds: set[type] = {KeyError} if keys - set(settings) else set()
    return kinds | ({ValueError} if set(settings) - keys else set())


def setting_kinds(configuration: Any) -> set[type]:
    kinds: set[type] = set()
    spacing = configuration["spacing"]
    if spacing["type"] not in ("fixed", "variable"):
        kinds.add(TypeError)
    if spacing["subtype"] not in ("edge", "between"):
        kinds.add(TypeError)
    if not isinstance(configuration["image"]["transform"], bool):
        kinds.add(ValueError)
    if str(configuration["output_format"]).lower() not in ("png", "jpg", "jpeg"):
        kinds.add(ValueError)
    return kinds


def argument_kinds(digits: Any, spacing_range: Any, width: Any) -> set[type]:
    kinds: set[type] = set()
    if not isinstance(digits, (list, str, dict)) or not all(map(whole, digits)):
        kinds.add(TypeError)
    elif not digits or not all(0 <= digit <= 9 for digit in digits):
        kinds.add(ValueError)
    pair = isinstance(spacing_range, (list, tuple)) and len(spacing_range) == 2
    if not pair or not all(map(whole, spacing_range)):
        kinds.add(TypeError)
    elif not 0 <= spacing_range[0] <= spacing_range[1] <= 1_000_000:
        kinds.add(ValueError)
    if not whole(width):
        kinds.add(TypeError)
    elif not 1 <= width <= 1_000_000:
        kinds.add(ValueError)
    return kinds


def sequence_kinds(
    spacing: dict[str, str], digits: list[int], spacing_range: tuple[int, int], width: int
) -> set[type]:
    gap_count = len(digits) + 1 if spacing["subtype"] == "edge" else len(digits) - 1
    if gap_count == 0:
        return {RuntimeError}
    if spacing["type"] == "variable":
        return set()
    gaps = range(spacing_range[0], spacing_range[1] + 1)
    works = any(28 * len(digits) + gap_count * gap == width for gap in gaps)
    return set() if works else {ValueError}


@settings(max_examples=2000)
@given(configurations, st.tuples(digit_lists, ranges, widths))
@example(FIXED, ([0, 1], (0, 30), 86))
@example(GOOD, ([0, 1], (0, 30), 86))
def test_any_input_gives_a_right_picture_or_a_documented_error(
    grey_bank: GlyphBank, configuration: Any, arguments: tuple[Any, Any, Any]
) -> None:
    kinds = documented_kinds(configuration, arguments)
    with tempfile.TemporaryDirectory() as folder:
        config, out = Path(folder, "config.json"), Path(folder, "out")
        config.write_text(json.dumps(configuration))
        if kinds:
            with pytest.raises(tuple(kinds)) as caught:
                draw(config, grey_bank, arguments, out)
            assert isinstance(caught.value, ImageSequenceError)
            assert not out.exists()
        else:
            path = draw(config, grey_bank, arguments, out)
            assert list(out.iterdir()) == [path]
            assert path.stem == f"seq_{''.join(map(str, arguments[0]))}"
            assert_right(path, DigitSequence(config, seed=7, source=grey_bank), arguments)


def assert_right(path: Path, generator: DigitSequence, arguments: tuple[Any, Any, Any]) -> None:
    """The saved picture is what the plan says, composed naively; and the plan is what was asked."""
    plan = generator._composer.plan(SequenceRequest.checked(*arguments), [0])
    digits, (minimum, maximum), width = arguments
    asked = plan.gaps[0] if generator.config["spacing"]["subtype"] == "edge" else plan.gaps[0, 1:-1]
    assert [index % 10 for index in plan.glyph_indices[0]] == digits
    assert minimum <= asked.min() <= asked.max() <= maximum
    glyphs = generator.images[plan.glyph_indices].astype(np.float32) / np.float32(255)
    if generator.config["image"]["transform"]:
        glyphs = classic(glyphs, Draws(7, "transform", [0]))
    pieces = [np.ones((28, plan.gaps[0, 0]))]
    for glyph, gap in zip(glyphs[0], plan.gaps[0, 1:], strict=True):
        pieces += [1 - glyph, np.ones((28, gap))]
    strip = Image.fromarray(np.concatenate(pieces, axis=1).astype(np.float32))
    expected = np.asarray(strip.resize((width, 28), Image.Resampling.BICUBIC))
    with Image.open(path) as saved:
        tolerance = 0.5001 if saved.format == "PNG" else 40  # JPEG rings at the glyphs' edges.
        assert abs(np.asarray(saved) - 255 * expected.clip(0, 1)).max() <= tolerance
