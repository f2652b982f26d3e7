"""Histograms of oriented gradients: on pictures with a known answer, and against a slow implementation pixel by pixel."""

from __future__ import annotations

import math

import numpy as np
import torch

from gencmp.data.digits import Digits
from gencmp.evaluation.measuring.hog import hog


def picture(pixels: torch.Tensor) -> torch.Tensor:
    return pixels.to(torch.uint8).reshape(1, 784)


def test_a_blank_picture_has_no_gradient() -> None:
    assert torch.equal(hog(torch.zeros(2, 784, dtype=torch.uint8)), torch.zeros(2, 324))


def test_an_upright_edge_votes_for_the_gradient_that_lies_flat() -> None:
    """From dark to light from left to right: 0°, half way between the last bin and the first, in the middle cells alone."""
    pixels = torch.zeros(28, 28)
    pixels[:, 10:] = 255
    pixels[[0, -1]] = 0
    middle = hog(picture(pixels)).view(9, 4, 9)[:, :, 4]  # bins, cells and the block in the middle
    assert float(middle[[0, 8]].sum()) > 1.3 and float(middle[1:8].abs().max()) < 1e-6
    torch.testing.assert_close(middle[0], middle[8])
    torch.testing.assert_close(
        middle[0, [0, 2]], torch.full((2,), 0.5)
    )  # the edge runs through the two cells at the left


def test_contrast_does_not_count(mnist: Digits) -> None:
    images = mnist.test.images[:50]
    torch.testing.assert_close(hog(images // 2 * 2), hog(images // 2), atol=0.02, rtol=0)


def test_it_is_what_a_loop_over_all_pixels_finds(mnist: Digits) -> None:
    images = mnist.test.images[:3]
    wanted = np.stack([_slow(image.view(28, 28).double().numpy() / 255) for image in images])
    np.testing.assert_allclose(hog(images).numpy(), wanted, atol=1e-5)


def _slow(grey: np.ndarray) -> np.ndarray:
    """Dalal & Triggs, pixel by pixel; laid out as bins, cells of a block, blocks."""
    cells = np.zeros((4, 4, 9))
    framed = np.pad(grey, 1)
    for y in range(28):
        for x in range(28):
            across = (framed[y + 1, x + 2] - framed[y + 1, x]) / 2
            down = (framed[y + 2, x + 1] - framed[y, x + 1]) / 2
            degrees = math.degrees(math.atan2(down, across)) % 180
            for bin_ in range(9):
                away = min(abs(degrees - (20 * bin_ + 10)), 180 - abs(degrees - (20 * bin_ + 10)))
                cells[y // 7, x // 7, bin_] += math.hypot(across, down) * max(0.0, 1 - away / 20) / 49
    blocks = [cells[y : y + 2, x : x + 2].reshape(4, 9).T for y in range(3) for x in range(3)]
    normed = [block / max(float(np.linalg.norm(block)), 1e-3) for block in blocks]
    return np.stack(normed, 2).flatten()
