"""The cheap part of the verdict, while a model trains: after each kept epoch, and without touching the training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import torch
from conftest import Clock
from there import there

from gencmp.data.digits import Digits
from gencmp.data.load import load
from gencmp.evaluation import checkups
from gencmp.evaluation.checkups import CheckupFigures, checkup_figures, is_due
from gencmp.evaluation.judges.training import judge_of
from gencmp.evaluation.real_digits import Real
from gencmp.events import RECOGNISABLE, Checkpoint, Checkup, from_json, to_json
from gencmp.files import SHIPPED
from gencmp.models.snapshot import Snapshot, read, unpack, weights_of
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import build_trainer, sample
from gencmp.training.loop import train


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkups, "COUNT", 100)


def test_a_checkup_follows_each_checkpoint_that_keeps_weights(few: None, vae: VaeConfig, digits: Digits) -> None:
    events = list(checkups.with_checkups(train(vae.replace(epochs=2), digits), vae))
    kinds = [type(event).__name__ for event in events if isinstance(event, (Checkpoint, Checkup))]
    assert kinds == ["Checkpoint", "Checkup"] * 2
    [first, second] = [event for event in events if isinstance(event, Checkup)]
    assert sum(first.digits) == pytest.approx(1)
    assert 0 < second.floor < second.frechet
    assert to_json(from_json(to_json(first))) == to_json(first)


def test_between_kept_epochs_every_fifth_is_looked_at(few: None, vae: VaeConfig, digits: Digits) -> None:
    """By the state's weights, where none are kept for replay."""
    events = list(train(vae.replace(epochs=2), digits))
    state = next(event for event in events if isinstance(event, Checkpoint))
    unkept = [replace(state, epoch=epoch, weights=None) for epoch in range(1, 12)]
    assert [each.epoch for each in unkept if is_due(each)] == [5, 10]
    told = [event for event in checkups.with_checkups(iter_of(unkept), vae) if isinstance(event, Checkup)]
    [kept] = [event for event in checkups.with_checkups(iter_of([state]), vae) if isinstance(event, Checkup)]
    assert [each.epoch for each in told] == [5, 10]
    assert {each.frechet for each in told} == {kept.frechet}, "the same weights"


def iter_of(events: Any) -> Iterator[Any]:
    """As train gives them: a generator."""
    yield from events


