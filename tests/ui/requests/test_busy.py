"""Costly questions: asked twice, computed once; few at a time; an address that asks without end is told to wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from conftest import Clock

from gencmp.errors import TooBusy
from gencmp.ui.requests.busy import A_MINUTE, ADDRESSES, BURST, Costly


def test_the_same_question_is_computed_once_for_all_who_ask(clock: Clock, wait_until: Callable[..., object]) -> None:
    costly, free, count = Costly(clock=clock), Event(), []

    def compute() -> int:
        count.append(1)
        free.wait(30)
        return 42

    with ThreadPoolExecutor(10) as pool:
        asked = [pool.submit(costly.answer, "q", f"10.0.0.{i}", compute) for i in range(10)]
        wait_until(lambda: costly._inside == 10)
        free.set()
        assert [each.result() for each in asked] == [42] * 10
    assert len(count) == 1 and costly._inside == 0 and not costly._asked


def test_an_error_is_everybodys_and_the_next_try_is_a_new_one() -> None:
    costly = Costly()

    def fail() -> int:
        raise ValueError("x")

    for _ in range(3):
        with pytest.raises(ValueError):
            costly.answer("q", "a", fail)
    assert costly.answer("q", "a", lambda: 1) == 1 and costly._inside == 0


def test_few_at_once_and_few_wait(wait_until: Callable[..., object]) -> None:
    costly, free, running, most = Costly(at_once=2, waiting=3), Event(), [0], [0]

    def compute() -> int:
        running[0] += 1
        most[0] = max(most[0], running[0])
        free.wait(30)
        running[0] -= 1
        return 1

    with ThreadPoolExecutor(5) as pool:
        asked = [pool.submit(costly.answer, i, "", compute) for i in range(5)]
        wait_until(lambda: costly._inside == 5)
        with pytest.raises(TooBusy, match="at once"):
            costly.answer(9, "", compute)
        free.set()
        assert sum(each.result() for each in asked) == 5
    assert most[0] <= 2


def test_who_waits_too_long_is_told(wait_until: Callable[..., object]) -> None:
    costly, free = Costly(at_once=1, patience=0.05), Event()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(costly.answer, 1, "", lambda: free.wait(30))
        wait_until(lambda: costly._inside == 1)
        for question in (1, 2):  # the same question, and another one
            with pytest.raises(TooBusy):
                costly.answer(question, "", lambda: True)
        free.set()
        assert first.result()


def test_an_address_has_a_budget_that_grows_again(clock: Clock) -> None:
    costly = Costly(clock=clock)

    def ask(address: str, many: int) -> int:
        done = 0
        for i in range(many):
            try:
                done += costly.answer((address, i), address, lambda: 1)
            except TooBusy:
                continue
        return done

    assert ask("a", 2 * BURST) == BURST and ask("b", 10) == 10 and ask("", 500) == 500
    clock.sleep(60)
    assert ask("a", 2 * BURST) == min(BURST, A_MINUTE)


def test_what_is_kept_is_asked_again_for_nothing(clock: Clock) -> None:
    costly = Costly(clock=clock)
    for _ in range(3 * BURST):
        costly.answer("the class's", "a", lambda: 1, is_kept=True)
    for i in range(BURST - 1):
        costly.answer(i, "a", lambda: 1)
    with pytest.raises(TooBusy):
        costly.answer("one more", "a", lambda: 1, is_kept=True)


def test_addresses_are_forgotten(clock: Clock) -> None:
    costly = Costly(clock=clock)
    for i in range(ADDRESSES + 50):
        costly.answer(i, str(i), lambda: 1)
    assert len(costly._budgets) == ADDRESSES
