"""Output that every terminal and file can take: where its encoding has no β, it says beta, and never breaks off.

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
    "→": "->", "←": "<-", "±": "+/-", "×": "x", "·": "*", "…": "...", "–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-",
    "“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "²": "^2", "³": "^3", "¹": "^1", "°": " degrees", "∫": "integral ",
    "≤": "<=", "≥": ">=", "≈": "~", "∞": "infinity", "⁄": "/", "ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "€": "EUR",
}  # fmt: skip
READER_GONE = 141  # 128 + SIGPIPE: the status that a shell gives every command whose reader has gone
PATIENT = {"strict", "backslashreplace"}  # as Python sets up stdout and stderr; anything else was asked for


def legible(words: str) -> str:
    """The same in ASCII, as a person would type it; what has no likeness there, such as an emoji, as its number: \\U0001f389."""
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
    """As Python would escape it: two names that differ in an emoji alone can still be told apart."""
    return letter.encode("ascii", "backslashreplace").decode("ascii")


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return legible(error.object[error.start : error.end]), error.end


codecs.register_error(HANDLER, _handle)


def make_output_legible() -> None:
    """From now on standard output and standard error take every letter, each in the encoding that it has."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in PATIENT:
            stream.reconfigure(errors=HANDLER)


def while_read(command: Callable[[], int]) -> int:
    """Run a command and write out all that it says; READER_GONE, without a word, when nobody reads it any more, as after
    `| head`."""
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
    """Python itself writes out what is left at its very end, and would complain there."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        try:
            stream.flush()
        except BrokenPipeError:
            with suppress(OSError):  # a stream in memory has no file
                os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def utf8_environment() -> dict[str, str]:
    """For a process of ours whose output is kept in a file or read: UTF-8 on every system."""
    return os.environ | {"PYTHONIOENCODING": "utf-8"}