def test_the_floor_is_found_once(few: None, vae: VaeConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []
    monkeypatch.setattr(
        checkups,
        "checkup_figures",
        lambda images, real: looked.append(images) or CheckupFigures(len(looked), (0.1,) * 10, ()),
    )
    told = [
        event
        for event in checkups.with_checkups(train(vae.replace(epochs=2), digits), vae)
        if isinstance(event, Checkup)
    ]
    assert [(each.frechet, each.floor) for each in told] == [(2, 1), (3, 1)]


def test_looking_does_not_touch_the_training(few: None, gan: GanConfig, digits: Digits) -> None:
    plain, seen = (train(gan, digits, clock=Clock()) for _ in range(2))  # a state's header holds how long it took
    watched = checkups.with_checkups(seen, gan)
    states, states_watched = ([e.state for e in events if isinstance(e, Checkpoint)] for events in (plain, watched))
    assert states == states_watched


def test_d_is_asked_about_the_pictures_that_the_run_trains_on(
    few: None, gan: GanConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a limited run, too: of other training pictures D has learnt no more than of test pictures."""
    asked = []
    monkeypatch.setattr(checkups, "_of_gan", lambda model, seen, real: asked.append(seen) or {})
    config = gan.replace(limit=70, epochs=1)
    list(checkups.with_checkups(train(config, load(config)), config))
    assert [len(each) for each in asked] == [70] and torch.equal(asked[0], load(config).train.images)


def test_data_without_a_judge_are_not_checked_up_on(
    monkeypatch: pytest.MonkeyPatch, gan: GanConfig, digits: Digits
) -> None:
    monkeypatch.setattr(checkups, "judge_key", lambda dataset: "")
    assert not [event for event in checkups.with_checkups(train(gan, digits), gan) if isinstance(event, Checkup)]


def test_the_store_tells_the_newest(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    assert store.queries.checkup(run.id) is None
    for epoch in (1, 3, 2):
        store.add_checkup(run.id, Checkup(epoch, 10 * epoch, 5.0, 0.5, (0.1,) * 10, (7,)))
    told = there(store.queries.checkup(run.id))
    assert (told["epoch"], told["frechet"], told["missing"]) == (3, 5.0, [7])


# One checkup_figures


@pytest.fixture(scope="module")
def real(mnist: Digits) -> Real:
    """MNIST, small: 1,000 digits to measure against, of 2,200 to train on."""
    train, test = mnist.train.images[:2200], mnist.test.images[::10]
    return Real("mnist", judge_of("mnist"), test, train[:1000], train[1000:2000], train)


def test_a_checkup_sees_collapse(real: Real) -> None:
    ones = real.train[real.judge(real.train).digits == 1]
    healthy, collapsed = checkup_figures(real.stand_in, real), checkup_figures(ones.repeat(5, 1)[:1000], real)
    assert healthy.frechet < 2 < collapsed.frechet
    assert healthy.missing == () and collapsed.missing == (0, 2, 3, 4, 5, 6, 7, 8, 9)
    assert collapsed.digits[1] == 1


def test_a_checkup_takes_pictures_as_they_are_drawn(real: Real, vae: VaeConfig, digits: Digits) -> None:
    weights = [event.weights for event in train(vae, digits) if isinstance(event, Checkpoint)][-1]
    images = sample(unpack(there(weights)), 60, 0)
    assert checkup_figures(images, real) == checkup_figures(torch.from_numpy(images).flatten(1), real)


# Not digits yet


def noise() -> dict[str, torch.Tensor]:
    """Pictures that nobody takes for digits."""
    rng = torch.Generator().manual_seed(0)
    shape = (500, 784)
    spots = torch.rand(shape, generator=rng)
    return {
        "uniform": torch.randint(0, 256, shape, generator=rng).to(torch.uint8),
        "dim": torch.randint(0, 64, shape, generator=rng).to(torch.uint8),
        "grey": (torch.randn(shape, generator=rng) * 20 + 128).clamp(0, 255).to(torch.uint8),
        "sparse": ((spots < 0.05) * 255).to(torch.uint8),
        "spots": ((spots < 0.15) * 255).to(torch.uint8),
        "black": torch.zeros(shape, dtype=torch.uint8),
        "white": torch.full(shape, 255, dtype=torch.uint8),
    }


@pytest.mark.parametrize("kind", noise())
def test_noise_is_not_recognised_however_sure_the_judge_is(real: Real, kind: str) -> None:
    images = noise()[kind]
    found = checkup_figures(images, real)
    assert found.recognised < 0.05
    assert (
        not Checkup(1, 1, found.frechet, 0.0, found.digits, found.missing, found.recognised).recognised >= RECOGNISABLE
    )
    if kind == "uniform":
        assert float(real.judge(images).confidence.min()) > 0.99 and max(found.digits) == 1, "and yet it is no digit"


def test_untrained_models_do_not_draw_digits_yet(real: Real) -> None:
    for config in (GanConfig(), VaeConfig()):
        weights = weights_of(build_trainer(config, torch.device("cpu")))
        assert checkup_figures(sample(Snapshot(config, 0, 0, 0.0, weights), 500, 0), real).recognised < 0.02


def test_the_mean_digit_of_a_collapsed_vae_is_none(real: Real) -> None:
    mean = real.train.float().mean(0).round().to(torch.uint8)
    assert checkup_figures(mean.repeat(100, 1), real).recognised == 0


def test_real_digits_are_recognised(real: Real) -> None:
    found = checkup_figures(real.stand_in, real)
    assert found.recognised > 0.88
    assert Checkup(1, 1, found.frechet, 0.0, found.digits, found.missing, found.recognised).recognised >= RECOGNISABLE


@pytest.mark.parametrize("smudge", ["black", "mean digit"])
def test_what_no_digit_is_like_is_not_called_one_however_sure_the_judge_is(real: Real, smudge: str) -> None:
    pictures = {"black": torch.zeros(784), "mean digit": real.train.float().mean(0)}[smudge].to(torch.uint8)
    found = checkup_figures(pictures.repeat(500, 1), real)
    assert max(found.digits) == 1, "the judge names a class for anything"
    assert found.recognised < 0.01


@pytest.mark.parametrize(
    ("model", "epoch", "least"), [("paper-gan", 50, 0.5), ("paper-gan", 10, 0.15), ("paper-vae", 51, 0.5)]
)
def test_the_shipped_models_draw_digits(real: Real, model: str, epoch: int, least: float) -> None:
    images = sample(read(SHIPPED / model / "epochs" / f"{epoch:05d}.safetensors"), 500, 0)
    assert checkup_figures(images, real).recognised > least


def test_the_first_epoch_of_the_shipped_gan_is_no_digit_yet(real: Real) -> None:
    images = sample(read(SHIPPED / "paper-gan" / "epochs" / "00001.safetensors"), 500, 0)
    assert checkup_figures(images, real).recognised < RECOGNISABLE


def test_a_checkup_of_an_early_version_counts_as_recognised() -> None:
    assert Checkup(1, 1, 5.0, 0.5, (0.1,) * 10, ()).recognised >= RECOGNISABLE
