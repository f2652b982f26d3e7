"""Training watched by hand: the law that watching changes nothing, and what a Moment tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from conftest import Clock
from convolutional import with_convolutions

from gencmp.data.digits import Digits
from gencmp.errors import TrainingFailed
from gencmp.events import Changed, Checkpoint, Epoch, Event, Moment, Step, to_json
from gencmp.models.snapshot import state_of, unpack, weights_of
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.training import loop
from gencmp.training.build import Trainer, build_trainer, to_pictures
from gencmp.training.by_hand import ByHand, turns_of
from gencmp.training.changes import Levers
from gencmp.training.loop import train
from gencmp.training.meters import Stopwatch
from gencmp.training.moments import by_phases

CPU = torch.device("cpu")
Choose = Callable[[int], bool]

# whether the training is watched from the n-th event on, by n
PACES: dict[str, Choose] = {
    "each phase": lambda n: True,
    "ten steps at full speed, then ten by hand": lambda n: n // 10 % 2 == 1,
    "now and then": lambda n: n % 7 < 3,
    "turned off within a minibatch": lambda n: n % 4 != 2,
}
TURNS = [(1, 1), (2, 0), (0, 2), (2, 3)]


@pytest.fixture(params=["fast", "textbook", "convolutional"])
def trainers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of trainer, as `train` builds it."""
    if request.param == "textbook":
        monkeypatch.setattr(loop, "build_trainer", partial(build_trainer, textbook=True))
    if request.param == "convolutional":
        monkeypatch.setattr("gencmp.training.build.build_model", with_convolutions)
    return str(request.param)


@pytest.fixture(params=["vae", *TURNS], ids=str)
def config(request: pytest.FixtureRequest, gan: GanConfig, vae: VaeConfig) -> Config:
    """The VAE, and the GAN with several numbers of turns."""
    if request.param == "vae":
        return vae.replace(epochs=2)
    of_d, of_g = request.param
    return gan.replace(epochs=2, discriminator_steps=of_d, generator_steps=of_g)


def watched(config: Config, digits: Digits, choose: Choose, levers: Levers | None = None, **facts: Any) -> list[Event]:
    """The events of a training that is watched where `choose` says so."""
    by_hand, events = ByHand(), []
    for number, event in enumerate(train(config, digits, clock=Clock(), by_hand=by_hand, levers=levers, **facts)):
        by_hand.active = choose(number)
        events.append(event)
    return events


def moments(events: Any) -> list[Moment]:
    return [event for event in events if isinstance(event, Moment)]


def told(events: Any) -> list[str]:
    """All that is not a Moment, to the bit: losses, pictures, weights, the optimiser, the random state."""
    return [to_json(event) for event in events if not isinstance(event, Moment)]


# The law


@pytest.mark.parametrize("pace", PACES)
def test_watching_changes_no_bit(config: Config, trainers: str, digits: Digits, pace: str) -> None:
    plain, seen = list(train(config, digits, clock=Clock())), watched(config, digits, PACES[pace])
    assert moments(seen) and told(seen) == told(plain)


@pytest.mark.parametrize("at", [2, 6])  # within an epoch of six steps, and at its end
def test_a_lever_pulled_within_a_watched_minibatch_acts_from_the_next_one_as_if_nobody_watched(
    config: Config, digits: Digits, at: int
) -> None:
    after = {"beta": 4.0} if config.kind == "vae" else {"real_label": 0.7, "generator_steps": 2}
    levers, by_hand, seen = Levers(), ByHand(True), []
    for event in train(config, digits, clock=Clock(), levers=levers, by_hand=by_hand):
        if isinstance(event, Moment) and (event.step, event.phase) == (at, 1):
            levers.ask(after)
        seen.append(event)
    [found] = [event for event in seen if isinstance(event, Changed)]
    assert found.step == at + 1
    assert told(seen) == told(train(config, digits, clock=Clock(), levers=Levers([found])))


def test_a_lever_pulled_while_a_minibatch_is_laid_out_acts_in_it(vae: VaeConfig, digits: Digits) -> None:
    levers, by_hand = Levers(), ByHand(True)
    for event in train(vae, digits, levers=levers, by_hand=by_hand):
        if isinstance(event, Moment) and (event.step, event.phase) == (3, 0):
            levers.ask({"beta": 2.0})
        if isinstance(event, Changed):
            assert event.step == 3
            return
    pytest.fail("nothing changed")


def test_resumed_is_the_same_watched_or_not(config: Config, digits: Digits) -> None:
    plain = list(train(config, digits, clock=Clock()))
    [first, last] = [event for event in plain if isinstance(event, Checkpoint)]
    resumed = watched(config, digits, lambda n: True, resume=unpack(first.state))
    assert [event.state for event in resumed if isinstance(event, Checkpoint)] == [last.state]


