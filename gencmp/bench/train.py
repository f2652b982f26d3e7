"""How fast training is, against the plain recipe and the arithmetic's floor. Ratios are taken in turns, in one run."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import torch

from gencmp.bench.tools import ladder, peers, plain_recipe
from gencmp.bench.tools.turns import Side, in_turns, milliseconds, ratio
from gencmp.data.load import load
from gencmp.progress import Progress
from gencmp.settings.configs import Config
from gencmp.settings.presets import preset
from gencmp.training.build import build_trainer, matmul_dtype, pick_device
from gencmp.training.processor import flush_denormals, processor_facts

BLOCKS = 15
STEPS = 60  # of a block
EPOCHS = {"gan": 50, "vae": 51}
MEASURED_EPOCHS = (1, 3, 20)  # at their beginning; both sides train on in between, some ten minutes in all


def measure(progress: Progress) -> dict[str, Any]:
    """Milliseconds a step of both models, plain and ours, medians over blocks taken in turns, at an early and at late
    epochs; the arithmetic's floor; what each trick is worth, see tools/ladder.py; and what others take, see tools/peers.py.

    Ours flushes tiny numbers to 0, as in every process that trains; the plain recipe runs in a process of its own, which
    does not, as no tutorial does. They take turns: while one computes, the other waits.
    """
    flush_denormals()
    with tempfile.TemporaryDirectory() as folder:
        rows = [_bench(kind, Path(folder), progress, share) for share, kind in enumerate(("gan", "vae"))]
    minutes = sum(row["epochs"][-1]["ours_ms"] * row["steps_an_epoch"] * EPOCHS[row["model"]] for row in rows) / 60_000
    before = sum(row["epochs"][-1]["plain_ms"] * row["steps_an_epoch"] * EPOCHS[row["model"]] for row in rows) / 60_000
    words = f"On this machine the paper's 50 + 51 epochs take about {minutes:.0f} minutes; the plain recipe takes {before:.0f}."
    return {
        "words": words,
        "features": processor_facts()["features"],
        "threads": torch.get_num_threads(),
        "blocks": BLOCKS,
        "steps_a_block": STEPS,
        "models": rows,
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    lines = [
        f"{row['model'].upper()}, epoch {at['epoch']}: {at['ratio']:.1f} times as fast as the plain recipe ({at['ratio_low']:.1f} to"
        f" {at['ratio_high']:.1f}); {at['ours_ms']:.2f} ms a step against {at['plain_ms']:.2f},"
        f" the arithmetic alone would take {row['floor_ms']:.2f}"
        for row in measured["models"]
        for at in row["epochs"]
    ]
    for row in measured["models"]:
        lines += [f"{row['model'].upper()}, what each trick is worth, in turns:", *ladder.say(row["ladder"])]
        lines += [f"{row['model'].upper()}, the same in other ways, in turns:", *peers.say(row["peers"])]
    return lines


def _bench(kind: str, folder: Path, progress: Progress, share: int) -> dict[str, Any]:
    config = preset(kind, "paper").config
    steps_an_epoch, floor = -(-60_000 // config.batch_size), _floor(config)
    done, blocks = 0, []
    with _plain_process(config, folder) as process:
        sides: dict[str, Side] = {
            "plain": lambda steps: process.submit(plain_recipe.take, steps).result(),
            "ours": ladder.in_memory(config, load(config), ladder.fast(config)),
        }
        for place, epoch in enumerate(MEASURED_EPOCHS):
            progress((share + 0.9 * place / len(MEASURED_EPOCHS)) / 2, f"{kind}: epoch {epoch}")
            _advance(sides.values(), (epoch - 1) * steps_an_epoch - done)
            blocks.append({"epoch": epoch} | _in_turns(sides))
            done = (epoch - 1) * steps_an_epoch + (BLOCKS + 1) * STEPS
        progress((share + 0.9) / 2, f"{kind}: what each trick is worth")
        process.submit(plain_recipe.begin, *_beginning(config, folder)).result()  # back at its first step, as the rungs
        rungs = ladder.climb(config, sides["plain"], BLOCKS, STEPS)
    progress((share + 0.95) / 2, f"{kind}: others")
    others = peers.against(sides["ours"], config, BLOCKS, STEPS)
    facts = {"model": kind, "batch": config.batch_size, "steps_an_epoch": steps_an_epoch}
    first = {name: value for name, value in blocks[0].items() if name != "epoch"}
    return facts | first | {
        "precision": matmul_dtype(config, pick_device("cpu")),
        "floor_ms": round(1000 * floor, 2),
        "share_of_floor": round(1000 * floor / first["ours_ms"], 2),
        "epochs": blocks,
        "ladder": rungs,
        "peers": others,
    }  # fmt: skip


def _plain_process(config: Config, folder: Path) -> ProcessPoolExecutor:
    """A process that trains by the plain recipe, with as many threads as ours, and nothing of gencmp's own settings."""
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, spawn, plain_recipe.begin, _beginning(config, folder))


def _beginning(config: Config, folder: Path) -> tuple[str, Path, int, bool, int]:
    """What the plain recipe begins with."""
    return config.kind, folder, config.batch_size, config.shuffle, torch.get_num_threads()


def _advance(sides: Iterable[Side], steps: int) -> None:
    """Train on to a later epoch: there many of Adam's moments are tiny numbers, which some processors multiply slowly."""
    for take in sides:
        take(steps)


def _in_turns(sides: dict[str, Side]) -> dict[str, float]:
    """Milliseconds a step of both sides, medians over blocks taken in turns, and the ratio with its least and most."""
    times = in_turns(sides, BLOCKS, STEPS)
    plain, ours = times["plain"], times["ours"]
    return {"plain_ms": milliseconds(plain), "ours_ms": milliseconds(ours)} | ratio(plain, ours)


def _floor(config: Config) -> float:
    """Seconds that a step's matrix products alone would take at this machine's best rate, and Adam's bytes."""
    device = pick_device("cpu")
    trainer = build_trainer(config, device)
    from torch.utils.flop_counter import FlopCounterMode  # a debugging tool; nothing else needs it

    counter = FlopCounterMode(display=False)
    images = torch.rand(config.batch_size, 784)
    with counter:
        trainer.step(images)
    weights = sum(p.numel() for network in trainer.networks.values() for p in network.parameters())
    return counter.get_total_flops() / _rate(config, device) + weights * 28 / _bandwidth()  # read 4 numbers, write 3


def _rate(config: Config, device: torch.device) -> float:
    """Floating-point operations a second of one product of the largest layer's shape, the best of many."""
    dtype = getattr(torch, matmul_dtype(config, device))
    a, b = torch.rand(2 * config.batch_size, 784).to(dtype), torch.rand(512, 784).to(dtype)
    best = min(_once(lambda: torch.nn.functional.linear(a, b)) for _ in range(300))
    return 2 * a.shape[0] * 784 * 512 / best


def _bandwidth() -> float:
    """Bytes a second of a copy the size of the models' weights and moments, the best of many."""
    a = torch.rand(4_000_000)
    b = torch.empty_like(a)
    return 2 * 4 * a.numel() / min(_once(lambda: b.copy_(a)) for _ in range(50))


def _once(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
