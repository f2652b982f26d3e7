"""Uploaded pictures: kept under names of our own, once, and fit to train on."""

from __future__ import annotations

import io
from dataclasses import dataclass

from drawn import cross

from gencmp.data.load import load
from gencmp.data.own_data import read_own
from gencmp.files import home
from gencmp.settings.configs import VaeConfig
from gencmp.ui.train.own_data import in_users_words, store_uploads


@dataclass
class Upload:
    name: str
    number: int

    def getvalue(self) -> bytes:
        buffer = io.BytesIO()
        cross(self.number).save(buffer, "PNG")
        return buffer.getvalue()


class Broken(Upload):
    def getvalue(self) -> bytes:
        return b"<html>"


def uploads(count: int = 8) -> list[Upload]:
    return [Upload(f"../../../<b>{number}</b>.png", number) for number in range(count)]


def test_a_users_file_names_are_never_used() -> None:
    folder = store_uploads(uploads())
    assert folder.parent == home() / "data"
    assert sorted(path.name for path in folder.iterdir()) == [f"{number:06d}.png" for number in range(8)]


def test_the_same_pictures_are_kept_once() -> None:
    assert store_uploads(uploads()) == store_uploads(uploads())
    assert store_uploads(uploads()) != store_uploads(uploads(9))


def test_an_unknown_ending_becomes_a_harmless_one() -> None:
    files = [Upload(f"{number}.py", number) for number in range(7)]
    assert {path.suffix for path in store_uploads(files).iterdir()} == {".png"}


def test_they_can_be_trained_on() -> None:
    digits = load(VaeConfig(dataset=str(store_uploads(uploads(14)))))
    assert (len(digits.train), len(digits.test)) == (12, 2)


def test_what_is_left_out_is_named_as_the_user_calls_it() -> None:
    files = [*uploads(8), Broken("holiday.png", 0)]
    survey = read_own(store_uploads(files)).survey
    assert survey.left_out == {"cannot be read": ("000008.png",)}
    assert in_users_words(survey, [file.name for file in files]).left_out == {"cannot be read": ("holiday.png",)}
