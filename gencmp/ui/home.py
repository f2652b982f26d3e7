"""The component of the Home page: the paper's comparison with the shipped models."""

from __future__ import annotations

import re
from typing import Any

from gencmp.evaluation.comparison import shown
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.questions import short_claim
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.evaluations.measured import rows_of
from gencmp.ui import charts
from gencmp.ui.components import addresses, component

LOWER = "(lower\N{NO-BREAK SPACE}is\N{NO-BREAK SPACE}better)"  # on one line where it does not fit beside the figure


def comparison(gan: ModelRecord, vae: ModelRecord, eye: str) -> None:
    """GAN, real and VAE digits side by side, with loss curves below. eye: the verdict by eye, shown before the measured one."""
    measured = rows_of(gan, vae)
    distance = next((row for row in measured[0] if row.name == "frechet"), None) if measured else None
    gan_distance, floor, vae_distance = (
        (
            f"[Fréchet distance] {_shown(distance.gan)} {LOWER}",
            f"[Fréchet distance] {_shown(distance.floor)} ([training digits|floor])",
            f"[Fréchet distance] {_shown(distance.vae)} {LOWER}",
        )
        if distance and distance.floor
        else ("", "", "")
    )
    records = {"gan": gan, "vae": vae}
    data: dict[str, Any] = {
        "models": {kind: {"id": r.run.id, "epoch": r.run.epoch} for kind, r in records.items()},
        "charts": {kind: charts.live_charts(kind, r.run.config, r.run.entropy_floor)[0] for kind, r in records.items()},
        "titles": {
            "gan": "GAN: [discriminator|D] and [generator|G] compete",
            "vae": "VAE: a single loss that falls",
        },
        "captions": {
            "gan": _caption("GAN", f"[epoch] {gan.run.epoch}", gan_distance, "Drawn from 100 random numbers"),
            "real": _caption("Real", "MNIST test digits", floor, "Written by people"),
            "vae": _caption("VAE", f"[epoch] {vae.run.epoch}", vae_distance, "Drawn from 2 random numbers"),
        },
        "verdict": f"{eye} {short_claim(measured.gan, measured.vae, measured.rows)}" if measured else eye,
    }
    component("home")(data=data | addresses(), key="home")


def _shown(measure: Measure) -> str:
    """A value with its interval, which is a term."""
    return re.sub(r"± \S+", r"[\g<0>|±]", shown(measure))


def _caption(title: str, facts: str, distance: str, link: str) -> dict[str, str]:
    return {"title": title, "facts": facts, "distance": distance, "link": link}
