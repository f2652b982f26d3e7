"""The PIN: the right one brings a token, wrong ones bring waits that double, of an address and of all together."""

from __future__ import annotations

import pytest
from conftest import Clock

from gencmp.errors import NotAllowed
from gencmp.ui.rights.sign_in import FREE, LONGEST, LONGEST_OF_ALL, PIN, REMEMBERED, STAYS, SignIn, make_pin


@pytest.fixture
def desk(clock: Clock) -> SignIn:
    return SignIn("123456", clock)


def wrong(desk: SignIn, address: str = "10.0.0.8", typed: str = "0") -> str:
    with pytest.raises(NotAllowed) as refused:
        desk.try_pin(typed, address)
    return str(refused.value)


def test_the_pin_brings_a_token_that_lasts_a_day_of_lessons(desk: SignIn, clock: Clock) -> None:
    token = desk.try_pin(" 123456 ", "10.0.0.8")
    assert desk.knows(token) and not desk.knows("") and not desk.knows(token[:-1])
    clock.sleep(STAYS + 1)
    assert not desk.knows(token)


def test_who_signs_out_is_a_student_again(desk: SignIn) -> None:
    token = desk.try_pin("123456", "10.0.0.8")
    desk.sign_out(token)
    assert not desk.knows(token)


def test_wrong_pins_wait_twice_as_long_each_time_even_for_the_right_one(desk: SignIn, clock: Clock) -> None:
    for _ in range(FREE):
        assert "not the PIN" in wrong(desk)
    for wait in (1, 2, 4, 8):
        assert "Wait" in wrong(desk, typed="123456")
        clock.sleep(wait)
        assert "not the PIN" in wrong(desk)
    assert desk.try_pin("123456", "10.0.0.9")  # another address does not wait


def test_many_addresses_together_wait_too(desk: SignIn, clock: Clock) -> None:
    tried = 0
    for second in range(24 * 3600 // 10):  # one every ten seconds for a day, each from an address of its own
        tried += "not the PIN" in wrong(desk, f"10.0.{second // 256}.{second % 256}")
        clock.sleep(10)
    assert tried < 24 * 3600 / LONGEST_OF_ALL * 1.1
    assert len(desk._wrong) <= REMEMBERED


def test_the_longest_wait_is_a_quarter_of_an_hour(desk: SignIn, clock: Clock) -> None:
    for _ in range(30):
        wrong(desk)
        clock.sleep(LONGEST)
    assert desk.try_pin("123456", "10.0.0.8")


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "é", "١٢٣٤٥٦", "x" * 10_000])
def test_only_the_pin_is_the_pin(desk: SignIn, typed: str) -> None:
    assert "not the PIN" in wrong(desk, typed=typed)


def test_the_owner_may_choose_the_pin_if_it_is_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PIN, "1")
    assert len(make_pin()) == 6 and make_pin().isdecimal()
    monkeypatch.setenv(PIN, "my own PIN")
    assert make_pin() == "my own PIN"
