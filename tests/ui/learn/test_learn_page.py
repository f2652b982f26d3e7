"""The Learn page without a browser: cards, stages, the runs it queues, and the reveal with and without a record."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.events import Checkup, Epoch
from gencmp.files import ROOT
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.recorded import Record, RecordedRun
from gencmp.lessons.twelve import LESSONS, lesson_of
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog
from gencmp.ui.learn import reveal, running
from gencmp.ui.train.fill import fill_of_address


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunStore]:
    """The pages' own. They queue runs here; nobody trains them."""
    for module in ("gencmp.ui.learn.running", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", lambda store: None)
    catalog.open_catalog.cache_clear()
    yield catalog.open_catalog().store
    catalog.open_catalog.cache_clear()


def page(**address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "learn.py"), default_timeout=30)
    for key, value in address.items():
        at.query_params[key] = value
    at.run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    """All HTML on the page."""
    return " ".join(each.proto.body for each in at.get("html"))


def drawn(at: AppTest, part: str) -> dict[str, Any]:
    """The data of the component that has this part."""
    found = (json.loads(component.proto.json) for component in at.get("bidi_component"))
    return next(each for each in found if part in each)


def press(at: AppTest, label: str) -> AppTest:
    next(each for each in at.button if each.label == label).click().run()
    assert not at.exception
    return at


def links(at: AppTest) -> list[tuple[str, str, str]]:
    return [(link.proto.label, link.proto.page, link.proto.query_string) for link in at.get("page_link")]


def finish(store: RunStore, run: Run, frechet: float, apart: float) -> None:
    """As if a worker had trained the run."""
    store.claim(run.id)
    store.add_epoch(run.id, Epoch(1, 10, 1.0, 100.0, {"d_real": 0.5 + apart / 2, "d_fake": 0.5 - apart / 2}, {}, {}))
    store.add_checkup(run.id, Checkup(1, 10, frechet, 1.0, [0.1] * 10, [], recognised=0.5))
    store.set_state(run.id, "finished")


def finished(store: RunStore, lesson: Lesson, distances: list[float]) -> list[Run]:
    opinions = (0.01, 0.4, 0.9, 0.7)
    runs = [store.create(each.config, stem=f"Lesson: {each.label}") for each in lesson.variants]
    for run, frechet, apart in zip(runs, distances, opinions, strict=False):
        finish(store, run, frechet, apart)
    return runs


def test_there_is_a_card_for_each_claim_with_its_question_and_minutes(store: RunStore) -> None:
    at = page()
    text = words(at)
    for lesson in LESSONS.values():
        assert lesson.title in text
    assert text.count("<blockquote>") == text.count("about ") == 12
    queries = ["show=glossary", "show=teaching", *(f"lesson={key}" for key in LESSONS)]
    assert [(page, query) for _, page, query in links(at)] == [("learn", query) for query in queries]


def test_a_lesson_begins_with_its_claim_and_asks_for_a_prediction(store: RunStore) -> None:
    at = page(lesson="balance")
    assert lesson_of("balance").claim.words in words(at)
    asked = drawn(at, "asks")
    assert asked["asks"] and [key for key, _ in asked["options"]] == list(lesson_of("balance").predictions)
    assert press(at, "Run it").query_params["stage"] in ("run", ["run"])
    assert store.queries.count() == 0, "the button that queues is on the next stage"


def test_run_it_queues_every_variant_with_one_seed_and_shows_them(store: RunStore) -> None:
    at = press(page(lesson="rates", stage="run"), "Run it")
    lesson = lesson_of("rates")
    runs = store.queries.all()[::-1]
    assert [run.name for run in runs] == [f"Lesson 7: {each.label}" for each in lesson.variants]
    assert [run.config for run in runs] == [each.config.to_dict() for each in lesson.variants]
    data = drawn(at, "variants")
    assert [each["model"] for each in data["variants"]] == [run.id for run in runs]
    assert [each["measure"] for each in data["charts"]] == [each.measure for each in lesson.charts]
    assert len({(each["tone"], each["dash"]) for each in data["variants"]}) == 3
    press(at, "Stop")
    assert {run.state for run in store.queries.all()} == {"stopped"}
    press(press(at, "Again with another seed"), "Stop")
    assert sorted(run.config["seed"] for run in store.queries.all()) == [0, 0, 0, 1, 1, 1]
    assert at.query_params["seed"] in ("1", ["1"])


def test_runs_that_are_there_are_found_and_only_the_missing_ones_queued(store: RunStore) -> None:
    first = lesson_of("rates").variants[0]
    mine = store.create(first.config, name="mine")
    at = press(page(lesson="rates", stage="run"), "Run it")
    assert store.queries.count() == 3 and drawn(at, "variants")["variants"][0]["model"] == mine.id


def test_the_reveal_waits_for_the_runs(store: RunStore) -> None:
    at = page(lesson="balance", stage="reveal")
    assert "Nothing has been run yet" in words(at)
    for each in lesson_of("balance").variants:
        store.create(each.config)
    at = page(lesson="balance", stage="reveal")
    assert "have not ended yet" in words(at)
    assert press(at, "To the runs").query_params["stage"] in ("run", ["run"])


