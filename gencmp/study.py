"""Seeds matter: the same preset trained from several seeds, each one judged, in one JSON file that grows as it goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from gencmp.config import Config
from gencmp.datasets import load
from gencmp.errors import ConfigError
from gencmp.events import Checkpoint, Epoch
from gencmp.files import write_whole
from gencmp.measures import COUNT, file_key
from gencmp.reference import Real, real_digits
from gencmp.snapshot import Snapshot, unpack
from gencmp.training import machine, train
from gencmp.verdict import judge_model, judge_real
from gencmp.version import versions

Told = Callable[[float, str], None]  # progress: a share from 0 to 1, and words


def study(configs: Sequence[Config], seeds: int, out: Path, count: int = COUNT, told: Told = lambda share, words: None) -> dict[str, Any]:
    """Train and judge each config from seeds 0, 1, ...; returns what `out` holds at the end.

    The file is written after each seed, and what it holds already is not done again, so an interrupted study goes on.
    All configs learn from the same data. Raises ConfigError when `out` is the file of something else.
    """
    told(0.0, "getting the real digits")
    real = real_digits(configs[0], count, told)
    held = _begun(out, real)
    for index, config in enumerate(config.replace(seed=seed) for seed in range(seeds) for config in configs):
        if any(run["config"] == config.to_dict() for run in held["runs"]):
            continue
        share, words = index / seeds / len(configs), f"{config.kind}, seed {config.seed}"
        seconds, snapshot = _trained(config, lambda epoch: told(share, f"{words}: epoch {epoch} of {config.epochs}"))  # noqa: B023
        told(share, f"{words}: measuring")
        verdict = judge_model(words, "", snapshot, real, config.seed)
        held["runs"].append({"config": config.to_dict(), "seconds": round(seconds, 1), "verdict": verdict.to_dict()})
        write_whole(out, json.dumps(held, indent=1).encode())
    told(1.0, "Done")
    return held