@pytest.mark.parametrize("textbook", [False, True])
def test_a_step_is_its_phases(config: Config, digits: Digits, textbook: bool) -> None:
    one, other = (build_trainer(config, CPU, textbook=textbook) for _ in range(2))
    for images in digits.train.batches(50):
        whole, phases = one.step(images), list(other.phases(images))
        assert [phase.acts for phase in phases] == list(turns_of(config))
        assert not whole.requires_grad and {name for phase in phases for name in phase.measures}
    assert all(torch.equal(a, b) for a, b in zip(state_of(one).values(), state_of(other).values(), strict=True))


# Who moves


@pytest.mark.parametrize("textbook", [False, True])
def test_only_the_acting_network_moves(config: Config, digits: Digits, textbook: bool) -> None:
    trainer = build_trainer(config, CPU, textbook=textbook)
    before = copied(trainer)
    for phase in trainer.phases(next(digits.train.batches(50))):
        after = copied(trainer)
        for name, weights in after.items():
            acts = phase.acts == "vae" or f"/{phase.acts}/" in name
            assert torch.equal(weights, before[name]) != acts, (phase.acts, name)
        before = after


def copied(trainer: Trainer) -> dict[str, torch.Tensor]:
    return {name: weights.clone() for name, weights in weights_of(trainer).items()}


def test_moved_is_zero_for_the_network_at_rest_alone(config: Config, trainers: str, digits: Digits) -> None:
    for moment in moments(watched(config, digits, lambda n: True)):
        for name, changes in moment.moved.items():
            acts = moment.acts in (name, "vae")
            assert len(changes) == 2 and all((change > 0) == acts for change in changes)


def stepped(trainer: Trainer, images: torch.Tensor) -> list[Moment]:
    """The Moments of one minibatch that is watched."""
    phases, found = by_phases(trainer, images, 1, 1, ByHand(True), Stopwatch(Clock())), []
    while True:
        try:
            found.append(next(phases))
        except StopIteration as end:
            return [*found, end.value[1]]


def test_moved_is_the_relative_change_of_each_layers_matrix(vae: VaeConfig, digits: Digits) -> None:
    images = next(digits.train.batches(50))
    trainer = build_trainer(vae, CPU)
    before = copied(trainer)
    [moment] = stepped(trainer, images)
    after = copied(trainer)
    for network in ("encoder", "decoder"):
        for layer, found in enumerate(moment.moved[network]):
            name = f"model/{network}/layers.{layer}.weight"
            wanted = (after[name] - before[name]).double().norm() / before[name].double().norm()
            assert found == pytest.approx(float(wanted), rel=1e-4)


# What a Moment tells


def test_the_last_moment_of_a_step_comes_after_all_else_that_the_step_tells(gan: GanConfig, digits: Digits) -> None:
    names = [type(event).__name__ for event in train(gan, digits, by_hand=ByHand(True))]
    assert names[2:7] == ["Moment", "Moment", "Step", "Preview", "Moment"]
    assert names[27:33] == ["Moment", "Moment", "Step", "Preview", "Moment", "Epoch"]


def test_the_phases_of_a_step_in_order(config: Config, digits: Digits) -> None:
    turns = turns_of(config)
    seen = moments(watched(config, digits, lambda n: True))
    assert len(seen) == 12 * (len(turns) + 1)
    for step in range(1, 13):
        mine = [moment for moment in seen if moment.step == step]
        assert [moment.acts for moment in mine] == ["", *turns]
        assert [moment.next for moment in mine] == [*turns, turns[0]]
        assert [moment.phase for moment in mine] == list(range(len(turns) + 1))
        assert [moment.ends_step for moment in mine] == [False] * len(turns) + [True]
        assert {moment.epoch for moment in mine} == {1 + (step > 6)}


def test_several_turns_are_counted(gan: GanConfig, digits: Digits) -> None:
    config = gan.replace(discriminator_steps=2, generator_steps=3)
    seen = moments(watched(config, digits, lambda n: True))[:6]
    assert [(moment.turn, moment.turns) for moment in seen] == [(0, 0), (1, 2), (2, 2), (1, 3), (2, 3), (3, 3)]


def test_a_phase_tells_its_own_losses(config: Config, digits: Digits) -> None:
    names = {
        "": set(), "discriminator": {"discriminator_loss", "d_real", "d_fake"}, "generator": {"generator_loss", "d_fake"},
        "vae": {"reconstruction", "kl"},
    }  # fmt: skip
    last: dict[str, float] = {}
    for event in watched(config, digits, lambda n: True):
        if isinstance(event, Step):
            told = event.measures
        if isinstance(event, Moment):
            assert set(event.measures) == names[event.acts]
            last = {**last, **event.measures} if event.acts else {}
            assert not event.ends_step or all(told[name] == value for name, value in last.items())


