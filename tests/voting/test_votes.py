"""Rounds and votes: codes, one vote a question, late joiners, two rounds at once, a closed round, a full class."""

from __future__ import annotations

import csv
import io
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import Clock

from gencmp.errors import ConfigError, RoundClosed, RoundNotFound, StoreError, VoteError
from gencmp.voting.questions import FEWEST, MOST, PAIR, SET, SINGLE, compose, order, sides, simulated, wanted
from gencmp.voting.store import LETTERS, SCHEMA, Models, Round, VoteStore, is_token, tidy
from gencmp.voting.tally import as_csv, tally

TEACHER = "f" * 32
MODELS = Models("paper-gan", "paper-vae", "a GAN", "a VAE")


def voter(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()[:32]


@pytest.fixture(scope="module")
def pictures() -> dict[str, np.ndarray]:
    """Digits whose first pixel tells the source, and the second the place."""
    found = {}
    for mark, source in enumerate(("real", "gan", "vae"), 1):
        found[source] = np.zeros((130, 28, 28), np.uint8)
        found[source][:, 0, 0], found[source][:, 0, 1] = mark, range(130)
    return found


@pytest.fixture
def votes(tmp_path: Path, clock: Clock) -> VoteStore:
    return VoteStore(tmp_path / "home" / "votes.sqlite3", clock)


@pytest.fixture
def opened(votes: VoteStore, pictures: dict[str, np.ndarray]) -> Round:
    return votes.open(TEACHER, MODELS, compose(pictures, 8, seed=3), seed=3)


def answer_of(question: Any) -> str:
    return "real" if question.kind == SINGLE else "vae"


# Questions


def test_questions_are_the_seeds(pictures: dict[str, np.ndarray]) -> None:
    first, again, other = (compose(pictures, 16, seed) for seed in (5, 5, 6))
    assert all(
        np.array_equal(a.pictures, b.pictures) and a.source == b.source for a, b in zip(first, again, strict=True)
    )
    assert [q.source for q in first] != [q.source for q in other]


def test_half_of_the_single_digits_are_real_and_a_quarter_of_the_questions_pairs(
    pictures: dict[str, np.ndarray],
) -> None:
    questions = compose(pictures, 16, seed=1)
    sources = [q.source for q in questions if q.kind == SINGLE]
    assert {source: sources.count(source) for source in ("real", "gan", "vae")} == {"real": 6, "gan": 3, "vae": 3}
    pairs = [q.pictures for q in questions if q.kind == PAIR]
    assert [p.shape for p in pairs] == [(2, SET, 28, 28)] * 4
    assert all((p[0, :, 0, 0] == 2).all() and (p[1, :, 0, 0] == 3).all() for p in pairs)


@pytest.mark.parametrize("count", range(FEWEST, MOST + 1))
def test_no_digit_is_shown_twice(pictures: dict[str, np.ndarray], count: Any) -> None:
    """From no more pictures than are asked for."""
    few = {source: pictures[source][:needed] for source, needed in wanted(count).items()}
    shown = [digit for q in compose(few, count, seed=2) for digit in q.pictures.reshape(-1, 28, 28)]
    marks = [tuple(digit[0, :2]) for digit in shown]
    assert len(marks) == len(set(marks)) == count - count // 4 + count // 4 * 2 * SET


@pytest.mark.parametrize("count", [3, 41])
def test_a_count_out_of_range_is_told(pictures: dict[str, np.ndarray], count: int) -> None:
    with pytest.raises(ConfigError, match=f"found {count}, wanted 4 to 40"):
        compose(pictures, count, seed=1)


def test_too_few_pictures_are_told(pictures: dict[str, np.ndarray]) -> None:
    with pytest.raises(ConfigError, match="Pictures of gan: found 3, wanted at least 26"):
        compose(pictures | {"gan": pictures["gan"][:3]}, 8, seed=1)


def test_each_voter_has_an_own_order_and_own_sides_and_keeps_them(pictures: dict[str, np.ndarray]) -> None:
    questions = compose(pictures, 16, seed=1)
    orders = {tuple(q.number for q in order(questions, 1, voter(i))) for i in range(20)}
    assert len(orders) == 20
    assert all({*numbers[:12]} == {*range(1, 13)} for numbers in orders)  # single digits first
    lefts = [sides(1, 13, voter(i))[0] for i in range(400)]
    assert 150 < lefts.count("gan") < 250
    assert lefts == [sides(1, 13, voter(i))[0] for i in range(400)]


# Rounds


def test_a_round_keeps_its_questions_and_its_code_is_easy(
    votes: VoteStore, opened: Round, pictures: dict[str, np.ndarray], clock: Clock
) -> None:
    assert len(opened.code) == 4 and set(opened.code) <= set(LETTERS)
    assert not set(LETTERS) & set("0O1IL5S2Z8BUVQG")
    assert (opened.state, opened.created, opened.models, opened.demo) == ("open", clock.now, MODELS, False)
    for kept, made in zip(votes.questions(opened.code), compose(pictures, 8, seed=3), strict=True):
        assert (kept.number, kept.kind, kept.source) == (made.number, made.kind, made.source)
        assert np.array_equal(kept.pictures, made.pictures)


def test_a_code_is_found_as_people_type_it(votes: VoteStore, opened: Round) -> None:
    assert votes.get(f" {opened.code[:2].lower()}-{opened.code[2:]} ") == opened
    assert tidy("c7 fk") == "C7FK"


@pytest.mark.parametrize("code", ["", "AAAA", "'; DROP TABLE rounds; --", "<b>"])
def test_an_unknown_code_is_a_sentence(votes: VoteStore, opened: Round, code: str) -> None:
    with pytest.raises(RoundNotFound, match=r"Round .* not found"):
        votes.get(code)


def test_only_its_teacher_finds_a_round(votes: VoteStore, opened: Round) -> None:
    assert votes.hosted(TEACHER) == [opened]
    assert votes.hosted(voter(1)) == []
    assert votes.is_host(opened, TEACHER) and not votes.is_host(opened, voter(1))


def test_a_second_browser_hosts_beside_the_first(votes: VoteStore, opened: Round) -> None:
    votes.join(opened.code, voter(1))
    votes.add_host(opened.code, voter(1))
    assert votes.is_host(opened, TEACHER) and votes.is_host(opened, voter(1))
    assert votes.hosted(voter(1)) == votes.hosted(TEACHER) == [opened]
    assert votes.turnout(opened.code).voters == 0  # it had come as a voter, but answered nothing


def test_a_voter_who_leaves_to_host_leaves_the_others_numbers_alone(votes: VoteStore, opened: Round) -> None:
    for each in (1, 2):
        votes.join(opened.code, voter(each))
    votes.vote(opened.code, voter(2), 1, "real")
    votes.add_host(opened.code, voter(1))
    votes.vote(opened.code, voter(3), 1, "real")
    assert [vote.voter for vote in votes.votes(opened.code)] == [2, 3]


def test_a_host_key_is_the_rounds_own_and_tells_no_secret(
    votes: VoteStore, opened: Round, pictures: dict[str, np.ndarray]
) -> None:
    other = votes.open(TEACHER, MODELS, compose(pictures, 8, seed=4), seed=4)
    assert is_token(opened.host_key) and opened.host_key != other.host_key
    assert opened.host_key == votes.get(opened.code).host_key != opened.owner


def test_a_deleted_round_leaves_nothing_and_the_others_alone(
    votes: VoteStore, opened: Round, pictures: dict[str, np.ndarray]
) -> None:
    other = votes.open(TEACHER, MODELS, compose(pictures, 8, seed=4), seed=4)
    for code in (opened.code, other.code):
        votes.vote(code, voter(1), 1, "real")
        votes.add_host(code, voter(2))
    votes.delete(opened.code)
    with pytest.raises(RoundNotFound):
        votes.get(opened.code)
    db = sqlite3.connect(votes.database.path)
    left = {t: {r[0] for r in db.execute(f"SELECT round FROM {t}")} for t in ("questions", "voters", "votes", "hosts")}
    assert all(codes == {other.code} for codes in left.values())
    assert votes.all() == [other]


def test_a_round_goes_from_open_to_closed_to_revealed_and_never_back(votes: VoteStore, opened: Round) -> None:
    with pytest.raises(VoteError, match="still open"):
        votes.reveal(opened.code)
    votes.close(opened.code)
    votes.finish(opened.code)  # nothing to end yet
    assert votes.get(opened.code).state == "closed"
    votes.reveal(opened.code)
    assert (votes.get(opened.code).state, votes.get(opened.code).step) == ("revealing", 0)
    votes.finish(opened.code)
    votes.close(opened.code)
    votes.reveal(opened.code)
    assert votes.get(opened.code).state == "revealed"


def test_the_reveal_goes_forward_and_back_and_can_be_shown_again(votes: VoteStore, opened: Round) -> None:
    votes.turn_to(opened.code, 3)
    assert (votes.get(opened.code).state, votes.get(opened.code).step) == ("open", 0)  # no peeking
    votes.close(opened.code)
    votes.reveal(opened.code)
    for step, shown in ((3, 3), (2, 2), (-1, 0)):
        votes.turn_to(opened.code, step)
        assert votes.get(opened.code).step == shown
    votes.finish(opened.code)
    votes.turn_to(opened.code, 4)
    assert (votes.get(opened.code).state, votes.get(opened.code).step) == ("revealing", 4)


def test_rounds_of_the_first_version_are_read(tmp_path: Path) -> None:
    """A round that was open stays so; a demo needs no host any more."""
    path = tmp_path / "votes.sqlite3"
    db = sqlite3.connect(path)
    db.executescript(SCHEMA)
    for code, demo in (("AAAA", 0), ("BBBB", 1)):
        row = (code, TEACHER, "open", 1.0, "3", "a", "A", "b", "B", demo)
        db.execute("INSERT INTO rounds VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    db.commit()
    db.close()
    store = VoteStore(path)
    assert [(r.code, r.state, r.step, r.next) for r in store.all()] == [
        ("BBBB", "revealed", 0, ""), ("AAAA", "open", 0, ""),
    ]  # fmt: skip


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot hold the votes: .*file is a file, wanted a folder"):
        VoteStore(tmp_path / "file" / "votes.sqlite3")


# Votes


def test_the_first_answer_stays(votes: VoteStore, opened: Round) -> None:
    assert votes.vote(opened.code, voter(1), 1, "real")
    assert not votes.vote(opened.code, voter(1), 1, "generated")
    assert votes.answers(opened.code, voter(1)) == {1: "real"}


@pytest.mark.parametrize(("number", "answer"), [(1, "vae"), (8, "real"), (8, "left"), (99, "real"), (1, "")])
def test_only_answers_to_the_question_are_taken(votes: VoteStore, opened: Round, number: int, answer: str) -> None:
    with pytest.raises(VoteError, match="cannot be answered with"):
        votes.vote(opened.code, voter(1), number, answer)
    assert votes.turnout(opened.code).answers == 0


def test_a_closed_round_takes_no_voter_and_no_answer(votes: VoteStore, opened: Round) -> None:
    votes.vote(opened.code, voter(1), 1, "real")
    votes.close(opened.code)
    votes.join(opened.code, voter(2))
    with pytest.raises(RoundClosed, match="accepts no more answers"):
        votes.vote(opened.code, voter(1), 2, "real")
    assert (votes.turnout(opened.code).voters, votes.turnout(opened.code).answers) == (1, 1)


def test_late_joiners_and_reloads_are_counted_once(votes: VoteStore, opened: Round) -> None:
    for _ in range(3):
        votes.join(opened.code, voter(1))
    for question in votes.questions(opened.code):
        votes.vote(opened.code, voter(1), question.number, answer_of(question))
    votes.join(opened.code, voter(2))
    votes.vote(opened.code, voter(2), 8, "gan")
    assert vars(votes.turnout(opened.code)) == {"voters": 2, "done": 1, "answers": 9, "wanted": 16}
    assert [vote.voter for vote in votes.votes(opened.code)] == [1] * 8 + [2]


def test_two_rounds_at_once_do_not_meet(votes: VoteStore, opened: Round, pictures: dict[str, np.ndarray]) -> None:
    other = votes.open(TEACHER, MODELS, compose(pictures, 8, seed=4), seed=4)
    votes.vote(opened.code, voter(1), 1, "real")
    votes.vote(other.code, voter(1), 1, "generated")
    votes.close(opened.code)
    assert votes.vote(other.code, voter(1), 2, "real")
    assert votes.answers(opened.code, voter(1)) == {1: "real"}
    assert {each.code for each in votes.hosted(TEACHER)} == {opened.code, other.code}


def test_a_full_class_votes_at_once_and_nothing_is_lost(votes: VoteStore, opened: Round) -> None:
    questions = votes.questions(opened.code)

    def take_part(number: int) -> None:
        votes.join(opened.code, voter(number))
        for question in order(questions, opened.seed, voter(number)):
            votes.vote(opened.code, voter(number), question.number, answer_of(question))
            votes.vote(opened.code, voter(number), question.number, answer_of(question))  # pressed twice

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(take_part, range(60)))
    assert vars(votes.turnout(opened.code)) == {"voters": 60, "done": 60, "answers": 480, "wanted": 480}
    assert {vote.voter for vote in votes.votes(opened.code)} == set(range(1, 61))
    result = tally(votes.votes(opened.code))
    assert result.errors["gan"].share == 1 and result.errors["real"].share == 0
    assert result.preference.count == result.preference.total == 120


# What comes out


def test_the_csv_has_a_line_for_each_answer_and_no_token(votes: VoteStore, opened: Round) -> None:
    votes.vote(opened.code, voter(1), 1, "real")
    votes.vote(opened.code, voter(1), 8, "gan")
    text = as_csv(opened, votes.votes(opened.code))
    rows = list(csv.DictReader(io.StringIO(text)))
    source = votes.questions(opened.code)[0].source
    assert [(r["voter"], r["question"], r["answer"], r["wrong"]) for r in rows] == [
        ("1", "1", "real", str(int(source != "real"))), ("1", "8", "gan", ""),
    ]  # fmt: skip
    assert {(r["round"], r["voters"]) for r in rows} == {(opened.code, "people")}
    assert voter(1) not in text and TEACHER not in text


def test_a_demo_round_is_marked_and_its_voters_are_the_seeds(votes: VoteStore, pictures: dict[str, np.ndarray]) -> None:
    questions = compose(pictures, 16, seed=9)
    demo = votes.open(TEACHER, MODELS, questions, seed=9, demo=True)
    assert votes.vote_all(demo.code, simulated(questions, 30, seed=9)) == 480
    assert list(simulated(questions, 30, 9)) == list(simulated(questions, 30, 9))
    assert votes.get(demo.code).demo
    assert ",simulated," in as_csv(demo, votes.votes(demo.code))
    assert all(is_token(token) for token, _, _ in simulated(questions, 2, 9))


def test_no_name_address_or_time_of_an_answer_is_kept(votes: VoteStore, opened: Round) -> None:
    columns = {
        row[1]
        for table in ("voters", "votes")
        for row in sqlite3.connect(votes.database.path).execute(f"PRAGMA table_info({table})")
    }
    assert columns == {"round", "token", "number", "question", "voter", "answer"}


def test_a_round_takes_no_more_voters_than_any_class_has(
    votes: VoteStore, opened: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gencmp.voting.store.MOST_VOTERS", 3)
    for number in range(5):
        votes.join(opened.code, voter(number))
    assert votes.turnout(opened.code).voters == 3
    [first, *_] = votes.questions(opened.code)
    assert votes.vote(opened.code, voter(0), first.number, answer_of(first))
    with pytest.raises(VoteError, match="as many as it takes"):
        votes.vote(opened.code, voter(9), first.number, answer_of(first))


# Damaged rows


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("UPDATE rounds SET seed = 'x'", "seed is 'x'"),
        ("UPDATE rounds SET state = 'ajar'", "state is 'ajar'"),
        ("UPDATE rounds SET gan = x'00'", "gan"),
        ("UPDATE rounds SET created = 'never'", "created"),
    ],
)
def test_a_damaged_round_is_left_out_and_named(
    votes: VoteStore, opened: Round, pictures: Any, change: str, words: str
) -> None:
    whole = votes.open(TEACHER, MODELS, compose(pictures, 8, seed=4), seed=2**62 + 1)
    damage(votes, f"{change} WHERE code = '{opened.code}'")
    assert votes.all() == votes.hosted(TEACHER) == [whole]
    assert words in votes.left_out.sentences[0]
    with pytest.raises(RoundNotFound, match="is damaged"):
        votes.get(opened.code)


@pytest.mark.parametrize(
    "change",
    ["SET pictures = x'00'", "SET pictures = 'text'", "SET kind = 'triple'", "SET source = 'moon'", "SET source = ''"],
)
def test_a_damaged_question_is_left_out_and_the_others_are_asked(votes: VoteStore, opened: Round, change: str) -> None:
    damage(votes, f"UPDATE questions {change} WHERE number = 1")
    assert [question.number for question in votes.questions(opened.code)] == list(range(2, 9))
    assert len(votes.left_out.sentences) == 1


def test_a_damaged_answer_is_not_counted(votes: VoteStore, opened: Round) -> None:
    votes.join(opened.code, voter(1))
    for question in votes.questions(opened.code):
        votes.vote(opened.code, voter(1), question.number, answer_of(question))
    damage(votes, "UPDATE votes SET answer = 'maybe' WHERE question = 2")
    assert 2 not in votes.answers(opened.code, voter(1)) and len(votes.votes(opened.code)) == 7
    assert tally(votes.votes(opened.code))


def damage(votes: VoteStore, change: str) -> None:
    with votes.database.transaction() as db:
        db.execute(change)
