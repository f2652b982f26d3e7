"""The Vote page and the student's side. The start page is way_in.py, the teacher's side host.py.

Browsers are identified by a token. A browser hosts a round if it opened it, used its host link, or took it over on the
computer that runs the dashboard; all others vote.
"""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from gencmp.errors import RoundNotFound, VoteError
from gencmp.ui.catalog import open_votes
from gencmp.ui.frame import plain
from gencmp.ui.phones.token import browser_token
from gencmp.ui.vote.digits import nouns_data, nouns_of_round
from gencmp.ui.vote.host import host
from gencmp.ui.vote.parts import draw, go_to, in_order, question_data, still_there
from gencmp.ui.vote.results import own_digits, own_result, result_data
from gencmp.ui.vote.rounds import offer_to_host
from gencmp.ui.vote.way_in import join_form, way_in
from gencmp.voting.questions import PAIR, SINGLE, sides
from gencmp.voting.store import CLOSED, OPEN, REVEALED, REVEALING, Round

EVERY = 3  # seconds between checks of the round's state while a voter waits
STYLE = """<style>
.gencmp-code { font-size: clamp(3.6rem, 9vw, 7rem); font-weight: 650; letter-spacing: .14em; line-height: 1; }
.st-key-vote-strip { min-height: 92px; }
</style>"""


def show() -> None:
    """Show the round in the address, `?round=CODE`, or the start page."""
    st.html(STYLE)
    voter = browser_token()
    code = st.query_params.get("round", "")
    if not code:
        way_in(voter)
    elif not voter:
        st.caption("One moment: checking whether you have joined before.")
    else:
        _round(code, voter)


def _round(code: str, voter: str) -> None:
    try:
        the_round = open_votes().get(code)
    except RoundNotFound as error:
        st.title("No such round")
        st.error(plain(str(error)), icon=":material/search_off:")
        join_form()
        return
    _accept_host_key(the_round, voter)
    if open_votes().is_host(the_round, voter):
        host(the_round, voter)
    else:
        take_part(the_round, voter)


def _accept_host_key(the_round: Round, voter: str) -> None:
    """Make the browser a host if the address has `&host=KEY`, and remove the key: the class may see this screen."""
    key = st.query_params.pop("host", "")
    if key and not open_votes().use_link(the_round.code, voter, key):
        st.warning(
            "This host link does not belong to this round, or was revoked. Copy the whole link, or join as a voter.",
            icon=":material/key_off:",
        )


# The student


def take_part(the_round: Round, voter: str) -> None:
    """The next question, or a message; updates itself until the reveal, and then follows the teacher's screen."""
    open_votes().join(the_round.code, voter)
    waiting = the_round.state in (OPEN, CLOSED)
    st.fragment(_stage, run_every=EVERY if waiting else None)(the_round.code, voter, the_round.state)
    offer_to_host(the_round.code, voter)


def _stage(code: str, voter: str, drawn_in: str) -> None:
    """drawn_in: the state in which the page was drawn. Once the reveal begins, the page reruns and stops polling."""
    the_round = still_there(code)
    if drawn_in in (OPEN, CLOSED) and the_round.state in (REVEALING, REVEALED):
        st.rerun()
    if the_round.state == OPEN:
        _ask(the_round, voter)
    elif the_round.state == CLOSED:
        _wait(the_round, voter, "This round is closed", "No more answers are accepted.")
    else:
        _follow(the_round, voter)


def _follow(the_round: Round, voter: str) -> None:
    """The reveal, then the result with this voter's own hits and misses. The browser asks how far the class is."""
    if the_round.state == REVEALING:
        nouns = nouns_data(nouns_of_round(the_round))
        given = {str(number): answer for number, answer in open_votes().answers(the_round.code, voter).items()}
        data = {"leads": False, "code": the_round.code, "demo": the_round.demo, "given": given, "steps": [], **nouns}
        draw("reveal", f"vote.reveal.{the_round.code}", data, on_changed_change=lambda: None)
        return
    more = {"own": own_result(the_round, voter), "next": the_round.next, "follows": True}
    draw(
        "result", f"vote.result.{the_round.code}", result_data(the_round, "What the class said") | more,
        on_changed_change=lambda: None, on_join_change=lambda: go_to(the_round.next),
    )  # fmt: skip
    if st.query_params.get("round") != the_round.code:  # joined the next round
        st.rerun()


def _ask(the_round: Round, voter: str) -> None:
    """The first unanswered question in this voter's order, or thanks."""
    questions, given = in_order(the_round, voter), open_votes().answers(the_round.code, voter)
    left = [question for question in questions if question.number not in given]
    if not left:
        _wait(the_round, voter, "Thanks, you are done", f"Your {len(questions)} answers have been recorded.")
        return
    data = question_data(the_round, left[0], voter, len(questions) - len(left) + 1, len(questions))
    key = f"vote.ask.{the_round.code}"

    def pressed() -> None:  # after a double press on the last question, the component's state is gone
        take_answer(the_round.code, voter, st.session_state.get(key, {}).get("answer"))

    draw("question", key, data, on_answer_change=pressed)


def take_answer(code: str, voter: str, message: object) -> None:
    """Store the browser's message if it is a valid answer, else ignore it. The first answer to a question counts."""
    from_browser = message if isinstance(message, dict) else {}
    number, choice = from_browser.get("number"), from_browser.get("choice")
    if type(number) is not int or not isinstance(choice, str):
        return
    with suppress(VoteError):  # the round was closed or deleted meanwhile: the rerun of the page says so
        the_round = open_votes().get(code)
        if the_round.demo:
            return
        kinds = {question.number: question.kind for question in open_votes().questions(code)}
        open_votes().vote(code, voter, number, _stored_answer(the_round, kinds.get(number, ""), number, voter, choice))


def _stored_answer(the_round: Round, kind: str, number: int, voter: str, choice: str) -> str:
    """Translate "left" or "right" into the model whose set this voter saw there."""
    if kind == PAIR and choice in ("left", "right"):
        return sides(the_round.seed, number, voter)[choice == "right"]
    return choice if kind == SINGLE else ""


def _wait(the_round: Round, voter: str, title: str, text: str) -> None:
    """Until the reveal: the voter's own answers, without the truth."""
    after = "Keep this page open: the result appears here when your teacher reveals it."
    data = {"title": title, "text": f"{text} {after}", "rows": own_digits(the_round, voter)}
    draw("words", f"vote.words.{the_round.code}", data)
