"""Class names, and the nouns for a data set's pictures: "digits" when every class is a digit. Imports no torch.

ui/static/shared/classes.js has the same rules for the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

TEN_DIGITS = tuple("0123456789")
MAX_NAMES = 15  # in a sentence
UNLABELLED = 255  # the label of a picture without a label
KNOWN = {  # as torchvision has them
    "fashion-mnist": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    "kmnist": ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
}  # fmt: skip
TITLES = {
    "mnist": "MNIST", "mnist-shifted": "Shifted MNIST", "fashion-mnist": "Fashion-MNIST", "kmnist": "KMNIST", "qmnist": "QMNIST",
}  # fmt: skip


@dataclass(frozen=True)
class Nouns:
    """The singular and plural nouns for pictures and for classes."""

    picture: str
    pictures: str
    class_: str
    classes: str
    no_class: str  # completes "the picture is ..." for one that belongs to no class


DIGITS = Nouns("digit", "digits", "digit", "digits", "no digit")
PICTURES = Nouns("picture", "pictures", "class", "classes", "of no class")


def nouns_of(names: Sequence[str]) -> Nouns:
    """DIGITS when every class is named by a single digit; PICTURES otherwise, also for data without classes."""
    return DIGITS if names and set(names) <= set(TEN_DIGITS) else PICTURES


def name_of(names: Sequence[str], label: int) -> str:
    """The name of a label; its number when it has no name, "" when it is UNLABELLED."""
    if label == UNLABELLED:
        return ""
    return names[label] if label < len(names) else str(label)


def chosen_names(names: Sequence[str], labels: Sequence[int], limit: int = MAX_NAMES) -> str:
    """The names of labels as a list in words; of more than `limit` only the first ones, and the number of the others.

    >>> chosen_names(KNOWN["fashion-mnist"], [4, 8])
    'Coat, Bag'
    """
    cut = labels[: limit if len(labels) > limit + 1 else None]
    more = f" and {len(labels) - len(cut)} more" if len(cut) < len(labels) else ""
    return ", ".join(name_of(names, label) for label in cut) + more


def data_title(dataset: str) -> str:
    """A data set's title for readers, such as "MNIST"; "own pictures" for a folder, whose path must not be published."""
    return TITLES.get(dataset, "own pictures")


def real_title(dataset: str, nouns: Nouns) -> str:
    """ "MNIST test digits", "own test pictures"."""
    return f"{TITLES.get(dataset, 'own')} test {nouns.pictures}"
