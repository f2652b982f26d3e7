"""Single figures: what is legible, and intervals of what hardly ever happens."""

from __future__ import annotations

import pytest
import torch

from gencmp.data.digits import Digits
from gencmp.evaluation.figures import _pieces, draws_of, figures, legible, unrecognised, views_of
from gencmp.evaluation.intervals import exact
from gencmp.evaluation.judges.judge import Judged
from gencmp.evaluation.judges.training import panel_of
from gencmp.evaluation.real_digits import Real


@pytest.fixture(scope="module")
def real(mnist: Digits) -> Real:
    """MNIST, small, with one judge of each architecture."""
    judges = panel_of("mnist")
    train, test = mnist.train.images[:1000], mnist.test.images[::20]
    others = {"lenet-0": judges["lenet-0"]}
    return Real("mnist", judges["convnet-0"], test, train[:500], train[500:], train, others=others)


def judged(*probabilities: list[float]) -> Judged:
    found = torch.tensor(probabilities)
    return Judged(torch.zeros(len(found), 2), found)


def test_a_picture_is_legible_where_both_are_sure_of_the_same() -> None:
    one = judged([0.95, 0.05], [0.95, 0.05], [0.95, 0.05], [0.6, 0.4])
    other = judged([0.92, 0.08], [0.08, 0.92], [0.85, 0.15], [0.7, 0.3])
    assert legible([one, other]).tolist() == [True, False, False, False]
    assert unrecognised([one, other]).tolist() == [False, False, False, True]


def test_real_digits_are_legible_and_noise_is_not_though_judges_are_sure_of_it(real: Real) -> None:
    noise = torch.randint(0, 256, (300, 784), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    views = views_of(noise, real)
    assert legible([judged for name in ("convnet-0", "lenet-0") if (judged := views[name].judged)]).all()
    of_noise, of_real = (
        {each.name: each for each in figures(images, views_of(images, real), real, draws_of(0))}
        for images in (noise, real.stand_in)
    )
    assert (of_noise["legible"].value, of_noise["unrecognised"].value) == (0, 1)
    assert of_real["legible"].value > 0.95 and of_real["unrecognised"].value < 0.02
    assert of_real["legible"].space == "convnet-0+lenet-0"


def test_every_figure_that_needs_features_is_found_in_every_space(real: Real) -> None:
    found = {each.name: each for each in figures(real.stand_in, views_of(real.stand_in, real), real, draws_of(0))}
    spaces = ["convnet-0", "lenet-0", "pixels", "hog"]
    for name in ("frechet", "kernel", "precision", "recall", "density", "coverage", "two_sample"):
        assert list(found[name].readings) == spaces, name
        assert all(each.low <= each.value <= each.high for each in found[name].readings.values())
    for name in ("digit_kl", "missing", "confidence"):
        assert list(found[name].readings) == spaces[:2], name
    for name in ("edges", "blur", "specks", "pieces", "sharpness", "parzen"):
        assert list(found[name].readings) == [""], name


def test_the_interval_of_pieces_has_a_width_where_resampling_finds_none() -> None:
    """Of 2,000 pictures in one piece: the next may be in two, as often as a count of 0 allows."""
    found = _pieces(torch.ones(2000), draws_of(0)("pieces"))
    assert found.value == 1 and found.high == pytest.approx(1 + exact(0, 2000)[1], abs=1e-9)
    many = _pieces(
        torch.randint(1, 8, (2000,), generator=torch.Generator().manual_seed(0)).float(), draws_of(0)("pieces")
    )
    assert many.high - many.value == pytest.approx(1.96 * 2 / 2000**0.5, rel=0.3), "and else the width of the mean"
