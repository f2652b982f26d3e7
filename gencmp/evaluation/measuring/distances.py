"""Distances between two sets of pictures: pure functions of features, labels or pixels.

A set is a tensor [n, d], one picture per row: features of the judge, or pixels. Functions that compare all pairs work in
blocks, so comparing 10,000 with 10,000 pictures never takes more than a few tens of megabytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from gencmp.training.processor import one_thread

CELLS = 8_000_000  # of a block of distances: 32 MB
BLOCKS = 20  # into which a set is cut for the jackknife
LEAST_TERM = -87.0  # exponent of the least float32 with all its digits
MISSING = 0.1  # a class drawn less than a tenth as often as it should be is missing


# Gaussians


@dataclass(frozen=True)
class Moments:
    """float64 mean [d] and unbiased covariance [d, d]."""

    mean: Tensor
    covariance: Tensor

    @cached_property
    def root(self) -> Tensor:
        """The symmetric square root of the covariance."""
        values, vectors = torch.linalg.eigh(self.covariance)
        root: Tensor = vectors * values.clamp_min(0).sqrt() @ vectors.T
        return root


def moments(features: Tensor) -> Moments:
    """The moments of a set [n, d], n at least 2."""
    return Moments(features.double().mean(0), torch.cov(features.double().T).reshape(features.shape[1], -1))


@one_thread()  # LAPACK's eigenvectors differ by the number of threads, and matrices of 64 columns are slower with two
def frechet(a: Moments, b: Moments) -> float:
    """The Fréchet distance between two Gaussians (Heusel et al. 2017, equation 6): 0 when they are the same.

    |mean difference|² + trace(A + B - 2 (A B)^½); in squared units, as usually reported.

    >>> identity = torch.eye(2, dtype=torch.float64)
    >>> a, b = Moments(torch.tensor([0.0, 0.0]), identity), Moments(torch.tensor([3.0, 4.0]), 4 * identity)
    >>> frechet(a, b)  # 3² + 4², and (1 - 2)² in each direction
    27.0
    """
    # A B has the same eigenvalues as the symmetric root(A) B root(A), whose eigenvalues are real
    product = torch.linalg.eigvalsh(a.root @ b.covariance @ a.root).clamp_min(0).sqrt().sum()
    return float((a.mean - b.mean).square().sum() + a.covariance.trace() + b.covariance.trace() - 2 * product)


@dataclass(frozen=True)
class BlockMoments:
    """Sums over disjoint blocks of a set, from which the moments of the set without any one block are cheap.

    counts: [blocks]. sums: [blocks, d]. products: [blocks, d, d], of features with themselves. float64.
    """

    counts: Tensor
    sums: Tensor
    products: Tensor

    @cached_property
    def whole(self) -> Moments:
        return self._of(self.counts.sum(), self.sums.sum(0), self.products.sum(0))

    def without(self, block: int) -> Moments:
        return self._of(
            self.counts.sum() - self.counts[block],
            self.sums.sum(0) - self.sums[block],
            self.products.sum(0) - self.products[block],
        )

    @staticmethod
    def _of(count: Tensor, total: Tensor, products: Tensor) -> Moments:
        mean = total / count
        return Moments(mean, (products - count * torch.outer(mean, mean)) / (count - 1))


def block_moments(features: Tensor, blocks: int = BLOCKS) -> BlockMoments:
    """Of a set [n, d], in its order; n at least twice `blocks`."""
    parts = [part.double() for part in features.tensor_split(blocks)]
    counts = torch.tensor([len(part) for part in parts], dtype=torch.float64)
    return BlockMoments(counts, torch.stack([p.sum(0) for p in parts]), torch.stack([p.T @ p for p in parts]))


def principal_components(features: Tensor, count: int) -> Tensor:
    """The directions in which a set [n, d] varies most, [d, count], of length 1."""
    vectors: Tensor = torch.linalg.eigh(moments(features).covariance).eigenvectors
    return vectors[:, -count:].to(features.dtype)


@one_thread()
def frechet_error(a: BlockMoments, b: BlockMoments) -> float:
    """The standard error of the Fréchet distance over both sets: each block is left out once (jackknife: Efron 1982)."""
    without_a = [frechet(b.whole, a.without(block)) for block in range(len(a.counts))]
    without_b = [frechet(a.whole, b.without(block)) for block in range(len(b.counts))]
    return math.hypot(_jackknife(without_a), _jackknife(without_b))


def _jackknife(values: list[float]) -> float:
    found = torch.tensor(values, dtype=torch.float64)
    return (len(found) - 1) / math.sqrt(len(found)) * float(found.std())


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


# Pairs


def blocks(points: Tensor, pool: Tensor) -> Iterator[tuple[slice, Tensor]]:
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
    return torch.cat([_window(squares, width, points.shape[1]) for _, squares in blocks(points, samples)])


def parzen_width(points: Tensor, samples: Tensor, widths: Tensor) -> float:
    """The width that maximises the likelihood of these held-out points."""
    totals = torch.zeros(len(widths))
    for _, squares in blocks(points, samples):
        totals += torch.stack([_window(squares, float(width), points.shape[1]).sum() for width in widths])
    return float(widths[totals.argmax()])


def _window(squares: Tensor, width: float, size: int) -> Tensor:
    normal = math.log(squares.shape[1]) + size / 2 * math.log(2 * math.pi * width**2)
    return _log_sums(squares / (-2 * width**2)) - normal


def _log_sums(exponents: Tensor) -> Tensor:
    """torch.logsumexp of each row, float32 [n, m] -> [n], several times as fast where most terms are next to nothing: a processor
    is slow with numbers that are too small to have all their digits. Beside the row's greatest term, 1, they are lost whether they
    are 0 or that of LEAST_TERM. Overwrites its argument."""
    greatest = exponents.amax(1, keepdim=True)
    terms = exponents.sub_(greatest).clamp_min_(LEAST_TERM).exp_()
    sums: Tensor = terms.sum(1).log_().add_(greatest[:, 0])
    return sums


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
