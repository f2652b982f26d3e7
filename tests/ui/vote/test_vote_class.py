"""A class votes at a real server, each voter over a websocket of its own: early and late, reloading, pressing twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browsing import dashboard
from vote_pages import forget_stores, new_round

from gencmp.bench.tools.voter import Voter
from gencmp.ui.catalog import open_votes
from gencmp.voting.questions import sides

CLASS, QUESTIONS = 16, 8
CHOICES = {"single": ("real", "generated"), "pair": ("left", "right")}


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A server, and this process's stores, in one folder."""
    monkeypatch.setenv("GENCMP_HOME", str(tmp_path))
    forget_stores()
    with dashboard(tmp_path) as url:
        yield url
    forget_stores()


async def take_part(voter: Voter, code: str, place: int, half: asyncio.Barrier) -> dict[int, str]:
    """What this voter pressed, by question. Every fourth comes when half is over, every third reloads in the middle,
    every second presses each button twice."""
    if place % 4 == 3:
        await half.wait()
    await voter.join(code)
    pressed: dict[int, str] = {}
    while voter.number:
        if len(pressed) == QUESTIONS // 2:
            await (voter.join(code) if place % 3 == 2 else asyncio.sleep(0))
            await (half.wait() if place % 4 != 3 else asyncio.sleep(0))
        number, choice = voter.number, random.Random(place + voter.number).choice(CHOICES[voter.shown["kind"]])
        pressed[number] = choice
        await voter.answer(choice, times=1 + place % 2)
    assert voter.shown["title"] == "Thanks, you are done"
    await voter.leave()
    return pressed


def test_a_class_votes_at_once_and_no_answer_is_lost_or_counted_twice(address: str, tmp_path: Path) -> None:
    opened = new_round(QUESTIONS)
    voters = [Voter(urlsplit(address).port or 0, f"{place:032x}") for place in range(CLASS)]

    async def everyone() -> list[dict[int, str]]:
        half = asyncio.Barrier(CLASS)
        return await asyncio.gather(*(take_part(voter, opened.code, place, half) for place, voter in enumerate(voters)))

    store = open_votes()
    for voter, pressed in zip(voters, asyncio.run(everyone()), strict=True):
        meant = {number: _meant(opened.seed, number, voter.token, choice) for number, choice in pressed.items()}
        assert store.answers(opened.code, voter.token) == meant
        assert len(meant) == QUESTIONS
    every = CLASS * QUESTIONS
    assert vars(store.turnout(opened.code)) == {"voters": CLASS, "done": CLASS, "answers": every, "wanted": every}
    assert "a page failed" not in (tmp_path / "server.log").read_text("utf-8")  # not at a second press either


def _meant(seed: int, number: int, token: str, choice: str) -> str:
    """A side as the model that this voter saw there."""
    return choice if choice in CHOICES["single"] else sides(seed, number, token)[choice == "right"]
