"""The paper's two models as diagrams of boxes and arrows."""

from __future__ import annotations

from gencmp.graphics.page import Page

HEIGHT = 34  # of a box


def draw_gan(page: Page) -> None:
    """noise -> generator -> generated data -> discriminator <- real sample <- training data."""
    top, low = 30.0, 118.0
    middle = (top + low) / 2 + HEIGHT / 2
    for points in (
        ((70, top + 17), (97, top + 17)), ((176, top + 17), (203, top + 17)), ((90, low + 17), (203, low + 17)),
        ((282, top + 17), (302, top + 17), (302, middle - 8), (321, middle - 8)),
        ((282, low + 17), (302, low + 17), (302, middle + 8), (321, middle + 8)),
        ((416, middle), (451, middle)),
    ):  # fmt: skip
        page.arrow(points)
    page.arrow([(483, top + 44), (483, 12), (137, 12), (137, top - 1)], "gan")
    page.text(310, 9, "G learns from D's output", 7, "gan", align="center")
    for box in (
        (8, top, 62, "Noise", "100 numbers"), (98, top, 78, "Generator", "G", "gan"), (204, top, 78, "Generated", "data"),
        (8, low, 82, "Training data", "60,000 digits", "real"), (204, low, 78, "Real", "sample", "real"),
        (322, (top + low) / 2, 94, "Discriminator", "D", "gan"), (452, (top + low) / 2, 62, "Real or", "generated?"),
    ):  # fmt: skip
        _box(page, *box)
    page.cut(522, 162)


def draw_vae(page: Page) -> None:
    """input -> probabilistic encoder -> mean and standard deviation -> sampled latent vector -> decoder -> output."""
    y, up, down = 52.0, 18.0, 86.0
    m = y + 17
    for points in (
        ((64, m), (91, m)), ((392, m), (419, m)), ((504, m), (531, m)),
        ((176, m - 6), (190, m - 6), (190, up + 17), (205, up + 17)), ((176, m + 6), (190, m + 6), (190, down + 17), (205, down + 17)),
        ((282, up + 17), (299, up + 17), (299, m - 6), (315, m - 6)), ((282, down + 17), (299, down + 17), (299, m + 6), (315, m + 6)),
    ):  # fmt: skip
        page.arrow(points)
    page.text(380, y + 47, "z = mean + deviation × ε, ε ~ N(0, I)", 7, "vae", align="center")
    for box in (
        (8, y, 56, "Input", "784 pixels", "real"), (92, y, 84, "Probabilistic", "encoder", "vae"), (206, up, 76, "Mean", "vector, 2"),
        (206, down, 76, "Std. deviation", "vector, 2"), (316, y, 76, "Sampled", "latent vector"),
        (420, y, 84, "Probabilistic", "decoder", "vae"), (532, y, 56, "Output", "784 pixels"),
    ):  # fmt: skip
        _box(page, *box)
    page.cut(596, 136)


def _box(page: Page, x: float, y: float, width: float, first: str, second: str, tone: str = "soft") -> None:
    middle = x + width / 2
    page.box(x, y, width, HEIGHT, tone, 1.5 if tone in ("gan", "vae") else 0.9)
    page.text(middle, y + 15, first, 8, bold=True, align="center")
    page.text(middle, y + 26, second, 7, "soft", align="center")
