"""Histograms of oriented gradients: a space for distances that no network has learnt (Dalal & Triggs 2005)."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 28
CELL = 7  # pixels along a side: 4 x 4 cells
BINS = 9  # orientations from 0 to 180°
AT_ONCE = 2000  # pictures: 57 MB of histograms


def hog(images: Tensor) -> Tensor:
    """Pictures uint8 [n, 784] -> float32 [n, 324]: for each of 3 x 3 blocks of 2 x 2 cells, how much the grey changes in
    which orientation, with length 1 for each block, so that neither ink nor contrast counts, only the direction of strokes.
    """
    return torch.cat([_some(each) for each in images.split(AT_ONCE)])


def _some(images: Tensor) -> Tensor:
    grey = F.pad(images.reshape(-1, SIDE, SIDE).float() / 255, (1, 1, 1, 1))
    across = (grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2]) / 2
    down = (grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1]) / 2
    cells = F.avg_pool2d(_votes(across, down), CELL)  # [n, 9, 4, 4]
    blocks = F.unfold(cells, 2)  # [n, 9 * 4, 9]: 3 x 3 blocks, each of 2 x 2 cells
    return F.normalize(blocks, dim=1, eps=1e-3).flatten(1)


def _votes(across: Tensor, down: Tensor) -> Tensor:
    """Each pixel's gradient, shared between the two nearest orientations, [n, 9, 28, 28]."""
    length = torch.hypot(across, down)
    place = torch.atan2(down, across).remainder(math.pi) / math.pi * BINS - 0.5  # bin b is centred at b + 1/2 of 20°
    lower = place.floor()
    upper_share = place - lower
    votes = torch.zeros(len(across), BINS, SIDE, SIDE)
    votes.scatter_add_(1, lower.long().remainder(BINS)[:, None], (length * (1 - upper_share))[:, None])
    votes.scatter_add_(1, (lower.long() + 1).remainder(BINS)[:, None], (length * upper_share)[:, None])
    return votes
