import dataclasses
from collections.abc import Callable
from typing import Any, cast

import pytest
from there import there

from gencmp.errors import ConfigError
from gencmp.settings.configs import CONFIGS, Config, GanConfig, VaeConfig
from gencmp.settings.setting import parse_setting, settings_of
from gencmp.settings.stored import config_from_dict, config_from_json

PAPER = {
    GanConfig: {
        "generator_widths": (128, 256, 512), "discriminator_widths": (512, 256, 128), "noise_size": 100, "noise": "uniform",
        "activation": "leaky_relu", "leaky_slope": 0.2, "generator_dropout": 0.3, "discriminator_dropout": 0.3, "real_label": 0.9,
        "generator_learning_rate": 2e-4, "discriminator_learning_rate": 2e-4, "beta1": 0.9, "beta2": 0.999, "batch_size": 64,
        "epochs": 50, "discriminator_steps": 1, "generator_steps": 1, "dataset": "mnist", "classes": (), "limit": 0,
    },
    VaeConfig: {
        "encoder_widths": (512, 256), "decoder_widths": (256, 512), "latent_size": 2, "activation": "relu", "beta": 1.0,
        "reduction": "sum", "learning_rate": 1e-3, "batch_size": 100, "epochs": 51, "shuffle": True, "dataset": "mnist",
    },
}  # fmt: skip


@pytest.mark.parametrize("kind", PAPER)
def test_the_defaults_are_the_papers(kind: Any) -> None:
    config = kind()
    assert {name: getattr(config, name) for name in PAPER[kind]} == PAPER[kind]


@pytest.mark.parametrize("kind", CONFIGS.values())
def test_every_setting_says_what_it_is_and_where_it_comes_from(kind: Any) -> None:
    for name, known in settings_of(kind).items():
        assert known.label and known.help.endswith("."), name
        assert known.source in ("text", "code", "ours"), name
        assert (
            known.choices or isinstance(getattr(kind(), name), (str, bool)) or there(known.low) < there(known.high)
        ), name


@pytest.mark.parametrize(
    "config",
    [
        GanConfig(),
        VaeConfig(),
        GanConfig(classes=(7, 1), generator_widths=(3, 2, 1), shuffle=False),
        VaeConfig(beta=0.5, dataset="/data"),
    ],
)
def test_json_there_and_back(config: Any) -> None:
    assert config_from_json(config.to_json()) == config
    assert config_from_dict(config.to_dict()) == config


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (GanConfig, "epochs", 0), (GanConfig, "epochs", 1.5), (GanConfig, "epochs", True), (GanConfig, "epochs", "3"),
        (GanConfig, "generator_dropout", 1.0), (GanConfig, "generator_widths", ()), (GanConfig, "generator_widths", (1,) * 13),
        (GanConfig, "generator_widths", (16, 0)), (GanConfig, "generator_widths", 16), (GanConfig, "noise", "pink"),
        (GanConfig, "classes", (100,)), (GanConfig, "shuffle", 1), (GanConfig, "real_label", float("nan")), (GanConfig, "device", "tpu"),
        (VaeConfig, "learning_rate", float("inf")), (VaeConfig, "beta", -1), (VaeConfig, "seed", 2**31),
        (VaeConfig, "dataset", "../secrets"), (VaeConfig, "latent_size", None),
    ],
)  # fmt: skip
def test_a_bad_value_names_its_field_and_what_was_wanted(kind: Any, name: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=r"^(?s:.)*found .*, wanted ") as raised:
        kind(**{name: value})
    assert raised.value.field == name
    assert str(raised.value).startswith(settings_of(kind)[name].label)


def test_large_bounds_are_told_to_the_digit() -> None:
    with pytest.raises(ConfigError, match="found 10,000,001, wanted 0 to 10,000,000"):
        VaeConfig(limit=10_000_001)
    with pytest.raises(ConfigError, match="found 2,147,483,648, wanted 0 to 2,147,483,647"):
        VaeConfig(seed=2**31)
    with pytest.raises(ConfigError, match=r"found 0.951, wanted 0 to 0.95\."):
        GanConfig(generator_dropout=0.951)


@pytest.mark.parametrize("name", ["seed", "beta", "encoder_widths"])
def test_a_number_beyond_all_floats_is_no_other_error(name: str) -> None:
    with pytest.raises(ConfigError, match=r"found .*, wanted "):
        config_from_dict({"kind": "vae", name: [10**400] if name == "encoder_widths" else 10**400})


