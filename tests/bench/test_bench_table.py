"""The table of the README is what the command makes of the kept measurements, and hides nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from gencmp.bench import TOPICS, table
from gencmp.bench.table import Row, keep, kept, markdown, rewrite, rows
from gencmp.bench.targets import (
    TARGETS,
    Reading,
    Target,
    middle_of,
    of,
    of_model,
    of_viewers,
    of_visit,
    to_all_phones,
    to_home,
    to_next_page,
    to_open,
    to_sixty_screens,
)
from gencmp.cli import bench
from gencmp.cli.main import main
from gencmp.errors import GencmpError

FACTS = {"topic": "speed", "date": "2026-01-02", "machine": "A laptop", "versions": {"gencmp": "0.1.0", "python": "3.11.9"}}  # fmt: skip


def target(sense: str = "at least", limit: float = 4) -> Target:
    return Target("speed", "A step", sense, limit, "times as fast", of("ratio"), "aim 6")


def test_the_readme_holds_what_the_command_makes() -> None:
    assert table.between(table.README.read_text("utf-8")) == markdown(rows(kept(table.KEPT), TARGETS))


def test_a_row_tells_target_figure_range_machine_and_date() -> None:
    (row,) = rows({"speed": FACTS | {"ratio": 5.25, "ratio_low": 5, "ratio_high": 5.5}}, [target()])
    machine = "A laptop; gencmp 0.1.0, python 3.11.9"
    assert row == Row(
        "A step", "at least 4 times as fast (aim 6)", "5.25 times as fast (5 to 5.5)", "met", machine, "2026-01-02"
    )


def test_a_figure_that_depends_on_instruction_sets_names_them() -> None:
    [row] = rows({"speed": FACTS | {"features": "AVX2", "ratio": 5}}, [target()])
    assert row.machine == "A laptop (AVX2); gencmp 0.1.0, python 3.11.9"


def test_a_missed_target_is_shown_as_missed() -> None:
    found = rows({"speed": FACTS | {"ratio": 3.99}}, [target()])
    assert found[0].state == "missed"
    assert (
        "| A step | at least 4 times as fast (aim 6) | 3.99 times as fast | **missed** | A | 2026-01-02 |"
        in markdown(found)
    )
    assert table.words(found) == "1 targets: 0 met, 1 missed, 0 not measured"


@pytest.mark.parametrize("measured", [{}, {"speed": FACTS | {"ratio": None}}])
def test_what_was_not_measured_says_so(measured: Any) -> None:
    assert rows(measured, [target()]) == [Row("A step", "at least 4 times as fast (aim 6)", "", "not measured", "", "")]


@pytest.mark.parametrize(
    ("sense", "met"), [("at least", [False, True, True]), ("at most", [True, True, False]), ("under", [True, False, False])]
)  # fmt: skip
def test_the_limit_itself_belongs_to_two_senses(sense: str, met: Any) -> None:
    assert [target(sense).is_met(value) for value in (3.9, 4, 4.1)] == met


def test_the_ways_to_read_a_measurement() -> None:
    told = {
        "share": 0.615, "share_low": 0.6, "share_high": 0.62, "kept_back_seconds": 0.25,
        "models": [{"model": "gan", "ratio": 5}, {"model": "vae", "ratio": 6}],
        "rows": [{"ratio": 1.01}, {"ratio": 1.3, "ratio_low": 1.2, "ratio_high": 1.5}, {"ratio": 0.9}],
        "windows": [{"viewers": 10, "age_p95": 0.1, "memory": None}, {"viewers": 60, "age_p95": 0.5}],
    }  # fmt: skip
    assert of("share", 100)(told) == Reading(61.5, 60, 62)
    assert middle_of({"median": 2, "low": 1, "high": 3}, 10) == Reading(20, 10, 30)
    assert of_model("vae", "ratio")(told) == Reading(6)
    assert of_viewers("windows", 60, "age_p95", 1000)(told) == Reading(500)
    assert of_viewers("windows", 10, "memory")(told) == Reading(None)
    assert to_open(told) == Reading(1.3, 1.2, 1.5)
    assert to_sixty_screens(told) == Reading(0.75)
    with pytest.raises(KeyError, match="no row whose viewers is 30"):
        of_viewers("windows", 30, "age_p95")(told)


def test_a_start_without_a_browser_has_not_measured_home() -> None:
    told = {"starts": {"answered": {}, "grids": {"median": 2, "low": 1, "high": 3}}, "switches": {"heading_p95": 0.2}}
    assert (to_home("grids")(told), to_next_page(told)) == (Reading(2, 1, 3), Reading(200))
    first = {"bytes": 2_970_000, "requests": 87, "median": 1.2, "low": 1.1, "high": 1.4}
    visited = told | {"visits": {"first": first, "second": first | {"seen": {"median": 0.4, "low": 0.3, "high": 0.6}}}}
    assert of_visit("first", "bytes", 1e-6)(visited) == Reading(2.97)
    assert of_visit("first", "seconds")(visited) == Reading(1.2, 1.1, 1.4)
    assert of_visit("second", "seen")(visited) == Reading(0.4, 0.3, 0.6)
    assert of_visit("first", "seen")(visited) == to_home("seen")(told) == Reading(None)  # of an earlier version
    assert of_visit("first", "requests")(told) == of_visit("first", "bytes")(told | {"visits": None}) == Reading(None)
    assert to_all_phones({"joined": {"last": 3.5}}) == Reading(3.5)
    assert to_all_phones({"joined": {"why": "no browser"}}) == to_all_phones({}) == Reading(None)
    blind: dict[str, Any] = {"starts": {"answered": {}}, "switches": None}
    assert (to_home("seen")(blind), to_next_page(blind)) == (Reading(None), Reading(None))


def test_each_machine_has_its_letter() -> None:
    other = FACTS | {"machine": "A server", "gpu": "A card", "ratio": 9}
    found = rows(
        {"speed": FACTS | {"ratio": 5}, "other": other},
        [target(), Target("other", "B", "under", 10, "s", of("ratio")), target()],
    )
    lines = markdown(found).splitlines()
    assert [line.split(" | ")[4] for line in lines[2:5]] == ["A", "B", "A"]
    assert "A: A laptop; gencmp 0.1.0, python 3.11.9." in lines
    assert "B: A card; A server; gencmp 0.1.0, python 3.11.9." in lines


def test_only_what_is_between_the_markers_is_rewritten(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", "utf-8")
    found = rows({}, [target()])
    for _ in range(2):  # the second time changes nothing
        rewrite(found, path)
        assert path.read_text("utf-8") == f"before\n{table.BEGIN}\n\n{markdown(found)}\n\n{table.END}\nafter\n"


def test_a_readme_without_markers_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("nothing here", "utf-8")
    with pytest.raises(GencmpError, match="Put them back"):
        rewrite([], path)
    assert path.read_text("utf-8") == "nothing here"


def test_a_measurement_that_lacks_the_figure_is_refused() -> None:
    with pytest.raises(GencmpError, match=r"speed\.json does not tell “A step”.*bench speed --keep"):
        rows({"speed": FACTS}, [target()])


@pytest.mark.parametrize("content", ["{", "[]", '{"topic": "other"}'])
def test_a_file_that_is_no_measurement_of_its_topic_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "speed.json").write_text(content)
    with pytest.raises(GencmpError, match="bench speed --keep"):
        kept(tmp_path)


def test_every_target_has_its_topic() -> None:
    assert {each.topic for each in TARGETS} <= {*TOPICS, "gpu"}  # measured on another machine
    assert "table" not in TOPICS


# The command


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A topic that is measured at once, a table of its own, and a README to write it into."""
    monkeypatch.setattr(bench.TOPIC, "choices", ("speed", "table"))
    topic = SimpleNamespace(
        measure=lambda told: {"words": "It is fast.", "ratio": 3.0}, say=lambda found: [f"{found['ratio']} times"]
    )
    monkeypatch.setattr(bench, "import_module", lambda name: {"gencmp.bench.speed": topic}[name])
    monkeypatch.setattr(bench, "TARGETS", [target()])
    monkeypatch.setattr(table, "KEPT", tmp_path / "bench")
    monkeypatch.setattr(table, "README", tmp_path / "README.md")
    table.README.write_text(f"{table.BEGIN}\n{table.END}\n", "utf-8")
    return tmp_path


