"""Tiny numbers: they change no weight, and in a process that trains every thread takes them for 0."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from there import there

from gencmp.bench import parallel
from gencmp.evaluation import study
from gencmp.files import ROOT
from gencmp.models.adam import FlatAdam
from gencmp.models.layers import Dense, initialise
from gencmp.runs.store import RunStore
from gencmp.runs.worker import train_run
from gencmp.settings.configs import GanConfig


@pytest.fixture
def flushing() -> Iterator[Callable[[bool], bool]]:
    """A function that turns it on and off in this thread, which computes alone here."""
    torch.set_num_threads(1)
    yield torch.set_flush_denormal
    torch.set_flush_denormal(True)


def after_a_long_silence() -> Any:
    """Weights and first moments when gradients come again after 900 steps without: the moments have become tiny."""
    network = Dense((5, 4, 3), "relu", 0.0, 0.0, torch.Generator())
    initialise(network, torch.Generator().manual_seed(0))
    adam = FlatAdam(network.parameters(), 1e-2, (0.9, 0.999))
    rng = torch.Generator().manual_seed(1)
    for step in range(1000):
        adam.gradients.normal_(generator=rng).mul_(step < 10 or step > 910)
        adam.step()
        if step == 900:
            moments = adam.moments["exp_avg"].clone()
    return adam.weights.view(torch.int32), moments.view(torch.int32)


def tiny(bits: Any) -> Any:
    """Where these are of numbers below 1e-38 that are not 0."""
    size = bits & 0x7FFFFFFF
    return (size > 0) & (size < 0x800000)


def test_flushed_or_not_the_weights_are_the_same(flushing: Callable[[bool], bool]) -> None:
    if not flushing(True):
        pytest.skip("this processor cannot flush them")
    weights, moments = after_a_long_silence()
    flushing(False)
    others, as_they_are = after_a_long_silence()
    assert torch.equal(weights, others)
    assert tiny(as_they_are).all() and not tiny(moments).any()


PROBE = """
import sys
from gencmp.cli.main import main
assert main(sys.argv[1:]) == 0
import torch
torch.set_num_threads(2)
tiny = torch.full((1_000_000,), 1e-39)
print((tiny * 1).view(torch.int32).count_nonzero().item())
"""


@pytest.mark.parametrize(
    "command",
    [
        "train vae --threads 2 --batch-size 50 --epochs 1 --encoder-widths 16 --dataset FEW",
        "train-judge --steps 10 --dataset FEW --out OUT",
    ],
)
def test_in_a_process_that_trains_every_thread_flushes(command: str, digits_folder: Path, tmp_path: Path) -> None:
    if not torch.set_flush_denormal(True):
        pytest.skip("this processor cannot flush them")
    places = {"FEW": str(digits_folder), "OUT": str(tmp_path / "judge")}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *(places.get(word, word) for word in command.split())],
        cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "2"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout.split()[-1:] == ["0"], done.stderr


def test_a_worker_flushes_before_it_loads(monkeypatch: pytest.MonkeyPatch, store: RunStore, gan: GanConfig) -> None:
    called = []
    monkeypatch.setattr("gencmp.training.processor.flush_denormals", lambda: called.append("flush"))
    monkeypatch.setattr("gencmp.data.load.load", lambda *_, **__: called.append("load") or 1 / 0)
    train_run(store, there(store.claim(store.create(gan).id)))
    assert called == ["flush", "load"]


def test_studies_and_benchmarks_flush_before_they_load(
    monkeypatch: pytest.MonkeyPatch, gan: GanConfig, tmp_path: Path
) -> None:
    called = []
    for module in (study, parallel):
        monkeypatch.setattr(module, "flush_denormals", lambda: called.append("flush"))
    monkeypatch.setattr(study, "real_digits", lambda *_: called.append("load") or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        study.study([gan], 1, tmp_path / "study.json")
    assert called == ["flush", "load"]
    parallel.set_up()
    assert called[2:] == ["flush"]
