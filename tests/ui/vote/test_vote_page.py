"""The vote page without a browser: the way in, the teacher's side, the student's, and what a student is not told."""

from __future__ import annotations

import io
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient
from vote_pages import STUDENT, TEACHER, address, answer_all, forget_stores, new_round, page, part, words

from gencmp.errors import ConfigError, VoteError
from gencmp.files import ROOT
from gencmp.graphics.sheets import grid
from gencmp.runs.catalog import Catalog
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.ui import catalog
from gencmp.ui.catalog import open_votes
from gencmp.ui.phones import link as phones
from gencmp.ui.phones import token
from gencmp.ui.vote import host, opening, parts, vote, way_in
from gencmp.ui.vote.steps import news
from gencmp.voting.questions import PAIR, SINGLE
from gencmp.voting.store import Round


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    forget_stores()
    yield
    forget_stores()


@pytest.fixture
def opened() -> Round:
    """A round of the shipped models, 8 questions."""
    return new_round()


def reveal_all(the_round: Round) -> None:
    """To the result."""
    open_votes().close(the_round.code)
    open_votes().reveal(the_round.code)
    open_votes().finish(the_round.code)


def pixels(address: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(b64decode(address.partition(",")[2]))))


# The way in


def test_the_way_in_waits_for_the_browsers_token() -> None:
    at = page()
    assert not at.exception
    assert at.title[0].value == "Can you tell which digits are real?"
    assert not at.button
    assert not page(TEACHER).button(key="vote.open").disabled


def test_without_models_there_is_a_sentence_and_no_button(
    monkeypatch: pytest.MonkeyPatch, store: RunStore, tmp_path: Path
) -> None:
    monkeypatch.setattr(way_in, "open_catalog", lambda: Catalog(store, tmp_path / "none shipped"))
    at = page(TEACHER)
    assert "No GAN has finished an epoch yet. Train one first." in words(at)
    assert at.button(key="vote.open").disabled


def test_a_round_is_opened_and_found_again() -> None:
    at = page(TEACHER)
    at.button(key="vote.open").click().run()
    code = address(at)
    assert [q.kind for q in open_votes().questions(code)].count(PAIR) == 4
    assert part(at, "turnout")["voters"] == 0
    at = page(TEACHER)
    at.button(key=f"vote.own.{code}").click().run()
    assert address(at) == code


@pytest.mark.parametrize("typed", ["c7fk", " C7-FK "])
def test_a_typed_code_becomes_the_address(typed: str) -> None:
    at = page(STUDENT)
    at.text_input(key="join.code").set_value(typed)
    at.button[0].click().run()
    assert address(at) == "C7FK"
    assert at.title[0].value == "No such round"


def test_an_unknown_code_stays_words() -> None:
    at = page(STUDENT, "<b>[x](http://y)")
    assert not at.exception
    assert at.title[0].value == "No such round"
    assert "](" not in at.error[0].value
    assert at.text_input(key="join.code")


def test_models_of_different_digits_cannot_be_compared(
    trained: Callable[..., Run], gan: GanConfig, vae: VaeConfig
) -> None:
    one, other = trained(gan.replace(classes=(0, 1))), trained(vae)
    with pytest.raises(VoteError, match="were trained on different digits"):
        opening.new_round(TEACHER, catalog.open_catalog().find(one.id), catalog.open_catalog().find(other.id), 8, 1)


def test_a_count_that_cannot_be_is_told() -> None:
    with pytest.raises(ConfigError, match="wanted 4 to 40"):
        new_round(count=2)


# The teacher


