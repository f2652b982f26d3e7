"""The questions of a blind vote: which digits are shown, in which order and on which side. Imports no torch.

Everything is derived from the round's seed and, per voter, from the seed and the voter's token. A reload therefore shows
the same question again, and without the seed neither order nor side discloses what a picture is.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from gencmp.errors import ConfigError

Array = np.ndarray
SINGLE, PAIR = "single", "pair"
SOURCES = ("real", "gan", "vae")  # of a single digit
ANSWERS = {SINGLE: ("real", "generated"), PAIR: ("gan", "vae")}
SET = 12  # digits in a set: four rows of three
FEWEST, MOST = 4, 40  # questions of a round

# Made-up rates for the demo round: a simulated voter's error rate by source, and how often it prefers the VAE's set.
DEMO_ERRORS = {"real": 0.22, "gan": 0.27, "vae": 0.38}
DEMO_PREFERS_VAE = 0.62


@dataclass(frozen=True)
class Question:
    """number: from 1, in the round's order. source: "real", "gan" or "vae"; "" for a pair.

    pictures: uint8 [1, 28, 28]; for a pair [2, 12, 28, 28], the GAN's set first.
    """

    number: int
    kind: str
    source: str
    pictures: Array


def wanted(count: int) -> dict[str, int]:
    """How many digits of each source a round of `count` questions needs at most to show none twice."""
    pairs, singles = count // 4, count - count // 4
    drawn = pairs * SET + (singles - singles // 2 + 1) // 2
    return {"real": singles // 2, "gan": drawn, "vae": drawn}


def compose(pictures: Mapping[str, Array], count: int, seed: int) -> list[Question]:
    """A quarter of the questions are pairs; half of the single digits are real, as in HYPE (Zhou et al. 2019).

    pictures: of "real", "gan" and "vae", uint8 [n, 28, 28], as many as `wanted` says; none is shown twice.
    Raises ConfigError if `count` is not 4 to 40 or a source has too few pictures.
    """
    if not FEWEST <= count <= MOST:
        raise ConfigError("questions", f"Questions: found {count}, wanted {FEWEST} to {MOST}.")
    for source, least in wanted(count).items():
        if (found := len(pictures[source])) < least:
            raise ConfigError("questions", f"Pictures of {source}: found {found}, wanted at least {least}.")
    chance = random.Random(seed)
    decks = {source: _deck(images, chance) for source, images in pictures.items()}
    pairs = count // 4
    sources = _sources(count - pairs, chance)
    singles = [(SINGLE, source, next(decks[source])[None]) for source in sources]
    sets = [(PAIR, "", np.stack([_set(decks["gan"]), _set(decks["vae"])])) for _ in range(pairs)]
    return [Question(number, *parts) for number, parts in enumerate([*singles, *sets], 1)]


def _sources(count: int, chance: random.Random) -> list[str]:
    """Half real, the rest in turn from the GAN and the VAE; shuffled."""
    models = ["gan", "vae"]
    chance.shuffle(models)  # the first one gets the extra digit of an odd count
    sources = ["real"] * (count // 2) + [models[i % 2] for i in range(count - count // 2)]
    chance.shuffle(sources)
    return sources


def _deck(images: Array, chance: random.Random) -> Iterator[Array]:
    """The pictures in random order, each once."""
    order = list(range(len(images)))
    chance.shuffle(order)
    return (images[i] for i in order)


def _set(deck: Iterator[Array]) -> Array:
    return np.stack([next(deck) for _ in range(SET)])


# For one voter


def order(questions: Sequence[Question], seed: int, voter: str) -> list[Question]:
    """Single digits first, then pairs, each in an order of the voter's own, so that neighbours see different questions."""
    return sorted(questions, key=lambda q: (q.kind == PAIR, _chance(f"order:{seed}:{q.number}:{voter}")))


def sides(seed: int, number: int, voter: str) -> tuple[str, str]:
    """Which model's set is on the left and which on the right."""
    return ("gan", "vae") if _chance(f"side:{seed}:{number}:{voter}")[0] % 2 else ("vae", "gan")


def _chance(words: str) -> bytes:
    return sha256(words.encode()).digest()


# Simulated voters


def simulated(questions: Sequence[Question], voters: int, seed: int) -> Iterator[tuple[str, int, str]]:
    """(voter's token, question's number, answer) of made-up voters, for a demo round."""
    chance = random.Random(f"demo:{seed}")
    for place in range(voters):
        voter = sha256(f"demo:{seed}:{place}".encode()).hexdigest()[:32]
        for question in questions:
            yield voter, question.number, _simulated_answer(question, chance)


def _simulated_answer(question: Question, chance: random.Random) -> str:
    if question.kind == PAIR:
        return "vae" if chance.random() < DEMO_PREFERS_VAE else "gan"
    errs = chance.random() < DEMO_ERRORS[question.source]
    return "real" if (question.source == "real") != errs else "generated"
