"""A lesson: a claim of the paper, a question with a prediction, and the runs that answer it. Imports no torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gencmp.settings.configs import Config
from gencmp.settings.paper import CLAIMS, Claim, Door

Results = Mapping[str, Mapping[str, float]]  # figures by name, of each variant by its key


@dataclass(frozen=True)
class Variant:
    """One of a lesson's runs. differs: what its settings have that the others' have not, in a few words with terms."""

    key: str
    label: str
    differs: str
    config: Config


@dataclass(frozen=True)
class Finding:
    """What runs with the same seed have shown.

    sentence:   with terms in brackets.
    prediction: which of the lesson's predictions came true; "" if none can be told.
    holds:      whether it is as the paper says; None if the runs are too close to tell.
    """

    sentence: str
    prediction: str
    holds: bool | None


@dataclass(frozen=True)
class Chart:
    """measure: what is drawn over the epochs, see static/learn/live.js. look: what to look at there, with terms.

    lines: values to compare with, each with its name. between: the ends of the axis, where they are known.
    """

    measure: str
    title: str
    unit: str
    look: str
    is_smooth: bool = False
    lines: tuple[tuple[float, str], ...] = ()
    between: tuple[float, float] | None = None


@dataclass(frozen=True)
class Source:
    """A reference to the literature, and what it says about the question, with terms."""

    cite: str
    says: str
    address: str


@dataclass(frozen=True)
class Lesson:
    """key: its name in addresses. number: of the claim in settings/paper.py. title, question: with terms in brackets.

    minutes:     from press to reveal on two cores, where recorded.py has not what was timed.
    predictions: what a student may predict, by key.
    variants:    the runs, all trained with the same seed; none where recorded facts or a component answer the question.
    figures:     names in history.FIGURES, that the reveal shows of each run.
    find:        what they have shown; given at least one figure of every variant.
    depends:     what the answer depends on.
    doors:       to free play.
    """

    key: str
    number: int
    title: str
    question: str
    minutes: float
    predictions: Mapping[str, str]
    depends: str
    sources: tuple[Source, ...]
    variants: tuple[Variant, ...] = ()
    charts: tuple[Chart, ...] = ()
    figures: tuple[str, ...] = ()
    find: Callable[[Results], Finding | None] = lambda results: None
    doors: tuple[Door, ...] = field(default=())

    @property
    def claim(self) -> Claim:
        return CLAIMS[self.number - 1]

    def label_of(self, variant: str) -> str:
        return next(each.label for each in self.variants if each.key == variant)
