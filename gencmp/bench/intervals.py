"""Whether the intervals of a verdict hold what they promise: fresh draws of both sides, and how often the printed interval
holds their mean.

Real sets are drawn from all 70,000 digits of MNIST, training and test digits mixed, so that two sets differ by chance alone;
two of 2,000 share 57 digits on average. Each model draws new pictures every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from statistics import mean
from typing import Any

import torch

from gencmp.bench.parallel import each_of
from gencmp.data.load import load
from gencmp.evaluation.figures import draws_of, figures, views_of
from gencmp.evaluation.judges.judge import read_judge_once
from gencmp.evaluation.judges.panel import FIRST, PANEL, member_folder
from gencmp.evaluation.measures import Z_95, Measure, lead
from gencmp.evaluation.real_digits import HELD_OUT, Real
from gencmp.files import SHIPPED
from gencmp.models.snapshot import Snapshot, read
from gencmp.progress import Progress
from gencmp.settings.configs import SHIPPED_DATA, VaeConfig
from gencmp.training.build import sample

DRAWS = 100
COUNT = 2000
JUDGES = ("convnet-0", "lenet-0")  # one of each architecture, besides the spaces without a network
MODELS = ("paper-gan", "paper-vae")
WANTED = 0.9


def measure(
    progress: Progress, draws: int = DRAWS, count: int = COUNT, models: Sequence[str] = MODELS
) -> dict[str, Any]:
    """For each model, figure and space: the share of draws whose interval holds the mean of all draws.

    called: the share of pairs of neighbouring draws, which are of one and the same model, that the verdict would call
    significantly different; 5 % are expected.
    """
    drawn = each_of(partial(_draw, count=count, models=tuple(models)), range(draws), progress, "drawn and measured")
    found = {name: [draw[name] for draw in drawn] for name in models}
    rows = [row for name, measures in found.items() for row in _rows(name, measures)]
    low = [row for row in rows if row["held"] < WANTED]
    words = (
        f"Of {len(rows)} intervals of {count:,} pictures, {len(rows) - len(low)} hold the mean of {draws} fresh draws of"
        f" both sides in {WANTED:.0%} of them or more; on average {mean(row['held'] for row in rows):.1%}."
    )
    return {"words": words, "draws": draws, "count": count, "rows": rows}


def say(measured: dict[str, Any]) -> list[str]:
    """What was measured, line by line, for people."""
    return [
        f"{row['held']:6.1%} held, {row['called']:5.1%} called different: {row['model']}, {row['measure']}"
        f"{' in ' + row['space'] if row['space'] else ''}; mean {row['mean']:.4g}, standard deviation {row['deviation']:.2g},"
        f" interval ± {row['half']:.2g}"
        for row in measured["rows"]
    ]


def _draw(number: int, count: int, models: Sequence[str]) -> dict[str, list[Measure]]:
    """Fresh real digits and fresh digits of each model, measured."""
    real = _real(number, count)
    return {name: _figures(_last(name), real, number) for name in models}


def _last(model: str) -> Snapshot:
    return read(sorted((SHIPPED / model / "epochs").glob("*.safetensors"))[-1])


def _real(number: int, count: int) -> Real:
    digits = load(VaeConfig())
    pool = torch.cat((digits.train.images, digits.test.images))
    order = torch.randperm(len(pool), generator=torch.Generator().manual_seed(number))
    judges = {
        member.name: read_judge_once(member_folder(SHIPPED_DATA, member)) for member in PANEL if member.name in JUDGES
    }
    first = judges.pop(FIRST.name)
    held_out = pool[order[count : count + HELD_OUT]]
    return Real(SHIPPED_DATA, first, pool[order[:count]], held_out, held_out, held_out, others=judges)


def _figures(snapshot: Snapshot, real: Real, number: int) -> list[Measure]:
    images = torch.from_numpy(sample(snapshot, real.count, number)).flatten(1)
    return figures(images, views_of(images, real), real, draws_of(number))


def _rows(model: str, found: Sequence[Sequence[Measure]]) -> list[dict[str, Any]]:
    """One row for each figure and space."""
    rows = []
    for measures in zip(*found, strict=True):
        for space in measures[0].readings:
            rows.append({"model": model, "measure": measures[0].name, "space": space} | _held(measures, space))
    return rows


def _held(measures: Sequence[Measure], space: str) -> dict[str, float]:
    readings = [each.readings[space] for each in measures]
    values = torch.tensor([each.value for each in readings], dtype=torch.float64)
    middle = float(values.mean())
    floor = measures[0].read_in(space)  # of criteria for which nearer to it is better; that of the first draw will do
    pairs = [(a.read_in(space), b.read_in(space)) for a, b in pairwise(measures)]
    called = [abs(lead(a, b, _far(floor))) > Z_95 for a, b in pairs]
    return {
        "held": mean(each.low <= middle <= each.high for each in readings),
        "called": mean(called) if called else 0.0,
        "mean": middle,
        "deviation": float(values.std()),
        "half": mean((each.high - each.low) / 2 for each in readings),
    }


def _far(floor: Measure) -> Measure:
    """A floor without an error, far below both values, so that only these two are compared."""
    return Measure(floor.name, floor.value - 1e6, floor.value - 1e6, floor.value - 1e6)
