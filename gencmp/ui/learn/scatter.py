"""Centres of mass as small scatters beside each other, with their distance and spread: where a lesson's runs put their digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from gencmp.errors import GencmpError
from gencmp.graphics.positions import spread_of
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.places import centres_of, centres_of_real
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.parts import paragraph

REACH = 8.0  # pixels from the middle
DOTS = 400  # of each, so that the cloud can be seen through
LOOK = (
    "The centre of mass of digits of each: where the middle of the ink lies, in pixels from the middle of the picture. Is each"
    " model's cloud where that of real digits is, and as wide?"
)


def show_clouds(lesson: Lesson, records: Mapping[str, ModelRecord]) -> None:
    """Of runs that have ended, by variant, with real digits in the middle; nothing if one has no weights, or draws no ink."""
    config = next(iter(records.values())).run.config
    try:
        points = {key: _of(record) for key, record in records.items()}
        real = centres_of_real(config["dataset"], tuple(config["classes"]))
    except GencmpError:
        return
    if not all(map(len, points.values())):
        return
    clouds = [_cloud(records[key].run.kind, lesson.label_of(key), found) for key, found in points.items()]
    clouds.insert(1, _cloud("real", "Real, shifted", real))
    paragraph(LOOK)
    component("learn", "scatter")(data={"clouds": clouds, "reach": REACH, **addresses()}, key="learn.scatter")


def _of(record: ModelRecord) -> np.ndarray:
    """Raises SnapshotError, also when no weights have been kept yet."""
    return centres_of(record.folder.weights(max(record.folder.kept(), default=0)))


def _cloud(kind: str, label: str, points: np.ndarray) -> dict[str, Any]:
    """points: one in each row, in pixels to the right and down from the picture's middle."""
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
