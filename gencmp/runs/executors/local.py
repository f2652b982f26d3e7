"""The local executor: the process that records a run trains it, too."""

from __future__ import annotations

from gencmp.runs.changed_data import refuse_changed
from gencmp.runs.executors.source import Source, Threads, events_of
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore, config_of
from gencmp.training.by_hand import ByHand
from gencmp.training.cores import threads


def local_source(store: RunStore, run: Run) -> Source:
    """Load what the run needs; its training begins with the first event. Raises GencmpError."""
    store.beat(run.id, "Loading PyTorch")
    import torch  # takes 2 to 3 s

    from gencmp.training.processor import flush_denormals

    flush_denormals()  # before any computation

    from gencmp.data.load import load
    from gencmp.models.snapshot import read
    from gencmp.runs.forks.start import start_of
    from gencmp.training.changes import Levers

    config, folder = config_of(run), store.queries.folder(run.id)
    torch.set_num_threads(threads_of(store, run))
    digits = load(config, progress=lambda words: store.beat(run.id, words))
    resume = read(folder.state) if folder.state.exists() else None
    if resume is not None:
        refuse_changed(run, digits.fingerprint)
    start = start_of(run, folder) if run.origin.get("epoch") and resume is None else None
    levers, by_hand = Levers(store.queries.changes(run.id)), ByHand()
    shared = Threads(lambda: threads_for(store), threads(1), store.home)
    return Source(events_of(config, digits, resume, start, levers, by_hand, shared), levers.ask, by_hand)


def threads_of(store: RunStore, run: Run) -> int:
    """The number of threads of a run: from its settings, else the recorded number on resume, else that of the run that a fork
    continues, else as many as are free."""
    return recorded_threads(run) or threads_for(store)


def recorded_threads(run: Run) -> int:
    """The number that its settings or its record say; 0 where neither does."""
    asked = run.config.get("threads", "auto")
    return int(asked) if asked != "auto" else int(run.threads or run.origin.get("threads", 0))


def threads_for(store: RunStore) -> int:
    """The maximum number of threads per run, shared among runs that are training or about to."""
    return threads(sharing(store))


def sharing(store: RunStore) -> int:
    """How many runs are training or about to."""
    training = sum(run.state != "paused" for run in store.queries.live())
    starting = sum(
        max(0, min(waiting, store.queries.at_once(kind) - live))
        for kind, (live, waiting) in store.queries.open_by_kind().items()
    )
    return training + starting
