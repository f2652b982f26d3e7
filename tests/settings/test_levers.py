import pytest

from gencmp.errors import ConfigError
from gencmp.settings.configs import CONFIGS, GanConfig, VaeConfig
from gencmp.settings.levers import LEVERS, RESHAPING, change_words, pull
from gencmp.settings.setting import settings_of


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_levers_are_settings(kind: str) -> None:
    assert set(LEVERS[kind]) <= settings_of(CONFIGS[kind]).keys()
    assert set(RESHAPING) <= set(LEVERS["gan"])


def test_a_pulled_lever_is_a_changed_config() -> None:
    assert pull(VaeConfig(), {"beta": 4}) == VaeConfig(beta=4.0)


def test_what_is_no_lever_is_refused_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=r"Batch size: cannot be changed while a VAE trains.*learning_rate, beta"):
        pull(VaeConfig(), {"batch_size": 10})
    with pytest.raises(ConfigError, match=r"'nonsense': cannot be changed"):
        pull(VaeConfig(), {"nonsense": 10})


def test_a_value_out_of_range_is_refused_as_everywhere() -> None:
    with pytest.raises(ConfigError, match=r"Dropout in D: found 2, wanted 0 to 0\.95"):
        pull(GanConfig(), {"discriminator_dropout": 2.0})
    with pytest.raises(ConfigError, match="nothing would learn"):
        pull(GanConfig(discriminator_steps=0), {"generator_steps": 0})


def test_the_words_of_a_change() -> None:
    words = change_words(GanConfig(), {"generator_learning_rate": (1e-3, 1e-4), "discriminator_steps": (1, 2)})
    label = settings_of(GanConfig)["generator_learning_rate"].label
    assert words == f"{label} 0.001 → 0.0001, D steps 1 → 2"
