"""What only a cluster has: turns of many people, pictures that a node has never seen, failures in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gencmp.events import Checkup
from gencmp.runs.executors.status import cluster_words, status_of
from gencmp.runs.launcher import start_worker
from gencmp.runs.queries import STUDENT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

SMALL = VaeConfig(epochs=2, limit=600, device="cpu", threads="1", encoder_widths=(16,), decoder_widths=(16,))


def test_everybody_has_a_turn_and_never_more_train_than_there_are_places(
    cluster: Any, far_store: RunStore, ended: Callable[..., list[Run]], wait_until: Callable[..., Any]
) -> None:
    runs = {}
    for owner in ("anna", "ben"):  # all of the first come first
        runs[owner] = [far_store.create(SMALL.replace(seed=seed)) for seed in range(8)]
        for run in runs[owner]:
            far_store.set_setting(STUDENT + run.id, owner)
    start_worker(far_store)
    most = 0

    def over() -> bool:
        nonlocal most
        most = max(most, len(far_store.queries.turns_held("ray")))
        return not far_store.queries.is_open()

    wait_until(lambda: status_of(far_store) and there_places(far_store) == 4)
    assert "of 4 places busy on the cluster's 2 nodes." in cluster_words(far_store)
    wait_until(over, 150)
    first, second = (
        sorted(run.started or 0 for run in map(far_store.queries.get, (run.id for run in runs[owner])))
        for owner in runs
    )
    assert second[0] < first[2] and most == 4
    assert {run.state for run in far_store.queries.all()} == {"finished"}


def there_places(store: RunStore) -> int:
    found = status_of(store)
    return found.places if found else 0


def test_pictures_that_only_this_computer_has_train_on_a_node_and_what_fails_is_told(
    cluster: Any, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], digits_folder: Path,
    tmp_path: Path,
) -> None:  # fmt: skip
    own = digits_folder.rename(tmp_path / "own")  # nodes are on this disk, too: by now they may not find it
    away = tmp_path / "away"
    runs = [
        begin(SMALL.replace(dataset=str(own), limit=0)),
        begin(SMALL.replace(learning_rate=10.0, batch_size=10, epochs=20)),
        begin(SMALL.replace(dataset="/none/there")),
        begin(SMALL.replace(device="cuda")),
    ]
    trained, diverged, absent, no_device = ended(*runs)
    assert (trained.state, trained.reason, trained.data["name"]) == ("finished", "", "own"), away
    assert diverged.state == "failed" and "the training has diverged. Lower the learning rate" in diverged.reason
    assert absent.reason == "/none/there is not a folder. Give the full path of a folder of IDX files or of pictures."
    assert no_device.reason.startswith("This machine has no device cuda. Choose auto")
    assert not any("Traceback" in run.reason for run in (diverged, absent, no_device))


@pytest.mark.parametrize("kind", [Checkup])
def test_checkups_come_from_the_node(
    cluster: Any, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], kind: type
) -> None:
    [run] = ended(begin(SMALL))
    assert [type(each) for each in far_store.queries.checkups(run.id)] == [kind] * 2