def test_the_teacher_closes_then_reveals(opened: Round) -> None:
    answer_all(opened.code, STUDENT)
    open_votes().join(opened.code, "c" * 32)  # came, and said nothing
    at = page(TEACHER, opened.code)
    assert "Voting is open" in words(at)
    assert part(at, "turnout") | {"voters": 2, "done": 1, "answers": 8, "wanted": 16} == part(at, "turnout")
    assert part(at, "result") == {}  # the class sees this screen
    at.toggle(key=f"vote.peek.{opened.code}").set_value(True).run()
    assert part(at, "result")["preference"]["gan"] == 2
    at.button(key="vote.close").click().run()
    assert "Voting is closed" in words(at)
    at.button(key="vote.reveal").click().run()
    assert open_votes().get(opened.code).state == "revealing"
    shown = part(at, "reveal")
    assert shown["leads"] and len(shown["steps"]) == 2 * 6 + 1
    host.turn_to(opened.code, len(shown["steps"]))
    at = page(TEACHER, opened.code)
    assert part(at, "result")["title"] == "What 1 voter said"
    at.button(key="vote.again").click().run()
    assert len(part(at, "reveal")["steps"]) == 13


def test_where_nobody_voted_there_is_no_picture_to_reveal(opened: Round) -> None:
    open_votes().close(opened.code)
    at = page(TEACHER, opened.code)
    at.button(key="vote.reveal").click().run()
    assert open_votes().get(opened.code).state == "revealed"
    assert part(at, "result")["sentences"] == ["No single digit has been judged yet."]


def test_after_the_reveal_another_round_is_offered_and_the_voters_are_asked_to_join(opened: Round) -> None:
    reveal_all(opened)
    at = page(TEACHER, opened.code)
    at.button(key="vote.another").click().run()
    code = address(at)
    assert code != opened.code and open_votes().is_host(open_votes().get(code), TEACHER)
    assert len(open_votes().questions(code)) == 8 and open_votes().get(code).state == "open"
    before, after = (open_votes().questions(each)[0].pictures for each in (opened.code, code))
    assert not np.array_equal(before, after)
    assert part(page(STUDENT, opened.code), "result")["next"] == code
    at = page(TEACHER, opened.code)
    at.button(key="vote.next").click().run()
    assert address(at) == code


def test_a_step_hides_the_truth_until_its_own_turn_and_percentages_add_up(opened: Round) -> None:
    for place in range(8):
        voter = f"{place:032x}"
        for question in (q for q in open_votes().questions(opened.code) if q.kind == SINGLE):
            open_votes().vote(opened.code, voter, question.number, "real" if place < 3 else "generated")
    open_votes().close(opened.code)
    open_votes().reveal(opened.code)
    told = [news(open_votes().get(opened.code), known=-1)["shown"]]
    for step in range(1, 13):
        open_votes().turn_to(opened.code, step)
        told.append(news(open_votes().get(opened.code), known=step - 1)["shown"])
    assert all(each["source"] == "" and each["fooled"] == 0 for each in told[:12:2])
    assert [each["source"] for each in told[1:12:2]] == [
        q.source for q in open_votes().questions(opened.code) if q.kind == SINGLE
    ]
    assert all(each["percent"] == {"real": 38, "generated": 62} for each in told[:12])
    assert told[12]["generated"]["fooled"] == 3 and told[12]["real"]["fooled"] == 5
    assert news(open_votes().get(opened.code), known=12)["shown"] is None


@pytest.mark.parametrize("state", ["open", "closed", "revealed"])
def test_who_follows_a_round_is_told_no_picture_but_in_the_reveal(
    opened: Round, client: TestClient, state: str
) -> None:
    answer_all(opened.code, STUDENT)
    store = open_votes()
    if state != "open":
        store.close(opened.code)
    if state == "revealed":
        store.reveal(opened.code)
        store.finish(opened.code)
    told = client.get(f"/gencmp/vote/{opened.code}?step=-1").json()
    assert told == {"state": state, "step": 0, "next": "", "shown": None}


def test_who_follows_a_round_that_is_gone_gets_a_sentence(client: TestClient) -> None:
    answer = client.get("/gencmp/vote/XXXX")
    assert answer.status_code == 404 and "not found" in answer.json()["error"]


def test_a_server_for_this_computer_only_says_how_to_let_phones_in(opened: Round) -> None:
    at = page(TEACHER, opened.code)
    assert "Only this computer can open the dashboard at the moment" in words(at)
    assert "streamlit run dashboard.py --server.address 0.0.0.0" in words(at)


