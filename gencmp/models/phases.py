"""One minibatch in phases: which network learns, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Phase(NamedTuple):
    """One network's turn to learn from a minibatch of n pictures; a VAE's two networks learn together.

    acts:     "discriminator", "generator" or "vae".
    measures: those of MEASURES that this phase has; scalars on the device.
    made:     gives the pictures that G or the decoder made, pixels [n, 784] in [0, 1]. A function, because at full speed
        nobody asks.
    opinions: D's probabilities before the update, "real" and "fakes", each [n, 1]; nothing for a VAE.
    latents:  of a VAE: "mean", "log_var" and "z", each [n, latent].
    """

    acts: str
    measures: Mapping[str, Tensor]
    made: Callable[[], Tensor]
    opinions: Mapping[str, Tensor] = {}
    latents: Mapping[str, Tensor] = {}


def together(phases: Iterable[Phase], names: Sequence[str]) -> Tensor:
    """The measures of a whole minibatch, [len(names)]: each from the last phase that has it, 0 if none has."""
    found: dict[str, Tensor] = {}
    for phase in phases:
        found |= phase.measures
    none = torch.zeros_like(next(iter(found.values())))
    return torch.stack([found.get(name, none) for name in names])
