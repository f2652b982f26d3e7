"""Who lies near whom: against independent implementations, and whether the standard errors are those of fresh draws."""

from typing import Any

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from scipy.spatial import cKDTree

from gencmp.evaluation.measuring import distances, neighbours
from gencmp.evaluation.measuring.neighbours import (
    OVERLAPS,
    Overlap,
    close_pairs,
    copies,
    near,
    nearest,
    overlap,
    overlap_with_errors,
)


@pytest.fixture
def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def gaussian(count: int, size: int, rng: torch.Generator, mean: float = 0.0, scale: float = 1.0) -> torch.Tensor:
    return torch.randn(count, size, generator=rng) * scale + mean


@pytest.mark.parametrize("k", [1, 5])
def test_overlap_is_prdcs(rng: torch.Generator, k: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "CELLS", 1000)  # many blocks, the last one short
    real, fake = gaussian(230, 6, rng), gaussian(170, 6, rng, mean=0.5, scale=0.8)
    found, wanted = overlap(real, fake, k), compute_prdc(real.numpy(), fake.numpy(), k)
    for name in ("precision", "recall", "density", "coverage"):
        assert wanted[name] > 0
        assert getattr(found, name) == pytest.approx(wanted[name], abs=1e-6)


def test_overlap_of_identical_sets(rng: torch.Generator) -> None:
    same = gaussian(100, 4, rng)
    found = overlap(same, same.clone())
    assert [getattr(found, name) for name in ("precision", "recall", "coverage", "two_sample")] == [
        1,
        1,
        1,
        0,
    ]


def test_overlap_of_sets_apart(rng: torch.Generator) -> None:
    found = overlap(gaussian(100, 4, rng), gaussian(100, 4, rng, mean=100.0))
    assert [getattr(found, name) for name in ("precision", "recall", "density", "coverage", "two_sample")] == [
        0,
        0,
        0,
        0,
        1,
    ]


def test_two_sample_test_of_one_source_is_a_coin(rng: torch.Generator) -> None:
    assert overlap(gaussian(2000, 5, rng), gaussian(2000, 5, rng)).two_sample == pytest.approx(0.5, abs=0.04)


def test_collapse_costs_recall_and_bad_pictures_cost_precision(rng: torch.Generator) -> None:
    real = gaussian(500, 4, rng)
    collapsed, wild = overlap(real, gaussian(500, 4, rng, scale=0.05)), overlap(real, gaussian(500, 4, rng, scale=10.0))
    assert collapsed.precision > 0.95 > 0.05 > collapsed.recall
    assert wild.precision < 0.2


