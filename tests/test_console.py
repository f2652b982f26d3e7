"""Every command in the encodings of redirected output: legible, and never broken off."""

import ast
import io
import json
import logging
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import click
import pytest

from gencmp.cli.main import gencmp, main
from gencmp.cli.progress_bar import progress_bar, training_bar
from gencmp.console import READER_GONE, legible, make_output_legible, utf8_environment
from gencmp.events import Epoch, Started, Step
from gencmp.files import ROOT, home
from gencmp.runs import launcher, worker
from gencmp.runs.store import RunStore
from gencmp.settings.configs import VaeConfig

ENCODINGS = ["cp1252", "cp437", "latin-1", "ascii"]
EVERY = "β → ± … “x” ‘y’ – — × · ² ³ ° ½ ε χ ∫ é ä ß ń ₂ 🎉 中 \ud800"


def is_lossy(words: Any) -> Any:
    """Whether a letter was written as its number: in words of ours none should be."""
    return re.search(r"\\[uUx][0-9a-f]|\?", words) is not None


class Stream(io.TextIOWrapper):
    """As Python makes standard output for a pipe, or a terminal, of this encoding."""

    def __init__(self, encoding: Any, errors: str = "strict", terminal: bool = False) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, errors=errors, write_through=True)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal

    def said(self) -> str:
        written = self.buffer
        assert isinstance(written, io.BytesIO)
        return written.getvalue().decode(self.encoding)


