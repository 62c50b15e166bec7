"""Pages and charts: what a browser makes of them, and that they show the numbers they are given."""

import math
import re
from base64 import b64decode
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from browser import console_errors, needs_browser, opened, requested, sideways_scroll
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from image_sequence.inspecting.axes import Names, brief, nice_ticks
from image_sequence.inspecting.charts import bars, heat_map, histogram
from image_sequence.inspecting.pages import Section, figure, grid, page, picture, table

PIXELS = np.arange(20 * 50, dtype=np.uint16).reshape(20, 50).astype(np.uint8)
VALUES = {"a": 10.0, "b": 20.0, "c": 5.0}


def _parts(svg: str, kind: str) -> list[ET.Element]:
    return [part for part in ET.fromstring(svg).iter() if part.get("class") == kind]  # noqa: S314  # our own


def _texts(svg: str) -> list[str]:
    root = ET.fromstring(svg)  # noqa: S314  # our own
    return [str(part.text) for part in root.iter("text")]


def _number(part: ET.Element, name: str) -> float:
    return float(str(part.get(name)))


def test_a_bar_is_as_high_as_its_value() -> None:
    heights = [_number(bar, "height") for bar in _parts(bars(VALUES, title="t"), "bar")]
    assert heights == pytest.approx([heights[0], 2 * heights[0], heights[0] / 2], abs=0.02)


def test_what_is_expected_is_a_line_at_the_height_of_such_a_bar() -> None:
    svg = bars(VALUES, expected=VALUES, title="t")
    tops = [_number(bar, "y") for bar in _parts(svg, "bar")]
    assert [_number(line, "y1") for line in _parts(svg, "expected")] == tops


def test_a_bar_that_ends_outside_of_its_band_is_odd() -> None:
    svg = bars(VALUES, bands={"a": (10, 11), "b": (10, 19), "c": (6, 9)}, title="t")
    assert [len(_parts(svg, kind)) for kind in ("bar", "odd", "band")] == [1, 2, 3]


def test_a_range_is_a_whisker_from_end_to_end() -> None:
    svg = bars({"a": 10.0, "low": 4.0, "high": 16.0}, ranges={"a": (4, 16)}, title="t")
    whisker = _parts(svg, "range")[0]
    _, low, high = (_number(bar, "y") for bar in _parts(svg, "bar"))
    assert (_number(whisker, "y1"), _number(whisker, "y2")) == (low, high)


def test_a_negative_bar_hangs_from_zero() -> None:
    low, high = _parts(bars({"a": -1.0, "b": 1.0}, title="t"), "bar")
    assert _number(low, "y") == pytest.approx(_number(high, "y") + _number(high, "height"))
    assert _number(low, "height") == pytest.approx(_number(high, "height"), abs=0.02)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_not_finite_has_a_place_and_no_bar(value: float) -> None:
    svg = bars({"a": value, "b": 1.0}, title="t")
    assert len(_parts(svg, "bar")) == 1
    assert _texts(svg)[-2:] == ["a", "b"]


def test_no_values_are_said_to_be_none() -> None:
    for empty in (bars({}, title="t"), heat_map([], [], np.zeros((0, 0)), title="t")):
        assert "nothing to show" in empty


def test_bars_of_a_histogram_have_names_of_their_own() -> None:
    edges = [10000.1, 10000.2, 10000.3]
    assert len(_parts(histogram([3, 4], edges, title="t"), "bar")) == 2


def test_many_names_are_thinned_out_and_long_ones_stand_upright() -> None:
    many = bars({str(place): 1.0 for place in range(100)}, title="t")
    assert len(_texts(many)) < 40
    assert "rotate(-90)" in bars({f"a long name {place}": 1.0 for place in range(9)}, title="t")


_HIGH = st.just(0.0) | st.floats(1e-30, 1e9)


@given(_HIGH.map(lambda value: -value), _HIGH)
def test_ticks_reach_around_all_values_in_equal_steps(low: float, high: float) -> None:
    ticks = nice_ticks(low, high)
    assert ticks[0] <= low + 1e-6 * (high - low)
    assert ticks[-1] >= high - 1e-6 * (high - low)
    assert 2 <= len(ticks) <= 7
    steps = np.diff(ticks)
    assert steps == pytest.approx(np.full(len(steps), steps[0]), rel=1e-6)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.125, "0.125"), (999.4, "999.4"), (12_345, "12.35k"), (-2e6, "-2M")],
)
def test_a_number_is_brief(value: float, text: str) -> None:
    assert brief(value) == text


def test_a_name_is_cut_where_there_is_no_room_for_it() -> None:
    assert len(Names.of(["x" * 200], 10.0).texts[0]) == 24


def test_a_cell_of_a_heat_map_is_as_dark_as_its_value() -> None:
    svg = heat_map(["r", "s"], ["c"], np.array([[4], [1]]), title="t")
    first, second = (_number(cell, "fill-opacity") for cell in _parts(svg, "heat"))
    assert first == 1.0
    assert second == pytest.approx(0.05 + 0.95 / 4, abs=0.01)


def test_a_heat_map_names_rows_and_columns_and_frames_the_odd() -> None:
    odd = np.array([[False, True]])
    svg = heat_map(["row"], ["left", "right"], np.array([[1, 2]]), title="t", odd=odd)
    assert set(_texts(svg)) == {"row", "left", "right", "1", "2"}
    frame, cell = _parts(svg, "outline")[0], _parts(svg, "heat")[1]
    assert frame.get("x") == cell.get("x")


