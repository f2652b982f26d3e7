"""Stepping as users and pages meet it: what the store refuses, what the routes tell, and a worker that holds a run."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from there import there

from gencmp.errors import RunStateError
from gencmp.events import Moment
from gencmp.models.snapshot import read
from gencmp.runs import launcher
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import work
from gencmp.settings.configs import Config, GanConfig, VaeConfig

PICTURES = np.arange(8 * 784).reshape(8, 28, 28).astype(np.uint8)


@pytest.fixture
def paused(store: RunStore, gan: GanConfig) -> str:
    """A run that a worker holds."""
    run = store.create(gan, name="mine")
    store.claim(run.id)
    store.set_pace(run.id, "paused", 0)
    return run.id


def of_gan(acts: str = "generator", **facts: Any) -> Moment:
    arrays = {"real": PICTURES, "fakes": 255 - PICTURES}
    moved = {"generator": [0.1, 0.2], "discriminator": [0.0, 0.0]}
    values: dict[str, Any] = {
        "measures": {"d_fake": 0.4},
        "moved": moved,
        "opinions": {"fakes": [0.5] * 8},
        "arrays": arrays,
    }
    return Moment(1, 7, acts, "discriminator", 1, 1, **values | facts, phase=2, phases=2)


def of_vae() -> Moment:
    latents = {name: np.full((8, 2), value, np.float32) for name, value in (("mean", 0.5), ("std", 1.5), ("z", -1.0))}
    return Moment(
        1, 7, "vae", "vae", 1, 1, {}, {}, {}, {"real": PICTURES, "reconstructions": PICTURES, **latents}, 1, 1
    )


# What is asked


def test_what_is_asked_reaches_the_worker(store: RunStore, paused: str) -> None:
    store.step(paused)
    store.step(paused, phases=3)
    store.step(paused, steps=10)
    store.slow(paused, 2.5)
    assert store.take_commands(paused) == ["step phases 1", "step phases 3", "step steps 10", "slow 2.5"]


@pytest.mark.parametrize("count", [0, -1, 1001, 2.5, "2", None])
def test_a_count_out_of_range_is_refused(store: RunStore, paused: str, count: Any) -> None:
    with pytest.raises(RunStateError, match=f"Found {count!r} phases, wanted a whole number from 1 to 1000"):
        store.step(paused, phases=count)
    if count is not None:
        with pytest.raises(RunStateError, match=f"Found {count!r} steps"):
            store.step(paused, steps=count)
    assert store.take_commands(paused) == []


@pytest.mark.parametrize("rate", [0, 0.9, 20.1, -3, float("nan"), float("inf"), "5", None])
def test_a_rate_out_of_range_is_refused(store: RunStore, paused: str, rate: Any) -> None:
    with pytest.raises(RunStateError, match=f"Found {rate!r} steps per second, wanted 1 to 20"):
        store.slow(paused, rate)
    assert store.take_commands(paused) == []


def test_a_run_that_trains_must_be_paused_to_be_stepped_but_may_be_slowed(store: RunStore, paused: str) -> None:
    store.set_pace(paused, "running", 0)
    with pytest.raises(
        RunStateError, match=f"mine is training: only a paused run can be stepped. Pause it first: .* pause {paused}"
    ):
        store.step(paused)
    store.slow(paused, 20)


@pytest.mark.parametrize("state", ["queued", "finished", "stopped", "failed"])
def test_a_run_that_no_worker_holds_is_refused(store: RunStore, paused: str, state: str) -> None:
    store.set_state(paused, state)
    with pytest.raises(RunStateError, match=r"only a paused run can be stepped\.$"):
        store.step(paused)
    with pytest.raises(RunStateError, match="only a run that trains or is paused can go on slowly"):
        store.slow(paused, 5)


def test_a_lost_run_is_refused(store: RunStore, paused: str, clock: Any) -> None:
    clock.now += 100
    with pytest.raises(RunStateError, match="mine is lost"):
        store.step(paused)


def test_a_run_that_starts_paused_is_stopped_while_it_waits_and_resumed_at_full_speed(
    store: RunStore, gan: GanConfig
) -> None:
    run = store.create(gan, paused=True)
    store.command(run.id, "stop")
    store.requeue(run.id)
    assert store.take_commands(run.id) == []


# What is told


def test_the_news_tell_the_moment(client: TestClient, store: RunStore, paused: str) -> None:
    store.moments.keep(paused, of_gan(), 2.0)
    found = client.get(f"/gencmp/news/{paused}").json()["moment"]
    assert found.pop("id") > 0
    assert found == {
        "epoch": 1, "step": 7, "acts": "generator", "next": "discriminator", "turn": 1, "turns": 1, "phase": 2, "phases": 2,
        "measures": {"d_fake": 0.4}, "moved": {"generator": [0.1, 0.2], "discriminator": [0, 0]},
        "opinions": {"fakes": [0.5] * 8}, "rate": 2.0,
    }  # fmt: skip


def test_the_news_of_a_vae_tell_where_it_encodes(client: TestClient, store: RunStore, paused: str) -> None:
    store.moments.keep(paused, of_vae(), 0)
    found = client.get(f"/gencmp/news/{paused}").json()["moment"]
    assert (found["mean"], found["std"], found["z"]) == ([[0.5, 0.5]] * 8, [[1.5, 1.5]] * 8, [[-1, -1]] * 8)


def test_there_is_no_moment_at_full_speed_nor_of_a_run_that_is_over(
    client: TestClient, store: RunStore, paused: str, clock: Any
) -> None:
    news: Callable[[], Any] = lambda: client.get(f"/gencmp/news/{paused}").json()["moment"]  # noqa: E731
    assert news() is None
    store.moments.keep(paused, of_gan(), 0)
    store.set_pace(paused, "running", 0)
    assert news() is None and store.moments.newest(paused) is None
    store.moments.keep(paused, of_gan(), 0)
    store.set_state(paused, "stopped")
    assert news() is None and store.moments.newest(paused) is None
    store.set_state(paused, "paused")
    store.moments.keep(paused, of_gan(), 0)
    clock.now += 100  # the worker was killed
    assert news() is None


def test_a_deleted_run_leaves_no_moment(store: RunStore, paused: str) -> None:
    store.moments.keep(paused, of_gan(), 0)
    store.set_state(paused, "lost")
    store.delete(paused)
    assert store.database.execute("SELECT count(*) FROM moments").fetchone()[0] == 0


@pytest.mark.parametrize("what", ["real", "fakes", "fakes.png"])
def test_the_pictures_of_a_moment_are_one_row(client: TestClient, store: RunStore, paused: str, what: str) -> None:
    store.moments.keep(paused, of_gan(), 0)
    answer = client.get(f"/gencmp/moment/{paused}/{there(store.moments.newest(paused))['id']}/{what}")
    sheet = np.asarray(Image.open(io.BytesIO(answer.content)))
    wanted = PICTURES if what == "real" else 255 - PICTURES
    assert sheet.shape == (28, 8 * 28) and np.array_equal(sheet[:, 56:84], wanted[2])
    assert "max-age=3600" in answer.headers["cache-control"] and answer.headers["content-type"] == "image/png"


def test_a_later_moment_is_not_cached_as_an_earlier_one(client: TestClient, store: RunStore, paused: str) -> None:
    store.moments.keep(paused, of_gan(), 0)
    earlier = there(store.moments.newest(paused))["id"]
    store.moments.keep(paused, of_gan(), 0)
    answer = client.get(f"/gencmp/moment/{paused}/{earlier}/real")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("what", ["mean", "nothing"])
def test_a_picture_that_there_is_not_is_a_sentence(client: TestClient, store: RunStore, paused: str, what: str) -> None:
    store.moments.keep(paused, of_gan(), 0)
    for path in (f"{paused}/1/{what}", "nobody/1/real"):
        answer = client.get(f"/gencmp/moment/{path}")
        assert answer.status_code == 404 and answer.json()["error"]


def test_pictures_that_are_not_there_yet_or_any_more_are_no_error(
    client: TestClient, store: RunStore, paused: str, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    """Slow motion outruns the browser, whose console would show each 404 as an error."""
    store.moments.keep(paused, of_gan(), 0)
    for path in (f"{paused}/1/reconstructions", f"{trained(vae).id}/1/real"):
        answer = client.get(f"/gencmp/moment/{path}")
        assert answer.status_code == 204 and answer.headers["cache-control"] == "no-store"


# A worker


def test_a_worker_holds_a_run_with_a_beating_heart_and_may_be_killed(
    tmp_path: Path, config: Config, digits_folder: Path, pids: list[int], wait_until: Callable[..., Any]
) -> None:
    store = RunStore(tmp_path / "home")
    config = config.replace(dataset=str(digits_folder))
    run = store.create(config, paused=True)
    pids.append(launcher.start_worker(store))
    wait_until(lambda: store.moments.newest(run.id))
    store.step(run.id, steps=8)
    wait_until(lambda: there(store.moments.newest(run.id))["step"] == 8 and store.queries.get(run.id).step == 8)
    beat = there(store.queries.get(run.id).heartbeat)
    wait_until(lambda: there(store.queries.get(run.id).heartbeat) > beat + 1.5)
    assert store.queries.get(run.id).state == "paused"
    os.kill(pids[-1], signal.SIGKILL)
    launcher._children.pop().wait()
    later = RunStore(tmp_path / "home", lambda: time.time() + 60)
    assert later.queries.get(run.id).state == "lost"
    plain = later.create(config)
    later.requeue(run.id)
    assert work(later) == 2
    one, two = (read(later.queries.folder(each.id).state).tensors for each in (run, plain))
    assert all(one[name].equal(two[name]) for name in two)
