"""A voter's tab: it does what static/vote/vote.js does."""

from __future__ import annotations

import json
import time
from typing import Any

from gencmp.bench.tools.tab import Tab

SHOWN = ("question", "words", "result", "reveal")  # parts of which a voter sees one at a time


class Voter(Tab):
    """token: who this is, kept over reloads. shown: what the part on the screen was given. late: seconds from each press to the
    next question."""

    def __init__(self, port: int, token: str, name: str = "class.localhost") -> None:
        super().__init__(port, name)
        self.token = token
        self.shown: dict[str, Any] = {}
        self.late: list[float] = []
        self._place = ("", "")

    async def join(self, code: str) -> None:
        """Open a round, say who this is, and wait for what it shows."""
        self.shown = {}
        await self.visit("vote", f"round={code}")
        await self.until(lambda: self.shown)

    @property
    def number(self) -> int:
        """Of the question shown; 0 when none is."""
        return int(self.shown["number"]) if self.shown.get("part") == "question" else 0

    async def answer(self, choice: str, times: int = 1) -> None:
        """Answer the question shown, as often as told at once, and wait for what comes after it."""
        asked, began = self.number, time.perf_counter()
        id_, fragment = self._place
        events = json.dumps([{"event": "answer", "value": {"number": asked, "choice": choice}}])
        for _ in range(times):
            await self._run(fragment, (f"$$STREAMLIT_INTERNAL_KEY_{id_}__events", {"json_trigger_value": events}))
        await self.until(lambda: self.number != asked)
        self.late.append(time.perf_counter() - began)

    async def _component(self, element: str, data: dict[str, Any], fragment: str) -> None:
        part = data.get("part")
        if part == "token" and data["known"] != self.token and element not in self._values:
            self._values[element] = {"json_value": json.dumps({"token": self.token})}
            await self._run()
        elif part in SHOWN:
            self.shown = data
            self._place = (element, fragment) if part == "question" else self._place
