"""The seed study: train a preset from several seeds and evaluate each, with results in one growing JSON file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

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
from gencmp.settings.configs import Config
from gencmp.settings.stored import config_from_dict
from gencmp.training.loop import train
from gencmp.training.processor import flush_denormals
from gencmp.version import versions


class Trainer(Protocol):
    """Who trains the models of a study."""

    def begin(self, configs: Sequence[Config]) -> None:
        """What will be asked for, in order."""

    def trained(self, config: Config, report: Callable[[int], None]) -> tuple[float, Snapshot]:
        """Seconds of training, and the trained model. report: called with the number of epochs done. Raises GencmpError."""


def study(
    configs: Sequence[Config],
    seeds: int,
    out: Path,
    count: int = COUNT,
    progress: Progress = no_progress,
    trainer: Trainer | None = None,
) -> dict[str, Any]:
    """Train and evaluate each config from seeds 0, 1, ...; returns the content of `out`.

    The file is written after each model, and models that it already contains are skipped, so an interrupted study can be
    continued. All configs must use the same data. trainer: by default, one after the other in this process.
    Raises ConfigError when `out` is another file or another study.
    """
    flush_denormals()
    progress(0.0, "loading the real digits")
    real = real_digits(configs[0], count, progress)
    held = _started(out, real, configs[0])
    wanted = [config.replace(seed=seed) for seed in range(seeds) for config in configs]
    done = [config_from_dict(run["config"]) for run in held["runs"]]
    trainer = trainer or _Here()
    trainer.begin([config for config in wanted if config not in done])
    for index, config in enumerate(wanted):
        if config in done:
            continue
        report = partial(_report, progress, index, len(wanted), config)
        seconds, snapshot = trainer.trained(config, report)
        report(config.epochs, "measuring")
        name = f"{config.kind} seed {config.seed}"
        verdict = judge_model(name, "", snapshot, real, config.seed)
        held["runs"].append({"config": config.to_dict(), "seconds": round(seconds, 1), "verdict": verdict.to_dict()})
        write_whole(out, json.dumps(held, indent=1).encode())
    progress(1.0, "Done")
    return held


def _report(progress: Progress, index: int, count: int, config: Config, epoch: int, words: str = "") -> None:
    share = (index + epoch / config.epochs) / count
    progress(share, f"{config.kind}, seed {config.seed}: {words or f'epoch {epoch} of {config.epochs}'}")


def _started(out: Path, real: Real, config: Config) -> dict[str, Any]:
    """The study in `out`, or a new one that contains only the floor."""
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
            "out", f"{out} is not a study written by gencmp ({error!r}). Choose another file, or delete this one."
        ) from None
    if found != facts:
        raise ConfigError(
            "out",
            f"{out} is a study with {found}, but this one needs {facts}: their figures are not comparable. Choose another file.",
        )
    return held


class _Here:
    """A Trainer in this process."""

    def begin(self, configs: Sequence[Config]) -> None:
        """Nothing: each is trained when it is asked for."""

    def trained(self, config: Config, report: Callable[[int], None]) -> tuple[float, Snapshot]:
        report(0)
        for event in train(config, load(config)):
            match event:
                case Epoch():
                    report(event.epoch)
                case Checkpoint(weights=bytes() as weights):  # always present for the last epoch
                    snapshot = unpack(weights)
        return snapshot.seconds, snapshot
