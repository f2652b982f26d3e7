"""What a race shows of one of its variants: the curves with what its clock is made of, and its pictures' newest step."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gencmp.runs.catalog import ModelRecord
from gencmp.ui.catalog import open_catalog
from gencmp.ui.requests.bounds import whole
from gencmp.ui.routes.answers import NEVER
from gencmp.ui.routes.runs import CHART_POINTS, final_checkup, run_facts


def race(request: Request, record: ModelRecord) -> Response:
    """What a viewer is missing after the query's `step`, `epoch` and `checkup`, the last epochs seen of each.

    `seconds` of an epoch are of training alone; `pace` is how long a step takes now, in seconds.
    """
    step, epoch, checkup = (whole(request, name) for name in ("step", "epoch", "checkup"))
    run = record.run
    facts = {
        "run": run_facts(run) | {"word": run.state_word},
        "pace": _pace(record),
        "steps": record.steps(after=step, points=0 if step else CHART_POINTS),
        "epochs": [
            {"epoch": row.epoch, "step": row.step, "seconds": row.seconds, "test": row.test}
            for row in record.epochs(after=epoch)
        ],
        "checkups": _checkups(record, checkup),
        "preview": None if record.is_shipped else open_catalog().store.queries.preview_step(run.id),
    }
    return Response(json.dumps(facts, separators=(",", ":")), media_type="application/json", headers=NEVER)


def _pace(record: ModelRecord) -> float:
    """0 while it is not known."""
    run = record.run
    return run.images * run.epochs / run.steps / run.images_per_second if run.steps and run.images_per_second else 0.0


def _checkups(record: ModelRecord, after: int) -> list[dict[str, Any]]:
    if not record.is_shipped:
        found = open_catalog().store.queries.checkups(record.run.id, after)
        return [{name: getattr(each, name) for name in ("epoch", "frechet", "d_train", "d_test")} for each in found]
    final = final_checkup(record)
    return [{name: final[name] for name in ("epoch", "frechet")}] if final and final["epoch"] > after else []
