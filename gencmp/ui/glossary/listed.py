"""The glossary to read: the terms of the field by name, each with the explanation that it has on hover everywhere."""

from __future__ import annotations

import streamlit as st

from gencmp.ui.components import addresses, component
from gencmp.ui.glossary.explain import meaning

# by the name under which one looks it up; terms of single charts and tables are left out
NAMES = {
    "Activation": "activation", "Batch": "batch", "Binary cross-entropy": "binary cross-entropy", "Confidence": "confidence",
    "Copies": "copies", "Coverage": "coverage", "Decoder": "decoder", "Discriminator (D)": "D",
    "Discriminator loss": "discriminator loss", "Dropout": "dropout", "ELBO": "ELBO", "Encoder": "encoder",
    "Entropy of the data": "entropy of the data", "Epoch": "epoch", "Features": "features", "Floor": "floor",
    "Fréchet distance": "Fréchet distance", "Generator (G)": "G", "Generator loss": "generator loss", "Gradient": "gradient",
    "Interval, 95 %": "95 % interval", "IWAE bound": "IWAE bound", "Judge": "judge", "Kernel distance": "kernel distance",
    "KL": "KL", "Label smoothing": "label smoothing", "Latent plane": "latent plane", "Learning rate": "learning rate",
    "Log p(x)": "log p(x)", "Mode collapse": "Mode collapse", "Nat": "nats", "Negative ELBO": "negative ELBO",
    "Noise": "noise", "Optimiser": "optimiser", "Over-fitting": "over-fitting", "Parameters": "parameters",
    "Posterior collapse": "collapsed", "Precision": "precision", "Prior": "prior", "Rank correlation": "rank correlation",
    "Recall": "recall", "Reconstruction loss": "reconstruction", "ReLU": "ReLU", "Seed": "seed", "Significant": "significant",
    "Spread": "spread", "Step": "step", "Two-sample test": "two-sample test",
}  # fmt: skip


def show_glossary() -> None:
    """All of them, with a box that searches as one types."""
    st.title("Glossary")
    st.markdown("The words of the field. On all pages a dotted line under a word explains it, too.")
    data = {"entries": [[name, meaning(term)] for name, term in NAMES.items()]}
    component("glossary")(data=data | addresses(), key="glossary")
