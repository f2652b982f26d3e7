"""How many threads a training gets, from what the machine says of its cores."""

import pytest

from gencmp.training import cores
from gencmp.training.cores import fast_cores  # itself, not what the tests believe


@pytest.mark.parametrize(("told", "count"), [("0-3", 4), ("0-3,8", 5), ("0", 1), ("0-1,4-5\n", 4)])
def test_lists_of_cores_are_counted(told: str, count: int) -> None:
    assert cores._count(told) == count


def test_there_is_a_fast_core_at_least_and_no_more_than_there_are() -> None:
    assert 1 <= fast_cores() <= cores.cores()


@pytest.mark.parametrize(
    ("fast", "sharing", "threads"),
    [(1, 1, 1), (2, 1, 2), (2, 2, 1), (4, 1, 3), (4, 2, 1), (8, 1, 4), (8, 2, 3), (8, 0, 4)],
)
def test_one_core_is_left_to_the_page_where_there_are_more_than_two(
    monkeypatch: pytest.MonkeyPatch, fast: int, sharing: int, threads: int
) -> None:
    monkeypatch.setattr(cores, "fast_cores", lambda: fast)
    assert cores.threads(sharing) == threads
