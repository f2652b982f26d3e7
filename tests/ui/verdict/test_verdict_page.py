"""The Verdict page: what it says of the shipped models, and of models that have not been measured."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.evaluation.comparison import spread
from gencmp.evaluation.measures import Measure
from gencmp.evaluation.verdicts import kept_verdict
from gencmp.files import ROOT, SHIPPED, home
from gencmp.ui import catalog
from gencmp.ui.verdict.measuring import progress_of
from gencmp.ui.verdict.seeds import _spread_words
from gencmp.ui.verdict.tables import _digits_words, _with_unit


@pytest.fixture
def store():
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


def charts(at: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def test_the_shipped_models_are_measured(store):
    at = page()
    assert not at.exception and "Measure now" not in [button.label for button in at.button]
    assert any("by 9 of 10 the GAN's digits" in heading.value for heading in at.subheader)
    table = at.table[0].value
    assert table.loc["Missing digits", "Better"] == "equal"
    assert table.loc["Copies of training digits", "GAN"] == "0 (at most 0.002)"
    assert table.loc["Sharpness", "Real digits"].endswith(" 1/pixel")


def test_the_histogram_shows_every_digit_of_both_models_and_of_people(store):
    [digits, *_] = charts(page())
    assert [trace["name"] for trace in digits["data"]] == ["GAN", "VAE", "real digits"]
    assert [sum(trace["y"]) for trace in digits["data"][:2]] == pytest.approx([1, 1])
    assert "GAN: none missing; KL to the data's 0.042" in words(page())


def test_missing_digits_are_named(store):
    [shipped] = [
        verdict
        for path in (SHIPPED / "verdicts").iterdir()
        if (verdict := json.loads(path.read_text("utf-8")))["model"] == "paper-gan"
    ]
    verdict = kept_verdict(shipped["key"], "mnist")
    assert _digits_words(type(verdict)(**{**vars(verdict), "missing": (3, 7)}), "GAN").startswith(
        "GAN: missing 3, 7; KL"
    )


def test_seeds_are_compared_with_a_single_ones_error(store):
    """Computed from the study's own figures, by the same rule."""
    at = page()
    runs = json.loads((SHIPPED / "study.json").read_text("utf-8"))["runs"]
    found = [
        Measure(**each)
        for run in runs
        for each in run["verdict"]["measures"]
        if run["config"]["kind"] == "gan" and each["name"] == "frechet"
    ]
    assert spread(found).words("GAN") in words(at)
    assert "By the 10 measures that decide, the GAN's fan out in" in words(at)
    seeds = charts(at)[2]
    assert seeds["layout"]["annotations"][0]["text"] == "real digits"
    assert len(seeds["data"][0]["x"]) == len(found)


def test_a_measure_of_one_model_alone_speaks_of_it_alone(store):
    runs = json.loads((SHIPPED / "study.json").read_text("utf-8"))["runs"]
    told = _spread_words(runs, "elbo")
    assert told.startswith("VAE seeds") and "GAN seeds" not in told


def test_models_not_measured_are_told_with_how_long_it_takes(store, trained, gan, vae):
    both = [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]
    at = page(gan=both[0].id, vae=both[1].id)
    assert "Not measured yet: GAN and VAE. It takes about a minute" in words(at)
    assert [button.label for button in at.button] == ["Measure now"]


def test_where_nothing_can_be_kept_nothing_is_offered_to_be_measured(store, trained, gan, vae):
    both = [trained(config.replace(dataset="mnist", epochs=1, limit=100), name=config.kind) for config in (gan, vae)]
    (home() / "verdicts").write_text("in the way")
    at = page(gan=both[0].id, vae=both[1].id)
    assert f"Not measured yet: GAN and VAE, and not here. {home()} cannot keep what is measured: " in words(at).replace(
        "\\", ""
    )
    assert not at.button and not at.exception


def test_a_file_in_the_homes_place_is_a_sentence_on_the_page(tmp_path, monkeypatch):
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
def test_a_figure_has_its_unit(value, unit, shown):
    assert _with_unit(value, unit) == shown


def test_the_study_of_seeds_says_of_which_data_it_is(store):
    assert "One mark a seed of the paper's preset on MNIST" in words(page())


def test_a_judge_who_must_be_trained_first_is_told(store, trained, digits_folder, gan, vae):
    """Of a folder of own pictures that nobody has measured."""
    both = [trained(config.replace(dataset=str(digits_folder))) for config in (gan, vae)]
    at = page(gan=both[0].id, vae=both[1].id)
    assert "must be trained first: 5 to 10 minutes" in words(at)


@pytest.mark.parametrize(
    ("line", "seconds", "share", "said"),
    [
        ("", 1, 0.0, "Starting, about 5 s"),
        ("Traceback", 1, 0.0, "Starting, about 5 s"),
        ("  1% mine: reading", 3, 0.01, "mine: reading"),
        (" 50% mine: 50% of it", 30, 0.5, "mine: 50% of it · about 30 s left"),
        (" 10% mine: judge", 60, 0.1, "mine: judge · about 9 minutes left"),
        ("100% Done", 60, 1.0, "Done · about 10 s left"),
    ],
)
def test_progress_is_read_from_the_log(line, seconds, share, said):
    assert progress_of(line, seconds) == (share, said)
