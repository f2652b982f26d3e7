"""Drawings: pixel-exact digits, escaped words, three forms of the same parts, and a PDF that a reader can follow."""

import io
import re
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from PIL import Image

from gencmp import letters as module
from gencmp.drawing import Box, Drawing, Line, Picture, Text, arrow_head, as_png, as_svg
from gencmp.letters import wide, wrapped
from gencmp.pdf import as_pdf
from gencmp.plots import Curve, Frame, chart, ticks

INK = np.arange(28 * 28, dtype=np.uint16).reshape(28, 28).astype(np.uint8)
WORDS = "<script>&\"'(\\) é σ"
DRAWING = Drawing(
    100, 60,
    [Picture(10, 10, INK), Text(50, 20, WORDS, turned=False), Text(60, 40, "up", turned=True), Box(70, 5, 20, 10),
     Line([(5, 50), (90, 50)], "gan", 1, dashed=True), Line([(5, 55), (50, 55), (50, 58)], arrow=True)],
    WORDS,
)  # fmt: skip


@pytest.mark.parametrize("scale", [2, 4])
@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_exact_to_the_pixel(scale, dark):
    image = np.asarray(Image.open(io.BytesIO(as_png(DRAWING, scale, dark=dark))))
    cut = image[10 * scale : 38 * scale, 10 * scale : 38 * scale, 0]
    wanted = (INK if dark else 255 - INK).repeat(scale, 0).repeat(scale, 1)
    assert np.array_equal(cut, wanted)


def test_print_notes_its_dots():
    image = Image.open(io.BytesIO(as_png(DRAWING, 4, dpi=300)))
    assert image.size == (400, 240) and round(image.info["dpi"][0]) == 300


@pytest.mark.parametrize("form", [as_png, as_svg, as_pdf])
def test_the_same_drawing_gives_the_same_bytes(form):
    assert form(DRAWING) == form(DRAWING)


def test_svg_is_xml_that_holds_words_as_words():
    root = ET.fromstring(as_svg(DRAWING))
    texts = [each.text for each in root.iter("{http://www.w3.org/2000/svg}text")]
    assert WORDS in texts and not list(root.iter("script"))
    data = next(root.iter("{http://www.w3.org/2000/svg}image")).get("href")
    assert data.startswith("data:image/png;base64,")


def test_control_letters_do_not_break_the_svg():
    ET.fromstring(as_svg(Drawing(10, 10, [Text(0, 5, "a\x00\x0bb\ud800")], "\x1b")))


def test_a_bare_svg_has_no_ground():
    assert 'width="100%"' in as_svg(DRAWING) and 'width="100%"' not in as_svg(DRAWING, bare=True)


def test_pdf_table_points_at_its_objects():
    content = as_pdf(DRAWING)
    start = int(re.search(rb"startxref\n(\d+)", content)[1])
    assert content[start:].startswith(b"xref")
    places = [int(each) for each in re.findall(rb"(\d{10}) 00000 n", content)]
    assert all(content[place:].startswith(f"{number} 0 obj".encode()) for number, place in enumerate(places, 1))


def test_pdf_holds_digits_without_loss():
    streams = [zlib.decompress(each) for each in re.findall(rb"stream\n(.*?)\nendstream", as_pdf(DRAWING), re.S)]
    assert (255 - INK).repeat(4, 0).repeat(4, 1).tobytes() in streams
    assert b"<script>&\"'\\(\\\\\\) \xe9 sigma" in streams[0]


def test_without_the_letters_pillows_own_serve(monkeypatch):
    for cached in (module._letters, module.font):
        cached.cache_clear()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert as_png(DRAWING)[:4] == b"\x89PNG"
    for cached in (module._letters, module.font):
        cached.cache_clear()


def test_wrapped_lines_are_no_wider_than_asked():
    lines = wrapped("one two three four five six seven", 10, 60)
    assert len(lines) > 1 and all(wide(line, 10) <= 60 for line in lines)
    assert wrapped("averyveryverylongword", 10, 5) == ["averyveryverylongword"] and wrapped("", 10, 5) == []


def test_an_arrow_points_along_its_line():
    tip, left, right = arrow_head(Line([(0, 0), (10, 0)]))
    assert tip == (10, 0) and left[0] == right[0] < 10 and left[1] == -right[1]


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [(0, 50, [0, 10, 20, 30, 40, 50]), (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 0, [0, 0.2])],
)
def test_ticks_are_round(low, high, wanted):
    assert ticks(low, high)[: len(wanted)] == wanted


def test_a_chart_puts_points_where_they_belong_and_skips_what_is_no_number():
    parts = chart(Frame(0, 0, 200, 100), [Curve("a", "gan", [0, 5, 10], [0, float("nan"), 4])], "Epoch", "Nats")
    line = next(part for part in parts if isinstance(part, Line) and part.width > 1 and part.colour == "gan")
    (x0, y0), (x1, y1) = line.points
    assert x0 < x1 and y0 > y1 and len(line.points) == 2
    words = [part.words for part in parts if isinstance(part, Text)]
    assert {"Epoch", "Nats", "a", "0", "4"} <= set(words)


def test_a_chart_without_numbers_is_axes():
    assert chart(Frame(0, 0, 200, 100), [Curve("a", "gan", [], [])], "Epoch", "Nats")
