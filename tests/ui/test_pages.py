"""Every page without a browser, with an empty store and with a full one: no exception, and the right words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from there import there

from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings import paper
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.settings.presets import preset
from gencmp.ui import catalog, frame, server, watch
from gencmp.ui.runs import actions
from gencmp.ui.train import fill

PAGES = ("home", "learn", "train", "compare", "verdict", "runs", "vote", "paper")


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RunStore]]:
    """Pages queue runs here; nobody trains them."""
    started: list[RunStore] = []
    for module in ("gencmp.ui.watch", "gencmp.ui.go_on", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", started.append)
    catalog.open_catalog.cache_clear()
    yield started
    catalog.open_catalog.cache_clear()


@pytest.fixture
def store(no_workers: list[RunStore]) -> RunStore:
    """The pages' own: with the real clock, or every live run would look lost."""
    return catalog.open_catalog().store


def page(name: str, **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30)
    for key, value in address.items():
        at.query_params[key] = value
    return at.run()


def parts(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(component.proto.json) for component in at.get("bidi_component")]


def words(at: AppTest) -> str:
    return " ".join(str(each.value) for each in (*at.markdown, *at.caption, *at.warning, *at.error, *at.info))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_an_empty_store(name: Any, store: RunStore) -> None:
    at = page(name)
    assert not at.exception
    assert len(at.title) == 1


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_with_a_full_store(
    name: Any, store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    runs = [trained(gan, name="<script>alert(1)</script>"), trained(vae, name="[a](http://b)"), store.create(gan)]
    at = page(name, runs=",".join(run.id for run in runs)) if name == "train" else page(name)
    assert not at.exception
    assert not at.error


def test_the_frame_opens_and_names_the_pages(store: RunStore) -> None:
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30).run()
    assert not at.exception
    assert at.title[0].value == "Which model makes better digits?"


def test_home_compares_the_shipped_models(store: RunStore) -> None:
    [home] = parts(page("home"))
    assert home["models"] == {"gan": {"id": "paper-gan", "epoch": 50}, "vae": {"id": "paper-vae", "epoch": 51}}
    assert home["captions"]["gan"]["facts"] == "[epoch] 50"
    assert home["captions"]["gan"]["distance"].startswith("[Fréchet distance] 6.8")
    assert home["captions"]["gan"]["distance"].endswith("(lower\N{NO-BREAK SPACE}is\N{NO-BREAK SPACE}better)")
    assert "The paper is neither right nor wrong: which digits are clearer depends on what counts." in home["verdict"]


def test_a_run_that_has_a_shipped_models_name_does_not_take_its_place(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae, name="mine")
    with store.database.transaction() as db:  # as early versions let it
        db.execute("UPDATE runs SET name = 'paper-gan' WHERE id = ?", (run.id,))
    [home] = parts(page("home"))
    assert home["models"]["gan"] == {"id": "paper-gan", "epoch": 50}
    routes = TestClient(Starlette(routes=server.routes()))
    facts = [routes.get(f"/gencmp/kept/{name}").json() for name in (home["models"]["gan"]["id"], run.id)]
    assert [(each["kind"], each["shipped"]) for each in facts] == [("gan", True), ("vae", False)]


def test_train_shows_the_shipped_models_before_anything_is_trained(store: RunStore) -> None:
    at = page("train")
    assert "No runs yet. Press Start" in words(at)
    assert [part["model"] for part in parts(at)] == ["paper-gan", "paper-vae"]


