"""Lesson 4 on made-up pictures: who stands further off is said of where digits stand, not of how much they differ."""

from __future__ import annotations

import numpy as np
import pytest

from gencmp.lessons import shipped


def dots(right: int, moves: int = 0) -> np.ndarray:
    """40 pictures of one dot, so far right of the middle column, half of them `moves` pixels below the middle row and half above."""
    images = np.zeros((40, 28, 28), np.uint8)
    for place, image in enumerate(images):
        image[14 + moves * (1 if place % 2 else -1), 14 + right] = 255
    return images


@pytest.mark.parametrize(
    ("gan", "vae", "wanted", "more"),
    [
        (dots(0, 2), dots(0, 2), "even", ""),
        (dots(0, 2), dots(4, 2), "VAE", ""),
        (dots(4, 2), dots(0, 2), "GAN", ""),
        (dots(0, 2), dots(0, 1), "even", "The VAE's digits stand more alike than real ones do."),
    ],
)
def test_who_stands_further_off(
    monkeypatch: pytest.MonkeyPatch, gan: np.ndarray, vae: np.ndarray, wanted: str, more: str
) -> None:
    monkeypatch.setattr(shipped, "many", lambda pair: {"gan": gan, "real": dots(0, 2), "vae": vae})
    finding = shipped.FINDINGS["positions"]({})
    assert finding and finding.prediction == wanted
    assert finding.sentence.endswith(more) and ("alike" in finding.sentence) == bool(more)
