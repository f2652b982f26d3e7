"""What one dispatcher carries, by simulation: messages of measured sizes and prices come to one server, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gencmp.bench.tools.spread import percentile
from gencmp.runs.executors.far import BATCH, STATE_EVERY

GIGABIT = 125e6  # bytes a second of the network that most labs have
LATE = 1.0  # seconds; news that are later are no longer live
RUNS = (60, 100, 200, 300, 500, 1000)
SECONDS = 20.0


@dataclass(frozen=True)
class Prices:
    """Measured here. message, state: seconds of the dispatcher's processor for a message of 0.25 s of events, and more for a state.

    message_bytes, state_bytes: as they are sent. base, of_a_run: bytes of memory without runs, and more for each.
    writes: bytes a second that the disk takes. share: of a core that the dispatcher can have, as other programs need some, too.
    """

    message: float
    state: float
    message_bytes: float
    state_bytes: float
    base: float
    of_a_run: float
    writes: float
    network: float = GIGABIT
    memory: float = 8e9
    share: float = 1.0


def simulate(runs: int, prices: Prices, seconds: float = SECONDS) -> dict[str, float]:
    """Each run sends a message every 0.25 s, and a state every 10 s, each run at moments of its own. Python computes one thing at a
    time, so they are served in the order in which they come. Returns the 95th percentile of the wait until one is done, in seconds,
    and the processor's share."""
    work: list[tuple[float, float]] = []
    for run in range(runs):
        phase = (run * 0.6180339887) % 1  # evenly spread, whatever their number
        work += [((n + phase) * BATCH, prices.message) for n in range(int(seconds / BATCH))]
        work += [((n + phase) * STATE_EVERY + 0.01, prices.state) for n in range(int(seconds / STATE_EVERY))]
    free, waits = 0.0, []
    for at, price in sorted(work):
        free = max(free, at) + price / prices.share
        waits.append(free - at)
    return {"late_p95": percentile(waits), "share_of_a_core": round(sum(price for _, price in work) / seconds, 3)}


def demands(runs: int, prices: Prices) -> dict[str, float]:
    """The share of each resource that so many runs take; from 1 on it breaks."""
    sent = runs * (prices.message_bytes / BATCH + prices.state_bytes / STATE_EVERY)
    return {
        "the dispatcher's core": runs * (prices.message / BATCH + prices.state / STATE_EVERY) / prices.share,
        "a network of one gigabit a second": sent / prices.network,
        "the disk": runs * prices.state_bytes / STATE_EVERY / prices.writes,
        "8 GB of memory": (prices.base + runs * prices.of_a_run) / prices.memory,
    }


def most_runs(prices: Prices) -> int:
    """As many as one dispatcher carries: no resource is full, and news are not late."""
    low, high = 0, 1
    while carries(high, prices):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if carries(middle, prices) else (low, middle)
    return low


def carries(runs: int, prices: Prices) -> bool:
    return (
        runs < 100_000 and max(demands(runs, prices).values()) < 1 and simulate(runs, prices, 10.0)["late_p95"] < LATE
    )


def breaks_first(runs: int, prices: Prices) -> list[tuple[str, float]]:
    """Each resource with the share that so many runs take, the fullest first."""
    return sorted(demands(runs, prices).items(), key=lambda each: -each[1])


def table(prices: Prices, a_second: float, places: int) -> dict[str, Any]:
    """a_second: events of a run. places: of a node."""
    rows: list[Mapping[str, Any]] = [
        {"runs": runs, "nodes": -(-runs // places), "events_a_second": round(runs * a_second), **simulate(runs, prices)}
        | {name: round(share, 3) for name, share in demands(runs, prices).items()}
        for runs in RUNS
    ]  # fmt: skip
    most = most_runs(prices)
    return {
        "rows": rows, "most_runs": most, "nodes": -(-most // places), "places_of_a_node": places,
        "events_a_second": round(most * a_second), "at_1000": breaks_first(1000, prices), "prices": vars(prices),
    }  # fmt: skip
