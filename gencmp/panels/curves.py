"""Losses over epochs as a Matplotlib chart, for panels and for the paper's figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from gencmp.events import WORDS
from gencmp.graphics.fonts import wide
from gencmp.graphics.page import Page
from gencmp.runs.catalog import ModelRecord

LOSSES = {"gan": ("discriminator_loss", "generator_loss"), "vae": ("reconstruction", "kl")}
UNITS = {"gan": "Loss (nats)", "vae": "Nats per image"}
ROUND = [1, 2, 2.5, 5, 10]
SHORT = {"Discriminator loss": "D loss", "Generator loss": "G loss", "KL divergence": "KL"}
FLAT = 2 / 3
BELOW = 3.4  # height of the epochs below a chart, in sizes of its words


@dataclass(frozen=True)
class Curve:
    """xs and ys of equal length; points whose y is None or not finite are left out."""

    name: str
    colour: str
    xs: Sequence[float]
    ys: Sequence[float | None]

    def points(self) -> list[tuple[float, float]]:
        return [(x, y) for x, y in zip(self.xs, self.ys, strict=True) if y is not None and math.isfinite(y)]


@dataclass(frozen=True)
class Frame:
    """The area of a chart on its page, including axes and labels."""

    x: float
    y: float
    width: float
    height: float


def loss_curves(record: ModelRecord, last: bool = False) -> list[Curve]:
    """Per epoch, the mean over its minibatches; with `last` only its last minibatch, as in the paper's chart."""
    rows, kind = record.epochs(), record.run.kind
    xs = [row.epoch for row in rows]
    found = [(name, [(row.last if last else row.measures).get(name) for row in rows]) for name in LOSSES[kind]]
    return [Curve(WORDS[name], tone, xs, ys) for (name, ys), tone in zip(found, (kind, f"{kind}2"), strict=True)]


def loss_charts(
    page: Page, frame: Frame, record: ModelRecord, end: float = 0, mark: float = 0, size: float = 6.5
) -> None:
    """A model's losses: both of a GAN on one axis; a VAE's one above the other, as its KL is a tenth of its reconstruction."""
    curves = loss_curves(record)
    apart = [curves] if record.run.kind == "gan" else [[curve] for curve in curves]
    epochs = BELOW * size  # height of the epochs, which only the last chart has
    high = (frame.height - epochs) / len(apart)
    for place, shown in enumerate(apart):
        is_last = place == len(apart) - 1
        part = Frame(frame.x, frame.y + place * high, frame.width, high + is_last * epochs)
        chart(page, part, shown, UNITS[record.run.kind], end, mark, size, is_last)


def chart(
    page: Page,
    frame: Frame,
    curves: Sequence[Curve],
    unit: str,
    end: float = 0,
    mark: float = 0,
    size: float = 6.5,
    epochs: bool = True,
) -> Axes:
    """Draw curves from epoch 0 to `end` (default: their last epoch), with a dashed line at epoch `mark`, if any.

    epochs: whether the horizontal axis has its labels. Where there is little room, words are short and ticks are few.
    """
    points = [each for curve in curves for each in curve.points()]
    end = end or max((x for x, _ in points), default=1.0)
    ys = [y for _, y in points] or [0.0, 1.0]
    left, top = size * 4.2, size * 2.2
    across, tall = frame.width - left - size, frame.height - top - size * (BELOW if epochs else 0.6)
    ticks = min(4, max(1, int(tall / size / 2.2)))
    # a loss that stays this high would be a flat line on an axis from 0
    low = min(ys) if min(ys) > FLAT * max(ys) and min(ys) < max(ys) else min(0.0, *ys)
    rounded = MaxNLocator(ticks, steps=ROUND).tick_values(low, max(ys))
    axes = page.axes(frame.x + left, frame.y + top, across, tall)
    axes.set(xlim=(0, end), ylim=(rounded[0], rounded[-1]), facecolor="none", yticks=rounded)
    for curve in curves:
        _draw(axes, curve, page)
    _shorten(axes, size, across)
    if mark:
        axes.axvline(mark, color=page.colours["soft"], lw=0.75, ls=(0, (5, 4)), clip_on=False)
    _style_axes(axes, page, size, epochs)
    axes.set_ylabel(
        unit if wide(unit, size) < tall + 2 * size else "Nats", size=size, color=page.colours["soft"], va="top"
    )
    axes.yaxis.set_label_coords(-left / across, 0.5)
    _legend(axes, page, size, 0.6 * size / tall)
    return axes


def _draw(axes: Axes, curve: Curve, page: Page) -> None:
    """Draw a line, or a dot for a single point."""
    points = curve.points()
    dot = "o" if len(points) == 1 else ""
    xs, ys = zip(*points, strict=True) if points else ((), ())
    axes.plot(xs, ys, marker=dot, color=page.colours[curve.colour], lw=1.2, ms=3, label=curve.name, clip_on=False)


def _style_axes(axes: Axes, page: Page, size: float, epochs: bool) -> None:
    """Thin grid lines at round numbers, and labels."""
    axes.spines[:].set_visible(False)
    axes.grid(axis="y", color=page.colours["line"], lw=0.5, clip_on=False)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=size / 2, labelsize=size, labelcolor=page.colours["soft"])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=ROUND, integer=True))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    if epochs:
        axes.set_xlabel("Epoch", size=size, color=page.colours["soft"], labelpad=size / 3)
    else:
        axes.tick_params(labelbottom=False)


def _shorten(axes: Axes, size: float, across: float) -> None:
    """Short names of the curves, where the usual ones are wider than the chart."""
    names = [str(line.get_label()) for line in axes.lines]
    if sum(wide(name, size) + 5 * size for name in names) > across:
        for line, name in zip(axes.lines, names, strict=True):
            line.set_label(SHORT.get(name, name))


def _legend(axes: Axes, page: Page, size: float, gap: float) -> None:
    """The curves' names above the chart. gap: distance, as a share of the chart's height."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1 + gap), ncols=len(axes.lines), frameon=False, fontsize=size,
        labelcolor=page.colours["ink"], borderpad=0, borderaxespad=0, handlelength=1.4, handletextpad=0.5, columnspacing=1.5,
    )  # fmt: skip
