"""Measurements two at a time: many of their operations are too short for several threads, or use one only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

import torch

K = TypeVar("K")
V = TypeVar("V")


def side_by_side(tasks: Mapping[K, Callable[[], V]], done: Callable[[int], None] = lambda count: None) -> dict[K, V]:
    """The result of each task. Two at a time share torch's threads; they start in order, so the longest should be the first.

    done: called in this thread with the number of tasks that are done. What it or a task raises is raised here, when tasks that
        run have ended; the others are not begun.
    """
    threads = torch.get_num_threads()
    pool = ThreadPoolExecutor(min(2, threads), initializer=torch.set_num_threads, initargs=(max(1, threads // 2),))
    try:
        results = {name: pool.submit(task) for name, task in tasks.items()}
        for count, result in enumerate(as_completed(results.values()), 1):
            result.result()
            done(count)
        return {name: result.result() for name, result in results.items()}
    finally:
        pool.shutdown(cancel_futures=True)
        torch.set_num_threads(threads)  # this thread has them still; those that start later shall, too
