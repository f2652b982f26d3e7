"""How soon Home is on the screen, what a browser transfers for it, what the server loads, and how long a switch from page to page
takes."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from gencmp.bench.tools.chromium import SIZE, opened
from gencmp.bench.tools.processes import Server, load_before, say_load, served
from gencmp.bench.tools.spread import middle, percentile
from gencmp.bench.tools.transfer import visit
from gencmp.bench.tools.wire import draw, session
from gencmp.errors import GencmpError
from gencmp.progress import Progress

STARTS = 5
VISITS = 5  # of Home, each in a new browser: the first one, and a second one with what the first has left in the cache
ROUNDS = 6  # through all pages; the first meets pages that the browser and the server have never seen
PAGES = (
    "",
    "learn",
    "train",
    "explore",
    "compare",
    "verdict",
    "runs",
    "vote",
    "paper",
)  # addresses, in the order of the bar
HEAVY = ("torch", "torchvision", "plotly", "pandas")  # the slowest imports of a server
# Home's three pictures are on screen: those within the server's first answer, or the page's own
SEEN = """() => {
  const shown = [...document.querySelectorAll('.gc-still img')].filter(each => each.complete && each.naturalWidth);
  return Math.max(shown.length, document.querySelectorAll('.gc-home canvas[data-shown]').length) === 3;
}"""
GRIDS = "() => document.querySelectorAll('.gc-home canvas[data-shown]').length === 3"  # the page's own: it can be used
IMPORTTIME = ("-X", "importtime")  # Python's own list of what it imports, on standard error

# Clicks a page's name in the bar; answers the milliseconds until another heading is there, and until the script is done.
SWITCH = """async page => {
  const heading = () => document.querySelector('[data-testid=stMain] h1')?.innerText ?? '';
  const busy = () => document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'notRunning';
  const frame = () => new Promise(requestAnimationFrame);
  const link = [...document.querySelectorAll('a[data-testid=stTopNavLink]')]
    .find(a => new URL(a.href).pathname === `/${page}`);
  const before = heading(), started = performance.now();
  link.click();
  while (!heading() || heading() === before) {
    if (performance.now() - started > 20000) throw new Error(`no heading of ${page || 'home'} within 20 s`);
    await frame();
  }
  const shown = performance.now() - started;
  while (busy()) await frame();
  return [shown, performance.now() - started];
}"""


def measure(progress: Progress) -> dict[str, Any]:
    """Seconds to Home, modules in the server, seconds from page to page. Without a browser, to the server's first answer
    only. Raises GencmpError when the server does not start, or a page does not come."""
    load = load_before()
    progress(0.0, "What the server loads")
    loaded = _loaded()  # first, because Playwright's event loop refuses any other while it lives
    with ExitStack() as stack:
        try:
            browser, why = stack.enter_context(opened()), ""
        except GencmpError as error:
            browser, why = None, str(error)
        starts = []
        for number in range(STARTS):
            progress(0.1 + 0.5 * number / STARTS, f"Start {number + 1} of {STARTS}")
            starts.append(_started(browser))
        progress(0.6, "First and second visits of Home")
        visits = _visited(browser) if browser else None
        progress(0.7, "From page to page")
        switches = _switched(browser) if browser else None
    progress(1.0, "Done")
    figures = {name: [row[name] for row in starts] for name in starts[0]}
    return {
        "words": _words(figures),
        "browser": why or "a new profile each time, in a browser opened beforehand",
        "load_before": load,
        "starts": {name: _middle(row) for name, row in figures.items()},
        "loaded": loaded,
        "visits": visits,
        "switches": switches,
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    starts, loaded, switches = measured["starts"], measured["loaded"], measured["switches"]
    lines = [
        f"{WHAT[name]}: {row['median']:.2f} s after `streamlit run` ({row['low']:.2f} to {row['high']:.2f})"
        for name, row in starts.items()
    ]
    lines.append(
        f"the server has loaded {loaded['home']['modules']:,} modules for Home, {loaded['pages']['modules']:,} for all pages;"
        f" of the heavy ones {', '.join(loaded['pages']['heavy']) or 'none'}"
    )
    lines += say_load(measured["load_before"])
    if switches is None:
        return [*lines, f"Home on screen and the pages' switches were not measured: {measured['browser']}"]
    for name, seen in measured["visits"].items():
        lines.append(
            f"Home's {name} visit: {seen['bytes'] / 1e6:.2f} MB in {seen['requests']} requests before anything is touched;"
            f" its pictures after {seen['seen']['median']:.2f} s ({seen['seen']['low']:.2f} to {seen['seen']['high']:.2f}),"
            f" it can be used after {seen['median']:.2f} s ({seen['low']:.2f} to {seen['high']:.2f})"
        )
        lines += [f"  {kind}: {of['bytes'] / 1e3:,.0f} kB in {of['requests']}" for kind, of in seen["kinds"].items()]
    return [
        *lines,
        f"page to page: heading there {1000 * switches['heading_median']:.0f} ms after the click (median),"
        f" {1000 * switches['heading_p95']:.0f} ms (95th percentile of {switches['count']}); the aim is under 300 ms",
        f"  slowest: {', '.join(f'{page} {1000 * seconds:.0f} ms' for page, seconds in switches['slowest'])};"
        f" script done after {1000 * switches['done_median']:.0f} ms (median), {1000 * switches['done_p95']:.0f} ms (95th percentile)",
    ]


WHAT = {
    "answered": "the server's first answer",
    "heading": "Home's heading on screen",
    "seen": "Home's pictures on screen",
    "grids": "Home can be used",
}


def _words(figures: Mapping[str, Sequence[float]]) -> str:
    if "grids" in figures:
        return (
            f"On this machine Home's pictures are on screen {middle(figures['seen']):.1f} s after `streamlit run`, and the page can be"
            f" used after {middle(figures['grids']):.1f} s; the aim is under 3 s."
        )
    return f"On this machine the server answers {middle(figures['answered']):.1f} s after `streamlit run`; without a browser, no more."


def _started(browser: Any) -> dict[str, float]:
    """Seconds from spawning a server with a fresh home to its answer and, in a browser that has never seen it, to Home."""
    with _fresh() as server:
        row = {"answered": server.answered - server.spawned}
        if browser is None:
            return row
        with browser.new_context(viewport=SIZE) as context:
            page = context.new_page()
            page.goto(server.address, wait_until="commit")
            page.wait_for_function(SEEN)
            row["seen"] = time.perf_counter() - server.spawned
            page.get_by_role("heading", level=1).first.wait_for()
            row["heading"] = time.perf_counter() - server.spawned
            page.wait_for_function(GRIDS)
            row["grids"] = time.perf_counter() - server.spawned
        return row


@contextmanager
def _fresh(interpreter: Sequence[str] = ()) -> Iterator[Server]:
    """A server whose home is empty and goes with it."""
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        served(Path(folder), interpreter) as server,
    ):
        yield server


# What a browser transfers


def _visited(browser: Any) -> dict[str, Any]:
    """Bytes and requests of a first and a second visit, and seconds of a server that others have used."""
    found: dict[str, list[dict[str, Any]]] = {"first": [], "second": []}
    with _fresh() as server:
        for number in range(VISITS + 1):
            with browser.new_context(viewport=SIZE) as context:
                for visits in found.values():
                    seen = visit(context, server.address, GRIDS, SEEN).facts()
                    if number:  # the very first one waits for what the server makes once
                        visits.append(seen)
    return {
        name: visits[-1]
        | _middle([each["seconds"] for each in visits])
        | {"seen": _middle([each["seen"] for each in visits])}
        for name, visits in found.items()
    }


def _middle(seconds: Sequence[float]) -> dict[str, float]:
    return {"median": middle(seconds), "low": min(seconds), "high": max(seconds)}


# What the server loads


def _loaded() -> dict[str, Any]:
    """The modules that the server's process has loaded when it answers, when Home is drawn, and when all pages are."""
    with _fresh(IMPORTTIME) as server:
        found = {"server": imported(server.log)}
        for name, pages in (("home", PAGES[:1]), ("pages", PAGES[1:])):
            asyncio.run(_drawn(server, pages))
            found[name] = imported(server.log)
    return {
        stage: {"modules": len(names), "heavy": sorted(set(HEAVY) & names), "torch": "torch" in names}
        for stage, names in found.items()
    }


