"""The shipped study of seeds: does another seed give another answer?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from gencmp.errors import DamagedFile
from gencmp.evaluation.comparison import spread
from gencmp.evaluation.intervals import rank_test
from gencmp.evaluation.measures import CRITERIA, Measure, measure_from
from gencmp.evaluation.verdicts import Verdict, read_study
from gencmp.files import SHIPPED
from gencmp.ui.frame import plain
from gencmp.ui.glossary.explain import caption, explain, marked
from gencmp.ui.verdict.strip import strip_html
from gencmp.ui.verdict.words import DIRECTIONS, style

SEED_MEASURES = ("frechet", "precision", "recall", "coverage", "confidence", "elbo")
MODELS = ("gan", "vae")
# Their intervals say how far a figure moves with the pictures drawn; those of the others in this study are too narrow, or are
# over the test pictures, which all seeds share.
WITH_ERRORS = ("frechet", "confidence")
IN_WORDS = {"standard deviation": "spread", "p": "p"}
SURE = 0.05  # p-values below are significant


def seeds(shown: Verdict) -> None:
    """A chart and a sentence for a measure that the user picks; nothing for models of other data than the study's."""
    try:
        held = read_study(SHIPPED / "study.json")
    except DamagedFile as error:
        st.caption(plain(str(error)))
        return
    if held and not is_of_the_study(shown, held):
        return
    st.subheader("Does another seed give another answer?", anchor=False)
    if not held:
        st.caption(
            "No study of seeds is shipped. `python -m gencmp study --seeds 5 --out study.json` runs one, which takes hours with the paper presets."
        )
        return
    name = st.segmented_control(
        "Measure",
        SEED_MEASURES,
        format_func=lambda n: CRITERIA[n].label,
        default="frechet",
        required=True,
        label_visibility="collapsed",
        key="seeds",
    )
    st.markdown(explain(marked(seeds_words(held, name), IN_WORDS)), unsafe_allow_html=True)
    st.html(style() + _strip(held, name))
    caption(
        marked(spread_words(held, name), IN_WORDS)
        + " One mark per [seed] of the paper preset on MNIST, whichever two models are chosen above. All are compared with the same real"
        " digits, by the first [judge] alone: where judges disagree, another one could turn the order of the models, too."
    )


def is_of_the_study(verdict: Verdict, held: Mapping[str, Any]) -> bool:
    """Whether a model was trained on the data of the study: the same set, and all of its classes."""
    config = held["runs"][0]["config"]
    return verdict.dataset == config["dataset"] and verdict.asks_for_all


def seeds_words(held: Mapping[str, Any], name: str) -> str:
    """How far the seeds of each model lie apart, and whether another seed could turn the order of the models."""
    found, floor = _of_models(held, name), _of_verdict(held["floor"], name)
    reach = [_reach(kind, list(row.values()), first=not place) for place, (kind, row) in enumerate(found.items())]
    said = [f"{reach[0][0].upper()}{', '.join(reach)[1:]}."]
    if len(found) == len(MODELS):
        said.append(_order(*([_closeness(each, floor) for each in found[kind].values()] for kind in MODELS)))
    return " ".join(said)


def spread_words(held: Mapping[str, Any], name: str) -> str:
    """Whether the seeds of each model differ by more than drawing other pictures would explain."""
    if name not in WITH_ERRORS:
        return ""
    return " ".join(_spread(kind, list(row.values())) for kind, row in _of_models(held, name).items())


def _of_models(held: Mapping[str, Any], name: str) -> dict[str, dict[int, Measure]]:
    """The figure by kind and seed, of the models that have it."""
    return {kind: row for kind in MODELS if (row := _of_seeds(held["runs"], kind, name))}


def _reach(kind: str, measures: Sequence[Measure], first: bool) -> str:
    """first: whether it stands first in its sentence, which says once what the models differ in."""
    values = [each.value for each in measures]
    what = "that differ only in their seed reach " if first else ""
    return f"{_counted(len(values))} {kind.upper()}s {what}{min(values):.3g} to {max(values):.3g}"


def _counted(number: int) -> str:
    words = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number - 2] if 2 <= number <= len(words) + 1 else str(number)


def _closeness(each: Measure, floor: Measure | None) -> float:
    """The lower, the better."""
    if each.better == "nearer floor" and floor:
        return abs(each.value - floor.value)
    return -each.value if each.better == "higher" else each.value


def _order(gans: Sequence[float], vaes: Sequence[float]) -> str:
    """Whether all seeds put the models in the same order, and how likely such an order is by chance."""
    chance = rank_test(gans, vaes)
    p = f"exact rank test, p\u00a0=\u00a0{chance:.2g}"
    first, second = ("GAN", "VAE") if sum(gans) / len(gans) < sum(vaes) / len(vaes) else ("VAE", "GAN")
    if max(gans) < min(vaes) or max(vaes) < min(gans):
        return (
            f"Every {first} is better than every {second}: the answer does not hinge on the seed. If the two models were alike,"
            f" so clean a split would occur in {100 * chance:.2g}\u00a0% of such studies (exact rank test)."
        )
    if chance < SURE:
        return f"The {first}s are better as a group, but single seeds are not ({p})."
    return f"Their ranges overlap: the answer depends on the seed ({p})."


def _spread(kind: str, measures: Sequence[Measure]) -> str:
    """Whether the seeds differ by more than drawing other pictures from one model would explain."""
    found = spread(measures)
    more = "significantly more" if found.is_significant else "not significantly more"
    return (
        f"The {kind.upper()}s' spread (standard deviation {found.deviation:.2g}) is {more} than drawing new pictures from one"
        f" of them gives ({found.error:.2g})."
    )


def _strip(held: Mapping[str, Any], name: str) -> str:
    """The measure of every seed, and of real digits."""
    found = _of_models(held, name)
    values = {kind: {f"seed {seed}": each.value for seed, each in row.items()} for kind, row in found.items()}
    floor = _of_verdict(held["floor"], name)
    return strip_html(values, _titled(name), ("real digits", floor.value) if floor else None)


def _of_seeds(runs: Sequence[dict[str, Any]], kind: str, name: str) -> dict[int, Measure]:
    """The figure of each seed of one model that has it."""
    found = {run["config"]["seed"]: _of_verdict(run["verdict"], name) for run in runs if run["config"]["kind"] == kind}
    return {seed: each for seed, each in found.items() if each}


def _of_verdict(verdict: Mapping[str, Any], name: str) -> Measure | None:
    return next((measure_from(each) for each in verdict["measures"] if each["name"] == name), None)


def _titled(name: str) -> str:
    known = CRITERIA[name]
    unit = f" in {known.unit}" if known.unit and known.unit != "share" else ""
    return f"{known.label}{unit}: {DIRECTIONS[known.better]}"
