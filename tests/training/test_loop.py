import itertools
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch
from conftest import Clock

from gencmp.data.digits import Digits, Split, entropy_floor
from gencmp.errors import DeviceError, SnapshotError, TrainingFailed
from gencmp.events import (
    GRADIENT_NORMS,
    MEASURES,
    STEP_EVENTS,
    Checkpoint,
    Epoch,
    Finished,
    Preview,
    Started,
    Step,
    to_json,
)
from gencmp.models.snapshot import unpack
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training import loop
from gencmp.training.build import build_trainer, load_model, pick_device, sample
from gencmp.training.fast_vae import FastVaeTrainer
from gencmp.training.loop import step_interval, train
from gencmp.training.schedule import kept_epochs


def told(events: Any) -> Any:
    """Events as text, to compare all of them at once."""
    return [to_json(event) for event in events]


def of(kind: Any, events: Any) -> Any:
    return [event for event in events if isinstance(event, kind)]


def first(event_type: Any, events: Any) -> Any:
    return next(event for event in events if isinstance(event, event_type))


# What is told


def test_the_order_of_events(config: GanConfig | VaeConfig, digits: Digits) -> None:
    names = [type(event).__name__ for event in train(config.replace(epochs=2), digits)]
    epoch = ["Step", "Preview"] * 6 + ["Epoch", "Checkpoint"]
    assert names == ["Started", "Preview", *epoch, *epoch, "Finished"]


def test_started_tells_the_run(config: GanConfig | VaeConfig, digits: Digits) -> None:
    started = next(train(config, digits))
    assert isinstance(started, Started)
    assert (started.kind, started.epoch, started.step, started.steps, started.images) == (config.kind, 0, 0, 18, 300)
    assert started.config == config.to_dict() and started.versions["torch"] == torch.__version__
    assert started.entropy_floor == entropy_floor(digits.test)


def test_steps_tell_losses_and_gradients(config: GanConfig | VaeConfig, digits: Digits) -> None:
    steps = of(Step, train(config, digits))
    assert [step.step for step in steps] == list(range(1, 19))
    assert [step.epoch for step in steps] == [1] * 6 + [2] * 6 + [3] * 6
    assert tuple(steps[0].measures) == (*MEASURES[config.kind], *GRADIENT_NORMS[config.kind])
    assert all(value > 0 for step in steps for name, value in step.measures.items() if "gradient" in name)


def test_an_epoch_is_the_mean_of_its_steps_and_keeps_the_last(config: GanConfig | VaeConfig, digits: Digits) -> None:
    events = list(train(config, digits))
    measures = [step.measures for step in of(Step, events) if step.epoch == 2]
    epoch = of(Epoch, events)[1]
    for name in MEASURES[config.kind]:
        assert epoch.measures[name] == pytest.approx(np.mean([m[name] for m in measures]), rel=1e-5)
        assert epoch.last[name] == measures[-1][name]


@pytest.mark.parametrize(("activation", "is_told"), [("relu", True), ("leaky_relu", True), ("tanh", False)])
def test_an_epoch_tells_how_many_neurons_are_silent(
    gan: GanConfig, digits: Digits, activation: str, is_told: bool
) -> None:
    config = gan.replace(epochs=2, activation=activation, discriminator_widths=(16, 8))
    epochs = [event for event in train(config, digits) if isinstance(event, Epoch)]
    names = {"silent_generator_1", "silent_discriminator_1", "silent_discriminator_2"}
    for epoch in epochs:
        told = {name: share for name, share in epoch.test.items() if name.startswith("silent")}
        assert set(told) == (names if is_told else set())
        assert all(0 <= share < 1 for share in told.values())


def test_an_epoch_tells_how_far_apart_its_samples_stand(config: GanConfig | VaeConfig, digits: Digits) -> None:
    epoch = first(Epoch, train(config, digits))
    centre = (
        epoch.arrays["samples"].reshape(64, -1)
        @ np.indices((28, 28)).reshape(2, -1).T
        / epoch.arrays["samples"].sum((1, 2))[:, None]
    )
    assert epoch.test["spread"] == pytest.approx(np.sqrt(centre.var(0).sum()))


