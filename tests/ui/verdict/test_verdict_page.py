"""The Verdict page: what it says of the shipped models, and of models that have not been measured."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from there import there

from gencmp.evaluation.judges.panel import file_key
from gencmp.evaluation.verdicts import FORMAT, kept_verdict
from gencmp.files import ROOT, SHIPPED, home
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog
from gencmp.ui.verdict.classes_and_bounds import _digits_words
from gencmp.ui.verdict.words import with_unit


@pytest.fixture
def store() -> Iterator[RunStore]:
    catalog.open_catalog.cache_clear()
    yield catalog.open_catalog().store
    catalog.open_catalog.cache_clear()


def page(**choices: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / "verdict.py"), default_timeout=30).run()
    for kind, model in choices.items():
        at.selectbox(key=f"verdict.{kind}").select(model)
    return at.run()


def words(at: AppTest) -> str:
    return without_terms(" ".join(str(each.value) for each in (*at.markdown, *at.caption, *at.info)))


def without_terms(words: str) -> str:
    """The words alone, without what explains some of them."""
    return re.sub(r"</?dfn[^>]*>", "", words)


def charts(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def pieces(at: AppTest) -> Pieces:
    """What the page shows in HTML of its own."""
    found = Pieces()
    for each in at.get("html"):
        found.feed(each.proto.body)
    return found


class Pieces(HTMLParser):
    """The words of a page's HTML by the tag that holds them, and its tables as lists of rows."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[tuple[str, str]] = []
        self.tables: list[list[list[str]]] = []
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.words.append((self._open[-1], data))
        if {"td", "th"} & set(self._open):
            cell = self.tables[-1][-1]
            cell[-1] += f" {data}" if cell[-1] else data

    def of(self, tag: str) -> list[str]:
        return [words for each, words in self.words if each == tag]

    def row(self, name: str, table: int = 0) -> list[str]:
        return next(row for row in self.tables[table] if row[0].startswith(name))


def test_the_shipped_models_are_measured(store: RunStore) -> None:
    at = page()
    assert not at.exception and "Measure now" not in [button.label for button in at.button]
    found = pieces(at)
    [headline] = found.of("h2")
    assert headline.startswith("The paper is neither right nor wrong") and "of 10" not in headline
    assert "The VAE's digits are more legible and freer of specks; the GAN's are sharper" in headline
    said = " ".join(words for _, words in found.words)
    assert "A GAN (Paper preset, 50 epochs, seed 0) and a VAE (Paper preset, 51 epochs, seed 0), on MNIST" in said
    assert "precision and density depend on the judge." in said


def test_each_question_has_its_own_answer_and_rows(store: RunStore) -> None:
    found = pieces(page())
    assert found.of("h3") == ["Clear?", "Varied?", "As a whole?"]
    rows = [row[0] for row in found.tables[0]]
    places = [rows.index(next(row for row in rows if row.startswith(title))) for title in found.of("h3")]
    assert places == sorted(places)
    assert found.row("Legible digits higher is better")[4] == "VAE"
    assert found.row("Precision higher is better")[4] == "depends on the judge"
    assert found.row("Missing digits lower is better")[4] == "equal"
    assert found.row("Copies of training digits")[1] == "0 (at most 0.002)"
    assert found.row("Fréchet distance lower is better")[4:] == [
        "GAN", "significant, z\u00a0=\u00a024", "5 of 5 judges, pixels and gradients (HOG)",
    ]  # fmt: skip


def test_the_range_over_the_judges_stands_below_a_figure(store: RunStore) -> None:
    assert pieces(page()).row("Fréchet distance")[1] == "6.83\u00a0±\u00a00.42 judges 5.25 to 9.84"


def test_every_judge_and_space_has_a_column(store: RunStore) -> None:
    found = pieces(page())
    assert found.tables[1][0] == [
        "Measure", "Convnet 0", "Convnet 1", "Convnet 2", "LeNet 0", "LeNet 1", "pixels", "gradients (HOG)",
    ]  # fmt: skip
    assert found.row("Precision", 1)[6].startswith("GAN 0.868")
    assert [len(row) for row in found.tables[2]] == [4, 4, 4], "three pairs of judges say what is legible"


def test_the_lesson_names_what_the_judges_disagree_on(store: RunStore) -> None:
    said = words(page()).replace("\\", "")
    assert "A measure is an opinion." in said
    assert "Precision: the GAN by Convnet 0, Convnet 1, Convnet 2 and LeNet 1; the VAE by pixels" in said
    assert "Coverage: every judge sees the GAN ahead, only pixels the VAE." in said


