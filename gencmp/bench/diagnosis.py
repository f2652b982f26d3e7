"""Whether a run's diagnosis is right: healthy runs and ill ones, trained to their end and diagnosed after every epoch.

Healthy are all presets of dense networks that are not made to fail, the paper's with five seeds; ill are the presets that are, and runs made
to have one illness each. The figures of every epoch are kept, so that rules can be tested on them without training.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import torch

from gencmp.bench.diagnosed import known_runs, measured_on, row
from gencmp.bench.parallel import each_of
from gencmp.bench.table import KEPT, kept
from gencmp.data.load import load
from gencmp.errors import TrainingFailed
from gencmp.evaluation.checkups import with_checkups
from gencmp.events import Checkpoint, Checkup, Epoch
from gencmp.models.snapshot import Snapshot, unpack
from gencmp.progress import Progress
from gencmp.settings.configs import CONFIGS, DENSE, Config, VaeConfig
from gencmp.settings.presets import PRESETS
from gencmp.training.changes import Levers
from gencmp.training.loop import train
from gencmp.version import machine, versions

SEEDS = 5  # of the paper's presets


class Trial(NamedTuple):
    """A run to diagnose.

    illness:  what is wrong with it; "" if nothing is.
    pulled:   settings changed after so many epochs.
    begun_by: another training, whose networks this one goes on with, as a fork does; its epochs count, too.
    """

    label: str
    config: Config
    illness: str = ""
    pulled: tuple[int, dict[str, Any]] | None = None
    begun_by: Config | None = None


ILL_PRESETS = {
    "strong-discriminator": "discriminator_won",
    "weak-discriminator": "discriminator_asleep",
    "posterior-collapse": "posterior_collapse",
}
QUICK = PRESETS["gan"]["quick"].config
FEW = QUICK.replace(limit=500, batch_size=20)
MADE_ILL = (
    Trial("D that learns 500 pictures by heart", FEW.replace(epochs=180, discriminator_dropout=0.0), "discriminator_memorises"),
    Trial("G three times as fast as D", QUICK.replace(epochs=6, beta1=0.9, generator_learning_rate=3e-3), "mode_collapse"),
    Trial(
        "GAN of ones that goes on with all digits, slowly",
        QUICK.replace(epochs=25, generator_learning_rate=1e-5, discriminator_learning_rate=1e-4),
        "mode_collapse",
        begun_by=QUICK.replace(epochs=15, classes=(1,)),
    ),
    Trial("β = 50", VaeConfig(epochs=5, limit=20_000, beta=50.0), "posterior_collapse"),
    Trial("VAE that learns 300 pictures by heart", VaeConfig(epochs=60, limit=300, batch_size=20, latent_size=20), "vae_memorises"),
    Trial(
        "VAE, its learning rate raised to 0.07 after 3 epochs", VaeConfig(epochs=4, limit=5000), "diverged", (3, {"learning_rate": 0.07})
    ),
    Trial("VAE at a learning rate of 0.3", VaeConfig(epochs=5, limit=20_000, learning_rate=0.3), "diverged"),
)  # fmt: skip


def trials(seeds: int = SEEDS) -> list[Trial]:
    """Every preset of dense networks, the paper's with `seeds` seeds, and the runs that are made ill."""
    found = [
        Trial(f"{kind.upper()}, {preset.label}", preset.config, ILL_PRESETS.get(preset.name, ""))
        for kind, presets in PRESETS.items()
        for preset in presets.values()
        if preset.config.network == DENSE
    ]
    more = [
        Trial(f"{kind.upper()}, Paper, seed {seed}", presets["paper"].config.replace(seed=seed))
        for kind, presets in PRESETS.items()
        for seed in range(1, seeds)
    ]
    return [*found, *more, *MADE_ILL]


def measure(progress: Progress, wanted: Sequence[Trial] | None = None, folder: Path = KEPT) -> dict[str, Any]:
    """Trains all trials that have not been measured before, as many at once as there are cores.

    wanted: by default trials(). folder: of earlier measurements; without its diagnosis.json all are trained.
    """
    jobs = list(wanted or trials())
    before = {(run["run"], _facts(run["config"])): run for run in known_runs(kept(folder).get("diagnosis", {}))}
    keys = [(job.label, _facts(_short_config(job.config))) for job in jobs]
    missing = [job for job, key in zip(jobs, keys, strict=True) if key not in before]
    made = iter(each_of(_trained, missing, progress, "trained") if missing else ())
    runs = [before[key] if key in before else next(made) for key in keys]
    diagnosed = [row(run) for run in runs]
    right = sum(bool(each["right"]) for each in diagnosed)
    ill = sum(bool(run["illness"]) for run in runs)
    words = f"{right} of {len(runs)} runs are diagnosed rightly: {len(runs) - ill} healthy ones and {ill} ill ones."
    return {"words": words, "diagnosed": diagnosed, "runs": runs}


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    return [
        f"{'right' if each['right'] else 'WRONG'}: {each['run']}: {each['illness'] or 'healthy'};"
        f" in the end {each['last']}, meanwhile {', '.join(each['meanwhile']) or 'nothing else'}"
        for each in measured["diagnosed"]
    ]


def _trained(job: Trial) -> dict[str, Any]:
    epochs, checkups, diverged = [], [], True
    with suppress(TrainingFailed):
        levers = Levers()
        start = _end_of(job.begun_by) if job.begun_by else None
        for event in with_checkups(train(job.config, load(job.config), levers=levers, start=start), job.config):
            match event:
                case Epoch():
                    if job.pulled and event.epoch == job.pulled[0]:
                        levers.ask(job.pulled[1])
                    epochs.append(
                        {"epoch": event.epoch, "measures": _short(event.measures), "test": _short(event.test)}
                    )
                case Checkup():
                    checkups.append(asdict(event))
        diverged = False
    for each in checkups:
        each["digits"] = [round(share, 4) for share in each["digits"]]
    facts = {"date": time.strftime("%Y-%m-%d"), "machine": machine(), "versions": versions(torch=torch.__version__)}
    return {
        "run": job.label, "illness": job.illness, "kind": job.config.kind, "epochs": epochs, "checkups": checkups,
        "diverged": diverged, "config": _short_config(job.config), "measured_on": measured_on(facts),
    }  # fmt: skip


def _end_of(config: Config) -> Snapshot:
    """The full state after a training's last epoch."""
    *_, state = (event.state for event in train(config, load(config)) if isinstance(event, Checkpoint))
    return unpack(state)


def _short_config(config: Config) -> dict[str, Any]:
    """The settings that are not the default."""
    default = CONFIGS[config.kind]().to_dict()
    return {name: value for name, value in config.to_dict().items() if value != default[name] or name == "latent_size"}


def _facts(config: Mapping[str, Any]) -> str:
    return json.dumps(config, sort_keys=True)


def _short(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.5g}") for name, value in values.items()}
