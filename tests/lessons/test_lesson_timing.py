"""A lesson timed from press to reveal: all of its runs are trained, and none is left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gencmp.errors import RunStateError
from gencmp.lessons import timing
from gencmp.lessons.lesson import Lesson, Results
from gencmp.lessons.twelve import lesson_of
from gencmp.runs.store import RunStore
from gencmp.runs.worker import work


@pytest.fixture
def tiny() -> Lesson:
    """Two small VAEs that train in a blink."""
    lesson = lesson_of("latent")
    small = {"limit": 100, "epochs": 1, "encoder_widths": (8,), "decoder_widths": (8,), "device": "cpu", "threads": "1"}
    variants = (replace(each, config=each.config.replace(**small)) for each in lesson.variants[:2])
    return replace(lesson, variants=tuple(variants))


def test_it_ends_when_the_figures_of_all_runs_are_there(tiny: Lesson) -> None:
    found: list[Results] = []
    seconds = timing.seconds_of(replace(tiny, find=found.append), start=work)
    assert seconds > 0 and {key for key, each in found[0].items() if "reconstruction" in each} == {"one", "two"}


def test_a_run_that_fails_is_said(tiny: Lesson) -> None:
    def fail(store: RunStore) -> None:
        store.set_state(store.queries.all()[0].id, "failed", "out of memory")

    with pytest.raises(RunStateError, match="out of memory"):
        timing.seconds_of(tiny, start=fail)


def test_what_is_given_up_is_stopped(tiny: Lesson) -> None:
    stores: list[RunStore] = []

    def give_up(share: float, words: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        timing.seconds_of(tiny, give_up, stores.append)
    assert len(stores) == 2 and not stores[0].home.exists()
