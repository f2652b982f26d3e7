"""A run that is paused, stepped and slowed: it goes exactly as far as was asked, and ends with the bits of one that never was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest
from conftest import Clock

from gencmp.data.digits import Digits
from gencmp.errors import RunTakenOver
from gencmp.events import Checkpoint, Event, Moment, Step
from gencmp.models.snapshot import read, unpack
from gencmp.runs.recorder import LOOK_EVERY, drain
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, GanConfig
from gencmp.training.by_hand import ByHand
from gencmp.training.changes import Levers
from gencmp.training.loop import train

Act = Callable[[], None]


class Hand:
    """Someone who trains a run that starts paused, and does the next of some things whenever it is held."""

    def __init__(self, store: RunStore, config: Config, digits: Digits, clock: Clock) -> None:
        self.store, self.config, self.digits, self.clock = store, config, digits, clock
        self.id = store.create(config, paused=True).id
        store.claim(self.id)
        self.acts: list[Act] = []
        self.held: list[tuple[int, int]] = []  # (step, phase) at each look while it is held
        self.seen: list[tuple[float, Moment, str]] = []  # when, what, and the run's state in the store
        self.meanwhile: Callable[[Moment], None] = lambda moment: None
        self.at_step: Callable[[int], None] = lambda step: None

    def step(self, **asked: int) -> Act:
        return lambda: self.store.step(self.id, **asked)

    def slow(self, rate: float) -> Act:
        return lambda: self.store.slow(self.id, rate)

    def command(self, verb: str) -> Act:
        return lambda: self.store.command(self.id, verb)

    def send_at(self, step: int, phase: int, verb: str) -> None:
        """Send a command when the run comes to this moment."""
        self.meanwhile = lambda moment: (
            self.store.command(self.id, verb) if (moment.step, moment.phase) == (step, phase) else None
        )

    def sleep(self, seconds: float) -> None:
        self.clock.sleep(seconds)
        if self.store.queries.get(self.id).state == "paused":
            moment = self.newest
            self.held.append((moment["step"], moment["phase"]))
            assert self.acts, "held, and nobody will go on"
            self.acts.pop(0)()

    @property
    def newest(self) -> dict[str, Any]:
        found = self.store.moments.newest(self.id)
        assert found is not None
        return found

    def train(self, *acts: Act) -> str:
        """Returns how it ended, and leaves that in the store, as a worker does."""
        self.acts = list(acts)
        levers, by_hand = Levers(), ByHand()
        events = self.watch(train(self.config, self.digits, levers=levers, by_hand=by_hand))
        end = drain(events, self.store, self.id, self.clock, self.sleep, levers.ask, by_hand)
        self.store.set_state(self.id, end)
        return end

    def watch(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            if isinstance(event, Moment):
                self.seen.append((self.clock.now, event, self.store.queries.get(self.id).state))
                self.meanwhile(event)
            if isinstance(event, Step):
                self.at_step(event.step)
            yield event


@pytest.fixture
def hand(store: RunStore, config: Config, digits: Digits, clock: Clock) -> Hand:
    return Hand(store, config, digits, clock)


@pytest.fixture
def gans_hand(store: RunStore, gan: GanConfig, digits: Digits, clock: Clock) -> Hand:
    return Hand(store, gan, digits, clock)


def same_bits(hand: Hand, levers: Levers | None = None) -> bool:
    """Whether the recorded run ended with the state of one that was neither paused nor stepped."""
    plain = [e for e in train(hand.config, hand.digits, levers=levers) if isinstance(e, Checkpoint)]
    one, two = read(hand.store.queries.folder(hand.id).state).tensors, unpack(plain[-1].state).tensors
    return one.keys() == two.keys() and all(one[name].equal(two[name]) for name in one)


# Held, stepped, and on


def test_it_starts_paused_before_its_first_step(hand: Hand) -> None:
    def look() -> None:
        run = hand.store.queries.get(hand.id)
        assert (run.state, run.step, run.is_live) == ("paused", 0, True)
        assert hand.store.queries.preview_step(hand.id) == 0
        hand.store.command(hand.id, "go on")

    assert hand.train(look) == "finished"
    assert hand.held == [(1, 0)] and len(hand.seen) == 1


def test_paused_stepped_slowed_and_continued_is_never_paused_bit_for_bit(hand: Hand) -> None:
    hand.send_at(15, 1, "pause")
    acts = hand.step(), hand.step(phases=3), hand.step(steps=8), hand.slow(10), hand.command("go on")
    assert hand.train(*acts) == "finished" and hand.held[-1] == (15, 1)
    run = hand.store.queries.get(hand.id)
    assert (run.epoch, run.step) == (3, 18) and hand.store.queries.steps(hand.id)["step"] == list(range(1, 19))
    assert same_bits(hand)


@pytest.mark.parametrize("turns", [(2, 0), (0, 2), (2, 3)])
def test_so_it_is_with_several_turns(gans_hand: Hand, turns: tuple[int, int]) -> None:
    config = gans_hand.config.replace(discriminator_steps=turns[0], generator_steps=turns[1])
    hand = Hand(gans_hand.store, config, gans_hand.digits, gans_hand.clock)
    assert hand.train(hand.step(), hand.step(steps=4), hand.step(), hand.slow(20)) == "finished"
    assert hand.held == [(1, 0), (1, 1), (4, sum(turns)), (5, 0)]
    assert same_bits(hand)


def test_one_phase_at_a_time(gans_hand: Hand) -> None:
    gans_hand.train(*[gans_hand.step()] * 5, gans_hand.command("stop"))
    assert gans_hand.held == [(1, 0), (1, 1), (1, 2), (2, 0), (2, 1), (2, 2)]


@pytest.mark.parametrize(
    ("asked", "held"),
    [
        ({"phases": 4}, (2, 1)), ({"phases": 3}, (2, 0)), ({"steps": 1}, (1, 2)), ({"steps": 10}, (10, 2)),
    ],
)  # fmt: skip
def test_exactly_as_far_as_was_asked(gans_hand: Hand, asked: dict[str, int], held: tuple[int, int]) -> None:
    assert gans_hand.train(gans_hand.step(**asked), gans_hand.command("stop")) == "stopped"
    assert gans_hand.held == [(1, 0), held]


def test_the_rest_of_a_step_counts_as_one(gans_hand: Hand) -> None:
    hand = gans_hand
    hand.train(hand.step(), hand.step(steps=1), hand.step(steps=2), hand.command("stop"))
    assert hand.held == [(1, 0), (1, 1), (1, 2), (3, 2)]


def test_two_people_who_step_at_once_step_twice(gans_hand: Hand) -> None:
    hand = gans_hand

    def both() -> None:
        hand.store.step(hand.id)
        hand.store.step(hand.id)

    hand.train(both, hand.command("stop"))
    assert hand.held == [(1, 0), (1, 2)]


def test_it_stays_paused_while_it_is_stepped(hand: Hand) -> None:
    hand.train(hand.step(steps=10), hand.command("go on"))
    assert {state for _, moment, state in hand.seen if moment.step > 1} == {"paused"}


def test_what_is_stepped_is_on_the_curves_at_once(hand: Hand) -> None:
    def look() -> None:
        assert hand.store.queries.steps(hand.id)["step"] == [1, 2, 3]
        assert hand.store.queries.get(hand.id).step == 3
        hand.store.command(hand.id, "stop")

    hand.train(hand.step(steps=3), look)


def test_a_pause_holds_a_long_walk(gans_hand: Hand) -> None:
    hand = gans_hand

    def pause(step: int) -> None:
        hand.clock.now += 0.06  # what a step takes
        if step == 4:
            hand.store.command(hand.id, "pause")

    hand.at_step = pause
    hand.train(hand.step(steps=1000), hand.command("stop"))
    assert len(hand.held) == 2 and (4, 0) <= hand.held[1] <= (7, 0)


def test_a_long_walk_is_taken_at_full_speed_but_for_its_first_and_last_step(hand: Hand) -> None:
    hand.train(hand.step(steps=9), hand.command("go on"))
    assert hand.held[1][0] == 9 and {moment.step for _, moment, _ in hand.seen} == {1, 9}
    assert same_bits(hand)


def test_the_end_of_the_run_ends_the_walk(hand: Hand) -> None:
    assert hand.train(hand.step(steps=1000)) == "finished"
    assert hand.store.queries.get(hand.id).state == "finished" and hand.store.moments.newest(hand.id) is None
    assert same_bits(hand)


def test_held_at_the_end_of_an_epoch_and_on_into_the_next(hand: Hand) -> None:
    hand.train(hand.step(steps=6), hand.step(), hand.command("go on"))
    last = hand.seen[-1][1]
    assert hand.held == [(1, 0), (6, last.phases), (7, 0)] and last.epoch == 2
    assert hand.store.queries.get(hand.id).state == "finished"


# Slow motion


@pytest.mark.parametrize("rate", [1, 5, 20])
def test_slow_motion_keeps_its_rate(hand: Hand, rate: int) -> None:
    hand.train(hand.slow(rate))
    laid_out = [now for now, moment, _ in hand.seen if moment.phase == 0][2:]
    gaps = [later - earlier for earlier, later in pairwise(laid_out)]
    assert len(gaps) == 15 and gaps == pytest.approx([1 / rate] * 15)
    assert {state for _, _, state in hand.seen[2:]} == {"running"}
    assert same_bits(hand)


def test_slow_motion_looks_for_commands_while_it_waits(gans_hand: Hand) -> None:
    """At one step per second each of its three moments is shown for a third."""
    hand, naps = gans_hand, []

    def sleep(seconds: float) -> None:
        hand.sleep(seconds)
        naps.append(seconds)
        if len(naps) == 6:
            hand.store.command(hand.id, "stop")

    by_hand = ByHand()
    hand.store.slow(hand.id, 1)
    events = train(hand.config, hand.digits, by_hand=by_hand)
    assert drain(events, hand.store, hand.id, hand.clock, sleep, by_hand=by_hand) == "stopped"
    assert len(naps) == 6 and max(naps) == LOOK_EVERY


def test_a_pause_in_slow_motion_holds_at_the_phase_that_is_shown(gans_hand: Hand) -> None:
    hand = gans_hand
    hand.send_at(3, 1, "pause")

    def look() -> None:
        assert hand.newest["rate"] == 0 and hand.store.queries.get(hand.id).state == "paused"
        hand.store.command(hand.id, "stop")

    assert hand.train(hand.slow(2), look) == "stopped"
    assert hand.held == [(1, 0), (3, 1)]


def test_from_slow_motion_to_full_speed(gans_hand: Hand) -> None:
    hand = gans_hand
    hand.send_at(3, 1, "go on")
    assert hand.train(hand.slow(2)) == "finished"
    assert hand.seen[-1][1].step == 3 and same_bits(hand)


def test_the_rate_is_told_with_the_moment(gans_hand: Hand) -> None:
    hand = gans_hand
    rates: dict[int, float] = {}

    def look(moment: Moment) -> None:
        if moment.step > 1:
            rates[moment.step] = hand.newest["rate"]

    hand.meanwhile = look
    hand.train(hand.step(steps=2), hand.slow(4))
    assert list(rates.values()) == [0] + [4] * 16


# Levers


def test_a_lever_pulled_while_paused_acts_as_if_nobody_had_paused(hand: Hand) -> None:
    lever = {"beta": 4.0} if hand.config.kind == "vae" else {"discriminator_steps": 2, "real_label": 0.7}

    def pull() -> None:
        hand.store.change(hand.id, lever)
        hand.store.step(hand.id, steps=5)

    hand.train(hand.step(phases=5), pull, hand.command("go on"))
    [found] = hand.store.queries.changes(hand.id)
    assert found.step == hand.held[1][0] + 1 and dict(found.after) == lever
    assert same_bits(hand, Levers([found]))


def test_a_lever_pulled_before_the_first_step_acts_in_it(hand: Hand) -> None:
    lever = {"beta": 4.0} if hand.config.kind == "vae" else {"generator_steps": 2}

    def pull() -> None:
        hand.store.change(hand.id, lever)
        hand.store.command(hand.id, "go on")

    hand.train(pull)
    [found] = hand.store.queries.changes(hand.id)
    assert found.step == 1 and same_bits(hand, Levers([found]))


# What is kept


def test_the_newest_moment_is_kept_with_a_number_that_grows(gans_hand: Hand) -> None:
    hand, ids = gans_hand, []

    def look() -> None:
        ids.append(hand.newest["id"])
        hand.store.step(hand.id)

    hand.train(*[look] * 5, hand.command("go on"))
    assert ids == sorted(set(ids))
    assert hand.store.moments.newest(hand.id) is None and hand.store.moments.pictures(hand.id) is None


def test_moments_are_kept_at_most_twenty_times_a_second(gans_hand: Hand) -> None:
    hand = gans_hand
    kept: set[int] = set()

    def look(moment: Moment) -> None:
        hand.clock.sleep(0.01)
        kept.update({hand.newest["id"]} if moment.step > 1 else ())

    hand.meanwhile = look
    hand.train(hand.step(phases=44), hand.command("stop"))
    assert len(hand.seen) == 45 and 7 <= len(kept) <= 10


def test_a_run_watched_by_hand_says_no_speed(hand: Hand) -> None:
    hand.meanwhile = lambda moment: hand.clock.sleep(0.2)

    def look() -> None:
        assert hand.store.queries.get(hand.id).images_per_second == 0
        hand.store.command(hand.id, "stop")

    hand.train(hand.step(steps=4), look)


# What goes wrong


def test_killed_while_it_is_paused_and_resumed_it_goes_on_at_full_speed_to_the_same_bits(hand: Hand) -> None:
    def die() -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        hand.train(hand.step(steps=8), hand.step(), die)
    assert hand.store.queries.get(hand.id).epoch == 1 and hand.newest["step"] == 9
    hand.clock.now += 100
    assert hand.store.queries.get(hand.id).state == "lost"
    hand.store.requeue(hand.id)
    hand.store.claim(hand.id)
    resume = read(hand.store.queries.folder(hand.id).state)
    assert drain(train(hand.config, hand.digits, resume), hand.store, hand.id) == "finished"
    assert hand.store.moments.newest(hand.id) is None and same_bits(hand)


def test_a_worker_that_slept_while_it_held_a_run_leaves_it_alone_that_was_resumed_since(hand: Hand) -> None:
    def resumed_elsewhere() -> None:
        hand.clock.now += 100  # the laptop was closed
        hand.store.requeue(hand.id)
        hand.store.claim(hand.id)

    with pytest.raises(RunTakenOver):
        hand.train(resumed_elsewhere)


def test_a_stop_within_a_step_keeps_the_last_epoch(hand: Hand) -> None:
    assert hand.train(hand.step(steps=7), hand.step(phases=2), hand.command("stop")) == "stopped"
    run = hand.store.queries.get(hand.id)
    assert (run.state, run.epoch) == ("stopped", 1) and hand.store.moments.newest(hand.id) is None
