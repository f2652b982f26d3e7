"""A race's clock, in Node: seconds of training at each step; and who waits for whom."""

from __future__ import annotations

import json
from pathlib import Path

from browsing import node

CLOCK = """
import { clockAt } from "./race/clock.js";
const epochs = [{ epoch: 1, step: 10, seconds: 20 }, { epoch: 2, step: 20, seconds: 10 }];
console.log(JSON.stringify([clockAt([5, 10, 15, 20, 24], epochs, 0.5), clockAt([2, 4], [], 3), clockAt([], epochs, 1)]));
"""


def test_the_clock_counts_seconds_of_training(tmp_path: Path) -> None:
    ended, first, none = json.loads(node(CLOCK, tmp_path))
    assert ended == [10, 20, 25, 30, 32]  # two steps a second in the unfinished epoch
    assert first == [6, 12]
    assert none == []


WAITING = """
import { waitingWords } from "./race/race.js";
const runs = (...states) => states.map((state, i) => ({ run: { state, kind: "vae", name: `v${i}` } }));
console.log(JSON.stringify([["running", "queued"], ["running", "running"], ["finished", "running"]]
  .map((states) => waitingWords(runs(...states), { gan: 1, vae: 1 }))));
"""


def test_a_race_says_who_waits_and_who_shares(tmp_path: Path) -> None:
    waits, shares, neither = json.loads(node(WAITING, tmp_path))
    assert waits.startswith("v1: waiting. Here 1 VAE trains at a time") and "not of waiting" in waits
    assert "share the processor" in shares and "waiting" not in shares
    assert neither == ""
