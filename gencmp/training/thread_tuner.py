"""How many threads a training uses, found by trying: the fewest that are about as fast as any.

On two idle cores two threads are half as fast again as one. When another program is busy on one of the cores they are
several times slower, because the threads wait for each other at every matrix product. What else a laptop in class is
doing cannot be known beforehand, so each number is tried for a moment, again and again. This is only for a training
whose bits do not depend on the number, which thread_check.py finds out; any other keeps the number it began with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch

from gencmp.events import Event, Started, Step

TRIAL = 0.3  # seconds with each number of threads
LOOK = 1.0  # seconds between checks whether `most` has changed, because another training has begun or ended
STAY = 8.0  # seconds with the chosen number until the next trial; so trying costs a twentieth at worst
WORTH = 1.1  # more threads must be this much faster


def tune_threads(
    events: Iterator[Event],
    most: Callable[[], int],
    clock: Callable[[], float] = time.perf_counter,
    use: Callable[[int], None] = torch.set_num_threads,
) -> Iterator[Event]:
    """The same events; between them the number of threads is set. most: the number not to exceed, asked each time."""
    tuner = None
    for event in events:
        yield event
        if isinstance(event, Started) and event.device != "cpu":
            break  # the number of threads hardly matters there
        if tuner is None:  # only after Started, which records the number that the run began with
            tuner = ThreadTuner(most, clock, use)
        elif isinstance(event, Step):
            tuner.stepped(event.step)
        else:
            tuner.interrupted()
    yield from events


class ThreadTuner:
    """Tries 1, 2, 4 ... up to `most()` threads in turn, then stays with the best for a while."""

    def __init__(self, most: Callable[[], int], clock: Callable[[], float], use: Callable[[int], None]):
        self.most, self.clock, self.use = most, clock, use
        self.speeds: dict[int, float] = {}
        self.began: tuple[float, int] | None = None  # time and step at which the present window opened
        self.looked = clock()
        self._try_all()

    def stepped(self, step: int) -> None:
        """To be called at every Step event, with its step."""
        now = self.clock()
        if self.began is None:
            self.began = (now, step)
        elif self.waiting and now - self.began[0] >= TRIAL:
            self.speeds[self.waiting.pop(0)] = (step - self.began[1]) / (now - self.began[0])
            self._go_on()
        elif not self.waiting and now - self.looked >= LOOK:
            self.looked = now
            if now - self.began[0] >= STAY or self.most() != self.limit:
                self._try_all()

    def interrupted(self) -> None:
        """Discard a timing window that contains anything but training steps."""
        if self.waiting:
            self.began = None

    def _try_all(self) -> None:
        self.limit = self.most()
        self.waiting = [count for count in (1, 2, 4, 8) if count < self.limit] + [self.limit]
        self.speeds = {}
        if len(self.waiting) == 1:
            self.speeds[self.waiting.pop()] = 1.0
        self._go_on()

    def _go_on(self) -> None:
        self.use(self.waiting[0] if self.waiting else self._best())
        self.looked = self.clock()
        self.began = None

    def _best(self) -> int:
        enough = max(self.speeds.values()) / WORTH
        return min(count for count, speed in self.speeds.items() if speed >= enough)
