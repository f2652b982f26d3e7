"""The address that shows a fork beside its parent on Compare."""

from __future__ import annotations

from gencmp.runs.catalog import ModelRecord


def compare_columns(parent: ModelRecord, child: ModelRecord) -> str:
    """Both at the newest epoch that both have pictures of; where they share none after the fork, each at its own newest, which
    Compare follows while the fork trains. Empty for a fork that ended without an epoch of its own."""
    if child.run.is_live and child.run.epoch and parent.folder.pictured():  # one that has read its data
        return f"{parent.run.id},{child.run.id}"
    epoch = child.run.origin["epoch"]
    theirs, own = parent.folder.pictured(), [each for each in child.folder.pictured() if each > epoch]
    if not own or not theirs:
        return ""
    shared = set(theirs) & set(own)
    pair = (max(shared), max(shared)) if shared else (theirs[-1], own[-1])
    return f"{parent.run.id}@{pair[0]},{child.run.id}@{pair[1]}"