def test_what_is_kept_is_what_json_prints(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "speed", "--json", "--keep"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert json.loads((measured / "bench" / "speed.json").read_text("utf-8")) == told
    assert (told["topic"], told["ratio"]) == ("speed", 3.0)
    assert {"gencmp", "python", "torch", "streamlit"} <= set(told["versions"])


def test_nothing_is_kept_unasked(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "speed"]) == 0
    assert capsys.readouterr().out == "It is fast.\n3.0 times\n"
    assert not (measured / "bench").exists()


def test_the_table_is_made_from_what_was_kept(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["bench", "speed", "--keep"])
    capsys.readouterr()
    assert main(["bench", "table"]) == 0
    assert capsys.readouterr().out == "1 targets: 0 met, 1 missed, 0 not measured\nmissed: A step\n"
    assert "**missed**" in (measured / "README.md").read_text("utf-8")
    assert main(["bench", "table", "--json"]) == 0
    assert [row["state"] for row in json.loads(capsys.readouterr().out)["rows"]] == ["missed"]


def test_the_table_keeps_nothing(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "table", "--keep"]) == 2
    assert "--keep" in capsys.readouterr().err


def test_a_damaged_measurement_is_one_sentence(measured: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep({"topic": "speed"}, measured / "bench")
    assert main(["bench", "table"]) == 2
    assert "Measure it again" in capsys.readouterr().err


def test_what_a_topic_lacks_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)  # as if it were not installed
    monkeypatch.delitem(sys.modules, "gencmp.bench.tools.usage", raising=False)
    monkeypatch.delitem(sys.modules, "gencmp.bench.viewers", raising=False)
    assert main(["bench", "viewers"]) == 2
    words = "bench viewers needs psutil, which is not installed. Run: pip install -r requirements-dev.txt"
    assert capsys.readouterr().err == f"gencmp: {words}\n"
