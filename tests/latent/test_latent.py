"""Planes, directions, noise and paths against what is known of them; networks without torch against torch."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from gencmp.errors import SnapshotError
from gencmp.latent import networks, noise, planes
from gencmp.models.gan import generate
from gencmp.models.snapshot import Snapshot, pack, weights_of
from gencmp.models.vae import encode
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.build import build_trainer


def saved(path: Path, config: GanConfig | VaeConfig) -> Path:
    trainer = build_trainer(config, torch.device("cpu"))
    path.write_bytes(pack(Snapshot(config, 3, 30, 1.0, weights_of(trainer))))
    return path


SMALL_GAN = GanConfig(noise_size=12, generator_widths=(16, 24), discriminator_widths=(20, 9), activation="elu")
CONV_GAN = GanConfig(noise_size=7, network="conv")
CONV_VAE = VaeConfig(latent_size=3, network="conv")
SMALL_VAE = VaeConfig(latent_size=3, encoder_widths=(20, 11), decoder_widths=(9, 14), activation="tanh")


def test_the_same_seed_is_the_same_noise_and_another_is_not() -> None:
    assert np.array_equal(noise.draw_noise(7, 100), noise.draw_noise(7, 100))
    assert not np.any(noise.draw_noise(7, 100) == noise.draw_noise(8, 100))
    assert noise.random_words(7, 3).tolist() == [
        2028517936,
        1660572099,
        1875345815,
    ]  # for ever: seeds are in addresses


def test_uniform_noise_is_even_and_normal_noise_is_normal() -> None:
    uniform, normal = noise.draw_uniform(1, 200_000), noise.draw_normal(1, 200_000)
    assert uniform.min() >= -1 and uniform.max() < 1
    assert uniform.std() == pytest.approx(1 / math.sqrt(3), rel=0.01)
    assert np.histogram(normal, [-1, 1])[0][0] / len(normal) == pytest.approx(0.6827, abs=0.005)


def test_numbers_of_a_sequence_do_not_know_each_other() -> None:
    draws = np.array([noise.draw_uniform(seed, 50) for seed in range(4000)])
    by_place = np.corrcoef(draws.T) - np.eye(50)
    assert np.abs(by_place).max() < 5 / math.sqrt(4000)  # the largest of 1225, for independent ones about 3.5


def test_prior_quantiles_put_as_much_of_the_prior_in_every_column() -> None:
    ticks = planes.ticks(20, "quantile")
    inside = 0.5 + 0.5 * np.array([math.erf(x / math.sqrt(2)) for x in ticks])
    assert np.allclose(np.diff(inside), 0.05)
    assert np.allclose(planes.ticks(4, "even", 4), [-3, -1, 1, 3])


def test_a_grid_starts_at_the_top_left() -> None:
    grid = planes.grid(3, "even", 3)
    assert grid.shape == (3, 3, 2)
    assert grid[0, 0].tolist() == [-2, 2] and grid[2, 2].tolist() == [2, -2]


@pytest.mark.parametrize("size", [2, 5, 100])
def test_random_directions_are_at_right_angles_and_of_length_one(size: int) -> None:
    found = planes.random_directions(3, size, 2)
    assert np.allclose(found @ found.T, np.eye(2))


def test_there_is_no_second_direction_in_a_latent_of_one_number() -> None:
    assert np.allclose(np.abs(planes.random_directions(3, 1, 2)), [[1], [0]])
    assert planes.axes(1).tolist() == [[1], [0]]


def test_principal_directions_are_those_that_change_a_layer_most() -> None:
    weight = np.diag([1.0, 5.0, 3.0])
    assert np.allclose(planes.principal_directions(weight, 2), [[0, 1, 0], [0, 0, 1]])


def test_principal_directions_are_ganspaces_where_the_noise_is_even() -> None:
    weight = noise.draw_normal(2, 40 * 6).reshape(40, 6)
    sums = noise.draw_uniform(5, 200_000 * 6).reshape(-1, 6) @ weight.T
    components = np.linalg.eigh(np.cov(sums.T))[1][:, ::-1][:, :2]  # GANSpace: principal components of the layer
    ours = weight @ planes.principal_directions(weight, 2).T
    assert np.all(np.abs(np.sum(components * ours / np.linalg.norm(ours, axis=0), axis=0)) > 0.99)


def test_a_plane_gives_back_the_coordinates_it_was_given() -> None:
    plane = planes.Plane(noise.draw_noise(1, 9), *planes.random_directions(4, 9))
    a, b = plane.coordinates(plane.point([1.5, 0], [-2, 4]))
    assert np.allclose(a, [1.5, 0]) and np.allclose(b, [-2, 4])


def test_a_path_goes_at_even_speed_and_a_loop_comes_back() -> None:
    corner = [[0, 0], [3, 0], [3, 1]]
    assert np.allclose(planes.along(corner, 0.5), [2, 0])
    assert np.allclose(planes.along(corner, 1.0), [3, 1])
    assert np.allclose(planes.along(corner, 1.0, loop=True), [0, 0])


def test_the_density_of_one_bell_is_the_bell_and_sums_to_one() -> None:
    line = np.linspace(-5, 5, 201)
    density = planes.aggregated_density(np.zeros((1, 2)), np.log([[1.0, 0.25]]), line, line)
    assert density[100, 100] == pytest.approx(1 / (2 * math.pi * 0.5))
    assert density.sum() * 0.05**2 == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("config", [SMALL_GAN, GanConfig(), VaeConfig(), SMALL_VAE, CONV_GAN, CONV_VAE])
def test_networks_without_torch_say_what_torch_says(config: Any, tmp_path: Path) -> None:
    weights = networks.read_weights(saved(tmp_path / "w.safetensors", config))
    model: Any = build_trainer(config, torch.device("cpu")).model
    points = torch.randn(5, config.noise_size if config.kind == "gan" else config.latent_size)
    with torch.no_grad():
        if config.kind == "gan":
            wanted, found = (
                generate(model.generator.eval(), points),
                np.tanh(weights.network("generator")(points.numpy())),
            )
        else:
            wanted, found = model.decoder.eval()(points), weights.network("decoder")(points.numpy())
    assert np.abs(wanted.numpy() - found).max() < 1e-5


@pytest.mark.parametrize("config", [SMALL_VAE, CONV_VAE])
def test_the_posterior_is_the_encoders(config: VaeConfig, tmp_path: Path) -> None:
    pictures = (noise.draw_uniform(1, 3 * 784).reshape(3, 784) * 127 + 128).astype(np.uint8)
    mean, log_var = networks.posterior(networks.read_weights(saved(tmp_path / "w.safetensors", config)), pictures)
    model: Any = build_trainer(config, torch.device("cpu")).model
    with torch.no_grad():
        wanted = encode(model.encoder.eval(), torch.from_numpy(pictures) / 255)
    assert np.allclose(mean, wanted[0], atol=1e-5) and np.allclose(log_var, wanted[1], atol=1e-5)


def test_what_is_no_snapshot_says_so(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(b"nothing of ours")
    with pytest.raises(SnapshotError, match="not a gencmp snapshot"):
        networks.read_weights(tmp_path / "w.safetensors")
    with pytest.raises(SnapshotError, match="cannot be read"):
        networks.read_weights(tmp_path / "missing.safetensors")
