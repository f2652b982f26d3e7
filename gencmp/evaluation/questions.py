"""Three questions, each answered by itself: is a single picture clear, do the pictures vary, and are they right as a whole?

The measures of one question say much the same, so they are never counted as votes. An answer names the measures on either
side, and those that depend on the judge. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gencmp.data.classes import DIGITS, Nouns, data_title
from gencmp.evaluation.comparison import Row, listed
from gencmp.evaluation.judges.panel import SPACES, label_of
from gencmp.evaluation.verdicts import Verdict
from gencmp.settings.presets import is_the_papers, preset_of
from gencmp.settings.stored import config_for_use


@dataclass(frozen=True)
class Question:
    """title: "Clear?". about: what it asks, in words that take nouns. criteria: the measures that answer it."""

    name: str
    title: str
    about: str
    criteria: tuple[str, ...]


QUESTIONS = (
    Question(
        "clear", "Clear?", "Is a single {picture} like a real one: legible, sharp and without specks?",
        ("legible", "unrecognised", "confidence", "precision", "density", "edges", "blur", "specks", "pieces"),
    ),
    Question(
        "varied", "Varied?", "Do the {pictures} vary as real ones do, without copying them?",
        ("recall", "coverage", "digit_kl", "missing", "copies"),
    ),
    Question(
        "whole", "As a whole?", "Taken together, are the {pictures} distributed like real ones?",
        ("frechet", "kernel", "two_sample"),
    ),
)  # fmt: skip
ASKED = tuple(
    name for question in QUESTIONS for name in question.criteria
)  # the others detect copies, or show how a measure misleads

SHORT = {
    "legible": "legibility", "unrecognised": "{pictures} not recognised", "confidence": "the judges' confidence",
    "precision": "precision", "density": "density", "edges": "sharp edges", "blur": "blur", "specks": "specks",
    "pieces": "connected pieces", "recall": "recall", "coverage": "coverage", "digit_kl": "the histogram of {classes}",
    "missing": "missing {classes}", "copies": "copies", "frechet": "the Fréchet distance", "kernel": "the kernel distance",
    "two_sample": "the two-sample test",
}  # fmt: skip
ECHOES = {"unrecognised": "legible", "pieces": "specks"}  # nearly the same as another one, where both are named


@dataclass(frozen=True)
class Answer:
    """The answer to one question. rows: its criteria, in the question's order."""

    question: Question
    rows: tuple[Row, ...]
    nouns: Nouns = DIGITS

    def won_by(self, model: str) -> tuple[Row, ...]:
        """The criteria in which "GAN" or "VAE" leads by all judges that see a difference."""
        return tuple(row for row in self.rows if row.leader == model)

    @property
    def disputed(self) -> tuple[Row, ...]:
        """The criteria whose answer depends on the judge."""
        return tuple(row for row in self.rows if row.is_disputed)

    @property
    def dissented(self) -> tuple[Row, ...]:
        """The criteria in which only a space without a network prefers the other model."""
        return tuple(row for row in self.rows if row.dissenting)

    @property
    def better(self) -> str:
        """ "GAN" or "VAE" where it leads in some criteria and the other in none; else ""."""
        found = {row.leader for row in self.rows} - {""}
        return found.pop() if len(found) == 1 else ""

    @property
    def is_sure(self) -> bool:
        """Whether one model leads in all criteria that differ, by every judge and in every space."""
        return bool(self.better) and all(row.is_unanimous for row in self.rows if any(row.winners.values()))

    @property
    def sentence(self) -> str:
        """Which model, by which measures, and on which the judges disagree."""
        return " ".join(filter(None, (self._opening(), self._dispute())))

    @property
    def brief(self) -> str:
        """The same in one short sentence: "The VAE leads in legibility, the GAN in blur; precision depends on the judge."."""
        sides = sorted(((self.won_by(model), model) for model in ("GAN", "VAE")), key=lambda side: -len(side[0]))
        led = [
            f"the {model} {'' if i else 'leads '}in {self._named(rows)}"
            for i, (rows, model) in enumerate(sides)
            if rows
        ]
        depend = f"{self._named(self.disputed)} depend{'s' if len(self.disputed) == 1 else ''} on the judge"
        parts = filter(None, (", ".join(led), depend if self.disputed else "", self._against()))
        return _capital("; ".join(parts)) + "." if led or self.disputed else "No significant difference."

    def _against(self) -> str:
        """Where only a space without a network prefers the other model."""
        return "; ".join(each[0].lower() + each[1:-1] for each in self._dissent())

    def _opening(self) -> str:
        gan, vae, closer = self.won_by("GAN"), self.won_by("VAE"), f"{self.nouns.pictures} are closer to real ones in"
        if gan and vae:
            sides = [("GAN", gan), ("VAE", vae)]
            (first, led), (second, others) = sides if len(gan) >= len(vae) else sides[::-1]
            return f"It depends on what counts: the {first}'s {closer} {self._named(led)}, the {second}'s in {self._named(others)}."
        if self.better:
            return f"The {self.better}'s {closer} {self._named(gan or vae)}."
        return "" if self.disputed else "No significant difference."

    def _dispute(self) -> str:
        said = [f"In {self._named(self.disputed)} it depends on the judge."] if self.disputed else []
        said += self._dissent()
        if self.is_sure and any(len(row.z_scores) > 1 for row in self.rows):
            said.append("All judges and spaces agree.")
        return " ".join(said)

    def _dissent(self) -> list[str]:
        """A sentence on each space without a network in which the other model leads."""
        said = []
        for spaces in dict.fromkeys(row.dissenting for row in self.dissented):
            rows = [row for row in self.dissented if row.dissenting == spaces]
            other = "VAE" if rows[0].leader == "GAN" else "GAN"
            said.append(f"Only in {listed(list(map(label_of, spaces)))} does the {other} lead in {self._named(rows)}.")
        return said

    @property
    def sureness(self) -> str:
        """How sure the answer is: by how many judges and spaces, or who sees it differently."""
        if self.disputed:
            return " ".join(f"{_capital(self._named([row]))}: {row.sides}." for row in self.disputed)
        led = [row for row in self.rows if row.leader]
        if not led:
            return "No judge and no space sees a difference that is significant at 95 %."
        weak = [row for row in led if "" in row.winners.values()]
        if weak:
            return f"Not every judge and space finds the difference in {self._named(weak)} significant."
        most = max(led, key=lambda row: len(row.z_scores))
        return f"Each difference is significant at 95 %{_asked(most, with_spaces=not self.dissented)}."

    def short_label(self, name: str) -> str:
        """A criterion's name for a row of a picture: "Two-sample test"."""
        return _capital(SHORT[name].format(**vars(self.nouns)).removeprefix("the "))

    def _named(self, rows: Sequence[Row]) -> str:
        """The criteria in words, without those that say the same as another one."""
        names = [row.name for row in rows]
        return listed([SHORT[name].format(**vars(self.nouns)) for name in names if ECHOES.get(name) not in names])


