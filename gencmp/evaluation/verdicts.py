"""What has been measured of one model, whole, and where it is kept. Imports no torch."""

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

FORMAT = 2  # of ways to measure: a new one makes kept verdicts void
WRITTEN = 3  # of kept verdicts: figures alone; those before, which had sentences too, are still read
JUDGES = 2  # of own pictures: since this number they have an output for each class of the data, by name
COUNT = 10_000  # pictures of each model: as many as MNIST tests with


@dataclass(frozen=True)
class Verdict:
    """Everything measured of one set of pictures; kind "real" is the floor: training pictures in a model's place.

    classes: the name of each class. asked: the numbers of those that a model should draw; all when empty.
    Verdicts from before these were kept have neither; they are of digits. used: how many pictures the figures are of.
    """

    model: str
    kind: str
    epoch: int
    key: str  # hash of the weights; of real pictures, of their data
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
        """Plain JSON values: figures, and no sentence of those that explain them."""
        lists = {name: list(value) for name, value in vars(self).items() if isinstance(value, tuple)}
        kept = {"measures": [each.to_dict() for each in self.measures], "used": asdict(self.used)}
        return {"format": WRITTEN, **vars(self), **lists, **kept}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` wrote, here or in an early version. Raises KeyError, TypeError, ValueError."""
        if "format" in values and values["format"] > WRITTEN:
            raise ValueError(f"A verdict of format {values['format']}, of a later version, wanted {WRITTEN} or less.")
        lists = {name: tuple(values[name]) for name in ("digits", "missing", "classes", "asked") if name in values}
        used = Used(**values["used"]) if "used" in values else _used_of_sentences(values)
        nouns = nouns_of(lists.get("classes", TEN_DIGITS))
        measures = tuple(measure_from(each, nouns, used) for each in values["measures"])
        told = {name: value for name, value in values.items() if name != "format"}
        return cls(**{**told, **lists, "measures": measures, "used": used})


def _used_of_sentences(values: Mapping[str, Any]) -> Used:
    """Of a verdict from before this was kept: only its sentence on copies tells how many training pictures there were."""
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
    """Where the judge of a data set is: with the shipped models for MNIST, else under the user's home."""
    if dataset == SHIPPED_DATA:
        return SHIPPED / "judge"
    if dataset in DATASETS:
        return home() / "judges" / dataset
    named = hashlib.sha256(f"{JUDGES}{dataset}{recent_fingerprint(dataset)}".encode()).hexdigest()[:8]
    return home() / "judges" / f"{Path(dataset).name}-{named}"


def judge_key(dataset: str) -> str:
    """Names the judge's weights; empty when the data set has no judge yet."""
    return file_key(judge_folder(dataset) / "weights.safetensors")


def kept_verdict(key: str, dataset: str, count: int = COUNT, seed: int = 0) -> Verdict | None:
    """The verdict on the weights with this `file_key`, if the same judge has given it before; a damaged one is none."""
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
    """The verdict on the weights of this hash, and the floor of their data, where they are known already."""
    found = kept_verdict(key, config.dataset, count, seed), kept_verdict(floor_key(config), config.dataset, count)
    # before verdicts knew which classes were asked for, all others counted as missing
    return tuple(None if each and config.classes and not each.asked else each for each in found)  # type: ignore[return-value]


def floor_key(config: Config) -> str:
    """Names the data a floor belongs to, whatever the limit on training."""
    data = (config.dataset, config.classes, *filter(None, [recent_fingerprint(config.dataset)]))
    return f"real-{hashlib.sha256(repr(data).encode()).hexdigest()[:16]}"


def keep_verdict(verdict: Verdict, key: str, asked: int) -> None:
    """key: what to find it by. asked: the count that was asked for, of which a small data set may give less."""
    write_whole(
        home() / "verdicts" / _name(key, verdict.judge, asked, verdict.seed), json.dumps(verdict.to_dict()).encode()
    )


def _name(key: str, judge: str, count: int, seed: int) -> str:
    return f"{FORMAT}-{key}-{judge}-{count}-{seed}.json"
