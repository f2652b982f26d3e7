"""The Ray cluster as the dispatcher uses it. Only this module and ray_task.py import Ray."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import uuid4

from gencmp.data.read import Pictures
from gencmp.errors import ClusterError, ClusterGone, GencmpError, TrainingLost
from gencmp.runs.evaluations.on_node import Answer, Asked
from gencmp.runs.executors.choice import cpus_of_a_run, gpus_of_a_run
from gencmp.runs.executors.far import Message
from gencmp.runs.executors.job import Control, Job, versions_here
from gencmp.runs.executors.reach import JOIN, MODE, SEE, reachable
from gencmp.runs.executors.status import Node

os.environ.setdefault(MODE, "token")  # before Ray is imported: read once
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray import exceptions
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from gencmp.runs.executors.ray_task import Mailbox, evaluate_far, train_far, what_is_here

MAILBOX = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1, max_concurrency=10_000)(Mailbox)
TRAIN_FAR = ray.remote(max_retries=0)(train_far)  # Ray itself would begin again at the first event
EVALUATE_FAR = ray.remote(max_retries=0)(evaluate_far)

WHAT_IS_HERE = ray.remote(num_cpus=0, max_retries=0)(what_is_here)

GONE = (
    "The cluster does not answer any more: its head, or this computer's own node, has ended. Start it again; runs then go on from"
    " their last states."
)
ANSWER = 30.0  # seconds that a node may take to start a process
NODES_EVERY = 1.0  # seconds between questions to the head
FRESH_TASK = 3.0  # seconds until Ray's own count of what is free knows of a task
KEPT = 4  # data sets in the object store
TICK = 0.5  # seconds that an evaluation waits for a message
AHEAD = 2  # messages that a training may be ahead of the recorder
LOST = (
    exceptions.WorkerCrashedError, exceptions.NodeDiedError, exceptions.OutOfMemoryError, exceptions.ObjectLostError,
    exceptions.TaskCancelledError, exceptions.LocalRayletDiedError,
)  # fmt: skip


@contextmanager
def connected() -> Iterator[Cluster]:
    """Raises ClusterError, within a few seconds."""
    address = reachable()
    _refuse_wrong_token(address)
    try:
        ray.init(address, logging_level="ERROR", log_to_driver=False, namespace="gencmp")
    except (RuntimeError, ConnectionError, ValueError, exceptions.RayError) as error:
        raise ClusterError(_in_words(str(error), address)) from None
    try:
        yield Cluster()
    finally:
        ray.shutdown()


def _refuse_wrong_token(address: str) -> None:
    """Ray's own init would try for twenty seconds."""
    from ray._raylet import GcsClient

    try:
        GcsClient(address=address)
    except exceptions.AuthenticationError:
        raise ClusterError(
            f"The cluster at {address} refuses this computer's token. Copy ~/.ray/auth_token from its head to this computer, and set"
            f" RAY_AUTH_MODE=token. {SEE}"
        ) from None
    except Exception as error:
        raise ClusterError(_in_words(str(error), address)) from None


def _in_words(error: str, address: str) -> str:
    first = " ".join(error.split())
    if "Version mismatch" in first or "version mismatch" in first.lower():
        return (
            f"The cluster at {address} has another Ray or Python than this computer ({first[:200]}). Install the same on every node:"
            " pip install -r requirements-ray.txt"
        )
    if "node_ip" in first or "node" in first.lower():
        return f"This computer is not a node of the cluster at {address}. Run here: {JOIN.replace('HEAD:6379', address)}. ({first[:200]})"
    return f"The cluster at {address} cannot be joined: {first[:200]}. Is the token the same on every node? {SEE}"


@dataclass
class Task:
    """A training that this process has given to the cluster. node: its id, once it has been heard of."""

    since: float
    node: str = ""