def _asked(row: Row, with_spaces: bool) -> str:
    """How many judges were asked about a criterion, and in how many spaces it was found."""
    spaces = sum(space in SPACES for space in row.z_scores)
    judges = len(row.z_scores) - spaces
    if judges < 2:
        return ""
    return f" by all {judges} judges" + (f" and in {spaces} spaces without a network" if spaces and with_spaces else "")


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def answers(rows: Sequence[Row]) -> list[Answer]:
    """The answer to each question, by the rows that there are of its criteria; questions without any are left out."""
    known = {row.name: row for row in rows}
    nouns = rows[0].nouns if rows else DIGITS
    found = [
        Answer(question, tuple(known[name] for name in question.criteria if name in known), nouns)
        for question in QUESTIONS
    ]
    return [answer for answer in found if answer.rows]


# The headline


def compared(gan: Verdict, vae: Verdict) -> str:
    """What was compared: "a GAN (Paper preset, 50 epochs, seed 0) and a VAE (Paper preset, 51 epochs, seed 0), on MNIST"."""
    return f"a GAN ({_made(gan)}) and a VAE ({_made(vae)}), on {data_title(gan.dataset)}"


def _made(verdict: Verdict) -> str:
    """Preset, length and seed of one model; a verdict from before its settings were kept knows only the epoch."""
    length = f"{verdict.epoch} epoch{'s' if verdict.epoch != 1 else ''}"
    if not verdict.config:
        return length
    config, _ = config_for_use(verdict.config)
    if config.epochs != verdict.epoch:
        length = f"{verdict.epoch} of {config.epochs} epochs"
    found = preset_of(config)
    return f"{f'{found.label} preset' if found else 'own settings'}, {length}, seed {config.seed}"


