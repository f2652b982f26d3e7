"""The reveal's steps, and which picture fooled most people, from votes counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gencmp.voting.questions import Question
from gencmp.voting.reveal import Judged, fooled_most, judged, last_step
from gencmp.voting.tally import Rate, Tally

SOURCES = {1: "real", 2: "gan", 3: "vae", 4: "real"}
NOBODY = Rate(0, 0)


def pictures(called_real: dict[int, tuple[int, int]]) -> list[Judged]:
    questions = [Question(number, "single", source, np.zeros((1, 28, 28))) for number, source in SOURCES.items()]
    questions.append(Question(5, "pair", "", np.zeros((2, 12, 28, 28))))
    fooled = {number: Rate(*counts) for number, counts in called_real.items()}
    return judged(questions, Tally(dict.fromkeys(("real", "gan", "vae"), NOBODY), NOBODY, fooled))


def test_each_judged_picture_has_two_steps_and_one_is_last() -> None:
    assert [each.question.number for each in pictures({1: (1, 2), 3: (0, 1)})] == [1, 3]
    assert last_step(pictures({1: (1, 2), 3: (0, 1)})) == 4
    assert last_step(pictures({})) == 0


def test_the_picture_that_fooled_most_people_is_the_largest_share_and_then_the_most_people() -> None:
    found = pictures({1: (9, 10), 2: (3, 10), 3: (4, 10), 4: (5, 10)})
    generated, real = fooled_most(found, real=False), fooled_most(found, real=True)
    assert generated and generated.question.number == 3 and generated.fooled == 4
    assert real and real.question.number == 4 and real.fooled == 5
    equal = fooled_most(pictures({2: (1, 2), 3: (5, 10)}), real=False)
    assert equal and equal.question.number == 3


def test_where_nobody_was_fooled_no_picture_is_named() -> None:
    found = pictures({1: (10, 10), 2: (0, 10), 3: (0, 10)})
    assert fooled_most(found, real=False) is None and fooled_most(found, real=True) is None


@pytest.mark.parametrize(
    ("count", "total", "percent"), [(1, 8, 13), (7, 8, 88), (3, 8, 38), (1, 3, 33), (2, 3, 67), (0, 5, 0), (5, 5, 100), (0, 0, 0)]
)  # fmt: skip
def test_percentages_round_halves_up_everywhere(count: int, total: int, percent: int) -> None:
    assert Rate(count, total).percent == percent
