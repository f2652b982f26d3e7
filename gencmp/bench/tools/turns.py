"""Times several ways to do the same work alternately, so that other load on the machine affects them equally."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import median

Side = Callable[[int], float]  # trains so many steps; returns seconds a step


def in_turns(sides: Mapping[str, Side], blocks: int, steps: int) -> dict[str, list[float]]:
    """Seconds per step of each side, for each of `blocks` blocks of `steps` steps, after one warm-up block."""
    times: dict[str, list[float]] = {name: [] for name in sides}
    for block in range(blocks + 1):
        for name, take in sides.items():
            took = take(steps)
            if block:
                times[name].append(took)
    return times


def ratio(before: Sequence[float], after: Sequence[float]) -> dict[str, float]:
    """How many times as fast `after` is, block by block: median, minimum and maximum."""
    ratios = sorted(a / b for a, b in zip(before, after, strict=True))
    return {
        "ratio": round(median(ratios), 2),
        "ratio_low": round(ratios[0], 2),
        "ratio_high": round(ratios[-1], 2),
    }


def milliseconds(times: Sequence[float]) -> float:
    return round(1000 * median(times), 2)
