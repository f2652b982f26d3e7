"""Drawings: pixel-exact digits, escaped words, three forms of the same parts, and a PDF that a reader can follow."""

import io
import re
import xml.etree.ElementTree as ET
import zlib

import numpy as np
import pytest
from PIL import Image

from gencmp import letters as module
from gencmp.drawing import Box, Drawing, Line, Picture, Swipe, Text, arrow_head
from gencmp.letters import missing, wide, wrapped
from gencmp.pdf import as_pdf
from gencmp.plots import Axes, Curve, Frame, chart, ticks
from gencmp.raster import as_png
from gencmp.svg import as_svg

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


def test_a_long_line_keeps_its_width_in_any_font():
    long, short = ET.fromstring(as_svg(Drawing(400, 60, [Text(0, 20, "many words " * 6), Text(0, 40, "few")]))).iter(
        "{http://www.w3.org/2000/svg}text"
    )
    assert float(long.get("textLength")) == pytest.approx(wide("many words " * 6, 9), abs=0.01)
    assert short.get("textLength") is None


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


def streams(content: bytes) -> list[bytes]:
    return [zlib.decompress(each) for each in re.findall(rb"stream\n(.*?)\nendstream", content, re.S)]


def test_pdf_holds_digits_without_loss():
    assert (255 - INK).repeat(4, 0).repeat(4, 1).tobytes() in streams(as_pdf(DRAWING))


def test_pdf_writes_western_words_as_words():
    content = streams(as_pdf(Drawing(99, 20, [Text(5, 9, "<a>&\"'(\\) Größe –")])))[0]
    assert b"(<a>&\"'\\(\\\\\\) Gr\xf6\xdfe \x96)" in content and b"Do" not in content


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("words", ["Порівняння", "ελ", "σ → β", "比較"])
def test_pdf_draws_other_letters_and_says_them(words, turned):
    content, mask = streams(as_pdf(Drawing(200, 200, [Text(50, 90, words, 12, turned=turned)])))
    assert b"?" not in content and words.encode("utf-16-be").hex().encode() in content
    inked = np.unpackbits(np.frombuffer(mask, np.uint8)).mean()
    assert 0.02 < inked < 0.5


def test_letters_of_europe_are_here_and_what_nobody_has_is_told(monkeypatch):
    monkeypatch.setattr(module, "SPARE", ())
    forget()
    assert missing("Größe – Порівняння – ελ \n\x9f") == "" and missing("比 x 較比") == "比較"
    forget()


def test_a_letter_that_source_sans_lacks_is_taken_from_another_font(monkeypatch):
    monkeypatch.setattr(module, "_spare", lambda: ("other",))
    monkeypatch.setattr(module, "_has", lambda name, letter: (name == "other") == (letter == "比"))
    monkeypatch.setattr(module, "_face", lambda name, size, weight: name)
    forget()
    assert module._runs("a比b", 9, 400) == [("a", ""), ("比", "other"), ("b", "")]
    forget()


def forget():
    for each in (module._letters, module.font, module._owner):
        each.cache_clear()


def test_without_the_letters_pillows_own_serve(monkeypatch):
    forget()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert as_png(DRAWING)[:4] == b"\x89PNG"
    forget()


@pytest.mark.parametrize(("at", "cut"), [(0, 0), (0.25, 7), (1, 28)])
def test_a_swipe_shows_the_first_left_and_the_second_right(at, cut):
    first, second = np.full((28, 28), 10, np.uint8), np.full((28, 28), 200, np.uint8)
    swipe = Swipe(10, 10, first, second, at, 2)
    picture, seam, knife = swipe.still()
    assert (picture.ink[:, :cut] == 10).all() and (picture.ink[:, cut:] == 200).all()
    assert seam.width > knife.width and knife.points[0][0] == 10 + 2 * cut
    image = np.asarray(Image.open(io.BytesIO(as_png(Drawing(80, 80, [swipe]), 2))))[80, :, 0]
    assert [image[26], image[124]] == [255 - (200 if cut == 0 else 10), 255 - (10 if cut == 28 else 200)]


def test_a_swipe_in_svg_holds_both_whole_and_cuts_the_second():
    space = "{http://www.w3.org/2000/svg}"
    root = ET.fromstring(as_svg(Drawing(80, 80, [Swipe(10, 10, INK, 255 - INK, 0.5, 2)])))
    images, beyond = list(root.iter(f"{space}image")), next(root.iter(f"{space}clipPath"))
    assert [each.get("width") for each in images] == ["56", "56"] and images[0].get("href") != images[1].get("href")
    assert images[1].get("clip-path") == f"url(#{beyond.get('id')})" and images[0].get("clip-path") is None
    assert [beyond[0].get(name) for name in ("x", "width")] == ["38", "28"]


def test_wrapped_lines_are_no_wider_than_asked():
    lines = wrapped("one two three four five six seven", 10, 60)
    assert len(lines) > 1 and all(wide(line, 10) <= 60 for line in lines)
    assert wrapped("", 10, 5) == []


def test_a_word_wider_than_the_line_is_broken_and_loses_no_letter():
    lines = wrapped("so averyveryverylongword ends", 10, 30)
    assert len(lines) > 3 and all(wide(line, 10) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "") == "soaveryveryverylongwordends"
    assert wrapped("abc", 10, 1) == ["a", "b", "c"]


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
    parts = chart(Frame(0, 0, 200, 100), [Curve("a", "gan", [0, 5, 10], [0, float("nan"), 4])], Axes("Epoch", "Nats"))
    line = next(part for part in parts if isinstance(part, Line) and part.width > 1 and part.colour == "gan")
    (x0, y0), (x1, y1) = line.points
    assert x0 < x1 and y0 > y1 and len(line.points) == 2
    words = [part.words for part in parts if isinstance(part, Text)]
    assert {"Epoch", "Nats", "a", "0", "4"} <= set(words)


def test_a_chart_without_numbers_is_axes():
    assert chart(Frame(0, 0, 200, 100), [Curve("a", "gan", [], [])], Axes("Epoch", "Nats"))


def test_one_epoch_is_a_dot_and_epochs_are_whole():
    parts = chart(Frame(0, 0, 200, 100), [Curve("a", "gan", [1], [1.04])], Axes("Epoch", "Nats"))
    words = [part.words for part in parts if isinstance(part, Text)]
    assert any(isinstance(part, Line) and part.width == 3 and part.colour == "gan" for part in parts)
    assert {"0", "1"} <= set(words) and "0.2" not in words[words.index("Epoch") - 2 : words.index("Epoch")]


def test_an_axis_may_go_on_and_marks_its_epoch():
    curves = [Curve("a", "gan", [1, 2], [3, 4])]
    mark, curve = (
        [part for part in chart(Frame(0, 0, 200, 100), curves, Axes("Epoch", "Nats", 50, at)) if isinstance(part, Line)]
        for at in (25, 0)
    )
    (dashed,) = [part for part in mark if part.dashed]
    assert not [part for part in curve if part.dashed]
    left, right = (next(part for part in mark if part.width == 0.5).points[i][0] for i in (0, 1))
    assert dashed.points[0][0] == pytest.approx((left + right) / 2)
