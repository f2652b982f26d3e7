"""A run that goes on on a node of another kind of processor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from clustering import HEAD, NODES

from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run, moved_words
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

OTHER = HEAD.removesuffix(".2") + ".5"
AVX2 = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}  # torch computes as if it had no more


def test_a_run_that_goes_on_on_another_kind_of_processor_is_marked(
    cluster: Any, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], digits_folder: Path
) -> None:
    if torch.backends.cpu.get_cpu_capability() != "AVX512":
        pytest.skip("A processor without AVX-512 cannot play one with less.")
    config = VaeConfig(
        epochs=20, batch_size=50, encoder_widths=(16,), decoder_widths=(16,), dataset=str(digits_folder), device="cpu", keep_per_decade=1
    )  # fmt: skip
    [run] = ended(begin(config))
    before = run.machine["features"]
    for address in NODES:
        cluster.leave(address)
    cluster.join(OTHER, **AVX2)
    try:
        far_store.extend(run.id, 25)
        start_worker(far_store)
        [run] = ended(run)
    finally:
        cluster.leave(OTHER)
    assert (run.state, run.epoch, run.reason) == ("finished", 25, "")
    assert before.startswith("AVX512") and run.machine["features"].startswith("AVX2")
    [move] = run.place["moves"]
    assert move["epoch"] == 20 and before in move["before"] and "AVX2" in move["after"]
    assert before in moved_words(run) and "20" in moved_words(run)
