"""The whole paper on a GPU: both models' 50 and 51 epochs, recorded as a run is, against the clock."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from gencmp.data.load import load
from gencmp.errors import DeviceError, TrainingFailed
from gencmp.progress import Progress
from gencmp.runs.launcher import start_worker
from gencmp.runs.recorder import drain
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config
from gencmp.settings.presets import preset
from gencmp.training.build import build_trainer
from gencmp.training.cuda_graph import EAGER, stepper
from gencmp.training.loop import train
from gencmp.training.processor import flush_denormals
from gencmp.version import versions

STEPS = 300  # of a block
BLOCKS = 5


def measure(progress: Progress, epochs: int = 0) -> dict[str, Any]:
    """Seconds of the paper's two runs, one after the other, and milliseconds a step captured and not.

    epochs: of each run; 0 takes the paper's. Raises DeviceError where there is no CUDA device.
    """
    if not torch.cuda.is_available():
        raise DeviceError("There is no CUDA device on this machine, so there is no GPU to measure.")
    flush_denormals()
    configs = [preset(kind, "paper").config.replace(device="cuda") for kind in ("gan", "vae")]
    configs = [config.replace(epochs=epochs or config.epochs) for config in configs]
    with tempfile.TemporaryDirectory() as home:
        store = RunStore(Path(home))
        rows = [_whole(store, config, progress, share / 2) | _steps(config) for share, config in enumerate(configs)]
        progress(0.9, "both at once, each in a worker")
        together = _together(RunStore(Path(home) / "workers"), configs)
    seconds = sum(row["wall_s"] for row in rows)
    name = torch.cuda.get_device_name()
    words = f"On this {name} the paper's {configs[0].epochs} + {configs[1].epochs} epochs take {seconds:.1f} seconds."
    return {
        "words": words,
        "gpu": name,
        "seconds": round(seconds, 2),
        "together_s": round(together, 2),
        "models": rows,
        "versions": versions(torch=torch.__version__),
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    lines = [f"Both at once, from the press of Start to the end of both: {measured['together_s']:.1f} s"]
    return lines + [
        f"{row['model'].upper()}: {row['wall_s']:.1f} s, of which {row['training_s']:.1f} s training and the rest pictures, figures and"
        f" the record; {row['captured_ms']:.3f} ms a step as one CUDA graph, {row['eager_ms']:.3f} ms without"
        for row in measured["models"]
    ]


def _whole(store: RunStore, config: Config, progress: Progress, share: float) -> dict[str, Any]:
    """One run from its first event to its last, as a worker records it; loading torch and the data is not counted."""
    digits = load(config)
    run: Run | None = store.claim(store.create(config, "paper").id)
    assert run is not None
    progress(share, f"{config.kind}: {config.epochs} epochs")
    started = time.perf_counter()
    drain(train(config, digits), store, run.id)
    wall = time.perf_counter() - started
    ended = store.queries.get(run.id)
    return {
        "model": config.kind,
        "epochs": config.epochs,
        "wall_s": round(wall, 2),
        "training_s": round(ended.seconds, 2),
        "images_per_second": round(len(digits.train) * config.epochs / ended.seconds),
        "precision": ended.precision,
        "test": {name: round(value, 3) for name, value in ended.test.items()},
    }


def _together(store: RunStore, configs: list[Config]) -> float:
    """Seconds from starting two workers, as the page does, to the end of both runs: loading torch and CUDA is counted."""
    runs = [store.create(config, "paper").id for config in configs]
    started = time.perf_counter()
    for _ in runs:
        start_worker(store)
    while any(store.queries.get(run).is_open for run in runs):
        time.sleep(0.05)
    ended = [store.queries.get(run) for run in runs]
    if reasons := [run.reason for run in ended if run.state != "finished"]:
        raise TrainingFailed(f"A run did not come to its end: {reasons[0]}")
    return time.perf_counter() - started


def _steps(config: Config) -> dict[str, float]:
    """Milliseconds a step of random pixels, medians of blocks taken in turns."""
    device = torch.device("cuda")
    images = torch.rand(config.batch_size, 784, device=device)
    trainers = build_trainer(config, device), build_trainer(config, device)
    sides = {"captured_ms": stepper(trainers[0], device, config.batch_size), "eager_ms": trainers[1].step}
    times: dict[str, list[float]] = {name: [] for name in sides}
    for block in range(BLOCKS + 1):  # the first warms up, and captures
        for name, take in sides.items():
            torch.cuda.synchronize()
            started = time.perf_counter()
            for _ in range(STEPS + EAGER):
                take(images)
            torch.cuda.synchronize()
            if block:
                times[name].append(1000 * (time.perf_counter() - started) / (STEPS + EAGER))
    return {name: round(sorted(each)[BLOCKS // 2], 4) for name, each in times.items()}
