"""Who may do what: pure decisions."""

from __future__ import annotations

from pathlib import Path

import pytest

from gencmp.errors import NotAllowed
from gencmp.settings.configs import Config, GanConfig, VaeConfig
from gencmp.ui.rights import rules
from gencmp.ui.rights.rules import FOLDERS, OWNER, ClassRules, Rights, need_folder, need_start, need_stop, sees_pictures
from gencmp.ui.rights.visitor import Visitor

STUDENT = Rights(Visitor("10.0.0.8", False, browser="b1"), False)
SIGNED_IN = Rights(Visitor("10.0.0.9", False), True)
MAY = ClassRules(may_train=True, runs=2, epochs=5)
SMALL = VaeConfig(epochs=5)


def test_the_owner_and_a_signed_in_teacher_may_start_whatever_they_like() -> None:
    for who in (OWNER, SIGNED_IN):
        need_start(who, ClassRules(), GanConfig(epochs=500), 100, 1000)


def test_a_student_trains_within_the_limits() -> None:
    need_start(STUDENT, MAY, SMALL, 1, 10)


@pytest.mark.parametrize(
    ("class_rules", "config", "made", "of_all", "words"),
    [
        (ClassRules(), SMALL, 0, 0, "Only the teacher may start"),
        (MAY, SMALL.replace(epochs=6), 0, 0, "Found 6 epochs, wanted at most 5"),
        (MAY, SMALL, 2, 2, "2 of 2 runs"),
        (MAY, SMALL, 0, 60, "The class has trained 60 runs"),
        (MAY, SMALL.replace(encoder_widths=(4096, 4096)), 0, 0, "MB, wanted at most"),
        (MAY, SMALL.replace(dataset="/home/me/digits"), 0, 0, "own pictures"),
    ],
)
def test_what_a_student_may_not_start(
    class_rules: ClassRules, config: Config, made: int, of_all: int, words: str
) -> None:
    with pytest.raises(NotAllowed, match=words):
        need_start(STUDENT, class_rules, config, made, of_all)


def test_a_browser_without_a_number_cannot_be_counted_and_starts_nothing() -> None:
    with pytest.raises(NotAllowed):
        need_start(Rights(Visitor("10.0.0.8", False), False), MAY, SMALL, 0, 0)


def test_a_run_is_stopped_by_the_teacher_and_by_the_student_who_started_it() -> None:
    need_stop(SIGNED_IN, "")
    need_stop(STUDENT, "b1")
    for owner in ("", "b2"):
        with pytest.raises(NotAllowed):
            need_stop(STUDENT, owner)
    with pytest.raises(NotAllowed):
        need_stop(Rights(Visitor("10.0.0.8", False), False), "")


# Folders


def test_from_elsewhere_a_folder_is_read_only_below_those_that_the_owner_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDERS, str(tmp_path / "open"))
    need_folder(OWNER, Path("/etc"))
    need_folder(SIGNED_IN, tmp_path / "open" / "digits")
    words = set()
    for folder in (tmp_path, tmp_path / "absent", tmp_path / "open" / ".." / "secret", tmp_path / "opener"):
        with pytest.raises(NotAllowed) as refused:
            need_folder(SIGNED_IN, folder)
        words.add(str(refused.value))
    assert len(words) == 1  # the same for a folder that is there and for one that is not
    with pytest.raises(NotAllowed):
        need_folder(STUDENT, tmp_path / "open")


def test_a_link_out_of_a_named_folder_leads_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "link").symlink_to("/etc")
    monkeypatch.setenv(FOLDERS, str(tmp_path / "open"))
    with pytest.raises(NotAllowed):
        need_folder(SIGNED_IN, tmp_path / "open" / "link")


def test_pictures_of_a_folder_are_the_teachers_until_they_are_shown() -> None:
    assert sees_pictures(STUDENT, ClassRules(), "mnist") and sees_pictures(SIGNED_IN, ClassRules(), "/home/me/digits")
    assert not sees_pictures(STUDENT, ClassRules(), "/home/me/digits")
    assert sees_pictures(STUDENT, ClassRules(shows_pictures=True), "/home/me/digits")


def test_a_sentence_loses_the_path_and_keeps_the_name() -> None:
    config = {"dataset": "/home/me/my digits"}
    assert rules.without_paths("/home/me/my digits/3.png cannot be read", config) == "my digits/3.png cannot be read"
    assert rules.without_paths("'/home/me/digits' (/srv/x/y) is gone") == "'digits' (y) is gone"
    assert rules.without_paths(r"C:\Users\me\digits is gone") == "digits is gone"
    for words in ("mnist is small", "GAN/VAE, 3 / 4, D(G(z)) 0.5/1", "https is not /one"):
        assert rules.without_paths(words) == words


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"may_train": 1, "runs": true, "epochs": "9", "more": 1}'])
def test_damaged_rules_of_a_class_are_the_first_ones(text: str) -> None:
    assert ClassRules.from_json(text) == ClassRules()


def test_rules_of_a_class_are_kept() -> None:
    assert ClassRules.from_json(MAY.to_json()) == MAY
