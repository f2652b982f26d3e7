"""Clear strokes: pieces and edges with a known answer; blur and specks are told apart."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from scipy import ndimage
from torch.nn import functional as F

from gencmp.data.digits import Digits
from gencmp.evaluation.measuring.strokes import components, strokes


@pytest.fixture(scope="module")
def digits(mnist: Digits) -> torch.Tensor:
    return mnist.test.images[::10]


def blurred(images: torch.Tensor, pixels: float) -> torch.Tensor:
    """By a Gaussian of this standard deviation."""
    ticks = torch.arange(-4, 5.0)
    weights = torch.exp(-(ticks**2) / (2 * pixels**2))
    kernel = torch.outer(weights, weights) / weights.sum() ** 2
    soft = F.conv2d(images.view(-1, 1, 28, 28).float(), kernel[None, None], padding=4)
    return soft.round().clamp(0, 255).to(torch.uint8).flatten(1)


def specked(images: torch.Tensor, share: float) -> torch.Tensor:
    """With this share of the pixels at random grey levels above the half."""
    rng = torch.Generator().manual_seed(0)
    hit = torch.rand(images.shape, generator=rng) < share
    return torch.where(hit, torch.randint(128, 256, images.shape, generator=rng).to(torch.uint8), images)


def test_pieces_are_scipys(digits: torch.Tensor) -> None:
    """Also of pictures full of holes, where a label has a long way to go."""
    rng = torch.Generator().manual_seed(0)
    noise = torch.rand(100, 28, 28, generator=rng) < torch.linspace(0.1, 0.9, 100)[:, None, None]
    masks = torch.cat((digits.view(-1, 28, 28)[:200] >= 128, noise))
    for mask, labels in zip(masks, components(masks), strict=True):
        wanted, count = ndimage.label(mask.numpy(), structure=[[1] * 3] * 3)
        assert torch.equal(labels > 0, mask)
        assert len(labels[mask].unique()) == count
        assert len({*zip(wanted.flatten(), labels.flatten().tolist(), strict=True)}) == len(torch.unique(labels))


def test_a_square_is_one_sharp_piece() -> None:
    """Across its sides the grey changes by 1; at the corners by √2 in the diagonal. The sides have 4 x 8 pixels besides."""
    pixels = torch.zeros(28, 28)
    pixels[5:15, 5:15] = 255
    found = strokes(pixels.to(torch.uint8).view(1, 784))
    assert (found.pieces.item(), found.blur.item(), found.specks.item()) == (1, 0, 0)
    assert found.edges.item() == pytest.approx((32 + 4 * 2**0.5) / 36)


def test_a_blank_picture_has_nothing() -> None:
    found = strokes(torch.zeros(1, 784, dtype=torch.uint8))
    assert [float(each) for each in vars(found).values()] == [0, 0, 0, 0]


def test_blur_softens_edges_and_greys_the_ink_and_makes_no_specks(digits: torch.Tensor) -> None:
    ladder = [strokes(each) for each in (digits, blurred(digits, 0.5), blurred(digits, 1.0), blurred(digits, 1.5))]
    assert all(float(a.edges.mean()) > float(b.edges.mean()) + 0.1 for a, b in pairwise(ladder))
    assert all(float(a.blur.mean()) < float(b.blur.mean()) for a, b in pairwise(ladder))
    assert all(float(a.specks.mean()) >= float(b.specks.mean()) for a, b in pairwise(ladder))


def test_specks_are_counted_and_do_not_sharpen(digits: torch.Tensor) -> None:
    """Real digits blurred by half a pixel with specks on 3 % of the pixels: the summed gradient calls them sharper than real ones."""
    clean, soft, dirty = (strokes(each) for each in (digits, blurred(digits, 0.5), specked(blurred(digits, 0.5), 0.03)))
    assert float((clean.specks > 0).float().mean()) < 0.02 and float((dirty.specks > 0).float().mean()) > 0.99
    assert float(dirty.edges.mean()) < float(clean.edges.mean()) - 0.1
    assert float(dirty.edges.mean()) == pytest.approx(float(soft.edges.mean()), abs=0.03)
    assert float(dirty.pieces.mean()) > 10 > 1.1 > float(clean.pieces.mean()) >= 1


def test_many_pictures_are_each_looked_at_alone(digits: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = strokes(digits[:70])
    monkeypatch.setattr("gencmp.evaluation.measuring.strokes.AT_ONCE", 30)
    assert all(
        torch.equal(a, b) for a, b in zip(vars(whole).values(), vars(strokes(digits[:70])).values(), strict=True)
    )
