"""Who counts as sitting at the dashboard's own computer: a loopback connection is not enough."""

from __future__ import annotations

from typing import Any

import pytest

from gencmp.ui.rights import hosting
from gencmp.ui.rights.visitor import TRUSTED_PROXY, visitor_of

OWN = "10.0.0.7"


@pytest.mark.parametrize(
    ("peer", "headers", "here"),
    [
        ("127.0.0.1", {"host": "localhost:8501"}, True),
        ("::1", {"host": "[::1]:8501"}, True),
        ("::ffff:127.0.0.1", {"host": "localhost:8501"}, True),
        ("127.0.0.1", {"host": "127.0.0.1:8501", "origin": "http://localhost:8501"}, True),
        (OWN, {"host": f"{OWN}:8501", "referer": f"http://{OWN}:8501/train"}, True),
        ("10.0.0.8", {"host": f"{OWN}:8501"}, False),
        ("10.0.0.8", {"host": "localhost:8501"}, False),  # only claims to be this computer's
        ("10.0.0.8", {"host": "localhost", "x-forwarded-for": "127.0.0.1"}, False),
        ("127.0.0.1", {"host": "localhost:8501", "x-forwarded-for": "127.0.0.1"}, False),  # a proxy on this computer
        ("127.0.0.1", {"host": "localhost:8501", "forwarded": "for=10.0.0.8"}, False),
        (
            "127.0.0.1",
            {"host": "localhost:8501", "origin": "https://lab.example"},
            False,
        ),  # a proxy that hides the name
        ("127.0.0.1", {"host": "localhost:8501", "referer": "https://lab.example/x"}, False),
        (
            "127.0.0.1",
            {"host": "localhost", "referer": "https://course.example", "sec-fetch-mode": "navigate"},
            True,
        ),  # a link
        ("127.0.0.1", {"host": "evil.example:8501"}, False),  # DNS rebinding
        ("127.0.0.1", {"host": "localhost.evil.example"}, False),
        ("127.0.0.1", {"host": "localhost:8501", "origin": "null"}, False),
        ("127.0.0.1", {}, False),
        ("", {"host": "localhost"}, False),
        ("127.0.0.1", {"host": "[::1"}, False),
    ],
)
def test_who_sits_at_the_dashboards_own_computer(peer: str, headers: dict[str, str], here: bool) -> None:
    assert visitor_of(peer, headers, OWN).is_here is here


def test_behind_a_proxy_of_this_computer_its_word_for_the_address_counts() -> None:
    asked = {"host": "lab.example", "x-forwarded-for": "6.6.6.6, 10.0.0.8"}
    assert visitor_of("127.0.0.1", asked).address == "10.0.0.8"
    assert visitor_of("10.0.0.9", asked).address == "10.0.0.9"  # anybody else may write there what they like


@pytest.mark.parametrize(("address", "here"), [("localhost", True), ("0.0.0.0", False)])
def test_a_trusted_proxy_lets_in_the_owner_where_nobody_else_reaches_the_server(
    monkeypatch: pytest.MonkeyPatch, address: Any, here: bool
) -> None:
    monkeypatch.setenv(TRUSTED_PROXY, "1")
    hosting.serve(address)
    assert hosting.visitor("10.0.0.8", {"host": "hub.example", "x-forwarded-for": "10.0.0.8"}).is_here is here
    monkeypatch.delenv(TRUSTED_PROXY)
    hosting.serve("localhost")
    assert not hosting.visitor("127.0.0.1", {"host": "hub.example"}).is_here


def test_the_first_who_comes_through_a_proxy_is_told_of_once() -> None:
    told: list[str] = []
    hosting.serve("localhost", lambda: told.append("told"))
    for _ in range(3):
        hosting.visitor("127.0.0.1", {"host": "hub.example"})
    hosting.serve("localhost")
    assert told == ["told"]


@pytest.mark.parametrize(
    "cookie", ["", "=", ";;;", "gencmp_teacher", "a=b; " * 3000, 'gencmp_teacher="\\777', "x=\x00"]
)
def test_odd_cookies_are_none(cookie: str) -> None:
    assert visitor_of("127.0.0.1", {"host": "localhost", "cookie": cookie}).teacher == ""
