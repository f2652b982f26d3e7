"""A study whose models train on a cluster, all at once: runs of the store, as any other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gencmp.cli.clusters.following import wait_for
from gencmp.errors import TrainingFailed
from gencmp.models.snapshot import Snapshot, read
from gencmp.runs.launcher import start_worker
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.settings.configs import Config


class Queued:
    """A study.Trainer. name: of the study, which its runs bear."""

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
        run = next(run for wanted, run in self.runs if wanted == config)
        [run] = wait_for(self.store, [run], lambda share, words: report(round(share * config.epochs)))
        if run.state != "finished":
            raise TrainingFailed(f"{run.name} {run.state_word} after epoch {run.epoch}. {run.reason}".strip())
        snapshot = read(self.store.queries.folder(run.id).weights(config.epochs))
        return snapshot.seconds, snapshot
