"""Which executor this process uses, by one setting, and how much of a node a run takes. Imports neither torch nor Ray."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gencmp.errors import ConfigError

EXECUTOR, CPUS, GPUS = "GENCMP_EXECUTOR", "GENCMP_RAY_CPUS", "GENCMP_RAY_GPUS"
LOCAL, RAY = "local", "ray"
EXECUTORS = (LOCAL, RAY)


def executor(environment: Mapping[str, str] = os.environ) -> str:
    """ "local" or "ray". Raises ConfigError for anything else."""
    found = environment.get(EXECUTOR, "").strip().lower() or LOCAL
    if found not in EXECUTORS:
        raise ConfigError(
            "executor", f"{EXECUTOR} is {found!r}, wanted {LOCAL} (train on this computer) or {RAY} (on a Ray cluster)."
        )
    return found


def on_cluster(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether runs train on a cluster; False also where the setting is wrong, which is told elsewhere."""
    try:
        return executor(environment) == RAY
    except ConfigError:
        return False


def choose(name: str | None) -> None:
    """What a command's --executor says, for this process and those that it starts."""
    if name:
        os.environ[EXECUTOR] = name


def cpus_of_a_run(environment: Mapping[str, str] = os.environ) -> float:
    """Cores of a node that a run takes, and as many threads at most. Raises ConfigError."""
    return _number(environment, CPUS, 1.0, "a whole number of cores from 1", lambda n: n >= 1 and n == int(n))


def gpus_of_a_run(environment: Mapping[str, str] = os.environ) -> float:
    """The share of a GPU that a run takes; 0 trains on the processor. Raises ConfigError."""
    return _number(environment, GPUS, 0.0, "a share of a GPU from 0 to 1, for example 0.25", lambda n: 0 <= n <= 1)


def _number(environment: Mapping[str, str], name: str, default: float, wanted: str, fits: object) -> float:
    text = environment.get(name, "").strip()
    try:
        found = float(text) if text else default
        if callable(fits) and fits(found):
            return found
    except (ValueError, OverflowError):
        pass
    raise ConfigError(name, f"{name} is {text!r}, wanted {wanted}.")