async def _drawn(server: Server, pages: Sequence[str]) -> None:
    for page in pages:
        async with session(server.port) as opened_session:
            await draw(opened_session, page, "")


def imported(log: Path) -> set[str]:
    """The modules listed by -X importtime: "import time:  own |  cumulative |  name"."""
    lines = log.read_text("utf-8", "replace").splitlines()
    return {line.split("|")[2].strip() for line in lines if line.startswith("import time:") and line.count("|") == 2}


# From page to page


def _switched(browser: Any) -> dict[str, Any]:
    """Click through all pages, round after round. Seconds."""
    with _fresh(IMPORTTIME) as server, browser.new_context(viewport=SIZE) as context:
        page = context.new_page()
        page.goto(server.address)
        page.wait_for_function(GRIDS)
        rows = []
        for number in range(ROUNDS):
            for name in (*PAGES[1:], PAGES[0]):
                shown, done = (each / 1000 for each in page.evaluate(SWITCH, name))
                rows.append({"round": number, "page": name or "home", "heading": shown, "done": done})
                page.wait_for_timeout(REST)
        heavy = sorted(set(HEAVY) & imported(server.log))
    return _spread(rows) | {"heavy": heavy}


REST = 300  # ms on each page, as a person looks at it first


def _spread(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shown, done = [row["heading"] for row in rows], [row["done"] for row in rows]
    first = [row["heading"] for row in rows if row["round"] == 0]
    pages = {row["page"]: middle([each["heading"] for each in rows if each["page"] == row["page"]]) for row in rows}
    return {
        "count": len(rows),
        "heading_median": middle(shown),
        "heading_p95": percentile(shown),
        "heading_first_p95": percentile(first),
        "done_median": middle(done),
        "done_p95": percentile(done),
        "pages": pages,
        "slowest": sorted(pages.items(), key=lambda item: -item[1])[:3],
    }
