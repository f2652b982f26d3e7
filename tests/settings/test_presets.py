from typing import Any

import pytest

from gencmp.errors import ConfigError
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import PRESETS, preset, preset_title
from gencmp.settings.stored import config_from_json

ALL = [(kind, name) for kind, presets in PRESETS.items() for name in presets]


def test_the_paper_preset_is_the_paper() -> None:
    assert preset("gan", "paper").config == GanConfig()
    assert preset("vae", "paper").config == VaeConfig()


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_every_preset_says_why_and_keeps_its_settings(kind: Any, name: Any) -> None:
    chosen = preset(kind, name)
    assert (chosen.name, chosen.config.kind) == (name, kind)
    assert chosen.label and chosen.why.endswith(".")
    assert config_from_json(chosen.config.to_json()) == chosen.config


@pytest.mark.parametrize("kind", PRESETS)
def test_presets_differ_and_quick_is_less_work(kind: Any) -> None:
    configs = [chosen.config for chosen in PRESETS[kind].values()]
    assert len(set(configs)) == len(configs)
    quick, paper = preset(kind, "quick").config, preset(kind, "paper").config
    assert quick.epochs * quick.limit * 3 < paper.epochs * 60_000


def test_an_unknown_preset_lists_those_there_are() -> None:
    with pytest.raises(ConfigError, match=r"vae has no preset 'papre'. It has: paper, quick") as raised:
        preset("vae", "papre")
    assert raised.value.field == "preset"


def test_a_title_says_what_preset_settings_follow_and_whether_they_are_its_own() -> None:
    strong = preset("gan", "strong-discriminator").config
    assert preset_title("gan", "strong-discriminator", strong.to_dict()) == "D too strong"
    assert preset_title("gan", "own", strong.replace(epochs=3, classes=(1, 2)).to_dict()) == "D too strong, changed"
    assert preset_title("gan", "own", strong.replace(discriminator_steps=4).to_dict()) == "own settings"
    quick = preset("vae", "quick").config
    assert preset_title("vae", "own", quick.replace(epochs=3).to_dict()) == "Quick, changed", (
        "not the paper's, though it has the same networks"
    )
