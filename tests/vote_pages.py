"""What the tests of the vote page share: a round of the shipped models, and the page without a browser."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.ui import catalog
from gencmp.ui.vote import opening
from gencmp.voting.questions import SINGLE
from gencmp.voting.store import Round

TEACHER, STUDENT = "a" * 32, "b" * 32


def forget_stores() -> None:
    """The pages' stores lie in the folder of the test that asks next."""
    for cached in (catalog.open_catalog, catalog.open_votes):
        cached.cache_clear()


def new_round(count: int = 8, demo: bool = False, seed: int = 1) -> Round:
    """Of the shipped models, opened by TEACHER."""
    gan, vae = (catalog.open_catalog().find(f"paper-{kind}") for kind in ("gan", "vae"))
    return opening.new_round(TEACHER, gan, vae, count, seed, demo=demo)


def page(voter: str = "", code: str = "", **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "vote.py"), default_timeout=30)
    if voter:
        at.session_state["voter"] = voter
    for name, value in {"round": code, **query}.items():
        if value:
            at.query_params[name] = value
    return at.run()


def part(at: AppTest, name: str) -> dict[str, Any]:
    """The data of the component's part, or nothing."""
    parts = [json.loads(each.proto.json) for each in at.get("bidi_component")]
    return next((data for data in parts if data["part"] == name), {})


def words(at: AppTest) -> str:
    return " ".join(
        str(each.value) for each in (*at.title, *at.markdown, *at.caption, *at.error, *at.warning, *at.code)
    )


def address(at: AppTest) -> str:
    """The round that the page's address names."""
    return "".join(at.query_params["round"])


def answer_all(code: str, voter: str) -> None:
    for question in catalog.open_votes().questions(code):
        catalog.open_votes().vote(code, voter, question.number, "real" if question.kind == SINGLE else "gan")