class Cluster:
    """Nodes, places and tasks. May be used by several threads."""

    def __init__(self) -> None:
        self.cpus, self.gpus = cpus_of_a_run(), gpus_of_a_run()
        self.tasks: dict[str, Task] = {}
        self.processors: dict[str, str] = {}  # of nodes that have trained, by id: see kind_of
        self._data: dict[str, Any] = {}
        self._nodes: list[dict[str, Any]] = []
        self._asked = 0.0

    @cached_property
    def mailbox(self) -> Any:
        """Of all trainings, on this computer's own node."""
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        return MAILBOX.options(scheduling_strategy=here).remote()

    # Nodes and places

    def _living(self) -> list[dict[str, Any]]:
        if time.monotonic() - self._asked > NODES_EVERY:
            self._asked = time.monotonic()
            try:
                self._nodes = [node for node in ray.nodes() if node["Alive"]]
            except Exception as error:
                raise ClusterGone(f"{GONE} ({_first_words(error)})") from None
        return self._nodes

    def lives(self, node: str) -> bool:
        return any(each["NodeID"] == node for each in self._living())

    def name_of(self, node: str) -> str:
        """A node's host; with its address where several have the same."""
        hosts = [each["NodeManagerHostname"] for each in self._nodes]
        for each in self._nodes:
            if each["NodeID"] == node:
                host, address = str(each["NodeManagerHostname"]), str(each["NodeManagerAddress"])
                return host if hosts.count(host) == 1 else f"{host} ({address})"
        return "a node that has gone"

    def nodes(self) -> list[Node]:
        """Those that take runs."""
        busy = [task.node for task in list(self.tasks.values())]
        found = [(each["NodeID"], self._places(each["Resources"])) for each in self._living()]
        return [Node(self.name_of(node), places, busy.count(node)) for node, places in found if places]

    def _places(self, resources: Mapping[str, float]) -> int:
        by_cpu = int(resources.get("CPU", 0) / self.cpus)
        return min(by_cpu, int(resources.get("GPU", 0) / self.gpus + 1e-6)) if self.gpus else by_cpu

    def free(self, held: int) -> int:
        """Runs that could begin at once: never more than there are places, as Ray keeps no order among tasks that wait.

        held: runs of this process, also those that have not become a task yet."""
        tasks = list(self.tasks.values())
        mine = sum(node.places for node in self.nodes()) - held
        # Ray's own count, for the sake of what others have on the cluster; it does not know yet of what was given to it just now
        unknown = held - len(tasks) + sum(time.monotonic() - task.since < FRESH_TASK for task in tasks)
        return min(mine, self._places(ray.available_resources()) - max(0, unknown)) if mine > 0 else 0

    def examined(self) -> Iterator[tuple[str, str]]:
        """(name, what is wrong with it or "") of each living node, asked of a process there."""
        asked = {
            node["NodeID"]: WHAT_IS_HERE.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            ).remote(node["NodeID"])
            for node in self._living()
        }
        for node, answer in asked.items():
            name, trouble = self.name_of(node), ""
            try:
                ray.get(answer, timeout=ANSWER).refuse_others(versions_here(), name)
            except exceptions.GetTimeoutError:
                trouble = f"{name} has not answered within {ANSWER:.0f} s. Is it overloaded?"
            except exceptions.RayTaskError as error:
                trouble = _failed(error)
            except (exceptions.RayError, ClusterError) as error:
                trouble = " ".join(str(error).split())[:300]
            yield name, trouble

    # Trainings

    def data(self, key: str, pictures: Pictures) -> Any:
        """A data set in the object store, sent to each node once."""
        if key not in self._data:
            while len(self._data) >= KEPT:
                self._data.pop(next(iter(self._data)))
            self._data[key] = ray.put(pictures)
        return self._data[key]

    def start(self, job: Job, data: Any, kind: str = "") -> RayStream:
        """kind: of processor, where the run goes on to the same bits; preferred, if a node of it has room."""
        key = f"{job.run} {uuid4().hex[:8]}"
        same = (
            [node for node, found in self.processors.items() if found == kind and self._has_room(node)] if kind else []
        )
        strategy: Any = NodeAffinitySchedulingStrategy(same[0], soft=True) if same else "SPREAD"
        self.tasks[key] = Task(time.monotonic())
        generator = TRAIN_FAR.options(
            num_returns="streaming", _generator_backpressure_num_objects=AHEAD, num_cpus=self.cpus, num_gpus=self.gpus,
            scheduling_strategy=strategy,
        ).remote(job, data, self.mailbox, key)  # fmt: skip
        return RayStream(self, key, generator)

    def measured(self, asked: Asked, pictures: Pictures) -> Iterator[list[Answer] | None]:
        """See elsewhere.Nodes. The task is gone when the reader leaves."""
        data = self.data(f"{asked.config.dataset} {pictures.fingerprint}", pictures)
        generator = EVALUATE_FAR.options(
            num_returns="streaming", _generator_backpressure_num_objects=AHEAD, num_cpus=self.cpus, scheduling_strategy="SPREAD"
        ).remote(asked, data)  # fmt: skip
        try:
            while True:
                ready, _ = ray.wait([generator], timeout=TICK)
                try:
                    yield ray.get(next(generator)) if ready else None
                except StopIteration:
                    return
        except exceptions.RayTaskError as error:
            raise GencmpError(_failed(error)) from None
        except exceptions.RayError as error:
            raise TrainingLost(_first_words(error)) from None
        except OSError as error:
            raise ClusterGone(f"{GONE} ({_first_words(error)})") from None
        finally:
            with suppress(exceptions.RayError, ValueError, OSError):
                ray.cancel(generator, force=True)

    def _has_room(self, node: str) -> bool:
        busy = sum(task.node == node for task in list(self.tasks.values()))
        return any(each["NodeID"] == node and self._places(each["Resources"]) > busy for each in self._living())