def test_the_pictures_of_an_epoch(config: GanConfig | VaeConfig, digits: Digits) -> None:
    arrays = first(Epoch, train(config, digits)).arrays
    shapes = {name: (array.dtype.name, array.shape) for name, array in arrays.items()}
    expected: dict[str, Any] = {"samples": ("uint8", (64, 28, 28))}
    if config.kind == "vae":
        expected |= {"originals": ("uint8", (10, 28, 28)), "reconstructions": ("uint8", (10, 28, 28))}
        expected |= {"means": ("float16", (100, 2)), "labels": ("uint8", (100,))}
    assert shapes == expected


def test_originals_are_one_of_each_class(vae: VaeConfig, digits: Digits) -> None:
    originals = first(Epoch, train(vae, digits)).arrays["originals"]
    rows = [digits.test.labels.tolist().index(digit) for digit in range(10)]
    assert np.array_equal(originals, digits.test.images[rows].view(-1, 28, 28).numpy())


def test_pictures_without_labels_are_reconstructed_too(vae: VaeConfig, digits: Digits) -> None:
    nameless = Split(digits.test.images[:4], torch.full((4,), 255, dtype=torch.uint8))
    arrays = first(Epoch, train(vae, Digits("own", digits.train, nameless))).arrays
    assert arrays["originals"].shape == (4, 28, 28)
    assert arrays["labels"].tolist() == [255] * 4


def test_the_speed_counts_training_alone(vae: VaeConfig, digits: Digits) -> None:
    clock, seconds = Clock(), []
    for event in train(vae, digits, clock=clock):
        if isinstance(event, (Epoch, Finished)):
            seconds.append(event.seconds)
        clock.now += 5  # a slow reader
    assert seconds == [0, 0, 0, 0]


def test_seconds_add_up_also_across_a_resume(vae: VaeConfig, digits: Digits) -> None:
    ticking = itertools.count(1.0).__next__
    events = list(train(vae, digits, clock=ticking))
    state = unpack(of(Checkpoint, events)[1].state)
    resumed = list(train(vae, digits, resume=state, clock=ticking))
    assert isinstance(events[-1], Finished) and isinstance(resumed[-1], Finished)
    assert events[-1].seconds == sum(epoch.seconds for epoch in of(Epoch, events)) > 0
    assert resumed[-1].seconds == events[-1].seconds
    assert of(Epoch, events)[0].images_per_second == 300 / of(Epoch, events)[0].seconds


@pytest.mark.parametrize(("steps", "every"), [(1, 1), (5000, 1), (5001, 2), (46_900, 10), (10**7, 2000)])
def test_no_run_tells_too_many_steps(steps: Any, every: int) -> None:
    assert step_interval(steps) == every
    assert steps / step_interval(steps) <= STEP_EVENTS


