"""What a student's browser is shown: every page, and none of the teacher's buttons or secrets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from gencmp.files import ROOT
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui.catalog import open_votes
from gencmp.ui.rights.guard import RULES
from gencmp.ui.rights.rules import ClassRules
from gencmp.ui.rights.visitor import Visitor

STUDENT = Visitor("10.0.0.8", False, browser="b1")
TEACHERS = {"Start", "Stop", "Pause", "Continue", "Resume", "Delete", "Rename", "More epochs", "Measure now", "Open a round", "Demo round",
    "Repeat with another seed", "Go on from an epoch", "Roll back", "Race up to four", "Change settings", "Host this round"}  # fmt: skip


@pytest.fixture
def student(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("gencmp.ui.rights.session.visitor", lambda: STUDENT)
    open_votes.cache_clear()
    yield
    open_votes.cache_clear()


@pytest.fixture
def stored(store_of_pages: RunStore, gan: GanConfig, vae: VaeConfig, digits_folder: Path) -> list[Run]:
    runs = [store_of_pages.create(gan), store_of_pages.create(vae.replace(dataset=str(digits_folder)))]
    store_of_pages.set_state(runs[1].id, "failed", f"{digits_folder}/train cannot be read")
    return runs


def page(name: str, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    for key, value in query.items():
        at.query_params[key] = value
    return at.run()


def shown(at: AppTest) -> str:
    words = [*at.markdown, *at.caption, *at.error, *at.info, *at.text_input]
    return " ".join(str(each.value) for each in words)


@pytest.mark.parametrize("name", ["home", "train", "explore", "compare", "verdict", "runs", "vote", "paper"])
def test_every_page_is_there_without_the_teachers_buttons(
    stored: list[Run], student: None, digits_folder: Path, name: str
) -> None:
    at = page(name, runs=",".join(run.id for run in stored))
    assert not at.exception
    assert not TEACHERS & {button.label for button in at.button}
    assert str(digits_folder.parent) not in shown(at)


def test_the_settings_of_a_run_have_its_folders_name_only(
    trained: Callable[..., Run], store_of_pages: RunStore, vae: VaeConfig, digits_folder: Path, student: None
) -> None:
    run = store_of_pages.create(vae.replace(dataset=str(digits_folder)))
    at = page("train", runs=run.id)
    assert not at.exception and str(digits_folder.parent) not in shown(at)


def test_where_students_may_train_they_have_the_form_but_no_pictures_of_their_own(
    store_of_pages: RunStore, student: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    RunStore.set_setting(store_of_pages, RULES, ClassRules(may_train=True).to_json())
    at = page("train", dataset="own")
    assert "Start" in {button.label for button in at.button} and "Race up to four" not in {
        each.label for each in at.button
    }
    assert "Own pictures are brought in by the teacher" in shown(at)
    assert not [field for field in at.text_input if field.label == "Or a folder"]


def test_a_signed_in_teacher_learns_nothing_of_other_folders(
    store_of_pages: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether they exist or not, the words are the same."""
    elsewhere = Visitor("10.0.0.9", False)
    monkeypatch.setattr("gencmp.ui.rights.session.visitor", lambda: elsewhere)
    monkeypatch.setattr("gencmp.ui.rights.session.sign_in", lambda: _Knows())
    words = []
    for folder in (tmp_path, tmp_path / "absent"):
        at = page("train", dataset="own")
        at.session_state["rights.token"] = "known"
        at.run()
        next(each for each in at.text_input if each.label == "Or a folder").set_value(str(folder)).run()
        words.append(shown(at).replace(str(folder), ""))
    assert "named at the start" in words[0] and words[0] == words[1]


class _Knows:
    def knows(self, token: str) -> bool:
        return token == "known"


def test_a_dialog_that_was_asked_for_stays_open_when_the_page_is_drawn_again(student: None) -> None:
    def header() -> None:
        from gencmp.ui.rights.corner import corner

        corner()

    at = AppTest.from_function(header, default_timeout=30).run()
    assert [each.key for each in at.text_input] == []
    at.button(key="rights.open").click().run()
    assert at.text_input(key="rights.typed")
    at.run()  # as when a part of the page that was still loading reports
    assert at.text_input(key="rights.typed")
