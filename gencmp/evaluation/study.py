"""Seeds matter: the same preset trained from several seeds, each one judged, in one JSON file that grows as it goes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import torch

from gencmp.data.load import load
from gencmp.errors import ConfigError
from gencmp.evaluation.evaluate import judge_model, judge_real
from gencmp.evaluation.real_digits import Real, real_digits
from gencmp.evaluation.verdicts import COUNT
from gencmp.events import Checkpoint, Epoch
from gencmp.files import write_whole
from gencmp.models.snapshot import Snapshot, unpack
from gencmp.progress import Progress, no_progress
from gencmp.settings.configs import Config, config_from_dict
from gencmp.training.loop import train
from gencmp.training.processor import flush_denormals
from gencmp.version import versions


def study(
    configs: Sequence[Config], seeds: int, out: Path, count: int = COUNT, told: Progress = no_progress
) -> dict[str, Any]:
    """Train and judge each config from seeds 0, 1, ...; returns what `out` holds at the end.

    The file is written after each seed, and what it holds already is not done again, so an interrupted study goes on.
    All configs learn from the same data. Raises ConfigError when `out` is the file of something else.
    """
    flush_denormals()
    told(0.0, "getting the real digits")
    real = real_digits(configs[0], count, told)
    held = _begun(out, real, configs[0])
    wanted = [config.replace(seed=seed) for seed in range(seeds) for config in configs]
    for index, config in enumerate(wanted):
        if any(config_from_dict(run["config"]) == config for run in held["runs"]):
            continue
        tell = partial(_tell, told, index, len(wanted), config)
        seconds, snapshot = _trained(config, tell)
        tell(config.epochs, "measuring")
        name = f"{config.kind} seed {config.seed}"
        verdict = judge_model(name, "", snapshot, real, config.seed)
        held["runs"].append({"config": config.to_dict(), "seconds": round(seconds, 1), "verdict": verdict.to_dict()})
        write_whole(out, json.dumps(held, indent=1).encode())
    told(1.0, "Done")
    return held


def _tell(told: Progress, index: int, count: int, config: Config, epoch: int, words: str = "") -> None:
    share = (index + epoch / config.epochs) / count
    told(share, f"{config.kind}, seed {config.seed}: {words or f'epoch {epoch} of {config.epochs}'}")


def _begun(out: Path, real: Real, config: Config) -> dict[str, Any]:
    """The study that `out` holds, or a new one with nothing but its floor."""
    facts = {"data": real.name, "count": real.count, "judge": real.judge.key}
    if not out.exists():
        floor = judge_real(real, config).to_dict()
        return facts | {
            "threads": torch.get_num_threads(),
            "versions": versions(torch=torch.__version__),
            "floor": floor,
            "runs": [],
        }
    try:
        held: dict[str, Any] = json.loads(out.read_text("utf-8"))
        found = {name: held[name] for name in facts}
        held["runs"], held["floor"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            "out", f"{out} is no study that gencmp wrote ({error!r}). Name another file, or delete this one."
        ) from None
    if found != facts:
        raise ConfigError(
            "out",
            f"{out} is a study with {found}, this one wants {facts}: their figures cannot be compared. Name another file.",
        )
    return held


def _trained(config: Config, told: Callable[[int], None]) -> tuple[float, Snapshot]:
    """Seconds of training, and the model at the end of it."""
    told(0)
    for event in train(config, load(config)):
        match event:
            case Epoch():
                told(event.epoch)
            case Checkpoint(weights=bytes() as weights):  # the last epoch's always are
                snapshot = unpack(weights)
    return snapshot.seconds, snapshot
