"""The runs of `bench diagnosis`, diagnosed from what was kept of them, and docs/diagnosis.md. Imports no torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gencmp.evaluation.diagnosis import rules
from gencmp.evaluation.diagnosis.rules import ILLNESSES, Finding, History, diagnose
from gencmp.events import RECOGNISABLE, Checkup, Epoch
from gencmp.files import ROOT
from gencmp.settings.configs import CONFIGS

PAGE = ROOT / "docs" / "diagnosis.md"


def measured_on(facts: Mapping[str, Any]) -> str:
    """Machine, versions and date in words."""
    packages = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return f"{facts['machine']} with {packages}, {facts['date']}"


def known_runs(measured: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The runs of a measurement, each with where and when it was measured."""
    return [{"measured_on": measured_on(measured)} | run for run in measured.get("runs", ())]


def row(run: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules say of a measured run, after its last epoch and after each before it. right: the illness that it has,
    or none, in the end; and none of a healthy one at any time."""
    findings = [each for each in map(diagnose, histories(run)) if each]
    names = list(dict.fromkeys(each.name for each in findings))
    last, alarms = (
        findings[-1] if findings else Finding("too early", 0, {}),
        [each for each in names if each in ILLNESSES],
    )
    right = last.name == run["illness"] if run["illness"] else not alarms
    return {
        "run": run["run"], "illness": run["illness"], "last": last.name, "since": last.since,
        "figures": {name: round(value, 4) for name, value in last.figures.items()},
        "meanwhile": [name for name in names if name != last.name], "right": right,
    }  # fmt: skip


def histories(run: Mapping[str, Any]) -> list[History]:
    """What was known after each epoch of a measured run, and at its end."""
    epochs = [Epoch(each["epoch"], 0, 0.0, 0.0, each["measures"], {}, each["test"]) for each in run["epochs"]]
    checkups = [Checkup(**each) for each in run["checkups"]]
    config = CONFIGS[run["kind"]]().to_dict() | run["config"]  # only what is not the default is kept

    def after(epoch: int, diverged: bool = False) -> History:
        seen = [each for each in epochs if each.epoch <= epoch], [each for each in checkups if each.epoch <= epoch]
        return History(run["kind"], config, *seen, diverged=diverged)

    last = epochs[-1].epoch if epochs else 0
    return [*(after(each.epoch) for each in epochs), after(last, run["diverged"])]


class Watched(NamedTuple):
    """What a rule looks at. wanted: its threshold in words. value: of one history, None where it does not apply.
    worst: min or max, which of many values comes nearest to an alarm."""

    rule: str
    looks_at: str
    wanted: str
    value: Callable[[History], float | None]
    worst: Callable[[Sequence[float]], float]


def _of_epochs(history: History, value: Callable[[Any], float], worst: Callable[..., float]) -> float | None:
    return worst([value(row) for row in history.epochs]) if history.epochs else None


def _of_checkups(
    history: History, value: Callable[[Checkup], float | None], worst: Callable[..., float], recognised: float = 0.0
) -> float | None:
    seen = [each for each in history.checkups if each.recognised >= recognised]
    values = [found for each in seen if (found := value(each)) is not None]
    return worst(values) if values else None


def _risen(history: History) -> float | None:
    if history.kind == "gan" or not history.epochs:
        return None
    return max(rules.risen(history.epochs[: i + 1]) for i in range(len(history.epochs)))


def _asleep(history: History) -> float | None:
    """The lead of D in runs whose pictures are not recognised, after the second epoch."""
    late = [row for row in history.epochs if row.epoch > rules.LASTING]
    newest = history.checkups[-1] if history.checkups else None
    if history.kind != "gan" or not late or newest is None or newest.recognised >= RECOGNISABLE:
        return None
    return min(rules.lead_of_discriminator(row) for row in late)


def _gan(value: Callable[[History], float | None]) -> Callable[[History], float | None]:
    return lambda history: value(history) if history.kind == "gan" else None


def _vae(value: Callable[[History], float | None]) -> Callable[[History], float | None]:
    return lambda history: value(history) if history.kind == "vae" else None


WATCHED = (
    Watched("diverged", "negative ELBO over its lowest, of training and test pictures", f"> {rules.BLOWN_UP:g}", _risen, max),
    Watched(
        "discriminator_won", "D(x) by the label, minus D(G(z))", f"≥ {rules.WON:g}",
        _gan(lambda h: _of_epochs(h, lambda row: rules.lead_of_discriminator(row, h.config["real_label"]), max)), max,
    ),
    Watched(
        "discriminator_asleep", "D(x) minus D(G(z)), where no digits are recognised", f"< {rules.ASLEEP:g}", _asleep, min
    ),
    Watched(
        "mode_collapse", "missing classes of recognisable pictures", f"≥ {rules.FEW_CLASSES}",
        _gan(lambda h: _of_checkups(h, lambda each: len(each.missing), max, recognised=rules.CLEAR)), max,
    ),
    Watched(
        "mode_collapse", "variety of recognisable pictures", f"< {rules.LITTLE_VARIETY:g}",
        _gan(lambda h: _of_checkups(h, lambda each: each.variety, min, recognised=rules.CLEAR)), min,
    ),
    Watched(
        "mode_collapse", "variety of any pictures", f"< {rules.ONE_PICTURE:g}", _gan(lambda h: _of_checkups(h, lambda each: each.variety, min)), min
    ),
    Watched(
        "discriminator_memorises", "D(x) of training minus test pictures", f"> {rules.MEMORISED:g}",
        _gan(lambda h: _of_checkups(h, rules.memorised, max)), max,
    ),
    Watched(
        "posterior_collapse", "KL of the test pictures, nats", f"< {rules.NO_INFORMATION:g}",
        _vae(lambda h: _of_epochs(h, lambda row: row.test["kl"], min)), min,
    ),
    Watched(
        "vae_memorises", "negative ELBO of test minus training pictures, nats", f"> {rules.BY_HEART:g}",
        _vae(lambda h: _of_epochs(h, lambda row: row.test["negative_elbo"] - rules.trained(row), max)), max,
    ),
)  # fmt: skip


def page(measured: Mapping[str, Any]) -> str:
    """docs/diagnosis.md: rule by rule, and run by run."""
    found = [row(run) for run in measured["runs"]]
    ends = [(run["illness"], histories(run)[-1]) for run in measured["runs"]]
    places = Counter(run["measured_on"] for run in known_runs(measured))
    lines = [
        "# How a run is diagnosed", "",
        "A run that trains says how it feels, by a few rules on what it has recorded (`gencmp/evaluation/diagnosis/rules.py`). An",
        f"alarm needs {rules.LASTING} epochs, or checkups, in a row. This page is made by `python -m gencmp bench table` from what",
        f"`python -m gencmp bench diagnosis --keep` measured: {len(found)} runs, every dense preset, the paper's with five seeds, and runs",
        "that were made ill. Measured on:", "",
        *(f"* {place}: {count} runs" for place, count in places.items()), "",
        "## Rule by rule", "",
        "How near the healthy runs came to an alarm in any single epoch, and how far the ill ones went beyond it.", "",
        "| rule | looks at | alarm | healthy runs, nearest | runs with this illness |", "| --- | --- | --- | --- | --- |",
        *(_watched(each, ends) for each in WATCHED), "",
        "## Run by run", "",
        "“Meanwhile” lists what was said after earlier epochs. No illness may be said of a healthy run at any time.", "",
        "| run | made to be | in the end | since epoch | meanwhile | |", "| --- | --- | --- | --- | --- | --- |",
        *(_row_words(each) for each in found),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _watched(each: Watched, ends: Sequence[tuple[str, History]]) -> str:
    healthy = [found for illness, history in ends if not illness and (found := each.value(history)) is not None]
    ill = [found for illness, history in ends if illness == each.rule and (found := each.value(history)) is not None]
    nearest = f"{each.worst(healthy):.2f} ({len(healthy)} runs)" if healthy else "none of this kind"
    reached = ", ".join(f"{found:.2f}" for found in sorted(ill)) or "none measured"
    return f"| {plainly(each.rule)} | {each.looks_at} | {each.wanted} | {nearest} | {reached} |"


def _row_words(found: Mapping[str, Any]) -> str:
    meanwhile = ", ".join(map(plainly, found["meanwhile"])) or "–"
    state = "right" if found["right"] else "**wrong**"
    cells = (
        found["run"],
        plainly(found["illness"] or "healthy"),
        plainly(found["last"]),
        found["since"],
        meanwhile,
        state,
    )
    return f"| {' | '.join(map(str, cells))} |"


def plainly(name: str) -> str:
    """ "discriminator_won" -> "discriminator won"."""
    return name.replace("_", " ")
