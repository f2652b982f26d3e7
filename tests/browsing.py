"""What tests with JavaScript need: Node, Chromium and a dashboard. Absent ones are told, and with GENCMP_REQUIRE_BROWSER=1 fail."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gencmp.ui.routes.assets import script_files, served_as

ROOT = Path(__file__).resolve().parent.parent
REQUIRED = os.environ.get("GENCMP_REQUIRE_BROWSER") == "1"


def absent(what: str) -> Any:
    """Skip with a sentence; fail where these tests are required."""
    return pytest.fail(f"{what} GENCMP_REQUIRE_BROWSER=1 asks for it.") if REQUIRED else pytest.skip(what)


def node(script: str, folder: Path, *arguments: str) -> str:
    """Run a module that may import the page's own scripts, copied beside it as they are served, so that Node takes them for modules."""
    found = shutil.which("node")
    if not found:
        absent("Node is not installed, so the page's arithmetic is not tested here.")
    for path in script_files():
        served = folder / served_as(path)
        served.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, served)
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "main.js").write_text(script)
    done = subprocess.run([str(found), "main.js", *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def chromium() -> str:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )
    return found or absent("Chromium is not installed, so the page is not tried in a real browser here.")


def axe() -> str:
    """The script of axe-core, which looks for what people with a disability cannot use."""
    path = ROOT / "node_modules" / "axe-core" / "axe.min.js"
    if not path.exists():
        absent("axe-core is not installed, so accessibility is not tested here: run `npm ci` in the checkout.")
    return f"{path.read_text('utf-8')}; null"  # to be evaluated: pages take no script that is not the server's


@contextmanager
def dashboard(home: Path, prefix: str = "", script: str = "dashboard.py") -> Iterator[str]:
    """A server of this checkout on a free port, its runs in `home`; answers its address. prefix: its --server.baseUrlPath.
    script: what it runs; another than the dashboard shows a part that no page has by itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        script,
        "--server.port",
        str(port),
        "--server.headless",
        "true",
        "--server.baseUrlPath",
        prefix,
    ]
    with open(home / "server.log", "w", encoding="utf-8") as log:
        server = subprocess.Popen(
            command, cwd=ROOT, env=os.environ | {"GENCMP_HOME": str(home)}, stdout=log, stderr=log
        )
    try:
        address = f"http://localhost:{port}{prefix}"
        wait_for(lambda: answers(f"{address}/_stcore/health"), 60)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def sign_in(page: Any, pin: str) -> None:
    """As a teacher at another computer."""
    page.get_by_role("button", name="For the teacher: sign in with the PIN").click()
    page.get_by_label("PIN", exact=True).fill(pin)
    page.get_by_role("dialog").get_by_role("button", name="Sign in").click()


PAGES = ["", "learn", "train", "explore", "compare", "verdict", "runs", "vote", "paper"]
# What each page has when it is complete
DRAWN = {
    "": ".gc-vae .gc-tools",
    "learn": "[class*=st-key-learn_card_bound] a",
    "train": ".gc-vae .gc-chart-1 .gc-tools",
    "explore": ".gx-choice [aria-checked=true]",
    "compare": ".gm-chart .gc-tools",
    "runs": ".dvn-scroller",
    "vote": "[data-testid=stSlider]",
    "paper": "img",
}
READY = """selector => document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning"
  && document.querySelector(selector) && !document.querySelector("[data-testid=stSkeleton]")"""


def open_page(page: Any, served: str, path: str, query: str = "") -> None:
    """A page of the dashboard, when all of it is there."""
    page.goto(f"{served}/{path}{query}")
    if path == "":  # charts below the screen are drawn when they come near
        page.wait_for_selector(".gc-home .gc-curves", timeout=60_000)
        page.evaluate("() => document.querySelector('.gc-home .gc-curves').scrollIntoView()")
    page.wait_for_function(READY, arg=DRAWN.get(path, "[data-testid=stMain] input"), timeout=60_000)
    if path == "":
        page.evaluate("() => document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")


def answers(url: str) -> bool:
    try:
        return bool(urllib.request.urlopen(url, timeout=2).status == 200)
    except OSError:
        return False


def wait_for(ready: Any, seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < limit, f"not ready after {seconds:g} s"
        time.sleep(0.1)
