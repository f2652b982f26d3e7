"""Opening a round: new pictures of two models, and real ones of their data."""

from __future__ import annotations

import secrets

from gencmp.data.classes import nouns_of
from gencmp.errors import VoteError
from gencmp.runs.catalog import ModelRecord
from gencmp.runs.run import class_names
from gencmp.ui.catalog import open_catalog, open_votes
from gencmp.ui.vote.digits import data_of, drawn_digits, real_digits
from gencmp.voting.questions import compose, simulated, wanted
from gencmp.voting.store import Models, Round

DEMO_VOTERS = 30


def new_round(owner: str, gan: ModelRecord, vae: ModelRecord, count: int, seed: int, demo: bool = False) -> Round:
    """Compose and store a round; in a demo, the simulated voters have already voted, and the reveal begins.

    Raises VoteError if the models were trained on different data: no real pictures would be fair to both.
    """
    if data_of(gan) != data_of(vae):
        names = f"{gan.run.name} and {vae.run.name}"
        raise VoteError(
            f"{names} were trained on different {nouns_of(class_names(gan.run)).pictures}. Choose two trained on the same data."
        )
    pictures = {"real": real_digits(gan)}
    for source, record in (("gan", gan), ("vae", vae)):
        pictures[source] = drawn_digits(record, wanted(count)[source], seed)
    questions = compose(pictures, count, seed)
    models = Models(gan.run.id, vae.run.id, gan.run.name, vae.run.name)
    the_round = open_votes().open(owner, models, questions, seed, demo)
    if demo:
        open_votes().vote_all(the_round.code, simulated(questions, DEMO_VOTERS, seed))
        open_votes().close(the_round.code)
        open_votes().reveal(the_round.code)
    return open_votes().get(the_round.code)


def another_round(before: Round, owner: str) -> Round:
    """A round of the same models and as many questions with new pictures; voters of the round before are told.

    Raises RunNotFound if a model has been deleted meanwhile.
    """
    gan, vae = (open_catalog().find(each) for each in (before.models.gan, before.models.vae))
    count = len(open_votes().questions(before.code))
    after = new_round(owner, gan, vae, count, secrets.randbits(63), before.demo)
    open_votes().follow(before.code, after.code)
    return after
