"""A trainer's step as a device takes it fastest. On a GPU that is a CUDA graph: one launch instead of a hundred."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from gencmp.training.build import FastTrainer, Trainer

# full batches before the capture: they make cuBLAS allocate its workspaces, which must not be made inside a graph
EAGER = 2


def stepper(trainer: Trainer, device: torch.device, batch_size: int) -> Callable[[Tensor], Tensor]:
    """A function with `trainer.step`'s arguments and answer, which is good until the next call."""
    if not isinstance(trainer, FastTrainer):
        return trainer.step  # it needs autograd, and its Adam a step count that the processor reads
    if device.type != "cuda":
        # outside of this mode autograd, which has nothing to do here, looks at every operation: a twentieth of a step
        return torch.inference_mode()(trainer.step)
    return CapturedStep(trainer, batch_size)


class CapturedStep:
    """One optimisation step, recorded once and then replayed: the processor no longer has to keep up with the GPU.

    Pixels are copied to where the recording reads them. A batch of another size (an epoch's last) is taken without it.
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
        self.graph.register_generator_state(self.trainer.rng)  # so that each replay draws anew
        with torch.cuda.graph(self.graph):
            self.measures = self.trainer.step(self.images)
