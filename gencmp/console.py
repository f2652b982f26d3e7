"""Output in any encoding: letters that a terminal or file cannot encode are spelled out (β as beta) instead of failing.

Redirected output on Windows is in cp1252 or cp437, and a bare server's may be ASCII. Imports no torch.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress

HANDLER = "gencmp.legible"
ASCII = {
    "→": "->", "←": "<-", "↑": "^", "↓": "v", "±": "+/-", "×": "x", "·": "*", "…": "...", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-",
    "✓": "[x]", "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "²": "^2", "³": "^3", "¹": "^1", "°": " degrees", "∫": "integral ",
    "≤": "<=", "≥": ">=", "≈": "~", "∞": "infinity", "⁄": "/", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "€": "EUR",
}  # fmt: skip
READER_GONE = 141  # 128 + SIGPIPE: the exit status in a shell of a command whose output pipe was closed
DEFAULT_ERRORS = {"strict", "backslashreplace"}  # Python's defaults for stdout and stderr; others were set by the user


def legible(words: str) -> str:
    """The words in ASCII, as a person would type them; letters without an equivalent, such as emoji, as \\U0001f389."""
    return "".join(map(_legible, words))


def _legible(letter: str) -> str:
    if letter.isascii() or letter in ASCII:
        return ASCII.get(letter, letter)
    spoken = unicodedata.name(letter, "").split()
    if spoken[:1] == ["GREEK"] and spoken[2:3] == ["LETTER"]:  # GREEK SMALL LETTER BETA
        return spoken[3].lower() if spoken[1] == "SMALL" else spoken[3].capitalize()
    parts = unicodedata.normalize("NFKD", letter)
    if parts != letter:
        return "".join(_legible(part) for part in parts if not unicodedata.combining(part))
    return "" if unicodedata.combining(letter) or letter in "\ufe0e\ufe0f\u200d" else _numbered(letter)


def _numbered(letter: str) -> str:
    """As Python would escape it, so that names that differ only in an emoji remain different."""
    return letter.encode("ascii", "backslashreplace").decode("ascii")


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return legible(error.object[error.start : error.end]), error.end


codecs.register_error(HANDLER, _handle)


def make_output_legible() -> None:
    """Make standard output and standard error accept every letter, whatever their encoding."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in DEFAULT_ERRORS:
            stream.reconfigure(errors=HANDLER)


def while_read(command: Callable[[], int]) -> int:
    """Run a command and flush its output. Returns READER_GONE, without a message, when the reader has closed the pipe, as
    `| head` does."""
    try:
        try:
            return command()
        finally:
            _flush()
    except BrokenPipeError:
        _give_up_output()
        return READER_GONE


def _flush() -> None:
    for stream in filter(None, (sys.stdout, sys.stderr)):
        stream.flush()


def _give_up_output() -> None:
    """Discard the remaining output, which Python would otherwise flush at exit, with an error message."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError):  # a stream in memory has no file
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def utf8_environment() -> dict[str, str]:
    """The environment for a subprocess whose output is stored or read: UTF-8 on every system."""
    return os.environ | {"PYTHONIOENCODING": "utf-8"}
