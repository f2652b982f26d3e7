"""The pace of a run, by what was commanded and where the run has come to."""

from __future__ import annotations

from math import inf

import pytest

from gencmp.events import Moment
from gencmp.runs.by_hand.pace import Pace
from gencmp.training.by_hand import ByHand


def moment(phase: int, phases: int = 2) -> Moment:
    return Moment(1, 1, "" if phase == 0 else "generator", "discriminator", 0, 0, {}, {}, {}, {}, phase, phases)


def after(*commands: str) -> Pace:
    pace = Pace(ByHand())
    for command in commands:
        pace.obey(command)
    return pace


def phases_until_held(pace: Pace, at: int = 0) -> int:
    """How many phases a run goes on that is held at phase `at` of 2 (0: laid out)."""
    count = 0
    while not pace.is_held:
        count += 1
        pace.reach(moment((at + count) % 3), 0.0)
    return count


def test_a_run_goes_on_at_full_speed_and_is_not_watched() -> None:
    pace = after()
    assert (pace.state, pace.by_hand.active, pace.rest(5.0), pace.is_stopped) == ("running", False, 0.0, False)


@pytest.mark.parametrize(
    ("commands", "state", "active", "rate", "rest"),
    [
        (["pause"], "paused", True, 0, inf),
        (["pause", "go on"], "running", False, 0, 0),
        (["pause", "step phases 2"], "paused", True, 0, 0),
        (["pause", "step phases 2", "pause"], "paused", True, 0, inf),
        (["pause", "step phases 2", "go on", "pause"], "paused", True, 0, inf),
        (["slow 5"], "running", True, 5, 0),
        (["slow 5", "slow 2"], "running", True, 2, 0),
        (["slow 5", "pause"], "paused", True, 0, inf),
        (["slow 5", "go on"], "running", False, 0, 0),
        (["step steps 3"], "running", False, 0, 0),  # it has gone on meanwhile
        (["slow 5", "step steps 3", "pause"], "paused", True, 0, inf),
    ],
)
def test_the_last_command_counts(commands: list[str], state: str, active: bool, rate: float, rest: float) -> None:
    pace = after(*commands)
    assert (pace.state, pace.by_hand.active, pace.rate, pace.rest(0.0)) == (state, active, rate, rest)


@pytest.mark.parametrize("commands", [["stop"], ["pause", "stop"], ["stop", "pause"], ["slow 1", "stop", "slow 1"]])
def test_a_stop_is_not_taken_back(commands: list[str]) -> None:
    pace = after(*commands)
    assert pace.is_stopped and pace.rest(0.0) == 0


@pytest.mark.parametrize("count", [1, 2, 7])
def test_so_many_phases(count: int) -> None:
    assert phases_until_held(after("pause", f"step phases {count}")) == count


@pytest.mark.parametrize(("at", "count", "phases"), [(0, 1, 2), (0, 2, 5), (1, 1, 1), (2, 1, 3), (1, 2, 4)])
def test_so_many_steps_the_present_one_among_them(at: int, count: int, phases: int) -> None:
    assert phases_until_held(after("pause", f"step steps {count}"), at) == phases


def test_of_many_steps_the_first_and_the_last_are_watched() -> None:
    pace = after("pause", "step steps 10")
    assert phases_until_held(pace) == 5 and pace.by_hand.unwatched_until == 0, "the last one was the tenth"
    pace = after("pause", "step steps 10")
    for phase in (0, 1, 2):
        pace.reach(moment(phase), 0.0)
    watched = [step for step in range(1, 12) if pace.by_hand.watches(step)]
    assert watched == [10, 11]
    pace.obey("pause")
    assert pace.by_hand.watches(2), "held at the next moment"


def test_what_was_asked_adds_up_in_order() -> None:
    assert phases_until_held(after("pause", "step phases 1", "step phases 2")) == 3
    assert phases_until_held(after("pause", "step steps 1", "step phases 1")) == 3
    assert phases_until_held(after("pause", "step phases 1", "step steps 1")) == 2


def test_slow_motion_shows_each_moment_of_a_step_equally_long() -> None:
    pace, now, times = after("slow 4"), 100.0, []
    for phase in (0, 1, 2) * 5:
        pace.reach(moment(phase), now)
        times.append(now)
        now += pace.rest(now)
    assert times[3] - times[1] == pytest.approx(2 / 12)
    assert now - times[0] == pytest.approx(14 / 12)  # the first goes on at once


def test_slow_motion_counts_the_time_that_computing_took_and_makes_up_for_none() -> None:
    pace = after("slow 1")
    pace.reach(moment(0), 100.0)
    pace.reach(moment(1), 100.2)
    assert pace.rest(100.2) == pytest.approx(1 / 3 - 0.2)
    pace.reach(moment(2), 105.0)
    assert pace.rest(105.0) == 0
    pace.reach(moment(0), 105.0)
    assert pace.rest(105.0) == pytest.approx(1 / 3)
