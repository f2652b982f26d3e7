"""Routes of the lessons: a few test pictures, where all ten thousand would be 2 MB. Imports no torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from gencmp.data.pictures import digits_to_test
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.routes.answers import need_pictures

OF_EACH = 4  # pictures of each class


def few(request: Request, record: ModelRecord) -> Response:
    """The first OF_EACH test pictures of each class of a model's data, class by class, then the next of each class: uint32
    (how many), uint8 labels [n], uint8 pixels [n, 784]; little-endian, as Explore's digits."""
    config = record.run.config
    need_pictures(config["dataset"])
    content = _few(config["dataset"], tuple(config["classes"]))
    return Response(content, media_type="application/octet-stream", headers={"Cache-Control": "private, max-age=86400"})


@lru_cache(maxsize=4)
def _few(dataset: str, classes: tuple[int, ...]) -> bytes:
    images, labels = digits_to_test(dataset, classes)
    rows = [np.flatnonzero(labels == each)[:OF_EACH] for each in np.unique(labels)]
    chosen = np.array([row[i] for i in range(OF_EACH) for row in rows if i < len(row)], int)
    parts = (np.array([len(chosen)], "<u4"), labels[chosen], images[chosen])
    return b"".join(part.tobytes() for part in parts)
