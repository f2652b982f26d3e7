"""The user's own data on the Train page, without a browser: what is told before Start, and what is asked before a resume."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from drawn import cross, draw_classes, draw_flat
from streamlit.testing.v1 import AppTest

from gencmp.data.fingerprint import fingerprint
from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.runs.worker import work
from gencmp.settings.configs import VaeConfig
from gencmp.ui import catalog
from gencmp.ui.data_words import data_words
from gencmp.ui.train import contact_sheet


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Pages queue runs here; nobody trains them but the test."""
    for module in ("gencmp.ui.watch", "gencmp.runs.launcher"):
        monkeypatch.setattr(f"{module}.start_worker", lambda store: None)
    catalog.open_catalog.cache_clear()
    contact_sheet.forget_inspections()
    yield
    catalog.open_catalog.cache_clear()


@pytest.fixture
def store(no_workers: None) -> RunStore:
    return catalog.open_catalog().store


def page(name: str = "train", **address: Any) -> Any:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=30)
    for key, value in address.items():
        at.query_params[key] = value
    return at.run()


def choose(folder: Any) -> Any:
    at = page()
    at.selectbox(key="dataset").select("own").run()
    return at.text_input(key="own.folder").set_value(str(folder)).run()


def words(at: Any) -> Any:
    return " ".join(str(each.value) for each in (*at.markdown, *at.caption, *at.warning, *at.error)).replace("\\", "")


def classes_of(at: Any) -> Any:
    [field] = at.multiselect
    return field


def test_nothing_starts_before_a_folder_is_chosen(store: RunStore) -> None:
    at = page()
    at.selectbox(key="dataset").select("own").run()
    assert not at.exception and at.button(key="start").disabled
    assert "Choose pictures, or type the full path of a folder." in words(at)
    assert "fix " not in words(at)


def test_a_folder_is_told_and_trained_on(store: RunStore, tmp_path: Path) -> None:
    draw_classes(tmp_path / "letters", "ABC", each=5)
    at = choose(tmp_path / "letters")
    assert not at.exception
    assert "15 pictures, 3 classes" in words(at) and "Test set: 2 pictures, one in 7" in words(at)
    at.button(key="start").click().run()
    assert {run.config["dataset"] for run in store.queries.all()} == {str((tmp_path / "letters").resolve())}


def test_the_classes_are_chosen_by_their_names(store: RunStore, tmp_path: Path) -> None:
    draw_classes(tmp_path, ("3", "8"), each=5)
    at = choose(tmp_path)
    assert classes_of(at).options == ["3", "8"]
    classes_of(at).select("8").run()
    at.button(key="start").click().run()
    assert {tuple(run.config["classes"]) for run in store.queries.all()} == {(8,)}


def test_without_labels_no_class_can_be_chosen(store: RunStore, tmp_path: Path) -> None:
    draw_flat(tmp_path / "flat", range(9))
    at = choose(tmp_path / "flat")
    assert "9 pictures, no labels" in words(at)
    assert classes_of(at).disabled and classes_of(at).placeholder == "no labels"
    assert not at.button(key="start").disabled


@pytest.mark.parametrize(("dataset", "name"), [("mnist", "7"), ("fashion-mnist", "Sneaker"), ("kmnist", "ya")])
def test_known_data_sets_have_their_own_names(store: RunStore, dataset: str, name: str) -> None:
    at = page()
    at.selectbox(key="dataset").select(dataset).run()
    assert classes_of(at).options[7] == name


def test_shifted_digits_are_explained_where_they_are_chosen(store: RunStore) -> None:
    at = page()
    assert "moved once, at random" not in words(at)
    at.selectbox(key="dataset").select("mnist-shifted").run()
    assert "moved once, at random, by up to 4 pixels" in words(at) and classes_of(at).options[7] == "7"


