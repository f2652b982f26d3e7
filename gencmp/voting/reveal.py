"""The reveal: one picture at a time, first with what the class said, then with the truth; last, which fooled most people.

Step 2k shows the picture k with the class's answers, step 2k + 1 adds its true source; the step after the last picture
shows the generated picture that most people called real, and the real one that most people called generated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gencmp.voting.questions import SINGLE, Question
from gencmp.voting.tally import Rate, Tally


@dataclass(frozen=True)
class Judged:
    """A single picture, and how many of the class called it real."""

    question: Question
    called_real: Rate

    @property
    def is_real(self) -> bool:
        return self.question.source == "real"

    @property
    def fooled(self) -> int:
        """How many people judged it wrongly."""
        return self.called_real.total - self.called_real.count if self.is_real else self.called_real.count


def judged(questions: Sequence[Question], result: Tally) -> list[Judged]:
    """The single pictures that somebody has judged, in the round's order."""
    return [Judged(q, result.fooled[q.number]) for q in questions if q.kind == SINGLE and q.number in result.fooled]


def last_step(pictures: Sequence[Judged]) -> int:
    """The step that shows which picture fooled most people; the reveal of n pictures has 2n + 1 steps."""
    return 2 * len(pictures)


def fooled_most(pictures: Sequence[Judged], real: bool) -> Judged | None:
    """Of the generated or of the real pictures, the one that the largest share misjudged; None if nobody misjudged any."""
    found = [each for each in pictures if each.is_real == real and each.fooled]
    return max(found, key=lambda each: (each.fooled / each.called_real.total, each.fooled), default=None)
