"""Whether bfloat16 matmuls reduce quality: the paper's models with several seeds, in this machine's precision and in float32."""

from __future__ import annotations

from functools import partial
from statistics import mean
from typing import Any

from gencmp.bench.parallel import each_of
from gencmp.data.load import load
from gencmp.errors import GencmpError
from gencmp.evaluation.checkups import checkup_figures
from gencmp.evaluation.real_digits import real_digits
from gencmp.evaluation.verdicts import COUNT
from gencmp.events import Checkpoint, Epoch, Started
from gencmp.models.snapshot import unpack
from gencmp.progress import Progress
from gencmp.settings.configs import Config
from gencmp.settings.presets import preset
from gencmp.training.build import matmul_dtype, pick_device, sample
from gencmp.training.loop import train

SEEDS = 3
LATE = 10  # epochs: from one to the next the test ELBO goes up and down by some 0.2 nats, their mean does not
COMPARED = (("gan", "frechet"), ("vae", "frechet"), ("vae", "negative_elbo"), ("vae", "late_negative_elbo"))
WORDS = {
    "frechet": "Fréchet distance",
    "negative_elbo": "negative test ELBO",
    "late_negative_elbo": f"its mean over the last {LATE} epochs",
}


def measure(
    progress: Progress, seeds: int = SEEDS, epochs: int = 0, count: int = COUNT, device: str = "cpu"
) -> dict[str, Any]:
    """Trains and measures each model from `seeds` seeds in both precisions, as many at once as there are cores.

    Both models are measured by the Fréchet distance, the VAE also by its test ELBO in nats.
    epochs: of each run; 0 takes the paper's.   count: how many pictures of each model the judge sees.
    Raises GencmpError when the machine has only one precision.
    """
    configs = [preset(kind, "paper").config.replace(device=device) for kind in ("gan", "vae")]
    if matmul_dtype(configs[0], pick_device(device)) == "float32":
        raise GencmpError(
            "This machine always trains in float32: it has no native bfloat16, so there is nothing to compare."
        )
    jobs = [
        config.replace(seed=seed, precision=precision, epochs=epochs or config.epochs)
        for config in configs
        for precision in ("auto", "float32")
        for seed in range(seeds)
    ]
    runs = each_of(partial(_trained, count=count), jobs, progress, "trained and measured", 0 if device == "cpu" else 1)
    compared = [_compared(kind, name, runs) for kind, name in COMPARED]
    gan, vae, elbo, _ = (row["difference"] for row in compared)
    words = (
        f"In {runs[0]['precision']} the VAE's test ELBO is {abs(elbo):.2f} nats {'worse' if elbo > 0 else 'better'} than in float32;"
        f" the Fréchet distances differ by {gan:+.2f} (GAN) and {vae:+.2f} (VAE)."
    )
    return {"words": words, "device": device, "seeds": seeds, "compared": compared, "runs": runs}


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    return [
        f"{row['model'].upper()}, {WORDS[row['measure']]}: {', '.join(f'{value:.2f}' for value in row['fast'])} in"
        f" {row['precision']}, {', '.join(f'{value:.2f}' for value in row['float32'])} in float32"
        for row in measured["compared"]
    ]


def _trained(config: Config, count: int) -> dict[str, Any]:
    """Trains one model to its end and judges it: a row of `runs`."""
    elbos: list[float] = []
    for event in train(config, load(config)):
        match event:
            case Started():
                precision = event.precision
            case Epoch():
                test, seconds = dict(event.test), event.seconds
                if "negative_elbo" in test:
                    elbos.append(test["negative_elbo"])
            case Checkpoint(weights=bytes() as weights):
                snapshot = unpack(weights)
    figures = {
        "frechet": checkup_figures(sample(snapshot, count, config.seed), real_digits(config, count)).frechet
    } | test
    if elbos:
        figures["late_negative_elbo"] = mean(elbos[-LATE:])
    return {
        "model": config.kind,
        "seed": config.seed,
        "asked": config.precision,
        "precision": precision,
        "epochs": config.epochs,
        "last_epoch_s": round(seconds, 2),
        "figures": {name: round(value, 4) for name, value in figures.items()},
    }


def _compared(kind: str, name: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Both precisions side by side: each seed's figure, and the difference of the means.

    spread: from the least to the most of float32's seeds. in_spreads: the difference's size, with the spread as its unit.
    """
    fast, exact = (
        [run["figures"][name] for run in runs if (run["model"], run["asked"]) == (kind, asked)]
        for asked in ("auto", "float32")
    )
    difference, spread = mean(fast) - mean(exact), max(exact) - min(exact)
    return {
        "model": kind,
        "measure": name,
        "precision": runs[0]["precision"],
        "fast": fast,
        "float32": exact,
        "difference": round(difference, 4),
        "spread": round(spread, 4),
        "in_spreads": round(abs(difference) / spread, 4) if spread else None,  # one seed has none
    }
