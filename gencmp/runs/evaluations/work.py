"""What a worker does with an evaluation: measure its models, telling the store how far it has come. torch is imported late."""

from __future__ import annotations

import time

from gencmp.errors import StoreError
from gencmp.runs.catalog import Catalog
from gencmp.runs.evaluations.job import EvaluationJob
from gencmp.runs.evaluations.queue import EvaluationQueue
from gencmp.runs.store import RunStore
from gencmp.training.cores import let_threads_sleep

TELL_EVERY = 0.25  # seconds; a page looks every second


class EvaluationStopped(Exception):
    """Somebody has asked for it to stop."""


class ProgressToStore:
    """A Progress that writes to the store, not too often, and raises EvaluationStopped when it is told to stop."""

    def __init__(self, queue: EvaluationQueue, job: EvaluationJob):
        self.queue, self.job = queue, job
        self.told = -TELL_EVERY

    def __call__(self, share: float, words: str) -> None:
        now = time.monotonic()
        if now - self.told < TELL_EVERY:
            return
        self.told = now
        if not self.queue.tell_evaluation(self.job, min(share, 1.0), words):
            raise EvaluationStopped


def evaluate_models(store: RunStore, job: EvaluationJob, threads: int) -> None:
    """Measure the job's models with so many threads; what was measured before is not measured again.

    Raises GencmpError for models that cannot be measured, StoreError where the figures cannot be kept, EvaluationStopped.
    """
    told = ProgressToStore(store, job)
    told(0.0, "Loading PyTorch")
    let_threads_sleep()
    import torch  # 2 to 3 s, so only now

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
    evaluate(list(zip(names, paths, strict=True)), job.count, job.seed, told, datasets, refuse_unkept)
    for record, _ in records:
        fill_in(record, told)


def refuse_unkept(words: str) -> None:
    """Nobody would see figures that are not kept."""
    raise StoreError(words)
