"""The same settings, seed, device, type of processor and thread record give the same bits. On whatever processor the tests run."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import Clock
from there import there

from gencmp.data.digits import Digits
from gencmp.events import Checkpoint, Epoch, Step
from gencmp.files import ROOT
from gencmp.models.adam import FlatAdam
from gencmp.models.gan import Gan
from gencmp.models.snapshot import unpack
from gencmp.models.vae import Vae
from gencmp.runs.executors.local import threads_of
from gencmp.runs.run import Run, machine_differences, machine_sentence
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import PRESETS
from gencmp.training import thread_check
from gencmp.training.cores import MAX_THREADS
from gencmp.training.fast_gan import FastGanTrainer
from gencmp.training.fast_vae import FastVaeTrainer
from gencmp.training.loop import train
from gencmp.training.processor import processor_facts
from gencmp.training.thread_check import CACHE_FILE, same_bits_with_any_threads


def wide(config: Any) -> Any:
    """Layers of the paper's size: those whose sums a library may split among threads."""
    widths = {name: (512, 256) for name in config.to_dict() if name.endswith("_widths")}
    return config.replace(**widths, batch_size=100, epochs=2)


def told(config: Any, digits: Any, count: Any) -> Any:
    """The whole state after each epoch, and every figure."""
    torch.set_num_threads(count)
    events = list(train(config, digits, clock=lambda: 0.0))
    states = [event.state for event in events if isinstance(event, Checkpoint)]
    figures = [(event.measures, event.last, event.test) for event in events if isinstance(event, Epoch)]
    return states, figures, [event.measures for event in events if isinstance(event, Step)]


@pytest.mark.parametrize("count", [1, 2, 8])
def test_the_same_number_of_threads_gives_the_same_bits(
    config: GanConfig | VaeConfig, digits: Digits, count: int
) -> None:
    assert told(wide(config), digits, count) == told(wide(config), digits, count)


def test_resumed_with_the_recorded_number_it_is_as_if_never_stopped(
    config: GanConfig | VaeConfig, digits: Digits
) -> None:
    torch.set_num_threads(2)
    events = list(train(wide(config), digits))
    first, last = (event.state for event in events if isinstance(event, Checkpoint))
    resumed = [e.state for e in train(wide(config), digits, resume=unpack(first)) if isinstance(e, Checkpoint)]
    whole, again = unpack(last).tensors, unpack(resumed[-1]).tensors
    assert all(torch.equal(whole[name], again[name]) for name in whole)


@pytest.mark.parametrize("precision", ["auto", "float32"])
@pytest.mark.parametrize("kind", PRESETS)
def test_where_the_check_finds_no_difference_there_is_none(
    kind: Any, precision: str, digits: Digits, tmp_path: Path
) -> None:
    """The law that lets the tuner change the number while a model trains: checked on a few steps, true of a whole run.

    In float32 MKL splits some of the GAN's sums among four threads; there the answer must be no.
    """
    config = PRESETS[kind]["paper"].config.replace(epochs=2, precision=precision)
    same = same_bits_with_any_threads(config, 4, tmp_path, len(digits.train), len(digits.test), clock=lambda: 0.0)
    first = told(config, digits, 1)
    assert not same or all(told(config, digits, count) == first for count in (2, 3, 4))


def test_the_check_is_made_once_for_the_same_work(
    config: GanConfig | VaeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(thread_check, "_training_hash", lambda config, count, *_: asked.append(count) or "")
    for changed in ({}, {"seed": 7}, {"epochs": 1}, {"limit": 100}):
        assert same_bits_with_any_threads(config.replace(**changed), 3, tmp_path)
    assert asked == [1, 2, 3]
    assert same_bits_with_any_threads(config.replace(batch_size=7), 3, tmp_path) and len(asked) == 6


def test_a_damaged_record_of_checks_is_made_anew(
    config: GanConfig | VaeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_check, "_training_hash", lambda config, count, *_: str(count))
    (tmp_path / CACHE_FILE).write_text("[")
    assert same_bits_with_any_threads(config, 2, tmp_path) is False
    assert len((tmp_path / CACHE_FILE).read_text()) > 10


@pytest.fixture
def any_threads_alike() -> Iterator[None]:
    """All numbers of threads give the same bits, whatever the processor: one thread does the work of any number."""
    count = [torch.get_num_threads()]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "set_num_threads", lambda wanted: count.__setitem__(0, wanted))
        patch.setattr(torch, "get_num_threads", lambda: count[0])
        yield


