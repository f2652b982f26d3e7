"""A real browser, for as long as a benchmark needs it: Playwright, with whatever Chromium this machine has."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gencmp.errors import GencmpError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")  # on Linux
CHANNELS = ("chrome", "msedge")  # where Windows and macOS put theirs, Playwright knows
SIZE = {"width": 1440, "height": 900}
# Without a GPU, as in a class's oldest laptop: with one, frames come more easily.
FLAGS = ("--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update")


@contextmanager
def opened() -> Iterator[Any]:
    """A browser without a window. Raises GencmpError when there is none, and when a page does not do as asked."""
    try:
        # a developer's tool, absent where only the dashboard is installed
        from playwright.sync_api import Error, sync_playwright
    except ImportError as error:
        words = "This benchmark drives a real browser with Playwright, which is not installed."
        raise GencmpError(f"{words} Run: pip install -r requirements-dev.txt") from error
    with sync_playwright() as playwright:
        browser = launched(playwright)
        try:
            yield browser
        except Error as error:
            raise GencmpError(f"The browser could not go on: {str(error).splitlines()[0]}") from error
        finally:
            browser.close()


def launched(playwright: Any) -> Any:
    """The first of the browsers that may be here which starts. Raises GencmpError when none does."""
    from playwright.sync_api import Error

    for way in _ways():
        try:
            return playwright.chromium.launch(args=_flags(), **way)
        except Error:
            continue  # not here: the next
    raise GencmpError(
        "This benchmark needs Chromium, Chrome or Edge, and none of them starts here. On Debian: apt-get install chromium;"
        " elsewhere: playwright install chromium"
    )


def _ways() -> Iterator[dict[str, str]]:
    yield from ({"executable_path": path} for name in NAMES if (path := shutil.which(name)))
    yield from ({"channel": channel} for channel in CHANNELS)
    yield {}  # Playwright's own


def _flags() -> list[str]:
    """Chromium refuses to run in its sandbox for root, as whom containers run."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*FLAGS, "--no-sandbox"] if root else [*FLAGS]
