"""The cheap part of the verdict, while a model trains: after each kept epoch, and without touching the training."""

from __future__ import annotations

import pytest

from gencmp import glances
from gencmp.events import Checkpoint, Glanced, from_json, to_json
from gencmp.training import train


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(glances, "COUNT", 100)


def test_a_glance_follows_each_checkpoint_that_keeps_weights(few, vae, digits):
    events = list(glances.glanced(train(vae.replace(epochs=2), digits), vae))
    kinds = [type(event).__name__ for event in events if isinstance(event, (Checkpoint, Glanced))]
    assert kinds == ["Checkpoint", "Glanced"] * 2
    [first, second] = [event for event in events if isinstance(event, Glanced)]
    assert sum(first.digits) == pytest.approx(1)
    assert 0 < second.floor < second.frechet
    assert to_json(from_json(to_json(first))) == to_json(first)


def test_looking_does_not_touch_the_training(few, gan, digits):
    plain = [e.state for e in train(gan, digits) if isinstance(e, Checkpoint)]
    watched = [e.state for e in glances.glanced(train(gan, digits), gan) if isinstance(e, Checkpoint)]
    assert len(plain[-1]) == len(watched[-1])
    assert states_without_seconds(plain) == states_without_seconds(watched)


def states_without_seconds(states: list[bytes]) -> list[bytes]:
    """The tensors alone: the header holds how long it took."""
    return [state[8 + int.from_bytes(state[:8], "little") :] for state in states]


def test_data_without_a_judge_are_not_glanced_at(monkeypatch, gan, digits):
    monkeypatch.setattr(glances, "judge_key", lambda dataset: "")
    assert not [event for event in glances.glanced(train(gan, digits), gan) if isinstance(event, Glanced)]


def test_the_store_tells_the_newest(store, gan):
    run = store.create(gan)
    assert store.glance(run.id) is None
    for epoch in (1, 3, 2):
        store.add_glance(run.id, Glanced(epoch, 10 * epoch, 5.0, 0.5, (0.1,) * 10, (7,)))
    told = store.glance(run.id)
    assert (told["epoch"], told["frechet"], told["missing"]) == (3, 5.0, [7])
