"""An exported model's `card.json` and `curves.json`, checked as they are read. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gencmp.errors import DamagedFile
from gencmp.events import GRADIENT_NORMS, MEASURES, Changed
from gencmp.files import read_at_most
from gencmp.runs.reading.rows import checked_change
from gencmp.runs.run import EpochRow, Run
from gencmp.schema import Misfit, check, parse_json

T = TypeVar("T")
LARGEST = 50_000_000  # bytes; the curves of ten thousand epochs take 4 MB
ADVICE = "Export the model again; if it came with gencmp, download gencmp again."


@dataclass(frozen=True)
class Curves:
    """steps: columns of equal length, "step" and "epoch" among them."""

    steps: Mapping[str, Sequence[float | None]]
    epochs: Sequence[EpochRow]
    changes: Sequence[Changed] = field(default_factory=list)


class Card(NamedTuple):
    """facts: all that the file says, also how the export was made."""

    facts: dict[str, Any]
    run: Run


def read_card(folder: Path) -> Card:
    """Raises DamagedFile."""
    return _read(folder / "card.json", _card_of)


def read_curves(folder: Path, kind: str) -> Curves:
    """Cached while the file stays the same. Do not modify. Raises DamagedFile."""
    path = folder / "curves.json"
    try:
        facts = path.stat()
    except OSError as error:
        raise DamagedFile(f"{path} cannot be read: {error.strerror}. {ADVICE}") from None
    return _curves_once(path, kind, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=16)
def _curves_once(path: Path, kind: str, changed: int, size: int) -> Curves:
    return _read(path, lambda values: _curves_of(values, kind))


def _read(path: Path, reader: Callable[[Any], T]) -> T:
    try:
        return reader(parse_json(read_at_most(path, LARGEST)))
    except OSError as error:
        raise DamagedFile(f"{path} cannot be read: {error.strerror}. {ADVICE}") from None
    except Misfit as error:
        raise DamagedFile(f"{path} is damaged, or gencmp did not write it: {error}. {ADVICE}") from None


def _card_of(values: Any) -> Card:
    if not isinstance(values, dict):
        raise Misfit("there is no run in it")
    return Card(values, Run.from_dict(values.get("run")))


def _curves_of(values: Any, kind: str) -> Curves:
    check(Curves, values)
    steps = values["steps"]
    lengths = {len(column) for column in steps.values()}
    if missing := {"step", "epoch", *MEASURES[kind]} - steps.keys():
        raise Misfit(f"steps.{min(missing)} is missing")
    if len(lengths) > 1 or None in steps["step"] or None in steps["epoch"]:
        raise Misfit("the columns of its steps do not have equal lengths")
    known = {"step", "epoch", *MEASURES[kind], *GRADIENT_NORMS[kind]}
    return Curves(
        {name: column for name, column in steps.items() if name in known},
        [EpochRow(**_fields(EpochRow, row)) for row in values["epochs"]],
        [checked_change(Changed(**_fields(Changed, each))) for each in values.get("changes", ())],
    )


def _fields(kind: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in kind.__dataclass_fields__}
