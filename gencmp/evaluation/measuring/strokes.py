"""Clear strokes: how sharp their edges are, how much of the ink is grey, and how much of it lies apart from them.

Blur and speckle are told apart on purpose. A measure of sharpness that sums all gradients takes specks for sharp edges:
real digits, blurred by half a pixel and strewn with specks, would be sharper than real ones.

Pictures are uint8 [n, 784], 0 background to 255 ink. All are looked at together; 10,000 take about a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

SIDE = 28
PIXELS = SIDE * SIDE
INK, FULL = 26, 230  # a tenth and nine tenths of the way from background to ink
STROKE = 128  # the main stroke is what is at least half ink
SPECK_GROUND, SPECK_INK = 64, 102  # a speck rises from below a quarter to above two fifths
SPECK_SIZE = 4  # pixels, at most
ROUNDS = 4  # to the neighbours, before a label is looked up
AT_ONCE = 5000  # pictures


@dataclass(frozen=True)
class Strokes:
    """One number per picture, float32 [n].

    edges:  how much the grey changes across the edge of the main stroke, from the pixel on its one side to that on its
            other, on average; 1 is from background to ink.
    blur:   the share of inked pixels that are grey, less than full ink.
    pieces: connected pieces of ink.
    specks: tiny pieces, clearly darker than all around them. Blur makes none: it has no ink so steep.
    """

    edges: Tensor
    blur: Tensor
    pieces: Tensor
    specks: Tensor


def strokes(images: Tensor) -> Strokes:
    """All of them."""
    parts = [_some(each.reshape(-1, SIDE, SIDE)) for each in images.split(AT_ONCE)]
    return Strokes(*(torch.cat(columns) for columns in zip(*parts, strict=True)))


def _some(images: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    pieces = (_areas(components(images >= INK)) > 0).sum(1).float()
    return _edges(images), _blur(images), pieces, _specks(images)


def components(mask: Tensor) -> Tensor:
    """Connected pieces, diagonals included: bool [n, 28, 28] -> int16 [n, 28, 28]. All pixels of a piece have the greatest
    number of a pixel in it, from 1 to 784; 0 is outside.

    After a few rounds in which labels spread to neighbours, each pixel looks up how far its label's own pixel has come,
    so that a long stroke takes no more time than a short one.
    """
    inside = mask.to(torch.int16)
    labels = torch.arange(1, PIXELS + 1, dtype=torch.int16).view(SIDE, SIDE) * inside
    while True:
        before = labels
        for _ in range(ROUNDS):
            labels = _greatest_around(labels) * inside
        table = F.pad(labels.flatten(1), (1, 0))  # the label 0 stays 0
        labels = table.gather(1, labels.flatten(1).long()).view(mask.shape)
        if torch.equal(labels, before):
            return labels


def _greatest_around(labels: Tensor) -> Tensor:
    """The greatest label of each pixel and its eight neighbours."""
    wide = labels.clone()
    torch.maximum(wide[:, :, 1:], labels[:, :, :-1], out=wide[:, :, 1:])
    torch.maximum(wide[:, :, :-1], labels[:, :, 1:], out=wide[:, :, :-1])
    high = wide.clone()
    torch.maximum(high[:, 1:], wide[:, :-1], out=high[:, 1:])
    torch.maximum(high[:, :-1], wide[:, 1:], out=high[:, :-1])
    return high


def _areas(labels: Tensor) -> Tensor:
    """Pixels of each piece, at the place of its label, [n, 784]; 0 elsewhere."""
    flat = labels.flatten(1).long()
    return torch.zeros(len(flat), PIXELS + 1).scatter_add_(1, flat, torch.ones(flat.shape))[:, 1:]


def _edges(images: Tensor) -> Tensor:
    labels = components(images >= STROKE)
    largest = _areas(labels).argmax(1) + 1
    main = (labels == largest[:, None, None]).float()
    inner = -F.max_pool2d(-main, 3, 1, 1)
    edge = main - inner
    grey = F.pad(images.float() / 255, (1, 1, 1, 1))
    change = torch.hypot(grey[:, 1:-1, 2:] - grey[:, 1:-1, :-2], grey[:, 2:, 1:-1] - grey[:, :-2, 1:-1])
    return (change * edge).sum((1, 2)) / edge.sum((1, 2)).clamp_min(1)


def _blur(images: Tensor) -> Tensor:
    inked, full = (images >= INK).sum((1, 2)), (images >= FULL).sum((1, 2))
    return (inked - full) / inked.clamp_min(1)


def _specks(images: Tensor) -> Tensor:
    labels = components(images >= SPECK_GROUND)
    areas, flat = _areas(labels), labels.flatten(1).long()
    darkest = torch.zeros(len(flat), PIXELS + 1).scatter_reduce_(1, flat, images.flatten(1).float(), "amax")[:, 1:]
    return ((areas > 0) & (areas <= SPECK_SIZE) & (darkest >= SPECK_INK)).sum(1).float()
