"""How much open pages slow training down, and how much two trainings slow each other down, measured in turns."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from gencmp.bench.tools.crowd import Crowd, Diary, Stored
from gencmp.bench.tools.processes import Server, load_before, must_go_on, say_load, served, trained
from gencmp.bench.tools.spread import middle
from gencmp.errors import GencmpError
from gencmp.progress import Progress
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config
from gencmp.settings.presets import preset
from gencmp.training.cores import cores

TURNS = (0, 1, 0, 30)  # viewers, in each round
ROUNDS = 3  # of the turns
EPOCHS = 2  # whole epochs per turn
PAIR_ROUNDS = 3
PAIR_EPOCHS = 2  # whole epochs of each model, alone and together
ENOUGH = 130.0  # seconds after which no further round begins; on a slow machine there is only one
TURN_LIMIT = 120.0  # seconds


def config_of(kind: str) -> Config:
    """The paper's settings with more epochs than there will be turns. Few epochs are kept, because turns are measured in
    whole epochs, and keeping one takes additional time."""
    return preset(kind, "paper").config.replace(epochs=300, keep_per_decade=1)


def measure(progress: Progress) -> dict[str, Any]:
    """Images a second with and without viewers, and of both models alone and together. Raises GencmpError."""
    load = load_before()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        store = RunStore(Path(folder))
        progress(0.0, "Starting a server and the training")
        with served(store.home) as server:
            with trained(store, [config_of("gan")]) as runs:
                turns = asyncio.run(_turns(server, store, runs[0], progress))
            pairs = _pairs(store, progress)
    progress(1.0, "Done")
    costs = {viewers: _cost(turns, viewers) for viewers in sorted(set(TURNS) - {0})}
    both = [row["gan_together"] / row["gan_alone"] + row["vae_together"] / row["vae_alone"] for row in pairs]
    return {
        "words": _words(costs, middle(both)),
        "load_before": load,
        "cores": cores(),
        "epochs_a_turn": EPOCHS,
        "turns": turns,
        "costs": [{"viewers": viewers} | cost for viewers, cost in costs.items()],
        "pairs": pairs,
        "together": {"median": middle(both), "low": round(min(both), 3), "high": round(max(both), 3)},
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    lines = [line for row in measured["costs"] for line in _say(row)]
    together = measured["together"]
    lines.append(
        f"both models at once reach {together['median']:.2f} of what each alone would"
        f" ({together['low']:.2f} to {together['high']:.2f} in {len(measured['pairs'])} rounds);"
        " 1 would be as if each had half of the machine, and the aim is at least 0.85"
    )
    for kind in ("gan", "vae"):
        alone, together = (middle([row[f"{kind}_{how}"] for row in measured["pairs"]]) for how in ("alone", "together"))
        lines.append(f"  {kind.upper()}: {alone:,.0f} images/s alone, {together:,.0f} while the other trains")
    return [*lines, *say_load(measured["load_before"])]


def _say(row: Mapping[str, Any]) -> list[str]:
    aim = f"; the aim is at least {1 - AIMS[row['viewers']]:.0%}" if row["viewers"] in AIMS else ""
    return [
        f"with {_viewers(row['viewers'])} the training keeps {1 - row['cost']:.1%} of its speed"
        f" ({1 - row['cost_high']:.1%} to {1 - row['cost_low']:.1%} in {row['count']} turns){aim}",
        f"  the benchmark's viewers run on the same machine and use {row['load_share']:.0%} of a core themselves",
    ]


AIMS = {1: 0.05, 30: 0.15}  # of the training's speed, at most


def _words(costs: Mapping[int, Mapping[str, float]], together: float) -> str:
    parts = " and ".join(
        f"{_viewers(viewers)} {'costs' if viewers == 1 else 'cost'} the training {cost['cost']:.1%}"
        for viewers, cost in costs.items()
    )
    return f"On this machine {parts} of its speed; both models at once reach {together:.2f} of their speeds alone."


def _viewers(count: int) -> str:
    return "one viewer" if count == 1 else f"{count} viewers"


# Viewers in turns


async def _turns(server: Server, store: RunStore, run: Run, progress: Progress) -> list[dict[str, float]]:
    """Each turn's viewers, images a second, and the share of a core that the load itself took."""
    rows: list[dict[str, float]] = []
    begun = time.perf_counter()
    async with Diary(store, [run]) as diary, Crowd(server, [run]) as crowd:
        for _ in range(ROUNDS):
            for viewers in TURNS:
                progress(0.5 * len(rows) / (ROUNDS * len(TURNS) + 1), f"GAN, {viewers} viewers")
                rows.append(await _turn(crowd, diary, run, viewers))
            if time.perf_counter() - begun > ENOUGH:
                break
        rows.append(await _turn(crowd, diary, run, TURNS[0]))  # so each turn with viewers lies between two without
    return rows


