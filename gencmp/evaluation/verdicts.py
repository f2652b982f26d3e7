"""Verdicts: all figures of one model, and where they are saved. Imports no torch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gencmp.data.classes import TEN_DIGITS, Nouns, nouns_of
from gencmp.data.fingerprint import recent_fingerprint
from gencmp.evaluation.criteria import NEIGHBOURS, OF_MANY, Used, used_of
from gencmp.evaluation.measures import Measure, measure_from
from gencmp.files import SHIPPED, home, write_whole
from gencmp.settings.configs import DATASETS, SHIPPED_DATA, Config

FORMAT = 2  # version of the measuring methods; raising it invalidates saved verdicts
WRITTEN = 3  # version of the file format: figures only; earlier ones, which had sentences, too, can still be read
JUDGES = 2  # version of judges of the user's own pictures; since 2 they have one named output per class
COUNT = 10_000  # pictures per model: the size of MNIST's test set


@dataclass(frozen=True)
class Verdict:
    """All figures of one set of pictures; kind "real" is the floor: training pictures in place of a model's.

    classes: the name of each class. asked: the labels that a model should draw; all when empty.
    Old verdicts have neither; they are of digits. used: how many pictures the figures are based on.
    """

    model: str
    kind: str
    epoch: int
    key: str  # hash of the weights; for real pictures, of their data
    dataset: str
    count: int
    seed: int
    judge: str  # hash of its weights
    seconds: float
    measures: tuple[Measure, ...]
    digits: tuple[float, ...]  # how often the judge sees each class
    missing: tuple[int, ...]
    classes: tuple[str, ...] = TEN_DIGITS
    asked: tuple[int, ...] = ()
    used: Used = OF_MANY

    @property
    def nouns(self) -> Nouns:
        return nouns_of(self.classes)

    def __getitem__(self, name: str) -> Measure:
        return next(each for each in self.measures if each.name == name)

    def __contains__(self, name: str) -> bool:
        return any(each.name == name for each in self.measures)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: the figures, without explanations."""
        lists = {name: list(value) for name, value in vars(self).items() if isinstance(value, tuple)}
        kept = {"measures": [each.to_dict() for each in self.measures], "used": asdict(self.used)}
        return {"format": WRITTEN, **vars(self), **lists, **kept}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` of this or an earlier version wrote. Raises KeyError, TypeError, ValueError."""
        if "format" in values and values["format"] > WRITTEN:
            raise ValueError(
                f"Found a verdict of format {values['format']}, written by a later version; wanted {WRITTEN} or less."
            )
        lists = {name: tuple(values[name]) for name in ("digits", "missing", "classes", "asked") if name in values}
        used = Used(**values["used"]) if "used" in values else _used_of_sentences(values)
        nouns = nouns_of(lists.get("classes", TEN_DIGITS))
        measures = tuple(measure_from(each, nouns, used) for each in values["measures"])
        facts = {name: value for name, value in values.items() if name != "format"}
        return cls(**{**facts, **lists, "measures": measures, "used": used})


def _used_of_sentences(values: Mapping[str, Any]) -> Used:
    """The counts of an old verdict: only its sentence on copies contains the number of training pictures."""
    sentences = " ".join(each.get("how", "") for each in values["measures"])
    found = re.search(r"next (\d+) on average", sentences)
    return used_of(values["count"], int(found[1]) + 1 if found else NEIGHBOURS)


def file_key(path: Path) -> str:
    """A hash of a file's content, 16 hex digits; empty when there is no file."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    except OSError:
        return ""


def judge_folder(dataset: str) -> Path:
    """The folder of a data set's judge: with the shipped models for MNIST, otherwise in the user's home."""
    if dataset == SHIPPED_DATA:
        return SHIPPED / "judge"
    if dataset in DATASETS:
        return home() / "judges" / dataset
    digest = hashlib.sha256(f"{JUDGES}{dataset}{recent_fingerprint(dataset)}".encode()).hexdigest()[:8]
    return home() / "judges" / f"{Path(dataset).name}-{digest}"


def judge_key(dataset: str) -> str:
    """A hash of the judge's weights; empty when the data set has no judge yet."""
    return file_key(judge_folder(dataset) / "weights.safetensors")


def kept_verdict(key: str, dataset: str, count: int = COUNT, seed: int = 0) -> Verdict | None:
    """The saved verdict on the weights with this `file_key` by the current judge; None if there is none, or it is damaged."""
    for folder in (home() / "verdicts", SHIPPED / "verdicts"):
        try:
            return Verdict.from_dict(
                json.loads((folder / _name(key, judge_key(dataset), count, seed)).read_text("utf-8"))
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def kept_judgement(
    key: str, config: Config, count: int = COUNT, seed: int = 0
) -> tuple[Verdict | None, Verdict | None]:
    """The saved verdict on the weights with this hash, and the saved floor of their data."""
    found = kept_verdict(key, config.dataset, count, seed), kept_verdict(floor_key(config), config.dataset, count)
    # verdicts older than `asked` count the classes that a model should not draw as missing
    return tuple(None if each and config.classes and not each.asked else each for each in found)  # type: ignore[return-value]


def floor_key(config: Config) -> str:
    """Identifies the data of a floor, regardless of the limit on training pictures."""
    data = (config.dataset, config.classes, *filter(None, [recent_fingerprint(config.dataset)]))
    return f"real-{hashlib.sha256(repr(data).encode()).hexdigest()[:16]}"


def keep_verdict(verdict: Verdict, key: str, asked: int) -> None:
    """Save a verdict. key: for finding it again. asked: the requested count; a small data set may allow less."""
    write_whole(
        home() / "verdicts" / _name(key, verdict.judge, asked, verdict.seed), json.dumps(verdict.to_dict()).encode()
    )


def _name(key: str, judge: str, count: int, seed: int) -> str:
    return f"{FORMAT}-{key}-{judge}-{count}-{seed}.json"
