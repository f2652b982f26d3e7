"""The command lessons: what it lists, refuses, checks and records."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from gencmp.cli.main import main
from gencmp.evaluation import checkups
from gencmp.lessons import experiment, timing
from gencmp.lessons.lesson import Lesson
from gencmp.lessons.recorded import read_times, write_records
from gencmp.lessons.twelve import LESSONS
from gencmp.settings.configs import Config


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs that train in a blink, and checkups of few pictures."""

    def blink(lesson: Lesson) -> dict[str, Config]:
        small = {"limit": 200, "epochs": 1, "encoder_widths": (8,), "decoder_widths": (8,), "device": "cpu"}
        return {each.key: each.config.replace(**small) for each in lesson.variants}

    for name in ("smallest", "full"):
        monkeypatch.setattr(experiment, name, blink)
    monkeypatch.setattr(checkups, "COUNT", 200)


def answer(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found: dict[str, object] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_lessons_are_listed_with_their_runs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lessons"]) == 0
    said = capsys.readouterr().out
    assert " 3  balance" in said and "4 runs" in said and "no runs" in said


def test_what_cannot_be_asked_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    for words, wanted in (
        (["x"], "no lesson 'x'"),
        (["images", "--check"], "No runs"),
        (["--check", "--record"], "choose one"),
    ):
        assert main(["lessons", *words]) == 2
        assert wanted in capsys.readouterr().err


def test_a_check_says_of_each_lesson_whether_its_effect_was_seen(capsys: pytest.CaptureFixture[str]) -> None:
    status = main(["lessons", "latent", "--check", "--json"])
    found = answer(capsys)["lessons"]
    assert isinstance(found, dict) and found["latent"]["seen"] is (status == 0)
    assert set(found["latent"]["figures"]) == {"one", "two", "eight", "thirty_two"}


def test_a_timed_lesson_gives_its_minutes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, seconds = tmp_path / "r.json", {"bound": 75.0, "balance": 181.0}
    monkeypatch.setattr(timing, "seconds_of", lambda lesson, progress: seconds[lesson.key])
    assert main(["lessons", "bound", "--time", "--out", str(out)]) == 0
    assert main(["lessons", "bound", "balance", "--time", "--out", str(out)]) == 1, "balance takes too long"
    assert "181.0 s, more than 180 s" in capsys.readouterr().out
    main(["lessons", "bound", "--out", str(out)])
    assert "1.5 minutes, 2 runs" in capsys.readouterr().out
    assert main(["lessons", "bound", "--time", "--record", "--out", str(out)]) == 2
    write_records([], LESSONS, out)
    assert read_times(out)["balance"].minutes == 3.5, "recording leaves the times alone"


def test_a_record_says_first_how_many_runs_and_about_how_long(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(experiment, "trained", lambda *_: ({"tracks": 0.9}, 1.0))
    out = tmp_path / "r.json"
    assert main(["lessons", "bound", "latent", "--record", "--seeds", "3", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert re.search(r"bound +6 runs to train, about \d+ minutes\nlatent +12 runs .*\nin all +18 runs", said)
    assert main(["lessons", "bound", "--record", "--seeds", "4", "--out", str(out)]) == 0
    assert re.search(r"bound +2 runs to train, about", capsys.readouterr().out)
    assert main(["lessons", "bound", "--record", "--seeds", "4", "--out", str(out)]) == 0
    assert "all recorded" in capsys.readouterr().out


def test_a_record_is_written_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "r.json"
    assert main(["lessons", "latent", "--record", "--seeds", "2", "--out", str(out), "--json"]) == 0
    assert answer(capsys)["runs"] == 8
    held = json.loads(out.read_text())
    assert held["estimates"]["latent"]["two"]["reconstruction"]["seeds"] == 2
    assert main(["lessons", "latent", "--out", str(out)]) == 0
    assert "2 of 5 seeds recorded" in capsys.readouterr().out
