"""The component of the Home page: the paper's comparison with the shipped models."""

from __future__ import annotations

from typing import Any

from gencmp.runs.catalog import ModelRecord
from gencmp.ui import charts
from gencmp.ui.components import addresses, component
from gencmp.ui.home.words import said_of


def comparison(gan: ModelRecord, vae: ModelRecord) -> None:
    """GAN, real and VAE digits side by side, with loss curves below."""
    records = {"gan": gan, "vae": vae}
    captions, verdict = said_of(gan, vae)
    data: dict[str, Any] = {
        "models": {kind: {"id": r.run.id, "epoch": r.run.epoch} for kind, r in records.items()},
        "charts": {kind: charts.live_charts(kind, r.run.config, r.run.entropy_floor)[0] for kind, r in records.items()},
        "titles": {
            "gan": "GAN: [discriminator|D] and [generator|G] compete",
            "vae": "VAE: a single loss that falls",
        },
        "captions": captions,
        "verdict": verdict,
    }
    component("home")(data=data | addresses(), key="home")
