"""The playground: its answers, its server, its command, and its page in a real browser."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from base64 import b64decode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
from browser import console_errors, needs_browser, opened, requested, sideways_scroll
from PIL import Image

from image_sequence import DigitSequence
from image_sequence.cli import main
from image_sequence.config import Configuration
from image_sequence.playing.playground import Playground
from image_sequence.playing.server import PlayServer
from image_sequence.playing.tables import slider_of, tables_of
from image_sequence.presets import PRESETS, preset_configuration
from image_sequence.steps.glyph_kinds import GLYPH_KINDS
from image_sequence.steps.picture_kinds import PAPER_KINDS, PICTURE_KINDS

CLASSIC = preset_configuration("classic").to_dict()
STEPS = [
    {"affine": {"rotate": [-9, 9.5], "per": "sequence", "spread": 0.25}},
    {"random_order": [{"blur": {"sigma": 1}}, "stretch"]},
]
TURNED = [{"rotate": {"angle": [5, 9]}}, {"jpeg": {"p": 0.5}}]
EVERYTHING = {
    "image": {"transform": STEPS, "fit": "pad", "align": "drawn", "image_height": 48},
    "spacing": {
        "type": "normal",
        "subtype": "edge",
        "measure": "ink",
        "overlap": True,
        "mean": 3.5,
    },
    "output_format": "png",
    "layout": {"baseline": [-2, 2]},
    "page": {"paper": {"red": [0.8, 1], "green": 0.9, "blue": 0.7}, "transform": TURNED},
}
FIXED = {**CLASSIC, "spacing": {"type": "fixed", "subtype": "edge"}}


def wishes(**changes: object) -> dict[str, object]:
    usual: dict[str, object] = {
        "labels": "2026",
        "minimum": 0,
        "maximum": 20,
        "width": 200,
        "seed": "7",
        "configuration": CLASSIC,
    }
    return usual | changes


@pytest.fixture(scope="module")
def playground() -> Playground:
    return Playground.of(None)


@contextmanager
def running(playground: Playground) -> Iterator[PlayServer]:
    with PlayServer(playground) as server:
        thread = threading.Thread(target=server.serve_forever, args=[0.01])
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def server(playground: Playground) -> Iterator[PlayServer]:
    with running(playground) as server:
        yield server


def ask(
    server: PlayServer,
    method: str = "POST",
    path: str = "/draw",
    *,
    body: bytes | None = None,
    **headers: str,
) -> tuple[HTTPResponse, bytes]:
    sent = {"Content-Type": "application/json"} if method == "POST" else {}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    try:
        connection.request(method, path, body=body, headers=sent)
        response = connection.getresponse()
        return response, response.read()
    finally:
        connection.close()


def answer_of(server: PlayServer, settings: object) -> dict[str, Any]:
    response, content = ask(server, body=json.dumps(settings).encode())
    assert response.status == 200
    answer: dict[str, Any] = json.loads(content)
    return answer


def pixels_of(source: str) -> np.ndarray[Any, Any]:
    kind, _, content = source.partition(",")
    assert kind == "data:image/png;base64"
    return np.asarray(Image.open(BytesIO(b64decode(content))))


def pixels(answer: dict[str, Any]) -> np.ndarray[Any, Any]:
    assert "error" not in answer, answer["error"]
    return np.stack([pixels_of(picture["source"]) for picture in answer["pictures"]])


def ran(lines: str) -> np.ndarray[Any, Any]:
    names: dict[str, Any] = {}
    exec(lines, names)  # noqa: S102  # that they run is what is promised
    pictures: np.ndarray[Any, Any] = names["pictures"]
    return pictures


# Answers


def test_the_pictures_are_the_first_samples_of_the_seed(server: PlayServer) -> None:
    answer = answer_of(server, wishes())

    batch = DigitSequence(seed=7).batch([[2, 0, 2, 6]] * 6, (0, 20), 200, dtype="uint8")
    np.testing.assert_array_equal(pixels(answer), batch.images)
    assert [picture["boxes"] for picture in answer["pictures"]] == batch.boxes.tolist()
    assert [picture["ink_boxes"] for picture in answer["pictures"]] == batch.ink_boxes.tolist()
    assert [picture["gaps"] for picture in answer["pictures"]] == batch.gaps.tolist()
    assert [picture["index"] for picture in answer["pictures"]] == [0, 1, 2, 3, 4, 5]


def test_turned_pictures_have_the_corners_of_their_cells(playground: Playground) -> None:
    configuration = {**CLASSIC, "page": {"transform": TURNED}}
    answer = playground.answer(wishes(configuration=configuration))

    corners = np.array(answer["pictures"][0]["polygons"])
    assert corners.shape == (4, 4, 2)
    assert np.all(corners[:, 0, 1] != corners[:, 1, 1])


SHOWN = {
    **{name: wishes(configuration=preset_configuration(name).to_dict()) for name in PRESETS},
    "everything": wishes(configuration=EVERYTHING, minimum=-4, width=260),
    "fixed": wishes(configuration=FIXED, width=4 * 28 + 5 * 9, seed=str(2**64 - 1)),
    "large numbers": wishes(labels="1, 0", seed=0),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_lines_of_python_and_the_json_make_the_very_pictures(
    playground: Playground, name: str
) -> None:
    settings = SHOWN[name]
    answer = playground.answer(settings)
    shown = pixels(answer)

    np.testing.assert_array_equal(ran(answer["python"]), shown)
    configuration = Configuration.from_dict(json.loads(answer["json"]))
    assert configuration.to_dict() == answer["configuration"]
    generator = DigitSequence(configuration, seed=int(str(settings["seed"])))
    labels = [int(digit) for digit in str(settings["labels"]) if digit.isdigit()]
    gaps = (settings["minimum"], settings["maximum"])
    batch = generator.batch([labels] * 6, gaps, settings["width"], dtype="uint8")  # type: ignore[arg-type]  # whole numbers
    np.testing.assert_array_equal(batch.images, shown)


def test_short_lines_name_a_preset_and_long_ones_the_configuration(playground: Playground) -> None:
    lines = {name: playground.answer(SHOWN[name])["python"] for name in ("classic", "hard")}
    assert "generator = DigitSequence(seed=7)\n" in lines["classic"]
    assert "generator = DigitSequence(preset='hard', seed=7)\n" in lines["hard"]
    changed = {**preset_configuration("hard").to_dict(), "layout": {"size": [0.8, 1]}}
    lines["changed"] = playground.answer(wishes(configuration=changed))["python"]
    assert "{'size': [0.8, 1]}" in lines["changed"]
    assert max(map(len, "".join(lines.values()).splitlines())) <= 100


def drawn(folder: Path) -> np.ndarray[Any, Any]:
    return np.stack([np.asarray(Image.open(path)) for path in sorted(folder.glob("*.png"))])


def test_the_command_line_of_a_preset_draws_the_very_pictures(
    playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = playground.answer(SHOWN["touching"])
    monkeypatch.chdir(tmp_path)
    program, *arguments = shlex.split(answer["command"])

    assert program == "image-sequence"
    assert main(arguments) == 0
    np.testing.assert_array_equal(drawn(tmp_path / "pictures"), pixels(answer))


@pytest.mark.skipif(os.name == "nt", reason="the lines are for a POSIX shell")
def test_the_command_lines_of_any_configuration_draw_the_very_pictures(
    playground: Playground, tmp_path: Path
) -> None:
    answer = playground.answer(SHOWN["everything"])
    program = f'image-sequence() {{ {shlex.quote(sys.executable)} -m image_sequence "$@"; }}\n'

    subprocess.run(["bash", "-c", program + answer["command"]], cwd=tmp_path, check=True)  # noqa: S603, S607  # our own lines
    np.testing.assert_array_equal(drawn(tmp_path / "pictures"), pixels(answer))


def test_other_data_have_labels_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    where = tmp_path / "animals.npz"
    images = np.zeros((6, 9, 7), np.uint8)
    images[:, 2:7, 2:5] = 40 * np.arange(1, 7)[:, None, None]
    np.savez(where, images=images, labels=np.array(["cat", "dog", "-"] * 2))
    playground = Playground.of(str(where))

    hard = preset_configuration("hard").to_dict()
    answers = {
        text: playground.answer(wishes(labels=text, configuration=hard))
        for text in ("cat", "-, dog", "-")
    }
    for answer in answers.values():
        np.testing.assert_array_equal(ran(answer["python"]), pixels(answer))
        assert answer["configuration"]["data"] == {"path": str(where)}
        assert main(shlex.split(answer["command"])[1:]) == 0
    assert len(list(tmp_path.glob("pictures/*.png"))) == 18
    changed = wishes(labels="cat", configuration={**hard, "layout": {"size": [0.8, 1]}})
    np.testing.assert_array_equal(
        ran(playground.answer(changed)["python"]), pixels(playground.answer(changed))
    )
    assert answers["cat"]["pictures"][0]["text"] == "cat"
    assert answers["-, dog"]["pictures"][0]["text"] == "-dog"
    assert tables_of(playground)["labels"] == "-, cat, dog"


def test_answers_depend_on_nothing_but_the_wishes(server: PlayServer) -> None:
    varied = preset_configuration("noisy-scan").to_dict()
    many = [wishes(seed=str(seed), configuration=varied) for seed in range(4)] * 3
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda one: answer_of(server, one), many))
    assert answers[:4] == answers[4:8] == answers[8:]
    assert len({answer["pictures"][0]["source"] for answer in answers}) == 4


class Counting(Playground):
    """Counts how many answers are being made at once."""

    most = now = 0

    def answer(self, settings: object) -> dict[str, Any]:
        kind = type(self)
        kind.now += 1
        kind.most = max(kind.most, kind.now)
        threading.Event().wait(0.02)
        kind.now -= 1
        return {}


def test_one_answer_is_made_at_a_time(playground: Playground) -> None:
    with running(Counting(playground.bank)) as server, ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda one: answer_of(server, one), range(6))) == [{}] * 6
    assert Counting.most == 1


WRONG = {
    "no labels": (wishes(labels=" "), "there are no digits"),
    "a letter": (wishes(labels="2x"), "whole numbers such as 0 or 7, not 'x'"),
    "the ends": (wishes(minimum=30), "the smaller number comes first"),
    "a width": (wishes(configuration=FIXED, minimum=9), "use an image_width of 197 or"),
    "no width": (wishes(width=None), "a whole number of pixels such as 86, not None"),
    "a seed": (wishes(seed="x"), "'x'"),
    "a large seed": (wishes(seed=str(2**64)), "2**64"),
    "a range": (
        wishes(configuration={**CLASSIC, "image": {"transform": [{"blur": {"sigma": [2, 1]}}]}}),
        "image.transform[0].blur.sigma lies from 0 to 10 pixels, the smaller number first",
    ),
    "one digit": (wishes(labels="7"), "use at least two digits, or the spacing subtype 'edge'"),
    "too many labels": (wishes(labels="1" * 51), "up to 50 labels, not 51"),
    "too wide": (wishes(width=4001), "up to 4000 pixels, not 4001"),
    "too large gaps": (wishes(maximum=1001), "up to 1000 pixels, not 1001"),
    "too small gaps": (wishes(minimum=-1001), "up to 1000 pixels, not -1001"),
    "too high": (
        wishes(configuration={**CLASSIC, "image": {"transform": False, "image_height": 501}}),
        "up to 500 pixels, not 501",
    ),
    "too much room": (
        wishes(configuration={**CLASSIC, "layout": {"room": 201}}),
        "up to 200 pixels, not 201",
    ),
    "other data": (wishes(configuration={**CLASSIC, "data": "/etc"}), "play --data"),
    "pictures": (wishes(configuration={**CLASSIC, "page": {"pictures": "/"}}), "page.pictures"),
    "a file": (
        wishes(
            configuration={
                **CLASSIC,
                "spacing": {
                    "type": "mixture",
                    "subtype": "edge",
                    "parts": [{"type": "histogram", "file": "/etc/passwd", "weight": 1}],
                },
            }
        ),
        "no file of gaps",
    ),
    "no wishes": ([7], "wishes are an object with labels"),
    "no configuration": (wishes(configuration=[]), "the configuration is a JSON object"),
    "one key too many": (wishes() | {"more": 1}, "wishes are an object with labels"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_is_answered_with_what_would(server: PlayServer, name: str) -> None:
    settings, told = WRONG[name]
    answer = answer_of(server, settings)
    assert answer.keys() == {"error"}
    assert told in answer["error"]


# What the page makes its controls of


def test_every_kind_of_step_and_every_parameter_has_a_control(playground: Playground) -> None:
    panels = tables_of(playground)["panels"]
    told = {
        (panel["path"], kind["name"]): [parameter["name"] for parameter in kind["parameters"]]
        for panel in panels
        for kind in panel["kinds"]
    }
    known = {
        (path, name): [parameter.name for parameter in kind.parameters]
        for path, kinds in (
            (("image", "transform"), GLYPH_KINDS),
            (("page", "paper_steps"), PAPER_KINDS),
            (("page", "transform"), PICTURE_KINDS),
        )
        for name, kind in kinds.items()
    }
    assert told == known


@pytest.mark.parametrize("name", [*GLYPH_KINDS, *PAPER_KINDS, *PICTURE_KINDS])
def test_sliders_hold_the_usual_range_and_end_at_the_limits(name: str) -> None:
    for kinds in (GLYPH_KINDS, PAPER_KINDS, PICTURE_KINDS):
        for parameter in kinds[name].parameters if name in kinds else ():
            low, high, step = slider_of(parameter)
            least, most = parameter.usual
            assert parameter.least <= low <= least <= most <= high <= parameter.most
            assert 50 <= (high - low) / step <= 500 or (parameter.whole and step == 1)


# The server


def test_the_page_names_nobody_else_and_nothing_that_is_missing(server: PlayServer) -> None:
    response, page = ask(server, "GET", "/?x=1")
    assert (response.status, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    texts = [content.decode() for _, content in server.files.values()]
    addresses = {found for text in texts for found in re.findall(r"\w+://[^\s\"']*", text)}
    assert addresses == {"http://www.w3.org/2000/svg"}  # The name of a language, never asked for.
    wanted = set(re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page.decode()))
    wanted |= {name for text in texts for name in re.findall(r'from "\./([^"]+)"', text)}
    assert len(wanted) >= 6
    assert {f"/{name}" for name in wanted} <= server.files.keys()


@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/play.js", 200), ("/../server.py", 404), ("/draw", 404)]
)
def test_every_answer_forbids_scripts_of_others(server: PlayServer, path: str, status: int) -> None:
    response, _ = ask(server, "GET", path)
    assert response.status == status
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self';" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not {"Date", "Server"} & set(response.headers)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "127.0.0.1:{port}"}, 200),
        ({"Host": "localhost:{port}", "Origin": "http://localhost:{port}"}, 200),
        ({"Sec_Fetch_Site": "same-origin"}, 200),
        ({"Host": "rebound.example:{port}"}, 403),
        ({"Host": "127.0.0.1"}, 403),
        ({"Origin": "http://rebound.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "navigate"}, 403),
        ({"Content_Type": "text/plain"}, 415),
    ],
)
def test_only_the_page_itself_may_ask(
    server: PlayServer, headers: dict[str, str], status: int
) -> None:
    sent = {name: text.format(port=server.server_port) for name, text in headers.items()}
    response, content = ask(server, body=json.dumps(wishes()).encode(), **sent)
    assert response.status == status
    assert ("pictures" in json.loads(content)) == (status == 200)


def test_a_link_from_elsewhere_leads_to_the_page_and_a_script_from_elsewhere_does_not(
    server: PlayServer,
) -> None:
    followed, _ = ask(server, "GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")
    fetched, _ = ask(server, "GET", "/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="no-cors")
    assert (followed.status, fetched.status) == (200, 403)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 60_000, 400),
        (b'{"width": NaN}', 400),
        (b"9" * 5_000, 400),
        (b" " * 65_536, 400),
        (b" " * 65_537, 413),
    ],
)
def test_a_body_that_is_no_wish_is_refused(server: PlayServer, body: bytes, status: int) -> None:
    response, content = ask(server, body=body)
    assert response.status == status
    assert json.loads(content).keys() == {"error"}


@pytest.mark.parametrize(("length", "status"), [("-1", 411), ("x", 411), ("9" * 5_000, 413)])
def test_a_length_that_is_none_is_refused(server: PlayServer, length: str, status: int) -> None:
    connection = HTTPConnection("127.0.0.1", server.server_port, timeout=30)
    connection.putrequest("POST", "/draw")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    connection.sock.shutdown(1)  # Nothing comes.
    assert connection.getresponse().status == status
    connection.close()


def test_it_listens_on_this_computer_alone(server: PlayServer) -> None:
    assert server.server_address[0] == "127.0.0.1"
    assert server.address == f"http://127.0.0.1:{server.server_port}/"


def test_it_ends_without_threads_though_a_browser_keeps_a_connection(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = set(threading.enumerate())
    with running(playground) as server:
        monkeypatch.setattr(server.RequestHandlerClass, "timeout", 60)
        kept = HTTPConnection("127.0.0.1", server.server_port)
        kept.connect()
        answer_of(server, wishes())
        assert set(threading.enumerate()) > before
        closing = threading.Thread(target=server.server_close)
        server.shutdown()
        closing.start()
        closing.join(20)
        still_waiting = closing.is_alive()
        kept.close()
    assert not still_waiting
    closing.join()
    assert set(threading.enumerate()) == before


# The command


def test_a_port_that_is_taken_is_told(
    server: PlayServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["play", "--no-browser", "--port", str(server.server_port)]) == 2
    told = capsys.readouterr()
    assert f"the port {server.server_port} of 127.0.0.1 cannot be had" in told.err
    assert told.out == ""


@pytest.mark.parametrize("port", ["-1", "65536"])
def test_a_port_that_cannot_be_is_told(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["play", "--no-browser", "--port", port]) == 2
    assert "use another port from 1024 to 65535" in capsys.readouterr().err


def test_data_that_are_missing_are_told_before_anything_is_served(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["play", "--no-browser", "--data", str(tmp_path / "none")]) == 2
    assert "there is no folder" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent as a signal")
@pytest.mark.parametrize("browser", [True, False])
def test_the_command_serves_until_ctrl_c_and_opens_a_browser(
    tmp_path: Path, *, browser: bool
) -> None:
    seen = tmp_path / "seen"
    opener = tmp_path / "open"
    opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {seen}.part && mv {seen}.part {seen}\n')
    opener.chmod(0o755)
    command = [sys.executable, "-X", "dev", "-m", "image_sequence", "play"]
    process = subprocess.Popen(  # noqa: S603  # our own program
        command if browser else [*command, "--no-browser"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "BROWSER": f"{opener} %s"},
    )
    assert process.stdout is not None
    address, _, rest = process.stdout.readline().partition(" ")
    assert rest == "is the playground; Ctrl-C ends it\n"
    connection = HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=30)
    connection.request("GET", "/")
    assert b"<h1>Playground</h1>" in connection.getresponse().read()
    tries = iter(range(500))
    while browser and not seen.exists() and next(tries, None) is not None:
        threading.Event().wait(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")
    assert seen.exists() is browser
    assert not browser or seen.read_text() == address


# The page, in a browser


@pytest.fixture(scope="module")
def window(server: PlayServer) -> Iterator[Any]:
    with opened(server.address) as driver:
        yield driver


class Page:
    """The page as somebody sees it."""

    def __init__(self, driver: Any, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self, address: str | None = None) -> "Page":
        self.driver.get("about:blank")  # Else another fragment would not load the page anew.
        self.driver.get(address or self.address)
        return self.settled()

    def settled(self) -> "Page":
        from selenium.webdriver.support.ui import WebDriverWait

        answered = "const {asked, shown} = document.body.dataset; return !!asked && asked === shown"
        WebDriverWait(self.driver, 30, 0.02).until(lambda driver: driver.execute_script(answered))
        return self

    def __getitem__(self, name: str) -> Any:
        return self.driver.find_element("id", name)

    def all(self, selector: str) -> Any:
        return self.driver.find_elements("css selector", selector)

    def do(self, script: str, *arguments: object) -> Any:
        return self.driver.execute_script(script, *arguments)

    def place(self, element: Any) -> list[float]:
        """Left, top, right, bottom in pixels of the window."""
        script = "const r = arguments[0].getBoundingClientRect();"
        found: list[float] = self.do(script + "return [r.left, r.top, r.right, r.bottom]", element)
        return found

    @property
    def sources(self) -> list[str]:
        script = "return [...document.querySelectorAll('#pictures img')].map((one) => one.src)"
        sources: list[str] = self.do(script)
        return sources

    @property
    def lines(self) -> str:
        return str(self["lines"].get_property("textContent"))

    @property
    def configuration(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.lines)
        return found

    def click(self, name: str) -> None:
        self.do("arguments[0].scrollIntoView({block: 'center'})", self[name])
        self[name].click()
        self.settled()

    def choose(self, name: str, text: str) -> None:
        from selenium.webdriver.support.ui import Select

        Select(self[name]).select_by_visible_text(text)
        self.settled()

    def press(self, name: str, *keys: str) -> None:
        self[name].send_keys(*keys)
        self.settled()

    def type(self, name: str, text: str) -> None:
        from selenium.webdriver.common.keys import Keys

        self.press(name, Keys.CONTROL + "a", Keys.DELETE)
        self.press(name, text)

    def unfold(self) -> None:
        self.do("document.querySelectorAll('details').forEach((one) => (one.open = true))")


@pytest.fixture
def page(window: Any, server: PlayServer) -> Page:
    return Page(window, server.address).open()


@needs_browser
def test_the_page_shows_the_pictures_of_its_first_settings(
    page: Page, playground: Playground
) -> None:
    expected = playground.answer(wishes())
    assert page.sources == [picture["source"] for picture in expected["pictures"]]
    image = page.all("#pictures img")[5]
    assert image.get_attribute("alt") == "Sample 5: 2026, 200 \N{MULTIPLICATION SIGN} 28 pixels"
    assert image.get_property("naturalWidth") == 200
    assert console_errors(page.driver) == []


@needs_browser
def test_typing_moving_and_choosing_change_the_pictures_at_once(
    page: Page, playground: Playground
) -> None:
    from selenium.webdriver.common.keys import Keys

    page.type("labels", "314159")
    page.press("image-width-slider", *[Keys.ARROW_RIGHT] * 3, Keys.ARROW_LEFT)
    page.press("spacing-least-slider", *[Keys.ARROW_RIGHT] * 5)
    page.press("spacing-largest-slider", *[Keys.ARROW_LEFT] * 18)
    page.choose("preset", "touching")
    page.choose("subtype", "between glyphs")

    configuration = preset_configuration("touching").to_dict()
    configuration["spacing"]["subtype"] = "between"
    expected = playground.answer(
        wishes(labels="314159", width=202, minimum=2, maximum=2, configuration=configuration)
    )
    assert page.sources == [picture["source"] for picture in expected["pictures"]]
    assert page["spacing-least"].get_property("value") == "2"


@needs_browser
def test_a_thumb_can_be_dragged(page: Page) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    track = page["spacing-largest-slider"]
    width = track.size["width"]
    there = round((20 / 80 - 0.5) * (width - 18))  # Where the thumb is, from the middle.
    mouse = ActionChains(page.driver).move_to_element_with_offset(track, there, 0)
    mouse.click_and_hold().move_by_offset(60, 0).release().perform()
    page.settled()
    assert 35 <= int(page["spacing-largest"].get_property("value")) <= 55
    assert page["spacing-least"].get_property("value") == "0"


@needs_browser
def test_boxes_appear_where_they_are_and_go_again(page: Page, playground: Playground) -> None:
    def shown(kind: str) -> int:
        found = page.all(f"figure:last-child polygon{kind}")
        return sum(polygon.is_displayed() for polygon in found)

    assert shown("") == 0
    page.click("cells")
    assert (shown(".cells"), shown(".ink")) == (4, 0)
    page.click("ink")
    assert (shown(".cells"), shown(".ink")) == (4, 4)

    picture = playground.answer(wishes())["pictures"][0]
    left, top, right, bottom = picture["boxes"][1]
    place = (
        "const r = arguments[0].getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]"
    )
    box = page.do(place, page.all("figure:first-child polygon.cells")[1])
    image = page.do(place, page.all("figure:first-child img")[0])
    scale = (image[2] - image[0]) / 200
    expected = [image[0] + scale * left, image[1], image[0] + scale * right, image[3]]
    assert (top, bottom) == (0, 28)
    np.testing.assert_allclose(box, expected, atol=1.5)

    page.click("cells")
    page.click("ink")
    assert shown("") == 0


@needs_browser
def test_an_error_shows_beside_the_controls_and_goes_again(page: Page) -> None:
    page.choose("type", "fixed")
    assert "use an image_width of" in page["error"].text
    assert page["error"].get_attribute("role") == "alert"
    assert page.all("#stage.stale")
    wanted = re.findall(r"image_width of (\d+)", page["error"].text)[0]
    page.type("image-width", wanted)
    assert page["error"].text == ""
    assert not page.all("#stage.stale")
    assert page.all("#pictures img")[0].get_property("naturalWidth") == int(wanted)
    assert console_errors(page.driver) == []


@needs_browser
def test_the_button_copies_what_the_page_shows(page: Page, playground: Playground) -> None:
    grant = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    page.driver.execute_cdp_cmd("Browser.grantPermissions", grant)
    answer = playground.answer(wishes())
    read = (
        "navigator.clipboard.readText().then(arguments[0], (error) => arguments[0](String(error)))"
    )
    for form, told in (("json", "JSON"), ("python", "Python"), ("command", "Command line")):
        page.all(f"[value={form}]")[0].click()
        page.click("copy")
        copied = page.driver.execute_async_script(read)
        assert copied == page.lines == answer[form]
        assert page["copied"].text == f"{told} copied"


@needs_browser
def test_a_step_is_switched_on_moved_and_switched_off(page: Page, playground: Playground) -> None:
    from selenium.webdriver.common.keys import Keys

    before = page.sources
    page.unfold()
    page.click("image-transform-affine")
    assert page.configuration["image"]["transform"] == [{"affine": {}}]
    page.type("image-transform-0-rotate-least", "-30")
    page.press("image-transform-0-rotate-largest-slider", *[Keys.ARROW_RIGHT] * 4)
    page.click("image-transform-0-per")
    page.press("image-transform-0-spread-slider", Keys.ARROW_RIGHT)
    page.press("image-transform-0-p-slider", Keys.ARROW_LEFT)

    step = {"rotate": [-30, 2], "per": "sequence", "spread": 0.05, "p": 0.95}
    configuration = {**CLASSIC, "image": {"transform": [{"affine": step}]}}
    assert page.configuration == configuration
    expected = playground.answer(wishes(configuration=configuration))
    assert page.sources == [picture["source"] for picture in expected["pictures"]] != before

    page.click("image-transform-affine")
    assert page.sources == before
    page.click("image-transform-affine")
    assert page.configuration == configuration


@needs_browser
def test_any_step_can_be_added_to_any_other(page: Page) -> None:
    page.unfold()
    boxes = page.all(".step > .tick > input")
    assert len(boxes) == len(GLYPH_KINDS) + len(PAPER_KINDS) + len(PICTURE_KINDS)
    for name in [box.get_attribute("id") for box in boxes][::-5]:  # All would take long.
        page.click(name)
        assert page["error"].text == "", name
    names = [next(iter(step)) for step in page.configuration["page"]["transform"]]
    moves = [PICTURE_KINDS[name].move is not None for name in names]
    assert len(names) >= 6
    assert moves == sorted(moves, reverse=True)
    assert 0 < sum(moves) < len(moves)


@needs_browser
def test_steps_of_a_name_are_shown_and_become_ones_own(page: Page) -> None:
    page.choose("preset", "classic-native")
    page.unfold()
    assert page["image-transform-crop"].is_selected()
    page.click("image-transform-crop")
    [group, stretch] = page.configuration["image"]["transform"]
    assert [next(iter(step)) for step in group["random_order"]] == ["blur", "elastic", "dropout"]
    assert stretch == {"stretch": {}}
    assert page["error"].text == ""
    page.click("image-transform-3-earlier")
    assert page.configuration["image"]["transform"] == [stretch, group]


@needs_browser
def test_the_address_keeps_all_that_is_set(page: Page, server: PlayServer) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    page.click("another")
    page.choose("preset", "hard")
    page.click("cells")
    seed, sources = page["seed"].get_property("value"), page.sources
    WebDriverWait(page.driver, 10).until(lambda driver: seed in unquote(driver.current_url))
    WebDriverWait(page.driver, 10).until(
        lambda driver: '"cells":true' in unquote(driver.current_url)
    )
    link = page.driver.current_url

    page.open()
    assert page.sources != sources
    page.open(link)
    assert page.sources == sources
    assert page["seed"].get_property("value") == seed
    assert page["cells"].is_selected()
    assert page["preset"].get_property("value") == "hard"


@needs_browser
@pytest.mark.parametrize("fragment", ["nonsense", "%", "{}", '{"configuration":{"image":1}}'])
def test_an_address_that_says_nothing_begins_anew(
    page: Page, server: PlayServer, fragment: str
) -> None:
    before = page.sources
    page.open(f"{server.address}#{fragment}")
    assert page["error"].text == "The address holds no settings of this page, so it begins anew."
    assert page.sources == before


@needs_browser
def test_of_many_changes_only_the_latest_is_waited_for(page: Page) -> None:
    page.do("performance.clearResourceTimings()")
    page.do(
        "const slider = document.getElementById('image-width-slider');"
        "for (let width = 300; width < 350; width += 1) {"
        "  slider.value = width;"
        "  slider.dispatchEvent(new Event('input', {bubbles: true}));"
        "}"
    )
    page.settled()
    assert page.all("#pictures img")[0].get_property("naturalWidth") == 349
    asked = page.do("return performance.getEntriesByType('resource').map((one) => one.name)")
    assert 1 <= len([name for name in asked if name.endswith("/draw")]) <= 3


@needs_browser
def test_the_keyboard_is_enough_and_keeps_its_place(page: Page) -> None:
    from selenium.webdriver.common.keys import Keys

    page.unfold()
    page.do("arguments[0].focus()", page["image-transform-blur"])
    page.press("image-transform-blur", Keys.SPACE)
    assert page.do("return document.activeElement.id") == "image-transform-blur"
    focused = []
    for _ in range(3):
        page.driver.switch_to.active_element.send_keys(Keys.TAB)
        focused.append(page.do("return document.activeElement.id"))
    kind = "image-transform-0-sigma"
    assert focused == [f"{kind}-least", f"{kind}-least-slider", f"{kind}-largest-slider"]


@needs_browser
def test_every_control_and_every_picture_has_a_name(page: Page) -> None:
    page.choose("preset", "hard")
    page.unfold()
    controls = page.all("input, select, button, img, [role=group], summary")
    assert len(controls) > 100
    named = (
        "return arguments[0].map((one) => "
        "one.ariaLabel || one.alt || one.labels?.[0]?.innerText || one.innerText)"
    )
    assert all(name and name.strip() for name in page.do(named, controls))


@needs_browser
def test_it_works_on_a_phone_and_asks_nobody_else(server: PlayServer) -> None:
    with opened(server.address, width=360, height=640) as driver:
        page = Page(driver, server.address).settled()
        page.choose("preset", "hard")
        page.unfold()
        page.type("labels", "0123456789")
        assert page["error"].text == ""
        assert not sideways_scroll(driver)
        page.click("page-transform-blur")  # Far below: the pictures are in sight all the same.
        _, top, _, bottom = page.place(page.all("#pictures img")[0])
        assert 0 <= top < bottom <= 640
        assert console_errors(driver) == []
        hosts = {address.split("/")[2] for address in requested(driver)}
        assert hosts == {f"127.0.0.1:{server.server_port}"}


@needs_browser
def test_it_is_dark_where_all_is_dark(page: Page) -> None:
    def levels(scheme: str) -> list[int]:
        media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        colours = (page["code"].value_of_css_property(name) for name in ("background", "color"))
        return [sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours]

    paper, text = levels("dark")
    assert paper < 200 < 600 < text
    paper, text = levels("light")
    assert text < 200 < 600 < paper
