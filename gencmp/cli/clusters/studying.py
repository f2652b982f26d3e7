"""Studies and records of lessons whose models train on a cluster, all at once: runs of the store, as any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from gencmp.cli.clusters.following import wait_for
from gencmp.errors import TrainingFailed
from gencmp.lessons.history import figures_of, history_of
from gencmp.models.snapshot import Snapshot, read
from gencmp.runs.catalog import StoredRun
from gencmp.runs.executors.choice import cpus_of_a_run
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.configs import Config
from gencmp.training.thread_check import same_bits_with_any_threads


def threads_words(configs: Sequence[Config]) -> str:
    """A warning where a study on the cluster would not have the figures of a sequential one; else ""."""
    here, there = torch.get_num_threads(), int(cpus_of_a_run())
    if here == there:
        return ""
    differ = [each.kind.upper() for each in configs if not same_bits_with_any_threads(each, max(here, there))]
    if not differ:
        return ""
    return (
        f"On this processor the last digits depend on the number of threads: a {' and a '.join(differ)} has {here} here, but"
        f" {there} on the cluster. For the figures of a sequential study: GENCMP_RAY_CPUS={here}."
    )


class Queued:
    """A study.Trainer, and one of experiment.record. name: of the study, which its runs bear."""

    def __init__(self, store: RunStore, name: str):
        self.store, self.name = store, name
        self.runs: list[tuple[Config, Run]] = []

    def begin(self, configs: Sequence[Config]) -> None:
        """Runs of an earlier part of the same study, which was interrupted, are taken up again."""
        earlier = [run for run in self.store.queries.all() if run.name.startswith(f"{self.name} ")]
        for config in configs:
            found = next((run for run in earlier if config_of(run) == config and run.state != "failed"), None)
            if found and not found.is_open and found.state != "finished":
                found = self.store.requeue(found.id)
            stem = f"{self.name} {config.kind} seed {config.seed}"
            self.runs.append((config, found or self.store.create(config, stem=stem)))
        start_worker(self.store)

    def trained(self, config: Config, report: Callable[[int], None]) -> tuple[float, Snapshot]:
        """Raises TrainingFailed when the run has not come to its end, ClusterError."""
        snapshot = read(self.store.queries.folder(self._finished(config, report).id).weights(config.epochs))
        return snapshot.seconds, snapshot

    def figures(
        self, config: Config, names: Sequence[str], report: Callable[[int, int], None]
    ) -> tuple[dict[str, float], float, str]:
        """For the record of a lesson; the run is deleted then, because hundreds would fill a disk. Raises as `trained` does."""
        run = self._finished(config, lambda epoch: report(epoch, config.epochs))
        found = figures_of(history_of(StoredRun(self.store, run)), names)
        self.store.delete(run.id)
        where = (
            f"{run.machine.get('processor', 'unknown')}, {run.threads} of its cores, {run.versions.get('machine', '')}"
        )
        return found, run.seconds, where

    def _finished(self, config: Config, report: Callable[[int], None]) -> Run:
        run = next(run for wanted, run in self.runs if wanted == config)
        [run] = wait_for(self.store, [run], lambda share, words: report(round(share * config.epochs)))
        if run.state != "finished":
            raise TrainingFailed(f"{run.name} {run.state_word} after epoch {run.epoch}. {run.reason}".strip())
        return run
