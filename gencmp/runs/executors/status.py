"""What is known of the cluster, kept in the store by the dispatcher, so that pages need no Ray to say it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from gencmp.errors import GencmpError
from gencmp.runs.executors.choice import RAY, executor
from gencmp.runs.store import RunStore
from gencmp.schema import Misfit, check, parse_json

KEY = "cluster"
FRESH = 15.0  # seconds; the dispatcher writes every few


@dataclass(frozen=True)
class Node:
    """places: runs that it takes at once. busy: how many of ours it has."""

    name: str
    places: int
    busy: int = 0


@dataclass(frozen=True)
class Status:
    """at: seconds since 1970. trouble: why there is no cluster. places: of all nodes. busy: with runs of this store."""

    at: float
    trouble: str = ""
    places: int = 0
    busy: int = 0
    nodes: Sequence[Node] = field(default_factory=list)
    process: int = 0  # id of the dispatcher


FIELDS = set(Status.__dataclass_fields__)


def keep_status(store: RunStore, status: Status) -> None:
    store.set_setting(KEY, json.dumps(asdict(status)))


def status_of(store: RunStore) -> Status | None:
    """None where none was kept, or it is damaged: the next one replaces it."""
    try:
        found = parse_json(store.queries.setting(KEY, "null"))
        check(Status, found)
        nodes = [Node(each["name"], each["places"], each.get("busy", 0)) for each in found.get("nodes", ())]
        return Status(**{name: value for name, value in found.items() if name in FIELDS} | {"nodes": nodes})
    except Misfit:
        return None


def cluster_words(store: RunStore) -> str:
    """One line for pages: "12 of 16 places on 4 nodes busy, 31 runs waiting", or what is wrong; "" without a cluster."""
    try:
        if executor() != RAY:
            return ""
    except GencmpError as error:
        return str(error)
    status, waiting = status_of(store), len(store.queries.turns())
    if status is None or store.clock() - status.at > FRESH:
        return f"Connecting to the cluster. {_waiting(waiting)}" if waiting else "The cluster is idle."
    if status.trouble:
        return f"{status.trouble} {_waiting(waiting)}".strip()
    nodes = "1 node" if len(status.nodes) == 1 else f"{len(status.nodes)} nodes"
    places = "place" if status.places == 1 else "places"
    return f"{status.busy} of {status.places} {places} busy on the cluster's {nodes}. {_waiting(waiting)}".strip()


def _waiting(count: int) -> str:
    return f"{count:,} {'run waits' if count == 1 else 'runs wait'}." if count else ""