def _first_words(error: Exception) -> str:
    return " ".join(str(error).split())[:150]


class RayStream:
    """A wire.Stream."""

    def __init__(self, cluster: Cluster, key: str, generator: Any):
        self.cluster, self.key, self.generator = cluster, key, generator
        self.posted = 0

    def next(self, timeout: float) -> Message | None:
        try:
            ready, _ = ray.wait([self.generator], timeout=timeout)
            if not ready:
                return None
            message: Message = ray.get(next(self.generator))
            return message
        except StopIteration:
            self._forget()
            raise
        except LOST as error:
            raise TrainingLost(self._why(error)) from None
        except exceptions.RayTaskError as error:
            raise GencmpError(_failed(error)) from None
        except OSError as error:  # of the line to this computer's own node
            raise ClusterGone(f"{GONE} ({_first_words(error)})") from None
        except exceptions.RayError as error:
            raise TrainingLost(" ".join(str(error).split())[:200]) from None

    def _why(self, error: Exception) -> str:
        node = self.cluster.tasks[self.key].node if self.key in self.cluster.tasks else ""
        name = self.cluster.name_of(node)
        if isinstance(error, exceptions.OutOfMemoryError):
            return f"{name} was out of memory"
        return f"{name} has gone" if node and not self.cluster.lives(node) else f"its process on {name} died"

    def begun(self, node: str) -> str:
        """The node is known now; returns its name."""
        self.cluster.tasks[self.key].node = node
        return self.cluster.name_of(node)

    def name_of(self, node: str) -> str:
        return self.cluster.name_of(node)

    def refuse_lost(self, node: str) -> None:
        name = self.cluster.name_of(node)
        if node and not self.cluster.lives(node):
            raise TrainingLost(f"{name} has gone")

    def post(self, control: Control | None) -> None:
        self.posted += 1
        with suppress(OSError):  # where the cluster has gone, the next question for a message says it
            self.cluster.mailbox.post.remote(self.key, self.posted, control)

    def cancel(self) -> None:
        with suppress(exceptions.RayError, ValueError, OSError):
            ray.cancel(self.generator, force=True)
        self._forget()

    def _forget(self) -> None:
        if self.cluster.tasks.pop(self.key, None):
            self.post(None)
            with suppress(OSError):
                self.cluster.mailbox.forget.remote(self.key)


def _failed(error: exceptions.RayTaskError) -> str:
    """A task that could not even begin: what it would have raised itself comes as a message."""
    cause = getattr(error, "cause", None) or error
    if isinstance(cause, ImportError) or "No module named" in str(cause):
        return f"A node of the cluster cannot load gencmp ({' '.join(str(cause).split())[-150:]}). Install the same gencmp there. {SEE}"
    return f"{type(cause).__name__}: {' '.join(str(cause).split())[-200:]}"