@pytest.fixture(params=ENCODINGS)
def encoding(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextmanager
def output(encoding: Any, terminal: bool = False) -> Iterator[Any]:
    """Standard output and standard error in an encoding, as Python sets them up."""
    with (
        redirect_stdout(Stream(encoding, "strict", terminal)) as out,
        redirect_stderr(Stream(encoding, "backslashreplace", terminal)) as err,
    ):
        yield out, err


def said(encoding: Any, *words: Any) -> Any:
    """What a command says on both, and with which status it ends."""
    with output(encoding) as (out, err):
        try:
            status: Any = main(list(words))
        except SystemExit as left:
            status = left.code
    return out.said(), err.said(), status


def commands(command: Any = gencmp, path: Any = ()) -> Iterator[Any]:
    """Every command, with its words: ("train", "vae") and so on."""
    yield path
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_the_help_of_every_command_can_be_written_anywhere(path: Any, encoding: str) -> None:
    out, err, status = said(encoding, *path, "--help")
    assert (status, err) == (0, "") and out.startswith("usage: python -m gencmp") and not is_lossy(out)
    if path == ("train", "vae"):
        assert ("beta, the KL weight" in out or "β, the KL weight" in out) or "--beta VALUE" in out


@pytest.mark.parametrize("kind", ["gan", "vae"])
def test_the_layers_of_a_model_can_be_written_anywhere(encoding: str, kind: str) -> None:
    out, _, status = said(encoding, "describe", kind)
    assert status == 0 and "784 -> 512" in out and not is_lossy(out)


def test_a_run_named_with_an_emoji_does_not_hide_the_others(encoding: str, vae: VaeConfig) -> None:
    store = RunStore(home())
    runs = [store.create(vae, name=name) for name in ("🎉", "Ünï → β", "plain")]
    out, _, status = said(encoding, "runs")
    assert status == 0 and all(run.id in out for run in runs)
    assert "  \\U0001f389  " in out and "-> b" in out.replace("β", "b") and "plain" in out
    out, err, status = said(encoding, "sample", "🎉", "--out", "x.png")
    assert (status, err) == (
        2,
        "gencmp: \\U0001f389 has not finished an epoch yet, so it has no weights. Train it further first.\n",
    )


def test_runs_that_differ_in_an_emoji_alone_are_told_apart(encoding: str, vae: VaeConfig) -> None:
    store = RunStore(home())
    for name in ("🎉 1", "🎂 1"):
        store.create(vae, name=name)
    out, _, _ = said(encoding, "runs")
    assert r"  \U0001f389 1  " in out and r"  \U0001f382 1  " in out


def test_json_is_json_in_every_encoding(encoding: str, vae: VaeConfig) -> None:
    run = RunStore(home()).create(vae, name="🎉 β")
    for words in (["runs"], ["describe", "gan"], ["sample", "nobody 🎉", "--out", "x.png"]):
        out, _, _ = said(encoding, *words, "--json")
        answer = json.loads(out.splitlines()[-1])
        if words == ["runs"]:
            assert [each["name"] for each in answer["runs"]] == [run.name]
        if "sample" in words:
            assert "nobody 🎉" in answer["error"]


def test_mistakes_can_be_told_anywhere(encoding: str) -> None:
    for words, part in (
        (["train", "gan", "--noise", "β🎉"], "gencmp: Noise: found '"),
        (["sample", "paper-vae", "--count", "β", "--out", "x.png"], "', wanted a whole number from 1"),
        (["→"], "invalid choice: "),
        (["train", "vae", "--beta1", "2"], "Adam b"),
    ):
        _, err, status = said(encoding, *words)
        assert status == 2 and "Traceback" not in err
        assert part in err or "Adam β" in err


def test_tables_and_notes_of_figures_can_be_written_anywhere(encoding: str) -> None:
    out, _, status = said(encoding, "evaluate", "paper-gan")  # as kept with the shipped models
    assert status == 0 and "Fr" in out and not is_lossy(out)


@pytest.mark.parametrize("terminal", [False, True])
def test_bars_can_be_drawn_anywhere(encoding: str, terminal: bool) -> None:
    started = Started("vae", {"epochs": 1}, 0, 0, 1, 10, "cpu", 1, "float32", {}, 0.0)
    with output(encoding, terminal) as (_, err):
        make_output_legible()
        with progress_bar() as told:
            told(0.5, "measuring 🎉 → β…")
        list(training_bar(iter([started, Step(1, 1, {"kl": 1.0})])))
    words = err.said()
    assert "measuring \\U0001f389 -> b" in words.replace("β", "b")
    assert ("|" in words) == terminal


def test_a_workers_log_can_be_written_anywhere(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(
        "gencmp.runs.worker.work",
        lambda store: logging.getLogger("gencmp.runs.worker").warning("run %s → failed", "🎉"),
    )
    with output(encoding) as (_, err):
        worker.main([], standalone_mode=False)
    assert "run \\U0001f389 -> failed" in err.said()


def test_processes_of_ours_write_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    assert utf8_environment()["PYTHONIOENCODING"] == launcher.environment()["PYTHONIOENCODING"] == "utf-8"
    code = "print('β 🎉')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=launcher.environment())
    assert done.stdout.decode("utf-8").strip() == "β 🎉"


def test_a_redirected_command_ends_well(encoding: str) -> None:
    command = [sys.executable, "-m", "gencmp", "train", "vae", "--help"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, env=environment, timeout=60, check=False)
    words = done.stdout.decode(encoding)
    assert (done.returncode, done.stderr) == (0, b"") and "Adam's step size" in words


# A reader that has gone, as after `| head`


class Closed(Stream):
    """A pipe whose other end is closed."""

    def __init__(self) -> None:
        super().__init__("utf-8")

    def write(self, words: Any) -> int:
        raise BrokenPipeError(32, "Broken pipe")


@pytest.mark.parametrize("words", [["runs"], ["describe", "vae"], ["--help"], ["--version"]], ids=" ".join)
def test_a_command_that_nobody_reads_ends_without_a_word(words: Any) -> None:
    with redirect_stdout(Closed()), redirect_stderr(Stream("utf-8")) as err:
        assert main(words) == READER_GONE
    assert err.said() == ""


def test_a_mistake_that_nobody_reads_ends_without_a_word() -> None:
    with redirect_stdout(Closed()), redirect_stderr(Closed()):
        assert main(["sample", "nobody", "--out", "x.png", "--json"]) == READER_GONE


@pytest.mark.skipif(os.name != "posix", reason="a shell's pipe")
@pytest.mark.parametrize("words", [["runs"], ["describe", "gan"], ["--help"], ["train", "gan", "--help"]], ids=" ".join)
def test_a_pipe_that_is_closed_before_the_end_leaves_nothing_on_standard_error(words: Any) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "gencmp", *words],
            cwd=ROOT,
            stdout=writer,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (READER_GONE, b"")


def test_a_training_that_nobody_reads_has_stopped_and_can_go_on(
    store: RunStore, vae: VaeConfig, digits_folder: Path
) -> None:
    def unread(events: Any) -> Iterator[Any]:
        for event in events:
            yield event
            if isinstance(event, Epoch):
                raise BrokenPipeError(32, "Broken pipe")

    run = store.create(vae.replace(dataset=str(digits_folder), epochs=2))
    store.claim(run.id)
    with pytest.raises(BrokenPipeError):
        worker.train_run(store, run, unread)
    assert (store.queries.get(run.id).state, store.queries.get(run.id).reason) == ("stopped", "")
    assert store.requeue(run.id).state == "queued"


# The letters


@pytest.mark.parametrize("encoding", [*ENCODINGS, "utf-8", "cp1251", "shift_jis"])
def test_every_letter_can_be_written_in_every_encoding(encoding: Any) -> None:
    with output(encoding) as (out, _):
        make_output_legible()
        print(EVERY)
    assert len(out.said()) > len(EVERY) - 3


def test_what_was_asked_for_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with redirect_stdout(Stream("ascii", "ignore")) as out:
        make_output_legible()
        print("a→b")
    assert out.said().strip() == "ab"


def test_letters_are_written_as_a_person_would_type_them() -> None:
    assert legible("β → ± … “x” – × ε Δ é ń ½ p² H₂O") == 'beta -> +/- ... "x" - x epsilon Delta e n 1/2 p^2 H2O'
    assert legible("🎉中\ud800") == r"\U0001f389\u4e2d\ud800" and legible("plain?") == "plain?"


def test_every_letter_in_our_sentences_has_a_likeness() -> None:
    letters = {
        letter
        for path in (ROOT / "gencmp").rglob("*.py")
        for node in ast.walk(ast.parse(Path(path).read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for letter in node.value
        if not letter.isascii() and unicodedata.category(letter) != "Cn" and path.name not in ("console.py", "names.py")
    }
    assert {"β", "→"} <= letters
    assert {letter for letter in letters if is_lossy(legible(letter))} == set()


def test_the_cards_that_commands_write_are_utf_8(encoding: str, tmp_path: Path) -> None:
    assert said(encoding, "export", "paper-vae", "--epochs", "1", "--out", str(tmp_path / "x"))[2] == 0
    assert (tmp_path / "x" / "README.md").read_bytes().decode("utf-8").startswith("# paper-vae")