def test_what_cannot_be_read_is_left_out_on_one_click(store: RunStore, tmp_path: Path) -> None:
    draw_classes(tmp_path, "0123456789")
    for name in ("6/1.png", "7/0.png"):
        (tmp_path / name).write_bytes(b"<html>")
    at = choose(tmp_path)
    assert "Left out: 2 cannot be read (6/1.png, 7/0.png)." in words(at)
    assert at.button(key="start").disabled
    [box] = [each for each in at.checkbox if each.label == "Leave out these 2 pictures"]
    box.check().run()
    assert not at.button(key="start").disabled


def test_a_picture_mended_in_its_place_is_seen_on_a_second_look(store: RunStore, tmp_path: Path) -> None:
    draw_classes(tmp_path, "0123456789")
    (tmp_path / "6" / "1.png").write_bytes(b"")
    at = choose(tmp_path)
    assert "19 pictures" in words(at)
    cross(99).save(tmp_path / "6" / "1.png")
    at.button(key="own.again").click().run()
    assert "20 pictures, 10 classes" in words(at) and not at.button(key="start").disabled


def test_a_folder_is_not_read_again_at_every_click(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw_classes(tmp_path, "0123456789")
    at = choose(tmp_path)
    monkeypatch.setattr(contact_sheet, "read_within", lambda *_: pytest.fail("read again"))
    at.number_input(key="seed.0").set_value(7).run()
    assert not at.exception and "20 pictures, 10 classes" in words(at)


@pytest.mark.parametrize("name", ["", "none"])
def test_a_folder_of_nothing_is_told_in_its_place(store: RunStore, tmp_path: Path, name: str) -> None:
    at = choose(tmp_path / name)
    assert not at.exception and at.button(key="start").disabled
    assert ("Folder not found" if name else "holds 0 pictures; wanted at least 7") in words(at)


def test_a_folders_name_stays_words(store: RunStore, tmp_path: Path) -> None:
    draw_classes(tmp_path / "[x](y)", ("<b>bold", "*star*"), each=5)
    at = choose(tmp_path / "[x](y)")
    sheet = next(each.proto.body for each in at.get("html") if "gc-own" in each.proto.body)
    assert "&lt;b&gt;bold" in sheet and "<b>" not in sheet


# The words of a run's data


@pytest.mark.parametrize(
    ("dataset", "chosen", "classes", "wanted"),
    [
        ("mnist", [], (), "MNIST"),
        ("mnist", [3, 8], (), "MNIST, digits 3 8"),
        ("mnist-shifted", [3], (), "Shifted MNIST, digits 3"),
        ("fashion-mnist", [0, 7], (), "Fashion-MNIST, classes T-shirt/top, Sneaker"),
        ("/home/me/animals", [0, 2], ("cat", "dog", "emu"), "animals, classes cat, emu"),
        ("/home/me/animals", [5], (), "animals, digits 5"),
        ("/home/me/data/own-0123456789ab", [], (), "own pictures"),
    ],
)
def test_a_runs_data_in_a_few_words(dataset: str, chosen: Any, classes: Any, wanted: str) -> None:
    assert data_words({"dataset": dataset, "limit": 0, "classes": chosen}, classes) == wanted


# Resuming


@pytest.fixture
def stopped(store: RunStore, vae: VaeConfig, tmp_path: Path) -> Run:
    """A stopped run, an epoch trained, whose folder has changed since."""
    draw_classes(tmp_path / "mine", "0123456789")
    run = store.create(vae.replace(dataset=str(tmp_path / "mine"), epochs=1, seed=5), name="own")
    assert work(store) == 1
    store.set_state(run.id, "stopped")
    cross(99).save(tmp_path / "mine" / "1" / "more.png")
    return store.queries.get(run.id)


def test_resuming_on_changed_pictures_asks_first(store: RunStore, stopped: Run) -> None:
    at = page(runs=stopped.id)
    at.button(key="bar.Resume").click().run()
    assert not at.exception
    assert "were added, removed, renamed or overwritten since this run was trained on them" in words(at)
    assert store.queries.get(stopped.id).state == "stopped"


def asked(runs, pressed):  # type: ignore[no-untyped-def]  # AppTest runs this source alone, where no type is known
    """A page that asks about these runs until a button was pressed; `pressed` is what the buttons did."""
    from gencmp.ui.changed_data import ask

    if not pressed:
        ask(runs, resume=lambda: pressed.append("resume"), start_new=lambda: pressed.append("start new"))


def own_run(run: Any, name: Any, folder: Any, epoch: Any) -> Any:
    return Run.from_dict(
        run.to_dict() | {"name": name, "epoch": epoch, "config": run.config | {"dataset": folder, "epochs": 40}}
    )


@pytest.mark.parametrize(
    ("names", "told", "anew"),
    [
        (
            ["*own*"],
            "Pictures in cats_1 were added, removed, renamed or overwritten since this run was trained",
            "Start a new run on the changed pictures",
        ),
        (
            ["one", "two"],
            "Pictures in cats_1 were added, removed, renamed or overwritten since these runs were",
            "Start 2 new runs on the changed pictures",
        ),
    ],
)
def test_the_question_says_which_runs_and_how_far_they_are(
    store: RunStore, vae: VaeConfig, names: Any, told: str, anew: str
) -> None:
    run = store.create(vae)
    runs = [own_run(run, name, "/home/me/cats_1", 7 + place) for place, name in enumerate(names)]
    at = AppTest.from_function(asked, args=(runs, [])).run()
    assert not at.exception
    assert told in words(at) and words(at).endswith("trained on them.")
    assert at.text[0].value.split("\n") == [
        f"{name}: trained up to epoch {7 + place} of 40" for place, name in enumerate(names)
    ]
    assert at.button(key="changed.anew").label == anew
    assert at.button(key="changed.on").label == "Resume with the changed pictures"


def test_the_question_names_each_folder_once(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    runs = [
        own_run(run, name, f"/home/me/{folder}", 1) for name, folder in (("a", "cats"), ("b", "dogs"), ("c", "cats"))
    ]
    assert "Pictures in cats, dogs were added" in words(AppTest.from_function(asked, args=(runs, [])).run())


@pytest.mark.parametrize(("key", "called"), [("changed.anew", "start new"), ("changed.on", "resume")])
def test_each_button_of_the_question_does_what_it_says_and_the_question_goes(
    store: RunStore, vae: VaeConfig, key: str, called: str
) -> None:
    pressed: list[str] = []
    at = AppTest.from_function(asked, args=([store.create(vae)], pressed)).run()
    assert pressed == []
    at.button(key=key).click().run()
    assert not at.exception and pressed == [called]
    assert not at.button  # the page was drawn anew, without the question


def test_a_new_run_with_the_same_settings_is_one_answer(
    store: RunStore, stopped: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.ui.watch.ask", lambda runs, resume, start_new: start_new())
    at = page(runs=stopped.id)
    at.button(key="bar.Resume").click().run()
    new, old = store.queries.all()
    assert (new.state, dict(new.config)) == ("queued", dict(old.config)) and old.state == "stopped"
    assert at.query_params["runs"] in (new.id, [new.id])


def test_going_on_with_them_is_the_other_and_is_recorded(
    store: RunStore, stopped: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.ui.watch.ask", lambda runs, resume, start_new: resume())
    at = page(runs=stopped.id)
    at.button(key="bar.Resume").click().run()
    run = store.queries.get(stopped.id)
    assert (run.state, run.data["changed_after_epoch"]) == ("queued", "1")
    assert run.data["fingerprint"] == fingerprint(run.config["dataset"])
    assert work(store) == 1 and store.queries.get(stopped.id).state == "finished"


def test_unchanged_pictures_are_gone_on_with_without_a_question(store: RunStore, stopped: Run) -> None:
    store.accept_data(stopped.id, fingerprint(stopped.config["dataset"]))
    page(runs=stopped.id).button(key="bar.Resume").click().run()
    assert store.queries.get(stopped.id).state == "queued"
