"""Scripts ask again when the server has no time, in Node."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browsing import node

SCRIPT = """
import { patiently } from "./shared/base.js";
const answers = JSON.parse(process.argv[2]);
const waits = [];
Math.random = () => 0;
globalThis.setTimeout = (go, wait) => { waits.push(wait); go(); };
let asked = 0;
globalThis.fetch = async () => {
  const [status, after] = answers[asked++];
  return new Response("", { status, headers: after === null ? {} : { "Retry-After": String(after) } });
};
const { status } = await patiently("anything");
console.log(JSON.stringify({ status, asked, waits }));
"""


@pytest.mark.parametrize(
    ("answers", "status", "asked", "waits"),
    [
        ([[200, None]], 200, 1, []),
        ([[429, 5], [200, None]], 200, 2, [5000]),
        ([[429, 1], [429, 2], [429, 3]], 429, 3, [1000, 2000]),
        ([[429, 600]], 429, 1, []),  # nobody waits ten minutes for a picture
        ([[404, None]], 404, 1, []),
    ],
)
def test_a_busy_server_is_asked_again(
    tmp_path: Path, answers: list[list[int | None]], status: int, asked: int, waits: list[int]
) -> None:
    found = json.loads(node(SCRIPT, tmp_path, json.dumps(answers)))
    assert found == {"status": status, "asked": asked, "waits": waits}
