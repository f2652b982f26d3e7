"""Letters: which are here, from which font they are taken, how wide words are, and what to do about those that are missing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from matplotlib import get_data_path
from matplotlib.font_manager import fontManager
from test_page import words

from gencmp.graphics import fonts
from gencmp.graphics.fonts import drawable, font, missing, wide, wrapped
from gencmp.graphics.rendering import drawn
from gencmp.graphics.words import advice


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Sets which fonts there are beside DejaVu Sans."""

    def has(*names: Any) -> None:
        found = [
            next(each for each in fontManager.ttflist if each.name == name and fonts._is_plain(each)) for name in names
        ]
        monkeypatch.setattr(fonts, "_others", lambda: tuple(found))
        fonts._owner.cache_clear()
        fonts._measured.cache_clear()

    yield has
    fonts._owner.cache_clear()
    fonts._measured.cache_clear()


def test_letters_of_europe_and_arabic_are_here_and_what_nobody_has_is_told(machine: Callable[..., None]) -> None:
    machine()
    assert missing("Größe – Порівняння – ελ – مقارنة \n\x9f") == "" and missing("比 x 較比") == "比較"
    assert missing("a\u200db \u202bc\u202c") == ""  # marks of direction and joiners are never seen


def test_what_to_install_is_told() -> None:
    assert advice("") == ""
    assert advice("比較").startswith("No font on this machine has 比較: ") and "Noto Sans CJK" in advice("か한")
    assert "Noto" in advice("𓀀") and "CJK" not in advice("𓀀")


def test_a_letter_that_dejavu_lacks_is_taken_from_another_font(machine: Callable[..., None]) -> None:
    machine()
    assert missing("aℊb") == "ℊ" and font("aℊb", 9).get_family() == ["DejaVu Sans"]
    machine("DejaVu Sans Mono", "STIXGeneral")
    assert missing("aℊb") == "" and font("aℊb", 9).get_family() == ["DejaVu Sans", "STIXGeneral"]
    assert re.search(rb"/BaseFont /\w+\+STIX", drawn(words("aℊb"), "", "pdf"))


@pytest.mark.parametrize("form", ["png", "pdf"])
def test_letters_that_no_font_has_are_left_out_and_never_boxes(machine: Callable[..., None], form: str) -> None:
    machine()
    assert drawable("GAN 比較 VAE") == "GAN  VAE"
    assert drawn(words("GAN 比較 VAE"), "", form) == drawn(words("GAN  VAE"), "", form)


def test_svg_keeps_letters_that_no_font_here_has(
    machine: Callable[..., None], recwarn: pytest.WarningsRecorder
) -> None:
    machine()
    assert "GAN 比較 VAE" in drawn(words("GAN 比較 VAE"), "", "svg").decode()
    assert not recwarn.list


def test_fonts_that_were_installed_since_are_found_in_the_same_order(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = [each for each in fontManager.ttflist if each.fname.startswith(get_data_path())]
    new = [
        replace(listed[0], name=name, fname=f"/fonts/{name}.ttf", style="normal", weight=400)
        for name in ("Some", "Any", "Noto Sans CJK JP")
    ]
    monkeypatch.setattr(fonts, "findSystemFonts", lambda: ["/fonts/broken.ttf", *(each.fname for each in new)])
    monkeypatch.setattr(fontManager, "ttflist", list(listed))

    def add(path: Any) -> None:
        fontManager.ttflist.append(next(each for each in new if each.fname == path))  # StopIteration: broken

    monkeypatch.setattr(fontManager, "addfont", add)
    fonts._others.cache_clear()
    assert [each.name for each in fonts._others()] == ["Noto Sans CJK JP", "Any", "Some"]
    fonts._others.cache_clear()


def test_a_font_that_has_gone_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = replace(fonts._main(), name="Gone", fname="/fonts/gone.ttf")
    assert not fonts._has(gone, "a")


def test_wrapped_lines_are_no_wider_than_asked() -> None:
    lines = wrapped("one two three four five six seven", 10, 60)
    assert len(lines) > 1 and all(wide(line, 10) <= 60 for line in lines)
    assert wrapped("", 10, 5) == []


def test_a_word_wider_than_the_line_is_broken_and_loses_no_letter() -> None:
    lines = wrapped("so averyveryverylongword ends", 10, 30)
    assert len(lines) > 3 and all(wide(line, 10) <= 30 for line in lines)
    assert "".join(lines).replace(" ", "") == "soaveryveryverylongwordends"
    assert wrapped("abc", 10, 1) == ["a", "b", "c"]
