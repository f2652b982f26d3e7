"""More epochs in place, bit for bit; and for all else a new run that begins with the weights of another."""

import errno
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from gencmp.errors import ConfigError, DataError, RunNotFound, RunStateError
from gencmp.models.snapshot import read
from gencmp.runs.card import command_of
from gencmp.runs.catalog import Catalog
from gencmp.runs.export import export
from gencmp.runs.forks.fork import fork, lower_rates, retry_words
from gencmp.runs.forks.words import fork_words, trained_by
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.runs.worker import work
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import preset_title
from gencmp.training.divergence import DIVERGED


@pytest.fixture
def own(config: GanConfig | VaeConfig, digits_folder: Path) -> GanConfig | VaeConfig:
    """A run of three epochs on a few digits from disk."""
    return config.replace(dataset=str(digits_folder))


@pytest.fixture
def finished(store: RunStore, own: GanConfig | VaeConfig) -> Run:
    run = store.create(own, name="mine")
    assert work(store) == 1
    return store.queries.get(run.id)


@pytest.fixture
def catalog(store: RunStore, tmp_path: Path) -> Catalog:
    return Catalog(store, tmp_path / "shipped")


def state(store: Any, run: Any) -> Any:
    return read(store.queries.folder(run.id).state)


def same(left: Any, right: Any) -> Any:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


# More epochs


@pytest.mark.parametrize("state_before", ["finished", "stopped", "failed"])
def test_more_epochs_are_as_if_they_had_been_asked_for_from_the_start(
    store: RunStore, finished: Run, own: GanConfig | VaeConfig, state_before: str
) -> None:
    store.set_state(finished.id, state_before)
    store.extend(finished.id, 5)
    whole = store.create(own.replace(epochs=5))
    assert work(store) == 2
    run = store.queries.get(finished.id)
    assert (run.state, run.epoch, run.epochs, run.step, run.steps) == ("finished", 5, 5, 30, 30)
    assert same(state(store, run).tensors, state(store, whole).tensors)
    assert store.queries.folder(run.id).kept() == [1, 2, 3, 4, 5]
    assert [row.test for row in store.queries.epochs(run.id)] == [row.test for row in store.queries.epochs(whole.id)]
    assert store.queries.steps(run.id) == store.queries.steps(whole.id)
    extended: Any = run.extended
    assert (extended, run.preset, config_of(run)) == ([[3, 3, 5]], "own", own.replace(epochs=5))


def test_fewer_epochs_than_asked_for_are_as_if_they_had_been_asked_for(
    store: RunStore, finished: Run, own: GanConfig | VaeConfig
) -> None:
    store.extend(finished.id, 10)
    store.set_state(finished.id, "stopped")
    store.extend(finished.id, 4)
    assert work(store) == 1
    extended: Any = store.queries.get(finished.id).extended
    assert (store.queries.get(finished.id).epoch, extended) == (4, [[3, 3, 10], [3, 10, 4]])


def test_what_cannot_have_more_epochs_says_why(store: RunStore, finished: Run) -> None:
    with pytest.raises(RunStateError, match="mine has already done 3 epochs: found a total of 3, wanted more"):
        store.extend(finished.id, 3)
    with pytest.raises(ConfigError, match="Epochs: found 10,001, wanted 1 to 10,000"):
        store.extend(finished.id, 10_001)
    store.set_state(finished.id, "running")
    with pytest.raises(RunStateError, match="mine is training: stop it before you add epochs"):
        store.extend(finished.id, 5)
    assert (store.queries.get(finished.id).epochs, store.queries.get(finished.id).extended) == (3, [])


def test_a_finished_run_says_how_it_can_go_on(store: RunStore, finished: Run) -> None:
    with pytest.raises(
        RunStateError, match=r"can be resumed\. For more epochs: `python -m gencmp resume mine --epochs 6`\.$"
    ):
        store.requeue(finished.id)


def test_a_run_that_has_diverged_is_not_sent_into_the_same_again(store: RunStore, finished: Run) -> None:
    reason = f"At epoch 1, step 2, kl is nan: {DIVERGED}. Lower the learning rate and start again."
    store.set_state(finished.id, "failed", reason)
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: store.requeue(finished.id),
        lambda: store.extend(finished.id, 9),
    )
    for attempt in attempts:
        with pytest.raises(RunStateError, match=r"^mine would diverge again\. At epoch 1, .* Lower the learning rate"):
            attempt()
    assert store.queries.get(finished.id).state == "failed"


