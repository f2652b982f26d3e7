"""Whether a run's diagnosis is right: healthy runs and ill ones, trained to their end and diagnosed after every epoch.

Healthy are all presets of dense networks that are not made to fail, the paper's with five seeds; ill are the presets that are, and runs made
to have one illness each. The figures of every epoch are kept, so that rules can be tested on them without training.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any, NamedTuple

from gencmp.bench.diagnosed import row
from gencmp.bench.parallel import each_of
from gencmp.data.load import load
from gencmp.errors import TrainingFailed
from gencmp.evaluation.checkups import with_checkups
from gencmp.events import Checkup, Epoch
from gencmp.progress import Progress
from gencmp.settings.configs import CONFIGS, DENSE, Config, VaeConfig
from gencmp.settings.presets import PRESETS
from gencmp.training.loop import train

SEEDS = 5  # of the paper's presets


class Trial(NamedTuple):
    """A run to diagnose. illness: what is wrong with it; "" if nothing is."""

    label: str
    config: Config
    illness: str = ""


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
    Trial("β = 50", VaeConfig(epochs=5, limit=20_000, beta=50.0), "posterior_collapse"),
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


def measure(progress: Progress, wanted: Sequence[Trial] | None = None) -> dict[str, Any]:
    """Trains all trials, as many at once as there are cores. wanted: by default trials()."""
    jobs = list(wanted or trials())
    runs = each_of(_trained, jobs, progress, "trained")
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
        for event in with_checkups(train(job.config, load(job.config)), job.config):
            match event:
                case Epoch():
                    epochs.append(
                        {"epoch": event.epoch, "measures": _short(event.measures), "test": _short(event.test)}
                    )
                case Checkup():
                    checkups.append(asdict(event))
        diverged = False
    for each in checkups:
        each["digits"] = [round(share, 4) for share in each["digits"]]
    default = CONFIGS[job.config.kind]().to_dict()
    return {
        "run": job.label, "illness": job.illness, "kind": job.config.kind, "epochs": epochs, "checkups": checkups,
        "diverged": diverged, "config": {k: v for k, v in job.config.to_dict().items() if v != default[k] or k == "latent_size"},
    }  # fmt: skip


def _short(values: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.5g}") for name, value in values.items()}
