"""gencmp puts a paper to the test: "Comparing Generative Adversarial Networks and Variational Auto Encoders on MNIST".

    from gencmp import VaeConfig, load, train

    config = VaeConfig(epochs=1)
    for event in train(config, load(config)):
        ...

Importing gencmp does not import torch; the names below that need it fetch it when they are first used.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "GanConfig": "settings.configs",
    "VaeConfig": "settings.configs",
    "GencmpError": "errors",
    "PRESETS": "settings.presets",
    "RunStore": "runs.store",
    "Catalog": "runs.catalog",
    "drain": "runs.recorder",
    "load": "data.load",
    "read": "models.snapshot",
    "sample": "training.build",
    "train": "training.loop",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"gencmp has no {name!r}. It has: {', '.join(__all__)}.")
    return getattr(importlib.import_module(f"gencmp.{_HOMES[name]}"), name)
