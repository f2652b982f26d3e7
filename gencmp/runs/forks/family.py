"""Families of runs: who is a fork of whom, as trees. Imports no torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gencmp.runs.catalog import Catalog
from gencmp.runs.forks.fork import ancestors
from gencmp.runs.forks.words import changed_words
from gencmp.runs.run import Run


@dataclass
class Member:
    """A run in its family. run: None if it was deleted. epoch: of its parent, at which it was forked; changed: in words."""

    id: str
    name: str
    run: Run | None = None
    parent: Member | None = field(default=None, repr=False)
    epoch: int = 0
    changed: str = ""
    children: list[Member] = field(default_factory=list, repr=False)

    @property
    def newest(self) -> float:
        """When the newest run of its branch was made, in seconds since 1970."""
        own = self.run.created if self.run else 0.0
        return max([own, *(child.newest for child in self.children)])

    def below(self, depth: int = 0) -> Iterator[tuple[int, Member]]:
        """Itself and all its descendants with their depths, each parent before its children."""
        yield depth, self
        for child in self.children:
            yield from child.below(depth + 1)


def families(catalog: Catalog) -> list[Member]:
    """The oldest member of each family that has a fork; the family with the newest run first, children in order of age."""
    forks = catalog.store.queries.forks()
    wanted = {ancestor["run"] for run in forks for ancestor in ancestors(run)} - {run.id for run in forks}
    shipped = [record.run for record in catalog.shipped() if record.run.id in wanted]
    return grown([*forks, *catalog.store.queries.some(wanted), *shipped])


def grown(runs: Iterable[Run]) -> list[Member]:
    """The trees that these runs form; ancestors that are not among them are named as they were when they were forked."""
    members = {run.id: Member(run.id, run.name, run) for run in runs}
    for run in [member.run for member in members.values() if member.run]:
        _hang(members, run)
    for member in members.values():
        member.children.sort(key=lambda child: child.run.created if child.run else 0.0)
    roots = [member for member in members.values() if member.parent is None and member.children]
    return sorted(roots, key=lambda root: root.newest, reverse=True)


def _hang(members: dict[str, Member], run: Run) -> None:
    """Hang a run below its line of ancestors."""
    parent, left_at = None, 0
    for each in ancestors(run):
        member = members.setdefault(each["run"], Member(each["run"], each["name"]))
        _adopt(parent, member, left_at)
        parent, left_at = member, each["epoch"]
    _adopt(parent, members[run.id], left_at)


def _adopt(parent: Member | None, child: Member, epoch: int) -> None:
    if parent is None or child.parent is not None:
        return
    child.parent, child.epoch = parent, epoch
    child.changed = changed_words(child.run) if child.run else ""
    parent.children.append(child)
