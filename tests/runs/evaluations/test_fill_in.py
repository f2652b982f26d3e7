"""What was not kept with a run's pictures is added when it is evaluated; and what was kept is what a worker found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from there import there

from gencmp.data.load import load
from gencmp.data.pictures import digits_to_test
from gencmp.evaluation.judges.judge import Judge, save_judge
from gencmp.evaluation.judges.panel import judge_folder
from gencmp.evaluation.judges.training import train_judge
from gencmp.evaluation.kept_opinions import CLASSES, JUDGE, MAPS, D, kept_judge_opinion, kept_real_opinion
from gencmp.evaluation.opinions import judge_opinion
from gencmp.panels.columns import columns_of
from gencmp.panels.facts import facts
from gencmp.runs import worker
from gencmp.runs.catalog import Catalog
from gencmp.runs.evaluations.fill_in import fill_in
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig


@pytest.fixture
def own(digits_folder: Path) -> str:
    """The name of a data set of own pictures, which has no judge."""
    digits_to_test.cache_clear()
    return str(digits_folder)


@pytest.fixture
def train_a_judge(own: str) -> Callable[..., Judge]:
    def train(seed: int = 0) -> Any:
        judge = train_judge(load(VaeConfig(dataset=own)), seed=seed, steps=10)
        save_judge(judge, judge_folder(own))
        return judge

    return train


def told(store: Any, run: Any) -> Any:
    return facts(columns_of(Catalog(store), [run.id, "real"]), Catalog(store))


def test_a_worker_keeps_what_the_judge_sees_while_it_trains(
    store: RunStore, own: str, train_a_judge: Callable[..., Judge], gan: GanConfig
) -> None:
    judge = train_a_judge()
    run = store.create(gan.replace(dataset=own))
    worker.work(store)
    for epoch in (1, 2, 3):
        arrays = store.queries.folder(run.id).read_arrays(epoch)
        assert np.array_equal(arrays[CLASSES], judge_opinion(arrays["samples"], judge)[CLASSES]) and D in arrays


def test_data_that_are_judged_later_are_filled_in(
    store: RunStore,
    own: str,
    train_a_judge: Callable[..., Judge],
    trained: Callable[..., Run],
    config: GanConfig | VaeConfig,
) -> None:
    run = trained(config.replace(dataset=own))
    folder, record = store.queries.folder(run.id), Catalog(store).find(run.id)
    before = told(store, run)
    assert "digit" in before["unordered"] and "no judge yet" in before["unjudged"] and run.name in before["unjudged"]

    judge = train_a_judge()
    assert "adds it" in told(store, run)["unjudged"]
    fill_in(record)
    for epoch in folder.pictured():
        arrays = folder.read_arrays(epoch)
        seen = there(kept_judge_opinion(arrays, own))
        assert np.array_equal(seen.classes, judge_opinion(arrays["samples"], judge)[CLASSES])
        assert (D in arrays) == (run.kind == "gan") != (set(MAPS.values()) <= arrays.keys())
    images, labels = digits_to_test(own)
    seen = there(kept_real_opinion(own, (), labels, 64))
    assert np.array_equal(seen.classes, judge_opinion(images[:64], judge)[CLASSES])
    after = told(store, run)
    assert after["unordered"] == [] and after["unjudged"] == ""


def test_filled_in_twice_nothing_changes_and_what_was_there_stays(
    store: RunStore, own: str, train_a_judge: Callable[..., Judge], trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(dataset=own))
    train_a_judge()
    folder, record = store.queries.folder(run.id), Catalog(store).find(run.id)
    before = folder.read_arrays(2)
    fill_in(record)
    filled, content = folder.read_arrays(2), folder.arrays(2).read_bytes()
    assert all(np.array_equal(filled[name], before[name]) for name in before)
    fill_in(record)
    assert folder.arrays(2).read_bytes() == content


def test_another_judges_opinion_takes_the_place_of_the_old_one(
    store: RunStore, own: str, train_a_judge: Callable[..., Judge], trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(dataset=own, epochs=1))
    train_a_judge()
    fill_in(Catalog(store).find(run.id))
    judge = train_a_judge(seed=1)
    fill_in(Catalog(store).find(run.id))
    arrays = store.queries.folder(run.id).read_arrays(1)
    assert str(arrays[JUDGE]) == judge.key and "samples" in arrays
    assert np.array_equal(arrays[CLASSES], judge_opinion(arrays["samples"], judge)[CLASSES])


def test_a_run_that_is_being_trained_is_left_alone(
    store: RunStore, own: str, train_a_judge: Callable[..., Judge], trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(dataset=own, epochs=1))
    train_a_judge()
    store.set_state(run.id, "running")
    fill_in(Catalog(store).find(run.id))
    assert CLASSES not in store.queries.folder(run.id).read_arrays(1)
