"""What is said of a fork: where it comes from, what was changed, and whether it continues exactly. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gencmp.runs.run import Run, machine_facts
from gencmp.settings.configs import CONFIGS
from gencmp.settings.levers import change_words


def is_fork(run: Run) -> bool:
    """Whether it started from another run's settings: from its weights, or, where none were kept, anew."""
    return "run" in run.origin


def fork_words(run: Run, name: str = "") -> str:
    """All of it in sentences, as "Fork of mine at epoch 7: Learning rate 0.001 → 0.0001. It continues the optimiser."; empty for
    a run that is no fork. name: of its parent now; by default, when it was forked."""
    if not is_fork(run):
        return ""
    origin = {**run.origin, "name": name or run.origin["name"]}
    return " ".join(
        filter(None, [f"{_where(origin)}{changed_words(run)}.", _SENTENCES[exactness(run)], _stopped(origin)])
    )


def changed_words(run: Run) -> str:
    """What a fork changed: "Learning rate 0.001 → 0.0001"; "nothing changed"."""
    now: Mapping[str, Any] = run.origin.get("changes", {})
    was = run.origin.get("before")
    if not now:
        return "nothing changed"
    pairs = {name: (was[name] if was else None, value) for name, value in now.items()}
    return change_words(CONFIGS[run.kind](), pairs)


def _where(origin: Mapping[str, Any]) -> str:
    if not origin["epoch"]:
        return f"{origin['name']} again from the start: "
    return f"Fork of {origin['name']} at epoch {origin['epoch']}: "


def exactness(run: Run) -> str:
    """How far a fork continues its parent: "continues exactly", "fresh optimiser", ...; empty for other runs."""
    origin = run.origin
    if not (is_fork(run) and origin["epoch"]):
        return ""
    if origin.get("pictures_changed"):
        return "pictures changed"
    if not origin.get("optimiser"):
        return "fresh optimiser"
    if run.device and _differ(origin.get("machine", {}), trained_by(run)):
        return "other machine"
    return "continues the optimiser" if origin["changes"] else "continues exactly"


def trained_by(run: Run) -> dict[str, str]:
    """What bit-exact results depend on besides settings and seed; empty strings where it is not recorded."""
    return {**machine_facts(run), "PyTorch": run.versions.get("torch", "")}


def _differ(before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    return any(value and now.get(name) and now[name] != value for name, value in before.items())


_SENTENCES = {
    "pictures changed": "Its pictures have changed since, so it does not continue exactly.",
    "other machine": "It continues with another processor, precision, number of threads or PyTorch, so its bits may differ.",
    "fresh optimiser": "Its optimiser started fresh.",
    "continues the optimiser": "It continues with the optimiser of then.",
    "continues exactly": "It continues exactly.",
    "": "",
}


def _stopped(origin: Mapping[str, Any]) -> str:
    if "stopped_at" not in origin:
        return ""
    name, epoch = origin["name"], origin["stopped_at"]
    return f"Rolled back: {name} was stopped after epoch {epoch} and is kept as it was."
