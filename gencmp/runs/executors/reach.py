"""Whether there is a cluster that could be reached, found out within seconds and without importing Ray."""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from gencmp.errors import ClusterError

ADDRESS, MODE, TOKEN, TOKEN_FILE = "RAY_ADDRESS", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
PATIENCE = 3.0  # seconds; Ray itself would try for more than a minute
JOIN = "ray start --address=HEAD:6379 --num-cpus=0"
START = "RAY_AUTH_MODE=token ray start --head --num-cpus=0 --include-dashboard=false"
SEE = "docs/cluster.md has every step."


def refuse_absent() -> None:
    """Raise ClusterError where Ray is not installed."""
    if find_spec("ray") is None:
        raise ClusterError(
            "Ray is not installed, so nothing can be trained on a cluster. Run: pip install -r requirements-ray.txt;"
            " or train on this computer: GENCMP_EXECUTOR=local."
        )


def address_of(environment: Mapping[str, str] = os.environ) -> str:
    """HOST:PORT of the cluster: RAY_ADDRESS, or else the one that this computer is a node of. Raises ClusterError."""
    found = environment.get(ADDRESS, "").strip()
    if found.startswith("ray://"):
        raise ClusterError(
            f"{ADDRESS} is {found}, but Ray Client cannot stream a training's events. Make this computer a node that trains nothing"
            f" ({JOIN}), and unset {ADDRESS}."
        )
    if found in ("", "auto"):
        note = Path(environment.get("RAY_TMPDIR") or tempfile.gettempdir()) / "ray" / "ray_current_cluster"
        try:
            found = note.read_text("utf-8").strip()
        except OSError:
            raise ClusterError(
                f"This computer is not a node of a Ray cluster. Start one here ({START}), or join one ({JOIN}). {SEE}"
            ) from None
    host, colon, port = found.rpartition(":")
    if not (host and colon and port.isdecimal()):
        raise ClusterError(f"{ADDRESS} is {found!r}, wanted HOST:PORT, for example 10.0.0.5:6379.")
    return found


def refuse_unreachable(address: str, patience: float = PATIENCE) -> None:
    """Raises ClusterError."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), patience).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(
            f"No Ray cluster answers at {address} ({error}). Is its head running, and does a firewall let this computer through?"
            f" To start a head here: {START}. {SEE}"
        ) from None


def has_token(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this computer has a token to show to the cluster."""
    if environment.get(TOKEN):
        return True
    path = environment.get(TOKEN_FILE)
    return (Path(path) if path else Path.home() / ".ray" / "auth_token").is_file()


def refuse_open(environment: Mapping[str, str] = os.environ) -> None:
    """Raise ClusterError without a token, unless the owner has said that none is wanted."""
    if environment.get(MODE, "token") == "token" and not has_token(environment):
        raise ClusterError(
            "This computer has no token for the cluster. On the head: ray get-auth-token --generate; then copy ~/.ray/auth_token to"
            " every node, also to this one, and set RAY_AUTH_MODE=token on each. Without a token, whoever reaches a node's ports can"
            f" run programs on it. {SEE}"
        )


def reachable() -> str:
    """The cluster's address, after everything that can be checked without Ray. Raises ClusterError."""
    refuse_absent()
    address = address_of()
    refuse_open()
    refuse_unreachable(address)
    return address