def of_the_paper(gan: Verdict, vae: Verdict) -> bool:
    """Whether these two are the paper's experiment: its settings, data and length, by whatever seed."""
    pairs: list[tuple[Mapping[str, object], int]] = [(each.config, each.epoch) for each in (gan, vae)]
    return all(config and is_the_papers(config_for_use(config)[0], epoch) for config, epoch in pairs)


CLAIM = {
    "VAE": "The paper is right that the VAE's {pictures} are clearer.",
    "GAN": "The paper is wrong: the GAN's {pictures} are clearer.",
    "": "The paper is neither right nor wrong: which {pictures} are clearer depends on what counts.",
    "even": "The paper's claim is not confirmed: neither model's {pictures} are clearer.",
}
TRAITS = {  # of one criterion of each kind: in one word what its leader is
    "legible": "more legible", "specks": "freer of specks", "edges": "sharper", "recall": "more varied",
    "frechet": "closer to real ones taken together",
}  # fmt: skip


def claim(gan: Verdict, vae: Verdict, rows: Sequence[Row]) -> str:
    """What the comparison says of the paper's claim, "clear and better quality images", which is about single pictures;
    without the paper's name where its experiment was not run."""
    found = _clear(rows)
    if found is None:
        return UNASKED
    ruling = _ruling(gan, vae, found)
    return f"{ruling} {found.sentence}" if ruling else f"{found.question.title} {found.sentence}"


def short_claim(gan: Verdict, vae: Verdict, rows: Sequence[Row]) -> str:
    """The same in words for a headline: whether the paper is right, then how the two models differ."""
    found = _clear(rows)
    if found is None:
        return UNASKED
    return " ".join(filter(None, (_ruling(gan, vae, found), traits(rows) or found.brief)))


UNASKED = "Nothing was measured that says which model's pictures are clearer."


def _clear(rows: Sequence[Row]) -> Answer | None:
    return next((each for each in answers(rows) if each.question.name == "clear"), None)


def _ruling(gan: Verdict, vae: Verdict, found: Answer) -> str:
    """Whether the paper is right; "" where its experiment was not run."""
    if not of_the_paper(gan, vae):
        return ""
    differ = any(row.leader for row in found.rows) or found.disputed
    better = (found.better if not found.disputed else "") if differ else "even"
    return CLAIM[better].format(**vars(found.nouns))


def traits(rows: Sequence[Row]) -> str:
    """How the models differ, in everyday words: "The VAE's digits are more legible, the GAN's sharper."; "" if they do not."""
    found: dict[str, list[str]] = {"VAE": [], "GAN": []}
    for row in rows:
        if row.leader and row.name in TRAITS:
            found[row.leader].append(_trait(row))
    led = {model: listed(words) for model, words in found.items() if words}
    if not led:
        return ""
    (first, words), *others = led.items()
    said = f"The {first}'s {rows[0].nouns.pictures} are {words}"
    return "; ".join([said, *(f"the {model}'s are {others_words}" for model, others_words in others)]) + "."


def _trait(row: Row) -> str:
    """Closer to real pictures is not always sharper, or freer of specks: the other model may have too much, or too little."""
    leader, other = (row.gan, row.vae) if row.leader == "GAN" else (row.vae, row.gan)
    if row.name == "edges" and leader.value < other.value:
        return "closer to real ones in sharpness"
    if row.name == "specks" and leader.value > other.value:
        return "closer to real ones in specks"
    if row.name == "legible" and row.nouns != DIGITS:
        return "easier to recognise"
    return TRAITS[row.name]


def headline(gan: Verdict, vae: Verdict, rows: Sequence[Row]) -> str:
    """One sentence that names what was compared, then what it says of the claim."""
    return f"Compared: {compared(gan, vae)}. {claim(gan, vae, rows)}"
