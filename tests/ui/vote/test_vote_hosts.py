"""How a teacher gets a round back, and gets rid of one: the host link, the computer that runs the dashboard, deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from there import there
from vote_pages import STUDENT, TEACHER, address, answer_all, forget_stores, new_round, page, part, words

from gencmp.ui.catalog import open_votes
from gencmp.ui.vote import rounds, vote
from gencmp.voting.store import Round

OTHER = "c" * 32  # the teacher's browser after its storage was cleared


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Visitors are told apart by their tokens alone, as on a network."""
    monkeypatch.setattr(rounds, "is_this_computer", lambda: False)
    forget_stores()
    yield
    forget_stores()


@pytest.fixture
def opened() -> Round:
    return new_round()


@pytest.fixture
def at_the_laptop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every visit comes from the computer that runs the dashboard."""
    monkeypatch.setattr(rounds, "is_this_computer", lambda: True)


# The host link


def test_the_host_link_makes_another_browser_host_and_leaves_the_address(opened: Round) -> None:
    at = page(OTHER, opened.code, host=opened.host_key)
    assert "Voting is open" in words(at)
    assert "host" not in at.query_params
    assert "Voting is open" in words(page(OTHER, opened.code)) and "Voting is open" in words(page(TEACHER, opened.code))


@pytest.mark.parametrize("key", ["x", "é", "0" * 32, TEACHER])
def test_a_wrong_host_link_is_told_and_hosts_nothing(opened: Round, key: Any) -> None:
    at = page(OTHER, opened.code, host=key)
    assert "This host link does not belong to this round" in words(at)
    assert part(at, "question") and not open_votes().is_host(opened, OTHER)


def test_the_host_link_is_shown_to_hosts_alone(opened: Round) -> None:
    assert opened.host_key in words(page(TEACHER, opened.code))
    for at in (page(STUDENT, opened.code), page(STUDENT)):
        assert opened.host_key not in str(at) and not at.get("popover")


# The computer that runs the dashboard


def test_from_another_computer_only_ones_own_rounds_are_listed(opened: Round) -> None:
    keys = {there(button.key) for button in page(OTHER).button}
    assert not any(key.startswith(("vote.own", "vote.delete")) for key in keys)
    assert f"vote.own.{opened.code}" in {button.key for button in page(TEACHER).button}
    assert "vote.host" not in {button.key for button in page(OTHER, opened.code).button}


def test_at_the_laptop_a_forgotten_round_is_hosted_again(opened: Round, at_the_laptop: None) -> None:
    at = page(OTHER)
    at.button(key=f"vote.own.{opened.code}").click().run()
    assert address(at) == opened.code
    assert "Voting is open" in words(page(OTHER, opened.code))


def test_at_the_laptop_a_forgetful_browser_need_not_vote(opened: Round, at_the_laptop: None) -> None:
    at = page(OTHER, opened.code)
    assert part(at, "question")
    at.button(key="vote.host").click().run()
    assert "Voting is open" in words(at)
    assert open_votes().turnout(opened.code).voters == 0


# Deletion


def test_a_round_is_deleted_and_its_voters_are_told(opened: Round) -> None:
    answer_all(opened.code, STUDENT)
    at = page(TEACHER)
    assert "has 8 answers. Deleting cannot be undone" in words(at)
    at.button(key=f"vote.delete.{opened.code}").click().run()
    assert open_votes().all() == []
    assert not any(there(button.key).startswith("vote.own") for button in at.button)
    told = page(STUDENT, opened.code)
    assert not told.exception and told.title[0].value == "No such round"


def test_an_answer_to_a_deleted_round_is_passed_over(opened: Round) -> None:
    open_votes().delete(opened.code)
    vote.take_answer(opened.code, STUDENT, {"number": 1, "choice": "real"})
    assert open_votes().all() == []


def test_many_rounds_are_folded(opened: Round) -> None:
    for seed in range(2, 9):
        new_round(seed=seed)
    at = page(TEACHER)
    assert [each.label for each in at.expander] == ["2 older"]
