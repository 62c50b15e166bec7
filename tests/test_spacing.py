"""Spacing strategies: built in, handed over, registered, and offered by an installed package."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from offering import offer
from scipy.stats import chisquare

from image_sequence import DigitSequence
from image_sequence.composing.request import WIDEST
from image_sequence.composing.spacing import (
    SPACINGS,
    SpacingRequest,
    find_spacing,
    fixed,
    register_spacing,
    variable,
)
from image_sequence.draws import Draws
from image_sequence.errors import (
    ArgumentTypeError,
    ArgumentValueError,
    ConfigurationTypeError,
    NoGapError,
    PluginError,
)
from image_sequence.glyphs.bank import GlyphBank

REQUEST = SpacingRequest(
    glyph_count=2, glyph_width=28, minimum=0, maximum=30, image_width=86, edges=True
)

requests = st.builds(
    lambda count, low, more, width, edges: SpacingRequest(
        count + (not edges), 28, low, low + more, width, edges
    ),
    st.integers(1, 12),
    st.integers(0, 40),
    st.integers(0, 40),
    st.integers(1, 600),
    st.booleans(),
)


def alternating(request: SpacingRequest, rng: Draws) -> NDArray[np.int64]:
    """Wide, narrow, wide, …"""
    wide = np.arange(request.glyph_count + 1) % 2 == 0
    gaps = np.where(wide, request.maximum, request.minimum)
    return np.broadcast_to(gaps, (rng.batch_size, gaps.size))


@pytest.fixture
def registry() -> Iterator[None]:
    before = dict(SPACINGS)
    yield
    SPACINGS.clear()
    SPACINGS.update(before)


@given(requests)
def test_variable_gaps_lie_in_their_range_and_edges_are_0_where_not_asked_for(
    request: SpacingRequest,
) -> None:
    spacing = variable(request, Draws(7, "spacing", range(5)))
    inner = spacing.gaps if request.edges else spacing.gaps[:, 1:-1]
    assert spacing.fitted
    assert spacing.gaps.shape == (5, request.glyph_count + 1)
    assert inner.min() >= request.minimum
    assert inner.max() <= request.maximum
    if not request.edges:
        assert not spacing.gaps[:, [0, -1]].any()


def test_variable_gaps_are_uniform_with_both_ends_and_each_on_its_own() -> None:
    request = replace(REQUEST, glyph_count=11, maximum=20, edges=False)
    gaps = variable(request, Draws(7, "spacing", range(10_000))).gaps[:, 1:-1]
    assert gaps.size == 100_000
    assert set(gaps.ravel().tolist()) == set(range(21))
    assert chisquare(np.bincount(gaps.ravel())).pvalue > 0.001
    correlations = np.corrcoef(gaps, rowvar=False)[np.triu_indices(10, 1)]
    assert abs(correlations).max() < 5 / 10_000**0.5


def test_equal_minimum_and_maximum_work() -> None:
    request = replace(REQUEST, minimum=7, maximum=7)
    assert variable(request, Draws(7, "spacing", [0])).gaps.tolist() == [[7, 7, 7]]


def test_variable_gaps_that_could_be_too_wide_to_make_are_refused() -> None:
    request = replace(REQUEST, maximum=WIDEST)
    with pytest.raises(ArgumentValueError, match="use a maximum spacing of 333314 or less"):
        variable(request, Draws(7, "spacing", [0]))


def test_the_largest_maximum_the_message_names_works() -> None:
    request = replace(REQUEST, maximum=333_314)
    assert variable(request, Draws(7, "spacing", [0])).gaps.max() <= 333_314


@pytest.mark.parametrize(("edges", "gaps"), [(True, [10, 10, 10]), (False, [0, 30, 0])])
def test_fixed_gaps_share_the_free_pixels(edges: bool, gaps: list[int]) -> None:
    spacing = fixed(replace(REQUEST, edges=edges), Draws(7, "spacing", [0, 1]))
    assert spacing.gaps.tolist() == [gaps, gaps]
    assert not spacing.fitted


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"image_width": 87},
            "31 free pixels do not divide into 3 equal gaps; use an image_width of 86 or 89",
        ),
        (
            {"image_width": 50},
            "2 digits take 56 pixels, more than the image_width of 50; use an image_width of 56",
        ),
        ({"image_width": 50, "minimum": 4}, "use an image_width of 68"),
        (
            {"maximum": 9},
            "make 3 gaps of 10, outside the range 0 to 9; use an image_width of 83",
        ),
        ({"minimum": 11}, "outside the range 11 to 30; use an image_width of 89"),
        ({"image_width": 149}, "use an image_width of 146"),
        ({"minimum": WIDEST, "maximum": WIDEST}, "no image_width up to 1000000 works"),
    ],
)
def test_fixed_gaps_that_cannot_be_had_name_the_widths_that_work(
    changes: dict[str, int], message: str
) -> None:
    with pytest.raises(ArgumentValueError, match=message):
        fixed(replace(REQUEST, **changes), Draws(7, "spacing", [0]))


@given(requests)
def test_the_widths_a_message_names_are_the_nearest_that_work(request: SpacingRequest) -> None:
    rng = Draws(7, "spacing", [0])
    try:
        gaps = fixed(request, rng).gaps
    except ArgumentValueError as error:
        advice = str(error).partition("use an image_width of ")[2]
        named = [int(width) for width in advice.split(" or ")]
    else:
        assert gaps.sum() + request.glyphs_width == request.image_width
        return
    gap_range = range(request.minimum, request.maximum + 1)
    working = [request.glyphs_width + request.gap_count * gap for gap in gap_range]
    nearest = min(working, key=lambda width: abs(width - request.image_width))
    assert nearest in named
    for width in named:
        fixed(replace(request, image_width=width), rng)


@pytest.mark.parametrize("strategy", [fixed, variable])
def test_one_digit_has_no_gap_between_digits(strategy: object) -> None:
    request = replace(REQUEST, glyph_count=1, edges=False)
    assert callable(strategy)
    with pytest.raises(NoGapError, match="use at least two digits, or the spacing subtype 'edge'"):
        strategy(request, Draws(7, "spacing", [0]))


def test_a_function_of_the_users_is_a_strategy(grey_bank: GlyphBank) -> None:
    generator = DigitSequence(seed=7, source=grey_bank, spacing=alternating)
    image = generator.generate_numbers_sequence([0, 1], (2, 10), 78)
    inked = (image < 1).all(axis=0)
    assert [inked[:10].any(), inked[10:38].all(), inked[38:40].any()] == [False, True, False]
    assert [inked[40:68].all(), inked[68:].any()] == [True, False]


@pytest.mark.usefixtures("registry")
def test_a_registered_name_is_known_in_python_and_in_configurations(
    grey_bank: GlyphBank, tmp_path: Path
) -> None:
    register_spacing("alternating", alternating)
    config = tmp_path / "config.json"
    config.write_text(
        '{"image": {"transform": false}, "output_format": "png", '
        '"spacing": {"type": "alternating", "subtype": "edge"}}'
    )
    by_name = DigitSequence(seed=7, source=grey_bank, spacing="alternating")
    by_config = DigitSequence(config, seed=7, source=grey_bank)
    by_function = DigitSequence(seed=7, source=grey_bank, spacing=alternating)
    images = [
        generator.generate_numbers_sequence([0, 1], (2, 10), 78)
        for generator in (by_name, by_config, by_function)
    ]
    assert (images[0] == images[2]).all()
    assert (images[1] == images[2]).all()


@pytest.mark.usefixtures("registry")
def test_a_name_is_registered_once() -> None:
    register_spacing("alternating", alternating)
    register_spacing("alternating", alternating)
    with pytest.raises(ArgumentValueError, match=r"'alternating' is taken by .*alternating"):
        register_spacing("alternating", fixed)


def test_built_in_names_are_taken() -> None:
    with pytest.raises(ArgumentValueError, match="'fixed' is taken"):
        register_spacing("fixed", alternating)


@pytest.mark.parametrize(("name", "strategy"), [("", fixed), (3, fixed), ("three", 3)])
def test_only_functions_are_registered_under_names(name: object, strategy: object) -> None:
    with pytest.raises(
        ArgumentTypeError, match=r"has a name, not|is a function of \(request, rng\)"
    ):
        register_spacing(name, strategy)  # type: ignore[arg-type]  # the wrong kinds on purpose


def test_an_installed_package_offers_a_strategy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import numpy as np\n"
        "def touching(request, rng):\n"
        "    return np.zeros((rng.batch_size, request.glyph_count + 1), int)\n"
    )
    offer(tmp_path, "touching = offering_package:touching", code=code)
    monkeypatch.syspath_prepend(tmp_path)
    image = DigitSequence(seed=7, spacing="touching").generate_numbers_sequence([1], (5, 5), 28)
    assert image.shape == (28, 28)


def test_an_offer_that_does_not_load_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(tmp_path, "lost = nowhere_to_be_found:strategy")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(PluginError, match="offered as nowhere_to_be_found:strategy"):
        find_spacing("lost")


@pytest.mark.parametrize("name", ["narrow", "", None, ["fixed"], 3])
def test_an_unknown_name_lists_the_known_ones(name: object) -> None:
    with pytest.raises(ConfigurationTypeError, match="there are 'exponential', 'fixed', "):
        find_spacing(name)


@pytest.mark.parametrize(
    ("result", "message"),
    [
        (None, r"returned None; an array of whole numbers of the shape \(1, 3\) works"),
        (np.zeros((1, 3)), "returned an array of float64"),
        (np.zeros((1, 2), int), r"of the shape \(1, 2\); an array"),
        (np.array([[0, -1, 0]]), "gaps from -1 to 0; whole pixels from 0"),
        (np.array([[WIDEST, 0, 0]]), "makes a strip of 1000056 pixels"),
    ],
)
def test_a_strategy_that_returns_something_else_is_named(
    grey_bank: GlyphBank, result: object, message: str
) -> None:
    def odd(request: SpacingRequest, rng: Draws) -> object:
        return result

    generator = DigitSequence(seed=7, source=grey_bank, spacing=odd)  # type: ignore[arg-type]  # odd on purpose
    with pytest.raises(PluginError, match=f"the spacing strategy odd .*{message}"):
        generator.generate_numbers_sequence([0, 1], (0, 20), 86)


def test_a_strategy_that_fills_another_width_without_fitting_is_named(
    grey_bank: GlyphBank,
) -> None:
    from image_sequence import Spacing

    def loose(request: SpacingRequest, rng: Draws) -> Spacing:
        return Spacing(np.ones((rng.batch_size, request.glyph_count + 1), int), fitted=False)

    generator = DigitSequence(seed=7, source=grey_bank, spacing=loose)
    with pytest.raises(PluginError, match="strips of 59 to 59 pixels that are not to be fitted"):
        generator.generate_numbers_sequence([0, 1], (0, 20), 86)


@pytest.mark.parametrize("spacing", [3, ["fixed"], object()])
def test_what_is_no_strategy_is_refused_at_once(spacing: object) -> None:
    with pytest.raises(ArgumentTypeError, match="a name such as 'variable' or a function"):
        DigitSequence(spacing=spacing)  # type: ignore[arg-type]  # the wrong kinds on purpose
