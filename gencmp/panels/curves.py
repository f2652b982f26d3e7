"""Losses over epochs as a Matplotlib chart, for panels and for the paper's figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from gencmp.events import WORDS
from gencmp.graphics.page import Page
from gencmp.runs.catalog import ModelRecord

LOSSES = {"gan": ("discriminator_loss", "generator_loss"), "vae": ("reconstruction", "kl")}
UNITS = {"gan": "Loss (nats)", "vae": "Nats per image"}
ROUND = [1, 2, 2.5, 5, 10]


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


def chart(
    page: Page, frame: Frame, curves: Sequence[Curve], unit: str, end: float = 0, mark: float = 0, size: float = 6.5
) -> Axes:
    """Draw curves from epoch 0 to `end` (default: their last epoch), with a dashed line at epoch `mark`, if any."""
    points = [each for curve in curves for each in curve.points()]
    end = end or max((x for x, _ in points), default=1.0)
    ys = [y for _, y in points] or [0.0, 1.0]
    rounded = MaxNLocator(4, steps=ROUND).tick_values(min(0.0, *ys), max(ys))
    left, top = size * 4.2, size * 2.2
    wide, tall = frame.width - left - size, frame.height - top - size * 3.4
    axes = page.axes(frame.x + left, frame.y + top, wide, tall)
    axes.set(xlim=(0, end), ylim=(rounded[0], rounded[-1]), facecolor="none", yticks=rounded)
    for curve in curves:
        _draw(axes, curve, page)
    if mark:
        axes.axvline(mark, color=page.colours["soft"], lw=0.75, ls=(0, (5, 4)), clip_on=False)
    _style_axes(axes, page, size)
    axes.set_ylabel(unit, size=size, color=page.colours["soft"], va="top")
    axes.yaxis.set_label_coords(-left / wide, 0.5)
    _legend(axes, page, size, 0.6 * size / tall)
    return axes


def _draw(axes: Axes, curve: Curve, page: Page) -> None:
    """Draw a line, or a dot for a single point."""
    points = curve.points()
    dot = "o" if len(points) == 1 else ""
    xs, ys = zip(*points, strict=True) if points else ((), ())
    axes.plot(xs, ys, marker=dot, color=page.colours[curve.colour], lw=1.2, ms=3, label=curve.name, clip_on=False)


def _style_axes(axes: Axes, page: Page, size: float) -> None:
    """Thin grid lines at round numbers, and labels."""
    axes.spines[:].set_visible(False)
    axes.grid(axis="y", color=page.colours["line"], lw=0.5, clip_on=False)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, pad=size / 2, labelsize=size, labelcolor=page.colours["soft"])
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=ROUND, integer=True))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.set_xlabel("Epoch", size=size, color=page.colours["soft"], labelpad=size / 3)


def _legend(axes: Axes, page: Page, size: float, gap: float) -> None:
    """The curves' names above the chart. gap: distance, as a share of the chart's height."""
    axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1 + gap), ncols=len(axes.lines), frameon=False, fontsize=size,
        labelcolor=page.colours["ink"], borderpad=0, borderaxespad=0, handlelength=1.4, handletextpad=0.5, columnspacing=1.5,
    )  # fmt: skip
