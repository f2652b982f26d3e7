"""A strip plot: one row of marks for each model on a common axis, such as one mark for each seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from gencmp.ui.verdict.words import mark, safe

MARGIN = 0.06  # of the axis' length, beyond the outermost value on either side
TICKS = 5  # about as many numbers below the axis


def strip_html(values: Mapping[str, Mapping[str, float]], title: str, real: tuple[str, float] | None = None) -> str:
    """values: of "gan" and "vae", by what a mark stands for, such as "seed 3". real: the name and place of a vertical line."""
    all_values = [value for row in values.values() for value in row.values()] + ([real[1]] if real else [])
    low, high = _range(all_values)

    def left(value: float) -> str:
        return f"left:{100 * (value - low) / (high - low):.2f}%"

    line = f'<i class="gv-real-line" style="{left(real[1])}"></i>' if real else ""
    name = f'<span style="{left(real[1])}">{safe(real[0])}</span>' if real else ""
    rows = "".join(_row(kind, row, left) for kind, row in values.items())
    ticks = "".join(f'<span style="{left(tick)}">{tick:g}</span>' for tick in nice_ticks(low, high))
    return (
        f'<div class="gv-strip"><div class="gv-plot" aria-hidden="true"><div class="gv-real-name">{name}</div>'
        f'<div class="gv-strips">{line}{rows}</div><div class="gv-numbers">{ticks}</div>'
        f'<p class="gv-title">{safe(title)}</p></div><p class="gv-spoken">{safe(_spoken(values, title, real))}</p></div>'
    )


def _row(kind: str, row: Mapping[str, float], left: object) -> str:
    assert callable(left)
    marks = "".join(
        f'<i class="gv-mark" style="{left(value)}" title="{safe(f"{name}: {value:.4g}")}"></i>'
        for name, value in row.items()
    )
    return f'<div class="gv-lane gv-{kind}"><b>{mark(kind)}{kind.upper()}</b>{marks}</div>'


def _spoken(values: Mapping[str, Mapping[str, float]], title: str, real: tuple[str, float] | None) -> str:
    """The values for screen readers."""
    rows = [f"{kind.upper()}: {', '.join(f'{value:.4g}' for value in row.values())}" for kind, row in values.items()]
    line = [f"{real[0]}: {real[1]:.4g}"] if real else []
    return f"{title}. {'; '.join([*rows, *line])}."


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    room = MARGIN * (high - low) or 1.0
    return low - room, high + room


def nice_ticks(low: float, high: float) -> list[float]:
    """Round numbers within a range, about five.

    >>> nice_ticks(-0.9, 18.2)
    [0.0, 5.0, 10.0, 15.0]
    """
    rough = (high - low) / TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = min((factor * power for factor in (1, 2, 5, 10)), key=lambda size: abs(math.log(size / rough)))
    first, last = math.ceil(low / step), math.floor(high / step)
    return [round(count * step, 10) for count in range(first, last + 1)]
