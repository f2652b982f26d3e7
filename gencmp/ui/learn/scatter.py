"""Centres of mass as small scatters beside each other, with their distance and spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gencmp.lessons.places import spread_of
from gencmp.ui.components import addresses, component

REACH = 2.0  # pixels from the middle
DOTS = 400  # of each, so that the cloud can be seen through


def scatters(points: Mapping[str, np.ndarray], labels: Mapping[str, str]) -> None:
    """points: of each kind [n, 2], in pixels to the right and down from the picture's middle."""
    clouds = [_cloud(key, labels[key], found) for key, found in points.items()]
    data = {"clouds": clouds, "reach": REACH, **addresses()}
    component("learn", "scatter")(data=data, key="learn.scatter")


def _cloud(kind: str, label: str, points: np.ndarray) -> dict[str, Any]:
    spread = spread_of(points)
    words = f"Their mean lies {spread.off:.2f} pixels from the middle; [spread] around it {spread.wide:.2f} pixels."
    return {
        "kind": kind,
        "label": label,
        "points": _shown(points),
        "mean": _shown(points.mean(0)[None])[0],
        "words": words,
    }


def _shown(points: np.ndarray) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points[:DOTS]]
