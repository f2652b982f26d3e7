"""What the terminal says: the address, its QR code and the PIN, where others can come in; nothing where they cannot."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gencmp.ui.rights import announce, hosting
from gencmp.ui.rights.announce import opened_words, proxy_words
from gencmp.ui.rights.sign_in import sign_in


def test_an_open_dashboard_says_where_it_is_and_the_pin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "lan_address", lambda: "10.0.0.7")
    words = opened_words("0.0.0.0", 8501, "/lab")
    assert "http://10.0.0.7:8501/lab/" in words and sign_in().pin in words and "█" in words
    assert "http://[fe80::1]:80/" in opened_words("fe80::1", 80, "")


def test_without_a_network_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "lan_address", lambda: "localhost")
    assert "no network now" in opened_words("", 8501, "")


def test_who_comes_through_a_proxy_makes_it_say_the_pin(capsys: pytest.CaptureFixture[str]) -> None:
    async def start() -> None:
        async with announce.announce(None):
            assert capsys.readouterr().err == ""
            hosting.visitor("127.0.0.1", {"host": "hub.example"})

    asyncio.run(start())
    assert capsys.readouterr().err.strip() == proxy_words().strip() and sign_in().pin in proxy_words()


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "::1"])
def test_only_a_server_of_this_computer_is_closed(address: Any) -> None:
    hosting.serve(address)
    assert not hosting.is_open()
    hosting.serve("0.0.0.0")
    assert hosting.is_open()
    hosting.serve("localhost")
