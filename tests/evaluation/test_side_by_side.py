"""Measurements two at a time: their results, the threads that they share, and what they raise."""

import time
from collections.abc import Callable, Iterator
from threading import Barrier, get_ident

import pytest
import torch

from gencmp.evaluation.side_by_side import side_by_side


@pytest.fixture
def threads() -> Iterator[Callable[[int], None]]:
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize(("of_torch", "of_each"), [(1, 1), (2, 1), (3, 1), (4, 2)])
def test_tasks_share_the_threads_which_are_as_before_afterwards(
    threads: Callable[[int], None], of_torch: int, of_each: int
) -> None:
    threads(of_torch)
    counts: list[int] = []
    found = side_by_side(dict.fromkeys("cab", torch.get_num_threads), counts.append)
    assert found == dict.fromkeys("cab", of_each) and list(found) == list("cab")
    assert counts == [1, 2, 3] and torch.get_num_threads() == of_torch


def test_two_run_at_a_time_in_the_order_given(threads: Callable[[int], None]) -> None:
    threads(2)
    met = Barrier(2, timeout=30)  # broken, were they to run one after the other

    def meets() -> int:
        met.wait()
        return get_ident()

    found = side_by_side({0: meets, 1: meets, 2: meets, 3: meets})
    assert len(set(found.values())) == 2


def test_with_one_thread_one_runs_after_the_other(threads: Callable[[int], None]) -> None:
    threads(1)
    order: list[int] = []
    side_by_side({number: lambda number=number: order.append(number) for number in range(5)})  # type: ignore[misc]
    assert order == list(range(5))


def test_what_a_task_raises_is_raised_and_later_ones_are_not_begun(threads: Callable[[int], None]) -> None:
    threads(1)
    begun: list[float] = []

    def fails() -> None:
        raise ValueError("no such space")

    def takes_a_moment() -> None:
        begun.append(time.monotonic())
        time.sleep(0.01)

    with pytest.raises(ValueError, match="no such space"):
        side_by_side({0: fails} | dict.fromkeys(range(1, 1000), takes_a_moment))
    assert len(begun) < 999


def test_a_measurement_that_is_given_up_ends(threads: Callable[[int], None]) -> None:
    threads(2)

    def given_up(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side({number: lambda: None for number in range(10)}, given_up)
    assert torch.get_num_threads() == 2
