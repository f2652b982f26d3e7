"""python -m gencmp cluster: the nodes of the Ray cluster, their places, and whose runs wait."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from gencmp.cli.command import command, say
from gencmp.files import home
from gencmp.runs.executors.choice import RAY
from gencmp.runs.executors.fair import Turn, next_turn
from gencmp.runs.executors.reach import reachable
from gencmp.runs.executors.status import Node, status_of
from gencmp.runs.store import RunStore


@command("cluster", "show the nodes of the Ray cluster, their places, and the queue")
def cluster() -> dict[str, Any]:
    reachable()
    from gencmp.runs.executors.ray_cluster import connected

    store = RunStore(home())
    with connected() as found:
        nodes = found.nodes()
    waiting, held = store.queries.turns(), store.queries.turns_held(RAY)
    status = status_of(store)
    busy = {node.name: node.busy for node in status.nodes} if status and held else {}
    nodes = [Node(node.name, node.places, busy.get(node.name, 0)) for node in nodes]
    for node in sorted(nodes, key=lambda node: node.name):
        say(f"{node.name:<32} {node.busy} of {node.places} places busy with runs of {home()}")
    if not nodes:
        say("No node takes runs. Add one: ray start --address=HEAD:6379 (docs/cluster.md)")
    names = {run.id: run.name for run in store.queries.some([turn.run for turn in (*waiting, *held)])}
    say(f"{len(held)} {'run trains' if len(held) == 1 else 'runs train'}, {len(waiting)} wait.")
    order = _in_turn(waiting, held)
    owners = {owner: f"student {n}" for n, owner in enumerate(Counter(t.owner for t in order if t.owner), 1)}
    for place, turn in enumerate(order, 1):
        say(f"{place:>4}. {names.get(turn.run, turn.run)} ({owners.get(turn.owner, 'teacher')})")
    return {"nodes": [asdict(node) for node in nodes], "training": len(held), "waiting": [turn.run for turn in order]}


def _in_turn(waiting: list[Turn], held: list[Turn]) -> list[Turn]:
    """The waiting runs as they will come, if nothing that trains now ends before."""
    order: list[Turn] = []
    while turn := next_turn([each for each in waiting if each not in order], [*held, *order]):
        order.append(turn)
    return order
