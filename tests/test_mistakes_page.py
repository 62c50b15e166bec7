"""The page of `image-sequence evaluate --out`."""

import csv
import re
from pathlib import Path

import pytest
from browser import console_errors, needs_browser, opened, requested, sideways_scroll

from image_sequence.commands import evaluate as command
from image_sequence.commands.parsing import Parser
from image_sequence.datasets import write_dataset
from image_sequence.datasets.viewing import open_view

RECIPE = {"count": 60, "width": 120, "seed": 7, "labels": {"policy": "digits", "length": [2, 4]}}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_dataset(RECIPE | {"format": "folder"}, tmp_path / "a <set>", watch=None)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "a <set>"


def texts(data: Path) -> list[str]:
    return [one.record["text"] for one in open_view(data).samples()]


def page(data: Path, read: list[str], *options: str) -> str:
    """What the page says of a model that reads so."""
    with Path("read.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("index", "prediction"), *enumerate(read)])
    parser = Parser(prog="image-sequence")
    command.add(parser.add_subparsers())
    arguments = ["evaluate", str(data), "read.csv", "--out", *options]
    parsed = parser.parse_args(arguments)
    assert parsed.command(parsed) == 0
    return Path(f"{data.name}-mistakes.html").read_text(encoding="utf-8")


def wrong(text: str) -> str:
    """It leaves the first label out, and reads 0 as <."""
    return text[1:].replace("0", "<") + "7"


def test_the_page_has_the_worst_pictures_with_boxes(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    truth = texts(data)
    html = page(data, [truth[0][1:], truth[1] + "<", *truth[2:]])
    assert capsys.readouterr().out.splitlines()[-1] == "a <set>-mistakes.html"
    sample = next(open_view(data).samples([0]))
    left, top, right, bottom = sample.record["boxes"][0]
    box = f'x="{left:g}" y="{top:g}" width="{right - left:g}" height="{bottom - top:g}"'
    assert html.count(box) == 1
    assert html.count('<rect class="box"') == len(truth[0] + truth[1])
    assert "1 mistake in 000000000.png, index 0" in html
    assert '<abbr title="left out"' in html
    assert '<abbr title="not there"' in html
    assert "a &lt;set&gt;" in html
    assert "<set>" not in html


def test_the_page_of_a_model_that_goes_on_and_on_stays_small(data: Path) -> None:
    truth = texts(data)
    html = page(data, [truth[0] + "1" * 50_000, *truth[1:]])
    assert len(html) < 500_000
    assert "50,000 mistakes in 000000000.png, index 0; the first 200 labels" in html


def test_small_groups_and_groups_of_their_own_have_no_bars(data: Path) -> None:
    html = page(data, list(map(wrong, texts(data))))
    # 18 of 60 sequences have four labels.
    assert "Mistakes by position from the left; small groups (1) are in the numbers alone" in html
    assert "Mistakes by writer" not in html


def test_the_page_shows_as_many_as_one_asks_for(data: Path) -> None:
    read = list(map(wrong, texts(data)))
    assert page(data, read, "--worst", "5").count("<image ") == 10
    named = 'aria-label="What is there and what was read"'
    assert page(data, read, "--worst", "30").count(named) == 30
    html = page(data, read, "--worst", "0")
    assert "<image " not in html
    assert "every picture is read" not in html


def test_the_map_shows_mistakes_alone(data: Path) -> None:
    truth = texts(data)
    html = page(data, [truth[0] + "7", *truth[1:]])
    assert ">not there, 7: 1<" in html
    assert ">7, 7: 0<" in html


def test_the_same_input_makes_the_same_page_that_asks_nobody(data: Path) -> None:
    read = list(map(wrong, texts(data)))
    html = page(data, read)
    assert page(data, read) == html
    assert not re.search(r'(src|href)="(?!#|data:)', html)
    assert "<script" not in html


def test_a_model_without_mistakes_has_a_page(data: Path) -> None:
    html = page(data, texts(data))
    assert "every picture is read as what it shows" in html
    assert "<image " not in html


@needs_browser
@pytest.mark.parametrize("width", [360, 1200])
def test_a_browser_shows_the_page(data: Path, width: int) -> None:
    page(data, list(map(wrong, texts(data))))
    address = Path(f"{data.name}-mistakes.html").absolute().as_uri()
    with opened(address, width=width) as driver:
        assert console_errors(driver) == []
        assert requested(driver) == [address]
        assert not sideways_scroll(driver)
        shown = driver.find_elements("css selector", "svg")
        assert len(shown) > 30
        assert all(one.size["width"] > 60 and one.size["height"] > 10 for one in shown)
        folded = driver.find_element("css selector", "details")
        summary = folded.find_element("css selector", "summary")
        # The page scrolls smoothly, and a click would not wait for it.
        script = "arguments[0].scrollIntoView({behavior: 'instant', block: 'center'})"
        driver.execute_script(script, summary)
        summary.click()
        assert folded.find_element("css selector", "table").is_displayed()
        assert not sideways_scroll(driver)