def test_near_and_nearest_are_scipys(rng: torch.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(distances, "CELLS", 777)
    points, pool = gaussian(90, 5, rng), gaussian(120, 5, rng)
    wanted, rows = cKDTree(pool).query(points, k=3)
    found, indices = nearest(points, pool, 3)
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    assert (indices.numpy() == rows).all()
    np.testing.assert_allclose(near(points, 4).squares.sqrt(), cKDTree(points).query(points, k=5)[0][:, 1:], atol=1e-3)


def test_a_twin_is_a_neighbour_though_a_point_itself_is_none() -> None:
    points = torch.tensor([[0.0], [0.0], [5.0]])
    assert near(points, 1).rows[:2].flatten().tolist() == [1, 0]
    assert near(points, 1).squares.flatten().tolist() == [0, 0, 25]


def test_copies_are_found_and_new_pictures_are_not(rng: torch.Generator) -> None:
    pool, new = gaussian(400, 50, rng), gaussian(40, 50, rng)
    copied = pool[:40] + gaussian(40, 50, rng, scale=0.1)
    assert copies(nearest(copied, pool, 20)[0]).tolist() == [1] * 40
    assert copies(nearest(new, pool, 20)[0]).tolist() == [0] * 40


# Halves


def closeness(real: Any, fake: Any) -> Any:
    return close_pairs(real, fake, near(real), near(fake))


def test_a_part_of_two_sets_is_measured_as_if_it_were_alone(rng: torch.Generator) -> None:
    real, fake = gaussian(400, 4, rng), gaussian(300, 4, rng, mean=0.3, scale=0.9)
    kept_real, kept_fake = torch.rand(400, generator=rng) < 0.5, torch.rand(300, generator=rng) < 0.5
    found = closeness(real, fake).overlap(kept_real, kept_fake)
    alone = overlap(real[kept_real], fake[kept_fake])
    assert vars(found) == pytest.approx(vars(alone))


def test_ties_are_counted_as_they_are_defined(rng: torch.Generator) -> None:
    """Points of a grid, where squares are whole numbers and many are equal: closer than the fifth, no farther than the first."""
    real, fake = (torch.randint(0, 6, (count, 3), generator=rng).float() for count in (90, 80))
    kept_real, kept_fake = torch.rand(90, generator=rng) < 0.7, torch.rand(80, generator=rng) < 0.7
    found = closeness(real, fake).overlap(kept_real, kept_fake)
    reals, fakes = real[kept_real], fake[kept_fake]
    squares = torch.cdist(fakes, reals).square().round()
    (real_1, real_5), (fake_1, fake_5) = (ranked(each, 1, 5) for each in (reals, fakes))
    hits, mixed = squares < real_5, (squares <= real_1).any(0).sum() + (squares <= fake_1[:, None]).any(1).sum()
    assert found.precision == pytest.approx(float(hits.any(1).double().mean()))
    assert found.recall == pytest.approx(float((squares < fake_5[:, None]).any(0).double().mean()))
    assert found.density == pytest.approx(int(hits.sum()) / (5 * len(fakes)))
    assert found.coverage == pytest.approx(float(hits.any(0).double().mean()))
    assert found.two_sample == pytest.approx(1 - int(mixed) / (len(reals) + len(fakes)))


def ranked(points: torch.Tensor, *numbers: int) -> list[torch.Tensor]:
    """Squared distances of each point to others of its set, by rank."""
    squares = torch.cdist(points, points).square().round().fill_diagonal_(torch.inf).sort(1).values
    return [squares[:, number - 1] for number in numbers]


def test_close_pairs_are_all_that_are_close_and_each_once(
    rng: torch.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.evaluation.measuring.distances.CELLS", 500)  # in several blocks
    real, fake = (
        torch.randint(0, 9, (60, 3), generator=rng).float(),
        torch.randint(0, 9, (50, 3), generator=rng).float(),
    )
    found, squares = closeness(real, fake), torch.cdist(fake, real).square().round()
    for pairs, limits, away in (
        (found.of_real, found.real.nth(32), squares.T),
        (found.of_fake, found.fake.nth(32), squares),
    ):
        wanted = {(i, j, float(away[i, j])) for i, j in (away <= limits[:, None]).nonzero().tolist()}
        listed = list(zip(pairs.owner.tolist(), pairs.other.tolist(), pairs.squares.tolist(), strict=True))
        assert len(listed) == len(wanted) and set(listed) == wanted


def test_the_whole_is_measured_as_in_one_pass(rng: torch.Generator) -> None:
    real, fake = gaussian(300, 4, rng), gaussian(200, 4, rng, mean=0.3)
    assert vars(overlap_with_errors(real, fake, rng)[0]) == pytest.approx(vars(overlap(real, fake)))


def test_standard_errors_are_the_spread_of_fresh_draws_of_both_sides(rng: torch.Generator) -> None:
    """Of two sets that overlap partly; a binomial error, which takes the real ones for given, would be far too small."""
    draws = [(gaussian(400, 8, rng), gaussian(400, 8, rng, mean=0.8, scale=0.9)) for _ in range(30)]
    measured = [overlap_with_errors(real, fake, rng) for real, fake in draws]
    for name in OVERLAPS:
        values, errors = (torch.tensor([getattr(each[part], name) for each in measured]) for part in (0, 1))
        assert 0.7 < float(errors.mean() / values.std()) < 1.5, name
    values = torch.tensor([each.precision for each, _ in measured])
    binomial = float((values.mean() * (1 - values.mean()) / 400).sqrt())
    assert float(values.std()) > 1.8 * binomial


def test_where_all_pairs_are_close_a_part_of_them_stands_for_all(
    rng: torch.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value is of all, and the error of a part is scaled to all."""
    real, fake = gaussian(800, 3, rng), gaussian(800, 3, rng, mean=0.5)
    value, error = overlap_with_errors(real, fake, torch.Generator().manual_seed(1))
    monkeypatch.setattr(neighbours, "MOST_PAIRS", 12_000)
    assert closeness(real, fake).share == 0.25
    value_of_part, error_of_part = overlap_with_errors(real, fake, torch.Generator().manual_seed(1))
    assert vars(value_of_part) == pytest.approx(vars(value))
    assert vars(error_of_part) == pytest.approx(vars(error), rel=0.6)


def test_sets_without_an_overlap_have_no_spread(rng: torch.Generator) -> None:
    value, error = overlap_with_errors(gaussian(100, 3, rng), gaussian(100, 3, rng, mean=50.0), rng)
    assert value == Overlap(0, 0, 0, 0, 1) and error == Overlap(0, 0, 0, 0, 0)


def test_few_pictures_have_fewer_neighbours(rng: torch.Generator) -> None:
    assert near(gaussian(20, 3, rng)).rows.shape == (20, 19)
    value, error = overlap_with_errors(gaussian(20, 3, rng), gaussian(20, 3, rng), rng)
    assert 0 < value.precision <= 1 and error.precision > 0
