"""The paper's training steps in JAX, compiled, many steps in one call: the fastest that is known to us beside gencmp's. Needs
`pip install -r requirements-peers.txt`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gencmp.bench.tools.turns import Side
from gencmp.settings.configs import Config, GanConfig, VaeConfig

Weights = list[tuple[Any, Any]]  # of each layer: [in, out] and [out]
Step = Callable[[Any, Any], tuple[Any, Any]]  # of a state and a minibatch: the next state, and the losses


def side(config: Config, images: np.ndarray) -> Side:
    """Minibatches of uint8 pictures [n, 784], in an order that is drawn before the clock starts, as many steps as are asked for
    in one call."""
    run = _runner(config, images)

    def take(steps: int) -> float:
        rows = run.draw(steps)
        started = time.perf_counter()
        run(rows)
        return (time.perf_counter() - started) / max(1, steps)

    return take


def losses_of(config: Config, images: np.ndarray, steps: int) -> list[list[float]]:
    """The losses of so many steps: of D and of G, or the VAE's per picture."""
    run = _runner(config, images)
    found: list[list[float]] = run(run.draw(steps)).tolist()
    return found


class _Runner:
    """Trains on the minibatches that the rows name, and keeps the state."""

    def __init__(self, state: Any, step: Step, images: np.ndarray, config: Config):
        self.state, self.count, self.batch = state, len(images), config.batch_size
        self.rng, pixels = np.random.default_rng(config.seed), jnp.asarray(images)
        self.scan = jax.jit(
            lambda state, rows: jax.lax.scan(
                lambda now, chosen: step(now, pixels[chosen].astype(jnp.float32) / 255), state, rows
            )
        )

    def draw(self, steps: int) -> Any:
        return jnp.asarray(self.rng.integers(self.count, size=(steps, self.batch)))

    def __call__(self, rows: Any) -> Any:
        self.state, losses = self.scan(self.state, rows)
        return jax.block_until_ready(losses)


def _runner(config: Config, images: np.ndarray) -> _Runner:
    make: Any = {"gan": _gan, "vae": _vae}[config.kind]
    state, step = make(config)
    return _Runner(state, step, images, config)


# Networks


def dense(widths: Sequence[int], key: Any) -> Weights:
    """Uniform weights as PyTorch's own layers begin with, and no biases."""
    keys = jax.random.split(key, len(widths))
    return [
        (jax.random.uniform(each, (fan_in, fan_out), minval=-1, maxval=1) / fan_in**0.5, jnp.zeros(fan_out))
        for each, fan_in, fan_out in zip(keys, widths, widths[1:], strict=False)
    ]


def through(weights: Weights, x: Any, slope: float, dropout: float, key: Any) -> Any:
    """Leaky ReLU and dropout after all layers but the last."""
    for (w, b), each in zip(weights[:-1], jax.random.split(key, len(weights)), strict=False):
        x = x @ w + b
        x = jnp.where(x > 0, x, slope * x)
        if dropout:
            x = jnp.where(jax.random.bernoulli(each, 1 - dropout, x.shape), x / (1 - dropout), 0)
    w, b = weights[-1]
    return x @ w + b


def adam(weights: Any, moments: Any, gradients: Any, count: Any, rate: float, config: Config) -> tuple[Any, Any]:
    """Kingma & Ba 2015. count: the steps so far, with this one."""
    first = jax.tree.map(lambda m, g: config.beta1 * m + (1 - config.beta1) * g, moments[0], gradients)
    second = jax.tree.map(lambda v, g: config.beta2 * v + (1 - config.beta2) * g * g, moments[1], gradients)
    scale_m, scale_v = 1 - config.beta1**count, 1 - config.beta2**count

    def moved(w: Any, m: Any, v: Any) -> Any:
        return w - rate * (m / scale_m) / (jnp.sqrt(v / scale_v) + 1e-8)

    return jax.tree.map(moved, weights, first, second), (first, second)


def no_moments(weights: Any) -> tuple[Any, Any]:
    zeros = jax.tree.map(jnp.zeros_like, weights)
    return zeros, zeros


# Steps


def _gan(config: GanConfig) -> tuple[Any, Step]:
    keys = jax.random.split(jax.random.key(config.seed), 3)
    g = dense((config.noise_size, *config.generator_widths, 784), keys[0])
    d = dense((784, *config.discriminator_widths, 1), keys[1])

    def fakes(g: Weights, key: Any, count: int) -> Any:
        of_noise, of_dropout = jax.random.split(key)
        noise = jax.random.uniform(of_noise, (count, config.noise_size), minval=-1, maxval=1)
        return jnp.tanh(through(g, noise, config.leaky_slope, config.generator_dropout, of_dropout))

    def judged(d: Weights, x: Any, key: Any) -> Any:
        return through(d, x, config.leaky_slope, config.discriminator_dropout, key)

    def loss_of_d(d: Weights, both: Any, key: Any) -> Any:
        real, fake = jnp.split(judged(d, both, key), 2)
        return jax.nn.softplus(real).mean() - config.real_label * real.mean() + jax.nn.softplus(fake).mean()

    def loss_of_g(g: Weights, d: Weights, keys: Any, count: int) -> Any:
        return jax.nn.softplus(-judged(d, fakes(g, keys[0], count), keys[1])).mean()

    def step(state: Any, images: Any) -> tuple[Any, Any]:
        g, d, of_g, of_d, key, count = state
        key, *keys = jax.random.split(key, 5)
        count = count + 1
        both = jnp.concatenate((images * 2 - 1, fakes(g, keys[0], len(images))))
        d_loss, by_d = jax.value_and_grad(loss_of_d)(d, both, keys[1])
        d, of_d = adam(d, of_d, by_d, count, config.discriminator_learning_rate, config)
        g_loss, by_g = jax.value_and_grad(loss_of_g)(g, d, keys[2:], len(images))
        g, of_g = adam(g, of_g, by_g, count, config.generator_learning_rate, config)
        return (g, d, of_g, of_d, key, count), jnp.stack((d_loss, g_loss))

    return (g, d, no_moments(g), no_moments(d), keys[2], jnp.zeros(())), step


def _vae(config: VaeConfig) -> tuple[Any, Step]:
    keys = jax.random.split(jax.random.key(config.seed), 3)
    encoder = dense((784, *config.encoder_widths, 2 * config.latent_size), keys[0])
    decoder = dense((config.latent_size, *config.decoder_widths, 784), keys[1])

    def loss_of(weights: Any, images: Any, key: Any) -> Any:
        encoder, decoder = weights
        mean, log_var = jnp.split(through(encoder, images, 0.0, 0.0, key), 2, axis=1)
        z = mean + jnp.exp(log_var / 2) * jax.random.normal(key, mean.shape)
        logits = through(decoder, z, 0.0, 0.0, key)
        reconstruction = (jax.nn.softplus(logits) - images * logits).sum()
        return reconstruction + config.beta * 0.5 * (mean**2 + jnp.exp(log_var) - 1 - log_var).sum()

    def step(state: Any, images: Any) -> tuple[Any, Any]:
        weights, moments, key, count = state
        key, of_draw = jax.random.split(key)
        count = count + 1
        loss, gradients = jax.value_and_grad(loss_of)(weights, images, of_draw)
        weights, moments = adam(weights, moments, gradients, count, config.learning_rate, config)
        return (weights, moments, key, count), loss[None] / len(images)

    weights = encoder, decoder
    return (weights, no_moments(weights), keys[2], jnp.zeros(())), step
