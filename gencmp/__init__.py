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
    "GanConfig": "config",
    "VaeConfig": "config",
    "GencmpError": "errors",
    "PRESETS": "presets",
    "RunStore": "runs",
    "Shelf": "shelf",
    "drain": "recording",
    "load": "data.load",
    "read": "snapshot",
    "sample": "training",
    "train": "training",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"gencmp has no {name!r}. It has: {', '.join(__all__)}.")
    return getattr(importlib.import_module(f"gencmp.{_HOMES[name]}"), name)