def test_start_queues_both_and_puts_them_into_the_address(store: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    at = page("train")
    at.button(key="start").click().run()
    runs = store.queries.all()
    assert {(run.kind, run.preset, run.state) for run in runs} == {
        ("gan", "paper", "queued"),
        ("vae", "paper", "queued"),
    }
    assert set("".join(at.query_params["runs"]).split(",")) == {run.id for run in runs}
    assert {part["model"] for part in parts(at)} == {run.id for run in runs}


def test_a_preset_and_settings_reach_the_run(store: RunStore) -> None:
    at = page("train")
    at.selectbox(key="preset.both").select("quick").run()
    at.number_input(key="seed.0").set_value(7)
    at.button(key="start").click().run()
    assert {run.config["seed"] for run in store.queries.all()} == {7}
    assert {run.preset for run in store.queries.all()} == {"quick"}


def test_a_mistake_is_told_at_its_field_and_start_waits(store: RunStore) -> None:
    at = page("train")
    at.text_input(key="gan.paper.generator_widths").set_value("128 wide").run()
    assert at.button(key="start").disabled
    assert "Layers of G: found '128 wide', wanted whole numbers" in words(at)


def test_convolutional_networks_have_no_widths_to_choose_and_dense_ones_have(store: RunStore) -> None:
    at = page("train")
    at.text_input(key="gan.paper.generator_widths").set_value("64 32").run()
    at.selectbox(key="gan.paper.network").select("conv").run()
    assert "gan.paper.generator_widths" not in {field.key for field in at.text_input}
    assert "vae.paper.encoder_widths" in {field.key for field in at.text_input}
    assert "Convolutional networks have sizes of their own" in words(at)
    at.button(key="start").click().run()
    networks = {run.kind: (run.config["network"], run.preset) for run in store.queries.all()}
    assert networks == {"gan": ("conv", "own"), "vae": ("dense", "paper")}


def test_the_convolutional_preset_can_be_made_dense_again(store: RunStore) -> None:
    at = page("train")
    at.selectbox(key="preset.both").select("convolutional").run()
    at.selectbox(key="gan.convolutional.network").select("dense").run()
    at.text_input(key="gan.convolutional.discriminator_widths").set_value("64 32").run()
    at.button(key="start").click().run()
    configs = {run.kind: run.config for run in store.queries.all()}
    assert configs["gan"]["discriminator_widths"] == [64, 32] and configs["gan"]["network"] == "dense"
    assert configs["vae"]["network"] == "conv"


@pytest.mark.parametrize(("key", "value"), [("epochs.50 and 51", 0), ("gan.paper.generator_dropout", 1.0)])
def test_a_number_out_of_range_is_told_and_not_replaced_in_silence(store: RunStore, key: str, value: float) -> None:
    at = page("train")
    at.number_input(key=key).set_value(value).run()
    assert at.button(key="start").disabled
    assert "wanted" in words(at)


def test_the_buttons_reach_the_run(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    store.claim(run.id)
    store.set_state(run.id, "running")
    at = page("train", runs=run.id)
    at.button(key="bar.Pause").click().run()
    assert store.take_commands(run.id) == ["pause"]
    at.button(key="bar.Stop").click().run()
    assert store.take_commands(run.id) == ["stop"]


def test_where_one_run_is_paused_and_one_trains_either_can_be_asked(
    store: RunStore, gan: GanConfig, vae: VaeConfig
) -> None:
    runs = [store.create(gan), store.create(vae)]
    for run, state in zip(runs, ("running", "paused"), strict=True):
        store.claim(run.id)
        store.set_state(run.id, state)
    at = page("train", runs=",".join(run.id for run in runs))
    at.button(key="bar.Continue").click().run()
    at.button(key="bar.Pause").click().run()
    assert [store.take_commands(run.id) for run in runs] == [["pause"], ["go on"]]


def test_runs_that_have_ended_offer_nothing_for_live_ones(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    store.set_state(run.id, "stopped")
    at = page("train", runs=run.id)
    keys = {each.key for each in at.button}
    assert "bar.Resume" in keys and not keys & {"bar.Pause", "bar.Stop", "bar.Continue"}


def test_a_stopped_run_is_resumed_and_another_seed_is_a_new_run(
    store: RunStore, gan: GanConfig, no_workers: list[RunStore]
) -> None:
    run = store.create(gan.replace(seed=4))
    store.set_state(run.id, "stopped")
    at = page("train", runs=run.id)
    at.button(key="bar.Resume").click().run()
    assert store.queries.get(run.id).state == "queued"
    assert no_workers
    at.button(key="bar.Repeat with another seed").click().run()
    assert sorted(each.config["seed"] for each in store.queries.all()) == [4, 5]


def test_a_finished_run_is_given_more_epochs(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, no_workers: list[RunStore]
) -> None:
    run = trained(gan)
    at = page("train", runs=run.id)
    assert at.number_input(key=f"more.{run.id}").value == 6
    at.number_input(key=f"more.{run.id}").set_value(5)
    at.button(key="more.start").click().run()
    assert (store.queries.get(run.id).state, store.queries.get(run.id).epochs) == ("queued", 5)
    assert no_workers and not at.exception


def test_a_run_that_has_diverged_begins_again_with_a_lower_rate(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig, no_workers: list[RunStore]
) -> None:
    run = trained(vae, name="lr")
    store.set_state(
        run.id, "failed", "At epoch 4, step 19, kl is nan: the training has diverged. Lower the learning rate."
    )
    at = page("train", runs=run.id)
    assert at.number_input(key="again.learning_rate").value == pytest.approx(1e-4)
    assert "starts from epoch 3, the last that was kept, with the same settings except these" in words(at)
    at.button(key="again.start").click().run()
    assert "has no epochs left after epoch 3 of 3" in words(at)  # it had come to its end
    store.queries.folder(run.id).weights(3).unlink()
    at = page("train", runs=run.id)
    at.button(key="again.start").click().run()
    again = there(store.queries.find("lr from epoch 2"))
    assert (again.config["learning_rate"], again.origin["epoch"], again.state) == (pytest.approx(1e-4), 2, "queued")
    assert no_workers


def test_start_makes_no_run_for_a_device_that_is_not_there(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, no_workers: list[RunStore]
) -> None:
    sentence = "This machine has no device cuda. Choose auto, or one of: cpu."
    monkeypatch.setattr("gencmp.runs.device_probe.device_trouble", lambda name: sentence if name == "cuda" else "")
    at = page("train")
    at.selectbox(key="gan.paper.device").select("cuda").run()
    at.button(key="start").click().run()
    assert sentence in words(at) and store.queries.all() == [] and not no_workers


def test_an_address_with_an_unknown_run_says_so(store: RunStore) -> None:
    at = page("train", runs="nobody")
    assert "A run in this page's address was not found" in words(at)
    assert not at.exception


def test_live_runs_are_found_without_an_address(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    at = page("train")
    assert [part["model"] for part in parts(at)] == [run.id, "paper-gan"], "a single run beside a healthy one"


def test_the_paper_page_reads_the_architecture_from_the_modules(store: RunStore) -> None:
    at = page("paper")
    assert not at.dataframe  # nothing is built before it is asked for
    at.session_state["modules.gan"] = True  # as opening the fold does
    at.run()
    table = at.dataframe[0].value
    totals = table[table["Layer"] == "total"].set_index("Network")["Parameters"].to_dict()
    assert totals == {"generator": 579_728, "discriminator": 566_273}


def test_each_claim_of_the_paper_leads_to_where_it_can_be_tried(store: RunStore) -> None:
    at = page("paper")
    links = [(link.proto.label, link.proto.page) for link in at.get("page_link")]
    assert len(links) == 12 + sum(len(claim.doors) for claim in paper.CLAIMS)
    assert {page for _, page in links} == {"learn", "train", "explore", "compare", "verdict", "vote"}


@pytest.mark.parametrize(
    "door", [door for claim in paper.CLAIMS for door in claim.doors if door.page == "train" and door.query]
)
def test_a_claims_settings_are_those_that_the_train_page_reads(door: paper.Door) -> None:
    asked = fill.fill_of_address(door.query)
    assert asked.mistakes == () and list(asked.presets) == [door.query["models"]]
    assert fill.address_of_form(asked.presets, asked.configs) == dict(door.query)


def test_the_papers_rows_are_a_table_and_a_list_that_unfolds(store: RunStore) -> None:
    bodies = [each.proto.body for each in page("paper").get("html") if "gencmp-rows" in each.proto.body]
    for body, rows in zip(bodies, (paper.GAN, paper.VAE), strict=True):
        assert body.count("<tr>") == len(rows) + 1 and body.count("<details>") == len(rows)
        assert "[-1, 1]" in bodies[0] and "z ~ N(0, I)" in bodies[1]
    assert bodies[0].count("<span>as the code</span>") == 8 and bodies[1].count("<span>as the text</span>") == 1


def test_no_traceback_reaches_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    monkeypatch.setattr(st, "error", lambda words, **_: shown.append(words))
    assert frame.apologise(ValueError("secret path"))
    assert "secret" not in shown[0]
    assert "Reload the page" in shown[0]


def test_a_users_words_stay_words_in_markdown() -> None:
    assert frame.plain("[x](http://y) *z*") == r"\[x\]\(http\://y\) \*z\*"


def test_the_pages_start_without_torch() -> None:
    pages = "gencmp.ui.watch, gencmp.ui.train.settings_form, gencmp.ui.home.comparison, gencmp.ui.runs.table"
    script = f"import sys, dashboard, {pages}; print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip().endswith("False")


def test_the_address_of_runs_is_their_ids(store: RunStore, gan: GanConfig, vae: VaeConfig) -> None:
    first, second = store.create(gan), store.create(vae)
    assert watch.address_of([first, second]) == f"{first.id},{second.id}"


# Runs


def test_runs_says_what_train_says(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan, "paper")
    store.set_state(run.id, "running")
    at = page("runs")
    row = at.dataframe[0].value.set_index("Name").loc["GAN Paper 1"]
    assert (row["State"], row["Epoch"]) == ("training", "1 of 3")
    at.text_input(key="runs.find").set_value("training").run()
    assert list(at.dataframe[0].value["Name"]) == ["GAN Paper 1"]


def test_an_overlay_keeps_each_models_colours_and_tells_runs_apart_without_them() -> None:
    assert not set(actions.SHADES["gan"]) & set(actions.SHADES["vae"])
    assert actions.SHADES["vae"][0] == "#0072B2"
    looks = [actions.look("gan", i) for i in range(16)]
    assert len(set(looks)) == 16


# Train's settings in the address


def address(at: AppTest) -> dict[str, str]:
    return {name: "".join(value) for name, value in at.query_params.items()}


def test_a_link_opens_the_form_so_and_start_takes_it(store: RunStore) -> None:
    at = page("train", models="gan", preset="strong-discriminator", epochs="2", presenter="1")
    at.button(key="start").click().run()
    [run] = store.queries.all()
    assert (run.kind, run.preset, run.name) == ("gan", "own", "GAN D too strong 1")
    assert (run.config["epochs"], run.config["discriminator_steps"]) == (2, 5)
    assert address(at) == {"presenter": "1", "runs": run.id}, "the run beside the form says the rest"


def test_what_is_chosen_goes_into_the_address(store: RunStore) -> None:
    at = page("train")
    assert address(at) == {}
    at.selectbox(key="preset.both").select("quick").run()
    at.number_input(key="epochs.16 and 10").set_value(3).run()
    assert address(at) == {"models": "both", "preset": "quick", "epochs": "3"}
    at.number_input(key="epochs.16 and 10").set_value(-3).run()
    assert address(at) == {"models": "both", "preset": "quick", "epochs": "3"}, "a mistake is not shared"


def test_a_bad_address_is_told_and_the_form_still_opens(store: RunStore) -> None:
    at = page("train", preset="perfect", epochs="lots", seed="5")
    assert not at.exception and not at.button(key="start").disabled
    assert "gan has no preset 'perfect'" in words(at) and "found 'lots', wanted a whole number" in words(at)
    at.button(key="start").click().run()
    assert {run.config["seed"] for run in store.queries.all()} == {5}


def test_the_form_beside_a_run_shows_its_settings(store: RunStore) -> None:
    run = store.create(preset("gan", "relu").config.replace(seed=4, epochs=6), "relu")
    at = page("train", runs=run.id)
    assert at.segmented_control[0].value == "GAN"
    assert at.selectbox[0].value == "relu"
    assert [each.value for each in at.number_input][:2] == [6, 4]
    assert set(address(at)) == {"runs"}
    assert "A new GAN waits until the one before it has ended" in words(at)
    at.number_input[0].set_value(7).run()
    assert address(at) == {"runs": run.id, "models": "gan", "preset": "relu", "epochs": "7", "seed": "4"}
    assert parts(at)[0]["model"] == run.id


# The thread of a lesson


@pytest.fixture
def pair(store: RunStore, trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig) -> list[Run]:
    """A GAN and a VAE that have finished."""
    return [trained(gan, name="my gan"), trained(vae, name="my vae")]


def links(at: AppTest) -> dict[str, str]:
    """Page -> query of the links on a page."""
    return {link.proto.page: link.proto.query_string for link in at.get("page_link")}


def test_a_finished_pair_leads_on_with_itself(pair: list[Run]) -> None:
    gan, vae = (run.id for run in pair)
    at = page("train")
    assert address(at) == {"runs": f"{gan},{vae}"}, "the runs just made"
    found = {name: parse_qs(query) for name, query in links(at).items()}
    assert found == {
        "explore": {"gan": [gan], "vae": [vae]},
        "compare": {"columns": [f"{gan}@3,{vae}@3"]},
        "verdict": {"runs": [f"{gan},{vae}"]},
        "vote": {"runs": [f"{gan},{vae}"]},
    }


def test_a_single_model_leads_on_beside_a_shipped_one(store: RunStore, pair: list[Run]) -> None:
    at = page("train", runs=pair[0].id)
    assert [part["model"] for part in parts(at)] == [pair[0].id, "paper-gan"]
    assert parse_qs(links(at)["explore"]) == {"gan": [pair[0].id], "vae": ["paper-vae"]}
    assert parse_qs(links(at)["compare"]) == {"columns": [f"{pair[0].id}@3,paper-gan@50"]}


def test_other_data_lead_nowhere_that_would_refuse_them(
    store: RunStore, trained: Callable[..., Run], vae: VaeConfig
) -> None:
    run = trained(vae.replace(classes=(3, 8)))
    assert set(links(page("train", runs=run.id))) == {"explore", "compare"}


def test_a_run_that_is_not_over_leads_nowhere(store: RunStore, pair: list[Run]) -> None:
    store.requeue(store_stopped(store, pair[0]).id)
    assert links(page("train", runs=f"{pair[0].id},{pair[1].id}")) == {}


def store_stopped(store: RunStore, run: Run) -> Run:
    store.set_state(run.id, "stopped")
    return run


def test_a_card_says_which_run_it_is(store: RunStore) -> None:
    config = preset("gan", "strong-discriminator").config.replace(seed=4, epochs=2)
    store.create(config, "own")
    [run, healthy] = parts(page("train"))
    assert run["about"] == "preset D too strong, changed, seed 4, MNIST, 20,000 images"
    assert (run["role"], healthy["role"]) == ("", "For comparison")


def test_verdict_and_vote_open_with_the_newest_pair_and_the_way_to_the_shipped_one(pair: list[Run]) -> None:
    gan, vae = pair
    verdict = page("verdict")
    assert [verdict.selectbox(key=f"verdict.{kind}").value for kind in ("gan", "vae")] == [gan.id, vae.id]
    assert "Your newest pair: my gan and my vae." in words(verdict)
    assert links(verdict) == {"verdict": "runs=paper-gan%2Cpaper-vae"}
    assert address(verdict) == {"runs": f"{gan.id},{vae.id}"}
    verdict.query_params["runs"] = "paper-gan,paper-vae"
    verdict.run()
    assert [verdict.selectbox(key=f"verdict.{kind}").value for kind in ("gan", "vae")] == ["paper-gan", "paper-vae"]
    assert "newest pair" not in words(verdict)
    verdict.selectbox(key="verdict.gan").select(gan.id).run()
    assert address(verdict) == {"runs": f"{gan.id},paper-vae"}


def test_what_an_address_asks_of_the_verdict_in_vain_is_told(store: RunStore) -> None:
    verdict = page("verdict", runs="nobody,<script>,,")
    assert not verdict.exception
    assert "A model in this page's address was not found." in words(verdict)
    assert "was not found" not in words(page("verdict", runs="paper-gan,paper-vae"))
    assert [each.value for each in verdict.selectbox][:2] == ["paper-gan", "paper-vae"]


def test_explore_and_compare_are_told_the_newest_pair(pair: list[Run]) -> None:
    for name in ("explore", "compare"):
        [found] = parts(page(name))
        assert found["pair"] == {
            "gan": pair[0].id,
            "vae": pair[1].id,
            "words": "Your newest pair: my gan and my vae.",
        }


def test_without_a_pair_of_its_own_a_store_opens_with_the_shipped_models(store: RunStore) -> None:
    assert "pair" not in parts(page("explore"))[0]
    assert [each.value for each in page("verdict").selectbox][:2] == ["paper-gan", "paper-vae"]


def test_a_link_to_settings_is_not_answered_with_a_run_that_has_ended(store: RunStore, pair: list[Run]) -> None:
    at = page("train", preset="strong-discriminator")
    assert address(at) == {"models": "gan", "preset": "strong-discriminator"}
    assert [part["model"] for part in parts(at)] == ["paper-gan", "paper-vae"]
    at.segmented_control[0].select("Both").run()
    assert address(at) == {"models": "both", "preset": "paper"}, "the form stays as it was set"
    assert [part["model"] for part in parts(at)] == ["paper-gan", "paper-vae"]


def test_a_changed_preset_is_still_the_runs_preset(store: RunStore) -> None:
    at = page("train", preset="quick", limit="3000", epochs="2")
    at.button(key="start").click().run()
    assert [run.name for run in store.queries.all()] == ["VAE Quick 1", "GAN Quick 1"]
    assert {part["about"].split(",")[0] for part in parts(at)} == {"preset Quick"}
    at.button(key="bar.Repeat with another seed").click().run()
    assert [run.name for run in store.queries.newest(2)] == ["VAE Quick 2", "GAN Quick 2"]


def test_what_start_would_do_is_told_anew_when_the_run_before_it_has_ended(store: RunStore, gan: GanConfig) -> None:
    run = store.create(gan)
    at = page("train")
    assert "A new GAN waits" in words(at)
    store.set_state(run.id, "finished")
    at.run()
    assert "A new GAN waits" not in words(at)
