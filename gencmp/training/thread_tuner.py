"""Tunes the number of threads while a model trains: the fewest that are about as fast as the fastest number.

On two idle cores, two threads are 1.5 times as fast as one. When another program keeps one of the cores busy, they are
several times slower than one, because the threads wait for each other at every matmul. How busy a laptop in class will be
is unknown, so each number is tried briefly, again and again. Only a training whose bits do not depend on the number of
threads (see thread_check.py) is tuned; any other keeps the number it started with.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import torch

from gencmp.events import Changed, Event, Started, Step
from gencmp.settings.levers import RESHAPING

TRIAL = 0.3  # seconds with each number of threads
LIMIT_CHECK_EVERY = (
    1.0  # seconds between checks whether max_threads() has changed because another training began or ended
)
TRIALS_EVERY = 8.0  # seconds with the chosen number until the next trials, which so cost at most a twentieth
MIN_SPEEDUP = 1.1  # by which more threads must be faster


def tune_threads(
    events: Iterator[Event],
    max_threads: Callable[[], int],
    clock: Callable[[], float] = time.perf_counter,
    use: Callable[[int], None] = torch.set_num_threads,
) -> Iterator[Event]:
    """Pass the events through, and set the number of threads between them. max_threads: the current limit."""
    tuner, started = None, torch.get_num_threads()
    for event in events:
        yield event
        if isinstance(event, Started) and event.device != "cpu":
            break  # the number of CPU threads hardly matters there
        if tuner is None:  # created after Started, which records the number that the run starts with
            tuner = ThreadTuner(max_threads, clock, use)
        elif isinstance(event, Changed) and not set(RESHAPING).isdisjoint(event.after):
            use(started)  # the check of threads has not tried products of these shapes
            break
        elif isinstance(event, Step):
            tuner.stepped(event.step)
        else:
            tuner.interrupted()
    yield from events


class ThreadTuner:
    """Tries 1, 2, 4 ... up to `max_threads()` threads in turn, then keeps the best for a while."""

    def __init__(self, max_threads: Callable[[], int], clock: Callable[[], float], use: Callable[[int], None]):
        self.max_threads, self.clock, self.use = max_threads, clock, use
        self.speeds: dict[int, float] = {}  # number of threads -> steps per second
        self.window_start: tuple[float, int] | None = None  # time and step
        self.limit_checked = clock()
        self._start_trials()

    def stepped(self, step: int) -> None:
        """Call this at each Step event, with its step."""
        now = self.clock()
        if self.window_start is None:
            self.window_start = (now, step)
        elif self.untried and now - self.window_start[0] >= TRIAL:
            self.speeds[self.untried.pop(0)] = (step - self.window_start[1]) / (now - self.window_start[0])
            self._use_next()
        elif not self.untried and now - self.limit_checked >= LIMIT_CHECK_EVERY:
            self.limit_checked = now
            if now - self.window_start[0] >= TRIALS_EVERY or self.max_threads() != self.limit:
                self._start_trials()

    def interrupted(self) -> None:
        """Discard a timing window that contains anything but training steps."""
        if self.untried:
            self.window_start = None

    def _start_trials(self) -> None:
        self.limit = self.max_threads()
        self.untried = [count for count in (1, 2, 4, 8) if count < self.limit] + [self.limit]
        self.speeds = {}
        if len(self.untried) == 1:
            self.speeds[self.untried.pop()] = 1.0
        self._use_next()

    def _use_next(self) -> None:
        self.use(self.untried[0] if self.untried else self._best())
        self.limit_checked = self.clock()
        self.window_start = None

    def _best(self) -> int:
        fast_enough = max(self.speeds.values()) / MIN_SPEEDUP
        return min(count for count, speed in self.speeds.items() if speed >= fast_enough)
