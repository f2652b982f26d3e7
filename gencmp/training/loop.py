"""The training loop of both models: a generator of events. It prints nothing and writes no files."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from gencmp.data.digits import UNLABELLED, Digits, entropy_floor
from gencmp.events import (
    GRADIENT_NORMS,
    MEASURES,
    SPREAD,
    STEP_EVENTS,
    Checkpoint,
    Epoch,
    Event,
    Finished,
    Preview,
    Started,
    Step,
)
from gencmp.graphics.positions import centres, spread_of
from gencmp.models.gan import Gan
from gencmp.models.snapshot import Snapshot, load_state, optimiser_of, pack, state_of, weights_of
from gencmp.models.vae import Vae
from gencmp.settings.configs import CONSTANT, Config
from gencmp.settings.own_folder import portable
from gencmp.training.build import Model, Trainer, build_trainer, pick_device, to_pictures
from gencmp.training.by_hand import ByHand
from gencmp.training.changes import Levers, change, changed
from gencmp.training.cuda_graph import stepper
from gencmp.training.divergence import refuse_absurd, refuse_nan
from gencmp.training.meters import RunningMean, Stopwatch
from gencmp.training.moments import by_phases, laid_out
from gencmp.training.processor import flush_denormals, processor_facts
from gencmp.training.schedule import kept_epochs
from gencmp.version import versions

SAMPLES = 64
MAX_RECONSTRUCTIONS = 10
TEST_BATCH = 1000
PREVIEWS_PER_EPOCH = 6
SAMPLE_SEED = 20_000  # the noise is fixed, so that the same 64 pictures grow clearer from epoch to epoch


def train(
    config: Config,
    digits: Digits,
    resume: Snapshot | None = None,
    clock: Callable[[], float] = time.perf_counter,
    start: Snapshot | None = None,
    levers: Levers | None = None,
    by_hand: ByHand | None = None,
) -> Iterator[Event]:
    """Train a model. Yields Started and a Preview; for each epoch Steps, Previews, an Epoch and a Checkpoint; then Finished.
    When settings are changed meanwhile, a Changed before the first step that has them; while it is watched by hand, a Moment
    before each minibatch and after each of its phases.

    Training is paused while the caller handles an event.
    The same settings, seed, device, type of processor and thread record give the same bits.

    resume: the full state of an earlier part of the same run; training continues with the next epoch.
    start:  another run's epoch to start from; the epoch count continues from it. With its full state, the optimiser and, if the
        seed is the same, the random numbers continue, too, so that the same settings continue that run exactly.
        With its weights alone, the optimiser is new.
    levers: the user's changes of settings, and those of an earlier part of the run.
    by_hand: whether someone watches each phase; by default nobody does.

    Raises DeviceError, SnapshotError (resume or start does not fit), TrainingFailed (diverged, see divergence.py).

    Denormal numbers (below 1e-38) are flushed to 0 in the calling thread from now on. If that thread has already run
    parallel torch operations, torch's other threads still compute with them: the weights come out the same to the bit,
    but late in training a step may be slower on some processors. To avoid this, call processor.flush_denormals when
    the process starts.
    """
    flush_denormals()
    device = pick_device(config.device)
    trainer = build_trainer(config, device, start)
    model = trainer.model
    if resume is not None:
        load_state(trainer, resume)
    elif start is not None and start.resumable:
        load_state(trainer, start, rng=start.config.seed == config.seed)
    levers, by_hand = levers or Levers(), by_hand or ByHand()
    digits = digits.to(device)
    test = list(digits.test.batches(TEST_BATCH))
    steps_per_epoch = -(-len(digits.train) // config.batch_size)
    step_event_interval = step_interval(steps_per_epoch * config.epochs)
    preview_interval = -(-steps_per_epoch // PREVIEWS_PER_EPOCH)
    first = start.epoch if start else 0
    epoch, step, seconds = (
        (resume.epoch, resume.step, resume.seconds) if resume else (first, first * steps_per_epoch, 0.0)
    )
    config_now = levers.before(config, 0, step)
    change(trainer, config_now, epoch + 1)
    train_step = stepper(trainer, device, config.batch_size)
    machine = f"{platform.system()} {platform.machine()}"
    yield Started(
        config.kind, config.to_dict(), epoch, step, steps_per_epoch * config.epochs, len(digits.train), device.type,
        torch.get_num_threads(), precision_of(trainer), versions(torch=torch.__version__, machine=machine), entropy_floor(digits.test),
        machine=processor_facts(), data=digits.facts, classes=list(digits.classes),
    )  # fmt: skip
    yield Preview(epoch, step, preview(model, digits, test[0]))

    for epoch in range(epoch + 1, config.epochs + 1):  # noqa: B020  continues from the epoch above
        stopwatch = Stopwatch(clock)  # the caller's time does not count as training time
        since_event, whole_epoch = RunningMean(), RunningMean()
        order = torch.Generator().manual_seed(config.seed * 1_000_003 + epoch) if config.shuffle else None
        if config.learning_rate_decay != CONSTANT:
            change(trainer, config_now, epoch)
            train_step = stepper(trainer, device, config.batch_size)
        for images in digits.train.batches(config.batch_size, order):
            step += 1
            if by_hand.watches(step):
                with stopwatch.halt():
                    yield laid_out(trainer, images, epoch, step)
            if levers.is_due(step):
                before, config_now = config_now, levers.at(config_now, step)
                if pulled := changed(before, config_now, epoch, step):
                    change(trainer, config_now, epoch)
                    train_step = stepper(trainer, device, config.batch_size)  # a captured step contains the settings
                    with stopwatch.halt():
                        yield pulled
            learnt = None
            if by_hand.watches(step):
                measures, learnt = yield from by_phases(trainer, images, epoch, step, by_hand, stopwatch)
            else:
                measures = train_step(images)
            since_event.add(measures)
            whole_epoch.add(measures)
            if step % step_event_interval == 0:
                values = torch.cat((since_event.flush(), trainer.gradient_norms()))  # one GPU synchronisation, not two
                event = Step(step, epoch, _named((*MEASURES[config.kind], *GRADIENT_NORMS[config.kind]), values))
                refuse_nan(event.measures, epoch, step)
                with stopwatch.halt():
                    yield event
            if step % preview_interval == 0:
                with stopwatch.halt():
                    yield Preview(epoch, step, preview(model, digits, test[0]))
            if learnt and by_hand.active:
                with stopwatch.halt():
                    yield learnt
        means, last = (_named(MEASURES[config.kind], each) for each in (whole_epoch.flush(), measures))
        refuse_nan(last, epoch, step)
        took = stopwatch.seconds
        seconds += took
        figures, arrays = evaluate_epoch(model, digits, test)
        refuse_nan(figures, epoch, step)  # the last step may have ruined the weights, which must not be stored then
        refuse_absurd(config_now, means, last, figures, epoch, step)
        yield Epoch(epoch, step, took, len(digits.train) / max(took, 1e-9), means, last, figures, arrays)
        yield _checkpoint(trainer, config, digits, epoch, step, seconds)
    yield Finished(epoch, step, seconds)


def step_interval(steps: int) -> int:
    """Minibatches from one Step event to the next, so that no run yields more than STEP_EVENTS of them."""
    return max(1, -(-steps // STEP_EVENTS))


def precision_of(trainer: Trainer) -> str:
    """The precision of the trainer's matmuls: "float32" or "bfloat16"."""
    return str(trainer.compute_dtype).removeprefix("torch.")


