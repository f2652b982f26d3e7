"""Progress by stretches."""

from __future__ import annotations

import pytest

from gencmp.progress import Bar, within


def test_stretches_share_the_whole_by_their_seconds() -> None:
    heard: list[tuple[float, str]] = []
    bar = Bar(lambda share, words: heard.append((share, words)), [(6.0, 2.0), (0.0, 2.0)])
    for name in ("a", "b"):
        for part in bar.next(name):
            part(0.0, "begins")
            part(1.0, "ends")
    assert [share for share, _ in heard] == pytest.approx([0, 0.6, 0.6, 0.8, 0.8, 0.8, 0.8, 1.0])
    assert heard[0][1] == "a: begins" and heard[-1][1] == "b: ends"


def test_where_all_is_kept_nothing_is_shared() -> None:
    heard: list[float] = []
    for part in Bar(lambda share, words: heard.append(share), [(0.0, 0.0)]).next("a"):
        part(1.0, "ends")
    assert heard == [0, 0]


def test_a_part_of_a_part() -> None:
    heard: list[float] = []
    within(within(lambda share, words: heard.append(share), 0.5, 1.0), 0.5, 0.7)(0.5, "half")
    assert heard == [pytest.approx(0.8)]
