"""What can be asked of a run that is stepped by hand, as the words that are left for its worker."""

from __future__ import annotations

from typing import Any

from gencmp.errors import RunStateError
from gencmp.runs.run import Run

MOST = 1000  # phases or steps of one command
RATES = (1, 20)  # steps per second in slow motion


def step_command(run: Run, phases: int, steps: int | None) -> str:
    """ "step phases 2" or "step steps 10". Raises RunStateError unless the run is paused, and for numbers out of range."""
    if run.state != "paused":
        pause = f" Pause it first: python -m gencmp pause {run.id}" if run.is_live else ""
        raise RunStateError(f"{run.name} is {run.state_word}: only a paused run can be stepped.{pause}")
    unit, count = ("phases", phases) if steps is None else ("steps", steps)
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise RunStateError(f"Found {count!r} {unit}, wanted a whole number from 1 to {MOST}.")
    return f"step {unit} {count}"


def slow_command(run: Run, rate: float) -> str:
    """ "slow 5": so many steps per second. Raises RunStateError unless the run is live, and for a rate out of range."""
    if not run.is_live:
        raise RunStateError(f"{run.name} is {run.state_word}: only a run that trains or is paused can go on slowly.")
    low, high = RATES
    if not isinstance(rate, int | float) or not low <= rate <= high:
        raise RunStateError(f"Found {rate!r} steps per second, wanted {low} to {high}.")
    return f"slow {rate:g}"


def read(command: str) -> tuple[str, str, Any]:
    """(verb, unit, number) of any command: ("step", "steps", 10), ("slow", "", 5.0), ("go on", "", 0)."""
    match command.split():
        case ["step", unit, count]:
            return "step", unit, int(count)
        case ["slow", rate]:
            return "slow", "", float(rate)
    return command, "", 0
