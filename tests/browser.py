"""A real browser, for what only a browser tells: headless Chromium, driven by Selenium."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
)
_SECONDS = 60


def _browser() -> str | None:
    return next(filter(None, map(shutil.which, _BROWSERS)), None)


def _missing() -> str | None:
    """What a browser test lacks here; None if nothing."""
    if find_spec("selenium") is None:
        return "selenium is not installed"
    if _browser() is None:
        return f"none of {', '.join(_BROWSERS)} is installed"
    return None if shutil.which("chromedriver") else "chromedriver is not installed"


needs_browser = pytest.mark.skipif(_missing() is not None, reason=str(_missing()))


@contextmanager
def opened(address: str, *, width: int = 1200, height: int = 900) -> Iterator[Any]:
    """A Selenium driver that shows an address in a window whose inside has this size, in pixels."""
    from selenium import webdriver

    with tempfile.TemporaryDirectory(prefix="browser-") as profile:
        driver = webdriver.Chrome(options=_options(profile), service=_service(profile))
        try:
            driver.set_page_load_timeout(_SECONDS)
            # A headless window is never narrower than 500 pixels; what it emulates may be.
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            driver.get("about:blank")
            driver.get_log("performance")  # What the browser's own first page asked for.
            driver.get(address)
            yield driver
        finally:
            driver.quit()


def _options(profile: str) -> Any:
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(_browser())
    for flag in (*_FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return options


def _service(profile: str) -> Any:
    from selenium.webdriver.chrome.service import Service

    # Selenium would otherwise look for a newer driver on the network.
    return Service(shutil.which("chromedriver"), log_output=f"{profile}/driver.log")


def console_errors(driver: Any) -> list[str]:
    """What the page has complained about since it was last asked."""
    entries = driver.get_log("browser")
    return [entry["message"] for entry in entries if entry["level"] in {"SEVERE", "WARNING"}]


def requested(driver: Any) -> list[str]:
    """The addresses that the page has asked for since it was last asked, `data:` ones left out."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [
        e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"
    ]
    return [address for address in asked if not address.startswith("data:")]


def sideways_scroll(driver: Any) -> bool:
    """Whether the document is wider than the window."""
    wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return bool(driver.execute_script(wide) > 0)
