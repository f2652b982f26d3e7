"""Sizes that must agree: the shapes in both models, a mismatch on purpose, and PyTorch's error explained (claim 10).

The browser draws it (static/learn/sizes) from the widths of the paper's networks; nothing is fetched.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.settings.layers import network_layers, shapes
from gencmp.ui.components import addresses, component
from gencmp.ui.learn.source import Excerpt, excerpt

MOST = {"vae": 32, "gan": 128}  # numbers to which a dial goes


def show(key: str) -> None:
    """Draw the experiment. Raises SourceChanged."""
    component("learn/sizes", "sizes")(data=facts() | addresses(), key=key)


def facts() -> dict[str, Any]:
    """Of both models: the networks without the two sizes that the dials choose, the sizes of the paper, the batch, and code."""
    vae, gan = VaeConfig(), GanConfig()
    encoder, decoder = _widths(vae)
    generator, discriminator = _widths(gan)
    return {
        "vae": _of(vae, vae.latent_size, {"encoder": encoder[:-1], "decoder": decoder[1:]}),
        "gan": _of(gan, gan.noise_size, {"generator": generator[1:], "discriminator": discriminator}),
    }


def _widths(config: Config) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(width for (width,) in shapes(layers)) for layers in network_layers(config).values())


def _of(config: Config, size: int, networks: dict[str, tuple[int, ...]]) -> dict[str, Any]:
    return {
        "size": size,
        "most": MOST[config.kind],
        "batch": config.batch_size,
        "networks": {name: list(widths) for name, widths in networks.items()},
        "sizes_in_code": [asdict(each) for each in _sizes_in_code(config.kind)],
        "fails_in_code": [asdict(_fails_in_code(config.kind))],
    }


def _sizes_in_code(kind: str) -> list[Excerpt]:
    """Where our code says the two sizes."""
    if kind == "vae":
        return [excerpt("models/vae.py", name, only="widths") for name in ("build_encoder", "build_decoder")]
    return [
        excerpt("models/gan.py", "draw_noise", only="noise"),
        excerpt("models/gan.py", "build_generator", only="widths"),
    ]


def _fails_in_code(kind: str) -> Excerpt:
    """The statement in which PyTorch would raise its error."""
    if kind == "vae":
        return excerpt("models/vae.py", "VaeTrainer.phases", only="logits")
    return excerpt("models/gan.py", "generate", only="return")
