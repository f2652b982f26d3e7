"""What Home says. Imports no Streamlit."""

from __future__ import annotations

import re

from gencmp.evaluation.comparison import shown
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.questions import short_claim
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.evaluations.measured import rows_of

QUESTION = "Which model makes better digits?"
CLAIM = "“VAE yields clear and better quality images than GAN”"
SOURCE = "Sachit Verma, “Comparing Generative Adversarial Networks and Variational Auto Encoders on MNIST”"
EYE = (
    "By eye, the GAN's strokes are crisp but speckled, and some digits are malformed; the VAE's are smooth and mostly legible,"
    " but blurred."
)
PAIR = ("paper-gan", "paper-vae")
LOWER = "(lower\N{NO-BREAK SPACE}is\N{NO-BREAK SPACE}better)"  # on one line where it does not fit beside the figure


def said_of(gan: ModelRecord, vae: ModelRecord) -> tuple[dict[str, dict[str, str]], str]:
    """The captions of the grids "gan", "real" and "vae", and the verdict below them; terms stand in brackets, see glossary/explain."""
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
    captions = {
        "gan": _caption("GAN", f"[epoch] {gan.run.epoch}", gan_distance, "Drawn from 100 random numbers"),
        "real": _caption("Real", "MNIST test digits", floor, "Written by people"),
        "vae": _caption("VAE", f"[epoch] {vae.run.epoch}", vae_distance, "Drawn from 2 random numbers"),
    }
    return captions, f"{EYE} {short_claim(measured.gan, measured.vae, measured.rows)}" if measured else EYE


def _shown(measure: Measure) -> str:
    """A value with its interval, which is a term."""
    return re.sub(r"± \S+", r"[\g<0>|±]", shown(measure))


def _caption(title: str, facts: str, distance: str, link: str) -> dict[str, str]:
    return {"title": title, "facts": facts, "distance": distance, "link": link}
