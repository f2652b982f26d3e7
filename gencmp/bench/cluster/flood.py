"""Many runs that train nothing, through one real dispatcher: python -m gencmp.bench.cluster.flood HOME RUNS SECONDS

Some actors on the nodes send the events of all of them, twenty a second each, over real streams; a process for each run would need
a core for each before it had said anything. Prints the figures as JSON.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ray

from gencmp.bench.tools.spread import middle, percentile
from gencmp.bench.tools.usage import usage
from gencmp.events import Checkpoint, Epoch, Finished, Started, Step
from gencmp.runs.executors.dispatcher import Dispatcher
from gencmp.runs.executors.far import BATCH, STATE_EVERY, Message
from gencmp.runs.executors.job import Here
from gencmp.runs.executors.ray_cluster import Cluster, RayStream, Task, connected
from gencmp.runs.executors.wire import FarLine
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.presets import preset

A_SECOND = 20  # events of a run
HOSTED = 15  # runs that an actor sends for
START = 20.0  # seconds that the last run may begin after the first
SETTLE = 3.0  # seconds between the last run's first word and the window
MADE = "reconstruction"  # the measure in which a step carries the time at which it was made


class Sender:
    """The far ends of some runs, in one process."""

    def send(self, run: str, config: dict[str, Any], seconds: float, state: int) -> Iterator[Message]:
        """state: bytes of one, every ten seconds; 0 sends none until the end."""
        yield [Here.of(ray.get_runtime_context().get_node_id())]
        yield [Started("vae", config, 0, 0, A_SECOND * 1000, 60_000, "cpu", 1, "float32", {}, 0.0)]
        began = sent = time.time()
        step, epoch, kept = 0, 0, began
        while sent - began < seconds:
            time.sleep(max(0.0, sent + BATCH - time.time()))
            count = round(A_SECOND * BATCH)
            made = [sent + BATCH * (n + 1) / count for n in range(count)]
            sent += BATCH
            message: Message = [Step(step + n + 1, epoch + 1, {MADE: at, "kl": 1.0}) for n, at in enumerate(made)]
            step += count
            if state and sent - kept >= STATE_EVERY:
                kept, epoch = sent, epoch + 1
                message += [_epoch(epoch, step), Checkpoint(epoch, step, bytes(state), None)]
            yield message
        yield [
            _epoch(epoch + 1, step),
            Checkpoint(epoch + 1, step, bytes(100), bytes(100)),
            Finished(epoch + 1, step, 1.0),
        ]


def _epoch(epoch: int, step: int) -> Epoch:
    return Epoch(epoch, step, 1.0, 1.0, {MADE: 1.0, "kl": 1.0}, {}, {"negative_elbo": 1.0})


class Flooded(Dispatcher):
    """A dispatcher whose runs are sent, not trained."""

    def __init__(self, store: RunStore, cluster: Cluster, runs: int, seconds: float, state: int):
        super().__init__(store, cluster)
        self.runs, self.seconds, self.state, self.begun = runs, seconds, state, 0
        sender = ray.remote(num_cpus=0, max_concurrency=HOSTED + 1)(Sender)
        self.senders = [sender.options(scheduling_strategy="SPREAD").remote() for _ in range(-(-runs // HOSTED))]
        self.cluster.free = lambda held: runs - held  # type: ignore[method-assign]

    def _line(self, run: Run) -> FarLine:
        key = run.id
        self.cluster.tasks[key] = Task(time.monotonic())
        sender = self.senders[len(self.cluster.tasks) % len(self.senders)]
        generator = sender.send.options(num_returns="streaming").remote(
            run.id, config_of(run).to_dict(), self.seconds, self.state
        )
        stream = RayStream(self.cluster, key, generator)

        def begun(here: Here) -> None:
            self.store.set_place(run.id, node=stream.begun(here.node))
            self.begun += 1

        return FarLine(stream, {}, begun)


class Late:
    """How late each step is committed."""

    def __init__(self, store: RunStore):
        self.found: list[float] = []
        self._add = store.add
        store.add = self.add  # type: ignore[method-assign]

    def add(self, run_id: str, steps: Any = (), preview: Any = None, speed: float = 0.0) -> None:
        steps = list(steps)
        self._add(run_id, steps, preview, speed)
        now = time.time()
        self.found += [now - step.measures[MADE] for step in steps]


def flood(home: Path, runs: int, seconds: float, state: int = 0) -> dict[str, Any]:
    """seconds: of the window in which all runs are at work. Times in seconds, memory in bytes."""
    store = RunStore(home)
    config = preset("vae", "quick").config.replace(epochs=1000)
    for seed in range(runs):
        store.create(config.replace(seed=seed))
    late = Late(store)
    found: dict[str, Any] = {}
    with connected() as cluster:
        dispatcher = Flooded(store, cluster, runs, seconds + SETTLE + START, state)

        def look() -> None:
            while dispatcher.begun < runs:
                time.sleep(0.1)
            time.sleep(SETTLE)
            late.found.clear()
            began, before = time.perf_counter(), usage(os.getpid())
            time.sleep(seconds)
            took, after, values = time.perf_counter() - began, usage(os.getpid()), list(late.found)
            found.update(
                runs=runs, seconds=round(took, 1), events_a_second=round(len(values) / took, 1),
                share_of_a_core=round((after.seconds - before.seconds) / took, 3), memory=after.memory,
                late_median=middle(values), late_p95=percentile(values), late_most=round(max(values, default=0.0), 3),
                threads=threading.active_count(), state_bytes=state,
            )  # fmt: skip

        looker = threading.Thread(target=look, daemon=True)
        looker.start()
        dispatcher.work()
        looker.join()
    lost = runs - sum(run.state == "finished" for run in store.queries.all())
    message = [Step(n, 1, {MADE: time.time() + n / 7, "kl": 5.0 + n / 9}) for n in range(round(A_SECOND * BATCH))]
    return found | {
        "message_bytes": len(ray.cloudpickle.dumps(message)),
        "not_finished": lost,
        "store_bytes": sum(path.stat().st_size for path in home.glob("runs.sqlite3*")),
    }


if __name__ == "__main__":
    print(json.dumps(flood(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))))
