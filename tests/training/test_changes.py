"""Changes of settings while a model trains: the laws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from conftest import Clock

from gencmp.data.digits import Digits
from gencmp.events import Changed, Checkpoint, Event, Started, Step, to_json
from gencmp.models.snapshot import unpack
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import Trainer, build_trainer
from gencmp.training.changes import RATES, Levers, change
from gencmp.training.loop import train
from gencmp.training.thread_tuner import tune_threads

PULLED: dict[str, dict[str, Any]] = {
    "gan": {
        "generator_learning_rate": 1e-2, "discriminator_learning_rate": 1e-4, "generator_dropout": 0.5, "discriminator_dropout": 0.0,
        "real_label": 0.8, "discriminator_steps": 2, "generator_steps": 3,
    },
    "vae": {"learning_rate": 1e-2, "beta": 4.0},
}  # fmt: skip


def pulled_at(config: GanConfig | VaeConfig, digits: Digits, step: int, changes: Any, **facts: Any) -> Iterator[Event]:
    """A training in which someone changes settings right after this step."""
    levers = Levers()
    for event in train(config, digits, clock=Clock(), levers=levers, **facts):
        if isinstance(event, Step) and event.step == step:
            levers.ask(changes)
        yield event


def states(events: Any) -> list[bytes]:
    return [event.state for event in events if isinstance(event, Checkpoint)]


@pytest.mark.parametrize("at", [3, 6, 7])  # within an epoch of six steps, at its end, after its first step
def test_levered_and_resumed_is_levered_and_not_resumed(config: GanConfig | VaeConfig, digits: Digits, at: int) -> None:
    whole = list(pulled_at(config, digits, at, PULLED[config.kind]))
    [found] = [event for event in whole if isinstance(event, Changed)]
    assert (found.step, dict(found.after)) == (at + 1, PULLED[config.kind])
    for state in states(whole)[:-1]:
        resumed = train(config, digits, resume=unpack(state), levers=Levers([found]), clock=Clock())
        assert states(resumed) == states(whole)[unpack(state).epoch :]


def test_a_replayed_change_is_told_again_only_where_its_steps_are_trained_again(vae: VaeConfig, digits: Digits) -> None:
    whole = list(pulled_at(vae, digits, 8, {"beta": 2.0}))
    [found] = [event for event in whole if isinstance(event, Changed)]
    for state, told in zip(states(whole)[:-1], ([found], []), strict=True):
        resumed = train(vae, digits, resume=unpack(state), levers=Levers([found]))
        assert [event for event in resumed if isinstance(event, Changed)] == told


@pytest.mark.parametrize("textbook", [False, True])
def test_a_trainer_goes_on_as_one_that_was_built_with_the_new_settings(
    config: GanConfig | VaeConfig, textbook: bool
) -> None:
    images = torch.rand(20, 784, generator=torch.Generator().manual_seed(1))

    def weights(trainer: Trainer) -> list[torch.Tensor]:
        for _ in range(3):
            trainer.step(images)
        return [p.detach() for network in trainer.networks.values() for p in network.parameters()]

    changed = config.replace(**PULLED[config.kind])
    device = torch.device("cpu")
    trainer = build_trainer(config, device, textbook=textbook)
    change(trainer, changed, 1)
    wanted = weights(build_trainer(changed, device, textbook=textbook))
    plain = weights(build_trainer(config, device, textbook=textbook))
    found = weights(trainer)
    assert all(torch.equal(a, b) for a, b in zip(found, wanted, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(found, plain, strict=True))


def test_the_change_takes_effect_at_the_next_step_and_is_told_before_it(vae: VaeConfig, digits: Digits) -> None:
    plain, levered = list(train(vae, digits)), list(pulled_at(vae, digits, 4, {"learning_rate": 0.1}))
    place = next(i for i, event in enumerate(levered) if isinstance(event, Changed))
    assert isinstance(levered[place + 1], Step) and levered[place + 1].step == 5
    one, two = ([e.measures for e in events if isinstance(e, Step)] for events in (plain, levered))
    assert (
        one[:4] == two[:4] and one[4]["gradient"] == two[4]["gradient"]
    )  # step 5's losses are of the weights before it
    assert one[5]["reconstruction"] != two[5]["reconstruction"]


def test_nothing_asked_changes_nothing(config: GanConfig | VaeConfig, digits: Digits) -> None:
    plain, levered = (
        [to_json(event) for event in train(config, digits, clock=Clock(), levers=levers)] for levers in (None, Levers())
    )
    assert plain == levered


def test_the_same_value_again_is_no_change(vae: VaeConfig, digits: Digits) -> None:
    assert not [e for e in pulled_at(vae, digits, 4, {"beta": vae.beta}) if isinstance(e, Changed)]


def test_of_two_changes_that_exclude_each_other_the_earlier_counts(gan: GanConfig, digits: Digits) -> None:
    levers = Levers()
    levers.ask({"discriminator_steps": 0})
    levers.ask({"generator_steps": 0})
    [found] = [event for event in train(gan, digits, levers=levers) if isinstance(event, Changed)]
    assert (found.step, found.after) == (1, {"discriminator_steps": 0})


def test_products_of_new_shapes_get_the_number_of_threads_that_the_run_started_with() -> None:
    started = Started("gan", {}, 0, 0, 9, 9, "cpu", 1, "float32", {}, 1.0)
    used: list[int] = []
    for lever, wanted in (("beta", False), ("discriminator_steps", True)):
        used.clear()
        events: list[Event] = [started, Step(1, 1, {}), Changed(1, 2, {lever: 1}, {lever: 2}), Step(2, 1, {})]
        assert list(tune_threads(iter(events), lambda: 8, use=used.append)) == events
        assert (used[-1] == torch.get_num_threads() and len(used) == 2) == wanted


def test_levers_that_reshape() -> None:
    assert Levers([Changed(1, 2, {"generator_steps": 1}, {"generator_steps": 2})]).reshape
    assert not Levers([Changed(1, 2, {"real_label": 1}, {"real_label": 0.9})]).reshape


# A learning rate that falls from epoch to epoch


def test_a_falling_rate_is_one_that_someone_lowers_after_each_epoch(
    config: GanConfig | VaeConfig, digits: Digits
) -> None:
    steps, constant = 6, config.replace(epochs=4)
    names = [name for name in RATES.values() if hasattr(config, name)]
    lowered = [
        Changed(epoch, (epoch - 1) * steps + 1, {}, {name: getattr(config, name) * share for name in names})
        for epoch, share in ((2, 0.75), (3, 0.5), (4, 0.25))
    ]
    falling = states(train(constant.replace(learning_rate_decay="linear"), digits))
    for found, wanted in zip(falling, states(train(constant, digits, levers=Levers(lowered))), strict=True):
        one, two = unpack(found).tensors, unpack(wanted).tensors
        assert one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)
    last, plain = unpack(falling[-1]).tensors, unpack(states(train(constant, digits))[-1]).tensors
    assert not all(torch.equal(last[name], plain[name]) for name in last)


def test_a_falling_rate_goes_on_where_it_was_after_a_resume_and_a_change(
    config: GanConfig | VaeConfig, digits: Digits
) -> None:
    falling = config.replace(epochs=3, learning_rate_decay="linear")
    whole = list(pulled_at(falling, digits, 9, PULLED[config.kind]))  # within the second epoch
    [found] = [event for event in whole if isinstance(event, Changed)]
    for state in states(whole)[:-1]:
        resumed = train(falling, digits, resume=unpack(state), levers=Levers([found]))
        again, wanted = ([unpack(each).tensors for each in those] for those in (states(resumed), states(whole)))
        for one, two in zip(again, wanted[unpack(state).epoch :], strict=True):
            assert all(torch.equal(one[name], two[name]) for name in two)
