"""The commands that measure, as a person types them."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from judged import save_panel

from gencmp.cli import evaluation
from gencmp.cli.main import main
from gencmp.data.classes import DIGITS
from gencmp.data.digits import Digits
from gencmp.evaluation import evaluate
from gencmp.evaluation.criteria import Used, criteria
from gencmp.evaluation.judges import training
from gencmp.evaluation.judges.judge import read_judge, save_judge
from gencmp.evaluation.judges.panel import PANEL, judge_folder, panel_key
from gencmp.evaluation.judges.training import accuracy, train_judge, train_member
from gencmp.evaluation.verdicts import Verdict
from gencmp.models.snapshot import Snapshot, pack, weights_of
from gencmp.runs.catalog import Catalog
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import Preset
from gencmp.training.build import build_trainer


@pytest.fixture
def dataset(digits: Digits, digits_folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(evaluate, "LIKELIHOOD_IMAGES", 10)
    save_panel(digits, str(digits_folder))
    return str(digits_folder)


@pytest.fixture
def model(dataset: str, vae: VaeConfig, tmp_path: Path) -> str:
    """Weights of an untrained VAE."""
    config, path = vae.replace(dataset=dataset), tmp_path / "vae.safetensors"
    path.write_bytes(pack(Snapshot(config, 1, 1, 1.0, weights_of(build_trainer(config, torch.device("cpu"))))))
    return str(path)


@pytest.fixture
def models(model: str, dataset: str, gan: GanConfig, tmp_path: Path) -> list[str]:
    """Weights of an untrained GAN beside it."""
    config, path = gan.replace(dataset=dataset), tmp_path / "gan.safetensors"
    path.write_bytes(pack(Snapshot(config, 1, 1, 1.0, weights_of(build_trainer(config, torch.device("cpu"))))))
    return [str(path), model]


def test_train_judge_writes_a_judge_and_its_card(
    digits: Digits, digits_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "judge"
    assert (
        main(
            [
                "train-judge",
                "--dataset",
                str(digits_folder),
                "--seed",
                "3",
                "--steps",
                "20",
                "--out",
                str(out),
                "--json",
            ]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert (told["seed"], told["steps"]) == (3, 20)
    assert accuracy(read_judge(out), digits.test) == told["test_accuracy"]
    words = (out / "README.md").read_text("utf-8")
    assert f"`python -m gencmp train-judge --dataset {digits_folder} --seed 3 --steps 20`" in words
    assert f"{told['test_accuracy']:.2%} of 100 test pictures" in words


def test_train_judge_completes_a_panel(
    digits: Digits, digits_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = str(digits_folder)
    save_judge(train_judge(digits, steps=10), judge_folder(dataset))
    monkeypatch.setattr(
        training, "train_member", lambda digits, member, _: train_member(digits, replace(member, steps=10))
    )
    assert main(["train-judge", "--dataset", dataset, "--panel", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["judges"]
    assert [(each["architecture"], each["seed"]) for each in told] == [("convnet", 1), ("convnet", 2), ("lenet", 0), ("lenet", 1)]  # fmt: skip
    assert panel_key(dataset) and all(each["command"].endswith(" --panel") for each in _cards(told))
    assert main(["train-judge", "--dataset", dataset, "--panel", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["judges"] == []


def _cards(told: Any) -> list[Any]:
    return [json.loads((Path(each["out"]) / "card.json").read_text("utf-8")) for each in told]


def test_a_panel_has_its_own_seeds_and_places(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train-judge", "--panel", "--seed", "3"]) == 2
    assert "leave out --seed, --steps and --out" in capsys.readouterr().err


def test_evaluate_prints_the_figures_of_every_judge_and_the_answers(
    models: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", *models, "--count", "100", "--judges"]) == 0
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if line.startswith("Recall  ") and " to " in line]
    assert [re.split(r"\s{2,}", row)[1] for row in rows[1:]] == [
        "Convnet 0", "Convnet 1", "Convnet 2", "LeNet 0", "LeNet 1", "pixels", "gradients (HOG)",
    ]  # fmt: skip
    assert "Compared: a GAN (own settings, 1 of 3 epochs, seed 0) and a VAE (own settings, 1 of 3 epochs" in out
    assert all(f"\n{question} " in out for question in ("Clear?", "Varied?", "As a whole?"))


def test_evaluate_json_says_by_which_judge_and_in_which_space(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", model, "--count", "100", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["models"]
    measures = {each["name"]: each for each in found["verdict"]["measures"]}
    assert measures["frechet"]["space"] == "convnet-0"
    assert {each["space"] for each in measures["frechet"]["others"]} == {"convnet-1", "convnet-2", "lenet-0", "lenet-1", "pixels", "hog"}  # fmt: skip
    assert all(each["low"] <= each["value"] <= each["high"] for each in measures["frechet"]["others"])
    assert (measures["edges"]["space"], measures["edges"]["others"]) == ("", [])
    assert found["verdict"]["judges"].keys() == {member.name for member in PANEL}
    assert found["verdict"]["config"]["epochs"] == 3


def test_evaluate_prints_every_figure_with_interval_and_floor(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", model, "--count", "100"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"{model}, n = 100, epoch 1" in lines[0] and "real digits, n = 100" in lines[0]
    used = Used(
        near=100, others=49, blocks=20, bounded=10, pool=300
    )  # of 300 training and 100 test digits, see `dataset`
    for known in criteria(DIGITS, used).values():
        row = next(line for line in lines if line.startswith(known.label + "  "))
        floored = known.name not in ("elbo", "iwae_10", "iwae_100", "iwae_1000", "log_p", "bound_gap")
        assert len(re.findall(r"-?[\d.]+ \(-?[\d.]+ to -?[\d.]+\)", row)) == (2 if floored else 1), (
            "the model, and the floor"
        )
        assert f"{known.label}: {known.how} {known.source}." in lines


def test_evaluate_json_is_the_same_figures(model: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", model, "--count", "100", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["models"]
    assert found["verdict"]["kind"] == "vae" and found["floor"]["kind"] == "real"
    assert all(each["low"] <= each["value"] <= each["high"] for part in found.values() for each in part["measures"])
    (value,) = (each["value"] for each in found["verdict"]["measures"] if each["name"] == "frechet")
    main(["evaluate", model, "--count", "100"])
    assert evaluation._short(value) in capsys.readouterr().out


def test_a_run_on_own_pictures_is_measured_by_them(
    dataset: str, digits_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "vae", "--dataset", dataset, "--name", "own", "--epochs", "1", "--batch-size", "50"]
    assert main([*words, "--encoder-widths", "16", "--decoder-widths", "16"]) == 0
    assert main(["evaluate", "own", "--count", "100", "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out.splitlines()[-1])["models"]
    assert found["verdict"]["model"] == "own" and found["verdict"]["dataset"] == dataset


def test_evaluate_says_which_model_there_is_not(dataset: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "nobody"]) == 2
    assert "no run or shipped model 'nobody'" in capsys.readouterr().err


def test_study_trains_what_was_asked_for(
    dataset: str,
    gan: GanConfig,
    vae: VaeConfig,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small = {"gan": gan.replace(dataset=dataset), "vae": vae.replace(dataset=dataset)}
    monkeypatch.setattr(evaluation, "preset", lambda kind, name: Preset(name, name, "", small[kind]))
    out = tmp_path / "study.json"
    assert main(["study", "--seeds", "1", "--epochs", "1", "--count", "100", "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"out": str(out), "runs": 2}
    assert [run["config"]["epochs"] for run in json.loads(out.read_text("utf-8"))["runs"]] == [1, 1]


@pytest.mark.parametrize(
    ("words", "failing", "said"),
    [
        (["evaluate", "paper-gan"], "gencmp.evaluation.evaluate.evaluate", "Completed measurements are saved"),
        (["study", "--out", "none.json"], "gencmp.evaluation.study.study", "No model was finished"),
        (
            ["study", "--out", "some.json"],
            "gencmp.evaluation.study.study",
            "The finished models are in some.json; run the same command to continue.",
        ),
        (
            ["train-judge", "--out", "judge"],
            "gencmp.evaluation.judges.training.train_judge",
            "run the same command to start over",
        ),
    ],
)
def test_an_interrupt_says_what_is_kept(
    words: Any,
    failing: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    (tmp_path / "some.json").write_text("{}")
    monkeypatch.setattr(failing, interrupt)
    assert main(words) == 130
    told = capsys.readouterr().err
    assert said in told and "gencmp runs" not in told


def test_a_run_asked_for_by_its_id_is_called_by_its_name(
    store: RunStore, gan: GanConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the progress that the page shows, and in the table."""
    run = store.create(gan, name="my GAN")
    catalog = Catalog(store)
    assert evaluation._named(run.id, catalog) == "my GAN"
    assert evaluation._named("/a/b.safetensors", catalog) == "/a/b.safetensors"


