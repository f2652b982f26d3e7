"""Whether the fast products cost quality: the paper's models from several seeds, in this machine's precision and in float32."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor, as_completed
from statistics import mean
from typing import Any

import torch

from gencmp.config import Config
from gencmp.cores import cores
from gencmp.datasets import load
from gencmp.events import Checkpoint, Epoch, Started
from gencmp.measures import COUNT, Told
from gencmp.presets import preset
from gencmp.reference import real_digits
from gencmp.snapshot import unpack
from gencmp.training import train
from gencmp.verdict import judge_model

SEEDS = 3
MEASURES = {"gan": "frechet", "vae": "negative_elbo"}


def measure(told: Told, seeds: int = SEEDS, epochs: int = 0, device: str = "cpu") -> dict[str, Any]:
    """Trains and measures each model from `seeds` seeds in both precisions, as many at once as there are cores.

    epochs: of each run; 0 takes the paper's. The GAN is told by its Fréchet distance, the VAE by its test ELBO in nats.
    """
    configs = [preset(kind, "paper").config.replace(device=device) for kind in MEASURES]
    jobs = [
        config.replace(seed=seed, precision=precision, epochs=epochs or config.epochs)
        for config in configs
        for precision in ("auto", "float32")
        for seed in range(seeds)
    ]
    at_once = cores() if device == "cpu" else 1  # spawned: a fork of a process with threads may hang
    with ProcessPoolExecutor(at_once, multiprocessing.get_context("spawn"), _one_thread) as pool:
        waiting = [pool.submit(_trained, job) for job in jobs]
        for done, _ in enumerate(as_completed(waiting)):
            told(done / len(jobs), f"{done + 1} of {len(jobs)} trained and measured")
        runs = [each.result() for each in waiting]
    models = [_compared(kind, [run for run in runs if run["model"] == kind]) for kind in MEASURES]
    elbo = models[1]["difference"]
    words = f"In the faster precision the VAE's test ELBO differs by {elbo:+.2f} nats; the GAN's Fréchet distance by {models[0]['difference']:+.2f}."
    return {"words": words, "device": device, "seeds": seeds, "models": models, "runs": runs}


def say(measured: dict[str, Any]) -> list[str]:
    """What was measured, line by line, for people."""
    return [
        f"{row['model'].upper()}: {row['measure'].replace('_', ' ')} {', '.join(f'{value:.2f}' for value in row['fast'])} in"
        f" {row['precision']}, {', '.join(f'{value:.2f}' for value in row['float32'])} in float32"
        for row in measured["models"]
    ]


def _one_thread() -> None:
    torch.set_num_threads(1)


def _trained(config: Config) -> dict[str, Any]:
    for event in train(config, load(config)):
        match event:
            case Started():
                precision = event.precision
            case Epoch():
                test, seconds = dict(event.test), event.seconds
            case Checkpoint(weights=bytes() as weights):
                snapshot = unpack(weights)
    verdict = judge_model(f"{config.kind} {config.seed}", "", snapshot, real_digits(config, COUNT), config.seed)
    told = {"frechet": verdict["frechet"].value} | test
    return {
        "model": config.kind,
        "seed": config.seed,
        "asked": config.precision,
        "precision": precision,
        "epochs": config.epochs,
        "last_epoch_s": round(seconds, 2),
        "figures": {name: round(value, 4) for name, value in told.items()},
    }


def _compared(kind: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Both precisions side by side: each seed's figure, and the difference of the means."""
    name = MEASURES[kind]
    fast, exact = ([run["figures"][name] for run in runs if run["asked"] == asked] for asked in ("auto", "float32"))
    return {
        "model": kind,
        "measure": name,
        "precision": runs[0]["precision"],
        "fast": fast,
        "float32": exact,
        "difference": round(mean(fast) - mean(exact), 4),
        "spread": round(max(exact) - min(exact), 4),
    }
