"""The one training loop: a generator of events. It prints nothing and writes nothing."""

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
    STEP_EVENTS,
    Checkpoint,
    Epoch,
    Event,
    Finished,
    Preview,
    Started,
    Step,
)
from gencmp.models.snapshot import Snapshot, load_state, pack, state_of, weights_of
from gencmp.models.vae import Vae
from gencmp.settings.configs import Config
from gencmp.settings.own_folder import portable
from gencmp.training.build import Model, Trainer, build_trainer, pick_device, to_pictures
from gencmp.training.cuda_graph import stepper
from gencmp.training.divergence import refuse_absurd, refuse_nan
from gencmp.training.processor import flush_denormals, processor_facts
from gencmp.training.schedule import kept_epochs
from gencmp.version import versions

SAMPLES = 64
RECONSTRUCTIONS = 10  # at most
TEST_BATCH = 1000
PREVIEWS = 6  # an epoch
SAMPLE_SEED = 20_000  # of the fixed noise: the same 64 pictures grow clearer from epoch to epoch


def train(
    config: Config,
    digits: Digits,
    resume: Snapshot | None = None,
    clock: Callable[[], float] = time.perf_counter,
    start: Snapshot | None = None,
) -> Iterator[Event]:
    """Train, yielding Started, then Steps, an Epoch and a Checkpoint each epoch, then Finished.

    Between two yields the model is at rest.
    Same settings, seed, device, kind of processor and thread record: same bits.
    resume: a whole state of this config's own run; training goes on with the epoch after it.
    start:  another run's weights to begin with, in the place of new ones; the optimiser is new, and epochs are counted on.
    Numbers below 1e-38 are flushed to 0 in the calling thread, and stay so. Where that thread has computed in parallel
    before, torch's other threads go on with them as they are: the weights have the same bits, but late in a training a
    step may take longer on some processors. Whoever minds calls processor.flush_denormals first thing.
    Raises DeviceError, SnapshotError (resume or start does not fit), TrainingFailed (it has diverged, see divergence.py).
    """
    flush_denormals()
    device = pick_device(config.device)
    trainer = build_trainer(config, device, start)
    model = trainer.model
    if resume is not None:
        load_state(trainer, resume)
    digits = digits.to(device)
    test = list(digits.test.batches(TEST_BATCH))
    take = stepper(trainer, device, config.batch_size)
    steps_an_epoch = -(-len(digits.train) // config.batch_size)
    every = step_interval(steps_an_epoch * config.epochs)
    first = start.epoch if start else 0
    epoch, step, seconds = (
        (resume.epoch, resume.step, resume.seconds) if resume else (first, first * steps_an_epoch, 0.0)
    )
    machine = f"{platform.system()} {platform.machine()}"
    yield Started(
        config.kind, config.to_dict(), epoch, step, steps_an_epoch * config.epochs, len(digits.train), device.type,
        torch.get_num_threads(), precision_of(trainer), versions(torch=torch.__version__, machine=machine), entropy_floor(digits.test),
        machine=processor_facts(), data=digits.facts, classes=list(digits.classes),
    )  # fmt: skip
    yield Preview(epoch, step, preview(model, digits, test[0]))

    for epoch in range(epoch + 1, config.epochs + 1):  # noqa: B020  the one resumed from is done
        started, paused = clock(), 0.0
        window, whole = _Means(), _Means()
        order = torch.Generator().manual_seed(config.seed * 1_000_003 + epoch) if config.shuffle else None
        for images in digits.train.batches(config.batch_size, order):
            measures = take(images)
            step += 1
            window.add(measures)
            whole.add(measures)
            if step % every == 0:
                seen = torch.cat((window.flush(), trainer.gradient_norms()))  # one wait for a GPU, not two
                told = Step(step, epoch, _named((*MEASURES[config.kind], *GRADIENT_NORMS[config.kind]), seen))
                refuse_nan(told.measures, epoch, step)
                waited = clock()
                yield told
                paused += clock() - waited  # the reader's time is not the training's
            if step % -(-steps_an_epoch // PREVIEWS) == 0:
                waited = clock()
                yield Preview(epoch, step, preview(model, digits, test[0]))
                paused += clock() - waited
        means, last = (_named(MEASURES[config.kind], each) for each in (whole.flush(), measures))
        refuse_nan(last, epoch, step)
        took = clock() - started - paused
        seconds += took
        figures, arrays = look(model, digits, test)
        refuse_nan(figures, epoch, step)  # the last step may have spoilt the weights; those are not worth keeping
        refuse_absurd(config, means, last, figures, epoch, step)
        yield Epoch(epoch, step, took, len(digits.train) / max(took, 1e-9), means, last, figures, arrays)
        yield _checkpoint(trainer, config, digits, epoch, step, seconds)
    yield Finished(epoch, step, seconds)


def step_interval(steps: int) -> int:
    """Minibatches from one Step event to the next, so that no run tells more than STEP_EVENTS."""
    return max(1, -(-steps // STEP_EVENTS))


def precision_of(trainer: Trainer) -> str:
    """What its matrix products round to: "float32" or "bfloat16"."""
    return str(trainer.compute_dtype).removeprefix("torch.")


@contextmanager
def _at_rest(model: Model, device: torch.device) -> Iterator[torch.Generator]:
    """Eval mode, no gradients, and randomness of its own: looking never changes training."""
    for network in model.networks.values():
        network.eval()
    with torch.no_grad():
        yield torch.Generator(device).manual_seed(SAMPLE_SEED)
    for network in model.networks.values():
        network.train()


def preview(model: Model, digits: Digits, images: Tensor) -> dict[str, np.ndarray]:
    """The 64 fixed-noise samples, and where the VAE puts these first test images [n, 784]."""
    with _at_rest(model, images.device) as fixed:
        arrays = {"samples": to_pictures(model.sample(SAMPLES, fixed))}
        return arrays | (_plane(model, [images], digits.test.labels) if isinstance(model, Vae) else {})


def look(model: Model, digits: Digits, test: list[Tensor]) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Test-set figures, and all the pictures of an Epoch event."""
    arrays = preview(model, digits, test[0])
    with _at_rest(model, test[0].device):
        if isinstance(model, Vae):
            originals = test[0][_one_of_each(digits.test.labels[: len(test[0])])]
            arrays |= {
                "originals": to_pictures(originals),
                "reconstructions": to_pictures(model.reconstruct(originals)),
            }
            arrays |= _plane(model, test, digits.test.labels)
        return model.figures(test), arrays


def _plane(model: Vae, images: list[Tensor], labels: Tensor) -> dict[str, np.ndarray]:
    means = model.means(images).half().cpu().numpy()
    return {"means": means, "labels": labels[: len(means)].cpu().numpy()}


class _Means:
    """A running mean that stays on the device: .item() at every step would stall a GPU."""

    def __init__(self) -> None:
        self.total: Tensor | None = None
        self.count = 0

    def add(self, measures: Tensor) -> None:
        self.total = measures.clone() if self.total is None else self.total.add_(measures)
        self.count += 1

    def flush(self) -> Tensor:
        assert self.total is not None
        mean = self.total / self.count
        self.total, self.count = None, 0
        return mean


def _named(names: tuple[str, ...], values: Tensor) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))


def _checkpoint(trainer: Trainer, config: Config, digits: Digits, epoch: int, step: int, seconds: float) -> Checkpoint:
    told = config.replace(dataset=portable(config.dataset))
    data = {"name": digits.name, "fingerprint": digits.fingerprint}

    def packed(tensors: Mapping[str, Tensor]) -> bytes:
        return pack(Snapshot(told, epoch, step, seconds, tensors, data=data))

    kept = epoch in kept_epochs(config.epochs, config.keep_per_decade)
    return Checkpoint(epoch, step, packed(state_of(trainer)), packed(weights_of(trainer)) if kept else None)


def _one_of_each(labels: Tensor) -> Tensor:
    """Rows of the first picture of each class, in the order of the classes, of more than ten classes ten evenly spread;
    the first rows when none is labelled."""
    labels = labels.cpu()
    found = labels[labels != UNLABELLED].unique()
    if len(found) > RECONSTRUCTIONS:
        found = found[torch.linspace(0, len(found) - 1, RECONSTRUCTIONS).round().long()]
    rows = [int((labels == label).nonzero()[0]) for label in found]
    return torch.tensor(rows or list(range(min(RECONSTRUCTIONS, len(labels)))))
