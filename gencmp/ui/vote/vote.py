"""The vote page: who sees what, and the student's side. The way in is vote_open.py, the teacher's side vote_host.py.

Who is who is told by the browser's token: the browser that opened a round hosts it, and so does one that came with
the host link or took the round up on the computer that runs the dashboard; all others vote.
"""

from __future__ import annotations

from contextlib import suppress
from hmac import compare_digest

import streamlit as st

from gencmp.errors import RoundNotFound, VoteError
from gencmp.ui.frame import plain
from gencmp.ui.vote.host import host
from gencmp.ui.vote.parts import draw, in_order, own_digits, own_words, question_data, result_data, still_there, votes
from gencmp.ui.vote.rounds import offer_to_host
from gencmp.ui.vote.way_in import join_form, way_in
from gencmp.voting.questions import PAIR, SINGLE, sides
from gencmp.voting.store import CLOSED, OPEN, REVEALED, Round, is_token

TOKEN = "vote.token"
EVERY = 3  # seconds between a waiting voter's looks at the round's state
LOOK = """<style>
[data-testid="stMainBlockContainer"] { max-width: 1120px; }
.gencmp-code { font-size: clamp(3.6rem, 9vw, 7rem); font-weight: 650; letter-spacing: .14em; line-height: 1; }
.st-key-vote-strip { min-height: 92px; }
</style>"""


def show() -> None:
    """The page that the address asks for: `?round=CODE`, or the way in."""
    st.html(LOOK)
    voter = browser_token()
    code = st.query_params.get("round", "")
    if not code:
        way_in(voter)
    elif not voter:
        st.caption("One moment: this page is finding out whether you have been here before.")
    else:
        _round(code, voter)


def _round(code: str, voter: str) -> None:
    try:
        the_round = votes().get(code)
    except RoundNotFound as error:
        st.title("No such round")
        st.error(plain(str(error)), icon=":material/search_off:")
        join_form()
        return
    _come_as_host(the_round, voter)
    if votes().is_host(the_round, voter):
        host(the_round)
    else:
        take_part(the_round, voter)


def _come_as_host(the_round: Round, voter: str) -> None:
    """With `&host=KEY` in the address, which is taken out again: a class may see this screen."""
    told = st.query_params.pop("host", "")
    if compare_digest(told.encode(), the_round.host_key.encode()):
        votes().add_host(the_round.code, voter)
    elif told:
        st.warning("This is not the round's host link. Copy it whole, or vote.", icon=":material/key_off:")


def browser_token() -> str:
    """The token that this browser keeps, as the component tells it; "" until it has."""
    draw("token", TOKEN, {"known": st.session_state.get("voter", "")}, on_token_change=_remember)
    return str(st.session_state.get("voter", ""))


def _remember() -> None:
    told = st.session_state.get(TOKEN, {}).get("token")
    if is_token(told):
        st.session_state["voter"] = told


# The student


def take_part(the_round: Round, voter: str) -> None:
    """The next question, or what there is to say; looks again by itself until the reveal."""
    if the_round.demo and the_round.state != REVEALED:
        text = "Its voters are simulated, so nobody else can vote here. The result is shown after the reveal."
        draw("words", f"vote.words.{the_round.code}", {"title": "A demo round", "text": text, "rows": []})
        offer_to_host(the_round.code, voter)
        return
    votes().join(the_round.code, voter)
    waiting = the_round.state != REVEALED
    st.fragment(_stage, run_every=EVERY if waiting else None)(the_round.code, voter, the_round.state)
    offer_to_host(the_round.code, voter)


def _stage(code: str, voter: str, drawn_in: str) -> None:
    """drawn_in: the state in which the page was drawn; when it has become "revealed", looking again ends."""
    the_round = still_there(code)
    if the_round.state == REVEALED and drawn_in != REVEALED:
        st.rerun()
    if the_round.state == OPEN:
        _ask(the_round, voter)
    elif the_round.state == CLOSED:
        _wait(the_round, voter, "The round is closed", "It takes no more answers.")
    else:
        data = result_data(the_round, "What the class said", own_words(the_round, voter))
        draw("result", f"vote.result.{code}", data)


def _ask(the_round: Round, voter: str) -> None:
    """The first question without an answer in this voter's order; when there is none, thanks."""
    questions, given = in_order(the_round, voter), votes().answers(the_round.code, voter)
    left = [question for question in questions if question.number not in given]
    if not left:
        _wait(the_round, voter, "Thanks, that was all", f"Your {len(questions)} answers are in.")
        return
    data = question_data(the_round, left[0], voter, len(questions) - len(left) + 1, len(questions))
    key = f"vote.ask.{the_round.code}"

    def pressed() -> None:  # pressed twice at the last question, the second press finds the part gone from the page
        take_answer(the_round.code, voter, st.session_state.get(key, {}).get("answer"))

    draw("question", key, data, on_answer_change=pressed)


def take_answer(code: str, voter: str, told: object) -> None:
    """Store what the browser sent, if it is an answer; anything else is passed over. The first answer stays."""
    from_browser = told if isinstance(told, dict) else {}
    number, choice = from_browser.get("number"), from_browser.get("choice")
    if type(number) is not int or not isinstance(choice, str):
        return
    with suppress(VoteError):  # closed or deleted since the question was drawn: the page, drawn anew, says so
        the_round = votes().get(code)
        if the_round.demo:
            return
        kinds = {question.number: question.kind for question in votes().questions(code)}
        votes().vote(code, voter, number, _meant(the_round, kinds.get(number, ""), number, voter, choice))


def _meant(the_round: Round, kind: str, number: int, voter: str, choice: str) -> str:
    """ "left" or "right" as the model whose set this voter saw there."""
    if kind == PAIR and choice in ("left", "right"):
        return sides(the_round.seed, number, voter)[choice == "right"]
    return choice if kind == SINGLE else ""


def _wait(the_round: Round, voter: str, title: str, text: str) -> None:
    """Until the reveal: what the voter has said, and no word of what is true."""
    after = "The result appears here as soon as your teacher reveals it; keep this page open."
    data = {"title": title, "text": f"{text} {after}", "rows": own_digits(the_round, voter)}
    draw("words", f"vote.words.{the_round.code}", data)
