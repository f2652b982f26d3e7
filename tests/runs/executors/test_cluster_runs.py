"""What only a cluster has: turns of many people, pictures that a node has never seen, failures in words."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from judged import save_panel

from gencmp.data.digits import Digits
from gencmp.evaluation.judges.panel import file_key, judge_folder
from gencmp.evaluation.verdicts import kept_judgement
from gencmp.files import ROOT, SHIPPED
from gencmp.runs.executors.status import cluster_words, status_of
from gencmp.runs.launcher import start_worker
from gencmp.runs.queries import STUDENT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.configs import VaeConfig


@pytest.fixture
def own(digits_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(digits_folder, tmp_path / "own"))


@pytest.fixture
def small(own: Path) -> VaeConfig:
    return VaeConfig(
        epochs=20, batch_size=50, encoder_widths=(16,), decoder_widths=(16,), dataset=str(own), device="cpu", keep_per_decade=1
    )  # fmt: skip


def test_everybody_has_a_turn_and_never_more_train_than_there_are_places(
    cluster: Any, small: VaeConfig, far_store: RunStore, wait_until: Callable[..., Any]
) -> None:
    runs = {}
    for owner in ("anna", "ben", "cleo"):  # all of the first come first
        runs[owner] = [far_store.create(small.replace(seed=seed)).id for seed in range(8)]
        for run in runs[owner]:
            far_store.set_setting(STUDENT + run, owner)
    start_worker(far_store)
    most, words = 0, set()
    given: set[str] = set()  # runs that have had a place
    shares = set()  # how many places everybody has while everybody has runs that wait

    def over() -> bool:
        nonlocal most
        held = far_store.queries.turns_held("ray")
        most = max(most, len(held))
        given.update(turn.run for turn in held)
        if len(held) == 4 and all(set(mine) - given for mine in runs.values()):
            shares.add(tuple(sorted(Counter(turn.owner for turn in held).values())))
        words.add(cluster_words(far_store))
        return not far_store.queries.is_open()

    wait_until(over, 200)
    assert shares == {(1, 1, 2)} and most == 4
    assert [run.state for run in far_store.queries.all()] == ["finished"] * 24
    assert any(line.startswith("4 of 4 places busy on the cluster's 2 nodes.") for line in words), words
    status = status_of(far_store)
    assert status and status.places == 4 and [node.places for node in status.nodes] == [2, 2]


def test_pictures_and_a_judge_that_only_this_computer_has_travel_to_the_node(
    cluster: Any, small: VaeConfig, own: Path, far_store: RunStore, begin: Callable[..., Run],
    ended: Callable[..., list[Run]], wait_until: Callable[..., Any],
) -> None:  # fmt: skip
    judge = judge_folder(str(own))
    shutil.copytree(SHIPPED / "judge", judge)
    run = begin(small.replace(epochs=40))
    wait_until(lambda: far_store.queries.get(run.id).state == "running")
    shutil.rmtree(judge)  # nodes are on this disk, too: what they have not been given is gone now
    own.rename(own.with_name("away"))
    [run] = ended(run)
    assert (run.state, run.reason, run.data["name"]) == ("finished", "", "own")
    assert [each.epoch for each in far_store.queries.checkups(run.id)][-2:] == [35, 40]


def test_an_evaluation_is_measured_on_a_node(
    cluster: Any, small: VaeConfig, own: Path, digits: Digits, far_store: RunStore, begin: Callable[..., Run],
    ended: Callable[..., list[Run]], wait_until: Callable[..., Any],
) -> None:  # fmt: skip
    save_panel(digits, str(own))
    [run] = ended(begin(small.replace(epochs=2, latent_size=3)))
    job = far_store.evaluations.add([(run.id, 2)], 50)
    start_worker(far_store)
    words = set()

    def over() -> bool:
        now = far_store.evaluations.get(job.id)
        words.add(now.words)
        return not now.is_open

    wait_until(over, 120)
    found = far_store.evaluations.get(job.id)
    assert (found.state, found.reason) == ("finished", "")
    assert any("(on " in line for line in words), words
    weights = far_store.queries.folder(run.id).weights(2)
    assert all(kept_judgement(file_key(weights), config_of(run), 50))


def test_what_fails_on_a_node_is_told_in_the_same_words_and_not_tried_again(
    cluster: Any, small: VaeConfig, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]]
) -> None:
    runs = [
        begin(small.replace(learning_rate=10.0, batch_size=10)),
        begin(small.replace(dataset="/none/there")),
        begin(small.replace(device="cuda")),
    ]
    diverged, absent, no_device = ended(*runs)
    assert {run.state for run in (diverged, absent, no_device)} == {"failed"}
    assert "the training has diverged. Lower the learning rate" in diverged.reason
    assert absent.reason == "/none/there is not a folder. Give the full path of a folder of IDX files or of pictures."
    assert no_device.reason.startswith("This machine has no device cuda. Choose auto")


def test_the_command_shows_places_and_a_wrong_token_is_told_at_once(cluster: Any) -> None:
    command = [sys.executable, "-m", "gencmp", "cluster", "--json"]
    asked = {"env": cluster.environment(), "cwd": ROOT, "capture_output": True, "text": True, "timeout": 60}
    shown = subprocess.run(command, **asked, check=True)
    assert sum(node["places"] for node in json.loads(shown.stdout.splitlines()[-1])["nodes"]) == 4
    refused = subprocess.run(command, **asked | {"env": cluster.environment(RAY_AUTH_TOKEN="0" * 64)})
    assert refused.returncode == 2 and "refuses this computer's token. Copy ~/.ray/auth_token" in refused.stderr
    assert "Traceback" not in refused.stderr
