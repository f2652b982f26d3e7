"""Where a request comes from: this computer, a trusted proxy, or somewhere else. Imports no Streamlit.

A loopback connection alone proves nothing: a reverse proxy on this computer passes on everybody's requests, and a web page
anywhere can have its own name resolved to 127.0.0.1 (DNS rebinding). So every name that the request mentions must be
local, too.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http.cookies import CookieError, SimpleCookie
from ipaddress import ip_address
from urllib.parse import urlsplit

LOCAL = ("localhost", "127.0.0.1", "::1")
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-context", "x-real-ip",
    "cf-connecting-ip", "x-proxycontextpath")  # fmt: skip
# "1": the proxy in front of this server asks for a password itself, and whoever it lets in is the owner
TRUSTED_PROXY = "GENCMP_TRUST_PROXY"
TEACHER, BROWSER = "gencmp_teacher", "gencmp_browser"  # cookies: of a signed-in teacher; a number of this browser's own


@dataclass(frozen=True)
class Visitor:
    """address: who is slowed down or counted. is_here: on the dashboard's own computer, or let in by a trusted proxy."""

    address: str
    is_here: bool
    teacher: str = ""
    browser: str = ""


HERE = Visitor("127.0.0.1", True)


def visitor_of(peer: str, headers: Mapping[str, str], own: str = "", trusts_proxy: bool = False) -> Visitor:
    """peer: the other end of the connection. headers: of the request, with names in lower case. own: this computer's address on
    its network; a connection from and to it never left the computer. trusts_proxy: see TRUSTED_PROXY."""
    forwarded = any(name in headers for name in FORWARDED)
    names = {_host_of(headers.get("host", ""))} | {_name_of(headers[each]) for each in _where_from(headers)}
    at_home = (_is_loopback(peer) and names <= set(LOCAL)) or (own != "" and peer == own and names == {own})
    is_here = trusts_proxy or (at_home and not forwarded)
    cookies = _cookies(headers.get("cookie", ""))
    return Visitor(_address(peer, headers), is_here, cookies.get(TEACHER, ""), cookies.get(BROWSER, ""))


def _where_from(headers: Mapping[str, str]) -> list[str]:
    """The headers that name the page which asks. A link from elsewhere may lead here: then the page before is no matter."""
    asked = ("origin",) if headers.get("sec-fetch-mode") == "navigate" else ("origin", "referer")
    return [each for each in asked if headers.get(each)]


def _address(peer: str, headers: Mapping[str, str]) -> str:
    """A proxy on this computer appends the address that it was asked from; nobody else's word for it counts."""
    told = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return told[:64] if told and _is_loopback(peer) else peer


def _is_loopback(peer: str) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    return (
        getattr(found, "ipv4_mapped", None) or found
    ).is_loopback  # ::ffff:127.0.0.1 where the server listens on both


def _host_of(host: str) -> str:
    return _name_of(f"//{host}")


def _name_of(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: each.value[:128] for name, each in SimpleCookie(header[:8192]).items()}
    except CookieError:
        return {}


@cache
def lan_address() -> str:
    """This machine's address on its network, or "localhost". Connecting a UDP socket picks a route and sends nothing."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address reserved for documentation (RFC 5737)
            return str(probe.getsockname()[0])
    except OSError:
        return "localhost"
