"""Asks the dashboard's own routes, without a server and without a network."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import dataclass
from typing import Any


@dataclass
class Answer:
    status_code: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Asks an application for a path."""

    def __init__(self, app: Any):
        self.app = app

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        heard: list[Any] = []
        path, _, query = path.partition("?")
        asked = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            heard.append(message)

        scope = {
            "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
            "headers": asked, "root_path": "",
        }  # fmt: skip
        asyncio.run(self.app(scope, receive, send))
        answered = {key.decode(): value.decode() for key, value in heard[0]["headers"]}
        content = b"".join(message.get("body", b"") for message in heard[1:])
        return Answer(
            heard[0]["status"],
            answered,
            gzip.decompress(content) if answered.get("content-encoding") == "gzip" else content,
        )
