"""The number of threads is found by trying, with a clock of the test's own and a machine that is as fast as the test says."""

from typing import Any

import pytest

from gencmp.data.digits import Digits
from gencmp.events import Checkpoint, Epoch, Preview, Step
from gencmp.settings.configs import VaeConfig
from gencmp.training.loop import train
from gencmp.training.thread_tuner import LIMIT_CHECK_EVERY, TRIAL, TRIALS_EVERY, ThreadTuner, tune_threads


class Machine:
    """Takes `seconds[threads]` a step."""

    def __init__(self, seconds: Any, most: int = 4) -> None:
        self.seconds, self.most = seconds, most
        self.now, self.step = 0.0, 0
        self.used: list[int] = []
        self.tuner = ThreadTuner(lambda: self.most, lambda: self.now, self.used.append)

    def run(self, seconds: Any) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += self.seconds[self.used[-1]]
            self.step += 1
            self.tuner.stepped(self.step)


@pytest.mark.parametrize(
    ("seconds", "best"),
    [
        ({1: 0.01, 2: 0.006, 4: 0.004}, 4),
        ({1: 0.01, 2: 0.006, 4: 0.0058}, 2),  # hardly faster: the other cores are left to others
        ({1: 0.01, 2: 0.036, 4: 0.1}, 1),
    ],
)
def test_the_fewest_threads_that_are_about_as_fast_as_any(seconds: Any, best: int) -> None:
    machine = Machine(seconds)
    machine.run(4 * TRIAL)
    assert machine.used == [1, 2, 4, best]


def test_another_trial_when_the_machine_may_have_changed() -> None:
    machine = Machine({1: 0.01, 2: 0.006}, most=2)
    machine.run(TRIALS_EVERY / 2)
    assert machine.used == [1, 2, 2]
    machine.seconds = {1: 0.01, 2: 0.036}  # another program has begun
    machine.run(TRIALS_EVERY + LIMIT_CHECK_EVERY)
    assert machine.used == [1, 2, 2, 1, 2, 1]


def test_another_trial_as_soon_as_another_training_begins_or_ends() -> None:
    machine = Machine({1: 0.01, 2: 0.006}, most=2)
    machine.run(3 * TRIAL)
    machine.most = 1
    machine.run(2 * LIMIT_CHECK_EVERY)
    assert machine.used == [1, 2, 2, 1]
    machine.most = 2
    machine.run(2 * LIMIT_CHECK_EVERY + 2 * TRIAL)
    assert machine.used[-3:] == [1, 2, 2]


def test_trials_cost_little() -> None:
    machine = Machine({1: 0.01, 2: 0.006}, most=2)
    machine.run(100)
    assert machine.used.count(1) * TRIAL / 100 < 0.05


def test_what_is_not_a_step_never_counts_as_one() -> None:
    machine = Machine({1: 0.01, 2: 0.006}, most=2)
    machine.run(TRIAL / 2)
    machine.now += 60  # an epoch's pictures
    machine.tuner.interrupted()
    machine.run(3 * TRIAL)
    assert machine.used == [1, 2, 2]


def test_events_pass_unchanged(vae: VaeConfig, digits: Digits) -> None:
    used: list[int] = []
    events = list(tune_threads(train(vae, digits), lambda: 2, use=used.append))
    assert [type(e) for e in events] == [type(e) for e in train(vae, digits)]
    assert {Step, Epoch, Preview, Checkpoint} < {type(e) for e in events}
    assert used[0] == 1
