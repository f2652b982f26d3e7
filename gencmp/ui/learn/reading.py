"""What there is to read on the Learn page besides the lessons."""

from __future__ import annotations

from collections.abc import Callable

from gencmp.ui.glossary.listed import show_glossary
from gencmp.ui.learn.parts import link
from gencmp.ui.learn.teaching import show_teaching

# by its name in the address, `?show=...`: words and icon of the link, and what draws it
READING: dict[str, tuple[str, str, Callable[[], None]]] = {
    "glossary": ("Glossary", ":material/dictionary:", show_glossary),
    "teaching": ("For teachers", ":material/co_present:", show_teaching),
}


def show_reading(name: str) -> None:
    """name: a key of READING."""
    link("All twelve", "learn", {}, icon=":material/arrow_back:")
    READING[name][2]()
