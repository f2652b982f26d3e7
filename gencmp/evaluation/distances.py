"""Distances between two sets of pictures: pure functions of features, labels or pixels.

A set is a tensor [n, d], one picture per row: features of the judge, or pixels. Functions that compare all pairs work in
blocks, so comparing 10,000 with 10,000 pictures never takes more than a few tens of megabytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

CELLS = 8_000_000  # of a block of distances: 32 MB
NEIGHBOURS = 5  # Naeem et al. 2020, section 5
MISSING = 0.1  # a class drawn less than a tenth as often as it should be is missing


# Gaussians


@dataclass(frozen=True)
class Moments:
    """float64 mean [d] and unbiased covariance [d, d]."""

    mean: Tensor
    covariance: Tensor


def moments(features: Tensor) -> Moments:
    """The moments of a set [n, d], n at least 2."""
    return Moments(features.double().mean(0), torch.cov(features.double().T).reshape(features.shape[1], -1))


def frechet(a: Moments, b: Moments) -> float:
    """The Fréchet distance between two Gaussians (Heusel et al. 2017, equation 6): 0 when they are the same.

    |mean difference|² + trace(A + B - 2 (A B)^½); in squared units, as usually reported.

    >>> identity = torch.eye(2, dtype=torch.float64)
    >>> a, b = Moments(torch.tensor([0.0, 0.0]), identity), Moments(torch.tensor([3.0, 4.0]), 4 * identity)
    >>> frechet(a, b)  # 3² + 4², and (1 - 2)² in each direction
    27.0
    """
    values, vectors = torch.linalg.eigh(a.covariance)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    # A B has the same eigenvalues as the symmetric root(A) B root(A), whose eigenvalues are real
    product = torch.linalg.eigvalsh(root @ b.covariance @ root).clamp_min(0).sqrt().sum()
    return float((a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() - 2 * product)


# Kernels


def kernel_distances(real: Tensor, fake: Tensor, rng: torch.Generator, block: int = 1000) -> Tensor:
    """Unbiased squared MMD with the kernel (x·y / d + 1)³, one estimate for each pair of disjoint blocks
    (KID: Bińkowski et al. 2018, section 4). Their mean estimates the distance and can be negative.

    real, fake: sets [n, d]; rows that do not fill a block are left out.
    """
    block = min(block, len(real), len(fake))
    order_real, order_fake = (torch.randperm(len(s), generator=rng).split(block) for s in (real, fake))
    pairs = [(a, b) for a, b in zip(order_real, order_fake, strict=False) if len(a) == len(b) == block]
    return torch.tensor([_squared_mmd(real[a].double(), fake[b].double()) for a, b in pairs], dtype=torch.float64)


def _squared_mmd(x: Tensor, y: Tensor) -> float:
    n, m = len(x), len(y)
    kxx, kyy, kxy = (((a @ b.T) / x.shape[1] + 1) ** 3 for a, b in ((x, x), (y, y), (x, y)))
    within = (kxx.sum() - kxx.trace()) / (n * (n - 1)) + (kyy.sum() - kyy.trace()) / (m * (m - 1))
    return float(within - 2 * kxy.mean())


# Neighbours


@dataclass(frozen=True)
class Overlap:
    """One number per picture: the mean over pictures is the measure, their spread gives its standard error.

    precision, density: [n_fake]. recall, coverage: [n_real]. two_sample: [n_real + n_fake], 1 where the nearest
    other picture is of the same set: its mean is 1/2 for sets from the same distribution and 1 for separate sets.
    """

    precision: Tensor
    recall: Tensor
    density: Tensor
    coverage: Tensor
    two_sample: Tensor


def overlap(real: Tensor, fake: Tensor, k: int = NEIGHBOURS, real_near: Tensor | None = None) -> Overlap:
    """Precision and recall (Kynkäänniemi et al. 2019), density and coverage (Naeem et al. 2020), and the
    1-nearest-neighbour two-sample test (Lopez-Paz & Oquab 2017), all in one pass over the pairs.

    real, fake: sets [n, d].   real_near: near(real, k), if already computed.
    """
    real_near = near(real, k) if real_near is None else real_near
    fake_near = near(fake, k)
    radii_real, radii_fake = real_near[:, -1], fake_near[:, -1]
    precision, density = torch.empty(2, len(fake))
    from_fake, from_real = torch.empty(len(fake)), torch.full((len(real),), torch.inf)
    recalled = torch.zeros(len(real), dtype=torch.bool)
    for rows, squares in _blocks(fake, real):
        hits = (squares < radii_real).sum(1)
        precision[rows], density[rows] = (hits > 0).float(), hits / k
        recalled |= (squares < radii_fake[rows, None]).any(0)
        from_fake[rows] = squares.amin(1)
        from_real = torch.minimum(from_real, squares.amin(0))
    same = torch.cat((real_near[:, 0] < from_real, fake_near[:, 0] < from_fake))
    return Overlap(precision, recalled.float(), density, (from_real < radii_real).float(), same.float())


def near(points: Tensor, k: int = NEIGHBOURS) -> Tensor:
    """Squared distances [n, k] from each point to its k nearest others, ascending."""
    found = torch.empty(len(points), k)
    for rows, squares in _blocks(points, points):
        squares[torch.arange(len(squares)), torch.arange(len(points))[rows]] = (
            torch.inf
        )  # a point is not its own neighbour
        found[rows] = squares.topk(k, largest=False).values
    return found


def nearest(
    points: Tensor, pool: Tensor, k: int = 1, progress: Callable[[float], None] = lambda share: None
) -> tuple[Tensor, Tensor]:
    """Distances [n, k], ascending, from each point to its k nearest in the pool, and their rows there, int64 [n, k]."""
    distances, indices = torch.empty(len(points), k), torch.empty(len(points), k, dtype=torch.int64)
    for rows, squares in _blocks(points, pool):
        found = squares.topk(k, largest=False)
        distances[rows], indices[rows] = found.values.sqrt(), found.indices
        progress(min(1.0, rows.stop / len(points)))
    return distances, indices


def copies(distances: Tensor) -> Tensor:
    """1 where a picture is a copy: less than half as far from its nearest neighbour as from the next ones on average
    (after Carlini et al. 2023, section 5.1). Distances [n, k] as `nearest` gives them; 0 or 1, [n]."""
    return (distances[:, 0] < distances[:, 1:].mean(1) / 2).float()


def _blocks(points: Tensor, pool: Tensor) -> Iterator[tuple[slice, Tensor]]:
    """(rows, squared distances [rows, len(pool)]) for all points, some rows at a time."""
    size = max(1, CELLS // len(pool))
    lengths = pool.square().sum(1)
    for start in range(0, len(points), size):
        rows = slice(start, start + size)
        some = points[rows]
        yield rows, torch.addmm(lengths, some, pool.T, alpha=-2).add_(some.square().sum(1, keepdim=True)).clamp_min_(0)


# Densities


def parzen(points: Tensor, samples: Tensor, width: float) -> Tensor:
    """Log likelihood in nats of each point [n, d] under a Gaussian of standard deviation `width` around each sample:
    the Parzen window of Goodfellow et al. 2014, table 1. Known to mislead (Theis et al. 2016, section 3.2). [n]."""
    return torch.cat([_window(squares, width, points.shape[1]) for _, squares in _blocks(points, samples)])


def parzen_width(points: Tensor, samples: Tensor, widths: Tensor) -> float:
    """The width that maximises the likelihood of these held-out points."""
    totals = torch.zeros(len(widths))
    for _, squares in _blocks(points, samples):
        totals += torch.stack([_window(squares, float(width), points.shape[1]).sum() for width in widths])
    return float(widths[totals.argmax()])


def _window(squares: Tensor, width: float, size: int) -> Tensor:
    normal = math.log(squares.shape[1]) + size / 2 * math.log(2 * math.pi * width**2)
    return torch.logsumexp(squares / (-2 * width**2), 1) - normal


# Classes and strokes


def shares(labels: Tensor, classes: int = 10) -> Tensor:
    """The share of each class, [classes], summing to 1."""
    return torch.bincount(labels.long(), minlength=classes).double() / len(labels)


def divergence(p: Tensor, q: Tensor) -> float:
    """KL(p || q) of two histograms, in nats: 0 when they are equal, infinite where p > 0 and q = 0."""
    return float(torch.where(p > 0, p * (p / q).log(), 0.0).sum())


def missing(found: Tensor, wanted: Tensor) -> tuple[int, ...]:
    """The classes whose share is less than a tenth of the wanted share; a class with a wanted share of 0 is never missing."""
    return tuple((found < MISSING * wanted).nonzero().flatten().tolist())


def sharpness(images: Tensor, side: int = 28) -> Tensor:
    """The summed length of the grey gradient divided by the summed grey, [n], 1/pixel.

    Blur spreads ink without adding any, which lowers it; speckle is all edges, which raises it.
    """
    grey = images.reshape(-1, side, side).float()
    down, across = grey[:, 1:, :-1] - grey[:, :-1, :-1], grey[:, :-1, 1:] - grey[:, :-1, :-1]
    return torch.hypot(down, across).sum((1, 2)) / grey.sum((1, 2)).clamp_min(1)
