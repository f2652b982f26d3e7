"""Line charts as parts of a drawing: for panels and for the paper's figures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gencmp.drawing import Line, Part, Point, Text
from gencmp.letters import wide

STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Curve:
    """xs and ys of one length; a y that is not a number breaks nothing and is left out."""

    name: str
    colour: str
    xs: Sequence[float]
    ys: Sequence[float | None]


@dataclass(frozen=True)
class Frame:
    """Where a chart stands in its drawing, axes and words included."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Axes:
    """Their titles with units; x counts epochs, from 0 to `end` or as far as the curves go, with a dashed line at `mark`."""

    x: str
    y: str
    end: float = 0
    mark: float = 0


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from at most `low` to at least `high`, about `count` of them.

    >>> ticks(0, 50)
    [0, 10, 20, 30, 40, 50]
    """
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / count))
    step = next(each * power for each in STEPS if each * power * count >= span * 0.999)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [_whole(i * step) for i in range(first, last + 1)]


def _whole(number: float) -> float:
    number = round(number, 9)
    return int(number) if number == int(number) else number


def chart(frame: Frame, curves: Sequence[Curve], axes: Axes, size: float = 7.5) -> list[Part]:
    """Axes with their titles, hairlines at round numbers, the curves, and their names above."""
    points = [[(x, y) for x, y in zip(c.xs, c.ys, strict=True) if y is not None and math.isfinite(y)] for c in curves]
    ys = [y for row in points for _, y in row] or [0.0, 1.0]
    end = axes.end or max((x for row in points for x, _ in row), default=1.0)
    up, across = ticks(min(0.0, *ys), max(ys), 4), [x for x in ticks(0, end, 5) if x <= end and x == int(x)]
    left, right = frame.x + size * 3.6, frame.x + frame.width - size * 0.8
    top, bottom = frame.y + size * 2, frame.y + frame.height - size * 3

    def place(x: float, y: float) -> Point:
        return left + (right - left) * x / end, bottom - (bottom - top) * (y - up[0]) / (up[-1] - up[0])

    parts: list[Part] = []
    for y in up:
        at = place(0, y)[1]
        parts += [
            Line([(left, at), (right, at)], "line", 0.5),
            Text(left - 3, at + size * 0.35, f"{y:g}", size, "soft", align="right"),
        ]
    parts += [Text(place(x, up[0])[0], bottom + size * 1.25, f"{x:g}", size, "soft", align="middle") for x in across]
    parts += [
        Text((left + right) / 2, bottom + size * 2.5, axes.x, size, "soft", align="middle"),
        Text(frame.x + size, (top + bottom) / 2, axes.y, size, "soft", turned=True),
    ]
    if axes.mark:
        parts.append(Line([place(axes.mark, up[-1]), place(axes.mark, up[0])], "soft", 0.75, dashed=True))
    parts += [_curve([place(x, y) for x, y in row], c) for c, row in zip(curves, points, strict=True) if row]
    return parts + _legend(curves, left, frame.y + size, size)


def _curve(points: list[Point], curve: Curve) -> Line:
    """A line; a single point as a dot."""
    (x, y), *more = points
    if more:
        return Line(points, curve.colour, 1.2)
    return Line([(x - 1.5, y), (x + 1.5, y)], curve.colour, 3)


def _legend(curves: Sequence[Curve], x: float, y: float, size: float) -> list[Part]:
    parts: list[Part] = []
    for curve in curves:
        if curve.name:
            parts += [
                Line([(x, y - size * 0.3), (x + 10, y - size * 0.3)], curve.colour, 1.6),
                Text(x + 13, y, curve.name, size),
            ]
            x += 13 + wide(curve.name, size) + 10
    return parts
