"""One palette: Python, the scripts, the styles and Streamlit's theme have the same colours, and words in them can be read."""

from __future__ import annotations

import re
import tomllib

import pytest

from gencmp.files import ROOT
from gencmp.graphics.colours import DARK, LIGHT, TONES, WORDS
from gencmp.ui.routes.assets import STATIC

MODELS = ("gan", "vae", "real")
THEMES = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
READABLE = 4.5  # WCAG 2.2, 1.4.3


def contrast(one: str, other: str) -> float:
    """From 1 (the same lightness) to 21, after WCAG 2.2."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    levels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in levels]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


@pytest.mark.parametrize("ground", ["backgroundColor", "secondaryBackgroundColor"])
def test_words_can_be_read_on_both_grounds(ground: str) -> None:
    for name in ("gan", "gan2", "vae", "real"):
        assert contrast(WORDS[name], THEMES["light"][ground]) >= READABLE, name
        assert contrast(DARK[name], THEMES["dark"][ground]) >= READABLE, name


def test_the_scripts_have_the_same_colours() -> None:
    script = (STATIC / "shared" / "base.js").read_text("utf-8")

    def listed(name: str) -> dict[str, str]:
        body = re.search(rf"const {name} = {{(.*?)}};", script, re.S)
        assert body, name
        return dict(re.findall(r'(\w+): "(#\w{6})"', body[1]))

    assert listed("COLOURS") == TONES
    assert TONES | listed("WORD_COLOURS") == WORDS
    assert listed("DARK_COLOURS") == {name: DARK[name] for name in TONES}


def test_the_styles_have_the_same_colours() -> None:
    style = (STATIC / "shared" / "base.css").read_text("utf-8")
    for name in MODELS:
        light, dark = re.findall(rf"\.gc-{name}(?:\.gc\[.*?\])? {{ --hue: (#\w+); --words: (#\w+); }}", style)
        assert light == (LIGHT[name], WORDS[name])
        assert dark == (DARK[name], DARK[name])


def test_streamlits_theme_writes_in_the_same_colours() -> None:
    for theme, words in (("light", WORDS), ("dark", DARK)):
        assert (THEMES[theme]["orangeTextColor"], THEMES[theme]["blueTextColor"]) == (words["gan"], words["vae"])
