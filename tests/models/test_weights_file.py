"""Weights from anywhere: of another system, of a later version. What is needed to use them is what builds the networks."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load, save

from gencmp.errors import ConfigError, SnapshotError
from gencmp.latent.networks import read_weights
from gencmp.models.snapshot import Snapshot, pack, unpack, weights_of
from gencmp.models.weights_file import COMMON, STATE, halved, metadata_of, read_content, read_facts, without_paths
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.layers import parameter_count
from gencmp.settings.stored import config_for_use
from gencmp.training.build import build_trainer, sample
from gencmp.version import VERSION


@pytest.fixture
def content(config: GanConfig | VaeConfig) -> bytes:
    weights = weights_of(build_trainer(config, torch.device("cpu")))
    return pack(Snapshot(config, 2, 6, 1.5, weights, data={"name": "few", "fingerprint": "ab"}))


def changed(content: Any, settings: Any = (), tensors: Any = (), **facts: Any) -> Any:
    """The same file with other settings, facts, or more tensors."""
    told = json.loads(metadata_of(content)["gencmp"]) | facts
    told["config"] |= dict(settings)
    told = {name: value for name, value in told.items() if value is not None}
    return save(load(content) | dict(tensors), {"gencmp": json.dumps(told)})


def both_ways(content: Any, tmp_path: Path) -> Any:
    """Read with torch and without: the same sentence, or the same settings."""
    path = tmp_path / "x.safetensors"
    path.write_bytes(content)
    found: list[Any] = []
    ways: tuple[Callable[[], Any], ...] = (
        lambda: unpack(content, path.name).config.to_dict(),
        lambda: dict(read_weights(path).config),
    )
    for attempt in ways:
        try:
            found.append(attempt())
        except SnapshotError as error:
            found.append(str(error))
    assert found[0] == found[1]
    return found[0]


def test_facts_there_and_back(content: bytes, config: GanConfig | VaeConfig) -> None:
    facts = read_facts(content, "x")
    assert (facts.config, facts.epoch, facts.step, facts.seconds) == (config, 2, 6, 1.5)
    assert (facts.data, facts.ignored) == ({"name": "few", "fingerprint": "ab"}, ())


@pytest.mark.parametrize("dataset", [r"C:\Users\anna\digits", "/Users/anna/digits", "folder:digits"])
def test_weights_are_used_wherever_they_were_trained(
    content: bytes, config: GanConfig | VaeConfig, dataset: str, tmp_path: Path
) -> None:
    foreign = changed(content, {"dataset": dataset})
    assert both_ways(foreign, tmp_path)["dataset"] == dataset
    assert np.array_equal(sample(unpack(foreign), 4, 0), sample(unpack(content), 4, 0))


@pytest.mark.parametrize(
    "settings",
    [{"colour": "blue"}, {"precision": "float8"}, {"seed": -1}, {"classes": ["one"]}, {"dataset": "a data set of 2030"},
     {"device": "tpu", "colour": 3}, {"beta2": 1.5}],
)  # fmt: skip
def test_what_builds_no_network_may_be_unknown(
    content: bytes, config: GanConfig | VaeConfig, settings: Any, tmp_path: Path
) -> None:
    later = changed(content, settings)
    assert both_ways(later, tmp_path) == config.to_dict() | ({"device": "auto"} if "device" in settings else {})
    assert set(unpack(later).ignored) == settings.keys()
    assert np.array_equal(sample(unpack(later), 4, 0), sample(unpack(content), 4, 0))


def test_settings_of_earlier_versions_are_known(content: bytes, config: GanConfig | VaeConfig, tmp_path: Path) -> None:
    told = json.loads(metadata_of(content)["gencmp"])
    told["config"]["digits"] = told["config"].pop("classes")
    earlier = save(
        load(content),
        {"gencmp": json.dumps({name: told[name] for name in ("format", "config", "epoch", "step", "seconds")})},
    )
    assert both_ways(earlier, tmp_path) == config.to_dict() and unpack(earlier).ignored == ()


@pytest.mark.parametrize(
    ("settings", "tensors", "facts", "why"),
    [
        ({"activation": "swish"}, {}, {}, "Activation: found 'swish', wanted one of"),
        ({"norm": "layer"}, {}, {"networks": ["activation", "norm"]}, "they are made with norm, which it does not know"),
        ({"norm": "layer"}, {"model/critic/scale": torch.ones(3)}, {}, "they have model/critic/scale, which its own do not have"),
        ({"kind": "flow"}, {}, {}, "The kind of model is 'flow'"),
    ],
)  # fmt: skip
def test_networks_of_a_later_version_say_which_is_needed(
    content: bytes, settings: Any, tensors: Any, facts: Any, why: str, tmp_path: Path
) -> None:
    said = both_ways(changed(content, settings, tensors, gencmp="2.3.0", **facts), tmp_path)
    assert said.startswith(f"x.safetensors holds networks that this version of gencmp, {VERSION}, cannot build: {why}")
    assert said.endswith("Update gencmp to 2.3.0 or later.")


def test_an_unknown_format_is_not_read_as_if_it_were_known(content: bytes, tmp_path: Path) -> None:
    said = both_ways(changed(content, format=2), tmp_path)
    assert said == "x.safetensors was written by a later version of gencmp (format 2; this one reads 1). Update gencmp."


@pytest.mark.parametrize("found", [0, -1, True, "1", None, 1.5, [1]])
def test_a_format_that_is_none_is_damage(content: bytes, found: Any, tmp_path: Path) -> None:
    assert "is not a gencmp snapshot, or is damaged" in both_ways(changed(content, format=found), tmp_path)


@pytest.mark.parametrize("data", [3, "mnist", [1]])
def test_an_origin_that_is_none_is_damage(content: bytes, data: Any, tmp_path: Path) -> None:
    assert "is not a gencmp snapshot, or is damaged" in both_ways(changed(content, data=data), tmp_path)


def test_a_network_without_its_weights_is_damage(content: bytes, config: GanConfig | VaeConfig, tmp_path: Path) -> None:
    first, *others = sorted(load(content))
    said = both_ways(save({name: load(content)[name] for name in others}, metadata_of(content)), tmp_path)
    assert f"is not a gencmp snapshot, or is damaged ({first} is missing)" in said


def test_a_setting_that_is_needed_must_be_known() -> None:
    with pytest.raises(ConfigError, match="Latent size: found 'many'"):
        config_for_use({"kind": "vae", "latent_size": "many"})
    config, ignored = config_for_use({"kind": "gan", "discriminator_steps": 0, "generator_steps": 0})
    assert isinstance(config, GanConfig)
    assert config.generator_steps == 1 and ignored == ("generator_steps",)


def test_a_path_is_taken_out_of_a_file_and_nothing_else(content: bytes) -> None:
    foreign = changed(content, {"dataset": "/home/anna/digits"})
    shared = without_paths(foreign)
    assert b"anna" in foreign and b"anna" not in shared
    assert all(torch.equal(tensor, load(foreign)[name]) for name, tensor in load(shared).items())
    before, after = (json.loads(metadata_of(each)["gencmp"]) for each in (foreign, shared))
    assert after["config"].pop("dataset") == "folder:digits" and before["config"].pop("dataset") == "/home/anna/digits"
    assert after == before
    assert without_paths(shared) == shared and without_paths(content) == content


def test_a_file_is_halved_whole_or_one_network_alone(content: bytes, config: GanConfig | VaeConfig) -> None:
    first = "generator" if config.kind == "gan" else "decoder"
    whole, part = halved(content), halved(content, f"model/{first}/")
    assert read_facts(whole, "x") == read_facts(content, "x") and metadata_of(part) == metadata_of(content)
    assert all(torch.equal(tensor.half(), load(whole)[name]) for name, tensor in load(content).items())
    assert set(load(part)) == {name for name in load(content) if name.split("/")[1] == first}


def test_a_file_of_gigabytes_is_refused_by_its_header(
    content: bytes, config: GanConfig | VaeConfig, tmp_path: Path
) -> None:
    """Its length alone says so: nothing of the rest is read."""
    path, whole = tmp_path / "x.safetensors", COMMON + STATE * 4 * parameter_count(config)
    path.write_bytes(content)
    os.truncate(path, 3_000_000_000)
    with pytest.raises(SnapshotError, match=f"it has 3,000 MB, its settings want at most {whole / 1e6:,.0f}"):
        read_content(path)
    with pytest.raises(SnapshotError, match="3,000 MB"):
        read_weights(path)


@pytest.mark.parametrize(
    "start", [b"", b"PK\3\4 an archive", (2**40).to_bytes(8, "little"), (20_000_000).to_bytes(8, "little")]
)
def test_gigabytes_of_something_else_are_refused_as_well(start: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(start)
    os.truncate(path, 3_000_000_000)
    with pytest.raises(SnapshotError, match=r"x\.safetensors is not a gencmp snapshot"):
        read_content(path)
