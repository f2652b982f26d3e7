"""The names of a data set's classes: known ones for known data sets, else taken from the user's folder names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable

from gencmp.data.classes import KNOWN, TEN_DIGITS
from gencmp.errors import DataError
from gencmp.settings.configs import MAX_CLASSES

UPPER = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
LOWER = tuple("abcdefghijklmnopqrstuvwxyz")
# Except in "byclass", EMNIST (Cohen et al. 2017) merges lower-case letters that look like their capitals
EMNIST = {
    "byclass": (*TEN_DIGITS, *UPPER, *LOWER),
    "bymerge": (*TEN_DIGITS, *UPPER, *"abdefghnqrt"),
    "balanced": (*TEN_DIGITS, *UPPER, *"abdefghnqrt"),
    "letters": UPPER,
    "digits": TEN_DIGITS,
    "mnist": TEN_DIGITS,
}
OF_DATASETS = {"mnist": TEN_DIGITS, "mnist-shifted": TEN_DIGITS, "qmnist": TEN_DIGITS, **KNOWN}
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
STEMS = {"class", "digit", "digits", "label", "number", "sample"}  # as in digit_3, Sample001


def number_of(name: str) -> int | None:
    """The value of a name that is a number from 0 to 99 in any script, such as "7", "07", "７" or "⁷"; else None."""
    digits = [unicodedata.digit(letter, -1) for letter in name]
    if not digits or -1 in digits:
        return None
    value = int("".join(map(str, digits)))
    return value if value < 100 else None


def class_level(folders: Collection[tuple[str, ...]]) -> int | None:
    """The level of these paths, all equally deep, whose folders are named after classes; None when there is none.

    This is the innermost level whose names are all digits; else the innermost level where at least half of the names are
    numbers below 100; else the innermost level with more than one name.
    """
    levels = [set(names) for names in zip(*folders, strict=True)]
    tests: tuple[Callable[[set[str]], bool], ...] = (_are_digits, _are_mostly_numbers, lambda names: len(names) > 1)
    for is_named_by_classes in tests:
        for level in reversed(range(len(levels))):
            if is_named_by_classes(levels[level]):
                return level
    return None


def _are_digits(names: set[str]) -> bool:
    numbers = [number_of(name) for name in names]
    stems = {_stem(name) for name in names}
    return all(n is not None and n < 10 for n in numbers) or _are_words(names) or (len(stems) == 1 and stems <= STEMS)


def _are_mostly_numbers(names: set[str]) -> bool:
    return 2 * sum(number_of(name) is not None for name in names) >= len(names)


def _are_words(names: Collection[str]) -> bool:
    return all(name.casefold() in WORDS for name in names)


def _stem(name: str) -> str:
    """The letters before the number, as "sample" for Sample001; "" for a name that is not letters followed by a number."""
    found = re.fullmatch(r"([^\W\d_]+)[ _-]*\d+", name)
    return found[1].casefold() if found else ""


def name_classes(folders: Collection[str]) -> tuple[tuple[str, ...], dict[str, int]]:
    """(the name of each label, the label of each folder), labels from 0.

    Digits, and the words for digits, are labelled with their value, so that folders 3 and 8 alone get the labels 3 and 8 of
    ten classes. All other names are numbered in natural order: 10, 11, ..., 61; Sample001, Sample002, ...; A, a, B, b.
    Raises DataError when there are more than MAX_CLASSES.
    """
    if _are_words(folders):
        labels = {name: WORDS.index(name.casefold()) for name in folders}
        named = {label: name for name, label in labels.items()}
        return tuple(named.get(label, word) for label, word in enumerate(WORDS)), labels
    numbers = {name: number for name in folders if (number := number_of(name)) is not None}
    if len(numbers) < len(folders):
        ordered = sorted(folders, key=natural_sort_key)
        return _limited(ordered), {name: label for label, name in enumerate(ordered)}
    if max(numbers.values()) < 10:
        return TEN_DIGITS, numbers
    known = sorted(set(numbers.values()))  # 07 and 7 are one class
    return _limited(map(str, known)), {name: known.index(number) for name, number in numbers.items()}


def natural_sort_key(name: str) -> tuple[tuple[int, str], ...]:
    """Sorts 2 before 10, and a after A but before B."""
    parts = re.split(r"(\d+)", name)
    return (*((int(part), part) if part.isdecimal() else (-1, part.casefold()) for part in parts), (-1, name))


def _limited(names: Iterable[str]) -> tuple[str, ...]:
    """The names; raises DataError when there are more than MAX_CLASSES."""
    found = tuple(names)
    if len(found) > MAX_CLASSES:
        raise DataError(
            f"Found {len(found):,} folders that would each be a class ({', '.join(found[:3])}, ...); wanted at most {MAX_CLASSES}."
            " Put the pictures into fewer folders, or all into one folder to train without labels."
        )
    return found
