"""The README's table of targets and measured figures, met or missed, generated from the stored measurements."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from gencmp.bench.targets import Reading, Target
from gencmp.errors import GencmpError
from gencmp.files import ROOT, write_whole

KEPT = ROOT / "docs" / "bench"  # what `bench TOPIC --keep` writes, one file a topic
README = ROOT / "README.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
HEAD = ("what", "target", "measured", "result", "machine", "date")


@dataclass(frozen=True)
class Row:
    """One target. state: "met", "missed" or "not measured"; measured, machine and date are empty with the last."""

    what: str
    target: str
    measured: str
    state: str
    machine: str  # and the versions
    date: str


def keep(measurement: Mapping[str, Any], folder: Path) -> Path:
    """Write what a topic measured where the table is made from; returns the file."""
    path = folder / f"{measurement['topic']}.json"
    write_whole(path, (json.dumps(measurement, indent=1, ensure_ascii=False) + "\n").encode())
    return path


def kept(folder: Path) -> dict[str, dict[str, Any]]:
    """The kept measurements, by topic. Raises GencmpError for a file that is none."""
    return {path.stem: _read(path) for path in sorted(folder.glob("*.json"))}


def _read(path: Path) -> dict[str, Any]:
    try:
        measurement = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise GencmpError(f"{path} is not JSON: {error}. Measure it again with {_again(path.stem)}") from error
    if not isinstance(measurement, dict) or measurement.get("topic") != path.stem:
        raise GencmpError(f"{path} does not hold the topic {path.stem!r}. Measure it again with {_again(path.stem)}")
    return measurement


def rows(measured: Mapping[str, Mapping[str, Any]], targets: Sequence[Target]) -> list[Row]:
    """A row a target, in the targets' order. Raises GencmpError where a measurement lacks what a target asks for."""
    return [_row(target, measured.get(target.topic)) for target in targets]


def _row(target: Target, measurement: Mapping[str, Any] | None) -> Row:
    found = _reading(target, measurement) if measurement is not None else Reading(None)
    if measurement is None or found.value is None:
        return Row(target.what, target.wanted, "", "not measured", "", "")
    figure = target.shown(found.value)
    if found.low is not None and found.high is not None:
        figure += f" ({found.low:,.10g} to {found.high:,.10g})"
    state = "met" if target.is_met(found.value) else "missed"
    return Row(target.what, target.wanted, figure, state, _machine(measurement), measurement["date"])


def _reading(target: Target, measurement: Mapping[str, Any]) -> Reading:
    try:
        return target.read(measurement)
    except (KeyError, TypeError) as error:
        words = f"docs/bench/{target.topic}.json does not tell “{target.what}”: {error!r}."
        raise GencmpError(f"{words} Measure it again with {_again(target.topic)}") from error


def _again(topic: str) -> str:
    return f"python -m gencmp bench {topic} --keep"


def _machine(measurement: Mapping[str, Any]) -> str:
    """Where it was measured, the GPU first where it was one, the processor's instruction sets where they matter, and with which
    versions."""
    place = [measurement["gpu"]] if "gpu" in measurement else []
    sets = f" ({measurement['features']})" if measurement.get("features") else ""
    packages = ", ".join(f"{name} {number}" for name, number in measurement["versions"].items())
    return "; ".join([*place, measurement["machine"] + sets, packages])


# Markdown


def markdown(found: Sequence[Row]) -> str:
    """The table, and under it the machines that its letters stand for."""
    letters = dict(zip(dict.fromkeys(row.machine for row in found if row.machine), ascii_uppercase, strict=False))
    lines = [HEAD, ("---",) * len(HEAD), *(_cells(row, letters) for row in found)]
    legend = [f"{letter}: {machine}." for machine, letter in letters.items()]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in lines), "", *"\n\n".join(legend).splitlines()]).rstrip()


def _cells(row: Row, letters: Mapping[str, str]) -> tuple[str, ...]:
    state = f"**{row.state}**" if row.state == "missed" else row.state
    return row.what, row.target, row.measured, state, letters.get(row.machine, ""), row.date


def between(text: str) -> str:
    """What stands between the markers. Raises GencmpError when they are not there."""
    return _parts(text)[1].strip()


def rewrite(found: Sequence[Row], path: Path) -> None:
    """Put the table between the file's markers. Raises GencmpError when they are not there."""
    before, _, after = _parts(path.read_text("utf-8"))
    write_whole(path, f"{before}{BEGIN}\n\n{markdown(found)}\n\n{END}{after}".encode())


def _parts(text: str) -> tuple[str, str, str]:
    before, begin, rest = text.partition(BEGIN)
    table, end, after = rest.partition(END)
    if not begin or not end:
        raise GencmpError(f"README.md has no lines {BEGIN} and {END}, between which the table stands. Put them back.")
    return before, table, after


def words(found: Sequence[Row]) -> str:
    """How many targets are met, missed, not measured."""
    counts = {state: sum(row.state == state for row in found) for state in ("met", "missed", "not measured")}
    return f"{len(found)} targets: " + ", ".join(f"{count} {state}" for state, count in counts.items())


def facts(found: Sequence[Row]) -> dict[str, Any]:
    """The same for --json."""
    return {"topic": "table", "words": words(found), "rows": [asdict(row) for row in found]}
