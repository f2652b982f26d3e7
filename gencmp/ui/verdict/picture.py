"""The picture of a verdict: each criterion a row from "as real" to "worse", with a mark for each model, in three groups."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from gencmp.evaluation.comparison import Row
from gencmp.evaluation.judges.panel import SPACES, label_of
from gencmp.evaluation.questions import Answer, answers, compared, short_claim
from gencmp.ui.glossary.explain import explained
from gencmp.ui.measured import Compared
from gencmp.ui.verdict.axis import Axis, Spot, axis
from gencmp.ui.verdict.words import DIRECTIONS, figure, judges, leader_badge, mark, named, safe, style

REAL, WORSE = 7.0, 94.0  # where on a row's width, in per cent, "as real" and the worse model lie
ROOM = (-0.06, 1.06)  # how far beyond either a mark may lie
READING = (
    '<p class="gc-note">The line is the value of real pictures, the right end the worse of the two models; each judge has a scale of its'
    " own, for their units differ. Where marks of one colour lie far apart, the judges disagree.</p>"
)


def picture(measured: Compared) -> None:
    """What was compared and what it says of the claim, then the three groups."""
    st.html(style() + picture_html(measured))


def picture_html(measured: Compared) -> str:
    """As one piece of HTML, which adapts to the width that it is given."""
    said = answers(measured.rows)
    groups = "".join(_group(each, READING if each is said[-1] else "") for each in said)
    return f'<section class="gc-verdict">{_headline(measured)}{_legend(measured)}<div class="gc-groups">{groups}</div></section>'


def _headline(measured: Compared) -> str:
    gan, vae, rows = measured.gan, measured.vae, measured.rows
    facts = compared(gan, vae)
    facts = f"{facts[0].upper()}{facts[1:]}: {gan.count:,} {gan.nouns.pictures} of each"
    return f'<p class="gc-compared">{safe(facts)}</p><h2>{safe(short_claim(gan, vae, rows))}</h2>'


def _legend(measured: Compared) -> str:
    """What the marks mean; with the judges' only where there are any."""
    nouns = measured.gan.nouns
    asked = {space for row in measured.rows for space in row.z_scores}
    parts = [
        f"{mark('gan')} GAN", f"{mark('vae')} VAE",
        f'<i class="gc-key gc-key-real"></i> {explained(f"[real {nouns.pictures}|floor]", nouns)}',
        f'<i class="gc-key gc-key-span"></i> {explained("[95 % interval]", nouns)}',
    ]  # fmt: skip
    if len(asked - set(SPACES)) > 2:
        parts.append(f'<i class="gc-key gc-key-tick"></i> <span>{explained("another [judge]", nouns)}</span>')
    if asked & set(SPACES):
        said = "in [pixels], or [gradients (HOG)|HOG]: no judge"
        parts.append(f'<i class="gc-key gc-key-ring"></i> <span>{explained(said, nouns)}</span>')
    marks = "".join(f"<li>{part}</li>" for part in parts)
    return f'<ul class="gc-legend" aria-label="What the marks mean">{marks}</ul>'


def _group(answer: Answer, note: str) -> str:
    """note: what stands below the rows."""
    rows = "".join(_row(answer, row) for row in answer.rows)
    ends = '<div class="gc-ends" aria-hidden="true"><span>as real</span><span>worse</span></div>'
    return (
        f'<section class="gc-group"><h3>{safe(answer.question.title)}</h3><p>{safe(answer.brief)}</p>'
        f'{ends}<ul class="gc-rows">{rows}</ul>{note}</section>'
    )


def _row(answer: Answer, row: Row) -> str:
    found = axis(row)
    lanes = "".join(_lane(kind, found) for kind in ("gan", "vae")) if found else ""
    real = f'<i class="gc-floor" style="{_stretch(-found.real, found.real)}"></i>' if found else ""
    return (
        f'<li class="gc-row"><div class="gc-head"><b>{named(row, answer.short_label(row.name))}</b>'
        f" <small>{DIRECTIONS[row.gan.better]}</small>{leader_badge(row)}</div>"
        f'<div class="gc-axis" aria-hidden="true">{real}<i class="gc-line"></i>{lanes}</div>{_values(row)}</li>'
    )


def _lane(kind: str, found: Axis) -> str:
    """One model: thin ticks of the other judges, rings of the spaces without a network, the interval, the mark."""
    spot = found.spots[kind]
    others = "".join(
        f'<i class="{"gc-ring" if space in SPACES else "gc-tick"}" style="left:{_left(place)}"></i>'
        for space, place in found.others[kind].items()
    )
    return f'<div class="gc-lane gc-{kind}">{others}{_span(spot)}<i class="gc-mark" style="left:{_left(spot.place)}"></i></div>'


def _span(spot: Spot) -> str:
    return f'<i class="gc-span" style="{_stretch(spot.low, spot.high)}"></i>'


def _stretch(low: float, high: float) -> str:
    """From one place on the axis to another, as far as there is room."""
    return f"left:{_left(low)};width:{(WORSE - REAL) * (_held(high) - _held(low)):.1f}%"


def _held(place: float) -> float:
    return min(max(place, ROOM[0]), ROOM[1])


def _left(place: float) -> str:
    return f"{REAL + (WORSE - REAL) * _held(place):.1f}%"


def _values(row: Row) -> str:
    """The figures of a row: shown while the pointer is on it, and always there for screen readers."""
    real = f"; real {row.nouns.pictures} {figure(row.floor)}" if row.floor else ""
    lines = [f"{row.gan.label}: GAN {figure(row.gan)}; VAE {figure(row.vae)}{real}.", *_others(row)]
    return f'<div class="gc-values">{"".join(f"<span>{safe(line)} </span>" for line in lines)}</div>'


def _others(row: Row) -> Iterable[str]:
    """The same by the other judges, and what they say together."""
    if len(row.z_scores) < 2:
        return
    first, *others = row.z_scores
    yield f"By {label_of(first)}; who leads: {judges(row)}."
    yield "; ".join(f"{label_of(space)}: {_pair(row, space)}" for space in others) + "."


def _pair(row: Row, space: str) -> str:
    return f"GAN {row.gan.read_in(space).value:.3g}, VAE {row.vae.read_in(space).value:.3g}"