def test_what_was_recorded_can_be_read_without_a_run_on_request(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = lesson_of("rates")

    def run(key: str, seed: int) -> RecordedRun:
        return RecordedRun(
            "rates", key, seed, {"epochs": 20, "limit": 0}, {"frechet": 50.0 + seed}, 1.0, "2026-11-26", "a machine"
        )

    made = [run(each.key, seed) for each in lesson.variants for seed in (0, 1)]
    monkeypatch.setattr(reveal, "record_of", lambda lesson: Record(lesson, made))
    at = page(lesson="rates", stage="reveal")
    assert "50.5" not in words(at) and "Is the paper right?" not in words(at), "a prediction comes first"
    text = words(press(at, "Show the recorded results"))
    assert "<td>50.5 ± 6.4</td>" in text and "It cannot be told" in text and "What others found" in text
    assert "Show the recorded results" not in [each.label for each in at.button]
    assert "Hand-out" not in text, "it is of runs"
    assert re.search(r", each of 20 .{,200}epochs.{,20} of all digits, by gencmp", text)
    hiding = page(lesson="rates", stage="reveal", hide="recorded")
    assert [each.label for each in hiding.button if "recorded" in each.label] == []


def test_the_reveal_tells_what_these_runs_show_and_that_nothing_is_recorded(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reveal, "record_of", lambda lesson: Record(lesson, []))
    finished(store, lesson_of("balance"), [118, 77, 50, 257])
    at = page(lesson="balance", stage="reveal")
    text = words(at)
    assert "the strong 50.0" in text and "<td>118.0</td>" in text and "50 %" in text
    assert "No full experiment" in text and "In the runs above it is as the paper says" in text
    assert drawn(at, "outcome")["outcome"] == "strong"
    assert ("Next: Where is it?", "learn", "lesson=positions") in links(at)
    assert 'download href="gencmp/learn/handout/balance.pdf?seed=0"' in text


def test_the_reveal_has_the_recorded_figures_with_their_intervals(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lesson = lesson_of("balance")

    def run(key: str, seed: int, frechet: float) -> RecordedRun:
        return RecordedRun("balance", key, seed, {}, {"frechet": frechet, "apart": 0.5}, 1.0, "2026-11-26", "a machine")

    made = [run(each.key, seed, 50.0 + seed) for each in lesson.variants for seed in (0, 1)]
    monkeypatch.setattr(reveal, "record_of", lambda lesson: Record(lesson, made))
    finished(store, lesson, [118, 77, 50, 257])
    text = words(page(lesson="balance", stage="reveal"))
    assert "<td>50.5 ± 6.4</td>" in text and "a machine, 2026-11-26" in text  # 12.706 standard errors of 0.5
    assert "Mean of 2 of 5 " in text, "three seeds are missing"
    assert "It cannot be told" in text, "all variants are equal in this record"


def test_free_play_starts_with_the_lessons_settings(store: RunStore) -> None:
    lesson = lesson_of("balance")
    finished(store, lesson, [118, 77, 50, 257])
    queries = [
        dict(part.split("=") for part in query.replace("%2C", ",").split("&"))
        for _, page, query in links(page(lesson="balance", stage="reveal"))
        if page == "train"
    ]
    assert [fill_of_address(query).configs["gan"] for query in queries] == [each.config for each in lesson.variants]


def test_the_first_lesson_leads_to_the_newest_own_pair(store: RunStore) -> None:
    assert not any("newest" in label for label, *_ in links(page(lesson="images", stage="reveal")))
    gan, vae = (store.create(config) for config in (GanConfig(), VaeConfig()))
    for run in (gan, vae):
        store.claim(run.id)
        store.set_state(run.id, "finished")
    found = {page: query for label, page, query in links(page(lesson="images", stage="reveal")) if "newest" in label}
    assert found == dict.fromkeys(("verdict", "vote"), f"runs={gan.id}%2C{vae.id}")


@pytest.mark.parametrize("key", [key for key, lesson in LESSONS.items() if not lesson.variants])
def test_lessons_without_runs_have_every_stage(store: RunStore, key: str) -> None:
    for stage in ("claim", "run", "reveal"):
        at = page(lesson=key, stage=stage)
        assert "blockquote" in words(at) or stage != "claim"
    assert LESSONS[key].depends.split(". ")[0].split("[")[0] in words(at).replace("&#x27;", "'").replace("&quot;", '"')


def test_an_address_can_leave_parts_out_and_ask_for_nonsense(store: RunStore) -> None:
    assert len(page(lesson="balance", hide="prediction").get("bidi_component")) == 1, "the presenter's keys"
    text = words(page(lesson="images", stage="reveal", hide="literature,next,<b>"))
    assert "What others found" not in text and "Go on" not in text
    at = page(lesson="<b>nothing", stage="x", seed="-1")
    assert "There is no lesson" in at.warning[0].value and len(at.title) == 1
    assert running.found_set(lesson_of("balance")).seed == 0


# Lesson 4


def test_the_clouds_of_lesson_4_are_the_two_models_with_real_digits_between_them(store: RunStore) -> None:
    """With the shipped pair in place of its runs: trained on MNIST, so its clouds are those of digits in the middle."""

    def clouds() -> None:
        from gencmp.lessons.twelve import lesson_of
        from gencmp.ui.catalog import open_catalog
        from gencmp.ui.learn.scatter import show_clouds

        show_clouds(lesson_of("positions"), open_catalog().shipped_pair())

    at = AppTest.from_function(clouds, default_timeout=30).run()
    found = drawn(at, "clouds")["clouds"]
    assert not at.exception and [each["kind"] for each in found] == ["gan", "real", "vae"]
    assert all(len(each["points"]) == 400 and "spread" in each["words"] for each in found)
    assert max(abs(x) for each in found for point in each["points"] for x in point) < 4


def test_lesson_4_shows_no_clouds_of_runs_without_weights(store: RunStore) -> None:
    lesson = lesson_of("positions")
    for variant in lesson.variants:
        store.set_state(store.create(variant.config).id, "finished")
    at = page(lesson="positions", stage="reveal")
    assert "Too little" in words(at) and "clouds" not in str([each.proto.json for each in at.get("bidi_component")])