@pytest.mark.parametrize(
    ("address", "url", "link"),
    [
        ("localhost", "http://localhost:8501/vote", "http://localhost:8501/vote?round=C7FK"),
        ("0.0.0.0", "http://localhost:8501/vote", "http://10.0.0.7:8501/vote?round=C7FK"),
        (None, "http://127.0.0.1:8502/vote", "http://10.0.0.7:8502/vote?round=C7FK"),
        ("localhost", "https://lab.example/vote", "https://lab.example/vote?round=C7FK"),
        ("localhost", "https://hub.example/ada/proxy/1/vote", "https://hub.example/ada/proxy/1/vote?round=C7FK"),
        ("0.0.0.0", "http://localhost:8501/lab/vote", "http://10.0.0.7:8501/lab/vote?round=C7FK"),
        ("localhost", None, "http://localhost:1/vote?round=C7FK"),
        ("0.0.0.0", "http://[fe80::1]:8501/vote", "http://[fe80::1]:8501/vote?round=C7FK"),
    ],
)
def test_the_link_is_one_that_phones_can_open(
    monkeypatch: pytest.MonkeyPatch, address: Any, url: Any, link: str
) -> None:
    fake = SimpleNamespace(
        context=SimpleNamespace(url=url), get_option={"server.address": address, "server.port": 1}.get
    )
    monkeypatch.setattr(phones, "st", fake)
    monkeypatch.setattr(phones, "lan_address", lambda: "10.0.0.7")
    assert host.link_of("C7FK") == link


def test_the_qr_picture_is_dark_on_white_with_a_margin() -> None:
    picture = np.asarray(Image.open(io.BytesIO(phones.qr("http://10.0.0.7:8501/vote?round=C7FK"))).convert("L"))
    assert picture.shape[0] == picture.shape[1] and picture.shape[0] % 9 == 0
    assert (picture[:36] == 255).all() and (picture[36:45, 36:99] == 0).all()  # the margin, then a finder's edge


def test_a_demo_round_is_marked_everywhere() -> None:
    demo = new_round(demo=True)
    assert open_votes().get(demo.code).state == "revealing"  # no button is needed
    for voter in (TEACHER, STUDENT):
        assert part(page(voter, demo.code), "reveal")["demo"] is True
    vote.take_answer(demo.code, STUDENT, {"number": 1, "choice": "real"})
    assert open_votes().turnout(demo.code).voters == opening.DEMO_VOTERS
    open_votes().finish(demo.code)
    assert part(page(STUDENT, demo.code), "result")["demo"] is True


# The student


def test_a_student_follows_the_reveal_with_own_answers_and_is_sent_no_step_ahead(opened: Round) -> None:
    answer_all(opened.code, STUDENT)
    open_votes().close(opened.code)
    open_votes().reveal(opened.code)
    shown = part(page(STUDENT, opened.code), "reveal")
    assert not shown["leads"] and shown["steps"] == []
    assert [shown["given"][str(number)] for number in range(1, 7)] == ["real"] * 6


@pytest.mark.parametrize("told", [None, "", "x" * 32, "A" * 32, "a" * 31, 7, ["a"]])
def test_only_a_token_is_taken_for_one(monkeypatch: pytest.MonkeyPatch, told: Any) -> None:
    state: dict[str, Any] = {token.TOKEN: {"token": told}}
    monkeypatch.setattr(token, "st", SimpleNamespace(session_state=state))
    token._remember()
    assert "voter" not in state
    state[token.TOKEN] = {"token": STUDENT}
    token._remember()
    assert state["voter"] == STUDENT


