"""The benchmarks of the pages: counts, not times. What a viewer asks and gets, what the server loads, what is left behind."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from there import there

from gencmp.bench import dashboard, start, viewers
from gencmp.bench.tools import arrivals, crowd, processes, wire
from gencmp.bench.tools.crowd import Crowd, Diary, Stored, Update
from gencmp.bench.tools.spread import middle, percentile
from gencmp.bench.tools.usage import usage
from gencmp.errors import GencmpError
from gencmp.files import ROOT
from gencmp.runs.catalog import StoredRun
from gencmp.runs.run import Run
from gencmp.runs.store import RunStore
from gencmp.settings.configs import GanConfig, VaeConfig
from gencmp.training.schedule import PICTURED
from gencmp.ui.routes.assets import content_hash

QUIET = lambda share, words: None  # noqa: E731


# A viewer is as the page is


def test_a_viewer_asks_as_often_as_the_page_does() -> None:
    script = (ROOT / "gencmp" / "ui" / "static" / "train" / "live.js").read_text("utf-8")
    assert int(there(re.search(r"const EVERY = (\d+);", script))[1]) == 1000 * crowd.EVERY
    assert 1 / crowd.EVERY < 3.1  # questions a second, of each run on the page


def test_the_pages_are_those_of_the_dashboard() -> None:
    scripts = re.findall(r'st\.Page\("pages/(\w+)\.py"', (ROOT / "dashboard.py").read_text("utf-8"))
    assert ["home" if page == "" else page for page in start.PAGES] == scripts


class Socket:
    """Streamlit's websocket: what it was sent, and messages to be read from it."""

    def __init__(self, *messages: Any) -> None:
        self.sent: list[Any] = []
        self.messages = [message.SerializeToString() for message in messages]

    async def send(self, content: Any) -> None:
        self.sent.append(BackMsg.FromString(content))

    async def __aiter__(self) -> AsyncIterator[Any]:
        for content in self.messages:
            yield content


def drawing() -> Any:
    """A message with which Streamlit draws."""
    message = ForwardMsg()
    message.delta.new_element.markdown.body = "x" * 300
    message.metadata.cacheable = True
    return message


@pytest.mark.parametrize("query", ["", "runs=1a2b3c4d", "runs=" + "1a2b3c4d," * 100])
def test_a_viewer_asks_for_its_page_and_knows_when_it_is_drawn(query: Any) -> None:
    done = ForwardMsg()
    done.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY  # 0, and written all the same: it is one of a choice
    line: Any = Socket(drawing(), drawing(), done, drawing())
    assert asyncio.run(wire.draw(line, "train", query)) == sum(map(len, line.messages[:3]))
    (asked,) = line.sent
    assert (asked.rerun_script.page_name, asked.rerun_script.query_string) == ("train", query)


def test_a_session_that_closes_before_its_page_is_drawn_is_said() -> None:
    with pytest.raises(GencmpError, match="before its page was drawn"):
        asyncio.run(wire.draw(cast(Any, Socket(drawing())), "train", ""))


def answers(*contents: Any) -> Any:
    """What a line gets that asks a server for /news as often as the server has answers, each as sent."""

    async def serve(reader: Any, writer: Any) -> None:
        for content in contents:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(content)
        writer.close()

    async def ask() -> Any:
        async with await asyncio.start_server(serve, processes.HOST) as server:
            line = wire.Line(server.sockets[0].getsockname()[1])
            try:
                return [await line.get("/news") for _ in contents]
            finally:
                line.close()

    return asyncio.run(ask())


def test_a_line_reads_answers_one_after_the_other_and_counts_their_bytes() -> None:
    zipped = gzip.compress(b"news" * 100)
    head = b"HTTP/1.1 200 OK\r\nX: a: b\r\n"
    contents = (
        head + b"Content-Length: 3\r\n\r\nold",
        head + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(zipped) + zipped,
        head + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    )
    sizes = [len(content) for content in contents]
    assert answers(*contents) == list(zip((b"old", b"news" * 100, b"abc"), sizes, strict=True))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", "The server answers /news with 404: no"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", "The server broke off its answer to /news: "),
        (b"", "The server broke off its answer to /news: "),
        (b"SSH-2.0\r\n\r\n", "The server broke off its answer to /news: "),
    ],
)
def test_what_is_no_answer_is_said(content: bytes, sentence: str) -> None:
    with pytest.raises(GencmpError, match=sentence):
        answers(content)


# Arithmetic with known answers