@contextmanager
def _eval_mode(model: Model, device: torch.device) -> Iterator[torch.Generator]:
    """Eval mode without gradients, and a separate random generator, so that evaluating never changes the training."""
    for network in model.networks.values():
        network.eval()
    with torch.no_grad():
        yield torch.Generator(device).manual_seed(SAMPLE_SEED)
    for network in model.networks.values():
        network.train()


def preview(model: Model, digits: Digits, images: Tensor) -> dict[str, np.ndarray]:
    """The 64 fixed-noise samples; for a VAE also the latent means of `images`, the first test images [n, 784]."""
    with _eval_mode(model, images.device) as fixed:
        arrays = {"samples": to_pictures(model.sample(SAMPLES, fixed))}
        return arrays | (_plane(model, [images], digits.test.labels) if isinstance(model, Vae) else {})


def evaluate_epoch(model: Model, digits: Digits, test: list[Tensor]) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """The measures on the test set, and all arrays of an Epoch event. test: batches of pixels [n, 784] in [0, 1]."""
    arrays = preview(model, digits, test[0])
    with _eval_mode(model, test[0].device) as fixed:
        figures = model.figures(test) | _spread(arrays["samples"])
        if isinstance(model, Gan):
            figures |= model.silent(test[0], fixed)
        if isinstance(model, Vae):
            originals = test[0][_one_of_each(digits.test.labels[: len(test[0])])]
            arrays |= {
                "originals": to_pictures(originals),
                "reconstructions": to_pictures(model.reconstruct(originals)),
            }
            arrays |= _plane(model, test, digits.test.labels)
        return figures, arrays


def _spread(samples: np.ndarray) -> dict[str, float]:
    """How far the centres of mass of the samples lie from their mean, in pixels; {} if none of them has any ink."""
    points = centres(samples)
    return {SPREAD: spread_of(points).wide} if len(points) else {}


def _plane(model: Vae, images: list[Tensor], labels: Tensor) -> dict[str, np.ndarray]:
    means = model.means(images).half().cpu().numpy()
    return {"means": means, "labels": labels[: len(means)].cpu().numpy()}


def _named(names: tuple[str, ...], values: Tensor) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def _checkpoint(trainer: Trainer, config: Config, digits: Digits, epoch: int, step: int, seconds: float) -> Checkpoint:
    portable_config = config.replace(dataset=portable(config.dataset))
    data = {"name": digits.name, "fingerprint": digits.fingerprint}

    def packed(tensors: Mapping[str, Tensor]) -> bytes:
        return pack(Snapshot(portable_config, epoch, step, seconds, tensors, data=data))

    state = packed(state_of(trainer))
    if epoch not in kept_epochs(config.epochs, config.keep_per_decade):
        return Checkpoint(epoch, step, state, None)
    return Checkpoint(epoch, step, state, packed(weights_of(trainer)), packed(optimiser_of(trainer)))


def _one_of_each(labels: Tensor) -> Tensor:
    """The row of the first picture of each class, in class order; with more than ten classes, of ten evenly spaced ones.
    Without labels, the first ten rows."""
    labels = labels.cpu()
    found = labels[labels != UNLABELLED].unique()
    if len(found) > MAX_RECONSTRUCTIONS:
        found = found[torch.linspace(0, len(found) - 1, MAX_RECONSTRUCTIONS).round().long()]
    rows = [int((labels == label).nonzero()[0]) for label in found]
    return torch.tensor(rows or list(range(min(MAX_RECONSTRUCTIONS, len(labels)))))
