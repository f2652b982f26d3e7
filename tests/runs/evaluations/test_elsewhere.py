"""An evaluation on a cluster says and keeps what one on this computer does; here without Ray, this process in the node's place."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from far_threads import forget_given
from judged import save_panel

from gencmp.data.digits import Digits
from gencmp.data.read import Pictures
from gencmp.errors import ClusterError, GencmpError, TrainingLost
from gencmp.evaluation import evaluate as evaluation
from gencmp.evaluation.evaluate import evaluate
from gencmp.evaluation.judges import training
from gencmp.evaluation.judges.panel import CARD, PANEL, member_folder, missing_members
from gencmp.evaluation.verdicts import Verdict
from gencmp.files import home
from gencmp.progress import no_progress
from gencmp.runs.evaluations.elsewhere import TRIES, measure_elsewhere
from gencmp.runs.evaluations.on_node import Asked, measured_there
from gencmp.runs.executors.job import Here
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig

Models = list[tuple[str, Path]]


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(evaluation, "LIKELIHOOD_IMAGES", 10)
    before = torch.get_num_threads()
    torch.set_num_threads(1)  # as on a node
    yield
    forget_given()
    torch.set_num_threads(before)


@pytest.fixture
def models(trained: Callable[..., Run], store: RunStore, gan: GanConfig, vae: VaeConfig, digits_folder: Path) -> Models:
    small = gan, vae.replace(latent_size=3)  # whose likelihood no quadrature finds
    runs = [trained(config.replace(epochs=1, dataset=str(digits_folder))) for config in small]
    return [(run.name, store.queries.folder(run.id).weights(1)) for run in runs]


class Node:
    """A cluster of one node, which has what is sent to it and nothing else. lost: how many of its next evaluations are lost."""

    def __init__(self, away: Path | None = None, lost: int = 0):
        self.away, self.lost = away, lost
        self.asked: list[Asked] = []

    def measured(self, asked: Asked, pictures: Pictures) -> Iterator[Any]:
        self.asked.append(asked)
        if self.away:
            hidden = self.away.rename(self.away.with_name("hidden"))
        messages = list(measured_there(asked, pictures, "7"))
        forget_given()
        if self.away:
            hidden.rename(self.away)
        yield None
        answers = [answer for message in messages for answer in message]
        if self.lost:
            self.lost -= 1
            yield answers[:1]
            raise TrainingLost("beta has gone")
        yield from messages

    def name_of(self, node: str) -> str:
        return f"beta {node}"


def said(verdict: Verdict) -> Verdict:
    return replace(verdict, seconds=0.0)


def test_it_finds_what_this_computer_finds_and_keeps_it(
    models: Models, digits: Digits, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_panel(digits, str(digits_folder))
    datasets = {name: str(digits_folder) for name, _ in models}
    here = evaluate(models, 50, 3, datasets=datasets)
    shutil.rmtree(home() / "verdicts")
    words = []
    node = Node(digits_folder)
    measure_elsewhere(models, 50, 3, lambda share, text: words.append((share, text)), datasets, node)
    monkeypatch.setattr(evaluation, "judge_model", None)  # all is kept: nothing is measured again
    kept = evaluate(models, 50, 3, datasets=datasets)
    assert [(said(each.verdict), said(each.floor)) for each in kept] == [
        (said(each.verdict), said(each.floor)) for each in here
    ]
    assert words[:2] == [(0.0, "Reading few0"), (0.0, "Waiting for a place on the cluster")]
    assert words[-1][1].endswith("(on beta 7)")
    assert sorted(share for share, _ in words) == [share for share, _ in words]
    measure_elsewhere(models, 50, 3, no_progress, datasets, node)
    assert len(node.asked) == 1


def test_judges_that_the_data_lack_are_trained_there_and_kept_here(
    models: Models, digits: Digits, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    poor = training.train_member
    monkeypatch.setattr(
        "gencmp.evaluation.judges.training.train_member",
        lambda data, member, *more: poor(data, replace(member, steps=10)),
    )
    save_panel(digits, str(digits_folder))
    lacking = member_folder(str(digits_folder), PANEL[-1])
    shutil.rmtree(lacking)
    node = Node()
    measure_elsewhere(models[:1], 50, 0, no_progress, {models[0][0]: str(digits_folder)}, node)
    assert sorted(node.asked[0].judges) == sorted(member.name for member in PANEL[:-1])
    assert (lacking / CARD).exists() and not missing_members(str(digits_folder))


def test_when_nodes_are_lost_another_one_measures(models: Models, digits: Digits, digits_folder: Path) -> None:
    save_panel(digits, str(digits_folder))
    datasets = {name: str(digits_folder) for name, _ in models}
    node = Node(lost=TRIES - 1)
    measure_elsewhere(models, 50, 0, no_progress, datasets, node)
    assert len(node.asked) == TRIES
    with pytest.raises(ClusterError, match=rf"lost {TRIES} times in a row; the last time, beta has gone"):
        measure_elsewhere(models, 60, 0, no_progress, datasets, Node(lost=TRIES))


def test_what_fails_there_is_told_here(
    models: Models, digits: Digits, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_panel(digits, str(digits_folder))
    datasets = {name: str(digits_folder) for name, _ in models}
    with monkeypatch.context() as other:
        other.setattr(Here, "of", lambda node: Here(node, "beta", 1, {"gencmp": "0"}))
        with pytest.raises(ClusterError, match="The node beta 7 has gencmp 0"):
            measure_elsewhere(models, 50, 0, no_progress, datasets, Node())
    monkeypatch.setattr("gencmp.evaluation.real_digits.LEAST", 10**6)
    with pytest.raises(GencmpError, match="wanted 1000000 or more"):
        measure_elsewhere(models, 50, 0, no_progress, datasets, Node())