def test_the_middle_and_what_95_in_100_stay_below() -> None:
    assert (middle(range(1, 101)), percentile(range(1, 101))) == (50.5, 95)
    assert (percentile([7]), percentile([1, 2]), percentile([]), middle([])) == (7, 2, 0, 0)


def test_news_age_from_each_commit_that_they_bring(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    diary = Diary(store, [run])
    diary.pages[run.id] = [Stored(10, 0, 100.0), Stored(20, 0, 100.25), Stored(30, 1, 100.5)]
    assert diary.ages([Update(run.id, 10, 30, 100.75), Update(run.id, 30, 30, 101.0)]) == [0.5, 0.25]


def test_a_viewers_cost_is_against_the_turns_beside_it() -> None:
    speeds = [(0, 100), (1, 98), (0, 100), (30, 80), (0, 60)]
    turns = [{"viewers": v, "images_per_second": s, "load_share": 0.1} for v, s in speeds]
    assert dashboard._cost(turns, 1)["cost"] == 0.02
    assert dashboard._cost(turns, 30)["cost"] == 0.0  # the machine became slower, the viewers took nothing


def test_only_whole_epochs_count() -> None:
    page = [Stored(9, 0, 1.0), Stored(10, 1, 2.0), Stored(15, 1, 3.0), Stored(20, 2, 4.0), Stored(30, 3, 6.0)]
    ends = dashboard.epoch_ends(page, since=2.5)
    assert [end.epoch for end in ends] == [2, 3]
    assert dashboard._speed(ends, images=500) == 250


def test_what_a_process_takes() -> None:
    """A known amount of memory, and of work, in a process of its own."""
    code = "import time\nheld = bytearray(b'x' * 50_000_000)\nwhile time.process_time() < 0.5: pass\nprint(flush=True)\ninput()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        there(process.stdout).readline()
        taken = usage(process.pid)
        process.communicate(b"\n")
    assert 50e6 < taken.memory < 120e6 and 0.4 < taken.seconds < 3
    with pytest.raises(GencmpError, match=f"The process {process.pid} ended"):
        usage(process.pid)


def test_a_busy_machine_is_said() -> None:
    assert processes.say_load(1000.0) and not processes.say_load(0.0) and not processes.say_load(None)


def test_what_python_tells_of_its_imports(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "import time: self [us] | cumulative | imported package\nimport time:  12 |  30 |     numpy.core\nHello | a | b\n"
    )
    assert start.imported(log) == {"imported package", "numpy.core"}


# What an update costs the server


def work_of(store: Any, ask: Any) -> int:
    """Steps of SQLite's machine."""
    counted = []
    store.database.connection().set_progress_handler(lambda: counted.append(1) and None, 1)
    ask()
    store.database.connection().set_progress_handler(None, 0)
    return len(counted)


def test_an_update_reads_no_more_of_a_long_run_than_of_a_short_one(
    store: RunStore, trained: Callable[..., Run], gan: GanConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = []
    for epochs in (2, 20):
        run = trained(gan.replace(epochs=epochs))
        record = StoredRun(store, run)
        work.append(work_of(store, lambda run=run, record=record: record.steps(after=run.step - 3)))
    assert 0 < work[1] <= work[0] + 20
    assert work_of(store, lambda: record.steps(after=0)) > 3 * work[1]  # so that the count tells them apart


# The benchmarks themselves, small


CLASS = arrivals.Visit(
    files=(f"/gencmp/static/{content_hash()}/all.js", f"/gencmp/static/{content_hash()}/shared/base.css"),
    news=("/gencmp/real.png",),
)


@pytest.fixture(scope="module")
def small(digits_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A live run, watched by two viewers, then in turns; then somebody presses Ctrl-C.

    Its epochs are long, and the pictures of all are kept: those of short ones would go before a viewer asks for them."""
    config = VaeConfig(
        epochs=PICTURED, batch_size=1, encoder_widths=(16,), decoder_widths=(16,), dataset=str(digits_folder)
    )
    store = RunStore(tmp_path_factory.mktemp("bench"))
    found: dict[str, Any] = {"config": config}
    patch = pytest.MonkeyPatch()
    for module, name, value in (
        (viewers, "VIEWERS", (1, 2)), (viewers, "SECONDS", 0.8), (viewers, "SETTLE", 0.4),
        (dashboard, "TURNS", (0, 1)), (dashboard, "ROUNDS", 1), (dashboard, "EPOCHS", 1),
    ):  # fmt: skip
        patch.setattr(module, name, value)
    with (
        suppress(KeyboardInterrupt),
        processes.served(store.home) as server,
        processes.trained(store, [config]) as runs,
    ):
        found |= {"store": store, "server": server, "run": runs[0]}
        found["windows"] = asyncio.run(viewers._windows(server, store, runs, QUIET))
        found["arrivals"] = asyncio.run(arrivals.arrivals(server, CLASS, 3, 0.1))
        found["turns"] = asyncio.run(dashboard._turns(server, store, runs[0], QUIET))
        raise KeyboardInterrupt
    patch.undo()
    return found


def test_viewers_hear_of_every_step_without_a_word_from_streamlit(small: dict[str, Any]) -> None:
    one, two = small["windows"]
    assert (one["viewers"], two["viewers"]) == (1, 2)
    assert one["asked"] >= 1 and two["asked"] >= 2 and two["age_median"] > 0
    assert one["steps"]["vae"] > 0 and two["steps"]["vae"] > 0
    assert one["session_messages"] == two["session_messages"] == 0
    assert 0 < two["news_bytes_p95"] < 6000
    assert 0 < two["page_bytes"] < 60_000, two["page_bytes"]


def test_phones_that_come_in_fetch_files_page_and_pictures(small: dict[str, Any]) -> None:
    found = small["arrivals"]
    assert len(found) == 3
    assert all(0 < each.seconds < 60 and each.bytes > 150_000 for each in found)  # our scripts alone are 140 kB


def test_say_speaks_of_each_number_of_viewers_in_plain_words(small: dict[str, Any]) -> None:
    joined = {"why": "", "phones": 3, "within": 1.0, "median": 0.5, "p95": 0.6, "last": 0.7, "requests": 80}
    joined |= {"bytes": 1_400_000, "load_share": 0.1}
    told = {"windows": small["windows"], "kept_back_seconds": 0.25, "load_before": None}
    lines = viewers.say(told | {"joined": joined})
    assert lines[0].startswith("3 phones open Home within 1 s: its pictures are there after 0.50 s (median), 0.60 s")
    assert viewers.say(told | {"joined": {"why": "There is no browser."}})[0].endswith("There is no browser.")
    assert [line for line in lines if line.startswith(("1 viewers: updates come", "2 viewers: updates come"))]
    assert "bytes per response" in " ".join(lines)


def test_turns_measure_whole_epochs_with_and_without_viewers(small: dict[str, Any]) -> None:
    assert [turn["viewers"] for turn in small["turns"]] == [0, 1, 0]
    assert all(turn["images_per_second"] > 0 for turn in small["turns"])
    cost = {"viewers": 1} | dashboard._cost(small["turns"], 1)
    pair = {"gan_alone": 100.0, "vae_alone": 200.0, "gan_together": 45.0, "vae_together": 90.0}
    measured = {
        "costs": [cost],
        "pairs": [pair],
        "load_before": 0.0,
        "together": {"median": 0.9, "low": 0.9, "high": 0.9},
    }
    assert dashboard.say(measured)[0].startswith("with one viewer the training keeps")
    assert any("reach 0.90 of what each alone would" in line for line in dashboard.say(measured))


def test_nothing_is_left_after_ctrl_c(small: dict[str, Any]) -> None:
    assert small["store"].queries.get(small["run"].id).state == "stopped"
    with socket.socket() as line:
        assert line.connect_ex((processes.HOST, small["server"].port)) != 0


def test_a_run_that_ends_while_it_is_measured_is_said(store: RunStore, vae: VaeConfig) -> None:
    run = store.create(vae)
    store.claim(run.id)
    store.set_state(run.id, "failed", "A loss is no longer a number.")
    with pytest.raises(GencmpError, match=r"The VAE failed while it was being measured. A loss is no longer a number."):
        processes.must_go_on(store, [run])


def test_a_viewer_whose_server_goes_away_says_so(store: RunStore, vae: VaeConfig) -> None:
    gone = processes.Server(1, 0, store.home, 0.0, 0.0)  # nobody listens there

    async def come() -> None:
        async with Crowd(gone, [store.create(vae)]) as crowd:
            await crowd.resize(1)

    with pytest.raises(OSError):
        asyncio.run(come())


def test_the_server_starts_without_what_is_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise GencmpError("There is no browser here.")

    monkeypatch.setattr(start, "opened", none)
    monkeypatch.setattr(start, "STARTS", 1)
    measured = start.measure(QUIET)
    assert not any(stage["torch"] for stage in measured["loaded"].values())
    assert 100 < measured["loaded"]["server"]["modules"] <= measured["loaded"]["pages"]["modules"] < 3000
    assert measured["switches"] is None and "There is no browser here." in start.say(measured)[-1]