# A new run


def test_a_fork_begins_with_the_weights_and_goes_on_counting(
    store: RunStore, catalog: Catalog, finished: Run, own: GanConfig | VaeConfig
) -> None:
    run = fork(store, catalog.find("mine"), {"seed": 5}, epoch=2)
    assert (run.name, run.state, run.preset) == ("mine from epoch 2", "queued", "own")
    assert run.origin == {
        "run": finished.id, "name": "mine", "epoch": 2, "before": {"seed": 0}, "changes": {"seed": 5},
        "line": [{"run": finished.id, "name": "mine", "epoch": 2}], "optimiser": True, "threads": finished.threads,
        "machine": trained_by(finished),
    }  # fmt: skip
    assert fork_words(run) == "Fork of mine at epoch 2: Seed 0 → 5. It continues with the optimiser of then."
    assert store.queries.folder(run.id).kept() == store.queries.folder(run.id).pictured() == [2]
    before = read(store.queries.folder(finished.id).weights(2)).tensors
    assert same(read(store.queries.folder(run.id).weights(2)).tensors, before)
    assert work(store) == 1
    run = store.queries.get(run.id)
    assert (run.state, run.epoch, run.step) == ("finished", 3, 18) and store.queries.folder(run.id).kept() == [2, 3]
    assert [row.epoch for row in store.queries.epochs(run.id)] == [3]
    optimiser = {float(tensor) for name, tensor in state(store, run).tensors.items() if name.endswith("/step")}
    assert optimiser == {18.0}  # of three epochs
    assert store.queries.get(finished.id).origin == {} and fork_words(store.queries.get(finished.id)) == ""


def test_a_forks_first_weights_are_the_others_and_not_new_ones(
    store: RunStore, catalog: Catalog, finished: Run
) -> None:
    run = fork(store, catalog.find("mine"), {"beta1": 0.8}, epoch=2)
    rates = dict.fromkeys(lower_rates(run.config), 1e-8)
    still = fork(store, catalog.find("mine"), rates, epoch=2)  # so slow that nothing moves
    assert work(store) == 2
    one, two = (state(store, each).tensors for each in (run, still))
    before = read(store.queries.folder(finished.id).weights(2)).tensors
    assert all(torch.allclose(two[name], tensor, atol=1e-6) for name, tensor in before.items())
    assert not same({name: one[name] for name in before}, before)


def test_a_fork_stopped_and_resumed_is_the_same(store: RunStore, catalog: Catalog, finished: Run) -> None:
    one, two = (fork(store, catalog.find("mine"), {"epochs": 5}, epoch=2) for _ in range(2))
    assert two.name == "mine from epoch 2 (2)"
    assert work(store) == 2
    store.extend(one.id, 6)
    store.extend(two.id, 6)
    store.queries.folder(two.id).state.unlink()  # as if it had been stopped before its first epoch was done
    with store.database.transaction() as db:
        db.execute("UPDATE runs SET epoch = 2 WHERE id = ?", (two.id,))
    assert work(store) == 2
    assert same(state(store, one).tensors, state(store, two).tensors)


def test_a_run_that_kept_nothing_begins_again_from_the_start(
    store: RunStore, catalog: Catalog, own: GanConfig | VaeConfig
) -> None:
    record = catalog.find(store.create(own, name="mine").id)
    run = fork(store, record, {"seed": 5})
    assert (run.name, run.origin["epoch"]) == ("mine again", 0)
    assert fork_words(run) == "mine again from the start: Seed 0 → 5."
    store.delete(record.run.id)
    plain = store.create(own.replace(seed=5))
    assert work(store) == 2
    assert same(state(store, run).tensors, state(store, plain).tensors)


def test_a_shipped_model_can_be_begun_with(store: RunStore, catalog: Catalog, finished: Run, tmp_path: Path) -> None:
    export(catalog.find("mine"), tmp_path / "shipped" / "x", name="paper-x")
    with pytest.raises(DataError, match="is not on this computer"):
        fork(store, catalog.find("paper-x"), {"epochs": 4})
    run = fork(store, catalog.find("paper-x"), {"epochs": 4, "dataset": finished.config["dataset"]})
    assert work(store) == 1 and store.queries.get(run.id).epoch == 4


