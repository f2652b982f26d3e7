"""Reads the opinions that opinions.py has saved with an epoch's arrays. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from gencmp.data.pictures import rows_of
from gencmp.errors import DamagedFile
from gencmp.evaluation.judges.panel import judge_folder, judge_key
from gencmp.files import read_at_most
from gencmp.picture_arrays import load_arrays

# Names of arrays: the judge's key; its predicted class, uint8 [n], with its confidence, float32 [n]; D's output, float32 [n]
JUDGE, CLASSES, CONFIDENCE, D = "judge", "judge_classes", "judge_confidence", "d_opinion"
MAPS = {"even": "doubt_even", "quantile": "doubt_quantile"}  # by the spacing of the plane's grid, see planes.ticks
MAP = 40  # points along each side of a map: two maps take 3,200 pictures to judge, 1.6 times as many as a checkup
REACH = 4.0  # the even map covers -4 to 4

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class JudgeOpinion:
    """classes: predicted by the judge, int64 [n]. confidence: their probability, float32 [n]."""

    classes: np.ndarray
    confidence: np.ndarray

    def first(self, count: int) -> JudgeOpinion:
        return JudgeOpinion(self.classes[:count], self.confidence[:count])


def kept_judge_opinion(arrays: Arrays, dataset: str) -> JudgeOpinion | None:
    """The saved opinion; None if there is none, or if it is of another judge than the current one."""
    if JUDGE not in arrays or str(arrays[JUDGE]) != judge_key(dataset):
        return None
    return JudgeOpinion(arrays[CLASSES].astype(int), arrays[CONFIDENCE])


def kept_map(arrays: Arrays, dataset: str, spacing: str) -> np.ndarray | None:
    """The judge's uncertainty over a VAE's plane, uint8 [MAP, MAP], row by row from the top: 255 where two classes tie."""
    name = MAPS.get(spacing, "")
    if name not in arrays or JUDGE not in arrays or str(arrays[JUDGE]) != judge_key(dataset):
        return None
    return arrays[name]


# Real pictures


def file_of_real(dataset: str) -> Path:
    """The file of the judge's opinion of all test pictures of a data set, in their order; in the judge's folder."""
    return judge_folder(dataset) / "test-pictures.npz"


def kept_real_opinion(dataset: str, classes: tuple[int, ...], labels: np.ndarray, count: int) -> JudgeOpinion | None:
    """The saved opinion of the first `count` test pictures of these classes; None if there is none.

    labels: of all test pictures of these classes, uint8 [n]. If the saved ones differ, the data have changed: None.
    """
    found = read_real_opinions(dataset)
    opinion = kept_judge_opinion(found, dataset)
    if opinion is None or len(opinion.classes) != len(found.get("labels", ())):
        return None
    rows = rows_of(found["labels"], classes)
    if not np.array_equal(found["labels"][rows], labels):
        return None
    return JudgeOpinion(opinion.classes[rows], opinion.confidence[rows]).first(count)


def read_real_opinions(dataset: str) -> dict[str, np.ndarray]:
    """The arrays of that file; {} where there is none, or a damaged one, as it can be made again."""
    path = file_of_real(dataset)
    return _read(path, path.stat().st_mtime_ns) if path.is_file() else {}


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, np.ndarray]:
    try:
        return load_arrays(read_at_most(path), str(path))
    except (OSError, DamagedFile):
        return {}


def why_unjudged(dataset: str, classes: tuple[str, ...], name: str) -> str:
    """Why pictures have no opinion of the judge, and how to add it. name: of the model, for the command."""
    if not classes:
        return "the data have no labels, so there is no judge"
    if not judge_key(dataset):
        return f"the data have no judge yet; python -m gencmp evaluate {name} trains one"
    return f"it was not saved with these pictures; python -m gencmp evaluate {name} adds it"