def test_a_student_is_asked_and_told_nothing_of_sources(opened: Round) -> None:
    asked = part(page(STUDENT, opened.code), "question")
    assert set(asked) == {"part", "number", "kind", "place", "of", "pictures", "api", "statics"}
    assert (asked["place"], asked["of"], asked["kind"]) == (1, 8, SINGLE)
    assert all(picture.startswith("data:image/png;base64,") for picture in asked["pictures"])
    shown = next(q for q in open_votes().questions(opened.code) if q.number == asked["number"])
    assert np.array_equal(pixels(asked["pictures"][0]), shown.pictures[0])


def test_a_reload_goes_on_where_it_was(opened: Round) -> None:
    asked = part(page(STUDENT, opened.code), "question")
    vote.take_answer(opened.code, STUDENT, {"number": asked["number"], "choice": "real"})
    again = part(page(STUDENT, opened.code), "question")
    assert again["place"] == 2 and again["number"] != asked["number"]


def test_left_and_right_mean_what_this_voter_saw(opened: Round) -> None:
    seen = set()
    for voter in (f"{i:032x}" for i in range(8)):
        for question in (q for q in open_votes().questions(opened.code) if q.kind == PAIR):
            shown = parts.question_data(opened, question, voter, 1, 8)["pictures"]
            vote.take_answer(opened.code, voter, {"number": question.number, "choice": "left"})
            chosen = open_votes().answers(opened.code, voter)[question.number]
            assert np.array_equal(pixels(shown[0]), grid(question.pictures[("gan", "vae").index(chosen)], 3))
            seen.add(chosen)
    assert seen == {"gan", "vae"}


@pytest.mark.parametrize(
    "told",
    [None, "real", [], {"number": "1", "choice": "real"}, {"number": 1.5, "choice": "real"}, {"number": True, "choice": "real"},
     {"number": 1, "choice": "gan"}, {"number": 1, "choice": None}, {"number": 8, "choice": "vae"}, {"number": 99, "choice": "real"}],
)  # fmt: skip
def test_what_is_no_answer_is_passed_over(opened: Round, told: Any) -> None:
    vote.take_answer(opened.code, STUDENT, told)
    assert open_votes().turnout(opened.code).answers == 0


def test_an_answer_after_the_close_is_passed_over(opened: Round) -> None:
    open_votes().close(opened.code)
    vote.take_answer(opened.code, STUDENT, {"number": 1, "choice": "real"})
    assert open_votes().turnout(opened.code).answers == 0
    assert part(page(STUDENT, opened.code), "words")["title"] == "This round is closed"


def test_the_end_shows_ones_own_answers_and_no_result(opened: Round) -> None:
    answer_all(opened.code, STUDENT)
    at = page(STUDENT, opened.code)
    end = part(at, "words")
    assert end["title"] == "Thanks, you are done"
    assert [(row["label"], len(row["pictures"])) for row in end["rows"]] == [("You called real", 6)]
    assert part(at, "result") == {}


def test_after_the_reveal_everyone_sees_the_result(opened: Round) -> None:
    answer_all(opened.code, STUDENT)
    reveal_all(opened)
    told = part(page(STUDENT, opened.code), "result")
    assert (
        told["own"]["words"]
        == "You judged 3 of 6 digits correctly. In 2 pairs of sets, you preferred the GAN's twice and the VAE's never."
    )
    rows = {row["label"]: {each["source"] for each in row["pictures"]} for row in told["own"]["rows"]}
    assert rows == {"You were right: 3": {"real"}, "You were wrong: 3": {"gan", "vae"}}  # all were called real
    assert {row["source"]: row["share"] for row in told["rates"]} == {"gan": 1.0, "real": 0.0, "vae": 1.0}
    assert len(told["digits"]) == 6
    assert part(page("c" * 32, opened.code), "result")["own"] == {"words": "", "rows": []}  # one who came late


def test_no_torch_for_a_vote() -> None:
    script = """import sys
from gencmp.ui import catalog
from gencmp.ui.vote import opening, vote, way_in
gan, vae = (catalog.open_catalog().find(f"paper-{kind}") for kind in ("gan", "vae"))
opening.new_round("a" * 32, gan, vae, 16, 1)
print("torch" in sys.modules)"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
