"""The paper's figures, reproduced: diagrams drawn by code, pictures and curves from the shipped runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from gencmp.graphics.page import Page
from gencmp.graphics.rendering import drawn
from gencmp.graphics.sheets import grid
from gencmp.panels.curves import Frame, chart, loss_curves
from gencmp.panels.diagrams import draw_gan, draw_vae
from gencmp.runs.catalog import Catalog, ModelRecord

GAN, VAE = "paper-gan", "paper-vae"


@dataclass(frozen=True)
class Figure:
    """One figure, under the paper's name, with a caption that says how ours differs."""

    name: str  # file name without its ending
    title: str
    caption: str
    description: str  # alternative text
    draw: Callable[[Page], None]

    def files(self) -> dict[str, bytes]:
        """File ending -> content; the PNG has 300 dpi."""
        return {form: drawn(self.draw, self.description, form, 4, dpi=300) for form in ("png", "svg", "pdf")}

    def svg(self, dark: bool) -> str:
        """Without a background, for a page that has its own."""
        return drawn(self.draw, self.description, "svg", dark=dark, bare=True).decode()


def paper_figures(catalog: Catalog) -> list[Figure]:
    """All six, in the paper's order; raises RunNotFound when a shipped model is missing."""
    gan, vae = catalog.find(GAN), catalog.find(VAE)
    return [figure_1(), figure_2(), figure_e(gan), *figures_f(gan), figure_5(vae)]


def figure_1() -> Figure:
    caption = "Two competing networks: G generates digits from noise, D tries to tell them from real ones."
    return Figure("figure-1", "Figure 1: the GAN", caption, "The GAN as a diagram", draw_gan)


def figure_2() -> Figure:
    caption = "An encoder that maps a digit to a normal distribution over two numbers, and a decoder that draws a digit from a sample of it."
    return Figure("figure-2", "Figure 2: the VAE", caption, "The VAE as a diagram", draw_vae)


def figure_e(gan: ModelRecord) -> Figure:
    caption = (
        f"16 fixed draws of noise after epoch {gan.run.epoch}, dropout off; the first 16 of 64, not cherry-picked."
    )
    return Figure("figure-e", "(e) GAN output, 4 x 4", caption, "GAN output, 4 by 4", partial(_sheet, gan, 4, 2))


def figure_5(vae: ModelRecord) -> Figure:
    caption = f"64 samples of z from N(0, I), decoded after epoch {vae.run.epoch}."
    return Figure("figure-5", "Figure 5: VAE output, 8 x 8", caption, "VAE output, 8 by 8", partial(_sheet, vae, 8, 1))


def _sheet(record: ModelRecord, across: int, scale: int, page: Page) -> None:
    images = record.folder.samples(record.run.epoch)[: across * across]
    page.picture(4, 4, grid(images, across), scale)
    side = across * 28 * scale + 8
    page.cut(side, side)


def figures_f(gan: ModelRecord) -> list[Figure]:
    """The loss chart as in the paper (last minibatch of each epoch), and with the mean of each epoch."""
    ways = (
        (
            "last",
            "last minibatch of each epoch",
            "As in the paper's code: one batch of 32 digits per epoch, so much of the zigzag is noise.",
        ),
        ("mean", "mean of each epoch", "The same run, averaged over all minibatches: the trend behind the zigzag."),
    )
    return [
        Figure(
            f"figure-f-{name}",
            f"(f) Training losses, {words}",
            caption,
            f"Training losses, {words}",
            partial(_losses, gan, name == "last"),
        )
        for name, words, caption in ways
    ]


def _losses(gan: ModelRecord, last: bool, page: Page) -> None:
    curves = [
        replace(curve, name=name)
        for curve, name in zip(loss_curves(gan, last), ("Discriminator", "Generator"), strict=True)
    ]
    chart(page, Frame(6, 6, 328, 208), curves, "Loss (nats)", size=8)
    page.cut(340, 220)
