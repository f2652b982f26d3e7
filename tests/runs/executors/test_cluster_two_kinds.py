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
# What makes torch compute as on a lesser processor, by what this one has
LESSER = {
    "AVX512": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"},
    "AVX2": {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"},
}


def test_a_run_that_goes_on_on_another_kind_of_processor_is_marked(
    cluster: Any, far_store: RunStore, begin: Callable[..., Run], ended: Callable[..., list[Run]], digits_folder: Path
) -> None:
    mine = torch.backends.cpu.get_cpu_capability()
    if mine not in LESSER:
        pytest.skip(f"A processor of kind {mine} has no lesser one to play.")
    config = VaeConfig(
        epochs=20, batch_size=50, encoder_widths=(16,), decoder_widths=(16,), dataset=str(digits_folder), device="cpu", keep_per_decade=1
    )  # fmt: skip
    [run] = ended(begin(config))
    before = run.machine["features"]
    for address in NODES:
        cluster.leave(address)
    cluster.join(OTHER, **LESSER[mine])
    try:
        far_store.extend(run.id, 25)
        start_worker(far_store)
        [run] = ended(run)
    finally:
        cluster.leave(OTHER)
    assert (run.state, run.epoch, run.reason) == ("finished", 25, "")
    after = run.machine["features"]
    assert before.startswith(mine) and after != before
    [move] = run.place["moves"]
    assert move["epoch"] == 20 and move["before"].endswith(f", {before}") and move["after"].endswith(f", {after}")
    assert f"after epoch 20 on {move['after']} instead of {move['before']}" in moved_words(run)
