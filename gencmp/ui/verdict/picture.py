"""The picture of a verdict: each criterion a row from "as real" to "worse", with a mark for each model, in three groups."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from gencmp.evaluation.comparison import Row, shown
from gencmp.evaluation.judges.panel import SPACES, label_of
from gencmp.evaluation.questions import Answer, answers, compared, short_claim
from gencmp.runs.evaluations.measured import Compared
from gencmp.runs.run import Run, trained_on
from gencmp.ui.glossary.explain import explained
from gencmp.ui.verdict.axis import Axis, Spot, axis
from gencmp.ui.verdict.words import DIRECTIONS, figure, judges, leader_badge, mark, named, safe, style

REAL, WORSE = 7.0, 94.0  # where on a row's width, in per cent, "as real" and the worse model lie
ROOM = (-0.06, 1.06)  # how far beyond either a mark may lie
READING = (
    '<p class="gv-note">The line is the value of real pictures, the grey band its interval, the right end the worse of the two models;'
    " each judge has a scale of its own, for their units differ. Where marks of one colour lie far apart, the judges disagree.</p>"
)


def picture(measured: Compared, runs: Sequence[Run]) -> None:
    """What was compared and what it says of the claim, then the three groups. runs: of both models."""
    st.html(style() + picture_html(measured, both_trained_on(runs)))


def both_trained_on(runs: Sequence[Run]) -> str:
    """On which device and in which precision: "both trained on cpu in bfloat16"; "" where it was not recorded."""
    places = [trained_on(run) for run in runs]
    if len(set(places)) == 1:
        return f"both trained {places[0]}" if places[0] else ""
    told = [f"the {run.kind.upper()} {place}" for run, place in zip(runs, places, strict=True) if place]
    return f"trained: {', '.join(told)}"


def picture_html(measured: Compared, trained: str = "") -> str:
    """As one piece of HTML, which adapts to the width that it is given."""
    said = answers(measured.rows)
    # below the longest group, which leaves room on wide screens and is the first that is read
    groups = "".join(_group(each, READING if each is said[0] else "") for each in said)
    return f'<section class="gv-verdict">{_headline(measured, trained)}{_legend(measured)}<div class="gv-groups">{groups}</div></section>'


def _headline(measured: Compared, trained: str) -> str:
    gan, vae, rows = measured.gan, measured.vae, measured.rows
    facts = compared(gan, vae)
    facts = f"{facts[0].upper()}{facts[1:]}; {gan.count:,} {gan.nouns.pictures} of each"
    facts = "; ".join(filter(None, (facts, trained)))
    return f'<p class="gv-compared">{safe(facts)}</p><h2>{safe(short_claim(gan, vae, rows))}</h2>'


def _legend(measured: Compared) -> str:
    """What the marks mean; with the judges' only where there are any."""
    nouns = measured.gan.nouns
    asked = {space for row in measured.rows for space in row.z_scores}
    parts = [
        f"{mark('gan')} GAN", f"{mark('vae')} VAE",
        f'<i class="gv-key gv-key-real"></i> {explained(f"[real {nouns.pictures}|floor]", nouns)}',
        f'<i class="gv-key gv-key-span"></i> {explained("[95 % interval]", nouns)}',
    ]  # fmt: skip
    if len(asked - set(SPACES)) > 2:
        parts.append(f'<i class="gv-key gv-key-tick"></i> <span>{explained("another [judge]", nouns)}</span>')
    if asked & set(SPACES):
        said = "in [pixels], or [gradients (HOG)|HOG]: no judge"
        parts.append(f'<i class="gv-key gv-key-ring"></i> <span>{explained(said, nouns)}</span>')
    marks = "".join(f"<li>{part}</li>" for part in parts)
    return f'<ul class="gv-legend" aria-label="What the marks mean">{marks}</ul>'


def _group(answer: Answer, note: str) -> str:
    """note: what stands below the rows."""
    rows = "".join(_row(answer, row) for row in answer.rows)
    ends = '<div class="gv-ends" aria-hidden="true"><span>as real</span><span>worse</span></div>'
    return (
        f'<section class="gv-group"><h3>{safe(answer.question.title)}</h3><p>{safe(answer.brief)}</p>'
        f'{ends}<ul class="gv-rows">{rows}</ul>{note}</section>'
    )


def _row(answer: Answer, row: Row) -> str:
    found = axis(row)
    lanes = "".join(_lane(kind, found) for kind in ("gan", "vae")) if found else ""
    real = f'<i class="gv-floor" style="{_stretch(-found.real, found.real)}"></i>' if found else ""
    return (
        f'<li class="gv-row"><div class="gv-head"><b>{named(row, answer.short_label(row.name))}</b>'
        f" <small>{DIRECTIONS[row.gan.better]}</small>{leader_badge(row)}</div>"
        f'<div class="gv-axis" aria-hidden="true">{real}<i class="gv-line"></i>{lanes}</div>{_values(row)}</li>'
    )


def _lane(kind: str, found: Axis) -> str:
    """One model: thin ticks of the other judges, rings of the spaces without a network, the interval, the mark."""
    spot = found.spots[kind]
    others = "".join(
        f'<i class="{"gv-ring" if space in SPACES else "gv-tick"}" style="left:{_left(place)}"></i>'
        for space, place in found.others[kind].items()
    )
    return f'<div class="gv-lane gv-{kind}">{others}{_span(spot)}<i class="gv-mark" style="left:{_left(spot.place)}"></i></div>'


def _span(spot: Spot) -> str:
    return f'<i class="gv-span" style="{_stretch(spot.low, spot.high)}"></i>'


def _stretch(low: float, high: float) -> str:
    """From one place on the axis to another, as far as there is room."""
    return f"left:{_left(low)};width:{(WORSE - REAL) * (_held(high) - _held(low)):.1f}%"


def _held(place: float) -> float:
    return min(max(place, ROOM[0]), ROOM[1])


def _left(place: float) -> str:
    return f"{REAL + (WORSE - REAL) * _held(place):.1f}%"


def _values(row: Row) -> str:
    """A row's result and figures: shown while the pointer is on it, and always there for screen readers."""
    real = f" · real {row.nouns.pictures} {figure(row.floor)}" if row.floor else ""
    figures = f"GAN {figure(row.gan)} · VAE {figure(row.vae)}{real}."
    lines = [f"{row.gan.label}: {row.saying}", figures, *_others(row)]
    return f'<div class="gv-values">{"".join(f"<span>{safe(line)} </span>" for line in lines)}</div>'


def _others(row: Row) -> Iterable[str]:
    """By whom these figures are, the same by the others, and by how many the leader leads."""
    first, *others = row.z_scores
    if others:
        yield f"These, and the large marks, are by {label_of(first)}; the small ones:"
        yield from (f"{label_of(space)}: {_pair(row, space)}." for space in others)
    if others and row.leader:
        yield f"The {row.leader} leads by {judges(row)}."


def _pair(row: Row, space: str) -> str:
    return f"GAN {shown(row.gan.read_in(space))} · VAE {shown(row.vae.read_in(space))}"
