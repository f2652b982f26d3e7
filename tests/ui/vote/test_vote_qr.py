"""The QR picture as the page draws it, read by a decoder that is not the one's who made it, near and from the last row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browsing import dashboard, sign_in
from PIL import Image, ImageFilter
from test_vote_browser import open_round

from gencmp.ui.rights.sign_in import PIN

zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed, so no QR picture is read here.")

pytestmark = pytest.mark.still
# Chromium takes every name under .localhost for this computer, and the page takes it for an address that phones open
NAME = "class.localhost"
SECRET = "1357913579"


@pytest.fixture(scope="module")
def classroom(served_home: Path) -> Iterator[str]:
    """The address that others open; there the teacher needs the PIN."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PIN, SECRET)
        with dashboard(served_home) as url:
            yield url.replace("localhost", NAME)


@pytest.fixture(scope="module", params=["light", "dark"])
def drawn(request: pytest.FixtureRequest, browser: Any, classroom: str) -> tuple[str, Image.Image]:
    """(the teacher's address, the part of the screen with the QR picture)."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    teacher = context.new_page()
    teacher.goto(f"{classroom}/vote")
    teacher.get_by_text("Rounds are opened by the teacher").wait_for()  # until then the page is still being drawn
    teacher.wait_for_timeout(500)
    sign_in(teacher, SECRET)
    url = open_round(teacher)
    image = teacher.locator("[data-testid=stImage] img")
    image.wait_for()
    box = image.bounding_box()
    clip = {"x": box["x"] - 20, "y": box["y"] - 20, "width": box["width"] + 40, "height": box["height"] + 40}
    picture = Image.open(io.BytesIO(teacher.screenshot(clip=clip))).convert("RGB")
    context.close()
    return url, picture


def read(picture: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def test_it_says_the_rounds_address(drawn: tuple[str, Image.Image]) -> None:
    url, picture = drawn
    assert read(picture) == [url]


@pytest.mark.parametrize("width", [240, 120, 80])
def test_a_phone_reads_it_from_afar(drawn: tuple[str, Image.Image], width: int) -> None:
    """Small in the camera's picture, a little turned and out of focus. 80 of a phone's 1,920 pixels: a code of 0.4 m on
    the wall, from 7 m away."""
    url, picture = drawn
    turned = picture.rotate(7, Image.Resampling.BICUBIC, expand=True, fillcolor=picture.getpixel((2, 2)))
    far = turned.resize((width, width), Image.Resampling.LANCZOS).filter(ImageFilter.GaussianBlur(0.6))
    assert read(far) == [url]
