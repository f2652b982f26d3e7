"""How many files and connections this server may hold open. Imports no Streamlit."""

from __future__ import annotations

from contextlib import suppress

try:
    import resource
except ImportError:  # Windows, which sets no such limit
    resource = None  # type: ignore[assignment]

WANTED = 8192  # the 128 people of `gencmp soak` held 816; each closed tab holds three for two minutes more


def allow_many_files() -> None:
    """Raise this process's own limit as far as the system lets it: macOS starts with 256."""
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = WANTED if hard == resource.RLIM_INFINITY else min(WANTED, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # macOS has a lower limit of the system, which it does not name
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
