"""Sizes that must agree: the browser's message is PyTorch's own, made by the same mistake, and its counts are torch's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from browsing import node

from gencmp.models.gan import build_discriminator, build_generator
from gencmp.models.vae import build_decoder, build_encoder, draw_latent, encode
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.layers import parameter_count
from gencmp.ui.learn import sizes

SCRIPT = """
import fs from "fs";
import { clash, messageOf, parametersByNetwork, stepsOf } from "./learn/sizes/shapes.js";
const { facts, cases } = JSON.parse(fs.readFileSync("in.json"));
console.log(JSON.stringify(cases.map(([kind, made, taken]) => {
  const steps = stepsOf(kind, facts[kind], made, taken), clashing = clash(steps, facts[kind].batch);
  return { message: clashing && messageOf(clashing), counts: Object.fromEntries(parametersByNetwork(steps)), steps };
})));
"""
CASES = [
    *(("vae", *both) for both in ((2, 2), (2, 20), (20, 2), (1, 2), (32, 32))),
    *(("gan", *both) for both in ((100, 100), (100, 64), (1, 128))),
]


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int, int], dict[str, Any]]:
    folder: Path = tmp_path_factory.mktemp("shapes")
    (folder / "in.json").write_text(json.dumps({"facts": sizes.facts(), "cases": CASES}))
    return dict(zip(CASES, json.loads(node(SCRIPT, folder)), strict=True))


def networks(kind: str, made: int, taken: int) -> dict[str, Any]:
    """As our code builds them, but each from settings of its own."""
    rng = torch.Generator()
    if kind == "vae":
        return {
            "encoder": build_encoder(VaeConfig(latent_size=made), rng),
            "decoder": build_decoder(VaeConfig(latent_size=taken), rng),
        }
    return {
        "generator": build_generator(GanConfig(noise_size=taken), rng),
        "discriminator": build_discriminator(GanConfig(), rng),
    }


def shapes_in_torch(kind: str, made: int, taken: int) -> list[list[int]]:
    """Of everything that comes out of the layers and goes between the networks, in order. Raises torch's RuntimeError."""
    built, found = networks(kind, made, taken), []
    for network in built.values():
        for layer in network.stack:
            layer.register_forward_hook(lambda _layer, _given, made: found.append(list(made.shape)))
    if kind == "vae":
        images = torch.zeros(VaeConfig().batch_size, 784)
        found.append(list(images.shape))
        z = draw_latent(*encode(built["encoder"], images), torch.Generator())
    else:
        z = torch.zeros(GanConfig().batch_size, made)
    found.append(list(z.shape))
    pictures = built["decoder" if kind == "vae" else "generator"](z)
    if kind == "gan":
        built["discriminator"](pictures)
    return found


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_message_is_pytorchs_own(case: Any, said: dict[Any, Any]) -> None:
    kind, made, taken = case
    if made == taken:
        assert said[case]["message"] is None
        shapes_in_torch(kind, made, taken)
    else:
        with pytest.raises(RuntimeError) as error:
            shapes_in_torch(kind, made, taken)
        assert said[case]["message"] == str(error.value)


@pytest.mark.parametrize("case", [each for each in CASES if each[1] == each[2]], ids=str)
def test_the_shapes_drawn_are_those_in_torch(case: Any, said: dict[Any, Any]) -> None:
    batch = sizes.facts()[case[0]]["batch"]
    assert [[batch, step["width"]] for step in said[case]["steps"]] == shapes_in_torch(*case)
    assert all(step["reached"] for step in said[case]["steps"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_counts_of_parameters_are_torchs(case: Any, said: dict[Any, Any]) -> None:
    wanted = {name: sum(p.numel() for p in each.parameters()) for name, each in networks(*case).items()}
    assert said[case]["counts"] == wanted


def test_the_papers_counts(said: dict[Any, Any]) -> None:
    assert said["vae", 2, 2]["counts"] == {"encoder": 534_276, "decoder": 534_544}
    assert sum(said["gan", 100, 100]["counts"].values()) == parameter_count(GanConfig())


def test_nothing_is_reached_beyond_the_break(said: dict[Any, Any]) -> None:
    steps = said["vae", 2, 20]["steps"]
    assert [step["name"] for step in steps if step["reached"]] == ["pixels", "hidden", "hidden", "mean and log variance", "z"]  # fmt: skip
    assert [step["layer"] for step in steps if step["broken"]] == [{"inputs": 20, "outputs": 256}]
