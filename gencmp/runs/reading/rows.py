"""Rows of the store, checked as they are read: what comes out of here has the types that the code relies on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from gencmp.errors import DamagedRun
from gencmp.events import Changed, Checkup
from gencmp.left_out import LeftOut
from gencmp.runs.run import EpochRow, Run
from gencmp.schema import Misfit, check, parse_json
from gencmp.settings.levers import LEVERS
from gencmp.settings.stored import StoredValue, settings_in

T = TypeVar("T")
Row = Any  # a mapping, or SQLite's row, which only behaves like one

REPAIR = "`python -m gencmp repair` makes a store of all that can be read."
JSON = ("versions", "test", "machine", "data", "classes", "origin", "extended", "place")  # columns of a run's row

NEEDED = {"id", "kind", "config", *JSON}


def run_of(row: Row) -> Run:
    """Raises DamagedRun."""
    values = dict(row)
    try:
        if missing := sorted(NEEDED - values.keys()):
            raise Misfit(f"{missing[0]} is missing")
        _refuse_path(values["id"])
        for name in JSON:
            values[name] = parse_column(values, name)
        check(str | bytes, values["config"], "config")
        return Run.with_settings(values, _settings(values))
    except Misfit as error:
        raise DamagedRun(
            f"The run {_named(values)} is left out: its row in the store is damaged ({error}). Its files are kept. {REPAIR}"
        ) from None


def _settings(values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return settings_in(values["kind"], values["config"])
    except Misfit as error:
        raise Misfit(f"config: {error}") from None


def parse_column(row: Row, name: str) -> Any:
    check(str | bytes, row[name], name)
    try:
        return parse_json(row[name])
    except Misfit as error:
        raise Misfit(f"{name}: {error}") from None


def _refuse_path(run_id: Any) -> None:
    """An id is the name of the run's folder, and of nothing else on this disk."""
    if not isinstance(run_id, str) or not re.fullmatch(r"[^/\\\0:]{1,100}", run_id) or set(run_id) <= {".", " "}:
        raise Misfit(f"its id is {run_id!r:.40}, wanted eight letters and digits")


def _named(values: Mapping[str, Any]) -> str:
    name, run_id = (str(values.get(each, "")).encode("utf-8", "replace").decode()[:60] for each in ("name", "id"))
    return f"{name!r} ({run_id})"


def rows_of(rows: Iterable[Row], what: str, reader: Callable[[Row], T], left_out: LeftOut) -> Iterator[T]:
    """What can be read of a run's rows. what: one of them in words, for the sentence about one that cannot."""
    for row in rows:
        try:
            yield reader(row)
        except Misfit as error:
            left_out.note(what, f"{what} is left out: its row in the store is damaged ({error}). {REPAIR}")


def epoch_row(row: Row) -> EpochRow:
    """Raises Misfit."""
    mappings = (parse_column(row, name) for name in ("measures", "last", "test"))
    found = EpochRow(row["epoch"], row["step"], row["seconds"], row["images_per_second"], *mappings)
    check(EpochRow, found)
    return found


def checkup_of(row: Row) -> Checkup:
    """Raises Misfit."""
    return Checkup(**{"step": 0} | {name: value for name, value in checkup_facts(row).items() if name in CHECKUP})


def checkup_facts(row: Row) -> dict[str, Any]:
    """Only what its version has recorded. Raises Misfit."""
    facts: dict[str, Any] = parse_column(row, "facts")
    check(Checkup, {"step": 0} | facts if isinstance(facts, dict) else facts)
    return facts


CHECKUP = set(Checkup.__dataclass_fields__)


def change_of(row: Row) -> Changed:
    """Raises Misfit."""
    return checked_change(Changed(row["epoch"], row["step"], parse_column(row, "before"), parse_column(row, "after")))


def checked_change(found: Changed) -> Changed:
    """Raises Misfit unless it has the values before and after of the same settings."""
    check(Changed, found)
    check(Mapping[str, StoredValue], {**found.before, **found.after}, "changes")
    if unknown := found.after.keys() - {name for names in LEVERS.values() for name in names}:
        raise Misfit(f"it changes {min(unknown)!r:.40}, which cannot be changed")
    if found.before.keys() != found.after.keys():
        raise Misfit("the settings before the change are not those after it")
    return found
