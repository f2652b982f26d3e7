"""The classes of a data set by name, and what its pictures are called: digits where every class is one. Imports no torch.

static/classes.js has the same rule for the browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass

TEN_DIGITS = tuple("0123456789")
MAX_NAMES = 15  # in a sentence
UNLABELLED = 255  # the label of a picture that has none
KNOWN = {  # as torchvision has them
    "fashion-mnist": (
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    "kmnist": ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
}  # fmt: skip
TITLES = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST", "kmnist": "KMNIST", "qmnist": "QMNIST"}


@dataclass(frozen=True)
class Nouns:
    """What one picture and several are called, and what one class and several are."""

    picture: str
    pictures: str
    class_: str
    classes: str
    no_class: str  # after "what is": a picture that belongs to none of them


DIGITS = Nouns("digit", "digits", "digit", "digits", "no digit")
PICTURES = Nouns("picture", "pictures", "class", "classes", "of no class")


def nouns_of(names: Sequence[str]) -> Nouns:
    """Digits when every class is named by a single digit, else pictures; of data without classes, pictures."""
    return DIGITS if names and set(names) <= set(TEN_DIGITS) else PICTURES


def name_of(names: Sequence[str], label: int) -> str:
    """The name of a label: its number where it has no other, "" when it is UNLABELLED."""
    if label == UNLABELLED:
        return ""
    return names[label] if label < len(names) else str(label)


def chosen_names(names: Sequence[str], labels: Sequence[int], most: int = MAX_NAMES) -> str:
    """Labels in words; of very many the first ones, and how many more there are.

    >>> chosen_names(KNOWN["fashion-mnist"], [4, 8])
    'Coat, Bag'
    """
    cut = labels[: most if len(labels) > most + 1 else None]
    more = f" and {len(labels) - len(cut)} more" if len(cut) < len(labels) else ""
    return ", ".join(name_of(names, label) for label in cut) + more


def data_title(dataset: str) -> str:
    """A data set as a reader knows it: "MNIST"; a folder's path stays on this machine."""
    return TITLES.get(dataset, "own pictures")


def real_title(dataset: str, nouns: Nouns) -> str:
    """ "MNIST test digits", "own test pictures"."""
    return f"{TITLES.get(dataset, 'own')} test {nouns.pictures}"
