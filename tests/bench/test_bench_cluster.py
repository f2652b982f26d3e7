"""The benchmark of a cluster, without one: what is simulated, and what is made of measured figures."""

from __future__ import annotations

import json
from contextlib import nullcontext
from dataclasses import replace

import pytest

from gencmp.bench.cluster import topic
from gencmp.bench.cluster.carries import Prices, breaks_first, carries, demands, most_runs, simulate, table
from gencmp.bench.targets import TARGETS
from gencmp.errors import GencmpError

PRICES = Prices(message=0.001, state=0.1, message_bytes=1000, state_bytes=10e6, base=100e6, of_a_run=1e6, writes=500e6)


def test_one_run_waits_for_its_own_message_alone() -> None:
    found = simulate(1, replace(PRICES, state=0.0))
    assert found["late_p95"] == pytest.approx(0.001) and found["share_of_a_core"] == pytest.approx(0.004)


def test_the_share_of_the_core_is_what_the_messages_cost() -> None:
    """100 runs: 400 messages of 1 ms and 10 states of 0.1 s a second."""
    assert simulate(100, PRICES)["share_of_a_core"] == pytest.approx(1.4, rel=0.01)
    assert demands(100, PRICES)["the dispatcher's core"] == pytest.approx(1.4)
    assert demands(100, replace(PRICES, share=0.5))["the dispatcher's core"] == pytest.approx(2.8)


def test_more_than_the_core_can_do_waits_longer_and_longer() -> None:
    """At 1.4 times what it can do, what comes after t seconds waits 0.4 t, however the messages are spread."""
    short, long = (simulate(100, PRICES, seconds)["late_p95"] for seconds in (20.0, 40.0))
    assert long == pytest.approx(2 * short, rel=0.1) and long == pytest.approx(0.95 * 0.4 * 40, rel=0.1)


def test_bytes_and_memory_are_what_the_runs_send_and_take() -> None:
    """200 runs: 800 messages of 1 kB and 20 states of 10 MB a second."""
    found = demands(200, PRICES)
    assert found["a network of one gigabit a second"] == pytest.approx((800 * 1000 + 20 * 10e6) / 125e6)
    assert found["the disk"] == pytest.approx(20 * 10e6 / 500e6)
    assert found["8 GB of memory"] == pytest.approx(300e6 / 8e9)


def test_the_most_runs_are_the_last_that_are_carried() -> None:
    most = most_runs(PRICES)
    assert 0 < most < 72  # 71.4 runs fill the core
    assert carries(most, PRICES) and not carries(most + 1, PRICES)
    assert most_runs(replace(PRICES, message=2.0)) == 0


def test_what_breaks_first_is_the_fullest() -> None:
    assert breaks_first(1000, PRICES)[0][0] == "the dispatcher's core"
    assert breaks_first(1000, replace(PRICES, state=0.0, message=0.0))[0][0] == "a network of one gigabit a second"
    found = table(PRICES, 20, 16)
    assert found["at_1000"] == breaks_first(1000, PRICES)
    assert [row["nodes"] for row in found["rows"]] == [4, 7, 13, 19, 32, 63]


def test_prices_are_the_differences_between_floods() -> None:
    def flooded(runs: int, share: float, memory: float, state: int = 0) -> dict[str, float]:
        return {
            "runs": runs,
            "share_of_a_core": share,
            "memory": memory,
            "seconds": 20.0,
            "state_bytes": state,
            "message_bytes": 700,
        }

    found = topic.prices_of(flooded(6, 0.1, 160e6), flooded(60, 0.6, 700e6), flooded(6, 0.16, 300e6, 13_000_000), 1e9)
    assert found.message == pytest.approx(0.6 / 60 / 4)  # four messages a second of each
    assert found.state == pytest.approx(0.06 * 20 / 12)  # of six runs, two each
    assert found.of_a_run == pytest.approx(10e6) and found.base == pytest.approx(100e6)
    assert found.state_bytes == 13_000_000 and found.message_bytes == 700


def test_all_parts_are_said_and_read_for_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole topic, with made-up parts in the place of a cluster."""
    one = {"seconds": 30.0, "training": 5.0, "events_a_second": 40.0}
    flood = {
        "runs": 60, "share_of_a_core": 0.4, "memory": 300e6, "seconds": 20.0, "state_bytes": 0, "message_bytes": 700,
        "events_a_second": 1190.0, "late_median": 0.2, "late_p95": 0.45, "late_most": 0.9,
    }  # fmt: skip
    compared = {"local": one, "first": one, "second": one, "added_first": 5.0, "added_second": 1.5}
    queued = {"runs": 12, "places": 4, "most_at_once": 4, "seconds": 60.0, "busy": 0.5}
    monkeypatch.setattr(topic, "refusal", lambda: "")
    monkeypatch.setattr(topic, "started", lambda head, nodes: nullcontext(None))
    monkeypatch.setattr("gencmp.bench.cluster.overhead.compared", lambda *each: compared)
    monkeypatch.setattr("gencmp.bench.cluster.overhead.queue", lambda *each: queued)
    monkeypatch.setattr(topic, "_flood", lambda home, nodes, runs, state: flood | {"runs": runs, "state_bytes": state})
    monkeypatch.setattr(
        "gencmp.bench.cluster.faults.silent", lambda *each: {"told": 30.0, "moved": 80.0, "trainings_afterwards": 1}
    )
    monkeypatch.setattr(
        "gencmp.bench.cluster.faults.headless", lambda *each: {"told": 0.3, "words": "Start it again.", "again": 40.0}
    )
    measured = json.loads(json.dumps(topic.measure(lambda share, words: None)))
    said = " ".join([measured["words"], *topic.say(measured)])
    assert "A run takes 1.5 s longer on the cluster than here" in said and "at most 4 at once" in said
    assert "1190 events a second, 0.40 of a core, 300 MB" in said and "“Start it again.”" in said
    assert "breaks first" in said
    read = [target.read(measured).value or 0.0 for target in TARGETS if target.topic == "cluster"]
    assert sorted(read) == [0.45, 30.0, 40.0, 80.0, 300.0]  # s, s, %, s, MB


def test_without_ray_it_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic, "refusal", lambda: "Ray is not installed (pip install -r requirements-ray.txt).")
    with pytest.raises(GencmpError, match="Ray is not installed"):
        topic.measure(lambda share, words: None)
