"""How tight the VAE's bound is (claim 12): ELBO, IWAE and log p(x) of the shipped VAE, whose latent space is a plane."""

from __future__ import annotations

from html import escape

import streamlit as st

from gencmp.evaluation.comparison import shown
from gencmp.lessons.shipped import bounds_of
from gencmp.ui.catalog import open_catalog
from gencmp.ui.learn.parts import heading, paragraph


def show_bounds() -> None:
    """Nothing where the shipped VAE is missing or not measured."""
    found = bounds_of(open_catalog())
    if not found:
        return
    heading("How tight is the bound?")
    paragraph(
        "The VAE's loss is a bound on what it should be: the [log likelihood|log p(x)] of a digit. With two latent numbers, this"
        " itself can be computed, by adding up over the whole plane. Between the two lies the [IWAE bound], which draws several points"
        " per digit: the more, the tighter. Of the shipped VAE:"
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(each.label)}</th><td>{escape(shown(each))}</td></tr>' for each in found
    )
    st.html(
        '<table class="gl-table"><thead><tr><th scope="col">Of a test digit</th><th scope="col">nats'
        f"<small>higher is better</small></th></tr></thead><tbody>{rows}</tbody></table>"
    )
    below = found[-1].value - found[0].value
    paragraph(
        f"The [ELBO] lies {below:.1f} [nats] below. These are {found[0].used.bounded} digits, the same in every row; ± is half the"
        " [95 % interval], which is wide because digits differ, and not because the rows do.",
        "gl-small",
    )
