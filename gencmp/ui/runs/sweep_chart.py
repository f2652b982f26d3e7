"""Parallel coordinates of a sweep: an axis for each setting that varies, and what came of it as the last one.

Lines of a plain chart, not Plotly's own "parcoords": that one compiles its shaders from text, which the pages' security policy
forbids, and needs WebGL. Imports neither Streamlit nor plotly.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gencmp.graphics.colours import DARK, LIGHT
from gencmp.runs.run import Run
from gencmp.settings.configs import CONFIGS
from gencmp.settings.own_folder import portable_config
from gencmp.settings.setting import settings_of

LOG_FROM = 20.0  # greatest over smallest value, from which on an axis is logarithmic
APART = 0.075  # of an axis' length, between two numbers beside it
GROUND, WORST = ("#FBFAF7", "#171614"), ("#CFC9BE", "#5A554D")  # of the page, and of the worst run: light, dark
MOST_AXES = 7  # of settings; more would not be told apart


@dataclass(frozen=True)
class Tried:
    """A run of a sweep. settings: those that vary, by label. outcome: None where nothing has been measured yet."""

    name: str
    settings: Mapping[str, Any]
    outcome: float | None


@dataclass(frozen=True)
class Axis:
    """places: of each run, 0 at the bottom and 1 at the top. ticks: (place, what stands there)."""

    label: str
    places: Sequence[float]
    ticks: Sequence[tuple[float, str]]


def stem_of(name: str) -> str:
    """What the names of a sweep's runs have in common.

    >>> stem_of("rates 12"), stem_of("rates 12 (2)"), stem_of("rates")
    ('rates', 'rates', 'rates')
    """
    return re.sub(r"( \d+)?( \(\d+\))?$", "", name) or name


def varied(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """The settings in which runs of one kind differ, by label with the unit: the value of each run."""
    configs = [portable_config(run.config) for run in runs]
    found = {}
    for name, facts in settings_of(CONFIGS[runs[0].kind]).items():
        values = [config.get(name) for config in configs]
        if any(value != values[0] for value in values):
            found[f"{facts.label} ({facts.unit})" if facts.unit else facts.label] = values
    return found


def tried(runs: Sequence[Run], outcomes: Sequence[float | None]) -> list[Tried]:
    """The best first; those without an outcome last."""
    columns = varied(runs)
    rows = [
        Tried(run.name, {label: values[place] for label, values in columns.items()}, outcome)
        for place, (run, outcome) in enumerate(zip(runs, outcomes, strict=True))
    ]
    return sorted(rows, key=lambda row: (row.outcome is None, row.outcome or 0.0))


def words_of(value: Any) -> str:
    """
    >>> words_of(0.0003), words_of((512, 256)), words_of([]), words_of(True)
    ('0.0003', '512-256', 'all', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return "-".join(map(str, value)) or "all"
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def axis_of(label: str, values: Sequence[Any]) -> Axis:
    """Numbers stand where they are, by their logarithms if they are far apart; other values one above the other."""
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        low, high = min(values), max(values)
        scale = math.log if low > 0 and high / low >= LOG_FROM else float
        reach = scale(high) - scale(low)
        at = {value: (scale(value) - scale(low)) / reach if reach else 0.5 for value in values}
    else:
        names = [words_of(value) for value in _in_order(values)]
        at = {words_of(value): names.index(words_of(value)) / max(1, len(names) - 1) for value in values}
        values = [words_of(value) for value in values]
    ticks = [(place, words_of(value)) for value, place in sorted(at.items(), key=lambda each: each[1])]
    return Axis(label, [at[value] for value in values], _apart(ticks))


def _in_order(values: Sequence[Any]) -> list[Any]:
    """Each once: widths by their numbers, words by the alphabet."""
    each = list({words_of(value): value for value in values}.values())
    try:
        return sorted(each)
    except TypeError:  # numbers and words
        return sorted(each, key=words_of)


def _apart(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Without those that stand too near to the one below; the uppermost always stays."""
    kept = [ticks[0]]
    for tick in ticks[1:]:
        if tick[0] - kept[-1][0] >= APART:
            kept.append(tick)
    if kept[-1] != ticks[-1]:
        kept[-1:] = [ticks[-1]] if len(kept) > 1 else [kept[-1], ticks[-1]]
    return kept


def figure_of(rows: Sequence[Tried], outcome: str, kind: str, dark: bool = False) -> dict[str, Any]:
    """The chart of those that have an outcome, the lowest on top and in the strongest colour. kind: of the models."""
    palette = DARK if dark else LIGHT
    best, worst = palette[kind], WORST[dark]
    shown = [row for row in rows if row.outcome is not None]
    labels = list(shown[0].settings)[:MOST_AXES]
    results = [float(f"{row.outcome:.4g}") for row in shown]
    axes = [*(axis_of(label, [row.settings[label] for row in shown]) for label in labels), axis_of(outcome, results)]
    order = range(len(shown) - 1, -1, -1)
    traces = [
        _line(shown[i], [axis.places[i] for axis in axes], _between(best, worst, axes[-1].places[i])) for i in order
    ]
    words = {"font": {"size": 13, "color": palette["ink"]}}
    behind = {"bgcolor": GROUND[dark], "borderpad": 1}  # lines pass behind the numbers
    ticks = [words | behind | _tick(at, *tick) for at, axis in enumerate(axes) for tick in axis.ticks]
    uprights = [
        {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": {"width": 1, "color": "#8A857C"}, "layer": "below"}
        for at in range(len(axes))
    ]  # fmt: skip
    titles = [_wrapped(axis.label) for axis in axes]
    return {
        "data": traces,
        "layout": {
            "xaxis": {
                "tickfont": words["font"], "tickvals": list(range(len(axes))), "ticktext": titles, "side": "top", "range": [-0.25, len(axes) - 0.55],
                "ticks": "", "showgrid": False, "zeroline": False, "fixedrange": True, "tickangle": 0,
            },
            "yaxis": {"visible": False, "range": [-0.04, 1.04], "fixedrange": True},
            "annotations": ticks, "shapes": uprights, "showlegend": False, "hovermode": "closest", "height": 400, "dragmode": False,
            "margin": {"l": 16, "r": 16, "t": 64, "b": 12}, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)",
        },
    }  # fmt: skip


def _line(row: Tried, places: Sequence[float], colour: str) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines+markers", "name": html.escape(row.name), "x": list(range(len(places))), "y": list(places),
        "line": {"width": 2, "color": colour}, "marker": {"size": 6, "color": colour},
        "hovertemplate": f"{html.escape(said(row))}<extra></extra>",
    }  # fmt: skip


def said(row: Tried) -> str:
    """For example "rates 3: 104.2 with Learning rate 0.001, Seed 1"."""
    return f"{row.name}: {row.outcome:.4g} with {', '.join(f'{label} {words_of(value)}' for label, value in row.settings.items())}"


def spoken(rows: Sequence[Tried], outcome: str) -> str:
    """The chart for those who cannot see it: every run, the lowest first."""
    return f"{outcome} by setting. " + ". ".join(said(row) for row in rows if row.outcome is not None)


def _tick(at: int, place: float, words: str) -> dict[str, Any]:
    return {"x": at, "y": place, "text": html.escape(words), "showarrow": False, "xanchor": "left", "xshift": 7}


def _wrapped(label: str) -> str:
    """On two lines: at the unit, or else at the space nearest to its middle."""
    head, bracket, unit = label.partition(" (")
    if bracket:
        return f"{html.escape(head)}<br>({html.escape(unit)}"
    spaces = [place for place, letter in enumerate(label) if letter == " "]
    if len(label) < 14 or not spaces:
        return html.escape(label)
    middle = min(spaces, key=lambda place: abs(place - len(label) / 2))
    return f"{html.escape(label[:middle])}<br>{html.escape(label[middle + 1 :])}"


def _between(best: str, worst: str, share: float) -> str:
    """A colour from `best` (0) to `worst` (1).

    >>> _between("#000000", "#FFFFFF", 0.2)
    '#333333'
    """
    pairs = zip(bytes.fromhex(best[1:]), bytes.fromhex(worst[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
