"""Pages: pixel-exact digits, escaped words, three forms of the same page, and a PDF that a reader can follow."""

import io
import re
import xml.etree.ElementTree as ET
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image
from there import there

from gencmp.graphics.fonts import wide
from gencmp.graphics.page import Page
from gencmp.graphics.rendering import drawn

INK = np.arange(28 * 28, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
WORDS = "<script>&\"'(\\) $x$ é σ"
SVG = "{http://www.w3.org/2000/svg}"


def everything(page: Any) -> None:
    page.picture(10, 10, INK)
    page.text(50, 20, WORDS, 9)
    page.box(70, 5, 20, 10)
    page.line([(5, 50), (90, 50)], "gan", 1)
    page.arrow([(5, 55), (50, 55), (50, 58)])
    page.cut(100, 60)


def words(text: Any, size: int = 9, width: int = 400) -> Any:
    """A page with one line."""

    def draw(page: Any) -> None:
        page.text(5, 20, text, size)
        page.cut(width, 60)

    return draw


def pixels(content: Any) -> Any:
    return np.asarray(Image.open(io.BytesIO(content)))


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_exact_to_the_pixel(scale: int, dark: bool) -> None:
    image = pixels(drawn(everything, WORDS, "png", scale, dark=dark))
    wanted = (INK if dark else 255 - INK).repeat(scale, 0).repeat(scale, 1)
    cut = image[10 * scale : 38 * scale, 10 * scale : 38 * scale]
    assert all(np.array_equal(cut[..., colour], wanted) for colour in range(3))


def test_print_notes_its_dots() -> None:
    image = Image.open(io.BytesIO(drawn(everything, WORDS, "png", 4, dpi=300)))
    assert image.size == (400, 240) and round(image.info["dpi"][0]) == 300


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_the_same_page_gives_the_same_bytes_whatever_the_users_settings(form: str) -> None:
    import matplotlib

    first = drawn(everything, WORDS, form)
    with matplotlib.rc_context(
        {"font.size": 30, "lines.linewidth": 9, "axes.facecolor": "red", "svg.fonttype": "path"}
    ):
        assert drawn(everything, WORDS, form) == first
        assert matplotlib.rcParams["font.size"] == 30


def test_svg_is_xml_that_holds_words_as_words() -> None:
    root = ET.fromstring(drawn(everything, WORDS, "svg"))
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert WORDS in texts and not list(root.iter("script"))
    data = there(next(root.iter(f"{SVG}image")).get("href"))
    assert data.startswith("data:image/png;base64,")
    assert there(root.find(f"{SVG}title")).text == root.get("aria-label") == WORDS


def test_a_long_line_keeps_its_width_in_any_font() -> None:
    (long,) = ET.fromstring(drawn(words("many words " * 6), "", "svg")).iter(f"{SVG}text")
    (short,) = ET.fromstring(drawn(words("few"), "", "svg")).iter(f"{SVG}text")
    assert float(there(long.get("textLength"))) == pytest.approx(wide("many words " * 6, 9), abs=0.01)
    assert short.get("textLength") is None
    assert "Verdana" in there(short.get("style"))


@pytest.mark.parametrize("form", ["png", "svg", "pdf"])
def test_control_letters_do_not_break_a_form(form: str) -> None:
    content = drawn(words("a\x00\x0bb\ud800"), "\x1b", form)
    assert content == drawn(words("ab"), "", form)


def test_a_bare_svg_has_no_ground() -> None:
    grounds = [drawn(everything, WORDS, "svg", bare=bare).count(b"fill: #ffffff") for bare in (False, True)]
    assert grounds == [2, 1]  # the box has a ground of its own


def test_pdf_table_points_at_its_objects() -> None:
    content = drawn(everything, WORDS, "pdf")
    start = int(there(re.search(rb"startxref\n(\d+)", content))[1])
    assert content[start:].startswith(b"xref")
    places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n", content)]
    assert len(places) > 9
    assert all(content[place:].startswith(f"{number} 0 obj".encode()) for number, place in enumerate(places, 1))


def streams(content: bytes) -> list[bytes]:
    return [zlib.decompress(each) for each in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)]


def unescaped(text: bytes) -> bytes:
    return re.sub(rb"\\(.)", lambda found: {b"n": b"\n", b"r": b"\r"}.get(found[1], found[1]), text, flags=re.S)


