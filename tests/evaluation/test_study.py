"""A study: every seed of every config once, whatever comes between."""

import json
from pathlib import Path
from typing import Any

import pytest
from judged import save_panel

from gencmp.data.digits import Digits
from gencmp.errors import ConfigError
from gencmp.evaluation import evaluate
from gencmp.evaluation import study as module
from gencmp.evaluation.study import study
from gencmp.evaluation.verdicts import Verdict
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.loop import train


@pytest.fixture
def configs(
    digits: Digits, digits_folder: Path, gan: GanConfig, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> list[GanConfig | VaeConfig]:
    monkeypatch.setattr(evaluate, "LIKELIHOOD_IMAGES", 10)
    save_panel(digits, str(digits_folder))
    return [config.replace(dataset=str(digits_folder), epochs=2) for config in (gan, vae)]


def test_each_seed_of_each_model_is_trained_and_judged(configs: list[GanConfig | VaeConfig], tmp_path: Path) -> None:
    out, heard = tmp_path / "study.json", []
    study(configs, 2, out, count=50, progress=lambda share, words: heard.append((share, words)))
    held = json.loads(out.read_text("utf-8"))
    assert [(run["config"]["kind"], run["config"]["seed"]) for run in held["runs"]] == [
        ("gan", 0),
        ("vae", 0),
        ("gan", 1),
        ("vae", 1),
    ]
    verdicts = [Verdict.from_dict(run["verdict"]) for run in held["runs"]]
    assert [found.model for found in verdicts] == ["gan seed 0", "vae seed 0", "gan seed 1", "vae seed 1"]
    assert all(found.count == 50 and found.epoch == 2 and "frechet" in found for found in verdicts)
    assert verdicts[0]["frechet"].value != verdicts[2]["frechet"].value
    assert Verdict.from_dict(held["floor"]).kind == "real"
    assert [share for share, _ in heard] == sorted(share for share, _ in heard) and heard[-1][0] == 1
    assert any(words == "vae, seed 1: epoch 1 of 2" for _, words in heard)


def test_an_interrupted_study_goes_on(
    configs: list[GanConfig | VaeConfig], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "study.json"
    trained: list[tuple[str, int]] = []

    def counted(config: Any, digits: Any) -> Any:
        trained.append((config.kind, config.seed))
        if len(trained) == 3:
            raise KeyboardInterrupt
        return train(config, digits)

    monkeypatch.setattr(module, "train", counted)
    with pytest.raises(KeyboardInterrupt):
        study(configs, 2, out, count=50)
    done = json.loads(out.read_text("utf-8"))["runs"]
    assert len(done) == 2
    held = study(configs, 2, out, count=50)
    assert trained[3:] == [("gan", 1), ("vae", 1)]
    assert held["runs"][:2] == done and len(held["runs"]) == 4


def test_more_seeds_are_added_to_those_there_are(configs: list[GanConfig | VaeConfig], tmp_path: Path) -> None:
    first = study(configs[:1], 1, tmp_path / "study.json", count=50)["runs"]
    assert study(configs[:1], 2, tmp_path / "study.json", count=50)["runs"][:1] == first


def test_a_study_of_another_count_is_not_mixed_in(configs: list[GanConfig | VaeConfig], tmp_path: Path) -> None:
    study(configs[:1], 1, tmp_path / "study.json", count=50)
    with pytest.raises(
        ConfigError, match=r"study\.json is a study with .*'count': 50.* needs .*'count': 60.*Choose another file"
    ):
        study(configs[:1], 1, tmp_path / "study.json", count=60)


@pytest.mark.parametrize("content", ["[]", "{}", "text"])
def test_a_file_of_something_else_is_left_alone(
    configs: list[GanConfig | VaeConfig], tmp_path: Path, content: str
) -> None:
    (tmp_path / "notes").write_text(content)
    with pytest.raises(ConfigError, match="notes is not a study"):
        study(configs, 1, tmp_path / "notes", count=50)
    assert (tmp_path / "notes").read_text() == content
