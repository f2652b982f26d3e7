"""A study on a cluster says what the sequential one says, with threads in the place of nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from far_threads import forget_given, recorded
from judged import save_panel

from gencmp.cli.clusters import following, studying
from gencmp.data.digits import Digits
from gencmp.evaluation import evaluate
from gencmp.evaluation.study import study
from gencmp.evaluation.verdicts import Verdict
from gencmp.lessons import experiment
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.twelve import lesson_of
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, GanConfig, VaeConfig


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    forget_given()
    torch.set_num_threads(before)


def train_all(store: RunStore) -> None:
    """In the place of a dispatcher. The study measures in another process, with as many threads as it had."""
    before = torch.get_num_threads()
    for turn in store.queries.turns():
        store.set_state(turn.run, recorded(store, store.queries.get(turn.run)))
    torch.set_num_threads(before)


def said(held: dict[str, Any]) -> list[Any]:
    """All that a study says, but how long each took."""
    runs = [(run["config"], Verdict.from_dict(run["verdict"])) for run in held["runs"]]
    return [Verdict.from_dict(held["floor"]), *runs, held["data"], held["count"], held["judge"], held["versions"]]


def test_its_verdicts_and_its_floor_are_those_of_the_sequential_study(
    digits: Digits, digits_folder: Path, gan: GanConfig, vae: VaeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "LIKELIHOOD_IMAGES", 10)
    for module in (studying, following):
        monkeypatch.setattr(module, "start_worker", train_all)
    save_panel(digits, str(digits_folder))
    small = gan, vae.replace(latent_size=3)  # whose likelihood no quadrature finds
    configs = [config.replace(dataset=str(digits_folder), epochs=2) for config in small]
    torch.set_num_threads(2)
    monkeypatch.setenv("GENCMP_RAY_CPUS", "2")  # where bits depend on the number of threads, it must be the same
    here = study(configs, 1, tmp_path / "here.json", count=50)
    forget_given()
    far = study(
        configs, 1, tmp_path / "far.json", count=50, trainer=studying.Queued(RunStore(tmp_path / "home"), "far")
    )
    assert said(far) == said(here)
    assert [run["config"]["kind"] for run in far["runs"]] == ["gan", "vae"]


def test_a_lessons_record_is_that_of_this_computer_and_leaves_no_run(
    vae: VaeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (studying, following):
        monkeypatch.setattr(module, "start_worker", train_all)
    torch.set_num_threads(1)
    lesson, store = lesson_of("latent"), RunStore(tmp_path / "home")

    def blink(lesson: Lesson) -> dict[str, Config]:
        return {each.key: each.config.replace(limit=200, epochs=3) for each in lesson.variants[:2]}

    lesson = replace(lesson, variants=lesson.variants[:2])
    here = experiment.record([lesson], 1, tmp_path / "here.json", size=blink)
    far = experiment.record([lesson], 1, tmp_path / "far.json", size=blink, trainer=studying.Queued(store, "lessons"))
    assert [(run.variant, run.config, run.figures) for run in far] == [
        (run.variant, run.config, run.figures) for run in here
    ]
    assert store.queries.all() == [] and "1 of its cores" in far[0].machine


def test_where_the_number_of_threads_changes_the_figures_it_is_said(
    gan: GanConfig, vae: VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def depends(config: Any, most: int) -> bool:
        asked.append((config.kind, most))
        return bool(config.kind == "vae")

    monkeypatch.setattr(studying, "same_bits_with_any_threads", depends)
    torch.set_num_threads(3)
    assert studying.threads_words([vae, gan]) == (
        "On this processor the last digits depend on the number of threads: a GAN has 3 here, but 1 on the cluster. For the figures"
        " of a sequential study: GENCMP_RAY_CPUS=3."
    )
    assert asked == [("vae", 3), ("gan", 3)] and studying.threads_words([vae]) == ""
    monkeypatch.setenv("GENCMP_RAY_CPUS", "3")
    assert studying.threads_words([vae, gan]) == ""
