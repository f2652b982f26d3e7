"""Train: a run that starts paused or is stepped by hand, and what is done with the browser's messages."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import streamlit as st

from gencmp.events import Moment
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui.train import by_hand


@pytest.fixture
def store(store_of_pages: RunStore) -> RunStore:
    return store_of_pages


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A browser's session, and what is said in it."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", found)
    monkeypatch.setattr(st, "toast", lambda words: found.setdefault("said", []).append(words))
    return found


@pytest.fixture
def paused(store: RunStore, gan: GanConfig) -> Run:
    run = store.create(gan)
    store.claim(run.id)
    store.set_pace(run.id, "paused", 0)
    return store.queries.get(run.id)


def laid_out() -> Moment:
    pictures = {"real": np.zeros((8, 28, 28), np.uint8)}
    return Moment(1, 1, "", "discriminator", 0, 0, {}, {}, {}, pictures, phase=0, phases=2)


# What the browser asks


@pytest.mark.parametrize(
    ("message", "command"),
    [
        ({"phases": 1}, {"phases": 1}),
        ({"phases": 2}, {"phases": 2}),
        ({"steps": 100}, {"steps": 100}),
        ({"rate": 5}, {"rate": 5}),
    ],
)
def test_a_press_becomes_a_command(
    store: RunStore, paused: Run, monkeypatch: pytest.MonkeyPatch, message: dict[str, int], command: dict[str, int]
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(store, "step", lambda run_id, **asked: sent.append((run_id, asked)))
    monkeypatch.setattr(store, "slow", lambda run_id, rate: sent.append((run_id, {"rate": rate})))
    by_hand.take(paused.id, message | {"number": 1})
    assert sent == [(paused.id, command)]


def test_hold_pauses_a_run_in_slow_motion(store: RunStore, paused: Run) -> None:
    store.set_pace(paused.id, "running", 2.0)
    by_hand.take(paused.id, {"hold": True, "number": 1})
    assert store.take_commands(paused.id) == ["pause"]


def test_a_message_sent_again_is_obeyed_once(store: RunStore, paused: Run) -> None:
    for number in (1, 1, 2):
        by_hand.take(paused.id, {"steps": 1, "number": number})
    assert len(store.take_commands(paused.id)) == 2


@pytest.mark.parametrize(
    "message", [None, "D step", {"number": 1}, {"number": 2, "phases": "one"}, {"number": 3, "hold": 0}]
)
def test_what_no_button_sends_does_nothing(store: RunStore, paused: Run, message: object) -> None:
    by_hand.take(paused.id, message)
    assert store.take_commands(paused.id) == []


@pytest.mark.parametrize("message", [{"rate": 1000}, {"steps": 0}, {"phases": 10**9}])
def test_numbers_out_of_range_are_told(store: RunStore, paused: Run, session: dict[str, Any], message: Any) -> None:
    by_hand.take(paused.id, message | {"number": 1})
    assert len(session["said"]) == 1 and store.take_commands(paused.id) == []


def test_a_run_that_has_ended_meanwhile_says_so(store: RunStore, paused: Run, session: dict[str, Any]) -> None:
    store.set_state(paused.id, "finished")
    by_hand.take(paused.id, {"steps": 1, "number": 1})
    assert paused.name in session["said"][0].replace("\\", "")


# Where the machine stands


def test_it_stands_above_paused_and_slow_runs_alone(store: RunStore, paused: Run) -> None:
    def stands() -> bool:
        return by_hand.is_by_hand(store.queries.get(paused.id))

    assert stands()
    store.moments.keep(paused.id, laid_out(), 2.0)
    store.set_pace(paused.id, "running", 2.0)
    assert stands(), "in slow motion"
    store.set_pace(paused.id, "running", 0)
    assert not stands(), "at full speed"


def test_a_run_that_will_start_paused_has_its_buttons_at_once(store: RunStore, vae: VaeConfig) -> None:
    mine, other = store.create(vae, paused=True), store.create(vae)
    by_hand.will_pause([mine])
    assert by_hand.is_by_hand(mine) and not by_hand.is_by_hand(other)
    store.set_state(mine.id, "stopped")
    assert not by_hand.is_by_hand(store.queries.get(mine.id))
    assert not by_hand.is_by_hand(store.requeue(mine.id)), "resumed"


def test_the_networks_are_drawn_as_the_run_has_them(gan: GanConfig, vae: VaeConfig) -> None:
    widths = {
        name: [layer["neurons"] for layer in layers]
        for config in (gan, vae)
        for name, layers in by_hand.layers_of(config).items()
    }
    assert widths == {
        "generator": [8, 16, 784], "discriminator": [784, 16, 1], "encoder": [784, 16, 4], "decoder": [2, 16, 784],
    }  # fmt: skip


def test_convolutions_are_drawn_as_maps(gan: GanConfig) -> None:
    layers = by_hand.layers_of(GanConfig(network="conv"))
    assert layers["generator"] == [
        {"neurons": 100, "kind": ""}, {"neurons": 256, "kind": "dense"}, {"maps": 32, "side": 7, "kind": "dense"},
        {"maps": 16, "side": 14, "kind": "transposed convolution"}, {"maps": 1, "side": 28, "kind": "transposed convolution"},
    ]  # fmt: skip
    assert [layer["kind"] for layer in layers["discriminator"]] == ["", "convolution", "convolution", "dense", "dense"]