def in_the_last_bit(number: Any) -> Any:
    """Another number when two threads compute, as near as can be."""
    return torch.nextafter(number, torch.tensor(2.0)) if torch.get_num_threads() == 2 else number


@pytest.fixture(params=["moment", "loss", "figure"])
def one_bit_off(
    request: pytest.FixtureRequest, config: GanConfig | VaeConfig, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """With two threads one number of a training is another, by its last bit."""
    kinds: dict[str, Any] = {"gan": (Gan, FastGanTrainer), "vae": (Vae, FastVaeTrainer)}
    model, trainer = kinds[config.kind]
    state_dict, step, figures = FlatAdam.state_dict, trainer.step, model.figures

    def moment(adam: Any) -> Any:
        found = state_dict(adam)
        found["state"][0]["exp_avg"] = in_the_last_bit(found["state"][0]["exp_avg"])
        return found

    def figure(model: Any, test: Any) -> Any:
        return {name: float(in_the_last_bit(torch.tensor(value))) for name, value in figures(model, test).items()}

    places = {
        "moment": (FlatAdam, "state_dict", moment),
        "loss": (trainer, "step", lambda trainer, images: in_the_last_bit(step(trainer, images))),
        "figure": (model, "figures", figure),
    }
    monkeypatch.setattr(*places[request.param])
    return monkeypatch


@pytest.mark.usefixtures("any_threads_alike")
def test_the_check_sees_one_bit_of_anything(
    config: GanConfig | VaeConfig, one_bit_off: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not same_bits_with_any_threads(config, 2, tmp_path, 120, 30)
    one_bit_off.undo()
    assert same_bits_with_any_threads(config, 2, tmp_path / "other", 120, 30)


def test_a_check_meets_every_size_of_batch(config: GanConfig | VaeConfig) -> None:
    sizes = thread_check._sizes(config.replace(batch_size=50), 320, 2100)
    assert (sizes.images, sizes.tests, sizes.epochs) == (170, 1100, 1)
    assert thread_check._sizes(config.replace(batch_size=50), 30, 20) == (30, 20, 4)


def test_networks_too_wide_to_try_are_not_tuned(
    config: GanConfig | VaeConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thread_check, "_training_hash", lambda *_: pytest.fail("tried"))
    widths = {name: (4096, 4096) for name in config.to_dict() if name.endswith("_widths")}
    assert same_bits_with_any_threads(config.replace(**widths), 2, tmp_path) is False


@pytest.mark.usefixtures("any_threads_alike")
def test_a_check_on_a_busy_machine_is_given_up_and_tried_again(
    config: GanConfig | VaeConfig, tmp_path: Path, clock: Clock
) -> None:
    def slow() -> Any:
        clock.sleep(0.9)
        return clock()

    before = torch.get_num_threads()
    assert same_bits_with_any_threads(config, 2, tmp_path, 120, 30, clock=slow) is False
    assert not (tmp_path / CACHE_FILE).exists() and torch.get_num_threads() == before
    assert same_bits_with_any_threads(config, 2, tmp_path, 120, 30, clock=clock) is True


@pytest.mark.parametrize("kind", PRESETS)
def test_the_papers_models_are_small_enough_to_try(kind: Any) -> None:
    for preset in PRESETS[kind].values():
        config = preset.config
        assert (
            MAX_THREADS * thread_check._work(config, thread_check._sizes(config, 60_000, 10_000))
            < thread_check.MAX_WORK
        )


@pytest.mark.usefixtures("any_threads_alike")
def test_a_training_that_diverges_is_compared_as_far_as_it_went(config: GanConfig | VaeConfig, tmp_path: Path) -> None:
    rates = {name: 10.0 for name in config.to_dict() if name.endswith("learning_rate")}
    assert same_bits_with_any_threads(config.replace(**rates), 2, tmp_path, 120, 30) is True


def test_one_thread_needs_no_check(config: GanConfig | VaeConfig, tmp_path: Path) -> None:
    assert same_bits_with_any_threads(config, 1, tmp_path) and not (tmp_path / CACHE_FILE).exists()


PROMISE = "The same settings, seed, device, type of processor and thread record give the same bits."


def test_what_is_promised_is_said_in_the_same_words_everywhere() -> None:
    texts = {path: path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "gencmp").rglob("*.py"))}
    said = {path.name: re.findall(r"[^.\n]*same bits\.", text) for path, text in texts.items()}
    assert {words.strip(' "') for found in said.values() for words in found} == {PROMISE}
    assert {name for name, found in said.items() if found} == {"README.md", "configs.py", "loop.py"}
    assert not [path for path, text in texts.items() if "bit for bit" in text.lower()]