def test_a_step_event_is_the_mean_since_the_one_before(
    vae: VaeConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    each = [step.measures["kl"] for step in of(Step, train(vae, digits))]
    monkeypatch.setattr(loop, "STEP_EVENTS", 9)
    pairs = of(Step, train(vae, digits))
    assert [step.step for step in pairs] == [2, 4, 6, 8, 10, 12, 14, 16, 18]
    assert [pair.measures["kl"] for pair in pairs] == pytest.approx(
        [(a + b) / 2 for a, b in zip(each[::2], each[1::2], strict=True)], rel=1e-5
    )


# Laws


def test_same_seed_same_events_and_weights_bit_for_bit(config: GanConfig | VaeConfig, digits: Digits) -> None:
    assert told(train(config, digits, clock=Clock())) == told(train(config, digits, clock=Clock()))


def test_another_seed_is_another_model(config: GanConfig | VaeConfig, digits: Digits) -> None:
    one, two = (of(Checkpoint, train(config.replace(seed=seed), digits))[-1] for seed in (0, 1))
    assert one.weights != two.weights


@pytest.mark.parametrize("stop_after", [1, 2])
def test_stopped_and_resumed_is_never_stopped_bit_for_bit(
    config: GanConfig | VaeConfig, digits: Digits, stop_after: int
) -> None:
    whole = told(train(config, digits, clock=Clock()))
    events: Any = train(config, digits, clock=Clock())
    state = next(event.state for event in events if isinstance(event, Checkpoint) and event.epoch == stop_after)
    events.close()
    resumed = told(train(config, digits, resume=unpack(state), clock=Clock()))
    assert resumed[2:] == whole[-len(resumed) + 2 :]  # all but Started and the first Preview
    assert sum('"event": "Checkpoint"' in line for line in resumed) == config.epochs - stop_after


def test_resuming_a_run_that_is_done_only_says_so(vae: VaeConfig, digits: Digits) -> None:
    state = of(Checkpoint, train(vae, digits))[-1].state
    names = [type(event).__name__ for event in train(vae, digits, resume=unpack(state))]
    assert names == ["Started", "Preview", "Finished"]


def test_evaluating_never_changes_training(
    config: GanConfig | VaeConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = of(Checkpoint, train(config, digits, clock=Clock()))
    monkeypatch.setattr(loop, "preview", lambda *_: {})
    monkeypatch.setattr(loop, "evaluate_epoch", lambda *_: ({}, {}))
    unseen = of(Checkpoint, train(config, digits, clock=Clock()))
    assert [event.state for event in seen] == [event.state for event in unseen]


def test_what_others_draw_in_between_never_changes_training(config: GanConfig | VaeConfig, digits: Digits) -> None:
    quiet, disturbed = of(Checkpoint, train(config, digits, clock=Clock())), []
    for event in train(config, digits, clock=Clock()):
        torch.manual_seed(0)
        torch.rand(10), np.random.rand(10)
        disturbed += of(Checkpoint, [event])
    assert [event.state for event in quiet] == [event.state for event in disturbed]


def test_training_teaches(vae: VaeConfig, digits: Digits) -> None:
    losses = [
        epoch.test["negative_elbo"] for epoch in of(Epoch, train(vae.replace(epochs=12, learning_rate=3e-3), digits))
    ]
    assert losses[-1] < 0.5 * losses[0]
    assert losses[-1] > entropy_floor(digits.test)


def test_a_discriminator_alone_learns_to_tell(gan: GanConfig, digits: Digits) -> None:
    events = train(gan.replace(epochs=10, generator_steps=0, discriminator_learning_rate=2e-3), digits)
    last = of(Epoch, events)[-1]
    assert last.measures["d_fake"] < 0.1 and last.measures["d_real"] > 0.7
    assert 0.325 < last.measures["discriminator_loss"] < 0.7


def test_the_fixed_noise_stays_the_same(gan: GanConfig, digits: Digits) -> None:
    events = train(gan.replace(generator_steps=0), digits)
    samples = [event.arrays["samples"] for event in events if isinstance(event, (Preview, Epoch))]
    assert all(np.array_equal(each, samples[0]) for each in samples)


def test_unshuffled_epochs_see_the_pictures_as_they_lie(
    vae: VaeConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    step = FastVaeTrainer.step
    monkeypatch.setattr(FastVaeTrainer, "step", lambda self, images: (seen.append(images), step(self, images))[1])
    list(train(vae.replace(epochs=2, shuffle=False), digits))
    assert torch.equal(torch.cat(seen), torch.cat((digits.train.images, digits.train.images)) / 255)


def test_every_epoch_and_every_seed_has_an_order_of_its_own(
    vae: VaeConfig, digits: Digits, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    step = FastVaeTrainer.step
    monkeypatch.setattr(FastVaeTrainer, "step", lambda self, images: (seen.append(images), step(self, images))[1])
    for seed in (0, 1):
        list(train(vae.replace(epochs=2, seed=seed), digits))
    orders = [torch.cat(seen[start : start + 6]) for start in (0, 6, 12, 18)]
    assert not any(torch.equal(one, other) for one, other in combinations(orders, 2))
    assert all(torch.allclose(order.sum(0), orders[0].sum(0)) for order in orders)


# What is kept


@pytest.mark.parametrize(
    ("epochs", "per_decade", "kept"),
    [(1, 8, {1}), (10, 1, {1, 10}), (12, 2, {1, 3, 10, 12}), (150, 1, {1, 10, 100, 150}), (5, 1000, {1, 2, 3, 4, 5})],
)
def test_the_ladder_of_kept_epochs(epochs: int, per_decade: int, kept: Any) -> None:
    assert kept_epochs(epochs, per_decade) == kept


def test_the_papers_run_keeps_enough_to_replay() -> None:
    kept = kept_epochs(50, 8)
    assert {1, 2, 3, 4, 10, 50} <= kept
    assert 10 <= len(kept) <= 20


def test_checkpoints_keep_weights_on_the_ladder_and_state_always(vae: VaeConfig, digits: Digits) -> None:
    checkpoints = of(Checkpoint, train(vae.replace(epochs=12, keep_per_decade=1), digits))
    assert [event.epoch for event in checkpoints if event.weights] == [1, 10, 12]
    assert all(unpack(event.state).resumable for event in checkpoints)
    assert not unpack(checkpoints[0].weights).resumable


# Sampling


def test_samples_of_a_seed(config: GanConfig | VaeConfig, digits: Digits) -> None:
    snapshot = unpack(of(Checkpoint, train(config, digits))[-1].weights)
    images = sample(snapshot, 5, seed=1)
    assert images.dtype == np.uint8 and images.shape == (5, 28, 28)
    assert np.array_equal(images, sample(snapshot, 5, seed=1))
    assert not np.array_equal(images, sample(snapshot, 5, seed=2))


def test_a_loaded_model_is_at_rest(config: GanConfig | VaeConfig, digits: Digits) -> None:
    model = load_model(unpack(of(Checkpoint, train(config, digits))[-1].weights))
    assert not any(network.training for network in model.networks.values())
    assert not any(p.requires_grad for network in model.networks.values() for p in network.parameters())


def test_the_first_weights_hang_on_the_seed_alone(config: GanConfig | VaeConfig) -> None:
    one, two, other = (
        build_trainer(c, torch.device("cpu")) for c in (config, config.replace(batch_size=7), config.replace(seed=1))
    )
    networks: list[Any] = [next(iter(trainer.networks.values())) for trainer in (one, two, other)]
    weights = [network.layers[0].weight for network in networks]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


# What goes wrong


def test_a_diverged_training_says_so(vae: VaeConfig, digits: Digits) -> None:
    with pytest.raises(
        TrainingFailed,
        match=r"^At epoch \d+, step \d+, .* is (nan|inf): the training has diverged\. Lower the learning rate",
    ):
        list(train(vae.replace(learning_rate=10.0, batch_size=10), digits))


def test_weights_that_diverged_in_the_last_step_are_never_kept(vae: VaeConfig, digits: Digits) -> None:
    one_step = vae.replace(learning_rate=10.0, batch_size=300, latent_size=64, encoder_widths=(64,))
    events: list[Any] = []
    with pytest.raises(TrainingFailed, match="At epoch 1, step 1, "):
        events.extend(train(one_step, digits))
    assert of(Checkpoint, events) == of(Epoch, events) == []


@pytest.mark.skipif(torch.cuda.is_available() or torch.backends.mps.is_available(), reason="there is an accelerator")
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there(vae: VaeConfig, digits: Digits, device: str) -> None:
    with pytest.raises(DeviceError, match=f"This machine has no device {device}. Choose auto, or one of: cpu."):
        next(train(vae.replace(device=device), digits))
    assert pick_device("auto") == torch.device("cpu")


def test_resuming_from_another_models_state_is_refused(vae: VaeConfig, digits: Digits) -> None:
    state = unpack(of(Checkpoint, train(vae, digits))[0].state)
    for config in (vae.replace(encoder_widths=(17,)), vae.replace(latent_size=3), GanConfig()):
        with pytest.raises(SnapshotError, match="this config wants"):
            next(train(config, digits, resume=state))


def test_all_choices_train(digits: Digits) -> None:
    for config in (
        GanConfig(
            noise="normal",
            activation="elu",
            real_label=1.0,
            generator_widths=(8, 8),
            discriminator_widths=(8,),
            noise_size=1,
        ),
        GanConfig(
            activation="tanh",
            discriminator_steps=2,
            generator_widths=(8,),
            discriminator_widths=(8, 8),
            precision="float32",
        ),
        VaeConfig(
            latent_size=5, activation="leaky_relu", reduction="pixel_mean", encoder_widths=(8,), decoder_widths=(8,)
        ),
        VaeConfig(
            latent_size=1,
            activation="relu",
            reduction="mean",
            beta=0.0,
            encoder_widths=(8,),
            decoder_widths=(8,),
            shuffle=False,
        ),
    ):
        assert isinstance(list(train(config.replace(epochs=1, batch_size=299), digits))[-1], Finished)
