"""The pace of a run: full speed, slow motion, or held until someone asks for the next phases or steps."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf

from gencmp.events import Moment
from gencmp.runs.by_hand.commands import read
from gencmp.training.by_hand import ByHand


@dataclass
class Goal:
    """So many phases or steps to go before the run is held again."""

    unit: str  # "phases" or "steps"
    left: int

    def reach(self, moment: Moment) -> None:
        self.left -= self.unit == "phases" or moment.ends_step

    def hurry(self, moment: Moment) -> int:
        """The step before which nothing need be watched: of many steps, the last. 0 if there is none."""
        if self.unit == "phases" or not moment.ends_step or self.left <= 1:
            return 0
        last, self.left = moment.step + self.left, 1
        return last


class Pace:
    """Made of the commands so far, and of the moments that the run has come to.

    by_hand: the training's; it is active unless the run goes on at full speed.
    """

    def __init__(self, by_hand: ByHand):
        self.by_hand = by_hand
        self.is_stopped = False
        self.rate = 0.0  # of slow motion, in steps per second; 0 at any other pace
        self.goals: deque[Goal] = deque()
        self.until = -inf  # when slow motion goes on from the present moment, in seconds of the clock

    def obey(self, command: str) -> None:
        """One command of the store. Steps that were asked of a run that goes on again since are dropped."""
        verb, unit, number = read(command)
        if verb == "stop":
            self.is_stopped = True
        elif verb != "step":
            self.by_hand.active, self.rate = verb != "go on", number
            self.by_hand.unwatched_until = 0
            self.goals.clear()
        elif self.state == "paused":
            self.goals.append(Goal(unit, number))

    @property
    def state(self) -> str:
        """The run's state in the store."""
        return "paused" if self.by_hand.active and not self.rate else "running"

    @property
    def is_held(self) -> bool:
        return self.state == "paused" and not self.goals

    def reach(self, moment: Moment, now: float) -> None:
        """The run has come to a moment."""
        if self.goals:
            self.goals[0].reach(moment)
            self.by_hand.unwatched_until = self.goals[0].hurry(moment)
            if self.goals[0].left <= 0:
                self.goals.popleft()
        if self.rate:  # all moments of a step are shown equally long; time that was lost is not made up for
            self.until = max(self.until + 1 / self.rate / (moment.phases + 1), now)

    def rest(self, now: float) -> float:
        """Seconds from now until the run goes on from the present moment; infinite while it is held."""
        if self.is_stopped or not self.by_hand.active:
            return 0.0
        return inf if self.is_held else max(0.0, self.until - now) if self.rate else 0.0
