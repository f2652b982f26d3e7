"""What every HTTP request passes: who asks, uploads, cookies."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from gencmp.ui.requests.headers import Headers
from gencmp.ui.rights import gate, hosting
from gencmp.ui.rights.gate import Gate, keep_teacher
from gencmp.ui.rights.guard import current
from gencmp.ui.rights.sign_in import sign_in
from gencmp.ui.server import middleware, routes

UPLOAD = "/_stcore/upload_file/session-1/file-1"


def who(request: Request) -> JSONResponse:
    found = current()
    return JSONResponse({"teacher": found.is_teacher, "browser": found.browser})


async def page(request: Request) -> HTMLResponse:
    return HTMLResponse("<html><head></head></html>")


@pytest.fixture
def asked() -> Iterator[Starlette]:
    hosting.serve("localhost")
    app = Starlette(
        routes=[
            Route("/who", who), Route("/", page), Route("/teacher", keep_teacher, methods=["POST"]),
            Route(UPLOAD, who, methods=["PUT", "DELETE"]),
        ]
    )  # fmt: skip
    app.add_middleware(Gate)
    yield app
    hosting.forbid_upload("session-1")


def client(app: Any, host: str, peer: str = "127.0.0.1") -> TestClient:
    return TestClient(app, base_url=f"http://{host}", client=(peer, 5000))


def test_routes_know_who_asks(asked: Starlette) -> None:
    assert client(asked, "localhost").get("/who").json()["teacher"]
    for host, peer in (("class.example", "127.0.0.1"), ("localhost", "10.0.0.8")):
        assert not client(asked, host, peer).get("/who").json()["teacher"]


def test_a_sign_in_is_kept_in_a_cookie_that_no_script_reads(asked: Starlette) -> None:
    elsewhere = client(asked, "class.example")
    token = sign_in().try_pin(sign_in().pin, "10.0.0.8")
    kept = elsewhere.post("/teacher", content=token)
    assert "HttpOnly" in kept.headers["set-cookie"] and "SameSite=Lax" in kept.headers["set-cookie"]
    assert elsewhere.get("/who").json()["teacher"]
    sign_in().sign_out(token)
    assert not elsewhere.get("/who").json()["teacher"]


@pytest.mark.parametrize("token", ["", "x", "0" * 32, "x" * 100_000, b"\xff\xfe"])
def test_an_unknown_sign_in_is_kept_nowhere(asked: Starlette, token: Any) -> None:
    answer = client(asked, "class.example").post("/teacher", content=token)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_who_hangs_up_while_signing_in_leaves_no_traceback(asked: Starlette) -> None:
    async def hang_up() -> dict[str, str]:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/teacher",
        "query_string": b"",
        "headers": [],
        "client": ("1.2.3.4", 1),
    }
    asyncio.run(asked(scope, hang_up, send))
    assert sent[0]["status"] == 403


def test_each_browser_gets_a_number_once(asked: Starlette) -> None:
    first, second = client(asked, "class.example"), client(asked, "class.example")
    assert "set-cookie" in first.get("/").headers and "set-cookie" not in first.get("/").headers
    second.get("/")
    assert "" != first.get("/who").json()["browser"] != second.get("/who").json()["browser"]


# Uploads


def test_only_a_teachers_page_uploads(asked: Starlette) -> None:
    assert client(asked, "localhost").put(UPLOAD, content=b"x").status_code == 200
    elsewhere = client(asked, "class.example")
    assert elsewhere.put(UPLOAD, content=b"x").status_code == 403
    assert elsewhere.delete(UPLOAD).status_code == 403
    hosting.let_upload("session-1")
    assert elsewhere.put(UPLOAD, content=b"x").status_code == 200


def test_uploads_are_bounded_in_number_and_size(asked: Starlette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "FILES", 3)
    monkeypatch.setattr(gate, "BYTES", 100)
    here = client(asked, "localhost")
    assert [here.put(UPLOAD, content=b"x" * 40).status_code for _ in range(3)] == [200, 200, 413]
    assert [here.put(UPLOAD, content=b"x").status_code for _ in range(2)] == [200, 413]
    assert here.put(UPLOAD, content=iter([b"x"])).status_code == 411  # one that does not say its size


def test_nothing_but_the_sign_in_is_sent_to_our_routes() -> None:
    """What acts goes through pages, whose stores ask; a route that acts would have to be thought about here."""
    sent = {route.path for route in routes() if isinstance(route, Route) and route.methods != {"GET", "HEAD"}}
    assert sent == {"/gencmp/teacher"}
    classes: list[Any] = [each.cls for each in middleware()]
    assert classes[:2] == [Headers, Gate]


def test_streamlits_own_checks_are_on() -> None:
    """Of the origin of a websocket, of forged uploads; and no second way in, for agents."""
    options = {
        name: st.get_option(f"server.{name}") for name in ("enableCORS", "enableXsrfProtection", "enableAgentApi")
    }
    assert options == {"enableCORS": True, "enableXsrfProtection": True, "enableAgentApi": False}
    assert st.get_option("server.maxUploadSize") <= 200
