"""Home's first sight: its heading, pictures and figures as plain HTML within the first answer of the server.

A browser shows it before Streamlit's scripts have run, which takes a second, on a phone more. It stands where the page will stand, to
the pixel (home/still.css), and goes when the page's own pictures are drawn (static/home/still.js). Imports no Streamlit.
"""

from __future__ import annotations

import re
from contextlib import suppress
from html import escape
from typing import NamedTuple

from gencmp.errors import GencmpError
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.catalog import open_catalog
from gencmp.ui.home.words import CLAIM, PAIR, QUESTION, SOURCE, said_of

STYLES = ("shared/base", "home/home", "home/still")
TERM = re.compile(r"\[([^\[\]|]+)(?:\|[^\[\]]+)?\]")  # shown words, and the term that explains them


class Still(NamedTuple):
    """What goes into the page's head and body; "" where Home has nothing to show."""

    head: str = ""
    body: str = ""


def still(place: str) -> Still:
    """place: the address of scripts and styles."""
    with suppress(GencmpError, OSError):  # the page itself says what is wrong
        shipped = {record.run.id: record for record in open_catalog().shipped()}
        if set(PAIR) <= shipped.keys():
            return _page(place, *(shipped[name] for name in PAIR))
    return Still()


def _page(place: str, gan: ModelRecord, vae: ModelRecord) -> Still:
    captions, verdict = said_of(gan, vae)
    pictures = {
        kind: f"./gencmp/{address}"
        for kind, address in (("gan", _samples(gan)), ("real", "real.png"), ("vae", _samples(vae)))
    }
    # in the head, or they would wait for Streamlit's sixty scripts
    styles = "".join(f'<link rel="stylesheet" href="{place}/{name}.css">' for name in STYLES)
    early = "".join(
        f'<link rel="preload" as="image" fetchpriority="high" href="{escape(each)}">' for each in pictures.values()
    )
    grids = "".join(_grid(kind, address, captions[kind]) for kind, address in pictures.items())
    return Still(
        early + styles,
        '<div class="gc gc-home gc-still" id="gc-still" aria-hidden="true"><div class="gc-block">'
        f'<div class="gc-top"><div><h1>{escape(QUESTION)}</h1><p>{escape(CLAIM)}<br><span>{escape(SOURCE)}</span></p></div></div>'
        f'<div class="gc-grids">{grids}</div><p class="gc-verdict">{_plain(verdict)}</p></div></div>{SCHEME}',
    )


# Light or dark, as Streamlit itself decides: what the user has chosen, or else what the browser prefers. Within a frame of another
# site a browser may refuse to say what was chosen.
SCHEME = """<script>{
  let chosen = ""
  try {
    chosen = Object.entries(localStorage).find(([name]) => name.startsWith("stActiveTheme"))?.[1] ?? ""
  } catch {}
  const isDark = /dark/i.test(chosen) || (!/light/i.test(chosen) && matchMedia("(prefers-color-scheme: dark)").matches)
  const still = document.getElementById("gc-still")
  still.dataset.ground = isDark ? "dark" : "light"
  still.style.colorScheme = still.dataset.ground
}</script>"""


def _samples(record: ModelRecord) -> str:
    return f"pictures/{record.run.id}/{record.run.epoch}/samples.png"


def _grid(kind: str, picture: str, caption: dict[str, str]) -> str:
    return (
        f'<figure class="gc-{kind}"><div class="gc-frame"><img class="gc-sheet" src="{escape(picture)}" alt="" fetchpriority="high">'
        f"</div><figcaption><strong>{escape(caption['title'])}</strong> {_plain(caption['facts'])}"
        f"<div>{_plain(caption['distance'])}</div></figcaption></figure>"
    )


def _plain(sentence: str) -> str:
    """With its terms underlined, as on the page."""
    return TERM.sub(r"<dfn>\1</dfn>", escape(sentence))
