"""Data that have judges, poor ones that were trained in a blink, so that a test can measure."""

from __future__ import annotations

from dataclasses import replace

from gencmp.data.digits import Digits
from gencmp.evaluation.judges.judge import Judge, save_judge
from gencmp.evaluation.judges.panel import FIRST, PANEL, member_folder
from gencmp.evaluation.judges.training import train_member


def save_panel(digits: Digits, dataset: str, steps: int = 10) -> Judge:
    """Put a whole panel where it is looked for; the first judge."""
    judges = {member: train_member(digits, replace(member, steps=steps)) for member in PANEL}
    for member, judge in judges.items():
        save_judge(judge, member_folder(dataset, member))
    return judges[FIRST]
