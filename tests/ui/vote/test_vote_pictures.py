"""What a vote shows: digits drawn without torch as torch draws them, new ones for each round."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from gencmp.latent import networks
from gencmp.models.gan import generate
from gencmp.models.snapshot import read
from gencmp.runs.catalog import Catalog, ModelRecord
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig
from gencmp.training.build import load_model, to_pictures
from gencmp.ui.vote import digits


@pytest.fixture(params=["paper-gan", "paper-vae", "normal"])
def record(request: pytest.FixtureRequest, store: RunStore, trained: Callable[..., Run], gan: GanConfig) -> ModelRecord:
    """The shipped models, and a GAN fed with normal noise."""
    if request.param == "normal":
        trained(gan.replace(noise="normal", epochs=1), name="normal")
    return Catalog(store).find(request.param)


def test_digits_are_those_that_torch_draws(record: ModelRecord) -> None:
    path = record.folder.weights(record.folder.kept()[-1])
    noise = torch.from_numpy(networks.latent_noise(networks.read_weights(path), 20, seed=3))
    model: Any = load_model(read(path))
    with torch.no_grad():
        drawn = (
            (generate(model.generator, noise) + 1) / 2 if record.run.kind == "gan" else model.decoder(noise).sigmoid()
        )
    found = digits.drawn_digits(record, 20, seed=3)
    assert found.dtype == np.uint8 and found.shape == (20, 28, 28)
    assert np.abs(found.astype(int) - to_pictures(drawn).astype(int)).max() <= 1  # float32 sums in another order


def test_each_seed_draws_others_and_none_twice(record: ModelRecord) -> None:
    one, again, other = (digits.drawn_digits(record, 128, seed) for seed in (3, 3, 4))
    assert np.array_equal(one, again)
    assert len({digit.tobytes() for digit in (*one, *other)}) == 256


def test_noise_is_what_the_model_was_trained_with(record: ModelRecord) -> None:
    weights = networks.read_weights(record.folder.weights(record.folder.kept()[-1]))
    noise = networks.latent_noise(weights, 2000, seed=1)
    uniform = record.run.name == "paper-gan"
    assert (np.abs(noise).max() <= 1) == uniform
    assert noise.std() == pytest.approx(3**-0.5 if uniform else 1, rel=0.03)
