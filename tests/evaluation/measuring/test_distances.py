"""Distances against known answers, against independent implementations, and against common sense: worse is never better."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy import linalg, stats
from sklearn.neighbors import KernelDensity
from torch.nn import functional as F

from gencmp.data.digits import Digits
from gencmp.data.downloads import torchvision_datasets
from gencmp.evaluation.measuring import distances
from gencmp.evaluation.measuring.bootstrap import bootstrap, interval
from gencmp.evaluation.measuring.distances import (
    Moments,
    block_moments,
    divergence,
    frechet,
    frechet_error,
    kernel_distances,
    missing,
    moments,
    parzen,
    parzen_width,
    principal_components,
    shares,
    sharpness,
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def gaussian(count: Any, size: Any, rng: Any, mean: float = 0.0, scale: float = 1.0) -> Any:
    return torch.randn(count, size, generator=rng) * scale + mean


def skewed(count: Any, size: Any, rng: Any) -> Any:
    """Correlated, far from round, so that no shortcut for the identity is taken."""
    return gaussian(count, size, rng) @ gaussian(size, size, rng) + gaussian(1, size, rng)


# Gaussians


@pytest.mark.parametrize(
    ("shift", "scale", "answer"), [(0.0, 1.0, 0.0), (3.0, 1.0, 36.0), (0.0, 2.0, 4.0), (1.0, 3.0, 20.0)]
)
def test_frechet_of_known_gaussians(shift: float, scale: float, answer: float) -> None:
    """In four dimensions: 4 shift² + 4 (scale - 1)²."""
    one = torch.eye(4, dtype=torch.float64)
    a, b = Moments(one[0] * 0, one), Moments(one.sum(0) * shift, one * scale**2)
    assert frechet(a, b) == pytest.approx(answer, abs=1e-9)
    assert frechet(b, a) == pytest.approx(answer, abs=1e-9)


def test_frechet_of_covariances_that_do_not_commute() -> None:
    a, b = (torch.tensor(m, dtype=torch.float64) for m in ([[2.0, 1.0], [1.0, 2.0]], [[3.0, 0.0], [0.0, 1.0]]))
    answer = np.trace(a.numpy() + b.numpy() - 2 * linalg.sqrtm(a.numpy() @ b.numpy()).real)
    assert answer > 0.1
    assert frechet(Moments(a[0] * 0, a), Moments(a[0] * 0, b)) == pytest.approx(answer, abs=1e-9)


def test_frechet_is_torch_fidelitys(rng: torch.Generator) -> None:
    torchvision_datasets()  # lets torchvision load where its operators do not fit
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    a, b = skewed(400, 12, rng), skewed(300, 12, rng)
    wanted = fid_statistics_to_metric(*map(fid_features_to_statistics, (a, b)), verbose=False)[
        "frechet_inception_distance"
    ]
    assert frechet(moments(a), moments(b)) == pytest.approx(wanted, rel=1e-6)


def test_frechet_and_its_error_are_the_same_bits_with_any_number_of_threads(rng: torch.Generator) -> None:
    a, b = (block_moments(skewed(400, 64, rng)) for _ in range(2))
    before, found = torch.get_num_threads(), set()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        found.add((frechet(a.whole, b.whole), frechet_error(a, b), torch.get_num_threads() - threads))
        del a.whole.__dict__["root"]  # which is kept: found anew
        del b.whole.__dict__["root"]
    torch.set_num_threads(before)
    assert len(found) == 1


def test_frechet_of_fewer_pictures_than_features_is_a_number(rng: torch.Generator) -> None:
    a, b = gaussian(10, 30, rng), gaussian(10, 30, rng, mean=1.0)
    assert frechet(moments(a), moments(a)) == pytest.approx(0.0, abs=1e-6)
    assert 20 < frechet(moments(a), moments(b)) < 100


def test_moments_of_blocks_are_those_of_the_set(rng: torch.Generator) -> None:
    features = skewed(103, 5, rng)
    blocks = block_moments(features, 10)
    torch.testing.assert_close(blocks.whole.covariance, moments(features).covariance)
    rest = torch.cat(features.tensor_split(10)[1:])
    torch.testing.assert_close(blocks.without(0).mean, moments(rest).mean)
    torch.testing.assert_close(blocks.without(0).covariance, moments(rest).covariance)


def test_principal_components_are_the_directions_that_vary_most(rng: torch.Generator) -> None:
    features = gaussian(2000, 5, rng) * torch.tensor([1.0, 9.0, 2.0, 1.0, 5.0]) + 3
    found = principal_components(features, 2)
    torch.testing.assert_close(found.T @ found, torch.eye(2), atol=1e-5, rtol=0)
    assert (found.abs().argmax(0) == torch.tensor([4, 1])).all() and float(found.abs().amax(0).min()) > 0.99


def test_the_error_of_the_frechet_distance_is_the_spread_of_fresh_draws(rng: torch.Generator) -> None:
    """Both sides vary, and the real ones, of which there are fewer, vary more."""
    draws = [(gaussian(300, 4, rng), gaussian(900, 4, rng, mean=0.5, scale=1.2)) for _ in range(80)]
    values = torch.tensor([frechet(moments(a), moments(b)) for a, b in draws])
    errors = torch.tensor([frechet_error(block_moments(a), block_moments(b)) for a, b in draws])
    assert 0.8 < float(errors.mean() / values.std()) < 1.25


# Kernels


def test_kernel_distance_is_torch_fidelitys(rng: torch.Generator) -> None:
    torchvision_datasets()
    from torch_fidelity.metric_kid import kernel_mmd

    a, b = skewed(200, 8, rng), skewed(200, 8, rng)
    wanted = kernel_mmd(a.double().numpy(), b.double().numpy())
    assert kernel_distances(a, b, rng, block=200).tolist() == pytest.approx([wanted], rel=1e-9)


def test_kernel_distance_is_unbiased(rng: torch.Generator) -> None:
    """Over sets from one source the mean is 0 within its error, though a biased estimate of blocks of 10 would not be."""
    found = kernel_distances(gaussian(5000, 4, rng), gaussian(5000, 4, rng), rng, block=10)
    error = float(found.std()) / math.sqrt(len(found))
    assert len(found) == 500
    assert abs(float(found.mean())) < 3 * error
    assert float(kernel_distances(gaussian(500, 4, rng), gaussian(500, 4, rng, mean=1.0), rng, block=100).min()) > 1


def test_kernel_distance_leaves_out_the_rest_of_a_block(rng: torch.Generator) -> None:
    assert len(kernel_distances(gaussian(250, 3, rng), gaussian(230, 3, rng), rng, block=100)) == 2
    assert len(kernel_distances(gaussian(50, 3, rng), gaussian(230, 3, rng), rng, block=100)) == 1


# Densities


def test_parzen_of_one_sample_is_its_gaussian() -> None:
    found = parzen(torch.tensor([[3.0, 4.0]]), torch.zeros(1, 2), width=2.0)
    assert float(found) == pytest.approx(-25 / 8 - math.log(2 * math.pi * 4), abs=1e-5)


def test_parzen_is_scikit_learns(rng: torch.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "CELLS", 500)
    points, samples = gaussian(30, 5, rng), gaussian(80, 5, rng)
    wanted = KernelDensity(bandwidth=0.4).fit(samples.numpy()).score_samples(points.numpy())
    np.testing.assert_allclose(parzen(points, samples, 0.4), wanted, atol=1e-3)


def test_sums_of_next_to_nothing_are_torchs(rng: torch.Generator) -> None:
    """From rows of equal terms to rows of which all but one are nothing."""
    exponents = -torch.rand(200, 700, generator=rng) * torch.logspace(-3, 5, 200)[:, None]
    wanted = exponents.logsumexp(1)
    assert torch.allclose(distances._log_sums(exponents.clone()), wanted, rtol=1e-6, atol=1e-6)
    lonely = torch.full((1, 700), -1e6)
    assert distances._log_sums(lonely.clone()) == pytest.approx(float(lonely.logsumexp(1)))


def test_parzen_width_is_the_likeliest(rng: torch.Generator) -> None:
    points, samples, widths = gaussian(100, 2, rng), gaussian(300, 2, rng), torch.tensor([0.01, 0.3, 10.0])
    chosen = parzen_width(points, samples, widths)
    assert chosen == pytest.approx(0.3)
    assert chosen == pytest.approx(max(widths.tolist(), key=lambda width: float(parzen(points, samples, width).sum())))


# Digits and strokes


def test_divergence_is_scipys(rng: torch.Generator) -> None:
    p, q = (torch.rand(10, generator=rng).double() for _ in range(2))
    p, q = p / p.sum(), q / q.sum()
    assert divergence(p, q) == pytest.approx(stats.entropy(p, q))
    assert divergence(p, p) == 0
    assert divergence(torch.tensor([1.0, 0.0]), torch.tensor([0.5, 0.5])) == pytest.approx(math.log(2))
    assert divergence(torch.tensor([0.5, 0.5]), torch.tensor([1.0, 0.0])) == math.inf


def test_two_missing_digits_are_named_and_cost_ln_ten_eighths() -> None:
    every, lacking = torch.arange(10).repeat(100), torch.tensor([0, 1, 2, 4, 5, 6, 8, 9]).repeat(100)
    assert missing(shares(every), shares(every)) == ()
    assert missing(shares(lacking), shares(every)) == (3, 7)
    assert divergence(shares(lacking), shares(every)) == pytest.approx(math.log(10 / 8))


def test_a_rare_digit_is_not_missing() -> None:
    wanted = torch.full((10,), 0.1)
    found = torch.tensor([0.011, 0.009, *[0.1225] * 8])
    assert missing(found, wanted) == (1,)


def test_sharpness_of_a_dot() -> None:
    """One pixel of ink: a gradient of √2 at it, 1 above it and 1 left of it."""
    image = torch.zeros(1, 28, 28, dtype=torch.uint8)
    image[0, 10, 10] = 200
    assert float(sharpness(image)) == pytest.approx(2 + math.sqrt(2))
    assert float(sharpness(image // 2)) == pytest.approx(2 + math.sqrt(2)), "ink of any grey"
    assert float(sharpness(image * 0)) == 0


def test_blur_lowers_sharpness_and_speckle_raises_it(digits: Digits, rng: torch.Generator) -> None:
    images = digits.test.images.view(-1, 1, 28, 28)
    blurred = [F.avg_pool2d(images.float(), size, 1, size // 2).to(torch.uint8) for size in (1, 3, 5)]
    speckled = [torch.where(torch.rand(images.shape, generator=rng) < share, 128, images) for share in (0.0, 0.02, 0.1)]
    assert _falls([float(sharpness(each).mean()) for each in blurred])
    assert _falls([-float(sharpness(each).mean()) for each in speckled])


def _falls(values: Any) -> Any:
    return all(a > b for a, b in pairwise(values))


# Errors


def test_bootstrap_finds_the_error_of_a_mean(rng: torch.Generator) -> None:
    """σ / √n = 0.1, known to a tenth of itself from 100 repeats."""
    values = gaussian(400, 1, rng, scale=2.0).flatten()
    low, high = interval(float(values.mean()), bootstrap(torch.mean, values, rng=rng, repeats=400))
    assert (high - low) / 2 == pytest.approx(1.96 * 0.1, rel=0.15)
    assert (high + low) / 2 == pytest.approx(float(values.mean()))


def test_bootstrap_redraws_every_set_by_its_own_size_and_is_the_rngs(rng: torch.Generator) -> None:
    sizes = bootstrap(lambda a, b: len(a) * 1000 + len(b), torch.zeros(7), torch.zeros(3), rng=rng, repeats=4)
    assert sizes.tolist() == [7003] * 4
    runs = [
        bootstrap(torch.mean, torch.arange(50.0), rng=torch.Generator().manual_seed(seed)).tolist()
        for seed in (1, 1, 2)
    ]
    assert runs[0] == runs[1] != runs[2]


def test_frechet_interval_holds_the_spread_of_fresh_draws(rng: torch.Generator) -> None:
    """Twenty pairs of sets drawn anew spread as one pair redrawn by the bootstrap says they do."""

    def measure(a: Any, b: Any) -> Any:
        return frechet(moments(a), moments(b))

    fresh = torch.tensor([measure(gaussian(500, 5, rng), gaussian(500, 5, rng, mean=0.5)) for _ in range(60)])
    redrawn = bootstrap(measure, gaussian(500, 5, rng), gaussian(500, 5, rng, mean=0.5), rng=rng)
    assert float(redrawn.std()) == pytest.approx(float(fresh.std()), rel=0.4)
