"""Which runs belong together: the newest finished pair, and what a bare Train page shows."""

from __future__ import annotations

from conftest import Clock
from there import there

from gencmp.runs.pairs import newest_pair, runs_to_watch
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, GanConfig, VaeConfig


def finished(store: RunStore, *configs: Config) -> list[Run]:
    """Runs started together."""
    runs = [store.create(config) for config in configs]
    for run in runs:
        store.set_state(run.id, "finished")
    return [store.queries.get(run.id) for run in runs]


def test_the_newest_pair_was_started_together(store: RunStore, clock: Clock, gan: GanConfig, vae: VaeConfig) -> None:
    assert newest_pair(store.queries) is None
    finished(store, gan, vae)
    clock.now += 100
    second = finished(store, gan, vae)
    clock.now += 100
    finished(store, gan.replace(seed=1))
    assert there(newest_pair(store.queries)) == tuple(second), "a GAN trained alone later is no pair"


def test_models_trained_one_by_one_are_a_pair_where_there_is_no_other(
    store: RunStore, clock: Clock, gan: GanConfig, vae: VaeConfig
) -> None:
    [alone] = finished(store, gan)
    assert newest_pair(store.queries) is None
    clock.now += 100
    [other] = finished(store, vae)
    assert there(newest_pair(store.queries)) == (alone, other)


def test_a_pair_has_the_same_data_and_has_finished(
    store: RunStore, clock: Clock, gan: GanConfig, vae: VaeConfig
) -> None:
    finished(store, gan, vae.replace(classes=(3, 8)))
    store.set_state(store.create(vae).id, "stopped")
    assert newest_pair(store.queries) is None


def test_the_runs_just_made_are_watched_until_others_are(
    store: RunStore, clock: Clock, gan: GanConfig, vae: VaeConfig
) -> None:
    assert runs_to_watch(store.queries) == []
    pair = finished(store, gan, vae)
    assert [run.id for run in runs_to_watch(store.queries)] == [run.id for run in pair]
    clock.now += 100
    one = store.create(gan)
    assert [run.id for run in runs_to_watch(store.queries)] == [one.id]


def test_a_live_run_is_watched_beside_the_one_started_with_it(
    store: RunStore, clock: Clock, gan: GanConfig, vae: VaeConfig
) -> None:
    live, ended = store.create(gan), store.create(vae)
    store.set_state(live.id, "running")
    store.set_state(ended.id, "finished")
    clock.now += 5
    store.beat(live.id)
    finished(store, vae)
    assert [run.id for run in runs_to_watch(store.queries)] == [live.id, ended.id]