# The thread record


def test_a_run_keeps_the_number_it_began_with(
    store: RunStore, vae: VaeConfig, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.runs.executors.local.threads", lambda sharing: 2)
    run = store.create(vae.replace(dataset=str(digits_folder)))
    train_run(store, there(store.claim(run.id)), watch=stop_after_an_epoch(store, run.id))
    assert (store.queries.get(run.id).state, store.queries.get(run.id).threads) == ("stopped", 2)
    monkeypatch.setattr("gencmp.runs.executors.local.threads", lambda sharing: 3)  # more cores are free now
    assert threads_of(store, store.queries.get(run.id)) == 2


def stop_after_an_epoch(store: Any, run_id: Any) -> Any:
    def watch(events: Any) -> Iterator[Any]:
        for event in events:
            yield event
            if isinstance(event, Checkpoint):
                store.command(run_id, "stop")
                time.sleep(0.3)  # past the next look at the commands

    return watch


def test_a_number_that_was_asked_for_rules(store: RunStore, vae: VaeConfig, digits_folder: Path) -> None:
    run = store.create(vae.replace(dataset=str(digits_folder), threads="2"))
    train_run(store, there(store.claim(run.id)))
    assert store.queries.get(run.id).threads == 2


def test_threads_are_tuned_only_where_that_changes_no_bit(
    store: RunStore, vae: VaeConfig, digits_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned = []
    monkeypatch.setattr(
        "gencmp.training.thread_tuner.tune_threads", lambda events, max_threads: tuned.append(1) or events
    )
    for answer, threads in ((True, "auto"), (False, "auto"), (True, "2")):
        monkeypatch.setattr("gencmp.training.thread_check.same_bits_with_any_threads", lambda *_, answer=answer: answer)
        run = store.create(vae.replace(dataset=str(digits_folder), threads=threads, epochs=1))
        train_run(store, there(store.claim(run.id)))
        assert store.queries.get(run.id).state == "finished"
    assert tuned == [1]


# What is recorded


def test_a_run_records_its_processor(store: RunStore, vae: VaeConfig, digits_folder: Path) -> None:
    run = store.create(vae.replace(dataset=str(digits_folder), epochs=1))
    train_run(store, there(store.claim(run.id)))
    run = store.queries.get(run.id)
    assert run.machine == processor_facts() and run.machine["features"] and run.precision


def a_run(name: Any, **facts: Any) -> Any:
    return Run(name, name, "gan", "own", {"epochs": 1}, "finished", **facts)


def test_two_runs_of_different_machines_are_said_to_be() -> None:
    here = a_run("here", machine={"processor": "A", "features": "AVX2"}, precision="float32", threads=2)
    there = a_run("there", machine={"processor": "B", "features": "AVX512 AMX"}, precision="bfloat16", threads=2)
    assert machine_differences([here, there]) == {
        "Processor": ["A, AVX2", "B, AVX512 AMX"],
        "Precision": ["float32", "bfloat16"],
    }
    assert machine_sentence([here, there]).startswith(
        "Trained with different processor (here: A, AVX2, there: B, AVX512 AMX) and precision (here: float32, there: bfloat16):"
    )


def test_what_was_not_recorded_is_no_difference() -> None:
    assert machine_sentence([a_run("old"), a_run("new", machine={"processor": "A"}, threads=2)]) == ""


# One machine plays the others


@pytest.mark.parametrize(
    "played",
    [
        {"ATEN_CPU_CAPABILITY": "default"},
        {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"},
    ],
    ids=lambda played: " ".join(played.values()),
)
def test_the_laws_hold_on_other_processors(played: Any) -> None:
    """The laws of this file once more, where torch uses other instructions."""
    laws = ["same_number_of_threads", "as_if_never_stopped", "finds_no_difference"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__, "-k", " or ".join(laws)],
        cwd=ROOT, env=os.environ | played | {"PYTEST_ADDOPTS": ""}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
