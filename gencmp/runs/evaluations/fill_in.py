"""Adds missing opinions of the judge and D to a run's saved pictures: for runs of early versions, and for data that had no
judge when the run was trained."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np

from gencmp.data.load import load
from gencmp.errors import DamagedFile, GencmpError
from gencmp.evaluation.judges.judge import Judge
from gencmp.evaluation.kept_opinions import (
    CLASSES,
    JUDGE,
    MAPS,
    D,
    file_of_real,
    kept_judge_opinion,
    read_real_opinions,
)
from gencmp.evaluation.opinions import has_plane, judge_opinion, opinions, present_judge
from gencmp.files import trouble_writing, write_whole
from gencmp.models.snapshot import read
from gencmp.progress import Progress, no_progress
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.settings.configs import Config, VaeConfig
from gencmp.settings.stored import config_for_use


def fill_in(record: ModelRecord, progress: Progress = no_progress) -> None:
    """Add all missing opinions of one model and of the test pictures of its data. Runs in training are skipped, because
    they add their own; read-only folders are left unchanged."""
    run, folder = record.run, record.folder
    judge = present_judge(run.config["dataset"], class_names(run))
    if judge is not None:
        fill_in_real(run.config["dataset"], judge)
    if run.is_live or trouble_writing(folder.path / "epochs"):
        return
    config, kept = config_for_use(run.config)[0], folder.kept()
    for epoch in folder.pictured():
        try:
            arrays = folder.read_arrays(epoch)
        except DamagedFile:
            continue  # whoever looks at that epoch is told
        if _is_complete(arrays, judge, config, epoch in kept):
            continue
        progress(1.0, f"{run.name}: the judge classifies the pictures of epoch {epoch}")
        found = opinions(arrays, judge, read(folder.weights(epoch)) if epoch in kept else None)
        if found:
            folder.add_arrays(epoch, found)


def _is_complete(arrays: Mapping[str, np.ndarray], judge: Judge | None, config: Config, is_kept: bool) -> bool:
    """Whether nothing could be added."""
    wanted = {CLASSES} if judge else set()
    if is_kept:
        wanted |= {D} if config.kind == "gan" else set()
        wanted |= set(MAPS.values()) if judge and has_plane(config) else set()
    return wanted <= arrays.keys() and (judge is None or str(arrays.get(JUDGE)) == judge.key)


def fill_in_real(dataset: str, judge: Judge) -> None:
    """Save the judge's opinion of all test pictures of a data set, in the judge's folder."""
    path = file_of_real(dataset)
    if kept_judge_opinion(read_real_opinions(dataset), dataset):
        return
    if trouble_writing(path.parent):
        return
    try:
        test = load(VaeConfig(dataset=dataset)).test
    except GencmpError:
        return  # the pictures no longer exist
    buffer = io.BytesIO()
    np.savez_compressed(buffer, labels=test.labels.numpy(), **judge_opinion(test.images.numpy(), judge))  # type: ignore[arg-type]
    write_whole(path, buffer.getvalue())
