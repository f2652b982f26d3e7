"""What came of a lesson: this run's finding, what was recorded over seeds, the literature, and whether the paper is right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from gencmp.lessons.history import FIGURES, Figure
from gencmp.lessons.lesson import Finding, Lesson, Source, Variant
from gencmp.lessons.recorded import Estimate, Record, record_of
from gencmp.lessons.ruling import ruling
from gencmp.lessons.shipped import shipped_finding
from gencmp.lessons.twelve import lesson_after
from gencmp.settings.address import address_of_form
from gencmp.ui.catalog import open_catalog
from gencmp.ui.components import addresses, component
from gencmp.ui.glossary.explain import explained
from gencmp.ui.learn.bounds import show_bounds
from gencmp.ui.learn.parts import go_to, heading, hidden, link, paragraph
from gencmp.ui.learn.running import found_set, records_of, results_of
from gencmp.ui.learn.scatter import show_clouds
from gencmp.ui.learn.shipped import newest_doors
from gencmp.ui.learn.together.leading import reveal_to_class, show_split
from gencmp.ui.learn.together.seat import seat

NOT_RECORDED = (
    "No full experiment over several [seeds|seed] has been recorded yet: python -m gencmp lessons {key} --record does that, and"
    " says beforehand how long it takes."
)


def show_reveal(lesson: Lesson) -> None:
    """All of it, or what is still missing for it."""
    if not lesson.variants:
        _conclude(lesson, shipped_finding(lesson, open_catalog()), None)
        return
    found, record = found_set(lesson), record_of(lesson)
    if not found.is_whole(lesson) or found.is_open:
        _not_yet(lesson, record, is_begun=bool(found.runs))
        return
    results = results_of(lesson, found)
    finding = lesson.find(results)
    _outcome(lesson, finding)
    heading(f"What these runs show ([seed] {found.seed})")
    if finding:
        paragraph(finding.sentence, "gl-finding")
    else:
        paragraph("Too little: not every run has come far enough to be measured.", "gl-finding")
    st.html(_table(lesson, lambda variant, figure: _cell(figure, results.get(variant.key, {}))))
    if lesson.key == "positions":
        show_clouds(lesson, records_of(found))
    _from_record(lesson, finding, record)


def _not_yet(lesson: Lesson, record: Record, is_begun: bool) -> None:
    """The record can be read without any runs, but only on request, as it would spoil the prediction. is_begun: whether there are runs."""
    missing = "The runs have not ended yet." if is_begun else "Nothing has been run yet."
    paragraph(f"{missing} What the runs show will stand here.")
    if seat().follows:
        return
    shown = f"learn.read.{lesson.key}"
    can_read = bool(record.by_seed) and "recorded" not in hidden()
    with st.container(horizontal=True):
        if st.button("To the runs", type="primary", icon=":material/science:", key="learn.to_run"):
            go_to("run")
        if can_read and not st.session_state.get(shown):
            label = "Show the recorded results"
            st.button(label, icon=":material/visibility:", key="learn.read", on_click=_set, args=(shown,))
    if can_read and st.session_state.get(shown):
        _from_record(lesson, None, record)


def _set(key: str) -> None:
    st.session_state[key] = True


def _outcome(lesson: Lesson, finding: Finding | None) -> None:
    """The student's prediction, held against the finding in the browser that keeps it; the class's where there is one."""
    reveal_to_class(lesson, finding)
    if "prediction" in hidden():
        return
    show_split(lesson)
    if seat().leads:
        return
    data = {
        "lesson": lesson.key, "options": list(lesson.predictions.items()), "asks": False,
        "outcome": finding.prediction if finding else "",
    }  # fmt: skip
    component("learn", "prediction")(data=data | addresses(), key=f"learn.outcome.{lesson.key}")


def _table(lesson: Lesson, cell: Callable[[Variant, Figure], str]) -> str:
    """One row a variant, one column a figure. cell: its HTML."""
    figures = [FIGURES[name] for name in lesson.figures]
    better = {"lower": "lower is better", "higher": "higher is better", "": ""}
    heads = "".join(
        f'<th scope="col">{explained(each.label)}<small>{better[each.better]}</small></th>' for each in figures
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(variant.label)}</th>{"".join(f"<td>{cell(variant, each)}</td>" for each in figures)}</tr>'
        for variant in lesson.variants
    )
    head = f'<thead><tr><th scope="col">Run</th>{heads}</tr></thead>'
    return (
        '<div class="gl-scroll" tabindex="0" role="region" aria-label="Figures of the runs">'
        f'<table class="gl-table">{head}<tbody>{rows}</tbody></table></div>'
    )


def _cell(figure: Figure, figures: Mapping[str, float]) -> str:
    return figure.shown(figures[figure.key]) if figure.key in figures else "–"


def _recorded(lesson: Lesson, record: Record) -> None:
    if "recorded" in hidden():
        return
    heading("What was measured over several [seeds|seed]")
    if not record.by_seed:
        paragraph(NOT_RECORDED.format(key=lesson.key), "gl-small")
        return
    estimates = record.estimates
    st.html(_table(lesson, lambda variant, figure: _estimate(figure, estimates[variant.key].get(figure.key))))
    many = len(record.by_seed)
    spread = " ± half its [95 % interval|95 % interval]" if many > 1 else ""
    words = f"Mean of {record.count} [seeds|seed]{spread}" if many > 1 else f"{record.count} [seeds|seed]"
    size = f", each of {record.size}" if record.size else ""
    paragraph(f"{words}{size}, by gencmp lessons --record {record.made}.", "gl-small")


def _from_record(lesson: Lesson, finding: Finding | None, record: Record) -> None:
    """Everything below what the runs show. finding: None while there are none."""
    _recorded(lesson, record)
    if lesson.key == "bound":
        show_bounds()
    _conclude(lesson, finding, record)


def _estimate(figure: Figure, found: Estimate | None) -> str:
    if found is None:
        return "–"
    return figure.shown(found.mean, None if found.low is None else found.mean - found.low)


def _conclude(lesson: Lesson, finding: Finding | None, record: Record | None) -> None:
    """Whether the paper is right, the literature, and where to go from here."""
    if record is None:
        _outcome(lesson, finding)
        if finding:
            heading("What happens" if lesson.key == "sizes" else "What is recorded of the shipped models")
            paragraph(finding.sentence, "gl-finding")
    heading("Is the paper right?")
    if record is not None:
        paragraph(ruling(record, finding), "gl-finding")
    paragraph(lesson.depends)
    if "literature" not in hidden():
        heading("What others found")
        items = "".join(map(_source, lesson.sources))
        st.html(f'<ul class="gl-sources">{items}</ul>')
    found = found_set(lesson)
    if not lesson.variants or (found.is_whole(lesson) and not found.is_open):
        _handout(lesson, found.seed if lesson.variants else None)
    if "next" not in hidden():
        _doors(lesson)


def _handout(lesson: Lesson, seed: int | None) -> None:
    """A link to the page to print. Its address is relative to this page's, so that it holds behind a proxy, too."""
    query = ({} if seed is None else {"seed": str(seed)}) | ({"class": room.code} if (room := seat().room) else {})
    address = f"{addresses()['api']}/learn/handout/{lesson.key}.pdf?{urlencode(query)}"
    st.html(
        f'<p class="gl-words"><a class="gl-handout" download href="{escape(address)}">Hand-out (PDF)</a>'
        " A page to print: the claim, the predictions, what was compared, and the finding.</p>"
    )


def _source(source: Source) -> str:
    host = urlsplit(source.address).hostname
    facts = f'href="{escape(source.address)}" title="On {host}" target="_blank" rel="noopener"'
    return f"<li>{explained(source.says)} <a {facts}>{escape(source.cite)}</a></li>"


def _doors(lesson: Lesson) -> None:
    heading("Go on")
    with st.container(horizontal=True, key="learn_doors"):
        for door in (*lesson.doors, *newest_doors(lesson)):
            link(door.label, door.page, door.query)
        for variant in lesson.variants:
            config = variant.config
            query = address_of_form({config.kind: "quick"}, {config.kind: config}, whole=True)
            link(f"Train “{variant.label}” with changes", "train", query)
        if following := lesson_after(lesson):
            link(f"Next: {following.title}", "learn", {"lesson": following.key}, icon=":material/arrow_forward:")
