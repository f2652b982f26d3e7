"""What a page transfers, as the browser itself counts it: bytes over the wire with their headers, and requests that left it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60_000  # ms for a page to be ready
QUIET = 2.0  # seconds without news from the network after which a page counts as loaded
QUIET_WITHIN = 20.0
OURS = "/gencmp/"  # in the address of what is not Streamlit's


@dataclass
class Transfer:
    """One visit, without a hand on the page. seen, seconds: until there was something to see, and until it was ready."""

    began: float = field(default_factory=time.perf_counter)
    seen: float = 0.0
    seconds: float = 0.0
    messages: int = 0  # bytes over the websocket
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def wire(self) -> list[dict[str, Any]]:
        """The requests that the server answered, in order: what a browser finds in its cache is none."""
        return [each for each in self.requests.values() if each["url"].startswith("http") and not each.get("is_cached")]

    @property
    def until_ready(self) -> list[str]:
        """The addresses asked for before the page was ready, in order."""
        return [each["url"] for each in self.wire if each["at"] <= self.seconds]

    @property
    def bytes(self) -> int:
        return sum(int(each.get("bytes", 0)) for each in self.wire) + self.messages

    def facts(self) -> dict[str, Any]:
        """bytes, requests, seen, seconds; and the bytes and requests of each kind, ours and Streamlit's."""
        kinds: dict[str, dict[str, int]] = {}
        for each in self.wire:
            owner = "ours" if OURS in each["url"] else "Streamlit's"
            kind = kinds.setdefault(f"{owner}: {each['type'].lower()}", {"bytes": 0, "requests": 0})
            kind["bytes"] += each.get("bytes", 0)
            kind["requests"] += 1
        return {
            "bytes": self.bytes,
            "requests": len(self.wire),
            "seen": round(self.seen, 3),
            "seconds": round(self.seconds, 3),
            "kinds": dict(sorted(kinds.items(), key=lambda item: -item[1]["bytes"])),
        }

    def _note(self, event: Mapping[str, Any], **facts: Any) -> None:
        self.requests.setdefault(event["requestId"], {"url": "", "type": "other"}).update(facts)


def visit(context: Any, url: str, ready: str, seen: str = "") -> Transfer:
    """Open a page in a browser context, wait until `ready`, and then until it asks for nothing more.

    ready, seen: conditions in JavaScript; `seen`, if given, holds before the other.
    """
    page, found = context.new_page(), Transfer()
    try:
        last = _listen(context.new_cdp_session(page), found)
        found.began = time.perf_counter()
        page.goto(url, wait_until="commit")
        if seen:
            page.wait_for_function(seen, timeout=PATIENCE)
            found.seen = time.perf_counter() - found.began
        page.wait_for_function(ready, timeout=PATIENCE)
        found.seconds = time.perf_counter() - found.began
        limit = time.monotonic() + QUIET_WITHIN
        while time.monotonic() < min(limit, last[0] + QUIET):
            page.wait_for_timeout(50)  # not sleep(): events come while Playwright waits
    finally:
        page.close()
    return found


def _listen(browser: Any, found: Transfer) -> list[float]:
    """Count from now on. Returns a list with the moment of the last request, or end of one."""
    last = [time.monotonic()]

    def asked(event: Any) -> None:
        last[0] = time.monotonic()
        found._note(
            event, url=event["request"]["url"], type=event.get("type", "other"), at=time.perf_counter() - found.began
        )

    def answered(event: Any) -> None:
        answer = event["response"]
        is_cached = answer.get("fromDiskCache") or answer.get("fromPrefetchCache")
        found._note(event, **({"is_cached": True} if is_cached else {}))

    def done(event: Any) -> None:
        last[0] = time.monotonic()
        found._note(event, bytes=int(event["encodedDataLength"]))

    def told(event: Any) -> None:
        content, is_binary = event["response"]["payloadData"], event["response"]["opcode"] == 2
        found.messages += len(content) * 3 // 4 if is_binary else len(content)  # binary ones come in base64

    browser.on("Network.requestWillBeSent", asked)
    browser.on("Network.responseReceived", answered)
    browser.on("Network.requestServedFromCache", lambda event: found._note(event, is_cached=True))
    browser.on("Network.loadingFinished", done)
    browser.on("Network.webSocketFrameReceived", told)
    browser.send("Network.enable")
    return last
