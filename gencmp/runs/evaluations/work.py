"""A worker's evaluation: measures the models and reports progress to the store. torch is imported late."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from gencmp.errors import ClusterError, StoreError
from gencmp.evaluation.measures import why_not_kept
from gencmp.progress import Progress
from gencmp.runs.catalog import Catalog
from gencmp.runs.evaluations.job import EvaluationJob
from gencmp.runs.evaluations.queue import EvaluationQueue
from gencmp.runs.executors.choice import RAY, executor
from gencmp.runs.safety.ending import told_to_end
from gencmp.runs.store import RunStore
from gencmp.training.cores import let_threads_sleep

REPORT_EVERY = 0.25  # seconds; a page asks every second


class EvaluationStopped(Exception):
    """A user has asked for the evaluation to stop."""


class ProgressToStore:
    """A Progress that writes to the store at most every REPORT_EVERY seconds, and raises EvaluationStopped on request."""

    def __init__(self, queue: EvaluationQueue, job: EvaluationJob):
        self.queue, self.job = queue, job
        self.reported = -REPORT_EVERY

    def __call__(self, share: float, words: str) -> None:
        now = time.monotonic()
        if now - self.reported < REPORT_EVERY:
            return
        self.reported = now
        if not self.queue.tell(self.job, min(share, 1.0), words) or told_to_end():
            raise EvaluationStopped


def evaluate_models(store: RunStore, job: EvaluationJob, threads: int) -> None:
    """Measure the job's models with this many threads; saved results are reused.

    Raises GencmpError for models that cannot be measured, StoreError if the figures cannot be saved, EvaluationStopped.
    """
    progress = ProgressToStore(store.evaluations, job)
    progress(0.0, "Loading PyTorch")
    let_threads_sleep()
    import torch  # takes 2 to 3 s

    from gencmp.evaluation.evaluate import evaluate
    from gencmp.runs.evaluations.fill_in import fill_in
    from gencmp.training.processor import flush_denormals

    flush_denormals()
    torch.set_num_threads(threads)
    catalog = Catalog(store)
    records = [(catalog.find(name), epoch) for name, epoch in job.models]
    names = [catalog.title(record) for record, _ in records]
    paths = [catalog.weights(record.run.id, epoch) for record, epoch in records]
    datasets = {name: record.run.config["dataset"] for name, (record, _) in zip(names, records, strict=True)}
    models = list(zip(names, paths, strict=True))
    if executor() == RAY:
        measure_on_cluster(models, job.count, job.seed, progress, datasets)
    evaluate(models, job.count, job.seed, progress, datasets, refuse_unsaved)
    for record, _ in records:
        fill_in(record, progress)


def measure_on_cluster(
    models: Sequence[tuple[str, Path]], count: int, seed: int, progress: Progress, datasets: Mapping[str, str | None]
) -> None:
    """See elsewhere.measure_elsewhere. Raises ClusterError also where there is no cluster, or the figures could not be kept."""
    if lost := why_not_kept():
        raise ClusterError(f"{lost} What a cluster measures would be lost.")
    from gencmp.runs.evaluations.elsewhere import measure_elsewhere
    from gencmp.runs.executors.reach import reachable

    reachable()
    from gencmp.runs.executors.ray_cluster import connected

    with connected() as cluster:
        measure_elsewhere(models, count, seed, progress, datasets, cluster)


def refuse_unsaved(words: str) -> None:
    """Stop before measuring: figures that cannot be saved would never be shown."""
    raise StoreError(words)
