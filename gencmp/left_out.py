"""What could not be read and is therefore left out, so that it is said once and everything else is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from gencmp.errors import GencmpError

T = TypeVar("T")


class LeftOut:
    """Sentences by place, of what is damaged as far as it has been met; a place that can be read again is forgotten."""

    def __init__(self) -> None:
        self._sentences: dict[str, str] = {}

    def read(self, place: str, reader: Callable[[], T]) -> T | None:
        """What `reader` returns; None, with its sentence noted, if it raises a GencmpError."""
        try:
            found = reader()
        except GencmpError as error:
            self.note(place, str(error))
            return None
        self.forget(place)
        return found

    def note(self, place: str, sentence: str) -> None:
        self._sentences[place] = sentence

    def forget(self, place: str) -> None:
        self._sentences.pop(place, None)

    @property
    def places(self) -> set[str]:
        return set(self._sentences)

    @property
    def sentences(self) -> list[str]:
        return [words for _, words in sorted(self._sentences.items())]