def test_pdf_holds_digits_without_loss() -> None:
    content = drawn(everything, WORDS, "pdf")
    table = unescaped(there(re.search(rb"/Indexed /DeviceRGB 255\s*\((.*?)\)\s*\]\s*/Bits", content, re.S))[1])
    levels = np.frombuffer(table, np.uint8).reshape(256, 3)
    packed = there(re.search(rb"/Subtype /Image.*?stream\r?\n(.*?)\r?\nendstream", content, re.S))[1]
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(112, 1 + 112)
    assert not rows[:, 0].any()  # no row is told as a difference from another; the last comes first
    assert np.array_equal(levels[rows[::-1, 1:], 1], (255 - INK).repeat(4, 0).repeat(4, 1))


def test_pdf_writes_western_words_as_words_in_a_font_that_it_brings_along() -> None:
    content = drawn(words("<a>&\"'(\\) Größe"), "", "pdf")
    said = b"".join(re.findall(rb"\(((?:\\.|[^\\)])*)\)", streams(content)[0], re.S))
    assert unescaped(said).decode("utf-16-be") == "<a>&\"'(\\) Größe"
    assert b"/FontFile2" in content and b" Do" not in streams(content)[0]


@pytest.mark.parametrize("text", ["Порівняння", "ελ", "σ → β", "مقارنة"])
def test_pdf_holds_other_letters_as_text(text: str) -> None:
    content = drawn(words(text), "", "pdf")
    said = "".join(
        bytes.fromhex(code.decode()).decode("utf-16-be")
        for part in streams(content)
        if b"beginbfrange" in part
        for row in re.findall(rb"\[(.*?)\]", part)
        for code in re.findall(rb"<(\w+)>", row)
    )
    assert set(said) == set(text) and b" Do" not in streams(content)[0]


@pytest.mark.parametrize(("at", "cut"), [(0, 0), (0.25, 7), (1, 28)])
@pytest.mark.parametrize("scale", [1, 2, 3])
def test_a_swipe_shows_the_first_left_and_the_second_right(at: float, cut: int, scale: int) -> None:
    image = pixels(drawn(swiped(INK, INK.T, at), "", "png", scale))[10 * scale : 66 * scale, 10 * scale : 66 * scale, 0]
    wanted = (255 - np.concatenate((INK[:, :cut], INK.T[:, cut:]), 1)).repeat(2 * scale, 0).repeat(2 * scale, 1)
    seen = np.abs(np.arange(56 * scale) + 0.5 - 2 * cut * scale) > 2 * scale  # beside the divider and its light seam
    assert np.array_equal(image[:, seen], wanted[:, seen]) and not np.array_equal(image, wanted)


def swiped(first: Any, second: Any, at: Any) -> Any:
    def draw(page: Any) -> None:
        page.swipe(10, 10, (first, second), at, 2)
        page.cut(80, 80)

    return draw


def test_a_swipe_in_svg_holds_both_whole_and_cuts_the_second() -> None:
    root = ET.fromstring(drawn(swiped(INK, 255 - INK, 0.5), "", "svg"))
    (stage,) = (each for each in root.iter(f"{SVG}g") if each.get("id") == "swipe")
    images = list(stage.iter(f"{SVG}image"))
    assert [each.get("width") for each in images] == ["28", "28"] and images[0].get("href") != images[1].get("href")
    assert images[0] in list(stage)
    (cut,) = (each for each in stage if images[1] in list(each))
    (beyond,) = (each for each in root.iter(f"{SVG}clipPath") if f"url(#{each.get('id')})" == cut.get("clip-path"))
    corners = np.array(re.findall(r"[ML] (\S+) (\S+)", there(beyond[0].get("d"))), np.float64)
    assert corners.min(0).tolist() == [38, 10] and corners.max(0).tolist() == [66, 66]


def test_an_arrow_points_along_its_line() -> None:
    def draw(page: Any) -> None:
        page.arrow([(10, 20), (40, 20)], "gan")
        page.cut(60, 40)

    ink = (pixels(drawn(draw, "", "png", 2))[..., 2] < 128).sum(0)
    assert ink[22:60].max() == 2 and ink[68:78].max() > 2 * ink[22:60].max() and not ink[82:].any()


def test_words_in_a_page_are_where_they_were_put() -> None:
    page = Page("")
    page.text(7, 9, "a", 5, "vae", bold=True, align="right")
    (text,) = page.room.texts
    assert (text.get_position(), text.get_horizontalalignment(), text.get_color()) == (
        (7, 9),
        "right",
        page.colours["vae"],
    )
