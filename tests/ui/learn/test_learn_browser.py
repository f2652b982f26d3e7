"""A whole lesson in a real browser: predict, run, look, and see what came of it; on a phone, too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gencmp.events import Checkup, Epoch, Started, Step
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.twelve import lesson_of
from gencmp.runs.store import RunStore

DRAWN = "count => document.querySelectorAll('.gc-lesson .gc-chart .gc-tools').length === count"
PICTURED = "count => document.querySelectorAll('.gc-lesson canvas[data-shown]').length === count"
KEPT = "key => Object.values(localStorage).includes(key)"


def train_all(store: RunStore, lesson: Lesson, distances: list[float]) -> None:
    """As if a worker had trained every variant, for one epoch."""
    for variant, frechet in zip(lesson.variants, distances, strict=True):
        run = store.create(variant.config)
        store.claim(run.id)
        store.begin(run.id, Started("gan", run.config, 0, 0, 80, 10_000, "cpu", 1, "float32", {}, 0.0))
        measures = {"discriminator_loss": 1.0, "generator_loss": 1.0, "d_real": 0.6, "d_fake": 0.4}
        store.add(run.id, [Step(step, 1, measures) for step in (5, 10)])
        store.queries.folder(run.id).write_arrays(1, {"samples": np.zeros((64, 28, 28), np.uint8)})
        store.add_epoch(run.id, Epoch(1, 10, 1.0, 100.0, measures, measures, {"d_real": 0.6}))
        store.add_checkup(run.id, Checkup(1, 10, frechet, 1.0, [0.1] * 10, [], d_train=0.6, d_test=0.5))
        store.set_state(run.id, "finished")


@pytest.mark.still
def test_a_lesson_on_a_phone_from_the_prediction_to_the_next_lesson(
    visit: Callable[..., Any], served: str, served_home: Path
) -> None:
    train_all(RunStore(served_home), lesson_of("rates"), [90.0, 60.0, 200.0])
    page = visit(f"{served}/learn", viewport={"width": 390, "height": 844})
    page.locator("[class*=st-key-learn_card_rates] a").click()
    page.get_by_role("radio", name="Equal learning rates").click()
    page.wait_for_function(KEPT, arg="equal")
    page.get_by_role("button", name="Run it").click()
    page.wait_for_function(DRAWN, arg=2)
    page.wait_for_function(PICTURED, arg=3)
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    page.get_by_role("button", name="What came of it").click()
    page.get_by_text("You predicted: Equal learning rates. So it came.").wait_for()
    assert "best first: equal rates 60.0, D ten times slower 90.0" in page.locator(".gl-finding").first.inner_text()
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollWidth <= 390")
    with page.expect_download() as found:
        page.get_by_role("link", name="Hand-out (PDF)").click()
    assert found.value.suggested_filename == "lesson-7-rates.pdf"
    page.get_by_role("link", name="Next: Learning by heart").click()
    page.get_by_role("heading", name="Learning by heart").wait_for()
    page.get_by_role("radio", name="No dropout").wait_for()


@pytest.mark.still
def test_the_presenters_arrow_keys_lead_from_stage_to_stage(visit: Callable[..., Any], served: str) -> None:
    page = visit(f"{served}/learn?lesson=shapes&presenter=1")
    page.get_by_role("radio", name="About as many of both").wait_for()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("ArrowRight")
    page.get_by_text("64 digits of each, sorted by").wait_for()
    page.keyboard.press("ArrowRight")
    page.get_by_role("heading", name="Is the paper right?").wait_for()
    page.keyboard.press("ArrowLeft")
    page.get_by_text("64 digits of each, sorted by").wait_for()


def test_run_it_starts_the_runs_which_can_be_stopped(
    visit: Callable[..., Any], served: str, stopped_after: None
) -> None:
    page = visit(f"{served}/learn?lesson=latent&stage=run")
    page.get_by_role("button", name="Run it").click()
    page.wait_for_function(
        "() => /training, epoch 1 of/.test(document.querySelector('.gc-state')?.textContent)", timeout=90_000
    )
    page.get_by_text("The runs take turns: 1 VAE trains at a time.").wait_for()
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Resume").wait_for(timeout=60_000)
