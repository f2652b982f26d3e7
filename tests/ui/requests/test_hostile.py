"""More than a thousand requests that nobody honest makes, at every route: a sentence each, never a traceback, none answered for long."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route
from starlette.testclient import TestClient

from gencmp.runs.catalog import Catalog
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig
from gencmp.ui import server
from gencmp.ui.requests import busy
from gencmp.ui.rights import hosting
from gencmp.ui.routes import answers, runs

COUNT = 1500
ODD = [
    "", "0", "-1", "1", "nan", "-inf", "inf", "1e308", "x", "9" * 300, "9" * 5000, "1" * 9, "0x10", "1_0", "٣", "1.5", " 1", "+1", "--1",
    "..", "../../etc/passwd", "%2e%2e%2f", "/etc/passwd", "\x00", "a\x00b", "é", "\U0001f600" * 50, "\ud7ff", "'", "' OR 1=1 --", "\"",
    "<script>", "a" * 5000, ",".join(["real"] * 30), ",".join(f"c{i}" for i in range(2000)), "real@1", "@", "@9", "paper-gan@" + "9" * 300,
    "paper-gan", "paper-vae", "paper-gan@50,real", "real", "true", "null", "[]", "{}", "\r\nX: y", "even", "quantile", "CON", "~", "*",
    "paper-gan,paper-vae,real,paper-gan,paper-vae", "samples", "samples.png", "png", "svg", "exe", "2" * 8, "swipe", "evolution",
]  # fmt: skip
RAW = ["%ff", "%c3%28", "%00", "%", "%zz", "%2f", "%E0%80%80"]  # not UTF-8, or not an escape
QUERY = ["step", "epoch", "checkup", "spacing", "reach", "columns", "column", "of", "words", "title", "caption", "order", "view", "at",
    "wide", "dark", "unknown"]  # fmt: skip


def addresses(random: Random, routes: list[BaseRoute], known: list[str]) -> str:
    """One made from a route's pattern."""
    route = random.choice([each for each in routes if isinstance(each, Route)])
    usual = {"model": known, "epoch": ["1", "50"], "step": ["1"], "what": ["samples", "real"], "form": ["png", "json"]}

    def fill(found: re.Match[str]) -> str:
        if random.random() < 0.4:
            return random.choice(usual.get(found[1], ["x"]))
        return random.choice(RAW) if random.random() < 0.1 else quote(random.choice(ODD), safe="")

    path = re.sub(r"\{(\w+)(?::\w+)?\}", fill, route.path)
    asked = [
        f"{random.choice(QUERY)}={quote(random.choice([*ODD, *known]), safe='')}" for _ in range(random.randrange(4))
    ]
    if random.random() < 0.01:
        asked += [f"columns={','.join(f'c{i}' for i in range(7_000))}"]
    return (path + ("?" + "&".join(asked) if asked else ""))[:65_000]  # as many as the client can ask


@pytest.fixture
def open_server(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """With its middleware, so that visitors come from elsewhere."""
    found = Catalog(store)
    for module in (answers, runs, server):
        monkeypatch.setattr(module, "open_catalog", lambda: found)
    monkeypatch.setattr(answers, "costly", busy.Costly())
    hosting.serve("localhost")
    return TestClient(
        Starlette(routes=server.routes(), middleware=server.middleware()), base_url="http://class.example"
    )


def test_every_hostile_request_gets_a_sentence(
    open_server: TestClient,
    trained: Callable[..., Run],
    vae: VaeConfig,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = trained(vae)
    known = [run.id, "paper-gan", "paper-vae", "nobody"]
    monkeypatch.setattr(busy, "BURST", 8)  # panels take a second each
    random, seen = Random(15), dict[int, int]()
    for _ in range(COUNT):
        address = addresses(random, server.routes(), known)
        answer = open_server.request(
            random.choice(["GET"] * 9 + ["POST", "HEAD"]), address
        )  # an exception would be raised here
        seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        assert answer.status_code < 500, address[:300]
        if answer.status_code in (400, 403, 414, 429) and answer.request.method != "HEAD":
            assert answer.json()["error"].endswith("."), address[:300]
        assert "/home/" not in answer.text[:2000] and str(run.id) in known
    assert {200, 400, 404, 414} <= set(seen), seen
    assert not [each for each in caplog.records if each.exc_info]


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("news/paper-vae?step=" + "9" * 300, 400, "step: found '99"),
        ("news/paper-vae?epoch=-1", 400, "from 0 to"),
        ("ambiguity/paper-vae/51/x?reach=nan", 400, "reach: found 'nan', wanted a number from 4 to 4"),
        ("ambiguity/paper-vae/51/x?reach=1e308", 400, "reach"),
        ("ambiguity/paper-vae/51/x?spacing=x", 400, "spacing: found 'x', wanted one of even, quantile"),
        ("compare/models?columns=" + ",".join(["c"] * 5000), 400, "found more than 16 names"),
        ("compare/models?columns=" + ",".join(["c"] * 30_000), 414, "has more than"),
        ("compare/panel.png?columns=paper-gan&at=inf", 400, "at: found 'inf'"),
        ("compare/panel.exe?columns=paper-gan", 404, ""),
        ("kept/" + "a" * 500, 400, "500 letters"),
    ],
)
def test_what_cannot_be_is_refused_in_words(open_server: TestClient, path: str, status: int, words: str) -> None:
    answer = open_server.get(f"/gencmp/{path}")
    assert answer.status_code == status and words in answer.json()["error"]


def test_an_epoch_of_300_digits_names_no_file(open_server: TestClient) -> None:
    for digits in (300, 5000):
        answer = open_server.get(f"/gencmp/pictures/paper-vae/{'9' * digits}/samples.png")
        assert answer.status_code == 404 and "nothing at this address" in answer.json()["error"]


def test_ever_new_questions_are_too_many_at_last(open_server: TestClient) -> None:
    asked = [open_server.get(f"/gencmp/compare/panel.png?columns=nobody&title={i}") for i in range(80)]
    refused = [each for each in asked if each.status_code == 429]
    assert len(refused) >= 15 and asked[0].status_code == 404
    assert int(refused[0].headers["retry-after"]) > 0 and "Wait" in refused[0].json()["error"]


# What an answer brings along


def test_every_answer_says_what_browsers_may_do_with_it(open_server: TestClient) -> None:
    for path in ("/gencmp/news/paper-vae", "/gencmp/nothing", "/gencmp/news/x?step=y", "/" + "x" * 20_000):
        headers: Any = open_server.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'self'" in headers["content-security-policy"]


@pytest.mark.parametrize("host", ["x; script-src *", "a b", "", "x" * 300])
def test_a_hosts_name_adds_nothing_to_the_policy(open_server: TestClient, host: str) -> None:
    policy = open_server.get("/gencmp/news/x", headers={"Host": host}).headers["content-security-policy"]
    assert "*" not in policy and (not host or host not in policy)


def test_a_course_page_may_frame_it_where_the_owner_says_so(
    open_server: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(hosting.FRAMES, "https://course.example https://*.uni.example:8443 'x; script-src * https://a;b")
    policy = open_server.get("/gencmp/news/x").headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors 'self' https://course.example https://*.uni.example:8443")