def test_what_cannot_be_begun_with_says_why_and_leaves_nothing(
    store: RunStore, catalog: Catalog, finished: Run, vae: VaeConfig
) -> None:
    mine, folders = catalog.find("mine"), {path.name for path in store.home.iterdir()}
    width = "generator_widths" if finished.kind == "gan" else "encoder_widths"
    for error, words, changes, more in (
        (RunNotFound, r"mine has no checkpoint of epoch 9\. It has: 1, 2, 3\.", {}, {"epoch": 9}),
        (RunStateError, "mine has no epochs left after epoch 3 of 3", {"seed": 1}, {}),
        (ConfigError, "the weights of mine only fit its own networks", {width: (17,)}, {"epoch": 1}),
        (ConfigError, "has no setting 'colour'", {"colour": 1}, {"epoch": 1}),
        (RunStateError, "paper-gan is the name of a shipped model", {}, {"epoch": 1, "name": "paper-gan"}),
    ):
        with pytest.raises(error, match=words):
            fork(store, mine, changes, **more)
    assert len(store.queries.all()) == 1 and {path.name for path in store.home.iterdir()} == folders


def test_a_fork_that_finds_no_room_leaves_nothing(
    store: RunStore, catalog: Catalog, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(path: Any, content: Any) -> None:
        path.parent.mkdir(parents=True)
        raise OSError(errno.ENOSPC, "No space left on device")

    folders = {path.name for path in store.home.iterdir()}
    monkeypatch.setattr("gencmp.runs.forks.fork.write_whole", half)
    with pytest.raises(OSError, match="No space left"):
        fork(store, catalog.find("mine"), {}, epoch=1)
    assert len(store.queries.all()) == 1 and {path.name for path in store.home.iterdir()} == folders


def test_no_worker_sees_a_fork_before_its_weights_are_there(
    store: RunStore, catalog: Catalog, finished: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    monkeypatch.setattr(
        "gencmp.runs.forks.fork.write_whole", lambda *_: seen.append(RunStore(store.home, store.clock).queries.queue())
    )
    fork(store, catalog.find("mine"), {}, epoch=1)
    assert seen == [[], [], []]


def test_the_card_of_a_fork_names_where_it_began(store: RunStore, catalog: Catalog, finished: Run) -> None:
    run = fork(store, catalog.find("mine"), {"seed": 5, "shuffle": False}, epoch=2, name="other")
    assert command_of(run) == "python -m gencmp resume mine --from-epoch 2 --seed 5 --shuffle false"


# Advice


def test_the_advice_names_a_tenth_of_each_rate_and_the_last_kept_epoch(store: RunStore, finished: Run) -> None:
    store.rename(finished.id, "it's mine")
    run, folder = store.queries.get(finished.id), store.queries.folder(finished.id)
    words = retry_words(run, folder)
    command = shlex.split(words.split("`")[1])
    assert words.startswith("To retry from epoch 3 as a new run: ")
    assert command[:6] == ["python", "-m", "gencmp", "resume", "it's mine", "--from-epoch"]
    assert dict(zip(command[7::2], map(float, command[8::2]), strict=True)) == {
        f"--{name.replace('_', '-')}": rate for name, rate in lower_rates(run.config).items()
    }
    rates = {
        "gan": {"generator_learning_rate": 2e-5, "discriminator_learning_rate": 2e-5},
        "vae": {"learning_rate": 1e-4},
    }
    assert lower_rates(run.config) == rates[run.kind]
    assert lower_rates({"kind": "vae", "learning_rate": 2e-8}) == {"learning_rate": 1e-8}
    assert lower_rates({"kind": "vae", "learning_rate": 10.0}) == {"learning_rate": 1e-3}
    only_d = {"kind": "gan", "generator_learning_rate": 2e-4, "discriminator_learning_rate": 0.1}
    assert lower_rates(only_d) == {"discriminator_learning_rate": 2e-4}
    assert json.loads(json.dumps(run.to_dict()))["origin"] == {}


def test_a_fork_keeps_the_preset_of_its_parent(store: RunStore, catalog: Catalog) -> None:
    parent = store.create(VaeConfig(epochs=1), "quick")
    unchanged = fork(store, catalog.find(parent.name), {}, name="unchanged")
    changed = fork(store, catalog.find("unchanged"), {"beta": 4.0}, name="changed")
    titles = [preset_title(run.kind, run.preset, run.config, run.based_on) for run in (unchanged, changed)]
    assert [run.based_on for run in (unchanged, changed)] == ["quick", "quick"]
    assert titles == ["Quick, changed", "own settings"]
