"""Routes of the lessons: a few test pictures, where all ten thousand would be 2 MB, and hand-outs. Imports no torch."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from gencmp.data.pictures import digits_to_test
from gencmp.lessons.handouts.content import Split, newest_handout, of_runs
from gencmp.lessons.sets import LARGEST_SEED, set_of_seed
from gencmp.lessons.twelve import lesson_of
from gencmp.runs.catalog import ModelRecord
from gencmp.ui.catalog import open_catalog, open_classrooms
from gencmp.ui.requests.bounds import whole
from gencmp.ui.routes.answers import NEVER, computed, need_pictures

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


def handout(request: Request) -> Response:
    """A lesson's result as a PDF to print. In the query: the `seed` of its runs, the newest by default; the `class` whose
    predictions it shows, once the outcome has been shown there. Raises ConfigError for an unknown lesson, and RunStateError
    while its runs have not ended."""
    lesson, catalog = lesson_of(request.path_params["lesson"]), open_catalog()
    seed = whole(request, "seed", -1, -1, LARGEST_SEED)
    split = _split(lesson.key, request.query_params.get("class", ""))

    def compute() -> Response:
        from gencmp.lessons.handouts.page import handout_file

        if lesson.variants and seed >= 0:
            made = of_runs(lesson, set_of_seed(lesson, catalog.store.queries, seed), catalog, split)
        else:
            made = newest_handout(lesson, catalog, split)
        headers = {"Content-Disposition": f'attachment; filename="lesson-{lesson.number}-{lesson.key}.pdf"'} | NEVER
        return Response(handout_file(made), media_type="application/pdf", headers=headers)

    return computed("handout", (lesson.key, seed, repr(split)), compute)


def _split(lesson: str, code: str) -> Split | None:
    """None without a class, and before the outcome is shown there. Raises RoundNotFound."""
    if not code:
        return None
    store = open_classrooms()
    room = store.get(code)
    if store.outcome(room.code, lesson) is None:
        return None
    return Split(store.split(room.code, lesson), store.count(room.code, lesson).members)