def test_study_names_a_preset_that_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "--preset", "latent-20", "--out", str(tmp_path / "study.json")]) == 2
    assert "gan has no preset 'latent-20'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["evaluate", "x", "--count", "5"], ["study", "--out", "x", "--seeds", "0"], ["evaluate"]]
)
def test_bad_options_are_refused(words: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as told:
        main(words)
    assert told.value.code == 2


def test_help_needs_no_torch() -> None:
    code = "import sys\nfrom gencmp.cli.main import main\ntry: main(['evaluate', '--help'])\nfinally: assert 'torch' not in sys.modules"
    assert (
        "real digits" in subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    )


@pytest.mark.parametrize(
    ("asked", "drawn", "named"),
    [((3, 8), {3: 0.5, 8: 0.5}, "38"), ((3, 8), {8: 0.9, 0: 0.1}, "038"), ((), {8: 1.0}, "0123456789")],
)
def test_a_class_that_nobody_asked_for_and_none_drew_is_no_row(asked: Any, drawn: Any, named: str) -> None:
    shares = tuple(drawn.get(digit, 0.0) for digit in range(10))
    found = Verdict("two", "gan", 1, "", "mnist", 100, 0, "", 0.0, (), shares, (), asked=asked)
    rows = evaluation._share_rows([found])
    assert [row[0] for row in rows] == [f"Share of digit {name}" for name in named]
    assert [row[1] for row in rows] == [f"{shares[int(name)]:.3f}" for name in named]
