"""Take the pictures of README.md: python tests/screenshots.py docs

Starts a dashboard of its own on an empty store, trains both models for a moment, and looks at every page in Chromium.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from browsing import chromium, dashboard
from playwright.sync_api import Page, ViewportSize, sync_playwright

WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, dashboard(Path(home)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)

        def take(
            path: str, name: str, scheme: Literal["dark", "light"] = "light", size: ViewportSize = WIDE, wait: float = 5
        ) -> None:
            page = browser.new_page(viewport=size, color_scheme=scheme)
            page.goto(f"{url}/{path}")
            page.wait_for_timeout(wait * 1000)
            page.screenshot(path=folder / f"{name}.png")
            page.close()
            print(folder / f"{name}.png")

        take("", "home")
        take("explore", "explore", "dark")
        live(browser.new_page(viewport=WIDE), url, folder)
        take("compare", "compare", wait=4)
        take("verdict?runs=paper-gan,paper-vae", "verdict", wait=3)
        take("vote", "vote", wait=3)
        take("runs", "runs", wait=3)
        take("paper", "paper", wait=3)
        take("explore", "phone", size=PHONE)
        browser.close()


def live(page: Page, url: str, folder: Path) -> None:
    """Both models at work."""
    page.goto(f"{url}/train")
    page.locator(".gc-card").first.wait_for()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_function(
        "() => document.querySelector('.gc-vae .gc-facts')?.textContent.includes('epoch 4 of')", timeout=300_000
    )
    page.screenshot(path=folder / "train.png")
    print(folder / "train.png")
    page.get_by_role("button", name="Stop").click()
    page.wait_for_timeout(2000)
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
