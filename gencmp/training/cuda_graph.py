"""The fastest way to run a trainer's step on a device: on a GPU as a CUDA graph, with one launch instead of a hundred."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gencmp.training.build import FastTrainer, Trainer

# full batches before the capture, in which cuBLAS allocates its workspaces; it cannot do so inside a graph
EAGER = 2


def stepper(trainer: Trainer, device: torch.device, batch_size: int) -> Callable[[Tensor], Tensor]:
    """A function with the arguments and result of `trainer.step`; the next call may overwrite the result."""
    if not isinstance(trainer, FastTrainer):
        return trainer.step  # no graph: it needs autograd, and its Adam reads the step count on the CPU
    if device.type != "cuda":
        # saves a twentieth of a step: without it autograd still inspects every operation, though none needs gradients
        return torch.inference_mode()(trainer.step)
    return CapturedStep(trainer, batch_size)


class CapturedStep:
    """One optimisation step, captured once and then replayed, so that launching kernels on the CPU does not limit the GPU.

    Pixels are copied to the graph's input tensor. A batch of another size (the last of an epoch) runs without the graph.
    """

    def __init__(self, trainer: FastTrainer, batch_size: int):
        self.trainer = trainer
        self.batch_size = batch_size
        self.seen = 0
        self.graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, images: Tensor) -> Tensor:
        if len(images) != self.batch_size or self.seen < EAGER:
            self.seen += len(images) == self.batch_size
            return self.trainer.step(images)
        if self.graph is None:
            self._capture(images)
        assert self.graph is not None
        self.images.copy_(images)
        self.graph.replay()
        return self.measures

    def _capture(self, images: Tensor) -> None:
        self.images = images.clone()
        self.graph = torch.cuda.CUDAGraph()
        self.graph.register_generator_state(self.trainer.rng)  # so that each replay draws new numbers
        with torch.cuda.graph(self.graph):
            self.measures = self.trainer.step(self.images)
