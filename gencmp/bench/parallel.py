"""Work that is many independent jobs, spread over the cores: each job in one thread of a process of its own."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import torch

from gencmp.progress import Progress
from gencmp.training.cores import cores
from gencmp.training.processor import flush_denormals

Job = TypeVar("Job")
Result = TypeVar("Result")


def each_of(
    function: Callable[[Job], Result], jobs: Sequence[Job], progress: Progress, done: str, at_once: int = 0
) -> list[Result]:
    """The function of each job, in the jobs' order. All three must pickle.

    done: what a finished job has been, for "3 of 8 trained".   at_once: how many jobs; 0 takes as many as there are cores.
    """
    spawned = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
    with ProcessPoolExecutor(min(at_once or cores(), len(jobs)), spawned, set_up) as pool:
        waiting = [pool.submit(function, job) for job in jobs]
        for number, _ in enumerate(as_completed(waiting), start=1):
            progress(number / len(jobs), f"{number} of {len(jobs)} {done}")
        return [each.result() for each in waiting]


def set_up() -> None:
    """Initialise a process that trains."""
    flush_denormals()
    torch.set_num_threads(1)
