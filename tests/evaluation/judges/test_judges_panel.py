"""The panel: five judges of two architectures, small on disk, each a good one; those that are missing are trained."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from judged import save_panel

from gencmp.data.digits import Digits
from gencmp.evaluation.judges import training as module
from gencmp.evaluation.judges.judge import Judge, read_judge, read_judge_once, save_judge
from gencmp.evaluation.judges.networks import LeNet, Network
from gencmp.evaluation.judges.panel import (
    CARD,
    FIRST,
    PANEL,
    WEIGHTS,
    Member,
    expected_seconds,
    file_key,
    judge_folder,
    label_of,
    member_folder,
    missing_members,
    panel_key,
)
from gencmp.evaluation.judges.training import accuracy, panel_of, train_judge, train_member
from gencmp.models.layers import count_parameters
from gencmp.progress import Progress, no_progress


def test_two_architectures_and_several_seeds() -> None:
    assert [member.name for member in PANEL] == ["convnet-0", "convnet-1", "convnet-2", "lenet-0", "lenet-1"]
    assert PANEL[0] is FIRST and FIRST.weights == "float32"
    assert label_of("lenet-1") == "LeNet 1" and label_of("convnet-0+lenet-0") == "Convnet 0 and LeNet 0"


@pytest.mark.parametrize("member", PANEL, ids=lambda member: str(member.name))
def test_the_shipped_ones_are_good_and_say_how_they_were_made(member: Member, mnist: Digits) -> None:
    folder = member_folder("mnist", member)
    judge = read_judge_once(folder)
    assert judge.card["test_accuracy"] >= 0.993
    few = type(mnist.test)(mnist.test.images[::4], mnist.test.labels[::4])
    assert accuracy(judge, few) == pytest.approx(judge.card["test_accuracy"], abs=0.003)
    if member != FIRST:
        facts = (member.architecture, member.seed, member.steps, "python -m gencmp train-judge --panel")
        assert tuple(judge.card[name] for name in ("architecture", "seed", "steps", "command")) == facts
        assert (folder / WEIGHTS).stat().st_size < 400_000
        assert f"{judge.card['test_accuracy']:.2%}" in (folder / "README.md").read_text("utf-8")


def test_the_other_architecture_is_another_and_cheaper() -> None:
    assert count_parameters(LeNet()) == 46_666
    rng = torch.Generator().manual_seed(0)
    lenet = LeNet()
    lenet.initialise(rng)
    assert lenet.eval().features(torch.zeros(3, 1, 28, 28)).shape == (3, 64)
    assert not {name for name, _ in lenet.named_modules() if "BatchNorm2d" in name}
    assert count_parameters(Network()) > 3 * count_parameters(lenet)


def test_half_the_bytes_hold_the_same_judge(digits: Digits, tmp_path: Path) -> None:
    judge = train_member(digits, Member("lenet", 3, 20))
    save_judge(judge, tmp_path)
    again = read_judge(tmp_path)
    assert isinstance(again.network, LeNet) and again.key == judge.key == file_key(tmp_path / WEIGHTS)
    assert torch.equal(again(digits.test.images).features, judge(digits.test.images).features)
    whole = train_judge(digits, 3, 20, architecture="lenet")
    assert len(judge.content) < 0.55 * len(whole.content)
    torch.testing.assert_close(judge.network.head.weight, whole.network.head.weight, atol=1e-3, rtol=1e-3)


def test_the_key_is_of_all_and_empty_while_one_is_missing(digits: Digits, digits_folder: Path) -> None:
    dataset = str(digits_folder)
    assert missing_members(dataset) == PANEL and panel_key(dataset) == ""
    save_panel(digits, dataset)
    key = panel_key(dataset)
    assert key and missing_members(dataset) == ()
    save_judge(train_member(digits, replace(PANEL[-1], steps=11)), member_folder(dataset, PANEL[-1]))
    assert panel_key(dataset) not in ("", key)
    (member_folder(dataset, PANEL[2]) / CARD).unlink()
    (member_folder(dataset, PANEL[2]) / WEIGHTS).unlink()
    assert missing_members(dataset) == (PANEL[2],) and panel_key(dataset) == ""


def test_only_those_that_are_missing_are_trained(
    digits: Digits, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def quickly(digits: Digits, member: Member, progress: Progress = no_progress) -> Judge:
        made.append(member.name)
        progress(0.5, "half")
        return train_member(digits, replace(member, steps=10))

    dataset, heard = str(digits_folder), []
    save_judge(train_judge(digits, steps=10), judge_folder(dataset))
    monkeypatch.setattr(module, "train_member", quickly)
    judges = panel_of(dataset, lambda share, words: heard.append((share, words)))
    assert list(judges) == [member.name for member in PANEL]
    assert made == [member.name for member in PANEL[1:]]
    assert panel_of(dataset).keys() == judges.keys() and len(made) == 4
    halves: list[Any] = [share for share, words in heard if words == "half"]
    assert halves == sorted(halves) and halves[0] < 0.3 < 0.8 < halves[-1]
    assert json.loads((member_folder(dataset, PANEL[3]) / CARD).read_text("utf-8"))["architecture"] == "lenet"


def test_the_first_judge_takes_most_of_the_time() -> None:
    assert 60 < expected_seconds(*PANEL[1:]) < expected_seconds(FIRST) < 600
