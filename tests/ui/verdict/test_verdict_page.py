"""The Verdict page: what it says of the shipped models, and of models that have not been measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from there import there

from gencmp.evaluation.comparison import spread
from gencmp.evaluation.measures import measure_from
from gencmp.evaluation.verdicts import kept_verdict
from gencmp.files import ROOT, SHIPPED, home
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog
from gencmp.ui.verdict.seeds import _spread_words
from gencmp.ui.verdict.tables import _digits_words, _with_unit


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
    return " ".join(str(each.value) for each in (*at.markdown, *at.caption, *at.info))


def charts(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def test_the_shipped_models_are_measured(store: RunStore) -> None:
    at = page()
    assert not at.exception and "Measure now" not in [button.label for button in at.button]
    headings = [heading.value for heading in at.subheader]
    assert any(each.startswith("The paper is neither right nor wrong") for each in headings)
    assert "of 10" not in " ".join(headings)
    said = words(at).replace("\\", "")
    assert (
        "Compared: a GAN (Paper preset, 50 epochs, seed 0) and a VAE (Paper preset, 51 epochs, seed 0), on MNIST"
        in said
    )
    assert "In precision and density it depends on the judge." in said


def test_each_question_has_its_own_answer_and_table(store: RunStore) -> None:
    at = page()
    headings = [heading.value for heading in at.subheader]
    assert [each for each in headings if each.endswith("?")][:3] == ["Clear?", "Varied?", "As a whole?"]
    clear, varied, whole = (table.value for table in at.table[:3])
    assert clear.loc["Legible digits", "Better"].startswith(":blue[**VAE**]")
    assert clear.loc["Precision", "Better"] == "depends on the judge"
    assert varied.loc["Missing digits", "Better"] == "equal"
    assert varied.loc["Copies of training digits", "GAN"] == "0 (at most 0.002)"
    assert list(whole.index) == ["Fréchet distance", "Kernel distance (KID)", "1-nearest-neighbour two-sample test"]


def test_every_judge_has_a_line(store: RunStore) -> None:
    table = next(each.value for each in page().table if "Judge or space" in each.value.columns)
    assert list(table.loc["Precision", "Judge or space"]) == [
        "Convnet 0", "Convnet 1", "Convnet 2", "LeNet 0", "LeNet 1", "pixels", "gradients (HOG)",
    ]  # fmt: skip
    assert set(table.loc["Precision", "Better"]) == {"GAN", "VAE", "not significant"}


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
    assert _digits_words(type(verdict)(**{**vars(verdict), "missing": (3, 7)}), "GAN").startswith(
        "GAN: missing 3, 7; KL"
    )


def test_seeds_are_compared_with_a_single_ones_error(store: RunStore) -> None:
    """Computed from the study's own figures, by the same rule."""
    at = page()
    runs = json.loads((SHIPPED / "study.json").read_text("utf-8"))["runs"]
    found = [
        measure_from(each)
        for run in runs
        for each in run["verdict"]["measures"]
        if run["config"]["kind"] == "gan" and each["name"] == "frechet"
    ]
    assert spread(found).words("GAN") in words(at)
    seeds = charts(at)[2]
    assert seeds["layout"]["annotations"][0]["text"] == "real digits"
    assert len(seeds["data"][0]["x"]) == len(found)


def test_a_measure_of_one_model_alone_speaks_of_it_alone(store: RunStore) -> None:
    runs = json.loads((SHIPPED / "study.json").read_text("utf-8"))["runs"]
    sentences = _spread_words(runs, "elbo")
    assert sentences.startswith("VAE seeds") and "GAN seeds" not in sentences


def test_models_not_measured_are_told_with_how_long_it_takes(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    both = [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]
    at = page(gan=both[0].id, vae=both[1].id)
    assert "Not measured yet: GAN and VAE. It takes about two minutes" in words(at)
    assert [button.label for button in at.button] == ["Measure now"]


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
    assert _with_unit(value, unit) == shown


def test_the_likelihood_is_explained_with_the_count_that_was_used(store: RunStore) -> None:
    methods = next(
        each.value for each in page().table if "Source" in each.value.columns and "How" in each.value.columns
    )
    assert methods.loc["ELBO (IWAE bound, k = 1)", "How"].startswith("Of 500 test digits")


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