def test_what_is_shown_of_a_gan(gan: GanConfig, digits: Digits) -> None:
    order = torch.Generator().manual_seed(gan.seed * 1_000_003 + 1)
    images = next(digits.train.batches(50, order))
    laid_out, of_d, of_g = moments(watched(gan, digits, lambda n: True))[:3]
    assert all(np.array_equal(each.arrays["real"], to_pictures(images[:8])) for each in (laid_out, of_d, of_g))
    assert set(laid_out.arrays) == {"real"} and laid_out.opinions == {}
    assert not np.array_equal(of_d.arrays["fakes"], of_g.arrays["fakes"]) and of_g.arrays["fakes"].shape == (8, 28, 28)
    assert {name: len(each) for name, each in of_d.opinions.items()} == {"real": 8, "fakes": 8}
    assert {name: len(each) for name, each in of_g.opinions.items()} == {"fakes": 8}


def test_opinions_are_of_the_pictures_shown_before_the_update(gan: GanConfig, digits: Digits) -> None:
    config = gan.replace(discriminator_dropout=0.0, generator_dropout=0.0, precision="float32")
    trainer, images = build_trainer(config, CPU), next(digits.train.batches(50))
    of_d, _ = stepped(trainer, images)
    shown = torch.as_tensor(of_d.arrays["fakes"]).view(8, 784) / 127.5 - 1
    before = build_trainer(config, CPU).networks["discriminator"]
    with torch.no_grad():
        wanted = [torch.sigmoid(before(each)).flatten().tolist() for each in (images[:8] * 2 - 1, shown)]
    assert of_d.opinions["real"] == pytest.approx(wanted[0], abs=1e-5)
    assert of_d.opinions["fakes"] == pytest.approx(wanted[1], abs=1e-3)  # the pictures are rounded to 256 levels


@pytest.mark.parametrize("latents", [1, 2, 5])
def test_what_is_shown_of_a_vae(vae: VaeConfig, digits: Digits, latents: int) -> None:
    laid_out, learnt = moments(watched(vae.replace(latent_size=latents, batch_size=299), digits, lambda n: True))[:2]
    assert set(laid_out.arrays) == {"real"} and laid_out.opinions == learnt.opinions == {}
    for name in ("mean", "std", "z"):
        assert learnt.arrays[name].dtype == np.float32 and learnt.arrays[name].shape == (8, min(latents, 2))
    assert (learnt.arrays["std"] > 0).all()
    assert not np.array_equal(learnt.arrays["z"], learnt.arrays["mean"])
    assert learnt.arrays["reconstructions"].dtype == np.uint8 and learnt.arrays["reconstructions"].shape == (8, 28, 28)


def test_a_last_minibatch_of_one_picture(config: Config, digits: Digits) -> None:
    last = moments(watched(config.replace(batch_size=299), digits, lambda n: True))[-1]
    assert last.arrays["real"].shape == (1, 28, 28)


@pytest.mark.parametrize("textbook", [False, True])
def test_what_the_vae_decoded_is_its_picture(vae: VaeConfig, digits: Digits, textbook: bool) -> None:
    trainer, images = (
        build_trainer(vae.replace(precision="float32"), CPU, textbook=textbook),
        next(digits.train.batches(50)),
    )
    decoder = build_trainer(vae, CPU).networks["decoder"]
    [phase] = trainer.phases(images)
    with torch.no_grad():
        wanted = torch.sigmoid(decoder(phase.latents["z"]))
    torch.testing.assert_close(phase.made(), wanted, rtol=1e-4, atol=1e-5)


def test_time_at_a_moment_is_no_training_time(vae: VaeConfig, digits: Digits) -> None:
    clock, seconds = Clock(), []
    for event in train(vae, digits, clock=clock, by_hand=ByHand(True)):
        clock.now += 5
        if isinstance(event, Epoch):
            seconds.append(event.seconds)
    assert seconds == [0, 0, 0]


def test_nobody_watches_by_default(config: Config, digits: Digits) -> None:
    assert not moments(train(config, digits)) and not moments(train(config, digits, by_hand=ByHand()))


def test_a_training_that_diverges_says_so_at_its_moment(vae: VaeConfig, digits: Digits) -> None:
    wild = vae.replace(learning_rate=10.0, batch_size=300, latent_size=64, encoder_widths=(64,))
    seen: list[Event] = []

    def watch() -> Iterator[Event]:
        yield from train(wild, digits, by_hand=ByHand(True))

    with pytest.raises(TrainingFailed, match="the training has diverged"):
        seen.extend(watch())
    assert not [event for event in seen if isinstance(event, Checkpoint)]
    assert all(np.isfinite(value) for moment in moments(seen) for value in moment.measures.values())


def test_stopped_within_a_minibatch_closes_quietly(config: Config, digits: Digits) -> None:
    events: Any = train(config, digits, by_hand=ByHand(True))
    next(event for event in events if isinstance(event, Moment) and event.acts)
    events.close()
    assert next(events, None) is None
