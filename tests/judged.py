"""Data that have judges, poor ones that were trained in a blink, so that a test can measure."""

from __future__ import annotations

from dataclasses import replace

from gencmp.data.digits import Digits
from gencmp.evaluation.judges.judge import Judge, save_judge
from gencmp.evaluation.judges.panel import FIRST, PANEL, Member, member_folder
from gencmp.evaluation.judges.training import train_member

TRAINED: dict[
    tuple[int, Member], tuple[Digits, Judge]
] = {}  # by the data's identity, which lasts as long as they are here


def save_panel(digits: Digits, dataset: str, steps: int = 10) -> Judge:
    """Put a whole panel where it is looked for; the first judge. Trained once, however many tests want it."""
    for member in PANEL:
        save_judge(_trained(digits, replace(member, steps=steps)), member_folder(dataset, member))
    return _trained(digits, replace(FIRST, steps=steps))


def _trained(digits: Digits, member: Member) -> Judge:
    key = (id(digits), member)
    if key not in TRAINED:
        TRAINED[key] = digits, train_member(digits, member)
    return TRAINED[key][1]
