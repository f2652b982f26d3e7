"""A short description of a run's data, for every page that shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gencmp.data.class_names import OF_DATASETS
from gencmp.data.classes import TITLES
from gencmp.settings.own_folder import name_of

UPLOADED = "own-"  # prefix of the folders that hold uploads


def data_words(config: Mapping[str, Any], classes: Sequence[str] = ()) -> str:
    """A run's data in a few words: "MNIST, 3,000 images, digits 3 8". A folder is shown by its last part.

    classes: the names that the run has recorded; empty before it starts, when a known data set's names are used.
    """
    name = name_of(config["dataset"])
    own = "own pictures" if name.startswith(UPLOADED) else name
    limit = f", {config['limit']:,} images" if config["limit"] else ""
    names = classes or OF_DATASETS.get(config["dataset"], ())
    return TITLES.get(config["dataset"], own) + limit + _chosen_words(config["classes"], names)


def _chosen_words(chosen: Sequence[int], names: Sequence[str]) -> str:
    if not chosen:
        return ""
    called = [names[label] if label < len(names) else str(label) for label in chosen]
    if all(name.isdecimal() and len(name) == 1 for name in called):
        return f", digits {' '.join(called)}"
    return f", classes {', '.join(called)}"
