"""The processor as torch sees it: what its last bits depend on, and how it treats tiny numbers."""

from __future__ import annotations

import torch

from gencmp.version import processor_name


def flush_denormals() -> None:
    """Take numbers below 1e-38 for 0, in this thread and in those that it starts from now on.

    Call it first thing in every process that trains. Torch's threads start with its first parallel work, even a long
    tensor's torch.full, and keep what they began with: called later, this reaches only the calling thread's share.
    Late in a VAE's training 40 % of Adam's first moments are that small, and on some Intel processors each one costs
    a hundred times as much as another number: a step took twice the time. No weight's bits change, for such a moment
    moves none; it only takes longer, and is not 0 itself.
    """
    torch.set_flush_denormal(True)


def processor_facts() -> dict[str, str]:
    """The kind of processor, as far as the bits of products depend on it: its name, and the instructions torch uses."""
    features = [torch.backends.cpu.get_cpu_capability()]
    features += ["AVX512_BF16"] if torch.cpu._is_avx512_bf16_supported() else []
    features += ["AMX"] if torch.cpu._is_amx_tile_supported() else []
    return {"processor": processor_name(), "features": " ".join(features)}