def test_a_gan_that_would_learn_nothing_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing would learn") as raised:
        GanConfig(discriminator_steps=0, generator_steps=0)
    assert raised.value.field == "generator_steps"
    assert GanConfig(discriminator_steps=0).generator_steps == 1


def test_an_unknown_setting_fails_at_once() -> None:
    with pytest.raises(TypeError):
        VaeConfig(learning_rte=1e-3)  # type: ignore[call-arg]  # the mistake that is tried
    attempts: tuple[Callable[[], Config], ...] = (
        lambda: VaeConfig().replace(learning_rte=1e-3),
        lambda: config_from_dict({"kind": "vae", "learning_rte": 1e-3}),
    )
    for attempt in attempts:
        with pytest.raises(ConfigError, match=r"vae has no setting 'learning_rte'. It has: .*learning_rate"):
            attempt()


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ConfigError, match="'flow'; it must be one of gan, vae"):
        config_from_dict({"kind": "flow"})
    with pytest.raises(ConfigError):
        config_from_dict({})


def test_a_config_cannot_be_changed_but_replaced() -> None:
    config = GanConfig()
    with pytest.raises(dataclasses.FrozenInstanceError):
        config.epochs = 3  # type: ignore[misc]  # the mistake that is tried
    assert config.replace(epochs=3).epochs == 3
    assert config.epochs == 50


def test_values_are_put_in_order() -> None:
    assert GanConfig(classes=cast(Any, [7, 1, 7])).classes == (1, 7)
    assert GanConfig(epochs=cast(Any, 3.0)).epochs == 3 and isinstance(GanConfig(epochs=cast(Any, 3.0)).epochs, int)
    assert isinstance(VaeConfig(beta=2).beta, float)


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("generator_widths", "512 256,128", (512, 256, 128)), ("generator_widths", "512-256-128", (512, 256, 128)), ("classes", "", ()),
        ("classes", "0, 1,7", (0, 1, 7)), ("shuffle", "no", False), ("shuffle", "TRUE", True), ("epochs", " 7 ", 7),
        ("beta1", "0.5", 0.5), ("noise", "normal", "normal"),
    ],
)  # fmt: skip
def test_what_a_person_types(name: str, typed: str, value: Any) -> None:
    assert parse_setting(GanConfig, name, typed) == value


@pytest.mark.parametrize(
    ("name", "typed", "wanted"),
    [
        ("epochs", "many", "a whole number"), ("epochs", "1.5", "a whole number"), ("beta1", "half", "a number"),
        ("shuffle", "maybe", "true or false"), ("classes", "one two", "whole numbers separated by spaces"),
    ],
)  # fmt: skip
def test_what_a_person_mistypes(name: str, typed: str, wanted: str) -> None:
    with pytest.raises(ConfigError, match=f"found '{typed}', wanted {wanted}") as raised:
        parse_setting(GanConfig, name, typed)
    assert raised.value.field == name


def test_a_minus_before_a_digit_is_a_minus() -> None:
    assert parse_setting(GanConfig, "classes", "-1") == (-1,)
    with pytest.raises(ConfigError, match="found -1, wanted 0 to 9"):
        GanConfig(classes=parse_setting(GanConfig, "classes", "3 -1"))


def test_settings_of_earlier_versions_are_read_under_their_present_names() -> None:
    stored = VaeConfig(classes=(3, 8)).to_dict()
    stored["digits"] = stored.pop("classes")
    assert config_from_dict(stored) == VaeConfig(classes=(3, 8))


def test_widths_are_a_dense_networks() -> None:
    with pytest.raises(
        ConfigError, match=r"^Layers of G: widths are a dense network's; a convolutional one has"
    ) as raised:
        GanConfig(network="conv", generator_widths=(64,))
    assert raised.value.field == "generator_widths"
    assert VaeConfig(network="conv").encoder_widths == (512, 256)
    with pytest.raises(ConfigError, match=r"Layers of the decoder: .* choose dense networks"):
        VaeConfig(decoder_widths=(9,)).replace(network="conv")


def test_settings_stored_before_there_were_convolutions_are_dense() -> None:
    stored = {name: value for name, value in VaeConfig(seed=3).to_dict().items() if name != "network"}
    assert config_from_dict(stored) == VaeConfig(seed=3, network="dense")
