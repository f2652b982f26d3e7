"""What was found out of pictures where torch is (see opinions.py), read from the arrays it is kept with. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from gencmp.data.pictures import rows_of
from gencmp.evaluation.verdicts import judge_folder, judge_key
from gencmp.files import load_arrays

# Names of arrays: the judge's key; the class he names, uint8 [n], and how sure he is, float32 [n]; D's chance, float32 [n]
JUDGE, CLASSES, CONFIDENCE, D = "judge", "judge_classes", "judge_confidence", "d_opinion"
MAPS = {"even": "doubt_even", "quantile": "doubt_quantile"}  # by how the plane is laid out, see planes.ticks
MAP = 40  # points a side of such a map: two maps are 3,200 pictures to judge, half as many again as a checkup has
REACH = 4.0  # of the even one

Arrays = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class JudgeOpinion:
    """classes: what the judge names, int64 [n]. confidence: its probability, float32 [n]."""

    classes: np.ndarray
    confidence: np.ndarray

    def first(self, count: int) -> JudgeOpinion:
        return JudgeOpinion(self.classes[:count], self.confidence[:count])


def kept_judge_opinion(arrays: Arrays, dataset: str) -> JudgeOpinion | None:
    """None where none was kept, or that of another judge than there is now."""
    if JUDGE not in arrays or str(arrays[JUDGE]) != judge_key(dataset):
        return None
    return JudgeOpinion(arrays[CLASSES].astype(int), arrays[CONFIDENCE])


def kept_map(arrays: Arrays, dataset: str, spacing: str) -> np.ndarray | None:
    """The judge's doubt over a VAE's plane, uint8 [MAP, MAP], row by row from the top: 255 where two classes tie."""
    name = MAPS.get(spacing, "")
    if name not in arrays or str(arrays[JUDGE]) != judge_key(dataset):
        return None
    return arrays[name]


# Of the real pictures


def file_of_real(dataset: str) -> Path:
    """Where the judge's opinion of all test pictures of a data set is, in their order: beside the judge himself."""
    return judge_folder(dataset) / "test-pictures.npz"


def kept_real_opinion(dataset: str, classes: tuple[int, ...], labels: np.ndarray, count: int) -> JudgeOpinion | None:
    """Of the first `count` test pictures of these classes. labels: of all that are, uint8 [n]: a folder may have changed."""
    path = file_of_real(dataset)
    found = _read(path, path.stat().st_mtime_ns) if path.is_file() else {}
    told = kept_judge_opinion(found, dataset)
    if told is None:
        return None
    rows = rows_of(found["labels"], classes)
    if not np.array_equal(found["labels"][rows], labels):
        return None
    return JudgeOpinion(told.classes[rows], told.confidence[rows]).first(count)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> dict[str, np.ndarray]:
    return load_arrays(path.read_bytes())


def why_unjudged(dataset: str, classes: tuple[str, ...], name: str) -> str:
    """Why pictures have no opinion of the judge, and what to do. name: of a model, for the command that fills it in."""
    if not classes:
        return "the data have no labels, so there is no judge"
    if not judge_key(dataset):
        return f"the data have no judge yet; python -m gencmp evaluate {name} trains one"
    return f"this was not kept when the pictures were made; python -m gencmp evaluate {name} adds it"
