"""The first sight: the paper's comparison, finished, as a component."""

from __future__ import annotations

from typing import Any

from gencmp import charts
from gencmp.shelf import Record
from gencmp.ui.live import addresses, component


def comparison(gan: Record, vae: Record, verdict: str) -> None:
    """GAN, real and VAE side by side, alive, with their curves below."""
    records = {"gan": gan, "vae": vae}
    data: dict[str, Any] = {
        "models": {kind: {"id": r.run.id, "epoch": r.run.epoch} for kind, r in records.items()},
        "charts": {kind: charts.live_charts(kind, r.run.config, r.run.entropy_floor)[0] for kind, r in records.items()},
        "titles": {
            "gan": "GAN: discriminator and generator pull against each other",
            "vae": "VAE: one loss, and it falls",
        },
        "captions": {
            "gan": _caption("GAN", f"epoch {gan.run.epoch}", "Drawn from 100 random numbers"),
            "real": _caption("Real", "MNIST test digits", "Written by people"),
            "vae": _caption("VAE", f"epoch {vae.run.epoch} · test {vae.run.test['negative_elbo']:.1f} nats per image", "Drawn from 2 random numbers"),
        },
        "verdict": verdict,
    }
    component("home")(data=data | addresses(), key="home")


def _caption(title: str, facts: str, link: str) -> dict[str, str]:
    return {"title": title, "facts": facts, "link": link}