def test_the_histogram_shows_every_digit_of_both_models_and_of_people(store: RunStore) -> None:
    [digits, *_] = charts(page())
    assert [trace["name"] for trace in digits["data"]] == ["GAN", "VAE", "real digits"]
    assert [sum(trace["y"]) for trace in digits["data"][:2]] == pytest.approx([1, 1])
    assert "GAN: none missing; KL from the data's 0.04" in words(page())


def test_missing_digits_are_named(store: RunStore) -> None:
    [shipped] = [
        verdict
        for path in (SHIPPED / "verdicts").iterdir()
        if (verdict := json.loads(path.read_text("utf-8")))["model"] == "paper-gan"
    ]
    verdict = there(kept_verdict(shipped["key"], "mnist"))
    said = _digits_words(type(verdict)(**{**vars(verdict), "missing": (3, 7)}), "GAN")
    assert without_terms(said).startswith("GAN: missing 3, 7; KL")


def test_models_not_measured_are_told_with_how_long_it_takes(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    both = [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]
    at = page(gan=both[0].id, vae=both[1].id)
    assert "Not measured yet: GAN and VAE. It takes about two minutes" in words(at)
    assert [button.label for button in at.button] == ["Measure now"]


def test_one_that_is_measured_is_said_to_be(store: RunStore, trained: Callable[..., Run], vae: VaeConfig) -> None:
    only = trained(vae.replace(dataset="mnist", classes=(), epochs=1, limit=100))
    said = words(page(gan="paper-gan", vae=only.id))
    assert "Not measured yet: VAE. The GAN is measured already." in said


def test_a_verdict_by_other_judges_is_measured_anew(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    both = [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]
    (home() / "verdicts").mkdir()
    for run in both:
        folder = there(catalog.open_catalog().find(run.id)).folder
        (home() / "verdicts" / f"{FORMAT - 1}-{file_key(folder.weights(1))}-0123456789abcdef-10000-0.json").write_text(
            "{}"
        )
    at = page(gan=both[0].id, vae=both[1].id)
    assert "Measured by an earlier version or by other judges, so the figures no longer compare: GAN and VAE." in words(
        at
    )
    assert labels(at) == ["Measure now"]


def test_where_nothing_can_be_kept_nothing_is_offered_to_be_measured(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    both = [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]
    (home() / "verdicts").write_text("in the way")
    at = page(gan=both[0].id, vae=both[1].id)
    assert f"Not measured yet: GAN and VAE. Results cannot be saved in {home()}: " in words(at).replace("\\", "")
    assert not at.button and not at.exception


def test_a_file_in_the_homes_place_is_a_sentence_on_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("GENCMP_HOME", str(tmp_path / "file"))
    catalog.open_catalog.cache_clear()
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
    [told] = at.error
    assert "is a file, wanted a folder. Set GENCMP" in told.value.replace("\\", "") and not at.exception


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [("1", "digits", "1 digit"), ("1", "classes", "1 class"), ("1 ± 2", "classes", "1\u00a0±\u00a02 classes"), ("2", "digits", "2 digits"),
     ("1", "nats", "1 nats"), ("1", "share", "1")],
)  # fmt: skip
def test_a_figure_has_its_unit(value: str, unit: str, shown: str) -> None:
    assert with_unit(value, unit) == shown


def test_the_likelihood_is_explained_with_the_count_that_was_used(store: RunStore) -> None:
    found = pieces(page())
    [row] = [row for table in found.tables for row in table if row[0] == "ELBO (IWAE bound, k = 1)"]
    assert row[1].startswith("Of 500 test digits")


def test_published_figures_name_their_data_and_judge(store: RunStore) -> None:
    [rows] = [table for table in pieces(page()).tables if "Comparable with ours?" in table[0]]
    assert rows[0][2:4] == ["Data", "Judge"] and all(len(row) == 6 and all(row) for row in rows)
    [fid] = [row for row in rows if "FID" in row[0]]
    assert "at its authors' default setting: 16.6 ± 0.4" in fid[1] and fid[3].startswith("Inception")


def test_the_study_of_seeds_says_of_which_data_it_is(store: RunStore) -> None:
    assert "One mark per seed of the paper preset on MNIST" in words(page())


def test_a_judge_who_must_be_trained_first_is_told(
    store: RunStore, trained: Callable[..., Run], digits_folder: Path, gan: GanConfig, vae: VaeConfig
) -> None:
    """Of a folder of own pictures that nobody has measured."""
    both = [trained(config.replace(dataset=str(digits_folder))) for config in (gan, vae)]
    at = page(gan=both[0].id, vae=both[1].id)
    assert (
        "five judges, classifiers in whose features distances are measured, must be trained first: about 9 to 17 minutes"
        in words(at)
    )


# Measuring, as the store knows of it


@pytest.fixture
def unmeasured(store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig) -> list[Run]:
    return [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[RunStore]:
    """How often a worker was asked for; none is started."""
    asked: list[RunStore] = []
    monkeypatch.setattr("gencmp.ui.verdict.measuring.start_worker", asked.append)
    monkeypatch.setattr("gencmp.runs.launcher.start_worker", asked.append)
    return asked


def page_of(runs: Any) -> AppTest:
    return page(gan=runs[0].id, vae=runs[1].id)


def bars(at: AppTest) -> list[tuple[int, str]]:
    return [(bar.proto.value, bar.proto.text.replace("\\", "")) for bar in at.get("progress")]


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def test_measure_now_queues_what_is_not_measured_and_asks_for_a_worker(
    store: RunStore, unmeasured: list[Run], workers: list[RunStore]
) -> None:
    at = page_of(unmeasured)
    [button] = at.button
    button.click().run()
    job = there(store.evaluations.of([unmeasured[0].id]))
    assert (job.state, job.count) == ("queued", 10_000)
    assert dict(job.models) == {run.id: 1 for run in unmeasured} and workers
    assert bars(at) == [(0, "Waiting for a worker, about 5 s")] and labels(at) == ["Stop"]


def test_a_second_browser_and_a_reload_see_the_same_bar(
    store: RunStore, unmeasured: list[Run], workers: list[RunStore]
) -> None:
    store.evaluations.add([(run.id, 1) for run in unmeasured], 10_000)
    store.evaluations.tell(there(store.evaluations.claim()), 0.02, "vae: Parzen window")
    first, second = page_of(unmeasured), page_of(unmeasured)
    assert bars(first) == bars(second) == [(2, "vae: Parzen window")]
    assert not workers, "one is at work"


def test_the_address_names_the_two_so_that_a_reload_finds_its_bar(
    unmeasured: list[Run], workers: list[RunStore]
) -> None:
    at = page_of(unmeasured)
    at.button[0].click().run()
    again = AppTest.from_file(str(ROOT / "pages" / "verdict.py"), default_timeout=30)
    again.query_params["runs"] = at.query_params["runs"]
    assert bars(again.run()) == bars(at) != []


def test_stop_asks_the_worker_and_says_so(store: RunStore, unmeasured: list[Run], workers: list[RunStore]) -> None:
    store.evaluations.add([(run.id, 1) for run in unmeasured], 10_000)
    job = there(store.evaluations.claim())
    at = page_of(unmeasured)
    [stop] = at.button
    stop.click().run()
    assert store.evaluations.get(job.id).wants_stop
    assert bars(at) == [(0, "Stopping; completed measurements are saved")] and at.button[0].disabled


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("failed", "Measuring failed. No room."),
        ("lost", "Measuring was interrupted. Its worker"),
        ("stopped", "Measuring was stopped."),
    ],
)
def test_how_it_ended_is_said_and_it_can_be_started_again(
    store: RunStore,
    unmeasured: list[Run],
    workers: list[RunStore],
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    said: str,
) -> None:
    store.evaluations.add([(run.id, 1) for run in unmeasured], 10_000)
    job = there(store.evaluations.claim())
    if state == "lost":
        monkeypatch.setattr(store.evaluations, "_clock", lambda: there(job.heartbeat) + 60)
    else:
        store.evaluations.end(job, state, "No room." if state == "failed" else "")
    at = page_of(unmeasured)
    assert any(each.value.startswith(said) for each in (*at.error, *at.info)) and bars(at) == []
    assert labels(at) == ["Measure now"]
    at.button[0].click().run()
    assert there(store.evaluations.of([unmeasured[0].id])).state == "queued" and labels(at) == ["Stop"]


def test_a_job_that_waits_without_a_worker_gets_one(
    store: RunStore, unmeasured: list[Run], workers: list[RunStore]
) -> None:
    store.evaluations.add([(run.id, 1) for run in unmeasured], 10_000)
    page_of(unmeasured)
    assert workers


def test_another_pair_with_one_of_the_models_sees_its_progress_too(
    store: RunStore, unmeasured: list[Run], workers: list[RunStore]
) -> None:
    store.evaluations.add([(unmeasured[0].id, 1)], 10_000)
    store.evaluations.tell(there(store.evaluations.claim()), 0.02, "gan: Parzen window")
    assert bars(page_of(unmeasured)) == [(2, "gan: Parzen window")]
