"""The law of forks, bit for bit: with nothing changed they continue their parent, whatever it went through before."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import Clock
from there import there

from gencmp.errors import RunStateError, SnapshotError
from gencmp.events import Checkpoint, Step
from gencmp.models.snapshot import read, read_whole
from gencmp.runs.catalog import StoredRun
from gencmp.runs.folder import RunFolder
from gencmp.runs.forks.fork import fork
from gencmp.runs.forks.repeat import repeat
from gencmp.runs.forks.roll_back import roll_back
from gencmp.runs.forks.words import fork_words
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run, work
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.schedule import OPTIMISERS


@pytest.fixture
def own(config: GanConfig | VaeConfig, digits_folder: Path) -> GanConfig | VaeConfig:
    """Four epochs of six steps on a few digits from disk."""
    return config.replace(dataset=str(digits_folder), epochs=4)


@pytest.fixture
def parent(store: RunStore, own: GanConfig | VaeConfig) -> Run:
    run = store.create(own, name="mine")
    assert work(store) == 1
    return store.queries.get(run.id)


def record(store: RunStore, run: Run) -> StoredRun:
    return StoredRun(store, store.queries.get(run.id))


def trained(store: RunStore, run: Run) -> Run:
    assert work(store) == 1
    return store.queries.get(run.id)


def same_ends(store: RunStore, one: Run, two: Run) -> bool:
    """Whether two runs have the same weights, optimiser and random state, and the same pictures of their last epoch."""
    left, right = (read(store.queries.folder(run.id).state).tensors for run in (one, two))
    a, b = (store.queries.folder(run.id).read_arrays(run.epochs) for run in (one, two))
    tensors = left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)
    return tensors and bool((a["samples"] == b["samples"]).all())


def curves(store: RunStore, run: Run, after: int) -> dict[str, list[float]]:
    return store.queries.steps(run.id, after)


@pytest.mark.parametrize("epoch", [1, 2, 3])
def test_a_fork_with_nothing_changed_is_its_parents_continuation(store: RunStore, parent: Run, epoch: int) -> None:
    child = trained(store, fork(store, record(store, parent), {}, epoch))
    assert same_ends(store, child, parent)
    assert curves(store, child, 0) == curves(store, parent, 6 * epoch)
    rows = [store.queries.epochs(run.id, epoch) for run in (child, parent)]
    assert [each.measures for each in rows[0]] == [each.measures for each in rows[1]]
    assert (
        fork_words(child).endswith("nothing changed. It continues exactly.")
        and child.origin["threads"] == parent.threads
    )


def test_so_is_a_fork_of_a_fork(store: RunStore, parent: Run) -> None:
    child = trained(store, fork(store, record(store, parent), {}, 1))
    grandchild = trained(store, fork(store, record(store, child), {}, 2))
    assert same_ends(store, grandchild, parent)
    assert [each["run"] for each in grandchild.origin["line"]] == [parent.id, child.id]
    assert (child.name, grandchild.name) == ("mine from epoch 1", "mine from epoch 2")
    again = trained(store, fork(store, record(store, child), {}, 1))  # at the epoch where the child itself began
    assert same_ends(store, again, parent)


def test_and_one_of_a_run_that_was_stopped_and_resumed(
    store: RunStore, own: GanConfig | VaeConfig, parent: Run
) -> None:
    run = store.create(own)

    def stopping(events: Any) -> Iterator[Any]:
        for event in events:
            yield event
            if isinstance(event, Step) and event.step == 15:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_run(store, there(store.claim(run.id)), watch=stopping)
    child = trained(store, fork(store, record(store, run), {}, 2))
    assert same_ends(store, child, parent)


def test_a_fork_may_begin_while_its_parent_still_trains(
    store: RunStore, own: GanConfig | VaeConfig, parent: Run
) -> None:
    run = store.create(own)
    forked: list[Run] = []

    def forking(events: Any) -> Iterator[Any]:
        for event in events:
            if isinstance(event, Step) and event.step == 9:
                forked.append(fork(store, record(store, run), {}))
            yield event

    train_run(store, there(store.claim(run.id)), watch=forking)
    assert same_ends(store, trained(store, forked[0]), parent)


def changing(store: RunStore, run_id: str, step: int, changes: Any) -> Callable[..., Any]:
    def watch(events: Any) -> Iterator[Any]:
        for event in events:
            if isinstance(event, Step) and event.step == step:
                store.change(run_id, changes)
                time.sleep(0.3)
            yield event

    return watch


LEVERS: dict[str, tuple[str, float]] = {"gan": ("real_label", 0.8), "vae": ("beta", 4.0)}


def test_changes_up_to_the_epoch_count_as_the_forks_settings_and_later_ones_do_not(
    store: RunStore, own: GanConfig | VaeConfig, parent: Run
) -> None:
    lever, value = LEVERS[own.kind]
    run = store.create(own)
    train_run(store, there(store.claim(run.id)), watch=changing(store, run.id, 9, {lever: value}))  # in epoch 2
    before, after = (fork(store, record(store, run), {}, epoch) for epoch in (1, 2))
    assert (before.config[lever], after.config[lever]) == (parent.config[lever], value)
    assert work(store) == 2
    assert same_ends(store, store.queries.get(after.id), store.queries.get(run.id))
    assert same_ends(store, store.queries.get(before.id), parent)


def test_a_levered_fork_can_be_forked(store: RunStore, parent: Run) -> None:
    lever, value = LEVERS[parent.kind]
    child = fork(store, record(store, parent), {}, 1)
    train_run(store, there(store.claim(child.id)), watch=changing(store, child.id, 15, {lever: value}))  # in epoch 3
    grandchild = trained(store, fork(store, record(store, child), {}, 3))
    assert grandchild.config[lever] == value
    assert same_ends(store, grandchild, store.queries.get(child.id))


def test_a_changed_setting_takes_effect_from_the_first_step(
    store: RunStore, own: GanConfig | VaeConfig, parent: Run
) -> None:
    """As if the lever had been pulled in the parent right before that step."""
    lever, value = LEVERS[own.kind]
    run = store.create(own)

    def pulling(events: Any) -> Iterator[Any]:
        for event in events:
            if isinstance(event, Checkpoint) and event.epoch == 2:
                store.change(run.id, {lever: value})
                time.sleep(0.3)
            yield event

    train_run(store, there(store.claim(run.id)), watch=pulling)
    [pulled] = store.queries.changes(run.id)
    child = trained(store, fork(store, record(store, parent), {lever: value}, 2))
    assert pulled.step == 13 and same_ends(store, child, store.queries.get(run.id))
    assert "It continues with the optimiser of then." in fork_words(child)


def test_another_seed_continues_the_optimiser_with_other_random_numbers(store: RunStore, parent: Run) -> None:
    one, two = (fork(store, record(store, parent), {"seed": seed}, 2) for seed in (5, 6))
    assert work(store) == 2
    one, two = store.queries.get(one.id), store.queries.get(two.id)
    assert not same_ends(store, one, two) and not same_ends(store, one, parent)
    assert {run.origin["optimiser"] for run in (one, two)} == {True}


# Where there is no optimiser


def without_optimiser(store: RunStore, run: Run) -> RunFolder:
    """As early versions left a run."""
    folder = store.queries.folder(run.id)
    shutil.rmtree(folder.path / "optimiser")
    return folder


def test_an_early_run_is_continued_exactly_from_its_newest_epoch_only(store: RunStore, parent: Run) -> None:
    folder = without_optimiser(store, parent)
    assert [folder.optimiser_after(epoch) is not None for epoch in folder.kept()] == [False, False, False, True]
    old, new = fork(store, record(store, parent), {}, 3), fork(store, record(store, parent), {"epochs": 6}, 4)
    assert fork_words(old).endswith("nothing changed. Its optimiser started fresh.")
    store.extend(parent.id, 6)
    assert work(store) == 3
    assert same_ends(store, store.queries.get(new.id), store.queries.get(parent.id))


def test_an_optimiser_that_got_lost_or_is_of_another_epoch_is_told_and_not_made_up(
    store: RunStore, parent: Run
) -> None:
    damages: tuple[tuple[Callable[[Path], Any], str], ...] = (
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(b"no"), "is not a gencmp snapshot, or is damaged"),
        (lambda path: shutil.copy(store.queries.folder(parent.id).optimiser(1), path), "is of step 6, but the weights"),
    )
    for damage, words in damages:
        child = fork(store, record(store, parent), {}, 2)
        damage(store.queries.folder(child.id).optimiser(2))
        child = trained(store, child)
        assert child.state == "failed" and words in child.reason


def test_a_fork_on_another_machine_is_not_called_exact(store: RunStore, parent: Run) -> None:
    child = trained(store, fork(store, record(store, parent), {}, 2))
    for other in (
        {"precision": "bfloat16" if child.precision == "float32" else "float32"},
        {"versions": {"torch": "0.1"}},
    ):
        assert "so its bits may differ" in fork_words(replace(child, **other))
    assert fork_words(child).endswith("It continues exactly.")


def test_both_files_of_an_epoch_are_its_full_state(store: RunStore, parent: Run) -> None:
    folder = store.queries.folder(parent.id)
    whole, state = read_whole(folder.weights(4), folder.optimiser(4)), read(folder.state)
    assert whole.tensors.keys() == state.tensors.keys() and whole.resumable and whole.step == state.step
    with pytest.raises(SnapshotError, match="cannot be read"):
        read_whole(folder.weights(4), folder.optimiser(9))


def test_a_run_that_keeps_many_epochs_keeps_the_newest_optimisers(store: RunStore, parent: Run) -> None:
    folder = store.queries.folder(parent.id)
    folder.keep_optimisers(OPTIMISERS)
    assert len(list((folder.path / "optimiser").iterdir())) == 4
    folder.keep_optimisers(2)
    assert [folder.optimiser_after(epoch) is not None for epoch in (1, 2, 3, 4)] == [False, False, True, True]


def test_a_fork_on_a_folder_that_has_changed_says_so_and_trains_on_what_is_there(
    store: RunStore, config: GanConfig | VaeConfig, digits_folder: Path, tmp_path: Path
) -> None:
    own = shutil.copytree(digits_folder, tmp_path / "own")
    run = trained(store, store.create(config.replace(dataset=str(own)), name="mine"))
    assert "pictures_changed" not in fork(store, record(store, run), {}, 2).origin
    labels = next(path for path in own.iterdir() if "labels" in path.name and "train" in path.name)
    labels.write_bytes(labels.read_bytes()[:-1] + b"\x03")
    child = fork(store, record(store, run), {}, 2)
    assert work(store) == 2
    child = store.queries.get(child.id)
    assert (child.state, child.origin["pictures_changed"]) == ("finished", True)
    assert child.data["fingerprint"] != run.data["fingerprint"]
    assert "does not continue exactly" in fork_words(child)


# Rolling back


def test_a_run_that_trains_is_stopped_and_forked_from_its_last_kept_epoch(
    store: RunStore, clock: Clock, own: GanConfig | VaeConfig, parent: Run
) -> None:
    run, lever = store.create(own), LEVERS[own.kind]
    forks: list[Run] = []
    clock.now += 1
    waiting = store.create(own)

    def spoiling(events: Any) -> Iterator[Any]:
        for event in changing(store, run.id, 13, dict([lever]))(events):  # in epoch 3
            yield event
            if isinstance(event, Step) and event.step == 15:
                forks.append(roll_back(store, run.id, sleep=lambda seconds: store.set_state(run.id, "stopped")))
                return

    train_run(store, there(store.claim(run.id)), watch=spoiling)
    assert forks[0].origin["epoch"] == 2 and forks[0].config[lever[0]] == parent.config[lever[0]]
    assert "Rolled back: " in fork_words(forks[0]) and "was stopped after epoch 2 and is kept as it was." in fork_words(
        forks[0]
    )
    assert there(store.queries.head(own.kind)).id == forks[0].id != waiting.id  # it keeps the run's turn
    assert work(store) == 2
    assert same_ends(store, store.queries.get(forks[0].id), parent)


def test_what_cannot_be_rolled_back_says_why(store: RunStore, own: GanConfig | VaeConfig, parent: Run) -> None:
    with pytest.raises(RunStateError, match=r"mine is finished: only a run that trains can be rolled back"):
        roll_back(store, parent.id)
    run = there(store.claim(store.create(own).id))
    with pytest.raises(RunStateError, match="has kept no epoch yet, so there is nothing to roll back to"):
        roll_back(store, run.id)
    assert store.take_commands(run.id) == []
    shutil.copytree(store.queries.folder(parent.id).path, store.queries.folder(run.id).path)
    with pytest.raises(RunStateError, match="was asked to stop, but has not within 20 s"):
        roll_back(store, run.id, sleep=lambda seconds: None)


# Another seed


def test_a_repeated_run_starts_anew_and_a_repeated_fork_where_it_began(store: RunStore, parent: Run) -> None:
    child = trained(store, fork(store, record(store, parent), {"epochs": 5}, 2))
    again, again_from_2 = repeat(store, record(store, parent), 7), repeat(store, record(store, child), 7)
    assert (again.config["seed"], again.origin) == (7, {"repeats": parent.id, "seed": 0})
    assert (again_from_2.origin["epoch"], again_from_2.origin["changes"]) == (2, {"seed": 7})
    assert (again_from_2.origin["repeats"], again_from_2.config["epochs"]) == (child.id, 5)
    store.delete(parent.id)
    assert work(store) == 2
    assert [store.queries.get(run.id).state for run in (again, again_from_2)] == ["finished", "finished"]
