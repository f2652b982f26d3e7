"""Centres of mass as small scatters beside each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gencmp.ui.components import addresses, component

REACH = 2.0  # pixels from the middle
DOTS = 400  # of each, so that the cloud can be seen through


def scatters(points: Mapping[str, np.ndarray], labels: Mapping[str, str]) -> None:
    """points: of each kind [n, 2], in pixels to the right and down from the picture's middle."""
    clouds = [{"kind": key, "label": labels[key], "points": _shown(found)} for key, found in points.items()]
    data = {"clouds": clouds, "reach": REACH, **addresses()}
    component("learn", "scatter")(data=data, key="learn.scatter")


def _shown(points: np.ndarray) -> list[list[float]]:
    return [[round(float(x), 2), round(float(y), 2)] for x, y in points[:DOTS]]
