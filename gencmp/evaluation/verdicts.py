"""Verdicts: all figures of one model, and where they are saved. Imports no torch."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from gencmp.data.classes import TEN_DIGITS, Nouns, nouns_of
from gencmp.data.fingerprint import recent_fingerprint
from gencmp.errors import DamagedFile
from gencmp.evaluation.criteria import CRITERIA, NEIGHBOURS, OF_MANY, POOL, Used, used_of
from gencmp.evaluation.judges.panel import key_of, panel_key
from gencmp.evaluation.measures import Measure, Reading, measure_from
from gencmp.files import SHIPPED, home, read_at_most, write_whole
from gencmp.schema import Misfit, check, parse_json
from gencmp.settings.configs import Config
from gencmp.settings.stored import stored_settings

FORMAT = 4  # version of the measuring methods; raising it invalidates saved verdicts
WRITTEN = 4  # version of the file format: figures in every space; earlier ones, of one judge, can still be read
COUNT = 10_000  # pictures per model: the size of MNIST's test set


@dataclass(frozen=True)
class Verdict:
    """All figures of one set of pictures; kind "real" is the floor: training pictures in place of a model's.

    classes: the name of each class. asked: the labels that a model should draw; all when empty.
    Old verdicts have neither; they are of digits. used: how many pictures the figures are based on.
    judges: the hash of each judge's weights by its name. config: the model's settings; empty for real pictures.
    """

    model: str
    kind: str
    epoch: int
    key: str  # hash of the weights; for real pictures, of their data
    dataset: str
    count: int
    seed: int
    judge: str  # hash of the first judge's weights
    seconds: float = field(compare=False)  # equal verdicts say the same, however long they took
    measures: tuple[Measure, ...]
    digits: tuple[float, ...]  # how often the judge sees each class
    missing: tuple[int, ...]
    classes: tuple[str, ...] = TEN_DIGITS
    asked: tuple[int, ...] = ()
    used: Used = OF_MANY
    judges: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)

    @property
    def nouns(self) -> Nouns:
        return nouns_of(self.classes)

    @property
    def asks_for_all(self) -> bool:
        """Whether the model should draw all classes of its data."""
        return len(self.asked) in (0, len(self.classes))

    def __getitem__(self, name: str) -> Measure:
        return next(each for each in self.measures if each.name == name)

    def __contains__(self, name: str) -> bool:
        return any(each.name == name for each in self.measures)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON values: the figures, without explanations."""
        lists = {name: list(value) for name, value in vars(self).items() if isinstance(value, tuple)}
        kept = {
            "measures": [each.to_dict() for each in self.measures],
            "used": asdict(self.used),
            "judges": dict(self.judges),
        }
        return {"format": WRITTEN, **vars(self), **lists, **kept}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Verdict:
        """The verdict that `to_dict` of this or an earlier version wrote. Raises Misfit."""
        check(_Stored, values)
        if values.get("format", 1) > WRITTEN:
            raise Misfit(
                f"Found a verdict of format {values['format']}, written by a later version; wanted {WRITTEN} or less."
            )
        if unknown := {each["name"] for each in values["measures"]} - CRITERIA.keys():
            raise Misfit(f"it has a figure {min(unknown)!r:.40}, which this version does not know")
        lists = {name: tuple(values[name]) for name in ("digits", "missing", "classes", "asked") if name in values}
        used = (
            Used(**{name: values["used"][name] for name in _USED & values["used"].keys()})
            if "used" in values
            else _used_of_sentences(values)
        )
        nouns = nouns_of(lists.get("classes", TEN_DIGITS))
        measures = tuple(measure_from(each, nouns, used) for each in values["measures"])
        facts = {name: value for name, value in values.items() if name in cls.__dataclass_fields__}
        return cls(**{**facts, **lists, "measures": measures, "used": used})


_USED = set(Used.__dataclass_fields__)


@dataclass(frozen=True)
class _StoredMeasure:
    name: str
    value: float
    low: float
    high: float
    space: str = ""
    others: Sequence[Reading] = ()
    how: str = ""


