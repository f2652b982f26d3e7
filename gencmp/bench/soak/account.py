"""What a class tried, what was kept of it, and what was lost; and what the server used meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import psutil

MORE = 1.25  # times the memory after a quarter of the time, at the end of it
# more than before, once everybody has left: Streamlit remembers up to 128 closed tabs, each with three files of its own
FILES, THREADS = 3 * 128 + 32, 48
SHOWN = 5  # failures


@dataclass(frozen=True)
class Used:
    """By the server: resident bytes, open files and connections, threads."""

    memory: int
    files: int
    threads: int


def used(pid: int) -> Used:
    process = psutil.Process(pid)
    files = process.num_handles() if hasattr(process, "num_handles") else process.num_fds()
    return Used(process.memory_info().rss, files, process.num_threads())


@dataclass
class Account:
    """tried, kept: how often, by what. refused: in a sentence, by its words. failures: what should not have happened.

    used: by the server, at the moments "before", "quarter", "end" and "after".
    """

    tried: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)
    used: dict[str, Used] = field(default_factory=dict)

    @property
    def lost(self) -> dict[str, int]:
        return {what: count - self.kept[what] for what, count in self.tried.items() if count > self.kept[what]}

    @property
    def grown(self) -> list[str]:
        """What grew beyond its bound, in sentences."""
        if not {"before", "quarter", "end", "after"} <= self.used.keys():
            return []
        before, quarter, end, after = (self.used[each] for each in ("before", "quarter", "end", "after"))
        found = []
        if end.memory > MORE * quarter.memory:
            grown = f"from {quarter.memory / 1e6:.0f} to {end.memory / 1e6:.0f} MB"
            found.append(f"Memory grew {grown}, wanted at most {MORE:g} times.")
        if after.files > before.files + FILES:
            found.append(f"Open files grew from {before.files} to {after.files}, wanted at most {FILES} more.")
        if after.threads > before.threads + THREADS:
            found.append(f"Threads grew from {before.threads} to {after.threads}, wanted at most {THREADS} more.")
        return found

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.grown or self.failures)

    def facts(self) -> dict[str, Any]:
        return {
            "tried": dict(self.tried), "kept": dict(self.kept), "lost": self.lost, "refused": dict(self.refused),
            "failures": self.failures, "used": {when: asdict(each) for when, each in self.used.items()}, "grown": self.grown,
        }  # fmt: skip


def as_lines(account: Account, minutes: float, people: Sequence[str]) -> list[str]:
    """For a terminal."""
    width = max((len(what) for what in account.tried), default=4)
    lines = [f"{minutes:g} minutes of {', '.join(people)}.", "", f"{'':{width}}  tried   kept   lost"]
    for what, count in sorted(account.tried.items()):
        lines.append(f"{what:{width}} {count:6,} {account.kept[what]:6,} {account.lost.get(what, 0):6,}")
    lines += ["", f"{'server':8} {'MB':>6} {'files':>6} {'threads':>8}"]
    for when, each in account.used.items():
        lines.append(f"{when:8} {each.memory / 1e6:6.0f} {each.files:6,} {each.threads:8,}")
    if account.refused:
        lines += [
            "",
            "Refused, as it should be:",
            *(f"{count:5,} {words}" for words, count in account.refused.most_common()),
        ]
    if account.failures:
        lines += ["", f"{len(account.failures)} failures, the first:", *account.failures[:SHOWN]]
    return [*lines, *account.grown]
