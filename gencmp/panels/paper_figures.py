"""The paper's figures, redone: the diagrams drawn by code, the pictures and curves from the shipped runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gencmp.drawing import Box, Drawing, Line, Part, Picture, Text
from gencmp.graphics.sheets import grid
from gencmp.panels.layout import loss_curves
from gencmp.plots import Axes, Curve, Frame, chart
from gencmp.raster import as_png
from gencmp.shelf import Record, Shelf
from gencmp.svg import as_svg

GAN, VAE = "paper-gan", "paper-vae"
HIGH = 34  # of a diagram's box


@dataclass(frozen=True)
class Figure:
    """One figure: what the paper calls it, what it shows, and how ours differs."""

    name: str  # of its files
    title: str
    caption: str
    drawing: Drawing

    def files(self) -> dict[str, bytes]:
        """By ending; the PNG has 300 dots an inch."""
        return {"png": as_png(self.drawing, 4, dpi=300), "svg": as_svg(self.drawing).encode()}


def paper_figures(shelf: Shelf) -> list[Figure]:
    """All six, in the paper's order; raises RunNotFound when a shipped model is missing."""
    gan, vae = shelf.find(GAN), shelf.find(VAE)
    return [figure_1(), figure_2(), figure_e(gan), *figures_f(gan), figure_5(vae)]


# Pictures


def figure_e(gan: Record) -> Figure:
    caption = f"16 fixed draws of noise after epoch {gan.run.epoch}, dropout off; the first of 64, nothing picked out."
    return Figure("figure-e", "(e) GAN output, 4 x 4", caption, _sheet(gan, 4, "GAN output, 4 by 4", scale=2))


def figure_5(vae: Record) -> Figure:
    caption = f"64 draws of z from N(0, I), decoded, after epoch {vae.run.epoch}."
    return Figure("figure-5", "Figure 5: VAE output, 8 x 8", caption, _sheet(vae, 8, "VAE output, 8 by 8"))


def _sheet(record: Record, across: int, title: str, scale: int = 1) -> Drawing:
    images = record.folder.read_arrays(record.run.epoch)["samples"][: across * across]
    side = across * 28 * scale + 8
    return Drawing(side, side, [Picture(4, 4, grid(images, across), scale)], title)


# Curves


def figures_f(gan: Record) -> list[Figure]:
    """The loss chart as the paper has it, of the last minibatch of each epoch, and as the mean of each epoch."""
    ways = (
        (
            "last",
            "last minibatch of each epoch",
            "As the paper's code draws it: one batch of 32 digits an epoch, so much of the zigzag is chance.",
        ),
        ("mean", "mean of each epoch", "The same run, every minibatch counted: what the zigzag hides."),
    )
    return [
        Figure(f"figure-f-{name}", f"(f) Training losses, {words}", caption, _losses(gan, name == "last", words))
        for name, words, caption in ways
    ]


def _losses(gan: Record, last: bool, words: str) -> Drawing:
    curves = [
        Curve(name, curve.colour, curve.xs, curve.ys)
        for curve, name in zip(loss_curves(gan, last), ("Discriminator", "Generator"), strict=True)
    ]
    return Drawing(
        340,
        220,
        chart(Frame(6, 6, 328, 208), curves, Axes("Epoch", "Loss (nats)"), size=9),
        f"Training losses, {words}",
    )


# Diagrams


def figure_1() -> Figure:
    """noise -> generator -> generated data -> discriminator <- real sample <- training data."""
    top, low = 30.0, 118.0
    boxes = [
        _box(8, top, 62, "Noise", "100 numbers"), _box(98, top, 78, "Generator", "G", "gan"), _box(204, top, 78, "Generated", "data"),
        _box(8, low, 82, "Training data", "60,000 digits", "real"), _box(204, low, 78, "Real", "sample", "real"),
        _box(322, (top + low) / 2, 94, "Discriminator", "D", "gan"), _box(452, (top + low) / 2, 62, "Real or", "generated?"),
    ]  # fmt: skip
    middle = (top + low) / 2 + HIGH / 2
    arrows: list[Part] = [
        _arrow((70, top + 17), (97, top + 17)), _arrow((176, top + 17), (203, top + 17)), _arrow((90, low + 17), (203, low + 17)),
        _arrow((282, top + 17), (302, top + 17), (302, middle - 8), (321, middle - 8)),
        _arrow((282, low + 17), (302, low + 17), (302, middle + 8), (321, middle + 8)),
        _arrow((416, middle), (451, middle)),
        Line([(483, top + 44), (483, 12), (137, 12), (137, top - 1)], "gan", 1, arrow=True),
        Text(310, 9, "G learns from D's answer", 7.5, "gan", align="middle"),
    ]  # fmt: skip
    parts = [*arrows, *(part for box in boxes for part in box)]
    caption = "Two networks against each other: G draws digits from noise, D tells them from real ones."
    return Figure("figure-1", "Figure 1: the GAN", caption, Drawing(522, 162, parts, "The GAN as a diagram"))


def figure_2() -> Figure:
    """input -> probabilistic encoder -> mean and standard deviation -> sampled latent vector -> decoder -> output."""
    y, up, down = 52.0, 18.0, 86.0
    boxes = [
        _box(8, y, 56, "Input", "784 pixels", "real"), _box(92, y, 84, "Probabilistic", "encoder", "vae"), _box(206, up, 76, "Mean", "vector, 2"),
        _box(206, down, 76, "Std. deviation", "vector, 2"), _box(316, y, 76, "Sampled", "latent vector"),
        _box(420, y, 84, "Probabilistic", "decoder", "vae"), _box(532, y, 56, "Output", "784 pixels"),
    ]  # fmt: skip
    m = y + 17
    arrows: list[Part] = [
        _arrow((64, m), (91, m)), _arrow((392, m), (419, m)), _arrow((504, m), (531, m)),
        _arrow((176, m - 6), (190, m - 6), (190, up + 17), (205, up + 17)), _arrow((176, m + 6), (190, m + 6), (190, down + 17), (205, down + 17)),
        _arrow((282, up + 17), (299, up + 17), (299, m - 6), (315, m - 6)), _arrow((282, down + 17), (299, down + 17), (299, m + 6), (315, m + 6)),
        Text(380, y + 47, "z = mean + deviation × ε, ε ~ N(0, I)", 7.5, "vae", align="middle"),
    ]  # fmt: skip
    parts = [*arrows, *(part for box in boxes for part in box)]
    caption = "One network that squeezes a digit into a cloud of two numbers, and one that draws it again from a point of that cloud."
    return Figure("figure-2", "Figure 2: the VAE", caption, Drawing(596, 136, parts, "The VAE as a diagram"))


def _box(x: float, y: float, width: float, first: str, second: str, tone: str = "soft") -> Sequence[Part]:
    middle = x + width / 2
    return (
        Box(x, y, width, HIGH, tone, 1.5 if tone in ("gan", "vae") else 0.9),
        Text(middle, y + 15, first, 9, "ink", 600, "middle"),
        Text(middle, y + 26, second, 8, "soft", align="middle"),
    )


def _arrow(*points: tuple[float, float]) -> Line:
    return Line(points, "soft", 1, arrow=True)
