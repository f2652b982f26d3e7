"""Performance in the browser: digits decoded in JavaScript, frames while dragging and while curves grow, bytes fetched.

Headless, without a GPU, on the machine that serves. Frames are the screen's: 60 a second at best.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from gencmp.bench.tools.chromium import SIZE, opened
from gencmp.bench.tools.processes import served
from gencmp.bench.tools.transfer import visit
from gencmp.errors import GencmpError
from gencmp.progress import Progress

BLOCKS = 5
SECONDS = 2.0  # of dragging, and of growing curves, in a block
DECODED = 400  # digits of a block
PAGES = {"home": "", "explore": "explore", "train": "train"}

EXPLORE = "document.querySelector('.gx').gencmp"
CARDS = "[...document.querySelectorAll('.gc-card')].map((card) => card.parentElement?.gcCard)"
READY = {
    "home": "() => document.querySelector('.gc-home')?.parentElement.gcHome?.timers.length > 3",  # the grids are alive
    "explore": "() => { const g = document.querySelector('.gx')?.gencmp, shown = g?.meter.shown;"
    " return g?.vae.model && g.gan.model && shown.vae && shown.gan }",
    "train": f"() => {{ const all = {CARDS}; return all.length === 2 && all.every((c) => c?.charts.every((chart) => chart.drawn)) }}",
}

# Milliseconds a digit of each model. The page's own script and weights, its own way of calling: one at a time.
DECODE = f"""async (count) => {{
  const page = {EXPLORE}
  const {{ paint, PIXELS }} = await import(page.data.statics + "/latent/nets.js")
  const out = new Float64Array(PIXELS)
  const time = (model) => {{
    const z = Float64Array.from({{ length: model.size }}, (_, i) => Math.sin(i + 1))
    const started = performance.now()
    for (let i = 0; i < count; i++) {{ z[0] = i / count; paint(model, z, out) }}
    return (performance.now() - started) / count
  }}
  return {{ vae: time(page.vae.model), gan: time(page.gan.model) }}
}}"""

FRAMES = """() => {
  const seen = globalThis.gencmpFrames = []
  const tick = (now) => { seen.push(now); if (seen === globalThis.gencmpFrames) requestAnimationFrame(tick) }
  requestAnimationFrame(tick)
}"""
SEEN = "() => { const seen = globalThis.gencmpFrames; globalThis.gencmpFrames = null; return seen }"

# Curves grow as those of two live runs do: each card by four points a curve, three times a second, the other between.
# Milliseconds of each growth of a card's two charts.
GROW = f"""async (seconds) => {{
  const cards = {CARDS}, took = []
  const until = performance.now() + 1000 * seconds
  while (performance.now() < until) {{
    const started = performance.now()
    for (const chart of cards[took.length % cards.length].charts) {{
      const {{ x, ...columns }} = chart.rows.steps
      const more = [1, 2, 3, 4].map((i) => (x.at(-1) ?? 0) + i / 100)
      chart.feed("steps", more, Object.fromEntries(Object.entries(columns).map(([name, ys]) => [name, ys.slice(-4)])))
    }}
    took.push(performance.now() - started)
    await new Promise((resume) => setTimeout(resume, started + 330 / cards.length - performance.now()))
  }}
  return took
}}"""


def measure(progress: Progress) -> dict[str, Any]:
    """Medians over blocks, with minimum and maximum. Raises GencmpError when there is no browser."""
    with opened() as browser, tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        progress(0.0, "the dashboard starts")
        with served(Path(home)) as server:
            return measured(browser, server.address, progress)


def measured(browser: Any, address: str, progress: Progress) -> dict[str, Any]:
    """The same, for a dashboard that is already running."""
    loads = {}
    for index, (page, path) in enumerate(PAGES.items()):
        progress(0.05 + 0.1 * index, f"{page}, for the first time")
        with browser.new_context(viewport=SIZE) as context:
            loads[page] = visit(context, f"{address}/{path}", READY[page]).facts()
    blocks = [*_explored(browser, address, progress), *_grown(browser, address, progress)]
    progress(1.0, "Done")
    figures = {name: _spread([block[name] for block in blocks if name in block]) for name in WORDS}
    rate, late = figures["drag_frames_a_second"], figures["pointer_to_paint_p95_ms"]
    return {
        "words": f"Dragging on Explore, the browser draws {rate['median']:.0f} frames a second, and 95 % are painted"
        f" within {late['median']:.0f} ms of the pointer's move.",
        "browser": f"Chromium {browser.version}, headless, no GPU",
        "blocks": BLOCKS,
        "seconds_a_block": SECONDS,
        "first_load": loads,
        **figures,
    }


def say(measured: dict[str, Any]) -> list[str]:
    """The results as lines of text."""
    lines = [f"{words}: {_in_words(measured[name], unit)}" for name, (words, unit) in WORDS.items()]
    for page, load in measured["first_load"].items():
        lines.append(
            f"{page.capitalize()} fetches {load['bytes'] / 1e6:.2f} MB in {load['requests']} requests on first load"
        )
    spread = f"Medians of {measured['blocks']} blocks, with minimum and maximum."
    return [*lines, f"{spread} Other programs distort them: measure on an idle machine."]


WORDS = {
    "drag_frames_a_second": ("Dragging both squares", "frames a second"),
    "pointer_to_paint_ms": ("From the pointer's move to the paint, median", "ms"),
    "pointer_to_paint_p95_ms": ("The same, 95th percentile", "ms"),
    "curve_frames_a_second": ("Frames while the curves of two runs grow", "frames a second"),
    "growth_ms": ("One growth of a run's two charts", "ms"),
    "vae_decode_ms": ("A digit of the VAE, in JavaScript", "ms"),
    "gan_decode_ms": ("A digit of the GAN", "ms"),
}


def _in_words(figure: dict[str, float], unit: str) -> str:
    return f"{figure['median']:g} {unit} ({figure['low']:g} to {figure['high']:g})"


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": _short(median(values)), "low": _short(min(values)), "high": _short(max(values))}


def _short(value: float) -> float:
    """Rounded to three significant digits."""
    return float(f"{value:.3g}")


@contextmanager
def _page(browser: Any, url: str = "", ready: str = "") -> Iterator[Any]:
    """A page in a fresh browser context, without cache or cookies."""
    with browser.new_context(viewport=SIZE) as context:
        page = context.new_page()
        if url:
            page.goto(url)
            page.wait_for_function(ready, timeout=60_000)
            page.wait_for_timeout(600)  # what comes with the last picture
        yield page


# Blocks


def _explored(browser: Any, address: str, progress: Progress) -> Iterator[dict[str, float]]:
    """Decoding and dragging, in turns; the first of each warms up."""
    with _page(browser, f"{address}/explore?link=1", READY["explore"]) as page:
        for block in range(BLOCKS + 1):
            progress(0.35 + 0.35 * block / (BLOCKS + 1), f"explore: block {block} of {BLOCKS}")
            took = page.evaluate(DECODE, DECODED)
            dragged = _dragged(page)
            if block:
                yield {"vae_decode_ms": took["vae"], "gan_decode_ms": took["gan"]} | dragged


def _dragged(page: Any) -> dict[str, float]:
    """Drag in circles; both squares follow."""
    box = page.locator(".gc-vae .gx-square").first.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.evaluate(f"() => {{ {EXPLORE}.meter.painted = [] }}")
    page.evaluate(FRAMES)
    turn, until = 0.0, time.monotonic() + SECONDS
    while time.monotonic() < until:
        turn += 0.11
        page.mouse.move(x + 0.4 * box["width"] * math.sin(turn), y + 0.36 * box["height"] * math.cos(1.3 * turn))
    rate, painted = frames_a_second(page.evaluate(SEEN)), sorted(page.evaluate(f"{EXPLORE}.meter.painted"))
    page.mouse.up()
    if not painted:
        raise GencmpError("Explore painted nothing while its square was dragged, so there is nothing to measure.")
    return {
        "drag_frames_a_second": rate,
        "pointer_to_paint_ms": median(painted),
        "pointer_to_paint_p95_ms": painted[math.ceil(0.95 * len(painted)) - 1],
    }


def _grown(browser: Any, address: str, progress: Progress) -> Iterator[dict[str, float]]:
    """Append to the charts of both shipped runs as a live run does."""
    with _page(browser, f"{address}/train", READY["train"]) as page:
        for block in range(BLOCKS + 1):
            progress(0.7 + 0.3 * block / (BLOCKS + 1), f"curves: block {block} of {BLOCKS}")
            page.evaluate(FRAMES)
            took = page.evaluate(GROW, SECONDS)
            rate = frames_a_second(page.evaluate(SEEN))
            if block:
                yield {"curve_frames_a_second": rate, "growth_ms": median(took)}


def frames_a_second(moments: Sequence[float]) -> float:
    """From the moments of frames, in ms; 0 where fewer than two were drawn."""
    return 1000 * (len(moments) - 1) / (moments[-1] - moments[0]) if len(moments) > 1 else 0.0