def test_a_heat_map_without_room_leaves_the_numbers_out() -> None:
    names = [str(place) for place in range(60)]
    svg = heat_map(names, names, np.full((60, 60), 12345), title="t")
    assert "12.35k" not in _texts(svg)
    assert len(_parts(svg, "heat")) == 3600


@pytest.mark.parametrize("shape", [(20, 50), (20, 50, 3)])
def test_a_picture_holds_its_pixels(shape: tuple[int, ...]) -> None:
    pixels = np.broadcast_to(PIXELS.reshape(20, 50, *[1] * (len(shape) - 2)), shape).copy()
    found = re.search(r'href="data:image/png;base64,([^"]+)"', picture(pixels, alt="p"))
    assert found is not None
    with Image.open(BytesIO(b64decode(found[1]))) as image:
        assert np.array_equal(np.asarray(image), pixels)


def test_boxes_stand_in_pixels_of_the_picture() -> None:
    svg = picture(PIXELS, alt="p", boxes=np.array([[1.5, 2, 11.5, 20]]), labels=["7"])
    box = _parts(svg, "box")[0]
    assert [_number(box, key) for key in ("x", "y", "width", "height")] == [1.5, 2, 10, 18]
    assert _texts(svg) == ["7"]


def test_labels_are_one_for_each_box() -> None:
    with pytest.raises(ValueError, match="argument 2"):
        picture(PIXELS, alt="p", boxes=[(0, 0, 1, 1), (1, 0, 2, 1)], labels=["7"])


def test_texts_are_no_markup() -> None:
    bad = '<img src="x">'
    html = page(bad, [Section(bad, table([bad], [[bad]])), Section("s", figure("", bad))])
    html += bars({bad: 1.0}, title=bad) + picture(PIXELS, alt=bad)
    assert "<img" not in html


def test_half_a_surrogate_pair_can_be_written() -> None:
    assert page("a\ud800b", []).encode()


def test_columns_of_numbers_stand_at_the_right() -> None:
    html = table(["name", "count", "share"], [("a", 1234, "5.5 %"), ("2026", np.int64(7), "0 %")])
    assert re.findall('<td class="number">([^<]*)', html) == ["1,234", "5.5 %", "7", "0 %"]
    assert html.count('<th class="number">') == 2


def test_the_list_of_contents_leads_to_each_section() -> None:
    html = page("t", [Section("one", "1"), Section("two", "2")])
    assert re.findall('href="#([^"]+)"', html) == re.findall('<section id="([^"]+)"', html)
    assert "<nav" not in page("t", [Section("one", "1")])


def test_a_page_names_no_other_address() -> None:
    html = page("t", [Section("s", bars(VALUES, title="t") + picture(PIXELS, alt="p"))])
    assert not re.search(r"https?:|//|@import|<script|url\(", re.sub('base64,[^"]*', "", html))


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    many = {f"a long name {place}": float(place) for place in range(60)}
    names = list("0123456789")
    charts = [
        bars(VALUES, expected=VALUES, bands={"a": (9, 11)}, ranges={"b": (18, 22)}, title="few"),
        bars(many, title="many", unit="count"),
        heat_map(names, names, np.arange(100).reshape(10, 10), title="heat"),
        picture(PIXELS, alt="p", boxes=[(10, 5, 30, 20)], labels=["7"]),
    ]
    wide = figure(picture(np.zeros((8, 900), np.uint8), alt="w"), "wide", wide=True)
    sections = [
        Section("Charts", grid([*(figure(chart, "c") for chart in charts), wide])),
        Section("Table", table(["n"] * 30, [["a long word"] * 30])),
        Section("Words", "<p>" + "endless" * 100 + "</p>"),
    ]
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(page("A page", sections, summary="<p>In short.</p>"), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def desktop(address: str) -> Iterator[Any]:
    with opened(address) as driver:
        yield driver


_BOX = "return arguments[0].getBoundingClientRect().toJSON()"


def _place(driver: Any, selector: str) -> dict[str, float]:
    place: dict[str, float] = driver.execute_script(
        _BOX, driver.find_element("css selector", selector)
    )
    return place


@needs_browser
def test_a_page_fits_a_phone_asks_for_nothing_and_complains_of_nothing(address: str) -> None:
    with opened(address, width=360) as driver:
        assert driver.execute_script("return innerWidth") == 360
        assert not sideways_scroll(driver)
        assert console_errors(driver) == []
        assert requested(driver) == [address]
        # 11 of a chart's 360 units are the height of its letters.
        assert _place(driver, "svg.chart")["width"] / 360 * 11 >= 9


@needs_browser
def test_a_box_lies_on_its_pixels_in_a_browser(desktop: Any) -> None:
    image, box = _place(desktop, ".picture image"), _place(desktop, ".picture .box")
    scale = image["width"] / 50
    assert scale > 2
    assert box["left"] - image["left"] == pytest.approx(10 * scale, abs=1.5)
    assert box["top"] - image["top"] == pytest.approx(5 * scale, abs=1.5)
    assert box["width"] == pytest.approx(20 * scale, abs=2.5)


@needs_browser
@pytest.mark.parametrize(("scheme", "is_dark"), [("light", False), ("dark", True)])
def test_a_page_is_as_dark_as_one_likes_it(desktop: Any, scheme: str, is_dark: bool) -> None:
    wish = {"name": "prefers-color-scheme", "value": scheme}
    desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [wish]})
    colour = desktop.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", colour))) < 384) == is_dark
