"""What takes too long for the tests: a node that falls silent, and a head that is lost."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import psutil

from gencmp.bench.cluster.nodes import Nodes, end
from gencmp.bench.cluster.overhead import stop, using
from gencmp.errors import GencmpError
from gencmp.runs.executors.status import status_of
from gencmp.runs.launcher import keep_going, start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import Config, VaeConfig

PATIENCE = 240.0
LOOK_EVERY = 2.0  # seconds


def endless() -> Config:
    """Many short epochs: it does not end meanwhile."""
    return VaeConfig(
        epochs=10_000, limit=6000, batch_size=50, encoder_widths=(16,), decoder_widths=(16,), device="cpu", threads="1", keep_per_decade=1,
    )  # fmt: skip


def wait(what: str, is_so: Callable[[], object], patience: float = PATIENCE) -> float:
    """Seconds until it is so. Raises GencmpError."""
    began = time.perf_counter()
    while not is_so():
        if time.perf_counter() - began > patience:
            raise GencmpError(f"{what} did not happen within {patience:.0f} s.")
        time.sleep(0.1)
    return round(time.perf_counter() - began, 1)


def silent(store: RunStore, nodes: Nodes, addresses: Sequence[str]) -> dict[str, Any]:
    """Stop all processes of the node that trains, and let them go on when the run trains elsewhere. Seconds until it was said, and until
    it trained elsewhere; how many processes train the run afterwards (1), and whether any step was recorded twice."""
    with using(nodes):
        run = store.create(endless())
        start_worker(store)
        try:
            wait("The training", lambda: store.queries.get(run.id).epoch > 5)
            [address] = [each for each in addresses if nodes.trainings(each)]
            before = store.queries.get(run.id).place["node"]
            stopped = nodes.processes(address)
            began = time.perf_counter()
            try:
                for each in stopped:
                    with suppress(psutil.NoSuchProcess):
                        each.suspend()
                told = wait("The silence", lambda: "No word from" in store.queries.get(run.id).words)
                held = store.queries.get(run.id).epoch
                wait("Training elsewhere", lambda: _elsewhere(store.queries.get(run.id), before, held))
                moved = round(time.perf_counter() - began, 1)
            finally:
                for each in stopped:
                    with suppress(psutil.NoSuchProcess):
                        each.resume()
            time.sleep(8)
            steps = store.queries.steps(run.id)["step"]
            return {
                "told": told, "moved": moved, "trainings_afterwards": len(nodes.trainings()),
                "in_order": steps == sorted(set(steps)), "still_trains": store.queries.get(run.id).state == "running",
            }  # fmt: skip
        finally:
            stop(store, run)


def _elsewhere(run: Run, before: str, held: int) -> bool:
    return run.state == "running" and run.place.get("node") not in (None, before) and run.epoch > held


def headless(store: RunStore, nodes: Nodes, addresses: Sequence[str]) -> dict[str, Any]:
    """Kill the head; start it again, and the nodes. Seconds until the sentence, the sentence, and seconds until the run trains again."""
    head = nodes.address.rpartition(":")[0]
    with using(nodes):
        run = store.create(endless())
        start_worker(store)
        try:
            wait("The training", lambda: store.queries.get(run.id).epoch > 5)
            end(nodes.nodes.pop(head))
            told = wait("The sentence", _looking(store))
            words = _trouble(store)
            waits = wait("Waiting", lambda: store.queries.get(run.id).state == "queued")
            epoch = store.queries.get(run.id).epoch
            for address in addresses:
                if address in nodes.nodes:
                    nodes.leave(address)
            nodes.start_head()
            for address in addresses:
                nodes.join(address)
            keep_going(store)
            start_worker(store)
            again = wait("Training again", lambda: store.queries.get(run.id).epoch > epoch)
            return {"told": told, "words": words, "queued": waits, "again": again}
        finally:
            stop(store, run)


def _looking(store: RunStore) -> Callable[[], str]:
    """What is said of the cluster, to somebody who has a page open: each of its looks starts what has died."""
    looked = time.monotonic()

    def trouble() -> str:
        nonlocal looked
        if time.monotonic() - looked > LOOK_EVERY:
            looked = time.monotonic()
            keep_going(store)
        return _trouble(store)

    return trouble


def _trouble(store: RunStore) -> str:
    status = status_of(store)
    return status.trouble if status else ""


def end_dispatcher(store: RunStore) -> None:
    """Kill it, if it still works for this store."""
    status = status_of(store)
    if status and status.process:
        with suppress(psutil.Error):  # it has ended
            process = psutil.Process(status.process)
            words = " ".join(process.cmdline())
            if "executors.dispatcher" in words and str(store.home) in words:
                process.kill()
