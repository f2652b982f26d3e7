"""The loss by hand: every number of one digit's loss, beside the lines of our code that compute it (claim 9).

The browser runs the shipped VAE (static/learn/loss); it fetches weights and a few digits itself.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import streamlit as st

from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.source import excerpt

MODEL = "paper-vae"


def show(key: str) -> None:
    """Draw the experiment, or say why there is none. Raises SourceChanged."""
    if MODEL not in {record.run.id for record in open_catalog().shipped()}:
        st.info(
            "The shipped VAE is missing: checkpoints/ is incomplete. Download the project again to take its loss apart.",
            icon=":material/search_off:",
        )
        return
    data = {"model": MODEL, "code": code()} | addresses()
    component("learn/loss", "loss")(data=data, key=key)


def code() -> list[dict[str, Any]]:
    """From a minibatch to its loss: the statements of one step up to the loss, and what they call."""
    shown = (excerpt("models/vae.py", "VaeTrainer.phases", last="loss"), excerpt("models/vae.py", "draw_latent"))
    return [asdict(each) for each in (*shown, excerpt("models/vae.py", "elbo_terms"))]
