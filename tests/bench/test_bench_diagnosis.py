"""The diagnosis on measured runs: no illness said of a healthy one after any epoch, and the right one of each ill one."""

import json
from typing import Any

import pytest

from gencmp.bench.diagnosed import PAGE, page, row
from gencmp.bench.diagnosis import trials
from gencmp.bench.table import KEPT
from gencmp.evaluation.diagnosis.rules import ILLNESSES

MEASURED = json.loads((KEPT / "diagnosis.json").read_text("utf-8"))


@pytest.mark.parametrize("run", MEASURED["runs"], ids=lambda run: run["run"])
def test_a_measured_run_is_diagnosed_rightly(run: Any) -> None:
    found = row(run)
    assert found["right"], found
    if not run["illness"]:
        assert not {found["last"], *found["meanwhile"]} & set(ILLNESSES)


def test_what_was_measured_are_the_trials_of_today() -> None:
    assert [(run["run"], run["illness"]) for run in MEASURED["runs"]] == [
        (each.label, each.illness) for each in trials()
    ]
    assert sum(not run["illness"] for run in MEASURED["runs"]) >= 6
    assert {run["illness"] for run in MEASURED["runs"]} >= set(ILLNESSES)


def test_the_page_is_what_the_command_makes_of_it() -> None:
    assert PAGE.read_text("utf-8") == page(MEASURED)
