"""Families of runs: three generations, deleted members, shipped and early ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gencmp.runs.catalog import Catalog
from gencmp.runs.forks.family import Member, families
from gencmp.runs.forks.words import changed_words, fork_words
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig


@pytest.fixture
def catalog(store: RunStore, tmp_path: Path) -> Catalog:
    return Catalog(store, tmp_path / "none shipped")


def child(store: RunStore, parent: Run, epoch: int, name: str, **facts: Any) -> Run:
    line = [*parent.origin.get("line", []), {"run": parent.id, "name": parent.name, "epoch": epoch}]
    origin = {"run": parent.id, "name": parent.name, "epoch": epoch, "before": {"beta": 1.0}, "changes": {"beta": 4.0}}
    return store.create(VaeConfig(), name=name, origin=origin | {"line": line} | facts)


def drawn(roots: list[Member]) -> list[str]:
    return [
        f"{'  ' * depth}{member.name} {member.epoch}{'' if member.run else ' deleted'}"
        for root in roots
        for depth, member in root.below()
    ]


def test_three_generations_are_one_tree(store: RunStore, catalog: Catalog) -> None:
    store.create(VaeConfig(), name="alone")
    root = store.create(VaeConfig(), name="root")
    one = child(store, root, 7, "one")
    child(store, root, 9, "two")
    child(store, one, 12, "three")
    assert drawn(families(catalog)) == ["root 0", "  one 7", "    three 12", "  two 9"]
    assert families(catalog)[0].children[0].changed == "β, the KL weight 1 → 4"


def test_the_family_with_the_newest_run_comes_first(store: RunStore, catalog: Catalog, clock: Any) -> None:
    roots = [store.create(VaeConfig(), name=name) for name in ("a", "b")]
    for root, name in zip(reversed(roots), ("b1", "a1"), strict=True):
        clock.now += 1
        child(store, root, 1, name)
    assert drawn(families(catalog)) == ["a 0", "  a1 1", "b 0", "  b1 1"]


def test_deleted_members_keep_their_place_and_name(store: RunStore, catalog: Catalog) -> None:
    root = store.create(VaeConfig(), name="root")
    middle = child(store, root, 7, "middle")
    child(store, middle, 9, "last")
    child(store, root, 8, "other")
    store.delete(middle.id)
    assert drawn(families(catalog)) == ["root 0", "  middle 7 deleted", "    last 9", "  other 8"]
    store.delete(root.id)
    assert drawn(families(catalog)) == ["root 0 deleted", "  middle 7 deleted", "    last 9", "  other 8"]


def test_a_renamed_parent_is_shown_by_its_new_name(store: RunStore, catalog: Catalog) -> None:
    root = store.create(VaeConfig(), name="root")
    child(store, root, 7, "one")
    store.rename(root.id, "mother")
    assert drawn(families(catalog)) == ["mother 0", "  one 7"]


def test_forks_of_early_versions_know_their_parent_and_are_said_to_be_fresh(store: RunStore, catalog: Catalog) -> None:
    early = {"run": "gone", "name": "old", "epoch": 3, "changes": {"beta": 4.0}}
    run = store.create(VaeConfig(), name="one", origin=early)
    assert drawn(families(catalog)) == ["old 0 deleted", "  one 3"]
    assert fork_words(run) == "Fork of old at epoch 3: β, the KL weight 4. Its optimiser started fresh."


def test_a_fork_of_a_shipped_model_hangs_below_it(store: RunStore) -> None:
    catalog = Catalog(store)
    child(store, catalog.shipped_pair()["vae"].run, 4, "one")
    assert drawn(families(catalog)) == ["paper-vae 0", "  one 4"]


def test_no_forks_no_families(store: RunStore, catalog: Catalog) -> None:
    store.create(VaeConfig(), origin={"repeats": "a", "seed": 1})
    assert families(catalog) == []


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ({"shuffle": True}, {"shuffle": False}, "Shuffle on → off"),
        ({"classes": []}, {"classes": [3, 8]}, "all → 3 8"),
        ({"dataset": "mnist"}, {"dataset": "/a/b/own"}, "mnist → own"),
        ({}, {}, "nothing changed"),
    ],
)
def test_what_was_changed_in_words(store: RunStore, before: Any, after: Any, words: str) -> None:
    root = store.create(VaeConfig(), name="root")
    assert changed_words(child(store, root, 1, "one", before=before, changes=after)).endswith(words)
    assert "It continues" not in fork_words(child(store, root, 1, "two", before=before, changes=after))


def test_changed_pictures_are_told_and_not_called_exact(store: RunStore) -> None:
    root = store.create(VaeConfig(), name="root")
    words = fork_words(child(store, root, 1, "one", optimiser=True, pictures_changed=True))
    assert words.endswith("Its pictures have changed since, so it does not continue exactly.")
