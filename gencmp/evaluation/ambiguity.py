"""Where on a VAE's plane the judge cannot tell which digit it sees."""

from __future__ import annotations

import numpy as np
import torch

from gencmp.evaluation.judge import Judge
from gencmp.latent.networks import Weights


def ambiguity(weights: Weights, judge: Judge, points: np.ndarray) -> np.ndarray:
    """float32 [n], from 0 (sure) to 1 (two digits tie): one less the judge's lead of its first guess over its second.

    points: [n, latent], decoded here.
    """
    sums = weights.network("decoder")(points.astype(np.float32))
    pictures = torch.sigmoid(torch.from_numpy(sums)).mul(255).round().to(torch.uint8)
    best = judge(pictures).probabilities.topk(2).values
    return (1 - (best[:, 0] - best[:, 1])).numpy()