async def _turn(crowd: Crowd, diary: Diary, run: Run, viewers: int) -> dict[str, float]:
    await crowd.resize(viewers)
    own, started = time.process_time(), time.perf_counter()
    rates = await _rates(diary, [run], EPOCHS)
    share = (time.process_time() - own) / (time.perf_counter() - started)
    crowd.check()
    return {"viewers": viewers, "images_per_second": rates[run.id], "load_share": round(share, 3)}


def _cost(turns: Sequence[Mapping[str, float]], viewers: int) -> dict[str, float]:
    """The share of speed lost to this number of viewers: each of their turns is compared with the mean of its two neighbours."""
    speeds = [turn["images_per_second"] for turn in turns]
    places = [place for place, turn in enumerate(turns) if turn["viewers"] == viewers]
    costs = [1 - 2 * speeds[place] / (speeds[place - 1] + speeds[place + 1]) for place in places]
    share = middle([turns[place]["load_share"] for place in places])
    return {
        "cost": middle(costs),
        "cost_low": round(min(costs), 4),
        "cost_high": round(max(costs), 4),
        "count": len(costs),
        "load_share": share,
    }


# Models together


def _pairs(store: RunStore, progress: Progress) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []
    begun = time.perf_counter()
    while len(rows) < PAIR_ROUNDS and (not rows or time.perf_counter() - begun < ENOUGH):
        rows.append(_pair(store, progress, len(rows)))
    return rows


def _pair(store: RunStore, progress: Progress, number: int) -> dict[str, float]:
    """Images a second of each model alone and of both at once, each time in new workers, because a worker's threads are
    chosen when it starts."""
    row: dict[str, float] = {}
    for place, kinds in enumerate((("gan",), ("vae",), ("gan", "vae"))):
        progress(0.5 + 0.5 * (number + place / 3) / PAIR_ROUNDS, f"{' and '.join(kinds).upper()}, round {number + 1}")
        with trained(store, [config_of(kind) for kind in kinds]) as runs:
            rates = asyncio.run(_alone(store, runs))
        how = "alone" if len(kinds) == 1 else "together"
        row |= {f"{run.kind}_{how}": rates[run.id] for run in runs}
    return row


async def _alone(store: RunStore, runs: Sequence[Run]) -> dict[str, float]:
    async with Diary(store, runs) as diary:
        return await _rates(diary, runs, PAIR_EPOCHS)


# Whole epochs


async def _rates(diary: Diary, runs: Sequence[Run], epochs: int) -> dict[str, float]:
    """Images a second of each run over at least this many whole epochs from now on, including pictures, tests and files."""
    since = time.time()
    ends: dict[str, list[Stored]] = {}
    while not ends or min(map(len, ends.values())) <= epochs:
        if time.time() - since > TURN_LIMIT:
            raise GencmpError(
                f"{epochs} epochs took longer than {TURN_LIMIT:g} s: this machine is too slow, or too busy."
            )
        await asyncio.sleep(0.05)
        must_go_on(diary.store, runs)
        ends = {run.id: epoch_ends(diary.pages[run.id], since) for run in runs}
    return {run.id: _speed(ends[run.id], diary.store.queries.get(run.id).images) for run in runs}


def epoch_ends(page: Sequence[Stored], since: float) -> list[Stored]:
    """The commits that ended an epoch."""
    return [now for before, now in pairwise(page) if now.epoch > before.epoch and now.at >= since]


def _speed(ends: Sequence[Stored], images: int) -> float:
    return round(images * (ends[-1].epoch - ends[0].epoch) / (ends[-1].at - ends[0].at), 1)
