"""A minibatch of a training that is watched by hand, phase by phase, and what each phase shows.

It computes what training at full speed does, in the same order and with the same draws, so the weights have the same bits.
Only what is shown comes on top, and it changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from gencmp.events import MEASURES, Moment
from gencmp.models.phases import Phase, together
from gencmp.settings.configs import Config
from gencmp.training.build import Trainer, to_pictures
from gencmp.training.by_hand import ByHand, turns_of
from gencmp.training.divergence import refuse_nan
from gencmp.training.meters import Stopwatch

SHOWN = 8  # pictures of a minibatch
SHOWN_LATENTS = 2  # as many as a plane has

Weights = dict[str, list[Tensor]]  # by network, of each layer


def laid_out(trainer: Trainer, images: Tensor, epoch: int, step: int) -> Moment:
    """Before the first phase of a minibatch, pixels [n, 784] in [0, 1]."""
    still = {name: [0.0] * len(layers) for name, layers in _weights(trainer).items()}
    turns = turns_of(trainer.config)
    return Moment(epoch, step, "", turns[0], 0, 0, {}, still, {}, {"real": _pictures(images)}, 0, len(turns))


def by_phases(
    trainer: Trainer, images: Tensor, epoch: int, step: int, by_hand: ByHand, stopwatch: Stopwatch
) -> Generator[Moment, None, tuple[Tensor, Moment | None]]:
    """What trainer.step does, with a Moment after each phase for as long as it is watched.

    Returns what trainer.step returns, and the Moment after the last phase, which belongs after the step's own event.
    Raises TrainingFailed when a loss or a weight is not finite.
    """
    phases: list[Phase] = []
    moment = None
    with stopwatch.halt():
        before = _weights(trainer)
    for number, phase in enumerate(trainer.phases(images), 1):
        phases.append(phase)
        moment = None
        if by_hand.active:
            with stopwatch.halt():
                after = _weights(trainer)
                moment = _after(trainer.config, images, epoch, step, number, phase, _moved(before, after))
                refuse_nan({**moment.measures, **_sums(moment.moved)}, epoch, step)
                if not moment.ends_step:
                    yield moment
                before = after
    return together(phases, MEASURES[trainer.config.kind]), moment


def _after(
    config: Config, images: Tensor, epoch: int, step: int, number: int, phase: Phase, moved: Mapping[str, list[float]]
) -> Moment:
    """number: of the phase, from 1."""
    turns = turns_of(config)
    turn, of = turns[:number].count(phase.acts), turns.count(phase.acts)
    measures = {name: float(value) for name, value in phase.measures.items()}
    opinions = {name: values[:SHOWN].flatten().tolist() for name, values in phase.opinions.items()}
    made = "fakes" if phase.opinions else "reconstructions"
    arrays = {"real": _pictures(images), made: _pictures(phase.made()), **_latents(phase.latents)}
    return Moment(
        epoch, step, phase.acts, turns[number % len(turns)], turn, of, measures, moved,
        opinions, arrays, number, len(turns),
    )  # fmt: skip


def _weights(trainer: Trainer) -> Weights:
    """Copies. Of each layer the matrix or the filters; biases are left out."""
    return {
        name: [parameter.detach().clone() for parameter in network.parameters() if parameter.ndim > 1]
        for name, network in trainer.networks.items()
    }


def _moved(before: Weights, after: Weights) -> dict[str, list[float]]:
    """||after - before|| / ||before||, layer by layer."""
    return {
        name: [_relative_change(*both) for both in zip(before[name], layers, strict=True)]
        for name, layers in after.items()
    }


def _relative_change(before: Tensor, after: Tensor) -> float:
    norm = torch.linalg.vector_norm
    return float(norm(after - before) / norm(before).clamp_min(torch.finfo(before.dtype).tiny))


def _sums(moved: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {f"the_change_of_the_{name}'s_weights": sum(changes) for name, changes in moved.items()}


def _pictures(pixels: Tensor) -> np.ndarray:
    return to_pictures(pixels[:SHOWN])


def _latents(latents: Mapping[str, Tensor]) -> dict[str, np.ndarray]:
    """ "mean", "std" and "z" of a VAE, float32 [n, at most 2]; nothing for a GAN."""
    first = {name: values[:SHOWN, :SHOWN_LATENTS].float() for name, values in latents.items()}
    if first:
        first["std"] = (first.pop("log_var") / 2).exp()
    return {name: values.cpu().numpy() for name, values in first.items()}
