"""A lesson's hand-out: what it holds, that it is one page of A4, and what it says of the class."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gencmp.cli.main import main
from gencmp.errors import RunStateError
from gencmp.events import Checkup, Epoch
from gencmp.files import home
from gencmp.lessons.handouts.content import Split, course, newest_handout, of_runs, of_shipped
from gencmp.lessons.handouts.page import handout_file
from gencmp.lessons.history import history_of
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.sets import newest_set
from gencmp.lessons.twelve import LESSONS, lesson_of
from gencmp.runs.catalog import Catalog, StoredRun
from gencmp.runs.store import RunStore
from gencmp.ui import catalog as of_pages
from gencmp.ui.server import routes
from gencmp.voting.classrooms import Position

GAN = {"d_real": 0.7, "d_fake": 0.4, "generator_loss": 2.0}
VAE = {"reconstruction": 140.0, "negative_elbo": 150.0}


@pytest.fixture
def catalog(store: RunStore) -> Catalog:
    return Catalog(store)


def train_all(store: RunStore, lesson: Lesson, epochs: int = 2) -> None:
    """As if a worker had trained every variant."""
    for place, variant in enumerate(lesson.variants):
        run = store.create(variant.config)
        store.claim(run.id)
        for epoch in range(1, epochs + 1):
            known = {name: value / epoch for name, value in (GAN if run.kind == "gan" else VAE).items()}
            store.queries.folder(run.id).write_arrays(epoch, {"samples": np.zeros((64, 28, 28), np.uint8)})
            store.add_epoch(run.id, Epoch(epoch, 10 * epoch, 1.0, 100.0, known, known, known))
            opinions = (0.6, 0.5) if run.kind == "gan" else (None, None)
            found = Checkup(
                epoch, 10 * epoch, 50.0 + place, 1.0, [0.1] * 10, [], d_train=opinions[0], d_test=opinions[1]
            )
            store.add_checkup(run.id, found)
        store.set_state(run.id, "finished")


def text_of(svg: bytes) -> str:
    return " ".join(re.findall(r">([^<>]+)</text>", svg.decode()))


@pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
def test_every_lesson_fits_on_a_sheet_of_a4(store: RunStore, catalog: Catalog, lesson: Lesson) -> None:
    train_all(store, lesson)
    split = Split(dict.fromkeys(lesson.predictions, 2), 9)
    for counted in (split, None):
        page = handout_file(newest_handout(lesson, catalog, counted))
        box = re.search(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", page)
        assert box and [float(each) for each in box.groups()] == [595, 842]


def test_it_says_what_the_lesson_says(store: RunStore, catalog: Catalog) -> None:
    lesson = lesson_of("balance")
    train_all(store, lesson)
    made = of_runs(lesson, newest_set(lesson, store.queries), catalog, Split({"equal": 2, "strong": 1}, 4))
    assert [each.figures["frechet"] for each in made.compared] == ["50.0", "51.0", "52.0", "53.0"]
    words = text_of(handout_file(made, "svg"))
    for part in (
        lesson.title,
        "3 of 4 have predicted",
        "2 (67 %)",
        "Too lenient",
        "53.0",
        "Goodfellow et al. 2014",
        "seed 0",
    ):
        assert part in words, part
    assert not re.search(r"\[\w", words), "the marks of terms are taken out"


def test_without_a_class_there_are_boxes_to_tick(catalog: Catalog) -> None:
    words = text_of(handout_file(of_shipped(lesson_of("shapes"), catalog), "svg"))
    assert "What do you expect?" in words and "so it came" not in words and "0.221 ± 0.010" in words
    marked = text_of(handout_file(of_shipped(lesson_of("shapes"), catalog, Split({"VAE": 1}, 1)), "svg"))
    assert re.search(r"The GAN +✓ so it came", marked)


def test_there_is_none_before_the_runs_have_ended(store: RunStore, catalog: Catalog) -> None:
    lesson = lesson_of("rates")
    with pytest.raises(RunStateError, match="are 0 of 3"):
        of_runs(lesson, newest_set(lesson, store.queries), catalog)
    for variant in lesson.variants:
        store.create(variant.config)
    with pytest.raises(RunStateError, match="have not ended"):
        of_runs(lesson, newest_set(lesson, store.queries), catalog)


def test_courses_are_those_of_the_lessons_charts(store: RunStore, catalog: Catalog) -> None:
    found: dict[str, Any] = {}
    for key in ("dropout", "latent", "bound", "rates"):
        lesson = lesson_of(key)
        train_all(store, lesson)
        runs = newest_set(lesson, store.queries).runs
        for chart in lesson.charts:
            for run in runs.values():
                found[f"{chart.measure} {run.kind}"] = course(chart, history_of(StoredRun(store, run)))
    assert found["reconstruction vae"] == ([1, 2], [140.0, 70.0])
    assert found["loss vae"] == found["loss gan"] == ([1, 2], [1.0, 0.5])
    assert found["by_heart gan"] == ([1, 2], pytest.approx([0.1, 0.1]))
    assert found["apart gan"] == ([1, 2], pytest.approx([0.3, 0.15]))


# Where it is asked for


@pytest.fixture
def asked() -> Iterator[Callable[[str], Any]]:
    for opened in (of_pages.open_catalog, of_pages.open_classrooms):
        opened.cache_clear()
    client = TestClient(Starlette(routes=routes()))
    yield lambda path: client.get(f"/gencmp/learn/handout/{path}")
    for opened in (of_pages.open_catalog, of_pages.open_classrooms):
        opened.cache_clear()


def test_the_route_gives_the_same_file_and_the_classs_split_once_it_is_shown(asked: Callable[[str], Any]) -> None:
    rooms, token = of_pages.open_classrooms(), "a" * 32
    room = rooms.open("f" * 32, Position("shapes"))
    rooms.join(room.code, token)
    rooms.predict(room.code, "shapes", token, "VAE")
    plain = asked("shapes.pdf")
    assert plain.headers["content-type"] == "application/pdf" and "lesson-2-shapes.pdf" in str(plain.headers)
    assert asked(f"shapes.pdf?class={room.code}").content == plain.content, "not before the outcome is shown"
    rooms.reveal(room.code, "shapes", "GAN")
    lesson = lesson_of("shapes")
    wanted = handout_file(of_shipped(lesson, of_pages.open_catalog(), Split({"VAE": 1}, 1)))
    assert asked(f"shapes.pdf?class={room.code}").content == wanted != plain.content


@pytest.mark.parametrize(
    ("path", "status"),
    [("rates.pdf", 404), ("nothing.pdf", 404), ("rates.pdf?seed=x", 400), ("shapes.pdf?class=XXXX", 404)],
)
def test_the_route_refuses_in_a_sentence(asked: Callable[[str], Any], path: str, status: int) -> None:
    answer = asked(path)
    assert answer.status_code == status and answer.json()["error"]


def test_the_command_writes_it_or_says_why_not(tmp_path: Path) -> None:
    train_all(RunStore(home()), lesson_of("rates"))
    assert main(["lessons", "rates", "--handout", str(tmp_path / "rates.pdf")]) == 0
    assert (tmp_path / "rates.pdf").read_bytes().startswith(b"%PDF")
    for wrong in (["rates", "--handout", "rates.doc"], ["--handout", "all.pdf"], ["balance", "--handout", "b.pdf"]):
        assert main(["lessons", *wrong]) == 2, wrong
    assert not Path("b.pdf").exists()
