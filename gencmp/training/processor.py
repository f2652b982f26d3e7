"""The CPU as torch sees it: its instruction sets, and how it handles denormal numbers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from gencmp.version import processor_name


def flush_denormals() -> None:
    """Treat denormal numbers (below 1e-38) as 0, in this thread and in threads that it starts from now on.

    Call this first in every process that trains. torch starts its threads with the first parallel operation, even a
    torch.full of a long tensor, and they keep the mode they started with: a later call affects only the calling thread.
    Late in a VAE's training 40 % of Adam's first moments are that small, and on some Intel processors an operation on one
    takes a hundred times as long as on another number: a step took twice the time. The bits of the weights do not change,
    because such a moment is too small to change a weight.
    """
    torch.set_flush_denormal(True)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute with one thread, so that the last bits do not depend on how many there are."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def processor_facts() -> dict[str, str]:
    """What the bits of matmuls depend on: the processor's name, and the instruction sets that torch uses."""
    features = [torch.backends.cpu.get_cpu_capability()]
    features += ["AVX512_BF16"] if torch.cpu._is_avx512_bf16_supported() else []
    features += ["AMX"] if torch.cpu._is_amx_tile_supported() else []
    return {"processor": processor_name(), "features": " ".join(features)}
