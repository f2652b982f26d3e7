"""A small class for half a minute: everything that it does is accounted for, and what goes wrong is told."""

from __future__ import annotations

import pytest

from gencmp.bench.soak.account import Account, Used, as_lines
from gencmp.bench.soak.soak import People, soak
from gencmp.progress import no_progress


def test_a_class_of_few_loses_nothing() -> None:
    account = soak(0.5, People(3, 3, 1), no_progress, settle=0)
    assert account.failures == [] and account.lost == {}, account.facts()
    assert {"pages", "answers", "students' runs", "teacher's runs", "ended runs"} <= account.tried.keys()
    assert account.used.keys() == {"before", "quarter", "end", "after"}


def test_what_is_lost_or_grown_is_told() -> None:
    account = Account()
    account.tried["answers"], account.kept["answers"] = 12, 11
    account.tried["pages"] = account.kept["pages"] = 3
    small, large = Used(100_000_000, 40, 8), Used(140_000_000, 490, 60)
    account.used |= {"before": small, "quarter": small, "end": large, "after": large}
    assert account.lost == {"answers": 1} and not account.is_good
    assert [words.split()[0] for words in account.grown] == ["Memory", "Open", "Threads"]
    lines = as_lines(account, 10, ["3 viewers", "two teachers"])
    assert lines[0] == "10 minutes of 3 viewers, two teachers."
    assert next(line.split() for line in lines if line.startswith("answers")) == ["answers", "12", "11", "1"]


@pytest.mark.parametrize("when", ["before", "quarter", "end", "after"])
def test_nothing_has_grown_as_long_as_it_is_not_known(when: str) -> None:
    account = Account(used={each: Used(1, 1, 1) for each in ("before", "quarter", "end", "after") if each != when})
    assert account.grown == [] and account.is_good