@dataclass(frozen=True)
class _Stored:
    """The JSON form of a Verdict."""

    model: str
    kind: str
    epoch: int
    key: str
    dataset: str
    count: int
    seed: int
    judge: str
    seconds: float
    measures: Sequence[_StoredMeasure]
    digits: Sequence[float]
    missing: Sequence[int]
    classes: Sequence[str] = ()
    asked: Sequence[int] = ()
    used: Used = OF_MANY
    judges: Mapping[str, str] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    format: int = 1


def _used_of_sentences(values: Mapping[str, Any]) -> Used:
    """The counts of an old verdict: only its sentence on copies contains the number of training pictures."""
    sentences = " ".join(each.get("how", "") for each in values["measures"])
    found = re.search(r"next (\d+) on average", sentences)
    used = used_of(values["count"], int(found[1]) + 1 if found else NEIGHBOURS)
    return replace(used, pool=POOL)  # of which an old verdict says nothing


def kept_verdict(key: str, dataset: str, count: int = COUNT, seed: int = 0) -> Verdict | None:
    """The saved verdict on the weights with this `file_key` by the current judges; None if there is none, or it is damaged."""
    judges = panel_key(dataset)
    for folder in (home() / "verdicts", SHIPPED / "verdicts"):
        try:
            return Verdict.from_dict(parse_json(read_at_most(folder / _name(key, judges, count, seed))))
        except (OSError, Misfit):
            continue  # damaged figures are measured again
    return None


def read_study(path: Path) -> dict[str, Any] | None:
    """A study of seeds as study.py writes it; None if there is no such file. Raises DamagedFile."""
    try:
        held: dict[str, Any] = parse_json(read_at_most(path))
        check(_Study, held)
        if not held["runs"]:
            raise Misfit("it has no runs")
        for verdict in [held["floor"], *(run["verdict"] for run in held["runs"])]:
            Verdict.from_dict(verdict)
        return held | {"runs": [run | {"config": _settings(run["config"])} for run in held["runs"]]}
    except FileNotFoundError:
        return None
    except (OSError, Misfit) as error:
        raise DamagedFile(
            f"The study of seeds, {path.name}, cannot be read: {error}. Everything else is shown; download gencmp again."
        ) from None


def _settings(config: Mapping[str, Any]) -> dict[str, Any]:
    return stored_settings(config.get("kind"), config)


@dataclass(frozen=True)
class _Trained:
    config: Mapping[str, Any]
    seconds: float
    verdict: Mapping[str, Any]


@dataclass(frozen=True)
class _Study:
    """The JSON form of a study of seeds."""

    data: str
    count: int
    judge: str
    floor: Mapping[str, Any]
    runs: Sequence[_Trained]


def was_measured_otherwise(key: str) -> bool:
    """Whether there is a verdict on these weights by an earlier version or by other judges, which no longer counts."""
    return any(any(folder.glob(f"*-{key}-*.json")) for folder in (home() / "verdicts", SHIPPED / "verdicts"))


def kept_judgement(
    key: str, config: Config, count: int = COUNT, seed: int = 0
) -> tuple[Verdict | None, Verdict | None]:
    """The saved verdict on the weights with this hash, and the saved floor of their data."""
    return kept_verdict(key, config.dataset, count, seed), kept_verdict(floor_key(config), config.dataset, count)


def floor_key(config: Config) -> str:
    """Identifies the data of a floor, regardless of the limit on training pictures."""
    data = (config.dataset, config.classes, *filter(None, [recent_fingerprint(config.dataset)]))
    return f"real-{hashlib.sha256(repr(data).encode()).hexdigest()[:16]}"


def keep_verdict(verdict: Verdict, key: str, asked: int) -> None:
    """Save a verdict. key: for finding it again. asked: the requested count; a small data set may allow less."""
    write_whole(
        home() / "verdicts" / _name(key, key_of(verdict.judges), asked, verdict.seed),
        json.dumps(verdict.to_dict()).encode(),
    )


def _name(key: str, judges: str, count: int, seed: int) -> str:
    return f"{FORMAT}-{key}-{judges}-{count}-{seed}.json"
